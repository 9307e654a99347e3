"""What an arr holds: a title with its units and files, in one model for Radarr and Sonarr.

Paths are in the arr's own names; `ArrTitle.path_map` translates them into Jellyfin's.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .knowledge import Answer
from .media import Place, ProviderIds
from .paths import PathMap, contains


class SeriesStatus(StrEnum):
    """Whether there will be more of a series. `unknown`: a word that we don't know, or none."""

    CONTINUING = "continuing"
    ENDED = "ended"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, word: str) -> SeriesStatus:
        """Read Sonarr's word. One that is only announced goes on; a deleted one may be anything."""
        match word.strip().lower():
            case "continuing" | "upcoming":
                return cls.CONTINUING
            case "ended":
                return cls.ENDED
            case _:
                return cls.UNKNOWN


@dataclass(frozen=True, slots=True)
class ArrFile:
    """A file as its arr tracks it, with every unit that is in it, and when it was imported.

    `resolution`: of its quality by the arr's word, in lines; None: the arr does not know it.
    """

    id: int
    path: str
    size_bytes: int
    places: frozenset[Place]
    added: datetime | None = None
    resolution: int | None = None


@dataclass(frozen=True, slots=True)
class ArrUnit:
    """The movie, or an episode, by the arr's own number. `file_id` None: it has no file.

    `aired` None: nobody knows when, or whether. A movie has no such date. `searched`: when the arr
    last searched for it, where it says so.
    """

    id: int
    place: Place
    monitored: bool
    file_id: int | None
    aired: datetime | None = None
    searched: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArrTitle:
    """The title as one arr holds it. `service` is the arr's subentry, `tags` are labels.

    `status` and `seasons` are a series'; a movie has neither. `seasons` are the numbers of all that
    the arr knows of, also of those that are announced without an episode. `permanent`: it surely
    lies under a root folder in which files stay. `monitored`: the arr surely looks for it.
    """

    service: str
    kind: str
    name: str
    id: int
    ids: ProviderIds
    path: str
    tags: frozenset[str]
    units: tuple[ArrUnit, ...]
    files: tuple[ArrFile, ...]
    path_map: PathMap = field(default_factory=PathMap)
    year: int | None = None
    status: SeriesStatus = SeriesStatus.UNKNOWN
    seasons: frozenset[int] = frozenset()
    permanent: bool = False
    monitored: bool = False


@dataclass(frozen=True, slots=True)
class Found[EntryT]:
    """What an arr holds in a title's place. `same`: whether its ids and the wanted ones agree.

    Unknown: they contradict each other, or have none in common. No: another title's.
    """

    entry: EntryT
    same: Answer


def lies_in(folder: str, path: str | None, path_map: PathMap) -> Answer:
    """Tell whether a path of Jellyfin's lies in an arr's folder; unknown where none is told.

    A path that no pair maps is taken as it is: both may see the same disk.
    """
    if path is None:
        return Answer.UNKNOWN
    return Answer.of(contains(folder, path_map.to_there(path) or path))
