"""A purge of real torrent clients: what was planned is gone from them and the disk, nothing else.

A plain rTorrent leaves its files, so a real OpenSSH server removes them over the same folder.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
import os
from pathlib import Path
import random
from types import SimpleNamespace
from typing import Final
from urllib.parse import unquote_to_bytes

import pytest

from custom_components.showrunner.clients.torrents import TorrentClient
from custom_components.showrunner.domain.plan import (
    Plan,
    RemoveRemoteFiles,
    RemoveTorrent,
    StepState,
)
from custom_components.showrunner.domain.torrents import TorrentList, TorrentState
from custom_components.showrunner.store import Store
from tests.english import english
from tests.jobs.purging import purge_of
from tests.operations.disk import tree
from tests.real import lab
from tests.real.sshd import sshd
from tests.real.torrent_clients import KINDS, linked
from tests.real.torrents import ODD, Made, make

from .purging import NOBODY, SEEDS, RealBox, closing, compared, wanted_of, without

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("socket_enabled")]

_RENAMED: Final = frozenset(
    {"control", "latin folder", "latin1", "longest", "newline", "odd folder", "surrogate"}
)
# What a client can't name exactly, or does not find under the names that it makes of these.
STAY: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("rtorrent", "0.9.8"): frozenset(
        {"brackets", "emoji", "latin folder", "latin1", "nonchar", "surrogate", "up"}
    ),
    ("rtorrent", "0.16"): frozenset({"latin1", "latin folder", "surrogate"}),
    **{("qbittorrent", version): _RENAMED for version in lab.QBITTORRENTS},
}
# Files whose names a client can't tell, of torrents whose folders it can.
LEFT: Final = {
    ("rtorrent", "0.9.8"): ("/Ame\u0301lie 🎬.mkv".encode(), b"/[x] *?/%41 #.srt"),
}
MORE_ODD: Final = {
    "up": b"..%2f..",
    "hidden": b"..hidden.mkv",
    "longest": b"N" * 246 + b".mkv",
    "home": b"~",
    "star": b"*",
}


@dataclass
class Loaded:
    """The torrents by what they are tried for, and the files of each as they are on the disk."""

    data: Path
    announce: str
    made: dict[str, Made] = field(default_factory=dict)
    files: dict[str, frozenset[bytes]] = field(default_factory=dict)
    imported: set[str] = field(default_factory=set)
    may_go: set[str] = field(default_factory=set)
    leaves_data: set[str] = field(default_factory=set)
    dice: random.Random = field(default_factory=lambda: random.Random(3))

    def put(
        self,
        key: str,
        name: bytes,
        paths: Sequence[tuple[bytes, ...]] = ((),),
        *,
        below: str = "",
        contents: Mapping[tuple[bytes, ...], bytes] | None = None,
        flat: bool = False,
        imported: bool = True,
        may_go: bool = True,
        private: bool = False,
        announce: str = "",
    ) -> dict[tuple[bytes, ...], bytes]:
        """Make one with its data. No two are of one size, unless they have the same contents."""
        found = dict(contents or {})
        for path in paths:
            found.setdefault(path, self.dice.randbytes(1500 + 7 * len(self.made)))
        where = self.data / below
        # One that is flat has its files in a folder that is not named after it.
        one = make(
            where.parent if flat else where,
            os.fsencode(where.name) if flat else name,
            [(path, found[path]) for path in paths],
            announce or self.announce,
            private=private,
        )
        root = os.fsencode(where) if flat else os.fsencode(where) + b"/" + name
        self.made[key] = one
        self.files[key] = frozenset(b"/".join((root, *path)) for path in paths)
        self.imported |= {key} if imported else set()
        self.may_go |= {key} if imported and may_go else set()
        return found

    def key(self, info_hash: str) -> str:
        """Name one by its hash."""
        return next(key for key, one in self.made.items() if one.hash == info_hash)

    def fill(self) -> None:
        """Make them all."""
        for key, name in {**ODD, **MORE_ODD}.items():
            self.put(key, name)
        names: list[tuple[bytes, ...]] = [
            (b"two\nlines", b"-rf"),
            (b"two\nlines", b"$(x).nfo"),
            ("Ame\u0301lie 🎬.mkv".encode(),),
            (b"...", b"...", b"x"),
            (b"..a", b"E" * 250),
            (b"[x] *?", b"%41 #.srt"),
        ]
        self.put("odd folder", b" -rf $(touch x) ", names)
        self.put("odd folder 2", b"-rf $(touch x)", [(b"$(x)", b"-rf"), *names[2:4], *names[5:]])
        self.put("latin folder", "Café".encode("latin-1"), [(b"a.mkv",), (b"s", b"a.srt")])
        asks = self.announce.replace("127.0.0.1", "localhost")
        for number in range(30):
            name = f"Some.Show.S01E{number:02d}.1080p-GROUP"
            kind = ("goes", "goes", "not imported", "keep", "duty")[number % 5]
            self.put(
                f"{kind} {number}",
                name.encode() + (b".mkv" if number % 2 else b""),
                [()] if number % 2 else [(b"film.mkv",), (b"Subs", b"en.srt"), (b"a.nfo",)],
                imported=kind != "not imported",
                may_go=kind == "goes",
                announce=asks if kind == "duty" else "",
            )
        self._fill_shared()

    def _fill_shared(self) -> None:
        for all_go, name in ((True, "Both"), (False, "One")):
            paths = [(b"film.mkv",), (b"film.nfo",)]
            same = self.put(f"{name} a", name.encode(), paths)
            self.put(
                f"{name} b", name.encode(), paths, contents=same, private=True, imported=all_go
            )
            episodes = [(b"E%02d.mkv" % number,) for number in range(6)]
            pack = f"Pack.{name}"
            inside = self.put(pack, pack.encode(), episodes)
            self.put(
                f"{pack} E03",
                b"E03.mkv",
                below=pack,
                contents={(): inside[b"E03.mkv",]},
                imported=all_go,
            )
            if not all_go:
                self.leaves_data |= {f"{name} a", pack}
        self.put("flat", b"", [(b"film.mkv",), (b"film.nfo",)], below="loose", flat=True)
        self.put("flat keep", b"", [(b"f.mkv",)], below="loose 2", flat=True, may_go=False)
        # What nobody's torrent is, beside and among what goes.
        for where in (self.data, self.data / "loose", self.data / "Some.Show.S01E00.1080p-GROUP"):
            (where / "mine.txt").write_text("mine")
            (where / "out").symlink_to("/etc")
            (where / "empty").mkdir()

    async def load(self, server: lab.RTorrent | lab.QBittorrent) -> None:
        """Load them all, each where its data lie, and have them checked."""
        batches: dict[tuple[Path, bool, bool], list[Made]] = {}
        for key, one in self.made.items():
            flat, keep = key.startswith("flat"), "keep" in key
            where = self.data / (key.removesuffix(" E03") if key.endswith(" E03") else "")
            if flat:
                where = self.data / ("loose 2" if keep else "loose")
            batches.setdefault((where, flat, keep), []).append(one)
        for (where, flat, keep), made in batches.items():
            label = "tv/keep" if keep else ""
            if isinstance(server, lab.RTorrent):
                await server.load_blindly(made, where, label=label, flat=flat)
            else:
                await server.post(
                    "app/setPreferences", json=json.dumps({"max_active_checking_torrents": 50})
                )
                await server.load(made, where, category=label, check=True, flat=flat)

    async def seeds(
        self, ours: TorrentClient, least: timedelta, odd: Collection[str] = ()
    ) -> TorrentList:
        """Wait until all are checked and complete, and have seeded long enough.

        Only `odd` ones may lack their data. A client lists others as incomplete, too, before it
        has begun to check them.
        """
        busy = (TorrentState.CHECKING, TorrentState.UNKNOWN)
        may_lack = {self.made[key].hash for key in odd}
        async with asyncio.timeout(60):
            while True:
                answer, now = await ours.torrents(), datetime.now(UTC)
                if len(answer) == len(self.made) and all(
                    (one.seeded(now) or timedelta()) >= least
                    if one.complete
                    else one.hash in may_lack and one.state not in busy
                    for one in answer.by_hash.values()
                ):
                    return answer
                await asyncio.sleep(0.2)


def planned(plan: Plan, lib: Loaded) -> dict[str, bool]:
    """Name what goes, and whether its data go with it."""
    return {
        lib.key(step.payload.hash): bool(step.payload.data)
        for step in plan.steps
        if isinstance(step.payload, RemoveTorrent)
    }


def planned_files(plan: Plan, lib: Loaded) -> dict[str, frozenset[bytes]]:
    """Name the files that go over the transfer, by their torrents."""
    return {
        lib.key(one.hash): frozenset(
            unquote_to_bytes(one.folder) + b"/" + file.name for file in one.files
        )
        for step in plan.steps
        if isinstance(one := step.payload, RemoveRemoteFiles)
    }


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "purge.db")
    yield opened
    await opened.close()


@pytest.mark.parametrize(("kind", "version"), KINDS)
async def test_what_was_planned_is_gone_and_nothing_else(
    tmp_path: Path, store: Store, kind: str, version: str
) -> None:
    """Byte for byte on the disk, and in the client's list; a second purge finds nothing."""
    async with (
        sshd() as ssh,
        linked(kind, version, tmp_path / "c") as (ours, server),
        closing(ssh.client()) as sftp,
    ):
        lib = Loaded(ssh.data, NOBODY)
        lib.fill()
        ssh.own(*ssh.data.rglob("*"))
        await lib.load(server)
        await lib.seeds(ours, SEEDS[kind], STAY[kind, version])
        box = RealBox(ssh.data, ours)
        for key in sorted(lib.imported):
            box.imported(lib.made[key])
        transfer = SimpleNamespace(client=sftp, title="SFTP", remote_path=os.fsencode(ssh.data))
        job = purge_of(box, store, policy=wanted_of(SEEDS[kind]), server=transfer)
        before = tree(ssh.data)

        shown = await job.purge(None, dry_run=True)
        goes = planned(shown, lib)
        assert goes.keys() == lib.may_go - STAY[kind, version]
        takes = {key for key, data in goes.items() if data}
        assert {key for key in goes.keys() - takes if "Both" not in key} == lib.leaves_data
        left = LEFT.get((kind, version), ())
        gone = {key: frozenset(f for f in lib.files[key] if not f.endswith(left)) for key in takes}
        if kind == "rtorrent":
            assert planned_files(shown, lib) == gone
        assert tree(ssh.data) == before

        plan = await job.purge(None, dry_run=False)
        assert planned(plan, lib) == goes
        assert planned_files(plan, lib) == planned_files(shown, lib)
        undone = [one for one in plan.steps if one.state is not StepState.DONE]
        assert [(one.subject.name, one.state, english(one.detail)) for one in undone] == []
        assert plan.totals["bytes_freed"] == sum(
            len(before[file] or "") for files in gone.values() for file in files
        )
        wanted = without(before, frozenset[bytes]().union(*gone.values()))
        async with asyncio.timeout(30):  # a client may delete a little later than it says
            while len(compared(tree(ssh.data), kind)) > len(compared(wanted, kind)):
                await asyncio.sleep(0.1)
        stays = {one.hash for key, one in lib.made.items() if key not in goes}
        assert (await ours.torrents()).by_hash.keys() == stays
        second = await job.purge(None, dry_run=False)
        assert second.steps == ()
        assert compared(tree(ssh.data), kind) == compared(wanted, kind)
