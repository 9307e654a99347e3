"""What a step does, exactly: one class for each action, with the values that it needs.

Numbers are the service's own. Sizes are bytes.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import ClassVar, Final, Self, cast
from urllib.parse import quote_from_bytes, unquote_to_bytes

from .proof import ProofKind, Protection


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
    be known not to protect what it takes (laws 4 and 6).
    """

    ACTION: ClassVar[Action]
    NEEDS: ClassVar[frozenset[ProofKind]] = frozenset()
    KEEPS: ClassVar[frozenset[Protection]] = frozenset()

    def to_store(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return asdict(self)

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read what `to_store` gave; what is not known is ignored. Raises when it is none."""
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
    KEEPS = frozenset({Protection.KEEP, Protection.KEPT})


@dataclass(frozen=True, slots=True)
class DeleteSeries(_Payload):
    """Have Sonarr forget a series of which no file is left. Its folder stays."""

    ACTION = Action.DELETE_SERIES
    NEEDS = frozenset({ProofKind.ID})
    KEEPS = frozenset(Protection)


@dataclass(frozen=True, slots=True)
class RemoveTorrent(_Payload):
    """Remove one torrent from its client; `data`: with its data, where the client can do that.

    A plan of an older version does not say: then the data go where they go at once.
    """

    ACTION = Action.REMOVE_TORRENT
    NEEDS = frozenset({ProofKind.HASH})

    hash: str
    size_bytes: int
    data: bool | None = None


@dataclass(frozen=True, slots=True)
class RemovedFile:
    """A file of a torrent. `path`: below the torrent's folder, as text that stands for its bytes.

    That is written as in an address (`%C3`): a name may be any bytes.
    """

    path: str
    size_bytes: int

    @classmethod
    def of(cls, path: bytes, size_bytes: int) -> Self:
        """Make one."""
        return cls(as_text(path), size_bytes)

    @property
    def name(self) -> bytes:
        """The path itself."""
        return unquote_to_bytes(self.path)

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one. Raises KeyError or TypeError."""
        return cls(str(kept["path"]), _int(kept["size_bytes"]))


@dataclass(frozen=True, slots=True)
class RemoveRemoteFiles(_Payload):
    """Remove exactly these files over a file transfer, and folders of them that became empty.

    They were a torrent's (`hash`, in the client `client`), all below `folder`: a folder of its own,
    or the one that it shares with others. Nothing outside `inside` is touched, nor that folder
    itself. `left`: how many files more there are, whose names nobody knows exactly. Both folders
    stand for their bytes, as in `RemovedFile`.
    """

    ACTION = Action.REMOVE_REMOTE_FILES
    NEEDS = frozenset({ProofKind.HASH})

    hash: str
    client: str
    inside: str
    folder: str
    own: bool
    files: tuple[RemovedFile, ...]
    left: int = 0

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        files = (cast("Mapping[str, object]", one) for one in _list(kept["files"]))
        read = tuple(RemovedFile.from_store(one) for one in files)
        return super(RemoveRemoteFiles, cls).from_store({**kept, "files": read})


def as_text(path: bytes) -> str:
    """Write a path as text that stands for its exact bytes."""
    return quote_from_bytes(path, safe="/ !$&'()*+,;=:@[]{}^#-_.~|")


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
class RestoreSeries(_Payload):
    """Add a series to Sonarr again as it was when we had it forgotten: without files.

    No episode of it was monitored, so none is now. `folder` is the series' own, `kind` its type,
    `new_seasons` what is done with seasons that come (both in Sonarr's words), `tags` are numbers.
    """

    ACTION = Action.RESTORE_SERIES

    monitored: bool
    quality_profile_id: int | None = None
    root_folder: str | None = None
    folder: str | None = None
    kind: str | None = None
    season_folder: bool | None = None
    new_seasons: str | None = None
    tags: tuple[int, ...] = ()

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        tags = tuple(_int(one) for one in _list(kept["tags"]))
        return super(RestoreSeries, cls).from_store({**kept, "tags": tags})


@dataclass(frozen=True, slots=True)
class MonitorEpisodes(_Payload):
    """Have Sonarr look for episodes again. `places`: their seasons and numbers in those.

    By these they are found in a series that was added again: there they have other numbers.
    """

    ACTION = Action.MONITOR_EPISODES

    episodes: tuple[int, ...]
    places: tuple[tuple[int, int], ...] = ()

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one; an older version did not keep places."""
        return cls(tuple(_int(one) for one in _list(kept["episodes"])), _places(kept.get("places")))


@dataclass(frozen=True, slots=True)
class SearchEpisodes(_Payload):
    """Have Sonarr search for episodes. `places`: their seasons and numbers in those.

    By these they are found in a series that was added again: there they have other numbers.
    """

    ACTION = Action.SEARCH_EPISODES

    episodes: tuple[int, ...]
    places: tuple[tuple[int, int], ...] = ()

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one; an older version did not keep places."""
        return cls(tuple(_int(one) for one in _list(kept["episodes"])), _places(kept.get("places")))


@dataclass(frozen=True, slots=True)
class RemoteFingerprint:
    """A file as the seedbox listed it, with a time in seconds since 1970: another is not fetched.

    `path` is below the remote folder, and written as text that stands for its exact bytes.
    """

    path: str
    size_bytes: int
    mtime: int

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one. Raises KeyError or TypeError."""
        return cls(str(kept["path"]), _int(kept["size_bytes"]), _int(kept["mtime"]))


@dataclass(frozen=True, slots=True)
class FetchRelease(_Payload):
    """Bring a release of the seedbox home: these files, in the folder (or file) of this name."""

    ACTION = Action.FETCH_RELEASE

    name: str
    files: tuple[RemoteFingerprint, ...]

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        files = (cast("Mapping[str, object]", one) for one in _list(kept["files"]))
        return cls(str(kept["name"]), tuple(map(RemoteFingerprint.from_store, files)))


@dataclass(frozen=True, slots=True)
class TrashFile(_Payload):
    """Move one file to the trash of the chosen folder that it lies in.

    `path` is within `folder`, with letters that are no text escaped. `trash` is the name of the
    folder in the trash that it gets for itself. `links`: how many names the file has.
    """

    ACTION = Action.TRASH_FILE
    NEEDS = frozenset({ProofKind.RULE, ProofKind.UNTRACKED})
    KEEPS = frozenset({Protection.PLAYING})

    folder: str
    path: str
    trash: str
    inode: int
    size_bytes: int
    modified_ns: int
    links: int = 1


@dataclass(frozen=True, slots=True)
class RestoreFile(_Payload):
    """Move one file out of the trash, back to where it was. The fields as in `TrashFile`."""

    ACTION = Action.RESTORE_FILE

    folder: str
    path: str
    trash: str
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class DeleteTrashed(_Payload):
    """Delete one file that was in the trash for long enough. The fields as in `TrashFile`.

    Not counted by the budget: it was when the file went to the trash.
    """

    ACTION = Action.DELETE_TRASHED

    folder: str
    path: str
    trash: str
    size_bytes: int
    modified_ns: int
    links: int = 1


type Payload = (
    AddMovie
    | UpdateMovie
    | SearchMovie
    | UnmonitorMovie
    | UnmonitorEpisodes
    | DeleteMovieFile
    | DeleteEpisodeFiles
    | DeleteMovie
    | DeleteSeries
    | RemoveTorrent
    | ForgetMedia
    | DeleteRequest
    | RestoreMovie
    | RestoreSeries
    | MonitorEpisodes
    | SearchEpisodes
    | FetchRelease
    | TrashFile
    | RestoreFile
    | DeleteTrashed
    | RemoveRemoteFiles
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
    DeleteSeries,
    RemoveTorrent,
    ForgetMedia,
    DeleteRequest,
    RestoreMovie,
    RestoreSeries,
    MonitorEpisodes,
    SearchEpisodes,
    FetchRelease,
    TrashFile,
    RestoreFile,
    DeleteTrashed,
    RemoveRemoteFiles,
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


def _places(kept: object) -> tuple[tuple[int, int], ...]:
    pairs = [_list(one) for one in _list([] if kept is None else kept)]
    return tuple((_int(season), _int(episode)) for season, episode in pairs)


def _list(kept: object) -> list[object]:
    if not isinstance(kept, list):
        raise TypeError("list")
    return kept


def _int(kept: object) -> int:
    if isinstance(kept, bool) or not isinstance(kept, int):
        raise TypeError("number")
    return kept
