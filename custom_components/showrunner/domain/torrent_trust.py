"""When a torrent client that tells of fewer torrents is believed (laws 1 and 9).

One that had torrents and says that it has none is first of all a client that has just started, lost
its session, or is not the one that we know.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from .fall import Fall, FallMoved, mark_of, too_much
from .torrents import V1_DIGITS, Torrent

# How long a client must go on saying that it is empty: one that starts takes minutes to load.
EMPTY_FOR: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether a client that lost most of its torrents, or all, is believed (laws 1 and 9).

    `had`: what it had when it was believed. `missing`: what of that it no longer tells, `since`
    when; until another reading agrees.
    """

    had: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    since: datetime | None = None

    def read(
        self, listed: Collection[str], now: datetime, max_drop: float = 50
    ) -> tuple[Trust, bool]:
        """Judge a good answer with these torrents; give what to remember, and whether it counts.

        One that lost more than `max_drop` percent counts only when a second answer, not at once but
        `EMPTY_FOR` later, misses the same, and none in between said otherwise. How many there are
        says nothing: others may have come.
        """
        there = frozenset(listed)
        lost = self.had - there
        if not too_much(len(lost), len(self.had), max_drop):
            return Trust(there), True
        more = len(lost - self.missing), len(self.had - self.missing)
        if self.since is None or not self.missing <= lost or too_much(*more, max_drop):
            return replace(self, missing=lost, since=now), False
        if now - self.since < EMPTY_FOR:
            return self, False
        return Trust(there), True

    @property
    def fall(self) -> Fall | None:
        """Give the fall that waits for a second answer, or for a person."""
        if self.since is None or not self.missing:
            return None
        had, lost = {"torrents": len(self.had)}, {"torrents": len(self.missing)}
        return Fall(mark_of(self.missing), self.since, had, lost)

    def accepted(self, mark: str) -> Trust:
        """Forget what is missing, and nothing else: a person has confirmed it. Raises FallMoved."""
        if self.fall is None or self.fall.mark != mark:
            raise FallMoved
        return Trust(self.had - self.missing)

    def missed(self) -> Trust:
        """Forget what an answer began to say: the next one failed."""
        return Trust(self.had)

    def without(self, torrent: str) -> Trust:
        """Take in that we have removed one ourselves."""
        gone = {torrent}
        return replace(self, had=self.had - gone, missing=self.missing - gone)


@dataclass(frozen=True, slots=True)
class Vanished:
    """Torrents that a client no longer tells, though nobody saw them removed (law 9).

    Some may go without their client being doubted. What used their data may still use them, until
    a second answer, `EMPTY_FOR` later, misses them too. `torrents`: as they were told last, None
    when that was before a start; `since`: when they were missed first.
    """

    torrents: Mapping[str, Torrent | None] = MappingProxyType({})
    since: Mapping[str, datetime] = MappingProxyType({})

    def read(
        self,
        listed: Collection[str],
        had: Collection[str],
        before: Mapping[str, Torrent],
        now: datetime,
    ) -> Vanished:
        """Take in a good answer with these torrents; `before` and `had` are what was there."""
        missed = (frozenset(had) | self.torrents.keys()) - frozenset(listed)
        since = {one: min(self.since.get(one, now), now) for one in missed}
        still = {one: at for one, at in since.items() if now - at < EMPTY_FOR}
        return Vanished({one: self.torrents.get(one) or before.get(one) for one in still}, still)

    def missed(self) -> Vanished:
        """Forget since when: an answer failed in between, so that nothing is confirmed."""
        return Vanished(self.torrents)

    def without(self, download: str) -> Vanished:
        """Take in that we have removed one ourselves, whichever of its hashes is named."""
        name = download.upper()
        gone = {
            one
            for one, torrent in self.torrents.items()
            if one == name[:V1_DIGITS] or (torrent is not None and name in torrent.other_hashes)
        }
        return self.confirmed(gone)

    def confirmed(self, gone: Collection[str]) -> Vanished:
        """Take in that these are really gone."""
        return Vanished(
            {one: torrent for one, torrent in self.torrents.items() if one not in gone},
            {one: at for one, at in self.since.items() if one not in gone},
        )
