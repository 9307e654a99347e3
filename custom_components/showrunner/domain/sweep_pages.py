"""When a paged listing is proven whole (law 1).

A list may change while it is read. So every page begins with the last row of the one before it
(the anchor): while the anchor stands where it stood, nothing before it came or went, and no row was
passed over. Where it moved, reading goes on behind it; where it can't be found, or a page is
shorter than its total promises, nothing is proven, and what was known stays. In the end as many
different rows must have been met as the server counts: a list that is sorted anew for every page
shows some twice and others never.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .text import Words, say


class HalfRead(Exception):
    """A listing that can't be believed. `said` says why, for people."""

    def __init__(self, said: Words) -> None:
        """Take why."""
        super().__init__(str(said))
        self.said = said


class ShortPage(HalfRead):
    """A page that has fewer rows than its total promises. `fresh`: its new rows all the same."""

    def __init__(self, promised: int, fresh: Sequence[str], end: int) -> None:
        """Take what was promised, what is there, and where the page ended."""
        super().__init__(say("half_page", promised=promised, there=len(fresh)))
        self.fresh = fresh
        self.end = end


class Moved(HalfRead):
    """The list moved while it was read; the anchor may still be found further up."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a listing is read: what to ask for next. `limit` rows a page, at least 2."""

    limit: int
    start: int = 0
    anchor: str | None = None
    total: int | None = None
    done: bool = False

    @property
    def wants_total(self) -> bool:
        """Tell whether the server should count: at the beginning and where the end may be."""
        return self.total is None or self.start + self.limit >= self.total

    def check(self, met: int) -> None:
        """Compare how many different rows were met with how many there are. Raises HalfRead."""
        if not self.done or self.total is None or met < self.total:
            raise HalfRead(say("half_met", met=met, total=self.total or 0))

    def back(self) -> Progress:
        """Ask again further up, so that an anchor that moved is on the page."""
        return replace(self, start=max(0, self.start - self.limit + 1))


def advance(
    asked: Progress, ids: Sequence[str], total: int | None
) -> tuple[Progress, Sequence[str]]:
    """Take in a page; give what to ask for next and the page's new rows.

    `total`: how many rows the server counts, None when it was not asked. Raises HalfRead, Moved.
    """
    end = asked.start + len(ids)
    if "" in ids:
        raise HalfRead(say("half_row_without_id"))
    if len(ids) > asked.limit or (total is not None and end > total and ids):
        raise HalfRead(say("half_too_many"))
    promised = asked.limit if total is None else max(0, min(asked.limit, total - asked.start))
    fresh = ids
    if len(ids) < promised:
        if asked.anchor is not None and asked.anchor in ids:
            fresh = ids[ids.index(asked.anchor) + 1 :]
        elif asked.anchor is not None or not ids or total is None:
            raise HalfRead(say("half_page", promised=promised, there=len(ids)))
        raise ShortPage(promised, fresh, end)
    if asked.anchor is not None:
        if asked.anchor not in ids:
            raise Moved(say("half_moved"))
        fresh = ids[ids.index(asked.anchor) + 1 :]
    progress = Progress(
        asked.limit,
        start=max(0, end - 1),
        anchor=ids[-1] if ids else None,
        total=asked.total if total is None else total,
        done=total is not None and end >= total,
    )
    return progress, fresh


@dataclass(slots=True)
class Seen:
    """Which rows of the store a sweep met: a bit for each, so half a million cost 70 KB."""

    bits: bytearray = field(default_factory=bytearray)

    def add(self, number: int) -> bool:
        """Note a row; tell whether it is the first time."""
        place, bit = number >> 3, 1 << (number & 7)
        if place >= len(self.bits):
            self.bits.extend(bytes(max(1024, place - len(self.bits) + 1)))
        new = not self.bits[place] & bit
        self.bits[place] |= bit
        return new

    def __contains__(self, number: int) -> bool:
        """Tell whether a row was met."""
        place = number >> 3
        return place < len(self.bits) and bool(self.bits[place] & (1 << (number & 7)))
