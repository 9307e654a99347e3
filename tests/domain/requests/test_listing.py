"""A list that suddenly misses most is believed when two reads miss the same (law 9)."""

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.fall import FallMoved
from custom_components.showrunner.domain.requests.listing import Listing
from tests.domain.samples import NOW

NONE: frozenset[int] = frozenset()


def numbers(begin: int, end: int) -> frozenset[int]:
    """Give the numbers from one to another, both included."""
    return frozenset(range(begin, end + 1))


def test_what_a_healthy_list_lacks_is_gone() -> None:
    """Half may go at once."""
    listing, gone = Listing(numbers(1, 10)).read(numbers(6, 10), numbers(1, 10))
    assert gone == numbers(1, 5)
    assert listing == Listing(numbers(6, 10))


def test_how_much_may_go_at_once_is_an_option() -> None:
    """It holds for what is missed, and for what is missing beyond that the second time."""
    held = numbers(1, 10)
    listing, gone = Listing(held).read(numbers(5, 10), held, 39)
    assert gone is None
    assert Listing(held).read(numbers(5, 10), held, 40)[1] == numbers(1, 4)
    assert listing.read(numbers(8, 10), held, 49)[1] is None
    assert listing.read(numbers(8, 10), held, 50)[1] == numbers(1, 4)
    assert Listing(held).read(NONE, held, 100)[1] is None


@pytest.mark.parametrize("count", [1, 2, 3])
def test_all_of_a_few_is_a_fall_too(count: int) -> None:
    """Two of two may not vanish at once."""
    held = numbers(1, count)
    listing, gone = Listing(held).read(NONE, held)
    assert gone is None
    listing, gone = listing.read(NONE, held)
    assert gone == held


def test_windows_that_move_are_no_agreement() -> None:
    """The first misses 1 to 60 of 100, the second 41 to 100."""
    held = numbers(1, 100)
    listing, gone = Listing(held).read(numbers(61, 100), held)
    assert gone is None
    listing, gone = listing.read(numbers(1, 40), held)
    assert gone is None
    assert listing == Listing(held, numbers(41, 100))


def test_what_was_missed_once_is_still_to_be_missed_again() -> None:
    """Of two lists that agree only what both have missed is gone."""
    held = numbers(1, 100)
    listing, _ = Listing(held).read(numbers(61, 100), held)
    listing, gone = listing.read(numbers(71, 100), held)
    assert gone == numbers(1, 60)
    listing, gone = listing.read(numbers(71, 100), held - numbers(1, 60))
    assert gone == numbers(61, 70)


def test_losses_that_grow_into_a_fall_of_their_own_are_no_agreement() -> None:
    """Each needs two, and so does the second fall."""
    held = numbers(1, 100)
    listing, _ = Listing(held).read(numbers(61, 100), held)
    listing, gone = listing.read(numbers(90, 100), held)
    assert gone is None
    listing, gone = listing.read(numbers(90, 100), held)
    assert gone == numbers(1, 89)


def confirmed(listing: Listing) -> Listing:
    """Have a person confirm the fall."""
    return listing.accepting(listing.fall(NONE, NOW).mark)


def test_a_confirmed_fall_is_gone_with_the_next_list() -> None:
    """What was shown, if it is not there again; what goes missing beyond it waits."""
    held = numbers(1, 100)
    listing, _ = Listing(held).read(numbers(61, 100), held)
    fall = listing.fall(held, NOW)
    assert (fall.had, fall.lost) == ({"requests": 100}, {"requests": 60})
    accepted = confirmed(listing)
    assert accepted.read(numbers(60, 100), held)[1] == numbers(1, 59)
    worse, gone = accepted.read(numbers(95, 100), held)
    assert gone is None
    assert worse.read(numbers(95, 100), held)[1] == numbers(1, 94)
    # In between one was there again: of it nobody has confirmed anything any more.
    worse, gone = accepted.read(numbers(95, 100) | {7}, held)
    assert gone is None
    assert worse.read(numbers(61, 100), held)[1] == numbers(1, 60)
    assert worse.accepted == numbers(1, 60) - {7}
    for moved in (worse, accepted, Listing(held)):
        with pytest.raises(FallMoved):
            moved.accepting(fall.mark)


def test_it_is_kept_as_it_is() -> None:
    """What was never kept says nothing."""
    listing, _ = Listing(numbers(1, 9)).read(numbers(1, 2), NONE)
    assert Listing.from_dict(confirmed(listing).as_dict()) == confirmed(listing)
    assert Listing.from_dict(listing.as_dict()) == listing
    for kept in (None, [], {}, {"named": None, "missed": ["1"]}):
        assert Listing.from_dict(kept) == Listing()


some = st.frozensets(st.integers(1, 12))


@given(st.lists(st.tuples(some, st.booleans()), max_size=8), some)
def test_nothing_goes_by_a_fall_that_was_missed_once_and_not_confirmed(
    lists: list[tuple[frozenset[int], bool]], held: frozenset[int]
) -> None:
    """Whatever is listed in whatever order, and whenever a person confirms what is shown."""
    listing, before, said = Listing(), NONE, NONE
    for named, confirms in lists:
        said -= named
        known = (held | listing.named) - said
        listing, gone = listing.read(named, held)
        lost = known - named
        if gone is not None:
            assert gone == gone & held - named
            if len(lost) * 2 > len(known):
                assert not (gone - said) & before
            held -= gone
            said = NONE
        elif confirms:
            said |= listing.missed
            listing = confirmed(listing)
        before = named
