"""qBittorrent's Web API, as a qBittorrent 5.1 answers it: a login, and what changed since when.

Each answer to `sync/maindata` has a number; who names the last one gets only what has changed since
then, and everything otherwise. The cookie opens it, and five wrong logins close it.

Measured with 4.5 and 5.3: stopped or started is told up to 1.5 seconds later (its refresh
interval); a removed torrent is gone at once, and its data when the disk's thread has come to it;
limits are whole KiB, at least one, and what needs more than 32 bits is none.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from .catalogue import guid
from .torrents import ANNOUNCE, FREE, Swarm, Torrent
from .web import application, number, reply
from .world import World

_API: Final = "/api/v2"
_COOKIE: Final = "SID"
_FOREVER: Final = 8_640_000
_NEVER: Final = -1
_MOST_WRONG: Final = 5
_TOO_MUCH: Final = 2**31

type Row = dict[str, object]


class QBittorrent:
    """The handlers over the world's torrents."""

    def __init__(self, world: World) -> None:
        """Take the world."""
        self._world = world
        self.version = "v5.1.2"
        self._wrong = 0
        self._sessions: set[str] = set()
        self.lag = 1.5
        self.deletes = 2.0
        self.limits = {"download": 0, "upload": 0}
        self._seen: dict[str, tuple[int, dict[str, Row]]] = {}

    @property
    def _swarm(self) -> Swarm:
        return self._world.swarm

    def app(self) -> web.Application:
        """Make the application with all its routes."""
        app = application()
        app.middlewares.append(self._guarded)
        for method, path, handler in (
            ("POST", "/auth/login", self._login),
            ("GET", "/app/version", self._version),
            ("GET", "/sync/maindata", self._maindata),
            ("GET", "/torrents/info", self._info),
            ("GET", "/torrents/files", self._files),
            ("GET", "/torrents/trackers", self._trackers),
            ("GET", "/transfer/downloadLimit", self._limit),
            ("GET", "/transfer/uploadLimit", self._limit),
            ("POST", "/transfer/setDownloadLimit", self._set_limit),
            ("POST", "/transfer/setUploadLimit", self._set_limit),
            ("POST", "/torrents/stop", self._stop),
            ("POST", "/torrents/start", self._start),
            ("POST", "/torrents/delete", self._delete),
        ):
            app.router.add_route(method, _API + path, handler)
        return app

    @property
    def _guarded(self) -> Middleware:
        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            free = request.path == f"{_API}/auth/login" or not request.path.startswith(_API)
            if not free and request.cookies.get(_COOKIE) not in self._sessions:
                return web.Response(status=403, text="Forbidden")
            return await handler(request)

        return check

    async def _login(self, request: web.Request) -> web.Response:
        given = await request.post()
        if self._wrong >= _MOST_WRONG:
            said = "Your IP address has been banned after too many failed authentication attempts."
            return web.Response(status=403, text=said)
        keys = self._world.keys
        if (given.get("username"), given.get("password")) != (keys.torrent_user, keys.torrents):
            self._wrong += 1
            return web.Response(text="Fails.")
        self._wrong = 0
        session = guid("session", len(self._sessions))
        self._sessions.add(session)
        answer = web.Response(text="Ok.")
        answer.set_cookie(_COOKIE, session, httponly=True, samesite="Strict", path="/")
        return answer

    async def _version(self, request: web.Request) -> web.Response:
        return web.Response(text=self.version)

    async def _maindata(self, request: web.Request) -> web.Response:
        session = request.cookies.get(_COOKIE, "")
        rows = {one.hash: self._row(one) for one in self._swarm.torrents.values()}
        last, seen = self._seen.get(session, (0, {}))
        given = number(request, "rid", 0)
        full = not given or given != last
        last = last + 1
        self._seen[session] = (last, rows)
        # A login's disk is measured beside its first answer, which says 0 until that is done
        # (as 4.5 does, src/webui/api/synccontroller.cpp).
        free = FREE if last > 1 else 0
        body: Row = {"rid": last, "server_state": self._state(rows, free)}
        if full:
            whole = {
                "full_update": True,
                "categories": {},
                "torrents": rows,
                "trackers": {ANNOUNCE: list(rows)},
            }
            return reply(body | whole)
        changed = {key: _changes(seen.get(key, {}), row) for key, row in rows.items()}
        gone = [key for key in seen if key not in rows]
        if changed := {key: row for key, row in changed.items() if row}:
            body["torrents"] = changed
        if gone:
            body["torrents_removed"] = gone
        return reply(body)

    @staticmethod
    def _state(rows: Mapping[str, Row], free: int) -> Row:
        return {
            "connection_status": "connected",
            "dl_info_speed": sum(int(str(row["dlspeed"])) for row in rows.values()),
            "dl_info_data": 91_000_000_000,
            "up_info_speed": 0,
            "up_info_data": 144_000_000_000,
            "free_space_on_disk": free,
            "queueing": False,
            "use_alt_speed_limits": False,
        }

    async def _info(self, request: web.Request) -> web.Response:
        wanted = [one.lower() for one in request.query.get("hashes", "").split("|") if one]
        found = self._swarm.torrents.values()
        rows = [
            self._row(one) | {"hash": one.hash} for one in found if not wanted or one.hash in wanted
        ]
        return reply(rows)

    async def _named(self, request: web.Request) -> list[Torrent]:
        given = str((await request.post()).get("hashes", ""))
        known = self._swarm.torrents
        if given == "all":
            return list(known.values())
        return [known[one] for one in given.lower().split("|") if one in known]

    async def _stop(self, request: web.Request) -> web.Response:
        self._later(await self._named(request), "paused")
        return web.Response()

    async def _start(self, request: web.Request) -> web.Response:
        self._later(await self._named(request), "")
        return web.Response()

    def _later(self, torrents: list[Torrent], trouble: str) -> None:
        """Stop or start them, when their states are told next."""

        def change() -> None:
            for one in torrents:
                one.trouble = trouble

        self._world.timers.append(asyncio.get_running_loop().call_later(self.lag, change))

    async def _delete(self, request: web.Request) -> web.Response:
        data = (await request.post()).get("deleteFiles") == "true"
        for one in await self._named(request):
            self._world.drop(one.hash, data=data, after=self.deletes)
        return web.Response()

    async def _files(self, request: web.Request) -> web.Response:
        one = self._swarm.torrents.get(request.query.get("hash", "").lower())
        if one is None:
            return web.Response(status=404, text="Not Found")
        share = 1 if one.complete else one.share
        return reply(
            [
                {
                    "index": index,
                    "name": f"{one.name}/{path}",
                    "size": size,
                    "progress": share,
                    "priority": 1,
                    "availability": -1 if one.complete else share,
                }
                for index, (path, size) in enumerate(self._world.torrent_files(one))
            ]
        )

    async def _trackers(self, request: web.Request) -> web.Response:
        if request.query.get("hash", "").lower() not in self._swarm.torrents:
            return web.Response(status=404, text="Not Found")
        none = [{"url": f"** [{name}] **", "status": 0, "tier": -1} for name in ("DHT", "PeX")]
        return reply([*none, {"url": ANNOUNCE, "status": 2, "tier": 0, "msg": ""}])

    async def _limit(self, request: web.Request) -> web.Response:
        which = request.path.rpartition("/")[2].removesuffix("Limit")
        return web.Response(text=str(self.limits[which]))

    async def _set_limit(self, request: web.Request) -> web.Response:
        which = request.path.rpartition("/set")[2].removesuffix("Limit").lower()
        limit = int(str((await request.post()).get("limit", "0")))
        fits = 0 < limit < _TOO_MUCH
        self.limits[which] = max(limit // 1024 * 1024, 1024) if fits else 0
        return web.Response()

    def _row(self, one: Torrent) -> Row:
        folder = self._world.torrent_folder
        return _row(one) | {"save_path": folder, "content_path": f"{folder}/{one.name}"}


def _changes(old: Row, new: Row) -> Row:
    return {key: value for key, value in new.items() if old.get(key) != value or key not in old}


def _word(one: Torrent) -> str:
    if one.complete:
        return "stoppedUP" if one.trouble == "paused" else "stalledUP"
    return {
        "": "downloading",
        "stalled": "stalledDL",
        "no_seeds": "stalledDL",
        "error": "error",
        "paused": "stoppedDL",
        "metadata": "metaDL",
        "checking": "checkingDL",
    }[one.trouble]


def _row(one: Torrent) -> Row:
    """Write a torrent as qBittorrent does: everything but its hash and where it is."""
    share, moves = one.share, not one.trouble and not one.complete
    done = int(one.size * share)
    seeds = 0 if one.trouble == "no_seeds" else 14
    return {
        "name": one.name,
        "state": _word(one),
        "size": one.size,
        "total_size": one.size,
        "completed": done,
        "downloaded": done,
        "uploaded": int(done * one.ratio),
        "amount_left": one.size - done,
        "progress": share,
        "ratio": round(one.ratio, 4) if done else 0,
        "eta": int(one.left) if moves else _FOREVER,
        "dlspeed": int(one.size / one.seconds) if moves else 0,
        "upspeed": 0,
        "num_complete": seeds,
        "num_incomplete": 3,
        "num_seeds": min(seeds, 6) if moves else 0,
        "num_leechs": 1,
        "category": one.category,
        "tags": one.tags,
        "download_path": "",
        "added_on": int(one.added.timestamp()),
        "completion_on": int(one.completed.timestamp()) if one.completed else _NEVER,
        "seeding_time": int(one.seeded),
        "tracker": ANNOUNCE,
        "private": False,
        "infohash_v1": one.hash,
        "infohash_v2": "",
        "force_start": False,
        "priority": 0,
    }
