"""Plays that only a webhook told are put to Jellyfin before they lead to anything.

Normally socket and polls have seen a play before its end is told, and nothing is asked. What
Jellyfin does not confirm stays in the history and never counts. Without an answer it waits.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched
import logging
from typing import Final

from ..clients.errors import ServiceError
from ..clients.jellyfin import JellyfinClient, JellyfinItem
from ..domain.watching import Kept, Viewing, agrees
from ..store import Store, StoreError
from ..waking import woken
from .playback import PlaybackTracker

_LOGGER = logging.getLogger(__name__)

# When to ask again after a "no": a play may still go on. Then it never counts.
_AGAIN: Final = (1.0, 5.0, 30.0, 120.0, 600.0)
_UNANSWERED: Final = 30.0
_IDLE: Final = 3600.0
# What is older at a start is left as it is; and so is what is more than this.
_BACK: Final = timedelta(days=14)
_MOST: Final = 200
# So many are asked about in one question.
_AT_ONCE: Final = 50

type _Key = tuple[str, str, object]


@dataclass(slots=True)
class _Doubt:
    """A viewing in doubt: how often the answer was no, and when to ask next (the loop's time)."""

    viewing: Viewing
    tracked: bool
    refused: int = 0
    due: float = 0.0


class Confirmation:
    """Asks for one entry, one viewing after the other."""

    def __init__(
        self,
        client: JellyfinClient,
        playback: PlaybackTracker,
        store: Store,
        now: Callable[[], datetime],
    ) -> None:
        """Take whom to ask, and listen to what is in doubt."""
        self._client = client
        self._playback = playback
        self._store = store
        self._now = now
        self._doubts: dict[_Key, _Doubt] = {}
        self._wake = asyncio.Event()
        playback.on_viewing(self.viewed)

    async def viewed(self, viewing: Viewing, tracked: bool) -> None:  # noqa: FBT001
        """Take in a viewing; only a completed one of which a webhook told more is asked about.

        That it does not count, or counts for less than it is shown: a limit may lie in between.
        """
        more = (viewing.percent or 0.0) > (viewing.proven_percent or 0.0)
        if not viewing.completed or (viewing.counts and not more):
            return
        known = self._doubts.pop(viewing.key, None)
        self._doubts[viewing.key] = _Doubt(viewing, tracked, known.refused if known else 0)
        while len(self._doubts) > _MOST:
            del self._doubts[next(iter(self._doubts))]
        self._wake.set()

    async def work(self) -> None:
        """Ask for as long as the entry is loaded; also for what was in doubt before a restart."""
        await self._load()
        while True:
            self._wake.clear()
            wait = await self._round()
            await woken(self._wake, wait)

    async def _load(self) -> None:
        try:
            found = await self._store.viewings.history(since=self._now() - _BACK, limit=1000)
        except StoreError as err:
            _LOGGER.warning("Could not look for plays that wait for Jellyfin: %s", err)
            return
        for viewing in found:
            await self.viewed(viewing, tracked=True)

    async def _round(self) -> float:
        """Ask what is due; say how long there is nothing else to do (seconds)."""
        time = asyncio.get_running_loop().time
        due = [(key, doubt) for key, doubt in self._doubts.items() if doubt.due <= time()]
        refuted = await self._refuted([doubt.viewing for _, doubt in due])
        for key, doubt in due:
            try:
                hopeless = doubt.viewing.key in refuted
                confirmed = None if hopeless else await self._confirmed(doubt.viewing)
                if confirmed is not None:
                    await self._playback.confirm(confirmed, tracked=doubt.tracked)
            except (ServiceError, StoreError) as err:
                _LOGGER.debug("A play that only a webhook told waits: %s", err)
                doubt.due = time() + _UNANSWERED
                continue
            if confirmed is not None or doubt.refused >= len(_AGAIN):
                if self._doubts.get(key) is doubt:
                    del self._doubts[key]
                continue
            doubt.due = time() + _AGAIN[doubt.refused]
            doubt.refused += 1
        waits = [doubt.due - time() for doubt in self._doubts.values()]
        return max(0.05, min(waits, default=_IDLE))

    async def _refuted(self, viewings: Sequence[Viewing]) -> frozenset[_Key]:
        """Say of which of several viewings Jellyfin says no, by few questions: most are forged.

        Each of the others is asked about by itself, and so is what got no answer.
        """
        refuted: set[_Key] = set()
        for viewer_id in dict.fromkeys(one.viewer_id for one in viewings):
            mine = [one for one in viewings if one.viewer_id == viewer_id]
            for some in batched(mine, _AT_ONCE, strict=False):
                if len(some) == 1:
                    continue
                ids = list(dict.fromkeys(one.unit.item_id for one in some))
                try:
                    found = await self._client.items(ids, viewer_id)
                except ServiceError as err:
                    _LOGGER.debug("Plays are confirmed one by one: %s", err)
                    continue
                items = {item.unit.item_id: item for item in found}
                refuted |= {
                    one.key for one in some if not self._agrees(one, items.get(one.unit.item_id))
                }
        return frozenset(refuted)

    async def _confirmed(self, viewing: Viewing) -> Viewing | None:
        """Ask Jellyfin; give the viewing with what it says of the item. Raises ServiceError."""
        item = await self._client.item(viewing.unit.item_id, viewing.viewer_id)
        if item is None or not self._agrees(viewing, item):
            return None
        return replace(viewing, unit=item.unit, runtime=item.runtime or viewing.runtime)

    def _agrees(self, viewing: Viewing, item: JellyfinItem | None) -> bool:
        """Tell whether what Jellyfin keeps of an item bears a viewing out."""
        if item is None:
            return False
        kept = Kept(item.played, item.position, item.last_played, item.runtime)
        return agrees(viewing, kept, self._playback.completion(viewing.viewer_id))
