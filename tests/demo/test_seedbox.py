"""A finished torrent lies on the seedbox, and is imported only when it has come home."""

import asyncio
from pathlib import Path
import shutil

import pytest

from world.radarr_search import Searches
from world.run import running
from world.seedbox import Seedbox
from world.servers import Servers
from world.world import Pace, build

FILM = "The Lantern Keeper"


async def _grabbed(servers: Servers) -> str:
    """Have Radarr fetch a film; give the name of its torrent when all of it is on the seedbox."""
    library = servers.radarr_state.library
    movie = next(one for one in library.movies.values() if one.film.name == FILM)
    searches: Searches = servers.radarr_state.searches
    searches.begin("MoviesSearch", [movie.id], {})
    async with asyncio.timeout(60):
        while not (rows := list(library.queue.values())) or not rows[0]["statusMessages"]:
            await asyncio.sleep(0.01)
    (torrent,) = servers.world.swarm.torrents.values()
    assert rows[0]["trackedDownloadStatus"] == "warning"
    return torrent.name


@pytest.mark.parametrize("mode", ["Move", "Copy"])
async def test_what_came_home_is_imported(socket_enabled: None, tmp_path: Path, mode: str) -> None:
    """Not while it is only on the seedbox; what was to be moved is gone afterwards."""
    world = build(pace=Pace(search=0.01, grab=0.01, download=0.05))
    remote, home = tmp_path / "remote", tmp_path / "home"
    remote.mkdir()
    home.mkdir()
    world.seedbox = Seedbox(remote, home)
    async with running(world=world) as servers:
        name = await _grabbed(servers)
        searches = servers.radarr_state.searches
        assert (remote / name / f"{name}.mkv").stat().st_size > 0
        scan: dict[str, object] = {"path": f"/data/torrents/{name}", "importMode": mode}
        searches.begin("DownloadedMoviesScan", [], scan)
        await asyncio.sleep(0.1)
        assert not [event for event in world.diary if event.kind == "imported"]
        shutil.copytree(remote / name, home / name)
        searches.begin("DownloadedMoviesScan", [], scan)
        async with asyncio.timeout(60):
            while servers.radarr_state.library.queue:
                await asyncio.sleep(0.01)
        assert [event.title for event in world.diary if event.kind == "imported"] == [FILM]
        assert (home / name).exists() is (mode == "Copy")


async def test_without_a_seedbox_it_is_at_home_at_once(socket_enabled: None) -> None:
    """As before."""
    world = build(pace=Pace(search=0.01, grab=0.01, download=0.05))
    async with running(world=world) as servers:
        library = servers.radarr_state.library
        movie = next(one for one in library.movies.values() if one.film.name == FILM)
        servers.radarr_state.searches.begin("MoviesSearch", [movie.id], {})
        async with asyncio.timeout(60):
            while not [event for event in world.diary if event.kind == "imported"]:
                await asyncio.sleep(0.01)
