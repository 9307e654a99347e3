"""The second half of the download job: carry a plan out in its turn, and follow it to its end."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from ...coordinators.radarr import RadarrCoordinator
from ...domain.acquisition import Acquisition, AcquisitionState, follow_at, judge
from ...domain.plan import Action, Plan, StepState
from ...domain.text import say
from ...options import Options
from ...store import LedgerRow, Store
from ..facts.search_turn import search_turn
from ..kit.refusals import AlreadyRunning, PlanExpired
from ..kit.runner import Runner
from . import following
from .fetch_checks import FetchChecks
from .fetch_plan import JOB
from .outcomes import Outcomes

_APPLICABLE: Final = (AcquisitionState.PLANNED, AcquisitionState.QUEUED)


class Fetcher:
    """Sends searches in their turn and follows them."""

    def __init__(
        self,
        store: Store,
        runner: Runner,
        checks: FetchChecks,
        radarrs: Mapping[str, RadarrCoordinator],
        outcomes: Outcomes,
        options: Callable[[], Options],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand."""
        self._store = store
        self._runner = runner
        self._checks = checks
        self._radarrs = radarrs
        self._outcomes = outcomes
        self._options = options
        self._now = now
        self._turn = asyncio.Lock()

    async def apply(
        self, plan: Plan, steps: Collection[str] | None = None, *, dry_run: bool = False
    ) -> Plan:
        """Carry out a plan (or some of its steps) because a person asks.

        Raises PlanExpired, AlreadyRunning. When the hour's searches are used up, the
        plan is queued and answered as it is. Of a part of the steps nothing is queued: what was
        not chosen waits for the person.
        """
        if dry_run:
            return await self._runner.run(plan, self._checks, dry_run=True, steps=steps)
        if (first := self._runner.running(JOB)) is not None:
            raise AlreadyRunning(JOB, first)
        if plan.expired(self._now()):
            raise PlanExpired(plan.plan_id)
        async with self._turn:
            if plan.paused:  # whoever says so now lets it go on
                await self._runner.resume(plan.plan_id)
            # Somebody may have carried it out while we waited for our turn.
            plan = await self._store.plans.get(plan.plan_id) or plan
            acquisition = await self._of_plan(plan)
            if acquisition is None:
                return plan  # it was carried out, or overtaken by a newer one: nothing to repeat
            waiting = {step.id for step in plan.steps if step.state is StepState.PLANNED}
            if steps is not None and not waiting <= set(steps):
                return await self._carry_out_part(acquisition, plan, steps)
            approved = replace(
                acquisition, state=AcquisitionState.QUEUED, approved=True, next_at=None
            )
            await self._store.acquisitions.put(approved)
            return await self._carry_out(approved, await self._runner.settle(plan))

    async def _carry_out_part(
        self, acquisition: Acquisition, plan: Plan, steps: Collection[str]
    ) -> Plan:
        """Carry out the chosen steps and no other, now or later: nobody has approved the rest."""
        plan = await self._runner.settle(plan)
        if Action.SEARCH_MOVIE.value in steps and await self._turn_at() > self._now():
            return plan
        plan = await self._runner.run(plan, self._checks, dry_run=False, steps=steps)
        if plan.waiting:
            # Nobody comes back to a part: the person may choose it again.
            plan = plan.with_steps(replace(step, waits=False) for step in plan.waiting)
            await self._store.plans.put(plan)
        search = plan.step(Action.SEARCH_MOVIE.value)
        if search is not None and search.state is not StepState.PLANNED:
            await self._conclude(acquisition, plan)
        return plan

    async def _turn_at(self) -> datetime:
        """Say when the next search may go out."""
        per_hour = self._options().downloads.searches_per_hour
        return await search_turn(self._store, per_hour, self._now())

    async def _of_plan(self, plan: Plan) -> Acquisition | None:
        """Find the pursuit that a plan belongs to, unless it is under way or over."""
        for key in [step.title_key for step in plan.steps[:1]]:
            rows = () if key is None else await self._store.acquisitions.for_title(key)
            for acquisition in rows:
                if acquisition.plan_id == plan.plan_id and acquisition.state in _APPLICABLE:
                    return acquisition
        return None

    async def send(self, acquisition: Acquisition) -> None:
        """Carry out a queued acquisition's plan when it is its turn."""
        async with self._turn:
            current = await self._store.acquisitions.get(acquisition.id)
            if current is None or current.state is not AcquisitionState.QUEUED:
                return  # a person was faster
            plan = await self._store.plans.get(current.plan_id) if current.plan_id else None
            if plan is not None:
                plan = await self._runner.settle(plan)
            if plan is None or (plan.expired(self._now()) and not _searched(plan)):
                await self._decide_again(current)
            elif self._halted() and not current.approved and not _searched(plan):
                halted = replace(current, state=AcquisitionState.PLANNED, next_at=None)
                await self._store.acquisitions.put(halted)
            else:
                await self._carry_out(current, plan)

    def _halted(self) -> bool:
        """Tell whether the person has stopped the job since the plan was made."""
        options = self._options()
        return options.safety.dry_run or not options.downloads.enabled

    async def _decide_again(self, acquisition: Acquisition) -> None:
        """The facts that the plan was made from are too old."""
        fresh = replace(
            acquisition,
            state=AcquisitionState.DECIDING,
            created_at=self._now(),
            approved=False,
            attempts=0,
            next_at=None,
            detail=say("plan_expired"),
        )
        await self._store.acquisitions.put(fresh)

    async def _carry_out(self, acquisition: Acquisition, plan: Plan) -> Plan:
        if not _searched(plan):
            turn = await self._turn_at()
            if turn > self._now():
                waiting = replace(acquisition, next_at=turn, detail=say("waits_for_turn_to_search"))
                await self._store.acquisitions.put(waiting)
                return plan
            plan = await self._runner.run(plan, self._checks, dry_run=False)
        await self._conclude(acquisition, plan)
        return plan

    async def _conclude(self, acquisition: Acquisition, plan: Plan) -> None:
        """Draw the acquisition's next state from how the plan's steps ended."""
        search = plan.step(Action.SEARCH_MOVIE.value)
        if search is None:
            raise ValueError("a download plan without a search")
        if search.state is StepState.PLANNED:
            first = next(step for step in plan.steps if step.state is StepState.PLANNED)
            await self._outcomes.later(acquisition, first.detail)
        elif search.state is StepState.DONE:
            rows = await self._store.ledger.for_plan(plan.plan_id)
            row = next(row for row in reversed(rows) if row.step_id == search.id)
            await self._store.acquisitions.put(_sent(acquisition, row, search.target.service))
        else:
            failed = [step for step in plan.steps if step.state is StepState.FAILED]
            state = AcquisitionState.FAILED if failed else AcquisitionState.DROPPED
            detail = failed[0].detail if failed else search.detail
            await self._outcomes.end(acquisition, state, detail)

    async def follow(self, acquisition: Acquisition) -> None:
        """Ask Radarr how a search stands."""
        radarr = self._radarrs.get(acquisition.service or "")
        if acquisition.remote_id is None:
            lost = say("no_longer_in", arr="Radarr")
            await self._outcomes.end(acquisition, AcquisitionState.FAILED, lost)
            return
        if radarr is None:
            # It may only be linked anew; whoever unlinks it for good is waited for a week.
            await self._outcomes.later(acquisition, say("its_radarr_not_linked"))
            return
        progress = await following.ask(radarr.client, acquisition.remote_id, acquisition.command_id)
        now = self._now()
        judged = judge(acquisition, progress, now)
        if not judged.state.open:
            await self._outcomes.end(judged, judged.state, judged.detail)
            return
        if judged.state is not acquisition.state:
            judged = replace(judged, attempts=0)
        await self._store.acquisitions.put(
            replace(judged, attempts=judged.attempts + 1, next_at=follow_at(judged, now))
        )


def _searched(plan: Plan) -> bool:
    search = plan.step(Action.SEARCH_MOVIE.value)
    return search is not None and search.state is StepState.DONE


def _sent(acquisition: Acquisition, row: LedgerRow, service: str) -> Acquisition:
    """Begin to follow a search that is out, by what the ledger says of it."""
    movie, command = row.after.get("movie_id"), row.after.get("command_id")
    return replace(
        acquisition,
        state=AcquisitionState.SEARCHING,
        searched_at=row.begun_at,
        service=service,
        remote_id=movie if isinstance(movie, int) else None,
        command_id=command if isinstance(command, int) else None,
        attempts=0,
        next_at=None,
        detail=say("done_search_sent"),
    )
