"""A request and how it stands, as events, actions and cards show it."""

from dataclasses import dataclass

from ..domain.requests.mending import mending_of
from ..domain.requests.request import Request
from ..domain.requests.seasons import Seasons, TheseSeasons
from ..domain.requests.state import RequestStatus


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request and how it stands."""

    request: Request
    status: RequestStatus

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values (INTERFACE: a request)."""
        request, status = self.request, self.status
        stuck, ids = status.stuck, request.ids
        mending = mending_of(stuck)
        return {
            "request_id": request.id,
            "title": request.title.name or next(iter(ids.keys), "?"),
            "year": request.title.year,
            "media": request.title.media.value,
            "ids": list(ids.keys),
            "other_titles": list(request.other_titles),
            "anime": request.anime,
            "is_4k": request.is_4k,
            "state": status.state.value,
            "progress": status.progress,
            "eta": None if status.eta is None else round(status.eta),
            "episodes": {state.value: count for state, count in status.episodes.items()},
            "summary": status.summary,
            "stage": status.stage.value or None,
            "stage_since": status.stage_since.isoformat() if status.stage_since else None,
            "stuck": None
            if stuck is None
            else {
                "reason": stuck.reason.value,
                "since": stuck.since.isoformat(),
                "message": stuck.message,
                "mending": None if mending is None else mending.value,
            },
            "attempts": status.attempts,
            "requested_by": request.requested_by,
            "requested_at": request.requested_at.isoformat(),
            "available_at": status.available_at.isoformat() if status.available_at else None,
            "closed": status.closed.value if status.closed else None,
            "closed_at": status.closed_at.isoformat() if status.closed_at else None,
            "seasons": _seasons(request.seasons),
            "poster": request.poster or None,
        }

    def attributes(self) -> dict[str, object]:
        """Give what an event says: small and flat."""
        request, status = self.request, self.status
        return {
            "request_id": request.id,
            "title": request.title.label,
            "media": request.title.media.value,
            "state": status.state.value,
            "anime": request.anime,
            "is_4k": request.is_4k,
            "requested_by": request.requested_by,
            "progress": status.progress,
            "attempts": status.attempts,
            "stuck": status.stuck.reason.value if status.stuck else None,
            "detail": status.stuck.message if status.stuck else "",
            "closed": status.closed.value if status.closed else None,
        }


def _seasons(seasons: Seasons | None) -> list[int] | str:
    """Give the numbers; none of a movie, and a word for all of a series."""
    if seasons is None:
        return []
    return list(seasons.numbers) if isinstance(seasons, TheseSeasons) else seasons.text
