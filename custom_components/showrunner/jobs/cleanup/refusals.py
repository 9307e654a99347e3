"""Remembers what could not go when everybody was asked afresh: it is not shown as leaving.

When it can go after all, nobody has seen it coming: it is shown, and announced anew, before it
leaves. That a service did not answer is no refusal: what leaves goes on being shown meanwhile.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, tzinfo

from ...domain.knowledge import Answer
from ...domain.media import MediaType
from ...domain.retention import RetentionPolicy, RetentionVerdict
from ...store import Store
from .due import Part, part_name, part_of_verdict
from .since import SinceWhen


class Refusals:
    """Holds back what could not go, until it was announced anew for as long as ever."""

    def __init__(
        self, store: Store, now: Callable[[], datetime], zone: Callable[[], tzinfo]
    ) -> None:
        """Take everything by hand."""
        self._now = now
        self._refused = SinceWhen("refused", store, now, zone)
        self._again = SinceWhen("announced_again", store, now, zone)

    async def stays(self) -> frozenset[str]:
        """Give what could not go, by `part_name`. Raises StoreError."""
        return frozenset(await self._refused.all())

    async def asked(
        self, parts: Collection[Part], going: Collection[Part], unknown: Collection[Part]
    ) -> bool:
        """Take over which of these parts may go, by what everybody has just said.

        Tell whether one of them could not before: it is announced from now on. Raises StoreError.
        """
        refused = set(await self._refused.all())
        able = {part_name(one) for one in parts if one in going}
        back = able & refused
        doubtful = {part_name(one) for one in unknown}
        unable = {part_name(one) for one in parts} - able - doubtful
        await self._again.begin(back)
        await self._refused.keep((refused - able) | unable)
        return bool(back)

    async def judged_anew(self) -> None:
        """Take it that what could not go before may by another rule. Raises StoreError."""
        await self._again.begin(await self._refused.all())
        await self._refused.keep(())

    async def note(
        self, verdicts: Collection[RetentionVerdict], unread: Collection[MediaType]
    ) -> None:
        """Forget what has left; what is known to stay is not being announced. Raises StoreError."""
        refused, again = set(await self._refused.all()), set(await self._again.all())
        if not refused and not again:
            return
        judged, leaving = await asyncio.to_thread(_sorted_by_name, verdicts)
        if not unread:
            refused, again = refused & judged, again & judged
        await self._refused.keep(refused)
        await self._again.keep(again, again & (judged - leaving))

    async def held_back(
        self,
        verdicts: Iterable[RetentionVerdict],
        policy: RetentionPolicy,
        *,
        asking: bool = False,
    ) -> tuple[RetentionVerdict, ...]:
        """Give the verdicts by what is remembered; `asking`: whether it may go by now.

        Raises StoreError.
        """
        since = await self._again.all()
        if not asking:  # nobody has seen yet that it may
            since |= dict.fromkeys(await self._refused.all(), self._now())
        if not since:
            return tuple(verdicts)
        return await self._again.held_back(
            verdicts, policy, lambda one: since.get(part_name(part_of_verdict(one)))
        )


def _sorted_by_name(verdicts: Iterable[RetentionVerdict]) -> tuple[set[str], set[str]]:
    """Name all parts that were judged, and those that leave or of which nobody knows it."""
    judged, leaving = set[str](), set[str]()
    for one in verdicts:
        name = part_name(part_of_verdict(one))
        judged.add(name)
        if one.is_leaving or one.answer is Answer.UNKNOWN:
            leaving.add(name)
    return judged, leaving
