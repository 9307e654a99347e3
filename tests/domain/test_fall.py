"""A sudden fall, as it is shown."""

from datetime import UTC, datetime

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.fall import Fall, too_much


def test_a_fall_says_what_is_left_and_how_much_is_gone() -> None:
    """Of each kind, and of the one that lost most."""
    had = {"movies": 10, "episodes": 200, "none": 0}
    fall = Fall("m", datetime(2026, 6, 1, tzinfo=UTC), had, {"movies": 5, "episodes": 20})
    assert [fall.left(one) for one in (*had, "other")] == [5, 180, 0, 0]
    assert fall.percent == 50


@pytest.mark.parametrize(
    ("lost", "had", "percent", "much"),
    [
        (50, 100, 50, False),
        (51, 100, 50, True),
        (99, 100, 99, False),
        (99, 100, 100, False),
        (1, 1, 100, True),
        (0, 0, 50, False),
        (-3, 0, 50, False),
        (-3, 5, 1, False),
    ],
)
def test_law_9_so_much_may_not_vanish_at_once(
    lost: int, had: int, percent: float, much: bool
) -> None:
    """What is more than the limit, and all of it; where nothing is lost nothing has fallen."""
    assert too_much(lost, had, percent) is much


@given(st.integers(1, 10**6), st.floats(1, 100))
def test_law_9_nobody_may_lose_everything_at_once(had: int, percent: float) -> None:
    """Whatever limit a person has chosen: who names nothing may not have been able to look."""
    assert too_much(had, had, percent)
    assert not too_much(0, had, percent)
