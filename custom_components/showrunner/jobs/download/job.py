"""From a completed viewing to the outcome: decide, plan, have Radarr search, follow.

Every movie that somebody finished becomes an acquisition, kept in the store before anything is
asked, and carried on from there after any restart. One viewing leads to one acquisition, however
often it is reported. What an unknown answer froze is asked again; searches are paced.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
import logging
from typing import Final

from ...clients.errors import ServiceError
from ...coordinators.radarr import RadarrCoordinator
from ...domain.acquisition import (
    Acquisition,
    AcquisitionState,
    Origin,
    ask_again_at,
)
from ...domain.decision import Decision, Policy, Verdict, Viewer, decide, needs_seeders
from ...domain.media import MediaType, Title
from ...domain.plan import Plan
from ...domain.text import say
from ...domain.watching import ReportSource, Viewing
from ...options import Options
from ...signals import Signals
from ...store import Store, StoreDamaged, StoreError, Write
from ...unexpected import log_unexpected
from ...waking import woken
from ..kit.runner import Runner
from .asking import acquisition_of, identity, unanswered, why_waiting
from .facts import Gathered, Wanted
from .fetch_checks import FetchChecks
from .fetch_plan import NoPlan, plan_for
from .fetching import Fetcher
from .gather import Gatherer
from .outcomes import Outcomes

_LOGGER = logging.getLogger(__name__)

_AT_ONCE: Final = 8
_MISSED: Final = timedelta(hours=24)
_LONGEST_WAIT: Final = timedelta(minutes=5)
_RETRY: Final = timedelta(minutes=5)
_IMPORTED: Final = frozenset({ReportSource.JELLYSTAT, ReportSource.PLAYBACK_REPORTING})
_GUEST: Final = Viewer("", "", tracked=False, may_download=True)


class DownloadJob:
    """Pursues what viewers finished.

    `viewers` gives a tracked viewer by the Jellyfin user's id, `policies` the policy that holds
    for a user (or for nobody in particular).
    """

    def __init__(
        self,
        store: Store,
        signals: Signals,
        gatherer: Gatherer,
        runner: Runner,
        radarrs: dict[str, RadarrCoordinator],
        *,
        options: Callable[[], Options],
        viewers: Callable[[str], Viewer | None],
        policies: Callable[[str | None], Policy],
        now: Callable[[], datetime],
        day_of: Callable[[datetime], object],
    ) -> None:
        """Take everything by hand; nothing starts yet."""
        self._store = store
        self._gatherer = gatherer
        self._options = options
        self._viewers = viewers
        self._policies = policies
        self._now = now
        self._day_of = day_of
        self._wake = asyncio.Event()
        self._outcomes = Outcomes(store, signals, now)
        checks = FetchChecks(radarrs, now)
        self._fetcher = Fetcher(store, runner, checks, radarrs, self._outcomes, options, now)
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._hurry = False
        self._again: set[str] = set()

    # -- what comes in ---------------------------------------------------------------------------

    async def viewed(self, viewing: Viewing, tracked: bool) -> None:  # noqa: FBT001
        """Take in a viewing that was stored or updated; only a completed one asks for anything."""
        policy = self._policies(viewing.viewer_id if tracked else None)
        reached = viewing.proven_percent
        if not viewing.counts or (reached is not None and reached < policy.completion):
            return
        asked = acquisition_of(viewing, self._now(), tracked=tracked)
        try:
            new = await self._store.acquisitions.take_in(asked, partial(self._same_viewing, asked))
        except StoreDamaged as err:
            # It may have been taken in already: nothing is fetched twice on a guess.
            _LOGGER.warning("Not considering %s: %s", asked.title.label, err)
            return
        if new:
            self._wake.set()

    def _same_viewing(self, one: Acquisition, other: Acquisition) -> bool:
        """Tell whether another report of the same viewing was taken in under other ids."""
        return (
            other.origin is one.origin
            and other.viewer_id == one.viewer_id
            and (one.title.media is MediaType.MOVIE or other.item_id == one.item_id)
            and self._day_of(other.created_at) == self._day_of(one.created_at)
        )

    async def catch_up(self) -> None:
        """Take in viewings that were stored just before Home Assistant died.

        None that was only imported: an import asks for nothing, whenever the next start is.
        """
        since = self._now() - _MISSED
        for viewing in await self._store.viewings.history(since=since, limit=1000):
            if not viewing.sources or viewing.sources - _IMPORTED:
                await self.viewed(viewing, tracked=True)

    def run_now(self) -> None:
        """Look at everything that is open, without waiting for its time."""
        self._hurry = True
        self._wake.set()

    async def decided_since(self, since: datetime) -> int:
        """Count the decisions since an instant. Raises StoreError."""
        return sum((await self._store.decisions.counts(since)).values())

    async def saved(self) -> int:
        """Add up what was not fetched because it is streamed (bytes). Raises StoreError."""
        return await self._store.decisions.saved()

    # -- the worker ------------------------------------------------------------------------------

    async def work(self) -> None:
        """Pursue open acquisitions for as long as the entry is loaded."""
        try:
            while True:
                self._wake.clear()
                try:
                    wait = await self._round()
                except StoreError as err:
                    _LOGGER.warning("Downloads wait for the database: %s", err)
                    wait = _RETRY
                await woken(self._wake, wait.total_seconds())
        finally:
            for task in tuple(self._tasks.values()):
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _round(self) -> timedelta:
        """Start what is due; say how long there is nothing else to do."""
        now, hurry = self._now(), self._hurry
        self._hurry = False
        wait = _LONGEST_WAIT
        for acquisition in await self._store.acquisitions.open():
            if acquisition.id in self._tasks:
                if hurry:
                    self._again.add(acquisition.id)  # as soon as its present step is over
                continue
            due = acquisition.next_at is None or acquisition.next_at <= now
            if due or hurry or acquisition.id in self._again:
                self._again.discard(acquisition.id)
                task = asyncio.create_task(self._guarded(acquisition), name=acquisition.id)
                self._tasks[acquisition.id] = task
                task.add_done_callback(self._done)
            elif acquisition.next_at is not None:
                wait = min(wait, acquisition.next_at - now)
        return max(wait, timedelta(milliseconds=50))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task.get_name(), None)
        self._wake.set()

    async def apply(self, plan: Plan, steps: Collection[str] | None, *, dry_run: bool) -> Plan:
        """Carry out a plan because a person asks: see `Fetcher.apply`."""
        try:
            return await self._fetcher.apply(plan, steps, dry_run=dry_run)
        finally:
            self._wake.set()

    async def _guarded(self, acquisition: Acquisition) -> None:
        """Take one step; a defect with one title must not stop the others."""
        async with self._slots:
            try:
                await self._step(acquisition)
            except ServiceError as err:
                await self._outcomes.later(acquisition, err.text)
            except StoreError as err:
                _LOGGER.warning("Could not keep how %s stands: %s", acquisition.title.label, err)
                await asyncio.sleep(_RETRY.total_seconds())
            except Exception:  # noqa: BLE001  logged whole
                log_unexpected(_LOGGER, "Could not go on with %s", acquisition.title.label)
                later = replace(acquisition, next_at=self._now() + _RETRY)
                await self._store.acquisitions.put(later)

    async def _step(self, acquisition: Acquisition) -> None:
        match acquisition.state:
            case AcquisitionState.DECIDING:
                await self._decide(acquisition)
            case AcquisitionState.QUEUED:
                await self._fetcher.send(acquisition)
            case AcquisitionState.SEARCHING | AcquisitionState.GRABBED:
                await self._fetcher.follow(acquisition)
            case _:
                raise ValueError(f"nothing to do in state {acquisition.state}")

    # -- deciding --------------------------------------------------------------------------------

    async def decide(
        self,
        title: Title,
        *,
        item_id: str | None = None,
        viewer_id: str | None = None,
        execute: bool = False,
    ) -> dict[str, object]:
        """Decide because a person asks; `execute` also carries it out, within the dry run.

        Raises a ServiceError when not even the title can be told.
        """
        viewer = self._viewers(viewer_id) if viewer_id else None
        if viewer_id and viewer is None:
            viewer = replace(_GUEST, user_id=viewer_id)
        wanted = Wanted(item_id, title.ids, title.name, title.year, title.media)
        gathered, decision = await self._ask(wanted, viewer)
        plan: Plan | None = None
        if execute and decision.verdict is not Verdict.STREAM:
            now = self._now()
            found = gathered.item.unit.item_id if gathered.item else item_id
            asked = Acquisition(
                id=identity("person", decision.title.label, now.isoformat()),
                title=decision.title,
                state=AcquisitionState.DECIDING,
                created_at=now,
                next_at=None,
                origin=Origin.PERSON,
                item_id=found,
                viewer_id=viewer_id,
                viewer_name=viewer.name if viewer else "",
            )
            plan = await self._plan(asked, gathered, decision, item_id)
        elif execute:
            await self._store.together(self._recorded(gathered, decision, None, item_id))
        if execute:
            self._outcomes.decision(decision, plan)
        answer = decision.as_dict()
        answer["plan_id"] = plan.plan_id if plan else None
        return answer

    async def _ask(self, wanted: Wanted, viewer: Viewer | None) -> tuple[Gathered, Decision]:
        """Gather and decide; Prowlarr is asked only when it could change the verdict."""
        policy, now = self._policies(viewer.user_id if viewer else None), self._now()
        gathered = await self._gatherer.gather(wanted, viewer, policy, now)
        if needs_seeders(gathered.candidate, policy, now):
            gathered = await self._gatherer.with_seeders(gathered)
        return gathered, decide(gathered.candidate, policy, now)

    async def _decide(self, acquisition: Acquisition) -> None:
        viewer = self._viewer(acquisition)
        title = acquisition.title
        wanted = Wanted(acquisition.item_id, title.ids, title.name, title.year, title.media)
        gathered, decision = await self._ask(wanted, viewer)
        acquisition = replace(acquisition, title=decision.title)
        open_questions = unanswered(gathered, decision)
        again = ask_again_at(acquisition, self._now()) if open_questions else None
        if again is not None:
            # What may still change is no decision yet: it is neither told nor counted.
            open_still = replace(decision, pending=True)
            first = acquisition.attempts == 0
            recorded = self._store.decisions.to_add(open_still, item_id=acquisition.item_id)
            waits = say("waits_for_answer", questions=open_questions)
            await self._outcomes.later(acquisition, waits, again, *([recorded] if first else []))
            return
        plan: Plan | None = None
        if decision.verdict is Verdict.STREAM:
            recorded = self._recorded(gathered, decision, None, acquisition.item_id)
            await self._outcomes.drop(
                acquisition, AcquisitionState.DROPPED, decision.reason, recorded
            )
        else:
            plan = await self._plan(acquisition, gathered, decision, acquisition.item_id)
        self._outcomes.decision(decision, plan)

    def _recorded(
        self, gathered: Gathered, decision: Decision, plan: Plan | None, item_id: str | None
    ) -> Write[int]:
        """Give what records a decision, with the size of the file that was watched (bytes)."""
        size = gathered.item.size if gathered.item else None
        plan_id = plan.plan_id if plan else None
        return self._store.decisions.to_add(decision, plan_id, item_id, size)

    def _viewer(self, acquisition: Acquisition) -> Viewer | None:
        if acquisition.origin is Origin.GUEST:
            return _GUEST
        if acquisition.viewer_id is None:
            return None
        known = self._viewers(acquisition.viewer_id)
        return known or replace(_GUEST, user_id=acquisition.viewer_id)

    async def _plan(
        self,
        acquisition: Acquisition,
        gathered: Gathered,
        decision: Decision,
        item_id: str | None,
    ) -> Plan | None:
        """Plan, record the decision, and queue the plan or leave it to a person."""
        options, now = self._options(), self._now()
        try:
            plan = await plan_for(
                gathered,
                decision,
                options.downloads,
                lifetime=timedelta(hours=options.safety.plan_hours),
                dry_run=options.safety.dry_run,
                now=now,
            )
        except NoPlan as err:
            recorded = self._recorded(gathered, decision, None, item_id)
            await self._outcomes.end(acquisition, AcquisitionState.FAILED, err.why, recorded)
            return None
        waits = why_waiting(options, decision, acquisition)
        planned = replace(
            acquisition,
            plan_id=plan.plan_id,
            attempts=0,
            state=AcquisitionState.PLANNED if waits else AcquisitionState.QUEUED,
            next_at=None,
            reason=decision.reason,
            detail=waits or say("waits_for_turn"),
        )
        await self._store.together(
            self._store.plans.to_put(plan),
            self._store.acquisitions.to_put(planned),
            self._recorded(gathered, decision, plan, item_id),
        )
        self._outcomes.job("planned", planned, "waiting" if waits else "queued")
        self._wake.set()
        return plan
