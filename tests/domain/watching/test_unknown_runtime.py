"""A film whose runtime nobody knows: the server's word at its end counts, and nothing is 0 %."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.watching import (
    Change,
    PlaybackReport,
    ReportKind,
    ReportSource,
    Tracker,
    Viewing,
    WatchPolicy,
    fold,
    percent_of,
)

from ..samples import day_of, report

POLICY = WatchPolicy()
SESSIONS, HOOK = ReportSource.WEBSOCKET, ReportSource.WEBHOOK


def strm(kind: ReportKind, minute: float, position: float | None, **more: object) -> PlaybackReport:
    """Make a report of an item that was never probed."""
    return report(kind, minute, position, runtime=None, **more)  # type: ignore[arg-type]


def play(end: float, *, begin: float = 0, at: float = 0) -> list[PlaybackReport]:
    """Play from one minute of the film to another, told every ten seconds."""
    steps = int((end - begin) * 6)
    return [
        strm(ReportKind.PROGRESS, at + step / 6, begin + step / 6, source=SESSIONS)
        for step in range(steps)
    ]


def stop(minute: float, position: float | None, *, completed: bool = True) -> PlaybackReport:
    """Tell the end, as the server's plugin does."""
    return strm(ReportKind.STOPPED, minute, position, source=HOOK, completed=completed)


def follow(
    *reports: PlaybackReport, tracker: Tracker | None = None
) -> tuple[Tracker, list[Change]]:
    """Fold reports one after the other."""
    tracker = tracker or Tracker()
    changes: list[Change] = []
    for one in reports:
        tracker, more = fold(tracker, one, POLICY, day_of)
        changes += more
    return tracker, changes


def viewing(*reports: PlaybackReport, tracker: Tracker | None = None) -> Viewing:
    """Give what became of it in the end."""
    tracker, _ = follow(*reports, tracker=tracker)
    return tracker.recent[-1].viewing


def test_played_to_its_end_by_the_servers_own_word() -> None:
    """5,400 s were watched, and nobody knows of how many."""
    _, changes = follow(*play(90), stop(90, 90))
    assert [one.kind.value for one in changes] == ["started", "completed", "stopped"]
    done = changes[-1].viewing
    # Only the webhook says so: it counts once Jellyfin has confirmed it.
    assert (done.completed, done.doubted, done.counts) == (True, True, False)
    assert done.borne_out.counts
    assert done.watched == pytest.approx(5400)
    assert done.percent is None


def test_a_minute_is_no_completed_viewing() -> None:
    """The server calls every end of an item without a runtime its completion."""
    assert not viewing(*play(1), stop(1, 1)).completed
    assert viewing(*play(2), stop(2, 2)).completed


def test_without_that_word_it_is_not_completed() -> None:
    """Sessions only; or it was stopped, and the server says so."""
    assert not viewing(*play(90), strm(ReportKind.STOPPED, 90, 90, source=SESSIONS)).completed
    assert not viewing(*play(90), stop(90, 90, completed=False)).completed


@pytest.mark.parametrize("late", [-0.05, 0.1])
def test_the_word_may_come_after_the_end_was_seen(late: float) -> None:
    """The session was gone first, or the clock of the webhook is behind."""
    seen = [*play(90), strm(ReportKind.STOPPED, 90, 90, source=SESSIONS)]
    tracker, changes = follow(*seen, stop(90 + late, 90))
    rows = [one for one in changes if one.kind.value == "completed"]
    assert len(rows) == 1
    assert tracker.recent[-1].viewing.completed


def test_a_stop_whose_play_nobody_saw() -> None:
    """Where only starts and stops are told."""
    started = strm(ReportKind.STARTED, 0, 0, source=HOOK)
    done = viewing(started, stop(90, 90))
    assert done.completed
    assert not done.counts  # a webhook's word alone, until the server has confirmed it


def test_a_jump_to_the_end_is_none() -> None:
    """Three minutes, then the last two: the server says that it was played."""
    jumped = [*play(3), *play(90, begin=88, at=3)]
    seen = viewing(*jumped, stop(5, 90))
    assert (seen.completed, seen.credits_jump) == (False, True)


def test_the_rest_after_a_jump_does_not_complete_it_either() -> None:
    """Taken up the next day where it was jumped to."""
    tracker, _ = follow(*play(3), *play(90, begin=88, at=3), stop(5, 90, completed=False))
    day = 24 * 60
    seen = viewing(*play(93, begin=89.5, at=day), stop(day + 3.5, 93), tracker=tracker)
    assert not seen.completed


def test_a_runtime_that_is_known_is_what_counts() -> None:
    """Half of the film, and a server that knows nothing of its length."""
    half = [replace(one, runtime=10_800.0) for one in (*play(90), stop(90, 90))]
    seen = viewing(*half)
    assert (seen.completed, seen.percent) == (False, pytest.approx(50))


def test_nobody_knows_how_far_it_is() -> None:
    """Neither 0 % nor 100 %."""
    assert percent_of(5400, None) is None
    assert percent_of(5400, 0) is None
    assert viewing(*play(90), stop(90, 90)).rounded_percent is None


@given(
    st.floats(0, 200),
    st.lists(st.tuples(st.floats(0, 200), st.booleans()), max_size=3),
)
def test_only_the_servers_word_completes_it(length: float, ends: list[tuple[float, bool]]) -> None:
    """However long, and however often it ends: never without the word, nor under two minutes."""
    reports = play(length)
    at = length
    for position, completed in ends:
        reports.append(stop(at, position, completed=completed))
        at += 0.01
    _, changes = follow(*reports)
    for one in changes:
        if one.viewing.completed:
            assert any(completed for _, completed in ends)
            assert one.viewing.watched >= POLICY.min_seconds
