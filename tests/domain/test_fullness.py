"""When a torrent client passes a limit, and when it has left it."""

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.fullness import Fullness, passed

from .torrents import GB

QUOTA = 100 * GB
TOLD = frozenset({Fullness.QUOTA})


@pytest.mark.parametrize(
    ("used", "fulls", "now"),
    [
        (95, frozenset(), frozenset()),
        (95.1, frozenset(), TOLD),
        (100, TOLD, TOLD),
        (94, TOLD, TOLD),
        (93.2, TOLD, TOLD),
        (93, TOLD, frozenset()),
        (93.2, frozenset(), frozenset()),
    ],
)
def test_a_limit_is_passed_and_left(
    used: float, fulls: frozenset[Fullness], now: frozenset[Fullness]
) -> None:
    """Whoever hovers around it has not left it."""
    assert passed(int(used * GB), QUOTA, None, fulls) == now
    # A target is passed as it is, and not at a share of it.
    target = frozenset({Fullness.TARGET} if fulls else ())
    wanted = frozenset({Fullness.TARGET} if now else ())
    assert passed(int(used * GB), None, 95 * GB, target) == wanted


def test_without_a_limit_nothing_is_full() -> None:
    """What is not limited can't be passed."""
    for quota in (None, 0):
        assert passed(10**15, quota, quota, frozenset()) == frozenset()
        assert passed(10**15, quota, quota, TOLD) == frozenset()


@given(st.lists(st.integers(0, 110 * GB), max_size=30))
def test_a_person_is_told_no_oftener_than_it_was_below(levels: list[int]) -> None:
    """Between two messages it was below the limit, whatever it did."""
    fulls: frozenset[Fullness] = frozenset()
    lowest: int | None = None
    for level in levels:
        now = passed(level, QUOTA, None, fulls)
        lowest = level if lowest is None else min(lowest, level)
        if now - fulls:
            assert level > 95 * GB
            assert lowest == level or lowest <= 95 * GB
            lowest = None
        fulls = now
