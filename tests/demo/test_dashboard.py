"""The demo's page has a past, which goes on where Home Assistant counts on."""

from datetime import datetime, timedelta
import itertools

import pytest

from demo.statistics import DAYS, WATCHED, rows_of
from world.clock import utcnow

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("key", ["used", "free_space", "saved_total", "freed_total"])
def test_every_hour_of_the_past_is_there_once_and_the_same_in_every_run(key: str) -> None:
    """Up to the last that is over; of another entity it is another past."""
    rows = rows_of("sensor.one", key, 200.0)
    assert rows == rows_of("sensor.one", key, 200.0)
    assert rows != rows_of("sensor.two", key, 200.0)
    starts = [datetime.fromisoformat(str(row["start"])) for row in rows]
    assert len(starts) == DAYS * 24
    assert {later - earlier for earlier, later in itertools.pairwise(starts)} == {HOUR}
    assert utcnow() - 2 * HOUR <= starts[-1] <= utcnow() - HOUR


@pytest.mark.parametrize("key", ["used", "free_space"])
def test_a_level_ends_at_what_is_there_now(key: str) -> None:
    """And is never below nothing."""
    means = [float(str(row["mean"])) for row in rows_of("sensor.one", key, 200.0)]
    assert means[-1] == 200.0
    assert min(means) > 0
    assert means != sorted(means)


def test_a_sum_ends_where_home_assistant_counts_on() -> None:
    """Else the graph falls by three months in the first hour."""
    sums = [float(str(row["sum"])) for row in rows_of("sensor.one", "freed_total", 7.0)]
    assert sums[-1] == pytest.approx(0, abs=0.01)
    assert sums == sorted(sums)
    assert sums[0] < -100


def test_of_a_watch_time_only_the_first_hour_is_put_in() -> None:
    """The past before it is what Showrunner itself makes of an imported history."""
    [row] = rows_of("sensor.one", WATCHED, 3.0)
    assert (row["state"], row["sum"]) == (0.0, 0.0)
