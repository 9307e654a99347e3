"""What a whole listing of the library may take away, and what is doubted instead (laws 1 and 9).

Whether a listing is whole, `sweep_pages` says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from .fall import Counts, Fall, FallMoved, too_much
from .text import Text, Words, plain as plainly, read, say

DAY: Final = timedelta(days=1)
_LATE: Final = timedelta(hours=1)
# Two reads that agree must not be of one bad moment.
_APART: Final = timedelta(minutes=5)


# What is counted.
_KINDS: Final[Mapping[str, Text]] = {
    "movie": say("kind_movies"),
    "series": say("kind_series"),
    "episode": say("kind_episodes"),
    "played": say("kind_played"),
    "favorites": say("kind_favorites"),
}


@dataclass(frozen=True, slots=True)
class Tally:
    """A whole read beside what was known before it, title by title, counted by kind.

    `had`: what was known; `lost`: what of that the read did not meet; `again`: what of the lost the
    whole read before had missed already. A title under a new id is not lost.
    """

    had: Counts = field(default_factory=dict)
    lost: Counts = field(default_factory=dict)
    again: Counts = field(default_factory=dict)

    def fallen(self, max_drop: float) -> str | None:
        """Name what lost more than `max_drop` percent of what there was; None when nothing did."""
        for name, count in self.had.items():
            if too_much(self.lost.get(name, 0), count, max_drop):
                return name
        return None

    def agrees(self, missed: Counts, max_drop: float) -> bool:
        """Tell whether a read that missed so many before, and this one, say the same.

        They do when nothing of what the first one missed is there again, and what is missing beyond
        that is no fall by itself. Windows that move, and losses that grow, are no agreement.
        """
        for name in {*missed, *self.lost}:
            again = self.again.get(name, 0)
            more, left = self.lost.get(name, 0) - again, self.had.get(name, 0) - again
            if again < missed.get(name, 0) or too_much(more, left, max_drop):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Surplus:
    """A whole listing of which the server counts more rows than it lists, again and again.

    `mark` tells lists apart: the same items give the same one. `since`: when it was so first.
    """

    met: int
    total: int
    mark: str
    since: datetime

    @property
    def reason(self) -> Words:
        """Say it, with both numbers."""
        return say("sweep_surplus", total=self.total, met=self.met)

    def same(self, other: Surplus) -> bool:
        """Tell whether two reads list the same items with the same surplus."""
        return (self.met, self.total, self.mark) == (other.met, other.total, other.mark)

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        plain = {"met": self.met, "total": self.total, "mark": self.mark}
        return {**plain, "since": self.since.isoformat()}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Read what `as_dict` gave. Raises KeyError, TypeError, ValueError."""
        since = datetime.fromisoformat(plain["since"])
        return cls(int(plain["met"]), int(plain["total"]), str(plain["mark"]), since)


@dataclass(frozen=True, slots=True)
class ReadState:
    """How well a source is known: the last good sweep, and since when it is in doubt and why.

    Sweeps are numbered: `sweep` is the last that began, `whole` the last that was read to its end
    (which began at `whole_at`), `taken` the last of those that was taken over, with its `counts`.
    `missed`: how much the last whole one lost of what there was (`had`), when that was a fall and
    it was not taken over.
    `read_at`: all that happened up to then is known, from sweeps and increments.

    A title goes when two whole sweeps in a row missed it and agree. So what a sweep missed is noted
    at each title, and counts for the next one from the sweep `since` on: where two do not agree,
    counting starts anew.
    """

    sweep: int = 0
    whole: int = 0
    taken: int = 0
    since: int = 0
    good_at: datetime | None = None
    whole_at: datetime | None = None
    counts: Counts = field(default_factory=dict)
    missed: Counts | None = None
    had: Counts | None = None
    unknown_since: datetime | None = None
    why: Words = ""
    read_at: datetime | None = None
    surplus: Surplus | None = None

    @property
    def known(self) -> bool:
        """Tell whether there was a whole sweep, and nothing is in doubt since."""
        return self.good_at is not None and self.unknown_since is None

    @property
    def reason(self) -> Words:
        """Say why it is unknown."""
        return self.why or say("library_not_read")

    def failed(self, now: datetime, why: Words) -> ReadState:
        """A sweep failed: the last good state stays, in doubt since the first failure."""
        return replace(self, unknown_since=self.unknown_since or now, why=why)

    def read_with_surplus(self, begun: datetime, counts: Counts, surplus: Surplus) -> ReadState:
        """Judge a listing that began then and was read to its end, short of what is counted.

        One is in doubt. The very same once more, some time later, is believed for what is there;
        what it lacks may be among what it does not show, so it takes nothing away.
        """
        before = self.surplus
        if before is None or not surplus.same(before):
            return replace(self.failed(begun, surplus.reason), surplus=surplus)
        if begun - before.since < _APART:
            return self.failed(begun, surplus.reason)
        return replace(
            self,
            good_at=begun,
            whole_at=begun,
            counts=dict(counts),
            unknown_since=None,
            why="",
            read_at=begun,
        )

    def counts_for(self, missed: int) -> bool:
        """Tell whether a title that the sweep of this number missed first needs one more only."""
        return missed > 0 and self.since <= missed <= self.whole

    def swept(self, begun: datetime, counts: Counts, tally: Tally, max_drop: float) -> ReadState:
        """Judge a whole sweep that began then: take it over, or doubt it (law 9)."""
        lost = tally.fallen(max_drop) if self.good_at is not None else None
        borne_out = self.missed is not None and tally.agrees(self.missed, max_drop)
        goes_on = borne_out or (self.missed is None and lost is None)
        state = replace(
            self, whole=self.sweep, whole_at=begun, since=self.since if goes_on else self.sweep
        )
        if lost is not None and not borne_out:
            had, what = tally.had[lost], _KINDS.get(lost, lost)
            return replace(
                state,
                missed=dict(tally.lost),
                had=dict(tally.had),
                unknown_since=self.unknown_since or begun,
                why=say("sweep_fell", what=what, left=had - tally.lost[lost], had=had),
            )
        return replace(
            state,
            taken=self.sweep,
            good_at=begun,
            counts=dict(counts),
            missed=None,
            had=None,
            unknown_since=None,
            why="",
            read_at=begun,
            surplus=None,
        )

    @property
    def fall(self) -> Fall | None:
        """Give the fall that waits for a second read, or for a person."""
        if self.missed is None or self.whole_at is None or self.unknown_since is None:
            return None
        # Earlier versions did not note what there was.
        had = self.counts if self.had is None else self.had
        had = {
            name: max(had.get(name, 0), self.missed.get(name, 0)) for name in {*had, *self.missed}
        }
        return Fall(str(self.whole), self.whole_at, had, self.missed)

    @property
    def is_fallen(self) -> bool:
        """Tell whether a fall alone is why it is in doubt: no later sweep has failed."""
        return self.fall is not None and self.sweep == self.whole

    def accepted(self, mark: str) -> ReadState:
        """Take over the fall of this mark, which a person has confirmed. Raises FallMoved.

        What its sweep has noted as missing may go, and nothing else. A sweep that failed since then
        leaves everything in doubt all the same.
        """
        fall = self.fall
        if fall is None or fall.mark != mark:
            raise FallMoved
        failed = not self.is_fallen
        return replace(
            self,
            taken=self.whole,
            good_at=self.whole_at,
            counts={name: fall.left(name) for name in fall.had},
            missed=None,
            had=None,
            unknown_since=self.unknown_since if failed else None,
            why=self.why if failed else "",
            surplus=self.surplus if failed else None,
        )

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "sweep": self.sweep,
            "whole": self.whole,
            "taken": self.taken,
            "since": self.since,
            "counts": dict(self.counts),
            "missed": None if self.missed is None else dict(self.missed),
            "had": None if self.had is None else dict(self.had),
            "why": plainly(self.why),
            "surplus": None if self.surplus is None else self.surplus.as_dict(),
            **{name: at and at.isoformat() for name, at in self._instants().items()},
        }

    def _instants(self) -> dict[str, datetime | None]:
        return {
            "good_at": self.good_at,
            "whole_at": self.whole_at,
            "unknown_since": self.unknown_since,
            "read_at": self.read_at,
        }

    @classmethod
    def from_dict(cls, plain: object) -> Self:
        """Read what `as_dict` gave; what can't be read is as if nothing was read yet."""
        if not isinstance(plain, Mapping):
            return cls()
        try:
            at = {
                name: plain[name] and datetime.fromisoformat(plain[name])
                for name in ("good_at", "whole_at", "unknown_since", "read_at")
            }
            # Earlier ones did not note what was missed: nothing counts yet.
            missed, surplus, had = plain.get("missed"), plain.get("surplus"), plain.get("had")
            return cls(
                sweep=int(plain["sweep"]),
                whole=int(plain.get("whole", plain["sweep"])),
                taken=int(plain["taken"]),
                since=int(plain.get("since", plain["sweep"])),
                counts=dict(plain["counts"]),
                missed=None if missed is None else dict(missed),
                had=None if had is None else dict(had),
                why=read(plain["why"]),
                surplus=None if surplus is None else Surplus.from_dict(surplus),
                **at,
            )
        except KeyError, TypeError, ValueError:
            return cls()


def sweep_due(state: ReadState, now: datetime, night: datetime) -> bool:
    """Tell whether a whole sweep is due: none yet, none for a day, or tonight's hour has come.

    `night`: the last of the appointed hours that has passed.
    """
    if state.whole_at is None or now - state.whole_at >= DAY:
        return True
    return state.whole_at < night and now - night < _LATE
