"""What the person wants of a purge: how long to seed, what stays, and how full a client may be."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..addresses import host_of

GB: Final = 1_000_000_000
KEEP: Final = "keep"


@dataclass(frozen=True, slots=True)
class TrackerRule:
    """What a tracker asks of its torrents: both, as far as they are more than 0.

    `host` may be written with a port. One that can't be read is any: nothing is let go for it.
    """

    host: str
    min_days: float = 0
    min_ratio: float = 0

    def covers(self, host: str) -> bool:
        """Tell whether a host is this tracker's, or one below it."""
        mine, theirs = host_of(self.host).casefold(), host.strip(".").casefold()
        return not mine or theirs == mine or theirs.endswith(f".{mine}")


@dataclass(frozen=True, slots=True)
class PurgePolicy:
    """When an imported torrent has seeded enough: by its ratio, or by its days.

    `max_bytes`: how much each client may hold; over it the best candidates go first. 0: no target.
    """

    min_ratio: float = 1.5
    min_days: float = 2
    max_bytes: int = 700 * GB
    keep_tags: frozenset[str] = frozenset({KEEP})
    trackers: tuple[TrackerRule, ...] = ()
    delete_data: bool = True

    def duty(self, hosts: Iterable[str]) -> tuple[float, float]:
        """Give the days and the ratio that these trackers ask for; of several the most."""
        all_hosts = tuple(hosts)
        rules = [one for one in self.trackers if any(one.covers(host) for host in all_hosts)]
        return (
            max((one.min_days for one in rules), default=0),
            max((one.min_ratio for one in rules), default=0),
        )

    def keeps(self, words: Iterable[str]) -> str | None:
        """Name the tag or label among these for which a torrent stays.

        A label may be a path ("tv/keep"): each part of it counts.
        """
        wanted = {tag.strip().casefold() for tag in self.keep_tags} - {""}
        for word in words:
            parts = {word.strip().casefold(), *(one.strip().casefold() for one in word.split("/"))}
            if parts & wanted:
                return word
        return None
