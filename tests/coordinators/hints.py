"""A house that is told of requests by all doors."""

from collections.abc import Collection, Coroutine, Iterable, Mapping
import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import strategies as st

from custom_components.showrunner.clients import arr_webhook
from custom_components.showrunner.clients.errors import NotOurs
from custom_components.showrunner.clients.seerr import SeerrClient
from custom_components.showrunner.clients.seerr_models import (
    MediaStatus,
    RequestStatus,
    SeerrRequest,
    SeerrTitle,
)
from custom_components.showrunner.clients.seerr_webhook import parse_webhook
from custom_components.showrunner.coordinators.arr_reports import Speaker, of_message
from custom_components.showrunner.coordinators.requests import RequestTracker
from custom_components.showrunner.coordinators.seerr_reports import SeerrReports
from custom_components.showrunner.domain.media import MOVIE, MediaType, Place, ProviderIds
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Fact,
    Inventory,
    JellyfinPresence,
    Transfer,
)
from custom_components.showrunner.domain.requests.report import About, Report
from custom_components.showrunner.domain.requests.request import Closing
from custom_components.showrunner.domain.sweep import ReadState
from custom_components.showrunner.signals import Signals, Topic
from custom_components.showrunner.store import RequestRow, Store
from custom_components.showrunner.store.library import Library

FIXTURES = Path(__file__).parents[1] / "fixtures"


START = datetime(2026, 11, 20, 16, tzinfo=UTC)


GRABBED, FOREIGN = "A" * 40, "F" * 40


PENDING, COMING, SEASON, THERE, DECLINED = 1, 2, 3, 4, 5


def bodies() -> list[tuple[str, Any]]:
    """Give every recorded body with the door that it is for."""
    found = []
    for door, folder, pattern in (
        ("seerr", "seerr/webhooks", "*.json"),
        ("radarr", "radarr", "*webhook-*.json"),
        ("sonarr", "sonarr", "*webhook-*.json"),
    ):
        for file in sorted((FIXTURES / folder).glob(pattern)):
            if "notification" not in file.name.lower() or door == "seerr":
                body = json.loads(file.read_text())
                found.append((door, body.get("body", body)))
    return found


BODIES = bodies()


# What the ids of a body may be replaced with: of those that are known here, and others.
IDS: dict[str, list[object]] = {
    "tmdbId": ["1", 1, "2", 2, 4, "5", 77, -1, 0, "x"],
    "tvdbId": ["3", 3, 77, 0, None],
    "imdbId": ["", "tt0000001", None],
    "id": [2, 3, 4, 701, 702, -5, None],
    "request_id": [*(str(number) for number in range(1, 8)), 4000, "-1", 0, 2**62, None],
    "downloadId": [GRABBED, FOREIGN, "B" * 40, "", None],
    "seasonNumber": [1, 9],
    "episodeNumber": [1, 2, 99],
    "notification_type": [
        f"MEDIA_{kind}"
        for kind in ("PENDING", "APPROVED", "AUTO_APPROVED", "DECLINED", "FAILED", "AVAILABLE")
    ],
    "subject": ["Film 1 (2001)", "Anything (1912)", "x"],
    "dateAdded": ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-20T15:00:00Z"],
}


@st.composite
def forged(draw: st.DrawFn) -> tuple[str, Any]:
    """Make a body that somebody may send: a recorded one, aimed at a request, and then spoilt."""
    door, body = draw(st.sampled_from(BODIES))
    body = copy.deepcopy(body)
    target = draw(st.sampled_from([PENDING, COMING, COMING, SEASON, SEASON, THERE, DECLINED]))
    ids = {"tmdbId": target, "tvdbId": target if target == SEASON else None, "imdbId": None}
    for part in ("movie", "series", "media"):
        if isinstance(body.get(part), dict):
            body[part] |= ids | {"id": target, "year": 2000 + target}
    for number, episode in enumerate(body.get("episodes") or (), 1):
        episode |= {"seasonNumber": 1, "episodeNumber": number}
    if "downloadId" in body:
        body["downloadId"] = draw(st.sampled_from([body["downloadId"], GRABBED, FOREIGN]))
    if isinstance(body.get("request"), dict):
        body["request"] |= {"request_id": str(target)}
        body["subject"] = f"Film {target} ({2000 + target})"

    def aim(part: Any) -> None:
        for key, value in part.items() if isinstance(part, dict) else ():
            if isinstance(value, dict | list):
                for inner in value if isinstance(value, list) else [value]:
                    aim(inner)
            elif key in IDS and draw(st.integers(0, 7)) == 7:
                part[key] = draw(st.sampled_from(IDS[key]))

    aim(body)
    return door, body


class Book:
    """A store of requests without a disk."""

    def __init__(self) -> None:
        """Begin empty."""
        self.rows: dict[str, RequestRow] = {}

    async def put(self, rows: Iterable[RequestRow]) -> None:
        """Keep them."""
        self.rows |= {row.request.id: row for row in rows}

    async def get(self, request_id: str) -> RequestRow | None:
        """Find one."""
        return self.rows.get(request_id)

    async def closings(self, refs: Iterable[str]) -> dict[str, Closing | None]:
        """Tell which are known."""
        found = {ref: self.rows[ref] for ref in refs if ref in self.rows}
        return {ref: row.status.closed if row.status else None for ref, row in found.items()}

    async def ended(self, names: Collection[str]) -> tuple[tuple[str, RequestRow], ...]:
        """Give none: nothing here was asked for twice."""
        return ()


class Names:
    """A Seerr that knows what everything is called."""

    async def title(self, media: MediaType, tmdb: int) -> SeerrTitle:
        """Name a title."""
        return SeerrTitle(name=f"Film {tmdb}", year=2000 + tmdb)


class Shelf:
    """A library that was never read."""

    async def state(self) -> ReadState:
        """Say so."""
        return ReadState()

    async def by_keys_of(self, some: Iterable[Iterable[str]]) -> tuple[tuple[()], ...]:
        """Know of nothing."""
        return tuple(() for _ in some)


def listed(number: int, status: RequestStatus, seasons: tuple[int, ...] = ()) -> SeerrRequest:
    """Make a request as Seerr's list has it."""
    return SeerrRequest(
        id=number,
        status=status,
        media=MediaType.SERIES if seasons else MediaType.MOVIE,
        ids=ProviderIds(tmdb=number, tvdb=number if seasons else None),
        is_4k=False,
        seasons=seasons,
        created_at=START,
        updated_at=START,
        requested_by="bob",
        jellyfin_user_id=None,
        service_id=None,
        arr_id=None,
        media_id=number,
        media_status=MediaStatus.PROCESSING,
    )


LISTS = (
    listed(PENDING, RequestStatus.PENDING),
    listed(COMING, RequestStatus.APPROVED),
    listed(SEASON, RequestStatus.APPROVED, (1,)),
    listed(THERE, RequestStatus.APPROVED),
    listed(DECLINED, RequestStatus.DECLINED),
)


@dataclass
class House:
    """A tracker, and what is read and heard around it. `phase`: how far the world is."""

    book: Book = field(default_factory=Book)
    now: datetime = START
    phase: int = 0
    events: list[tuple[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Build it."""
        signals = Signals()
        signals.subscribe(
            Topic.REQUEST, lambda kind, what: self.events.append((kind, what["request_id"]))
        )
        store = cast("Store", SimpleNamespace(requests=self.book))
        self.tracker = RequestTracker(store, signals, matcher=lambda: False, now=lambda: self.now)
        self.teller = SeerrReports(
            cast("SeerrClient", Names()),
            self.tracker,
            cast("Library", Shelf()),
            "seerr",
            lambda: (),
        )

    def hear(self, door: str, body: Any) -> None:
        """Take in a body as its door does."""
        try:
            if door == "seerr":
                message = parse_webhook(body)
                if message.number is not None:
                    run(self.teller.heard(message, message.number, self.now))
                return
            media = MediaType.MOVIE if door == "radarr" else MediaType.SERIES
            answer = of_message(
                Speaker(door, media, alone=True), arr_webhook.read(body, self.now, media)
            )
        except NotOurs:
            return
        run(self.tracker.hint(door, [answer]))

    def read(self) -> None:
        """Read all services, and find them healthy."""
        began, downloads = self.now, self.tracker.downloads
        run(self.tracker.of_downloads({one: self.client(one) for one in downloads}))
        run(self.teller.polled({one.id: one for one in LISTS}, (), began))
        run(self.teller.read_well(began))
        for door, media in (("radarr", MediaType.MOVIE), ("sonarr", MediaType.SERIES)):
            speaker = Speaker(door, media, alone=True)
            run(
                self.tracker.ingest(
                    Report(speaker.about(arr_id, ids), tuple(facts))
                    for arr_id, ids, facts in self.arr(media)
                )
            )
            run(self.tracker.overrule(door, began))
        presence = JellyfinPresence(MOVIE, began, seen=True)
        run(self.tracker.ingest([Report(About(ref=f"seerr:seerr:{THERE}"), (presence,))]))

    def arr(self, media: MediaType) -> Iterable[tuple[int, ProviderIds, list[Fact]]]:
        """Tell what an arr has and did."""
        later = START + timedelta(minutes=1)
        if media is MediaType.MOVIE:
            facts: list[Fact] = [Inventory(MOVIE, self.now, has_file=self.phase > 1)]
            if self.phase:
                facts.append(Event(EventKind.GRABBED, later, MOVIE, GRABBED))
            if self.phase > 1:
                facts.append(
                    Event(EventKind.IMPORTED, later + timedelta(minutes=9), MOVIE, GRABBED)
                )
            yield COMING, ProviderIds(tmdb=COMING), facts
            yield THERE, ProviderIds(tmdb=THERE), [Inventory(MOVIE, self.now, has_file=True)]
            return
        aired = START - timedelta(days=9)
        places = [Place(1, 1), Place(1, 2)]
        yield (
            SEASON,
            ProviderIds(tvdb=SEASON),
            [
                *(
                    Inventory(one, self.now, has_file=one.episode <= self.phase, aired_at=aired)
                    for one in places
                ),
                *(
                    Event(EventKind.IMPORTED, later, one, f"file:{one.episode}")
                    for one in places
                    if one.episode <= self.phase
                ),
            ],
        )

    def client(self, download: str) -> tuple[Fact, ...]:
        """Tell how a torrent does: the awaited one, or one that is nobody's."""
        if download not in (GRABBED, FOREIGN):
            return ()
        done = 100.0 if download == FOREIGN else 30.0 * self.phase
        return (
            Event(EventKind.STARTED, START + timedelta(minutes=2), download=download),
            Transfer(download, self.now, done),
        )

    def shown(self) -> Mapping[str, object]:
        """Give all that people see, and all that is kept in memory of it."""
        tracker = self.tracker
        return {
            one: (view, {_plain(fact) for fact in tracker.facts(one)})
            for one, view in sorted(tracker.views.items())
        }

    def over(self) -> dict[str, object]:
        """Give what is closed, and why."""
        rows = self.book.rows.items()
        return {one: row.status.closed for one, row in rows if row.status and row.status.closed}


def _plain(fact: Fact) -> Fact:
    """Since when a client says the same: it may have been read sooner on a hint."""
    return replace(fact, since=None, still=None) if isinstance(fact, Transfer) else fact


def run(coroutine: Coroutine[Any, Any, object]) -> None:
    """Run to the end what waits for nobody."""
    while True:
        try:
            coroutine.send(None)
        except StopIteration:
            return
