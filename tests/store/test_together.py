"""Writers that come at the same moment share a sync, and nothing else."""

import asyncio
from collections.abc import Callable
from pathlib import Path
import random
import signal
import sqlite3
import sys
import threading
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from custom_components.showrunner.store import Store, StoreError, Write

from .scratch import counted, engines


class _Odd(BaseException):
    """No error that anybody would expect."""


type Work = Callable[[Connection], object]


def puts(key: str, value: object = 1) -> Work:
    """Give what writes one value."""

    def work(connection: Connection) -> str:
        connection.execute(
            text("INSERT INTO kv (key, data) VALUES (:key, :data)"),
            {"key": key, "data": str(value)},
        )
        return key

    return work


def fails(key: str, error: BaseException) -> Work:
    """Give what writes, and fails then."""

    def work(connection: Connection) -> None:
        puts(key)(connection)
        raise error

    return work


def on_disk(path: Path) -> set[str]:
    """Look at the file with a connection of one's own."""
    with sqlite3.connect(path) as raw:
        keys = {key for (key,) in raw.execute("select key from kv")}
    raw.close()
    return keys


class Held:
    """Keeps the writing thread busy, so that what comes meanwhile comes together."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._begun, self._go_on = threading.Event(), threading.Event()

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._store._database.run(self._hold))
        await asyncio.to_thread(self._begun.wait, 60)

    def _hold(self, _: Connection) -> None:
        self._begun.set()
        self._go_on.wait(60)

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)  # whoever was started has asked by now
        self._go_on.set()
        await self._task


async def test_those_who_wait_share_a_transaction(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty writers, and the one that held them up."""
    monkeypatch.setattr("custom_components.showrunner.store.writer._OPEN_FOR", 60.0)
    commits = counted(store)
    async with Held(store):
        tasks = [asyncio.create_task(store._database.run(puts(f"k{n}"))) for n in range(50)]
    assert await asyncio.gather(*tasks) == [f"k{n}" for n in range(50)]
    assert commits == [2]
    assert on_disk(path) == {f"k{n}" for n in range(50)}


async def test_who_waits_shares_also_when_the_first_takes_long(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine each takes its time: a sync for each would make that longer still."""
    now = [0.0]

    def slow(connection: Connection) -> object:
        now[0] += 60.0
        return puts("slow")(connection)

    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("custom_components.showrunner.store.writer.time", clock)
    commits = counted(store)
    async with Held(store):
        works = [slow, puts("a"), puts("b")]
        tasks = [asyncio.create_task(store._database.run(one)) for one in works]
    assert await asyncio.gather(*tasks) == ["slow", "a", "b"]
    assert commits == [2]


async def test_nobody_waits_for_everybody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where many come, those who came first are answered before the last have begun."""
    monkeypatch.setattr("custom_components.showrunner.store.writer._OPEN_FOR", 0.0)
    commits = counted(store)
    async with Held(store):
        tasks = [asyncio.create_task(store.kv.put(f"k{n}", n)) for n in range(5)]
    await asyncio.gather(*tasks)
    assert commits == [6]


@pytest.mark.parametrize("error", [ValueError("mine"), _Odd(), StoreError("mine")])
async def test_who_fails_fails_alone(store: Store, path: Path, error: BaseException) -> None:
    """What it wrote is taken back, of the others everything is there, and each hears of itself."""
    async with Held(store):
        works = [puts("a"), fails("b", error), puts("c"), puts("c"), puts("d")]
        tasks = [asyncio.ensure_future(store._database.run(one)) for one in works]
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert done[0:1] + done[2:3] + done[4:5] == ["a", "c", "d"]
    assert done[1] is error
    assert isinstance(done[3], StoreError)
    assert "UNIQUE" in str(done[3])
    assert on_disk(path) == {"a", "c", "d"}


async def test_what_breaks_the_transaction_costs_nobody_else(store: Store, path: Path) -> None:
    """SQLite gives some up by itself, on a full disk for one: each is done again, once."""
    calls: list[str] = []

    def breaks(connection: Connection) -> None:
        calls.append("breaks")
        puts("broken")(connection)
        connection.exec_driver_sql("ROLLBACK")
        raise ValueError("mine")

    async with Held(store):
        works = [puts("a"), breaks, puts("b")]
        tasks = [asyncio.create_task(store._database.run(one)) for one in works]
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert (done[0], str(done[1]), done[2]) == ("a", "mine", "b")
    assert calls == ["breaks", "breaks"]
    assert on_disk(path) == {"a", "b"}


@pytest.mark.parametrize("failing", [{2}, {2, 3}, {2, 4, 5}])
async def test_a_commit_that_fails_has_told_nobody(
    store: Store, path: Path, failing: set[int]
) -> None:
    """The second is that of all: then each is done by itself, and fails only when its own does."""
    commits = counted(store)

    def refuse(_: Connection) -> None:
        if commits[0] in failing:
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

    event.listen(engines(store)[0], "commit", refuse)
    async with Held(store):
        tasks = [asyncio.create_task(store._database.run(puts(f"k{n}"))) for n in range(4)]
    done = await asyncio.gather(*tasks, return_exceptions=True)
    failed = {n for n, one in enumerate(done) if isinstance(one, StoreError)}
    assert failed == {commit - 3 for commit in failing - {2}}
    assert on_disk(path) == {f"k{n}" for n in range(4) if n not in failed}


async def test_several_things_are_written_together_or_not_at_all(store: Store, path: Path) -> None:
    """In their order; told of only once they are on the disk."""
    values: list[object] = []

    def tell(result: object) -> None:
        values.append((result, str(result) in on_disk(path)))

    assert await store.together(Write(puts("a"), tell), Write(puts("b"), tell)) == ("a", "b")
    assert values == [("a", True), ("b", True)]
    with pytest.raises(ValueError, match="mine"):
        await store.together(
            Write(puts("c"), tell), Write(fails("d", ValueError("mine")), tell), Write(puts("e"))
        )
    assert on_disk(path) == {"a", "b"}
    assert len(values) == 2


async def test_a_read_waits_for_no_write(store: Store) -> None:
    """It sees what was on the disk when it was asked."""
    await store.kv.put("k", "before")
    async with Held(store):
        writing = asyncio.create_task(store.kv.put("k", "after"))
        assert await store.kv.get("k") == "before"
    await writing
    assert await store.kv.get("k") == "after"


async def test_a_read_sees_one_moment(store: Store) -> None:
    """What is written between its two questions is in neither answer."""
    await store.kv.put("k", 1)
    loop = asyncio.get_running_loop()

    def twice(connection: Connection) -> list[object]:
        query = text("SELECT data FROM kv WHERE key = 'k'")
        first = connection.scalar(query)
        asyncio.run_coroutine_threadsafe(store.kv.put("k", 2), loop).result(60)
        return [first, connection.scalar(query)]

    assert await store._database.read(twice) == ["1", "1"]
    assert await store.kv.get("k") == 2


async def test_a_read_writes_nothing(store: Store, path: Path) -> None:
    """Whoever has taken the wrong door hears of it."""
    with pytest.raises(StoreError, match="readonly"):
        await store._database.read(puts("k"))
    assert on_disk(path) == set()


_MANY = """
import asyncio, sys
from pathlib import Path
from custom_components.showrunner.store import Store

async def writer(store, who):
    for number in range(100_000):
        one, other = f"{who}-{number}-one", f"{who}-{number}-other"
        await store.together(store.kv.to_put(one, number), store.kv.to_put(other, number))
        print(who, number, flush=True)

async def main():
    store = await Store.open(Path(sys.argv[1]))
    print("ready", flush=True)
    await asyncio.gather(*(writer(store, who) for who in range(8)))

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.real) for seed in range(1, 6))]
)
async def test_kill_9_between_writers_who_share_leaves_nothing_half(
    tmp_path: Path, seed: int
) -> None:
    """Of eight at once: whoever was told "done" has both rows, and nobody has one of two."""
    path = tmp_path / "killed.db"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _MANY, str(path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"ready"
    wanted = random.Random(seed).randrange(20, 400)
    rows = [await process.stdout.readline() for _ in range(wanted)]
    process.send_signal(signal.SIGKILL)
    rows += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    with sqlite3.connect(path) as raw:
        assert raw.execute("pragma integrity_check").fetchone() == ("ok",)
    raw.close()
    kept = on_disk(path)
    pairs = {key.rpartition("-")[0] for key in kept}
    assert kept == {f"{pair}-{which}" for pair in pairs for which in ("one", "other")}
    done = {b"-".join(line.split()).decode() for line in rows if line.endswith(b"\n")}
    assert done <= pairs
    assert len(pairs - done) <= 8  # each was at one more at the most
