"""Sonarr as the demo speaks it, and what is left of answers that are broken."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.showrunner.clients import sonarr_models as models
from custom_components.showrunner.clients.errors import (
    Refused,
    TooOld,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongProduct,
)
from custom_components.showrunner.clients.sonarr import SonarrClient
from custom_components.showrunner.domain.history import HistoryKind
from custom_components.showrunner.domain.media import ProviderIds
from world.clock import utcnow
from world.lies import Lie, LieKind
from world.servers import Servers
from world.shows import KNOWN_SHOWS, show_by_name

type Serve = Callable[..., Awaitable[str]]


def client_of(session: aiohttp.ClientSession, servers: Servers) -> SonarrClient:
    """Talk to the demo's Sonarr."""
    return SonarrClient(session, servers.sonarr.url, servers.world.keys.sonarr)


async def test_a_series_is_found_with_its_episodes_and_files(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """By tvdb id, by number, and not at all."""
    client = client_of(session, servers)
    assert (await client.status()).app_name == "Sonarr"
    series = await client.series_by_tvdb(880_101)
    assert series is not None
    assert series == await client.by_number(series.id)
    assert series in await client.all_series()
    assert len(await client.all_series()) == len(KNOWN_SHOWS)
    assert (series.title.ids.tvdb, series.kind, series.is_anime) == (880_101, "standard", False)
    assert [(s.number, s.episodes, s.files) for s in series.seasons] == [(1, 4, 4)]
    episodes = await client.episodes(series.id, series.total_episodes or 0)
    assert [(one.season, one.number) for one in episodes] == [(1, 1), (1, 2), (1, 3), (1, 4)]
    files = {file.id: file.path for file in await client.files(series.id)}
    assert {one.file_id for one in episodes} == set(files)
    assert all(path.startswith(series.path) for path in files.values())
    assert await client.by_number(999) is None
    assert await client.series_by_tvdb(880_201) is None
    assert [folder.path for folder in await client.root_folders()] == ["/data/shows"]
    assert await client.wanted_missing_count() == 0


async def test_an_anime_is_one_by_its_type_or_its_folder(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """And its other names are told."""
    library = servers.sonarr_state.library
    library.add(show_by_name("Station of Clouds"))
    kept = library.add(show_by_name("The Salt Road"), root="/data/Anime Series")
    client = client_of(session, servers)
    anime = await client.series_by_tvdb(880_201)
    assert anime is not None
    assert (anime.kind, anime.is_anime, anime.titles) == ("anime", True, ("雲の駅",))
    assert anime.poster == "https://artworks.example/880201.jpg"
    other = await client.by_number(kept.id)
    assert other is not None
    assert (other.kind, other.is_anime) == ("standard", True)


async def test_a_pack_has_a_line_for_each_episode_in_the_queue(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """All of one download; then it is in the history."""
    library = servers.sonarr_state.library
    series = library.add(show_by_name("Station of Clouds"), seasons=[1])
    client = client_of(session, servers)
    servers.sonarr_state.searches.begin("SeriesSearch", {"seriesId": series.id})
    queue: tuple[Any, ...] = ()
    while not queue:
        queue = await client.queue()
    assert len(queue) == 3
    assert len({item.download_id for item in queue}) == 1
    assert {item.media_id for item in queue} == {series.id}
    assert {item.episode_id for item in queue} == {part.id for part in series.of_season(1)}
    while await client.queue():
        pass
    history = await client.history_since(utcnow() - timedelta(minutes=1))
    kinds = [event.kind for event in history]
    assert kinds.count(HistoryKind.GRABBED) == kinds.count(HistoryKind.IMPORTED) == 3
    assert set(history) == set(await client.title_history(series.id))


@pytest.mark.parametrize("kind", [LieKind.HALF_PAGE, LieKind.EMPTY, LieKind.HALF_JSON])
async def test_fewer_episodes_than_it_counts_are_none(
    session: aiohttp.ClientSession, servers: Servers, kind: LieKind
) -> None:
    """Half a list would read as deleted episodes."""
    client = client_of(session, servers)
    servers.sonarr.liar.tell(Lie(kind, "/episode"))
    with pytest.raises(Unreadable):
        await client.episodes(1, 4)


async def test_what_is_wrong_is_told_apart(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """A wrong key, another product, a server that is down, and an old one."""
    key = servers.world.keys.sonarr
    with pytest.raises(Unauthorized):
        await SonarrClient(session, servers.sonarr.url, "wrong").status()
    with pytest.raises(WrongProduct, match="Radarr"):
        await SonarrClient(session, servers.radarr.url, servers.world.keys.radarr).status()
    servers.world.sonarr_version = "3.0.10.1567"
    with pytest.raises(TooOld, match=r"3\.0\.10\.1567"):
        await SonarrClient(session, servers.sonarr.url, key).status()
    await servers.sonarr.go_down()
    with pytest.raises(Unreachable):
        await SonarrClient(session, servers.sonarr.url, key).status()


@pytest.mark.parametrize("answer", ["null", "{}", '"x"', "7", '{"records": {}}'])
async def test_another_shape_is_not_an_empty_list(
    session: aiohttp.ClientSession, serve: Serve, answer: str
) -> None:
    """An error that looks like "nothing there" would be believed."""

    async def say(request: web.Request) -> web.StreamResponse:
        return web.Response(text=answer, content_type="application/json")

    client = SonarrClient(session, await serve(say), "key")
    asks: tuple[Callable[[], Awaitable[object]], ...] = (
        client.all_series,
        client.queue,
        client.root_folders,
        lambda: client.series_by_tvdb(1),
        lambda: client.episodes(1),
        lambda: client.files(1),
        lambda: client.title_history(1),
    )
    for ask in asks:
        with pytest.raises(Unreadable):
            await ask()


def test_a_quality_has_as_many_lines_as_sonarr_says() -> None:
    """None where it does not know."""
    row = {"id": 1, "path": "/x", "quality": {"quality": {"name": "WEBDL-720p", "resolution": 720}}}
    assert models.file(row).resolution == 720
    assert models.file({**row, "quality": {"quality": {"resolution": 0}}}).resolution is None


def test_broken_rows_are_read_as_far_as_they_go() -> None:
    """Texts for numbers, missing fields; season 0 is a season; no identity is not believed."""
    series = models.series(
        {
            "id": "7",
            "tvdbId": "300001",
            "year": 0,
            "seriesType": "Anime",
            "tags": ["x", "3", None],
            "seasons": [{"seasonNumber": 0, "monitored": "true"}, {"monitored": True}, 5],
            "statistics": {"totalEpisodeCount": "12", "sizeOnDisk": 1.5},
        }
    )
    assert (series.id, series.title.ids.tvdb, series.title.year) == (7, 300001, None)
    assert (series.is_anime, series.tags, series.total_episodes) == (True, (3,), 12)
    assert [(one.number, one.monitored) for one in series.seasons] == [(0, True)]
    episode = models.episode(
        {"id": 1, "seasonNumber": 0, "episodeNumber": "0", "episodeFileId": 0, "hasFile": "False"}
    )
    assert (episode.season, episode.number, episode.file_id) == (0, 0, None)
    assert episode.aired_at is None
    for reader, row in (
        (models.series, {}),
        (models.episode, {"id": 1, "episodeNumber": 1}),
        (models.episode, {"seasonNumber": 1, "episodeNumber": 1}),
        (models.file, {"id": 1}),
        (models.file, {"path": "/x"}),
    ):
        with pytest.raises(Unreadable):
            reader(row)


async def test_a_series_is_forgotten_and_added_again_without_an_episode_monitored(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """Only as the one that is expected; its folder, profile, type and tags are as they were."""
    client, library = client_of(session, servers), servers.sonarr_state.library
    series = await client.series_by_tvdb(880_101)
    assert series is not None
    await client.delete_series(series.id)
    assert await client.by_number(series.id) is None
    await client.delete_series(series.id)
    add = partial(
        client.add_series,
        880_101,
        root_folder="/data/shows",
        profile_id=6,
        monitored=True,
        as_it_was={"path": "/data/shows/Elsewhere", "seriesType": "anime", "tags": [1]},
    )
    later = replace(series.title, year=(series.title.year or 0) + 2)
    for other in (later, replace(series.title, ids=ProviderIds(imdb="tt0000001"))):
        with pytest.raises(Refused, match="TheTVDB has"):
            await add(expected=other)
    added = await add(expected=series.title)
    assert (added.path, added.quality_profile_id) == ("/data/shows/Elsewhere", 6)
    assert (added.kind, added.tags, added.monitored) == ("anime", (1,), True)
    assert not any(one.monitored for one in await client.episodes(added.id))
    assert library.series[added.id].parts
    with pytest.raises(Refused, match="TheTVDB does not know"):
        await client.add_series(
            1, root_folder="/x", profile_id=1, expected=series.title, monitored=True, as_it_was={}
        )
