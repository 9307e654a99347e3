"""The pursuit of a movie: what Radarr's answers make of it, when to ask again, and the pace."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.acquisition import (
    Acquisition,
    AcquisitionState as State,
    CommandState,
    Origin,
    Progress,
    ask_again_at,
    follow_at,
    judge,
    next_search_at,
)
from custom_components.showrunner.domain.flood import LIMIT, Admission, FloodGate, Pace
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown

from .samples import FILM, NOW

SEARCHED = Acquisition(
    id="a",
    title=FILM,
    state=State.SEARCHING,
    created_at=NOW,
    next_at=None,
    searched_at=NOW,
    service="r",
    remote_id=1,
    command_id=2,
)
RUNNING, DONE, BROKEN = (
    Known(state) for state in (CommandState.RUNNING, CommandState.COMPLETED, CommandState.FAILED)
)
NONE: Known[tuple[datetime, ...]] = Known(())
SILENT = Unknown("no answer")
LATER = NOW + timedelta(seconds=30)
QUIET = Progress(RUNNING, None, Known(value=False), NONE, NONE, NONE)


def judged(progress: Progress, now: datetime = LATER, state: State = State.SEARCHING) -> State:
    """Judge."""
    return judge(replace(SEARCHED, state=state), progress, now).state


def test_a_search_that_runs_goes_on() -> None:
    """Nothing is concluded while Radarr searches."""
    assert judged(QUIET) is State.SEARCHING


def test_a_search_without_a_grab_found_nothing() -> None:
    """Some seconds after its end, and not in the moment of it."""
    ended = replace(QUIET, command=DONE, command_ended=NOW)
    assert judged(ended, NOW + timedelta(seconds=19)) is State.SEARCHING
    assert judged(ended, NOW + timedelta(seconds=20)) is State.NOTHING_FOUND


def test_a_grab_is_followed_to_the_import() -> None:
    """By history, or by the queue alone."""
    grabbed = replace(QUIET, command=DONE, command_ended=NOW, grabs=Known((LATER,)))
    assert judged(grabbed) is State.GRABBED
    assert judged(replace(QUIET, queued=Known(value=True))) is State.GRABBED
    assert judged(replace(grabbed, imports=Known((LATER,)))) is State.IMPORTED


def test_events_from_before_the_search_do_not_count() -> None:
    """The import of last year is not this one's."""
    old = Known((NOW - timedelta(days=400),))
    assert judged(replace(QUIET, grabs=old, imports=old)) is State.SEARCHING


def test_a_failed_download_is_given_time_to_be_replaced() -> None:
    """Radarr searches again by itself."""
    failed = replace(QUIET, command=DONE, grabs=Known((NOW,)), failures=Known((LATER,)))
    assert judged(failed, LATER + timedelta(minutes=9)) is State.GRABBED
    assert judged(failed, LATER + timedelta(minutes=10)) is State.FAILED
    again = replace(failed, grabs=Known((NOW, LATER + timedelta(minutes=1))))
    assert judged(again, LATER + timedelta(minutes=10)) is State.GRABBED


def test_a_failed_command_is_a_failure() -> None:
    """With Radarr's own words."""
    ended = judge(SEARCHED, replace(QUIET, command=BROKEN, message="no indexers"), LATER)
    assert (ended.state, ended.detail) == (State.FAILED, "no indexers")


def test_a_command_that_radarr_forgot_is_waited_for_an_hour() -> None:
    """It was restarted, or cleaned up."""
    forgotten = replace(QUIET, command=Absent("radarr"))
    assert judged(forgotten, NOW + timedelta(minutes=59)) is State.SEARCHING
    assert judged(forgotten, NOW + timedelta(hours=1)) is State.NOTHING_FOUND


@given(
    st.sampled_from([RUNNING, DONE, BROKEN, SILENT, Absent("x")]),
    st.sampled_from([Known(value=True), Known(value=False), SILENT]),
    st.sampled_from([NONE, Known((LATER,)), SILENT]),
    st.sampled_from([State.SEARCHING, State.GRABBED]),
)
def test_law_1_silence_ends_nothing(
    command: object, queued: object, events: object, state: State
) -> None:
    """With an unknown history nothing changes, for however long."""
    progress = Progress(command, LATER, queued, SILENT, events, events)  # type: ignore[arg-type]
    asked = replace(SEARCHED, state=state)
    assert judge(asked, progress, NOW + timedelta(days=300)) == asked


@pytest.mark.parametrize("state", [state for state in State if not state.following])
def test_only_what_is_searched_is_judged(state: State) -> None:
    """Also with an import in the history."""
    assert judged(replace(QUIET, imports=Known((LATER,))), state=state) is state


def test_an_acquisition_is_the_same_after_the_store() -> None:
    """JSON and back."""
    full = replace(SEARCHED, next_at=LATER, origin=Origin.PERSON, approved=True, reason="why")
    assert Acquisition.from_dict(full.as_dict()) == full


def test_asking_becomes_more_seldom_and_ends() -> None:
    """After a day there is nothing left to wait for."""
    waits = [(ask_again_at(replace(SEARCHED, attempts=n), NOW) or NOW) - NOW for n in range(6)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=15)
    assert ask_again_at(SEARCHED, NOW + timedelta(days=1)) is None
    assert follow_at(replace(SEARCHED, attempts=99), NOW) == NOW + timedelta(minutes=2)


@given(st.lists(st.integers(0, 7200), max_size=30), st.integers(1, 10))
def test_never_more_searches_an_hour_than_allowed(ago: list[int], per_hour: int) -> None:
    """In any sixty minutes."""
    searched = tuple(NOW - timedelta(seconds=seconds) for seconds in ago)
    at = next_search_at(searched, per_hour, NOW)
    assert at >= NOW
    within = [one for one in searched if one > at - timedelta(hours=1)]
    assert len(within) < per_hour or len(searched) > per_hour
    if len(searched) < per_hour:
        assert at == NOW


def test_a_flood_is_collapsed_and_reported_once() -> None:
    """The 121st equal body within a minute, and again in the next."""
    gate = FloodGate()
    answers = [gate.admit(7, 0.1 * i) for i in range(300)]
    assert answers.count(Admission.ACCEPT) == 120
    assert answers.count(Admission.REPORT) == 1
    assert gate.admit(8, 1.0) is Admission.ACCEPT
    assert gate.admit(7, 61.0) is Admission.ACCEPT
    assert gate.collapsed == 180


def test_the_gate_forgets() -> None:
    """Ten thousand different bodies do not fill the memory."""
    gate = FloodGate()
    for body in range(10_000):
        gate.admit(body, 0.001 * body)
    assert len(gate._seen) <= 501


def test_the_gate_forgets_no_flood_as_long_as_there_is_room() -> None:
    """What is over makes room first."""
    gate = FloodGate()
    for body in range(250):
        gate.admit(body, 0.0)
    for _ in range(120):
        gate.admit(1000, 100.0)
    for body in range(2000, 2300):
        gate.admit(body, 101.0)
    assert gate.admit(1000, 102.0) is Admission.REPORT


def test_a_household_never_rests_and_a_flood_does() -> None:
    """So many a minute cost no rest; beyond that it is three times as long as the work."""
    pace = Pace()
    assert [pace.rest(0.01, 0.1 * n) for n in range(LIMIT)] == [0.0] * LIMIT
    rests = [pace.rest(0.01, 30.0) for _ in range(50)]
    assert sum(rests) == pytest.approx(1.5)
    assert pace.rest(0.01, 60.0) == 0.0


def test_nobody_rests_for_long_from_what_only_waited() -> None:
    """A message may have waited for a backup: the next one is not made to wait for that, too."""
    pace = Pace(limit=0)
    assert pace.rest(45.0, 1.0) == pytest.approx(1.0)
    assert pace.rest(0.1, 2.0) == pytest.approx(0.3)


def test_short_work_is_rested_from_at_once_for_a_while() -> None:
    """A rest of less than the loop's clock can tell is none: it is owed."""
    pace = Pace(limit=0)
    rests = [pace.rest(0.001, 1.0) for _ in range(70)]
    taken = [rest for rest in rests if rest]
    assert rests[:6] == [0.0] * 6
    assert len(taken) == 10
    assert min(taken) >= 0.02


def test_an_arr_without_a_history_ends_nothing_by_it() -> None:
    """What it can't tell of did not happen; what is in its queue goes on."""
    none = Absent("radarr")
    assert judged(replace(QUIET, grabs=none, imports=none, failures=none)) is State.SEARCHING
    queued = replace(QUIET, queued=Known(value=True), grabs=none, imports=none)
    assert judged(queued) is State.GRABBED


def test_what_was_grabbed_and_is_nowhere_is_waited_for_and_then_has_failed() -> None:
    """Nobody has told of its failure, and it is in no queue."""
    grabbed = replace(QUIET, command=DONE, grabs=Known((NOW,)), failures=SILENT)
    assert judged(grabbed, NOW + timedelta(days=30, seconds=-1)) is State.GRABBED
    assert judged(grabbed, NOW + timedelta(days=30)) is State.FAILED
    there = replace(grabbed, queued=Known(value=True))
    assert judged(there, NOW + timedelta(days=30)) is State.GRABBED
