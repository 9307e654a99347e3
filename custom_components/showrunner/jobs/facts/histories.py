"""What the arrs' histories say, read whole once and then only what has happened since.

A run checks every step from fresh answers: that must not mean a whole history for each.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from ...clients.errors import ServiceError
from ...coordinators.arrs import Arrs
from ...domain.history import HistoryEvent
from ...domain.knowledge import Absent, Knowledge, Known, Unknown
from ...domain.media import MediaType
from ...domain.seeding import ArrHistory, ArrImports, Imports

# Titles of an arr that are asked for at the same time.
_AT_ONCE: Final = 4
# So long what was read whole is only added to: what was deleted meanwhile is not noticed.
_HOLDS: Final = timedelta(minutes=15)
# A row may be written a moment after what it says has happened.
_LATE: Final = timedelta(minutes=5)


class Histories:
    """The histories of all linked arrs."""

    def __init__(self, arrs: Arrs, now: Callable[[], datetime]) -> None:
        """Take everything by hand; nothing is read yet."""
        self._arrs = arrs
        self._now = now
        self._read: dict[str, tuple[ArrImports, datetime]] = {}
        self._reading = asyncio.Lock()

    def forget(self) -> None:
        """Read everything anew the next time."""
        self._read.clear()

    async def read(self) -> Knowledge[Imports]:
        """Ask all of them. One that does not tell makes all unknown: it may have grabbed any."""
        async with self._reading:
            arrs = dict(self._arrs)
            if not arrs:
                return Absent("arr")
            try:
                found = await asyncio.gather(*(self._of(service) for service in arrs))
            except ServiceError as err:
                return Unknown(err.text, "history")
            return Known(Imports(found), "history")

    async def of_titles(self, titles: Iterable[tuple[str, int]]) -> Knowledge[Imports]:
        """Ask what has happened to these titles only, each of an arr. Nothing of it is kept."""
        wanted: dict[str, list[int]] = {}
        for service, number in titles:
            wanted.setdefault(service, []).append(number)
        gate = asyncio.Semaphore(_AT_ONCE)
        try:
            found = await asyncio.gather(
                *(self._titles_of(service, some, gate) for service, some in wanted.items())
            )
        except ServiceError as err:
            return Unknown(err.text, "history")
        return Known(Imports(found), "history")

    async def _titles_of(
        self, service: str, numbers: Iterable[int], gate: asyncio.Semaphore
    ) -> ArrImports:
        arr = self._arrs[service]

        async def ask(number: int) -> tuple[HistoryEvent, ...]:
            async with gate:
                return await arr.client.title_history(number)

        answers = await asyncio.gather(*(ask(number) for number in numbers))
        events = tuple(event for events in answers for event in events)
        movies = arr.media is MediaType.MOVIE
        return await asyncio.to_thread(ArrImports, ArrHistory(service, arr.title, movies, events))

    async def _of(self, service: str) -> ArrImports:
        arr = self._arrs[service]
        known = self._read.get(service)
        if known is not None and self._now() - known[1] < _HOLDS:
            imports, at = known
            if imports.newest is not None:
                # A row may be dated in the future: what comes after it would never be told.
                since = min(imports.newest, at) - _LATE
                events = await arr.client.history_since(since, whole=True)
                imports = await asyncio.to_thread(imports.with_events, events)
                self._read[service] = (imports, at)
            return imports
        at = self._now()
        nothing = ArrHistory(service, arr.title, arr.media is MediaType.MOVIE, ())
        imports = await arr.client.whole_history(lambda: ArrImports(nothing))
        if imports.newest is not None:
            self._read[service] = (imports, at)
        return imports
