"""What happened to a request on its way, as its story tells it; told once what belongs together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..media import Place
from .facts import Event, EventKind, Fact

# How what has no download names its file instead.
_FILE = "file:"


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
    groups: dict[tuple[object, ...], list[Event]] = {}
    for fact in facts:
        if isinstance(fact, Event):
            minute = fact.at.replace(second=0, microsecond=0)
            groups.setdefault((minute, fact.kind, _download(fact)), []).append(fact)
    return tuple(
        sorted(map(_joined, groups.values()), key=lambda one: (one.at, one.kind, one.download))
    )


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
