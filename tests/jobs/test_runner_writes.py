"""What a run writes, and when: before each step, and how it ended before the next is done."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
import shutil
import sqlite3
from typing import Any, cast

import pytest
from sqlalchemy import Connection, event

from custom_components.showrunner.domain.knowledge import Absent, Knowledge, Known
from custom_components.showrunner.domain.plan import Check, Plan, Step, StepState
from custom_components.showrunner.jobs.kit import endings
from custom_components.showrunner.operations import Applied
from custom_components.showrunner.store import LedgerState, Store, StoreError, Write
from tests.domain.plans import step
from tests.store.scratch import counted, engines, scratch

from .carrying import FakeJob, fresh, runner


def on_disk(path: Path) -> dict[str, tuple[str, bool]]:
    """Read how each step stands in the ledger, and whether the plan has it as done."""
    with sqlite3.connect(path) as raw:
        ledger = dict(raw.execute("select step_id, state from ledger"))
        done = {
            name: '"done"' in data
            for name, data in raw.execute("select step_id, data from plan_steps")
        }
    raw.close()
    return {name: (ledger.get(name, ""), done[name]) for name in done}


class Watching(FakeJob):
    """Looks at the disk whenever it is told to do something."""

    seen: list[dict[str, tuple[str, bool]]]
    path: Path

    async def apply(self, step: Step) -> Applied | None:
        """Look, and do it."""
        self.seen.append(on_disk(self.path))
        return await super().apply(step)


def some(number: int) -> Plan:
    """Make a plan of several steps."""
    return fresh(*(step(one) for one in range(1, number + 1)))


async def test_how_a_step_ended_is_on_the_disk_before_the_next_is_done() -> None:
    """In the ledger and in the plan; and of the next, that it is begun."""
    async with scratch() as path:
        store = await Store.open(path)
        fake = Watching()
        fake.seen, fake.path = [], path
        await runner(store, fake).run(some(4), dry_run=False)
        await store.close()
    assert [list(seen.values()) for seen in fake.seen] == [
        [*[("done", True)] * before, ("begun", False), *[("", False)] * (3 - before)]
        for before in range(4)
    ]


async def test_a_step_costs_one_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """How one ended, and that the next is begun."""
    monkeypatch.setattr(endings, "_SOON", 600.0)  # however busy this machine is
    async with scratch() as path:
        store = await Store.open(path)
        commits = counted(store)
        done = await runner(store, FakeJob()).run(some(20), dry_run=False)
        await store.close()
    assert done.totals["done"] == 20
    # The plan, the first beginning, nineteen times an ending with a beginning, and the last ending.
    assert commits[0] == 22


class Slow(Watching):
    """Its check of a later step takes until the one before is on the disk as done."""

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Wait."""
        before = [state for state in on_disk(self.path).values() if state[0]]
        while self.applied and before[-1:] != [("done", True)]:
            await asyncio.sleep(0.001)
            before = [state for state in on_disk(self.path).values() if state[0]]
        return await super().recheck(plan, step, prepares)


async def test_an_ending_does_not_wait_for_a_check_that_takes_its_time() -> None:
    """It goes to the disk by itself then."""
    async with scratch() as path:
        store = await Store.open(path)
        fake = Slow()
        fake.seen, fake.path = [], path
        done = await runner(store, fake).run(some(3), dry_run=False)
        await store.close()
    assert done.totals["done"] == 3


async def test_an_ending_is_kept_also_when_the_next_beginning_can_not_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Then the run ends, and it is known what was done."""
    async with scratch() as path:
        store = await Store.open(path)
        whole = store.ledger.to_begin

        def second_refused(
            job: str, plan_id: str, step: Step, before: Mapping[str, object]
        ) -> Write[int]:
            def work(connection: Connection) -> int:
                raise StoreError("no room")

            return Write(work) if step.id == "s2" else whole(job, plan_id, step, before)

        monkeypatch.setattr(store.ledger, "to_begin", second_refused)
        fake = FakeJob()
        with pytest.raises(StoreError, match="no room"):
            await runner(store, fake).run(some(3), dry_run=False)
        await store.close()
        states = on_disk(path)
    assert fake.applied == ["s1"]
    assert states == {"s1": ("done", True), "s2": ("", False), "s3": ("", False)}


async def test_after_what_could_not_be_kept_nothing_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The disk is full after the first: the second is not begun on a memory of that."""
    async with scratch() as path:
        store = await Store.open(path)

        def refused(plan_id: str, step: Step) -> Write[None]:
            def work(connection: Connection) -> None:
                raise StoreError("the disk is full")

            return Write(work)

        monkeypatch.setattr(store.plans, "to_put_step", refused)
        fake = FakeJob()
        with pytest.raises(StoreError, match="the disk is full"):
            await runner(store, fake).run(some(3), dry_run=False)
        assert fake.applied == ["s1"]
        rows = {row.step_id: row.state for row in await store.ledger.for_plan("p")}
        assert rows["s1"] is LedgerState.BEGUN, "with the plan or not at all"
        await store.close()


@pytest.mark.parametrize("late", [False, True])
async def test_no_step_begins_over_an_earlier_ending_that_fails(
    monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """Also when a later one, of a step that was not begun, is written after it or comes late."""
    monkeypatch.setattr(endings, "_SOON", 0.0)
    gate, writing, written = asyncio.Event(), asyncio.Event(), list[str]()

    class Disk:
        async def together(self, *writes: str) -> tuple[int, ...]:
            if writes[0] == "first":
                writing.set()
                await gate.wait()
                raise StoreError("the disk is full")
            written.extend(writes)
            return (1,) * len(writes)

    store: Any = Disk()
    first, second, third = cast("Any", "first"), cast("Any", "second"), cast("Any", "third")
    answer = list[str]()
    one = endings.Endings(store, lambda step: answer.append(step.id))
    one.add(step(1), [first])
    await writing.wait()
    one.add(step(2), [second])
    while one._timer is not None and not late:
        await asyncio.sleep(0)
    beginning = asyncio.create_task(one.written_with(third))
    for _ in range(5):
        await asyncio.sleep(0.001)
    assert written == []
    gate.set()
    with pytest.raises(StoreError, match="the disk is full"):
        await beginning
    assert "third" not in written
    await one.written()
    assert (written, answer) == (["second"], ["s2"])


class Moment:
    """Keeps the files as a kill leaves them at some statement, and what was done by then."""

    def __init__(self, store: Store, path: Path, fake: FakeJob, at: int) -> None:
        self._path, self._hand, self._left = path, fake, at
        self.copy = path.with_name("left.db")
        self.done: list[str] | None = None
        for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(engines(store)[0], moment, self._look)

    def _look(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            self.done = list(self._hand.applied)
            for beside in ("", "-wal"):
                shutil.copy(f"{self._path}{beside}", f"{self.copy}{beside}")


class Back(FakeJob):
    """Knows what was really done before the kill."""

    before: list[str]

    async def read_back(self, step: Step, since: object) -> Knowledge[Applied]:
        """Say so."""
        return Known(Applied("done", {"is": 2})) if step.id in self.before else Absent("x")


@pytest.mark.parametrize("third", range(3))
async def test_a_kill_at_any_moment_repeats_nothing_and_leaves_nothing_out(third: int) -> None:
    """Whatever was written by then: gone on with, each step was done once, and is known to be."""
    at = third + 1
    while await _gone_on_with_after(at):
        at += 3
    assert at > 30


async def _gone_on_with_after(at: int) -> bool:
    async with scratch() as path:
        store = await Store.open(path)
        plan, fake = some(4), FakeJob()
        await store.plans.put(plan)
        moment = Moment(store, path, fake, at)
        await runner(store, fake).run(plan, dry_run=False)
        await store.close()
        if moment.done is None:
            return False
        left = await Store.open(moment.copy)
        kept = await left.plans.get("p")
        assert kept is not None
        back = Back()
        back.before = moment.done
        one = runner(left, back)
        settled = await one.settle(kept)
        done = await one.run(replace(settled, expires_at=plan.expires_at), dry_run=False)
        assert {one.state for one in done.steps} == {StepState.DONE}
        assert Counter(moment.done + back.applied) == Counter(one.id for one in plan.steps)
        rows = await left.ledger.for_plan("p")
        ended = Counter(row.step_id for row in rows if row.state is LedgerState.DONE)
        assert ended == Counter(one.id for one in plan.steps)
        await left.close()
    return True
