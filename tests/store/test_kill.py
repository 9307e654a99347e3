"""kill -9 at any moment loses nothing that was acknowledged."""

import asyncio
from pathlib import Path
import random
import signal
import sqlite3
import sys

import pytest

from custom_components.showrunner.store import Store

_WRITER = """
import asyncio, sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from custom_components.showrunner.store import LedgerState, Store
from tests.store.test_store import NOW, VIEWING, WHOLE
from tests.domain.test_laws import step

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
