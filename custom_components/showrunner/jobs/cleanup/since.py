"""Remembers since when something is so of parts of titles, and holds their verdicts back by that.

One memory for what is announced and for what could not go: it is kept over restarts, written only
when something has changed, and many verdicts are looked at beside the event loop.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, tzinfo
from typing import Final

from ...domain.retention import RetentionPolicy, RetentionVerdict, announced_again
from ...domain.since import begun, from_store, to_store
from ...store import Store

# Since when the part of a verdict is so; None: it is not.
type SinceOf = Callable[[RetentionVerdict], datetime | None]

_KEY: Final = "cleanup:"


class SinceWhen:
    """Remembers that under a name of its own; a part is named as whoever asks names it."""

    def __init__(
        self, name: str, store: Store, now: Callable[[], datetime], zone: Callable[[], tzinfo]
    ) -> None:
        """Take everything by hand."""
        self._key = _KEY + name
        self._store = store
        self._now = now
        self._zone = zone

    async def all(self) -> dict[str, datetime]:
        """Give what is remembered. Raises StoreError."""
        return from_store(await self._store.kv.get(self._key))

    async def keep(self, names: Iterable[str], anew: Collection[str] = ()) -> dict[str, datetime]:
        """Take it that it is so of these and of nothing else: of what is new from now on.

        `anew`: of which it is so from now on, whatever was before. Give since when. Raises
        StoreError.
        """
        before = await self.all()
        known = {name: at for name, at in before.items() if name not in anew}
        after = begun(known, names, self._now())
        if after != before:
            await self._store.kv.put(self._key, to_store(after))
        return after

    async def begin(self, names: Collection[str]) -> None:
        """Take it that it is so of these, too, from now on. Raises StoreError."""
        if names:
            await self.keep({*await self.all(), *names}, names)

    async def held_back(
        self, verdicts: Iterable[RetentionVerdict], policy: RetentionPolicy, since: SinceOf
    ) -> tuple[RetentionVerdict, ...]:
        """Give the verdicts: what leaves is announced for its whole notice since then."""
        now, zone = self._now(), self._zone()

        def held() -> tuple[RetentionVerdict, ...]:
            return tuple(
                one
                if (at := since(one)) is None
                else announced_again(one, at, policy.notice_of(one.ground), now, zone)
                for one in verdicts
            )

        return await asyncio.to_thread(held)
