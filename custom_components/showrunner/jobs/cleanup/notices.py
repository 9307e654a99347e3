"""Tells the channels what leaves next, some days ahead: one message a day, each thing once.

What would be gone before the next message is told at once.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta, tzinfo
import logging
from typing import Final, Protocol

from ...domain.deletion.leaving import part_of
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


class LeavingNotices:
    """Looks whenever it was found anew what leaves, and now and then as the days go by."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        job: Leaves,
        *,
        options: Callable[[], NotificationOptions],
        wanted: Callable[[], bool],
        now: Callable[[], datetime],
        zone: Callable[[], tzinfo],
    ) -> None:
        """Take everything by hand; `wanted` tells whether any channel tells what leaves."""
        self._store = store
        self._signals = signals
        self._job = job
        self._options = options
        self._wanted = wanted
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
        if not self._wanted() or quiet_until(local, *hours) > local:
            return
        coming = list(self._coming())
        if not coming:
            return
        day, announced = _read(await self._store.kv.get(_KEY))
        new = unannounced(coming, announced, now + timedelta(days=options.leaving_days))
        if day == local.date():
            # The next look may be as much later.
            again = next_day(local, hours) + _LOOK
            new = [one for one in new if one.leaves_at < again]
        if not new:
            return
        announced = remembered(announced, coming, new, now)
        # First of all it is kept: after a restart nobody is told again.
        kept = {"day": local.date().isoformat(), "told": [one.as_dict() for one in announced]}
        await self._store.kv.put(_KEY, kept)
        self._signals.send(Topic.LEAVING, "soon", {"parts": tuple(merged(new))})

    def _coming(self) -> Iterator[Coming]:
        """Give what leaves by itself: of what would not leave there is nothing to tell."""
        if self._job.next_deletion is None:
            return
        for one in self._job.leaving or ():
            if names := one.title.key.names:
                at = self._job.leaves_at(one)
                day = at.astimezone(self._zone()).date()
                label = part_of(one.title, one.season)
                yield Coming(names, one.season, one.at, at, day, label, one.size_bytes)


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
