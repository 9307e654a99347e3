"""What is due to leave, as it is shown: without what has left, is kept by now, or can't go.

It is found once a day, and whenever something is planned. In between nobody is asked for it: it is
compared with what is remembered of people's words and marks.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ...domain.deletion.draft import DELETE_FILE, season_id
from ...domain.deletion.leaving import stands_against
from ...domain.finding import Finding
from ...domain.keeps import Keep, about
from ...domain.knowledge import Known
from ...domain.media import MediaType, Title, TitleKey
from ...domain.plan import Step
from ...domain.retention import RetentionVerdict
from ...store import Store
from .gather import Everything
from .held import Held

# Of whom the sensors hear that it was looked anew what leaves.
LEAVING: Final = "leaving"

# Whose title, its number there, and the step with which a part of it leaves.
type Part = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is due to leave. `at`: when its grace is over; `findings`: why it leaves.

    `named`: all that its title may go by; None: its own ids only. `items`: those of Jellyfin's
    whose mark keeps it.
    """

    title: Title
    season: int | None
    at: datetime
    size_bytes: int
    findings: tuple[Finding, ...] = ()
    named: TitleKey | None = None
    part: Part = ("", 0, "")
    items: frozenset[str] = frozenset()

    @property
    def names(self) -> TitleKey:
        """What words on it are found under."""
        return self.title.key if self.named is None else self.named


class Due:
    """Remembers what is due."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        viewers: Callable[[], Collection[str]],
    ) -> None:
        """Take everything by hand. `viewers` gives the ids of those whose marks keep something."""
        self._store = store
        self._now = now
        self._viewers = viewers
        # None before anybody has looked.
        self.leaving: tuple[Leaving, ...] | None = None
        self._due: tuple[Leaving, ...] = ()
        # What could not go when everybody was asked afresh, by `part_name`.
        self._stays: frozenset[str] = frozenset()

    async def found(
        self,
        due: Iterable[Leaving],
        unread: Collection[MediaType] = frozenset(),
        stays: frozenset[str] = frozenset(),
    ) -> None:
        """Take over what was found to be due. Of kinds that are `unread` nothing is over.

        `stays`: what could not go when everybody was asked afresh. Raises StoreError.
        """
        self._stays = stays
        new = await asyncio.to_thread(_ordered, due)  # beside the event loop: there may be many
        if unread:
            parts = {one.part for one in new}
            old = (o for o in self._due if o.title.media in unread and o.part not in parts)
            new = _ordered((*new, *old))
        self._due = new
        await self.show()

    def refused(self, stays: frozenset[str]) -> None:
        """Take over what could not go when everybody was asked afresh, by `part_name`."""
        self._stays = stays

    def left(self, part: Part) -> bool:
        """Take it that a part has left; say whether it was due."""
        due = tuple(one for one in self._due if one.part != part)
        changed = due != self._due
        self._due = due
        return changed

    async def show(self) -> None:
        """Show what is due now. Raises StoreError."""
        keeps = await self._store.keeps.standing(self._now())
        marked: set[str] = set()
        if self._due:
            for viewer in self._viewers():
                marked |= await self._store.userdata.favorites(viewer)
        while True:
            due, stays = self._due, self._stays
            shown = await asyncio.to_thread(_shown, due, stays, marked, keeps)
            if due is self._due and stays is self._stays:
                break  # else something has left meanwhile, or can't go
        self.leaving = shown
        self._store.tell(LEAVING)


def _ordered(due: Iterable[Leaving]) -> tuple[Leaving, ...]:
    return tuple(sorted(due, key=lambda one: one.at))


def _shown(
    due: Iterable[Leaving],
    stays: Collection[str],
    marked: Collection[str],
    keeps: Collection[Keep],
) -> tuple[Leaving, ...]:
    """Leave out what can't go, what somebody has marked, and what is kept."""
    kept = {name for word in keeps for name in word.title.names}
    return tuple(
        one
        for one in due
        if part_name(one.part) not in stays
        and one.items.isdisjoint(marked)
        and (kept.isdisjoint(one.names.names) or not _is_kept(one, keeps))
    )


def due_of(
    found: Everything, verdicts: Iterable[RetentionVerdict], going: Collection[str]
) -> Iterator[Leaving]:
    """Name what is due to leave, now or when its grace is over, of what goes as `proven` says."""
    for one in verdicts:
        if one.leaves_at is None or not one.is_leaving or name_of(one) not in going:
            continue
        held = found.held[one.record.service, one.record.id]
        yield Leaving(
            held.title,
            one.season,
            one.leaves_at,
            one.size_bytes,
            one.findings,
            held.names,
            part_of_verdict(one),
            _items(held, one),
        )


@dataclass(frozen=True, slots=True)
class Proven:
    """What of all that leaves by its rules no proof keeps, and of what nobody knows that."""

    going: frozenset[str]
    unknown: frozenset[str]


def proven(found: Everything, verdicts: Iterable[RetentionVerdict]) -> Proven:
    """Tell by which proofs what leaves may go, by `name_of` each."""
    going, unknown = set[str](), set[str]()
    for one in verdicts:
        if not one.is_leaving or not one.files:
            continue
        held = found.held[one.record.service, one.record.id]
        # Words of people are looked at by themselves, also those that are over until then; and
        # what other arrs have of it is asked when it is its turn.
        proofs = replace(held.proofs, keeps=Known(()), rivals=Known(()))
        against = stands_against(held.title, held.record, proofs, one)
        if not against:
            going.add(name_of(one))
        elif all(objection.unknown for objection in against):
            unknown.add(name_of(one))
    return Proven(frozenset(going), frozenset(unknown))


def part_of_verdict(verdict: RetentionVerdict) -> Part:
    """Name a part of a title, as `part_of_step` does."""
    season = verdict.season
    step_id = DELETE_FILE if season is None else season_id(season)
    return verdict.record.service, verdict.record.id, step_id


def name_of(verdict: RetentionVerdict) -> str:
    """Name what was judged, also over a restart; each special by itself, as it is judged."""
    service, number, step_id = part_of_verdict(verdict)
    named = part_name((service, number, step_id))
    if verdict.season != 0:
        return named
    return ":".join((named, *(str(one) for one in sorted(o.place.episode for o in verdict.units))))


def part_name(part: Part) -> str:
    """Name a part of a title as it is remembered."""
    return ":".join(map(str, part))


def part_of_step(step: Step) -> Part:
    """Name what a step takes; `step` as it is called within its title."""
    return step.target.service, step.target.remote_id or 0, step.id


def _items(held: Held, verdict: RetentionVerdict) -> frozenset[str]:
    """Name the items of what leaves, and of what it lies in."""
    evidence = held.proofs.evidence.value if isinstance(held.proofs.evidence, Known) else ()
    places = frozenset(place for file in verdict.files for place in file.places)
    mine = {one.item_id for one in evidence if not one.places or one.places & places}
    return frozenset({*mine, *(one.series_item_id for one in evidence if one.series_item_id)})


def _is_kept(one: Leaving, keeps: Iterable[Keep]) -> bool:
    """Tell whether a person keeps something beyond the day on which it is to leave."""
    return any(
        word.covers(one.season) and (word.until is None or word.until > one.at)
        for word in about(keeps, one.names)
    )
