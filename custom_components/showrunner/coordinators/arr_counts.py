"""How much each Radarr and Sonarr had, kept over restarts: whoever lists all of one counts it here.

A fall freezes every plan on that arr, as that of any other source does (law 9). What we have
deleted ourselves stands in the ledger, and is no fall. Several jobs may list one at once: what
began later is what it has.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..domain.counted import Counted, Span, Taken
from ..domain.fall import Counts, Fall, FallMoved
from ..domain.knowledge import Answer
from ..domain.plan import Action
from ..signals import Signals, Topic
from ..store import LedgerRow, LedgerState, Store

# A deletion that had just ended may still be listed.
_EARLIER: Final = timedelta(seconds=5)
# What goes on for longer was cut off, and nobody knows what it has done.
_LONGEST: Final = timedelta(days=1)
# So long a count stands where a step is checked once more.
_STANDS: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Look:
    """An arr that was listed from `begun` to `at`, and whether that was believed."""

    begun: datetime
    at: datetime
    believed: bool


class ArrCounts:
    """Remembers what each arr had. `max_drop`: what may vanish at once, in percent."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        *,
        now: Callable[[], datetime],
        max_drop: Callable[[], float],
    ) -> None:
        """Take everything by hand."""
        self._store = store
        self._signals = signals
        self._now = now
        self._max_drop = max_drop
        self._looked: dict[str, _Look] = {}
        self._one_by_one = asyncio.Lock()
        # Of which we were deleting something when they were listed last.
        self._unsaid: set[str] = set()

    def fresh(self, service: str) -> Answer:
        """Say whether an arr was believed a moment ago; unknown: it has to be counted."""
        look = self._looked.get(service)
        if look is None or not timedelta() <= self._now() - look.at <= _STANDS:
            return Answer.UNKNOWN
        return Answer.of(look.believed)

    @property
    def in_doubt(self) -> bool:
        """Tell whether any arr was not believed when it was counted last, or could not be."""
        return bool(self._unsaid) or not all(look.believed for look in self._looked.values())

    def begin(self) -> datetime:
        """Say from when on an arr is listed, for `believed`."""
        return self._now()

    async def believed(self, service: str, counts: Counts, begun: datetime) -> Answer:
        """Tell whether what an arr lists, asked for at `begun`, may be believed. Raises StoreError.

        Unknown: we are deleting something of it, and it has to be listed once more after that.
        """
        async with self._one_by_one:
            return await self._believed(service, counts, begun)

    async def _believed(self, service: str, counts: Counts, begun: datetime) -> Answer:
        before, now = await self._kept(service), self._now()
        at = Span(begun, now)
        taken = await self._taken(service, before, begun)
        if before is None:
            after = Counted.first(counts, at, taken)
            answer = Answer.YES
        else:
            after = before.read(counts, now, self._max_drop(), at=at, taken=taken)
            answer = Answer.UNKNOWN if after is None else Answer.of(after.believed)
        newer = self._looked.get(service)
        if newer is not None and begun < newer.begun <= now:
            # It says what was there before: neither ends nor begins a doubt.
            return answer if newer.believed else Answer.NO
        if after is not None:
            await self._keep(service, before, after)
        if answer is Answer.UNKNOWN:
            self._looked.pop(service, None)
            self._unsaid.add(service)
        else:
            self._looked[service] = _Look(begun, now, answer is Answer.YES)
            self._unsaid.discard(service)
        return answer

    async def _taken(
        self, service: str, before: Counted | None, begun: datetime
    ) -> tuple[Taken, ...]:
        """Say what we have deleted of an arr since it was counted, and what we are deleting.

        What has begun long ago and was never said to be over says nothing: what is missing by it
        is a loss, and what is listed today is counted as ever.
        """
        since = begun if before is None or before.looked_at is None else before.looked_at
        rows = await self._store.ledger.deleted_of(service, since - _EARLIER)
        return tuple(_took(row) for row in rows if not _is_cut_off(row, begun))

    async def fall(self, service: str) -> Fall | None:
        """Give what an arr has suddenly lost, as long as that is in doubt. Raises StoreError."""
        kept = await self._kept(service)
        return None if kept is None else kept.fall

    async def accept(self, service: str, mark: str) -> None:
        """Believe the fall of this mark, which a person has confirmed; nothing beyond it.

        Raises FallMoved, StoreError.
        """
        kept = await self._kept(service)
        if kept is None:
            raise FallMoved
        await self._keep(service, kept, kept.accepted(mark))
        self._looked.pop(service, None)

    async def _kept(self, service: str) -> Counted | None:
        return Counted.from_dict(await self._store.kv.get(_key(service)))

    async def _keep(self, service: str, before: Counted | None, after: Counted) -> None:
        if after != before:
            await self._store.kv.put(_key(service), after.as_dict())
        if (None if before is None else before.fall) != after.fall:
            self._signals.send(Topic.FALL, "changed", {"service": service})


def _is_cut_off(row: LedgerRow, now: datetime) -> bool:
    return row.ended_at is None and now - row.begun_at > _LONGEST


def _took(row: LedgerRow) -> Taken:
    """Say what a deletion has taken, or may take while it goes on."""
    span = Span(row.begun_at, row.ended_at)
    if row.undone_at is not None:
        # What a person has taken back is there again, or comes: where it does not, that is a loss.
        return Taken(span)
    match row.action:
        case Action.DELETE_MOVIE | Action.DELETE_SERIES:
            return Taken(span, titles=int(row.state is not LedgerState.FAILED))
        case _ if row.state is LedgerState.BEGUN:
            payload = row.before.get("payload")
            files = payload.get("files") if isinstance(payload, Mapping) else None
        case _:
            files = row.after.get("file_ids", [1] if "file_id" in row.after else None)
    return Taken(span, files=len(files) if isinstance(files, list) else 0)


def _key(service: str) -> str:
    return f"counted:{service}"
