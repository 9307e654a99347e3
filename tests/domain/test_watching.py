"""Playback reports become viewings: once each, whatever the sources say and however often."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.showrunner.domain.media import ProviderIds, UnitKind
from custom_components.showrunner.domain.watching import (
    Change,
    PlaybackReport,
    ReportKind,
    ReportSource,
    Tracker,
    Viewing,
    WatchPolicy,
    expire,
    fold,
)

from .samples import NOW, UNIT, day_of, report

START, PROGRESS, STOP = ReportKind.STARTED, ReportKind.PROGRESS, ReportKind.STOPPED
POLICY = WatchPolicy()
OTHER = replace(UNIT, name="Another", item_id="j" * 32, ids=ProviderIds(tmdb=990002))


def follow(
    *reports: PlaybackReport, tracker: Tracker | None = None, policy: WatchPolicy = POLICY
) -> tuple[Tracker, list[Change]]:
    """Fold reports one after the other."""
    tracker = tracker or Tracker()
    changes: list[Change] = []
    for one in reports:
        tracker, more = fold(tracker, one, policy, day_of)
        changes += more
    return tracker, changes


def kinds(changes: list[Change]) -> list[str]:
    """Name what happened."""
    return [change.kind.value for change in changes]


def last(changes: list[Change]) -> Viewing:
    """Take the viewing as it was told last."""
    return changes[-1].viewing


def evening(begin: float, end: float, at: float = 0, step: float = 1) -> list[PlaybackReport]:
    """Watch from one minute of the film to another, polled every `step` minutes."""
    minutes = [begin + i * step for i in range(int((end - begin) / step) + 1)]
    return [report(PROGRESS, at + minute - begin, minute) for minute in minutes]


def test_a_film_from_start_to_end() -> None:
    """Started once, completed once, stopped once; watched as long as it is."""
    _, changes = follow(report(START, 0, 0), *evening(0, 120), report(STOP, 120, 120))
    assert kinds(changes) == ["started", "completed", "stopped"]
    viewing = last(changes)
    assert (viewing.percent, viewing.completed, viewing.finished) == (100.0, True, True)
    assert viewing.watched == pytest.approx(7200)
    assert not viewing.credits_jump


@pytest.mark.parametrize(("percent", "done"), [(84.9, False), (85.0, True)])
def test_completed_at_85_percent(percent: float, done: bool) -> None:
    """The boundary is inclusive."""
    end = 120 * percent / 100
    _, changes = follow(*evening(0, 100), report(STOP, end, end))
    assert last(changes).completed is done


@pytest.mark.parametrize(("seconds", "stored"), [(119, False), (120, True)])
def test_zapping_is_not_stored(seconds: int, stored: bool) -> None:
    """119 seconds are nothing, 120 are a viewing."""
    minutes = seconds / 60
    _, changes = follow(report(PROGRESS, 0, 10), report(STOP, minutes, 10 + minutes))
    assert ("stopped" in kinds(changes)) is stored


def test_a_pause_does_not_count() -> None:
    """Left paused overnight: two hours were watched, not ten."""
    _, changes = follow(
        *evening(0, 60),
        report(PROGRESS, 60, 60, paused=True),
        report(PROGRESS, 540, 60, paused=True),
        *evening(60, 120, at=541),
        report(STOP, 602, 120),
    )
    assert last(changes).watched == pytest.approx(7200, abs=90)
    assert kinds(changes).count("completed") == 1


def test_a_jump_to_the_credits_is_recorded_but_not_completed() -> None:
    """Ten minutes, then to the end: less than half of the way was watched."""
    _, changes = follow(*evening(0, 10), report(PROGRESS, 10.1, 115), report(STOP, 15, 120))
    viewing = last(changes)
    assert (viewing.completed, viewing.credits_jump) == (False, True)


def test_a_doubled_stop_after_a_jump_does_not_complete() -> None:
    """The webhook's stop comes once more after the poll's."""
    jumped = [*evening(0, 10), report(PROGRESS, 10.1, 115), report(STOP, 15, 120)]
    lingering = [report(PROGRESS, 15.2 + i, 120) for i in range(5)]
    _, changes = follow(*jumped, report(STOP, 15.1, 120, source=ReportSource.WEBHOOK), *lingering)
    assert not any(change.viewing.completed for change in changes)


def test_a_film_resumed_at_60_percent_is_completed() -> None:
    """Only the rest was watched today, all of it."""
    _, changes = follow(*evening(72, 120), report(STOP, 48, 120))
    assert last(changes).completed


def test_a_start_that_says_0_and_then_resumes() -> None:
    """Clients start at 0 and move to where the film was left."""
    rest = [report(PROGRESS, minute + 0.1, 72 + minute) for minute in range(48)]
    _, changes = follow(report(START, 0, 0), *rest, report(STOP, 48.1, 120))
    assert last(changes).completed
    assert not last(changes).credits_jump


def test_start_and_stop_alone_are_enough() -> None:
    """Webhooks without progress: the time between is what was watched."""
    _, changes = follow(report(START, 0, 0), report(STOP, 118, 119))
    assert last(changes).completed
    resumed = follow(report(START, 0, 0), report(STOP, 48, 120))[1]
    assert last(resumed).completed
    skipped = follow(report(START, 0, 0), report(STOP, 3, 119))[1]
    assert not any(change.viewing.completed for change in skipped)


def test_a_lone_stop_counts() -> None:
    """The start was lost: what nobody saw is believed."""
    _, changes = follow(report(STOP, 0, 118))
    assert kinds(changes) == ["completed", "stopped"]


def test_a_stop_without_a_position_ends_where_it_was() -> None:
    """Clients say 0 or nothing at the end."""
    for position in (None, 0):
        _, changes = follow(*evening(0, 119), report(STOP, 119.5, position, completed=True))
        assert last(changes).percent == pytest.approx(99.2, abs=0.1)
        assert last(changes).completed
    _, lone = follow(report(STOP, 0, None, completed=True))
    assert last(lone).completed


def test_themes_and_trailers_are_ignored() -> None:
    """They leave nothing."""
    tracker, changes = follow(report(START, 0, 0, is_theme=True), report(STOP, 9, 9, is_theme=True))
    assert (tracker, changes) == (Tracker(), [])


def test_a_device_that_plays_the_next_has_ended_the_last() -> None:
    """Auto-play: no stop is needed."""
    episode = replace(UNIT, kind=UnitKind.EPISODE, item_id="e" * 32, ids=ProviderIds(tvdb=1))
    following = replace(episode, item_id="f" * 32, ids=ProviderIds(tvdb=2))
    first = [report(PROGRESS, i, i, unit=episode, runtime=24) for i in range(24)]
    _, changes = follow(*first, report(START, 24, 0, unit=following, runtime=24))
    assert kinds(changes) == ["started", "completed", "stopped", "started"]
    assert changes[2].viewing.unit.item_id == "e" * 32


def test_a_lost_session_is_closed_at_its_last_position() -> None:
    """After five minutes without a word, and not before."""
    tracker, _ = follow(*evening(0, 60))
    at = NOW + timedelta(minutes=60)
    tracker, changes = expire(tracker, at + timedelta(seconds=300), POLICY, day_of)
    assert changes == ()
    tracker, lost = expire(tracker, at + timedelta(seconds=301), POLICY, day_of)
    assert kinds(list(lost)) == ["stopped"]
    assert lost[0].viewing.position == 3600
    assert lost[0].viewing.ended_at == at


def test_a_restart_in_the_middle_goes_on() -> None:
    """The tracker's JSON is all that there is afterwards."""
    tracker, before = follow(report(START, 0, 0), *evening(0, 60))
    restored = Tracker.from_dict(tracker.as_dict())
    assert restored == tracker
    _, after = follow(*evening(61, 120, at=61), report(STOP, 121, 120), tracker=restored)
    assert kinds([*before, *after]) == ["started", "completed", "stopped"]
    assert last(after).watched == pytest.approx(7200, abs=90)
    assert Tracker.from_dict(Tracker().as_dict()) == Tracker()


def test_three_sources_see_one_viewing() -> None:
    """Poll, WebSocket and webhook tell the same: completed once."""
    told = [
        replace(one, source=source, session_id="" if source is ReportSource.WEBHOOK else "tv")
        for one in [report(START, 0, 0), *evening(0, 120), report(STOP, 120, 120)]
        for source in ReportSource
    ]
    _, changes = follow(*told)
    assert kinds(changes).count("completed") == 1
    assert last(changes).sources == frozenset(ReportSource)
    assert last(changes).watched == pytest.approx(7200)


def test_two_devices_are_one_viewing() -> None:
    """Begun in the living room, ended in the kitchen, both on at once for a while."""
    one = [report(PROGRESS, minute, minute, session="tv") for minute in range(70)]
    other = [report(PROGRESS, 60 + minute, 60 + minute, session="phone") for minute in range(60)]
    _, changes = follow(
        *one, *other, report(STOP, 130, 70, session="tv"), report(STOP, 131, 119, session="phone")
    )
    assert kinds(changes).count("completed") == 1
    assert len({change.viewing.key for change in changes}) == 1


def test_the_same_day_is_the_same_viewing() -> None:
    """A second play after 100 % is no rewatch on the same day, and one on the next."""
    film = [*evening(0, 120), report(STOP, 120, 120)]
    tracker, first = follow(*film)
    tracker, again = follow(*evening(0, 120, at=130), report(STOP, 250, 120), tracker=tracker)
    day = 24 * 60
    _, later = follow(*evening(0, 120, at=day), report(STOP, day + 121, 120), tracker=tracker)
    assert [kinds(part).count("completed") for part in (first, again, later)] == [1, 0, 1]
    assert last(later).day == last(first).day + timedelta(days=1)


def test_resumed_on_the_next_day_is_one_viewing() -> None:
    """Left in the middle, taken up where it was left."""
    tracker, first = follow(*evening(0, 60), report(STOP, 60, 60))
    day = 24 * 60
    _, later = follow(*evening(60, 120, at=day), report(STOP, day + 61, 120), tracker=tracker)
    assert last(later).completed
    assert last(later).key == last(first).key
    assert last(later).watched == pytest.approx(7200, abs=90)


def test_begun_anew_on_the_next_day_is_another_viewing() -> None:
    """Left in the middle, and seen from the start the next day."""
    tracker, first = follow(*evening(0, 60), report(STOP, 60, 60))
    day = 24 * 60
    _, later = follow(*evening(0, 120, at=day), report(STOP, day + 121, 120), tracker=tracker)
    assert last(later).day != last(first).day


def test_flapping_sessions_are_one_or_none() -> None:
    """A hundred sessions of a second each."""
    reports: list[PlaybackReport] = []
    for i in range(100):
        reports += [report(START, i / 30, 0), report(STOP, i / 30 + 1 / 60, 1 / 60)]
    _, changes = follow(*reports)
    assert kinds(changes).count("started") == 1
    assert "completed" not in kinds(changes)


def test_late_reports_move_nothing_backwards() -> None:
    """An old snapshot that arrives after the stop opens nothing and lowers nothing."""
    tracker, changes = follow(*evening(0, 120), report(STOP, 120, 120))
    after, more = follow(report(PROGRESS, 30, 30), report(START, 0, 0), tracker=tracker)
    assert after.open == ()
    assert "started" not in kinds(more)
    assert last(changes).position == 7200


def test_units_match_by_any_name() -> None:
    """One source knows the tmdb id, the other only Jellyfin's."""
    bare = replace(UNIT, ids=ProviderIds())
    _, changes = follow(
        report(START, 0, 0, unit=bare),
        *evening(0, 120),
        report(STOP, 120, 120, unit=bare, source=ReportSource.WEBHOOK),
    )
    assert kinds(changes) == ["started", "completed", "stopped"]
    assert last(changes).unit.ids == UNIT.ids


def test_viewers_are_kept_apart() -> None:
    """The same film by two people is two viewings."""
    _, changes = follow(
        *evening(0, 120),
        *(replace(one, user_id="b" * 32, session_id="x") for one in evening(0, 50)),
    )
    assert {change.viewing.viewer_id for change in changes} == {"a" * 32, "b" * 32}


def test_a_film_of_seconds_can_be_watched() -> None:
    """As in the demo, with the options that it sets."""
    policy = WatchPolicy(min_seconds=3)
    seconds = [
        report(PROGRESS, i / 60, i / 60, runtime=10 / 60, source=ReportSource.POLL)
        for i in range(10)
    ]
    _, changes = follow(*seconds, policy=policy)
    assert kinds(changes) == ["started", "completed"]


def test_what_is_remembered_is_bounded() -> None:
    """Two weeks, and five hundred viewings."""
    tracker = Tracker()
    for i in range(520):
        unit = replace(OTHER, item_id=f"{i:032x}", ids=ProviderIds(tmdb=i + 1))
        tracker, _ = follow(report(STOP, i, 118, unit=unit), tracker=tracker)
    tracker, _ = expire(tracker, NOW + timedelta(minutes=600), POLICY, day_of)
    assert len(tracker.recent) == 500
    tracker, _ = expire(tracker, NOW + timedelta(days=15), POLICY, day_of)
    assert tracker == Tracker()


def test_a_stop_that_comes_late_still_completes() -> None:
    """The session was lost at half; the stop at the end arrives after all, with its own time."""
    tracker, _ = follow(*evening(0, 60))
    tracker, lost = expire(tracker, NOW + timedelta(minutes=66), POLICY, day_of)
    assert kinds(list(lost)) == ["stopped"]
    _, changes = follow(report(STOP, 59.9, 119), tracker=tracker)
    assert kinds(changes) == ["completed"]


def test_a_beginning_that_comes_late_lengthens_the_viewing() -> None:
    """First the end is seen, then a report of the beginning."""
    tracker, first = follow(*evening(90, 95, at=90), report(STOP, 95, 95))
    assert kinds(first) == ["started", "stopped"]
    _, changes = follow(report(PROGRESS, 10, 10), tracker=tracker)
    assert last(changes).started_at == NOW + timedelta(minutes=10)
    assert last(changes).watched == pytest.approx(85 * 60)
