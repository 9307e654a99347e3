"""What is known of the titles that are held, of who watched them, and of what keeps them.

Everything is said for one title as one arr holds it (`TitleFacts`), by season and episode: a movie
is `Place()`. Whoever gathers has found out which of Jellyfin's items lies at which of the arr's
files; of two versions that are two items each has the state of its own item.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Final, Protocol

from ..inventory import ArrFile, ArrTitle
from ..knowledge import Answer, Knowledge, Known, Unknown
from ..media import MOVIE, Place
from ..regrets import Regret
from ..text import say

_CLOCKS: Final = timedelta(days=1)
NOT_ASKED: Final = Unknown(say("nobody_asked"))


@dataclass(frozen=True, slots=True)
class RetentionViewer:
    """A tracked viewer. `counts`: what they watch and mark counts for what leaves."""

    id: str
    name: str
    counts: bool = True
    primary: bool = False


def primary_of(viewers: Iterable[RetentionViewer]) -> tuple[RetentionViewer, ...]:
    """Give the primary viewers among those who count.

    Who alone counts needs no mark for it, unless somebody else has it who does not count.
    """
    linked = tuple(viewers)
    counting = tuple(one for one in linked if one.counts)
    if len(counting) == 1 and not any(one.primary for one in linked):
        return counting
    return tuple(one for one in counting if one.primary)


@dataclass(frozen=True, slots=True)
class WatchState:
    """How a viewer stands to a unit.

    `played`: they have watched it to its end, once and for good, whoever says so. `started`: they
    are in the middle of it, for the first time or again. `last_played`: the latest instant at which
    they played it; None where nobody knows, which is no date (a mark set by hand). `play_count`
    counts starts. `unsure`: what is remembered and what the server says of it contradict each
    other, so that nothing of this is known.
    """

    played: bool = False
    started: bool = False
    last_played: datetime | None = None
    play_count: int = 0
    unsure: bool = False

    @property
    def touched(self) -> bool:
        """Tell whether they have had anything to do with it."""
        return self.played or self.was_played

    @property
    def was_played(self) -> bool:
        """Tell whether they have played it; a mark alone, set by hand, is no play."""
        return self.started or self.play_count > 0


@dataclass(frozen=True, slots=True)
class FileDates:
    """What others know of a file's age: Jellyfin's date of creation, and our first sight of it."""

    created: datetime | None = None
    first_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class OurDeletion:
    """When we deleted a title, or files of one of its seasons (None: of all).

    `service`: of which arr, where it was surely done. `until`: when it was undone, else `at`.
    `regret`: that a person took it back, in whatever way.
    """

    at: datetime
    season: int | None = None
    service: str | None = None
    until: datetime | None = None
    regret: Regret | None = None


@dataclass(frozen=True, slots=True)
class OurSearch:
    """When we had an arr search for episodes, by its own numbers."""

    at: datetime
    service: str
    episodes: frozenset[int]


@dataclass(frozen=True, slots=True)
class TitlePart:
    """What is marked or played. No episode: the season; no season either: all of the title.

    What a service doesn't say is left out too, so that it means all that it may mean.
    """

    season: int | None = None
    episode: int | None = None

    def touches(self, place: Place) -> bool:
        """Tell whether a unit is it, or lies in it."""
        if self.season is None or place == MOVIE:
            return True
        same = self.season == place.season
        return same and (self.episode is None or self.episode == place.episode)


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asked for a title, or for these seasons of it (None: for all of it).

    `viewer_id`: who they are among the tracked viewers; None: nobody of them, so that nobody knows
    what they have watched. `gone_since`: since when there is no such user any more. `open`: what
    they asked for is not all there yet.
    """

    name: str
    viewer_id: str | None = None
    seasons: frozenset[int] | None = None
    gone_since: datetime | None = None
    open: bool = False


class PersonsKeep(Protocol):
    """A person's word that a title, or one season of it (None: all), stays; until None: for good.

    Those that are over are told, too: the grace begins anew when one ends.
    """

    @property
    def season(self) -> int | None:
        """Which season; None: all of the title."""
        ...

    @property
    def until(self) -> datetime | None:
        """Until when; None: for good."""
        ...

    @property
    def ended_at(self) -> datetime | None:
        """When it was taken back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleFacts:
    """All that is known of one title in one arr.

    `watched`: by viewer's id, then by unit. A unit that is missing in what is known of a viewer was
    never touched by them, and so is all of it where the answer is `Absent`; a viewer that is
    missing is unknown. What is remembered of units without a file belongs there, too.
    `touches`: by viewer's id, when they had to do with anything of the title, whichever copy it
    lies in and whoever says so (None: nobody knows when); a viewer that is missing is unknown.
    `unseen`: units of which nobody knows what anybody has watched, as a file that Jellyfin doesn't
    have. `unplaced`: the seasons in which Jellyfin has something of this title and doesn't say
    which episode (None: nor which season). `files`: by the file's number, one that is missing is
    unknown. `favorites`: by viewer's id, one that is missing is unknown.
    `shown`: where Jellyfin has something of it, in its own names. `rating`: of the movie or series.
    `kept_by_override`: a person has said that it is always to be there. `deletions`: what we
    have deleted of it, in any arr, also what was undone. `playable`: the units that Jellyfin
    surely shows at this arr's files, by the title's ids and by their paths. `left_to_person`: a
    person has said that it is never to be fetched, or only when they are asked. `searches`: those
    of ours for its episodes.
    """

    record: ArrTitle
    watched: Mapping[str, Knowledge[Mapping[Place, WatchState]]] = field(default_factory=dict)
    touches: Mapping[str, Knowledge[tuple[datetime | None, ...]]] = field(default_factory=dict)
    unseen: frozenset[Place] = frozenset()
    unplaced: frozenset[int | None] = frozenset()
    files: Mapping[int, FileDates] = field(default_factory=dict)
    favorites: Mapping[str, Knowledge[tuple[TitlePart, ...]]] = field(default_factory=dict)
    playing: Knowledge[tuple[TitlePart, ...]] = NOT_ASKED
    requests: Knowledge[tuple[Requester, ...]] = NOT_ASKED
    keeps: Knowledge[tuple[PersonsKeep, ...]] = NOT_ASKED
    deletions: Knowledge[tuple[OurDeletion, ...]] = NOT_ASKED
    shown: Knowledge[tuple[str, ...]] = NOT_ASKED
    rating: Knowledge[float] = NOT_ASKED
    kept_by_override: Answer = Answer.UNKNOWN
    playable: Knowledge[frozenset[Place]] = NOT_ASKED
    left_to_person: Answer = Answer.UNKNOWN
    searches: Knowledge[tuple[OurSearch, ...]] = NOT_ASKED

    def before(self, file: ArrFile) -> Iterator[OurDeletion]:
        """Give the deletions of ours after which a file came: it was undone, or fetched again.

        Of an arr's whole movie whatever it has is such a file. Else its date tells, roughly: two
        clocks may differ; a file without a date may be one.
        """
        seasons = {place.season for place in file.places}
        for one in self.deletions.value if isinstance(self.deletions, Known) else ():
            if one.season is not None and seasons and one.season not in seasons:
                continue
            whole = one.season is None and one.service == self.record.service
            if whole or file.added is None or file.added >= one.at - _CLOCKS:
                yield one

    @property
    def is_series(self) -> bool:
        """Tell whether it is a series."""
        return self.record.kind == "sonarr"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionFacts:
    """All that is known at one moment. `zone` is Home Assistant's: its days are the days.

    Of a title every arr's holding must be among `titles`, also where only one is judged: what one
    says of it may speak against another. `silent`: the kinds of arrs (radarr, sonarr) of which one
    did not answer: nobody knows then what it says. `counted_since`: since when those count who
    count now; a viewer who left, or came, begins everybody's grace anew. `primary_gone`: who is
    marked as the primary viewer is no user of Jellyfin's any more. `libraries`: where each
    library of Jellyfin's lies, and each root folder of an arr, which is its own name.
    """

    now: datetime
    zone: tzinfo
    viewers: tuple[RetentionViewer, ...]
    titles: tuple[TitleFacts, ...]
    silent: frozenset[str] = frozenset()
    counted_since: datetime | None = None
    primary_gone: bool = False
    libraries: Knowledge[Mapping[str, tuple[str, ...]]] = NOT_ASKED
