"""A job's runs: one at a time, what waits goes on, a newer plan takes a waiting one's place."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from custom_components.showrunner.domain.plan import Action, Plan, Proceed, Skip, StepState, Wait
from custom_components.showrunner.domain.plan.guards import Budget
from custom_components.showrunner.jobs import waiting
from custom_components.showrunner.jobs.plan_runs import PlanRuns
from custom_components.showrunner.jobs.runner import AlreadyRunning, Runner
from custom_components.showrunner.options import Options, SafetyOptions
from custom_components.showrunner.signals import Attributes, Signals, Topic
from custom_components.showrunner.store import Store
from tests.domain.plans import step

from .test_runner import Hand, fresh, not_frozen, states

DONE, PLANNED, SKIPPED = StepState.DONE, StepState.PLANNED, StepState.SKIPPED


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "runs.db")
    yield opened
    await opened.close()


class Runs:
    """The runs of a job whose world the test makes up, and what was told of them."""

    def __init__(self, store: Store, hand: Hand) -> None:
        """Make them."""
        self.store, self.hand, self.dry_run = store, hand, False
        self.heard: list[str] = []
        signals = Signals()
        signals.subscribe(Topic.JOB, self._hear)
        runner = Runner(
            store,
            dict.fromkeys(Action, hand),
            budget=Budget,
            frozen=not_frozen,
            now=lambda: datetime.now(UTC),
        )
        self.runs = PlanRuns(
            "cleanup",
            hand,
            store,
            signals,
            runner,
            options=lambda: Options(safety=SafetyOptions(dry_run=self.dry_run)),
            now=lambda: datetime.now(UTC),
            wish=lambda plan: plan.intent.get("of"),
        )

    def _hear(self, kind: str, attributes: Attributes) -> None:
        self.heard.append(kind)

    async def kept(self, plan_id: str) -> Plan:
        """Give a plan as it stands."""
        return cast("Plan", await self.store.plans.get(plan_id))


def plan(plan_id: str, of: str = "it") -> Plan:
    """Make a plan of one step for a wish."""
    return replace(fresh(step(1)), plan_id=plan_id, intent={"of": of})


async def until(runs: Runs, plan_id: str, state: StepState) -> None:
    """Wait until a plan's step stands so."""
    while (await runs.kept(plan_id)).steps[0].state is not state:
        await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what waits tried again at once."""
    monkeypatch.setattr(waiting, "PAUSES", (timedelta(milliseconds=10),))
    monkeypatch.setattr(waiting, "LEAST", timedelta(milliseconds=5))


async def test_law_15_what_must_wait_goes_on_by_itself(store: Store) -> None:
    """Nothing is told of it until it has ended."""
    hand = Hand(check_says=Wait("not yet"))
    one = Runs(store, hand)
    task = asyncio.create_task(one.runs.work())
    assert states(await one.runs.start(plan("p"), dry_run=False)) == [PLANNED]
    assert one.heard == []
    hand.check_says = Proceed()
    await until(one, "p", DONE)
    while one.heard != ["done"]:
        await asyncio.sleep(0.005)
    task.cancel()


async def test_law_15_what_waited_goes_on_after_a_restart(store: Store) -> None:
    """It is found in the store."""
    await Runs(store, Hand(check_says=Wait("not yet"))).runs.start(plan("p"), dry_run=False)
    one = Runs(store, Hand())
    task = asyncio.create_task(one.runs.work())
    await until(one, "p", DONE)
    task.cancel()


async def test_law_2_what_waits_is_halted_by_the_dry_run(store: Store) -> None:
    """Unless a person has confirmed it during one; switched off, it goes on."""
    hand = Hand(check_says=Wait("not yet"))
    one = Runs(store, hand)
    await one.runs.start(plan("p"), dry_run=False)
    one.dry_run = True
    await one.runs.start(plan("q", of="other"), dry_run=False)
    hand.check_says = Proceed()
    task = asyncio.create_task(one.runs.work())
    await until(one, "q", DONE)
    assert states(await one.kept("p")) == [PLANNED]
    one.dry_run = False
    await until(one, "p", DONE)
    task.cancel()


async def test_a_dry_run_leaves_a_trace_only_where_it_is_kept(store: Store) -> None:
    """No plan, no event; kept it can be applied."""
    one = Runs(store, Hand())
    await one.runs.start(plan("p"), dry_run=True, keep=False)
    assert (await store.plans.get("p"), one.heard) == (None, [])
    shown = await one.runs.start(plan("q"), dry_run=True)
    assert (shown.dry_run, one.heard) == (True, ["planned"])
    assert states(await one.runs.apply(await one.kept("q"), None, dry_run=False)) == [DONE]


async def test_a_newer_plan_for_the_same_takes_the_place_of_one_that_waits(store: Store) -> None:
    """One for something else does not."""
    hand = Hand(check_says=Wait("not yet"))
    one = Runs(store, hand)
    for name, of in (("p", "it"), ("q", "other")):
        await one.runs.start(plan(name, of), dry_run=False)
    hand.check_says = Proceed()
    assert states(await one.runs.start(plan("r"), dry_run=False)) == [DONE]
    assert states(await one.kept("p")) == [SKIPPED]
    assert states(await one.kept("q")) == [PLANNED]
    assert one.heard == ["failed", "done"]


async def test_law_11_a_plan_that_is_being_carried_out_is_not_replaced(store: Store) -> None:
    """The second is refused, leaves nothing behind, and the first ends as it would."""
    gate = asyncio.Event()
    hand = Hand(gate=gate)
    one = Runs(store, hand)
    task = asyncio.create_task(one.runs.start(plan("p"), dry_run=False))
    while not hand.applied:
        await asyncio.sleep(0.001)
    with pytest.raises(AlreadyRunning) as caught:
        await one.runs.start(plan("q"), dry_run=False)
    assert caught.value.values["plan_id"] == "p"
    with pytest.raises(AlreadyRunning):
        await one.runs.apply(plan("p"), None, dry_run=False)
    assert await store.plans.get("q") is None
    gate.set()
    assert states(await task) == [DONE]
    assert one.heard == ["done"]


@pytest.mark.parametrize(("needless", "told"), [(True, "done"), (False, "failed")])
async def test_what_was_only_skipped_is_not_done(store: Store, needless: bool, told: str) -> None:
    """Unless it is so already."""
    one = Runs(store, Hand(check_says=Skip("it is not", needless=needless)))
    await one.runs.start(plan("p"), dry_run=False)
    assert one.heard == [told]


async def test_what_waits_ends_with_its_plan(store: Store) -> None:
    """And says so, once."""
    one = Runs(store, Hand(check_says=Wait("not yet")))
    soon = replace(plan("p"), expires_at=datetime.now(UTC) + timedelta(milliseconds=60))
    task = asyncio.create_task(one.runs.work())
    await one.runs.start(soon, dry_run=False)
    await until(one, "p", SKIPPED)
    while one.heard != ["failed"]:
        await asyncio.sleep(0.005)
    task.cancel()
