"""kill -9 at any moment loses nothing that was acknowledged."""

import asyncio
from pathlib import Path
import random
import signal
import sqlite3
import sys

import pytest

from custom_components.showrunner.store import Store

from .courses import one_after_the_other
from .subjects import SUBJECTS, Write

_WRITER = """
import asyncio, sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from custom_components.showrunner.store import LedgerState, Store
from tests.domain.samples import NOW
from tests.store.viewings import VIEWING, WHOLE
from tests.domain.plans import step

async def main():
    store = await Store.open(Path(sys.argv[1]))
    print("ready", flush=True)
    for number in range(100_000):
        day = NOW.date() + timedelta(days=number)
        await store.viewings.save(replace(WHOLE, day=day))
        row = await store.ledger.begin("job", f"plan{number}", step(number), {})
        await store.ledger.finish(row, LedgerState.DONE, "done", {})
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.real
@pytest.mark.parametrize("seed", range(5))
async def test_what_was_acknowledged_survives_kill_9(tmp_path: Path, seed: int) -> None:
    """Killed after a random while, reopened: every acknowledged row is there and whole."""
    path = tmp_path / "killed.db"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WRITER, str(path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"ready"
    reader = asyncio.create_task(process.stdout.read())
    await asyncio.sleep(random.Random(seed).uniform(0.05, 0.8))
    process.send_signal(signal.SIGKILL)
    acknowledged = [int(line) for line in (await reader).split(b"\n")[:-1]]
    await process.wait()
    with sqlite3.connect(path) as raw:
        assert raw.execute("pragma integrity_check").fetchone() == ("ok",)
    raw.close()
    store = await Store.open(path)
    viewings = await store.viewings.history(limit=100_000)
    # What was written and not acknowledged any more may be there too: at most one.
    assert len(acknowledged) <= len(viewings) <= len(acknowledged) + 1
    for number in acknowledged:
        (row,) = await store.ledger.for_plan(f"plan{number}")
        assert row.state == "done"
    await store.close()


_EVERYTHING = """
import asyncio, sys
from pathlib import Path
from custom_components.showrunner.store import Store
from tests.store.test_kill import course

async def main():
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    stores = {}
    for name, write in course(seed):
        if name not in stores:
            (folder / name).mkdir()
            stores[name] = await Store.open(folder / name / "killed.db")
        await write.do(stores[name], folder / name)
        print(name, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def course(seed: int) -> list[tuple[str, Write]]:
    """Give what is written to all repositories; what only adds adds each thing once."""
    rng = random.Random(seed)
    left = {name: list(subject.writes) for name, subject in SUBJECTS.items()}
    for name, subject in SUBJECTS.items():
        if not subject.appends:
            left[name] = rng.choices(left[name], k=12)
        rng.shuffle(left[name])
    some = [(name, write) for name, writes in left.items() for write in writes[:12]]
    # Each in its own database, in its own order.
    names = [name for name, _ in some]
    rng.shuffle(names)
    return [(name, left[name].pop()) for name in names]


@pytest.mark.long
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.real) for seed in range(1, 6))]
)
async def test_no_repository_loses_or_doubles_what_was_acknowledged(
    tmp_path: Path, seed: int
) -> None:
    """Each has what was acknowledged, and at most the one that was being written, once."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _EVERYTHING, str(tmp_path), str(seed), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    wanted = random.Random(seed).randrange(20, 140)
    acknowledged = [await process.stdout.readline() for _ in range(wanted)]
    process.send_signal(signal.SIGKILL)
    acknowledged += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    rows = [line.decode().strip() for line in acknowledged if line.endswith(b"\n")]
    writes = course(seed)
    assert rows == [name for name, _ in writes[: len(rows)]]
    for name in sorted(set(rows)):
        subject, folder = SUBJECTS[name], tmp_path / name
        sure = [write for other, write in writes[: len(rows)] if other == name]
        may = sure + [write for other, write in writes[len(rows) : len(rows) + 1] if other == name]
        with sqlite3.connect(folder / "killed.db") as raw:
            assert raw.execute("pragma integrity_check").fetchone() == ("ok",)
        raw.close()
        store = await Store.open(folder / "killed.db")
        held = await subject.held(store, folder)
        await store.close()
        least = (await one_after_the_other(subject, sure))[0][-1]
        most = (await one_after_the_other(subject, may))[0][-1]
        assert held in (least, most) or (least <= held <= most), name
