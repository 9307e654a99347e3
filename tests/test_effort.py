"""What takes long is begun first, in every process."""

from hypothesis import given, strategies as st

from .effort import dealt


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 6))
def test_nothing_is_lost_and_the_rest_stays_in_its_order(long: list[bool], parts: int) -> None:
    everything = list(enumerate(long))
    found = dealt(everything, lambda one: one[1], parts)
    assert sorted(found) == everything
    assert [one for one in found if not one[1]] == [one for one in everything if not one[1]]


def test_each_part_begins_with_what_is_long() -> None:
    found = dealt(range(12), lambda one: one >= 9, 3)
    assert found == [9, 0, 1, 2, 10, 3, 4, 5, 11, 6, 7, 8]


def test_all_may_be_long() -> None:
    assert sorted(dealt(range(3), lambda _: True, 5)) == [0, 1, 2]
