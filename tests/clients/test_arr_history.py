"""The history of Radarr and Sonarr, and what Jellyfin is told of it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import aiohttp
from aiohttp import web
from openapi_schema_validator import OAS30Validator
import pytest

from custom_components.showrunner.clients import arr_history
from custom_components.showrunner.clients.errors import Unauthorized, Unreachable, Unreadable
from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.refresh import PathUpdate, UpdateType
from tests.demo.contracts import CONTRACTS
from world.lies import Lie, LieKind
from world.radarr_library import Movie
from world.servers import Servers

from .conftest import read
from .taking import whole

type Serve = Callable[..., Awaitable[str]]
PATH = "/data/movies/Example Movie (2024)"
HASH = "4A8F0C1D2E3B4C5D6E7F8091A2B3C4D5E6F70819"
NOW = datetime(2026, 11, 20, 12, 34, 56, tzinfo=UTC)


def test_radarrs_rows_are_read() -> None:
    """Import, grab and deletion, whose path stands where titles stand."""
    records = read("radarr/history-records.json")["records"]
    imported, grabbed, deleted = (
        arr_history.event(row, arr_history.RADARR_NUMBERS, "Radarr") for row in records
    )
    assert imported == HistoryEvent(
        id=3,
        kind=HistoryKind.IMPORTED,
        at=NOW,
        media_id=12,
        download_id=HASH,
        path=f"{PATH}/Example Movie (2024) WEBDL-1080p.mkv",
        source_path="/data/torrents/movies/x/x.mkv",
        file_id=55,
        source_title="Example.Movie.2024.1080p.WEB-DL-GRP",
    )
    assert (grabbed.kind, grabbed.info_hash, grabbed.path) == (HistoryKind.GRABBED, HASH, None)
    assert (deleted.kind, deleted.path, deleted.reason) == (
        HistoryKind.DELETED,
        f"{PATH}/old.mkv",
        "Upgrade",
    )


def test_sonarrs_rows_are_read() -> None:
    """The same form, with the episode."""
    (row,) = read("sonarr/history-records.json")["records"]
    found = arr_history.event(row, arr_history.SONARR_NUMBERS, "Sonarr")
    assert (found.kind, found.media_id, found.episode_id) == (HistoryKind.IMPORTED, 7, 701)
    assert found.path == "/data/tv/Example Show/Season 02/Example Show - S02E01.mkv"


def renamed() -> dict[str, Any]:
    """Write a rename as both products do."""
    return {
        "id": 9,
        "movieId": 12,
        "eventType": "movieFileRenamed",
        "date": "2026-11-20T12:34:56.1234567Z",
        "sourceTitle": f"{PATH}/old.mkv",
        "downloadId": None,
        "data": {
            "sourcePath": f"{PATH}/old.mkv",
            "sourceRelativePath": "old.mkv",
            "path": f"{PATH}/new.mkv",
            "relativePath": "new.mkv",
            "releaseGroup": None,
        },
    }


def test_a_rename_tells_both_paths() -> None:
    """And an older one without the data at least where it was."""
    found = arr_history.event(renamed(), arr_history.RADARR_NUMBERS, "Radarr")
    assert (found.path, found.source_path) == (f"{PATH}/new.mkv", f"{PATH}/old.mkv")
    bare = arr_history.event(renamed() | {"data": None}, arr_history.RADARR_NUMBERS, "Radarr")
    assert (bare.path, bare.source_path) == (None, f"{PATH}/old.mkv")


@pytest.mark.parametrize(
    ("numbers", "value", "kind"),
    [
        (arr_history.RADARR_NUMBERS, 3, HistoryKind.IMPORTED),
        (arr_history.RADARR_NUMBERS, 6, HistoryKind.DELETED),
        (arr_history.RADARR_NUMBERS, "8", HistoryKind.RENAMED),
        (arr_history.RADARR_NUMBERS, 5, HistoryKind.OTHER),
        (arr_history.SONARR_NUMBERS, 3, HistoryKind.IMPORTED),
        (arr_history.SONARR_NUMBERS, 5, HistoryKind.DELETED),
        (arr_history.SONARR_NUMBERS, 6, HistoryKind.RENAMED),
        (arr_history.SONARR_NUMBERS, 99, HistoryKind.OTHER),
        (arr_history.SONARR_NUMBERS, "episodeFileDeleted", HistoryKind.DELETED),
        (arr_history.SONARR_NUMBERS, "EpisodeFileRenamed", HistoryKind.RENAMED),
        (arr_history.RADARR_NUMBERS, "somethingNew", HistoryKind.OTHER),
        (arr_history.RADARR_NUMBERS, None, HistoryKind.OTHER),
    ],
)
def test_numbers_mean_other_things_in_the_two(
    numbers: dict[int, HistoryKind], value: object, kind: HistoryKind
) -> None:
    """And words that nobody knows yet are no error."""
    row = renamed() | {"eventType": value}
    assert arr_history.event(row, numbers, "x").kind is kind


async def test_radarr_is_asked_for_what_happened_since(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """In whole seconds of UTC, the instant itself included; a wrong key and a failure are told."""
    library = servers.radarr_state.library
    movie = next(one for one in library.movies.values() if one.file_id)
    library.record(movie, "grabbed", "ab", NOW.replace(year=2030))
    library.record(movie, "downloadFolderImported", "ab", NOW.replace(year=2031))
    client = RadarrClient(session, servers.radarr.url, servers.world.keys.radarr)
    local = NOW.replace(year=2031, microsecond=999).astimezone()
    (found,) = await client.history_since(local)
    assert (found.kind, found.download_id, found.path) == (
        HistoryKind.IMPORTED,
        "AB",
        movie.file_path,
    )
    assert servers.radarr.calls[-1].path.endswith("?date=2031-11-20T12:34:56Z")
    assert len(await client.history_since(NOW.replace(year=2030))) == 2
    assert await client.history_since(local + timedelta(seconds=1)) == ()
    servers.radarr.liar.tell(Lie(LieKind.ERROR, "/history/since"))
    with pytest.raises(Unreachable):
        await client.history_since(local)
    servers.radarr.liar.be_honest()
    with pytest.raises(Unauthorized):
        await RadarrClient(session, servers.radarr.url, "wrong").history_since(local)


@pytest.mark.parametrize(
    "answer", ["null", "{}", '{"records": []}', "[7]", '[{"id": 1}]', "[{}]", "[", "<html>"]
)
async def test_another_shape_is_not_an_empty_history(
    session: aiohttp.ClientSession, serve: Serve, answer: str
) -> None:
    """Nor one that is a bit shorter."""

    async def say(request: web.Request) -> web.StreamResponse:
        return web.Response(text=answer, content_type="application/json")

    client = RadarrClient(session, await serve(say), "key")
    with pytest.raises(Unreadable):
        await client.history_since(NOW)


def event_row(number: int, **more: Any) -> dict[str, Any]:
    """Write a row as Radarr does today."""
    return {
        "id": number,
        "movieId": 12,
        "eventType": "downloadFolderImported",
        "date": f"2026-11-20T12:{number % 60:02}:56Z",
        "sourceTitle": "Example",
        "downloadId": HASH.lower(),
        "data": {"importedPath": "/m/x.mkv", "droppedPath": "/d/x.mkv", "torrentInfoHash": HASH},
        **more,
    }


class Pages:
    """Serves a history; `between` is called before each page but the first."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.asked: list[dict[str, str]] = []
        self.between: Callable[[], None] = lambda: None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if self.asked:
            self.between()
        self.asked.append(dict(request.query))
        page, size = int(request.query["page"]), int(request.query["pageSize"])
        some = self.rows[(page - 1) * size : page * size]
        return web.json_response({"totalRecords": len(self.rows), "records": some})


async def test_the_whole_history_is_read_from_the_oldest_page_on(
    session: aiohttp.ClientSession, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that what happens meanwhile moves nothing; what goes meanwhile has it read anew."""
    monkeypatch.setattr(arr_history, "_PAGE", 3)
    pages = Pages([event_row(number) for number in range(1, 8)])
    client = RadarrClient(session, await serve(pages.answer), "key")
    pages.between = lambda: pages.rows.append(event_row(len(pages.rows) + 1))
    found = await whole(client)
    assert [one.id for one in found] == [*range(1, 10)]
    assert {one["sortDirection"] for one in pages.asked} == {"ascending"}

    def lose() -> None:
        pages.rows.pop(0)
        pages.between = lambda: None

    pages.asked.clear()
    pages.between = lose
    assert [one.id for one in await whole(client)] == [*range(2, 10)]
    pages.asked.clear()
    pages.between = lambda: pages.rows.pop(0) and None
    with pytest.raises(Unreadable):
        await whole(client)


async def test_a_history_that_never_ends_is_not_asked_for_ever(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """One row a page, and millions of them as it says."""
    asked = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.json_response({"totalRecords": 20_110_112, "records": [event_row(asked)]})

    client = RadarrClient(session, await serve(answer), "key")
    with pytest.raises(Unreadable):
        await whole(client)
    assert asked <= 3


@pytest.mark.parametrize("bad", [{}, {"id": 0}, {"id": 3}, {"id": 3, "date": "never"}, 7])
async def test_a_row_that_cant_be_read_makes_the_whole_history_unknown(
    session: aiohttp.ClientSession, serve: Serve, bad: object
) -> None:
    """It may be the one that says what failed."""
    pages = Pages([event_row(1), bad])  # type: ignore[list-item]
    client = RadarrClient(session, await serve(pages.answer), "key")
    with pytest.raises(Unreadable):
        await whole(client)


async def test_what_is_read_briefly_is_read_alike(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """As far as it is read: which download, which title, what happened, and when."""
    rows = [
        event_row(1),
        event_row(2, eventType=1, data={}),
        event_row(3, eventType="movieFileDeleted", data={"reason": "MissingFromDisk"}),
        event_row(4, downloadId=None, movieId=None, seriesId=5, episodeId=6),
        event_row(5, date="2026-11-20T12:34:56.1234567Z"),
        event_row(6, date="2026-11-20T14:34:56+02:00"),
        event_row(7, eventType="somethingNew"),
        event_row(8, id="8"),
        event_row(9, seriesId=5, movieId=None, episodeId=7, downloadId=" \n"),
        event_row(10, movieId="12", episodeId="7"),
    ]
    pages = Pages(rows)
    client = RadarrClient(session, await serve(pages.answer), "key")
    for brief, row in zip(await whole(client), rows, strict=True):
        full = arr_history.event(row, arr_history.RADARR_NUMBERS, "Radarr")
        for name in ("id", "kind", "at", "media_id", "episode_id", "download_id", "info_hash"):
            assert getattr(brief, name) == getattr(full, name), (row, name)
        if full.kind is HistoryKind.DELETED:
            assert brief.reason == full.reason
        if full.episode_id is not None:  # which file of a pack it came from
            assert brief.source_path == full.source_path == "/d/x.mkv"


UPDATES = (
    PathUpdate("/media/movies/Heat (1995)", UpdateType.CREATED),
    PathUpdate("/media/movies/Ärger", UpdateType.MODIFIED),
    PathUpdate("D:\\Films\\Ran", UpdateType.DELETED),
)


async def told(session: aiohttp.ClientSession, serve: Serve) -> list[tuple[str, str, Any]]:
    """Have both calls made to a server that answers as Jellyfin does: 204, without a word."""
    asked: list[tuple[str, str, Any]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        text = await request.text()
        asked.append((request.method, request.path_qs, json.loads(text) if text else None))
        return web.Response(status=204)

    client = JellyfinClient(session, await serve(answer), "key", device_id="x")
    await client.media_updated(UPDATES)
    await client.refresh_library()
    return asked


async def test_jellyfin_is_told_in_one_call(session: aiohttp.ClientSession, serve: Serve) -> None:
    """With its own words for what became of a path."""
    assert await told(session, serve) == [
        (
            "POST",
            "/Library/Media/Updated",
            {
                "Updates": [
                    {"Path": "/media/movies/Heat (1995)", "UpdateType": "Created"},
                    {"Path": "/media/movies/Ärger", "UpdateType": "Modified"},
                    {"Path": "D:\\Films\\Ran", "UpdateType": "Deleted"},
                ]
            },
        ),
        ("POST", "/Library/Refresh", None),
    ]


@pytest.mark.skipif(
    not CONTRACTS.is_dir(), reason="the contracts folder is not beside the repository"
)
@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
async def test_what_is_told_fits_jellyfins_own_description(
    session: aiohttp.ClientSession, serve: Serve, version: str
) -> None:
    """Path, method, body and answer, in both versions."""
    name = f"jellyfin-{version}.min.openapi.json"
    doc = json.loads((CONTRACTS / "openapi" / name).read_text())
    for method, path, body in await told(session, serve):
        operation = doc["paths"][path][method.lower()]
        assert "204" in operation["responses"]
        if body is None:
            assert "requestBody" not in operation
            continue
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        whole = {"allOf": [schema], "components": doc["components"]}
        assert list(OAS30Validator(whole).iter_errors(body)) == []
        assert list(OAS30Validator(whole).iter_errors({"updates": []})) != []


async def test_the_demos_jellyfin_takes_both_and_notes_them(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """An import is not seen before; a failure and a wrong key are told."""
    world = servers.world
    world.needs_refresh = True
    client = JellyfinClient(session, servers.jellyfin.url, world.keys.jellyfin, device_id="x")
    movie = _wanted(servers)
    for tell in (
        lambda: client.media_updated([PathUpdate(f"/media/movies/{movie.film.label}", CREATED)]),
        client.refresh_library,
    ):
        world.homes[movie.film.item_id] = movie.film.home
        world.moved_home(movie.film)
        await client.media_updated([PathUpdate("/media/movies/Another", CREATED)])
        assert await client.item(movie.film.item_id, None) is None
        await tell()
        assert await client.item(movie.film.item_id, None) is not None
    assert [e.detail for e in world.diary if e.kind == "refresh"] == [
        "/media/movies/Another",
        f"/media/movies/{movie.film.label}",
        "/media/movies/Another",
        "/media",
    ]
    servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/Library"))
    for call in (client.media_updated(UPDATES), client.refresh_library()):
        with pytest.raises(Unreachable):
            await call


CREATED = UpdateType.CREATED


def _wanted(servers: Servers) -> Movie:
    """Find a movie without a file, which Jellyfin does not have."""
    movies = servers.radarr_state.library.movies.values()
    return next(movie for movie in movies if not movie.file_id)
