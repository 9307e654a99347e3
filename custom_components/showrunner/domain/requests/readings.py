"""What queues and torrent clients tell, as facts: each reading is of one instant.

That a healthy answer does not name a download is a reading too; that there was no answer is none.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

from ..media import Place
from ..torrents import Torrent, TorrentState
from .facts import Event, EventKind, Transfer, Trouble

_DISK: Final = ("no space left", "disk full", "not enough space", "insufficient")
_TROUBLES: Final = {
    TorrentState.STALLED: Trouble.STALLED,
    TorrentState.METADATA: Trouble.STALLED,
    TorrentState.PAUSED: Trouble.PAUSED,
    TorrentState.STOPPED: Trouble.PAUSED,
    TorrentState.ERROR: Trouble.ERROR,
}


def of_torrent(torrent: Torrent, at: datetime) -> Iterator[Event | Transfer]:
    """Read a torrent."""
    yield Event(EventKind.STARTED, _not_after(at, torrent.added_at), download=torrent.hash)
    if torrent.complete:
        completed = _not_after(at, torrent.completed_at)
        yield Event(EventKind.COMPLETE, completed, download=torrent.hash)
    yield Transfer(
        torrent.hash,
        at,
        progress=torrent.progress,
        eta=None if torrent.eta is None else float(torrent.eta),
        trouble=_trouble(torrent),
        message=torrent.message,
    )


def _not_after(at: datetime, claimed: datetime | None) -> datetime:
    """Take the client's own time of an event, unless its clock is ahead."""
    return at if claimed is None else min(at, claimed)


def _trouble(torrent: Torrent) -> Trouble:
    if any(word in torrent.message.lower() for word in _DISK):
        return Trouble.DISK_FULL
    if torrent.complete:
        # Resting or seeding: errors of a tracker no longer stand in anybody's way.
        return Trouble.NONE
    nobody = torrent.seeds == 0 and not torrent.connected_seeds and not torrent.down_rate
    if nobody and torrent.state.is_downloading:
        return Trouble.NO_SEEDS
    return _TROUBLES.get(torrent.state, Trouble.NONE)


def missing(download: str, at: datetime, source: str) -> Transfer:
    """Note that a healthy answer does not name a download that somebody waits for."""
    return Transfer(download, at, trouble=Trouble.MISSING, source=source)


def of_queue(
    download: str,
    places: Collection[Place | None],
    at: datetime,
    *,
    status: str,
    tracked_state: str,
    tracked_status: str,
    size: float,
    size_left: float,
    eta: float | None,
    message: str,
    output_path: str = "",
) -> Iterator[Event | Transfer]:
    """Read a line of an arr's queue. Its words are open: what is not known tells only progress.

    A place of None: it is for something that can't be named. `output_path`: where its files lie.
    """
    for place in places:
        yield Event(EventKind.GRABBED, at, place, download)
    progress = min(100.0, max(0.0, (1 - size_left / size) * 100)) if size > 0 else None
    state = tracked_state.lower()
    complete = status == "completed" or state.startswith("import")
    if complete or (progress or 0) > 0 or status in ("downloading", "paused"):
        yield Event(EventKind.STARTED, at, download=download)
    if complete:
        yield Event(EventKind.COMPLETE, at, download=download)
    if state in ("importing", "imported"):
        yield Event(EventKind.IMPORTING, at, download=download)
    if state in ("failed", "failedpending") or status == "failed":
        for place in places:
            yield Event(EventKind.FAILED, at, place, download, message)
    yield Transfer(
        download,
        at,
        progress=100.0 if complete else progress,
        eta=eta,
        trouble=_queue_trouble(status, state, tracked_status, message),
        message=message or _what_is_known(status, tracked_state if complete else "", output_path),
        source="queue",
    )


def _what_is_known(status: str, waits: str, output_path: str) -> str:
    """Say of a line that waits without a word why, as the arr calls it, and where it looks."""
    if waits or status == "completed":
        return " ".join(one for one in (waits or status, output_path) if one)
    return status if status in ("queued", "downloadclientunavailable") else ""


def _queue_trouble(status: str, state: str, tracked_status: str, message: str) -> Trouble:
    words = message.lower()
    if any(word in words for word in _DISK):
        return Trouble.DISK_FULL
    if state == "importblocked" or (state == "importpending" and tracked_status != "ok"):
        return Trouble.IMPORT_BLOCKED
    if status == "warning" and "stalled" in words:
        return Trouble.STALLED
    if tracked_status == "error" or status == "failed":
        return Trouble.ERROR
    if status == "downloadclientunavailable":
        return Trouble.UNAVAILABLE
    return Trouble.PAUSED if status == "paused" else Trouble.NONE
