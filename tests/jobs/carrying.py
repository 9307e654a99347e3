"""A job, its operations and its runs, whose world a test makes up."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import cast

from custom_components.showrunner.domain.knowledge import Absent, Knowledge
from custom_components.showrunner.domain.plan import (
    Action,
    Check,
    Payload,
    Plan,
    Pool,
    Proceed,
    Step,
    StepState,
)
from custom_components.showrunner.domain.plan.guards import Budget
from custom_components.showrunner.domain.text import Words
from custom_components.showrunner.jobs.kit.plan_runs import PlanRuns, RunParts
from custom_components.showrunner.jobs.kit.runner import (
    Runner,
)
from custom_components.showrunner.operations import Applied
from custom_components.showrunner.options import Options, SafetyOptions
from custom_components.showrunner.signals import Attributes, Signals, Topic
from custom_components.showrunner.store import Store
from tests.domain.plans import plan


@dataclass
class FakeJob:
    """A job and its operation whose world the test makes up."""

    check_says: Check | Exception = field(default_factory=Proceed)
    before_says: Mapping[str, object] | Exception = field(default_factory=lambda: {"was": 1})
    apply_says: Applied | BaseException | None = field(
        default_factory=lambda: Applied("done", {"is": 2})
    )
    happened_says: Knowledge[Applied] | Exception = field(default_factory=lambda: Absent("x"))
    applied: list[str] = field(default_factory=list)
    prepares: list[tuple[str, ...]] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Answer as told, and note what the step is said to prepare."""
        self.prepares.append(tuple(one.id for one in prepares))
        if isinstance(self.check_says, Exception):
            raise self.check_says
        return self.check_says

    async def snapshot(self, step: Step) -> Mapping[str, object]:
        """Answer as told."""
        if isinstance(self.before_says, Exception):
            raise self.before_says
        return self.before_says

    async def acknowledge(self, step: Step) -> None:
        """Remember."""
        self.noted.append(step.id)

    def undo(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[Payload, ...]:
        """Take nothing back."""
        return ()

    async def apply(self, step: Step) -> Applied | None:
        """Answer as told, and remember."""
        self.applied.append(step.id)
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.apply_says, BaseException):
            raise self.apply_says
        return self.apply_says

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Answer as told."""
        if isinstance(self.happened_says, Exception):
            raise self.happened_says
        return self.happened_says


async def not_frozen(plan: Plan) -> Words | None:
    """Nothing has fallen, and nobody has stopped anything."""
    return None


class OneFakeJob:
    """A runner with one hand for everything."""

    def __init__(self, store: Store, fake: FakeJob, budget: Callable[[], Budget] = Budget) -> None:
        """Make it."""
        self.fake = fake
        self.why_frozen: Words | None = None
        self.runner = Runner(
            store,
            dict.fromkeys(Action, fake),
            budget=budget,
            frozen=self._frozen,
            now=lambda: datetime.now(UTC),
        )

    async def _frozen(self, plan: Plan) -> Words | None:
        return self.why_frozen

    async def run(self, plan: Plan, *, dry_run: bool, steps: Collection[str] | None = None) -> Plan:
        """Carry a plan out."""
        return await self.runner.run(plan, self.fake, dry_run=dry_run, steps=steps)

    async def settle(self, plan: Plan) -> Plan:
        """Read back."""
        return await self.runner.settle(plan)

    def running(self, job: str) -> str | None:
        """Name what is being carried out."""
        return self.runner.running(job)


def runner(store: Store, fake: FakeJob, budget: Budget | None = None) -> OneFakeJob:
    """Make a runner with one hand for everything."""
    return OneFakeJob(store, fake, lambda: budget or Budget())


def fresh(*steps: Step) -> Plan:
    """Make a plan that is not expired."""
    now = datetime.now(UTC)
    return replace(plan(*steps), created_at=now, expires_at=now + timedelta(hours=1))


def states(result: Plan) -> list[StepState]:
    """Say how the steps stand."""
    return [one.state for one in result.steps]


class Runs:
    """The runs of a job whose world the test makes up, and what was told of them."""

    def __init__(
        self,
        store: Store,
        fake: FakeJob,
        *,
        wish: str | None = "of",
        sizes: Callable[[], Awaitable[Mapping[Pool, int | None]]] | None = None,
    ) -> None:
        """Make them."""
        self.store, self.fake, self.dry_run = store, fake, False
        self.heard: list[str] = []
        signals = Signals()
        signals.subscribe(Topic.JOB, self._hear)
        self.runner = Runner(
            store,
            dict.fromkeys(Action, fake),
            budget=Budget,
            frozen=not_frozen,
            now=lambda: datetime.now(UTC),
        )
        self.runs = PlanRuns(
            "cleanup",
            fake,
            RunParts(
                store,
                signals,
                self.runner,
                options=lambda: Options(safety=SafetyOptions(dry_run=self.dry_run)),
                now=lambda: datetime.now(UTC),
            ),
            wish=wish,
            sizes=sizes,
        )

    def _hear(self, kind: str, attributes: Attributes) -> None:
        self.heard.append(kind)

    async def kept(self, plan_id: str) -> Plan:
        """Give a plan as it stands."""
        return cast("Plan", await self.store.plans.get(plan_id))
