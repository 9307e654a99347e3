"""What the arrs' histories say of a torrent: was all of it that was grabbed imported?

Rows name a torrent by its hash, in any case; of a hash of the second version a client may know the
first 40 digits only. A row that does not say which film or episode it is about may be any.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from ..history import HistoryEvent, HistoryKind
from ..knowledge import Answer
from ..text import Words, say
from ..torrents import Torrent

# As an arr calls it that a file is gone and nobody deleted it.
_MISSING: Final = "missingfromdisk"
_V1, _V2 = 40, 64
_OF_FILES: Final = frozenset({HistoryKind.IMPORTED, HistoryKind.DELETED})
# What may become of a download; the last of them counts.
_MILESTONES: Final = frozenset(
    {HistoryKind.GRABBED, HistoryKind.IMPORTED, HistoryKind.FAILED, HistoryKind.IGNORED}
)

type Unit = tuple[int, int | None]
type Order = tuple[datetime, int]
# When, by which row, what (a HistoryKind's value) and from which file: nothing that the garbage
# collector follows, for there are very many of them, and it holds everybody up while it does.
type Last = tuple[datetime, int, str, str | None]


class ImportState(StrEnum):
    """How it stands with the import of a torrent."""

    IMPORTED = "imported"
    ABSENT = "absent"  # no history names it
    WAITING = "waiting"  # something that was grabbed is not imported
    FAILED = "failed"
    IGNORED = "ignored"
    LOST = "lost"  # it was imported, and the file is missing at home
    NAMELESS = "nameless"  # a row does not say what it is about
    NOT_GRABBED = "not_grabbed"  # nobody knows what it holds

    @property
    def answer(self) -> Answer:
        """Whether it is imported."""
        match self:
            case ImportState.IMPORTED:
                return Answer.YES
            case ImportState.NAMELESS | ImportState.NOT_GRABBED:
                return Answer.UNKNOWN
            case _:
                return Answer.NO


# What stands against it is said first.
_FIRST: Final = (
    ImportState.FAILED,
    ImportState.IGNORED,
    ImportState.WAITING,
    ImportState.LOST,
    ImportState.NAMELESS,
    ImportState.NOT_GRABBED,
    ImportState.IMPORTED,
)
_ENDS: Final[Mapping[str, ImportState]] = {
    HistoryKind.GRABBED: ImportState.WAITING,
    HistoryKind.FAILED: ImportState.FAILED,
    HistoryKind.IGNORED: ImportState.IGNORED,
}


_SAID: Final = {
    ImportState.FAILED: say("purge_import_failed"),
    ImportState.IGNORED: say("purge_import_ignored"),
    ImportState.LOST: say("purge_lost_at_home"),
    ImportState.NAMELESS: say("purge_row_nameless"),
    ImportState.NOT_GRABBED: say("purge_not_grabbed"),
}


@dataclass(frozen=True, slots=True)
class ArrHistory:
    """Everything that one Radarr (`movies`) or Sonarr says has happened."""

    service: str
    name: str
    movies: bool
    events: tuple[HistoryEvent, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """How it stands with a torrent, by which arrs, and how many units of how many are imported.

    `files`: how many files that Sonarr has imported from it can be told apart; None: it has none.
    """

    state: ImportState
    arrs: tuple[str, ...] = ()
    done: int = 0
    of: int = 0
    files: int | None = None

    @property
    def said(self) -> Words:
        """Say it."""
        match self.state:
            case ImportState.ABSENT:
                return say("purge_not_in_history")
            case ImportState.IMPORTED:
                return say("purge_imported", arrs=self.arrs, count=self.of)
            case ImportState.WAITING:
                left = self.of - self.done
                return say("purge_not_imported", arrs=self.arrs, count=left, all=self.of)
            case _:
                return say("purge_by_arrs", what=_SAID[self.state], arrs=self.arrs)


@dataclass(slots=True)
class _Download:
    """What is said of one torrent: the last that happened to each unit of it."""

    last: dict[Unit, Last] = field(default_factory=dict)
    grabbed: bool = False
    nameless: bool = False


class ArrImports:
    """What one arr says of all downloads, by the hashes that it names."""

    def __init__(self, history: ArrHistory) -> None:
        """Read it all; what is told twice, or in another order, says the same."""
        self.service = history.service
        self.name = history.name
        self.movies = history.movies
        self.newest: datetime | None = None
        # The last that happened to the unit of a download, by its hash; most have one. There are so
        # many that an object for each would cost more than all the reading.
        self._single: dict[str, tuple[Unit, Last]] = {}
        self._several: dict[str, dict[Unit, Last]] = {}
        self._grabbed: set[str] = set()
        self._nameless: set[str] = set()
        # The last that happened to a unit's file, whichever download it came with.
        self._files: dict[Unit, tuple[datetime, int, bool]] = {}
        # What came since it was read whole.
        self.since: frozenset[Order] = frozenset()
        self.take(history.events)

    def with_events(self, events: Iterable[HistoryEvent]) -> ArrImports:
        """Give what is known with what has happened since; others may still read this one."""
        fresh = [one for one in events if (one.at, one.id) not in self.since]
        if not fresh:
            return self
        found = copy(self)
        found.since = self.since | {(one.at, one.id) for one in fresh}
        found.take(fresh)
        return found

    def __copy__(self) -> Self:
        """Give one that can take more in: what is written to is its own."""
        found = type(self).__new__(type(self))
        vars(found).update({name: _own(one) for name, one in vars(self).items()})
        return found

    def take(self, events: Iterable[HistoryEvent]) -> None:
        """Take in what has happened; only while nobody else knows of this one."""
        newest = self.newest
        for event in events:
            if newest is None or event.at > newest:
                newest = event.at
            if event.kind in _MILESTONES or event.kind in _OF_FILES:
                self._take(event)
        self.newest = newest

    def _take(self, event: HistoryEvent) -> None:
        unit, kind = _unit(event, movies=self.movies), event.kind
        at, number = event.at, event.id
        if unit is not None and kind in _OF_FILES:
            known = self._files.get(unit)
            if known is None or (known[0], known[1]) <= (at, number):
                missing = (event.reason or "").casefold() == _MISSING
                self._files[unit] = (at, number, missing)
        if kind not in _MILESTONES:
            return
        one, other = key(event.download_id), key(event.info_hash)
        for name in (one, other if other != one else None):
            if name is None:
                continue
            if kind is HistoryKind.GRABBED:
                self._grabbed.add(name)
            if unit is None:
                self._nameless.add(name)
            else:
                self._put(name, unit, (at, number, kind.value, event.source_path))

    def _put(self, name: str, unit: Unit, last: Last) -> None:
        single = self._single.get(name)
        if single is None and name not in self._several:
            self._single[name] = (unit, last)
        elif single is not None and single[0] == unit:
            if _at(single[1]) <= _at(last):
                self._single[name] = (unit, last)
        else:
            if single is not None:
                self._several[name] = {single[0]: single[1]}
                del self._single[name]
            several = self._several[name]
            if (known := several.get(unit)) is None or _at(known) <= _at(last):
                several[unit] = last

    def of_download(
        self, names: Iterable[str]
    ) -> tuple[tuple[ImportState, ...], int, int, int] | None:
        """Say how it stands with a torrent of these hashes, and how many of how many are imported.

        And from how many of its files: two episodes may be in one. None: it says nothing of it.
        """
        found = [one for name in names if (one := self._of(name)) is not None]
        if not found:
            return None
        download = _merged(found)
        sources = [last[3] for last in download.last.values() if last[2] == HistoryKind.IMPORTED]
        return tuple(self._states(download)), len(sources), len(download.last), len(set(sources))

    def downloads_of(self, units: Collection[Unit]) -> Iterator[tuple[Unit, str]]:
        """Name the downloads from which these units were imported."""
        for name, (unit, last) in self._single.items():
            if unit in units and last[2] == HistoryKind.IMPORTED:
                yield unit, name
        for name, several in self._several.items():
            for unit in several.keys() & units:
                if several[unit][2] == HistoryKind.IMPORTED:
                    yield unit, name

    def _of(self, name: str) -> _Download | None:
        """Give what is said of a hash; None: nothing."""
        last = self._several.get(name, {})
        if (single := self._single.get(name)) is not None:
            last = {single[0]: single[1]}
        grabbed, nameless = name in self._grabbed, name in self._nameless
        return _Download(last, grabbed, nameless) if last or grabbed or nameless else None

    def _states(self, download: _Download) -> Iterator[ImportState]:
        if download.nameless or not download.last:
            yield ImportState.NAMELESS
        if not download.grabbed:
            yield ImportState.NOT_GRABBED
        for unit, (_, _, kind, _) in download.last.items():
            if kind != HistoryKind.IMPORTED:
                yield _ENDS[kind]
            elif unit in self._files and self._files[unit][2]:
                yield ImportState.LOST
            else:
                yield ImportState.IMPORTED


class Imports:
    """What all arrs say."""

    def __init__(self, arrs: Iterable[ArrImports]) -> None:
        """Take what each says."""
        self._arrs = tuple(sorted(arrs, key=lambda one: one.service))

    @classmethod
    def of(cls, histories: Iterable[ArrHistory]) -> Self:
        """Read them all."""
        return cls(ArrImports(one) for one in histories)

    def of_torrent(self, torrent: Torrent) -> Imported:
        """Say how it stands with a torrent, by all hashes that it has."""
        names = {found for one in hashes(torrent) if (found := key(one)) is not None}
        arrs: list[str] = []
        states: set[ImportState] = set()
        done = of = files = 0
        episodes = False
        for arr in self._arrs:
            answer = arr.of_download(names)
            if answer is not None:
                arrs.append(arr.name)
                states.update(answer[0])
                done, of, files = done + answer[1], of + answer[2], files + answer[3]
                episodes |= not arr.movies
        if not arrs:
            return Imported(ImportState.ABSENT)
        state = next(one for one in _FIRST if one in states)
        return Imported(state, tuple(arrs), done, of, files if episodes else None)

    def downloads_of(
        self, wanted: Collection[tuple[str, Unit]]
    ) -> dict[tuple[str, Unit], frozenset[str]]:
        """Name the downloads from which units of arrs were imported; of what is not told, none."""
        found: dict[tuple[str, Unit], set[str]] = {}
        for arr in self._arrs:
            units = {unit for service, unit in wanted if service == arr.service}
            for unit, name in arr.downloads_of(units) if units else ():
                found.setdefault((arr.service, unit), set()).add(name)
        return {unit: frozenset(names) for unit, names in found.items()}


def hashes(torrent: Torrent) -> tuple[str, ...]:
    """Give all hashes of a torrent."""
    return torrent.hash, *torrent.other_hashes


def key(name: str | None) -> str | None:
    """Write a hash so that equal torrents are equal; None for what is no torrent's."""
    if name is None:
        return None
    text = name.strip().upper()
    return text[:_V1] if len(text) in (_V1, _V2) else None


def _unit(event: HistoryEvent, *, movies: bool) -> Unit | None:
    if event.media_id is None or (not movies and event.episode_id is None):
        return None
    return event.media_id, None if movies else event.episode_id


def _merged(downloads: list[_Download]) -> _Download:
    """Put together what is said of one torrent under several of its hashes."""
    if len(downloads) == 1:
        return downloads[0]
    found = _Download()
    for one in downloads:
        found.grabbed |= one.grabbed
        found.nameless |= one.nameless
        for unit, last in one.last.items():
            if unit not in found.last or _at(found.last[unit]) <= _at(last):
                found.last[unit] = last
    return found


def _own(one: object) -> object:
    match one:
        case dict():
            return {key: dict(it) if isinstance(it, dict) else it for key, it in one.items()}
        case set():
            return set(one)
        case _:
            return one


def _at(last: Last) -> Order:
    return last[0], last[1]
