"""Years of a family's library are one model, too: what one service says of them, the others say."""

from collections.abc import AsyncGenerator

import aiohttp
import pytest

from world import years
from world.catalogue import FILMS
from world.clock import utcnow
from world.run import running
from world.shows import SHOWS
from world.world import build, in_jellyfin

from .asking import jellyfin_films, radarr_movies
from .conftest import FAST, House


@pytest.fixture
async def house(socket_enabled: None) -> AsyncGenerator[House]:
    """Run a world with the years in it."""
    made = build(pace=FAST)
    years.add(made)
    async with running(world=made) as servers, aiohttp.ClientSession() as session:
        years.settle(servers)
        yield House(servers, session)


def test_no_title_shares_an_id_or_a_name_with_another() -> None:
    films = (*FILMS, *(story.film for story in years.stories()))
    for attribute in ("tmdb", "imdb", "item_id", "name"):
        assert len({getattr(film, attribute) for film in films}) == len(films)
    shows = (*SHOWS, *(saga.show for saga in years.SAGAS))
    episodes = [one for show in shows for one in show.episodes]
    for attribute in ("tvdb_episode", "item_id"):
        assert len({getattr(one, attribute) for one in episodes}) == len(episodes)
    for attribute in ("name", "tvdb", "tmdb", "imdb"):
        assert len({getattr(show, attribute) for show in shows}) == len(shows)


def test_the_years_are_the_same_in_every_run() -> None:
    now = utcnow()
    made = [build(now), build(now)]
    for world in made:
        years.add(world, now)
    assert made[0].data == made[1].data
    seen = [one.last_played for one in made[0].data.values() if one.last_played]
    assert max(seen) <= now


async def test_jellyfin_and_the_arrs_have_the_same_titles(house: House) -> None:
    """Also what is still to come, which has no file, and specials."""
    items, movies = await jellyfin_films(house), await radarr_movies(house)
    for story in years.stories():
        tmdb = str(story.film.tmdb)
        assert items[tmdb]["Name"] == movies[tmdb]["title"] == story.film.name
        assert movies[tmdb]["hasFile"]
    world, library = house.servers.world, house.servers.sonarr_state.library
    for saga in years.SAGAS:
        series = library.by_tvdb(saga.show.tvdb)
        assert series is not None
        held = {part.episode.item_id for part in series.parts if part.file_id}
        assert held == {one.item_id for one in saga.show.episodes} & world.episodes.keys()
        assert len(saga.show.episodes) - len(held) == saga.show.to_air + len(saga.lost)
        numbers = {season["seasonNumber"] for season in series.write()["seasons"]}  # type: ignore[index, attr-defined]
        assert (0 in numbers) is bool(saga.show.specials)


async def test_who_has_asked_is_known_to_seerr(house: House) -> None:
    book = house.servers.seerr_state.book
    asked = {(ask.media.entry.name, ask.user.name) for ask in book.asks.values()}
    names = {(one.film.name, one.asked) for one in years.stories() if one.asked}
    assert names | {(one.show.name, one.asked) for one in years.SAGAS if one.asked} <= asked
    [kept] = [one.film for one in years.stories() if one.tagged]
    movie = house.servers.radarr_state.library.by_tmdb(kept.tmdb)
    assert movie is not None
    assert movie.tags


async def test_what_is_there_in_two_qualities_is_two_versions_of_one_item(house: House) -> None:
    """Each of a Radarr of its own; Jellyfin shows both until one of them is gone."""
    [film] = [one.film for one in years.stories() if one.uhd]
    servers = house.servers
    high = servers.uhd_library.by_tmdb(film.tmdb)
    low = servers.radarr_state.library.by_tmdb(film.tmdb)
    assert low is not None
    assert high is not None

    def paths() -> list[str]:
        return [one.replace("/media/", "/data/") for one in servers.world.versions(film, "/media")]

    assert paths() == [low.file_path, high.file_path]
    servers.radarr_state.library.went(low)
    assert paths() == [high.file_path]
    assert in_jellyfin(servers.world, film)
    servers.uhd_library.went(high)
    assert not servers.world.uhd
    assert film.item_id in servers.world.gone
