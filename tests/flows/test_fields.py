"""Text fields take off what was pasted along with the text."""

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.flows import fields

around = st.text(" \t\r\n\u00a0\u200b\ufeff\u2060", max_size=6)
inner = st.text("ab:/ \u200b", min_size=1, max_size=12).filter(fields.trimmed)


@given(around, inner, around)
def test_only_what_surrounds_a_text_is_taken_off(before: str, text: str, after: str) -> None:
    """Blanks inside stay; twice is once."""
    text = fields.trimmed(text)
    for field in (fields.TEXT, fields.URL, fields.USERNAME, fields.KEY):
        assert field(before + text + after) == text
    assert fields.choice([], custom=True)(before + text + after) == text
    assert fields.words()([before + text + after, before]) == [text]
    assert fields.trimmed(fields.trimmed(before + text)) == text


@pytest.mark.parametrize(
    ("typed", "kept"), [(" pass word ", " pass word "), ("word\r\n", "word"), ("\nword", "word")]
)
def test_a_password_may_begin_and_end_with_blanks(typed: str, kept: str) -> None:
    """But with no line end."""
    assert fields.PASSWORD(typed) == kept
