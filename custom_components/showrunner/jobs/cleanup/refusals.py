"""Remembers what could not go when everybody was asked afresh: it is not shown as leaving.

When it can go after all, nobody has seen it coming: it is shown, and announced anew, before it
leaves. That a service did not answer is no refusal: what leaves goes on being shown meanwhile.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, tzinfo
from typing import Final

from ...domain.knowledge import Answer
from ...domain.media import MediaType
from ...domain.retention import RetentionPolicy, RetentionVerdict, announced_again
from ...domain.since import begun, from_store, to_store
from ...store import Store
from .due import Part, part_name, part_of_verdict

# Since when each could not go, and since when each is announced anew.
_REFUSED: Final = "cleanup:refused"
_AGAIN: Final = "cleanup:announced_again"


class Refusals:
    """Holds back what could not go, until it was announced anew for as long as ever."""

    def __init__(
        self, store: Store, now: Callable[[], datetime], zone: Callable[[], tzinfo]
    ) -> None:
        """Take everything by hand."""
        self._store = store
        self._now = now
        self._zone = zone

    async def stays(self) -> frozenset[str]:
        """Give what could not go, by `part_name`. Raises StoreError."""
        return frozenset(await self._read(_REFUSED))

    async def asked(
        self, parts: Collection[Part], going: Collection[Part], unknown: Collection[Part]
    ) -> bool:
        """Take over which of these parts may go, by what everybody has just said.

        Tell whether one of them could not before: it is announced from now on. Raises StoreError.
        """
        refused = await self._read(_REFUSED)
        able = {part_name(one) for one in parts if one in going}
        back = able & refused.keys()
        doubtful = {part_name(one) for one in unknown}
        unable = {part_name(one) for one in parts} - able - doubtful
        await self._announce(back)
        await self._put(_REFUSED, begun(refused, (refused.keys() - able) | unable, self._now()))
        return bool(back)

    async def judged_anew(self) -> None:
        """Take it that what could not go before may by another rule. Raises StoreError."""
        await self._announce(await self._read(_REFUSED))
        await self._put(_REFUSED, {})

    async def note(
        self, verdicts: Collection[RetentionVerdict], unread: Collection[MediaType]
    ) -> None:
        """Forget what has left; what is known to stay is not being announced. Raises StoreError."""
        refused, again = await self._read(_REFUSED), await self._read(_AGAIN)
        if not refused and not again:
            return
        judged, leaving = await asyncio.to_thread(_sorted_by_name, verdicts)
        if not unread:
            refused = {name: at for name, at in refused.items() if name in judged}
            again = {name: at for name, at in again.items() if name in judged}
        now = self._now()
        await self._put(_REFUSED, refused)
        stays = judged - leaving
        await self._put(_AGAIN, {name: now if name in stays else at for name, at in again.items()})

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
        since, now, zone = await self._read(_AGAIN), self._now(), self._zone()
        if not asking:  # nobody has seen yet that it may
            since |= dict.fromkeys(await self._read(_REFUSED), now)
        if not since:
            return tuple(verdicts)

        def held() -> tuple[RetentionVerdict, ...]:
            return tuple(
                one
                if (at := since.get(part_name(part_of_verdict(one)))) is None
                else announced_again(one, at, policy.notice_of(one.ground), now, zone)
                for one in verdicts
            )

        return await asyncio.to_thread(held)  # beside the event loop: there may be many

    async def _announce(self, names: Collection[str]) -> None:
        """Take it that these are shown as leaving from now on."""
        if names:
            now = self._now()
            await self._put(_AGAIN, {**await self._read(_AGAIN), **dict.fromkeys(names, now)})

    async def _read(self, key: str) -> dict[str, datetime]:
        return from_store(await self._store.kv.get(key))

    async def _put(self, key: str, since: dict[str, datetime]) -> None:
        if since != await self._read(key):
            await self._store.kv.put(key, to_store(since))


def _sorted_by_name(verdicts: Iterable[RetentionVerdict]) -> tuple[set[str], set[str]]:
    """Name all parts that were judged, and those that leave or of which nobody knows it."""
    judged, leaving = set[str](), set[str]()
    for one in verdicts:
        name = part_name(part_of_verdict(one))
        judged.add(name)
        if one.is_leaving or one.answer is Answer.UNKNOWN:
            leaving.add(name)
    return judged, leaving
