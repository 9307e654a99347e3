"""rTorrent 0.9.8 behind a web server with a login: `/RPC2`, and through ruTorrent 5.3.12.

What it is like was measured with the real ones. XML only: JSON is answered with a fault in XML.
One field that it doesn't know spoils a whole list. More than 512 KiB is refused, more than 2 MiB is
hung up on. `d.erase` keeps the data; ruTorrent's `removewithdata` notes it down, and its garbage
collector deletes it: rTorrent calls that every 15 seconds, later while it is busy, and never where
its schedule was not made (a plugin that is off, a PHP that rTorrent does not find). The answer is
the same each time; it is false, and nothing is erased, when the files are not found. A name that
XML can't hold has a `?` for each of its bytes. A closed torrent has no free space, and one that was
never opened no base path.
"""

import asyncio
import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
import json
import math
from typing import Final
from urllib.parse import parse_qsl, quote
from xml.parsers.expat import ExpatError
import xmlrpc.client

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from .torrents import ANNOUNCE, FREE, Swarm, Torrent
from .web import application
from .world import World

type Value = str | int | Sequence[Value] | Fault

_LIMIT: Final = 512 * 1024
_HANGS_UP: Final = 2 * 1024 * 1024
_HASH: Final = 40
_PAGE: Final = "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n</html>\r\n"
# ruTorrent's own forms: which methods they call for each hash.
_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "pause": ("d.stop",),
    "unpause": ("d.start",),
    "stop": ("d.stop", "d.close"),
    "start": ("d.open", "d.start"),
    "remove": ("d.erase",),
    "recheck": ("d.check_hash",),
}


# A field made of other commands: of all trackers the address and whether it is enabled.
_TRACKERS: Final = 'cat="$t.multicall=d.hash=,t.url=,cat=#,t.is_enabled=,cat=#"'
_TRACKER: Final[Mapping[str, str | int]] = {"t.url=": ANNOUNCE, "t.is_enabled=": 1, "t.type=": 1}


class Fault(Exception):
    """What is refused."""

    def __init__(self, code: int, said: str) -> None:
        """Take its code and text."""
        super().__init__(said)
        self.code, self.said = code, said


class RTorrent:
    """The handlers over the world's torrents.

    `collects`: how often ruTorrent deletes what it has noted down (seconds); None: never.
    """

    def __init__(self, world: World) -> None:
        """Take the world."""
        self._world = world
        self.version = "0.9.8"
        self.collects: float | None = 15.0
        self.limits = {"down": 0, "up": 0}
        self._closed: set[str] = set()

    @property
    def _swarm(self) -> Swarm:
        return self._world.swarm

    def app(self) -> web.Application:
        """Make the application."""
        app = application()
        app.middlewares.append(self._guarded)
        app.router.add_post("/RPC2", self._rpc)
        app.router.add_post("/plugins/httprpc/action.php", self._rutorrent)
        return app

    @property
    def _guarded(self) -> Middleware:
        keys = self._world.keys
        login = base64.b64encode(f"{keys.torrent_user}:{keys.torrents}".encode()).decode()

        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.headers.get("Authorization") != f"Basic {login}":
                headers = {"WWW-Authenticate": 'Basic realm="seedbox"'}
                return web.Response(
                    status=401, text=_PAGE, content_type="text/html", headers=headers
                )
            return await handler(request)

        return check

    async def _rpc(self, request: web.Request) -> web.Response:
        body = await request.read()
        if len(body) > _HANGS_UP and request.transport is not None:
            request.transport.abort()
        try:
            if len(body) > _LIMIT:
                raise Fault(-503, "XML-RPC request too large.")
            method, params = _read(body)
            said = _xml(self._call(method, params))
        except Fault as fault:
            said = _fault(fault)
        return web.Response(text=said, content_type="text/xml")

    async def _rutorrent(self, request: web.Request) -> web.Response:
        if request.content_type != "application/x-www-form-urlencoded":
            return await self._rpc(request)
        form = parse_qsl((await request.read()).decode())
        mode = dict(form).get("mode", "")
        hashes = [value for key, value in form if key == "hash"]
        answer: object = False
        try:
            if mode == "removewithdata":
                for one in hashes:
                    self._collect(one)
                answer = ["", "0", "0"]
            elif mode in _FORMS:
                answer = [str(self._call(name, [one])) for one in hashes for name in _FORMS[mode]]
        except Fault:
            answer = False
        return web.Response(text=json.dumps(answer), content_type="application/json")

    def _collect(self, info_hash: str) -> None:
        """Remove a torrent now, and its data when the garbage collector comes by next."""
        one = self._found(info_hash)
        seedbox = self._world.seedbox
        if seedbox is not None and not (seedbox.remote / one.name).exists():
            raise Fault(-503, "no files")
        if self.collects is None:
            self._world.drop(one.hash, data=False)
            return
        now = asyncio.get_running_loop().time()
        next_round = math.ceil(now / self.collects) * self.collects
        self._world.drop(one.hash, data=True, after=next_round - now)

    # -- methods -----------------------------------------------------------------------------------

    def _call(self, method: str, params: Sequence[object]) -> Value:
        match method, params:
            case "system.client_version", _:
                return self.version
            case "system.multicall", [list(calls)]:
                return [self._isolated(one) for one in calls]
            case "d.multicall2", [_, _, *fields]:
                return [
                    _fields(self._details(one), fields) for one in self._swarm.torrents.values()
                ]
            case "f.multicall" | "t.multicall", [info_hash, _, *fields]:
                one = self._found(str(info_hash))
                rows = self._files(one) if method == "f.multicall" else [_TRACKER]
                return [_fields(row, fields) for row in rows]
            case str(name), _ if name.startswith("throttle.global_"):
                return self._throttle(name, params)
            case str(name), [info_hash, *_] if name.startswith("d."):
                return self._of_torrent(name, self._found(str(info_hash)))
        raise Fault(-506, f"Method '{method}' not defined")

    def _isolated(self, call: object) -> Value:
        """Call one of many: what is refused of it spoils nothing of the others."""
        if not isinstance(call, Mapping):
            raise Fault(-503, "not a call")
        try:
            return [self._call(str(call["methodName"]), call["params"])]
        except Fault as fault:
            return fault

    def _found(self, info_hash: str) -> Torrent:
        if len(info_hash) != _HASH:
            raise Fault(-501, "Unsupported target type found.")
        if (one := self._swarm.torrents.get(info_hash.lower())) is None:
            raise Fault(-501, "Could not find info-hash.")
        return one

    def _of_torrent(self, name: str, one: Torrent) -> Value:
        changes: dict[str, Callable[[], None]] = {
            "d.stop": lambda: self._set(one, "paused"),
            "d.start": lambda: self._start(one),
            "d.open": lambda: self._closed.discard(one.hash),
            "d.close": lambda: self._close(one),
            "d.erase": lambda: self._world.drop(one.hash, data=False),
            "d.check_hash": lambda: None,
        }
        if name in changes:
            changes[name]()
            return 0
        [row] = _fields(self._details(one), [f"{name}="])
        return row

    @staticmethod
    def _set(one: Torrent, trouble: str) -> None:
        one.trouble = trouble

    def _start(self, one: Torrent) -> None:
        self._closed.discard(one.hash)
        if one.trouble == "paused":
            one.trouble = ""

    def _close(self, one: Torrent) -> None:
        self._set(one, "paused")
        self._closed.add(one.hash)

    def _throttle(self, name: str, params: Sequence[object]) -> Value:
        which = "down" if name.startswith("throttle.global_down.") else "up"
        if name.endswith(".max_rate"):
            return self.limits[which]
        if name.endswith(".max_rate.set_kb"):
            rate = int(str(params[-1])) * 1024
            if not 0 <= rate <= 2**30:
                raise Fault(-503, "Throttle rate must be between 0 and 2^30.")
            self.limits[which] = rate
            return 0
        raise Fault(-506, f"Method '{name}' not defined")

    # -- rows --------------------------------------------------------------------------------------

    def _details(self, one: Torrent) -> dict[str, str | int]:
        moves = not one.trouble and not one.complete
        checking, stopped = one.trouble == "checking", one.trouble in ("paused", "error")
        done = int(one.size * one.share)
        is_open = one.hash not in self._closed
        folder = f"{self._world.torrent_folder}/{one.name}"
        failed = "Storage error: [No space left on device]" if one.trouble == "error" else ""
        return {
            "d.hash=": one.hash.upper(),
            "d.name=": one.name,
            "d.size_bytes=": one.size,
            "d.bytes_done=": done,
            "d.up.total=": int(done * one.ratio),
            "d.ratio=": int(one.ratio * 1000) if done else 0,
            "d.complete=": int(one.complete and not checking),
            "d.state=": int(not stopped),
            "d.is_active=": int(not stopped and not checking),
            "d.is_open=": int(is_open),
            "d.hashing=": int(checking),
            "d.is_hash_checking=": int(checking),
            "d.is_multi_file=": 1,
            "d.is_private=": 0,
            "d.is_meta=": int(one.trouble == "metadata"),
            "d.timestamp.finished=": int(one.completed.timestamp()) if one.completed else 0,
            "d.load_date=": int(one.added.timestamp()),
            "d.custom1=": quote(one.category),
            "d.custom=addtime": "",
            "d.custom=seedingtime": "",
            "d.message=": failed,
            "d.directory=": folder,
            "d.base_path=": folder,
            "d.down.rate=": int(one.size / one.seconds) if moves else 0,
            "d.up.rate=": 0,
            "d.peers_complete=": 6 if moves else 0,
            "d.peers_connected=": 7 if moves else 1,
            "d.free_diskspace=": FREE if is_open else 0,
            _TRACKERS: f"{ANNOUNCE}#1#",
        }

    def _files(self, one: Torrent) -> Iterable[Mapping[str, str | int]]:
        folder = f"{self._world.torrent_folder}/{one.name}"
        for path, size in self._world.torrent_files(one):
            chunks = max(-(-size // 65536), 1)
            yield {
                "f.path=": path,
                "f.frozen_path=": "" if one.hash in self._closed else f"{folder}/{path}",
                "f.size_bytes=": size,
                "f.size_chunks=": chunks,
                "f.completed_chunks=": chunks if one.complete else 0,
                "f.priority=": 1,
            }


def _read(body: bytes) -> tuple[str, Sequence[object]]:
    """Read a call. Raises Fault."""
    try:
        params, method = xmlrpc.client.loads(body)
    except (ExpatError, xmlrpc.client.ResponseError, ValueError) as err:
        raise Fault(-503, "Call XML not a proper XML-RPC call.") from err
    return str(method), params


def _fields(row: Mapping[str, str | int], fields: Iterable[object]) -> list[Value]:
    """Give what is asked for; one that nobody knows spoils all."""
    for field in fields:
        if field not in row:
            raise Fault(-503, f'Command "{str(field).partition("=")[0]}" does not exist.')
    return [row[str(field)] for field in fields]


def _lossy(name: str) -> str:
    """Write a name as its XML does: all or nothing of what is no ASCII."""
    if all(ord(one) < 0xFFFE for one in name):
        return name
    return "".join(one if one.isascii() else "?" * len(one.encode()) for one in name)


def _value(one: Value) -> str:
    match one:
        case int():
            return f"<value><i8>{one}</i8></value>\r\n"
        case str():
            return f"<value><string>{escape(_lossy(one), quote=False)}</string></value>\r\n"
        case Fault():
            return (
                "<value><struct>\r\n<member><name>faultCode</name>\r\n"
                f"<value><i4>{one.code}</i4></value></member>\r\n"
                "<member><name>faultString</name>\r\n"
                f"<value><string>{escape(one.said, quote=False)}</string></value></member>\r\n"
                "</struct></value>\r\n"
            )
    inner = "".join(map(_value, one))
    return f"<value><array><data>\r\n{inner}</data></array></value>\r\n"


def _xml(one: Value) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n'
        f"<param>{_value(one).strip()}</param>\r\n</params>\r\n</methodResponse>\r\n"
    )


def _fault(fault: Fault) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<fault>\r\n'
        f"{_value(fault)}</fault>\r\n</methodResponse>\r\n"
    )
