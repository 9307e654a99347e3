"""Runs a job when it has its turn by the clock, or when a person asks for it.

When a job ran last by the clock is kept, so that restarts repeat nothing, and a turn that fell into
a stop is made up for. A job that was switched on just now
waits for its first turn: what it missed while it was off was not wanted.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
import logging
from typing import Final

from ...clients.errors import ServiceError
from ...clients.parse import instant
from ...domain.schedule import Schedule
from ...store import Store, StoreError
from ...unexpected import log_unexpected
from ...waking import woken
from ..refused import Refused

_LOGGER = logging.getLogger(__name__)

# A start has other things to do, and services have to be read before anything is decided on them.
_FIRST_PAUSE: Final = timedelta(minutes=3)
# So often the clock is looked at again: it may be put forward or back.
_LOOK: Final = timedelta(minutes=1)
_RETRY: Final = timedelta(minutes=5)
_LONGEST_RETRY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Scheduled[JobT]:
    """When a job has its turn, as the options say now, and what it does then.

    `when`: None while it is switched off. `run` raises ServiceError, StoreError and Refused when it
    could not be done: then it is tried again, ever later, at most an hour.
    """

    when: Callable[[JobT], Schedule | None]
    run: Callable[[JobT], Awaitable[object]]


class Turns:
    """The turns of one job. `zone` is Home Assistant's."""

    def __init__(
        self,
        key: str,
        when: Callable[[], Schedule | None],
        run: Callable[[], Awaitable[object]],
        *,
        store: Store,
        now: Callable[[], datetime],
        zone: Callable[[], tzinfo],
    ) -> None:
        """Take everything by hand; nothing runs yet."""
        self._key = key
        self._kept_as = f"schedule:{key}"
        self._when = when
        self._run = run
        self._store = store
        self._now = now
        self._zone = zone
        self._wake = asyncio.Event()
        self._failures = 0
        self._read = False
        self._last: datetime | None = None

    def options_changed(self) -> None:
        """Look again when the next turn is."""
        self._wake.set()

    async def work(self) -> None:
        """Run when it is due, for as long as the entry is loaded."""
        await asyncio.sleep(_FIRST_PAUSE.total_seconds())
        while True:
            self._wake.clear()
            wait = await self.look()
            await woken(self._wake, wait.total_seconds())

    async def look(self) -> timedelta:
        """Run if it is due; say when to look again."""
        try:
            turn = await self._turn()
            now = self._now()
            if turn is None or turn > now:
                return _LOOK if turn is None else min(_LOOK, turn - now)
            await self._run()
            await self._keep(self._now())
        except (ServiceError, StoreError, Refused) as err:
            _LOGGER.warning("%s had its turn and is tried again later: %s", self._key, err)
        except Exception:  # noqa: BLE001  logged whole; its next turn must come all the same
            log_unexpected(_LOGGER, "The turn of %s went wrong", self._key)
        else:
            self._failures = 0
            return timedelta()
        self._failures += 1
        longer: int = 1 << min(self._failures - 1, 10)
        return min(_RETRY * longer, _LONGEST_RETRY)

    async def _turn(self) -> datetime | None:
        """Give the next turn; None while it is switched off."""
        if not self._read:
            self._last, self._read = instant(await self._store.kv.get(self._kept_as)), True
        schedule = self._when()
        if schedule is None:
            if self._last is not None:
                await self._keep(None)
            return None
        if self._last is None and schedule.at is not None:
            # Just switched on: at three at night means the next night, not now.
            await self._keep(self._now())
        return schedule.turn(self._last, self._now(), self._zone())

    async def _keep(self, last: datetime | None) -> None:
        await self._store.kv.put(self._kept_as, None if last is None else last.isoformat())
        self._last = last


class OnDemand:
    """Runs a job once for a person who has pressed its button. Nobody waits for its end."""

    def __init__(self, key: str, run: Callable[[], Awaitable[object]]) -> None:
        """Take what the button does; nothing runs yet."""
        self._key = key
        self._run = run
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Have it run as soon as the run that was asked for before is over."""
        self._asked.set()

    async def work(self) -> None:
        """Run whenever somebody asks, for as long as the entry is loaded."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                await self._run()
            except (ServiceError, StoreError, Refused) as err:
                _LOGGER.warning("%s could not be run now: %s", self._key, err)
            except Exception:  # noqa: BLE001  logged whole; the next press must do something
                log_unexpected(_LOGGER, "%s could not be run now", self._key)
