"""Another language is whole: nothing that is said has words of its own beside the translations.

In a made-up language every text is in brackets. What a service told stays as it is, within them.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
import importlib
import pkgutil

from hypothesis import given, settings
import pytest

from custom_components import showrunner
from custom_components.showrunner.clients import arr_webhook, radarr_models, sonarr_models
from custom_components.showrunner.clients.arr_models import root_folder
from custom_components.showrunner.clients.errors import ServiceError, Unreachable
from custom_components.showrunner.domain.buttons import Button, Verb
from custom_components.showrunner.domain.candidate import Candidate, Override
from custom_components.showrunner.domain.decision import Rule, decide
from custom_components.showrunner.domain.digest import Digest, Watched
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.media import MOVIE, MediaType
from custom_components.showrunner.domain.notices import Coming
from custom_components.showrunner.domain.plan import Skip
from custom_components.showrunner.domain.policy import Policy
from custom_components.showrunner.domain.requests.recheck import against_doing
from custom_components.showrunner.domain.requests.request import Closing, RequestState, StuckReason
from custom_components.showrunner.domain.sweep import ReadState, Tally
from custom_components.showrunner.domain.text import Text, say
from custom_components.showrunner.domain.torrents import TorrentState
from custom_components.showrunner.event import EVENTS, REQUEST
from custom_components.showrunner.jobs.messages import Answer as Pressed, in_one, summary
from custom_components.showrunner.jobs.wordings import message_of
from custom_components.showrunner.logbook import sentence
from custom_components.showrunner.signals import Topic
from tests.domain.requests.samples import TORRENT
from tests.domain.samples import FILM as TITLE, NOW, SERIES, VIEWER, candidate, candidates, policies
from tests.effort import examples

from .domain.requests.deleting import COMING, IN_CLIENT, made
from .domain.requests.replay import File, Household, planned
from .domain.requests.samples import FILM as ASKED_FOR
from .english import beside, bracketed, german

WHY = say("not_asked")


def every_word_of_ours() -> frozenset[str]:
    """Give what our enumerations are called in the code."""
    for module in pkgutil.walk_packages(showrunner.__path__, f"{showrunner.__name__}."):
        importlib.import_module(module.name)
    ours = [
        one for one in StrEnum.__subclasses__() if one.__module__.startswith(showrunner.__name__)
    ]
    return frozenset(member.value for one in ours for member in one if member.value)


OURS = every_word_of_ours()


def raw(value: object) -> list[str]:
    """Find words of the code that stand in a text as they are: they have no translation."""
    match value:
        case Text():
            # What a tag is called is a person's word.
            return [word for name, one in value.values if name != "tag" for word in raw(one)]
        case tuple():
            return [word for one in value for word in raw(one)]
        case str() if value in OURS:
            return [value]
        case _:
            return []


FILM = "The Lantern Keeper (2011)"
FRENCH = Known("French", "radarr")
BUTTON = Button(Verb.KEEP, "movie:tmdb:1", None, NOW)


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
    assert raw(decision.reason) == []
    assert {finding.rule for finding in decision.findings} == set(Rule)
    for finding in decision.findings:
        assert beside(bracketed(finding.detail)) == "", finding.rule
        assert raw(finding.detail) == [], finding.rule
        for answer in (finding.value, finding.threshold, finding.source):
            if isinstance(answer, Text):
                assert beside(bracketed(answer)) == "", finding.rule
                assert raw(answer) == [], finding.rule
            # Answers tell these two as what they are compared with, for automations.
            elif finding.rule not in (Rule.OVERRIDE, Rule.MOVIE) and answer is not finding.source:
                assert answer == policy.favorite_tag or raw(answer) == [], finding.rule


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
_SERVICES += [
    (Topic.LEAVING, "soon", {"parts": (Coming(("a",), None, NOW, NOW, NOW.date(), FILM, 7),) * n})
    for n in (1, 2)
]
_SERVICES += [
    (Topic.LEAVING, "answered", {"to": "x", "button": BUTTON, "title": FILM, "answer": answer})
    for answer in Pressed
]
_SERVICES += [
    (Topic.DIGEST, "weekly", {"digest": digest})
    for digest in (Digest(), Digest(2, 3, 10**9, 4, (Watched(TITLE, 2),)))
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
    rows = [message, summary([message, other]), *([in_one([message, other])] * bool(message.cause))]
    for one in rows:
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
    about, text = sentence({"topic": topic, "kind": kind, **attributes})
    assert beside(bracketed(text)) == ""
    assert raw(text) == []
    assert beside(bracketed(about)) in ("", FILM, "Sofa", "Jellyfin", "Showrunner")


def test_every_kind_of_event_was_asked_for() -> None:
    """A new one needs its row here."""
    asked = {(topic, kind) for topic, kind, _ in (*_KINDS, *_PLAYED)}
    shown = {(one.topic, kind) for one in (*EVENTS, REQUEST) for kind in one.event_types or ()}
    assert shown <= asked


def test_a_decision_that_nobody_explains_names_no_rule() -> None:
    """Nor the service, by its name in the code."""
    decision = decide(candidate(local=Unknown("", "radarr")), _POLICY, NOW)
    assert german(decision.reason) == "Noch nicht entschieden: keine Antwort"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("movie", "Filme"),
        ("series", "Serien"),
        ("episode", "Folgen"),
        ("played", "Gesehenes"),
        ("favorites", "Favoriten"),
    ],
)
def test_what_fell_has_a_name(kind: str, name: str) -> None:
    """Of a library, and of a viewer."""
    good = ReadState(sweep=1).swept(NOW, {kind: 9}, Tally(), 50)
    fallen = replace(good, sweep=2).swept(NOW, {kind: 1}, Tally({kind: 9}, {kind: 8}), 50)
    assert german(fallen.why) == f"{name}: nur 1 von 9 sind übrig"


@pytest.mark.parametrize("state", [one for one in TorrentState if one.is_at_work])
def test_what_a_client_does_has_a_name(state: TorrentState) -> None:
    """Each of its states in which the data is not to be touched."""
    busy = replace(IN_CLIENT, torrent=replace(TORRENT, state=state))
    withheld = made(replace(COMING, torrents=Known((busy,))), files=False).withheld
    why = next(one.reason for one in withheld if one.step_id.startswith("torrent"))
    assert isinstance(why, Text)
    assert why.key == "torrent_at_work"
    assert raw(why) == []
    assert ("unbekannt" in german(why)) is (state is TorrentState.UNKNOWN)


def test_what_comes_first_by_now_has_a_name() -> None:
    """A file that came since."""
    film = Household(replace(ASKED_FOR, arr=("arr", 4)), {}, {MOVIE: True})
    plan = planned(film, files=True)
    step, entry = plan.step("unmonitor"), plan.step("delete_movie")
    assert step is not None
    assert entry is not None
    film.files = {500: File(500, frozenset({MOVIE}))}
    against = against_doing(step, film.deletion(files=True), [entry])
    assert isinstance(against, Skip)
    assert german(against.reason).endswith("; jetzt zuerst: die Datei löschen")


_ROWS: list[tuple[str, Callable[[], object]]] = [
    ("Radarr: ein Datensatz (Stammordner) ohne ID", lambda: root_folder({"path": "/x"}, "Radarr")),
    (
        "Radarr: ein Datensatz (Eintrag des Verlaufs) ohne ID",
        lambda: radarr_models.history_record({"date": NOW.isoformat()}),
    ),
    ("Radarr: ein Datensatz (Befehl) ohne ID", lambda: radarr_models.command({})),
    ("Sonarr: ein Datensatz (Serie) ohne ID", lambda: sonarr_models.series({})),
    (
        "Sonarr: ein Datensatz (Folge) ohne ID",
        lambda: sonarr_models.episode({"seasonNumber": 1, "episodeNumber": 1}),
    ),
    (
        "Sonarr: ein Datensatz (Datei einer Folge) ohne ID",
        lambda: sonarr_models.file({"path": "/x"}),
    ),
    (
        "Radarr: eine Nachricht über etwas anderes als erwartet (Film)",
        lambda: arr_webhook.read({"eventType": "Grab"}, NOW, MediaType.MOVIE),
    ),
    (
        "Sonarr: eine Nachricht über etwas anderes als erwartet (Serie)",
        lambda: arr_webhook.read({"eventType": "Grab"}, NOW, MediaType.SERIES),
    ),
]


@pytest.mark.parametrize(("text", "reads"), _ROWS)
def test_what_is_missing_an_id_has_a_name(text: str, reads: Callable[[], object]) -> None:
    """And what a message should have been about."""
    with pytest.raises(ServiceError) as caught:
        reads()
    assert german(caught.value.text) == text


def test_what_a_service_says_is_said_by_us() -> None:
    """Its own words within ours."""
    assert beside(bracketed(Unreachable("Radarr", say("error_no_connection")).text)) == ""
    assert bracketed(ServiceError("Radarr", "boom").text) == "⟦Radarr: boom⟧"
