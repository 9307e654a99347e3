"""Torrents as every client is told them: state, progress and room.

Hashes are upper-case, ratios plain numbers, progress 0 to 100. What a client does not say is None:
no seeds known is not "no seeds".
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

# Nobody has seeded before BitTorrent was there: who says so had no clock yet, or has not counted.
_FIRST: Final = datetime(2001, 7, 2, tzinfo=UTC)
# A second version's hash has 64 digits; clients shorten it to as many as the first version has.
V1_DIGITS: Final = 40


class TorrentState(StrEnum):
    """What a torrent does, in words that all clients share."""

    DOWNLOADING = "downloading"
    ALLOCATING = "allocating"  # makes room on the disk, before it downloads
    STALLED = "stalled"  # would download, and nothing comes
    METADATA = "metadata"  # a magnet link, still looking for what it is
    SEEDING = "seeding"
    PAUSED = "paused"  # started, and held
    STOPPED = "stopped"
    QUEUED = "queued"
    CHECKING = "checking"
    MOVING = "moving"
    ERROR = "error"
    UNKNOWN = "unknown"

    @property
    def is_downloading(self) -> bool:
        """Tell whether it tries to get data."""
        return self in _DOWNLOADING

    @property
    def is_at_work(self) -> bool:
        """Tell whether its client works on the data itself: then what is there is not known."""
        return self in _AT_WORK


_DOWNLOADING: Final = frozenset(
    {
        TorrentState.DOWNLOADING,
        TorrentState.ALLOCATING,
        TorrentState.STALLED,
        TorrentState.METADATA,
    }
)
_AT_WORK: Final = frozenset(
    {
        TorrentState.CHECKING,
        TorrentState.MOVING,
        TorrentState.ALLOCATING,
        # A state that nobody knows yet may be any of these.
        TorrentState.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Torrent:
    """One torrent. `complete`: all data that is wanted is there; `is_active`: it may transfer.

    `seeds` and `peers` are the swarm's as the tracker counts them, `connected_*` our own. A client
    counts the time of seeding (`seeding_seconds`), or says since when it could (`seeding_since`).
    A hybrid torrent has several hashes, and others may know it by another than its client does.
    """

    hash: str
    name: str
    size_bytes: int
    done_bytes: int
    uploaded_bytes: int
    progress: float
    ratio: float | None
    state: TorrentState
    complete: bool
    is_active: bool
    eta: int | None = None
    down_rate: int = 0
    up_rate: int = 0
    seeds: int | None = None
    peers: int | None = None
    connected_seeds: int | None = None
    connected_peers: int | None = None
    label: str = ""
    tags: frozenset[str] = frozenset()
    save_path: str | None = None
    content_path: str | None = None
    added_at: datetime | None = None
    completed_at: datetime | None = None
    seeding_seconds: int | None = None
    seeding_since: datetime | None = None
    trackers: tuple[str, ...] | None = None
    message: str = ""
    private: bool | None = None
    other_hashes: tuple[str, ...] = ()

    def seeded(self, now: datetime) -> timedelta | None:
        """Say how long it has seeded; None when nobody knows."""
        if self.seeding_seconds is not None:
            time = timedelta(seconds=self.seeding_seconds)
        elif self.seeding_since is None or not self.complete:
            return None
        else:
            time = max(now - self.seeding_since, timedelta())
        return time if time < now - _FIRST else None


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much room a client has. What neither the quota nor the client says is None."""

    used: int
    free: int | None
    total: int | None

    @property
    def used_percent(self) -> float | None:
        """The used share."""
        return None if not self.total else min(100 * self.used / self.total, 100.0)


@dataclass(frozen=True, slots=True)
class TorrentList:
    """Everything that one client has, by hash, and its totals.

    `done_bytes`: what each torrent has, also where several have the same data.
    `purgeable_bytes`: what the next purge would free, where that is known.
    """

    by_hash: Mapping[str, Torrent]
    by_other_hash: Mapping[str, Torrent]
    counts: Mapping[TorrentState, int]
    used_bytes: int
    uploaded_bytes: int
    free_bytes: int | None
    down_rate: int
    up_rate: int
    done_bytes: int = 0
    version: str = ""
    quota_bytes: int | None = None
    purgeable_bytes: int | None = None

    @classmethod
    def of(
        cls,
        torrents: Iterable[Torrent],
        *,
        free_bytes: int | None = None,
        down_rate: int | None = None,
        up_rate: int | None = None,
        version: str = "",
    ) -> Self:
        """Count everything once. Without rates of the client's own they are the torrents'."""
        by_hash: dict[str, Torrent] = {}
        states: list[TorrentState] = []
        places: dict[str, int] = {}
        others: dict[str, Torrent] = {}
        used = uploaded = done = down = up = 0
        for one in torrents:
            by_hash[one.hash] = one
            for other in one.other_hashes:
                others[other] = one
            states.append(one.state)
            uploaded += one.uploaded_bytes
            done += one.done_bytes
            down += one.down_rate
            up += one.up_rate
            if one.content_path is None:
                used += one.done_bytes
            else:
                # Several torrents over the same data take its room once.
                places[one.content_path] = max(places.get(one.content_path, 0), one.done_bytes)
        counts = Counter(states)
        return cls(
            by_hash=MappingProxyType(by_hash),
            by_other_hash=MappingProxyType(others),
            counts=MappingProxyType(counts),
            used_bytes=used + sum(places.values()),
            uploaded_bytes=uploaded,
            free_bytes=free_bytes,
            down_rate=down if down_rate is None else down_rate,
            up_rate=up if up_rate is None else up_rate,
            done_bytes=done,
            version=version,
        )

    def __len__(self) -> int:
        """Count the torrents."""
        return len(self.by_hash)

    def __bool__(self) -> bool:
        """Hold: that a client has nothing is an answer too, and not a missing one."""
        return True

    @property
    def seeding(self) -> int:
        """How many seed."""
        return self.counts.get(TorrentState.SEEDING, 0)

    @property
    def downloading(self) -> int:
        """How many try to get data, also those that get none."""
        return sum(count for state, count in self.counts.items() if state.is_downloading)

    @property
    def paused(self) -> int:
        """How many are held or stopped."""
        return sum(self.counts.get(one, 0) for one in (TorrentState.PAUSED, TorrentState.STOPPED))

    @property
    def is_busy(self) -> bool:
        """Tell whether data comes, or soon will."""
        return any(
            self.counts.get(state)
            for state in (TorrentState.DOWNLOADING, TorrentState.ALLOCATING, TorrentState.METADATA)
        )

    @property
    def ratio(self) -> float | None:
        """What was given back of what is there; None while nothing is."""
        return self.uploaded_bytes / self.used_bytes if self.used_bytes else None

    def get(self, info_hash: str) -> Torrent | None:
        """Find a torrent, however its hash is written: also by the first 40 of 64 digits."""
        wanted = info_hash.upper()
        return self.by_hash.get(wanted[:V1_DIGITS]) or self.by_other_hash.get(wanted)

    def without(self, hashes: Collection[str]) -> TorrentList:
        """Leave out what is gone by now; free space and rates stay as they were told."""
        if self.by_hash.keys().isdisjoint(hashes):
            return self
        left = [one for key, one in self.by_hash.items() if key not in hashes]
        found = TorrentList.of(
            left,
            free_bytes=self.free_bytes,
            down_rate=self.down_rate,
            up_rate=self.up_rate,
            version=self.version,
        )
        return replace(found, quota_bytes=self.quota_bytes, purgeable_bytes=self.purgeable_bytes)

    def with_quota(self, quota_bytes: int | None) -> TorrentList:
        """Set how much the person may use."""
        return self if quota_bytes == self.quota_bytes else replace(self, quota_bytes=quota_bytes)

    def with_free(self, free_bytes: int | None) -> TorrentList:
        """Take from elsewhere how much is free, where the client itself does not know."""
        if self.free_bytes is not None or free_bytes is None:
            return self
        return replace(self, free_bytes=free_bytes)

    def with_purgeable(self, count: int | None) -> TorrentList:
        """Set how much the next purge would free."""
        return self if count == self.purgeable_bytes else replace(self, purgeable_bytes=count)

    @property
    def capacity(self) -> Capacity:
        """Say how much room there is, by the quota, by the client's free space, or by both."""
        used, free, quota = self.used_bytes, self.free_bytes, self.quota_bytes
        if not quota:
            return Capacity(used, free, None if free is None else used + free)
        left = max(quota - used, 0)
        return Capacity(used, left if free is None else min(left, free), quota)


def is_among(info_hash: str, there: Collection[str]) -> bool:
    """Tell whether a torrent is among these, however its hash is written."""
    wanted = info_hash.upper()
    return wanted[:V1_DIGITS] in there or wanted in there
