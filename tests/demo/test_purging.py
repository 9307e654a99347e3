"""A purge through ruTorrent, which only notes down what it is to delete, and may forget it."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest

from custom_components.showrunner.domain.plan import Plan, StepState
from custom_components.showrunner.domain.seeding import PurgePolicy
from custom_components.showrunner.options import PurgeOptions
from custom_components.showrunner.store import Store
from tests.english import english
from tests.jobs.purging import Transfer, purge_of
from tests.operations.disk import tree
from tests.real.purging import RealBox
from world.servers import Servers

from .torrent_clients import HASH, finished, linked, until


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "purge.db")
    yield opened
    await opened.close()


async def purged(
    servers: Servers,
    session: aiohttp.ClientSession,
    store: Store,
    *,
    collects: float | None,
    transfer: bool,
) -> tuple[Plan, Path, dict[bytes, bytes | str | None]]:
    """Purge the only torrent; give the plan, the folder of its data, and what was in it."""
    servers.rtorrent_state.collects = collects
    folder = finished(servers)
    ours = linked(servers, session, "rutorrent")
    await until(ours, lambda answer: bool(answer.seeding))
    box = RealBox(folder.parent, ours)
    box.imported(SimpleNamespace(hash=HASH))  # type: ignore[arg-type]
    disk = Transfer(box)
    disk.login = SimpleNamespace(host="127.0.0.1")
    options = PurgeOptions(PurgePolicy(min_days=0))
    server = disk if transfer else None
    job = purge_of(box, store, policy=options, server=server, transfer=transfer)
    before = tree(folder)
    return await job.purge(None, dry_run=False), folder, before


@pytest.mark.parametrize("collects", [None, 600])
async def test_what_rutorrent_does_not_delete_in_time_goes_over_the_transfer(
    servers: Servers, session: aiohttp.ClientSession, store: Store, collects: float | None
) -> None:
    """Late or never: what is freed is what was seen to go."""
    plan, folder, before = await purged(servers, session, store, collects=collects, transfer=True)
    assert [one.state for one in plan.steps] == [StepState.DONE] * 2
    assert not folder.exists()
    size = sum(len(one) for one in before.values() if isinstance(one, bytes))
    assert (plan.totals["bytes_freed"], plan.totals["bytes_claimed"]) == (size, 0)


@pytest.mark.parametrize("collects", [None, 0.2])
async def test_without_a_transfer_nothing_is_said_to_be_free(
    servers: Servers, session: aiohttp.ClientSession, store: Store, collects: float | None
) -> None:
    """Only that it is noted down, whether ruTorrent keeps its word or not."""
    plan, folder, _ = await purged(servers, session, store, collects=collects, transfer=False)
    [step] = plan.steps
    assert (step.state, plan.totals["bytes_freed"]) == (StepState.DONE, 0)
    assert "noted down" in english(step.detail)
    if collects is None:
        await asyncio.sleep(0)
        assert folder.exists()
        return
    async with asyncio.timeout(20):
        while folder.exists():
            await asyncio.sleep(0.02)


async def test_what_rutorrent_has_deleted_before_is_not_counted(
    servers: Servers, session: aiohttp.ClientSession, store: Store
) -> None:
    """It is gone, and nobody saw how much that freed."""
    plan, folder, _ = await purged(servers, session, store, collects=0.0001, transfer=True)
    assert [one.state for one in plan.steps] == [StepState.DONE] * 2
    assert not folder.exists()
    assert plan.totals["bytes_freed"] == 0
    assert "3 were gone before" in english(plan.steps[1].detail)


async def test_what_has_no_files_is_not_erased(
    servers: Servers, session: aiohttp.ClientSession, store: Store
) -> None:
    """Its answer is false then: the torrent is there still, and the step says so."""
    folder = finished(servers)
    servers.world.seedbox.remove(folder.name)  # type: ignore[union-attr]
    ours = linked(servers, session, "rutorrent")
    await until(ours, lambda answer: bool(answer.seeding))
    box = RealBox(folder.parent, ours)
    box.imported(SimpleNamespace(hash=HASH))  # type: ignore[arg-type]
    job = purge_of(box, store, policy=PurgeOptions(PurgePolicy(min_days=0)), transfer=False)
    plan = await job.purge(None, dry_run=False)
    assert [one.state for one in plan.steps] == [StepState.FAILED]
    assert HASH in (await ours.torrents()).by_hash
