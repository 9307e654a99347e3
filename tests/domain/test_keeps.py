"""What a person keeps: which parts of a title, until when, and what nobody knows."""

from datetime import datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.keeps import MOST_DAYS, Keep, about, kept, put_off
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from custom_components.showrunner.domain.plan import Protection
from custom_components.showrunner.domain.text import say
from tests.english import english

from .samples import NOW

SHOW = TitleKey(MediaType.SERIES, ProviderIds(tvdb=5))
DAY = timedelta(days=1)
seasons = st.none() | st.integers(0, 3)
days = st.integers(1, MOST_DAYS)
moments = st.integers(-9000, 9000).map(lambda number: NOW + timedelta(hours=number))
words = st.builds(
    Keep,
    title=st.just(SHOW),
    season=seasons,
    until=st.none() | moments,
    at=st.just(NOW),
    by=st.just("somebody"),
)


def word(season: int | None = None, until: datetime | None = None) -> Keep:
    """Make a word."""
    return Keep(SHOW, season, until, NOW, "somebody")


@pytest.mark.parametrize(
    ("said", "asked", "answer"),
    [
        (None, None, Answer.YES),
        (None, 2, Answer.YES),
        (2, 2, Answer.YES),
        (2, None, Answer.YES),
        (2, 3, Answer.NO),
        (0, 0, Answer.YES),
        (0, 1, Answer.NO),
    ],
)
def test_law_6_a_keep_is_inherited_downwards_and_blocks_upwards(
    said: int | None, asked: int | None, answer: Answer
) -> None:
    """A kept series keeps its seasons; a kept season keeps its series, and no other season."""
    finding = kept(Known((word(said),)), (asked,))
    assert (finding.rule, finding.answer) == (Protection.KEPT, answer)


def test_of_several_parts_one_that_is_kept_is_enough() -> None:
    """A file of two seasons goes with neither."""
    assert kept(Known((word(2),)), (1, 2)).answer is Answer.YES
    assert kept(Known((word(2),)), (1, 3)).answer is Answer.NO


@pytest.mark.parametrize("answer", [Unknown(say("no_answer")), Absent()])
def test_law_1_what_is_not_told_is_not_free(answer: Absent | Unknown) -> None:
    """Nobody knows then, and it says why."""
    finding = kept(answer, (None,))
    assert finding.answer is Answer.UNKNOWN
    assert "whether a person keeps it is not known" in english(finding.detail)


def test_the_longest_word_is_said() -> None:
    """For good before any day, and of two days the later."""
    soon, late = word(until=NOW + DAY), word(until=NOW + 9 * DAY)
    assert kept(Known((soon, late)), (1,)).detail == late.said
    assert kept(Known((late, word(1), soon)), (1,)).detail == word(1).said
    assert english(word(1).said) == "a person keeps season 1"
    assert english(word().said) == "a person keeps it"
    assert english(late.said).startswith("a person keeps it until")
    assert english(word(1, NOW + DAY).said).startswith("a person keeps season 1 until")


def test_a_word_ends_on_its_day() -> None:
    """To the moment; one that was taken back holds no more."""
    one = word(until=NOW + DAY)
    assert one.holds(NOW + DAY - timedelta(seconds=1))
    assert not one.holds(NOW + DAY)
    assert word().holds(NOW + 9999 * DAY)
    gone = Keep(SHOW, None, None, NOW, "somebody", ended_at=NOW)
    assert not gone.holds(NOW)


def test_words_are_found_by_any_id_of_a_title() -> None:
    """Of its kind: a number is a movie's and a series' at once."""
    both = Keep(TitleKey(MediaType.SERIES, ProviderIds(7, 5)), None, None, NOW, "somebody")
    other = Keep(TitleKey(MediaType.MOVIE, ProviderIds(7, 5)), None, None, NOW, "somebody")
    for ids in (ProviderIds(tmdb=7), ProviderIds(tvdb=5), ProviderIds(7, 9)):
        assert about((both, other), TitleKey(MediaType.SERIES, ids)) == (both,)
    assert about((both, other), TitleKey(MediaType.SERIES, ProviderIds(tmdb=8))) == ()
    assert about((both, other), TitleKey(MediaType.SERIES, ProviderIds())) == ()


@given(st.lists(words), st.sets(seasons, min_size=1))
def test_more_words_and_more_parts_never_free_anything(
    some: list[Keep], asked: set[int | None]
) -> None:
    """Each word that is added, and each part that goes with others, only keeps more."""
    whole = kept(Known(tuple(some)), asked).answer
    alone = [kept(Known((one,)), (part,)).answer for one in some for part in asked]
    assert whole is Answer.of(Answer.YES in alone)


@given(st.lists(words), days, moments)
def test_putting_off_never_shortens_and_adds_days(
    some: list[Keep], more: int, now: datetime
) -> None:
    """It begins where the last one ends; for good stays for good; ten years are the most."""
    mine = [one for one in some if one.holds(now)]
    until = put_off(mine, more, now)
    ends = [one.until for one in mine]
    if None in ends:
        assert until is None
        return
    assert until is not None
    last = max([now, *(end for end in ends if end is not None)])
    assert last <= until <= last + more * DAY
    assert until == last + more * DAY or until >= now + MOST_DAYS * DAY
