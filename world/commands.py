"""Commands of an arr: queued at once, carried out in the background, dropped at the end."""

import asyncio
from collections.abc import Coroutine
from typing import Protocol

from .clock import arr_time, utcnow
from .radarr_library import Row


class Book(Protocol):
    """Where an arr keeps its commands."""

    commands: dict[int, Row]

    def next_id(self) -> int:
        """Give a number that nothing has."""
        ...


class Commands:
    """Runs commands in the background."""

    def __init__(self, book: Book) -> None:
        """Take where they are kept."""
        self._book = book
        self._tasks: set[asyncio.Task[None]] = set()

    def queued(self, name: str, body: Row) -> Row:
        """Queue a command and return it as an arr does at once."""
        number = self._book.next_id()
        now = arr_time(utcnow())
        command: Row = {
            "id": number,
            "name": name,
            "commandName": name,
            "body": body,
            "priority": "normal",
            "status": "queued",
            "result": "unknown",
            "queued": now,
            "trigger": "manual",
            "stateChangeTime": now,
            "sendUpdatesToClient": True,
            "updateScheduledTask": True,
        }
        self._book.commands[number] = command
        return command

    def run(self, work: Coroutine[object, object, None]) -> None:
        """Do something in the background."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Drop what is under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
