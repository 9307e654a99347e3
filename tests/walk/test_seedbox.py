"""A film over the seedbox: grabbed, brought home by itself, imported; also over a restart."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
import shutil

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.clients.fetching.folder import marked
from custom_components.showrunner.coordinators import torrents
from custom_components.showrunner.domain import torrent_trust
from custom_components.showrunner.domain.plan import StepState
from custom_components.showrunner.jobs.remove_source import (
    job as remove_source_job,
    spec as remove_source,
)
from custom_components.showrunner.jobs.sync import job as sync_job
from tests.platforms.faces import act
from world.clock import utcnow
from world.radarr_search import _queue_row
from world.run import running
from world.seedbox import Seedbox
from world.servers import Servers

from .arrs import entry_with_arrs
from .household import Household, living, short_world, until, with_more

FILM = "The Lantern Keeper"


@pytest.fixture
async def servers(socket_enabled: None, tmp_path: Path) -> AsyncGenerator[Servers]:
    """Run a world in which torrents are elsewhere."""
    world = short_world()
    remote, home = tmp_path / "seedbox", tmp_path / "downloads"
    remote.mkdir()
    home.mkdir()
    # An arr that is told looks at once; by itself it never does here.
    world.seedbox = Seedbox(remote, home, look=3600)
    async with running(world=world) as made:
        yield made


def _entry(servers: Servers) -> MockConfigEntry:
    """Link a torrent client and a file transfer to a household with arrs that call us."""
    plain, keys, world = entry_with_arrs(servers), servers.world.keys, servers.world
    assert servers.sftp is not None
    assert world.seedbox is not None
    login = {"username": keys.torrent_user, "password": keys.torrents}
    client = {"url": servers.qbittorrent.url, "verify_ssl": True, **login}
    transfer = {
        "host": "127.0.0.1",
        "port": servers.sftp.port,
        "host_key": servers.sftp.host_key,
        **login,
        "remote_path": str(world.seedbox.remote),
        "local_path": str(world.seedbox.home),
        "folder_mark": marked(str(world.seedbox.home)),
    }
    more = [
        ConfigSubentryData(data=data, subentry_type=kind, title=kind, unique_id=kind)
        for kind, data in (("qbittorrent", client), ("transfer", transfer))
    ]
    return with_more(
        plain,
        *more,
        options={"seedbox": {"sync_enabled": True, "every_minutes": 1440, "remove_source": True}},
    )


@pytest.fixture
async def begin(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> AbstractAsyncContextManager[Household]:
    """Give a household that begins to live when it is entered; its polls are far apart."""
    monkeypatch.setattr(sync_job, "_SETTLES", 0.05)
    monkeypatch.setattr(torrents, "BUSY", timedelta(seconds=0.2))
    monkeypatch.setattr(torrents, "IDLE", timedelta(hours=1))
    await async_setup_component(hass, "webhook", {})
    return living(hass, servers, await hass_client_no_auth(), _entry(servers))


def _search(servers: Servers) -> None:
    """Have Radarr fetch the film."""
    state = servers.radarr_state
    movie = next(one for one in state.library.movies.values() if one.film.name == FILM)
    state.searches.begin("MoviesSearch", [movie.id], {})


def _imported(servers: Servers) -> bool:
    return any((one.kind, one.title) == ("imported", FILM) for one in servers.world.diary)


async def test_what_is_grabbed_comes_home_and_is_imported(
    servers: Servers, begin: AbstractAsyncContextManager[Household]
) -> None:
    """The arr's word of the grab has the client looked at; its completion has it fetched."""
    async with begin:
        _search(servers)
        await until(lambda: _imported(servers), seconds=60)
        box = servers.world.seedbox
        assert box is not None
        await until(lambda: not [one for one in box.home.iterdir() if one.name[0] != "."])
        (torrent,) = servers.world.swarm.torrents.values()
        assert (box.remote / torrent.name).is_dir()


async def test_what_completed_while_nobody_looked_comes_home_too(
    servers: Servers, begin: AbstractAsyncContextManager[Household]
) -> None:
    """Home Assistant was off meanwhile."""
    _search(servers)
    async with asyncio.timeout(30):
        while not any(one.complete for one in servers.world.swarm.torrents.values()):
            await asyncio.sleep(0.01)
    async with begin:
        await until(lambda: _imported(servers), seconds=60)


async def test_what_is_asked_for_again_comes_home_again(
    servers: Servers, begin: AbstractAsyncContextManager[Household]
) -> None:
    """It was imported and deleted; the same torrent, which still seeds, is grabbed once more."""
    async with begin as house:
        _search(servers)
        await until(lambda: _imported(servers), seconds=60)
        library = servers.radarr_state.library
        await until(lambda: not library.queue)
        (torrent,) = servers.world.swarm.torrents.values()
        (radarr,) = house.runtime.radarrs.values()
        await radarr.async_refresh()
        assert (await act(house, "sync_seedbox", dry_run=True))["steps"] == []
        movie = next(one for one in library.movies.values() if one.film.name == FILM)
        later = utcnow() + timedelta(seconds=1)  # it tells whole seconds only
        library.record(movie, "grabbed", torrent.hash.upper(), later)
        await until(lambda: utcnow() > later)
        row = _queue_row(99, movie, torrent.hash.upper(), torrent.size)
        library.queue[99] = row | {"status": "completed", "trackedDownloadState": "importPending"}
        await radarr.async_refresh()
        plan = await act(house, "sync_seedbox", dry_run=True)
        assert [step["title"] for step in plan["steps"]] == [torrent.name]
        box = servers.world.seedbox
        assert box is not None
        begun = await act(house, "sync_seedbox", dry_run=False)

        async def is_home() -> bool:
            kept = await house.runtime.store.plans.get(begun["plan_id"])
            done = kept is not None and {one.state for one in kept.steps} == {StepState.DONE}
            # What has come home is remembered at the end of the run.
            return done and not house.runtime.jobs.named("sync")._runs.busy

        await until(is_home)
        shutil.rmtree(box.home / torrent.name)  # imported, but not told yet
        plan = await act(house, "sync_seedbox", dry_run=True)
        assert plan["steps"] == []


async def test_what_is_home_is_removed_at_its_source_when_nobody_seeds_it(
    servers: Servers,
    begin: AbstractAsyncContextManager[Household],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not while its client has it: then it is the purge's. What is not of it stays."""
    monkeypatch.setattr(remove_source_job, "_BETWEEN", timedelta())
    # What a client tells no longer may use its data until a second answer misses it too.
    monkeypatch.setattr(torrent_trust, "EMPTY_FOR", timedelta(milliseconds=1))
    swarm, box = servers.world.swarm, servers.world.seedbox
    assert box is not None
    for number in range(4):
        swarm.add(f"{number:040X}", f"Else.{number}", 100_000, 0, "other")
    (box.remote / "mine.txt").write_text("mine")
    async with begin as house:
        _search(servers)
        await until(lambda: _imported(servers), seconds=60)
        library = servers.radarr_state.library
        await until(lambda: not library.queue)
        torrent = next(one for one in swarm.torrents.values() if one.name.startswith("The."))
        job = house.runtime.jobs[remove_source.SPEC]
        for _ in range(3):
            await job.scheduled()
        assert (box.remote / torrent.name).is_dir()
        assert not await house.runtime.store.plans.recent(1, "remove_source")
        del swarm.torrents[torrent.hash]
        async with asyncio.timeout(30):
            while (box.remote / torrent.name).exists():
                await job.scheduled()
        [plan] = await house.runtime.store.plans.recent(1, "remove_source")
        assert [(step.label, step.state) for step in plan.steps] == [(torrent.name, StepState.DONE)]
        assert [one.name for one in box.remote.iterdir()] == ["mine.txt"]
