"""Which plans go when they are over, and which never do."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
import sqlite3

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.plan import (
    Plan,
    PlansKept,
    RemoveTorrent,
    Step,
    StepState,
    Subject,
    is_over,
)
from custom_components.showrunner.domain.text import joined, say
from custom_components.showrunner.store import LedgerState, Store
from tests.domain.plans import plan, step
from tests.domain.samples import NOW

from .scratch import scratch

KEPT = PlansKept(newest=3, days=90, most=6, least_days=14)
ENDED = say("plan_cancelled")


def torrent(number: int, **more: object) -> Step:
    """Make a step that is about no title."""
    about = Subject.of_torrent(f"{number:040X}", "Release")
    return step(
        number, payload=RemoveTorrent(f"{number:040X}", 1, data=True), subject=about, **more
    )


def made(number: int, *, days: float, job: str = "purge", **more: object) -> Plan:
    """Make a plan that was carried out so long ago."""
    at = NOW - timedelta(days=days)
    over = plan(torrent(number, state=StepState.DONE))
    own = {"plan_id": f"{job}{number}", "job": job, "created_at": at}
    own |= {"expires_at": at + timedelta(days=1)}
    return replace(over, **{**own, **more})  # type: ignore[arg-type]


async def left(store: Store, kept: PlansKept = KEPT) -> set[str]:
    """Prune, and name what stays."""
    before = {one.plan_id for one in await store.plans.recent(1000)}
    removed = await store.plans.prune(kept, NOW)
    after = {one.plan_id for one in await store.plans.recent(1000)}
    assert (len(before) - len(after), after <= before) == (removed, True)
    return after


async def test_what_is_old_goes_but_for_the_newest_of_each_job(store: Store) -> None:
    for number in range(5):
        await store.plans.put(made(number, days=100 + number))
        await store.plans.put(made(number, days=100 + number, job="sync"))
    await store.plans.put(made(9, days=200, job="cleanup"))
    kept = {f"{job}{number}" for job in ("purge", "sync") for number in range(3)}
    assert await left(store) == kept | {"cleanup9"}


async def test_of_very_many_also_younger_ones_go(store: Store) -> None:
    """But for those of the last weeks."""
    for number in range(12):
        await store.plans.put(made(number, days=10 + number))
    assert await left(store) == {f"purge{number}" for number in range(6)}


async def test_of_very_many_of_the_last_weeks_none_goes(store: Store) -> None:
    for number in range(12):
        await store.plans.put(made(number, days=number))
    assert len(await left(store)) == 12


@pytest.mark.parametrize(
    "more",
    [
        {"steps": (torrent(1, waits=True),)},
        {"steps": (torrent(1, waits=True),), "paused": True},
        {"expires_at": NOW + timedelta(hours=1)},
        {"steps": (torrent(1, state=StepState.SKIPPED, detail=ENDED),)},
        {"steps": (torrent(1, state=StepState.SKIPPED, detail=joined((ENDED, "x"))),)},
        {"job": "download"},
    ],
)
async def test_law_what_waits_or_rests_stays(store: Store, more: dict[str, object]) -> None:
    """Or may be carried out still; and what decisions name."""
    for number in range(3):
        await store.plans.put(made(number, days=1, job=str(more.get("job", "purge"))))
    await store.plans.put(made(7, days=400, plan_id="old", **more))
    assert "old" in await left(store)


async def test_law_what_a_story_names_stays(store: Store) -> None:
    """What was done to a title; of what was done to a torrent the ledger's own row tells enough."""
    for number in range(3):
        await store.plans.put(made(number, days=1))
    for name, one in (("title", step(1)), ("torrent", torrent(1)), ("begun", torrent(2))):
        await store.plans.put(made(7, days=400, plan_id=name, steps=(one,)))
        row = await store.ledger.begin("purge", name, one, {})
        if name != "begun":
            await store.ledger.finish(row, LedgerState.DONE, "done", {}, 7)
    await store.plans.put(made(7, days=400, plan_id="shown", steps=(step(1),), dry_run=True))
    stays = await left(store)
    assert {"title", "begun"} <= stays
    assert not {"torrent", "shown"} & stays
    [row] = await store.ledger.for_plan("torrent")
    assert (row.state, row.bytes_freed) == (LedgerState.DONE, 7)


async def test_what_can_not_be_read_stays(store: Store, path: Path) -> None:
    """It may rest."""
    for number in range(3):
        await store.plans.put(made(number, days=1))
    await store.plans.put(made(7, days=400))
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE plan_steps SET data = '{}' WHERE plan_id = 'purge7'")
    await store.plans.prune(KEPT, NOW)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT count(*) FROM plans").fetchone() == (4,)


async def test_its_steps_go_with_it(store: Store, path: Path) -> None:
    for number in range(60):
        await store.plans.put(made(number, days=100 + number))
    assert len(await left(store)) == 3
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT count(*) FROM plan_steps").fetchone() == (3,)


states = st.sampled_from(list(StepState))
steps = st.builds(
    lambda state, waits, ended: torrent(1, state=state, waits=waits, detail=ENDED if ended else ""),
    states,
    st.booleans(),
    st.booleans(),
)
plans = st.lists(st.tuples(st.floats(0, 300), steps, st.booleans()), max_size=12)


@settings(max_examples=30)
@given(plans, st.builds(PlansKept, st.integers(1, 4), st.integers(0, 99), st.integers(1, 9)))
async def test_whatever_plans_there_are(
    drawn: list[tuple[float, Step, bool]], kept: PlansKept
) -> None:
    """Nothing goes that waits, rests, is not over or is among the newest."""
    async with scratch() as path:
        store = await Store.open(path)
        every = [
            made(n, days=days, steps=(one,), expires_at=NOW + timedelta(days=1 if live else -1))
            for n, (days, one, live) in enumerate(drawn)
        ]
        for one in every:
            await store.plans.put(one)
        stays = await left(store, kept)
        await store.close()
    newest = sorted(every, key=lambda one: one.created_at)[-kept.newest :]
    needed = [one for one in every if not is_over(one, NOW)]
    assert {one.plan_id for one in (*newest, *needed)} <= stays
