"""qBittorrent's torrents as ours, from 4.1 to 5.3: its states, and what "never" looks like."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from ..domain.torrents import Torrent, TorrentState
from .parse import Json, epoch, flag, integer, natural, number, path, seconds, text

# "No end in sight": a hundred days.
_NEVER: Final = 8_640_000
# 4.x says -1, or the largest number of 32 bits, for a time that has not been.
_NO_TIME: Final = (-1, 4_294_967_295)

STATES: Final[Mapping[str, TorrentState]] = MappingProxyType(
    {
        "error": TorrentState.ERROR,
        "missingFiles": TorrentState.ERROR,
        "uploading": TorrentState.SEEDING,
        "stalledUP": TorrentState.SEEDING,
        "forcedUP": TorrentState.SEEDING,
        "downloading": TorrentState.DOWNLOADING,
        "forcedDL": TorrentState.DOWNLOADING,
        "allocating": TorrentState.ALLOCATING,
        "stalledDL": TorrentState.STALLED,
        "metaDL": TorrentState.METADATA,
        "forcedMetaDL": TorrentState.METADATA,
        # 5.0 calls stopped what was paused before.
        "pausedUP": TorrentState.STOPPED,
        "pausedDL": TorrentState.STOPPED,
        "stoppedUP": TorrentState.STOPPED,
        "stoppedDL": TorrentState.STOPPED,
        "queuedUP": TorrentState.QUEUED,
        "queuedDL": TorrentState.QUEUED,
        "queuedForChecking": TorrentState.CHECKING,
        "checkingUP": TorrentState.CHECKING,
        "checkingDL": TorrentState.CHECKING,
        "checkingResumeData": TorrentState.CHECKING,
        "moving": TorrentState.MOVING,
    }
)
# All that is read of a torrent; the rest (twice as much) is not kept.
KEPT: Final = (
    *("state", "name", "size", "completed", "uploaded", "amount_left", "progress", "ratio", "eta"),
    *("infohash_v1", "infohash_v2", "dlspeed", "upspeed", "num_complete", "num_incomplete"),
    *("num_seeds", "num_leechs", "category", "tags", "save_path", "content_path", "added_on"),
    *("completion_on", "seeding_time", "tracker", "private"),
)
_NOT_YET: Final = ("downloading", "allocating", "checkingResumeData", "queuedForChecking")
_RUNNING: Final = frozenset(
    {
        TorrentState.SEEDING,
        TorrentState.DOWNLOADING,
        TorrentState.ALLOCATING,
        TorrentState.STALLED,
        TorrentState.METADATA,
    }
)


def torrent(key: str, row: Json) -> Torrent:
    """Read one torrent; `key` is the hash that it is known by."""
    word = text(row.get("state")) or ""
    state = STATES.get(word, TorrentState.UNKNOWN)
    size, done = _count(row, "size"), _count(row, "completed")
    uploaded = _count(row, "uploaded")
    complete = _complete(row, word, size)
    eta = integer(row.get("eta"))
    info_hash = (text(key) or "").upper()
    hashes = ((text(row.get(name)) or "").upper() for name in ("infohash_v1", "infohash_v2"))
    return Torrent(
        hash=info_hash,
        name=text(row.get("name")) or "",
        size_bytes=size,
        done_bytes=done,
        uploaded_bytes=uploaded,
        progress=100.0 if complete else _percent(row),
        ratio=_ratio(row, uploaded, done),
        state=state,
        complete=complete,
        is_active=state in _RUNNING,
        eta=None if complete or eta is None or not 0 <= eta < _NEVER else eta,
        down_rate=_count(row, "dlspeed"),
        up_rate=_count(row, "upspeed"),
        seeds=natural(row.get("num_complete")),
        peers=natural(row.get("num_incomplete")),
        connected_seeds=natural(row.get("num_seeds")),
        connected_peers=natural(row.get("num_leechs")),
        label=text(row.get("category")) or "",
        tags=_tags(text(row.get("tags")) or ""),
        save_path=path(row.get("save_path")),
        content_path=path(row.get("content_path")),
        added_at=_time(row, "added_on"),
        completed_at=_time(row, "completion_on") if complete else None,
        seeding_seconds=_duration(row, "seeding_time"),
        trackers=_trackers(text(row.get("tracker")) or ""),
        private=flag(row.get("private")),
        other_hashes=tuple(one for one in hashes if one and one != info_hash),
    )


def _complete(row: Json, word: str, size: int) -> bool:
    """Tell whether everything that is wanted is there; some states know it better than numbers."""
    if word in _NOT_YET or word.endswith("DL"):
        return False
    left = integer(row.get("amount_left"))
    return size > 0 and left == 0


def _percent(row: Json) -> float:
    return min(max(number(row.get("progress")) or 0.0, 0.0), 1.0) * 100


def _ratio(row: Json, uploaded: int, done: int) -> float | None:
    """Read the ratio; -1 means more than can be said."""
    ratio = number(row.get("ratio"))
    if ratio is None or ratio >= 0:
        return ratio
    return uploaded / done if done else None


@lru_cache(maxsize=256)
def _tags(tags: str) -> frozenset[str]:
    """Read tags. Thousands of torrents have the same ones, and share them."""
    return frozenset(tag for one in tags.split(",") if (tag := one.strip()))


@lru_cache(maxsize=256)
def _trackers(tracker: str) -> tuple[str, ...] | None:
    """Name the host of the tracker that works; None while none does. Likewise shared."""
    try:
        host = urlsplit(tracker).hostname
    except ValueError:
        return None
    return (host,) if host else None


def _count(row: Json, key: str) -> int:
    return natural(row.get(key)) or 0


def _duration(row: Json, key: str) -> int | None:
    found = seconds(row.get(key))
    return None if found is None else int(found)


def _time(row: Json, key: str) -> datetime | None:
    return None if row.get(key) in _NO_TIME else epoch(row.get(key))
