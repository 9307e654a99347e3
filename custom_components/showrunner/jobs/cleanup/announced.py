"""Remembers since when something is known to leave by a rule of choice: so long it is announced."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Final

from ...domain.knowledge import Answer
from ...domain.media import MediaType
from ...domain.retention import RetentionPolicy, RetentionVerdict, announced, is_announced
from ...domain.since import begun, from_store, to_store
from ...store import Store
from .due import Proven, name_of

_KEY: Final = "cleanup:announced"


class Announced:
    """Holds back what was not announced for long enough."""

    def __init__(
        self, store: Store, now: Callable[[], datetime], zone: Callable[[], tzinfo]
    ) -> None:
        """Take everything by hand."""
        self._store = store
        self._now = now
        self._zone = zone

    async def note(
        self,
        verdicts: Collection[RetentionVerdict],
        policy: RetentionPolicy,
        unread: Collection[MediaType],
        shown: Proven,
    ) -> tuple[RetentionVerdict, ...]:
        """Remember what leaves by all that is known, and give the verdicts on it.

        What no proof lets go is not `shown` to anybody, and so not announced either. What is not
        known to stay goes on being announced. Raises StoreError.
        """
        before = await self._since()
        # Beside the event loop: there may be many.
        after, given = await asyncio.to_thread(self._noted, verdicts, policy, unread, shown, before)
        if after != before:
            await self._store.kv.put(_KEY, to_store(after))
        return given

    def _noted(
        self,
        verdicts: Collection[RetentionVerdict],
        policy: RetentionPolicy,
        unread: Collection[MediaType],
        shown: Proven,
        before: Mapping[str, datetime],
    ) -> tuple[Mapping[str, datetime], tuple[RetentionVerdict, ...]]:
        leaving = {name_of(one) for one in verdicts if is_announced(one)} & shown.going
        doubtful = {name_of(one) for one in verdicts if one.answer is Answer.UNKNOWN}
        doubtful |= shown.unknown
        judged = {name_of(one) for one in verdicts}
        still = {one for one in before if one in doubtful or (unread and one not in judged)}
        after = begun(before, leaving | still, self._now())
        return after, self._held_back(verdicts, policy, after)

    async def of(
        self, verdicts: Iterable[RetentionVerdict], policy: RetentionPolicy
    ) -> tuple[RetentionVerdict, ...]:
        """Give the verdicts by what is remembered. Raises StoreError."""
        if not policy.chosen:  # then nothing leaves that has to be announced
            return tuple(verdicts)
        return self._held_back(verdicts, policy, await self._since())

    def _held_back(
        self,
        verdicts: Iterable[RetentionVerdict],
        policy: RetentionPolicy,
        since: Mapping[str, datetime],
    ) -> tuple[RetentionVerdict, ...]:
        now, zone = self._now(), self._zone()
        return tuple(
            announced(one, since.get(name_of(one), now), policy.notice, now, zone)
            for one in verdicts
        )

    async def _since(self) -> dict[str, datetime]:
        return from_store(await self._store.kv.get(_KEY))
