"""Texts that are kept by key and value: what is in them, and how they come back."""

from datetime import UTC, date, datetime
import json

import pytest

from custom_components.showrunner.domain.text import (
    IN_LOGS,
    Text,
    _bare,
    is_text,
    joined,
    mentions,
    packed,
    say,
    unpacked,
    words_of,
)

WHY = say("plan_cancelled")
WHEN = datetime(2026, 6, 12, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    [WHY, say("listed", what=("a", WHY)), say("outer", why=say("inner", why=WHY)), (1, WHY)],
)
def test_a_text_is_found_however_deep_it_lies(said: Text) -> None:
    """In a value, and in a list of values."""
    assert mentions(said, WHY)


@pytest.mark.parametrize("said", ["", "plan_cancelled", 7, say("other"), ("a", 2), say("x", n=3)])
def test_what_only_looks_like_it_is_another(said: object) -> None:
    """The key as a word is no text."""
    assert not mentions(said, WHY)  # type: ignore[arg-type]


def test_a_text_comes_back_with_its_values() -> None:
    """Instants, days, numbers, lists and texts within."""
    said = say("all", at=WHEN, on=date(2026, 6, 12), count=2, share=0.5, what=("a", WHY))
    assert unpacked(packed(said)) == said
    assert is_text(json.loads(packed(said)))


@pytest.mark.parametrize("values", [None, [], {"x": None}, {"x": {"odd": 1}}])
def test_what_is_no_text_is_not_read_as_one(values: object) -> None:
    """And what was kept as plain words before stays so."""
    kept = json.loads(packed(WHY))
    (place,) = kept.keys() - {name for name, one in kept.items() if isinstance(one, str)}
    with pytest.raises(ValueError, match="text"):
        Text.from_dict({**kept, place: values})
    odd = packed(WHY).replace("{}", "[]")
    assert unpacked(odd) == odd
    assert unpacked("in words") == "in words"


def test_in_a_log_a_text_is_its_key_and_its_values() -> None:
    """Until somebody gives the words."""
    assert _bare(WHY) == "plan_cancelled"
    assert _bare(say("listed", who="Ann", count=2)) == "listed (Ann, 2)"


def test_a_log_says_a_text_by_whoever_has_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is put into."""
    monkeypatch.setattr(IN_LOGS, "put", lambda text: f"<{text.key}>")
    assert str(WHY) == "<plan_cancelled>"


def test_several_things_are_said_one_after_the_other() -> None:
    """What says nothing is left out, and of nothing nothing is said."""
    assert joined(["", WHY, ""]) == WHY
    assert joined(["", ""]) == ""
    assert joined(["a", WHY, "b"]) == say(
        "one_and_more", first="a", rest=say("one_and_more", first=WHY, rest="b")
    )


@pytest.mark.parametrize(
    ("kept", "words"),
    [(None, ""), (7, "7"), ("of old", "of old"), (WHY.as_dict(), WHY), (WHY, WHY)],
)
def test_words_are_taken_as_somebody_hands_them_on(kept: object, words: object) -> None:
    """A text, what was kept of one, or what older versions kept."""
    assert words_of(kept) == words


@pytest.mark.parametrize(
    "value", ["text", 7, None, [], {}, {"text": "a"}, {"values": {}}, {**WHY.as_dict(), "more": 1}]
)
def test_what_is_not_kept_as_a_text_is_none(value: object) -> None:
    """With all that a text has, and nothing besides: else it is a value of somebody's own."""
    assert is_text(WHY.as_dict())
    assert not is_text(value)
    if isinstance(value, dict):
        with pytest.raises(ValueError, match="not a text"):
            Text.from_dict(value)
