"""What Seerr says, as requests and facts. Pure: what is known already comes in with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..clients.seerr import RequestStatus, SeerrRequest, SeerrTitle
from ..clients.seerr_webhook import SeerrMessage
from ..domain.media import MediaType, Title
from ..domain.requests.facts import Event, EventKind, Fact, Facts
from ..domain.requests.request import Request
from ..domain.requests.seasons import TheseSeasons, named

_SAID: Final = {
    RequestStatus.APPROVED: (EventKind.APPROVED,),
    RequestStatus.COMPLETED: (EventKind.APPROVED,),
    RequestStatus.DECLINED: (EventKind.DECLINED,),
    # Somebody has approved it; Seerr could not hand it on.
    RequestStatus.FAILED: (EventKind.APPROVED, EventKind.REFUSED),
}
_OPPOSITE: Final = {
    EventKind.PENDING: (EventKind.APPROVED, EventKind.DECLINED, EventKind.REFUSED),
    EventKind.APPROVED: (EventKind.PENDING, EventKind.DECLINED, EventKind.REFUSED),
    EventKind.DECLINED: (EventKind.PENDING, EventKind.APPROVED),
    EventKind.REFUSED: (EventKind.PENDING, EventKind.APPROVED),
}


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a request already: as it is held, and its facts (none once it settled)."""

    request: Request
    facts: Facts
    settled: bool


def request_of(
    answer: SeerrRequest,
    ref: str,
    *,
    title: SeerrTitle | None,
    arr: tuple[str, int] | None,
    held: Request | None,
    now: datetime,
) -> Request | None:
    """Make a request of what a list tells; its name comes from elsewhere, or later.

    None for a series of which neither the list nor what is held names a season.
    """
    known = title or SeerrTitle()
    before = held.title if held else None
    seasons = _seasons(answer.media, answer.seasons) or (held.seasons if held else None)
    if answer.media is MediaType.SERIES and seasons is None:
        return None
    return Request(
        id=ref,
        ref=ref,
        title=Title(
            answer.media,
            answer.ids.merged(known.ids),
            known.name or (before.name if before else ""),
            known.year or (before.year if before else None),
        ),
        requested_at=answer.created_at or now,
        seasons=seasons,
        is_4k=answer.is_4k,
        requested_by=answer.requested_by,
        poster=known.poster,
        other_titles=(known.other,) if known.other else (),
        arr=arr,
    )


def _seasons(media: MediaType, numbers: tuple[int, ...]) -> TheseSeasons | None:
    """Say which seasons are meant; None for a movie, and where none is named."""
    return None if media is MediaType.MOVIE else named(numbers)


def facts_of(answer: SeerrRequest, held: Held | None, now: datetime) -> tuple[Fact, ...]:
    """Say what has happened by a request's present status.

    When, Seerr does not tell: at first sight it was when the request was made or changed, later on
    it was just now. What is known already is not said again.
    """
    kinds = _SAID.get(answer.status, ())
    if held is None or held.settled:
        at = min(answer.updated_at or answer.created_at or now, now)
        return tuple(Event(kind, at) for kind in kinds)
    if answer.status is RequestStatus.PENDING:
        return tuple(_waits_again(held.facts, now))
    if answer.status is RequestStatus.FAILED:
        return tuple(_failed(held.facts, now))
    return tuple(Event(kind, now) for kind in kinds if not _stands(held.facts, kind))


def _stands(facts: Facts, kind: EventKind) -> bool:
    """Tell whether this is the last that was decided, as far as is known."""
    event = facts.event(kind)
    if event is None:
        return False
    others = (facts.event(other) for other in _OPPOSITE[kind])
    return all(other is None or other.at < event.at for other in others)


def _waits_again(facts: Facts, now: datetime) -> Iterator[Fact]:
    """Say that nothing is decided any more, where something was."""
    pending = facts.event(EventKind.PENDING)
    decided = (facts.event(kind) for kind in _OPPOSITE[EventKind.PENDING])
    last = max((event.at for event in decided if event is not None), default=None)
    if last is not None and (pending is None or pending.at <= last):
        yield Event(EventKind.PENDING, now)


def _failed(facts: Facts, now: datetime) -> Iterator[Fact]:
    """Say that Seerr could not hand on what was approved, if that is news."""
    approved, refused = facts.event(EventKind.APPROVED), facts.event(EventKind.REFUSED)
    pending = facts.event(EventKind.PENDING)
    if refused is not None and not any(
        one is not None and one.at > refused.at for one in (approved, pending)
    ):
        return
    if approved is None or (pending is not None and pending.at >= approved.at):
        yield Event(EventKind.APPROVED, now)
    yield Event(EventKind.REFUSED, now)


def facts_heard(message: SeerrMessage, now: datetime) -> tuple[Fact, ...]:
    """Say what a webhook's body may show at once: an approval. The rest is for a look to say."""
    return (Event(message.event, now),) if message.event is EventKind.APPROVED else ()
