"""The one hand: plan first, facts must still hold, one run at a time, nothing repeated blindly."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.clients.errors import Refused, Unauthorized, Unreachable
from custom_components.showrunner.domain.guards import Budget
from custom_components.showrunner.domain.knowledge import Absent, Knowledge, Known, Unknown
from custom_components.showrunner.domain.plan import Action, Plan, Step, StepState
from custom_components.showrunner.jobs.runner import (
    AlreadyRunning,
    Applied,
    Check,
    PlanExpired,
    Proceed,
    Runner,
    Skip,
    Wait,
)
from custom_components.showrunner.store import LedgerState, Store
from tests.domain.test_laws import plan, step
from tests.english import english

DONE, SKIPPED, FAILED, PLANNED = (
    StepState.DONE,
    StepState.SKIPPED,
    StepState.FAILED,
    StepState.PLANNED,
)


@dataclass
class Hand:
    """A handler whose world the test makes up."""

    check_says: Check | Exception = field(default_factory=lambda: Proceed({"was": 1}))
    apply_says: Applied | BaseException = field(default_factory=lambda: Applied("done", {"is": 2}))
    happened_says: Knowledge[Applied] | Exception = field(default_factory=lambda: Absent("x"))
    applied: list[str] = field(default_factory=list)
    prepares: list[tuple[str, ...]] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def check(self, step: Step, prepares: Sequence[Step] = ()) -> Check:
        """Answer as told, and note what the step is said to prepare."""
        self.prepares.append(tuple(one.id for one in prepares))
        if isinstance(self.check_says, Exception):
            raise self.check_says
        return self.check_says

    async def apply(self, step: Step) -> Applied:
        """Answer as told, and remember."""
        self.applied.append(step.id)
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.apply_says, BaseException):
            raise self.apply_says
        return self.apply_says

    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Answer as told."""
        if isinstance(self.happened_says, Exception):
            raise self.happened_says
        return self.happened_says


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "runner.db")
    yield opened
    await opened.close()


def runner(store: Store, hand: Hand, budget: Budget | None = None) -> Runner:
    """Make a runner with one hand for everything."""
    wide = budget or Budget(library_items=10_000)
    return Runner(store, dict.fromkeys(Action, hand), lambda: wide, lambda: datetime.now(UTC))


def fresh(*steps: Step) -> Plan:
    """Make a plan that is not expired."""
    now = datetime.now(UTC)
    return replace(plan(*steps), created_at=now, expires_at=now + timedelta(hours=1))


def states(result: Plan) -> list[StepState]:
    """Say how the steps stand."""
    return [one.state for one in result.steps]


async def test_law_2_a_dry_run_stops_before_the_first_write(store: Store) -> None:
    """Nothing is applied, nothing is in the ledger, and the plan shown is the same."""
    hand, made = Hand(), fresh(step(1), step(2))
    result = await runner(store, hand).run(made, dry_run=True)
    assert (result.dry_run, result.steps) == (True, made.steps)
    assert hand.applied == []
    assert await store.ledger.for_plan("p") == ()


async def test_law_3_a_step_whose_facts_changed_is_skipped(store: Store) -> None:
    """And says so."""
    hand = Hand(check_says=Skip("somebody is watching it"))
    result = await runner(store, hand).run(fresh(step(1)), dry_run=False)
    assert (states(result), english(result.steps[0].detail)) == (
        [SKIPPED],
        "somebody is watching it",
    )
    assert hand.applied == []


async def test_law_1_what_cannot_be_checked_stays_planned(store: Store) -> None:
    """Silence is no reason to do it, nor to forget it; the next run goes on."""
    hand = Hand(check_says=Unreachable("Radarr", "no answer"))
    one = runner(store, hand)
    result = await one.run(fresh(step(1), step(2, after=("s1",))), dry_run=False)
    assert states(result) == [PLANNED, PLANNED]
    hand.check_says = Proceed({})
    assert states(await one.run(result, dry_run=False)) == [DONE, DONE]
    assert hand.applied == ["s1", "s2"]


async def test_the_ledger_is_written_before_and_after(store: Store) -> None:
    """What was there, what was done, how it ended."""
    gate = asyncio.Event()
    hand = Hand(gate=gate)
    task = asyncio.create_task(runner(store, hand).run(fresh(step(1)), dry_run=False))
    while not hand.applied:
        await asyncio.sleep(0.001)
    (row,) = await store.ledger.for_plan("p")
    assert (row.state, row.before) == (LedgerState.BEGUN, {"was": 1})
    gate.set()
    await task
    (row,) = await store.ledger.for_plan("p")
    assert (row.state, row.after, row.detail) == (LedgerState.DONE, {"is": 2}, "done")


async def test_law_11_one_run_at_a_time(store: Store) -> None:
    """The second call names the first, and the next after its end is let in."""
    gate = asyncio.Event()
    hand = Hand(gate=gate)
    one = runner(store, hand)
    task = asyncio.create_task(one.run(fresh(step(1)), dry_run=False))
    while not hand.applied:
        await asyncio.sleep(0.001)
    with pytest.raises(AlreadyRunning) as caught:
        await one.run(replace(fresh(step(1)), plan_id="q"), dry_run=False)
    assert caught.value.plan_id == "p"
    gate.set()
    await task
    assert one.running("cleanup") is None


async def test_an_old_plan_is_not_carried_out(store: Store) -> None:
    """Its facts are too old."""
    old = replace(fresh(step(1)), expires_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(PlanExpired):
        await runner(store, Hand()).run(old, dry_run=False)


async def test_law_8_the_hand_cuts_to_the_budget(store: Store) -> None:
    """Whatever the plan says."""
    hand = Hand()
    result = await runner(store, hand, Budget(max_items=2, library_items=10_000)).run(
        fresh(step(1), step(2), step(3)), dry_run=False
    )
    assert len(hand.applied) == 2
    assert StepState.CUT in states(result)


async def test_only_chosen_steps_are_carried_out(store: Store) -> None:
    """What depends on one that was not chosen waits."""
    hand = Hand()
    result = await runner(store, hand).run(
        fresh(step(1), step(2), step(3, after=("s1",))), dry_run=False, steps=["s2", "s3"]
    )
    assert states(result) == [PLANNED, DONE, PLANNED]


async def test_a_refusal_ends_the_step_and_what_depends_on_it(store: Store) -> None:
    """The rest goes on."""
    hand = Hand(apply_says=Refused("Radarr", 400, "no such folder"))
    result = await runner(store, hand).run(fresh(step(1), step(2, after=("s1",))), dry_run=False)
    assert states(result) == [FAILED, SKIPPED]
    assert "no such folder" in english(result.steps[0].detail)


async def test_a_refused_key_leaves_the_step_for_later(store: Store) -> None:
    """It did not happen; with a new key it does."""
    hand = Hand(apply_says=Unauthorized("Radarr", "the key was refused"))
    one = runner(store, hand)
    result = await one.run(fresh(step(1)), dry_run=False)
    assert states(result) == [PLANNED]
    hand.apply_says = Applied("done", {})
    assert states(await one.run(result, dry_run=False)) == [DONE]


@pytest.mark.parametrize(
    ("happened", "state", "applied"),
    [
        (Known(Applied("it was done", {})), DONE, 1),
        (Absent("x"), PLANNED, 1),
        (Unknown("still down"), PLANNED, 1),
        (Unreachable("Radarr", "down"), PLANNED, 1),
    ],
)
async def test_an_answer_that_was_lost_is_read_back(
    store: Store, happened: object, state: StepState, applied: int
) -> None:
    """Never repeated blindly within the run."""
    hand = Hand(apply_says=Unreachable("Radarr", "broke off"), happened_says=happened)  # type: ignore[arg-type]
    result = await runner(store, hand).run(fresh(step(1)), dry_run=False)
    assert states(result) == [state]
    assert len(hand.applied) == applied


@pytest.mark.parametrize(
    ("happened", "state", "applied"),
    [
        (Known(Applied("it was done", {})), DONE, 1),
        (Unknown("still down"), PLANNED, 1),
        (Absent("x"), DONE, 2),
    ],
)
async def test_a_crash_in_the_middle_is_read_back(
    store: Store, happened: Knowledge[Applied], state: StepState, applied: int
) -> None:
    """Killed between the change and the ledger: asked first, done again only if it was not."""
    hand = Hand(apply_says=asyncio.CancelledError())
    made = fresh(step(1))
    with pytest.raises(asyncio.CancelledError):
        await runner(store, hand).run(made, dry_run=False)
    (row,) = await store.ledger.for_plan("p")
    assert row.state is LedgerState.BEGUN
    hand.apply_says, hand.happened_says = Applied("done", {}), happened
    result = await runner(store, hand).run(made, dry_run=False)
    assert states(result) == [state]
    assert len(hand.applied) == applied


async def test_settling_reads_back_and_does_nothing(store: Store) -> None:
    """Also for a plan that has expired since."""
    hand = Hand(apply_says=asyncio.CancelledError())
    made = fresh(step(1), step(2))
    with pytest.raises(asyncio.CancelledError):
        await runner(store, hand).run(made, dry_run=False)
    hand.happened_says = Known(Applied("it was done", {"is": 3}))
    begun = await store.plans.get("p")
    assert begun is not None
    old = replace(begun, expires_at=datetime.now(UTC))
    await store.plans.put(old)
    settled = await runner(store, hand).settle(old)
    assert states(settled) == [DONE, PLANNED]
    assert hand.applied == ["s1"]
    assert await store.plans.get("p") == settled


async def test_what_nobody_can_carry_out_is_skipped(store: Store) -> None:
    """A plan of a newer release."""
    nobody = Runner(store, {}, Budget, lambda: datetime.now(UTC))
    result = await nobody.run(fresh(step(1)), dry_run=False)
    assert states(result) == [SKIPPED]


# -- law 15 ----------------------------------------------------------------------------------------


def unmonitor(number: int) -> Step:
    """Make a step that only prepares a deletion."""
    return replace(step(number), action=Action.UNMONITOR_MOVIE)


async def test_law_15_a_step_that_must_wait_stays_planned_and_is_marked(store: Store) -> None:
    """With what comes after it; the job that made the plan comes back to both."""
    hand = Hand(check_says=Wait("Jellyfin still shows it"))
    one = runner(store, hand)
    result = await one.run(fresh(step(1), step(2, after=("s1",))), dry_run=False)
    assert states(result) == [PLANNED, PLANNED]
    assert [english(s.detail) for s in result.steps] == [
        "Jellyfin still shows it",
        "waits for the step before it",
    ]
    assert result.waiting == result.steps
    assert await store.plans.get("p") == result
    hand.check_says = Proceed({})
    result = await one.run(result, dry_run=False)
    assert (states(result), result.waiting) == ([DONE, DONE], ())


async def test_law_15_what_a_kill_left_undone_waits(store: Store) -> None:
    """Marked before the first step is done: a restart finds what is to go on."""
    hand = Hand(apply_says=asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await runner(store, hand).run(
            fresh(step(1), step(2), step(3)), dry_run=False, steps=["s1", "s2"]
        )
    kept = await store.plans.get("p")
    assert kept is not None
    assert [one.id for one in kept.waiting] == ["s1", "s2"]
    assert kept.dry_run is False


async def test_law_15_what_is_needless_holds_nothing_up(store: Store) -> None:
    """Somebody else did it: what comes after it goes on; what was refused stops it."""
    for needless, second in ((True, DONE), (False, SKIPPED)):
        hand = Hand(check_says=Skip("it is so already", needless=needless))
        made = replace(fresh(step(1), step(2, after=("s1",))), plan_id=f"p{needless}")
        result = await runner(store, hand).run(made, dry_run=False, steps=["s1", "s2"])
        hand.check_says = Proceed({})
        assert result.steps[0].needless is needless
        result = await runner(store, hand).run(
            result.with_steps([replace(result.steps[1], state=PLANNED)]), dry_run=False
        )
        assert states(result) == [SKIPPED, second]


async def test_law_15_a_preparation_is_checked_with_what_it_prepares(store: Store) -> None:
    """With every deletion after it that is still to do; a deletion prepares nothing."""
    hand = Hand()
    made = fresh(
        unmonitor(1), step(2, after=("s1",)), step(3, after=("s1", "s2")), unmonitor(4), step(5)
    )
    await runner(store, hand).run(made, dry_run=False)
    assert hand.prepares == [("s2", "s3"), (), (), (), ()]


async def test_law_15_a_preparation_is_not_done_for_a_deletion_that_was_not_chosen(
    store: Store,
) -> None:
    """It waits for the person, and says so."""
    hand = Hand()
    made = fresh(unmonitor(1), step(2, after=("s1",)), step(3))
    result = await runner(store, hand).run(made, dry_run=False, steps=["s1", "s3"])
    assert (states(result), hand.applied) == ([PLANNED, PLANNED, DONE], ["s3"])
    assert "not chosen" in english(result.steps[0].detail)
    assert result.waiting == ()


async def test_law_8_what_was_begun_is_not_cut_off_in_its_middle(store: Store) -> None:
    """Beyond a budget that was lowered since it waits; with the old one it goes on."""
    hand = Hand(check_says=Wait("not yet"))
    caps = [Budget(library_items=10_000)]
    one = Runner(store, dict.fromkeys(Action, hand), lambda: caps[-1], lambda: datetime.now(UTC))
    made = await one.run(fresh(unmonitor(1), step(2, items=9, after=("s1",))), dry_run=False)
    made = made.with_steps([replace(made.steps[0], state=DONE, waits=False)])
    hand.check_says = Proceed({})
    caps.append(Budget(max_items=5, library_items=10_000))
    result = await one.run(made, dry_run=False)
    assert (states(result), hand.applied) == ([DONE, PLANNED], [])
    assert "beyond the budget" in english(result.steps[1].detail)
    assert [s.id for s in result.waiting] == ["s2"]
    caps.append(Budget(library_items=10_000))
    assert states(await one.run(result, dry_run=False)) == [DONE, DONE]


@pytest.mark.parametrize("lost", [False, True])
async def test_what_was_done_by_half_has_failed(store: Store, lost: bool) -> None:
    """Whether the service said so or it was read back; what is gone is counted and remembered."""
    half = Applied("1 of 2 files are gone", {"left": [2]}, 5, half=True)
    hand = Hand(apply_says=half)
    if lost:
        hand = Hand(apply_says=Unreachable("Sonarr", "broke off"), happened_says=Known(half))
    result = await runner(store, hand).run(fresh(step(1), step(2, after=("s1",))), dry_run=False)
    assert states(result) == [FAILED, SKIPPED]
    assert (result.steps[0].bytes_freed, result.totals["bytes_freed"]) == (5, 5)
    (row,) = await store.ledger.for_plan("p")
    assert (row.state, row.after) == (LedgerState.FAILED, {"left": [2]})
    assert await store.ledger.deleted_at(step(1).title.key) is not None


async def test_what_failed_whole_is_no_deletion(store: Store) -> None:
    """Then the title may be fetched again."""
    hand = Hand(apply_says=Refused("Radarr", 400, "no"))
    await runner(store, hand).run(fresh(step(1)), dry_run=False)
    assert await store.ledger.deleted_at(step(1).title.key) is None
