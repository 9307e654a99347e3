"""What a step does in a Radarr, exactly. Numbers are its own, sizes are bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ..action import Action
from ..proof import ProofKind, Protection
from .base import BasePayload, FileFingerprint, read_files, read_list, read_number


@dataclass(frozen=True, slots=True)
class AddMovie(BasePayload):
    """Add a movie to Radarr, monitored, without a search. `tag` is a label, "" for none."""

    ACTION = Action.ADD_MOVIE

    quality_profile_id: int
    root_folder: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class UpdateMovie(BasePayload):
    """Have Radarr monitor a movie, and what else the options say; None and "" change nothing.

    `present_file`: the name and size of the file that is there, which is only one to stream.
    """

    ACTION = Action.UPDATE_MOVIE

    quality_profile_id: int | None = None
    root_folder: str | None = None
    tag: str = ""
    present_file: str = ""


@dataclass(frozen=True, slots=True)
class SearchMovie(BasePayload):
    """Have Radarr search for a movie. `present_file` as for `UpdateMovie`."""

    ACTION = Action.SEARCH_MOVIE

    present_file: str = ""


@dataclass(frozen=True, slots=True)
class UnmonitorMovie(BasePayload):
    """Have Radarr look no more for a movie."""

    ACTION = Action.UNMONITOR_MOVIE


@dataclass(frozen=True, slots=True)
class DeleteMovieFile(BasePayload):
    """Delete one movie file through Radarr, and nothing that lies beside it."""

    ACTION = Action.DELETE_FILE
    NEEDS = frozenset({ProofKind.ID, ProofKind.PATH})
    KEEPS = frozenset(Protection)

    files: tuple[FileFingerprint, ...]

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        return cls(read_files(kept["files"]))


@dataclass(frozen=True, slots=True)
class DeleteMovie(BasePayload):
    """Have Radarr forget a movie. Its folder, and what lies in it, stays."""

    ACTION = Action.DELETE_MOVIE
    NEEDS = frozenset({ProofKind.ID})
    KEEPS = frozenset({Protection.KEEP, Protection.KEPT})


@dataclass(frozen=True, slots=True)
class RestoreMovie(BasePayload):
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
        tags = tuple(read_number(one) for one in read_list(kept["tags"]))
        return super(RestoreMovie, cls).from_store({**kept, "tags": tags})
