"""A ntfy server with one protected topic."""

import base64
from binascii import Error as NotBase64
import json
import re
from typing import Final

from aiohttp import web

from .catalogue import guid
from .clock import utcnow
from .web import application, body_of, reply
from .world import World

_TOPIC: Final = re.compile(r"[-_A-Za-z0-9]{1,64}")
_LINK: Final = "https://ntfy.sh/docs/publish/"
_MAX_MESSAGE: Final = 4096


class Ntfy:
    """The handlers and the messages that were published."""

    def __init__(self, world: World) -> None:
        """Take the world; `messages` are the published ones, oldest first."""
        self._world = world
        self.messages: list[dict[str, object]] = []
        self.login = ("demo", "demo")

    def app(self) -> web.Application:
        """Make the application with all its routes."""
        app = application()
        app.router.add_post("/", self._publish)
        app.router.add_put("/", self._publish)
        app.router.add_get("/v1/health", self._health)
        app.router.add_get("/{topic}/auth", self._auth)
        app.router.add_get("/{topic}/json", self._poll)
        return app

    def _refused(self, request: web.Request, topic: str) -> web.Response | None:
        """Check the caller: 401 for a wrong login, 403 for no right, None when all is well."""
        given = request.headers.get("Authorization", "")
        scheme, _, value = given.partition(" ")
        known = scheme == "Bearer" and value == self._world.keys.ntfy
        known = known or (scheme == "Basic" and _login(value) == self.login)
        if given and not known:
            return _error(401, 40101, "unauthorized")
        if topic == self._world.keys.topic and not known:
            return _error(403, 40301, "forbidden")
        return None

    async def _health(self, request: web.Request) -> web.Response:
        # Nobody must sign in, but a wrong login is refused even here (ntfy 2.27, asked).
        return self._refused(request, "") or reply({"healthy": True})

    async def _auth(self, request: web.Request) -> web.Response:
        return self._refused(request, request.match_info["topic"]) or reply({"success": True})

    async def _publish(self, request: web.Request) -> web.Response:
        try:
            given = await body_of(request)
        except web.HTTPBadRequest:
            return _error(400, 40017, "invalid request: request body must be message JSON")
        topic = str(given.get("topic", ""))
        if _TOPIC.fullmatch(topic) is None:
            return _error(400, 40009, "invalid request: topic invalid")
        if (refused := self._refused(request, topic)) is not None:
            return refused
        if (wrong := _wrong(given)) is not None:
            return wrong
        message = self._message(topic, given)
        self.messages.append(message)
        self._world.note("notification", str(given.get("title", "")), str(message["message"]))
        return reply(message)

    def _message(self, topic: str, given: dict[str, object]) -> dict[str, object]:
        now = int(utcnow().timestamp())
        message: dict[str, object] = {
            "id": guid(topic, len(self.messages), now)[:12],
            "time": now,
            "expires": now + 43_200,
            "event": "message",
            "topic": topic,
            "message": given.get("message") or "triggered",
        }
        kept = ("title", "priority", "tags", "click", "actions", "icon")
        message |= {name: given[name] for name in kept if given.get(name)}
        if len(str(message["message"]).encode()) > _MAX_MESSAGE:
            message["message"] = "You received a file: attachment.txt"
        if given.get("markdown"):
            message["content_type"] = "text/markdown"
        return message

    async def _poll(self, request: web.Request) -> web.Response:
        topic = request.match_info["topic"]
        if (refused := self._refused(request, topic)) is not None:
            return refused
        lines = [json.dumps(m) + "\n" for m in self.messages if m["topic"] == topic]
        return web.Response(text="".join(lines), content_type="application/x-ndjson")


def _wrong(given: dict[str, object]) -> web.Response | None:
    priority = given.get("priority", 3)
    if not isinstance(priority, int) or not 0 <= priority <= 5:
        return _error(400, 40007, "invalid request: priority invalid")
    actions = given.get("actions", [])
    if not isinstance(actions, list) or len(actions) > 3 or not all(map(_is_action, actions)):
        return _error(400, 40018, "invalid request: actions invalid")
    return None


def _is_action(given: object) -> bool:
    """Ask what the server asks of a button: a kind, a label, and where to for two of the kinds."""
    if not isinstance(given, dict) or not given.get("label"):
        return False
    kind = given.get("action")
    return kind == "broadcast" or (kind in ("view", "http") and bool(given.get("url")))


def _login(value: str) -> tuple[str, str]:
    try:
        name, _, password = base64.b64decode(value).decode().partition(":")
    except NotBase64, UnicodeDecodeError:
        return ("", "")
    return (name, password)


def _error(http: int, code: int, error: str) -> web.Response:
    return reply({"code": code, "http": http, "error": error, "link": _LINK}, http)
