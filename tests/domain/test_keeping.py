"""How long the history is kept, in months of the calendar."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.keeping import kept_since

from .samples import NOW


@pytest.mark.parametrize(
    ("now", "months", "expected"),
    [
        ("2026-11-24", 1, "2026-10-24"),
        ("2026-11-24", 12, "2025-11-24"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2024-03-31", 1, "2024-02-29"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2026-11-24", 240, "2006-11-24"),
    ],
)
def test_months_are_those_of_the_calendar(now: str, months: int, expected: str) -> None:
    """Of a shorter month the last day."""
    at = datetime.fromisoformat(now).replace(hour=3, tzinfo=UTC)
    assert kept_since(at, months) == datetime.fromisoformat(expected).replace(hour=3, tzinfo=UTC)


@given(st.integers(0, 36_500).map(lambda days: NOW + timedelta(days=days)), st.integers(0, 300))
def test_more_months_keep_more(at: datetime, months: int) -> None:
    """And never less than 28 days a month."""
    known, more = kept_since(at, months), kept_since(at, months + 1)
    assert (known is None) == (months == 0)
    assert more is not None
    assert at - more >= timedelta(days=28) * (months + 1)
    assert known is None or more < known


def test_there_is_no_instant_before_all_history() -> None:
    """Nor before the first year: then all is kept."""
    assert kept_since(NOW, 12 * NOW.year) is None
    assert kept_since(NOW, 12 * NOW.year - NOW.month - 1) is not None
