"""The state of a request as a pure function of its facts and the time.

A movie is its one unit. A series is as far as the least advanced of its aired, requested episodes;
the inventory of its arr says which these are. What no healthy source has said changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from ..media import MOVIE, Place
from ..text import Text, Words, say
from .facts import EventKind, Facts, Trouble
from .request import Closing, Request, RequestState, Stage, Stuck
from .stuck import StuckPolicy, why_stuck
from .unit import Ledger, UnitStatus

_UNDER_WAY = (RequestState.GRABBING, RequestState.DOWNLOADING)
_HELD_UP: Mapping[Trouble, Stage] = {
    Trouble.NO_SEEDS: Stage.NO_SEEDS,
    Trouble.STALLED: Stage.STALLED,
    Trouble.PAUSED: Stage.PAUSED,
    Trouble.UNAVAILABLE: Stage.CLIENT_UNAVAILABLE,
}
_EMPTY: Mapping[RequestState, int] = MappingProxyType({})

_SUMMARY: Final[Mapping[RequestState, Callable[[int], Text]]] = {
    RequestState.REQUESTED: lambda count: say("summary_requested", count=count),
    RequestState.APPROVED: lambda count: say("summary_approved", count=count),
    RequestState.GRABBING: lambda count: say("summary_grabbing", count=count),
    RequestState.DOWNLOADING: lambda count: say("summary_downloading", count=count),
    RequestState.DOWNLOADED: lambda count: say("summary_downloaded", count=count),
    RequestState.IMPORTING: lambda count: say("summary_importing", count=count),
    RequestState.ANIME_MATCHING: lambda count: say("summary_anime_matching", count=count),
    RequestState.AVAILABLE: lambda count: say("summary_available", count=count),
    RequestState.FAILED: lambda count: say("summary_failed", count=count),
}


@dataclass(frozen=True, slots=True)
class RequestStatus:
    """How a request stands. Progress 0 to 100, `eta` seconds; `episodes` counts units by state.

    `stage` and `stage_since` tell of normal waiting, `stuck` of waiting that somebody should know
    of. `attempts`: the downloads that its units have had. `pending`: nobody has approved it,
    however far it is.
    """

    state: RequestState
    progress: float
    eta: float | None
    episodes: Mapping[RequestState, int]
    stage: Stage
    stage_since: datetime | None
    stuck: Stuck | None
    attempts: int
    available_at: datetime | None
    closed: Closing | None
    closed_at: datetime | None
    settled: bool
    pending: bool = False

    @property
    def summary(self) -> Words:
        """Say how many episodes are how far: 3 downloaded, 5 downloading, 4 approved."""
        episodes = sorted(self.episodes.items(), key=lambda pair: -pair[0].rank)
        if not episodes:
            return ""
        return say("facts", all=tuple(_SUMMARY[state](count) for state, count in episodes))


def state_of(
    request: Request,
    facts: Facts,
    now: datetime,
    *,
    policy: StuckPolicy,
    matcher: bool = False,
) -> RequestStatus:
    """Derive how a request stands. `matcher`: a service is linked that knows anime first."""
    ledger = Ledger(facts)
    anime = request.anime and matcher
    places = _places(request, ledger, now)
    approved = ledger.approval is not None or any(
        e.kind is not EventKind.DELETED for events in ledger.by_place.values() for e in events
    )
    units = [ledger.unit(place, approved=approved, anime=anime) for place in places]
    closed, closed_at = _closing(ledger, units, now)
    state = _least(units, approved=approved)
    stage, stage_since = _stage(request, ledger, units, now, anime=anime)
    stuck = None
    if closed is None and state is not RequestState.AVAILABLE:
        stuck = why_stuck(request, ledger, units, now, policy, anime=anime)
    counts = _EMPTY if request.is_movie else Counter(unit.state for unit in units)
    available = [unit.available_at for unit in units]
    return RequestStatus(
        state=state,
        progress=round(sum(_progress(ledger, unit) for unit in units) / len(units), 1)
        if units
        else 0.0,
        eta=max((eta for unit in units if (eta := _eta(ledger, unit)) is not None), default=None),
        episodes=MappingProxyType(dict(counts)),
        stage=stage,
        stage_since=stage_since,
        stuck=stuck,
        attempts=sum(unit.attempts for unit in units),
        available_at=max((at for at in available if at), default=None)
        if state is RequestState.AVAILABLE
        else None,
        closed=closed,
        closed_at=closed_at,
        settled=closed is not None
        or (state is RequestState.AVAILABLE and not _more_to_come(request, ledger, now)),
        pending=ledger.approval is None,
    )


def _places(request: Request, ledger: Ledger, now: datetime) -> Sequence[Place]:
    """List the units that count: the movie, or the aired episodes of the requested seasons."""
    if request.is_movie:
        return (MOVIE,)
    found = []
    for place in ledger.places:
        if place == MOVIE or not request.wants(place.season):
            continue
        inventory = ledger.inventory.get(place)
        started = place in ledger.by_place
        if inventory is None:
            if started:
                found.append(place)
            continue
        aired = inventory.aired_at is not None and inventory.aired_at <= now
        wanted = inventory.monitored or inventory.has_file
        if started or inventory.has_file or (aired and wanted):
            found.append(place)
    return sorted(found)


def _least(units: Sequence[UnitStatus], *, approved: bool) -> RequestState:
    """Take the least advanced unit's state."""
    if not units:
        return RequestState.APPROVED if approved else RequestState.REQUESTED
    return min((unit.state for unit in units), key=lambda state: state.rank)


def _progress(ledger: Ledger, unit: UnitStatus) -> float:
    """Say how much of a unit is there, in percent of its download."""
    if unit.state.rank >= RequestState.DOWNLOADED.rank:
        return 100.0
    if unit.state not in _UNDER_WAY or unit.attempt is None:
        return 0.0
    transfers = ledger.transfers.get(unit.attempt.download, ())
    best = [t.progress for t in sorted(transfers, key=_preferred) if t.progress is not None]
    return min(100.0, max(0.0, best[0])) if best else 0.0


def _eta(ledger: Ledger, unit: UnitStatus) -> float | None:
    if unit.state not in _UNDER_WAY or unit.attempt is None:
        return None
    transfers = ledger.transfers.get(unit.attempt.download, ())
    return next((t.eta for t in sorted(transfers, key=_preferred) if t.eta is not None), None)


def _preferred(transfer: object) -> bool:
    """Put the torrent client's word before the queue's."""
    return getattr(transfer, "source", "") != "client"


def _stage(
    request: Request,
    ledger: Ledger,
    units: Sequence[UnitStatus],
    now: datetime,
    *,
    anime: bool,
) -> tuple[Stage, datetime | None]:
    """Say what is normally waited for, since the longest."""
    waiting = [u for u in units if u.imported_at is not None and u.available_at is None]
    since = min((u.imported_at for u in waiting if u.imported_at), default=None)
    if waiting:
        unmatched = anime and not all(unit.matched for unit in waiting)
        return (Stage.NOT_MATCHED if unmatched else Stage.NOT_VISIBLE), since
    if not request.is_movie and not tuple(units) and _more_to_come(request, ledger, now):
        return Stage.UNAIRED, request.requested_at
    return _transfer_stage(ledger, units)


def _transfer_stage(ledger: Ledger, units: Iterable[UnitStatus]) -> tuple[Stage, datetime | None]:
    """Say at once what holds a download up; whether that is too long is for `why_stuck` to say."""
    found: list[tuple[datetime, Stage]] = []
    for unit in units:
        if unit.attempt is None or unit.attempt.failed is not None:
            continue
        transfers = ledger.transfers.get(unit.attempt.download, ())
        if unit.state in _UNDER_WAY:
            found += [
                (one.unchanged_since, _HELD_UP[one.trouble])
                for one in transfers
                if one.trouble in _HELD_UP
            ]
        elif unit.state is RequestState.DOWNLOADED and unit.since is not None:
            found.append((unit.since, Stage.WAITING_TO_IMPORT))
    if not found:
        return Stage.NONE, None
    since, stage = min(found)
    return stage, since


def _more_to_come(request: Request, ledger: Ledger, now: datetime) -> bool:
    """Tell whether episodes of the request are still to air."""
    return not request.is_movie and any(
        request.wants(place.season)
        and inventory.monitored
        and (inventory.aired_at is None or inventory.aired_at > now)
        for place, inventory in ledger.inventory.items()
    )


def _closing(
    ledger: Ledger, units: Sequence[UnitStatus], now: datetime
) -> tuple[Closing | None, datetime | None]:
    """Say whether the request is over: it was declined or taken back, or everything is gone."""
    withdrawn = ledger.whole.get(EventKind.WITHDRAWN)
    if withdrawn is not None:
        return Closing.WITHDRAWN, withdrawn.at
    # Seerr lets a declined request wait again, or be approved after all.
    declined = ledger.decided(EventKind.DECLINED, EventKind.APPROVED, EventKind.PENDING)
    if declined is not None:
        return Closing.DECLINED, declined.at
    if units and all(unit.gone for unit in units):
        presences = [
            ledger.presences[unit.place].at for unit in units if unit.place in ledger.presences
        ]
        return Closing.DELETED, max(presences, default=now)
    return None, None
