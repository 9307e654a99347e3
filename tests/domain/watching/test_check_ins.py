"""A client that has gone silent: its last word counts, and not what the server makes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients.jellyfin_sessions import silence
from custom_components.showrunner.domain.watching import (
    CheckIns,
    PlaybackReport,
    ReportKind,
    ReportSource,
)

from ..samples import NOW, report

PROGRESS, STOP = ReportKind.PROGRESS, ReportKind.STOPPED
SESSION = report(PROGRESS, 0, 0).session_id
SERVER = datetime(2020, 2, 2, 2, 2, tzinfo=UTC)  # its clock is years behind


def seconds(number: float) -> timedelta:
    """Give a time."""
    return timedelta(seconds=number)


def heard(
    at: float,
    position: float,
    spoke: float | None,
    *,
    paused: bool = False,
    kind: ReportKind = PROGRESS,
    source: ReportSource = ReportSource.POLL,
) -> PlaybackReport:
    """Make a report of a second, whose client spoke at another; None: nobody tells when."""
    return replace(
        report(kind, at / 60, position / 60, paused=paused, source=source),
        checked_in=None if spoke is None else SERVER + seconds(spoke),
        silent=0.0 if spoke is None else at - spoke,
    )


def test_a_silent_client_stays_where_it_spoke_last() -> None:
    """However long the server lists it and moves it on; with its next word it is where it says."""
    words = CheckIns()
    for at in range(10, 300):
        settled = words.settle(heard(at, 4800 + at - 10, 10))
        assert (settled.at, settled.position) == (NOW + seconds(10), 4800)
    settled = words.settle(heard(300, 5090, 300))
    assert (settled.at, settled.position) == (NOW + seconds(300), 5090)


def test_who_is_met_in_silence_is_taken_back_to_the_last_word() -> None:
    """After a restart of Home Assistant, when nobody saw where it was."""
    settled = CheckIns().settle(heard(500, 5280, 20))
    assert (settled.at, settled.position) == (NOW + seconds(20), 4800)
    settled = CheckIns().settle(heard(500, 100, 20))
    assert settled.position == 0  # the server does not move on for longer than that


def test_what_is_paused_stands_still_and_lives() -> None:
    """Many clients say nothing while they are paused."""
    words = CheckIns()
    for at in (10, 200, 599):
        settled = words.settle(heard(at, 4800, 10, paused=True))
        assert (settled.at, settled.position) == (NOW + seconds(at), 4800)
    assert words.silent({SESSION}, NOW + seconds(900), 300) == frozenset()
    settled = words.settle(heard(610, 4805, 605))
    assert (settled.at, settled.position) == (NOW + seconds(605), 4800)


def test_without_a_check_in_the_list_is_all_that_is_known() -> None:
    """A server that tells none, or .NET's "never"."""
    words = CheckIns()
    for at in (10, 400, 800):
        one = heard(at, 4800 + at, None)
        assert words.settle(one) == one


@pytest.mark.parametrize(
    ("checked_in", "told_at", "silent"),
    [
        (SERVER, SERVER + seconds(30), 30),
        (SERVER, SERVER, 0),
        (SERVER, SERVER - seconds(30), 0),  # ahead of the answer that tells it
        (SERVER, SERVER + timedelta(days=2), 0),
        (SERVER, None, 0),
        (None, SERVER, 0),
    ],
)
def test_a_silence_that_makes_no_sense_is_none(
    checked_in: datetime | None, told_at: datetime | None, silent: float
) -> None:
    """By the server's own clock alone."""
    assert silence(checked_in, told_at) == silent


def test_a_word_that_arrives_late_is_not_the_last_one() -> None:
    """But a clock that was put back goes on from there."""
    words = CheckIns()
    words.settle(heard(100, 4000, 95))
    late = words.settle(heard(101, 3990, 85))
    assert (late.at, late.position) == (NOW + seconds(95), pytest.approx(3995))
    back = replace(heard(110, 4010, 108), checked_in=SERVER - timedelta(hours=1))
    for later in range(5):
        again = replace(back, at=back.at + seconds(later), position=4010.0 + later)
        settled = words.settle(again)
        assert (settled.at, settled.position) == (NOW + seconds(108), pytest.approx(4008))


def test_of_many_clients_the_last_words_of_the_latest_are_kept() -> None:
    """A server's list has no end: whoever has been heard longest ago is forgotten first."""
    words = CheckIns()
    for number in range(502):
        words.settle(replace(heard(10, 4800, 10), session_id=f"s{number}"))
        words.settle(replace(heard(10, 4800, 10), session_id="s1"))
    everybody = {f"s{number}" for number in range(502)}
    silent = words.silent(everybody, NOW + seconds(900), 300)
    assert silent == everybody - {"s0", "s2"}


@pytest.mark.parametrize(
    ("passed", "lost"), [(10, False), (300, False), (301, True), (660, True), (661, False)]
)
def test_the_servers_own_stop_is_told_from_a_persons(passed: float, lost: bool) -> None:
    """Its idle check ends a play after five to ten minutes, where it has moved it to."""
    for known in (True, False):  # did we look at the sessions, or are there only webhooks?
        words = CheckIns()
        if known:
            words.settle(heard(10, 4800, 10))
        stop = heard(10 + passed, 4800 + passed, 10, kind=STOP, source=ReportSource.WEBHOOK)
        settled = words.settle(replace(stop, completed=True))
        assert settled.lost is lost
        assert settled.position == (4800 if lost else 4800 + passed)
        assert settled.at == NOW + seconds(10 if lost else 10 + passed)
        assert settled.completed is (None if lost else True)
        nowhere = words.settle(replace(stop, position=None))
        assert (nowhere.position, nowhere.lost) == (None, lost)


def test_a_body_that_tells_no_check_in_is_judged_by_what_was_listed() -> None:
    """Somebody's own template."""
    words = CheckIns()
    words.settle(heard(10, 4800, 10))
    stop = heard(400, 5190, None, kind=STOP, source=ReportSource.WEBHOOK)
    assert words.settle(stop).position == 4800
    assert CheckIns().settle(stop) == stop


def test_who_is_silent_for_too_long_is_named() -> None:
    """To the second."""
    words = CheckIns()
    words.settle(heard(10, 4800, 10))
    sessions = {SESSION}
    assert words.silent(sessions, NOW + seconds(310), 300) == frozenset()
    assert words.silent(sessions, NOW + seconds(311), 300) == sessions
    assert words.silent({"another"}, NOW + seconds(900), 300) == frozenset()


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 900), st.booleans()), min_size=1, max_size=40
    ),
    st.integers(-(10**6), 10**6),
)
def test_nothing_is_counted_beyond_a_last_word(
    looks: list[tuple[int, int, bool]], skew: int
) -> None:
    """Whatever the server's clock shows, and however seldom anybody looks."""
    words, now, spoke, place = CheckIns(), 0.0, 0.0, 1000.0
    for passed, silent, speaks in looks:
        now += passed + silent
        if speaks:
            place += now - spoke
            spoke = now
        one = heard(now, place + (now - spoke), spoke)
        settled = words.settle(replace(one, checked_in=SERVER + seconds(spoke + skew)))
        assert settled.at <= NOW + seconds(spoke)
        assert settled.position == pytest.approx(place)
