"""How the download job writes down and tells where each acquisition stands."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from ...domain.acquisition import Acquisition, AcquisitionState, ask_again_at
from ...domain.decision import Decision
from ...domain.plan import Plan
from ...domain.text import Words
from ...signals import Signals, Topic
from ...store import Store, Write
from .fetch_plan import JOB

_LOGGER = logging.getLogger(__name__)

_GIVE_UP: Final = timedelta(days=7)
_SELDOM: Final = timedelta(hours=1)


class Outcomes:
    """Keeps acquisitions in the store and tells the entry's listeners."""

    def __init__(self, store: Store, signals: Signals, now: Callable[[], datetime]) -> None:
        """Take the book, the listeners and the clock."""
        self._store = store
        self._signals = signals
        self._now = now

    async def later(
        self,
        acquisition: Acquisition,
        why: Words,
        at: datetime | None = None,
        *besides: Write[Any],
    ) -> None:
        """Look again at `at`, else ever more seldom; give up after a week.

        `besides`, here as below, is written together with that.
        """
        now = self._now()
        if now - acquisition.created_at > _GIVE_UP:
            await self.end(acquisition, AcquisitionState.FAILED, why, *besides)
            return
        at = at or ask_again_at(acquisition, now) or now + _SELDOM
        _LOGGER.debug("%s: %s; again at %s", acquisition.title.label, why, at)
        later = replace(acquisition, attempts=acquisition.attempts + 1, next_at=at, detail=why)
        await self._store.together(self._store.acquisitions.to_put(later), *besides)

    async def end(
        self,
        acquisition: Acquisition,
        state: AcquisitionState,
        detail: Words,
        *besides: Write[Any],
    ) -> None:
        """End an acquisition and tell its outcome."""
        noted = self._store.ledger.to_note(
            JOB, acquisition.plan_id, acquisition.title, state.value, detail
        )
        ended = await self.drop(acquisition, state, detail, noted, *besides)
        self.job("done" if state is AcquisitionState.IMPORTED else "failed", ended, state.value)

    async def drop(
        self,
        acquisition: Acquisition,
        state: AcquisitionState,
        detail: Words,
        *besides: Write[Any],
    ) -> Acquisition:
        """End an acquisition of which there is nothing to tell but the decision."""
        ended = replace(acquisition, state=state, detail=detail, next_at=None)
        await self._store.together(self._store.acquisitions.to_put(ended), *besides)
        return ended

    def decision(self, decision: Decision, plan: Plan | None) -> None:
        """Tell a decision that is recorded, if it is one: not when it decides nothing."""
        if not decision.considered:
            return
        plan_id = plan.plan_id if plan else None
        self._signals.send(
            Topic.DECISION,
            decision.verdict.value,
            {
                "title": decision.title.label,
                "viewer": decision.viewer_name,
                "tier": decision.tier,
                "rule": decision.rule.value,
                "reason": decision.reason,
                "plan_id": plan_id,
            },
        )

    def job(self, kind: str, acquisition: Acquisition, outcome: str) -> None:
        """Tell that the job planned, did or failed something."""
        self._signals.send(
            Topic.JOB,
            kind,
            {
                "job": JOB,
                "title": acquisition.title.label,
                "outcome": outcome,
                "detail": acquisition.detail,
                "reason": acquisition.reason,
                "plan_id": acquisition.plan_id,
            },
        )
