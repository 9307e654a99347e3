"""A torrent as tests need it."""

from typing import Any

from custom_components.showrunner.domain.torrents import (
    Torrent,
    TorrentState,
)

GB = 10**9


def torrent(number: int = 1, **more: Any) -> Torrent:
    """Make a torrent that seeds."""
    values: dict[str, Any] = {
        "hash": f"{number:040X}",
        "name": f"Film {number}",
        "size_bytes": 10 * GB,
        "done_bytes": 10 * GB,
        "uploaded_bytes": 5 * GB,
        "progress": 100.0,
        "ratio": 0.5,
        "state": TorrentState.SEEDING,
        "complete": True,
        "is_active": True,
    }
    return Torrent(**{**values, **more})
