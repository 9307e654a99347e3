"""Brings finished downloads home: list, choose, plan, check again, fetch, hand on.

A plan has a step for each release. What can't be fetched now waits and goes on by itself, from
where it was: a full disk, a seedbox that is away, the hours of the night that are over.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
import logging
from typing import Any, Final

from ...clients.errors import ServiceError
from ...clients.fetching.fetcher import ReleaseFetcher
from ...coordinators.transfer import TransferCoordinator
from ...domain.plan import Check, FetchRelease, LeftOut, Plan, Proceed, Skip, Step, StepState, Wait
from ...domain.schedule import Schedule
from ...domain.text import Words, say
from ...domain.transfer.progress import IDLE, TransferState
from ...domain.transfer.tree import from_text
from ...signals import Attributes, Topic
from ...store import StoreError
from ...waking import woken
from ..kit.plan_runs import PlanRuns, RunParts, does_all_of, still_to_do
from ..kit.refusals import PlanExpired
from ..kit.runner import Change
from ..refused import Refused
from ..sync_options import SyncOptions
from .arrivals import Arrivals
from .choosing import TransferUnknown, choose
from .gather import SyncFacts
from .leftovers import clear
from .steps import as_planned, bytes_left

_LOGGER = logging.getLogger(__name__)

JOB: Final = "sync"
# Among so many plans is looked for what came home and was not noted before a crash.
_RECENT: Final = 20
# An arr that could not be told of what is home is told again after such pauses (seconds).
_AGAIN: Final = (60.0, 300.0, 900.0, 3600.0)
# Several downloads may complete at the same moment.
_SETTLES: Final = 10.0


class SyncJob:
    """Plans and carries out what is fetched from a seedbox, one run at a time."""

    def __init__(
        self,
        parts: RunParts,
        transfers: Mapping[str, TransferCoordinator],
        fetcher: Callable[[str], ReleaseFetcher | None],
        facts: SyncFacts,
        arrivals: Arrivals,
        *,
        sync_options: Callable[[], SyncOptions],
        local_now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand; nothing runs yet."""
        self._store = parts.store
        self._transfers = transfers
        self._fetcher = fetcher
        self._facts = facts
        self._arrivals = arrivals
        self._runner = parts.runner
        self._options = parts.options
        self._sync_options = sync_options
        self._now = parts.now
        self._local_now = local_now
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._completed = asyncio.Event()
        self._came = asyncio.Event()
        # What was shown last in a dry run by the clock: it is not shown again and again.
        self._shown: frozenset[str] = frozenset()
        self._runs = PlanRuns(JOB, self, parts, wish=None, covers=does_all_of)
        parts.runner.add_listener(self._moved)
        parts.signals.subscribe(Topic.JOB, self._plan_changed)

    # -- planning --------------------------------------------------------------------------------

    async def sync(self, transfer: str | None, *, dry_run: bool, keep: bool = True) -> Plan:
        """Plan what is to be fetched and, unless it is a dry run, begin with it.

        Raises TransferUnknown, AlreadyRunning, ServiceError when no seedbox tells what it has.
        """
        if not dry_run:
            self._runs.refuse_second()
        plan = await self._plan(transfer, dry_run=dry_run, by_clock=False)
        if dry_run:
            return await self._runs.start(plan, dry_run=True, keep=keep)
        if plan.steps:
            self._runs.refuse_second()
            self._spawn(self._guarded(self._runs.start(plan, dry_run=False)))
        return plan

    async def scheduled(self) -> None:
        """Do what there is to do by the clock, or because a download is complete.

        What waits goes on as it was planned; nothing begins while a person has paused a plan.
        """
        if self._runner.running(JOB) is not None or not self._transfers:
            return
        waiting = await self._store.plans.waiting(JOB)
        if any(plan.paused for plan in waiting):
            return
        if not self._sync_options().hours.allow(self._local_now()):
            return
        dry_run = self._options().safety.dry_run
        plan = await self._plan(None, dry_run=dry_run, by_clock=True)
        plan = await still_to_do(self._store, plan, waiting)
        found = frozenset(step.id for step in plan.steps)
        if dry_run:
            if found and found != self._shown:
                await self._runs.start(plan, dry_run=True)
            self._shown = found
        elif found and not self._runs.busy:
            await self._ended(await self._runs.start(plan, dry_run=False))
        # Last: what is tried again at once would keep what is new from beginning.
        self._runs.hint()

    async def _under_way(self, but: str = "") -> frozenset[str]:
        """Name the steps that wait, or were begun and not ended, of all plans but one."""
        waiting = await self._store.plans.waiting(JOB)
        begun = await self._store.ledger.unfinished()
        return frozenset(
            [step.id for plan in waiting if plan.plan_id != but for step in plan.waiting]
            + [row.step_id for row in begun if row.step_id is not None and row.plan_id != but]
        )

    def schedule(self) -> Schedule | None:
        """Say when it has its turn; None while it is switched off."""
        options = self._sync_options()
        return Schedule(every=options.every) if options.enabled else None

    async def run_now(self) -> None:
        """Do at once what there is to do, at any hour."""
        await self.sync(None, dry_run=self._options().safety.dry_run)

    async def _plan(self, transfer: str | None, *, dry_run: bool, by_clock: bool) -> Plan:
        if transfer is not None and transfer not in self._transfers:
            raise TransferUnknown(transfer)
        now = self._now()
        steps: list[Step] = []
        left_out: list[LeftOut] = []
        listed: dict[str, frozenset[str]] = {}
        failure: ServiceError | None = None
        asked = [one for one in tuple(self._transfers) if transfer in (None, one)]
        for service in asked:
            try:
                chosen = await choose(
                    service,
                    self._fetcher(service),
                    self._facts,
                    self._sync_options().exclude,
                    now,
                    by_clock=by_clock,
                )
            except ServiceError as err:
                failure = err
                left_out.append(LeftOut(self._transfers[service].title, err.text, unknown=True))
                continue
            steps += chosen.steps
            left_out += chosen.left_out
            listed[service] = chosen.keys
            if chosen.settled and not dry_run:
                await self._transfers[service].synced(now)
        if failure is not None and len(left_out) == len(asked) and not steps:
            raise failure
        if not dry_run:
            await clear(self._transfers, self._fetcher, listed, self._under_way, now)
        return self._runs.make(
            steps,
            dry_run=dry_run,
            intent={"transfer": transfer, "by_clock": by_clock},
            left_out=left_out,
            at=now,
        )

    # -- carrying out ----------------------------------------------------------------------------

    async def apply(self, plan: Plan, steps: Collection[str] | None, *, dry_run: bool) -> Plan:
        """Begin to carry out a kept plan, or some of its steps. Raises AlreadyRunning, PlanExpired.

        It may take hours: the plan is answered as it stands.
        """
        if dry_run:
            return await self._runs.apply(plan, steps, dry_run=True)
        self._runs.refuse_second()
        if plan.expired(self._now()):
            raise PlanExpired(plan.plan_id)
        self._spawn(self._guarded(self._runs.apply(plan, steps, dry_run=False)))
        return replace(plan, dry_run=False)

    async def _guarded(self, run: Awaitable[Plan]) -> None:
        try:
            await self._ended(await run)
        except (ServiceError, StoreError, Refused) as err:
            _LOGGER.warning("Could not fetch: %s", err)

    async def _ended(self, plan: Plan) -> None:
        """Note that all is home now, where it is."""
        open_ones = {one.target.service for one in plan.steps if one.state is not StepState.DONE}
        if any(one.unknown for one in plan.left_out):
            return
        for service in {one.target.service for one in plan.steps} - open_ones:
            if (transfer := self._transfers.get(service)) is not None:
                await transfer.synced(self._now())

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Look once more at the release, its torrent, its import and the local folder (law 3)."""
        wish, fetcher = step.payload, self._fetcher(step.target.service)
        if not isinstance(wish, FetchRelease):
            return Skip(say("step_names_nothing"))
        if fetcher is None:
            return Wait(say("transfer_not_linked"))
        if (against := self._against(plan)) is not None:
            return Wait(against)
        exclude = self._sync_options().exclude
        again = await self._facts.again(
            step.target.service, fetcher, from_text(wish.name), exclude, plan.created_at
        )
        check = await asyncio.to_thread(as_planned, again, wish)
        if isinstance(check, Proceed):
            fetcher.against = lambda: self._against(plan)
            fetcher.begin(plan.plan_id, bytes_left(plan, step.target.service))
        return check

    def _against(self, plan: Plan) -> Words | None:
        """Say what is against fetching for a plan at this moment."""
        if self._runner.is_stopping(plan.plan_id):
            return say("transfer_stopped")
        if self._options().safety.dry_run and not plan.confirmed:
            return say("step_paused_by_dry_run")
        hours = self._sync_options().hours
        if plan.intent.get("by_clock") and not hours.allow(self._local_now()):
            return say("transfer_outside_hours")
        return None

    def _moved(self, plan_id: str, news: Step | Change) -> None:
        """Take in what has come home, and that a run is over."""
        if isinstance(news, Step):
            if news.state is StepState.DONE and isinstance(news.payload, FetchRelease):
                self._spawn(self._arrived(plan_id, news))
        elif news is Change.STOPPED:
            self._spawn(self._rest())
        elif news is Change.ENDED:
            for service in tuple(self._transfers):
                if (fetcher := self._fetcher(service)) is not None:
                    fetcher.end(plan_id)

    def _plan_changed(self, kind: str, data: Attributes) -> None:
        """Take in that a plan is over, also one that had waited for too long."""
        if data.get("job") == JOB and kind != "planned":
            self._spawn(self._rest())

    async def _rest(self) -> None:
        """Show no transfer as paused any more when no plan waits for it."""
        try:
            waiting = await self._store.plans.waiting(JOB)
        except StoreError as err:
            _LOGGER.debug("Not known what waits: %s", err)
            return
        waited_for = {step.target.service for plan in waiting for step in plan.waiting}
        for service, transfer in tuple(self._transfers.items()):
            if service not in waited_for and transfer.progress.state is TransferState.PAUSED:
                transfer.set_progress(IDLE)

    async def _arrived(self, plan_id: str, step: Step) -> None:
        try:
            now = self._now()
            plan = await self._store.plans.get(plan_id)
            planned = now if plan is None else plan.created_at
            under_way = await self._under_way(plan_id)
            await self._arrivals.remember(step, now, under_way, planned=planned)
        except StoreError as err:
            _LOGGER.warning("%s is home, which could not be noted: %s", step.label, err)
            if isinstance(step.payload, FetchRelease):
                await self._arrivals.tell_arrs(step.target.service, from_text(step.payload.name))
        self._came.set()

    # -- what runs by itself -----------------------------------------------------------------------

    def completed(self) -> None:
        """Take it that a download is complete."""
        self._completed.set()

    def hint(self) -> None:
        """Take it that something has changed which a plan may wait for."""
        self._runs.hint()

    async def work(self) -> None:
        """Carry on what waits, and what a crash left, for as long as the entry is loaded."""
        under_way = await self._under_way()
        for plan in await self._store.plans.recent(_RECENT, JOB):
            for step in plan.steps:
                if step.state is StepState.DONE:
                    planned = plan.created_at
                    await self._arrivals.remember(step, planned, under_way, planned=planned)
        await self._runs.work()

    async def tell(self) -> None:
        """Tell arrs of what has come home until they know, for as long as the entry is loaded."""
        tries = 0
        while True:
            self._came.clear()
            try:
                left = await self._arrivals.tell_arrs_of_all(tuple(self._transfers))
            except (ServiceError, StoreError) as err:
                _LOGGER.warning("Nobody was told of what is home: %s", err)
                left = True
            pause = _AGAIN[min(tries, len(_AGAIN) - 1)] if left else None
            tries += 1
            if await woken(self._came, pause):
                tries = 0

    async def watch(self) -> None:
        """Look at once when a download is complete, for as long as the entry is loaded."""
        while True:
            await self._completed.wait()
            await asyncio.sleep(_SETTLES)
            self._completed.clear()
            if not self._sync_options().enabled:
                continue
            try:
                await self.scheduled()
            except (ServiceError, StoreError, Refused) as err:
                _LOGGER.debug("Not looked for what is complete: %s", err)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._stopped:
            work.close()  # what is left is done after the next start
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End what runs. What is half fetched is gone on with after the next start."""
        self._stopped = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
