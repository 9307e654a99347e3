"""Since when something is so: kept while it is, forgotten when it is not, and never in advance."""

from datetime import datetime, timedelta
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.since import begun, from_store, to_store

from .samples import NOW

HOUR = timedelta(hours=1)
names = st.sampled_from("abcde")
dates = st.integers(-99, 99).map(lambda hours: NOW + hours * HOUR)


def test_what_is_still_so_keeps_its_date_and_what_is_new_begins_now() -> None:
    """What comes back later begins anew."""
    first = begun({}, ["a", "b"], NOW)
    assert first == {"a": NOW, "b": NOW}
    second = begun(first, ["b", "c"], NOW + HOUR)
    assert second == {"b": NOW, "c": NOW + HOUR}
    third = begun(second, ["a", "b"], NOW + 2 * HOUR)
    assert third == {"a": NOW + 2 * HOUR, "b": NOW}


@given(st.dictionaries(names, dates), st.lists(names), dates)
def test_nothing_is_so_since_a_time_that_is_yet_to_come(
    before: dict[str, datetime], so: list[str], now: datetime
) -> None:
    """A clock that was ahead makes nothing older, nor keeps it young for ever."""
    after = begun(before, so, now)
    assert after.keys() == set(so)
    for name, at in after.items():
        assert at <= now
        assert at in (now, before.get(name))


@given(st.dictionaries(st.text(), dates))
def test_it_comes_back_as_it_was_kept(since: dict[str, datetime]) -> None:
    """Through JSON, too."""
    assert from_store(json.loads(json.dumps(to_store(since)))) == since


@pytest.mark.parametrize(
    "text", [None, 7, "", "yesterday", "2026-06-12", "2026-06-12T00:00:00", ["2026"], 20260612]
)
def test_what_is_no_instant_as_we_write_it_was_noted_by_nobody(text: object) -> None:
    """It begins anew: later than it did, and never earlier. The others are read all the same."""
    assert from_store({"a": text, "b": NOW.isoformat()}) == {"b": NOW}


@pytest.mark.parametrize("kept", [None, [], "a", 7, [["a", "b"]]])
def test_what_is_no_table_has_nothing(kept: object) -> None:
    assert from_store(kept) == {}
