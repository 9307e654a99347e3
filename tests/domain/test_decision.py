"""Download decisions: the order of the rules, their thresholds, and what unknown means."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.showrunner.domain.decision import (
    Override,
    Policy,
    Rule,
    Verdict,
    decide,
    needs_seeders,
)
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.text import Text, say
from tests.english import english, german

from .samples import FILM, NOW, POLICY, SERIES, VIEWER, candidate

SILENT = Unknown("no answer in time", "radarr")
TWICE = Known(2, "history")


def outcome(policy: Policy = POLICY, **facts: object) -> tuple[Verdict, int | None, Rule]:
    """Decide, in short."""
    decision = decide(candidate(**facts), policy, NOW)
    return decision.verdict, decision.tier, decision.rule


def test_nothing_special_is_streamed() -> None:
    """Tier 3."""
    assert outcome() == (Verdict.STREAM, 3, Rule.STREAM)


@pytest.mark.parametrize(
    ("override", "verdict"),
    [
        (Override.ALWAYS, Verdict.DOWNLOAD),
        (Override.NEVER, Verdict.STREAM),
        (Override.ASK, Verdict.ASK),
    ],
)
def test_a_persons_word_goes_before_everything(override: Override, verdict: Verdict) -> None:
    """Also before unknown answers, and before a file that is there."""
    for local in (Known(value=True), SILENT):
        assert outcome(override=override, local=local, title=SERIES) == (
            verdict,
            None,
            Rule.OVERRIDE,
        )


def test_a_word_that_may_be_on_another_title_fetches_nothing() -> None:
    """Somebody may never want it: it is asked again, and says why. A word on this one decides."""
    doubt = say("decided_under_other_ids")
    facts = {"override_doubt": doubt, "viewings": TWICE, "imdb_rating": Known(9.9)}
    decision = decide(candidate(**facts), POLICY, NOW)
    assert (decision.verdict, decision.rule, decision.pending) == (
        Verdict.STREAM,
        Rule.OVERRIDE,
        True,
    )
    finding = next(one for one in decision.findings if one.rule == Rule.OVERRIDE)
    assert (finding.answer, finding.detail) == (Answer.UNKNOWN, doubt)
    assert "may be this one" in english(decision.reason)
    assert outcome(**facts, override=Override.ALWAYS) == (Verdict.DOWNLOAD, None, Rule.OVERRIDE)


def test_a_series_is_streamed() -> None:
    """Only movies are fetched."""
    facts = {"title": SERIES, "imdb_rating": Known(9.9)}
    assert outcome(**facts) == (Verdict.STREAM, None, Rule.MOVIE)


@pytest.mark.parametrize(
    ("facts", "considered", "words"),
    [
        ({"title": SERIES}, False, "Not considered: only movies are fetched"),
        ({"viewer": replace(VIEWER, tracked=False)}, False, "Not considered: The viewer is not"),
        ({"local": Known(value=True)}, False, "Already yours: it is on your disk"),
        ({"queued": Known(value=True)}, False, "Already on its way: it is being downloaded"),
        ({"searched_at": Known(NOW)}, False, "Already on its way: it was searched"),
        ({"deleted_at": Known(NOW)}, True, "It was deleted within the cool-down"),
        ({}, True, "Nothing speaks for keeping it: stream it"),
        ({"local": Known(value=True), "override": Override.NEVER}, True, "You chose to never"),
    ],
)
def test_what_is_ours_or_nobodys_question_is_no_decision(
    facts: dict[str, object], considered: bool, words: str
) -> None:
    """It says so in its reason, and is neither counted nor told."""
    decision = decide(candidate(**facts), Policy(), NOW)
    assert decision.verdict is Verdict.STREAM
    assert decision.considered is considered
    assert english(decision.reason).startswith(words)


@pytest.mark.parametrize("guests", [False, True])
def test_guests_trigger_tier_1_only_if_they_may(guests: bool) -> None:
    """And never tier 2, whatever they watched."""
    guest = replace(VIEWER, tracked=False)
    policy = Policy(guests_instant=guests)
    expected = (Verdict.DOWNLOAD, 1, Rule.INSTANT_RATING) if guests else None
    streamed = (Verdict.STREAM, None, Rule.VIEWER)
    assert outcome(policy, viewer=guest, imdb_rating=Known(8.5)) == (expected or streamed)
    again = outcome(policy, viewer=guest, imdb_rating=Known(8.0), viewings=Known(9))
    assert again == ((Verdict.STREAM, 3, Rule.STREAM) if guests else streamed)


def test_a_viewer_who_may_not_download_never_does() -> None:
    """Not even with guests allowed."""
    child = replace(VIEWER, may_download=False)
    policy = Policy(guests_instant=True)
    assert outcome(policy, viewer=child, imdb_rating=Known(9.9)) == (
        Verdict.STREAM,
        None,
        Rule.VIEWER,
    )


@pytest.mark.parametrize(
    ("fact", "value", "rule"),
    [
        ("local", Known(value=True), Rule.LOCAL),
        ("queued", Known(value=True), Rule.QUEUED),
        ("searched_at", Known(NOW - timedelta(hours=23, minutes=59)), Rule.SEARCHED),
        ("deleted_at", Known(NOW - timedelta(days=89, hours=23)), Rule.COOLDOWN),
        ("released", Known(value=False), Rule.RELEASED),
        ("genres", Known(("horror",)), Rule.GENRE_EXCLUDED),
    ],
)
def test_what_holds_a_download_back_goes_before_the_best_rating(
    fact: str, value: object, rule: Rule
) -> None:
    """Each with its own reason; and when it is not so, the rating decides."""
    policy = Policy(genres_excluded=("Horror",))
    assert outcome(policy, imdb_rating=Known(9.9), **{fact: value}) == (Verdict.STREAM, None, rule)
    assert outcome(policy, imdb_rating=Known(9.9))[0] is Verdict.DOWNLOAD


@pytest.mark.parametrize(
    ("fact", "rule"),
    [
        ("local", Rule.LOCAL),
        ("queued", Rule.QUEUED),
        ("searched_at", Rule.SEARCHED),
        ("deleted_at", Rule.COOLDOWN),
        ("released", Rule.RELEASED),
        ("genres", Rule.GENRE_EXCLUDED),
    ],
)
def test_law_1_unknown_freezes_what_would_hold_back(fact: str, rule: Rule) -> None:
    """Not decided: neither "no, so fetch it" nor "yes, so forget it"."""
    policy = Policy(genres_excluded=("Horror",))
    decision = decide(candidate(imdb_rating=Known(9.9), **{fact: SILENT}), policy, NOW)
    assert (decision.verdict, decision.rule, decision.pending) == (Verdict.STREAM, rule, True)
    assert "no answer in time" in english(decision.reason)


def test_law_1_absent_is_an_answer() -> None:
    """No Radarr holds it, nobody searched or deleted it: nothing is held back."""
    nothing = {name: Absent("radarr") for name in ("local", "queued", "searched_at", "deleted_at")}
    decision = decide(candidate(imdb_rating=Known(9.0), **nothing), POLICY, NOW)
    assert (decision.verdict, decision.pending) == (Verdict.DOWNLOAD, False)


def test_law_10_a_title_deleted_by_us_is_not_fetched_again_within_90_days() -> None:
    """At the last hour of the cool-down held back, after it not; a person may at any time."""
    best = {"imdb_rating": Known(9.9)}
    young, old = Known(NOW - timedelta(days=89)), Known(NOW - timedelta(days=90))
    assert outcome(**best, deleted_at=young)[2] is Rule.COOLDOWN
    assert outcome(**best, deleted_at=old)[0] is Verdict.DOWNLOAD
    assert outcome(**best, deleted_at=young, override=Override.ALWAYS)[0] is Verdict.DOWNLOAD


@pytest.mark.parametrize(("rating", "fetched"), [(8.4, False), (8.5, True)])
def test_the_instant_rating_is_inclusive(rating: float, fetched: bool) -> None:
    """IMDb 8.5 is enough."""
    assert (outcome(imdb_rating=Known(rating, "radarr:imdb"))[1] == 1) is fetched


def test_jellyfins_rating_stands_in_but_never_for_votes() -> None:
    """Marked as the community's in the finding."""
    community = Known(8.9, "jellyfin:community")
    facts = {"imdb_rating": Absent("radarr"), "community_rating": community}
    decision = decide(candidate(**facts, imdb_votes=Known(10)), POLICY, NOW)
    found = {finding.rule: finding for finding in decision.findings}
    assert decision.rule is Rule.INSTANT_RATING
    assert english(decision.reason) == "Jellyfin 8.9"
    assert found[Rule.INSTANT_RATING].source == "jellyfin:community"
    assert found[Rule.RARE_RATING_VOTES].answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"texts": ("Lantern.Directors.Cut.1080p",)}, Rule.RARE_KEYWORD),
        (
            {"title": replace(FILM, year=1989), "original_language": Known("German")},
            Rule.RARE_YEAR_LANGUAGE,
        ),
        ({"imdb_rating": Known(8.0), "imdb_votes": Known(49_999)}, Rule.RARE_RATING_VOTES),
        ({"genres": Known(("silent",))}, Rule.RARE_GENRE),
        ({"seeders": Known(9)}, Rule.RARE_SEEDERS),
        ({"favorite": Known(value=True)}, Rule.FAVORITE),
        ({"tags": Known(frozenset({"Favorite"}))}, Rule.FAVORITE),
        ({"genres": Known(("Animation",))}, Rule.GENRE_INSTANT),
    ],
)
def test_each_rule_of_tier_1_decides(facts: dict[str, object], rule: Rule) -> None:
    """At the first completed viewing."""
    assert outcome(**facts) == (Verdict.DOWNLOAD, 1, rule)


@pytest.mark.parametrize(
    "facts",
    [
        {"title": replace(FILM, year=1990), "original_language": Known("German")},
        {"title": replace(FILM, year=1950), "original_language": Known("english")},
        {"title": replace(FILM, year=None), "original_language": Known("German")},
        {"title": replace(FILM, year=1950), "original_language": SILENT},
        {"imdb_rating": Known(8.0), "imdb_votes": Known(50_000)},
        {"imdb_rating": Known(8.0), "imdb_votes": SILENT},
        {"imdb_rating": Known(7.9), "imdb_votes": Known(10)},
        {"seeders": Known(10)},
        {"seeders": Absent("prowlarr")},
        {"seeders": SILENT},
        {"texts": ("The Uncutter", "Unrestored")},
    ],
)
def test_what_is_not_rare(facts: dict[str, object]) -> None:
    """Thresholds are strict, no results are not rare, and unknown never is a yes."""
    assert outcome(**facts)[1] == 3


@pytest.mark.parametrize(
    ("viewings", "rating", "fetched"),
    [
        (Known(2), Known(7.0), True),
        (Known(2), Known(6.9), False),
        (Known(1), Known(8.4), False),
        (Known(2), Absent("radarr"), True),
        (Known(2), SILENT, True),
        (SILENT, Known(8.4), False),
        (Absent("x"), Known(8.4), False),
    ],
)
def test_tier_2_after_a_rewatch(viewings: object, rating: object, fetched: bool) -> None:
    """Two viewings and 7.0; an unknown rating passes, unknown viewings do not."""
    found = outcome(viewings=viewings, imdb_rating=rating)
    assert found == (
        (Verdict.DOWNLOAD, 2, Rule.REWATCH) if fetched else (Verdict.STREAM, 3, Rule.STREAM)
    )


def test_a_viewers_own_thresholds_hold() -> None:
    """Three viewings for this one."""
    viewer = replace(VIEWER, rewatch_count=3)
    facts = {"viewer": viewer, "imdb_rating": Known(7.5)}
    assert outcome(**facts, viewings=TWICE)[0] is Verdict.STREAM
    assert outcome(**facts, viewings=Known(3))[0] is Verdict.DOWNLOAD


def test_the_reason_reads_like_a_sentence() -> None:
    """With numbers, and honest about what was counted."""
    again = candidate(viewings=TWICE, imdb_rating=Known(7.4, "radarr:imdb"))
    assert english(decide(again, POLICY, NOW).reason) == "Watched twice in 90 days, IMDb 7.4"
    starts = replace(again, viewings=Known(3, "jellyfin:play_count (starts)"))
    assert english(decide(starts, POLICY, NOW).reason) == "Started 3 times in 90 days, IMDb 7.4"


def test_every_rule_answers_whatever_decides() -> None:
    """Value, threshold and source are there also after the deciding rule, and in JSON."""
    decision = decide(candidate(override=Override.NEVER), POLICY, NOW)
    assert [finding.rule for finding in decision.findings] == list(Rule)
    plain = decision.as_dict()
    assert plain["viewer"] == "Sofa"
    assert plain["findings"][9] == {  # type: ignore[index]
        "rule": "instant_rating",
        "answer": "no",
        "value": 6.5,
        "threshold": 8.5,
        "source": "radarr:imdb",
        "detail": say("finding_rating", who="IMDb", rating=6.5),
    }


def test_prowlarr_is_asked_only_when_it_matters() -> None:
    """Not when something else has decided, nor when nothing could change it."""
    assert needs_seeders(candidate(), POLICY, NOW)
    assert needs_seeders(candidate(viewings=TWICE, imdb_rating=Known(7.5)), POLICY, NOW)
    for facts in (
        {"imdb_rating": Known(8.6)},
        {"local": Known(value=True)},
        {"local": SILENT},
        {"title": SERIES},
        {"override": Override.ALWAYS},
        {"viewer": replace(VIEWER, may_download=False)},
    ):
        assert not needs_seeders(candidate(**facts), POLICY, NOW)
    assert not needs_seeders(candidate(), Policy(rare_seeders=0), NOW)


def test_options_that_cannot_be_right_are_the_defaults() -> None:
    """A text for a number, a number for a list, rubbish: the default, never a wider rule."""
    rubbish = {
        "instant_rating": "8",
        "rare_votes": True,
        "genres_excluded": 7,
        "rewatch_count": 0.5,
    }
    read = Policy.from_options(rubbish | {"favorite_tag": None, "rare_rating": float("nan")})
    assert replace(read, rewatch_count=2) == Policy()


@pytest.mark.parametrize(
    ("days", "source", "watched", "cooldown"),
    [
        (1, "history", "Binnen eines Tages zweimal angesehen", "1 Tag"),
        (1, "starts", "Binnen eines Tages zweimal gestartet", "1 Tag"),
        (2, "history", "In 2 Tagen zweimal angesehen", "2 Tage"),
        (2, "starts", "In 2 Tagen zweimal gestartet", "2 Tage"),
    ],
)
def test_one_day_has_words_of_its_own(days: int, source: str, watched: str, cooldown: str) -> None:
    """Its plural is another word."""
    policy = Policy(rewatch_days=days, cooldown_days=days)
    found = decide(candidate(viewings=Known(2, source)), policy, NOW).findings
    by_key = {finding.rule: finding for finding in found}
    assert german(by_key[Rule.REWATCH].detail) == watched
    span = by_key[Rule.COOLDOWN].threshold
    assert isinstance(span, Text)
    assert german(span) == cooldown


def test_a_list_that_is_none_is_read_as_the_default() -> None:
    """One word is not a list of its letters."""
    read = Policy.from_options({"keywords": "anime", "genres_rare": ["Noir", " ", 3]})
    assert (read.keywords, read.genres_rare) == (Policy().keywords, ("Noir",))


@pytest.mark.parametrize(
    ("facts", "saved"),
    [
        ({}, 5),  # it is streamed
        ({"override": Override.ALWAYS}, 0),
        ({"local": Known(value=True)}, 0),
        ({"local": Unknown("down")}, None),
        ({"viewer": replace(VIEWER, tracked=False)}, None),
        ({"title": SERIES}, None),
    ],
)
def test_only_what_is_streamed_needs_no_disk(facts: dict[str, Any], saved: int | None) -> None:
    """What is fetched or ours needs it; where nobody decided, nothing is said."""
    decided = decide(candidate(**facts), Policy(), NOW)
    assert decided.saved(5) == saved
    assert decided.saved(None) == (None if saved != 0 else 0)


def test_law_14_always_without_a_kind_is_asked_for_not_fetched() -> None:
    """It may be the series of that number that is always wanted."""
    asked = candidate(override=Override.ALWAYS, override_kind_told=False)
    assert decide(asked, Policy(), NOW).verdict is Verdict.ASK
    never = candidate(override=Override.NEVER, override_kind_told=False)
    assert decide(never, Policy(), NOW).verdict is Verdict.STREAM
