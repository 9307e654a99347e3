"""Why a request does not move, since when, and who says so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .facts import EventKind, Inventory, Transfer, Trouble
from .request import Request, RequestState, Stuck, StuckReason
from .unit import Attempt, Ledger, UnitStatus


@dataclass(frozen=True, slots=True)
class StuckPolicy:
    """How long each kind of waiting is normal."""

    approval: timedelta = timedelta(hours=24)
    nothing_found: timedelta = timedelta(hours=1)
    no_torrent: timedelta = timedelta(minutes=15)
    stalled: timedelta = timedelta(hours=1)
    vanished: timedelta = timedelta(minutes=15)
    import_blocked: timedelta = timedelta(minutes=2)
    not_matched: timedelta = timedelta(hours=1)
    not_visible: timedelta = timedelta(minutes=15)
    client_unavailable: timedelta = timedelta(hours=1)
    # For how long it is normal that nothing at all changes, by state.
    still: Mapping[RequestState, timedelta] = field(
        default_factory=lambda: {
            RequestState.APPROVED: timedelta(hours=72),
            RequestState.GRABBING: timedelta(hours=12),
            RequestState.DOWNLOADING: timedelta(hours=12),
            RequestState.DOWNLOADED: timedelta(hours=6),
            RequestState.IMPORTING: timedelta(hours=6),
        }
    )

    @property
    def times(self) -> frozenset[timedelta]:
        """Every time after which waiting is no longer normal."""
        return frozenset(
            (
                self.approval,
                self.nothing_found,
                self.no_torrent,
                self.stalled,
                self.vanished,
                self.import_blocked,
                self.not_matched,
                self.not_visible,
                self.client_unavailable,
                *self.still.values(),
            )
        )


_TRANSFERS = {
    Trouble.DISK_FULL: StuckReason.DISK_FULL,
    Trouble.IMPORT_BLOCKED: StuckReason.IMPORT_BLOCKED,
    Trouble.ERROR: StuckReason.DOWNLOAD_ERROR,
    Trouble.NO_SEEDS: StuckReason.NO_SEEDS,
    Trouble.STALLED: StuckReason.STALLED,
    Trouble.PAUSED: StuckReason.STALLED,
    Trouble.UNAVAILABLE: StuckReason.CLIENT_UNAVAILABLE,
}
_TO_IMPORT = frozenset({RequestState.DOWNLOADED, RequestState.IMPORTING})
# What a person can do something about comes first.
_ORDER = tuple(StuckReason)


def why_stuck(
    request: Request,
    ledger: Ledger,
    units: Sequence[UnitStatus],
    now: datetime,
    policy: StuckPolicy,
    *,
    anime: bool,
) -> Stuck | None:
    """Give the most urgent reason of all units, and of equal ones the oldest."""
    found = [*_whole(request, ledger, units, now, policy)]
    for unit in units:
        why = [*_unit(request, ledger, unit, now, policy, anime=anime)]
        found += why or _still(request, ledger, unit, now, policy)
    return min(found, key=lambda one: (_ORDER.index(one.reason), one.since), default=None)


def _whole(
    request: Request,
    ledger: Ledger,
    units: Sequence[UnitStatus],
    now: datetime,
    policy: StuckPolicy,
) -> Iterator[Stuck]:
    approved = ledger.approval
    refused = ledger.decided(EventKind.REFUSED, EventKind.APPROVED, EventKind.PENDING)
    moved = any(unit.attempts or unit.imported_at for unit in units)
    if refused is not None and not moved:
        yield Stuck(StuckReason.REFUSED, refused.at, refused.detail)
    waiting = approved is None and not moved and refused is None
    pending = ledger.whole.get(EventKind.PENDING)
    since = request.requested_at if pending is None else pending.at
    if waiting and now - since >= policy.approval:
        yield Stuck(StuckReason.WAITING_FOR_APPROVAL, since)
    taken = units or ledger.inventory or refused is not None
    patience = policy.still[RequestState.APPROVED]
    if approved is not None and not taken and now - approved.at >= patience:
        # A series that no arr has told anything of: it has no units yet.
        yield Stuck(StuckReason.NOT_SEARCHED, approved.at)


def _unit(
    request: Request,
    ledger: Ledger,
    unit: UnitStatus,
    now: datetime,
    policy: StuckPolicy,
    *,
    anime: bool,
) -> Iterator[Stuck]:
    match unit.state:
        case RequestState.APPROVED:
            yield from _not_found(request, ledger, unit, now, policy)
        case RequestState.FAILED if unit.attempt is not None and unit.attempt.failed is not None:
            failed = unit.attempt.failed
            yield Stuck(StuckReason.DOWNLOAD_FAILED, failed.at, failed.detail)
        case RequestState.IMPORTING | RequestState.ANIME_MATCHING if unit.imported_at is not None:
            unmatched = anime and not unit.matched
            allowed = policy.not_matched if unmatched else policy.not_visible
            reason = StuckReason.NOT_MATCHED if unmatched else StuckReason.NOT_VISIBLE
            if now - unit.imported_at >= allowed:
                yield Stuck(reason, unit.imported_at)
        case _ if unit.attempt is not None and unit.state is not RequestState.AVAILABLE:
            yield from _on_the_way(ledger, unit, unit.attempt, now, policy)


def _not_found(
    request: Request,
    ledger: Ledger,
    unit: UnitStatus,
    now: datetime,
    policy: StuckPolicy,
) -> Iterator[Stuck]:
    """Searched for, released, and nothing was grabbed."""
    inventory: Inventory | None = unit.inventory
    approved = ledger.approval
    since = approved.at if approved is not None else request.requested_at
    if inventory is None or inventory.searched_at is None or inventory.searched_at < since:
        return
    aired = inventory.aired_at
    if aired is not None and aired > now:
        return
    since = max(since, aired) if aired is not None else since
    if now - since >= policy.nothing_found:
        yield Stuck(StuckReason.NOTHING_FOUND, since)


def _on_the_way(
    ledger: Ledger, unit: UnitStatus, attempt: Attempt, now: datetime, policy: StuckPolicy
) -> Iterator[Stuck]:
    """Grabbed, and not imported yet: what the transfer and the queue say."""
    transfers = ledger.transfers.get(attempt.download, [])
    for transfer in transfers:
        reason = _TRANSFERS.get(transfer.trouble)
        if reason is None or now - transfer.unchanged_since < _allowed(reason, policy):
            continue
        if transfer.source == "client" and unit.state.rank >= RequestState.DOWNLOADED.rank:
            continue  # it seeds, or rests: what counts now is the import
        yield Stuck(reason, transfer.unchanged_since, transfer.message)
    if unit.state is RequestState.GRABBING and now - attempt.grabbed_at >= policy.no_torrent:
        present = any(transfer.trouble is not Trouble.MISSING for transfer in transfers)
        if not present:
            yield Stuck(StuckReason.NO_TORRENT, attempt.grabbed_at)
    elif _vanished(transfers) and unit.state is not RequestState.GRABBING:
        since = max(transfer.unchanged_since for transfer in transfers)
        if now - since >= policy.vanished:
            yield Stuck(StuckReason.VANISHED, since)


def _still(
    request: Request, ledger: Ledger, unit: UnitStatus, now: datetime, policy: StuckPolicy
) -> list[Stuck]:
    """Whatever the reason: nothing has changed for longer than is normal in its state."""
    allowed, since = policy.still.get(unit.state), _changed_at(request, ledger, unit, now)
    if allowed is None or since is None or now - since < allowed:
        return []
    transfers = () if unit.attempt is None else ledger.transfers.get(unit.attempt.download, ())
    to_import = unit.state in _TO_IMPORT
    # Of an import the arr speaks, of a transfer its client.
    words = sorted(transfers, key=lambda one: (one.source == "queue") is not to_import)
    message = next((one.message for one in words if one.message), "")
    reason = StuckReason.NOT_IMPORTED if to_import else StuckReason.NOT_MOVING
    if unit.state is RequestState.APPROVED:
        reason = StuckReason.NOT_SEARCHED
    return [Stuck(reason, since, message)]


def _changed_at(
    request: Request, ledger: Ledger, unit: UnitStatus, now: datetime
) -> datetime | None:
    """Say when anything of a unit changed last; None where waiting has a reason that is known.

    Readings keep since when they are the same, so that neither polls nor restarts count as news.
    """
    if unit.state is RequestState.APPROVED:
        return _due_since(request, ledger, unit, now)
    if unit.imported_at is not None:
        return None  # it waits for Jellyfin or the matcher, which have a time of their own
    transfers = () if unit.attempt is None else ledger.transfers.get(unit.attempt.download, ())
    moved = [one.still_since for one in transfers if one.trouble is not Trouble.MISSING]
    known = [at for at in (unit.since, *moved) if at is not None]
    return max(known, default=None)


def _due_since(
    request: Request, ledger: Ledger, unit: UnitStatus, now: datetime
) -> datetime | None:
    """Say since when an approved unit could have been searched for; None before it is out."""
    approved = ledger.whole.get(EventKind.APPROVED)
    since = approved.at if approved is not None else request.requested_at
    inventory = unit.inventory
    if inventory is None:
        return since
    if inventory.aired_at is None or inventory.aired_at > now:
        return None
    return max(since, inventory.aired_at)


def _vanished(transfers: Sequence[Transfer]) -> bool:
    """Tell whether every source that knew the download names it no more, twice."""
    return bool(transfers) and all(
        transfer.trouble is Trouble.MISSING and transfer.unchanged_since < transfer.at
        for transfer in transfers
    )


def _allowed(reason: StuckReason, policy: StuckPolicy) -> timedelta:
    if reason in (StuckReason.STALLED, StuckReason.NO_SEEDS):
        return policy.stalled
    if reason is StuckReason.IMPORT_BLOCKED:
        return policy.import_blocked
    if reason is StuckReason.CLIENT_UNAVAILABLE:
        return policy.client_unavailable
    return timedelta(0)
