"""How far one unit has come: a movie, or one episode. Within an attempt nothing moves backwards."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..media import Place
from .facts import Event, EventKind, Facts, Inventory, JellyfinPresence, Transfer, Trouble
from .request import RequestState

# How far a download has surely come when one of these was seen.
_REACHED: Final[Mapping[EventKind, RequestState]] = {
    EventKind.GRABBED: RequestState.GRABBING,
    EventKind.STARTED: RequestState.DOWNLOADING,
    EventKind.COMPLETE: RequestState.DOWNLOADED,
    EventKind.IMPORTING: RequestState.IMPORTING,
    EventKind.IMPORTED: RequestState.IMPORTING,
}
# By so much a service's clock may be behind ours, or its times be cut off: a reading that comes
# sooner after an event may have been made before it.
_SKEW: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One download of the unit: when it was grabbed, how far it came, whether it failed."""

    download: str
    grabbed_at: datetime
    state: RequestState
    since: datetime
    failed: Event | None = None


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """One unit as its facts tell it. `imported_at` while the file is there."""

    place: Place
    state: RequestState
    since: datetime | None
    attempts: int
    attempt: Attempt | None
    inventory: Inventory | None
    imported_at: datetime | None
    available_at: datetime | None
    matched: bool
    gone: bool


class Ledger:
    """The facts of one request by unit and download, looked up many times and built once."""

    def __init__(self, facts: Facts) -> None:
        """Sort the facts."""
        self.events: dict[tuple[EventKind, str], list[Event]] = {}
        self.by_place: dict[Place, list[Event]] = {}
        self.of_downloads: dict[str, list[Event]] = {}
        self.inventory: dict[Place, Inventory] = {}
        self.presences: dict[Place, JellyfinPresence] = {}
        self.transfers: dict[str, list[Transfer]] = {}
        self.whole: dict[EventKind, Event] = {}
        for fact in facts:
            if isinstance(fact, Event):
                self._event(fact)
            elif isinstance(fact, Inventory):
                self.inventory[fact.place] = fact
            elif isinstance(fact, JellyfinPresence):
                self.presences[fact.place] = fact
            else:
                self.transfers.setdefault(fact.download, []).append(fact)

    def _event(self, event: Event) -> None:
        if event.place is not None:
            self.by_place.setdefault(event.place, []).append(event)
        elif event.download:
            self.of_downloads.setdefault(event.download, []).append(event)
        else:
            self.whole[event.kind] = event

    def decided(self, kind: EventKind, *undone_by: EventKind) -> Event | None:
        """Give what somebody has decided of the request, unless it was undone later."""
        event = self.whole.get(kind)
        if event is None:
            return None
        later = (self.whole.get(other) for other in undone_by)
        return None if any(one is not None and one.at > event.at for one in later) else event

    @property
    def approval(self) -> Event | None:
        """The approval that stands; one that Seerr has taken back does not."""
        return self.decided(EventKind.APPROVED, EventKind.PENDING)

    @property
    def places(self) -> Iterable[Place]:
        """Every unit that any fact names."""
        return {**self.inventory, **self.presences, **self.by_place}

    def unit(self, place: Place, *, approved: bool, anime: bool) -> UnitStatus:
        """Say how far a unit has come."""
        events = self.by_place.get(place, [])
        inventory, presence = self.inventory.get(place), self.presences.get(place)
        deleted = _deleted(events, inventory, presence)
        attempts = self._attempts(events, deleted)
        attempt = attempts[-1] if attempts else None
        imported_at = _there(
            (e.at for e in events if e.kind is EventKind.IMPORTED), inventory, deleted
        )
        # A deleted file counts as there until somebody looks, or something new is on its way.
        kept = inventory is not None and inventory.has_file and _after(inventory.at, deleted)
        seen = _seen(presence, deleted if attempt or imported_at else None, kept=kept)
        matched = any(e.kind is EventKind.MATCHED and _after(e.at, deleted) for e in events)
        state, since = _state(attempt, imported_at, seen, approved=approved, anime=anime)
        return UnitStatus(
            place=place,
            state=state,
            since=since,
            attempts=len(attempts),
            attempt=attempt,
            inventory=inventory,
            imported_at=imported_at,
            available_at=seen,
            matched=matched,
            gone=seen is None
            and imported_at is None
            and attempt is None
            and _gone(events, presence),
        )

    def _attempts(self, events: Collection[Event], deleted: datetime | None) -> list[Attempt]:
        """List the downloads of a unit in the order in which they were grabbed."""
        grabbed: dict[str, datetime] = {}
        for event in events:
            if event.download and event.kind is not EventKind.DELETED:
                known = grabbed.get(event.download)
                grabbed[event.download] = event.at if known is None else min(known, event.at)
        found = []
        for download, at in grabbed.items():
            own = [e for e in events if e.download == download]
            own += self.of_downloads.get(download, [])
            if any(e.kind is EventKind.GRABBED for e in own) or not download.startswith("file:"):
                found.append(self._attempt(download, at, own))
        living = [one for one in found if _after(one.grabbed_at, deleted)]
        return sorted(living, key=lambda one: (one.grabbed_at, one.download))

    def _attempt(self, download: str, at: datetime, own: Iterable[Event]) -> Attempt:
        state, since, failed = RequestState.GRABBING, at, None
        for event in own:
            if event.kind is EventKind.FAILED:
                failed = event if failed is None else max(failed, event, key=lambda e: e.at)
            reached = _REACHED.get(event.kind)
            if reached is None:
                continue
            further = reached.rank - state.rank
            if further > 0 or (further == 0 and event.at < since):
                state, since = reached, event.at
        if failed is not None and self._alive_after(download, failed.at):
            failed = None  # the same release was grabbed once more
        return Attempt(download, at, state, since, failed)

    def _alive_after(self, download: str, at: datetime) -> bool:
        """Tell whether the arr's queue has it again; a client keeps also what has failed."""
        return any(
            transfer.at > at and transfer.trouble not in (Trouble.MISSING, Trouble.ERROR)
            for transfer in self.transfers.get(download, ())
            if transfer.source == "queue"
        )


def _after(at: datetime, cut: datetime | None) -> bool:
    return cut is None or at > cut


def _deleted(
    events: Collection[Event], inventory: Inventory | None, presence: JellyfinPresence | None
) -> datetime | None:
    """Say when the file was last deleted: by the arr's word, or by reads that agree it is gone.

    Reads only tell that it happened after it was last there: what was grabbed since then counts.
    """
    deleted_at = max((e.at for e in events if e.kind is EventKind.DELETED), default=None)
    was = [e.at for e in events if e.kind is EventKind.IMPORTED]
    if not was and presence is not None and presence.last_seen is not None:
        was = [presence.last_seen]
    if inventory is None or not was or not _absent_twice(inventory, max(was) + _SKEW):
        return deleted_at
    return max(*was, deleted_at) if deleted_at is not None else max(was)


def _there(
    imports: Iterable[datetime], inventory: Inventory | None, deleted: datetime | None
) -> datetime | None:
    """Say since when the arr has the file; None when it has none."""
    first = min((at for at in imports if _after(at, deleted)), default=None)
    if inventory is not None and inventory.has_file and _after(inventory.at, deleted):
        return first or inventory.at
    return first


def _absent_twice(reading: Inventory | JellyfinPresence, since: datetime) -> bool:
    """Tell whether two healthy answers after `since` agree that there is nothing."""
    there = reading.has_file if isinstance(reading, Inventory) else reading.seen
    return not there and reading.before is not None and since < reading.before


def _seen(
    presence: JellyfinPresence | None, deleted: datetime | None, *, kept: bool
) -> datetime | None:
    """Say since when it can be played. A blind Jellyfin takes nothing away while the arr has it.

    `kept`: the arr has the file, by an answer that is newer than its last deletion.
    """
    if presence is None or presence.first_seen is None or presence.last_seen is None:
        return None
    if not _after(presence.last_seen, deleted):
        return None
    if _absent_twice(presence, presence.last_seen) and not kept:
        return None
    return presence.first_seen if _after(presence.first_seen, deleted) else presence.last_seen


def _gone(events: Iterable[Event], presence: JellyfinPresence | None) -> bool:
    """Tell whether it was there once, and Jellyfin surely does not have it any more."""
    was = [e.at for e in events if e.kind is EventKind.IMPORTED]
    if presence is not None and presence.last_seen is not None:
        was.append(presence.last_seen)
    return bool(was) and presence is not None and _absent_twice(presence, max(was))


def _state(
    attempt: Attempt | None,
    imported_at: datetime | None,
    seen: datetime | None,
    *,
    approved: bool,
    anime: bool,
) -> tuple[RequestState, datetime | None]:
    if seen is not None:
        return RequestState.AVAILABLE, seen
    if imported_at is not None:
        return (RequestState.ANIME_MATCHING if anime else RequestState.IMPORTING), imported_at
    if attempt is not None and attempt.failed is not None:
        return RequestState.FAILED, attempt.failed.at
    if attempt is not None:
        return attempt.state, attempt.since
    return (RequestState.APPROVED if approved else RequestState.REQUESTED), None
