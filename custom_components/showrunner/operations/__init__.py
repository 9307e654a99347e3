"""How changes are made: one operation for each action, used by every job."""

from collections.abc import Callable, Mapping
from datetime import datetime

from ..domain.plan import Action
from .base import Applied, Linked, NotLinked, NotPossible, Operation, RequestBook
from .files import DeleteTrashedOperation, RestoreFileOperation, TrashFileOperation
from .radarr import (
    AddMovieOperation,
    RestoreMovieOperation,
    SearchMovieOperation,
    UpdateMovieOperation,
)
from .radarr_deletions import (
    DeleteMovieFileOperation,
    DeleteMovieOperation,
    UnmonitorMovieOperation,
)
from .remote_files import RemoveRemoteFilesOperation
from .seerr import DeleteRequestOperation, ForgetMediaOperation
from .sonarr import (
    DeleteEpisodeFilesOperation,
    DeleteSeriesOperation,
    MonitorEpisodesOperation,
    RestoreSeriesOperation,
    SearchEpisodesOperation,
    UnmonitorEpisodesOperation,
)
from .torrents import RemoveTorrentOperation
from .transfer import FetchReleaseOperation

__all__ = [
    "Applied",
    "Linked",
    "NotLinked",
    "NotPossible",
    "Operation",
    "Operations",
    "all_operations",
]

type Operations = Mapping[Action, Operation]


def all_operations(
    linked: Linked, requests: RequestBook, now: Callable[[], datetime]
) -> Operations:
    """Give the operation of each action."""
    return {
        Action.ADD_MOVIE: AddMovieOperation(linked),
        Action.UPDATE_MOVIE: UpdateMovieOperation(linked),
        Action.SEARCH_MOVIE: SearchMovieOperation(linked),
        Action.UNMONITOR_MOVIE: UnmonitorMovieOperation(linked),
        Action.DELETE_FILE: DeleteMovieFileOperation(linked),
        Action.DELETE_MOVIE: DeleteMovieOperation(linked),
        Action.RESTORE_MOVIE: RestoreMovieOperation(linked),
        Action.UNMONITOR_EPISODES: UnmonitorEpisodesOperation(linked),
        Action.DELETE_EPISODE_FILES: DeleteEpisodeFilesOperation(linked),
        Action.DELETE_SERIES: DeleteSeriesOperation(linked),
        Action.RESTORE_SERIES: RestoreSeriesOperation(linked),
        Action.MONITOR_EPISODES: MonitorEpisodesOperation(linked),
        Action.SEARCH_EPISODES: SearchEpisodesOperation(linked),
        Action.REMOVE_TORRENT: RemoveTorrentOperation(linked),
        Action.FETCH_RELEASE: FetchReleaseOperation(linked),
        Action.REMOVE_REMOTE_FILES: RemoveRemoteFilesOperation(linked),
        Action.FORGET_MEDIA: ForgetMediaOperation(linked),
        Action.DELETE_REQUEST: DeleteRequestOperation(linked, requests, now),
        Action.TRASH_FILE: TrashFileOperation(now),
        Action.RESTORE_FILE: RestoreFileOperation(),
        Action.DELETE_TRASHED: DeleteTrashedOperation(),
    }
