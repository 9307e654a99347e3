"""Facts about a requested title: what some source said, once, whoever says it again.

An event happened and stays (a grab, an import); reported twice it is the same one, at its earliest
time. An observation is how something was at an instant (a transfer, the inventory); the newest
counts. So facts commute and repeat at will: any order and number of the same facts is one set.
Instants are UTC, sizes bytes, progress 0 to 100.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from ..media import Place


class EventKind(StrEnum):
    """What can happen on the way. The values are stored: they never change."""

    APPROVED = "approved"
    PENDING = "pending"  # it waits for approval once more, after something else was decided
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # the request itself was deleted
    REFUSED = "refused"  # Seerr could not hand it to the arr
    GRABBED = "grabbed"
    STARTED = "started"  # the transfer exists
    COMPLETE = "complete"  # the transfer has everything
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"  # the download failed
    DELETED = "deleted"  # the file was deleted, and not for a better one
    MATCHED = "matched"  # the anime matcher knows the file


_DECIDED: Final = frozenset(
    {EventKind.APPROVED, EventKind.PENDING, EventKind.DECLINED, EventKind.REFUSED}
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `download` is the id that the arr and the client share.

    What has no download (a manual import, a deletion) names its file there instead: file:901.
    """

    kind: EventKind
    at: datetime
    place: Place | None = None
    download: str = ""
    detail: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it this event."""
        place = "*" if self.place is None else self.place.text
        return (self.kind, place, self.download)

    def joined(self, other: Self) -> Self:
        """Join two reports of it: the earliest time, and of two details always the same one.

        What a person decides can be decided again after its opposite: of that the last time counts.
        """
        first, last = (self, other) if self.at <= other.at else (other, self)
        if first.at == last.at:
            return first if first.detail >= last.detail else last
        if self.kind in _DECIDED:
            return last
        return first if first.detail or not last.detail else replace(first, detail=last.detail)


class Trouble(StrEnum):
    """What a transfer or the arr's queue says is wrong."""

    NONE = ""
    STALLED = "stalled"
    NO_SEEDS = "no_seeds"
    DISK_FULL = "disk_full"
    PAUSED = "paused"
    ERROR = "error"
    IMPORT_BLOCKED = "import_blocked"
    UNAVAILABLE = "unavailable"  # the arr does not reach its download client
    MISSING = "missing"  # a healthy answer that does not name it


@dataclass(frozen=True, slots=True)
class Transfer:
    """How a download stood. `since`: from when on nothing changed but the time.

    `still`: from when on its progress has been the same, whatever else changed.
    """

    download: str
    at: datetime
    progress: float | None = None
    eta: float | None = None
    trouble: Trouble = Trouble.NONE
    message: str = ""
    source: str = "client"  # client, or queue (the arr's own)
    since: datetime | None = None
    still: datetime | None = None

    def __post_init__(self) -> None:
        """A reading alone has been so since it was made."""
        if self.since is None:
            object.__setattr__(self, "since", self.at)
        if self.still is None:
            object.__setattr__(self, "still", self.since)

    @property
    def key(self) -> tuple[str, ...]:
        """One for each download and source."""
        return ("transfer", self.source, self.download)

    def joined(self, other: Self) -> Self:
        """Take the newer; as long as nothing moves, it has been so since the older."""
        old, new = (self, other) if _order(self) <= _order(other) else (other, self)
        if old.progress != new.progress:
            return new
        still = min(old.still_since, new.still_since)
        if old.trouble is not new.trouble:
            return replace(new, still=still)
        return replace(new, since=min(old.unchanged_since, new.unchanged_since), still=still)

    @property
    def unchanged_since(self) -> datetime:
        """Since when nothing has moved."""
        return self.since or self.at

    @property
    def still_since(self) -> datetime:
        """Since when its progress has been the same."""
        return self.still or self.unchanged_since


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the arr has of a unit. `before`: when the read before this one found no file either."""

    place: Place
    at: datetime
    has_file: bool
    monitored: bool = True
    aired_at: datetime | None = None
    searched_at: datetime | None = None
    path: str = ""
    before: datetime | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """One for each unit."""
        return ("inventory", self.place.text)

    def joined(self, other: Self) -> Self:
        """Take the newer; of reads without a file in a row the last two count."""
        old, new = (self, other) if _order(self) <= _order(other) else (other, self)
        if old.has_file or new.has_file:
            return new
        return replace(new, before=_second(old, new))


@dataclass(frozen=True, slots=True)
class JellyfinPresence:
    """Whether Jellyfin named a unit when it was asked, or by itself.

    `before`: when it had missed it already; `first_seen`, `last_seen`: when it did not.
    """

    place: Place
    at: datetime
    seen: bool
    before: datetime | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None

    def __post_init__(self) -> None:
        """A sighting is its own first and last."""
        if self.seen and self.last_seen is None:
            object.__setattr__(self, "first_seen", self.at)
            object.__setattr__(self, "last_seen", self.at)

    @property
    def key(self) -> tuple[str, ...]:
        """One for each unit."""
        return ("sight", self.place.text)

    def joined(self, other: Self) -> Self:
        """Take the newer; of misses in a row the last two count, and every sighting."""
        old, new = (self, other) if _order(self) <= _order(other) else (other, self)
        first = [at for at in (old.first_seen, new.first_seen) if at is not None]
        last = [at for at in (old.last_seen, new.last_seen) if at is not None]
        return replace(
            new,
            before=None if old.seen or new.seen else _second(old, new),
            first_seen=min(first, default=None),
            last_seen=max(last, default=None),
        )


type Fact = Event | Transfer | Inventory | JellyfinPresence


def _second(
    old: Inventory | JellyfinPresence, new: Inventory | JellyfinPresence
) -> datetime | None:
    """Give the time of the last reading but one."""
    times = {at for at in (old.at, old.before, new.before) if at is not None and at < new.at}
    return max(times, default=None)


def _order(fact: Transfer | Inventory | JellyfinPresence) -> tuple[datetime, str]:
    """Order by time; of two at one instant always the same one is the newer."""
    return (fact.at, repr(fact))


@dataclass(frozen=True, slots=True)
class Facts:
    """A set of facts, each once. A value: adding gives another one."""

    by_key: dict[tuple[str, ...], Fact] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Fact]:
        """Go through all of them."""
        return iter(self.by_key.values())

    def __len__(self) -> int:
        """Count them."""
        return len(self.by_key)

    def with_(self, facts: Iterable[Fact]) -> Self:
        """Add facts; gives this very set when they say nothing new."""
        changed: dict[tuple[str, ...], Fact] = {}
        for fact in facts:
            known = changed.get(fact.key) or self.by_key.get(fact.key)
            joined = fact if known is None else known.joined(fact)  # type: ignore[arg-type]
            if joined != known:
                changed[fact.key] = joined
        return type(self)({**self.by_key, **changed}) if changed else self

    def without_downloads(self, downloads: Collection[str]) -> Self:
        """Take away what is said of downloads that turned out to be nobody's."""
        left = {
            key: fact
            for key, fact in self.by_key.items()
            if not isinstance(fact, Event | Transfer) or fact.download not in downloads
        }
        return self if len(left) == len(self.by_key) else type(self)(left)

    def event(
        self, kind: EventKind, place: Place | None = None, download: str = ""
    ) -> Event | None:
        """Find one event."""
        mark = "*" if place is None else place.text
        found = self.by_key.get((kind, mark, download))
        return found if isinstance(found, Event) else None
