"""A request: who wants what, since when. What became of it is derived from its facts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..media import MediaType, ProviderIds, Title
from .ref import RequestRef
from .seasons import AllSeasons, Seasons, TheseSeasons


class RequestState(StrEnum):
    """How far a request, or one unit of it, has come. In their order, failed apart."""

    REQUESTED = "requested"
    APPROVED = "approved"
    GRABBING = "grabbing"
    DOWNLOADING = "downloading"
    DOWNLOADED = "downloaded"
    IMPORTING = "importing"
    ANIME_MATCHING = "anime_matching"
    AVAILABLE = "available"
    FAILED = "failed"

    @property
    def rank(self) -> int:
        """How far that is. A failed unit is about as far as one that nothing was found for."""
        return _RANKS[self]


_RANKS = {
    RequestState.REQUESTED: 0,
    RequestState.APPROVED: 1,
    RequestState.FAILED: 2,
    RequestState.GRABBING: 3,
    RequestState.DOWNLOADING: 4,
    RequestState.DOWNLOADED: 5,
    RequestState.IMPORTING: 6,
    RequestState.ANIME_MATCHING: 7,
    RequestState.AVAILABLE: 8,
}


class Closing(StrEnum):
    """Why a request is over. Available is no end: what is available can still be lost."""

    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # somebody deleted the request
    DELETED = "deleted"  # the title is gone again


class Stage(StrEnum):
    """A normal stage within a state, with a clock."""

    NONE = ""
    UNAIRED = "unaired"
    NOT_VISIBLE = "not_visible"  # imported, Jellyfin does not show it yet
    NOT_MATCHED = "not_matched"  # imported, the anime matcher does not know it yet
    NO_SEEDS = "no_seeds"  # downloading, from nobody at the moment
    STALLED = "stalled"
    PAUSED = "paused"
    CLIENT_UNAVAILABLE = "client_unavailable"  # the arr does not reach its download client
    WAITING_TO_IMPORT = "waiting_to_import"  # complete, the arr has not begun to import it


class StuckReason(StrEnum):
    """Why nothing moves."""

    WAITING_FOR_APPROVAL = "waiting_for_approval"
    REFUSED = "refused"
    NOTHING_FOUND = "nothing_found"
    NO_TORRENT = "no_torrent"
    STALLED = "stalled"
    NO_SEEDS = "no_seeds"
    DISK_FULL = "disk_full"
    DOWNLOAD_ERROR = "download_error"
    IMPORT_BLOCKED = "import_blocked"
    VANISHED = "vanished"
    NOT_MATCHED = "not_matched"
    NOT_VISIBLE = "not_visible"
    DOWNLOAD_FAILED = "download_failed"
    CLIENT_UNAVAILABLE = "client_unavailable"
    NOT_IMPORTED = "not_imported"
    NOT_SEARCHED = "not_searched"
    NOT_MOVING = "not_moving"


@dataclass(frozen=True, slots=True)
class Stuck:
    """Why, since when, and in the words of the service that said so."""

    reason: StuckReason
    since: datetime
    message: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for. `seasons`: of a series which; a movie has none.

    `ref` is its name as it is kept, which `source` reads; `arr` the arr's subentry and its id of
    the title, once known; `floor`: what happened before belongs to an earlier request of the same
    title.
    """

    id: str
    ref: str
    title: Title
    requested_at: datetime
    seasons: Seasons | None = None
    is_4k: bool = False
    anime: bool = False
    requested_by: str = ""
    poster: str = ""
    other_titles: tuple[str, ...] = ()
    arr: tuple[str, int] | None = None
    floor: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a series of which nobody said which seasons (law 5). Raises ValueError."""
        if isinstance(self.seasons, AllSeasons | TheseSeasons) is self.is_movie:
            raise ValueError(f"a request of a {self.title.media} with seasons: {self.seasons}")

    @property
    def is_movie(self) -> bool:
        """Tell whether there is one unit."""
        return self.title.media is MediaType.MOVIE

    @property
    def ids(self) -> ProviderIds:
        """The title's ids."""
        return self.title.ids

    @property
    def source(self) -> RequestRef | None:
        """Whose request it is, at which service and under which number; None: nobody's we know."""
        return RequestRef.parse(self.ref)

    def wants(self, season: int) -> bool:
        """Tell whether a season was asked for. Specials only when they are named."""
        return self.seasons is not None and season in self.seasons
