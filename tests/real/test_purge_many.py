"""A purge among hundreds of real torrents, or thousands where that is asked for, to its very end.

`SHOWRUNNER_TORRENTS=5000` in the environment makes as many; without it there are 300. Half of them
go, and nothing else; with `SHOWRUNNER_EACH=3` only a third of that half, among as many. A plain
rTorrent 0.16 has loaded 5,000 from its session in half a minute, and let 834 of them go in eight
minutes, on two cores that twenty others wanted; a qBittorrent 5.3 took half an hour for 2,499:

    SHOWRUNNER_TORRENTS=5000 .venv/bin/python -m pytest -s -o timeout=10800 \\
        tests/real/test_purge_many.py -k qbittorrent
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
import json
import logging
import os
from pathlib import Path
import time
from types import SimpleNamespace
from typing import Final

import pytest

from custom_components.showrunner.clients.errors import TimedOut
from custom_components.showrunner.clients.torrents import TorrentClient
from custom_components.showrunner.domain.plan import RemoveTorrent, StepState
from custom_components.showrunner.domain.torrents import TorrentState
from custom_components.showrunner.store import LedgerState, Store
from tests.english import english
from tests.jobs.purging import purge_of
from tests.operations.disk import tree
from tests.real import lab
from tests.real.purging import NOBODY, SEEDS, RealBox, closing, compared, wanted_of, without
from tests.real.sessions import write_session
from tests.real.sshd import sshd
from tests.real.torrent_clients import linked
from tests.real.torrents import Made, make

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("socket_enabled")]

_LOGGER: Final = logging.getLogger(__name__)

COUNT: Final = int(os.environ.get("SHOWRUNNER_TORRENTS", "300"))
EACH: Final = int(os.environ.get("SHOWRUNNER_EACH", "1"))
KINDS: Final = (("rtorrent", "0.9.8"), ("rtorrent", "0.16"), ("qbittorrent", "5.3"))


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
            if number % EACH == 0:
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

    def write_session(self, folder: Path) -> None:
        """Have a rTorrent begin with them."""
        write_session(folder, self._not_kept, self.data)
        write_session(folder, self.kept, self.data, label="keep")

    @property
    def _not_kept(self) -> list[Made]:
        kept = {one.hash for one in self.kept}
        return [one for one in self.made if one.hash not in kept]

    async def load(self, server: lab.RTorrent | lab.QBittorrent, ours: TorrentClient) -> None:
        """Load them where they are not there from the beginning; wait until all seed."""
        if isinstance(server, lab.QBittorrent):
            # It begins to check so many in a second, and by itself one: hours for thousands.
            at_once = json.dumps({"max_active_checking_torrents": 500})
            await server.post("app/setPreferences", json=at_once)
            await server.load(self._not_kept, self.data)
            await server.load(self.kept, self.data, category="keep")
        async with asyncio.timeout(120 + COUNT / 4):
            while True:
                with suppress(TimedOut):  # while it reads thousands it answers nobody
                    torrents = await ours.torrents()
                    if torrents.counts.get(TorrentState.SEEDING) == len(self.made):
                        return
                await asyncio.sleep(0.2 + COUNT / 1000)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "purge.db")
    yield opened
    await opened.close()


@pytest.mark.long
@pytest.mark.parametrize(("kind", "version"), KINDS)
async def test_of_many_torrents_those_of_the_plan_go_and_no_others(
    tmp_path: Path, store: Store, kind: str, version: str
) -> None:
    """In the client's list and on the disk, byte for byte, as the plan said before."""
    begun = time.monotonic()
    async with AsyncExitStack() as stack:
        ssh = await stack.enter_async_context(sshd())
        many = Many(ssh.data, NOBODY)
        many.fill()
        if kind == "rtorrent":
            many.write_session(tmp_path / "c")
            ssh.own(*ssh.data.rglob("*"))  # its files go over SFTP
        ours, server = await stack.enter_async_context(linked(kind, version, tmp_path / "c"))
        sftp = await stack.enter_async_context(closing(ssh.client()))
        await many.load(server, ours)
        await asyncio.sleep(SEEDS[kind].total_seconds())
        box = RealBox(ssh.data, ours)
        for one in many.imported:
            box.imported(one)
        transfer = SimpleNamespace(client=sftp, title="SFTP", remote_path=os.fsencode(ssh.data))
        policy = wanted_of(SEEDS[kind])
        job = purge_of(box, store, policy=policy, server=transfer, most=COUNT)
        before = await asyncio.to_thread(tree, ssh.data)
        loaded = time.monotonic()

        shown = await job.purge(None, dry_run=True)
        planned, cpu = time.monotonic(), time.process_time()
        by_key = {
            one.payload.hash: bool(one.payload.data)
            for one in shown.steps
            if isinstance(one.payload, RemoveTorrent)
        }
        assert by_key == dict.fromkeys(many.goes, True) | dict.fromkeys(many.leaves, False)

        plan = await job.purge(None, dry_run=False)
        async with asyncio.timeout(120 + COUNT / 4):
            while plan.waiting:  # a busy server may not have answered in time: it goes on later
                waiting = [one.id for one in plan.waiting]
                plan = await job.runs.apply(plan, waiting, dry_run=False)
        took, cpu = time.monotonic() - planned, time.process_time() - cpu
        undone = [one for one in plan.steps if one.state is not StepState.DONE]
        assert [(one.id, one.state, english(one.detail)) for one in undone] == []
        gone = frozenset[bytes]().union(*(many.files[one] for one in many.goes))
        assert plan.totals["bytes_freed"] == sum(len(before[one] or "") for one in gone)
        wanted = compared(without(before, gone), kind)
        async with asyncio.timeout(60):  # a client may delete a little later than it says
            while compared(await asyncio.to_thread(tree, ssh.data), kind) != wanted:
                await asyncio.sleep(0.2)
        left = {one.hash for one in many.made} - by_key.keys()
        assert (await ours.torrents()).by_hash.keys() == left
        rows = await store.ledger.for_plan(plan.plan_id)
        assert len(rows) == len(plan.steps)
        assert {row.state for row in rows} == {LedgerState.DONE}
        said = (
            "%s %s, %s torrents: %.0f s to load, %.1f s to plan %s, %.0f s to purge %s (CPU %.0f s)"
        )
        numbers = (
            len(many.made),
            loaded - begun,
            planned - loaded,
            len(by_key),
            took,
            len(by_key),
            cpu,
        )
        _LOGGER.info(said, kind, version, *numbers)
