"""How a viewing is written into columns: whole numbers, flags, and nothing twice.

`started` and `length` are microseconds, so that what is read equals what was written.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import RowMapping, Select, select

from ..domain.media import Unit
from ..domain.text import say
from ..domain.watching import ReportSource, Seen, Viewing, unit_dict, unit_from
from .codec import dump, load, milliseconds
from .errors import StoreDamaged
from .schema import NAMES, PLAYERS, UNITS, VIEWINGS

# Whether it counts is asked of the database; it follows from the others.
COUNTS: Final = 1
_FLAGS: Final = {
    "completed": 2,
    "finished": 4,
    "credits_jump": 8,
    "confirmed": 16,
    "doubted": 32,
}
_SOURCES: Final = {
    ReportSource.WEBSOCKET: 64,
    ReportSource.POLL: 128,
    ReportSource.WEBHOOK: 256,
    ReportSource.JELLYSTAT: 512,
    ReportSource.PLAYBACK_REPORTING: 1024,
}
_IDS: Final = ("ids", "series_ids")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

# Everything that makes a viewing.
READ: Final[Select[Any]] = (
    select(
        VIEWINGS,
        NAMES.c.name.label("viewer_name"),
        UNITS.c.data.label("unit_data"),
        PLAYERS.c.device,
        PLAYERS.c.client,
        PLAYERS.c.play_method,
    )
    .join(NAMES, NAMES.c.id == VIEWINGS.c.viewer)
    .join(UNITS, UNITS.c.id == VIEWINGS.c.unit)
    .join(PLAYERS, PLAYERS.c.id == VIEWINGS.c.player)
)


def microseconds(at: datetime) -> int:
    """Write an instant exactly."""
    return (at - _EPOCH) // _MICROSECOND


def unit_text(unit: Unit) -> str:
    """Write a unit: what is known of it."""
    known = {name: value for name, value in unit_dict(unit).items() if value is not None}
    for name in _IDS:
        ids = known[name]
        known[name] = {one: value for one, value in ids.items() if value is not None}  # type: ignore[attr-defined]
    return dump({name: value for name, value in known.items() if value != {}})


def values_of(viewing: Viewing, viewer: int, unit: int, player: int) -> dict[str, object]:
    """Write a viewing as a row's values, of the numbers of its viewer, unit and player."""
    started = microseconds(viewing.started_at)
    return {
        "viewer": viewer,
        "unit": unit,
        "player": player,
        "day": viewing.day.toordinal(),
        "started": started,
        "length": microseconds(viewing.ended_at) - started,
        "ended_at": end_of(viewing),
        "watched": viewing.watched,
        "position": viewing.position,
        "runtime": viewing.runtime,
        "flags": _flags(viewing),
        "seen": None if viewing.seen is None else _seen_text(viewing.seen),
    }


def end_of(viewing: Viewing) -> int:
    """Say when it ended, for what is asked of a time: a webhook makes nothing count for longer."""
    seen = viewing.proven if viewing.counts else None
    return milliseconds(seen.ended_at if seen else viewing.ended_at)


def reached(viewing: Viewing) -> float:
    """Say how far a viewing got. Of an unknown runtime: completed, or not far enough to count."""
    percent = viewing.proven_percent if viewing.counts else viewing.percent
    if percent is not None:
        return percent
    return 100.0 if viewing.completed else 0.0


def viewing_of(row: RowMapping) -> Viewing:
    """Read what `READ` gave. Raises StoreDamaged: we wrote it whole."""
    try:
        started = _EPOCH + row["started"] * _MICROSECOND
        flags = row["flags"]
        return Viewing(
            viewer_id=row["viewer_name"].removeprefix("viewer:"),
            unit=_unit(row["unit_data"]),
            day=date.fromordinal(row["day"]),
            started_at=started,
            ended_at=started + row["length"] * _MICROSECOND,
            watched=row["watched"],
            position=row["position"],
            runtime=row["runtime"],
            sources=frozenset(one for one, bit in _SOURCES.items() if flags & bit),
            device=row["device"],
            client=row["client"],
            play_method=row["play_method"],
            seen=None if row["seen"] is None else _seen(row["seen"]),
            **{name: bool(flags & bit) for name, bit in _FLAGS.items()},
        )
    except (KeyError, OverflowError, TypeError, ValueError) as err:
        raise StoreDamaged(say("store_row_unreadable", why=str(err))) from None


def unit_of(data: str) -> Unit:
    """Read a unit. Raises StoreDamaged: we wrote it whole."""
    try:
        return _unit(data)
    except (KeyError, TypeError, ValueError) as err:
        raise StoreDamaged(say("store_row_unreadable", why=str(err))) from None


@lru_cache(4096)
def _unit(data: str) -> Unit:
    """Read a unit; a history names the same ones again and again."""
    plain = load(data)
    if not isinstance(plain, dict):
        raise TypeError("unit")
    return unit_from({"year": None, "ids": {}, "series_ids": {}} | plain)


def _flags(viewing: Viewing) -> int:
    flags = COUNTS if viewing.counts else 0
    flags += sum(bit for name, bit in _FLAGS.items() if getattr(viewing, name))
    return flags + sum(_SOURCES[one] for one in viewing.sources)


def _seen_text(seen: Seen) -> str:
    return dump([seen.watched, seen.position, microseconds(seen.ended_at)])


def _seen(text: str) -> Seen:
    plain = load(text)
    if not isinstance(plain, list):
        raise TypeError("seen")
    watched, position, ended = plain
    return Seen(float(watched), float(position), _EPOCH + ended * _MICROSECOND)
