"""The bodies that Jellyfin's Webhook plugin sends, and its sending of them."""

import asyncio
import base64
import json
import re
from typing import Final

import aiohttp

from .catalogue import Episode, Film
from .clock import clock_time, jellyfin_time, ticks, utcnow
from .play import Play
from .world import World

PLUGIN_ID: Final = "71552a5a5c5c4350a2aeebe451a30173"
_NUMBERS: Final = {
    "ItemAdded": 1,
    "Generic": 2,
    "PlaybackStart": 3,
    "PlaybackProgress": 4,
    "PlaybackStop": 5,
    "UserDataSaved": 23,
    "ItemDeleted": 24,
}
_GUIDS: Final = ("ItemId", "SeriesId", "SeasonId", "UserId")
_FIELD: Final = re.compile(r"\{\{\{?\s*(\w+)\s*\}?\}\}")
_IF: Final = re.compile(r"\{\{#if (\w+)\}\}(.*?)\{\{/if\}\}", re.DOTALL)


def configuration() -> dict[str, object]:
    """Give the plugin's configuration as it is after its installation."""
    lists = ("Discord", "Generic", "GenericForm", "Gotify", "Pushbullet", "Pushover")
    empty: dict[str, object] = {f"{name}Options": [] for name in (*lists, "Slack", "Smtp", "Mqtt")}
    return {"ServerUrl": "http://jellyfin.local:8096"} | empty


def body(world: World, play: Play, kind: str, extra: dict[str, object]) -> dict[str, object]:
    """Build the flat body that "send all properties" sends."""
    now = utcnow()
    flat: dict[str, object] = {
        "ServerId": world.server_id,
        "ServerName": "Demo",
        "ServerVersion": world.jellyfin_version,
        "ServerUrl": "http://jellyfin.local:8096",
        "NotificationType": kind,
        "Timestamp": now.astimezone().isoformat(),
        "UtcTimestamp": jellyfin_time(now),
        **_item(play.entry),
        "NotificationUsername": play.user.name,
        "UserId": play.user.id,
    }
    flat |= _userdata(world, play) if kind == "UserDataSaved" else _playback(play)
    return flat | extra


def _text(value: str) -> str:
    """Escape quotes as the plugin does, before JSON escapes them once more."""
    return value.replace('"', '\\"')


def _item(entry: Film | Episode) -> dict[str, object]:
    common: dict[str, object] = {
        "Name": _text(entry.name),
        "Overview": "",
        "Tagline": "",
        "ItemId": entry.item_id,
        "RunTimeTicks": ticks(entry.seconds),
        "RunTime": clock_time(entry.seconds),
        "Year": entry.year,
    }
    if isinstance(entry, Film):
        return common | {
            "ItemType": "Movie",
            "PremiereDate": entry.premiere.isoformat(),
            "Genres": ", ".join(entry.genres),
            "Provider_tmdb": str(entry.tmdb),
            "Provider_imdb": entry.imdb,
        }
    return common | {
        "ItemType": "Episode",
        "Genres": "",
        "SeriesName": _text(entry.series),
        "SeriesId": entry.series_id,
        "SeasonNumber": entry.season,
        "EpisodeNumber": entry.number,
        # The plugin sends the episode's own ids here, never the series'.
        "Provider_tvdb": str(entry.tvdb_episode),
    }


def _playback(play: Play) -> dict[str, object]:
    position = play.listed_position()
    return {
        "PlaybackPositionTicks": ticks(position),
        "PlaybackPosition": clock_time(position),
        "MediaSourceId": play.entry.item_id,
        "IsPaused": play.paused_at is not None,
        "IsAutomated": False,
        "DeviceId": play.device_id,
        "DeviceName": play.device,
        "ClientName": play.client,
        "PlayMethod": play.method,
        "Id": play.session_id,
        "Client": play.client,
        "LastActivityDate": jellyfin_time(play.active_at()),
        "LastPlaybackCheckIn": jellyfin_time(play.checked_in()),
        "RemoteEndPoint": "192.0.2.50",
    }


def _userdata(world: World, play: Play) -> dict[str, object]:
    data = world.userdata(play.user.id, play.entry.item_id)
    kept: dict[str, object] = {
        "Likes": False,
        "Rating": 0,
        "PlaybackPositionTicks": ticks(data.position),
        "PlaybackPosition": clock_time(data.position),
        "PlayCount": data.play_count,
        "Favorite": data.favorite,
        "Played": data.played,
    }
    return kept | ({"LastPlayedDate": jellyfin_time(data.last_played)} if data.last_played else {})


def render(template: str, flat: dict[str, object]) -> str:
    """Fill in a template: plain fields and `{{#if Field}}…{{/if}}`, which is what people use."""
    values = {name: _printed(name, value) for name, value in flat.items()}
    chosen = _IF.sub(
        lambda m: m[2] if values.get(m[1], "False") not in ("", "False") else "", template
    )
    return _FIELD.sub(lambda m: values.get(m[1], ""), chosen)


def _printed(name: str, value: object) -> str:
    text = str(value) if value is not None else ""
    if name in _GUIDS and len(text) == 32:
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return text


class WebhookPlugin:
    """Sends what happens to the configured addresses, once, without a retry."""

    def __init__(self, world: World) -> None:
        """Start with a fresh configuration."""
        self._world = world
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        world.on_seen.append(self.added)
        world.on_missed.append(self.missed)
        self.configuration: dict[str, object] = configuration()
        self.mute = False  # nothing is sent: what the plugin loses, it never tells again
        self.sent: list[tuple[str, int, str]] = []  # address, status (0: none), body

    async def start(self) -> None:
        """Open the sending side."""
        timeout = aiohttp.ClientTimeout(total=10)
        self._session = aiohttp.ClientSession(timeout=timeout)

    async def stop(self) -> None:
        """Close it."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def tell(self, play: Play, kind: str, extra: dict[str, object]) -> None:
        """Send one event to everybody who asked for it."""
        if self.mute:
            return
        flat = body(self._world, play, kind, extra)
        options = self.configuration.get("GenericOptions")
        wanted = [
            option
            for option in (options if isinstance(options, list) else [])
            if _wants(option, play, kind)
        ]
        await asyncio.gather(*(self._send(option, dict(flat), kind) for option in wanted))

    def added(self, entry: Film | Episode) -> None:
        """Tell that an item was added, while everything goes on."""
        self._begin(entry, "ItemAdded")

    def missed(self, entry: Film | Episode) -> None:
        """Tell likewise that it went."""
        self._begin(entry, "ItemDeleted")

    def _begin(self, entry: Film | Episode, kind: str) -> None:
        task = asyncio.ensure_future(self.tell_of(entry, kind))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def tell_of(self, entry: Film | Episode, kind: str) -> None:
        """Tell that an item came or went (ItemAdded, ItemDeleted), which is nobody's doing."""
        if self.mute:
            return
        now = utcnow()
        flat: dict[str, object] = {
            "ServerId": self._world.server_id,
            "ServerName": "Demo",
            "ServerVersion": self._world.jellyfin_version,
            "ServerUrl": "http://jellyfin.local:8096",
            "NotificationType": kind,
            "Timestamp": now.astimezone().isoformat(),
            "UtcTimestamp": jellyfin_time(now),
            **_item(entry),
        }
        enabled = "EnableMovies" if isinstance(entry, Film) else "EnableEpisodes"
        options = self.configuration.get("GenericOptions")
        wanted = [
            option
            for option in (options if isinstance(options, list) else [])
            if option.get(enabled) and kind in (option.get("NotificationTypes") or [])
        ]
        await asyncio.gather(*(self._send(option, dict(flat), kind) for option in wanted))

    async def _send(self, option: dict[str, object], flat: dict[str, object], kind: str) -> None:
        flat |= dict(_pairs(option.get("Fields")))
        text = _written(option, flat)
        if option.get("SkipEmptyMessageBody") and not text.strip():
            return
        headers = {"Content-Type": "text/plain; charset=utf-8"} | dict(
            _pairs(option.get("Headers"))
        )
        url = str(option.get("WebhookUri"))
        status = 0
        if self._session is None:
            return
        try:
            async with self._session.post(url, data=text.encode(), headers=headers) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as err:
            self._world.note("webhook_lost", str(flat["Name"]), f"{kind}: {type(err).__name__}")
        else:
            self._world.note("webhook", str(flat["Name"]), f"{kind}: answered {status}")
        self.sent.append((url, status, text))


def _wants(option: object, play: Play, kind: str) -> bool:
    if not isinstance(option, dict) or not option.get("EnableWebhook", True):
        return False
    kinds = option.get("NotificationTypes") or []
    if kind not in kinds and _NUMBERS[kind] not in kinds:
        return False
    enabled = "EnableMovies" if isinstance(play.entry, Film) else "EnableEpisodes"
    users = [str(user).replace("-", "").lower() for user in option.get("UserFilter") or []]
    return bool(option.get(enabled)) and (not users or play.user.id in users)


def _written(option: dict[str, object], flat: dict[str, object]) -> str:
    if option.get("SendAllProperties"):
        return json.dumps(flat)
    template = base64.b64decode(str(option.get("Template") or "")).decode()
    text = render(template, flat)
    return text.strip() if option.get("TrimWhitespace") else text


def _pairs(value: object) -> list[tuple[str, str]]:
    rows = value if isinstance(value, list) else []
    return [(str(row["Key"]), str(row["Value"])) for row in rows if row.get("Key")]
