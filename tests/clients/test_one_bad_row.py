"""One bad row costs that row, never the service; it counts where a miss would be a fact."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import json
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.showrunner.clients import (
    jellyfin_library,
    jellyfin_models,
    jellyfin_webhook,
    radarr_models,
)
from custom_components.showrunner.clients.errors import Unreadable
from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.clients.jellyfin_library import EVERYTHING
from custom_components.showrunner.clients.jellyfin_sessions import playing_units
from custom_components.showrunner.clients.listing import Listed, listed
from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.clients.seerr import SeerrClient
from custom_components.showrunner.clients.shoko import ShokoClient
from custom_components.showrunner.clients.sonarr import SonarrClient
from custom_components.showrunner.domain.knowledge import Answer, Known
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title

from .conftest import read

type Serve = Callable[..., Awaitable[str]]

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
FOREVER = read("radarr/movie-impossible-dates.json")
NO_YEAR = read("radarr/movie-year-zero.json")
SINCE = datetime(2026, 11, 1, tzinfo=UTC)


async def serving(serve: Serve, value: object) -> str:
    """Answer everything with one body."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=json.dumps(value), content_type="application/json")

    return await serve(answer)


def test_a_date_at_the_end_of_time_costs_only_itself() -> None:
    """Radarr's, with 90 days added to it; Jellyfin's, west of UTC."""
    movie = radarr_models.movie(FOREVER)
    assert (movie.id, movie.title.year, movie.released_at) == (8, 2031, None)
    content = read("jellyfin/item-impossible-dates.json")
    item = jellyfin_models.item(content, "s" * 32)
    assert item is not None
    assert (item.played, item.last_played) == (True, None)
    kept = jellyfin_library.item(content, "s" * 32)
    assert kept is not None
    assert kept.created is None
    body = read("jellyfin-webhook/userdatasaved-impossible-dates.json")
    saved = jellyfin_webhook.parse_webhook(body, NOW, None)
    assert isinstance(saved, jellyfin_webhook.UserDataSaved)
    assert (saved.played, saved.last_played, saved.unit.year) == (True, None, None)


def test_a_year_that_nobody_knows_is_none() -> None:
    """Radarr writes 0; then the name is shown without it."""
    movie = radarr_models.movie(NO_YEAR)
    assert movie.title.year is None
    assert movie.title.label == "A Quiet Orchard"
    assert movie.original_language == "French"
    unknown = radarr_models.movie({**NO_YEAR, "originalLanguage": {"id": 0, "name": "Unknown"}})
    assert unknown.original_language is None
    assert radarr_models.movie({**NO_YEAR, "year": 20110112}).title.year is None


async def test_the_other_movies_of_a_list_are_read(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """With impossible dates, without an id, and with what is no movie at all."""
    rows = [FOREVER, {**NO_YEAR, "id": None}, None, 7, {**NO_YEAR, "id": 9}]
    radarr = RadarrClient(session, await serving(serve, rows), "key")
    assert [movie.id for movie in await radarr.movies()] == [8, 0, 9]
    found = await radarr.movie_by_tmdb(990102)
    assert found is not None
    assert found.id == 8
    with pytest.raises(Unreadable):  # it might be the one that can't be read
        await radarr.movie_by_tmdb(1)


async def test_a_download_without_a_number_is_under_way_all_the_same(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Both of them."""
    rows: list[dict[str, Any]] = [{"movieId": 8}, {"id": "x", "movieId": 9}, {"id": 3}]
    body = {"records": rows, "totalRecords": 3}
    radarr = RadarrClient(session, await serving(serve, body), "key")
    assert [line.movie_id for line in await radarr.queue()] == [8, 9, None]


async def test_history_goes_on_behind_a_bad_row(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """But a title's own history tells whose its torrents are, and must be whole."""
    good = {"id": 1, "date": "2026-11-20T15:18:57Z", "eventType": "grabbed", "movieId": 8}
    rows = [{**good, "date": "9999-12-31T23:59:59-12:00"}, None, good]
    radarr = RadarrClient(session, await serving(serve, rows), "key")
    assert [event.id for event in await radarr.history_since(SINCE)] == [1]
    assert [record.id for record in await radarr.movie_history(8)] == [1]
    with pytest.raises(Unreadable):
        await radarr.title_history(8)


async def test_what_a_series_lacks_is_believed_of_a_whole_list_only(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """A file that is not in the list would be taken for deleted."""
    episode = {"id": 1, "seasonNumber": 1, "episodeNumber": 1}
    file = {"id": 1, "path": "/data/tv/a.mkv"}
    for rows, ask in (([episode, {"id": 2}], "episodes"), ([file, {"id": 2}], "files")):
        sonarr = SonarrClient(session, await serving(serve, rows), "key")
        with pytest.raises(Unreadable):
            await getattr(sonarr, ask)(5)
    series = {"id": 5, "title": "The Ministry", "tvdbId": 880101}
    sonarr = SonarrClient(session, await serving(serve, [{}, series]), "key")
    assert [one.id for one in await sonarr.all_series()] == [5]
    assert await sonarr.series_by_tvdb(880101) is not None
    with pytest.raises(Unreadable):
        await sonarr.series_by_tvdb(1)


async def test_the_newest_requests_are_read_beside_a_bad_one(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """They are not all there are, then: none is taken for deleted in Seerr."""
    good = read("seerr/api/request-list.json")["response"]["results"][0]
    body = {"pageInfo": {"results": 3}, "results": [{**good, "id": -1}, good, None]}
    seerr = SeerrClient(session, await serving(serve, body), "key")
    page = await seerr.newest()
    assert [one.id for one in page.requests] == [good["id"]]
    assert not page.complete
    with pytest.raises(Unreadable):
        await seerr.requests()


async def test_a_file_of_shokos_is_found_beside_a_bad_row(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Numbers of thousands of digits can't even be decoded; a negative one is none."""
    place = "Frieren/Season 1/e1.mkv"
    good = {"ID": 1, "Locations": [{"RelativePath": place}], "SeriesIDs": [{}]}
    shoko = ShokoClient(session, await serving(serve, [{"ID": -1}, None, good]), "key")
    assert await shoko.is_matched(f"/data/{place}") is True


async def test_a_library_is_read_beside_what_is_no_row(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """It counts as a row; an answer without the user's data is one to another question."""
    item = {"Id": "c" * 32, "Type": "Movie", "Name": "The Copper Lighthouse", "Path": "/m/f.mkv"}
    body = {"Items": [None, item], "TotalRecordCount": 2, "Id": "d" * 32}
    body |= {"ProductName": "Jellyfin Server", "Version": "10.11.0"}
    jellyfin = JellyfinClient(session, await serving(serve, body), "key", device_id="x")
    page = await jellyfin.library.items("d" * 32, EVERYTHING, 0, 10, count=True)
    assert (page.ids, len(page.rows), page.total) == (("", "c" * 32), 1, 2)
    assert [one.unit.item_id for one in await jellyfin.items(["c" * 32], None)] == ["c" * 32]
    with pytest.raises(Unreadable):
        await jellyfin.library.of_user("a" * 32, EVERYTHING, 0, 10, count=True)


def test_a_list_without_a_good_row_is_another_list() -> None:
    """It must not look like an empty one."""
    for rows in ([None], [1, "x"], [{}]):
        with pytest.raises(Unreadable):
            listed(rows, radarr_models.history_record, "Radarr")
    with pytest.raises(Unreadable):
        listed({}, radarr_models.movie, "Radarr")
    assert listed([], radarr_models.movie, "Radarr") == Listed(())


def test_a_film_of_no_year_is_not_an_old_one() -> None:
    """A year that nobody tells is no evidence; 1971 and French is."""
    for year, answer in ((0, Answer.UNKNOWN), (1971, Answer.YES), (2021, Answer.NO)):
        movie = radarr_models.movie({**NO_YEAR, "year": year})
        assert rare_by_year_and_language(movie.title, movie.original_language) is answer


def rare_by_year_and_language(title: Title, language: str | None) -> Answer:
    from custom_components.showrunner.domain.candidate import Candidate, Rule
    from custom_components.showrunner.domain.findings import findings
    from custom_components.showrunner.domain.policy import Policy

    assert title.media is MediaType.MOVIE
    assert title.ids == ProviderIds(tmdb=990101)
    candidate = Candidate(title, None, original_language=Known(language or "", "radarr"))
    return {one.rule: one for one in findings(candidate, Policy(), NOW)}[
        Rule.RARE_YEAR_LANGUAGE
    ].answer


async def test_a_list_that_has_to_be_whole_is_none_with_a_bad_row(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Where it counts that something is not in it; else the row is left out."""
    url = await serving(serve, [{"id": 1, "title": "A", "path": "/a"}, "no row"])
    radarr, sonarr = RadarrClient(session, url, "k" * 32), SonarrClient(session, url, "k" * 32)
    assert len(await radarr.movies()) == len(await sonarr.all_series()) == 1
    with pytest.raises(Unreadable):
        await radarr.movies(whole=True)
    with pytest.raises(Unreadable):
        await sonarr.all_series(whole=True)


async def test_files_that_play_are_named_or_nothing_is(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Trailers too; a channel has no file, a film without a path may be any file."""
    bodies: list[dict[str, Any]] = [
        {"UserId": "u"},
        {"NowPlayingItem": {"Type": "Trailer", "MediaType": "Video", "Path": "/m/a-trailer.mkv"}},
        {"NowPlayingItem": {"Type": "Audio", "MediaType": "Audio"}},
        {"NowPlayingItem": {"Type": "TvChannel", "MediaType": "Video"}},
        {"NowPlayingItem": {"Type": "Movie", "MediaType": "Video", "Path": "C:\\m\\b.mkv"}},
    ]
    client = JellyfinClient(session, await serving(serve, bodies), "k", device_id="t")
    assert await client.playing_paths() == ("/m/a-trailer.mkv", "C:\\m\\b.mkv")
    bodies.append({"NowPlayingItem": {"Type": "Movie", "MediaType": "Video"}})
    client = JellyfinClient(session, await serving(serve, bodies), "k", device_id="t")
    with pytest.raises(Unreadable):
        await client.playing_paths()


@pytest.mark.parametrize("user", [{}, {"UserId": "0" * 32}, {"UserId": "a" * 32}])
def test_what_plays_is_named_whoever_watches_it(user: dict[str, str]) -> None:
    """Also where no user is told; of what has no id nobody knows what it is."""
    film = {"Id": "b" * 32, "Type": "Movie", "Name": "A", "MediaType": "Video"}
    bodies: list[dict[str, Any]] = [
        {"UserId": "a" * 32},
        {"ServerId": "c" * 32, "NowPlayingItem": film, **user},
        {"ServerId": "c" * 32, "NowPlayingItem": {**film, "Id": "d" * 32, "Type": "Video"}, **user},
        {"ServerId": "c" * 32, "NowPlayingItem": {"MediaType": "Audio"}, **user},
    ]
    assert [one.item_id for one in playing_units(bodies, "c" * 32)] == ["b" * 32, "d" * 32]
    nobody_knows: tuple[object, ...] = ({"Id": "0" * 32, "MediaType": "Video"}, {}, "what")
    for playing in nobody_knows:
        with pytest.raises(Unreadable):
            playing_units([*bodies, {"NowPlayingItem": playing, **user}], "c" * 32)
