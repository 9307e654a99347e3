"""A requested movie and a requested series, and facts about them at minutes of an evening."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from custom_components.showrunner.domain.media import MOVIE, MediaType, Place, ProviderIds, Title
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Fact,
    Facts,
    Inventory,
    JellyfinPresence,
    Transfer,
    Trouble,
)
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.seasons import TheseSeasons
from custom_components.showrunner.domain.requests.state import RequestStatus, state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy
from custom_components.showrunner.domain.torrents import Torrent, TorrentState

START = datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
HASH = "A" * 40
OTHER = "B" * 40
FILM = Request(
    "seerr:x:1",
    "seerr:x:1",
    Title(MediaType.MOVIE, ProviderIds(tmdb=990001), "The Lantern", 2011),
    START,
)
SERIES = Request(
    "seerr:x:2",
    "seerr:x:2",
    Title(MediaType.SERIES, ProviderIds(tvdb=880101), "The Ministry", 2015),
    START,
    seasons=TheseSeasons((1,)),
)
POLICY = StuckPolicy()
TORRENT = Torrent(
    hash=HASH,
    name="The.Lantern.2011",
    size_bytes=10_000,
    done_bytes=4_000,
    uploaded_bytes=0,
    progress=40.0,
    ratio=None,
    state=TorrentState.DOWNLOADING,
    complete=False,
    is_active=True,
    content_path="/torrents/The.Lantern.2011",
)


def at(minute: float) -> datetime:
    """Name a minute of the evening."""
    return START + timedelta(minutes=minute)


def event(kind: EventKind, minute: float, place: Place | None = MOVIE, download: str = "") -> Event:
    """Make an event."""
    return Event(kind, at(minute), place, download)


def whole(kind: EventKind, minute: float) -> Event:
    """Make an event of the request as a whole."""
    return Event(kind, at(minute))


def of_download(kind: EventKind, minute: float, download: str = HASH) -> Event:
    """Make an event of a download, whatever is in it."""
    return Event(kind, at(minute), download=download)


def transfer(minute: float, progress: float | None, **more: object) -> Transfer:
    """Make a reading of the torrent client."""
    return Transfer(HASH, at(minute), progress=progress, **more)  # type: ignore[arg-type]


def episodes(count: int, minute: float, **more: object) -> list[Inventory]:
    """Make an inventory of a season whose episodes have all aired."""
    values: dict[str, object] = {"has_file": False, "aired_at": at(-10_000), **more}
    return [
        Inventory(Place(1, number), at(minute), **values)  # type: ignore[arg-type]
        for number in range(1, count + 1)
    ]


def status(
    request: Request, facts: Iterable[Fact], minute: float = 600, *, shoko: bool = False
) -> RequestStatus:
    """Derive a request's status."""
    return state_of(request, Facts().with_(facts), at(minute), policy=POLICY, matcher=shoko)


__all__ = [
    "FILM",
    "HASH",
    "MOVIE",
    "OTHER",
    "POLICY",
    "SERIES",
    "START",
    "TORRENT",
    "Event",
    "EventKind",
    "Inventory",
    "JellyfinPresence",
    "Place",
    "Transfer",
    "Trouble",
    "at",
    "episodes",
    "event",
    "of_download",
    "status",
    "transfer",
    "whole",
]
