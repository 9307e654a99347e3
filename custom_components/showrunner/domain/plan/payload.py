"""What a step does, exactly: one class for each action, with the values that it needs.

Numbers are the service's own. Sizes are bytes.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import ClassVar, Final, Self, cast

from .proof import ProofKind, Protection


class Action(StrEnum):
    """What a step does."""

    ADD_MOVIE = "add_movie"
    UPDATE_MOVIE = "update_movie"
    SEARCH_MOVIE = "search_movie"
    DELETE_MOVIE = "delete_movie"
    UNMONITOR_MOVIE = "unmonitor_movie"
    UNMONITOR_EPISODES = "unmonitor_episodes"
    REMOVE_TORRENT = "remove_torrent"
    DELETE_FILE = "delete_file"
    DELETE_EPISODE_FILES = "delete_episode_files"
    FORGET_MEDIA = "forget_media"
    DELETE_REQUEST = "delete_request"
    RESTORE_MOVIE = "restore_movie"
    MONITOR_EPISODES = "monitor_episodes"
    SEARCH_EPISODES = "search_episodes"

    @property
    def destructive(self) -> bool:
        """Tell whether something is lost: then the budget counts it."""
        return self.takes_title or self is Action.REMOVE_TORRENT

    @property
    def takes_title(self) -> bool:
        """Tell whether the title itself, or files of it, go: then it is not fetched again."""
        return self in (Action.DELETE_MOVIE, Action.DELETE_FILE, Action.DELETE_EPISODE_FILES)


@dataclass(frozen=True, slots=True)
class FileFingerprint:
    """A file as its arr tracks it: another one under the same number is another file."""

    id: int
    path: str
    size_bytes: int

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one. Raises KeyError or TypeError."""
        return cls(_int(kept["id"]), str(kept["path"]), _int(kept["size_bytes"]))


@dataclass(frozen=True, slots=True)
class _Payload:
    """What all payloads share.

    `NEEDS` and `KEEPS` are the proofs without which such a step is not carried out, and what must
    be known not to protect what it takes (PRODUCT 0, laws 4 and 6).
    """

    ACTION: ClassVar[Action]
    NEEDS: ClassVar[frozenset[ProofKind]] = frozenset()
    KEEPS: ClassVar[frozenset[Protection]] = frozenset()

    def to_store(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return asdict(self)

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read what `to_store` gave; what is not known is left aside. Raises when it is none."""
        return cls(**{one.name: kept[one.name] for one in fields(cls) if one.name in kept})


@dataclass(frozen=True, slots=True)
class AddMovie(_Payload):
    """Add a movie to Radarr, monitored, without a search. `tag` is a label, "" for none."""

    ACTION = Action.ADD_MOVIE

    quality_profile_id: int
    root_folder: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class UpdateMovie(_Payload):
    """Have Radarr monitor a movie, and what else the options say; None and "" change nothing.

    `present_file`: the name and size of the file that is there, which is only one to stream.
    """

    ACTION = Action.UPDATE_MOVIE

    quality_profile_id: int | None = None
    root_folder: str | None = None
    tag: str = ""
    present_file: str = ""


@dataclass(frozen=True, slots=True)
class SearchMovie(_Payload):
    """Have Radarr search for a movie. `present_file` as for `UpdateMovie`."""

    ACTION = Action.SEARCH_MOVIE

    present_file: str = ""


@dataclass(frozen=True, slots=True)
class UnmonitorMovie(_Payload):
    """Have Radarr look no more for a movie."""

    ACTION = Action.UNMONITOR_MOVIE


@dataclass(frozen=True, slots=True)
class UnmonitorEpisodes(_Payload):
    """Have Sonarr look no more for episodes."""

    ACTION = Action.UNMONITOR_EPISODES

    episodes: tuple[int, ...]

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        return cls(tuple(_int(one) for one in _list(kept["episodes"])))


@dataclass(frozen=True, slots=True)
class DeleteMovieFile(_Payload):
    """Delete one movie file through Radarr, and nothing that lies beside it."""

    ACTION = Action.DELETE_FILE
    NEEDS = frozenset({ProofKind.ID, ProofKind.PATH})
    KEEPS = frozenset(Protection)

    files: tuple[FileFingerprint, ...]

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        return cls(_files(kept["files"]))


@dataclass(frozen=True, slots=True)
class DeleteEpisodeFiles(_Payload):
    """Delete files of one season of a series through Sonarr."""

    ACTION = Action.DELETE_EPISODE_FILES
    NEEDS = frozenset({ProofKind.ID, ProofKind.PATH})
    KEEPS = frozenset(Protection)

    season: int
    files: tuple[FileFingerprint, ...]

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        return cls(_int(kept["season"]), _files(kept["files"]))


@dataclass(frozen=True, slots=True)
class DeleteMovie(_Payload):
    """Have Radarr forget a movie. Its folder, and what lies in it, stays."""

    ACTION = Action.DELETE_MOVIE
    NEEDS = frozenset({ProofKind.ID})
    KEEPS = frozenset({Protection.KEEP})


@dataclass(frozen=True, slots=True)
class RemoveTorrent(_Payload):
    """Remove one torrent from its client."""

    ACTION = Action.REMOVE_TORRENT
    NEEDS = frozenset({ProofKind.HASH})

    hash: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ForgetMedia(_Payload):
    """Have Seerr forget a title; its requests go with it. `request_number` is the one asked for."""

    ACTION = Action.FORGET_MEDIA

    request_number: int


@dataclass(frozen=True, slots=True)
class DeleteRequest(_Payload):
    """Delete a request in Seerr, where it is there. `request_id` is ours."""

    ACTION = Action.DELETE_REQUEST

    request_id: str


@dataclass(frozen=True, slots=True)
class RestoreMovie(_Payload):
    """Have Radarr hold a movie as it did before a change of ours.

    `add`: it was deleted, and is added again where it is gone, with all of this; one that is there
    is only monitored as it was. Else it was only changed, and nothing but that is put back; None
    changes nothing. `folder` is the movie's own, `tags` are numbers.
    """

    ACTION = Action.RESTORE_MOVIE

    monitored: bool
    add: bool
    quality_profile_id: int | None = None
    root_folder: str | None = None
    folder: str | None = None
    minimum_availability: str | None = None
    tags: tuple[int, ...] = ()

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        tags = tuple(_int(one) for one in _list(kept["tags"]))
        return super(RestoreMovie, cls).from_store({**kept, "tags": tags})


@dataclass(frozen=True, slots=True)
class MonitorEpisodes(_Payload):
    """Have Sonarr look for episodes again."""

    ACTION = Action.MONITOR_EPISODES

    episodes: tuple[int, ...]

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        return cls(tuple(_int(one) for one in _list(kept["episodes"])))


@dataclass(frozen=True, slots=True)
class SearchEpisodes(_Payload):
    """Have Sonarr search for episodes."""

    ACTION = Action.SEARCH_EPISODES

    episodes: tuple[int, ...]

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        return cls(tuple(_int(one) for one in _list(kept["episodes"])))


type Payload = (
    AddMovie
    | UpdateMovie
    | SearchMovie
    | UnmonitorMovie
    | UnmonitorEpisodes
    | DeleteMovieFile
    | DeleteEpisodeFiles
    | DeleteMovie
    | RemoveTorrent
    | ForgetMedia
    | DeleteRequest
    | RestoreMovie
    | MonitorEpisodes
    | SearchEpisodes
)

_ALL: Final[tuple[type[Payload], ...]] = (
    AddMovie,
    UpdateMovie,
    SearchMovie,
    UnmonitorMovie,
    UnmonitorEpisodes,
    DeleteMovieFile,
    DeleteEpisodeFiles,
    DeleteMovie,
    RemoveTorrent,
    ForgetMedia,
    DeleteRequest,
    RestoreMovie,
    MonitorEpisodes,
    SearchEpisodes,
)
PAYLOADS: Final[Mapping[Action, type[Payload]]] = {one.ACTION: one for one in _ALL}


def payload_from_store(action: Action, kept: object) -> Payload:
    """Read a payload. Raises KeyError, TypeError or ValueError when it is none of the action."""
    if not isinstance(kept, Mapping):
        raise TypeError("payload")
    return PAYLOADS[action].from_store(kept)


def _files(kept: object) -> tuple[FileFingerprint, ...]:
    return tuple(
        FileFingerprint.from_store(cast("Mapping[str, object]", one)) for one in _list(kept)
    )


def _list(kept: object) -> list[object]:
    if not isinstance(kept, list):
        raise TypeError("list")
    return kept


def _int(kept: object) -> int:
    if isinstance(kept, bool) or not isinstance(kept, int):
        raise TypeError("number")
    return kept
