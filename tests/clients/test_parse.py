"""Decoding is the same whichever decoder does it."""

import json

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients.parse import decoded

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
