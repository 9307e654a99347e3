"""One model behind all services: what one of them says, the others say too."""

from datetime import timedelta
from typing import Any

import pytest

from world.catalogue import FILMS, Film, Home, by_name
from world.clock import utcnow
from world.people import USERS
from world.world import JELLYFIN_ROOT, RADARR_ROOT, build, in_jellyfin

from .asking import jellyfin_films, radarr_movies
from .conftest import House


def test_the_history_reaches_back_years_and_never_forward() -> None:
    """The oldest viewing is years old, and none is of tomorrow."""
    now = utcnow()
    seen = [data.last_played for data in build(now).data.values() if data.last_played]
    assert min(seen) < now - timedelta(days=3 * 365)
    assert max(seen) <= now
    assert len({at.year for at in seen}) >= 4


def test_the_history_is_the_same_in_every_run() -> None:
    """Two worlds of the same moment agree in every play."""
    now = utcnow()
    assert build(now).data == build(now).data


def test_whatever_was_played_has_a_time_and_a_count() -> None:
    """No half-told history: played, counted and dated go together."""
    for data in build().data.values():
        if data.last_played is not None:
            assert data.play_count > 0
        assert not (data.played and data.position)
        assert not data.played or data.last_played is not None


def test_the_demos_films_are_as_the_demo_says() -> None:
    """One viewing of the rewatched film within the window, none of the first of tier 1."""
    world = build()
    data = world.userdata(USERS[0].id, by_name("The Lantern Keeper").item_id)
    assert (data.play_count, data.played) == (1, True)
    assert data.last_played is not None
    assert utcnow() - data.last_played < timedelta(days=90)
    assert world.userdata(USERS[0].id, by_name("A Harbour of Glass").item_id).play_count == 0


def test_ids_are_unique_and_nobody_elses() -> None:
    """No two films share an id, and none is in a range that real titles have."""
    for attribute in ("tmdb", "imdb", "item_id", "name"):
        assert len({getattr(film, attribute) for film in FILMS}) == len(FILMS)
    assert all(film.tmdb >= 990_000 for film in FILMS)


async def test_jellyfin_and_radarr_have_the_same_films(house: House) -> None:
    """Counts, ids, sizes and paths agree; each sees the disk under its own root."""
    items, movies = await jellyfin_films(house), await radarr_movies(house)
    world = house.servers.world
    unknown = {str(film.tmdb) for film in FILMS if film.home is Home.UNKNOWN}
    wanted = {str(film.tmdb) for film in FILMS if film.home is Home.WANTED}
    assert set(items) == {str(f.tmdb) for f in FILMS if in_jellyfin(world, f)}
    assert set(items) - unknown == {tmdb for tmdb, row in movies.items() if row["hasFile"]}
    assert set(movies) - set(items) == wanted
    for tmdb in set(items) - unknown:
        item, movie = items[tmdb], movies[tmdb]
        assert item["ProviderIds"]["Imdb"] == movie["imdbId"]
        assert (item["Name"], item["ProductionYear"]) == (movie["title"], movie["year"])
        there = movie["movieFile"]["path"]
        assert item["Path"].removeprefix(JELLYFIN_ROOT) == there.removeprefix(RADARR_ROOT)
        assert there.startswith(movie["path"] + "/")
        assert item["MediaSources"][0]["Size"] == movie["sizeOnDisk"]


async def test_radarrs_counts_agree_with_its_movies(house: House) -> None:
    """Missing, files and history are of the movies that it lists."""
    movies = await radarr_movies(house)
    missing: Any = await house.get("radarr", "/api/v3/wanted/missing", pageSize="100")
    expected = {
        row["id"]
        for row in movies.values()
        if row["monitored"] and not row["hasFile"] and row["isAvailable"]
    }
    assert {row["id"] for row in missing["records"]} == expected
    assert missing["totalRecords"] == len(expected) > 0
    ids = {row["id"] for row in movies.values()}
    history: Any = await house.get("radarr", "/api/v3/history", pageSize="500")
    assert {row["movieId"] for row in history["records"]} <= ids
    for row in movies.values():
        files: Any = await house.get("radarr", "/api/v3/moviefile", movieId=str(row["id"]))
        assert [f["id"] for f in files] == ([row["movieFileId"]] if row["hasFile"] else [])


async def test_an_import_of_the_past_was_grabbed_before(house: House) -> None:
    """The same download, earlier, and in the past."""
    history: Any = await house.get("radarr", "/api/v3/history", pageSize="500")
    imported = [r for r in history["records"] if r["eventType"] == "downloadFolderImported"]
    grabbed = {r["downloadId"]: r for r in history["records"] if r["eventType"] == "grabbed"}
    assert imported
    for row in imported:
        assert grabbed[row["downloadId"]]["movieId"] == row["movieId"]
        assert grabbed[row["downloadId"]]["date"] < row["date"] < utcnow().isoformat()


async def test_pages_add_up_to_the_whole(house: House) -> None:
    """Jellyfin's and Radarr's pages hold every record once."""
    whole = await jellyfin_films(house)
    user, found = house.servers.world.user("Sofa").id, []
    for begin in range(0, len(whole) + 7, 7):
        page: Any = await house.get(
            "jellyfin",
            "/Items",
            userId=user,
            includeItemTypes="Movie",
            startIndex=str(begin),
            limit="7",
        )
        assert page["TotalRecordCount"] == len(whole)
        found += [dto["Id"] for dto in page["Items"]]
    assert sorted(found) == sorted(dto["Id"] for dto in whole.values())
    first: Any = await house.get("radarr", "/api/v3/history", pageSize="7", page="1")
    second: Any = await house.get("radarr", "/api/v3/history", pageSize="7", page="2")
    ids = [row["id"] for row in first["records"] + second["records"]]
    assert len(set(ids)) == 14


@pytest.mark.parametrize("film", FILMS[:12], ids=lambda f: f.name)
async def test_prowlarrs_seeders_are_the_films(house: House, film: Film) -> None:
    """By title and year all of them; by either id those of the indexer that knows ids."""

    async def search(query: str, indexer: int) -> int:
        asked = {"query": query, "type": "movie", "indexerIds": indexer}
        rows: Any = await house.get("prowlarr", "/api/v1/search", **asked)
        assert {row["tmdbId"] for row in rows} <= {film.tmdb, 0}
        return sum(row["seeders"] for row in rows)

    name = f"{film.name} {film.year}"
    known = await search(name, 2)
    assert known + await search(name, 3) == film.seeders
    for query in (f"{{ImdbId:{film.imdb}}}", f"{{TmdbId:{film.tmdb}}}"):
        assert (await search(query, 2), await search(query, 3)) == (known, 0)


async def test_prowlarr_finds_nothing_where_there_is_nothing(house: House) -> None:
    """Zero results, not zero seeders."""
    film = by_name("Home Movie Club")
    query = f"{{TmdbId:{film.tmdb}}}"
    assert await house.get("prowlarr", "/api/v1/search", query=query) == []
