"""A disk with its files, and who uses which of them: what the purge is never told.

The judge here knows nothing of places, names and sizes: it looks at the files that each torrent
has, and at what is left of them when those go that are to go.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from custom_components.showrunner.domain.seeding import Key


@dataclass(frozen=True)
class Held:
    """A torrent with the very files that it has: where its client opens them on a machine.

    `shown`: its place and folder as its client names them, which may see the disk elsewhere.
    """

    service: str
    hash: str
    name: str
    machine: str
    files: frozenset[str]
    size: int
    shown: tuple[str, str]
    kept: bool = False

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.service, self.hash


@dataclass
class Disk:
    """All machines. `links`: symbolic links of files, by machine and path, and where they lead."""

    links: dict[tuple[str, str], str] = field(default_factory=dict)

    def reads(self, one: Held) -> frozenset[tuple[str, str]]:
        """Name the files that a torrent reads, behind the links."""
        found = ((one.machine, path) for path in one.files)
        return frozenset((place[0], self.links.get(place, place[1])) for place in found)

    def loses(self, one: Held) -> frozenset[tuple[str, str]]:
        """Name what is removed with a torrent's data: its own names, links as links."""
        return frozenset((one.machine, path) for path in one.files)


def spoilt(
    disk: Disk, held: Iterable[Held], going: Iterable[tuple[str, str, str]]
) -> list[tuple[Key, Key]]:
    """Name whose data go with whose: the one that is deleted, and one that is there still then."""
    there: Mapping[Key, Held] = {one.key: one for one in held}
    left, found = dict(there), []
    for service, info_hash, fate in going:
        mine = left.pop((service, info_hash))
        if fate == "deleted":
            lost = disk.loses(mine)
            found += [(mine.key, one.key) for one in left.values() if disk.reads(one) & lost]
    return found


def alone(disk: Disk, one: Held, held: Iterable[Held]) -> bool:
    """Tell whether no other torrent has any of its files."""
    mine = disk.loses(one) | disk.reads(one)
    others = (other for other in held if other.key != one.key)
    return not any(mine & (disk.loses(other) | disk.reads(other)) for other in others)
