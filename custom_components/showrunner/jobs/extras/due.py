"""Which files in the trash are past due: at this look, and at one a day or more before it.

So a clock that has jumped ahead empties no trash: once it is right again, what was noted is let go.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from ...domain.extras import is_confirmed, is_past_due
from ...domain.since import begun, from_store, to_store
from ...operations.trash import Trashed
from ...store import Store

_KEY: Final = "extras_trash_due"


class DueFiles:
    """Notes since when each file in the trash is past due."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        """Take where it is noted, and the clock."""
        self._store = store
        self._now = now

    async def look(self, folder: str, kept: Iterable[Trashed], days: float) -> tuple[Trashed, ...]:
        """Take what lies in a folder's trash now; give what may be deleted. Raises StoreError."""
        now, noted = self._now(), await self._noted()
        before = noted.get(folder, {})
        due = [one for one in kept if self._is_past_due(one, now, days)]
        since = begun(before, (one.trash for one in due), now)
        if since != before:
            noted[folder] = since
            await self._keep(noted)
        return tuple(one for one in due if is_confirmed(since[one.trash], now))

    async def still(self, folder: str, one: Trashed, days: float) -> bool:
        """Tell whether a file may be deleted now. Raises StoreError."""
        now = self._now()
        since = (await self._noted()).get(folder, {}).get(one.trash)
        return since is not None and is_confirmed(since, now) and self._is_past_due(one, now, days)

    def _is_past_due(self, one: Trashed, now: datetime, days: float) -> bool:
        return one.placed_at is not None and is_past_due(one.at, one.placed_at, now, days)

    async def _noted(self) -> dict[str, dict[str, datetime]]:
        kept = await self._store.kv.get(_KEY)
        rows = kept.items() if isinstance(kept, dict) else ()
        return {folder: from_store(row) for folder, row in rows}

    async def _keep(self, noted: Mapping[str, Mapping[str, datetime]]) -> None:
        rows = {folder: to_store(row) for folder, row in noted.items() if row}
        await self._store.kv.put(_KEY, rows)
