"""Finds every reader of foreign values in `clients/` by itself.

A reader is a public function that takes JSON, bytes or a text, or a public method of a client,
which is asked over a wire that answers what it is told to. What can't be driven must be named
below: a function with an argument that nobody knows, or a client without a good answer, fails a
test.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import cache
import gzip
import importlib
import inspect
import json
import pkgutil
from types import ModuleType, NoneType, UnionType
from typing import Any, Final, TypeAliasType, cast
import zlib

import aiohttp
import asyncssh
from asyncssh.packet import SSHPacket, UInt32

from custom_components.showrunner import clients
from custom_components.showrunner.clients import (
    arr_webhook,
    ftp,
    jellyfin_webhook,
    radarr_models,
    seerr_webhook,
    sftp_errors,
    sftp_walk,
)
from custom_components.showrunner.clients.arr_history import SONARR_NUMBERS
from custom_components.showrunner.clients.errors import NotOurs, ServiceError
from custom_components.showrunner.clients.http import HttpClient
from custom_components.showrunner.clients.inflate import NotPacked, TooLarge, inflated
from custom_components.showrunner.clients.jellyfin_library import EVERYTHING
from custom_components.showrunner.clients.jellyfin_pictures import PictureKind
from custom_components.showrunner.clients.jellyfin_socket import SessionsSocket
from custom_components.showrunner.clients.ntfy import NtfyMessage
from custom_components.showrunner.clients.radarr import SWITCHES
from custom_components.showrunner.clients.rtorrent_calls import NoJson, Spoilt
from custom_components.showrunner.clients.rtorrent_models import NEEDED, OPTIONAL, PLAIN, Reader
from custom_components.showrunner.clients.scgi import Scgi
from custom_components.showrunner.clients.shoko_hub import ShokoHub
from custom_components.showrunner.clients.xmlrpc import NotXml
from custom_components.showrunner.coordinators.inbox import BodyRefused, Inbox, read_body
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.refresh import PathUpdate, UpdateType
from custom_components.showrunner.domain.watching import ReportSource
from tests.clients.taking import Taken

from . import seeds, sftp_server
from .answers import (
    COLLECTION,
    GUID,
    HASH,
    SERVER,
    URL,
    USER,
    good_answers,
    rtorrent_rows,
    torrent_row,
)
from .mutate import write
from .wire import Answer, FakeSession, FakeSocket, answering, as_session

NOW: Final = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)

# Public functions that read nothing foreign, or only with what drives them here.
NOT_READERS: Final = frozenset(
    {
        "moment.once",
        "moment.lately",  # asks what it is given, too
        "moment.note",  # keeps what was read already
        "moment.noted",
        "arr.http_client",  # makes a client
        "bodies.read_body",  # driven by every client
        "sockets.open_socket",  # driven by Jellyfin's and Shoko's
        "arr_titles.find",  # ask with what clients read
        "arr_titles.find_under",
        "jellyfin_sessions.silence",  # times that were read already
        "ftp.entries",  # driven below
        "ftp.failure",  # reads exceptions
        "sftp.is_whole",  # takes our own paths
        "sftp_channel.until",  # waits
        "sftp_errors.failure",  # reads exceptions
        "sftp_packets.string",  # write what we send
        "sftp_packets.opening",
        "sftp_packets.data_head",  # driven below, by the other side of its channel
        "sftp_packets.uint",
        "sftp_packets.text",
        "sftp_packets.handle",
        "sftp_packets.attrs_of",
        "sftp_packets.attrs",
        "sftp_packets.names",
        "sftp_packets.room",
        "sftp_packets.extensions",
        "sftp_packets.refused",
        "sftp_walk.is_name",  # driven below
        "sftp_walk.links",
        "sftp_walk.remote_file",
        "sftp_walk.space",
        "offload.offload",  # runs what others read
        "offload.cooperative_yield",
        "offload.whole",
        "http_errors.failure",  # reads our own exceptions
        "inflate.inflated",  # driven below
        "redaction.conceal",  # take our own secrets
        "redaction.conceal_login",
        "seerr_settings.webhook_settings",  # write what we send
        "seerr_settings.given_back",
        "xmlrpc.request",
        "xmlrpc.multicall",
        "rtorrent_calls.json_request",
        "rtorrent_calls.no_such_torrent",  # what was read already
        "rtorrent_calls.unfaulted",
        "rtorrent_calls.faults",
        "rtorrent_details.files",  # driven by rTorrent's client
        "rtorrent_details.trackers",
        "rtorrent_details.hashes",
        "xmlrpc.rows",  # driven by rTorrent's Reader
        "listing.listed",  # driven by every client's lists
    }
)
# Classes that are no clients by themselves.
NOT_CLIENTS: Final = frozenset(
    {
        "ArrClient",  # the part that Radarr and Sonarr share
        "TorrentClient",  # what both torrent clients can be asked
        "TransferClient",  # what every transfer's server can be asked
        "Titles",  # what Radarr and Sonarr can be asked alike
        "JellyfinItems",  # a part of Jellyfin's
        "HttpClient",  # driven by every client
        "LoginMemory",  # keeps what we noted ourselves
        "Forgetful",
        "Wire",  # driven by rTorrent's
        "Calls",
        "Control",
        "Scgi",  # opens sockets of its own; its reader is driven below
        "SessionsSocket",  # driven below, with frames
        "ShokoHub",
        "LoopThread",  # runs what others do
        "FtpClient",  # speaks FTP; what it reads is driven below, as bytes
        "SftpClient",  # speaks SSH; what it reads is driven below, as bytes
        "SftpPool",
        "SftpChannel",  # driven below, by the other side of its channel
        "SftpSession",
        "Reads",
        "OpenFile",
        "Walk",
    }
)
# Methods that answer nothing that was read.
# And one that reads by another one that is driven, and refuses what is no collection.
NOT_METHODS: Final = frozenset(
    {"JellyfinClient.sessions_socket", "JellyfinCollections.discard", "ShokoClient.hub"}
)

# What readers may raise beside the clients' own errors, as their docstrings say.
DOCUMENTED: Final[Mapping[str, tuple[type[Exception], ...]]] = {
    "offload.members": (ValueError, RecursionError),
    "decoding.decoded": (ValueError, RecursionError),
    "json_rows.read_rows": (ValueError,),
    "json_rows.read_page": (ValueError,),
    "addresses.normalize_url": (ValueError,),
    "inflate.inflated": (NotPacked, TooLarge),
    "rtorrent.normalize": (ValueError,),
    "scgi.normalize_scgi": (ValueError,),
    "xmlrpc.fields": (NotXml,),
    "xmlrpc.read": (NotXml,),
    "xmlrpc.read_multicall": (NotXml,),
    "rtorrent_calls.read_json": (NoJson, Spoilt),
    "xmlrpc.table": (NotXml,),
    "rtorrent_models.Reader.from_xml": (NotXml,),
    "rtorrent_models.Reader.from_rows": (NotXml,),
}
# What gives foreign values on as they are: nothing is promised of those but that they can be had.
RAW: Final = frozenset(
    {
        *("offload.members", "decoding.decoded", "parse.table", "parse.rows", "redaction.redacted"),
        "redaction.excerpt",
        *("json_rows.read_rows", "json_rows.read_page", "xmlrpc.read", "xmlrpc.fields"),
        *("xmlrpc.read_multicall", "rtorrent_calls.read_json"),
        *("xmlrpc.table", "jellyfin_plugin.with_webhook", "jellyfin_plugin.without_webhook"),
        *("radarr.RadarrClient.record", "sonarr.SonarrClient.record"),
        *(
            "addresses.normalize_url",
            "rtorrent.normalize",
            "scgi.normalize_scgi",
            "shoko_models.tail",
        ),
    }
)

# The arguments by which readers and clients are called, by their names.
_BY_NAME: Final[Mapping[str, Any]] = {
    "add_tags": (1,),
    "api_key": "key",
    "arr_id": 3,
    "arguments": [],
    "as_it_was": {},
    "at_least": 0,
    "begin": Taken,
    "collection_id": COLLECTION,
    "command_id": 3,
    "count": True,
    "data": False,
    "device_id": "device",
    "down": 1500,
    "doubled": True,
    "download_id": HASH,
    "episode_ids": (31,),
    "file_id": 3,
    "file_ids": (41, 42),
    "imdb": "tt0063350",
    "info_hash": HASH,
    "item_id": GUID,
    "hashes": (HASH,),
    "ids": (GUID, "b" * 32),
    "key": HASH,
    "kinds": EVERYTHING,
    "label": "showrunner",
    "limit": 10,
    "message": NtfyMessage("title", "text"),
    "monitored": False,
    "movie_id": 3,
    "name": "The Lantern",
    "number": 3,
    "numbers": SONARR_NUMBERS,
    "page": "/history/series",
    "params": {"seriesId": 3},
    "password": "word",
    "path": "/data/Frieren/Season 1/e1.mkv",
    "product": "Radarr",
    "service": "Radarr",
    "profile_id": 1,
    "quality_profile_id": 1,
    "root": "/data",
    "root_folder": "/data/movies",
    "root_folder_path": "/data/movies",
    "season": 1,
    "series_id": 3,
    "server_id": SERVER,
    "start": 0,
    "switches": SWITCHES,
    "tmdb": 3,
    "token": "token",
    "topic": "things",
    "tvdb": 880101,
    "up": 0,
    "updates": (PathUpdate("/media/a", UpdateType.MODIFIED),),
    "url": URL,
    "user_id": USER,
    "user_ids": (USER,),
    "username": "user",
    "what": EVERYTHING,
    "year": 2011,
}
_BY_TYPE: Final[Mapping[Any, Any]] = {
    datetime: NOW,
    tzinfo: UTC,
    MediaType: MediaType.SERIES,
    ProviderIds: ProviderIds(990001, 880101, "tt9900001"),
    ReportSource: ReportSource.POLL,
    # As Radarr's recorded look-up tells of it.
    Title: Title(MediaType.MOVIE, ProviderIds(10331), "Night of the Living Dead", 1968),
}
# By function where a name means something else; more than one: each is a target of its own.
_ARGUMENTS: Final[Mapping[str, tuple[Mapping[str, Any], ...]]] = {
    "offload.members": ({"within": "torrents"}, {"within": None}),
    "http_errors.refusal": ({"status": 400}, {"status": 503}),
    "arr_models.identity": ({"what": "row"},),
    "arr_webhook.read": ({"media": MediaType.MOVIE}, {"media": MediaType.SERIES}),
    "jellyfin.JellyfinClient.items": ({"ids": (GUID, "b" * 32)},),
    "jellyfin.JellyfinClient.add_webhook": ({"name": "Showrunner"},),
    "jellyfin_collections.JellyfinCollections.present": ({"ids": (GUID,)},),
    "jellyfin_collections.JellyfinCollections.add": ({"ids": (GUID,)},),
    "jellyfin_collections.JellyfinCollections.take_out": ({"ids": (GUID,)},),
    "jellyfin_library.JellyfinLibrary.by_ids": ({"ids": (GUID,)},),
    "jellyfin_library.JellyfinLibrary.shown": ({"ids": (GUID,)},),
    "jellyfin_library.JellyfinLibrary.look_up": ({"ids": (GUID,)},),
    "jellyfin_library.JellyfinLibrary.episodes": ({"series_id": "c" * 32},),
    "jellyfin_library.JellyfinLibrary.items": ({"count": True}, {"count": False}),
    "jellyfin_pictures.JellyfinPictures.get": ({"kind": PictureKind.POSTER},),
    "json_rows.read_rows": ({"name": "Items"}, {"name": "results"}),
    "json_rows.read_page": ({"name": "results"},),
    "seerr.SeerrClient.title": ({"media": MediaType.MOVIE}, {"media": MediaType.SERIES}),
    "seerr.SeerrClient.arrs": ({"media": MediaType.MOVIE}, {"media": MediaType.SERIES}),
    "shoko_models.hub_event": ({"target": "ShokoEvent:FileMatched"},),
    "shoko_models.tail": ({"count": 3},),
    "sonarr.SonarrClient.add_series": (
        {
            "tvdb": 880101,
            "expected": Title(MediaType.SERIES, ProviderIds(tvdb=880101), "The Ministry", 2015),
        },
    ),
    "xmlrpc.fields": ({},),
}
_FED: Final = {
    "qbittorrent_details.files_below": "content",
    "http_errors.no_json": "content",
    "http_errors.refusal": "content",
    "qbittorrent_models.torrent": "row",
    "shoko_models.hub_event": "arguments",
}
# How clients are made, where more than one way makes a difference.
_MADE: Final[Mapping[str, tuple[Mapping[str, Any], ...]]] = {
    "RTorrentClient": (
        {"url": "http://service/RPC2"},
        {"url": "http://service/action.php"},
    ),
    "ArrNotifications": ({"http": "arr"},),
    "SeerrNotifications": ({"http": "seerr"},),
    "PlaybackReportingClient": ({"http": "jellyfin"},),
    "JellyfinLibrary": ({"http": "jellyfin"},),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that is fed: a body, for a client the answer to one question (the first time)."""

    body: bytes
    path: str = ""
    once: bool = True
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Target:
    """One reader. `feed` gives what it read; `seeds` are what it reads well."""

    name: str
    module: str
    feed: Callable[[Case], Awaitable[Any]]
    seeds: Callable[[], tuple[Case, ...]]
    is_json: bool = True
    # A client's method, which asks for what it reads.
    asks: bool = False

    @property
    def allowed(self) -> tuple[type[Exception], ...]:
        """What may leave it."""
        return (ServiceError, *DOCUMENTED.get(self.name.partition("#")[0], ()))

    @property
    def is_raw(self) -> bool:
        """Tell whether it gives foreign values on."""
        return self.name.partition("#")[0] in RAW


class Unregistered(Exception):
    """Something that looks like a reader and can't be driven: name it in this module."""


def modules() -> list[ModuleType]:
    """Import all modules of `clients/`."""
    names = [one.name for one in pkgutil.iter_modules(clients.__path__)]
    return [importlib.import_module(f"{clients.__name__}.{name}") for name in names]


@contextmanager
def hurried() -> Iterator[None]:
    """Let nobody wait before asking again."""
    waiting = [module for module in modules() if hasattr(module, "_PAUSE")]
    before = [module.__dict__["_PAUSE"] for module in waiting]
    for module in waiting:
        module.__dict__["_PAUSE"] = 0
    try:
        yield
    finally:
        for module, pause in zip(waiting, before, strict=True):
            module.__dict__["_PAUSE"] = pause


@cache
def targets() -> tuple[Target, ...]:
    """Find all readers that can be driven."""
    return found_and_unknown()[0]


@cache
def found_and_unknown() -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """Find all readers, and what looks like one and nobody knows how to drive."""
    found: list[Target] = []
    unknown: list[str] = []
    for module in modules():
        short = module.__name__.rpartition(".")[2]
        for name, one in vars(module).items():
            if name.startswith("_") or getattr(one, "__module__", None) != module.__name__:
                continue
            try:
                if inspect.isfunction(one) and f"{short}.{name}" not in NOT_READERS:
                    found += _of_function(short, f"{short}.{name}", one)
                elif inspect.isclass(one) and name not in NOT_CLIENTS:
                    found += _of_class(short, one)
            except Unregistered as err:
                unknown.append(str(err))
    return (*found, *_frames(), *_raw_bytes(), *_channels(), *_doors()), tuple(unknown)


# -- functions ------------------------------------------------------------------------------------


def _of_function(module: str, name: str, function: Callable[..., Any]) -> list[Target]:
    parameters = list(inspect.signature(function).parameters.values())
    if parameters and parameters[0].name in ("session", "http"):
        return _of_asking(module, name, lambda session, kind: _called(function, session, kind))
    if not parameters or _is_ours(parameters[0].annotation):
        return []  # it takes what was read already
    fed = _FED.get(name) or parameters[0].name
    kind = _kind(inspect.signature(function).parameters[fed].annotation)
    if kind is None:
        raise Unregistered(f"{name}: nobody knows how to feed {fed}")
    found = []
    ways = _ARGUMENTS.get(name, ({},))
    for index, way in enumerate(ways):
        others = {
            one.name: _argument(one, way)
            for one in parameters
            if one.name != fed and (one.default is one.empty or one.name in way)
        }
        feed = _feeder(function, fed, kind, others)
        given = _seeds_of(module, kind)
        found.append(Target(_named(name, index, ways), module, feed, given, kind == "json"))
    return found


def _named(name: str, index: int, ways: tuple[Any, ...]) -> str:
    return name if len(ways) == 1 else f"{name}#{index}"


def _is_ours(annotation: Any) -> bool:
    """Tell whether something comes from us and not from a service."""
    if isinstance(annotation, UnionType):
        return all(one is NoneType or _is_ours(one) for one in annotation.__args__)
    if annotation in (datetime, int, float, bool):
        return True
    return isinstance(annotation, type) and annotation.__module__.startswith("custom_components")


def _kind(annotation: Any) -> str | None:
    """Say what a reader takes: a JSON value, several, bytes or a text."""
    if isinstance(annotation, TypeAliasType):
        return "json" if annotation.__name__ in ("Json", "Row") else None
    if annotation is object:
        return "json"
    written = str(annotation)
    if annotation is bytes or written == "bytes | str":
        return "bytes"
    if annotation is str or written == "str | None":
        return "text"
    if written.endswith(("Iterable[Json]", "Iterable[Value]")):
        return "rows"
    return None


def _feeder(
    function: Callable[..., Any], fed: str, kind: str, others: Mapping[str, Any]
) -> Callable[[Case], Awaitable[Any]]:
    async def feed(case: Case) -> Any:
        value: Any = case.body
        if kind == "text":
            value = decode_text(case.body)
        elif kind != "bytes":
            value = decode(case.body)
            if kind == "rows":
                value = value if isinstance(value, list) else [value]
            needs_object = inspect.signature(function).parameters[fed].annotation is not object
            if kind == "json" and needs_object and not isinstance(value, dict):
                return None  # whoever calls it has seen to that
            if kind == "rows" and "Json" in str(inspect.signature(function)):
                value = [one for one in value if isinstance(one, dict)]
        result = function(**{fed: value}, **others)
        return list(result) if isinstance(result, Iterator) else _drained(result)

    return feed


def _drained(value: Any) -> Any:
    """Read the rows of a page to their end."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], Iterator):
        return value[0], list(value[1])
    return value


def decode_text(body: bytes) -> str:
    """Decode a text, with half a pair of surrogates where that was written."""
    try:
        return body.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return body.decode("utf-8", "replace")


def decode(body: bytes) -> Any:
    """Decode as the clients do; what is no JSON is fed as a text."""
    try:
        return json.loads(body)
    except ValueError, RecursionError:
        return body.decode("utf-8", "replace")


def _seeds_of(module: str, kind: str) -> Callable[[], tuple[Case, ...]]:
    @cache
    def made() -> tuple[Case, ...]:
        if kind == "text":
            said = seeds.texts(module)
            return tuple(Case(one.encode("utf-8", "surrogatepass")) for one in said)
        return tuple(Case(write(one)) for one in seeds.documents(module))

    return made


# -- clients --------------------------------------------------------------------------------------


def _of_class(module: str, kind: type) -> list[Target]:
    found: list[Target] = []
    methods = [
        name
        for name, one in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
        and (inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one))
        and f"{kind.__name__}.{name}" not in NOT_METHODS
    ]
    for method in methods:
        name = f"{module}.{kind.__name__}.{method}"
        for index, made in enumerate(_MADE.get(kind.__name__, ({},))):
            for number, way in enumerate(_ARGUMENTS.get(name, ({},))):

                def ask(
                    session: FakeSession,
                    first: Any,
                    made: Mapping[str, Any] = made,
                    way: Mapping[str, Any] = way,
                    method: str = method,
                ) -> Awaitable[Any]:
                    return _asked(kind, method, made, way, session)

                several = len(_MADE.get(kind.__name__, ())), len(_ARGUMENTS.get(name, ()))
                tail = f"#{index}{number}" if max(several) > 1 else ""
                found += _of_asking(module, name + tail, ask)
    return found


async def _asked(
    kind: type,
    method: str,
    made: Mapping[str, Any],
    way: Mapping[str, Any],
    session: FakeSession,
) -> Any:
    client = kind(**_arguments(kind, made | {"session": session}, session))
    function = getattr(client, method)
    arguments = _arguments(function, way, session)
    result = function(**arguments)
    if inspect.isasyncgen(result):
        return [one async for one in cast("AsyncIterator[Any]", result)]
    first = await result
    # The second list is what has changed since, and remembers the first.
    return (first, await function(**arguments)) if method == "torrents" else first


def _called(function: Callable[..., Any], session: FakeSession, _: Any) -> Awaitable[Any]:
    made = {"http": "sonarr" if "history" in function.__module__ else "radarr"}
    work: Awaitable[Any] = function(**_arguments(function, made, session))
    return work


def _of_asking(
    module: str, name: str, ask: Callable[[FakeSession, Any], Awaitable[Any]]
) -> list[Target]:
    good = good_answers("sonarr" if name.startswith("arr_history") else module)

    async def feed(case: Case) -> Any:
        stand_in = Answer(case.body, case.status, case.headers)
        return await ask(FakeSession(answering(good, case.path, stand_in, once=case.once)), None)

    @cache
    def made() -> tuple[Case, ...]:
        session = FakeSession(answering(good, "", Answer(b""), once=True))
        with hurried(), asyncio.Runner() as runner:
            runner.run(_waited(ask(session, None)))
        look = answering(good, "", Answer(b""), once=True)
        return tuple(
            Case(look(question).body, question) for question in dict.fromkeys(session.asked)
        )

    return [Target(name, module, feed, made, asks=True)]


async def _waited(work: Awaitable[Any]) -> Any:
    return await work


def _arguments(
    function: Callable[..., Any], way: Mapping[str, Any], session: FakeSession
) -> dict[str, Any]:
    """Give what a function or a class must be called with. Raises Unregistered."""
    found: dict[str, Any] = {}
    for one in inspect.signature(function).parameters.values():
        if one.name == "session":
            found["session"] = as_session(session)
        elif one.name == "http":
            service = str(way.get("http", "service"))
            found["http"] = HttpClient(as_session(session), f"http://{service}", service=service)
        elif one.name == "url" and "session" in inspect.signature(function).parameters:
            found["url"] = way.get("url", "http://service")
        elif one.default is one.empty or one.name in way or one.name in ("token", "monitored"):
            found[one.name] = _argument(one, way)
    return found


def _argument(one: inspect.Parameter, way: Mapping[str, Any]) -> Any:
    if one.name in way:
        return way[one.name]
    if one.annotation in _BY_TYPE:
        return _BY_TYPE[one.annotation]
    if one.name in _BY_NAME:
        return _BY_NAME[one.name]
    raise Unregistered(f"nobody knows the argument {one}: say in {__name__} what to give for it")


# -- sockets, bytes and doors ---------------------------------------------------------------------


def _frames() -> list[Target]:
    """Drive the WebSockets, each with up to three messages."""

    async def sessions(case: Case) -> Any:
        socket = cast("aiohttp.ClientWebSocketResponse", FakeSocket([case.body] * 2))
        opened = SessionsSocket(socket, SERVER, lambda: NOW)
        await opened.subscribe()
        return [await opened.receive(), await opened.receive()]

    async def hub(case: Case) -> Any:
        frames: list[bytes | str] = [b"{}\x1e", case.body, case.body + b"\x1e"]
        opened = ShokoHub(cast("aiohttp.ClientWebSocketResponse", FakeSocket(frames)))
        await opened.handshake()
        return [await opened.receive(), await opened.receive()]

    @cache
    def jellyfins() -> tuple[Case, ...]:
        body = {"MessageType": "Sessions", "Data": seeds.load("jellyfin/sessions")}
        kept = {"MessageType": "ForceKeepAlive", "Data": 60}
        return Case(write(body)), Case(write(kept))

    @cache
    def shokos() -> tuple[Case, ...]:
        matched = seeds.load("shoko/v5.3-signalr-ShokoEvent_FileMatched")
        ended = b"\x1e"
        return (
            Case(write({"type": 1, **matched}) + ended),
            Case(b'{"type":6}\x1e' + write({"type": 1, **matched}) + ended),
            Case(b'{"type":7,"error":"x"}\x1e'),
        )

    return [
        Target("jellyfin_socket.SessionsSocket.receive", "jellyfin_socket", sessions, jellyfins),
        Target("shoko_hub.ShokoHub.receive", "shoko_hub", hub, shokos, is_json=False),
    ]


def _raw_bytes() -> list[Target]:
    """Drive what reads no JSON: SCGI's head, rTorrent's XML and its rows as they are remembered."""

    async def scgi(case: Case) -> Any:
        return Scgi("scgi://service:5000", "rTorrent")._body(case.body)

    async def xml(case: Case) -> Any:
        reader = Reader((*NEEDED, *PLAIN, *OPTIONAL))
        return reader.from_xml(case.body), reader.from_xml(case.body)

    async def rows(case: Case) -> Any:
        text = decode(case.body)
        reader = Reader(("d.hash=", "d.size_bytes=", "d.name="))
        given = [one for one in text if isinstance(one, list)] if isinstance(text, list) else []
        copies: list[list[Any]] = [list(one) for one in given]
        return reader.from_rows(given), reader.from_rows(copies)

    xml_list = rtorrent_rows()
    head = b"Status: 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(xml_list)
    packed = json.dumps(torrent_row()).encode() * 20
    raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = (Case(zlib.compress(packed)), Case(raw.compress(packed) + raw.flush()))
    rows_told = [[HASH, 5, "a name", 7], ["1" * 40, "5", "other", 8]]

    def inflating(encoding: str) -> Callable[[Case], Awaitable[Any]]:
        async def inflate(case: Case) -> Any:
            return inflated(case.body, encoding, 64 * 1024)

        return inflate

    async def listing(case: Case) -> Any:
        return ftp.entries(b"/done", case.body)

    async def names(case: Case) -> Any:
        try:
            packet = SSHPacket(case.body)
            listed = [asyncssh.SFTPName.decode(packet, 3) for _ in range(packet.get_uint32())]
            room = asyncssh.SFTPVFSAttrs.decode(packet, 3)
        except sftp_errors.FAILURES as err:
            raise sftp_errors.failure(err) from err
        read = [sftp_walk.remote_file(one.filename, one.attrs) for one in listed]
        linked = [sftp_walk.links(one) for one in listed]
        return read, linked, [sftp_walk.is_name(one.path) for one in read], sftp_walk.space(room)

    listed = [
        asyncssh.SFTPName(
            b"Caf\xe9",
            b"-rw-r--r--    2 me       us              7 Nov 20 15:00 Caf\xe9",
            asyncssh.SFTPAttrs(type=1, size=7, permissions=0o100644),
        ),
        asyncssh.SFTPName(
            b"a", b"", asyncssh.SFTPAttrs(type=2, permissions=0o40755, atime=9, mtime=9)
        ),
    ]
    room = asyncssh.SFTPVFSAttrs(bsize=4096, frsize=4096, blocks=900, bfree=90, bavail=80)
    mlsd = (
        b"Type=cdir;Modify=20261120150000; .\r\n"
        b"type=file;size=7;modify=20261120150000; Caf\xe9 1\r\n"
        b"type=dir;modify=20261120150000.5; a\r\ntype=OS.unix=slink:/etc; b\r\n"
    )
    sftp = UInt32(len(listed)) + b"".join(one.encode(3) for one in listed) + room.encode(3)

    return [
        Target("ftp.listing", "ftp", listing, lambda: (Case(mlsd),), is_json=False),
        Target("sftp_walk.names", "sftp_walk", names, lambda: (Case(sftp),), is_json=False),
        Target(
            "inflate.inflated#gzip",
            "inflate",
            inflating("gzip"),
            lambda: (Case(gzip.compress(packed)),),
            is_json=False,
        ),
        Target(
            "inflate.inflated#deflate",
            "inflate",
            inflating("deflate"),
            lambda: deflated,
            is_json=False,
        ),
        Target("scgi.Scgi._body", "scgi", scgi, lambda: (Case(head + xml_list),), is_json=False),
        Target(
            "rtorrent_models.Reader.from_xml",
            "rtorrent",
            xml,
            lambda: (Case(xml_list),),
            is_json=False,
        ),
        Target(
            "rtorrent_models.Reader.from_rows", "rtorrent", rows, lambda: (Case(write(rows_told)),)
        ),
    ]


def _channels() -> list[Target]:
    """Drive SFTP's own channel: one answer at a time, and all that a server ever writes."""

    async def start(case: Case) -> Any:
        return await sftp_server.start(sftp_server.odd(case.path, case.body))

    async def names(case: Case) -> Any:
        return await sftp_server.names(sftp_server.odd(case.path, case.body))

    async def reads(case: Case) -> Any:
        return await sftp_server.reads(sftp_server.odd(case.path, case.body))

    async def looks(case: Case) -> Any:
        return await sftp_server.looks(sftp_server.odd(case.path, case.body))

    async def opened(case: Case) -> Any:
        return await sftp_server.opened(sftp_server.odd(case.path, case.body))

    answer: list[tuple[str, Callable[[Case], Awaitable[Any]], tuple[Case, ...]]] = [
        ("SftpSession.start", start, (Case(sftp_server.VERSION, sftp_server.STREAM),)),
        (
            "SftpSession.stat",
            looks,
            (
                Case(sftp_server.ATTRS, "STAT"),
                Case(sftp_server.WHOLE, "REALPATH"),
                Case(sftp_server.ROOM, "EXTENDED"),
                Case(sftp_server.status(3), "STAT"),
                Case(sftp_server.LOOKING, sftp_server.STREAM),
            ),
        ),
        (
            "SftpSession.names",
            names,
            (
                Case(sftp_server.listed(), "READDIR"),
                Case(sftp_server.HANDLE, "OPENDIR"),
                Case(sftp_server.LISTING, sftp_server.STREAM),
            ),
        ),
        (
            "Reads.next",
            reads,
            (
                Case(sftp_server.ATTRS, "FSTAT"),
                Case(sftp_server.DATA, "READ"),
                Case(sftp_server.status(3), "OPEN"),
                Case(sftp_server.HANDLE, "OPEN"),
                Case(sftp_server.READING, sftp_server.STREAM),
            ),
        ),
        (
            "OpenFile.read",
            opened,
            (
                Case(sftp_server.ATTRS, "FSTAT"),
                Case(sftp_server.DATA, "READ"),
                Case(sftp_server.status(3), "OPEN"),
                Case(sftp_server.OPENED, sftp_server.STREAM),
            ),
        ),
    ]

    def made(name: str, feed: Callable[[Case], Awaitable[Any]], cases: tuple[Case, ...]) -> Target:
        return Target(f"sftp_session.{name}", "sftp_session", feed, lambda: cases, is_json=False)

    return [made(*one) for one in answer]


def _doors() -> list[Target]:
    """Drive the webhooks' doors: decoded as the door does it, through the inbox with its floods."""

    def arr(media: MediaType) -> Callable[[object, datetime], Any]:
        return lambda body, at: arr_webhook.read(body, at, media)

    readers: dict[str, tuple[str, Callable[[object, datetime], Any]]] = {
        "jellyfin": (
            "jellyfin_webhook",
            lambda body, at: (
                None
                if jellyfin_webhook.is_chatter(body)
                else jellyfin_webhook.parse_webhook(body, at, SERVER)
            ),
        ),
        "seerr": ("seerr_webhook", lambda body, _: seerr_webhook.parse_webhook(body)),
        "radarr": ("arr_webhook", arr(MediaType.MOVIE)),
        "sonarr": ("arr_webhook", arr(MediaType.SERIES)),
    }
    return [_door(name, module, read) for name, (module, read) in readers.items()]


def _door(name: str, module: str, read: Callable[[object, datetime], Any]) -> Target:
    async def feed(case: Case) -> Any:
        try:
            body = await read_body(case.body)
        except BodyRefused:
            return None  # the door says so
        found: list[Any] = []

        async def work(message: Any) -> None:
            found.append(message)

        inbox = Inbox[Any](name, read, work)
        for _ in range(2):
            inbox.accept(body)
        await inbox.drain()
        return found

    return Target(f"door.{name}", module, feed, _seeds_of(module, "json"))


def own(error: Exception) -> bool:
    """Tell whether an error is the clients' own."""
    return isinstance(error, ServiceError | NotOurs)


def unused(names: Iterable[str]) -> list[str]:
    """List the names in the tables above that nothing has any more."""
    real = set(names)
    answer = {*DOCUMENTED, *RAW, *_ARGUMENTS, *_FED}
    return sorted(one for one in answer if one not in real)


__all__ = ["Case", "Target", "radarr_models", "replace", "targets", "torrent_row"]
