"""What was kept and can't be read is an error: never half of it, and never something else."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from custom_components.showrunner.domain.acquisition import Acquisition, AcquisitionState
from custom_components.showrunner.domain.candidate import Rule
from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.plan import LeftOut, Plan
from custom_components.showrunner.domain.requests.record import (
    dump_request,
    dump_status,
    load_request,
    load_status,
)
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.domain.watching import Seen, Tracker, Viewing
from tests.domain.plans import plan, step
from tests.domain.requests.samples import FILM as REQUEST, status
from tests.domain.samples import FILM, NOW
from tests.store.viewings import VIEWING

ACQUISITION = Acquisition(
    "a", FILM, AcquisitionState.SEARCHING, NOW, NOW, detail=say("done_search_sent")
)
FINDING = Finding(Rule.STREAM, Answer.YES, value=say("no_answer"))
SEEN = replace(VIEWING, seen=Seen(60.0, 60.0, VIEWING.ended_at))
UNTOLD = {**SEEN.as_dict()["unit"], "ids": "tmdb:603"}


def _plan(kept: Mapping[str, Any]) -> Plan:
    return Plan.from_store(kept, [step(1)])


KEPT: Mapping[str, tuple[Callable[[], Any], Callable[[Any], object], object]] = {
    "acquisition": (ACQUISITION.as_dict, Acquisition.from_dict, ACQUISITION),
    "plan": (plan(step(1)).to_store, _plan, plan(step(1))),
    "finding": (FINDING.to_store, Finding.from_store, FINDING),
    "viewing": (SEEN.as_dict, Viewing.from_dict, SEEN),
    "request": (lambda: dump_request(REQUEST), load_request, REQUEST),
    "status": (
        lambda: dump_status(status(REQUEST, ())),
        load_status,
        load_status(dump_status(status(REQUEST, ()))),
    ),
}


@pytest.mark.parametrize("what", KEPT)
def test_what_is_kept_is_read_as_it_was(what: str) -> None:
    """Whole."""
    dump, load, same = KEPT[what]
    assert load(dump()) == same


@pytest.mark.parametrize(
    ("what", "field", "rubbish"),
    [
        ("acquisition", "title", "The Matrix"),
        ("acquisition", "state", "elsewhere"),
        ("plan", "left_out", "nothing"),
        ("plan", "left_out", ["nothing"]),
        # An older version's, of which one could not be taken over.
        ("plan", "steps", []),
        ("plan", "expires_at", "tomorrow"),
        ("finding", "value", [1]),
        ("finding", "answer", "perhaps"),
        ("viewing", "unit", "The Matrix"),
        ("viewing", "unit", UNTOLD),
        ("viewing", "sources", "poll"),
        ("viewing", "seen", "half"),
        ("request", "ids", "tmdb:603"),
        ("request", "other_titles", "The Matrix"),
        ("request", "media", "song"),
        ("status", "episodes", "two"),
        ("status", "attempts", "one"),
        ("status", "state", "elsewhere"),
    ],
)
def test_what_cannot_be_read_is_an_error(what: str, field: str, rubbish: object) -> None:
    """Whoever keeps it says so, and leaves that one out."""
    dump, load, _ = KEPT[what]
    with pytest.raises((KeyError, TypeError, ValueError)):
        load(dump() | {field: rubbish})


def test_a_pair_of_an_older_version_is_left_out_too() -> None:
    """It was kept as a title and a reason."""
    assert LeftOut.from_store(["The Matrix", "watched"]) == LeftOut("The Matrix", "watched")


@pytest.mark.parametrize("field", ["open", "recent"])
@pytest.mark.parametrize(
    "rubbish", ["one", {}, [{"unit": "The Matrix", "sources": [], "base": {}}]]
)
def test_what_plays_is_not_read_by_half(field: str, rubbish: object) -> None:
    """A sitting without its film would be nobody's viewing."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        Tracker.from_dict({"open": [], "recent": []} | {field: rubbish})


def test_what_nobody_told_is_no_viewing() -> None:
    """It could not be told from a webhook's word."""
    with pytest.raises(ValueError, match="source"):
        replace(VIEWING, sources=frozenset())
