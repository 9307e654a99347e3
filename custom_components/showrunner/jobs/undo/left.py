"""A series whose seasons are undone and whose entry has left, too, or was added again since.

Added again it has other numbers, and so have its episodes: they are found by season and number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ...clients.arr_titles import find_under
from ...clients.sonarr import SonarrClient
from ...domain.knowledge import Answer
from ...domain.media import MediaType, TitleKey
from ...domain.plan import (
    Action,
    Check,
    MonitorEpisodes,
    Payload,
    Proceed,
    RestoreSeries,
    SearchEpisodes,
    Skip,
    Step,
    Target,
    Wait,
)
from ...domain.text import say
from ...operations import Operations
from ...store import LedgerRow, LedgerState, Store

_GONE: Final = say("no_longer_in", arr="Sonarr")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """That a series is no longer under its number. `entry`: what took it, where it is gone.

    `lost`: it is nowhere, and nothing says how it could be added again.
    """

    entry: LedgerRow | None = None
    back: RestoreSeries | None = None
    lost: bool = False


_LOST: Final = Elsewhere(lost=True)


async def elsewhere(
    client: SonarrClient,
    store: Store,
    operations: Operations,
    target: Target,
    payloads: Sequence[Payload],
    since: int,
) -> Elsewhere | None:
    """Say where a series is whose episodes are to be looked for; None: where it was.

    `since`: the row that is undone. What we had deleted before it was there again by then: if the
    series is gone now, somebody else has removed it.
    Raises ServiceError and StoreError.
    """
    found = await find_under(client, target.ids, target.remote_id)
    if found is not None and found.same is Answer.YES:
        return None
    if not all(_is_placed(one) for one in payloads) or not client.can_ask(target.ids):
        return _LOST
    if await client.by_ids(target.ids) is not None:
        return Elsewhere()
    rows = await store.ledger.for_title(TitleKey(MediaType.SERIES, target.ids))
    took = [one for one in rows if one.id > since and _took(one, target)]
    for entry in reversed(took):
        undo = operations[Action.DELETE_SERIES].undo(entry.before, entry.after)
        back = next((one for one in undo if isinstance(one, RestoreSeries)), None)
        return _LOST if back is None else Elsewhere(entry, back)
    return _LOST


def _is_placed(payload: Payload) -> bool:
    """Tell whether it is known which episodes are meant; an older version kept their numbers."""
    if not isinstance(payload, MonitorEpisodes | SearchEpisodes):
        return False
    return len(payload.places) == len(payload.episodes)


def _took(row: LedgerRow, target: Target) -> bool:
    done = row.state is LedgerState.DONE and row.undone_at is None
    return done and row.action == Action.DELETE_SERIES and row.service == target.service


async def may_go_on(client: SonarrClient, step: Step) -> Check:
    """Tell whether a series has what is to be looked for in it. Raises ServiceError."""
    if step.target.remote_id is not None:
        found = await find_under(client, step.target.ids, step.target.remote_id)
        there = found is not None and found.same is Answer.YES
        return Proceed() if there else Skip(_GONE)
    series = await client.by_ids(step.target.ids)
    if series is None:
        return Skip(_GONE)
    places = (
        step.payload.places if isinstance(step.payload, MonitorEpisodes | SearchEpisodes) else ()
    )
    told = await client.episodes(series.id)
    if any((one.season, one.number) in places for one in told):
        return Proceed()
    # What was just added Sonarr has still to ask for.
    return Wait(say("sonarr_reads_episodes"))
