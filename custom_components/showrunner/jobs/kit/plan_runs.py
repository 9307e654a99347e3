"""Carries out a job's plans: because a person says so, and later what could not be done at once.

What can't be done yet waits, and goes on by itself until the plan expires (law 15). One run at a
time (law 11); a newer plan for the same wish takes the place of one that waits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import logging
from typing import Final
from uuid import uuid4

from ...clients.errors import ServiceError
from ...domain.plan import (
    Intent,
    LeftOut,
    Plan,
    Pool,
    Step,
    StepState,
    Wait,
    ended,
    files_left,
)
from ...domain.text import Words, mentions, say
from ...options import Options
from ...signals import Signals, Topic
from ...store import LastTime, LedgerState, Store, StoreDamaged, StoreError
from .refusals import AlreadyRunning, PlanExpired
from .runner import Change, PlannedBy, Runner
from .waiting import WaitingPlans

_LOGGER = logging.getLogger(__name__)

# So long what has to be done is tried.
_LONGEST: Final = timedelta(days=30)
# What of a plan's intent says that it came by the clock: it waits while that is switched off.
SCHEDULED: Final = "scheduled"
# So long what failed is not tried again by the clock.
_RESTS: Final = timedelta(days=1)


def _nothing(plan: Plan, begun: Collection[str]) -> frozenset[str]:
    return frozenset()


def _always(newer: Plan, other: Plan) -> bool:
    return True


@dataclass(frozen=True, slots=True, eq=False)
class RunParts:
    """What the plans of all jobs of an entry are kept, told of and carried out with."""

    store: Store
    signals: Signals
    runner: Runner
    options: Callable[[], Options]
    now: Callable[[], datetime]


class PlanRuns:
    """The runs of one job's plans.

    `wish` is what of a plan's intent says what it is for (None: all are for the same); `sizes`
    counts what there is now of the pools that the job takes from, None where it is not known;
    `owes` names the steps that have to be done, whatever newer plans say, also when theirs expires
    (it is told the plan, and of which steps nobody knows whether they took place);
    `covers` tells whether a newer plan for the same does all that waits of another.
    """

    def __init__(
        self,
        key: str,
        job: PlannedBy,
        parts: RunParts,
        *,
        wish: str | None,
        sizes: Callable[[], Awaitable[Mapping[Pool, int | None]]] | None = None,
        owes: Callable[[Plan, Collection[str]], Collection[str]] = _nothing,
        covers: Callable[[Plan, Plan], bool] = _always,
    ) -> None:
        """Take everything by hand; nothing runs yet."""
        self._key = key
        self._job = job
        self._store = parts.store
        self._signals = parts.signals
        self._runner = parts.runner
        self._options = parts.options
        self._now = parts.now
        self._wish = wish
        self._sizes = sizes
        self._owes = owes
        self._covers = covers
        self._waiting = WaitingPlans(parts.now)
        # Held from the looking at other plans to the end of a run: nothing gets in between.
        self._busy = asyncio.Lock()
        self._current = ""
        parts.runner.add_listener(self._moved)

    def _moved(self, plan_id: str, news: Step | Change) -> None:
        """Look again at a plan that waits and that a person has let go on, or ended."""
        if news in (Change.STOPPED, Change.RESUMED) and plan_id in self._waiting:
            self._waiting.hint()

    @property
    def busy(self) -> bool:
        """Tell whether a run is under way."""
        return self._busy.locked()

    def refuse_second(self) -> None:
        """Raise AlreadyRunning while a run is under way."""
        if self.busy:
            raise AlreadyRunning(self._key, self._current)

    def make(
        self,
        steps: Collection[Step],
        *,
        dry_run: bool,
        intent: Intent,
        left_out: Collection[LeftOut] = (),
        sources: Collection[str] = (),
        at: datetime | None = None,
    ) -> Plan:
        """Make a plan of this job that nobody has kept yet; `at` is when its facts were asked."""
        at = self._now() if at is None else at
        return Plan(
            plan_id=uuid4().hex,
            job=self._key,
            dry_run=dry_run,
            created_at=at,
            expires_at=at + timedelta(hours=self._options().safety.plan_hours),
            steps=tuple(steps),
            left_out=tuple(left_out),
            intent=intent,
            sources=frozenset(sources),
        )

    async def measured(self, plan: Plan) -> Plan:
        """Note how much there is now of what a plan takes from (law 8)."""
        if self._sizes is None:
            return plan
        sizes = await self._sizes()
        known = {pool: size for pool, size in sizes.items() if size is not None}
        return replace(plan, populations=known)

    async def start(self, plan: Plan, *, dry_run: bool, keep: bool = True) -> Plan:
        """Keep a new plan and, unless it is a dry run, carry it out. Raises AlreadyRunning.

        A dry run that is not to be kept leaves no trace: no plan, no event.
        """
        plan = await self.measured(plan)
        if dry_run:
            shown = await self._runner.run(plan, self._job, dry_run=True)
            if keep:
                await self._store.plans.put(plan)
                self._tell("planned", shown)
            return shown
        self.refuse_second()
        await self._store.plans.put(plan)
        return await self._begin(plan, None)

    async def apply(self, plan: Plan, steps: Collection[str] | None, *, dry_run: bool) -> Plan:
        """Carry out a kept plan, or some of its steps. Raises AlreadyRunning, PlanExpired."""
        plan = await self.measured(plan)
        if dry_run:
            return await self._runner.run(plan, self._job, dry_run=True, steps=steps)
        intent = {name: one for name, one in plan.intent.items() if name != SCHEDULED}
        return await self._begin(replace(plan, intent=intent), steps)

    async def _begin(self, plan: Plan, steps: Collection[str] | None) -> Plan:
        """Carry a plan out because a person says so, with the dry run on or off."""
        self.refuse_second()
        async with self._busy:
            if plan.paused:  # whoever says so now lets it go on
                await self._runner.resume(plan.plan_id)
                plan = replace(plan, paused=False)
            await self._replace_others(plan)
            confirmed = replace(plan, confirmed=self._options().safety.dry_run)
            return await self._carry_out(confirmed, steps)

    def hint(self) -> None:
        """Take it that something has changed which a plan may wait for."""
        self._waiting.hint()

    async def work(self) -> None:
        """Carry on what waits, and what a crash left, for as long as the entry is loaded."""
        for plan in await self._store.plans.waiting(self._key):
            self._waiting.take_up(plan.plan_id)
        while True:
            try:
                for plan_id in self._waiting.due():
                    try:
                        await self._go_on(plan_id)
                    except StoreDamaged as err:
                        _LOGGER.warning("Leaving a plan of %s as it is: %s", self._key, err)
            except (StoreError, ServiceError, AlreadyRunning, PlanExpired) as err:
                _LOGGER.warning("Could not go on with %s: %s", self._key, err)
            await self._waiting.turn()

    async def _go_on(self, plan_id: str) -> None:
        """Carry on the steps of a plan that wait."""
        self._waiting.tried(plan_id)
        if self._busy.locked():
            return
        async with self._busy:
            plan = await self._store.plans.get(plan_id)
            if plan is None or not plan.waiting:
                self._waiting.forget(plan_id)
            elif plan.expired(self._now()):
                await self._expire(plan)
            elif not self._halted(plan):
                plan = await self.measured(plan)
                await self._carry_out(plan, [step.id for step in plan.waiting])

    async def _expire(self, plan: Plan) -> None:
        """End an expired plan once it is known how it stands; what it owes goes on."""
        plan, begun = await self._settled(plan)
        owed = frozenset(self._owes(plan, begun))
        if begun - owed:
            return
        now, why = self._now(), say("plan_expired_waiting")
        if not owed or now - plan.created_at >= _LONGEST:
            self._tell("failed", await self._end(plan, why))
            return
        longer = timedelta(hours=self._options().safety.plan_hours)
        await self._store.plans.put(replace(ended(plan, why, owed), expires_at=now + longer))

    async def _settled(self, plan: Plan) -> tuple[Plan, frozenset[str]]:
        """Read back what was begun; name the steps of which it is still not known."""
        plan = await self._runner.settle(plan)
        rows = await self._store.ledger.for_plan(plan.plan_id)
        open_ = (row.step_id for row in rows if row.state is LedgerState.BEGUN)
        return plan, frozenset(one for one in open_ if one is not None)

    def _halted(self, plan: Plan) -> bool:
        """Tell whether the person has stopped everything since a plan was begun."""
        return self._options().safety.dry_run and not plan.confirmed

    async def _end(self, plan: Plan, why: Words) -> Plan:
        """End what still waits of a plan."""
        self._waiting.forget(plan.plan_id)
        over = ended(plan, why)
        await self._store.plans.put(over)
        return over

    async def _replace_others(self, plan: Plan) -> None:
        """End the plans that wait for what a newer one, or one chosen now, does.

        That is no news: what they were for is still to come.
        """
        for plan_id in self._waiting.ids:
            other = await self._store.plans.get(plan_id)
            if (
                other is not None
                and plan_id != plan.plan_id
                and self._is_for(other) == self._is_for(plan)
                and self._covers(plan, other)
            ):
                other, begun = await self._settled(other)
                # Of what was begun it is known only to its own plan whether it took place.
                if not begun and not self._owes(other, begun):
                    await self._end(other, say("plan_replaced"))

    def _is_for(self, plan: Plan) -> object:
        return None if self._wish is None else plan.intent.get(self._wish)

    async def _carry_out(self, plan: Plan, steps: Collection[str] | None) -> Plan:
        self._current = plan.plan_id
        done = await self._runner.run(plan, self._job, dry_run=False, steps=steps)
        if done.waiting:
            if done.plan_id not in self._waiting:
                self._waiting.tried(done.plan_id)
            return done
        self._waiting.forget(done.plan_id)
        if _has_failed(done):
            self._tell("failed", done)
        elif _has_done(done):
            self._tell("done", done)
        return done

    def _tell(self, kind: str, plan: Plan) -> None:
        title = plan.steps[0].label if plan.steps else ""
        attributes = {"job": self._key, "title": title, "plan_id": plan.plan_id, **plan.totals}
        if left := files_left(plan):
            attributes["files_left"] = left
        self._signals.send(Topic.JOB, kind, attributes)


def does_all_of(newer: Plan, other: Plan) -> bool:
    """Tell whether a newer plan has every step that waits of another."""
    return {step.id for step in other.waiting} <= {step.id for step in newer.steps}


def _has_failed(plan: Plan) -> bool:
    """Tell whether something failed, or nothing was done that had to be."""
    states = {step.state for step in plan.steps}
    if StepState.FAILED in states:
        return True
    skipped = [step for step in plan.steps if step.state is StepState.SKIPPED]
    return StepState.DONE not in states and any(not step.needless for step in skipped)


def _has_done(plan: Plan) -> bool:
    """Tell whether there is anything to tell: of what was cut off as a whole nothing happened."""
    states = {step.state for step in plan.steps}
    return StepState.DONE in states or StepState.CUT not in states


def switched_off(plan: Plan, *, enabled: bool) -> Wait | None:
    """Say that a plan waits which came by the clock, while its job is switched off."""
    came = plan.intent.get(SCHEDULED) is True
    return Wait(say("switched_off_waits")) if came and not enabled else None


async def still_to_do(store: Store, plan: Plan, waiting: Iterable[Plan]) -> Plan:
    """Leave out of a job's new plan what waits in another, and what the clock does not try again.

    What a person has ended stays so, and what failed is tried again the next day: as long as the
    very same is to be done. Raises StoreError.
    """
    last = await store.plans.last_times(plan.job, [step.id for step in plan.steps])
    # Beside the event loop: a payload may name every file of a release.
    others = await asyncio.to_thread(_resting, plan, last)
    others |= {step.id for one in waiting for step in one.waiting}
    return replace(plan, steps=tuple(step for step in plan.steps if step.id not in others))


def _resting(plan: Plan, last: Mapping[str, LastTime]) -> frozenset[str]:
    why = say("plan_cancelled")

    def rests(step: Step) -> bool:
        if (then := last.get(step.id)) is None:
            return False
        if (past := then.step) is None:
            return True  # what can't be read may say that a person has ended it
        if past.payload != step.payload:
            return False
        if past.state is StepState.FAILED:
            return plan.created_at - then.at < _RESTS
        return past.state is StepState.SKIPPED and mentions(past.detail, why)

    return frozenset(step.id for step in plan.steps if rests(step))
