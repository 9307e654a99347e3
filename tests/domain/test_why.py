"""Why something leaves is said in sentences, and never more than was found."""

from datetime import UTC, datetime

import pytest

from custom_components.showrunner.domain.deletion.why import why_it_leaves
from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.retention import RetentionRule as Rule
from custom_components.showrunner.domain.text import say
from tests.english import english

AT = datetime(2026, 6, 10, 12, tzinfo=UTC)
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def said(*findings: Finding) -> list[str]:
    """Say it in English."""
    return [english(one) for one in why_it_leaves(findings)]


def test_who_watched_it_how_long_it_stays_and_what_does_not_keep_it() -> None:
    """In that order; rules that nobody asks about are not told."""
    text = said(
        Finding(Rule.FAVORITE, NO),
        Finding(Rule.KEEP, NO),
        Finding(Rule.SOURCES, YES),
        Finding(Rule.STATUS, YES, "ended"),
        Finding(Rule.WATCHED, YES, "Ann, Sofa", "any"),
        Finding(Rule.GRACE, NO, AT.isoformat(), 1, detail=say("retention_grace", at=AT)),
    )
    assert text[:2] == ["Watched by Ann, Sofa.", "The series has ended."]
    assert text[2].startswith("It leaves 1 day after ")
    assert text[3:] == ["Nothing keeps it: no keep tag, no favourite."]


@pytest.mark.parametrize("answer", [YES, UNKNOWN])
def test_nobody_is_said_not_to_keep_what_somebody_may(answer: Answer) -> None:
    """What is not a plain no is told in its own words, or not at all."""
    kept = Finding(Rule.KEPT, answer, detail=say("retention_kept"))
    assert said(kept, Finding(Rule.FAVORITE, answer)) == ["somebody has said that it stays"]


@pytest.mark.parametrize(
    "finding",
    [
        Finding(Rule.WATCHED, UNKNOWN),
        Finding(Rule.STATUS, NO, "continuing"),
        Finding(Rule.GRACE, UNKNOWN, None, 5),
        Finding(Rule.GRACE, YES, AT.isoformat(), None),
    ],
)
def test_what_is_not_known_is_not_said(finding: Finding) -> None:
    """Not who watched it, nor since when."""
    assert said(finding) == []


def test_half_a_day_is_half_a_day() -> None:
    """And five are not 5.0."""
    assert "0.5 days" in said(Finding(Rule.GRACE, YES, AT.isoformat(), 0.5))[0]
    assert "5 days" in said(Finding(Rule.GRACE, YES, AT.isoformat(), 5.0))[0]
    assert "1 day after" in said(Finding(Rule.GRACE, YES, AT.isoformat(), 1.0))[0]


def test_without_a_grace_it_leaves_as_soon_as_it_was_watched() -> None:
    """Nobody says "0 days after", in whatever language."""
    (text,) = said(Finding(Rule.GRACE, YES, AT.isoformat(), 0.0))
    assert text.startswith("It leaves as soon as it was watched: from 2")


@pytest.mark.parametrize(
    ("rule", "why"), [(Rule.UNWATCHED, "nobody has ever"), (Rule.IDLE, "nobody has watched it")]
)
def test_what_leaves_by_choice_says_that_nobody_watches_it(rule: Rule, why: str) -> None:
    """And nothing of it while that is not known."""
    (text,) = said(Finding(rule, YES))
    assert text.startswith(why)
    assert not said(Finding(rule, UNKNOWN))


def test_what_is_there_in_a_higher_quality_says_where_and_in_which() -> None:
    """And nothing of it while that is not known."""
    found = Finding(Rule.LOWER, YES, 1080, 2160, "Radarr 4K")
    assert said(found) == ["Radarr 4K has it in 2160p, this copy has 1080p"]
    assert said(Finding(Rule.LOWER, UNKNOWN, None, None, "Radarr")) == []
