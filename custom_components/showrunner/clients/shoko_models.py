"""What Shoko 5 tells of itself and its files, as values.

A file is matched when it is linked to anything in AniDB, also to what AniDB calls "Other" (a
director's cut is). An answer that leaves the links out says nothing, and is not "not matched".
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from ..domain.paths import components
from .parse import Json, integer, path, positive, rows, table, text, version

_STATES: Final = {"starting": 1, "started": 2, "failed": 3, "waiting": 4}


class StartState(IntEnum):
    """How far the server has started, by its own numbers. `UNKNOWN` is not started."""

    UNKNOWN = 0
    STARTING = 1
    STARTED = 2
    FAILED = 3
    WAITING = 4


@dataclass(frozen=True, slots=True)
class ShokoStatus:
    """Who answers."""

    version: str


@dataclass(frozen=True, slots=True)
class ShokoFile:
    """A file. `paths` are relative to its import folder; `matched` None: the answer doesn't say."""

    id: int
    paths: tuple[str, ...]
    matched: bool | None


@dataclass(frozen=True, slots=True)
class HubEvent:
    """Something that Shoko says by itself: its name (FileMatched), the file and where it lies."""

    name: str
    file_id: int | None = None
    path: str = ""
    matched: bool = False


def server_version(answer: object) -> str | None:
    """Find the server's version: under Server, or in the list of older ones; None when no Shoko."""
    if isinstance(answer, list):
        server = next((row for row in rows(answer) if row.get("Name") == "Server"), {})
    else:
        server = table(table(answer).get("Server"))
    return text(server.get("Version"))


def major(written: str) -> int | None:
    """Read the first number of a version; None for what has none."""
    return next(iter(version(written)), None)


def start_state(answer: object) -> StartState:
    """Read how far the server has started; it writes the name or the number."""
    state = table(answer).get("State")
    number = _STATES.get(state.lower()) if isinstance(state, str) else None
    number = integer(state) if number is None else number
    known = number is not None and number in set(StartState)
    return StartState(number) if known and number is not None else StartState.UNKNOWN


def file(row: Json) -> ShokoFile | None:
    """Read a file; None without an id."""
    file_id = positive(row.get("ID"))
    if file_id is None:
        return None
    paths = (path(place.get("RelativePath")) for place in rows(row.get("Locations")))
    linked = row.get("SeriesIDs")
    return ShokoFile(
        file_id,
        tuple(one for one in paths if one),
        bool(rows(linked)) if isinstance(linked, list) else None,
    )


def hub_event(target: str, arguments: object) -> HubEvent:
    """Read an event of the hub: `ShokoEvent:FileMatched` and the like."""
    given = rows(arguments)
    body = given[0] if given else {}
    return HubEvent(
        target.rpartition(":")[2],
        positive(body.get("FileID")),
        path(body.get("RelativePath")) or "",
        bool(rows(body.get("CrossReferences"))),
    )


def tail(place: str, count: int) -> tuple[str, ...]:
    """Give the last components of a path, so that equal ones are equal whatever their case.

    Shoko's paths begin at an import folder, with or without a separator.
    """
    parts = components(place if place[:1] in ("/", "\\") or ":" in place[:2] else f"/{place}")
    if parts is None and "\\" in place:
        parts = components(place.replace("\\", "/"))
    return tuple(part.casefold() for part in (parts or ())[1:][-count:])
