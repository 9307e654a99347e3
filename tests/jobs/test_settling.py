"""How steps ended that were begun and never ended: asked until it is known, or nobody can say."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.domain.knowledge import Known, Unknown
from custom_components.showrunner.domain.plan import Plan, StepState
from custom_components.showrunner.jobs.kit import waiting
from custom_components.showrunner.jobs.kit.settling import Settling
from custom_components.showrunner.operations import Applied, NotLinked
from custom_components.showrunner.store import LedgerState, Store
from tests.domain.plans import step
from tests.english import english

from .carrying import FakeJob, Runs, fresh, runner, states

SERVICE = step(1).target.service
LONG = timedelta(days=9)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "settling.db")
    yield opened
    await opened.close()


async def begun(store: Store, fake: FakeJob) -> Plan:
    """Begin a step of two, and be killed in the middle."""
    fake.apply_says = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await runner(store, fake).run(fresh(step(1), step(2)), dry_run=False)
    kept = await store.plans.get("p")
    assert kept is not None
    return kept


def settling(store: Store, fake: FakeJob, linked: set[str], later: timedelta) -> Settling:
    """Look so much later, with these services linked."""
    one = runner(store, fake).runner
    return Settling(store, one, linked=lambda: linked, now=lambda: datetime.now(UTC) + later)


@pytest.mark.parametrize(
    ("linked", "later", "state"),
    [
        # It may only be linked anew.
        (set[str](), timedelta(days=1), LedgerState.BEGUN),
        ({SERVICE}, LONG, LedgerState.BEGUN),
        (set[str](), LONG, LedgerState.FAILED),
    ],
)
async def test_who_was_unlinked_for_good_is_not_asked_for_ever(
    store: Store, linked: set[str], later: timedelta, state: LedgerState
) -> None:
    """Nobody can say whether it happened: after a while it ends so, in words."""
    fake = FakeJob(happened_says=NotLinked("not linked"))
    await begun(store, fake)
    await settling(store, fake, linked, later).settle()
    (row,) = await store.ledger.for_plan("p")
    assert row.state is state
    assert ("nobody can say" in english(row.detail)) is (state is LedgerState.FAILED)


async def test_what_is_known_at_last_counts_however_late(store: Store) -> None:
    """An answer is believed whoever is linked."""
    fake = FakeJob(happened_says=Known(Applied("it was done", {})))
    await begun(store, fake)
    await settling(store, fake, set(), LONG).settle()
    (row,) = await store.ledger.for_plan("p")
    assert row.state is LedgerState.DONE


async def test_what_was_begun_is_asked_for_also_when_a_person_has_ended_its_plan(
    store: Store,
) -> None:
    """Until it is known nothing changes: it still says that a person has ended it."""
    fake = FakeJob(happened_says=Unknown("no answer"))
    await begun(store, fake)
    await runner(store, fake).runner.cancel("p")
    cancelled = await store.plans.get("p")
    await settling(store, fake, {SERVICE}, timedelta()).settle()
    assert await store.plans.get("p") == cancelled
    fake.happened_says = Known(Applied("it was done", {}))
    await settling(store, fake, {SERVICE}, timedelta()).settle()
    (row,) = await store.ledger.for_plan("p")
    assert row.state is LedgerState.DONE
    kept = await store.plans.get("p")
    assert kept is not None
    assert states(kept) == [StepState.DONE, StepState.SKIPPED]


async def test_a_plan_that_waits_is_taken_up_however_old_it_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is done any more; when it is known how its step ended, it has ended."""
    monkeypatch.setattr(waiting, "PAUSES", (timedelta(milliseconds=10),))
    fake = FakeJob(happened_says=Unknown("no answer"))
    kept = await begun(store, fake)
    old = kept.created_at - timedelta(days=60)
    await store.plans.put(replace(kept, created_at=old, expires_at=old + timedelta(hours=1)))
    again = Runs(store, fake)
    fake.apply_says = Applied("done", {})
    task = asyncio.create_task(again.runs.work())
    while "may have happened" not in english((await again.kept("p")).steps[0].detail):
        await asyncio.sleep(0.005)
    assert [one.state for one in (await again.kept("p")).steps] == [StepState.PLANNED] * 2
    fake.happened_says = Known(Applied("it was done", {}))
    while (await again.kept("p")).waiting:
        await asyncio.sleep(0.005)
    done, skipped = (await again.kept("p")).steps
    assert (done.state, skipped.state) == (StepState.DONE, StepState.SKIPPED)
    assert "expired" in english(skipped.detail)
    assert fake.applied == ["s1"]
    task.cancel()
