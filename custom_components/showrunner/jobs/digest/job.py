"""Sums up a week for the channels that want to hear of it.

A viewer's phone is told the numbers, and by name only what they may see in Jellyfin. Where only
administrators may ask what viewers watched, nobody else is told what was watched most.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
from itertools import chain
from typing import Final, Protocol

from ...domain.acquisition import AcquisitionState
from ...domain.digest import WEEK, Digest, Watched, most_watched
from ...domain.library_access import VisibleItems
from ...domain.plan import Action
from ...domain.schedule import Schedule
from ...domain.text import Words
from ...options import Options
from ...signals import Signals, Topic
from ...store import Store
from ..wordings import digest_lines

JOB: Final = "digest"
# How the ledger calls a download that has come, and what deletes something of a title.
_FETCHED: Final = frozenset({AcquisitionState.IMPORTED.value})
_DELETIONS: Final = frozenset(action.value for action in Action if action.takes_title)


class Sees(Protocol):
    """Knows what users of Jellyfin may see."""

    async def of(self, user_id: str, ids: Collection[str]) -> VisibleItems:
        """Say what a user surely sees of these items; nothing while that is not known."""
        ...


class DigestJob:
    """Gathers and tells."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        visibility: Sees,
        *,
        options: Callable[[], Options],
        audiences: Callable[[], Collection[str]],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand.

        `audiences` gives the viewers whose phones are told it; "" for a channel that is nobody's.
        """
        self._store = store
        self._signals = signals
        self._sights = visibility
        self._options = options
        self._audiences = audiences
        self._now = now

    @property
    def schedule(self) -> Schedule | None:
        """When it is told; None while nobody wants to hear it."""
        if not self._audiences():
            return None
        options = self._options().notifications
        return Schedule(at=options.digest_at, weekdays=frozenset({options.digest_day}))

    async def run(self) -> None:
        """Tell it, unless there was nothing. Raises StoreError."""
        digest = await self._gathered()
        if not digest.is_empty:
            await self._tell(digest)

    async def send(self) -> tuple[Words, ...]:
        """Tell it at once, whatever there was, and say what it is. Raises StoreError."""
        digest = await self._gathered()
        await self._tell(digest)
        return digest_lines(digest.naming(digest.watched))

    async def _gathered(self) -> Digest:
        since = self._now() - WEEK
        ledger, viewings = self._store.ledger, self._store.viewings
        plays = await viewings.counting(since)
        return Digest(
            fetched=await ledger.count_of(_FETCHED, since),
            deleted=await ledger.count_of(_DELETIONS, since),
            freed_bytes=await ledger.freed(since),
            requested=await self._store.requests.count(since),
            # Beside the event loop: a large house watches much in a week.
            watched=await asyncio.to_thread(most_watched, plays),
        )

    async def _tell(self, digest: Digest) -> None:
        for audience in sorted(self._audiences()):
            mine = digest.naming(await self._seen(audience, digest.watched))
            self._signals.send(Topic.DIGEST, "weekly", {"digest": mine, "audience": audience})

    async def _seen(self, audience: str, watched: tuple[Watched, ...]) -> tuple[Watched, ...]:
        """Leave out what a viewer may not see, or of which nobody knows whether they may."""
        if not audience or not watched:
            return watched
        ids = frozenset(chain.from_iterable(one.items for one in watched))
        sight = await self._sights.of(audience, ids)
        if not sight.everything and self._options().history_admins_only:
            return ()
        return tuple(one for one in watched if sight.sees(one.items, episodes=one.is_series))
