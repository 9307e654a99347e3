"""Radarr as it was recorded, and as the demo speaks it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.showrunner.clients import arr, arr_models, radarr_models as models
from custom_components.showrunner.clients.arr_queue import known_queue
from custom_components.showrunner.clients.errors import (
    Refused,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongProduct,
)
from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.domain.knowledge import Absent, Known
from custom_components.showrunner.domain.media import ProviderIds
from world.clock import utcnow
from world.lies import Lie, LieKind
from world.servers import Servers

from .conftest import read, recorded

type Serve = Callable[..., Awaitable[str]]


async def test_a_recorded_radarr_is_read(session: aiohttp.ClientSession, serve: Serve) -> None:
    """Version 6.0.3: status, movies, folders, profiles, tags."""
    answer, _ = recorded(
        ["system-status", "movie-list", "rootfolder-list", "qualityprofile-list", "tag-list"]
    )
    client = RadarrClient(session, await serve(answer), "key")
    assert (await client.status()).version == "6.0.3.10276"
    movies = await client.movies()
    assert movies
    for movie in movies:
        assert movie.title.ids.tmdb
        assert movie.id
        assert isinstance(movie.imdb_rating, Known | Absent)
    assert all(folder.path for folder in await client.root_folders())
    assert all(name for _, name in await client.quality_profiles())
    assert isinstance(await client.tags(), dict)


@pytest.mark.parametrize(
    ("recording", "error"),
    [
        ("error-no-key", Unauthorized),
        ("error-wrong-key", Unauthorized),
        ("movie-lookup-tmdb-unknown", Unreachable),
        ("movie-post-duplicate", Refused),
    ],
)
async def test_recorded_errors_are_told_apart(
    session: aiohttp.ClientSession, serve: Serve, recording: str, error: type[Exception]
) -> None:
    """With the empty bodies that the real one sends."""
    response = read(f"radarr/{recording}.json")["response"]

    async def answer(request: web.Request) -> web.StreamResponse:
        body = response["body"]
        if isinstance(body, str):
            return web.Response(status=response["status"], text=body)
        return web.json_response(body, status=response["status"])

    client = RadarrClient(session, await serve(answer), "key")
    with pytest.raises(error):
        await client.movies()


async def test_a_wrong_address_is_named(
    session: aiohttp.ClientSession, serve: Serve, servers: Servers
) -> None:
    """A URL base that it does not have, and Jellyfin's address given for Radarr's."""
    key = servers.world.keys.radarr
    for url in (f"{servers.radarr.url}/base", servers.jellyfin.url, servers.prowlarr.url):
        with pytest.raises((WrongProduct, Unauthorized)) as caught:
            await RadarrClient(session, url, key).status()
        assert key not in str(caught.value)
    with pytest.raises(WrongProduct, match="redirects"):
        await RadarrClient(session, f"{servers.radarr.url}/base", key).status()


async def test_a_movie_is_found_changed_and_searched(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """The walk of the job, call by call."""
    client = RadarrClient(session, servers.radarr.url, servers.world.keys.radarr)
    movie = await client.movie_by_tmdb(990_001)
    assert movie is not None
    assert await client.by_number(movie.id) == replace(movie)
    assert await client.by_number(9999) is None
    assert await client.movie_by_tmdb(990_041) is None
    assert await client.lookup(1) is None
    tag = await client.ensure_tag("Showrunner")
    assert await client.ensure_tag("showrunner") == tag
    await client.edit(movie.id, monitored=True, quality_profile_id=5, add_tags=(tag,))
    changed = await client.by_number(movie.id)
    assert changed is not None
    assert (changed.monitored, changed.quality_profile_id) == (True, 5)
    assert tag in changed.tags
    assert changed.path == movie.path
    number = await client.search(movie.id)
    command = await client.command(number)
    assert command is not None
    assert command.is_search
    assert command.movie_ids == (movie.id,)
    assert await client.command(99_999) is None
    assert number in [one.id for one in await client.commands()]
    named = await client.lookup(990_041)
    assert named is not None
    add = partial(client.add_movie, 990_041, root_folder="/data/movies", profile_id=4)
    later = replace(named.title, year=(named.title.year or 0) + 2)
    for other in (later, replace(named.title, ids=ProviderIds(imdb="tt0000001"))):
        with pytest.raises(Refused, match="TMDb has"):
            await add(expected=other)
    added = await add(expected=named.title, tags=(tag,))
    assert (added.monitored, added.has_file) == (True, False)
    with pytest.raises(Refused, match="already been added"):
        await add(expected=named.title)
    assert await client.wanted_missing_count() >= 1


async def test_tmdbs_number_is_asked_for_by_imdbs_id(
    session: aiohttp.ClientSession, servers: Servers, serve: Serve
) -> None:
    """As recorded, and as the demo speaks it; an answer about another film is none."""
    answer, asked = recorded(["movie-lookup-imdb"])
    client = RadarrClient(session, await serve(answer), "key")
    assert await client.tmdb_of("tt0063350") == 10331
    assert "imdbId=tt0063350" in asked[0][1]
    assert await client.tmdb_of("tt0000009") is None
    client = RadarrClient(session, servers.radarr.url, servers.world.keys.radarr)
    film = next(one for one in servers.world.films.values() if one.tmdb == 990_001)
    assert await client.tmdb_of(film.imdb) == 990_001
    assert await client.tmdb_of("tt0000009") is None


async def test_an_empty_queue_is_one_only_of_an_arr_that_has_asked(
    session: aiohttp.ClientSession, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is known of it in the minutes after a start, but by what it names."""
    client = RadarrClient(session, servers.radarr.url, servers.world.keys.radarr)
    monkeypatch.setattr(arr, "_STANDS", -1.0)  # here it starts anew in no time
    radarr, now = servers.radarr_state, utcnow()
    assert await known_queue(client, "Ours", now) == ()
    radarr.started = now - timedelta(minutes=4)
    with pytest.raises(Unreadable, match=r"Ours.*not asked its download clients"):
        await known_queue(client, "Ours", now)
    assert await known_queue(client, "Ours", now + timedelta(minutes=2)) == ()
    radarr.library.queue = {1: {"id": 1, "movieId": 1, "title": "x", "size": 1.0}}
    assert len(await known_queue(client, "Ours", now)) == 1


async def test_a_queue_that_lacks_a_download_client_is_none(
    session: aiohttp.ClientSession, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the client has is left out, and is in it again only a minute later."""
    monkeypatch.setattr(arr, "_STANDS", -1.0)  # here it loses its client in no time
    client = RadarrClient(session, servers.radarr.url, servers.world.keys.radarr)
    radarr, now = servers.radarr_state, utcnow()
    radarr.library.queue = {1: {"id": 1, "movieId": 1, "title": "x", "size": 1.0}}
    assert len(await known_queue(client, "Ours", now)) == 1
    radarr.clients.lose()
    assert await client.queue() == ()  # as it does say
    with pytest.raises(Unreadable, match=r"Ours.*can't ask.*Unable to communicate with qBit"):
        await known_queue(client, "Ours", now)
    radarr.clients.find()
    assert await client.health() == ()
    assert await client.queue() == ()
    with pytest.raises(Unreadable, match=r"Ours.*a moment ago"):
        await known_queue(client, "Ours", now + timedelta(seconds=119))
    assert await known_queue(client, "Ours", now + timedelta(seconds=121)) == ()
    # Noted by a clock that was ahead, it is over as soon.
    radarr.clients.lose()
    with pytest.raises(Unreadable, match=r"Ours.*can't ask"):
        await known_queue(client, "Ours", now + timedelta(days=365))
    radarr.clients.find()
    with pytest.raises(Unreadable, match=r"Ours.*a moment ago"):
        await known_queue(client, "Ours", now)
    assert await known_queue(client, "Ours", now + timedelta(seconds=121)) == ()


async def test_what_has_left_a_queue_has_its_arr_asked_anew_how_it_is(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """What it said of itself a second ago was before that."""
    client = RadarrClient(session, servers.radarr.url, servers.world.keys.radarr)
    radarr, now = servers.radarr_state, utcnow()
    radarr.library.queue = {
        number: {"id": number, "movieId": number, "title": "x", "size": 1.0} for number in (1, 2)
    }
    assert len(await known_queue(client, "Ours", now)) == 2
    del radarr.library.queue[2]
    assert len(await known_queue(client, "Ours", now)) == 1
    radarr.clients.lose()
    with pytest.raises(Unreadable, match=r"Ours.*can't ask"):
        await known_queue(client, "Ours", now)


@pytest.mark.parametrize("check", ["DownloadClientCheck", "DownloadClientStatusCheck"])
async def test_what_it_names_counts_no_more_while_a_client_is_away(
    session: aiohttp.ClientSession, serve: Serve, check: str
) -> None:
    """Another one may have what is looked for, and nobody knows which it was."""
    rows = [{"source": check, "type": "warning", "message": "qBit apikey=secret is away"}]
    client = RadarrClient(session, await serve(_answering(rows)), "key")
    with pytest.raises(Unreadable, match=r"qBit apikey=\*\*\* is away"):
        await known_queue(client, "Ours", utcnow())


async def test_other_troubles_of_an_arr_leave_its_queue_known(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """As an indexer that is away, or imports that are switched off."""
    rows = [{"source": one} for one in ("IndexerStatusCheck", "ImportMechanismCheck")]
    client = RadarrClient(session, await serve(_answering(rows)), "key")
    assert len(await known_queue(client, "Ours", utcnow())) == 1


@pytest.mark.parametrize(("count", "known"), [(0, True), (1, False)])
async def test_an_arr_without_a_download_client_waits_for_nothing(
    session: aiohttp.ClientSession, serve: Serve, count: int, known: bool
) -> None:
    """As recorded of a fresh one; what is switched off may have what it waits for."""
    rows = read("radarr/health-fresh.json")["response"]["body"]
    client = RadarrClient(session, await serve(_answering(rows, clients=count)), "key")
    if known:
        assert len(await known_queue(client, "Ours", utcnow())) == 1
    else:
        with pytest.raises(Unreadable, match="No download client is available"):
            await known_queue(client, "Ours", utcnow())


@pytest.mark.parametrize("health", [{}, [{"message": "x"}], ["x"], None])
@pytest.mark.parametrize("clients", [{}, None])
async def test_health_that_cant_be_read_is_not_good_health(
    session: aiohttp.ClientSession, serve: Serve, health: object, clients: object
) -> None:
    """Neither is a list of clients that is none an empty one."""
    client = RadarrClient(session, await serve(_answering(health)), "key")
    with pytest.raises(Unreadable):
        await known_queue(client, "Ours", utcnow())
    none = [{"source": "DownloadClientCheck", "wikiUrl": "x#no_download_client_is_available"}]
    client = RadarrClient(session, await serve(_answering(none, clients=clients)), "key")
    with pytest.raises(Unreadable):
        await known_queue(client, "Ours", utcnow())


def _answering(health: object, clients: object = 1) -> Callable[..., object]:
    listed = [{"id": 1, "enable": False}] * clients if isinstance(clients, int) else clients
    queue = {"totalRecords": 1, "records": [{"id": 1, "movieId": 1, "title": "x", "size": 1.0}]}
    answers = {"health": health, "downloadclient": listed, "queue": queue}

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(answers[request.path.rpartition("/")[2]])

    return answer


@pytest.mark.parametrize("kind", [LieKind.HALF_PAGE, LieKind.WRONG_TOTAL])
async def test_half_a_queue_is_no_queue(
    session: aiohttp.ClientSession, servers: Servers, kind: LieKind
) -> None:
    """A page that names fewer than it counts is unreadable, not shorter."""
    library = servers.radarr_state.library
    library.queue = {i: {"id": i, "movieId": 1, "title": "x", "size": 1.0} for i in range(4)}
    client = RadarrClient(session, servers.radarr.url, servers.world.keys.radarr)
    assert len(await client.queue()) == 4
    servers.radarr.liar.tell(Lie(kind, "/queue"))
    with pytest.raises(Unreadable):
        await client.queue()


@pytest.mark.parametrize("answer", ["null", "{}", '"x"', "7", '{"records": {}}'])
async def test_another_shape_is_not_an_empty_list(
    session: aiohttp.ClientSession, serve: Serve, answer: str
) -> None:
    """An error that looks like "nothing there" would be believed."""

    async def say(request: web.Request) -> web.StreamResponse:
        return web.Response(text=answer, content_type="application/json")

    client = RadarrClient(session, await serve(say), "key")
    for ask in (client.movies, client.queue, client.commands, client.root_folders, client.tags):
        with pytest.raises(Unreadable):
            await ask()


def test_constructed_samples_are_read() -> None:
    """Queue, history and a movie as the contracts describe them."""
    queue = [arr_models.queue_item(row) for row in read("radarr/queue.json")["records"]]
    assert queue[0].movie_id == 12
    history = [models.history_record(row) for row in read("radarr/history-records.json")["records"]]
    assert history[0].event == "downloadFolderImported"
    movie = models.movie(read("radarr/movie.json"))
    assert isinstance(movie.imdb_rating, Known)


def test_a_quality_has_as_many_lines_as_radarr_says_and_none_where_it_does_not_know() -> None:
    """Of a quality that it does not know it says 0."""

    def lines(quality: object) -> int | None:
        return models.movie({"id": 7, "movieFile": {"id": 1, "quality": quality}}).file_resolution

    assert lines({"quality": {"name": "Bluray-2160p", "resolution": 2160}}) == 2160
    for unknown in (None, [], {}, {"quality": {"resolution": 0}}, {"quality": {"resolution": "x"}}):
        assert lines(unknown) is None


def test_broken_rows_are_read_as_far_as_they_go() -> None:
    """Wrong kinds, unknown words, missing fields; without an identity nothing is believed."""
    broken: dict[str, Any] = {
        "id": "7",
        "title": None,
        "ratings": {"imdb": "9"},
        "tags": ["x", 3, None],
        "hasFile": "True",
        "monitored": 1,
        "status": 5,
        "year": "1999",
        "lastSearchTime": "0001-01-01T00:00:00Z",
        "movieFile": [],
    }
    movie = models.movie(broken)
    assert (movie.id, movie.tags, movie.has_file, movie.monitored) == (7, (3,), True, False)
    assert movie.last_search is None
    assert movie.imdb_rating == Absent("radarr:imdb")
    assert arr_models.queue_item({}).id == 0  # under way all the same
    for reader in (models.history_record, models.command, models.root_folder):
        with pytest.raises(Unreadable):
            reader({})


@pytest.mark.parametrize(
    ("state", "over"),
    [
        ("imported", True),
        ("Imported", True),
        ("importPending", False),
        ("importBlocked", False),
        ("importing", False),
        ("failedPending", False),
        ("downloading", False),
        ("extracting", False),  # no word of any version; whatever comes is not over
        ("", False),
    ],
)
def test_what_is_in_a_queue_is_over_only_once_it_is_imported(state: str, over: bool) -> None:
    """An archive that somebody still extracts waits there, with a warning, as `importPending`."""
    said = "Found archive file, might need to be extracted"
    row = {
        "id": 1,
        "downloadId": "A" * 40,
        "trackedDownloadState": state,
        "trackedDownloadStatus": "warning",
        "statusMessages": [{"title": "Film", "messages": [said]}],
    }
    line = arr_models.queue_item(row)
    assert (line.is_imported, line.messages) == (over, (said,))
