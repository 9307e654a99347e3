"""A purge among hundreds of real torrents, or thousands where that is asked for.

`SHOWRUNNER_TORRENTS=5000` in the environment makes as many (with `-o timeout=3600`: each is checked
before it seeds); without it there are 300. Most of the time goes into the lists of all torrents
that are asked for before and after each one goes.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
import logging
import os
from pathlib import Path
import time
from types import SimpleNamespace
from typing import Final

import pytest

from custom_components.showrunner.clients.torrents import TorrentClient
from custom_components.showrunner.domain.plan import RemoveTorrent, StepState
from custom_components.showrunner.domain.torrents import TorrentState
from custom_components.showrunner.store import Store
from tests.english import english
from tests.jobs.purging import purge_of
from tests.operations.disk import tree
from tests.real import lab
from tests.real.sshd import sshd
from tests.real.test_purge import NOBODY, SEEDS, RealBox, closing, wanted_of, without
from tests.real.test_torrent_details import linked
from tests.real.torrents import Made, make

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("socket_enabled")]

_LOGGER: Final = logging.getLogger(__name__)

COUNT: Final = int(os.environ.get("SHOWRUNNER_TORRENTS", "300"))
# So many one run takes: each is looked at anew, in all lists, before and after it goes.
MOST: Final = 18


@dataclass
class Many:
    """The torrents with their files; `goes` with its data, `leaves` without them."""

    data: Path
    announce: str
    made: list[Made] = field(default_factory=list)
    kept: list[Made] = field(default_factory=list)
    files: dict[str, frozenset[bytes]] = field(default_factory=dict)
    imported: list[Made] = field(default_factory=list)
    goes: set[str] = field(default_factory=set)
    leaves: set[str] = field(default_factory=set)

    def fill(self) -> None:
        """Make a film, a folder, one that was not imported, one that is kept, and two alike."""
        for number in range(COUNT // 6):
            name = f"Some.Film.{number:05d}.1080p-GROUP"
            film = self._put(f"a{number}.mkv", [()])
            folder = self._put(f"b.{name}", [(b"film.mkv",), (b"Subs", b"en.srt"), (b"a.nfo",)])
            self._put(f"c.{name}", [(b"film.mkv",)])
            kept = self._put(f"d{number}.mkv", [()])
            self.kept.append(kept)
            twins = [self._put(f"e.{name}", [(b"film.mkv",)], private=one) for one in (False, True)]
            self.imported += [film, folder, kept, twins[0]]
            self.goes |= {film.hash, folder.hash}
            self.leaves.add(twins[0].hash)

    def _put(self, name: str, paths: list[tuple[bytes, ...]], *, private: bool = False) -> Made:
        files = [(path, f"{name} {path}".encode()) for path in paths]
        one = make(self.data, name.encode(), files, self.announce, private=private)
        root = os.fsencode(self.data / name)
        self.made.append(one)
        self.files[one.hash] = frozenset(b"/".join((root, *path)) for path in paths)
        return one

    async def load(self, server: lab.RTorrent, ours: TorrentClient) -> None:
        """Load them all, and wait until all are checked and seed."""
        mine = [one for one in self.made if one not in self.kept]
        await server.load_blindly(mine, self.data)
        await server.load_blindly(self.kept, self.data, label="keep")
        async with asyncio.timeout(60 + COUNT / 4):
            while True:
                told = await ours.torrents()
                if told.counts.get(TorrentState.SEEDING) == len(self.made):
                    return
                await asyncio.sleep(0.2 + COUNT / 1000)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "purge.db")
    yield opened
    await opened.close()


@pytest.mark.long
async def test_of_many_torrents_those_of_the_plan_go_and_no_others(
    tmp_path: Path, store: Store
) -> None:
    """In the client's list and on the disk, byte for byte, as the plan said before."""
    begun = time.monotonic()
    async with (
        sshd() as ssh,
        linked("rtorrent", "0.16", tmp_path / "c") as (ours, server),
        closing(ssh.client()) as sftp,
    ):
        assert isinstance(server, lab.RTorrent)
        many = Many(ssh.data, NOBODY)
        many.fill()
        ssh.own(*ssh.data.rglob("*"))
        await many.load(server, ours)
        await asyncio.sleep(SEEDS["rtorrent"].total_seconds())
        box = RealBox(ssh.data, ours)
        for one in many.imported:
            box.imported(one)
        transfer = SimpleNamespace(client=sftp, title="SFTP", remote_path=os.fsencode(ssh.data))
        policy = wanted_of(SEEDS["rtorrent"])
        job = purge_of(box, store, policy=policy, server=transfer, most=MOST)
        before = await asyncio.to_thread(tree, ssh.data)
        loaded = time.monotonic()

        shown = await job.purge(None, dry_run=True)
        planned = time.monotonic()
        told = {
            one.payload.hash: bool(one.payload.data)
            for one in shown.steps
            if isinstance(one.payload, RemoveTorrent)
        }
        assert told == dict.fromkeys(many.goes, True) | dict.fromkeys(many.leaves, False)

        plan = await job.purge(None, dry_run=False)
        async with asyncio.timeout(120):
            while plan.waiting:  # a busy server may not have answered in time: it goes on later
                waiting = [one.id for one in plan.waiting]
                plan = await job.runs.apply(plan, waiting, dry_run=False)
        undone = [one for one in plan.steps if one.state not in (StepState.DONE, StepState.CUT)]
        assert [(one.id, one.state, english(one.detail)) for one in undone] == []
        done = {
            one.payload.hash: bool(one.payload.data)
            for one in plan.steps
            if isinstance(one.payload, RemoveTorrent) and one.state is StepState.DONE
        }
        assert len(done) == min(MOST, len(told))
        gone = frozenset[bytes]().union(*(many.files[one] for one, data in done.items() if data))
        assert plan.totals["bytes_freed"] == sum(len(before[one] or "") for one in gone)
        assert await asyncio.to_thread(tree, ssh.data) == without(before, gone)
        left = {one.hash for one in many.made} - done.keys()
        assert (await ours.torrents()).by_hash.keys() == left
        _LOGGER.info(
            "%s torrents: %.1f s to load, %.1f s to plan %s, %.1f s to purge %s",
            *(len(many.made), loaded - begun, planned - loaded, len(told)),
            *(time.monotonic() - planned, len(done)),
        )
