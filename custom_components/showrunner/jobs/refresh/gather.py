"""Reads the arrs' histories, tells Jellyfin of what came, and keeps the checkpoints.

A checkpoint moves only when Jellyfin has answered for what lies before it; each arr has its own, so
that one that is down holds back only itself.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import Final, Protocol

from ...clients.errors import ServiceError
from ...clients.jellyfin import LibraryFolder
from ...clients.parse import instant
from ...domain.history import HistoryEvent
from ...domain.paths import PathMap, contains
from ...domain.refresh import (
    OVERLAP,
    SCAN_EVERY,
    Checkpoint,
    Findings,
    PathUpdate,
    Scan,
    UpdateType,
    find,
    may_scan,
    merge,
    to_jellyfin,
)
from ...store import Store
from ..refused import Refused

_LOGGER = logging.getLogger(__name__)

_KEY: Final = "refresh"
_SCANNED: Final = "refresh:scanned"


class HistorySource(Protocol):
    """An arr whose imports Jellyfin is to see."""

    @property
    def title(self) -> str:
        """The person's name for it."""
        ...

    @property
    def path_map(self) -> PathMap:
        """How its folders are named in Jellyfin."""
        ...

    async def history_since(self, date: datetime) -> tuple[HistoryEvent, ...]:
        """List what happened since an instant of its own clock. Raises ServiceError."""
        ...


class Library(Protocol):
    """The side that is told: Jellyfin's client."""

    async def library_folders(self) -> tuple[LibraryFolder, ...]:
        """List the libraries, and where their files are."""
        ...

    async def media_updated(self, updates: Sequence[PathUpdate]) -> None:
        """Have it look at paths."""
        ...

    async def refresh_library(self) -> None:
        """Have it look at everything."""
        ...


class PathUnknown(Refused):
    """Neither Jellyfin nor a mapping knows this path."""

    def __init__(self, path: str) -> None:
        """Take the path that was asked for."""
        super().__init__(translation_key="path_unknown", path=path)


@dataclass(frozen=True, slots=True)
class Notified:
    """What Jellyfin was told (or, in a dry run, would be).

    `waiting`: there is a path that only a whole scan would show, and it is too early for one.
    `unknown`: the services that did not answer, by their titles.
    """

    paths: tuple[str, ...] = ()
    scan: Scan = Scan.NONE
    unmapped: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    waiting: bool = False

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "paths": list(self.paths),
            "scan": self.scan.value,
            "unmapped": list(self.unmapped),
            "unknown": list(self.unknown),
        }


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one arr told, and up to where Jellyfin knows it."""

    service_id: str
    path_map: PathMap
    checkpoint: Checkpoint
    events: tuple[HistoryEvent, ...]
    pending: tuple[HistoryEvent, ...]


class LibraryNotifier:
    """Reads and tells, once for each call. `sources` are the arrs by their subentries' ids."""

    def __init__(
        self,
        store: Store,
        library: Library,
        sources: Mapping[str, HistorySource],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand."""
        self._store = store
        self._library = library
        self._sources = sources
        self._now = now

    async def pending(self) -> tuple[bool, bool]:
        """Say whether there is something to tell, and whether every arr has answered."""
        readings, unread = await self._read()
        return any(reading.pending for reading in readings), not unread

    async def tell_paths(self, paths: Sequence[str], *, dry_run: bool) -> Notified:
        """Tell given paths; the checkpoints stay.

        Raises ServiceError, and PathUnknown before anything is told.
        """
        libraries = await self._libraries()
        maps = [source.path_map for source in self._sources.values()]
        updates = []
        for path in paths:
            names = _names(path, maps, libraries)
            if not names:
                raise PathUnknown(path)
            updates += [PathUpdate(name, UpdateType.MODIFIED) for name in names]
        merged = merge(updates)
        if not dry_run:
            await self._library.media_updated(merged)
        return Notified(tuple(update.path for update in merged), Scan.PATHS)

    async def tell_pending(self, *, asked: bool, dry_run: bool) -> Notified:
        """Tell what is pending. `asked`: a person did, who need not wait for the hour of a scan.

        Raises a ServiceError when Jellyfin does not answer, or when a person asks and nothing is
        pending as far as is known, because an arr did not answer.
        """
        readings, unread = await self._read()
        open_readings = [reading for reading in readings if reading.pending]
        unknown = tuple(unread)
        if not open_readings:
            if asked and unread:
                raise next(iter(unread.values()))
            return Notified(unknown=unknown)
        libraries = await self._libraries()
        found = {r.service_id: await _off_loop(_find, r, libraries) for r in open_readings}
        updates = await _off_loop(merge, [u for one in found.values() for u in one.updates])
        lost = tuple(dict.fromkeys(path for one in found.values() for path in one.lost))
        needed = any(one.unmapped for one in found.values())
        full = needed and (asked or may_scan(await self._scanned(), self._now()))
        if not dry_run:
            if updates:
                await self._library.media_updated(updates)
                await self._advance(open_readings, found, full=False)
            if full:
                await self._library.refresh_library()
                await self._store.kv.put(_SCANNED, self._now().isoformat())
                await self._advance(open_readings, found, full=True)
        scan = Scan.FULL if full else Scan.PATHS if updates else Scan.NONE
        paths = tuple(update.path for update in updates)
        return Notified(paths, scan, lost, unknown, waiting=needed and not full)

    async def _advance(
        self, readings: Iterable[_Reading], found: Mapping[str, Findings], *, full: bool
    ) -> None:
        """Move the checkpoints over what Jellyfin has answered for."""
        for reading in readings:
            one = found[reading.service_id]
            imports = (*one.mapped, *one.unmapped) if full else one.mapped
            moved = await _off_loop(
                reading.checkpoint.advanced, reading.events, imports, self._now()
            )
            await self._store.kv.put(_key(reading.service_id), moved.as_dict())

    async def _read(self) -> tuple[list[_Reading], dict[str, ServiceError]]:
        """Read all histories at once; give also who did not answer, by title."""
        asked = dict(self._sources)  # one may be linked, or unlinked, while they answer
        answers = await asyncio.gather(
            *(self._read_one(key, source) for key, source in asked.items())
        )
        titles = [source.title for source in asked.values()]
        readings = [answer for answer in answers if isinstance(answer, _Reading)]
        return readings, {
            title: answer
            for title, answer in zip(titles, answers, strict=True)
            if isinstance(answer, ServiceError)
        }

    async def _read_one(self, service_id: str, source: HistorySource) -> _Reading | ServiceError:
        key, now = _key(service_id), self._now()
        checkpoint = Checkpoint.from_dict(await self._store.kv.get(key))
        begin = Checkpoint.first_look(now) if checkpoint is None else checkpoint.since(now)
        try:
            events = await source.history_since(begin)
        except ServiceError as err:
            _LOGGER.debug("Could not read the history of %s: %s", source.title, err)
            return err
        if checkpoint is None:
            checkpoint = Checkpoint.begin(events, now)
            await self._store.kv.put(key, checkpoint.as_dict())
        pending = await _off_loop(checkpoint.pending, events)
        if not pending:
            checkpoint = await self._passed_over(key, checkpoint, events)
        return _Reading(service_id, source.path_map, checkpoint, events, pending)

    async def _passed_over(
        self, key: str, checkpoint: Checkpoint, events: Sequence[HistoryEvent]
    ) -> Checkpoint:
        """Move over what concerns nobody, now and then, so that it is not read for ever."""
        moved = checkpoint.advanced(events, (), self._now())
        if moved.at - checkpoint.at < OVERLAP:
            return checkpoint
        await self._store.kv.put(key, moved.as_dict())
        return moved

    async def _libraries(self) -> tuple[str, ...]:
        folders = await self._library.library_folders()
        return tuple(path for folder in folders for path in folder.paths)

    async def _scanned(self) -> datetime | None:
        return instant(await self._store.kv.get(_SCANNED))

    async def until_scan(self) -> timedelta:
        """Say when the next scan may be asked for by itself."""
        last = await self._scanned()
        left = SCAN_EVERY if last is None else last + SCAN_EVERY - self._now()
        return max(left, timedelta(seconds=1))


def _find(reading: _Reading, libraries: Sequence[str]) -> Findings:
    return find(reading.pending, reading.path_map, libraries)


def _names(path: str, maps: Iterable[PathMap], libraries: Sequence[str]) -> tuple[str, ...]:
    """Give Jellyfin's names of a path: its own if it is one, else by every mapping that covers it.

    A name outside of all libraries is none: Jellyfin would pass over it in silence.
    """
    own = to_jellyfin(path, PathMap(), libraries)
    if own is not None:
        return (own,)
    mapped = (path_map.to_here(path) for path_map in maps)
    known = (here for here in mapped if here and any(contains(top, here) for top in libraries))
    return tuple(dict.fromkeys(known))


def _key(service_id: str) -> str:
    return f"{_KEY}:{service_id}"


async def _off_loop[**P, T](work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Compute beside the event loop: after a long silence there may be thousands of events."""
    return await asyncio.to_thread(work, *args, **kwargs)
