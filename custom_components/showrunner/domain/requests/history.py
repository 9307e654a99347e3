"""What happened to a request on its way, as its story tells it; told once what belongs together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..media import Place
from .facts import Event, EventKind, Fact

# How what has no download names its file instead.
_FILE = "file:"
_TOGETHER: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """Something that happened to one or several units at once, at its earliest instant.

    `download` is the id that the arr and the client share; empty where none is known.
    """

    at: datetime
    kind: EventKind
    places: tuple[Place, ...]
    download: str
    detail: str

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values; `episodes` as s1e2, none of a movie or where they are not told."""
        return {
            "kind": self.kind.value,
            "episodes": [place.text for place in self.places if place.text],
            "download": self.download or None,
            "detail": self.detail,
        }


def history_of(facts: Iterable[Fact]) -> tuple[HistoryEvent, ...]:
    """Give what happened, the first thing first.

    A pack is grabbed, and imported, for all its episodes within a minute: that is told once.
    """
    groups: list[list[Event]] = []
    last: dict[tuple[EventKind, str], list[Event]] = {}
    for event in sorted((one for one in facts if isinstance(one, Event)), key=lambda one: one.at):
        key = event.kind, _download(event)
        group = last.get(key)
        # Counted from the first of them: a minute by the clock would end in the middle of a pack.
        if group is None or event.at - group[0].at >= _TOGETHER:
            groups.append(group := [])
            last[key] = group
        group.append(event)
    return tuple(sorted(map(_joined, groups), key=lambda one: (one.at, one.kind, one.download)))


def _download(event: Event) -> str:
    return "" if event.download.startswith(_FILE) else event.download


def _joined(events: list[Event]) -> HistoryEvent:
    return HistoryEvent(
        min(one.at for one in events),
        events[0].kind,
        tuple(sorted({one.place for one in events if one.place is not None})),
        _download(events[0]),
        max(one.detail for one in events),
    )
