"""In which order the torrents go that may go, what goes with each, and what that frees.

All that the rules allow goes. The target decides what comes first: a run takes only so much (law
8), and begins with the clients that hold too much, and there with the best candidates.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from .facts import ClientTorrents
from .own import days
from .placed import Key
from .places import Places
from .policy import PurgePolicy
from .verdict import Verdict

_MOST: Final = 1000.0


class Fate(StrEnum):
    """What becomes of a torrent's data."""

    DELETED = "deleted"
    SHARED = "shared"  # others use them
    KEPT = "kept"  # the person wants them kept


@dataclass(frozen=True, slots=True)
class Candidate:
    """A torrent that goes. `after`: those that have to be gone before, because they share its data.

    `urgent`: its client holds too much, also without those that go before.
    """

    verdict: Verdict
    fate: Fate
    after: tuple[Key, ...] = ()
    urgent: bool = False

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.verdict.key

    @property
    def frees(self) -> int:
        """How many bytes go with it."""
        return self.verdict.torrent.done_bytes if self.fate is Fate.DELETED else 0


@dataclass(frozen=True, slots=True)
class Room:
    """How a client stands to its target: what it holds, what may go, what is too much."""

    used: int
    purgeable: int
    over: int

    @property
    def is_enough(self) -> bool:
        """Tell whether the target is reached when all goes that may."""
        return self.purgeable >= self.over


def over(used: int, policy: PurgePolicy) -> int:
    """Say how many bytes a client holds beyond its target."""
    return max(used - policy.max_bytes, 0) if policy.max_bytes else 0


def choose(
    verdicts: Iterable[Verdict],
    places: Places,
    policy: PurgePolicy,
    clears: Callable[[Verdict], bool],
    now: datetime,
) -> tuple[Candidate, ...]:
    """Order what may go. `clears`: whether the data of a torrent can be deleted.

    What may go and is not among it has data that nobody can delete.
    """
    going = {one.key: one for one in verdicts if one.may_go}
    seen: set[Key] = set()
    units: list[list[Candidate]] = []
    for key, verdict in going.items():
        if key not in seen:
            group = _group(verdict, going, places, policy, clears)
            seen.update(places.group(key))
            # Where others stay, each goes for itself.
            together = any(one.after for one in group)
            units += [group] if together else [[one] for one in group]
    excess = {one.client.service: over(one.client.used_bytes, policy) for one in going.values()}
    units.sort(key=lambda unit: _rank(unit, excess, policy, now))
    return _urgent([one for unit in units for one in unit], excess)


def _group(
    verdict: Verdict,
    going: Mapping[Key, Verdict],
    places: Places,
    policy: PurgePolicy,
    clears: Callable[[Verdict], bool],
) -> list[Candidate]:
    """Say what becomes of those that hang together by shared data, in the order in which they go.

    What shares with one that stays leaves its data. Of the others the last of those that share
    takes the data, when all that share with it are gone.
    """
    mine = sorted(places.group(verdict.key) & going.keys())
    if not policy.delete_data:
        return [Candidate(going[key], Fate.KEPT) for key in mine]
    free = frozenset(key for key in mine if places.others(key) <= going.keys())
    last = {_last(part, going, places, clears) for part in _parts(free, places)}
    first = [Candidate(going[key], Fate.SHARED) for key in mine if key not in last]
    return [
        *first,
        *(
            Candidate(going[key], Fate.DELETED, tuple(sorted(places.others(key))))
            for key in sorted(last)
            # Whose data nobody can delete stays: without an entry nobody would know of them.
            if clears(going[key])
        ),
    ]


def _parts(free: frozenset[Key], places: Places) -> list[frozenset[Key]]:
    """Cut torrents into those that share data with each other."""
    left, found = set(free), []
    while left:
        part: set[Key] = set()
        fresh = [left.pop()]
        while fresh:
            one = fresh.pop()
            part.add(one)
            near = (places.others(one) & free) - part
            fresh += near
            left -= near
        found.append(frozenset(part))
    return found


def _last(
    part: Iterable[Key],
    going: Mapping[Key, Verdict],
    places: Places,
    clears: Callable[[Verdict], bool],
) -> Key:
    """Name the one that goes last: what lies highest holds all the others' data."""
    return min(
        part,
        key=lambda key: (
            places.depth(key),
            not clears(going[key]),
            -going[key].torrent.done_bytes,
            key,
        ),
    )


def _rank(
    unit: Sequence[Candidate], excess: Mapping[str, int], policy: PurgePolicy, now: datetime
) -> tuple[object, ...]:
    """Put first what is of a full client, then what frees room, then what has seeded most."""
    last = unit[-1]
    service = last.verdict.client.service
    return (
        not excess.get(service),
        last.fate is not Fate.DELETED,
        -_served(last.verdict, policy, now),
        -last.frees,
        last.key,
    )


def _served(verdict: Verdict, policy: PurgePolicy, now: datetime) -> float:
    """Say how far beyond what is asked it has seeded, by its ratio and its days together."""
    torrent = verdict.torrent
    seeds = days(torrent, now) or 0.0
    parts = ((torrent.ratio or 0.0, policy.min_ratio), (seeds, policy.min_days))
    return sum(min(value / wanted, _MOST) if wanted else 0.0 for value, wanted in parts)


def _urgent(ordered: Sequence[Candidate], excess: Mapping[str, int]) -> tuple[Candidate, ...]:
    """Mark what is needed to come down to the target."""
    left = dict(excess)
    found: list[Candidate] = []
    for one in ordered:
        service = one.verdict.client.service
        found.append(replace(one, urgent=left.get(service, 0) > 0))
        left[service] = left.get(service, 0) - one.frees
    return tuple(found)


def room(
    clients: Iterable[ClientTorrents], candidates: Iterable[Candidate], policy: PurgePolicy
) -> dict[str, Room]:
    """Say how each client stands to its target."""
    frees: dict[str, int] = {}
    for one in candidates:
        service = one.verdict.client.service
        frees[service] = frees.get(service, 0) + one.frees
    return {
        one.service: Room(one.used_bytes, frees.get(one.service, 0), over(one.used_bytes, policy))
        for one in clients
    }
