"""What a step does: the actions that there are."""

from enum import StrEnum


class Action(StrEnum):
    """What a step does."""

    ADD_MOVIE = "add_movie"
    UPDATE_MOVIE = "update_movie"
    SEARCH_MOVIE = "search_movie"
    DELETE_MOVIE = "delete_movie"
    DELETE_SERIES = "delete_series"
    UNMONITOR_MOVIE = "unmonitor_movie"
    UNMONITOR_EPISODES = "unmonitor_episodes"
    REMOVE_TORRENT = "remove_torrent"
    DELETE_FILE = "delete_file"
    DELETE_EPISODE_FILES = "delete_episode_files"
    FORGET_MEDIA = "forget_media"
    DELETE_REQUEST = "delete_request"
    RESTORE_MOVIE = "restore_movie"
    RESTORE_SERIES = "restore_series"
    MONITOR_EPISODES = "monitor_episodes"
    SEARCH_EPISODES = "search_episodes"
    FETCH_RELEASE = "fetch_release"
    TRASH_FILE = "trash_file"
    RESTORE_FILE = "restore_file"
    DELETE_TRASHED = "delete_trashed"
    REMOVE_REMOTE_FILES = "remove_remote_files"

    @property
    def destructive(self) -> bool:
        """Tell whether something is lost: then the budget counts it."""
        return self.takes_title or self in (
            Action.REMOVE_TORRENT,
            Action.REMOVE_REMOTE_FILES,
            Action.TRASH_FILE,
        )

    @property
    def takes_title(self) -> bool:
        """Tell whether the title itself, or files of it, go: then it is not fetched again."""
        return self in (
            Action.DELETE_MOVIE,
            Action.DELETE_SERIES,
            Action.DELETE_FILE,
            Action.DELETE_EPISODE_FILES,
        )
