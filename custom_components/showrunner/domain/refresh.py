"""What Jellyfin has to be told after imports, and up to where it was told.

The arr's own history is the queue: nothing is lost while we or Jellyfin are down. An event is told
at least once, and not again after it was told. Instants are the arr's: its clock may be ahead,
behind, or be put right in between.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from .history import HistoryEvent, HistoryKind
from .paths import PathMap, components, contains, normalize, parent

# How far behind the checkpoint the history is read again: so much a clock may be put back.
OVERLAP: Final = timedelta(hours=6)
# What is older was found by Jellyfin's own scan long since.
LONGEST: Final = timedelta(days=30)
# The first look is for what is there already.
FIRST_LOOK: Final = timedelta(days=7)
SCAN_EVERY: Final = timedelta(hours=1)

# The arr missed the file, it did not delete it: perhaps only a disk is gone for a moment, and then
# Jellyfin must not be led to look and forget.
_NOT_KNOWN_GONE: Final = "missingfromdisk"


class UpdateType(StrEnum):
    """Jellyfin's words for what became of a path."""

    CREATED = "Created"
    MODIFIED = "Modified"
    DELETED = "Deleted"


class Scan(StrEnum):
    """How Jellyfin was told."""

    PATHS = "paths"
    FULL = "full"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PathUpdate:
    """A path, and what became of it."""

    path: str
    type: UpdateType


@dataclass(frozen=True, slots=True)
class Findings:
    """What a service's events come to: `mapped` and `unmapped` are events, by what can be told.

    `updates` are in Jellyfin's names, not merged yet; `lost` names what no mapping covers.
    """

    updates: tuple[PathUpdate, ...] = ()
    mapped: tuple[HistoryEvent, ...] = ()
    unmapped: tuple[HistoryEvent, ...] = ()
    lost: tuple[str, ...] = ()


def changes(event: HistoryEvent) -> tuple[PathUpdate, ...]:
    """Say which of the service's paths an event changed; an unknown path is an empty one."""
    match event.kind:
        case HistoryKind.IMPORTED:
            return (PathUpdate(event.path or "", UpdateType.CREATED),)
        case HistoryKind.RENAMED:
            old = (event.source_path,) if event.source_path else ()
            return (
                PathUpdate(event.path or "", UpdateType.CREATED),
                *(PathUpdate(path, UpdateType.DELETED) for path in old),
            )
        case HistoryKind.DELETED if (event.reason or "").lower() != _NOT_KNOWN_GONE and event.path:
            return (PathUpdate(event.path, UpdateType.DELETED),)
        case _:
            return ()


def to_jellyfin(path: str, path_map: PathMap, libraries: Iterable[str]) -> str | None:
    """Give Jellyfin's name of a service's path: by the mapping, or because both name it alike."""
    mapped = path_map.to_here(path)
    if mapped is not None:
        return mapped
    return normalize(path) if any(contains(folder, path) for folder in libraries) else None


def find(events: Iterable[HistoryEvent], path_map: PathMap, libraries: Sequence[str]) -> Findings:
    """Work out what a service's events have Jellyfin look at.

    A file is told by its folder, so that a season is one path; but never by a folder that is a
    library, or holds one: that would be a scan of all of it.
    """
    updates: list[PathUpdate] = []
    mapped: list[HistoryEvent] = []
    unmapped: list[HistoryEvent] = []
    lost: list[str] = []
    tops = _tops([*libraries, *(pair.here for pair in path_map.pairs)])
    for event in events:
        imports = [
            PathUpdate(_folder(here, tops), change.type)
            for change in changes(event)
            if (here := to_jellyfin(change.path, path_map, libraries)) is not None
        ]
        updates += imports
        (mapped if imports else unmapped).append(event)
        if not imports:
            lost += [change.path or event.source_title for change in changes(event)]
    return Findings(tuple(updates), tuple(mapped), tuple(unmapped), tuple(dict.fromkeys(lost)))


def _tops(folders: Iterable[str]) -> set[tuple[str, ...]]:
    """Give the folders and all folders above them, in comparable form."""
    keys = (components(folder) or () for folder in folders)
    return {key[:end] for key in keys for end in range(1, len(key) + 1)}


def _folder(path: str, tops: Container[tuple[str, ...]]) -> str:
    above = parent(path)
    return path if above is None or components(above) in tops else above


def merge(updates: Iterable[PathUpdate]) -> tuple[PathUpdate, ...]:
    """Name every place once: a folder swallows what lies in it.

    Where both a file came and another went, the folder has changed.
    """
    found: dict[tuple[str, ...], PathUpdate] = {}
    keyed = [(components(update.path) or (update.path,), update) for update in updates]
    for key, update in sorted(keyed, key=lambda one: len(one[0])):
        over = next((key[:end] for end in range(1, len(key) + 1) if key[:end] in found), None)
        if over is None:
            found[key] = update
        elif found[over].type is not update.type:
            found[over] = PathUpdate(found[over].path, UpdateType.MODIFIED)
    return tuple(sorted(found.values(), key=lambda update: update.path))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Up to where one service's events were told.

    `at` is an instant of the service's events, never later than our own now, so that a clock that
    ran ahead and was put right hides nothing. `notified` are the events of which Jellyfin was told
    and that the next look may show again, by number and instant.
    """

    at: datetime
    notified: Mapping[int, datetime] = field(default_factory=dict)

    @staticmethod
    def first_look(now: datetime) -> datetime:
        """Say from when on to read for `begin`."""
        return now - FIRST_LOOK

    @classmethod
    def begin(cls, events: Sequence[HistoryEvent], now: datetime) -> Self:
        """Begin: what was read in the first look counts as told."""
        latest = max((event.at for event in events), default=now - FIRST_LOOK)
        # Not so far back that the next look would reach behind the first.
        at = max(min(latest, now), now - FIRST_LOOK + OVERLAP)
        return cls(at, _kept({event.id: event.at for event in events}, at))

    def since(self, now: datetime) -> datetime:
        """Say from when on to read the history."""
        return max(self.at - OVERLAP, now - LONGEST)

    def pending(self, events: Iterable[HistoryEvent]) -> tuple[HistoryEvent, ...]:
        """Give what has to be told still, each event once, in order.

        What lies behind the reach of a look was dealt with, and is not remembered.
        """
        reach = self.at - OVERLAP
        open_events = {
            (event.at, event.id): event
            for event in events
            if event.at >= reach and self.notified.get(event.id) != event.at and changes(event)
        }
        return tuple(open_events[key] for key in sorted(open_events))

    def advanced(
        self, events: Sequence[HistoryEvent], notified: Iterable[HistoryEvent], now: datetime
    ) -> Checkpoint:
        """Move on after Jellyfin was told of `notified`; `events` are all that were read.

        What is still open holds the checkpoint back, but never before where it was.
        """
        known = {**self.notified, **{event.id: event.at for event in notified}}
        waiting = Checkpoint(self.at, known).pending(events)
        latest = max((event.at for event in events), default=self.at)
        at = max(self.at, min(latest, now, *(event.at for event in waiting)))
        return Checkpoint(at, _kept(known, at))

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        notified = {str(number): at.isoformat() for number, at in self.notified.items()}
        return {"at": self.at.isoformat(), "told": notified}

    @classmethod
    def from_dict(cls, plain: object) -> Checkpoint | None:
        """Read what `as_dict` gave; None for anything else."""
        if not isinstance(plain, Mapping) or not isinstance(plain.get("told"), Mapping):
            return None
        try:
            notified = {int(key): datetime.fromisoformat(at) for key, at in plain["told"].items()}
            return cls(datetime.fromisoformat(plain["at"]), notified)
        except KeyError, TypeError, ValueError:
            return None


def _kept(notified: Mapping[int, datetime], at: datetime) -> dict[int, datetime]:
    """Forget what no later look can show."""
    return {number: when for number, when in notified.items() if when >= at - OVERLAP}


def may_scan(last: datetime | None, now: datetime) -> bool:
    """Tell whether a whole-library scan may be asked for: once an hour, whatever the clock did."""
    return last is None or not timedelta() <= now - last < SCAN_EVERY
