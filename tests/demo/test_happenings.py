"""What happens in one service shows in the others."""

import asyncio
from typing import Any

import pytest

from world.catalogue import Film, Outcome, by_name
from world.world import JELLYFIN_ROOT, RADARR_ROOT

from .asking import jellyfin_films, radarr_movies, until
from .conftest import House


async def search(house: House, film: Film) -> dict[str, Any]:
    """Have Radarr search a film; give its movie."""
    movie = (await radarr_movies(house))[str(film.tmdb)]
    sent = {"name": "MoviesSearch", "movieIds": [movie["id"]]}
    status, _ = await house.ask("radarr", "POST", "/api/v3/command", sent)
    assert status == 201
    return movie


async def events(house: House, movie_id: int) -> list[tuple[str, str]]:
    """Ask for a movie's history: event and download, newest first."""
    rows: Any = await house.get("radarr", "/api/v3/history/movie", movieId=str(movie_id))
    return [(row["eventType"], row["downloadId"]) for row in rows]


async def test_a_search_ends_in_an_import_that_everybody_sees(house: House) -> None:
    """Queue, history, file, Jellyfin's path and the missing count, all of one download."""
    film = by_name("Copper Sky")
    before: Any = await house.get("radarr", "/api/v3/wanted/missing")
    library = house.servers.radarr_state.library
    movie = await search(house, film)
    await until(lambda: library.queue)
    queue: Any = await house.get("radarr", "/api/v3/queue")
    assert [row["movieId"] for row in queue["records"]] == [movie["id"]]
    download = queue["records"][0]["downloadId"]
    assert str(film.tmdb) not in await jellyfin_films(house)
    await until(lambda: not library.queue)
    kinds = await events(house, movie["id"])
    assert kinds == [("downloadFolderImported", download), ("grabbed", download)]
    now = (await radarr_movies(house))[str(film.tmdb)]
    item = (await jellyfin_films(house))[str(film.tmdb)]
    assert now["hasFile"]
    assert now["movieFile"]["path"].removeprefix(RADARR_ROOT) == item["Path"].removeprefix(
        JELLYFIN_ROOT
    )
    after: Any = await house.get("radarr", "/api/v3/wanted/missing")
    assert after["totalRecords"] == before["totalRecords"] - 1
    commands: Any = await house.get("radarr", "/api/v3/command")
    assert [c["status"] for c in commands] == ["completed"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Nine Quiet Floors", []), ("The Last Tram to Velm", ["downloadFailed", "grabbed"])],
)
async def test_a_search_may_end_otherwise(house: House, name: str, expected: list[str]) -> None:
    """Nothing found leaves no trace; a failed download leaves its own, and no new file."""
    film = by_name(name)
    assert film.outcome is not Outcome.IMPORTED
    movie = await search(house, film)
    diary = house.servers.world.diary
    await until(lambda: any(e.kind in ("nothing_found", "failed") for e in diary))
    assert [kind for kind, _ in await events(house, movie["id"])] == expected
    assert (await radarr_movies(house))[str(film.tmdb)]["movieFileId"] == movie["movieFileId"]
    assert house.servers.radarr_state.library.queue == {}


async def test_a_play_is_in_the_sessions_while_it_lasts(house: House) -> None:
    """With its position, and gone when it ends."""
    film = by_name("A Harbour of Glass")
    play = house.servers.play("Kitchen", film.name, 0.2, 0.6, speed=9)
    await until(lambda: house.servers.world.plays)
    sessions: Any = await house.get("jellyfin", "/Sessions")
    playing = [one for one in sessions if one.get("NowPlayingItem")]
    assert [one["NowPlayingItem"]["ProviderIds"]["Tmdb"] for one in playing] == [str(film.tmdb)]
    at = playing[0]["PlayState"]["PositionTicks"] / 10_000_000
    assert 0.2 * film.seconds <= at <= 0.6 * film.seconds
    assert play.done is not None
    await play.done
    sessions = await house.get("jellyfin", "/Sessions")
    assert not [one for one in sessions if one.get("NowPlayingItem")]


@pytest.mark.parametrize(
    ("end", "played", "kept"), [(0.02, False, 0), (0.5, False, 0.5), (0.95, True, 0)]
)
async def test_jellyfin_remembers_a_play_as_the_real_one_does(
    house: House, end: float, played: bool, kept: float
) -> None:
    """It counts the start; played at the end; a position to resume at in between."""
    film = by_name("A Harbour of Glass")
    play = house.servers.play("Kitchen", film.name, 0, end, speed=40)
    assert play.done is not None
    await play.done
    data = (await jellyfin_films(house, "Kitchen"))[str(film.tmdb)]["UserData"]
    assert (data["PlayCount"], data["Played"]) == (1, played)
    ticks = kept * film.seconds * 10_000_000
    assert data["PlaybackPositionTicks"] == pytest.approx(ticks, rel=0.01)


async def test_a_paused_film_stands_still(house: House) -> None:
    """And goes on where it was."""
    play = house.servers.play("Sofa", "Granite", speed=5)
    await until(lambda: play.position() > 0.5)
    play.pause()
    at = play.position()
    await asyncio.sleep(0.1)
    assert play.position() == at
    play.resume()
    assert play.position() == pytest.approx(at, abs=0.2)
    play.stop()
    assert play.done is not None
    await play.done
    assert play.position() < by_name("Granite").seconds


async def test_only_jellyfins_new_authorization_counts(house: House) -> None:
    """The header of before, and another's key, are refused."""
    url = house.servers.jellyfin.url + "/Users"
    key = house.servers.world.keys.jellyfin
    for headers in ({}, {"X-Emby-Token": key}, {"Authorization": 'MediaBrowser Token="wrong"'}):
        async with house.session.get(url, headers=headers) as answer:
            assert answer.status == 401
    async with house.session.get(url, headers=house.jellyfin_headers) as answer:
        assert answer.status == 200


async def test_a_message_can_be_read_back(house: House) -> None:
    """What was published is what a subscriber gets."""
    sent = {"topic": house.servers.world.keys.topic, "title": "Here", "message": "It is."}
    status, result = await house.ask("ntfy", "POST", "/", sent)
    assert status == 200
    url = f"{house.servers.ntfy.url}/{sent['topic']}/json?poll=1"
    async with house.session.get(url, headers=house.headers("ntfy")) as answer:
        assert await answer.json(content_type=None) == result
