"""Searches for what a watched season lacks, as steps of the cleanup's plan, in their turn.

A step for each episode: so searches are paced as all others are, and the ledger tells which were
sent. What comes of them is judged by the next runs, like all else.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from ...clients.arr_queue import known_queue
from ...coordinators.sonarr import SonarrCoordinator
from ...domain.deletion.draft import at
from ...domain.deletion.leaving import part_of
from ...domain.inventory import ArrUnit
from ...domain.knowledge import Answer
from ...domain.plan import (
    Cost,
    LeftOut,
    Scope,
    SearchEpisodes,
    Skip,
    Step,
    Subject,
    Wait,
)
from ...domain.retention import RetentionPolicy, SeasonPacking, packings
from ...domain.text import say
from ...options import Options
from ...store import Store
from ..facts.search_turn import search_turn
from .gather import Everything
from .held import Held

_SEARCH: Final = "search:"
_FREE: Final = Cost(items=0)


class Packing:
    """Plans such searches, and says whether one may go out."""

    def __init__(
        self,
        store: Store,
        sonarrs: Mapping[str, SonarrCoordinator],
        options: Callable[[], Options],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand."""
        self._store = store
        self._sonarrs = sonarrs
        self._options = options
        self._now = now

    def found(
        self, everything: Everything, policy: RetentionPolicy, key: tuple[str, int] | None = None
    ) -> tuple[SeasonPacking, ...]:
        """Say of each season that lacks something whether that is searched for; or of one title."""
        if not policy.season_packing:
            return ()
        cooldown = timedelta(days=self._options().downloads.policy.cooldown_days)
        only = None if key is None else {key}
        return tuple(
            found
            for facts in everything.together(key)
            for found in packings(facts, policy, cooldown, only)
        )

    def steps(
        self, everything: Everything, packed: Iterable[SeasonPacking]
    ) -> tuple[list[tuple[Step, tuple[str, int]]], list[LeftOut]]:
        """Plan as many searches as an hour has; the rest is another run's."""
        steps: list[tuple[Step, tuple[str, int]]] = []
        left: list[LeftOut] = []
        room = self._options().downloads.searches_per_hour
        for one in packed:
            held = everything.held[one.record.service, one.record.id]
            if one.answer is not Answer.YES:
                left += _why_not(held, one)
                continue
            mine = one.search[: max(room - len(steps), 0)]
            steps += ((_step(held, one, unit), held.key) for unit in mine)
            if len(mine) < len(one.search):
                what = part_of(held.title, one.season)
                left.append(LeftOut(what, say("packing_another_run"), findings=one.findings))
        return steps, left

    async def against(
        self, step: Step, search: SearchEpisodes, fresh: Everything, policy: RetentionPolicy
    ) -> Skip | Wait | None:
        """Say why a search does not go out now; None: it may. Raises ServiceError, StoreError."""
        sonarr = self._sonarrs.get(step.target.service)
        if fresh.facts.silent or sonarr is None:
            return Wait(say("cleanup_arr_silent"))
        wanted = frozenset(search.episodes)
        key = (step.target.service, step.target.remote_id or 0)
        if (against := _stands(self.found(fresh, policy, key), wanted)) is not None:
            return against
        now = self._now()
        queue = await known_queue(sonarr.client, sonarr.title, now)
        if any(line.episode_id in wanted for line in queue):
            return Skip(say("in_queue_by_now"), needless=True)
        per_hour = self._options().downloads.searches_per_hour
        turn = await search_turn(self._store, per_hour, now)
        return Wait(say("waits_for_turn_to_search")) if turn > now else None


def _stands(found: Iterable[SeasonPacking], wanted: frozenset[int]) -> Skip | Wait | None:
    """Say what stands against a search by the rule, as everything is now."""
    packed = next((one for one in found if wanted <= {u.id for u in one.missing}), None)
    if packed is None:
        return Skip(say("nothing_left_to_do"), needless=True)
    if packed.answer is Answer.UNKNOWN:
        return Wait(packed.why_not)
    if packed.answer is Answer.NO or not wanted <= {one.id for one in packed.search}:
        return Skip(packed.why_not or say("packing_searched"), needless=True)
    return None


def _step(held: Held, packed: SeasonPacking, unit: ArrUnit) -> Step:
    return Step(
        id=f"{_SEARCH}{unit.id}",
        scope=Scope.EPISODE,
        subject=Subject.of_title(held.title),
        target=at(held.record),
        payload=SearchEpisodes((unit.id,)),
        reasons=(
            say("packing_reason", season=packed.season),
            say("packing_search", episode=unit.place.text, arr=held.record.name),
        ),
        findings=packed.findings,
        cost=_FREE,
    )


def _why_not(held: Held, packed: SeasonPacking) -> Iterator[LeftOut]:
    """Say why nothing is searched for, where that is all that keeps a season."""
    if packed.is_ready:
        what = part_of(held.title, packed.season)
        unknown = packed.answer is Answer.UNKNOWN
        yield LeftOut(what, packed.why_not, unknown, packed.findings)
