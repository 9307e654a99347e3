"""Seerr's only webhook: its settings, its template in the form that 3.1 reads, and its calls.

3.1 reads the template as a JSON text within a JSON text. It takes any form, and fails only when it
delivers: `"[object Object]" is not valid JSON`.
"""

import asyncio
import json
from typing import Final

import aiohttp

from .catalogue import Film
from .radarr_library import Row
from .seerr_book import POSTERS, Ask, Entry, kind, poster
from .shows import Show
from .world import World

TYPES: Final = {
    "MEDIA_PENDING": 2,
    "MEDIA_APPROVED": 4,
    "MEDIA_AVAILABLE": 8,
    "MEDIA_FAILED": 16,
    "TEST_NOTIFICATION": 32,
    "MEDIA_DECLINED": 64,
    "MEDIA_AUTO_APPROVED": 128,
}
_EVENTS: Final = {
    "MEDIA_PENDING": "New {} Request",
    "MEDIA_APPROVED": "{} Request Approved",
    "MEDIA_AVAILABLE": "{} Request Now Available",
    "MEDIA_FAILED": "{} Request Failed",
    "MEDIA_DECLINED": "{} Request Declined",
    "MEDIA_AUTO_APPROVED": "{} Request Automatically Approved",
}
_TEST: Final = "Check check, 1, 2, 3. Are we coming in clear?"
_SECTIONS: Final = ("media", "request", "issue", "comment")
_DEFAULT: Final = {
    "notification_type": "{{notification_type}}",
    "event": "{{event}}",
    "subject": "{{subject}}",
    "message": "{{message}}",
    "image": "{{image}}",
    "{{media}}": {"media_type": "{{media_type}}", "tmdbId": "{{media_tmdbid}}"},
    "{{request}}": {"request_id": "{{request_id}}"},
    "{{extra}}": [],
}


class Agent:
    """The webhook. `doubled`: its templates' form. `sent`: address, status (0: none), body."""

    def __init__(self, world: World) -> None:
        """Start as a fresh Seerr does: off, and without an address."""
        self._world = world
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[bool]] = set()
        self.doubled = True
        self.mute = False  # nothing is told: what is lost is never told again
        self.sent: list[tuple[str, int, Row]] = []
        plain = json.dumps(_DEFAULT, indent=4)
        self.settings: Row = {
            "enabled": False,
            "embedPoster": True,
            "types": 0,
            "options": {"webhookUrl": "", "jsonPayload": json.dumps(plain), "authHeader": ""},
        }

    def shown(self) -> Row:
        """Give the settings as they are asked for: the template without its outer form."""
        options = self.settings["options"]
        kept = dict(options) if isinstance(options, dict) else {}
        if self.doubled:
            kept["jsonPayload"] = json.loads(str(kept["jsonPayload"]))
        return self.settings | {"options": kept}

    def save(self, body: Row) -> bool:
        """Take in settings; false when the template is no JSON at all."""
        options = body.get("options")
        try:
            json.loads(str(options["jsonPayload"] if isinstance(options, dict) else None))
        except KeyError, ValueError:
            return False
        self.settings = body
        return True

    async def stop(self) -> None:
        """Drop what is under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def tell(self, name: str, ask: Ask) -> None:
        """Call the address, once, without a retry, if it is to hear of this."""
        types = self.settings.get("types")
        wanted = isinstance(types, int) and types & TYPES[name]
        if self.mute or not wanted or not self.settings.get("enabled"):
            return
        task = asyncio.create_task(self.call(self.settings, _values(name, ask), _shown(ask)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def test(self, settings: Row) -> bool:
        """Call the address of settings that are not saved; tell whether that worked."""
        values = {"notification_type": "TEST_NOTIFICATION", "event": "", "image": ""}
        return await self.call(
            settings, values | {"subject": "Test Notification", "message": _TEST}, {}
        )

    async def call(self, settings: Row, values: dict[str, str], sections: Row) -> bool:
        """Fill in the template and send it."""
        options = settings.get("options")
        options = options if isinstance(options, dict) else {}
        template = self._template(options.get("jsonPayload"))
        if template is None:
            return False
        body = _filled(template, values, sections)
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        url, status = str(options.get("webhookUrl")), 0
        headers = {"Content-Type": "application/json", "User-Agent": "axios/1.13.3"}
        if options.get("authHeader"):
            headers["Authorization"] = str(options["authHeader"])
        try:
            async with self._session.post(
                url, data=json.dumps(body).encode(), headers=headers
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as err:
            self._world.note("webhook_lost", str(body.get("subject")), type(err).__name__)
        self.sent.append((url, status, body))
        return 200 <= status < 300

    def _template(self, text: object) -> Row | None:
        """Read a template; None where it fails: `"[object Object]" is not valid JSON`."""
        try:
            value = json.loads(str(text))
            if self.doubled:
                value = json.loads(value) if isinstance(value, str) else None
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


def _filled(template: Row, values: dict[str, str], sections: Row) -> Row:
    """Fill in a template; sections of which there is nothing become null."""
    filled: Row = {}
    for key, value in template.items():
        name = key.strip("{}") if key.startswith("{{") else key
        if key == "{{extra}}":
            filled[name] = sections.get("extra", [])
        elif key.startswith("{{") and name in _SECTIONS:
            own = value if isinstance(value, dict) else {}
            filled[name] = _filled(own, values, {}) if sections.get(name) else None
        elif isinstance(value, str):
            for word, text in values.items():
                value = value.replace(f"{{{{{word}}}}}", text)  # noqa: PLW2901
            filled[name] = value
        else:
            filled[name] = value
    return filled


def _values(name: str, ask: Ask) -> dict[str, str]:
    media, entry = ask.media, ask.media.entry
    return {
        "notification_type": name,
        "event": _EVENTS[name].format("Movie" if isinstance(entry, Film) else "Series"),
        "subject": _subject(entry),
        "message": "A made-up title of the demo.",
        "image": f"{POSTERS}{poster(entry)}",
        "media_type": kind(entry),
        "media_tmdbid": str(entry.tmdb),
        "media_tvdbid": str(entry.tvdb) if isinstance(entry, Show) else "",
        "media_status": media.status.name,
        "media_status4k": "UNKNOWN",
        "request_id": str(ask.id),
        "requestedBy_username": ask.user.name,
        "requestedBy_email": ask.user.name.lower(),
        "requestedBy_avatar": f"/avatarproxy/{ask.user.id}",
        "requestedBy_settings_discordId": "",
        "requestedBy_settings_telegramChatId": "",
    }


def _subject(entry: Entry) -> str:
    return f"{entry.name} ({entry.year})"


def _shown(ask: Ask) -> Row:
    """Say of which sections there is something."""
    seasons = ", ".join(str(season) for season in ask.seasons)
    extra = [{"name": "Requested Seasons", "value": seasons}] if seasons else []
    return {"media": True, "request": True, "extra": extra}
