"""Rows in columns are the rows that were written, to the type of each value."""

import zlib

from hypothesis import assume, given, settings, strategies as st
import pytest

from bench.store_rows import request
from custom_components.showrunner.domain.requests.facts import Facts
from custom_components.showrunner.domain.requests.record import (
    dump_facts,
    load_facts,
)
from custom_components.showrunner.store import StoreDamaged, packed_rows
from custom_components.showrunner.store.codec import dump, load
from custom_components.showrunner.store.packed import pack, unpack
from custom_components.showrunner.store.packed_rows import pack_rows, unpack_rows
from tests.domain.requests import made_up
from tests.effort import examples

from .written import can_be_written

_RELEASED = bytes.fromhex(
    "025491f32f9bcc28c48d48570c700e282d090981d2123b242d0909310bb170b2b1308af0b200d312172f282d2110"
    "d6f432f1d7a2451ff6b04dac022719261611507281a4907eb00c3885f0323230f08152061fd3624666064e26b039"
    "4c4cdb19c599be33b203d31928c5304d06a61a41064174bf0401a33cb138351314008efac10686ae0686a0e03732"
    "362931d0334603067a6668c0500fa81e5d1928b5252ae4a6161727a6a74212220000000000000000000000000000"
    "00000000000001000000000000000000000000000000000000000200000000000000000000000000000000000000"
    "030000000000000000000000000000000000000004"
)

type Rows = list[list[object]]

# What looks like something that has a form of its own, and nearly does.
_ODD = st.sampled_from(
    [
        *(
            "s1e1",
            "s0e0",
            "s01e1",
            "s1e10000",
            "s1e9999",
            "s99999e1",
            "s100000e1",
            "S1E1",
            "s1e1\n",
        ),
        *("A" * 32, "a" * 32, "0" * 40, "aA" * 16, "A" * 31, "a" * 30, "F" * 66, "f" * 64),
        *("", "e", "1", "1.0", "/data/tv/A/1.mkv", "/data/tv/A/12.mkv", "/data/tv/A/12.mkv ", "é"),
        *("a\x00b", "千と千尋", "🎬" * 9, "aaaaaaaaaaaa", "aaaaaaaaaaaaaaa", "٣", "s٣e١"),
    ]
)
_INTEGERS = st.sampled_from([0, 1, -1, 1000, -1000, 999, 1780000000000, 1780000000001, 2**63 - 1])
_VALUES = (
    st.none()
    | _ODD
    | _INTEGERS
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0.0, -0.0, 1.0, 1000.0, 100.0])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
)
# Some kinds of rows, each of a length, as facts are; and rows of any kind.
_LIKE_FACTS = st.sampled_from(["e", "t", "i", "s"]).flatmap(
    lambda letter: st.lists(_VALUES, min_size=1, max_size=4).map(lambda more: [letter, *more])
)
_ROWS = st.lists(_LIKE_FACTS | st.lists(_VALUES, min_size=1, max_size=5), max_size=40)


def told(rows: object) -> str:
    """Tell values with their types: 1 is 1.0, and another value."""
    return repr(rows)


def plain(facts: Facts) -> Rows:
    """Give facts as they come out of JSON."""
    rows = load(dump(dump_facts(facts)))
    assert isinstance(rows, list)
    return rows


def is_in_columns(stored: bytes) -> bool:
    """Tell whether rows were not packed as a text."""
    return stored[0] == 2


@settings(max_examples=examples(300), deadline=None)
@given(_ROWS, st.integers(1, 4))
def test_what_is_read_is_what_was_written(rows: Rows, times: int) -> None:
    """Whatever it is: the same as a text of JSON would have given."""
    many = rows * times
    stored = pack_rows(many)
    assert (
        told(unpack_rows(stored)) == told(load(dump(many))) == told(load(unpack(pack(dump(many)))))
    )
    assert is_in_columns(stored) is (len(many) >= 12)


@pytest.mark.parametrize(
    "pair",
    [
        *(
            (1, 1.0),
            (0.0, -0.0),
            ("1", 1),
            ("aaaaaaaa", "aaaaaaaaaaaa"),
            ("aaaaaaaaaaaa", "aaaaaaaa"),
        ),
        *(
            ("A" * 32, "a" * 32),
            ("abcdefabcdef", "abcdefabcdefabcdef"),
            ("s1e1", "s01e01"),
            (None, ""),
        ),
    ],
)
def test_what_is_nearly_the_same_stays_apart(pair: tuple[object, object]) -> None:
    """In columns side by side, and in rows one below the other."""
    one, other = pair
    for rows in ([["e", one, other]] * 20, [["e", "x", one], ["e", "x", other]] * 10):
        stored = pack_rows(rows)
        assert is_in_columns(stored)
        assert told(unpack_rows(stored)) == told(rows)


@settings(max_examples=examples(200), deadline=None)
@given(made_up.facts())
def test_facts_are_equal_in_the_old_form_and_in_the_new(facts: Facts) -> None:
    """Each, in their order."""
    assume(can_be_written(facts))
    old, new = (
        load(unpack(pack(dump(dump_facts(facts))))),
        unpack_rows(pack_rows(dump_facts(facts))),
    )
    assert told(new) == told(old)
    assert isinstance(old, list)
    assert isinstance(new, list)
    assert load_facts(new) == load_facts(old)
    assert list(load_facts(new).by_key) == list(load_facts(old).by_key)


@pytest.mark.parametrize("number", range(20))
def test_a_season_is_equal_and_takes_two_thirds(number: int) -> None:
    """As it is when it came whole, and as it is when each episode came by itself."""
    rows = plain(request(number)[1])
    stored = pack_rows(rows)
    assert is_in_columns(stored)
    assert told(unpack_rows(stored)) == told(rows)
    assert len(stored) < len(pack(dump(rows))) * 2 / 3


@pytest.mark.parametrize(
    "odd", [[], [True] * 3, [["a"]], [{"a": 1}], [float("inf")], [float("nan"), 1], [False, None]]
)
def test_what_has_no_place_in_a_column_is_packed_as_it_was(odd: list[object]) -> None:
    """Nothing, yes and no, what is nested, and what JSON has no number for."""
    rows: Rows = [["e", "approved", 1], odd] * 20
    stored = pack_rows(rows)
    assert not is_in_columns(stored)
    assert told(unpack_rows(stored)) == told(load(dump(rows)))


def test_any_bit_that_is_another_is_damage() -> None:
    """But for those that fill its last byte: it is never read as other facts."""
    rows = plain(request(1)[1])
    stored, damaged = pack_rows(rows), 0
    for place in range(len(stored)):
        odd = bytearray(stored)
        odd[place] ^= 1 << place % 8
        try:
            assert told(unpack_rows(bytes(odd))) == told(rows)
        except StoreDamaged:
            damaged += 1
    assert damaged >= len(stored) - 1


@pytest.mark.parametrize("end", [1, 4, 5, 100, -1])
def test_what_is_not_whole_is_damage(end: int) -> None:
    """Neither is what goes on after its end."""
    stored = pack_rows(plain(request(2)[1]))
    for odd in (stored[:end], stored + b"x", b""):
        with pytest.raises(StoreDamaged):
            unpack_rows(odd)


def test_what_was_written_before_is_read() -> None:
    """As a text, and as a packed one."""
    rows = plain(request(3)[1])
    assert unpack_rows(dump(rows)) == unpack_rows(pack(dump(rows))) == rows


def test_its_sample_stays_as_it_was_released() -> None:
    """What was packed by it is read by it: another sample has another number."""
    assert zlib.crc32(packed_rows._SAMPLE) == 2356129084


def test_what_was_released_is_read() -> None:
    """Bytes as they were written first: they are in databases, and are read for good."""
    begun = 1780000000000
    rows: Rows = [["e", "approved", begun, None, "", ""]]
    for n in range(1, 5):
        rows += [
            ["e", "grabbed", begun + n * 977, f"s1e{n}", f"{n:040X}", "Release"],
            ["i", f"s1e{n}", begun + 123, 1, 1, None, None, f"/tv/A/S01E0{n}.mkv", None],
            ["t", f"{n:040x}", begun, n / 3, 60.0, "", "a message", "client", begun, begun],
        ]
    assert told(unpack_rows(_RELEASED)) == told(rows)
