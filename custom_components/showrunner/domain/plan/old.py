"""How long plans are kept that are over. What was done stands in the ledger, and stays there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..text import mentions, say
from .plan import Plan
from .step import Step, StepState


@dataclass(frozen=True, slots=True)
class PlansKept:
    """Of each job the newest stay, and all that are not older than `days`.

    Where there are more than `most`, only these, and all that are not older than `least_days`. Of
    the jobs in `always` all stay: decisions name their plans, and are kept for ever.
    """

    newest: int = 50
    days: int = 90
    most: int = 1000
    least_days: int = 14
    always: frozenset[str] = frozenset({"download"})

    def before(
        self, now: datetime, newest: datetime | None, most: datetime | None
    ) -> datetime | None:
        """Say from before when the plans of a job may go; None: none may.

        `newest`, `most`: when the last was made that is among so many; None: there are fewer.
        """
        if newest is None:
            return None
        before = now - timedelta(days=self.days)
        if most is not None:
            before = max(before, min(most, now - timedelta(days=self.least_days)))
        return min(newest, before)


def is_over(plan: Plan, now: datetime) -> bool:
    """Tell whether nobody can carry a plan out, nothing of it waits, and nothing rests.

    What a person has ended rests: the plan is how it is known that it is not to be tried again.
    """
    return plan.expired(now) and not plan.waiting and not any(map(_rests, plan.steps))


def _rests(step: Step) -> bool:
    ended = step.state is StepState.SKIPPED
    return ended and mentions(step.detail, say("plan_cancelled"))
