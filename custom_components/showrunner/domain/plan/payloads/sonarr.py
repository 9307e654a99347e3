"""What a step does in a Sonarr, exactly. Numbers are its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ..action import Action
from ..proof import ProofKind, Protection
from .base import BasePayload, FileFingerprint, read_files, read_list, read_number, read_places


@dataclass(frozen=True, slots=True)
class UnmonitorEpisodes(BasePayload):
    """Have Sonarr look no more for episodes."""

    ACTION = Action.UNMONITOR_EPISODES

    episodes: tuple[int, ...]

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        return cls(tuple(read_number(one) for one in read_list(kept["episodes"])))


@dataclass(frozen=True, slots=True)
class DeleteEpisodeFiles(BasePayload):
    """Delete files of one season of a series through Sonarr."""

    ACTION = Action.DELETE_EPISODE_FILES
    NEEDS = frozenset({ProofKind.ID, ProofKind.PATH})
    KEEPS = frozenset(Protection)

    season: int
    files: tuple[FileFingerprint, ...]

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        return cls(read_number(kept["season"]), read_files(kept["files"]))


@dataclass(frozen=True, slots=True)
class DeleteSeries(BasePayload):
    """Have Sonarr forget a series of which no file is left. Its folder stays."""

    ACTION = Action.DELETE_SERIES
    NEEDS = frozenset({ProofKind.ID})
    KEEPS = frozenset(Protection)


@dataclass(frozen=True, slots=True)
class RestoreSeries(BasePayload):
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
        tags = tuple(read_number(one) for one in read_list(kept["tags"]))
        return super(RestoreSeries, cls).from_store({**kept, "tags": tags})


@dataclass(frozen=True, slots=True)
class MonitorEpisodes(BasePayload):
    """Have Sonarr look for episodes again. `places`: their seasons and numbers in those.

    By these they are found in a series that was added again: there they have other numbers.
    """

    ACTION = Action.MONITOR_EPISODES

    episodes: tuple[int, ...]
    places: tuple[tuple[int, int], ...] = ()

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one; an older version did not keep places."""
        return cls(
            tuple(read_number(one) for one in read_list(kept["episodes"])),
            read_places(kept.get("places")),
        )


@dataclass(frozen=True, slots=True)
class SearchEpisodes(BasePayload):
    """Have Sonarr search for episodes. `places`: their seasons and numbers in those.

    By these they are found in a series that was added again: there they have other numbers.
    """

    ACTION = Action.SEARCH_EPISODES

    episodes: tuple[int, ...]
    places: tuple[tuple[int, int], ...] = ()

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one; an older version did not keep places."""
        return cls(
            tuple(read_number(one) for one in read_list(kept["episodes"])),
            read_places(kept.get("places")),
        )
