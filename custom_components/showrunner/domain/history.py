"""What Radarr and Sonarr say has happened to files, in one form for both.

An event's identity is its number and its instant together: a server that was set up anew counts
from one again.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HistoryKind(StrEnum):
    """What happened; words that we do not know are `OTHER`."""

    GRABBED = "grabbed"
    IMPORTED = "imported"
    FAILED = "failed"
    DELETED = "deleted"
    RENAMED = "renamed"
    IGNORED = "ignored"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One row of an *arr's history. Paths are as that service names them.

    `path`: where the file is now (imported, renamed), or was (deleted). `source_path`: where it
    came from. `media_id` is the movie or the series, `episode_id` Sonarr's episode. `download_id`
    and `info_hash` are in upper case. `reason` says why a file was deleted, `message` why
    a download failed, in the service's words.
    """

    id: int
    kind: HistoryKind
    at: datetime
    media_id: int | None = None
    episode_id: int | None = None
    download_id: str | None = None
    info_hash: str | None = None
    path: str | None = None
    source_path: str | None = None
    file_id: int | None = None
    reason: str | None = None
    source_title: str = ""
    message: str = ""
