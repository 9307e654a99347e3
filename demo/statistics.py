"""Two made-up weeks of watch time, so that the graph of long-term statistics has something to show.

Home Assistant makes an hour's statistics when the hour is over; the demo is rarely open so long.
"""

from datetime import timedelta
import random
from typing import Final

from world.clock import utcnow

from .homeassistant import HomeAssistant

DAYS: Final = 14
_EVENING: Final = range(18, 23)  # hours of UTC


async def two_weeks(ha: HomeAssistant, entity_ids: list[str]) -> None:
    """Give each watch time a past, the same in every run."""
    for entity_id in entity_ids:
        metadata = {
            "statistic_id": entity_id,
            "source": "recorder",
            "name": None,
            "has_sum": True,
            "mean_type": 0,
            "unit_of_measurement": "h",
            "unit_class": "duration",
        }
        await ha.ws(type="recorder/import_statistics", metadata=metadata, stats=_past(entity_id))


def _past(entity_id: str) -> list[dict[str, object]]:
    """Make the hours. Home Assistant counts on from 0, so that is where the sum must end."""
    dice = random.Random(entity_id)
    midnight = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    hours = [
        (midnight - timedelta(days=day) + timedelta(hours=hour), _watched(dice, hour))
        # The graph's first day needs one before it to count from.
        for day in range(DAYS + 2, 0, -1)
        for hour in range(24)
    ]
    total = -sum(watched for _, watched in hours)
    rows: list[dict[str, object]] = []
    today = 0.0
    for at, watched in hours:
        total += watched
        today = watched if at.hour == 0 else today + watched
        rows.append({"start": at.isoformat(), "state": round(today, 4), "sum": round(total, 4)})
    return rows


def _watched(dice: random.Random, hour: int) -> float:
    """Say how much of an hour was watched: mostly nothing, more in the evening."""
    return round(dice.uniform(0.2, 1.0), 2) if hour in _EVENING and dice.random() < 0.45 else 0.0
