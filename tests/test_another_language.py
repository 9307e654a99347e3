"""Another language is whole: nothing that is said has words of its own beside the translations.

In a made-up language every text is in brackets. What a service told stays as it is, within them.
"""

from dataclasses import replace

from hypothesis import given, settings
import pytest

from custom_components.showrunner.clients.errors import ServiceError, Unreachable
from custom_components.showrunner.domain.candidate import Candidate, Override
from custom_components.showrunner.domain.decision import Rule, decide
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.policy import Policy
from custom_components.showrunner.domain.requests.request import Closing, RequestState, StuckReason
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.event import EVENTS, REQUEST
from custom_components.showrunner.jobs.messages import in_one, message_of, summary
from custom_components.showrunner.logbook import sentence
from custom_components.showrunner.signals import Topic
from tests.domain.samples import FILM as TITLE, NOW, SERIES, VIEWER, candidate, candidates, policies
from tests.effort import examples

from .english import beside, bracketed

WHY = say("not_asked")
FILM = "The Lantern Keeper (2011)"
FRENCH = Known("French", "radarr")


_POLICY = Policy(genres_excluded=("Horror",), genres_instant=("Noir",), genres_rare=("Silent",))
_DECIDED: list[tuple[Rule, dict[str, object]]] = [
    *((Rule.OVERRIDE, {"override": one}) for one in Override if one is not Override.AUTO),
    (Rule.OVERRIDE, {"override": Override.ALWAYS, "override_kind_told": False}),
    (Rule.MOVIE, {"title": SERIES}),
    (Rule.VIEWER, {"viewer": replace(VIEWER, tracked=False)}),
    (Rule.VIEWER, {"viewer": replace(VIEWER, may_download=False)}),
    (Rule.LOCAL, {"local": Known(value=True)}),
    (Rule.LOCAL, {"local": Unknown(say("no_answer"), "radarr")}),
    (Rule.QUEUED, {"queued": Known(value=True)}),
    (Rule.SEARCHED, {"searched_at": Known(NOW)}),
    (Rule.COOLDOWN, {"deleted_at": Known(NOW)}),
    (Rule.RELEASED, {"released": Known(value=False)}),
    (Rule.GENRE_EXCLUDED, {"genres": Known(("Horror",))}),
    (Rule.INSTANT_RATING, {"imdb_rating": Known(9.0)}),
    (Rule.RARE_KEYWORD, {"texts": ("A Film Uncut",)}),
    (Rule.RARE_YEAR_LANGUAGE, {"title": replace(TITLE, year=1950), "original_language": FRENCH}),
    (Rule.RARE_RATING_VOTES, {"imdb_rating": Known(8.0), "imdb_votes": Known(100)}),
    (Rule.RARE_GENRE, {"genres": Known(("Silent",))}),
    (Rule.RARE_SEEDERS, {"seeders": Known(1)}),
    (Rule.FAVORITE, {"favorite": Known(value=True)}),
    (Rule.FAVORITE, {"tags": Known(frozenset({"favorite"}))}),
    (Rule.GENRE_INSTANT, {"genres": Known(("Noir",))}),
    (Rule.REWATCH, {"viewings": Known(2, "history"), "imdb_rating": Known(7.4)}),
    (Rule.REWATCH, {"viewings": Known(3, "starts"), "imdb_rating": Absent()}),
    (Rule.STREAM, {}),
]


@pytest.mark.parametrize(("rule", "facts"), _DECIDED)
def test_the_reason_of_each_rule_has_no_words_of_its_own(
    rule: Rule, facts: dict[str, object]
) -> None:
    """Whichever decides."""
    decision = decide(candidate(**facts), _POLICY, NOW)
    assert decision.rule is rule
    assert beside(bracketed(decision.reason)) == ""
    assert {one for one, _ in _DECIDED} == set(Rule) - {Rule.REWATCH_RATING}


@given(candidates, policies)
@settings(max_examples=examples(200))
def test_a_decision_has_no_words_of_its_own(asked: Candidate, policy: Policy) -> None:
    """Its reason, and every rule's finding."""
    decision = decide(asked, policy, NOW)
    assert beside(bracketed(decision.reason)) == ""
    assert {finding.rule for finding in decision.findings} == set(Rule)
    for finding in decision.findings:
        assert beside(bracketed(finding.detail)) == "", finding.rule


_KINDS = [
    (Topic.DECISION, kind, {"title": FILM, "viewer": "Sofa", "reason": WHY})
    for kind in ("download", "ask", "stream")
]
_KINDS += [
    (Topic.REQUEST, state.value, {"title": FILM, "requested_by": "Ann", "detail": WHY})
    for state in RequestState
]
_KINDS += [
    (Topic.REQUEST, "stuck", {"title": FILM, "stuck": reason.value, "detail": WHY})
    for reason in StuckReason
]
_KINDS += [
    (Topic.REQUEST, "closed", {"title": FILM, "closed": closing.value}) for closing in Closing
]
_KINDS += [
    (Topic.JOB, kind, {"job": job, "title": FILM, "outcome": outcome, "detail": WHY, "reason": WHY})
    for kind in ("planned", "done", "failed")
    for job in ("download", "refresh", "import_history", "retention", "delete_request")
    for outcome in ("waiting", "queued", "imported", "nothing_found", "failed", "dropped")
]
_SERVICES = [
    (Topic.SERVICE, "down", {"service": "Radarr", "since": NOW.isoformat()}),
    (Topic.SERVICE, "back", {"service": "Radarr"}),
]
_PLAYED = [
    (Topic.PLAYBACK, kind, {"title": FILM, "viewer": "Sofa", "percent": 41.5, **more})
    for kind in ("started", "completed", "stopped", "transcoding")
    for more in ({}, {"device": "TV"}, {"codec": "TrueHD"})
]
_PLAYED += [
    (Topic.PLAYBACK, "milestone", {"viewer": "Sofa", "title": FILM, "milestone": one, "count": 5})
    for one in ("movies", "series_finished", "binge")
]


@pytest.mark.parametrize(("topic", "kind", "attributes"), [*_KINDS, *_SERVICES])
def test_a_message_has_no_words_of_its_own(
    topic: Topic, kind: str, attributes: dict[str, object]
) -> None:
    """Alone, as one of several with one cause, and in a summary."""
    message = message_of(topic, kind, attributes)
    if message is None:
        return
    other = message_of(topic, kind, attributes | {"title": "Another", "service": "Sonarr"})
    assert other is not None
    told = [message, summary([message, other]), *([in_one([message, other])] * bool(message.cause))]
    for one in told:
        spoken = one.put(bracketed)
        names = {FILM, "Another", "Radarr", "Sonarr"}
        lines = [line for line in spoken.text.split("\n") if line not in names]
        assert beside(spoken.title) == ""
        assert beside("".join(lines)).strip() == ""


@pytest.mark.parametrize(("topic", "kind", "attributes"), [*_KINDS, *_PLAYED])
def test_a_sentence_of_activity_has_no_words_of_its_own(
    topic: Topic, kind: str, attributes: dict[str, object]
) -> None:
    """What it is about is a name, or a text."""
    about, told = sentence({"topic": topic, "kind": kind, **attributes})
    assert beside(bracketed(told)) == ""
    assert beside(bracketed(about)) in ("", FILM, "Sofa", "Jellyfin", "Showrunner")


def test_every_kind_of_event_was_asked_for() -> None:
    """A new one needs its row here."""
    asked = {(topic, kind) for topic, kind, _ in (*_KINDS, *_PLAYED)}
    shown = {(one.topic, kind) for one in (*EVENTS, REQUEST) for kind in one.event_types or ()}
    assert shown <= asked


def test_what_a_service_says_is_said_by_us() -> None:
    """Its own words within ours."""
    assert beside(bracketed(Unreachable("Radarr", say("error_no_connection")).text)) == ""
    assert bracketed(ServiceError("Radarr", "boom").text) == "⟦Radarr: boom⟧"
