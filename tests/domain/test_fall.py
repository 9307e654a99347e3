"""A sudden fall, as it is shown."""

from datetime import UTC, datetime

from custom_components.showrunner.domain.fall import Fall


def test_a_fall_says_what_is_left_and_how_much_is_gone() -> None:
    """Of each kind, and of the one that lost most."""
    had = {"movies": 10, "episodes": 200, "none": 0}
    fall = Fall("m", datetime(2026, 6, 1, tzinfo=UTC), had, {"movies": 5, "episodes": 20})
    assert [fall.left(one) for one in (*had, "other")] == [5, 180, 0, 0]
    assert fall.percent == 50
