"""What torrent clients and queues say stands in a download's way."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.showrunner.domain.requests.facts import EventKind, Transfer, Trouble
from custom_components.showrunner.domain.requests.readings import of_queue, of_torrent
from custom_components.showrunner.domain.torrents import TorrentState

from .samples import HASH, MOVIE, TORRENT, at


@pytest.mark.parametrize(
    ("more", "trouble"),
    [
        ({"seeds": 3}, Trouble.NONE),
        ({"seeds": 0}, Trouble.NO_SEEDS),
        # Nobody is listed, and yet somebody sends.
        ({"seeds": 0, "connected_seeds": 1}, Trouble.NONE),
        ({"seeds": 0, "down_rate": 1000}, Trouble.NONE),
        ({"seeds": 0, "state": TorrentState.PAUSED}, Trouble.PAUSED),
        ({"seeds": 3, "state": TorrentState.ERROR}, Trouble.ERROR),
        ({"message": "Storage error: No space left on device"}, Trouble.DISK_FULL),
        # Also of one that is complete: what comes after it has no room either.
        ({"message": "disk full", "complete": True}, Trouble.DISK_FULL),
        ({"complete": True, "state": TorrentState.ERROR}, Trouble.NONE),
    ],
)
def test_what_a_client_says(more: dict[str, Any], trouble: Trouble) -> None:
    """By its state, its peers and its message."""
    *_, answer = of_torrent(replace(TORRENT, **more), at(1))
    assert isinstance(answer, Transfer)
    assert answer.trouble is trouble


@pytest.mark.parametrize(
    ("more", "trouble"),
    [
        ({}, Trouble.NONE),
        ({"message": "Not enough space on the disk"}, Trouble.DISK_FULL),
        ({"tracked_state": "importBlocked"}, Trouble.IMPORT_BLOCKED),
        ({"tracked_state": "importPending"}, Trouble.NONE),
        ({"tracked_state": "importPending", "tracked_status": "warning"}, Trouble.IMPORT_BLOCKED),
        ({"status": "warning", "message": "The download is stalled"}, Trouble.STALLED),
        ({"status": "warning", "message": "qBittorrent is checking it"}, Trouble.NONE),
        ({"tracked_status": "error"}, Trouble.ERROR),
        ({"status": "failed"}, Trouble.ERROR),
        ({"status": "downloadclientunavailable"}, Trouble.UNAVAILABLE),
        ({"status": "paused"}, Trouble.PAUSED),
    ],
)
def test_what_a_queue_says(more: dict[str, str], trouble: Trouble) -> None:
    """By its status, its own view of the download, and its message."""
    plain = {
        "status": "downloading",
        "tracked_state": "downloading",
        "tracked_status": "ok",
        "message": "",
    }
    found = list(
        of_queue(HASH, (MOVIE,), at(1), size=10.0, size_left=4.0, eta=None, **(plain | more))
    )
    answer = found[-1]
    assert isinstance(answer, Transfer)
    assert (answer.progress, answer.trouble) == (
        (100.0 if "import" in more.get("tracked_state", "").lower() else 60.0),
        trouble,
    )
    failed = [one for one in found if getattr(one, "kind", None) is EventKind.FAILED]
    assert bool(failed) is (more.get("status") == "failed")
