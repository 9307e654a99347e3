"""A job's runs: one at a time, what waits goes on, a newer plan takes a waiting one's place."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.domain.knowledge import Known, Unknown
from custom_components.showrunner.domain.plan import (
    Plan,
    Pool,
    Proceed,
    Skip,
    StepState,
    Wait,
)
from custom_components.showrunner.jobs.kit import waiting
from custom_components.showrunner.jobs.kit.plan_runs import SCHEDULED, PlanRuns
from custom_components.showrunner.jobs.kit.refusals import AlreadyRunning
from custom_components.showrunner.jobs.spec import Jobs, JobSpec, Parts, itself
from custom_components.showrunner.operations import Applied
from custom_components.showrunner.options import SafetyOptions
from custom_components.showrunner.signals import Signals, Topic
from custom_components.showrunner.store import Store
from tests.domain.plans import step

from .carrying import FakeJob, Runs, fresh, states

DONE, PLANNED, SKIPPED = StepState.DONE, StepState.PLANNED, StepState.SKIPPED


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "runs.db")
    yield opened
    await opened.close()


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
    fake = FakeJob(check_says=Wait("not yet"))
    one = Runs(store, fake)
    task = asyncio.create_task(one.runs.work())
    assert states(await one.runs.start(plan("p"), dry_run=False)) == [PLANNED]
    assert one.heard == []
    fake.check_says = Proceed()
    await until(one, "p", DONE)
    while one.heard != ["done"]:
        await asyncio.sleep(0.005)
    task.cancel()


async def test_law_15_what_waited_goes_on_after_a_restart(store: Store) -> None:
    """It is found in the store."""
    await Runs(store, FakeJob(check_says=Wait("not yet"))).runs.start(plan("p"), dry_run=False)
    one = Runs(store, FakeJob())
    task = asyncio.create_task(one.runs.work())
    await until(one, "p", DONE)
    task.cancel()


async def test_law_2_what_waits_is_halted_by_the_dry_run(store: Store) -> None:
    """Unless a person has confirmed it during one; switched off, it goes on."""
    fake = FakeJob(check_says=Wait("not yet"))
    one = Runs(store, fake)
    await one.runs.start(plan("p"), dry_run=False)
    one.dry_run = True
    await one.runs.start(plan("q", of="other"), dry_run=False)
    fake.check_says = Proceed()
    task = asyncio.create_task(one.runs.work())
    await until(one, "q", DONE)
    assert states(await one.kept("p")) == [PLANNED]
    one.dry_run = False
    await until(one, "p", DONE)
    task.cancel()


async def test_a_dry_run_leaves_a_trace_only_where_it_is_kept(store: Store) -> None:
    """No plan, no event; kept it can be applied."""
    one = Runs(store, FakeJob())
    await one.runs.start(plan("p"), dry_run=True, keep=False)
    assert (await store.plans.get("p"), one.heard) == (None, [])
    shown = await one.runs.start(plan("q"), dry_run=True)
    assert (shown.dry_run, one.heard) == (True, ["planned"])
    assert states(await one.runs.apply(await one.kept("q"), None, dry_run=False)) == [DONE]


async def test_what_a_person_applies_is_no_longer_the_clocks(store: Store) -> None:
    """It came by the clock, and goes on by a person's word: also while its job is switched off."""
    one = Runs(store, FakeJob(check_says=Wait("not yet")))
    await store.plans.put(replace(plan("p"), intent={"of": "it", SCHEDULED: True}))
    done = await one.runs.apply(await one.kept("p"), None, dry_run=False)
    assert (done.intent, (await one.kept("p")).intent) == ({"of": "it"}, {"of": "it"})


async def test_a_newer_plan_for_the_same_takes_the_place_of_one_that_waits(store: Store) -> None:
    """One for something else does not. That it was replaced is no news: nothing has failed."""
    fake = FakeJob(check_says=Wait("not yet"))
    one = Runs(store, fake)
    for name, of in (("p", "it"), ("q", "other")):
        await one.runs.start(plan(name, of), dry_run=False)
    fake.check_says = Proceed()
    assert states(await one.runs.start(plan("r"), dry_run=False)) == [DONE]
    assert states(await one.kept("p")) == [SKIPPED]
    assert states(await one.kept("q")) == [PLANNED]
    assert one.heard == ["done"]


async def test_a_plan_of_which_a_step_may_have_happened_is_not_replaced(store: Store) -> None:
    """Ended, it would never be known whether it took place."""
    fake = FakeJob(apply_says=Unreachable("Radarr", "cut off"), happened_says=Unknown("no answer"))
    one = Runs(store, fake)
    assert states(await one.runs.start(plan("p"), dry_run=False)) == [PLANNED]
    fake.apply_says = Applied("done", {})
    assert states(await one.runs.start(plan("r"), dry_run=False)) == [DONE]
    assert states(await one.kept("p")) == [PLANNED]
    fake.happened_says = Known(Applied("it was done", {}))
    assert states(await one.runs.start(plan("s"), dry_run=False)) == [DONE]
    assert states(await one.kept("p")) == [DONE]


async def test_law_11_a_plan_that_is_being_carried_out_is_not_replaced(store: Store) -> None:
    """The second is refused, leaves nothing behind, and the first ends as it would."""
    gate = asyncio.Event()
    fake = FakeJob(gate=gate)
    one = Runs(store, fake)
    task = asyncio.create_task(one.runs.start(plan("p"), dry_run=False))
    while not fake.applied:
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


@pytest.mark.parametrize(("needless", "text"), [(True, "done"), (False, "failed")])
async def test_what_was_only_skipped_is_not_done(store: Store, needless: bool, text: str) -> None:
    """Unless it is so already."""
    one = Runs(store, FakeJob(check_says=Skip("it is not", needless=needless)))
    await one.runs.start(plan("p"), dry_run=False)
    assert one.heard == [text]


async def test_what_waits_ends_with_its_plan(store: Store) -> None:
    """And says so, once."""
    one = Runs(store, FakeJob(check_says=Wait("not yet")))
    soon = replace(plan("p"), expires_at=datetime.now(UTC) + timedelta(seconds=1))
    task = asyncio.create_task(one.runs.work())
    await one.runs.start(soon, dry_run=False)
    await until(one, "p", SKIPPED)
    while one.heard != ["failed"]:
        await asyncio.sleep(0.005)
    task.cancel()


async def test_a_paused_plan_is_left_alone_until_a_person_lets_it_go_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself nothing goes on, also after a restart; the word of a person is heard."""
    monkeypatch.setattr(waiting, "PAUSES", (timedelta(hours=1),))
    get, looked = store.plans.get, list[str]()

    async def noted(plan_id: str) -> Plan | None:
        looked.append(plan_id)
        return await get(plan_id)

    fake = FakeJob(check_says=Wait("not yet"))
    one = Runs(store, fake)
    await one.runs.start(plan("p"), dry_run=False)
    await one.runner.pause("p")
    fake.check_says = Proceed()
    again = Runs(store, fake)
    monkeypatch.setattr(store.plans, "get", noted)
    task = asyncio.create_task(again.runs.work())
    while "p" not in looked:
        await asyncio.sleep(0.005)
    assert (await again.kept("p")).steps[0].state is PLANNED
    await again.runner.resume("p")
    await until(again, "p", DONE)
    task.cancel()


async def test_who_has_a_paused_plan_carried_out_lets_it_go_on(store: Store) -> None:
    """That is what they want."""
    fake = FakeJob(check_says=Wait("not yet"))
    one = Runs(store, fake)
    await one.runs.start(plan("p"), dry_run=False)
    await one.runner.pause("p")
    fake.check_says = Proceed()
    assert states(await one.runs.apply(await one.kept("p"), None, dry_run=False)) == [DONE]
    assert not (await one.kept("p")).paused


async def test_a_plan_is_made_for_its_job_and_expires_by_the_options(store: Store) -> None:
    """From when its facts were asked, if that is said."""
    runs = Runs(store, FakeJob()).runs
    at = datetime(2026, 11, 2, 9, tzinfo=UTC)
    made = runs.make([step(1)], dry_run=True, intent={"of": "it"}, sources=["one"], at=at)
    assert (made.job, made.dry_run, made.created_at) == ("cleanup", True, at)
    assert made.expires_at - at == timedelta(hours=SafetyOptions().plan_hours)
    assert (made.intent, made.sources) == ({"of": "it"}, frozenset({"one"}))
    assert runs.make([], dry_run=False, intent={}).created_at > at
    assert runs.make([], dry_run=False, intent={}).plan_id != made.plan_id


async def test_what_is_not_known_is_no_size(store: Store) -> None:
    """A pool that nobody could count has none: the budget takes the least."""
    counted: dict[Pool, int | None] = {Pool.LIBRARY: 7, Pool.TORRENTS: None}

    async def sizes() -> dict[Pool, int | None]:
        return counted

    runs = Runs(store, FakeJob(), sizes=sizes).runs
    assert (await runs.measured(plan("p"))).populations == {Pool.LIBRARY: 7}
    uncounted = Runs(store, FakeJob()).runs
    brought = replace(plan("p"), populations={Pool.VIDEO_FILES: 3})
    assert await uncounted.measured(brought) == brought


async def test_every_plan_of_a_job_with_one_wish_replaces_the_last(store: Store) -> None:
    """What waits of an older one is done by the newer one."""
    one = Runs(store, FakeJob(check_says=Wait("not yet")), wish=None)
    await one.runs.start(plan("old", of="this"), dry_run=False)
    await one.runs.start(plan("new", of="that"), dry_run=False)
    assert states(await one.kept("old")) == [SKIPPED]
    assert states(await one.kept("new")) == [PLANNED]


async def test_a_job_s_runs_are_looked_after_by_the_kit(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They work, carry out what is kept, and are looked at again when a service is back."""
    monkeypatch.setattr(waiting, "PAUSES", (timedelta(hours=1),))
    fake, signals = FakeJob(check_says=Wait("not yet")), Signals()
    one, parts = Runs(store, fake), cast("Parts", SimpleNamespace(signals=signals))
    spec = JobSpec[PlanRuns](key="cleanup", create=lambda _: one.runs, runs=itself)
    jobs = Jobs([spec], parts)
    jobs.connect(parts)
    assert jobs.planner("cleanup") is one.runs
    assert jobs.planner("another") is None
    [(name, work)] = jobs.workers
    assert name == "cleanup plans"
    task = asyncio.create_task(work())
    await one.runs.start(plan("p"), dry_run=False)
    fake.check_says = Proceed()
    signals.send(Topic.SERVICE, "connected", {})
    async with asyncio.timeout(30):
        await until(one, "p", DONE)
    task.cancel()
