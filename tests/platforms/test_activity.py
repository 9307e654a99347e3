"""Activity: what happened, as sentences."""

from collections.abc import Callable

from homeassistant.core import Event, callback
import pytest

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.domain.requests.request import Closing, StuckReason
from custom_components.showrunner.domain.text import Text
from custom_components.showrunner.event import EVENTS, REQUEST
from custom_components.showrunner.logbook import async_describe_events, sentence
from custom_components.showrunner.signals import Topic
from tests.english import english, german
from tests.walk.household import Household, until

from .faces import SECOND, entity_id

FILM = "The Lantern Keeper (2011)"


@pytest.mark.parametrize(
    ("topic", "kind", "more", "subject", "words"),
    [
        (
            "decision",
            "download",
            {"title": FILM, "viewer": "Sofa", "reason": "Started twice"},
            FILM,
            "is worth keeping: Started twice (watched by Sofa)",
        ),
        ("decision", "stream", {"title": FILM, "viewer": ""}, FILM, "is only streamed"),
        (
            "request",
            "requested",
            {"title": FILM, "requested_by": "Ann"},
            FILM,
            "was requested by Ann",
        ),
        (
            "request",
            "stuck",
            {"title": FILM, "stuck": "disk_full", "detail": "0 B left"},
            FILM,
            "is stuck: the disk is full (0 B left)",
        ),
        ("request", "closed", {"title": FILM, "closed": "declined"}, FILM, "was declined"),
        (
            "playback",
            "stopped",
            {"title": FILM, "viewer": "Sofa", "percent": 41.5, "device": "TV"},
            "Sofa",
            f"stopped {FILM} at 42 % on TV",
        ),
        ("playback", "completed", {"title": FILM, "viewer": "Sofa"}, "Sofa", f"watched {FILM}"),
        (
            "playback",
            "milestone",
            {"viewer": "Sofa", "milestone": "movies", "count": 50, "title": ""},
            "Sofa",
            "has watched 50 movies",
        ),
        (
            "job",
            "done",
            {"job": "download", "title": FILM, "outcome": "imported", "detail": ""},
            FILM,
            "is here",
        ),
        (
            "job",
            "failed",
            {"job": "import_history", "reason": "Jellystat: no connection"},
            "The import of history",
            "failed: Jellystat: no connection",
        ),
        ("job", "done", {"job": "retention", "archived": 9}, "Showrunner", "archived 9 viewings"),
        ("job", "done", {"job": "refresh", "title": "/media"}, "Jellyfin", "looks at /media"),
    ],
)
def test_what_happened_is_a_sentence(
    topic: str, kind: str, more: dict[str, object], subject: str, words: str
) -> None:
    """Who or what, and what became of it, and why."""
    about, text = sentence({"topic": topic, "kind": kind, **more})
    assert (english(about), english(text)) == (subject, words)


def test_every_kind_of_event_has_words_of_its_own() -> None:
    """Nothing is shown as the bare name of its kind."""
    for one in (*EVENTS, REQUEST):
        if one.topic is Topic.JOB:
            continue  # its outcome has the words
        for kind in one.event_types or ():
            data = {"topic": one.topic, "kind": kind, "title": "X", "stuck": "stalled"}
            _, words = sentence(data)
            assert isinstance(words, Text), (one.topic, kind)
            for said in (english(words), german(words)):
                assert said, (one.topic, kind)
                assert "activity_" not in said, (one.topic, kind)
    closed = [sentence({"topic": "request", "kind": "closed", "closed": one})[1] for one in Closing]
    for language in (english, german):
        assert len({language(words) for words in closed}) == len(Closing)
    assert "is closed" not in map(english, closed)
    for reason in StuckReason:
        words = sentence({"topic": "request", "kind": "stuck", "stuck": reason.value})[1]
        assert english(words).startswith("is stuck: ")
        assert german(words).startswith("hängt fest: ")


@pytest.mark.parametrize(
    ("data", "subject", "words"),
    [
        (
            {"topic": "playback", "kind": "stopped", "percent": 41.5, "device": "TV", "viewer": ""},
            "Jemand",
            f"hat {FILM} auf TV bei 42 % beendet",
        ),
        (
            {"topic": "decision", "kind": "download", "viewer": "Sofa", "reason": "Ein Favorit"},
            FILM,
            "lohnt sich zu behalten: Ein Favorit (angesehen von Sofa)",
        ),
        (
            {"topic": "request", "kind": "stuck", "stuck": "disk_full", "detail": "0 B left"},
            FILM,
            "hängt fest: Die Festplatte ist voll (0 B left)",
        ),
        (
            {"topic": "job", "kind": "done", "job": "import_history", "imported": 1},
            "Der Import des Verlaufs",
            "hat 1 neue Wiedergabe gefunden",
        ),
    ],
)
def test_what_happened_is_a_german_sentence(
    data: dict[str, object], subject: str, words: str
) -> None:
    """Each whole, not put together of words."""
    about, text = sentence({"title": FILM, **data})
    assert (german(about), german(text)) == (subject, words)


async def test_a_decision_reaches_activity(household: Household) -> None:
    """Its event is on the bus, and what is registered for that event makes the sentence."""
    hass = household.hass
    described: list[dict[str, str]] = []
    about: list[Event] = []
    tellers: dict[tuple[str, str], Callable[[Event], dict[str, str]]] = {}
    async_describe_events(
        hass, lambda domain, kind, teller: tellers.update({(domain, kind): teller})
    )
    ((domain, event_type),) = tellers
    assert domain == DOMAIN

    @callback
    def listen(event: Event) -> None:
        about.append(event)
        described.append(tellers[domain, event_type](event))

    hass.bus.async_listen(event_type, listen)
    await household.watch("Sofa", SECOND)
    await until(lambda: any("worth keeping" in one["message"] for one in described))
    (line,) = (one for one in described if "worth keeping" in one["message"])
    assert line["name"].startswith(f"{SECOND} (")
    assert line["message"].endswith("(watched by Sofa)")
    # The entity's name would stand in the place of the film's; the event has it all the same.
    assert "entity_id" not in line
    (event,) = (one for one in about if one.data["kind"] == "download")
    assert event.data["entity_id"] == entity_id(household, "decision")
