"""Remembers since when something is known to leave by a rule of choice: so long it is announced."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, tzinfo

from ...domain.knowledge import Answer
from ...domain.media import MediaType
from ...domain.retention import RetentionPolicy, RetentionVerdict, is_announced
from ...store import Store
from .due import Proven, name_of
from .since import SinceWhen


class Announced:
    """Holds back what was not announced for long enough."""

    def __init__(
        self, store: Store, now: Callable[[], datetime], zone: Callable[[], tzinfo]
    ) -> None:
        """Take everything by hand."""
        self._now = now
        self._since = SinceWhen("announced", store, now, zone)

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
        before = frozenset(await self._since.all())
        # Beside the event loop: there may be many.
        names = await asyncio.to_thread(_leaving, verdicts, unread, shown, before)
        return await self._held_back(verdicts, policy, await self._since.keep(names))

    async def of(
        self, verdicts: Iterable[RetentionVerdict], policy: RetentionPolicy
    ) -> tuple[RetentionVerdict, ...]:
        """Give the verdicts by what is remembered. Raises StoreError."""
        if not policy.chosen:  # then nothing leaves that has to be announced
            return tuple(verdicts)
        return await self._held_back(verdicts, policy, await self._since.all())

    async def _held_back(
        self,
        verdicts: Iterable[RetentionVerdict],
        policy: RetentionPolicy,
        since: Mapping[str, datetime],
    ) -> tuple[RetentionVerdict, ...]:
        now = self._now()

        def announced(one: RetentionVerdict) -> datetime | None:
            return since.get(name_of(one), now) if is_announced(one) else None

        return await self._since.held_back(verdicts, policy, announced)


def _leaving(
    verdicts: Collection[RetentionVerdict],
    unread: Collection[MediaType],
    shown: Proven,
    before: Collection[str],
) -> set[str]:
    """Name what leaves, and what was announced before and is not known to stay."""
    leaving = {name_of(one) for one in verdicts if is_announced(one)} & shown.going
    doubtful = {name_of(one) for one in verdicts if one.answer is Answer.UNKNOWN}
    doubtful |= shown.unknown
    judged = {name_of(one) for one in verdicts}
    still = {one for one in before if one in doubtful or (unread and one not in judged)}
    return leaving | still
