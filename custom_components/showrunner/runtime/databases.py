"""All databases that are open, so that a backup has every one of them rest.

Also one whose entry is just being set up. While a backup is made none is opened: opening writes.
"""

import asyncio
import logging
from pathlib import Path
import time
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..domain.text import say
from ..store import Store, StoreError

_LOGGER = logging.getLogger(__name__)

# A backup that takes longer than this, or never ends, is not waited for any more.
LIMIT: Final = 900.0


class BackupUnderWay(StoreError):
    """A database can't be opened yet: a backup is being made."""


class Databases:
    """The databases of all entries."""

    def __init__(self) -> None:
        """Begin with none."""
        self._open: set[Store] = set()
        self._opening = 0
        self._backup_ends: float | None = None
        self._disturbed = False

    async def open(self, path: Path) -> Store:
        """Open one. Raises StoreError."""
        if self._backup_ends is not None and time.monotonic() < self._backup_ends:
            raise BackupUnderWay(say("store_backup_under_way"))
        self._opening += 1
        try:
            store = await Store.open(path)
        finally:
            self._opening -= 1
        self._open.add(store)
        return store

    async def rouse(self, store: Store) -> None:
        """Have one go on in the middle of a backup: who is about to close it must write first."""
        if self._backup_ends is None or store not in self._open:
            return
        # The copy may have half of it.
        self._disturbed = True
        try:
            await store.wake()
        except StoreError as err:
            _LOGGER.debug("A database that can't be used is closed: %s", err)

    async def close(self, store: Store) -> None:
        """Finish what was begun and close one. May be called twice."""
        await self.rouse(store)
        try:
            await store.close()
        finally:
            self._open.discard(store)

    async def rest(self) -> None:
        """Have all of them rest, before their files are copied."""
        self._backup_ends = time.monotonic() + LIMIT
        # One that is being opened is written: the copy may have half of that.
        self._disturbed = self._opening > 0
        stores = tuple(self._open)
        results = await asyncio.gather(
            *(store.rest(LIMIT) for store in stores), return_exceptions=True
        )
        for result in results:
            if isinstance(result, StoreError):
                # One that is damaged has a repair of its own, and must not cost the whole backup.
                _LOGGER.warning("A database could not be made ready for the backup: %s", result)
            elif isinstance(result, BaseException):
                raise result

    async def wake(self) -> bool:
        """Have all of them go on; tell whether each of them rested all the time."""
        if self._backup_ends is None:
            return True
        self._backup_ends = None
        # Whoever asks may be cancelled; not one is left asleep for that.
        return await asyncio.shield(asyncio.create_task(self._wake_all()))

    async def _wake_all(self) -> bool:
        results = await asyncio.gather(
            *(store.wake() for store in tuple(self._open)), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, StoreError):
                raise result
        return not self._disturbed and all(result is True for result in results)


_DATABASES: Final[HassKey[Databases]] = HassKey(f"{DOMAIN}_databases")


def databases(hass: HomeAssistant) -> Databases:
    """Give the databases of this Home Assistant."""
    return hass.data.setdefault(_DATABASES, Databases())
