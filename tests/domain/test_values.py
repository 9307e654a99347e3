"""What services write where they know nothing is nothing, in one reader for all."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.values import (
    LARGEST,
    identifier,
    integer,
    language,
    natural,
    number,
    positive,
    rating,
    size,
    year,
)

READERS = (identifier, integer, language, natural, number, positive, rating, size, year)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.from_regex(r"\s*[-+]{0,3}[0-9]{0,30}([.][0-9]*)?([eE][-+]?[0-9]{0,4})?\s*"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(anything)
def test_no_reader_raises_or_gives_what_cannot_be_kept(value: object) -> None:
    """SQLite keeps 64 bits, a browser 53."""
    for reader in READERS:
        found: Any = reader(value)
        if isinstance(found, int | float):
            assert abs(found) <= LARGEST
    assert year(value) is None or 1870 <= (year(value) or 0) <= 2100


@pytest.mark.parametrize(
    "value",
    [
        "--5",
        "-",
        "+",
        "",
        " ",
        "5" * 5000,
        "-" + "9" * 5000,
        2**63,
        2**53,
        -(2**64),
        "9" * 19,
        float("nan"),
        float("inf"),
        float("-inf"),
        1e300,
        "nan",
        "Infinity",
        "1e999",
        "٣",
        "1_0",
        True,
    ],
)
def test_what_is_no_number(value: object) -> None:
    """Python itself raises for some of these, and takes others for numbers."""
    assert integer(value) is None
    assert number(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(5, 5), (" 5 ", 5), ("-5", -5), ("+5", 5), (5.0, 5), (LARGEST, LARGEST), ("007", 7)],
)
def test_a_whole_number(value: object, expected: int) -> None:
    """Also one that was sent as a text, as templates do."""
    assert integer(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), (" -2. ", -2.0), (7, 7.0)]
)
def test_a_number(value: object, expected: float) -> None:
    """With a fraction; a whole number in `integer` has none."""
    assert number(value) == expected


@pytest.mark.parametrize("value", [0, 1, -1, 9999, 20110112, "20110112", "", None, 1869, 2101, "0"])
def test_what_is_no_year(value: object) -> None:
    """Radarr writes 0 where TMDb has no release date; Jellyfin 1, and dates without dashes."""
    assert year(value) is None


@pytest.mark.parametrize("value", [1970, "1970", 1888, 2027, 1970.0])
def test_a_year(value: object) -> None:
    """Films were made in 1970."""
    assert year(value) == int(value)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (4513, 4513),
        ("4513", 4513),
        ("4513-some-words", 4513),
        ("4513-7", 4513),
        (" 4513/ ", 4513),
        ("121361-" + "x" * 5000, 121361),
        (0, None),
        ("0", None),
        ("0-nothing", None),
        (-1, None),
        ("-1", None),
        ("4513some", None),
        ("4513.5", None),
        ("some-4513", None),
        ("9" * 17, None),
        (True, None),
        (2**53, None),
    ],
)
def test_a_providers_number(value: object, expected: int | None) -> None:
    """The end of a page's address is one; a service's 0 is not."""
    assert identifier(value) == expected


@pytest.mark.parametrize(
    "value", ["Unknown", "unknown", " ", "", "Any", "Original", None, 5, "x" * 99]
)
def test_what_is_no_language(value: object) -> None:
    """Radarr's own words for "none", "whichever" and "the film's own"."""
    assert language(value) is None


def test_a_language() -> None:
    """By its name."""
    assert language(" French ") == "French"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, None), (-1, None), ("12", 12), (12.7, 12), (float("nan"), None), (2**64, None)],
)
def test_a_size(value: object, expected: int | None) -> None:
    """Nothing has 0 bytes; a size has a fraction in some answers."""
    assert size(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 0), ("0", 0), (7.0, 7), (-1, None), (None, None), ("x", None)]
)
def test_of_seasons_and_counts_nought_is_one(value: object, expected: int | None) -> None:
    """Specials are season 0; what is below it is a service's word for none."""
    assert natural(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.1, 0.1), ("7.4", 7.4), (10, 10.0), (0, None), (10.1, None), (-1, None), (None, None)],
)
def test_where_nobody_has_voted_there_is_no_rating(value: object, expected: float | None) -> None:
    """A film is not bad because nobody knows it."""
    assert rating(value) == expected
