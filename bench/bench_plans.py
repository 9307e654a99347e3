"""Plans of 20 to 20,000 steps whose steps do nothing: kept, carried out, and gone on with.

What is measured is what a step costs beside its own work: the check, the ledger before and after,
and how it stands, each on the disk before the next begins. Beside it, the same number of writings
that do nothing else. Growth is the time of the largest plan by that of a tenth of it, by ten.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
import tempfile
import time
from typing import Final

from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.knowledge import Absent, Answer, Knowledge
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.plan import (
    Action,
    Cost,
    DeleteMovieFile,
    FileFingerprint,
    Payload,
    Plan,
    Pool,
    Proceed,
    Proof,
    ProofKind,
    Protection,
    Scope,
    Step,
    StepState,
    Subject,
    Target,
    UnmonitorMovie,
)
from custom_components.showrunner.domain.plan.guards import Budget
from custom_components.showrunner.domain.text import Words
from custom_components.showrunner.jobs.kit.runner import Runner
from custom_components.showrunner.operations import Applied
from custom_components.showrunner.store import Store

type Row = Mapping[str, object]

_SIZES: Final = (20, 500, 2_000, 20_000)
_SMALL: Final = (20, 100, 200)
_TICK: Final = 0.005


class _Nothing:
    """Carries out steps that do nothing."""

    def __init__(self) -> None:
        self.done = 0
        self.until: int | None = None

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Proceed:
        """Everything still holds."""
        return Proceed()

    async def snapshot(self, step: Step) -> Mapping[str, object]:
        """Give something to keep."""
        return {"id": step.id}

    async def acknowledge(self, step: Step) -> None:
        """Note nothing."""

    def undo(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[Payload, ...]:
        """Take nothing back."""
        return ()

    async def apply(self, step: Step) -> Applied:
        """Do nothing; die in the middle, if that is asked for."""
        if self.done == self.until:
            raise asyncio.CancelledError
        self.done += 1
        return Applied("done", {"id": step.id}, step.cost.bytes)

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """What was begun when it died did not happen."""
        return Absent("nobody")


async def run(small: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure each size, then the way back from a kill in the middle."""
    rows: list[Row] = []
    took: dict[int, float] = {}
    stalls: list[float] = [0.0]
    sizes = _SMALL if small else _SIZES
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            store = await Store.open(Path(folder) / "showrunner.db")
            rows.append(await _whole(store, size, took, stalls))
            await store.close()
    growth = took[sizes[-1]] / took[sizes[-2]] / (sizes[-1] / sizes[-2])
    rows.append(_row("growth", round(growth, 2), "times", f"{sizes[-1]} by {sizes[-2]} steps"))
    rows.append(_row("stall_ms", round(max(stalls) * 1000, 1), "ms"))
    with tempfile.TemporaryDirectory() as folder:
        rows.append(await _resumed(Path(folder) / "showrunner.db", sizes[-2]))
    return rows


async def _whole(store: Store, size: int, took: dict[int, float], stalls: list[float]) -> Row:
    nothing = _Nothing()
    plan, runner = _plan(size), _runner(store, nothing)
    watch = asyncio.create_task(_watch(stalls))
    begun = time.perf_counter()
    await store.plans.put(plan)
    done = await runner.run(plan, nothing, dry_run=False)
    took[size] = time.perf_counter() - begun
    watch.cancel()
    _expect(done, size)
    begun = time.perf_counter()
    for number in range(min(size, 500) * 3):
        await store.kv.put("x", number)
    bare = (time.perf_counter() - begun) / (min(size, 500) * 3) * size * 3
    return _row(
        f"seconds_{size}", round(took[size], 2), "s", f"{3 * size} bare writings {bare:.2f} s"
    )


async def _resumed(path: Path, size: int) -> Row:
    """Kill it in the middle, open it again, and have the rest done."""
    store, nothing = await Store.open(path), _Nothing()
    nothing.until = size // 2
    plan = _plan(size)
    await store.plans.put(plan)
    try:
        await _runner(store, nothing).run(plan, nothing, dry_run=False)
    except asyncio.CancelledError:
        await store.close()
    store, again = await Store.open(path), _Nothing()
    begun = time.perf_counter()
    kept = await store.plans.get(plan.plan_id)
    if kept is None:
        raise RuntimeError("the plan is gone")
    done = await _runner(store, again).run(kept, again, dry_run=False)
    seconds = time.perf_counter() - begun
    _expect(done, size)
    if again.done != size - nothing.done:
        raise RuntimeError(f"{nothing.done} were done before, {again.done} after, of {size}")
    await store.close()
    return _row(f"resumed_seconds_{size}", round(seconds, 2), "s", "killed in the middle")


def _expect(plan: Plan, size: int) -> None:
    done = sum(step.state is StepState.DONE for step in plan.steps)
    if done != size:
        raise RuntimeError(f"{done} of {size} steps were done")


def _runner(store: Store, nothing: _Nothing) -> Runner:
    endless = Budget(10**9, 10**18, 100.0)
    return Runner(
        store,
        {Action.UNMONITOR_MOVIE: nothing, Action.DELETE_FILE: nothing},
        budget=lambda: endless,
        frozen=_nothing_fell,
        now=lambda: datetime.now(UTC),
    )


async def _nothing_fell(plan: Plan) -> Words | None:
    return None


def _plan(size: int) -> Plan:
    """Make pairs of steps: the second comes after the first, as a deletion does."""
    now = datetime.now(UTC)
    steps = [step for number in range(1, size // 2 + 1) for step in _pair(number)]
    return Plan(
        plan_id="p" * 32,
        job="bench",
        dry_run=False,
        created_at=now,
        expires_at=now + timedelta(days=1),
        steps=tuple(steps),
        populations={Pool.LIBRARY: 10**9},
    )


def _pair(number: int) -> tuple[Step, Step]:
    """Make an unmonitoring, and the deletion of a proven file after it."""
    ids = ProviderIds(tmdb=number)
    file = FileFingerprint(number, f"/data/movies/{number}/film.mkv", 10**9)
    first = Step(
        id=f"unmonitor-{number}",
        scope=Scope.MOVIE,
        subject=Subject.of_title(Title(MediaType.MOVIE, ids, "A film", 2001)),
        target=Target("s" * 26, "radarr", number, f"/data/movies/{number}", ids),
        payload=UnmonitorMovie(),
        reasons=("it was watched",),
    )
    proofs = tuple(
        Proof(kind, "what Radarr has", "what Jellyfin has", Answer.YES, number)
        for kind in (ProofKind.ID, ProofKind.PATH)
    )
    return first, replace(
        first,
        id=f"file-{number}",
        payload=DeleteMovieFile((file,)),
        findings=tuple(Finding(one, Answer.NO) for one in Protection),
        proofs=proofs,
        cost=Cost(1, 10**9),
        after=(first.id,),
    )


async def _watch(stalls: list[float]) -> None:
    """Collect by how much the loop comes late (seconds)."""
    while True:
        asked = time.perf_counter() + _TICK
        await asyncio.sleep(_TICK)
        stalls.append(max(0.0, time.perf_counter() - asked))


def _row(metric: str, value: float, unit: str, against: str = "") -> Row:
    return {"metric": metric, "value": value, "unit": unit, "against": against}
