"""A service that says back all it was sent, in every status and form: no secret comes out of it.

Not in an error's text, arguments or attributes, nor in what it is chained to, nor in a log record.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
import html
import json
import logging
from typing import Any
from urllib.parse import unquote

import aiohttp
from aiohttp import web
import pytest

from custom_components.showrunner.clients import redaction
from custom_components.showrunner.clients.errors import ServiceError
from custom_components.showrunner.clients.jellyfin import JellyfinClient, create_api_key, login
from custom_components.showrunner.clients.jellystat import JellystatClient
from custom_components.showrunner.clients.ntfy import NtfyClient, NtfyMessage
from custom_components.showrunner.clients.prowlarr import ProwlarrClient
from custom_components.showrunner.clients.qbittorrent import QBittorrentClient
from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.clients.rtorrent import RTorrentClient
from custom_components.showrunner.clients.seerr import SeerrClient
from custom_components.showrunner.clients.shoko import ShokoClient
from custom_components.showrunner.clients.sonarr import SonarrClient
from custom_components.showrunner.clients.torrents import TorrentClient
from custom_components.showrunner.domain.media import MediaType, ProviderIds

type Serve = Callable[..., Awaitable[str]]
type Call = Callable[[], Awaitable[object]]
type Make = Callable[[aiohttp.ClientSession, str], list[Call]]

# With what has to be escaped somewhere; what is looked for is the word in it, in any disguise.
WORD = "Marmalade"
SECRET = f'{WORD}"+/%7<&x'
HOOK = f"http://ha:8123/api/webhook/{WORD}0123456789"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
IDS = ProviderIds(tmdb=603)
HASH = "A" * 40


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know only what the client under test makes known."""
    monkeypatch.setattr(redaction, "_SECRETS", redaction._Secrets())


async def _all(pages: AsyncIterator[object]) -> None:
    async for _ in pages:
        pass


async def _opened(context: Any) -> None:
    async with context:
        pass


def radarr(session: aiohttp.ClientSession, url: str) -> list[Call]:
    one = RadarrClient(session, url, SECRET)
    return [
        *(one.status, one.queue, one.movies, one.tags, one.root_folders, one.quality_profiles),
        *(one.commands, one.wanted_missing_count),
        lambda: one.history_since(NOW),
        lambda: one.movie_by_tmdb(603),
        lambda: one.by_number(1),
        lambda: one.lookup(603),
        lambda: one.search(1),
        lambda: one.command(1),
        lambda: one.delete_movie(1),
        lambda: one.ensure_tag("x"),
        lambda: one.notifications.ensure(HOOK),
        lambda: one.notifications.remove(HOOK),
    ]


def sonarr(session: aiohttp.ClientSession, url: str) -> list[Call]:
    one = SonarrClient(session, url, SECRET)
    return [
        *(one.status, one.queue, one.all_series),
        lambda: one.episodes(1),
        lambda: one.files(1),
        lambda: one.delete_files([1]),
        lambda: one.set_monitored([1], monitored=False),
    ]


def prowlarr(session: aiohttp.ClientSession, url: str) -> list[Call]:
    one = ProwlarrClient(session, url, SECRET)
    return [one.status, lambda: one.seeders(IDS, "x", 2000)]


def seerr(session: aiohttp.ClientSession, url: str) -> list[Call]:
    one = SeerrClient(session, url, SECRET)
    return [
        *(one.check, one.name, one.newest, one.requests),
        lambda: one.request(1),
        lambda: one.title(MediaType.MOVIE, 603),
        lambda: one.arrs(MediaType.SERIES),
        lambda: one.approve(1),
        lambda: one.decline(1),
        lambda: one.delete_request(1),
        lambda: one.notifications.ensure(HOOK),
    ]


def jellystat(session: aiohttp.ClientSession, url: str) -> list[Call]:
    one = JellystatClient(session, url, SECRET)
    return [
        *(one.status, one.has_history),
        lambda: _all(one.history()),
        lambda: _all(one.user_history("a" * 32)),
        lambda: one.plays("a" * 32, "b" * 32, NOW),
    ]


def shoko(session: aiohttp.ClientSession, url: str) -> list[Call]:
    one = ShokoClient(session, url, SECRET)
    return [
        one.status,
        lambda: one.file(1),
        lambda: one.is_matched("/a/b/c.mkv"),
        lambda: _opened(one.hub()),
    ]


def jellyfin(session: aiohttp.ClientSession, url: str) -> list[Call]:
    one = JellyfinClient(session, url, SECRET, device_id="d")
    return [
        *(one.server, one.check_admin, one.users, one.plugins, one.refresh_library),
        lambda: one.sessions(NOW),
        lambda: one.item("a" * 32, None),
        lambda: one.media_updated([]),
        lambda: one.add_webhook(HOOK, "x"),
        lambda: _all(one.playback_reporting(UTC).history(["a" * 32])),
        lambda: _opened(one.sessions_socket(lambda: NOW)),
        lambda: login(session, url, "ada", SECRET, "d"),
        lambda: create_api_key(session, url, SECRET),
    ]


def ntfy_token(session: aiohttp.ClientSession, url: str) -> list[Call]:
    one = NtfyClient(session, url, "topic", token=SECRET)
    return [one.check, lambda: one.publish(NtfyMessage("a", "b"))]


def ntfy_login(session: aiohttp.ClientSession, url: str) -> list[Call]:
    one = NtfyClient(session, url, "topic", username="ada", password=SECRET)
    return [one.check, lambda: one.publish(NtfyMessage("a", "b"))]


def torrents(one: TorrentClient) -> list[Call]:
    """Give what every torrent client can be asked and told."""
    return [
        one.torrents,
        lambda: one.files(HASH),
        lambda: one.trackers([HASH]),
        lambda: one.remove(HASH, data=False),
        lambda: one.pause([HASH]),
        lambda: one.resume([HASH]),
        one.limits,
        lambda: one.set_limits(1, 0),
    ]


def qbittorrent_key(session: aiohttp.ClientSession, url: str) -> list[Call]:
    one = QBittorrentClient(session, url, api_key=SECRET)
    return [one.status, *torrents(one)]


def qbittorrent_login(session: aiohttp.ClientSession, url: str) -> list[Call]:
    one = QBittorrentClient(session, url, username="ada", password=SECRET)
    return [one._sign_in, one.status, *torrents(one)]


def rtorrent(session: aiohttp.ClientSession, url: str) -> list[Call]:
    one = RTorrentClient(session, f"{url}/RPC2", username="ada", password=SECRET)
    return [one.status, *torrents(one)]


def rutorrent(session: aiohttp.ClientSession, url: str) -> list[Call]:
    address = f"{url}/plugins/httprpc/action.php"
    one = RTorrentClient(session, address, username="ada", password=SECRET)
    return [one.status, *torrents(one), lambda: one.remove(HASH, data=True)]


SERVICES: list[Make] = [
    *(radarr, sonarr, prowlarr, seerr, jellystat, shoko, jellyfin),
    *(ntfy_token, ntfy_login, qbittorrent_key, qbittorrent_login, rtorrent, rutorrent),
]


async def _said(request: web.Request) -> str:
    """Say back all that came, as it came and with what was packed taken out of it."""
    body = (await request.read()).decode("utf-8", "replace")
    headers = [f"{name}: {value}" for name, value in request.headers.items()]
    login = request.headers.get("Authorization", "").partition(" ")[2]
    with suppress(ValueError):
        headers.append(base64.b64decode(login, validate=True).decode())
    plain = f"{request.path_qs} {body} {' '.join(headers)}"
    return f"{plain} {unquote(plain)} {base64.b64encode(unquote(plain).encode()).decode()}"


def _fault(said: str) -> str:
    return (
        '<?xml version="1.0"?><methodResponse><fault><value><struct>'
        "<member><name>faultCode</name><value><int>-501</int></value></member>"
        f"<member><name>faultString</name><value><string>{html.escape(said)}</string></value>"
        "</member></struct></value></fault></methodResponse>"
    )


SHAPES: dict[str, Callable[[str], str]] = {
    "message": lambda said: json.dumps({"message": said}),
    "short message": lambda said: json.dumps({"error": said[-150:]}),
    "validation": lambda said: json.dumps([{"propertyName": "Url", "errorMessage": said}]),
    "escaped twice": lambda said: json.dumps({"message": json.dumps(said)}),
    "page": lambda said: f"<html><body>{html.escape(said)}</body></html>",
    "plain": lambda said: said,
    "fault": _fault,
    "rpc": lambda said: json.dumps({"error": {"code": -501, "message": said}}),
}


ALL = (200, 400, 401, 403, 404, 409, 422, 429, 500, 503)
SOME = (200, 400, 403, 500)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing between two tries."""
    for module in ("http", "qbittorrent", "rtorrent_wire"):
        monkeypatch.setattr(f"custom_components.showrunner.clients.{module}._PAUSE", 0)


def _chain(err: BaseException | None) -> Iterator[BaseException]:
    while err is not None:
        yield err
        if err.__cause__ is not None:
            yield from _chain(err.__cause__)
        err = err.__context__


def _told(err: BaseException) -> str:
    return " ".join(f"{one} {one!r} {one.args!r} {vars(one)!r}" for one in _chain(err))


def _disguises() -> set[str]:
    """Give what would give the word away: itself, and base64 wherever it begins."""
    found = {WORD.lower(), WORD.encode().hex()}
    for shift in range(3):
        coded = base64.b64encode(b"x" * shift + WORD.encode()).decode()
        # Without what depends on the neighbours.
        found.add(coded[4 if shift else 0 : -4].lower())
    return found


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("make", SERVICES, ids=lambda make: make.__name__)
async def test_no_secret_comes_back(
    session: aiohttp.ClientSession,
    serve: Serve,
    caplog: pytest.LogCaptureFixture,
    make: Make,
    shape: str,
) -> None:
    """In all statuses that services use to say no."""
    statuses = ALL if shape == "message" else SOME
    status = 0
    caplog.set_level(logging.DEBUG, "custom_components.showrunner")

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=SHAPES[shape](await _said(request)))

    url = await serve(answer)
    failures = 0
    rows = []
    for now in statuses:
        status = now
        for call in make(session, url):
            try:
                await call()
            except ServiceError as err:
                failures += 1
                rows.append(_told(err))
    rows += [
        f"{record.getMessage()} {record.exc_text or ''}"
        for record in caplog.records
        if record.name.startswith("custom_components")
    ]
    assert failures >= len(statuses)
    for one in rows:
        assert not [form for form in _disguises() if form in one.lower()], one[:2000]


async def test_a_socket_s_reason_and_refusal_say_nothing(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """What a server says while it closes a WebSocket holds what it was sent, too."""

    async def answer(request: web.Request) -> web.StreamResponse:
        said = (await _said(request))[:100]
        if request.path.endswith("/System/Info/Public"):
            info = {"Id": "a" * 32, "ProductName": "Jellyfin Server", "Version": "10.11.0"}
            return web.json_response(info)
        if request.path.endswith("/negotiate"):
            return web.json_response({"connectionToken": "t"})
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.close(code=aiohttp.WSCloseCode.POLICY_VIOLATION, message=said.encode()[:100])
        return socket

    url = await serve(answer)
    jelly = JellyfinClient(session, url, SECRET, device_id="d")

    async def sessions() -> None:
        async with jelly.sessions_socket(lambda: NOW) as socket:
            await socket.receive()

    async def hub() -> None:
        async with ShokoClient(session, url, SECRET).hub() as opened:
            await opened.receive()

    for call in (sessions, hub):
        with pytest.raises(ServiceError) as caught:
            await asyncio.wait_for(call(), 60)
        assert WORD.lower() not in _told(caught.value).lower()


async def test_a_queue_s_and_a_history_s_words_hold_no_secret(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """They become the reason why a request is stuck: Radarr quotes Prowlarr's key in them."""
    ProwlarrClient(session, "http://prowlarr", SECRET)
    said = f"http://prowlarr/1/download?key={SECRET} failed"
    row = {
        "id": 1,
        "movieId": 1,
        "date": "2026-01-01T00:00:00Z",
        "eventType": "downloadFailed",
        "errorMessage": said,
        "statusMessages": [{"title": "x", "messages": [said]}],
        "data": {"message": said},
        "name": "MoviesSearch",
        "message": said,
    }

    async def answer(request: web.Request) -> web.Response:
        if "/queue" in request.path:
            return web.json_response({"records": [row], "totalRecords": 1})
        return web.json_response([row] if "/history" in request.path else row)

    client = RadarrClient(session, await serve(answer), "another-key")
    found = [
        *(await client.queue())[0].messages,
        (await client.history_since(NOW))[0].message,
        getattr(await client.command(1), "message", ""),
    ]
    assert len(found) == 3
    for one in found:
        assert "***" in one
        assert WORD not in one
