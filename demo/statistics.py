"""A past for the graphs of long-term statistics, which Home Assistant makes hour by hour.

The demo is rarely open for even one. Of the watch times only the first hour is put in, at which
Showrunner itself writes what was watched before, once a history is imported. What nobody kept, how
full things were and what was saved and freed, is made up, the same in every run.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
import random
from typing import Final

from world.clock import utcnow

from .homeassistant import HomeAssistant

DAYS: Final = 90
_HOURS: Final = 24 * DAYS
_HOUR: Final = timedelta(hours=1)
# Beyond so much (GB) a night takes some away.
_PURGED: Final = 260.0
# So much of a disk's room goes in an hour at most, as a part of what is there now.
_GOES: Final = 0.0006

type Row = dict[str, object]
type Shape = Callable[[random.Random, float], Iterator[Row]]


async def past(ha: HomeAssistant, entities: dict[str, str]) -> None:
    """Give each entity (its id, and its translation key) the past that its key has."""
    for entity_id, key in entities.items():
        if key not in _SHAPES:
            continue
        state = await ha.table("GET", f"/api/states/{entity_id}")
        attributes = state["attributes"]
        unit = attributes.get("unit_of_measurement") if isinstance(attributes, dict) else None
        metadata = {
            "statistic_id": entity_id,
            "source": "recorder",
            "name": None,
            "has_sum": key not in _LEVELS,
            "mean_type": int(key in _LEVELS),
            "unit_of_measurement": unit,
            "unit_class": "duration" if key == WATCHED else "information",
        }
        rows = rows_of(entity_id, key, _number(state["state"]))
        await ha.ws(type="recorder/import_statistics", metadata=metadata, stats=rows)


def rows_of(entity_id: str, key: str, now: float) -> list[Row]:
    """Make the hours, the last one the last that is over; `now` is what the entity shows."""
    last = utcnow().replace(minute=0, second=0, microsecond=0) - _HOUR
    found = list(_SHAPES[key](random.Random(entity_id), now))
    begun = last - _HOUR * (len(found) - 1)
    return [_at(begun + _HOUR * number, row) for number, row in enumerate(found)]


def _at(start: datetime, row: Row) -> Row:
    return {"start": start.isoformat(), **row}


def _number(state: object) -> float:
    try:
        return float(str(state))
    except ValueError:
        return 0.0


def _first(_: random.Random, __: float) -> Iterator[Row]:
    """Give the one hour with which counting begins."""
    yield {"state": 0.0, "sum": 0.0}


def _filling(dice: random.Random, now: float) -> Iterator[Row]:
    """Fill up by day, and be purged every few nights; at the end it is as full as it is now."""
    level = float(dice.randint(90, 160))
    levels = [level]
    for hour in range(_HOURS - 2):
        purged = hour % 24 == 0 and level > _PURGED
        level = level * dice.uniform(0.3, 0.5) if purged else level + dice.uniform(0, 4)
        levels.append(level)
    return _means(iter([*levels, now]))


def _emptying(dice: random.Random, now: float) -> Iterator[Row]:
    """Have less room by and by, and some of it back after a night's cleanup."""
    levels = [now]
    for hour in range(_HOURS - 1):
        level = levels[-1] + now * dice.uniform(0, _GOES)
        freed = hour % 24 == 0 and dice.random() < 0.2
        levels.append(level - now * dice.uniform(0.02, 0.06) if freed else level)
    return _means(reversed(levels))


def _means(levels: Iterator[float]) -> Iterator[Row]:
    for level in levels:
        shown = round(level, 3)
        yield {"mean": shown, "min": shown, "max": shown}


def _gained(dice: random.Random, _: float) -> Iterator[Row]:
    """Gain some on most days. Home Assistant counts on from 0: that is where the sum must end."""
    gains = [
        round(dice.uniform(4, 42), 1) if hour % 24 == 3 and dice.random() < 0.55 else 0.0
        for hour in range(_HOURS)
    ]
    total = -sum(gains)
    for gain in gains:
        total += gain
        yield {"sum": round(total, 3)}


WATCHED: Final = "watch_time"
_LEVELS: Final = frozenset({"used", "free_space"})
_SHAPES: Final[dict[str, Shape]] = {
    WATCHED: _first,
    "used": _filling,
    "free_space": _emptying,
    "saved_total": _gained,
    "freed_total": _gained,
}
