"""The demo's page has a past: its made-up weeks go on where Home Assistant counts on."""

import pytest

from demo.statistics import DAYS, _past


def test_the_made_up_weeks_end_where_home_assistant_counts_on() -> None:
    """Else the graph falls by two weeks in the first hour."""
    rows = _past("sensor.sofa_watch_time")
    assert rows == _past("sensor.sofa_watch_time")
    assert rows != _past("sensor.kitchen_watch_time")
    sums = [row["sum"] for row in rows]
    assert sums[-1] == pytest.approx(0, abs=0.001)
    assert sums == sorted(sums)  # type: ignore[type-var]
    assert len(rows) >= DAYS * 24
    assert all(0 <= row["state"] <= 5 for row in rows)  # type: ignore[operator]
