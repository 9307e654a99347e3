"""Decoding is the same whichever decoder does it, and single values are read tolerantly."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
import json
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients.parse import (
    decoded,
    epoch,
    flag,
    instant,
    path,
    released,
    seconds,
    text,
    texts,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_was_written_is_read(value: object) -> None:
    """As text and as bytes, with and without escapes."""
    assert decoded(json.dumps(value)) == value
    assert decoded(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")) == value


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),  # a byte order mark
        (b'{"a": Infinity}', {"a": float("inf")}),
        ('{"a": 1}'.encode("utf-16"), {"a": 1}),
        (b"[" * 2000 + b"]" * 2000, None),
        (b'"\\ud800"', "\ud800"),
    ],
)
def test_what_the_fast_decoder_refuses_is_read_all_the_same(
    content: bytes, expected: object
) -> None:
    """Servers and proxies write such things."""
    found = decoded(content)
    assert expected is None or found == expected


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"a": 1', b'{"a": 1} x', b"\xff\xfe\xfa"])
def test_what_is_no_json_is_none(content: bytes) -> None:
    """Half an answer too."""
    with pytest.raises(ValueError):  # noqa: PT011
        decoded(content)


zones = st.sampled_from(
    [UTC, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("America/Los_Angeles")]
    + [timezone(timedelta(hours=hours)) for hours in (-23, 23)]
)
ends_of_time = st.sampled_from(
    [
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.9999999",
        "9999-12-31T23:59:59-12:00",
        "9999-12-31",
        "1900-01-01T00:00:00+14:00",
        "2200-12-31T23:00-12",
    ]
)


@given(ends_of_time | st.datetimes().map(datetime.isoformat) | st.text(), zones)
def test_a_date_at_the_end_of_time_is_none(value: str, zone: tzinfo) -> None:
    """No reader raises, and whatever is read can be moved by a century and into any zone."""
    for reader in (instant, released):
        if (at := reader(value, zone)) is not None:
            assert 1900 <= at.year <= 2200
            assert at.utcoffset() == timedelta()
            _ = at - timedelta(days=36600), at + timedelta(days=36600), at.astimezone(zone)


@pytest.mark.parametrize(
    "value", ["1970-01-01T00:00:00Z", "1970-01-01T08:00:00+00:00", "1970-01-01"]
)
def test_nothing_happened_when_the_clock_began(value: str) -> None:
    """The beginning of 1970 is "never", but a film may be of that day."""
    assert instant(value) is None
    assert released(value) is not None


@pytest.mark.parametrize(
    "value", [0, 28800, -1, 86400, "0", 2**63, 2**40, None, "", "x", 1e30, float("nan")]
)
def test_seconds_since_1970_that_mean_never(value: object) -> None:
    """28800: eight hours, by a server that took never for its own zone's."""
    assert epoch(value) is None


def test_seconds_since_1970() -> None:
    """As a number or a text (rTorrent's have a line end)."""
    assert epoch(1_800_000_000) == epoch("1800000000\n") == datetime(2027, 1, 15, 8, tzinfo=UTC)


@pytest.mark.parametrize("value", [-1, 1e300, float("nan"), float("inf"), "x", None, 2**63, 1e13])
def test_what_is_no_duration(value: object) -> None:
    """A date can be moved by any duration that is read."""
    assert seconds(value) is None


def test_a_duration_in_parts() -> None:
    """Jellyfin counts ten millions to the second."""
    assert seconds(36_000_000_000, 10_000_000) == 3600.0
    assert seconds("5400") == 5400.0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Heat", "Heat"),
        ("", None),
        (" " * 200_000, None),
        ("\0\x01\x7f", None),
        ("a\0b\x1b[31mc", "ab[31mc"),
        ("two\nlines", "two\nlines"),
        ("caf\ud83d \udc00", "caf\ufffd \ufffd"),
        ("x" * 5000, "x" * 4096),
        (5, None),
    ],
)
def test_a_text(value: object, expected: str | None) -> None:
    """It can be shown, logged, kept and sent on."""
    assert text(value) == expected
    assert texts([value, 7, None]) == (() if expected is None else (expected,))


@given(st.text(st.characters(exclude_categories=())))
def test_every_text_can_be_sent_on(value: str) -> None:
    """Half a pair of surrogates has no UTF-8."""
    assert (text(value) or "").encode() is not None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/media/a\x01b.mkv", "/media/a\x01b.mkv"),
        ("/media/a\0b.mkv", None),
        ("/media/\udcff.mkv", None),
        ("/" + "x" * 40_000, None),
        ("", None),
        (None, None),
    ],
)
def test_a_path_is_exact_or_none(value: object, expected: str | None) -> None:
    """Another path that looks alike would name another file."""
    assert path(value) == expected


def test_a_truth_that_is_very_long_is_none() -> None:
    """It is not even looked at."""
    assert flag("true" + " " * 10_000) is None
