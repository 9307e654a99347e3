"""A torrent at its place, and what its place says."""

from dataclasses import dataclass

from ..paths import components
from ..torrents import Torrent

type Key = tuple[str, str]
type Parts = tuple[str, ...]


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


def is_loose(torrent: Torrent) -> bool:
    """Tell whether its files lie loose in a folder that others may use as well."""
    folder = components(torrent.save_path or "")
    return folder is not None and folder == components(torrent.content_path or "")


def may_be_same(one: str, other: str) -> bool:
    """Tell whether two names may be of one host: equal, or names in one domain."""
    return one == other or one.split(".")[-2:] == other.split(".")[-2:] != [one]
