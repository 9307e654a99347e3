"""Tells the channels what leaves next, some days ahead: one message a day, each thing once.

What would be gone before the next message is told at once. A phone that is a viewer's is told only
of what they may see in Jellyfin, and remembered by itself: what they may see later is told then.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import chain
import logging
from typing import Final, Protocol

from ...domain.deletion.leaving import part_of
from ...domain.library_access import VisibleItems
from ...domain.notices import (
    Coming,
    Notice,
    merged,
    next_day,
    remembered,
    silent_hours,
    unannounced,
)
from ...domain.quiet import quiet_until
from ...options import NotificationOptions
from ...signals import Signals, Topic
from ...store import Store, StoreError
from ...waking import woken
from .due import LEAVING, Leaving

_LOGGER = logging.getLogger(__name__)

_KEY: Final = "leaving_told"
# What comes near or may be told by now is noticed so soon.
_LOOK: Final = timedelta(minutes=15)


class Leaves(Protocol):
    """The job that lets things leave, as far as it is asked here."""

    @property
    def leaving(self) -> tuple[Leaving, ...] | None:
        """What is due to leave; None before anybody looked."""
        ...

    @property
    def next_deletion(self) -> datetime | None:
        """When the next of it leaves by itself; None: nothing does."""
        ...

    def leaves_at(self, one: Leaving) -> datetime:
        """Say when something that is due leaves."""
        ...


class Sees(Protocol):
    """Knows what users of Jellyfin may see."""

    async def of(self, user_id: str, ids: Collection[str]) -> VisibleItems:
        """Say what a user surely sees of these items; nothing while that is not known."""
        ...


class LeavingNotices:
    """Looks whenever it was found anew what leaves, and now and then as the days go by."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        job: Leaves,
        *,
        options: Callable[[], NotificationOptions],
        audiences: Callable[[], Collection[str]],
        visibility: Sees,
        now: Callable[[], datetime],
        zone: Callable[[], tzinfo],
    ) -> None:
        """Take everything by hand.

        `audiences` gives the viewers whose phones are told what leaves; "" for a channel that is
        nobody's in particular.
        """
        self._store = store
        self._signals = signals
        self._job = job
        self._options = options
        self._audiences = audiences
        self._sights = visibility
        self._now = now
        self._zone = zone
        self._changed = asyncio.Event()
        store.add_listener(self._listen)

    def _listen(self, subject: str) -> None:
        if subject == LEAVING:
            self._changed.set()

    async def work(self) -> None:
        """Tell it for as long as the entry is loaded."""
        while True:
            self._changed.clear()
            try:
                await self.look()
            except StoreError as err:
                _LOGGER.warning("Could not tell what leaves soon: %s", err)
            await woken(self._changed, _LOOK.total_seconds())

    async def look(self) -> None:
        """Tell what comes near, if it may be told now. Raises StoreError."""
        options, now = self._options(), self._now()
        local = now.astimezone(self._zone())
        hours = silent_hours(options.quiet_from, options.quiet_to)
        audiences = sorted(self._audiences())
        if not audiences or quiet_until(local, *hours) > local:
            return
        if coming := list(self._coming()):
            for audience in audiences:
                await self._tell(audience, coming, local, hours)

    async def _tell(
        self, audience: str, coming: list[Coming], local: datetime, hours: tuple[time, time]
    ) -> None:
        """Tell the channels of one viewer, or of nobody, what comes near and was not told yet."""
        key, now = f"{_KEY}:{audience}" if audience else _KEY, self._now()
        day, announced = _read(await self._store.kv.get(key))
        until = now + timedelta(days=self._options().leaving_days)
        new = unannounced(coming, announced, until)
        if day == local.date():
            # The next look may be as much later.
            again = next_day(local, hours) + _LOOK
            new = [one for one in new if one.leaves_at < again]
        new = await self._seen(audience, new)
        if not new:
            return
        announced = remembered(announced, coming, new, now)
        # First of all it is kept: after a restart nobody is told again.
        kept = {"day": local.date().isoformat(), "told": [one.as_dict() for one in announced]}
        await self._store.kv.put(key, kept)
        told = {"parts": tuple(merged(new)), "audience": audience}
        self._signals.send(Topic.LEAVING, "soon", told)

    async def _seen(self, audience: str, new: list[Coming]) -> list[Coming]:
        """Leave out what a viewer may not see, or of which nobody knows whether they may."""
        if not audience or not new:
            return new
        ids = frozenset(chain.from_iterable(one.items for one in new))
        visible = await self._sights.of(audience, ids)
        return [one for one in new if visible.sees(one.items, episodes=one.season is not None)]

    def _coming(self) -> Iterator[Coming]:
        """Give what leaves by itself: of what would not leave there is nothing to tell."""
        if self._job.next_deletion is None:
            return
        for one in self._job.leaving or ():
            if names := one.title.key.names:
                at = self._job.leaves_at(one)
                day = at.astimezone(self._zone()).date()
                label = part_of(one.title, one.season)
                yield Coming(names, one.season, one.at, at, day, label, one.size_bytes, one.items)


def _read(kept: object) -> tuple[date | None, list[Notice]]:
    """Read on which day what was told last; what can't be read was never told."""
    if not isinstance(kept, Mapping):
        return None, []
    try:
        day = date.fromisoformat(str(kept.get("day")))
    except ValueError:
        day = None
    return day, list(_announced(kept.get("told")))


def _announced(kept: object) -> Iterable[Notice]:
    for plain_one in kept if isinstance(kept, list) else ():
        try:
            yield Notice.from_dict(plain_one)
        except (AttributeError, KeyError, TypeError, ValueError) as err:
            _LOGGER.debug("Leaving out what was told and can't be read: %s", err)
