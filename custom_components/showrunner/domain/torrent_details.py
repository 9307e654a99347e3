"""What a client tells of one torrent beyond its list: files and trackers, and how it removes it.

Names of files are bytes, as they lie on the disk. Many a client can't write every name: what came
through with a `?` in it may have been any letter, so a name says whether it is exact. Only an exact
name is a path.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

# Where a client keeps what is no tracker: rTorrent's DHT, qBittorrent's DHT, PeX and LSD.
_NO_TRACKER: Final = ("dht:", "** [")


class Removal(StrEnum):
    """What becomes of the data when a client removes a torrent with it."""

    WITH_DATA = "with_data"  # the client deletes it, within seconds
    QUEUED_WITH_DATA = "queued_with_data"  # the client notes it down and deletes it later, or never
    ENTRY_ONLY = "entry_only"  # the client can't: the data stays where it is


def is_below(path: bytes) -> bool:
    """Tell whether a relative path leads below where it begins, and is written in one way."""
    parts = path.split(b"/")
    return b"\0" not in path and not any(one in (b"", b".", b"..") for one in parts)


@dataclass(frozen=True, slots=True)
class TorrentFile:
    """One file of a torrent. `path`: below the torrent's root; `complete`: all of it is there."""

    path: bytes
    size_bytes: int
    complete: bool
    exact: bool = True


@dataclass(frozen=True, slots=True)
class TorrentFiles:
    """All files of a torrent below one folder on the client's machine."""

    root: bytes
    files: tuple[TorrentFile, ...]
    root_exact: bool = True

    @property
    def exact(self) -> bool:
        """Tell whether the folder's and every file's name is the one on the disk."""
        return self.root_exact and all(one.exact for one in self.files)

    @property
    def size_bytes(self) -> int:
        """Add up the files."""
        return sum(one.size_bytes for one in self.files)


@dataclass(frozen=True, slots=True)
class TrackerState:
    """One tracker of a torrent. `host` is empty where its address can't be read.

    `url` is the address without its path, query and login: any of them may hold a passkey.
    `message`: what the tracker said last, empty where the client does not tell.
    """

    host: str
    url: str
    enabled: bool = True
    message: str = ""

    @classmethod
    def of(cls, announce: str, *, enabled: bool = True, message: str = "") -> TrackerState | None:
        """Read an announce address and forget its secrets; None for what is no tracker."""
        if announce.startswith(_NO_TRACKER):
            return None
        try:
            parts = urlsplit(announce)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return cls("", "", enabled, message)
        if not host:
            return cls("", "", enabled, message)
        written = f"[{host}]" if ":" in host else host
        url = f"{parts.scheme}://{written}" + (f":{port}" if port else "")
        return cls(host, url, enabled, message)


def trackers_of(announces: Iterable[tuple[str, bool]]) -> tuple[TrackerState, ...]:
    """Read a torrent's announce addresses, each with whether it is enabled."""
    found = (TrackerState.of(url, enabled=enabled) for url, enabled in announces)
    return tuple(one for one in found if one is not None)


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How fast a client may go in all (bytes per second); 0: as fast as it can."""

    down: int
    up: int
