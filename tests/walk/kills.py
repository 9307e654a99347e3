"""A process that is killed at one call of a run, and started again on what it has left on the disk.

At that call the database's files are copied, as a kill leaves them. Whatever the old process would
have done after it does not take place: it calls nobody any more, and what it writes is thrown away.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from enum import StrEnum
from pathlib import Path
import shutil
from typing import Any, NamedTuple

import pytest

from custom_components.showrunner.clients.http import HttpClient
from custom_components.showrunner.runtime import database_path

from .household import Household

_RUNNING: ContextVar[bool] = ContextVar("running", default=False)


class When(StrEnum):
    """On which side of a call the process ends."""

    BEFORE = "before it was sent"
    AFTER = "after it has acted"


class Call(NamedTuple):
    """A call of a run, and which of the same ones it is: some are left out the next time."""

    what: str
    number: int


class Killer:
    """Counts the calls of a run, and kills the process at one of them."""

    def __init__(self, house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand in front of every client."""
        self._house = house
        self.path = database_path(house.hass, house.entry.entry_id)
        self.calls: list[Call] = []
        self.dead = False
        self._at: tuple[Call, When] | None = None
        opened = HttpClient._opened
        killer = self

        @asynccontextmanager
        async def watched(
            self: HttpClient, method: str, path: str, *args: Any, **more: Any
        ) -> AsyncGenerator[Any]:
            with killer._may_die(method, path) as at:
                if at is When.BEFORE:
                    await killer._die()
                async with opened(self, method, path, *args, **more) as response:
                    if at is When.AFTER:
                        await killer._die()
                    yield response

        monkeypatch.setattr(HttpClient, "_opened", watched)

    @contextmanager
    def _may_die(self, method: str, path: str) -> Generator[When | None]:
        """Count a call; say when the process ends at it."""
        if self.dead:
            raise asyncio.CancelledError
        if not _RUNNING.get():
            yield None
            return
        what = f"{method} {path}"
        call = Call(what, sum(one.what == what for one in self.calls))
        self.calls.append(call)
        yield self._at[1] if self._at is not None and self._at[0] == call else None

    async def _die(self) -> None:
        # The thread that writes makes the copy: in between two writings, as a log always is whole.
        database = self._house.runtime.store._database
        await database._submit(self._copy)
        self.dead = True
        raise asyncio.CancelledError

    def _copy(self) -> None:
        for beside in ("", "-wal"):
            shutil.copy(_beside(self.path, beside), _beside(self._left, beside))

    @property
    def _left(self) -> Path:
        return self.path.with_name("left.db")

    async def run(self, action: str, at: tuple[Call, When] | None = None) -> bool:
        """Call an action, and be killed at this call; tell whether it came to it."""
        self.calls, self.dead, self._at = [], False, at
        token = _RUNNING.set(True)
        try:
            await self._house.hass.services.async_call(
                "showrunner", action, {}, blocking=True, return_response=True
            )
        except asyncio.CancelledError:
            if not self.dead:
                raise
        finally:
            _RUNNING.reset(token)
        return self.dead

    async def start_again(self) -> None:
        """Start Showrunner on what the kill has left."""
        house = self._house
        await house.hass.config_entries.async_unload(house.entry.entry_id)
        await house.hass.async_block_till_done()
        for beside in ("-wal", "-shm"):
            _beside(self.path, beside).unlink(missing_ok=True)
        for beside in ("", "-wal"):
            shutil.move(_beside(self._left, beside), _beside(self.path, beside))
        self.dead = False
        assert await house.hass.config_entries.async_setup(house.entry.entry_id)
        await house.hass.async_block_till_done()


def _beside(path: Path, end: str) -> Path:
    return Path(f"{path}{end}")
