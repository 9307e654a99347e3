"""Which files in the trash are past due: at this look, and at one a day or more before it.

So a clock that has jumped ahead empties no trash: once it is right again, what was noted is let go.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from ...domain.extras import is_confirmed, is_past_due
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
        since = {one.trash: min(before.get(one.trash, now), now) for one in due}
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
        return {
            folder: {
                name: at for name, kept_at in row.items() if (at := _instant(kept_at)) is not None
            }
            for folder, row in (kept if isinstance(kept, dict) else {}).items()
            if isinstance(row, dict)
        }

    async def _keep(self, noted: Mapping[str, Mapping[str, datetime]]) -> None:
        rows = {
            folder: {name: at.isoformat() for name, at in row.items()}
            for folder, row in noted.items()
            if row
        }
        await self._store.kv.put(_KEY, rows)


def _instant(kept: object) -> datetime | None:
    """Read an instant as we write it; anything else is a time that nobody noted.

    Stricter than for what services tell: it says since when a file may be deleted.
    """
    try:
        at = datetime.fromisoformat(str(kept))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
