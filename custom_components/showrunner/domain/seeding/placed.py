"""A torrent at its place, and what its place says."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..paths import components
from ..torrents import Torrent

type Key = tuple[str, str]
type Parts = tuple[str, ...]

# A run reads the same paths before each of its steps.
_parts: Final = lru_cache(maxsize=50_000)(components)


@dataclass(frozen=True, slots=True)
class Placed:
    """A torrent of a client (`service`) that runs on a host."""

    service: str
    host: str
    torrent: Torrent

    @property
    def key(self) -> Key:
        """What tells it from others: the same torrent may be in two clients."""
        return self.service, self.torrent.hash


@dataclass(frozen=True, slots=True)
class Lying:
    """A torrent whose place is known. `loose`: its files lie in a folder that others may use."""

    one: Placed
    parts: Parts
    loose: bool


def lying(placed: Iterable[Placed]) -> tuple[list[Lying], list[Placed]]:
    """Tell those whose place is known from the others; each path is read once."""
    folders: dict[str | None, Parts | None] = {}
    known: list[Lying] = []
    vague: list[Placed] = []
    for one in placed:
        torrent = one.torrent
        parts = _parts(torrent.content_path or "")
        if parts is None:
            vague.append(one)
            continue
        folder = torrent.save_path
        if folder not in folders:
            folders[folder] = components(folder or "")
        known.append(Lying(one, parts, folders[folder] == parts))
    return known, vague


def may_be_same(one: str, other: str) -> bool:
    """Tell whether two names may be of one host: equal, or names in one domain."""
    return one == other or one.split(".")[-2:] == other.split(".")[-2:] != [one]
