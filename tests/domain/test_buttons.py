"""A button's token is believed only by who has signed it, and only as it was signed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.buttons import Button, Press, Verb, offered, read, sign
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey

SECRET, ENTRY = b"s" * 32, "01JENTRY"
UNTIL = datetime(2026, 6, 12, 3, tzinfo=UTC)
BUTTON = Button(Verb.KEEP, "movie:tmdb:603", None, UNTIL)
PRESS = Press(BUTTON, "01JCHANNEL", "abc")
TOKEN = sign(SECRET, ENTRY, PRESS)


def test_what_was_signed_is_read() -> None:
    """All of it; and it is short enough for a push message with three of them."""
    assert read(SECRET, ENTRY, TOKEN) == PRESS
    assert len(TOKEN) < 256
    assert BUTTON.key == TitleKey(MediaType.MOVIE, ProviderIds(tmdb=603))
    assert Button.from_dict(json.loads(json.dumps(BUTTON.as_dict()))) == BUTTON


def test_it_is_bound_to_its_secret_and_its_entry() -> None:
    """Another entry's token is none, though it be of the same title."""
    assert read(b"t" * 32, ENTRY, TOKEN) is None
    assert read(SECRET, "01JOTHER", TOKEN) is None


STRANGE = (
    *(None, 7, b"showrunner.", "", "showrunner.", "showrunner..", "showrunner.x.y", "KEEP", ["a"]),
    *(TOKEN[:-1], TOKEN + "=", TOKEN + "A", TOKEN.upper(), TOKEN + "ü", "\ud800", TOKEN * 100),
    *(f" {TOKEN}", TOKEN.replace("showrunner.", "")),
)


@pytest.mark.parametrize("token", STRANGE)
def test_what_was_not_signed_is_none(token: object) -> None:
    """Whatever it is, nothing is raised."""
    assert read(SECRET, ENTRY, token) is None


@given(st.integers(11, len(TOKEN) - 1), st.sampled_from("AZaz09-_.="))
def test_no_letter_of_it_can_be_changed(at: int, letter: str) -> None:
    """Another title, season, verb, end or number is another token."""
    forged = TOKEN[:at] + letter + TOKEN[at + 1 :]
    assert read(SECRET, ENTRY, forged) == (PRESS if forged == TOKEN else None)


_BUTTONS = st.builds(
    Button,
    st.sampled_from(Verb),
    st.sampled_from(["movie:tmdb:603", "series:tvdb:81189", "movie:imdb:tt0133093"]),
    st.none() | st.integers(0, 2000),
    st.integers(0, 10**6).map(lambda minutes: UNTIL + timedelta(minutes=minutes)),
)


@given(_BUTTONS, st.text("abc-_", min_size=1, max_size=12), st.text("01J", max_size=26))
def test_every_button_is_read_as_it_was_signed(button: Button, number: str, channel: str) -> None:
    """And is so only for its number and channel."""
    press = Press(button, channel, number)
    token = sign(SECRET, ENTRY, press)
    assert read(SECRET, ENTRY, token) == press
    assert sign(SECRET, ENTRY, Press(button, channel, f"{number}x")) != token


def test_no_button_takes_anything_back() -> None:
    """There are those that keep, and the one that asks."""
    assert {one.verb.value for one in offered("movie:tmdb:603", None, UNTIL)} == {
        "keep",
        "postpone",
        "why",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"season": "2"},
        {"until": "2026-06-12T03:00:00"},
        {"until": "soon"},
        {"verb": "delete"},
    ],
)
def test_a_kept_button_that_means_nothing_is_none(wrong: dict[str, object]) -> None:
    """A season that is no number would be the whole title; an end without a zone is anybody's."""
    with pytest.raises(ValueError, match=r".*"):
        Button.from_dict({**BUTTON.as_dict(), **wrong})


@pytest.mark.parametrize("title", ["603", "", "tmdb:603", "movie:tmdb:x"])
def test_a_button_of_no_title_has_no_key(title: str) -> None:
    """Law 14: without its kind nobody knows which title it is."""
    with pytest.raises(ValueError, match="title"):
        _ = replace(BUTTON, title=title).key
