"""What is said by key: kept with its values, put into words at the faces, in any language."""

from contextlib import suppress
from datetime import UTC, date, datetime
import json
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_load_integrations
from homeassistant.util import dt as dt_util
from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner import texts
from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.domain.text import (
    Text,
    Value,
    Words,
    joined,
    mentions,
    packed,
    plain,
    read,
    say,
    unpacked,
)
from custom_components.showrunner.texts import async_shown, put, said, shown, written

from .english import WORDS, english, german

AT = datetime(2026, 11, 30, 21, 5, tzinfo=UTC)
_NAMES = st.text("abcdef_", min_size=1, max_size=6)
_LEAVES = st.one_of(
    st.text(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
)


def _texts(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Text]:
    pairs = st.dictionaries(_NAMES, values, max_size=3)
    return st.builds(lambda key, named: Text(key, tuple(named.items())), _NAMES, pairs)


VALUES: st.SearchStrategy[Value] = st.recursive(
    _LEAVES, lambda inner: st.one_of(_texts(inner), st.lists(inner, max_size=3).map(tuple))
)


@given(st.one_of(st.text(), _texts(VALUES)))
def test_what_is_said_is_kept_whole(words: Words) -> None:
    """As JSON, and as one string in a column."""
    assert read(json.loads(json.dumps(plain(words)))) == words
    if not (isinstance(words, str) and words.startswith('{"text": ')):
        assert unpacked(packed(words)) == words


_SENTENCES = {"told_why": "{why}.", "one": "{what}", "two": "{why}; twice."}


@pytest.mark.parametrize("why", ["It is full", "It is full.", say("one", what="It is full.")])
def test_a_sentence_within_another_has_one_full_stop(why: Words) -> None:
    """Whoever wrote it: a service, or our own words."""
    known = {f"component.{DOMAIN}.common.{key}": words for key, words in _SENTENCES.items()}
    assert put(known, say("told_why", why=why)) == "It is full."
    assert put(known, say("two", why="Full.")) == "Full.; twice."


@pytest.mark.parametrize("old", ["", "Already yours: it is on your disk", "{", '{"text": 1', "{}"])
def test_what_older_versions_kept_is_said_as_it_is(old: str) -> None:
    """They kept sentences."""
    assert (read(old), unpacked(old), english(old)) == (old, old, old)


def test_several_things_are_said_one_after_the_other() -> None:
    """Nothing, one or many."""
    assert joined(()) == joined(("", "")) == ""
    assert joined(("", say("decided_ask"))) == say("decided_ask")
    three = joined(("a", say("decided_ask"), "", "b"))
    assert english(three) == "a; You chose to be asked; b"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (say("finding_watched", count=1, days=30), "Watched once in 30 days"),
        (say("finding_watched", count=2, days=30), "Watched twice in 30 days"),
        (say("finding_watched", count=0, days=30), "Not watched in 30 days"),
        (say("finding_started_in_a_day", count=1), "Started once in a day"),
        (say("value_rating_votes", rating=7.0, count=1), "7.0, 1 vote"),
        (say("finding_rating", who="IMDb", rating=7.0), "IMDb 7.0"),
        (say("facts", all=("one", "two", 3)), "one, two, 3"),
        (say("decided_not_yet", why=say("not_asked")), "Not decided yet: not asked"),
        (say("decided_not_yet", why="{why} {0} {"), "Not decided yet: {why} {0} {"),
        (say("facts", all=date(2026, 3, 9)), "2026-03-09"),
        # What can't be said whole is said as far as it can.
        (say("facts"), "{all}"),
        (say("no_such_key", name="Ann", at=1), "no_such_key (Ann, 1)"),
        (say("no_such_key"), "no_such_key"),
    ],
)
def test_the_words_and_values_are_put_together(words: Text, expected: str) -> None:
    """Numbers choose the words for one, two and more; a mistake is seen, and breaks nothing."""
    assert english(words) == expected


def test_a_text_in_a_string_is_found_even_if_the_error_is_swallowed(
    texts_in_strings: list[str],
) -> None:
    """A test would fail at its end: this one takes what was noted away."""
    with suppress(Exception):
        str(f"{say('decided_ask')}")
    assert texts_in_strings == ["decided_ask"]
    texts_in_strings.clear()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (say("cant_say_who_wants", services=("A",)), "von A ist nicht zu erfahren"),
        (say("cant_say_who_wants", services=("A", "B")), "von A, B ist nicht zu erfahren"),
    ],
)
def test_german_words_fit_one_and_several(words: Text, expected: str) -> None:
    """Who can't say who else wants it."""
    assert german(words).startswith(expected)


def test_numbers_and_instants_are_written_as_the_language_does() -> None:
    """Its marks, its order, Home Assistant's time zone."""
    other = WORDS | {
        "component.showrunner.common.decimal_mark": ",",
        "component.showrunner.common.day": "{day}.{month}.{year}",
        "component.showrunner.common.moment": "{day}, {time}",
        "component.showrunner.common.facts": "Das: {all}",
    }
    local = dt_util.as_local(AT)
    text = put(other, say("facts", all=(7.25, AT, date(2026, 3, 9))))
    assert text == f"Das: 7,2, {local:%d.%m.%Y}, {local:%H:%M}, 09.03.2026"


async def test_it_is_said_in_home_assistants_language(hass: HomeAssistant) -> None:
    """In English where there are no words for it, or before the language is loaded."""
    words = say("decided_ask")
    # Tests share what was loaded once.
    with patch.object(texts, "async_get_cached_translations", return_value={}):
        assert said(hass, words) == "decided_ask"
    hass.config.language = "tlh"
    await async_load_integrations(hass, {DOMAIN})
    assert said(hass, words) == "You chose to be asked"
    hass.config.language = "vls"
    assert said(hass, words) == "You chose to be asked"
    assert said(hass, "as it is") == "as it is"


async def test_a_value_alone_is_written_as_the_language_does(hass: HomeAssistant) -> None:
    """As in the repairs, whose sentences Home Assistant puts together."""
    for language, day, number in (("en", "2026-03-09", "7.2"), ("de", "09.03.2026", "7,2")):
        hass.config.language = language
        await async_load_integrations(hass, {DOMAIN})
        local = dt_util.as_local(AT)
        assert written(hass, date(2026, 3, 9)) == day
        assert written(hass, 7.25) == number
        assert written(hass, AT).endswith(f"{local:%H:%M}")


async def test_an_answer_is_shown_with_all_its_texts_said(hass: HomeAssistant) -> None:
    """Those that were kept as JSON too, however deep; everything else stays."""
    await async_load_integrations(hass, {DOMAIN})
    ask = say("decided_ask")
    answer = {
        "reason": ask,
        "rows": [{"reason": ask.as_dict()}, "as it was", 3, None],
        "pair": (ask, 1.5),
        "text": "x",
    }
    assert shown(hass, answer) == {
        "reason": "You chose to be asked",
        "rows": [{"reason": "You chose to be asked"}, "as it was", 3, None],
        "pair": ["You chose to be asked", 1.5],
        "text": "x",
    }
    assert await async_shown(hass, answer) == shown(hass, answer)


@pytest.mark.parametrize(
    "rubbish",
    [
        {"text": "a"},
        {"text": "a", "values": []},
        {"text": "a", "values": {}, "more": 1},
        {"text": "a", "values": {"b": None}},
        {"text": "a", "values": {"b": [None]}},
        {"text": "a", "values": {"b": {"text": "c"}}},
    ],
)
def test_what_is_no_text_is_an_error(rubbish: dict[str, object]) -> None:
    """And in a column of strings it is words of somebody's own."""
    with pytest.raises(ValueError, match="text"):
        read(rubbish)
    kept = json.dumps(rubbish)
    assert unpacked(kept) == kept


def test_a_text_is_found_wherever_it_stands_in_another() -> None:
    """Alone, as a value, and in a list of values."""
    what = say("why")
    for words in (what, say("a", why=what), say("a", all=(1, say("b", why=what)))):
        assert mentions(words, what)
    for words in ("why", say("a", why="why"), say("a", all=(1, say("b")))):
        assert not mentions(words, what)
