"""The one hand: plan first, facts must still hold, one run at a time, nothing repeated blindly."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.clients.errors import (
    RateLimited,
    Refused,
    Unauthorized,
    Unreachable,
)
from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.knowledge import Absent, Answer, Knowledge, Known, Unknown
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.plan import (
    Proceed,
    Proof,
    ProofKind,
    Protection,
    Room,
    Skip,
    Step,
    StepState,
    Subject,
    Target,
    UnmonitorMovie,
    Wait,
)
from custom_components.showrunner.domain.plan.guards import Budget
from custom_components.showrunner.jobs.kit.refusals import (
    AlreadyRunning,
    NotUnderWay,
    PlanExpired,
    PlanUnknown,
)
from custom_components.showrunner.jobs.kit.runner import Change, Runner
from custom_components.showrunner.operations import Applied, NotLinked, NotPossible
from custom_components.showrunner.store import LedgerState, Store
from tests.domain.plans import step
from tests.domain.samples import FILM
from tests.english import english

from .carrying import FakeJob, OneFakeJob, fresh, not_frozen, runner, states

DONE, SKIPPED, FAILED, PLANNED = (
    StepState.DONE,
    StepState.SKIPPED,
    StepState.FAILED,
    StepState.PLANNED,
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "runner.db")
    yield opened
    await opened.close()


async def test_law_2_a_dry_run_stops_before_the_first_write(store: Store) -> None:
    """Nothing is applied, nothing is in the ledger, and the plan shown is the same."""
    fake, made = FakeJob(), fresh(step(1), step(2))
    result = await runner(store, fake).run(made, dry_run=True)
    assert (result.dry_run, result.steps) == (True, made.steps)
    assert fake.applied == []
    assert await store.ledger.for_plan("p") == ()


async def test_law_3_a_step_whose_facts_changed_is_skipped(store: Store) -> None:
    """And says so."""
    fake = FakeJob(check_says=Skip("somebody is watching it"))
    result = await runner(store, fake).run(fresh(step(1)), dry_run=False)
    assert (states(result), english(result.steps[0].detail)) == (
        [SKIPPED],
        "somebody is watching it",
    )
    assert fake.applied == []


async def test_law_1_what_cannot_be_checked_stays_planned(store: Store) -> None:
    """Silence is no reason to do it, nor to forget it; the next run goes on."""
    fake = FakeJob(check_says=Unreachable("Radarr", "no answer"))
    one = runner(store, fake)
    result = await one.run(fresh(step(1), step(2, after=("s1",))), dry_run=False)
    assert states(result) == [PLANNED, PLANNED]
    fake.check_says = Proceed()
    assert states(await one.run(result, dry_run=False)) == [DONE, DONE]
    assert fake.applied == ["s1", "s2"]


async def test_the_ledger_is_written_before_and_after(store: Store) -> None:
    """What was there, what was done, how it ended."""
    gate = asyncio.Event()
    fake = FakeJob(gate=gate)
    task = asyncio.create_task(runner(store, fake).run(fresh(step(1)), dry_run=False))
    while not fake.applied:
        await asyncio.sleep(0.001)
    (row,) = await store.ledger.for_plan("p")
    assert (row.state, row.before["was"]) == (LedgerState.BEGUN, 1)
    gate.set()
    await task
    (row,) = await store.ledger.for_plan("p")
    assert (row.state, row.after, row.detail) == (LedgerState.DONE, {"is": 2}, "done")


async def test_law_11_one_run_at_a_time(store: Store) -> None:
    """The second call names the first, and the next after its end is let in."""
    gate = asyncio.Event()
    fake = FakeJob(gate=gate)
    one = runner(store, fake)
    task = asyncio.create_task(one.run(fresh(step(1)), dry_run=False))
    while not fake.applied:
        await asyncio.sleep(0.001)
    with pytest.raises(AlreadyRunning) as caught:
        await one.run(replace(fresh(step(1)), plan_id="q"), dry_run=False)
    assert caught.value.values["plan_id"] == "p"
    gate.set()
    await task
    assert one.running("cleanup") is None


async def test_an_old_plan_is_not_carried_out(store: Store) -> None:
    """Its facts are too old."""
    old = replace(fresh(step(1)), expires_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(PlanExpired):
        await runner(store, FakeJob()).run(old, dry_run=False)


async def test_law_8_the_hand_cuts_to_the_budget(store: Store) -> None:
    """Whatever the plan says."""
    fake = FakeJob()
    result = await runner(store, fake, Budget(max_items=2)).run(
        fresh(step(1), step(2), step(3)), dry_run=False
    )
    assert len(fake.applied) == 2
    assert StepState.CUT in states(result)


async def test_only_chosen_steps_are_carried_out(store: Store) -> None:
    """What depends on one that was not chosen waits."""
    fake = FakeJob()
    result = await runner(store, fake).run(
        fresh(step(1), step(2), step(3, after=("s1",))), dry_run=False, steps=["s2", "s3"]
    )
    assert states(result) == [PLANNED, DONE, PLANNED]


async def test_a_refusal_ends_the_step_and_what_depends_on_it(store: Store) -> None:
    """The rest goes on."""
    fake = FakeJob(apply_says=Refused("Radarr", 400, "no such folder"))
    result = await runner(store, fake).run(fresh(step(1), step(2, after=("s1",))), dry_run=False)
    assert states(result) == [FAILED, SKIPPED]
    assert "no such folder" in english(result.steps[0].detail)


@pytest.mark.parametrize("wrong", [Refused("Radarr", 400, "no"), Unauthorized("Radarr", "no")])
async def test_what_surely_did_not_happen_is_not_asked_for(store: Store, wrong: Exception) -> None:
    """Else what somebody else did would be taken for ours, and be taken back later."""
    fake = FakeJob(apply_says=wrong, happened_says=Known(Applied("somebody did it", {})))
    result = await runner(store, fake).run(fresh(step(1)), dry_run=False)
    assert states(result) == [FAILED if isinstance(wrong, Refused) else PLANNED]


async def test_what_is_not_linked_now_waits(store: Store) -> None:
    """It is linked anew at this moment; the plan's end ends it."""
    fake = FakeJob(check_says=NotLinked("not linked"))
    one = runner(store, fake)
    result = await one.run(fresh(step(1)), dry_run=False)
    assert (states(result), result.waiting) == ([PLANNED], result.steps)
    fake.check_says = Proceed()
    assert states(await one.run(result, dry_run=False)) == [DONE]


async def test_a_plan_is_not_read_back_beside_its_run(store: Store) -> None:
    """What is being done would be taken for what did not happen."""
    gate = asyncio.Event()
    fake = FakeJob(gate=gate)
    one, made = runner(store, fake), fresh(step(1))
    task = asyncio.create_task(one.run(made, dry_run=False))
    while not fake.applied:
        await asyncio.sleep(0.001)
    assert await one.settle(made) == made
    (row,) = await store.ledger.for_plan("p")
    assert row.state is LedgerState.BEGUN
    gate.set()
    assert states(await task) == [DONE]
    (row,) = await store.ledger.for_plan("p")
    assert row.state is LedgerState.DONE


async def test_a_refused_key_leaves_the_step_for_later(store: Store) -> None:
    """It did not happen; with a new key it does."""
    fake = FakeJob(apply_says=Unauthorized("Radarr", "the key was refused"))
    one = runner(store, fake)
    result = await one.run(fresh(step(1)), dry_run=False)
    assert states(result) == [PLANNED]
    fake.apply_says = Applied("done", {})
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
    fake = FakeJob(apply_says=Unreachable("Radarr", "broke off"), happened_says=happened)  # type: ignore[arg-type]
    result = await runner(store, fake).run(fresh(step(1)), dry_run=False)
    assert states(result) == [state]
    assert len(fake.applied) == applied


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
    fake = FakeJob(apply_says=asyncio.CancelledError())
    made = fresh(step(1))
    with pytest.raises(asyncio.CancelledError):
        await runner(store, fake).run(made, dry_run=False)
    (row,) = await store.ledger.for_plan("p")
    assert row.state is LedgerState.BEGUN
    fake.apply_says, fake.happened_says = Applied("done", {}), happened
    result = await runner(store, fake).run(made, dry_run=False)
    assert states(result) == [state]
    assert len(fake.applied) == applied


async def test_what_had_not_happened_is_ended_in_the_ledger(store: Store) -> None:
    """What is done then has a row of its own, and nothing is left of which nobody knows."""
    fake = FakeJob(apply_says=asyncio.CancelledError())
    made = fresh(step(1))
    with pytest.raises(asyncio.CancelledError):
        await runner(store, fake).run(made, dry_run=False)
    fake.apply_says, fake.happened_says = Applied("done", {}), Absent("x")
    await runner(store, fake).run(made, dry_run=False)
    rows = await store.ledger.for_plan("p")
    assert [row.state for row in rows] == [LedgerState.FAILED, LedgerState.DONE]
    assert await store.ledger.unfinished() == ()


async def test_settling_reads_back_and_does_nothing(store: Store) -> None:
    """Also for a plan that has expired since."""
    fake = FakeJob(apply_says=asyncio.CancelledError())
    made = fresh(step(1), step(2))
    with pytest.raises(asyncio.CancelledError):
        await runner(store, fake).run(made, dry_run=False)
    fake.happened_says = Known(Applied("it was done", {"is": 3}))
    begun = await store.plans.get("p")
    assert begun is not None
    old = replace(begun, expires_at=datetime.now(UTC))
    await store.plans.put(old)
    settled = await runner(store, fake).settle(old)
    assert states(settled) == [DONE, PLANNED]
    assert fake.applied == ["s1"]
    assert await store.plans.get("p") == settled


async def test_what_nobody_can_carry_out_is_skipped(store: Store) -> None:
    """A plan of a newer release."""
    nobody = Runner(store, {}, budget=Budget, frozen=not_frozen, now=lambda: datetime.now(UTC))
    result = await nobody.run(fresh(step(1)), FakeJob(), dry_run=False)
    assert states(result) == [SKIPPED]


@pytest.mark.parametrize(
    "lacking",
    [
        {"proofs": ()},
        {"proofs": (Proof(ProofKind.ID, "here", "there", Answer.UNKNOWN),)},
        {"findings": ()},
        {"findings": tuple(Finding(one, Answer.UNKNOWN) for one in Protection)},
    ],
)
async def test_laws_4_and_6_whatever_its_job_says_a_step_needs_its_proofs(
    store: Store, lacking: dict[str, object]
) -> None:
    """It is skipped, nobody is asked for anything, and its job is not asked either."""
    fake = FakeJob()
    result = await runner(store, fake).run(fresh(step(1, **lacking)), dry_run=False)
    assert states(result) == [SKIPPED]
    assert fake.applied == []
    assert fake.prepares == []


async def test_what_stays_under_another_name_is_not_freed(store: Store) -> None:
    """And what an earlier try has freed is counted with it."""
    fake = FakeJob(apply_says=Applied("gone", {}, 900))
    one = step(1, room=Room(frees=400, stays=500), bytes_freed=30)
    result = await runner(store, fake).run(fresh(one), dry_run=False)
    assert result.steps[0].bytes_freed == 430


# -- law 15 ----------------------------------------------------------------------------------------


def unmonitor(number: int) -> Step:
    """Make a step that only prepares a deletion."""
    return step(number, payload=UnmonitorMovie())


async def test_law_15_a_step_that_must_wait_stays_planned_and_is_marked(store: Store) -> None:
    """With what comes after it; the job that made the plan comes back to both."""
    fake = FakeJob(check_says=Wait("Jellyfin still shows it"))
    one = runner(store, fake)
    result = await one.run(fresh(step(1), step(2, after=("s1",))), dry_run=False)
    assert states(result) == [PLANNED, PLANNED]
    assert [english(s.detail) for s in result.steps] == [
        "Jellyfin still shows it",
        "waits for the step before it",
    ]
    assert result.waiting == result.steps
    assert await store.plans.get("p") == result
    fake.check_says = Proceed()
    result = await one.run(result, dry_run=False)
    assert (states(result), result.waiting) == ([DONE, DONE], ())


async def test_law_15_what_a_kill_left_undone_waits(store: Store) -> None:
    """Marked before the first step is done: a restart finds what is to go on."""
    fake = FakeJob(apply_says=asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await runner(store, fake).run(
            fresh(step(1), step(2), step(3)), dry_run=False, steps=["s1", "s2"]
        )
    kept = await store.plans.get("p")
    assert kept is not None
    assert [one.id for one in kept.waiting] == ["s1", "s2"]
    assert kept.dry_run is False


async def test_law_15_what_is_needless_holds_nothing_up(store: Store) -> None:
    """Somebody else did it: what comes after it goes on; what was refused stops it."""
    for needless, second in ((True, DONE), (False, SKIPPED)):
        fake = FakeJob(check_says=Skip("it is so already", needless=needless))
        made = replace(fresh(step(1), step(2, after=("s1",))), plan_id=f"p{needless}")
        result = await runner(store, fake).run(made, dry_run=False, steps=["s1", "s2"])
        fake.check_says = Proceed()
        assert result.steps[0].needless is needless
        result = await runner(store, fake).run(
            result.with_steps([replace(result.steps[1], state=PLANNED)]), dry_run=False
        )
        assert states(result) == [SKIPPED, second]


async def test_law_15_a_preparation_is_checked_with_what_it_prepares(store: Store) -> None:
    """With every deletion after it that is still to do; a deletion prepares nothing."""
    fake = FakeJob()
    made = fresh(
        unmonitor(1), step(2, after=("s1",)), step(3, after=("s1", "s2")), unmonitor(4), step(5)
    )
    await runner(store, fake).run(made, dry_run=False)
    assert fake.prepares == [("s2", "s3"), (), (), (), ()]


async def test_law_15_a_preparation_is_not_done_for_a_deletion_that_was_not_chosen(
    store: Store,
) -> None:
    """It waits for the person, and says so."""
    fake = FakeJob()
    made = fresh(unmonitor(1), step(2, after=("s1",)), step(3))
    result = await runner(store, fake).run(made, dry_run=False, steps=["s1", "s3"])
    assert (states(result), fake.applied) == ([PLANNED, PLANNED, DONE], ["s3"])
    assert "not chosen" in english(result.steps[0].detail)
    assert result.waiting == ()


async def test_law_8_what_was_begun_is_not_cut_off_in_its_middle(store: Store) -> None:
    """Beyond a budget that was lowered since it waits; with the old one it goes on."""
    fake = FakeJob(check_says=Wait("not yet"))
    caps = [Budget()]
    one = OneFakeJob(store, fake, lambda: caps[-1])
    made = await one.run(fresh(unmonitor(1), step(2, items=9, after=("s1",))), dry_run=False)
    made = made.with_steps([replace(made.steps[0], state=DONE, waits=False)])
    fake.check_says = Proceed()
    caps.append(Budget(max_items=5))
    result = await one.run(made, dry_run=False)
    assert (states(result), fake.applied) == ([DONE, PLANNED], [])
    assert "beyond the budget" in english(result.steps[1].detail)
    assert [s.id for s in result.waiting] == ["s2"]
    caps.append(Budget())
    assert states(await one.run(result, dry_run=False)) == [DONE, DONE]


@pytest.mark.parametrize("lost", [False, True])
async def test_what_was_done_by_half_has_failed(store: Store, lost: bool) -> None:
    """Whether the service said so or it was read back; what is gone is counted and remembered."""
    half = Applied("1 of 2 files are gone", {"left": [2]}, 5, half=True)
    fake = FakeJob(apply_says=half)
    if lost:
        fake = FakeJob(apply_says=Unreachable("Sonarr", "broke off"), happened_says=Known(half))
    result = await runner(store, fake).run(fresh(step(1), step(2, after=("s1",))), dry_run=False)
    assert states(result) == [FAILED, SKIPPED]
    assert (result.steps[0].bytes_freed, result.totals["bytes_freed"]) == (5, 5)
    (row,) = await store.ledger.for_plan("p")
    assert (row.state, row.after) == (LedgerState.FAILED, {"left": [2]})
    assert await store.ledger.deleted_at(FILM.key) is not None


async def test_what_failed_whole_is_no_deletion(store: Store) -> None:
    """Then the title may be fetched again."""
    fake = FakeJob(apply_says=Refused("Radarr", 400, "no"))
    await runner(store, fake).run(fresh(step(1)), dry_run=False)
    assert await store.ledger.deleted_at(FILM.key) is None


# -- errors of any kind ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong", [RuntimeError("bug"), KeyError("x"), RateLimited("Radarr", 429, "slow")]
)
async def test_a_step_that_cannot_be_checked_is_not_carried_out(
    store: Store, wrong: Exception
) -> None:
    """A defect ends it honestly, too many requests leave it for later; the next step goes on."""
    fake = FakeJob(check_says=wrong)
    one = runner(store, fake)
    result = await one.run(fresh(step(1)), dry_run=False)
    assert states(result) == [PLANNED if isinstance(wrong, RateLimited) else SKIPPED]
    assert result.steps[0].detail
    fake.check_says = Proceed()
    assert states(await one.run(fresh(step(2)), dry_run=False)) == [DONE]
    assert fake.applied == ["s2"]


@pytest.mark.parametrize(
    ("wrong", "value", "state"),
    [
        (RuntimeError("bug"), Absent("x"), FAILED),
        (RuntimeError("bug"), Known(Applied("it was done", {})), DONE),
        (RuntimeError("bug"), RuntimeError("again"), PLANNED),
        (OSError("no space left"), Absent("x"), PLANNED),
        (OSError("no space left"), Known(Applied("it was done", {})), DONE),
        (NotPossible("not linked"), Absent("x"), FAILED),
        (RateLimited("Radarr", 429, "slow"), Absent("x"), PLANNED),
        # It may be done still: the next run looks once more.
        (Unreachable("Radarr", "no answer"), Absent("x"), PLANNED),
        (Unreachable("Radarr", "no answer"), Known(Applied("it was done", {})), DONE),
    ],
)
async def test_whatever_goes_wrong_ends_a_step_honestly(
    store: Store, wrong: Exception, value: object, state: StepState
) -> None:
    """Read back where it may have happened; no row of the ledger stays open without a reason."""
    fake = FakeJob(apply_says=wrong, happened_says=value)  # type: ignore[arg-type]
    result = await runner(store, fake).run(fresh(step(1), step(2)), dry_run=False)
    assert states(result) == [state, state]
    assert len(fake.applied) == 2
    rows = await store.ledger.for_plan("p")
    open_rows = [row for row in rows if row.state is LedgerState.BEGUN]
    unclear = isinstance(wrong, Unreachable) and isinstance(value, Absent)
    assert len(open_rows) == (2 if unclear or isinstance(value, RuntimeError) else 0)


async def test_what_is_done_after_its_answer_was_given_up_is_told_truly(store: Store) -> None:
    """A slow service acts when nobody waits any more: it is found done, and not done twice."""
    fake = FakeJob(apply_says=Unreachable("Radarr", "no answer"), happened_says=Absent("x"))
    one = runner(store, fake)
    result = await one.run(fresh(step(1)), dry_run=False)
    assert states(result) == [PLANNED]
    fake.happened_says = Known(Applied("it was done", {}, 7))
    result = await one.run(result, dry_run=False)
    assert (states(result), result.steps[0].bytes_freed) == ([DONE], 7)
    assert fake.applied == ["s1"]
    (row,) = await store.ledger.for_plan("p")
    assert row.state is LedgerState.DONE


async def test_what_can_not_be_kept_of_before_is_not_changed(store: Store) -> None:
    """Without its record nothing could be undone."""
    fake = FakeJob(before_says=Unreachable("Radarr", "down"))
    one = runner(store, fake)
    result = await one.run(fresh(step(1)), dry_run=False)
    assert (states(result), fake.applied) == ([PLANNED], [])
    assert await store.ledger.for_plan("p") == ()
    fake.before_says = NotPossible("no longer there")
    assert states(await one.run(result, dry_run=False)) == [SKIPPED]


async def test_an_operation_that_says_nothing_is_read_back(store: Store) -> None:
    """A good answer is no proof: it counts when the service shows it."""
    for one, state in ((Known(Applied("gone", {}, 7)), DONE), (Absent("x"), FAILED)):
        fake = FakeJob(apply_says=None, happened_says=one)
        made = replace(fresh(step(1)), plan_id=f"p{state}")
        result = await runner(store, fake).run(made, dry_run=False)
        assert states(result) == [state]
        assert result.steps[0].bytes_freed == (7 if state is DONE else 0)
        assert fake.noted == (["s1"] if state is DONE else [])


async def test_what_was_freed_is_known_after_a_kill_between_two_writings(store: Store) -> None:
    """The ledger has it, the plan not yet."""
    fake = FakeJob(apply_says=Applied("gone", {}, 9))
    made = fresh(step(1))
    one = runner(store, fake)
    await one.run(made, dry_run=False)
    await store.plans.put(made)  # as it stood before
    result = await one.settle(made)
    assert (states(result), result.totals["bytes_freed"]) == ([DONE], 9)
    assert await store.ledger.freed() == 9


async def test_the_ledger_says_whose_and_what(store: Store) -> None:
    """Service, subject and scope; what nobody has to look up in a plan."""
    await runner(store, FakeJob()).run(fresh(step(1)), dry_run=False)
    (row,) = await store.ledger.for_plan("p")
    assert (row.service, row.subject, row.scope) == (
        "radarr",
        f"title:{FILM.key.names[0]}",
        "movie",
    )
    assert row.before["payload"] == {}
    assert await store.ledger.get(row.id) == row


async def test_a_row_that_was_taken_back_says_when(store: Store) -> None:
    """And only when that was really done."""
    await runner(store, FakeJob()).run(fresh(step(1)), dry_run=False)
    (row,) = await store.ledger.for_plan("p")
    back = replace(fresh(step(2, undo_of=row.id)), plan_id="back", job="undo")
    failing = FakeJob(apply_says=Refused("Radarr", 400, "no"))
    await runner(store, failing).run(back, dry_run=False)
    again = await store.ledger.get(row.id)
    assert again is not None
    assert again.undone_at is None
    await runner(store, FakeJob()).run(replace(back, plan_id="again"), dry_run=False)
    again = await store.ledger.get(row.id)
    assert again is not None
    assert again.undone_at is not None


# -- two runs, a fall, a person --------------------------------------------------------------------


async def test_law_11_two_jobs_never_hold_the_same_title(store: Store) -> None:
    """The second waits with what is held, and does the rest; later it goes on."""
    gate = asyncio.Event()
    fake = FakeJob(gate=gate)
    one = runner(store, fake)
    other = Subject.of_title(replace(FILM, ids=ProviderIds(tmdb=5), name="Other"))
    elsewhere = Target("radarr", "radarr", 9, None, ProviderIds(tmdb=5))
    task = asyncio.create_task(one.run(fresh(step(1)), dry_run=False))
    while not fake.applied:
        await asyncio.sleep(0.001)
    second = replace(
        fresh(step(2), step(3, after=("s2",)), step(4, subject=other, target=elsewhere)),
        plan_id="q",
        job="download",
    )
    fake.gate = None  # the first waits behind it all the same
    result = await one.run(second, dry_run=False)
    assert states(result) == [PLANNED, PLANNED, DONE]
    assert [one.id for one in result.waiting] == ["s2", "s3"]
    gate.set()
    await task
    assert states(await one.run(result, dry_run=False)) == [DONE, DONE, DONE]
    assert fake.applied == ["s1", "s4", "s2", "s3"]


async def test_law_11_who_waits_for_a_title_does_not_take_it(store: Store) -> None:
    """Else it would be let go with the end of who has waited, while the first still works on it."""
    gate = asyncio.Event()
    fake = FakeJob(gate=gate)
    one = runner(store, fake)
    task = asyncio.create_task(one.run(fresh(step(1)), dry_run=False))
    while not fake.applied:
        await asyncio.sleep(0.001)
    fake.gate = None
    for plan_id, job in (("q", "download"), ("r", "purge")):
        waits = replace(fresh(step(2)), plan_id=plan_id, job=job)
        assert states(await one.run(waits, dry_run=False)) == [PLANNED], job
    gate.set()
    await task
    assert fake.applied == ["s1"]


async def test_law_15_nothing_is_prepared_for_what_another_run_holds(store: Store) -> None:
    """Though nobody holds what is prepared: it waits with the deletion, and nobody takes it."""
    gate = asyncio.Event()
    fake = FakeJob(gate=gate)
    one = runner(store, fake)
    task = asyncio.create_task(one.run(fresh(step(1)), dry_run=False))
    while not fake.applied:
        await asyncio.sleep(0.001)
    other = Subject.of_title(replace(FILM, ids=ProviderIds(tmdb=5), name="Other"))
    elsewhere = Target("radarr", "radarr", 9, None, ProviderIds(tmdb=5))
    first = replace(unmonitor(5), subject=other, target=elsewhere)
    held = replace(fresh(first, step(6, after=("s5",))), plan_id="q", job="download")
    fake.gate = None
    assert states(await one.run(held, dry_run=False)) == [PLANNED, PLANNED]
    assert fake.applied == ["s1"]
    gate.set()
    await task
    assert states(await one.run(held, dry_run=False)) == [DONE, DONE]


async def test_law_9_a_source_that_fell_meanwhile_stops_the_run(store: Store) -> None:
    """Before the next step, whatever was checked before; it goes on when the source is believed."""
    fake = FakeJob()
    one = runner(store, fake)
    one.why_frozen = "the library has lost much"
    result = await one.run(fresh(step(1)), dry_run=False)
    assert (states(result), fake.applied) == ([PLANNED], [])
    assert result.waiting == result.steps
    one.why_frozen = None
    assert states(await one.run(result, dry_run=False)) == [DONE]


async def test_a_person_cancels_what_is_being_carried_out(store: Store) -> None:
    """The step that is under way ends as it ends; no other is begun, and nothing waits."""
    gate = asyncio.Event()
    fake = FakeJob(gate=gate)
    one = runner(store, fake)
    with pytest.raises(PlanUnknown):
        await one.runner.cancel("p")
    task = asyncio.create_task(one.run(fresh(step(1), step(2)), dry_run=False))
    while not fake.applied:
        await asyncio.sleep(0.001)
    await one.runner.cancel("p")
    await one.runner.pause("p")  # a pause takes nothing back
    gate.set()
    result = await task
    assert (states(result), result.waiting, fake.applied) == ([DONE, SKIPPED], (), ["s1"])
    assert await store.plans.get("p") == result
    with pytest.raises(NotUnderWay):
        await one.runner.cancel("p")
    assert states(await one.run(fresh(step(3)), dry_run=False)) == [DONE]


async def test_a_person_cancels_what_waits(store: Store) -> None:
    """At once; a run that was about to begin with what it has read does nothing of it."""
    fake = FakeJob(check_says=Wait("not yet"))
    one = runner(store, fake)
    waits = await one.run(fresh(step(1)), dry_run=False)
    await one.runner.cancel("p")
    kept = await store.plans.get("p")
    assert kept is not None
    assert (states(kept), kept.waiting) == ([SKIPPED], ())
    fake.check_says = Proceed()
    assert states(await one.run(waits, dry_run=False)) == [SKIPPED]
    assert fake.applied == []


async def test_a_paused_plan_goes_on_only_when_a_person_says_so(store: Store) -> None:
    """It stands as it was, also for another runner after a restart."""
    gate = asyncio.Event()
    fake = FakeJob(gate=gate)
    one = runner(store, fake)
    task = asyncio.create_task(one.run(fresh(step(1), step(2)), dry_run=False))
    while not fake.applied:
        await asyncio.sleep(0.001)
    await one.runner.pause("p")
    gate.set()
    result = await task
    assert (states(result), result.paused) == ([DONE, PLANNED], True)
    assert [one.id for one in result.waiting] == ["s2"]
    kept = await store.plans.get("p")
    assert kept == result
    again = runner(store, fake)
    assert await again.run(kept, dry_run=False) == kept
    assert fake.applied == ["s1"]
    await again.runner.resume("p")
    with pytest.raises(NotUnderWay):
        await again.runner.resume("p")
    # What a run had read before counts no more.
    assert states(await again.run(kept, dry_run=False)) == [DONE, DONE]
    assert fake.applied == ["s1", "s2"]


async def test_a_pause_is_taken_back_before_it_was_felt(store: Store) -> None:
    """The run goes on as if nothing had been."""
    gate = asyncio.Event()
    fake = FakeJob(gate=gate)
    one = runner(store, fake)
    task = asyncio.create_task(one.run(fresh(step(1), step(2)), dry_run=False))
    while not fake.applied:
        await asyncio.sleep(0.001)
    await one.runner.pause("p")
    await one.runner.resume("p")
    gate.set()
    assert states(await task) == [DONE, DONE]


async def test_who_listens_hears_of_each_step(store: Store) -> None:
    """As it ended, and of the run's begin and end, until they no longer listen."""
    one, heard = runner(store, FakeJob()), list[object]()

    def hear(plan: str, news: Step | Change) -> None:
        heard.append(news if isinstance(news, Change) else (plan, news.id, news.state))

    stop = one.runner.add_listener(hear)
    await one.run(fresh(step(1), step(2)), dry_run=False)
    assert heard == [Change.BEGUN, ("p", "s1", DONE), ("p", "s2", DONE), Change.ENDED]
    stop()
    await one.run(replace(fresh(step(3)), plan_id="q"), dry_run=False)
    assert len(heard) == 4
