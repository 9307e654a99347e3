"""What a step does, exactly: one class for each action, with the values that it needs.

A closed union, told apart by whose thing it is.
"""

from collections.abc import Mapping
from typing import Final

from ..action import Action
from .base import FileFingerprint
from .radarr import (
    AddMovie,
    DeleteMovie,
    DeleteMovieFile,
    RestoreMovie,
    SearchMovie,
    UnmonitorMovie,
    UpdateMovie,
)
from .seedbox import (
    FetchRelease,
    RemoteFingerprint,
    RemovedFile,
    RemoveRemoteFiles,
    RemoveTorrent,
    as_text,
)
from .seerr import DeleteRequest, ForgetMedia
from .sonarr import (
    DeleteEpisodeFiles,
    DeleteSeries,
    MonitorEpisodes,
    RestoreSeries,
    SearchEpisodes,
    UnmonitorEpisodes,
)
from .trash import DeleteTrashed, RestoreFile, TrashFile

__all__ = [
    "PAYLOADS",
    "AddMovie",
    "DeleteEpisodeFiles",
    "DeleteMovie",
    "DeleteMovieFile",
    "DeleteRequest",
    "DeleteSeries",
    "DeleteTrashed",
    "FetchRelease",
    "FileFingerprint",
    "ForgetMedia",
    "MonitorEpisodes",
    "Payload",
    "RemoteFingerprint",
    "RemoveRemoteFiles",
    "RemoveTorrent",
    "RemovedFile",
    "RestoreFile",
    "RestoreMovie",
    "RestoreSeries",
    "SearchEpisodes",
    "SearchMovie",
    "TrashFile",
    "UnmonitorEpisodes",
    "UnmonitorMovie",
    "UpdateMovie",
    "as_text",
    "payload_from_store",
]


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
