"""The world's remote control, for other processes on this machine: JSON over `/__control/…`.

POST play   {user, item, from=0, to=1, speed=1, wait=false}   item: a film's name or a Jellyfin id
POST pause, resume, stop   {user}
POST lie    {service, kind, path="", times=null, seconds=30, status=500}
POST honest {service?}                   forget the lies of one service, or of all
POST down, up   {service}                refuse connections, and take them again
POST cut    {}                           break Jellyfin's open WebSockets off
POST torrent {name, trouble=""}          stalled, no_seeds, error, paused, metadata,
                                         checking; "" mends it
POST ask    {title, user="Kitchen"}      ask for a film or a series in Seerr
GET  diary[?since=N]                     what happened: [{at, kind, title, detail}], and next
GET  state                               URLs, what plays, queue, commands, messages
GET  calls?service=NAME                  the requests that a service got
"""

from collections.abc import Callable
from typing import Final

from aiohttp import web

from .lies import Lie, LieKind
from .play import Play
from .servers import Servers
from .web import Server, application, body_of, number, reply

_PREFIX: Final = "/__control"


class Control:
    """The handlers."""

    def __init__(self, servers: Servers) -> None:
        """Take what is controlled."""
        self._servers = servers

    def app(self) -> web.Application:
        """Make the application with all its routes."""
        app = application()
        for path, handler in (
            ("play", self._play),
            ("pause", self._pause),
            ("resume", self._resume),
            ("stop", self._stop),
            ("lie", self._lie),
            ("honest", self._honest),
            ("down", self._down),
            ("up", self._up),
            ("cut", self._cut),
            ("torrent", self._torrent),
            ("ask", self._ask),
        ):
            app.router.add_post(f"{_PREFIX}/{path}", handler)
        app.router.add_get(f"{_PREFIX}/diary", self._diary)
        app.router.add_get(f"{_PREFIX}/state", self._state)
        app.router.add_get(f"{_PREFIX}/calls", self._calls)
        return app

    async def _play(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        try:
            play = self._servers.play(
                str(given["user"]),
                str(given["item"]),
                _number(given, "from", 0.0),
                _number(given, "to", 1.0),
                _number(given, "speed", 1.0),
            )
        except (KeyError, StopIteration) as err:
            raise web.HTTPNotFound(text=f"unknown user or item: {err}") from err
        if given.get("wait") and play.done is not None:
            await play.done
        return reply({"session": play.session_id, "position": play.position()})

    def _of_user(self, given: dict[str, object]) -> list[Play]:
        return [p for p in self._servers.world.plays.values() if p.user.name == given.get("user")]

    async def _each(self, request: web.Request, do: Callable[[Play], None]) -> web.Response:
        plays = self._of_user(await body_of(request))
        for play in plays:
            do(play)
        return reply({"plays": len(plays)})

    async def _pause(self, request: web.Request) -> web.Response:
        return await self._each(request, Play.pause)

    async def _resume(self, request: web.Request) -> web.Response:
        return await self._each(request, Play.resume)

    async def _stop(self, request: web.Request) -> web.Response:
        return await self._each(request, Play.stop)

    def _server(self, name: object) -> Server:
        server = self._servers.all.get(str(name))
        if server is None or server.name == "control":
            raise web.HTTPNotFound(text=f"no such service: {name}")
        return server

    async def _lie(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        times = given.get("times")
        try:
            lie = Lie(
                LieKind(str(given.get("kind"))),
                str(given.get("path", "")),
                str(given.get("method", "")),
                times if isinstance(times, int) else None,
                _number(given, "seconds", 30.0),
                int(_number(given, "status", 500)),
            )
        except ValueError as err:
            raise web.HTTPBadRequest(text=str(err)) from err
        self._server(given.get("service")).liar.tell(lie)
        return reply({"accepted": True})

    async def _honest(self, request: web.Request) -> web.Response:
        name = (await body_of(request)).get("service")
        for server in [self._server(name)] if name else self._servers.all.values():
            server.liar.be_honest()
        return reply({"accepted": True})

    async def _down(self, request: web.Request) -> web.Response:
        await self._server((await body_of(request)).get("service")).go_down()
        return reply({"accepted": True})

    async def _up(self, request: web.Request) -> web.Response:
        await self._server((await body_of(request)).get("service")).come_back()
        return reply({"accepted": True})

    async def _cut(self, request: web.Request) -> web.Response:
        return reply({"cut": self._servers.jellyfin_state.socket.cut()})

    async def _torrent(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        try:
            torrent = self._servers.world.swarm.find(str(given.get("name")))
            torrent.trouble = str(given.get("trouble", ""))
        except KeyError as err:
            raise web.HTTPNotFound(text=f"no such torrent: {err}") from err
        except ValueError as err:
            raise web.HTTPBadRequest(text=str(err)) from err
        return reply({"hash": torrent.hash, "share": torrent.share})

    async def _ask(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        wanted = str(given.get("title"))
        try:
            ask = await self._servers.seerr_state.wish(wanted, str(given.get("user", "Kitchen")))
        except (KeyError, StopIteration) as err:
            raise web.HTTPNotFound(text=f"unknown title or user: {err}") from err
        return reply({"number": ask.id, "status": ask.status.name})

    async def _diary(self, request: web.Request) -> web.Response:
        diary = self._servers.world.diary
        since = number(request, "since", 0)
        events = [
            {
                "at": event.at.isoformat(),
                "kind": event.kind,
                "title": event.title,
                "detail": event.detail,
            }
            for event in diary[since:]
        ]
        return reply({"events": events, "next": len(diary)})

    async def _state(self, request: web.Request) -> web.Response:
        servers = self._servers
        library = servers.radarr_state.library
        return reply(
            {
                "urls": {name: server.url for name, server in servers.all.items()},
                "playing": [
                    {"user": p.user.name, "item": p.entry.name, "position": p.position()}
                    for p in servers.world.plays.values()
                ],
                "queue": list(library.queue.values()),
                "commands": list(library.commands.values()),
                "messages": servers.ntfy_state.messages,
                "webhooks": servers.webhooks.configuration.get("GenericOptions"),
            }
        )

    async def _calls(self, request: web.Request) -> web.Response:
        server = self._server(request.query.get("service"))
        calls = [
            {"at": c.at.isoformat(), "method": c.method, "path": c.path, "status": c.status}
            for c in server.calls
        ]
        return reply(calls)


def _number(given: dict[str, object], name: str, default: float) -> float:
    value = given.get(name, default)
    return float(value) if isinstance(value, int | float) else default
