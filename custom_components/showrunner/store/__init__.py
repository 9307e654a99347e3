"""What we remember: one database for each entry, one repository for each subject."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
import logging
from pathlib import Path
from typing import Any, Self

from ..domain.identity import KnownAs
from ..domain.text import Words, say
from ..unexpected import log_unexpected
from . import files
from .acquisitions import Acquisitions
from .archive import Archive, Archived
from .database import Database, Write
from .decisions import Decisions
from .errors import StoreDamaged, StoreError, StoreTooNew
from .forgetting import forget_viewer
from .keeps import Keeps
from .ledger import Ledger, LedgerRow, LedgerState
from .library import Library
from .milestones import Milestones
from .plans import LastTime, Plans
from .regrets import Regrets
from .requests import RequestPage, RequestRow, Requests
from .said import Said, said_of
from .small import KeyValues, Overrides
from .titles import Titles
from .viewings import Saved, ViewerTotals, Viewings
from .watched import UserDatas, Watched

__all__ = [
    "Archived",
    "LastTime",
    "LedgerRow",
    "LedgerState",
    "RequestPage",
    "RequestRow",
    "Said",
    "Saved",
    "Store",
    "StoreDamaged",
    "StoreError",
    "StoreTooNew",
    "ViewerTotals",
    "Write",
]

_LOGGER = logging.getLogger(__name__)

type Listener = Callable[[str], None]


class Store:
    """The open store. Everything awaited is on the disk; every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        """Take an open database."""
        self._database = database
        self._listeners: list[tuple[Listener, str | None]] = []
        self.viewings = Viewings(database, self._changed)
        self.decisions = Decisions(database, self._changed)
        self.plans = Plans(database, self._changed)
        self.ledger = Ledger(database, self._changed)
        self.regrets = Regrets(database, self._changed)
        self.overrides = Overrides(database, self._changed)
        self.keeps = Keeps(database, self._changed)
        self.acquisitions = Acquisitions(database, self._changed)
        self.requests = Requests(database, self._changed)
        self.archive = Archive(database, self._changed)
        self.library = Library(database, self._changed)
        self.watched = Watched(database, self._changed)
        self.userdata = UserDatas(database, self._changed)
        self.milestones = Milestones(database, self._changed)
        self.titles = Titles(database)
        self.kv = KeyValues(database)

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open a file and migrate it. Raises StoreError, StoreDamaged."""
        database = Database(path)
        await database.open()
        return cls(database)

    async def said_of(self, some: Sequence[KnownAs], now: datetime) -> tuple[Said, ...]:
        """Say what is remembered of titles, in their order: of many in a few questions."""
        return await self._database.read(lambda connection: said_of(connection, some, now))

    async def together(self, *writes: Write[Any]) -> tuple[Any, ...]:
        """Write several things, in their order, all of them or none; give what each came to.

        They are what the repositories' `to_…` give, which by themselves write nothing.
        """
        return await self._database.together(*writes)

    async def close(self) -> None:
        """Finish what was begun and close. May be called twice."""
        await self._database.close()

    async def rest(self, limit: float) -> None:
        """Write nothing until `wake`, at most `limit` seconds, so that the file can be copied.

        What is asked meanwhile is answered; what is to be written waits. Raises StoreError.
        """
        await self._database.rest(limit)

    async def wake(self) -> bool:
        """Go on; tell whether nothing was written meanwhile. Raises StoreError."""
        return await self._database.wake()

    async def check(self, limit: float) -> str | None:
        """Look whether the file is whole; say what is damaged. Raises StoreError: nobody knows."""
        return await self._database.check(limit)

    def on_damage(self, tell: Callable[[Words], None]) -> None:
        """Have somebody told in the event loop what is found to be damaged."""
        self._database.on_damage = tell

    @staticmethod
    async def remove_files(path: Path) -> None:
        """Remove a closed database and what SQLite keeps beside it."""

        def remove() -> None:
            for one in files.all_of(path):
                one.unlink(missing_ok=True)

        await asyncio.to_thread(remove)

    @staticmethod
    async def keep_damaged(path: Path, at: datetime) -> Path:
        """Rename a closed database and what SQLite keeps beside it. Raises StoreError."""
        try:
            return await asyncio.to_thread(files.keep_damaged, path, at)
        except OSError as err:
            raise StoreError(
                say("store_not_renamed", why=err.strerror or type(err).__name__)
            ) from None

    async def forget_viewer(self, viewer_id: str, name: str) -> int:
        """Remove what was recorded of a viewer; give the number of viewings that were removed."""
        removed = await forget_viewer(self._database, viewer_id, name)
        for subject in ("viewings", "decisions", "acquisitions"):
            self._changed(subject)
        return removed

    def add_listener(self, listener: Listener, viewer_id: str | None = None) -> Callable[[], None]:
        """Call `listener(subject)` in the event loop after each change; give what ends that.

        With a viewer: not after those changes that are known to be of another one.
        """
        one = (listener, viewer_id)
        self._listeners.append(one)

        def remove() -> None:
            self._listeners.remove(one)

        return remove

    def tell(self, subject: str) -> None:
        """Tell the listeners of something that was found anew and is not kept here."""
        self._changed(subject)

    def _changed(self, subject: str, viewer_id: str | None = None) -> None:
        for listener, wanted in tuple(self._listeners):
            if None not in (wanted, viewer_id) and wanted != viewer_id:
                continue
            try:
                listener(subject)
            except Exception:  # noqa: BLE001  what is stored is stored, whatever a listener makes of it
                log_unexpected(_LOGGER, "A listener to the store failed")
