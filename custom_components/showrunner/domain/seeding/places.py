"""Which torrents may have data in common: by place, across all clients.

Equal places, and one inside the other. On another host an equal place may be another one, or the
same under another name of the host: nobody knows. A torrent whose place is not told exactly
(letters of its name were lost on the way) may share with whatever bears its name, or is as large.
One that its client no longer tells may be there still, until that is certain.
"""

from collections.abc import Iterable
import re
from typing import Final

from ..knowledge import Answer
from .aliases import aliases
from .placed import Key, Lying, Parts, Placed, lying

# What a client writes for a letter that it can't say, and letters that it may not be able to say.
_LOST: Final = re.compile(r"[^\x21-\x7e]|\?|%[0-9A-Fa-f]{2}")


def skeleton(name: str) -> str:
    """Give of a name only what no client loses, so that a spoilt name equals the true one."""
    return _LOST.sub("", name).casefold()


class Places:
    """The places of all torrents."""

    def __init__(self, placed: Iterable[Placed], vanished: Iterable[Placed] = ()) -> None:
        """Look at everything once. `vanished`: what may be there, and is not told."""
        missing = tuple(vanished)
        self._parts: dict[Key, Parts] = {}
        self._vague: dict[str, set[str]] = {}
        self._vague_sizes: dict[str, set[int]] = {}
        at: dict[tuple[str, Parts], list[Lying]] = {}
        hosts: dict[Parts, set[str]] = {}
        self._hosts: dict[Key, str] = {}
        known, vague = lying((*placed, *missing))
        for one in vague:
            self._hosts[one.key] = one.host
            self._vague.setdefault(one.host, set()).add(skeleton(one.torrent.name))
            self._vague_sizes.setdefault(one.host, set()).add(one.torrent.size_bytes)
        for held in known:
            one, parts = held.one, held.parts
            self._hosts[one.key] = one.host
            self._parts[one.key] = parts
            at.setdefault((one.host, parts), []).append(held)
            hosts.setdefault(parts, set()).add(one.host)
        # Who lies at a place, above and below it: pairs would be too many where many lie together.
        self._at = {place: tuple(held.one.key for held in here) for place, here in at.items()}
        self._above: dict[tuple[str, Parts], list[tuple[str, Parts]]] = {}
        self._below: dict[tuple[str, Parts], list[tuple[str, Parts]]] = {}
        # An equal place on another host, which may be the same one; a folder that is not a
        # torrent's own, so that nobody knows which of the files there are its.
        self._doubtful: set[tuple[str, Parts]] = set()
        self._loose: set[tuple[str, Parts]] = set()
        for host, parts in at:
            for depth in range(1, len(parts) + 1):
                above = parts[:depth]
                if hosts.get(above, set()) - {host}:
                    self._doubtful.add((host, parts))
                    self._doubtful |= {(one, above) for one in hosts[above]}
                if depth < len(parts) and (host, above) in at:
                    self._above.setdefault((host, parts), []).append((host, above))
                    self._below.setdefault((host, above), []).append((host, parts))
        for place, here in at.items():
            if any(held.loose for held in here):
                near = (*self._above.get(place, ()), *self._below.get(place, ()))
                self._loose |= {place, *near} if len(here) > 1 or near else set()
        self._doubtful |= self._loose
        gone = {one.key for one in missing}
        self._vanished = {(self._hosts[one], self._parts[one]) for one in gone & self._parts.keys()}
        self._aliases = aliases(known)

    def known(self, one: Placed) -> bool:
        """Tell whether it is known exactly where its data are."""
        return one.key in self._parts

    def depth(self, key: Key) -> int:
        """Say how deep its data lie: what is above holds what is below."""
        return len(self._parts[key])

    def others(self, key: Key) -> frozenset[Key]:
        """Name the torrents that have data in common with it."""
        if key not in self._parts:
            return frozenset()
        return frozenset(one for place in self._near(key) for one in self._at[place]) - {key}

    def _near(self, key: Key) -> tuple[tuple[str, Parts], ...]:
        place = self._hosts[key], self._parts[key]
        return place, *self._above.get(place, ()), *self._below.get(place, ())

    def is_near_vanished(self, key: Key) -> bool:
        """Tell whether one that its client no longer tells may have data in common with it."""
        return key in self._parts and not self._vanished.isdisjoint(self._near(key))

    def may_have_alias(self, key: Key) -> bool:
        """Tell whether another may have its data under another name."""
        return key in self._aliases

    def is_near_loose(self, key: Key) -> bool:
        """Tell whether files lie loose in its folder, or above: others' may be among its own."""
        return key in self._parts and (self._hosts[key], self._parts[key]) in self._loose

    def shares(self, one: Placed) -> Answer:
        """Tell whether any other may use its data."""
        if not self.known(one):
            return Answer.UNKNOWN
        names = {skeleton(part) for part in (*self._parts[one.key][1:], one.torrent.name)}
        place = self._hosts[one.key], self._parts[one.key]
        doubtful = place in self._doubtful or one.key in self._aliases
        doubtful |= one.torrent.size_bytes in self._vague_sizes.get(one.host, ())
        doubtful |= not names.isdisjoint(self._vague.get(one.host, ()))
        doubtful |= self.is_near_vanished(one.key)
        if doubtful:
            return Answer.UNKNOWN
        alone = len(self._at[place]) == 1 and len(self._near(one.key)) == 1
        return Answer.of(not alone)

    def may_name(self, host: str, names: Iterable[str]) -> bool:
        """Tell whether a torrent whose place is not told may lie under one of these names."""
        vague = self._vague.get(host, set())
        return any(skeleton(part) in vague for name in names for part in name.split("/"))

    def group(self, key: Key) -> frozenset[Key]:
        """Name all that hang together with it by shared data, itself too."""
        found: set[Key] = set()
        fresh = [key]
        while fresh:
            one = fresh.pop()
            if one not in found:
                found.add(one)
                fresh += self.others(one)
        return frozenset(found)
