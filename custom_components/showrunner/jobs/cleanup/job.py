"""Lets go what was watched, by the clock or on demand: judged, proven, and checked once more.

What can't be done yet waits, and goes on by itself until the plan expires (law 15).
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import logging
from typing import Final

from ...clients.errors import ServiceError
from ...clients.moment import moment
from ...coordinators.cooperative_yield import let_go
from ...domain.counted import APART
from ...domain.deletion.draft import EVERYTHING, Deletion, Withheld
from ...domain.deletion.leaving import part_of, plan_leaving
from ...domain.deletion.recheck import against_doing
from ...domain.inventory import ArrTitle
from ...domain.knowledge import Answer
from ...domain.media import MediaType, Title
from ...domain.plan import (
    Check,
    DeleteMovie,
    DeleteSeries,
    ForgetMedia,
    LeftOut,
    Plan,
    Pool,
    Proceed,
    Scope,
    SearchEpisodes,
    Skip,
    Step,
    StepState,
    Wait,
)
from ...domain.retention import RetentionPolicy, RetentionVerdict
from ...domain.text import say
from ...store import StoreError
from ..kit.plan_runs import SCHEDULED, PlanRuns, RunParts, switched_off
from ..kit.runner import Change
from ..refused import Refused
from .announced import Announced
from .due import Due, Leaving, Part, due_of, part_of_step, part_of_verdict, proven
from .gather import CleanupFacts, Everything, Key
from .options import CleanupOptions
from .packing import Packing
from .refusals import Refusals
from .regrets import Regrets
from .room import RoomAsker

_LOGGER = logging.getLogger(__name__)

JOB: Final = "cleanup"
# So many titles go in one plan, for which so many are asked about afresh; what else may go waits
# for another run. What can't go does not take the place of what can.
_MOST_TITLES: Final = 50
_MOST_ASKED: Final = 200
# So much of what stays is told with a plan, what is unknown first.
_MOST_LEFT: Final = 500
# So long an answer stands while a plan is made (seconds): each step is checked anew (law 3).
_PLANNING: Final = 60.0
_APART: Final = "@"
# A start has other things to do; then it is enough to know once a day what leaves.
_FIRST_LOOK: Final = timedelta(minutes=15)
_LOOK: Final = timedelta(days=1)
_AGAIN: Final = APART + timedelta(minutes=1)


class ModeUnknown(Refused):
    """What is stored in the options can't be meant: nothing is judged by it."""

    def __init__(self) -> None:
        """Name nothing: the options' page shows it."""
        super().__init__(translation_key="cleanup_mode_unknown")


class CleanupJob:
    """Plans and carries out, one run at a time."""

    def __init__(
        self,
        parts: RunParts,
        facts: CleanupFacts,
        *,
        regrets: Regrets,
        room: RoomAsker,
        page: Callable[[], CleanupOptions],
        library_size: Callable[[], Awaitable[int | None]],
        packing: Packing,
    ) -> None:
        """Take everything by hand. `page` are the job's own options."""
        self._facts = facts
        self.regrets = regrets
        self._room = room
        self._packing = packing
        self._page = page
        self._options = parts.options
        self._now = parts.now
        self._library_size = library_size
        self._announced = Announced(parts.store, parts.now, lambda: facts.zone)
        self._refusals = Refusals(parts.store, parts.now, lambda: facts.zone)
        self._due = Due(parts.store, parts.now, facts.counting)
        self._show_again = asyncio.Event()
        self._look_again = False
        self._looked_by = page()
        parts.runner.add_listener(self._moved)
        self.runs = PlanRuns(JOB, self, parts, wish="media", sizes=self._sizes)

    @property
    def leaving(self) -> tuple[Leaving, ...] | None:
        """What is due to leave, the first first; None before anybody has looked."""
        return self._due.leaving

    @property
    def page(self) -> CleanupOptions:
        """The job's own options, as they are now."""
        return self._page()

    @property
    def next_deletion(self) -> datetime | None:
        """When the next of what is due leaves by itself; None: nothing does."""
        if self.page.schedule is None or not self.leaving or self._options().safety.dry_run:
            return None
        return self.leaves_at(self.leaving[0])

    def leaves_at(self, one: Leaving) -> datetime:
        """Say when something that is due leaves; while nothing does by itself, when it may."""
        schedule, first = self.page.schedule, max(one.at, self._now())
        turn = None if schedule is None else schedule.turn(first, first, self._facts.zone)
        return first if turn is None else turn

    # -- when --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Let go what is due, or only show it while the options say dry run."""
        dry_run, scheduled = self._options().safety.dry_run, self.page.enabled
        await self.clean_up(None, dry_run=dry_run, empty=False, scheduled=scheduled)

    async def work_on_looks(self) -> None:
        """Say once a day what is due to leave."""
        await asyncio.sleep(_FIRST_LOOK.total_seconds())
        while True:
            try:
                await self.look()
            except (ServiceError, StoreError, Refused) as err:
                _LOGGER.warning("Could not say what leaves: %s", err)
            later = _AGAIN if self._facts.in_doubt else _LOOK
            await asyncio.sleep(later.total_seconds())

    def words_changed(self) -> None:
        """Take it that people have said what is kept or what they love, or that it is over."""
        self._show_again.set()

    def options_changed(self) -> None:
        """Look again at what leaves, where it is judged in another way by now."""
        if self.page != self._looked_by:
            self._looked_by, self._look_again = self.page, True
            self._show_again.set()

    def _moved(self, plan_id: str, news: Step | Change) -> None:
        """Name no longer as leaving what has left, whoever has deleted it."""
        done = isinstance(news, Step) and news.state is StepState.DONE
        if isinstance(news, Step) and done and news.undo_of is not None:
            self.regrets.undone()
        if isinstance(news, Step) and done and self._due.left(part_of_step(_local(news))):
            self._show_again.set()

    async def work_on_words(self) -> None:
        """Show no longer as leaving what stays by now; only by other options it is looked anew."""
        while True:
            await self._show_again.wait()
            self._show_again.clear()
            if self.leaving is not None:
                try:
                    await (self.look() if self._look_again else self._due.show())
                except (ServiceError, StoreError, Refused) as err:
                    _LOGGER.warning("Could not say what leaves: %s", err)

    # -- planning ----------------------------------------------------------------------------------

    @property
    def _policy(self) -> RetentionPolicy:
        policy = self.page.policy
        if policy is None:
            raise ModeUnknown
        return policy

    async def look(self) -> None:
        """Find out what is due to leave, and change nothing. Raises ModeUnknown, StoreError."""
        found, verdicts, _ = await self._looked()
        await let_go(_parts(found, verdicts))

    async def _looked(
        self,
    ) -> tuple[Everything, tuple[RetentionVerdict, ...], frozenset[str]]:
        """Judge everything; name what goes as `proven` says, too."""
        policy = self._policy
        if self._look_again:  # by other options what could not go before may
            self._look_again = False
            await self._refusals.judged_anew()
        await self.regrets.expect()
        found = await self._facts.all()
        await self.regrets.met()
        # Beside the event loop: there may be many titles.
        judged = await asyncio.to_thread(found.judged, policy)
        shown = await asyncio.to_thread(proven, found, judged)
        noted = await self._announced.note(judged, policy, found.unread, shown)
        await self._refusals.note(noted, found.unread)
        verdicts = await self._refusals.held_back(noted, policy, asking=True)
        await self._show(found, verdicts, shown.going)
        return found, verdicts, shown.going

    async def _show(
        self, found: Everything, verdicts: Sequence[RetentionVerdict], going: Collection[str]
    ) -> None:
        due = await asyncio.to_thread(lambda: [*due_of(found, verdicts, going)])
        await self._due.found(due, found.unread, await self._refusals.stays())

    async def clean_up(
        self,
        media: MediaType | None,
        *,
        dry_run: bool,
        keep: bool = True,
        empty: bool = True,
        scheduled: bool = False,
    ) -> Plan:
        """Plan what leaves (of movies or series only), and unless it is a dry run let it go.

        `empty`: a plan without steps is kept and told of, too. `scheduled`: nobody has asked for
        it; it waits while the job is switched off. Raises ModeUnknown, AlreadyRunning,
        StoreError.
        """
        if not dry_run:
            self.runs.refuse_second()
        with moment(_PLANNING):  # of many titles the same is asked
            found, verdicts, going = await self._looked()
            # Beside the event loop: there may be many.
            wanted = await asyncio.to_thread(_sorted, found, verdicts, media)
            steps, left, back = await self._steps(found, wanted.going)
        if back:  # it is shown from now on, with the day until which it is announced
            verdicts = await self._refusals.held_back(verdicts, self._policy, asking=True)
            await self._show(found, verdicts, going)
        self._due.refused(await self._refusals.stays())
        if media is not MediaType.MOVIE:
            searches, others = await asyncio.to_thread(self._searches, found)
            steps, left = [*steps, *searches], [*left, *others]
        left += wanted.staying
        rest = _parts(found, verdicts)
        del found, verdicts, wanted
        await let_go(rest)
        await self._due.show()
        plan = self.runs.make(
            steps,
            dry_run=dry_run,
            intent={"media": media, **({SCHEDULED: True} if scheduled else {})},
            left_out=_unknown_first(left)[:_MOST_LEFT],
            sources=self._facts.sources(step.target.service for step in steps),
        )
        if not steps and not empty:
            return plan
        return await self.runs.start(plan, dry_run=dry_run, keep=keep)

    async def _sizes(self) -> Mapping[Pool, int | None]:
        """Count how much there is now of what a plan takes from (law 8)."""
        return {Pool.LIBRARY: await self._library_size()}

    async def _steps(
        self, found: Everything, going: Mapping[Key, Sequence[RetentionVerdict]]
    ) -> tuple[list[Step], list[LeftOut], bool]:
        """Ask about what may go once more, afresh, and plan it, in this order.

        Tell also whether something may go by now that could not when it was last asked about.
        """
        steps: list[tuple[Step, ArrTitle]] = []
        left: list[LeftOut] = []
        titles, asked, keys, back = 0, 0, tuple(going), False
        await self._facts.ask_ahead(found.held[key] for key in keys[:_MOST_TITLES])
        for number, key in enumerate(keys[:_MOST_ASKED]):
            if titles >= _MOST_TITLES:
                break
            title = found.held[key].title
            deletion = await self._planned(title, key)
            if await self._is_back(key, going[key], deletion):
                back, deletion = True, await self._planned(title, key, asking=False)
            titles += bool(deletion.steps)
            record = found.held[key].record
            steps += ((_named(step, key), record) for step in deletion.steps)
            left += (one.left_out for one in deletion.withheld)
            asked = number + 1
        # Of those that wait for another run no more are told of than of anything.
        rest = keys[asked : asked + _MOST_LEFT]
        said = say("cleanup_another_run")
        left += (LeftOut(found.held[key].title.label, said) for key in rest)
        return await self._room.of(steps), left, back

    async def _is_back(
        self, key: Key, verdicts: Iterable[RetentionVerdict], deletion: Deletion
    ) -> bool:
        """Note what of a title can't go; tell whether something can that could not before."""
        parts = [part_of_verdict(one) for one in verdicts if one.scope is not Scope.SERIES]
        why = {one: deletion.why_not(one[2]) for one in parts}
        unknown = [one for one, against in why.items() if against is not None and against.unknown]
        planned: list[Part] = [(*key, step.id) for step in deletion.steps]
        return await self._refusals.asked(parts, planned, unknown)

    def _searches(self, found: Everything) -> tuple[list[Step], list[LeftOut]]:
        """Plan what is to be searched for, so that a season can leave: after all that leaves."""
        planned, left = self._packing.steps(found, self._packing.found(found, self._policy))
        return [_named(step, key) for step, key in planned], left

    async def _planned(self, title: Title, key: Key, *, asking: bool = True) -> Deletion:
        """Say what of a title leaves, by what everybody says in this moment.

        `asking`: also of what could not go when it was last asked about.
        """
        service, number = key
        fresh = await self._facts.one(title, {service: number})
        held = fresh.held.get(key)
        if held is None:
            silent = Withheld(EVERYTHING, title.label, say("cleanup_arr_silent"), unknown=True)
            return Deletion((), (silent,) if fresh.facts.silent else ())
        verdicts = await self._judged(fresh, key, asking=asking)
        return plan_leaving(title, held.record, held.proofs, verdicts, seerr=held.seerr)

    async def _judged(
        self, fresh: Everything, key: Key, *, asking: bool = False
    ) -> tuple[RetentionVerdict, ...]:
        policy = self._policy
        judged = await asyncio.to_thread(fresh.judged, policy, key)
        announced = await self._announced.of(judged, policy)
        return await self._refusals.held_back(announced, policy, asking=asking)

    # -- once more, before each step ---------------------------------------------------------------

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Ask everybody anew; go on when the very same step would be planned again (law 3)."""
        if (off := switched_off(plan, enabled=self.page.enabled)) is not None:
            return off
        title, number = step.subject.title, step.target.remote_id
        if title is None or number is None:
            return Skip(say("step_names_nothing"))
        if isinstance(step.payload, ForgetMedia):
            asked = step.payload.request_number
            against = await self._facts.against_forgetting(title, step.target, asked)
            return against or Proceed()
        fresh = await self._facts.one(title, {step.target.service: number})
        if isinstance(step.payload, SearchEpisodes):
            against = await self._packing.against(step, step.payload, fresh, self._policy)
            return against or Proceed()
        against = await self._against_deleting(step, title, fresh, prepares)
        return against or Proceed()

    async def _against_deleting(
        self, step: Step, title: Title, fresh: Everything, prepares: Sequence[Step]
    ) -> Skip | Wait | None:
        """Say why a step is not carried out by what everybody has just said; None: it may be."""
        key = (step.target.service, step.target.remote_id or 0)
        held = fresh.held.get(key)
        if held is None:
            if fresh.facts.silent:
                return Wait(say("cleanup_arr_silent"))
            return Skip(say("nothing_left_to_do"), needless=True)
        verdicts = await self._judged(fresh, key)
        # Of a movie whose file has left, as planned before, only its entry is there to be judged.
        deletion = plan_leaving(
            title,
            held.record,
            held.proofs,
            verdicts,
            entry=isinstance(step.payload, DeleteMovie),
        )
        against = against_doing(_local(step), deletion, [_local(one) for one in prepares])
        if against is None and isinstance(step.payload, DeleteMovie | DeleteSeries):
            against = await self._facts.against_entry(held)
        return against


def _named(step: Step, key: tuple[str, int]) -> Step:
    """Name a step so that it is told from the same one of another title."""
    whose = f"{_APART}{key[0]}:{key[1]}"
    after = tuple(f"{one}{whose}" for one in step.after)
    return replace(step, id=f"{step.id}{whose}", after=after)


def _local(step: Step) -> Step:
    """Name a step as it is called within its title."""
    after = tuple(one.partition(_APART)[0] for one in step.after)
    return replace(step, id=step.id.partition(_APART)[0], after=after)


def _key(verdict: RetentionVerdict) -> tuple[str, int]:
    return verdict.record.service, verdict.record.id


def _media(verdict: RetentionVerdict) -> MediaType:
    return MediaType.MOVIE if verdict.scope is Scope.MOVIE else MediaType.SERIES


def _parts(found: Everything, verdicts: Iterable[RetentionVerdict]) -> list[object]:
    """Give what was found in parts, for `let_go`."""
    return [*found.held.values(), *verdicts]


@dataclass(frozen=True, slots=True)
class _Sorted:
    """What may go, the safest first: that is what is smallest. And why the rest stays."""

    going: Mapping[Key, Sequence[RetentionVerdict]]
    staying: Sequence[LeftOut]


def _sorted(
    found: Everything, verdicts: Iterable[RetentionVerdict], media: MediaType | None
) -> _Sorted:
    """Sort what was found of a kind; None: of all."""
    wanted = [one for one in verdicts if media in (None, _media(one))]
    going: dict[Key, list[RetentionVerdict]] = {}
    for one in wanted:
        if one.may_go:
            going.setdefault(_key(one), []).append(one)
    sizes = {key: sum(one.size_bytes for one in mine) for key, mine in going.items()}
    keys = sorted(sizes, key=lambda key: (sizes[key], key))
    staying = _unknown_first((*found.left_out, *_staying(found, wanted)))
    return _Sorted({key: going[key] for key in keys}, staying[:_MOST_LEFT])


def _unknown_first(left: Iterable[LeftOut]) -> list[LeftOut]:
    return sorted(left, key=lambda one: not one.unknown)


def _staying(found: Everything, verdicts: Sequence[RetentionVerdict]) -> Iterator[LeftOut]:
    """Say of what was watched why it stays; but of titles that are asked about once more."""
    asked = {_key(one) for one in verdicts if one.may_go}
    for one in verdicts:
        key = _key(one)
        if key not in asked and (against := one.against) is not None:
            what = part_of(found.held[key].title, one.season)
            unknown = one.answer is Answer.UNKNOWN
            yield LeftOut(what, against.detail, unknown, one.findings)
