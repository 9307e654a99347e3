"""What takes long is begun first, in every process."""

from hypothesis import given, strategies as st

from .effort import dealt


@given(st.lists(st.sampled_from(["long", "waits", "works"]), max_size=40), st.integers(1, 6))
def test_nothing_is_lost_and_each_kind_stays_in_its_order(kinds: list[str], parts: int) -> None:
    everything = list(enumerate(kinds))
    found = _dealt(everything, parts)
    assert sorted(found) == everything
    for kind in ("waits", "works"):
        assert [one for one in found if one[1] == kind] == [
            one for one in everything if one[1] == kind
        ]


def test_each_part_begins_with_what_is_long() -> None:
    found = dealt(range(12), lambda one: one >= 9, lambda _: False, 3)
    assert found == [9, 0, 1, 2, 10, 3, 4, 5, 11, 6, 7, 8]


def test_what_waits_stands_beside_what_works() -> None:
    found = dealt(range(12), lambda _: False, lambda one: one < 4, 2)
    assert found == [4, 5, 6, 7, 0, 1, 2, 3, 8, 9, 10, 11]


def test_all_may_be_long() -> None:
    assert sorted(dealt(range(3), lambda _: True, lambda _: False, 5)) == [0, 1, 2]


def _dealt(everything: list[tuple[int, str]], parts: int) -> list[tuple[int, str]]:
    return dealt(everything, lambda one: one[1] == "long", lambda one: one[1] == "waits", parts)
