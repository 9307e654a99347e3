"""What we remember: one database for each entry, one repository for each subject."""

import asyncio
from collections.abc import Callable
import logging
from pathlib import Path
from typing import Self

from .acquisitions import Acquisitions
from .database import Database
from .decisions import Decisions
from .errors import StoreError, StoreTooNew
from .ledger import Ledger, LedgerRow, LedgerState
from .plans import Plans
from .small import KeyValues, Overrides
from .viewings import Saved, Viewings

__all__ = ["LedgerRow", "LedgerState", "Saved", "Store", "StoreError", "StoreTooNew"]

_LOGGER = logging.getLogger(__name__)

type Listener = Callable[[str], None]


class Store:
    """The open store. Everything awaited is on the disk; every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        """Take an open database."""
        self._database = database
        self._listeners: list[Listener] = []
        self.viewings = Viewings(database, self._changed)
        self.decisions = Decisions(database, self._changed)
        self.plans = Plans(database, self._changed)
        self.ledger = Ledger(database, self._changed)
        self.overrides = Overrides(database, self._changed)
        self.acquisitions = Acquisitions(database, self._changed)
        self.kv = KeyValues(database)

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open a file and migrate it. Raises StoreError."""
        database = Database(path)
        await database.open()
        return cls(database)

    async def close(self) -> None:
        """Finish what was begun and close. May be called twice."""
        await self._database.close()

    @staticmethod
    async def remove_files(path: Path) -> None:
        """Remove a closed database and what SQLite keeps beside it."""

        def remove() -> None:
            for suffix in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)

        await asyncio.get_running_loop().run_in_executor(None, remove)

    def add_listener(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(subject)` in the event loop after each change; give what ends that."""
        self._listeners.append(listener)

        def remove() -> None:
            self._listeners.remove(listener)

        return remove

    def _changed(self, subject: str) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(subject)
            except Exception:  # what is stored is stored, whatever a listener makes of it
                _LOGGER.exception("A listener to the store failed")
