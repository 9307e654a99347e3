"""How much a Radarr or Sonarr had, and whether what it lists now may be believed (law 9). Pure.

Counted are its titles, its files, and the titles with each tag that keeps. One that has lost too
much of any of these is not believed before another read, an hour or more later, says no less, or a
person confirms it. That there is nothing left at all only a person makes believed.

What we have deleted ourselves in between is no loss. Of what was being deleted while a list was
read nobody knows whether the list had it still: where that decides, the list says nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from .fall import Counts, Fall, FallMoved, mark_of, too_much
from .knowledge import Answer

# Two reads that are to agree lie so far apart.
APART: Final = timedelta(hours=1)
TITLES: Final = "titles"
FILES: Final = "files"
KEPT: Final = "kept"
_TAG: Final = "tag:"
# So long a service may list what it has said to have deleted.
_SURELY: Final = timedelta(seconds=1)


def tally(
    titles: Iterable[tuple[Iterable[int], int]], labels: Mapping[int, str], tags: Iterable[str]
) -> Counts:
    """Count titles, given by the numbers of their tags and how many files they have."""
    listed = [(frozenset(numbers), files) for numbers, files in titles]
    found = {TITLES: len(listed), FILES: sum(files for _, files in listed)}
    for tag in tags:
        mine = {key for key, label in labels.items() if label.strip().casefold() == tag}
        found[_TAG + tag] = sum(1 for numbers, _ in listed if not numbers.isdisjoint(mine))
    return found


@dataclass(frozen=True, slots=True)
class Span:
    """When a list was read, or something was deleted. `ended` None: it may go on still."""

    begun: datetime
    ended: datetime | None

    def is_before(self, other: Span) -> bool:
        """Tell whether it was surely over when the other one began."""
        return self.ended is not None and self.ended + _SURELY <= other.begun

    def is_after(self, other: Span) -> bool:
        """Tell whether it has only begun when the other one was over."""
        return other.ended is not None and other.ended < self.begun


@dataclass(frozen=True, slots=True)
class Taken:
    """What we have deleted ourselves, or may have, as a change of ours does."""

    span: Span
    titles: int = 0
    files: int = 0

    @property
    def counts(self) -> Counts:
        """As an arr counts it."""
        return {TITLES: self.titles, FILES: self.files}


@dataclass(frozen=True, slots=True)
class Counted:
    """What it had when it was believed last, and what of that it said `since`, in doubt.

    `had` None: it was counted, and nobody knows any more what was found. `had_at`, `low_at`: when
    these were read; None: nobody knows, and then all that is missing is a loss.
    """

    had: Counts | None
    low: Counts | None = None
    since: datetime | None = None
    had_at: Span | None = None
    low_at: Span | None = None

    def read(
        self,
        counts: Counts,
        now: datetime,
        max_drop: float,
        *,
        at: Span | None = None,
        taken: Collection[Taken] = (),
    ) -> Counted | None:
        """Take in what it lists now. None: that says nothing, for it is being changed by us.

        `at`: when it was listed; `taken`: all that we have deleted since `looked_at`. While we
        delete something what it had before stays what it is compared with.
        """
        span = at or Span(now, now)
        fell = _lost(self.had, self.had_at, counts, span, taken, max_drop)
        if fell is Answer.UNKNOWN:
            return None
        if self.had is not None and fell is Answer.NO:
            return (
                Counted(self.had, had_at=self.had_at)
                if _meanwhile(taken, span)
                else (Counted(counts, had_at=span))
            )
        deeper = _lost(self.low, self.low_at, counts, span, taken, max_drop)
        if self.low is None or self.since is None or deeper is not Answer.NO:
            return Counted(self.had, counts, now, self.had_at, span)
        if not counts[TITLES] or now - self.since < APART or _meanwhile(taken, span):
            return self
        return Counted(counts, had_at=span)

    @classmethod
    def first(cls, counts: Counts, at: Span, taken: Collection[Taken]) -> Self | None:
        """Begin with what it lists; None: not with this, for it is being changed by us."""
        return None if _meanwhile(taken, at) else cls(counts, had_at=at)

    @property
    def looked_at(self) -> datetime | None:
        """Since when what we delete is to be known; None: it helps nobody."""
        return min((one.begun for one in (self.had_at, self.low_at) if one), default=None)

    @property
    def believed(self) -> bool:
        """Tell whether what it listed last may be believed."""
        return self.low is None

    @property
    def fall(self) -> Fall | None:
        """What it has suddenly lost, as long as that is in doubt."""
        if self.low is None or self.since is None:
            return None
        had, left = _shown(self.low if self.had is None else self.had), _shown(self.low)
        lost = {one: max(count - left.get(one, 0), 0) for one, count in had.items()}
        counts = (f"{one} {count} {left.get(one, 0)}" for one, count in had.items())
        return Fall(mark_of(counts), self.since, had, lost)

    def accepted(self, mark: str) -> Counted:
        """Believe the fall of this mark, and nothing beyond it. Raises FallMoved."""
        if self.low is None or self.fall is None or self.fall.mark != mark:
            raise FallMoved
        return Counted(self.low, had_at=self.low_at)

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "had": None if self.had is None else dict(self.had),
            "low": None if self.low is None else dict(self.low),
            "since": None if self.since is None else self.since.isoformat(),
            "had_at": _spanned(self.had_at),
            "low_at": _spanned(self.low_at),
        }

    @classmethod
    def from_dict(cls, stored: object) -> Self | None:
        """Read what `as_dict` gave; None: it was never counted. What can't be read is in doubt."""
        if stored is None:
            return None
        plain = stored if isinstance(stored, Mapping) else {}
        return cls(
            _counts(plain.get("had")),
            _counts(plain.get("low")),
            _at(plain.get("since")),
            _span(plain.get("had_at")),
            _span(plain.get("low_at")),
        )


def _lost(
    had: Counts | None,
    had_at: Span | None,
    counts: Counts,
    at: Span,
    taken: Collection[Taken],
    max_drop: float,
) -> Answer:
    """Tell whether too much is gone beside what we have deleted; where nothing was had, it is not.

    What was deleted while either list was read may have been among what it lists, or not.
    """
    if had is None:
        return Answer.NO
    if had_at is None:
        return Answer.of(_fell(had, counts, max_drop))
    since = [one for one in taken if not one.span.is_before(had_at) and not one.span.is_after(at)]
    sure = [one for one in since if one.span.is_after(had_at) and one.span.is_before(at)]
    if not _fell(_without(had, sure), counts, max_drop):
        return Answer.NO
    return Answer.YES if _fell(_without(had, since), counts, max_drop) else Answer.UNKNOWN


def _meanwhile(taken: Iterable[Taken], at: Span) -> bool:
    """Tell whether something was deleted while a list was read."""
    return any(not one.span.is_before(at) and not one.span.is_after(at) for one in taken)


def _without(had: Counts, taken: Iterable[Taken]) -> Counts:
    """Say what is left of something without what was taken."""
    left = dict(had)
    for one in taken:
        left |= {name: max(left.get(name, 0) - count, 0) for name, count in one.counts.items()}
    return left


def _fell(had: Counts, now: Counts, max_drop: float) -> bool:
    """Tell whether too much is gone of anything that is counted both times."""
    return any(too_much(had[one] - now[one], had[one], max_drop) for one in had.keys() & now.keys())


def _shown(counts: Counts) -> dict[str, int]:
    """Put the tags together: nobody has to know which."""
    kept = sum(count for one, count in counts.items() if one.startswith(_TAG))
    return {TITLES: counts.get(TITLES, 0), FILES: counts.get(FILES, 0), KEPT: kept}


def _counts(stored: object) -> Counts | None:
    if not isinstance(stored, Mapping) or not all(isinstance(one, int) for one in stored.values()):
        return None
    return {str(name): count for name, count in stored.items()}


def _spanned(span: Span | None) -> list[str] | None:
    if span is None or span.ended is None:
        return None
    return [span.begun.isoformat(), span.ended.isoformat()]


def _span(stored: object) -> Span | None:
    match stored:
        case [begun, ended]:
            first, last = _at(begun), _at(ended)
            return None if first is None or last is None else Span(first, last)
    return None


def _at(stored: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(stored))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
