"""Shoko 5: files that are matched after a while, or never, and the hub that tells of it.

As the real one does: Version and Status need no key; until it has started every key is good; the
hub speaks SignalR's JSON protocol. `version` makes it a Shoko 6, whose hub and parameters differ.
"""

import asyncio
import contextlib
from dataclasses import dataclass
import json
from typing import Final

from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler, Middleware

from .catalogue import guid
from .clock import arr_time, utcnow
from .web import application, reply, yes
from .world import World

_END: Final = "\x1e"
_OPEN: Final = ("/api/v3/init/version", "/api/v3/init/status")
_OTHER: Final = 9_000


@dataclass(slots=True)
class ShokoFile:
    """A file under its import folder; matched to something in AniDB or not (`other`: to Other)."""

    number: int
    path: str
    matched: bool = False
    other: bool = False

    def references(self) -> list[dict[str, object]]:
        """Give the links as the hub writes them."""
        if not self.matched:
            return []
        episode = self.number + (_OTHER if self.other else 0)
        return [
            {
                "EpisodeID": episode,
                "AnidbEpisodeID": 260_000 + episode,
                "SeriesID": 301,
                "AnidbAnimeID": 17_001,
                "GroupID": 201,
            }
        ]

    def links(self) -> list[dict[str, object]]:
        """Give the links as the REST API writes them."""
        return [
            {
                "SeriesID": {
                    "ID": one["SeriesID"],
                    "AniDB": one["AnidbAnimeID"],
                    "TMDB": {"Movie": [], "Show": []},
                },
                "EpisodeIDs": [
                    {
                        "ID": one["EpisodeID"],
                        "AniDB": one["AnidbEpisodeID"],
                        "TMDB": {"Episode": [], "Movie": [], "Show": []},
                        "Percentage": {"Start": 0, "End": 100, "Size": 100},
                    }
                ],
            }
            for one in self.references()
        ]


class Shoko:
    """The handlers. Tests change `version`, `state`, and what the hub does."""

    def __init__(self, world: World) -> None:
        """Take the world."""
        self._world = world
        self.version = "5.3.3.0"
        self.state: object = "Started"
        self.files: dict[str, ShokoFile] = {}
        self.lost = False  # what comes by an import is never matched
        self.others: tuple[str, ...] = ("Mist",)  # words of files that are linked to Other
        world.on_anime.append(self._imported)
        self.hub_refused = 0  # a status: the hub lets nobody in
        self.raw: list[str] = []  # sent to whoever connects, right after the handshake
        self.opened = 0
        self.heard: list[str] = []
        self._sockets: set[web.WebSocketResponse] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def app(self) -> web.Application:
        """Make the application with all its routes."""
        app = application()
        app.middlewares.append(self._guarded)
        for method, path, handler in (
            ("GET", "/api/v3/Init/Version", self._version),
            ("GET", "/api/v3/Init/Status", self._status),
            ("GET", "/api/v3/File/PathEndsWith", self._path_ends_with),
            ("GET", "/api/v3/File/{id:\\d+}", self._file),
            ("POST", "/signalr/aggregate/negotiate", self._negotiate),
            ("GET", "/signalr/aggregate", self._hub),
        ):
            app.router.add_route(method, path, handler)
        return app

    @property
    def open(self) -> int:
        """Count the open hubs."""
        return len(self._sockets)

    async def stop(self) -> None:
        """End what is still to be matched."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- what happens ----------------------------------------------------------------------------

    def _imported(self, path: str) -> None:
        """Find what an arr has imported, under the import folder that they share."""
        other = any(word in path for word in self.others)
        after = None if self.lost else self._world.pace.match
        self.arrive(path.split("/", 3)[-1], after, other=other)

    def arrive(self, path: str, after: float | None = None, *, other: bool = False) -> ShokoFile:
        """Find a new file, which is matched after so many seconds; None: never."""
        found = ShokoFile(1200 + len(self.files), path, other=other)
        self.files[path] = found
        if after is not None:
            task = asyncio.ensure_future(self._later(found, after))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return found

    async def _later(self, found: ShokoFile, after: float) -> None:
        await asyncio.sleep(after)
        await self.match(found)

    async def match(self, found: ShokoFile) -> None:
        """Match a file, and tell it."""
        found.matched = True
        self._world.note("matched", found.path)
        matched = {
            "FileID": found.number,
            "FileLocationID": found.number + 100,
            "ImportFolderID": 1,
            "RelativePath": found.path,
            "CrossReferences": found.references(),
        }
        await self._tell(_event("ShokoEvent:FileMatched", matched))

    async def _tell(self, text: str) -> None:
        for socket in tuple(self._sockets):
            with contextlib.suppress(ConnectionError):
                await socket.send_str(text)

    async def cut(self) -> None:
        """Close every hub, as a server that goes down does."""
        await self._tell(json.dumps({"type": 7, "allowReconnect": True}) + _END)
        for socket in tuple(self._sockets):
            await socket.close()

    # -- what is answered ------------------------------------------------------------------------

    @property
    def _guarded(self) -> Middleware:
        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            given = request.headers.get("apikey") or request.query.get("apikey")
            free = request.path.lower() in _OPEN or self.state not in ("Started", 2)
            if not free and given != self._world.keys.shoko:
                return web.Response(status=401)
            return await handler(request)

        return check

    async def _version(self, request: web.Request) -> web.Response:
        server = {"Version": self.version, "ReleaseChannel": "Stable", "Commit": guid("shoko")}
        return reply({"Server": server, "WebUI": {"Version": "2.2.1"}})

    async def _status(self, request: web.Request) -> web.Response:
        return reply(
            {
                "StartupMessage": "",
                "State": self.state,
                "Uptime": "01:02:03",
                "DatabaseBlocked": {"Blocked": False, "Reason": ""},
            }
        )

    def _row(self, found: ShokoFile, request: web.Request) -> dict[str, object]:
        row: dict[str, object] = {
            "ID": found.number,
            "Size": 1_400_000_000,
            "IsVariation": False,
            "IsIgnored": False,
            "Hashes": {"ED2K": guid("ed2k", found.path).upper()},
            "Locations": [
                {
                    "ID": found.number + 100,
                    "FileID": found.number,
                    "ImportFolderID": 1,
                    "RelativePath": found.path,
                    "IsAccessible": True,
                }
            ],
            "Duration": "00:24:00",
            "Imported": arr_time(utcnow()) if found.matched else None,
            "Created": arr_time(utcnow()),
            "Updated": arr_time(utcnow()),
        }
        if yes(request, "includeXRefs", default=True):
            row["SeriesIDs"] = found.links()
        return row

    async def _path_ends_with(self, request: web.Request) -> web.Response:
        end = request.query.get("path", "").replace("\\", "/").casefold()
        hits = [one for path, one in self.files.items() if end and path.casefold().endswith(end)]
        return reply([self._row(one, request) for one in hits])

    async def _file(self, request: web.Request) -> web.Response:
        number = int(request.match_info["id"])
        for one in self.files.values():
            if one.number == number:
                return reply(self._row(one, request))
        raise web.HTTPNotFound(text="No File entry for the given fileID")

    async def _negotiate(self, request: web.Request) -> web.Response:
        if self.hub_refused:
            return web.Response(status=self.hub_refused)
        return reply(
            {
                "negotiateVersion": 1,
                "connectionId": guid("connection", self.opened),
                "connectionToken": f"{guid('token', self.opened)[:20]}-_",
                "availableTransports": [
                    {"transport": "WebSockets", "transferFormats": ["Text", "Binary"]}
                ],
            }
        )

    async def _hub(self, request: web.Request) -> web.StreamResponse:
        if not request.query.get("id"):
            return web.Response(status=400)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.opened += 1
        try:
            hello = await socket.receive_str()
            if json.loads(hello.removesuffix(_END)) != {"protocol": "json", "version": 1}:
                await socket.send_str('{"error":"The protocol is not supported."}' + _END)
                return socket
            # Several messages in one frame are allowed, and happen.
            connected = _event("OnConnected", {"Feed": "shoko"})
            await socket.send_str("{}" + _END + connected + '{"type":6}' + _END)
            self._sockets.add(socket)
            for text in self.raw:
                await socket.send_str(text)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self.heard.append(message.data)
        finally:
            self._sockets.discard(socket)
        return socket


def _event(target: str, argument: object) -> str:
    return json.dumps({"type": 1, "target": target, "arguments": [argument]}) + _END
