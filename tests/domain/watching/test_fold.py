"""Playback reports become viewings: once each, whatever the sources say and however often."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.showrunner.domain.media import ProviderIds, UnitKind
from custom_components.showrunner.domain.watching import (
    MOST_FROM_WEBHOOKS,
    MOST_FROM_WEBHOOKS_IN_ALL,
    Change,
    PlaybackReport,
    ReportKind,
    ReportSource,
    Tracker,
    Viewing,
    WatchPolicy,
    expire,
    fold,
    leave,
    merge,
)

from ..samples import NOW, UNIT, day_of, report

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


@pytest.mark.parametrize(("percent", "done"), [(84.99, False), (85.0, True), (85.01, True)])
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
    _, changes = follow(report(STOP, 0, 118, source=ReportSource.WEBHOOK))
    assert kinds(changes) == ["completed", "stopped"]
    for source in (ReportSource.POLL, ReportSource.WEBSOCKET):
        # Whoever looks at the sessions misses only what was told before.
        assert follow(report(STOP, 0, 118, source=source)) == (Tracker(), [])


def test_a_stop_without_a_position_ends_where_it_was() -> None:
    """Clients say 0 or nothing at the end."""
    for position in (None, 0):
        _, changes = follow(*evening(0, 119), report(STOP, 119.5, position, completed=True))
        assert last(changes).percent == pytest.approx(99.2, abs=0.1)
        assert last(changes).completed
    _, lone = follow(report(STOP, 0, None, completed=True, source=ReportSource.WEBHOOK))
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


@pytest.mark.parametrize("kind", [PROGRESS, STOP])
def test_a_forged_end_of_a_play_that_polls_saw_does_not_count(kind: ReportKind) -> None:
    """It is completed on a webhook's word, and counts when Jellyfin confirms it."""
    forged = report(kind, 60.5, 119, source=ReportSource.WEBHOOK)
    _, changes = follow(*evening(0, 60), forged, *evening(60, 70, 61), report(STOP, 72, 71))
    rows = [change.viewing for change in changes]
    assert not any(viewing.counts for viewing in rows)
    assert replace(last(changes), completed=True, confirmed=True).counts


def test_an_end_that_jellyfin_tells_after_a_webhook_counts() -> None:
    """It is told once more, as a correction; a third time says nothing new."""
    hint = report(PROGRESS, 102.1, 102.1, source=ReportSource.WEBHOOK)
    _, changes = follow(*evening(0, 100), hint, *evening(103, 119, 103), report(STOP, 120, 120))
    done = [change for change in changes if change.kind.value == "completed"]
    assert [(one.viewing.counts, one.correction) for one in done] == [(False, False), (True, True)]
    assert last(changes).counts


def test_what_only_a_webhook_told_stays_so_whatever_is_seen_later() -> None:
    """The same evening's beginning, which polls saw, proves nothing of its end."""
    forged = follow(report(START, 0, 0, source=ReportSource.WEBHOOK))[0]
    hints = [report(STOP, 119, 119, source=ReportSource.WEBHOOK), *evening(0, 10, 130)]
    _, changes = follow(*hints, report(STOP, 141, 11), tracker=forged)
    # What polls saw is a viewing of its own, until both are written into one row.
    assert last(changes).sources == {ReportSource.POLL}
    assert not last(changes).completed
    answer = next(one.viewing for one in changes if one.viewing.completed)
    plain = merge(answer, last(changes))
    assert plain.sources == {ReportSource.WEBHOOK, ReportSource.POLL}
    assert plain.completed
    assert not plain.counts
    assert Viewing.from_dict(plain.as_dict()) == plain


def test_what_a_session_tells_does_not_begin_where_a_webhook_said() -> None:
    """Neither on its day, nor at its position, nor with its time; it is told to have begun once."""
    hints = [
        report(kind, minute, minute, source=ReportSource.WEBHOOK, session="")
        for kind, minute in ((START, 0), (PROGRESS, 40))
    ]
    tracker, begun = follow(*hints)
    tracker, changes = follow(*evening(115, 118, 41), report(STOP, 45, 118), tracker=tracker)
    assert kinds([*begun, *changes]).count("started") == 1
    assert last(changes).watched == pytest.approx(180, abs=61)
    assert last(changes).started_at == NOW + timedelta(minutes=41)
    assert tracker.open == ()
    # On the next day there are two of them, and only one was played.
    hint = report(START, 0, 0, source=ReportSource.WEBHOOK, session="")
    tracker, _ = follow(hint)
    day = 24 * 60
    _, changes = follow(*evening(0, 120, at=day), report(STOP, day + 120, 120), tracker=tracker)
    assert last(changes).day == day_of(NOW + timedelta(days=1))
    assert last(changes).counts


def taken_over(
    begin: float = 0, gap: float = 1, *, step: float = 1
) -> tuple[list[PlaybackReport], list[PlaybackReport]]:
    """Ten minutes that a webhook tells, then ten that polls tell."""
    hint = ReportSource.WEBHOOK
    hints = [report(START, 0, begin, source=hint, session="")]
    hints += [
        replace(one, source=hint, session_id="", device="")
        for one in evening(begin + step, begin + 10, at=step, step=step)
    ]
    return hints, evening(begin + 10 + gap, begin + 20, at=10 + gap)


@pytest.mark.parametrize("step", [1, 5])
def test_a_play_that_a_session_takes_over_from_a_webhook_goes_on(step: float) -> None:
    """Nothing of an end is told while it runs, and the end tells of all its minutes."""
    hints, seen = taken_over(step=step)
    tracker, changes = follow(*hints, *seen)
    assert [one.kind.value for one in changes if not one.correction] == ["started"]
    tracker, ended = follow(report(STOP, 20, 20), tracker=Tracker.from_dict(tracker.as_dict()))
    assert [(one.kind.value, one.correction) for one in ended] == [("stopped", False)]
    assert last(ended).watched == pytest.approx(20 * 60)
    assert tracker.open == ()
    # Also when it is gone on with on the same evening, and on another day.
    for at in (200, 24 * 60):
        again, more = follow(*evening(20, 30, at), report(STOP, at + 10, 30), tracker=tracker)
        assert last(more).watched == pytest.approx(30 * 60)
        assert again.open == ()


def test_minutes_that_only_a_webhook_told_complete_nothing() -> None:
    """Not when the session's play is too short without them, nor what is taken up later."""
    hints, _ = taken_over(108)
    tracker, changes = follow(*hints, report(PROGRESS, 11, 119), report(STOP, 11.5, 119.5))
    assert kinds(changes) == ["started", "completed", "stopped", "stopped"]
    assert last(changes).watched == pytest.approx(11.5 * 60)
    assert not last(changes).completed
    assert not any(one.viewing.counts for one in changes)
    later = [report(PROGRESS, 60, 119), report(STOP, 61, 120)]
    _, more = follow(*later, tracker=tracker)
    assert not any(one.viewing.counts for one in more)
    late = report(STOP, 11.4, 119.9, completed=True)
    assert not any(one.viewing.counts for one in follow(late, tracker=tracker)[1])


def test_minutes_that_a_session_tells_too_are_not_added_twice() -> None:
    """Two devices play it, and of one of them a webhook told at first."""
    hints, seen = taken_over()
    hints = [replace(one, device="tv") for one in hints]
    phone = [report(PROGRESS, minute, minute, session="phone") for minute in range(21)]
    both = sorted([*hints, *seen, *phone], key=lambda one: one.at)
    _, changes = follow(*both, report(STOP, 20, 20, session="phone"), report(STOP, 20, 20))
    assert last(changes).watched == pytest.approx(20 * 60)


def test_a_play_that_a_webhook_told_ends_when_the_session_tells_its_end_only() -> None:
    """Then it is over, and somebody waits to hear it."""
    hints, _ = taken_over()
    tracker, changes = follow(*hints, report(STOP, 11, 11))
    assert [(one.kind.value, one.correction) for one in changes] == [
        ("started", False),
        ("stopped", False),
    ]
    assert tracker.open == ()


def test_what_a_session_told_before_a_webhook_s_play_takes_nothing_over() -> None:
    """Such a report is late: the play that began after it goes on."""
    hints, seen = taken_over()
    tracker, _ = follow(*hints)
    tracker, changes = follow(report(PROGRESS, -1, 100, session="tv"), tracker=tracker)
    assert changes == []
    assert [one.is_seen for one in tracker.open] == [False, True]
    _, changes = follow(*seen, report(STOP, 20, 20), tracker=tracker)
    assert [one.kind.value for one in changes if not one.correction] == ["stopped"]


def test_a_webhook_s_play_of_long_ago_is_ended_and_another_begun() -> None:
    """Home Assistant was away, and the film is begun once more: both is told."""
    hints, _ = taken_over()
    _, changes = follow(*hints, *evening(0, 10, 300), report(STOP, 310, 10))
    assert [(one.kind.value, one.correction) for one in changes] == [
        ("started", False),
        ("stopped", False),
        ("started", False),
        ("stopped", False),
    ]
    assert last(changes).watched == pytest.approx(10 * 60)


@pytest.mark.parametrize("source", ReportSource)
def test_what_was_watched_before_a_webhook_s_play_is_added_once(source: ReportSource) -> None:
    """Whether sessions told of that or a webhook; also when the device drops out for a moment."""
    before = [*evening(0, 10), report(STOP, 10.1, 10)]
    hints = [
        replace(one, source=ReportSource.WEBHOOK, session_id="", device="")
        for one in evening(10, 20, 60)
    ]
    seen = [*evening(21, 30, 71), report(STOP, 80, 30)]
    back = [*evening(30, 40, 80.1), report(STOP, 90.1, 40)]
    rows = [replace(one, source=source) for one in before]
    _, changes = follow(*rows, *hints, *seen)
    assert last(changes).watched == pytest.approx(30 * 60, abs=6)
    _, changes = follow(*rows, *hints, *seen, *back)
    assert last(changes).watched == pytest.approx(40 * 60, abs=12)


def test_a_completed_play_has_the_minutes_that_a_webhook_told_once() -> None:
    """When it is told to be completed, and at its end; never more than the film has."""
    hints, _ = taken_over(90)
    _, changes = follow(*hints, *evening(101, 119, 11), report(STOP, 30, 120))
    assert [one.viewing.counts for one in changes if not one.correction] == [False, True, True]
    done = next(one.viewing for one in changes if one.viewing.completed)
    # Two minutes of it sessions have told themselves: fewer complete nothing.
    assert done.watched == pytest.approx((10 + 1 + 2) * 60)
    assert last(changes).watched == pytest.approx(29 * 60, abs=61)
    assert done.proven is not None
    assert done.proven.watched == pytest.approx(2 * 60)


def test_a_webhook_s_minutes_of_the_day_before_stay_there() -> None:
    """They are stored with that day's play already."""
    midnight = 4 * 60
    hints, seen = (
        [replace(one, at=one.at + timedelta(minutes=midnight - 10.5)) for one in some]
        for some in taken_over()
    )
    _, changes = follow(*hints, *seen, report(STOP, midnight + 9.5, 20))
    found = {(one.viewing.day, one.viewing.watched) for one in changes if one.kind == "stopped"}
    assert found == {(day_of(NOW), 600), (day_of(NOW + timedelta(days=1)), 540)}


def test_plays_that_only_webhooks_tell_of_are_so_many() -> None:
    """Of one viewer and in all; the oldest make room, and never what a session has told of."""
    hint, tracker = ReportSource.WEBHOOK, Tracker()

    def tell(tracker: Tracker, number: int, user: str, minute: float) -> Tracker:
        unit = replace(UNIT, ids=ProviderIds(), item_id=f"{number:032x}")
        one = report(START, minute, 0, source=hint, session=f"s{number}", unit=unit)
        return fold(tracker, replace(one, user_id=user), POLICY, day_of)[0]

    seen = report(PROGRESS, 0, 0)
    tracker, _ = fold(tracker, seen, POLICY, day_of)
    for number in range(100):
        tracker = tell(tracker, number, seen.user_id, number / 60)
    mine = [int(one.unit.item_id, 16) for one in tracker.open if not one.is_seen]
    assert mine == list(range(100 - MOST_FROM_WEBHOOKS, 100))
    for number in range(100, 500):
        tracker = tell(tracker, number, f"{number:032x}", number / 60)
    hinted = [one for one in tracker.open if not one.is_seen]
    assert len(hinted) == MOST_FROM_WEBHOOKS_IN_ALL
    assert int(hinted[0].unit.item_id, 16) == 500 - MOST_FROM_WEBHOOKS_IN_ALL
    assert [one.unit for one in tracker.open if one.is_seen] == [seen.unit]
    # The session's own play goes on as if nothing had been told.
    tracker, changes = follow(*evening(1, 119, 1), report(STOP, 120, 120), tracker=tracker)
    assert last(changes).counts


def test_three_sources_see_one_viewing() -> None:
    """Poll, WebSocket and webhook tell the same: completed once."""
    rows = [
        replace(one, source=source, session_id="" if source is ReportSource.WEBHOOK else "tv")
        for one in [report(START, 0, 0), *evening(0, 120), report(STOP, 120, 120)]
        for source in ReportSource
    ]
    _, changes = follow(*rows)
    assert kinds(changes).count("completed") == 1
    # What a webhook says of it stands until the next session's report, and adds nothing.
    assert last(changes).sources == frozenset(ReportSource) - {ReportSource.WEBHOOK}
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


@pytest.mark.parametrize(("seconds", "done"), [(119, False), (120, True)])
def test_completed_only_after_two_minutes(seconds: int, done: bool) -> None:
    """A short film is over before that: its end alone completes nothing."""
    rows = [
        report(PROGRESS, second / 60, second / 60, runtime=125 / 60)
        for second in range(seconds + 1)
    ]
    _, changes = follow(*rows)
    assert ("completed" in kinds(changes)) is done


def test_what_is_remembered_is_bounded() -> None:
    """Two weeks, and five hundred viewings."""
    tracker = Tracker()
    for i in range(520):
        unit = replace(OTHER, item_id=f"{i:032x}", ids=ProviderIds(tmdb=i + 1))
        tracker, _ = follow(
            report(STOP, i, 118, unit=unit, source=ReportSource.WEBHOOK), tracker=tracker
        )
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


def test_a_moment_that_a_late_report_makes_no_viewing_of_is_not_told() -> None:
    """Too short to be one before, and still."""
    tracker, first = follow(report(PROGRESS, 60, 60), report(STOP, 60.5, 60.5))
    assert kinds(first) == ["started"]
    tracker, changes = follow(report(PROGRESS, 59.5, 59.5), tracker=tracker)
    assert changes == []
    [past] = tracker.recent
    assert (past.viewing.watched, past.start) == (pytest.approx(60), 59.5 * 60)


def test_a_stop_by_the_idle_check_that_names_no_place_ends_where_the_play_was() -> None:
    """There is nothing to correct."""
    tracker, _ = follow(*evening(0, 30))
    stop = replace(report(STOP, 40, None), lost=True, silent=600.0)
    tracker, changes = follow(stop, tracker=tracker)
    assert kinds(changes) == ["stopped"]
    [past] = tracker.recent
    assert (last(changes).position, past.left_at, tracker.open) == (1800, 1800, ())


def test_who_is_no_longer_watched_leaves_the_others_alone() -> None:
    """What they play goes on."""
    others = [replace(one, user_id="b" * 32, session_id="phone") for one in evening(0, 30)]
    tracker, _ = follow(*evening(0, 30), *others)
    tracker, changes = leave(tracker, "a" * 32, POLICY)
    assert [one.viewing.viewer_id for one in changes] == ["a" * 32]
    assert [one.viewer_id for one in tracker.open] == ["b" * 32]


@pytest.mark.parametrize(("place", "watched"), [(10.5, 15 * 60), (None, 4 * 60)])
def test_a_session_that_names_no_place_takes_over_no_play_of_a_webhook(
    place: float | None, watched: float
) -> None:
    """Nobody can say whether it goes on with it: nothing of the time before is counted."""
    hint = ReportSource.WEBHOOK
    rows = [report(PROGRESS, at, at, source=hint) for at in range(11)]
    rows += [report(PROGRESS, 10.5, place), *evening(11, 15, at=11), report(STOP, 15, 15)]
    _, changes = follow(*rows)
    assert last(changes).watched == pytest.approx(watched)


# -- What has hurt others, and what simulated evenings found --------------------------------


def seconds(
    begin: float, end: float, *, at: float = 0, grain: int = 1, **more: object
) -> list[PlaybackReport]:
    """Watch from one second of the film to another, looked at every second.

    The client tells where it is every `grain` seconds only.
    """
    return [
        report(
            PROGRESS,
            (at + i) / 60,
            (begin + i // grain * grain) / 60,
            **more,  # type: ignore[arg-type]
        )
        for i in range(int(end - begin) + 1)
    ]


def test_resumed_after_20_minutes_is_one_viewing() -> None:
    """Stopped, and taken up on the same evening."""
    tracker, first = follow(*evening(0, 60), report(STOP, 60, 60))
    _, later = follow(*evening(60, 120, at=80), report(STOP, 140, 120), tracker=tracker)
    assert kinds(later) == ["started", "completed", "stopped"]
    assert last(later).key == last(first).key
    assert last(later).watched == pytest.approx(7200)


def test_taken_up_a_little_earlier_on_the_next_day_is_one_viewing() -> None:
    """Who fell asleep goes back twenty minutes."""
    tracker, first = follow(*evening(0, 80), report(STOP, 80, 80))
    day = 24 * 60
    _, later = follow(*evening(60, 120, at=day), report(STOP, day + 61, 120), tracker=tracker)
    assert last(later).key == last(first).key
    assert last(later).watched == 7200


def test_the_credits_of_last_night_are_no_rewatch() -> None:
    """Completed at 90 %, the rest seen the next morning; from the start it would be one."""
    tracker, first = follow(*evening(0, 108), report(STOP, 108, 108))
    assert last(first).completed
    day = 24 * 60
    rest = [*evening(108, 120, at=day), report(STOP, day + 12, 120)]
    _, later = follow(*rest, tracker=tracker)
    assert {change.viewing.day for change in later} == {last(first).day}
    assert "completed" not in kinds(later)


def test_left_paused_overnight_by_a_client_that_sleeps() -> None:
    """It vanishes at night and comes back in the morning: one viewing, two hours."""
    tracker, first = follow(*evening(0, 60), report(PROGRESS, 61, 60, paused=True))
    tracker, lost = expire(tracker, NOW + timedelta(minutes=70), POLICY, day_of)
    morning = 10 * 60
    _, later = follow(
        report(PROGRESS, morning, 60, paused=True),
        *evening(60, 120, at=morning + 1),
        report(STOP, morning + 62, 120),
        tracker=tracker,
    )
    assert [kinds(part) for part in (first, list(lost), later)] == [
        ["started"],
        ["stopped"],
        ["completed", "stopped"],
    ]
    assert last(later).watched == pytest.approx(7200)
    assert last(later).day == NOW.date()


def test_time_is_capped_by_progress() -> None:
    """A picture that stands still although nothing is paused was not watched for hours."""
    _, changes = follow(*seconds(0, 200), *(report(PROGRESS, i, 3.3) for i in range(4, 400)))
    _, changes = follow(
        *seconds(0, 200),
        *(report(PROGRESS, i, 200 / 60) for i in range(4, 400)),
        report(STOP, 400, 200 / 60),
    )
    assert last(changes).watched == pytest.approx(200)


def test_watched_never_exceeds_the_runtime() -> None:
    """Three times through the first half are not one and a half films."""
    again = [*evening(0, 60), *evening(0, 60, at=61), *evening(0, 60, at=122)]
    _, changes = follow(*again, *evening(60, 80, at=183), report(STOP, 204, 80))
    assert last(changes).watched == 7200


@pytest.mark.parametrize("grain", [1, 5, 10, 20])
def test_a_client_that_tells_its_position_seldom_is_watched_all_the_same(grain: int) -> None:
    """Looked at every second, while the position leaps every ten: the film is completed."""
    _, changes = follow(
        *seconds(0, 1400, grain=grain, runtime=24), report(STOP, 1400 / 60, 1400 / 60)
    )
    assert last(changes).watched == pytest.approx(1400, abs=2 * grain)
    assert last(changes).completed


def test_sources_that_disagree_by_seconds_count_the_time_once() -> None:
    """The socket is exact, the poll two seconds late, in turn."""
    rows = []
    for i in range(1200):
        rows += [
            report(PROGRESS, i / 60, i / 60, source=ReportSource.WEBSOCKET),
            report(PROGRESS, (i + 0.5) / 60, max(0, i - 1.5) / 60),
        ]
    _, changes = follow(*rows, report(STOP, 20, 20))
    assert last(changes).watched == pytest.approx(1200, rel=0.02)


def test_two_devices_at_once_do_not_double_the_time() -> None:
    """Both show the film for ten minutes, looked at every second."""
    reports: list[PlaybackReport] = []
    for one, other in zip(seconds(0, 600), seconds(0, 600, session="phone"), strict=True):
        reports += [one, other]
    _, changes = follow(*reports, report(STOP, 10.1, 10), report(STOP, 10.1, 10, session="phone"))
    assert last(changes).watched == pytest.approx(600, abs=10)
    assert kinds(changes).count("started") == 1


def test_going_on_in_the_kitchen_adds_to_the_living_room() -> None:
    """The television stays paused at 60 while the phone goes on from there to the end."""
    rows = [*evening(0, 60)]
    for minute in range(61):
        rows += [
            report(PROGRESS, 60 + minute, 60, paused=True),
            report(PROGRESS, 60 + minute, 60 + minute, session="phone"),
        ]
    tracker, changes = follow(*rows)
    assert kinds(changes) == ["started", "completed"]
    _, ends = follow(
        report(STOP, 121, 120, session="phone"), report(STOP, 122, 60), tracker=tracker
    )
    assert last(ends).watched == pytest.approx(7200, abs=60)


def test_a_restarted_server_gives_new_session_ids() -> None:
    """The film goes on under another one; the old one is missed a little later."""
    tracker, _ = follow(*evening(0, 60, at=0))
    fresh = [replace(one, session_id="new") for one in evening(60, 120, at=60.5)]
    end = report(STOP, 121, 120, session="new")
    _, changes = follow(*fresh[:2], report(STOP, 61.6, 60), *fresh[2:], end, tracker=tracker)
    assert last(changes).watched == pytest.approx(7200, abs=60)
    assert kinds(changes).count("completed") == 1
    assert "started" not in kinds(changes)


def test_flapping_sessions_lose_no_time() -> None:
    """Gone for some seconds and back, a hundred times within an hour that was watched."""
    reports: list[PlaybackReport] = []
    for i in range(100):
        reports += seconds(36 * i, 36 * i + 30, at=36 * i)
        reports.append(report(STOP, (36 * i + 31) / 60, (36 * i + 30) / 60))
    _, changes = follow(*reports)
    assert last(changes).watched == pytest.approx(3594, abs=5)
    assert len({change.viewing.key for change in changes}) == 1
    assert kinds(changes).count("started") == 1


def test_the_same_stop_from_three_sources_is_told_once() -> None:
    """What comes a moment later corrects the record, and is no stop of its own."""
    stops = [
        report(STOP, 30.01, 30.01, source=ReportSource.WEBHOOK, session=""),
        report(STOP, 30.02, 30.02, source=ReportSource.POLL),
        report(STOP, 30.03, 30.0, source=ReportSource.WEBSOCKET),
    ]
    _, changes = follow(*evening(0, 30), *stops)
    rows = [change for change in changes if not change.correction]
    assert kinds(rows) == ["started", "stopped"]
    assert last(changes).position == pytest.approx(30.02 * 60)


def test_a_stale_snapshot_after_the_stop_starts_nothing() -> None:
    """The webhook was faster than the answer to the poll, which is stamped when it arrives."""
    tracker, changes = follow(
        *evening(0, 30),
        report(STOP, 30.1, 30.1, source=ReportSource.WEBHOOK),
        report(PROGRESS, 30.11, 30.05),
    )
    tracker, more = follow(report(STOP, 30.15, 30.05), tracker=tracker)
    assert tracker.open == ()
    assert [c.kind.value for c in (*changes, *more) if not c.correction] == ["started", "stopped"]


def test_a_start_that_comes_after_the_stop_starts_nothing_again() -> None:
    """Webhooks overtake each other."""
    tracker, changes = follow(
        *evening(0, 30),
        report(STOP, 30, 30),
        report(START, 30.05, 0, source=ReportSource.WEBHOOK),
    )
    assert kinds(changes) == ["started", "stopped"]
    tracker, lost = expire(tracker, NOW + timedelta(minutes=40), POLICY, day_of)
    assert all(change.correction for change in lost)
    (past,) = (past for past in tracker.recent if past.is_seen)
    assert (past.viewing.watched, past.viewing.position) == (1800, 1800)


@pytest.mark.parametrize("position", [0, None])
def test_a_stop_whose_position_was_reset_ends_where_it_was(position: float | None) -> None:
    """Also without a word of the server about completion."""
    _, changes = follow(*evening(0, 30), report(STOP, 30.1, position))
    assert last(changes).position == 1800


def test_autoplay_that_one_source_sees_late() -> None:
    """A stale answer still names the first episode; neither loses its time or its end."""
    episode = replace(UNIT, kind=UnitKind.EPISODE, item_id="e" * 32, ids=ProviderIds(tvdb=1))
    following = replace(episode, item_id="f" * 32, ids=ProviderIds(tvdb=2))
    first = seconds(0, 1440, unit=episode, runtime=24)
    second = seconds(0, 1440, at=1441, unit=following, runtime=24)
    stale = report(PROGRESS, 1442.5 / 60, 24, unit=episode, runtime=24)
    _, changes = follow(
        *first, *second[:2], stale, *second[2:], report(STOP, 49, 24, unit=following)
    )
    ends = {change.viewing.unit.item_id: change.viewing for change in changes}
    assert [viewing.completed for viewing in ends.values()] == [True, True]
    for viewing in ends.values():
        assert viewing.watched == pytest.approx(1440, abs=3)
    assert kinds(changes).count("completed") == 2


def test_a_lone_stop_is_bounded_by_the_time_there_was() -> None:
    """Left at 10 minutes; half an hour later a stop at the end, and nothing in between."""
    tracker, _ = follow(*evening(0, 10), report(STOP, 10, 10))
    _, changes = follow(report(STOP, 40, 118, source=ReportSource.WEBHOOK), tracker=tracker)
    assert last(changes).watched == pytest.approx(40 * 60)
    assert not last(changes).completed


def test_start_and_stop_alone_over_midnight() -> None:
    """Lost after five minutes, as nothing was told; the stop is of the day of its start."""
    tracker, _ = follow(report(START, 210, 0, source=ReportSource.WEBHOOK))
    tracker, _ = expire(tracker, NOW + timedelta(minutes=216), POLICY, day_of)
    _, changes = follow(report(STOP, 330, 119, source=ReportSource.WEBHOOK), tracker=tracker)
    assert (last(changes).completed, last(changes).day) == (True, NOW.date())
    assert last(changes).watched == pytest.approx(119 * 60)


def test_a_viewing_is_of_the_day_on_which_it_began() -> None:
    """From 23:50 to 01:50 of Home Assistant's own time; the next evening's is another."""

    def at_home(at: datetime) -> date:
        return at.astimezone(ZoneInfo("America/St_Johns")).date()

    begin = datetime(2026, 11, 1, 2, 20, tzinfo=UTC)  # 23:50, in the night when clocks go back
    tracker, days = Tracker(), set()
    # Home Assistant was away in between, and the television's session is the same.
    for minute in [*range(121), *range(1200, 1321)]:
        at = begin + timedelta(minutes=minute)
        one = replace(report(PROGRESS, 0, minute % 1200), at=at)
        tracker, changes = fold(tracker, one, POLICY, at_home)
        tracker, more = expire(tracker, at, POLICY, at_home)
        days |= {change.viewing.day for change in (*changes, *more) if change.viewing.completed}
    assert days == {date(2026, 10, 31), date(2026, 11, 1)}


def test_a_film_that_is_added_again_stays_the_same() -> None:
    """Another item id, the same provider ids; the webhook does not even know those at first."""
    tracker, first = follow(*evening(0, 60), report(STOP, 60, 60))
    moved = replace(UNIT, item_id="k" * 32)
    day = 24 * 60
    _, later = follow(
        report(START, day, 60, unit=replace(moved, ids=ProviderIds()), session=""),
        *evening(60, 120, at=day + 0.1)[:0],
        *(report(PROGRESS, day + 0.1 + i, 60 + i, unit=moved) for i in range(61)),
        report(STOP, day + 61, 120, unit=moved),
        tracker=tracker,
    )
    assert last(later).day == last(first).day
    assert last(later).watched == pytest.approx(7200, abs=60)
    assert last(later).unit.item_id == "k" * 32


def test_a_client_that_begins_at_0_takes_up_the_credits_where_they_were_left() -> None:
    """A resumption at 90 % is no jump to the credits, if it leads to where the film was left."""
    tracker, first = follow(*evening(0, 108), report(STOP, 108, 108))
    day = 24 * 60
    rest = [report(START, day, 0), *evening(108, 120, at=day + 0.05), report(STOP, day + 13, 120)]
    _, later = follow(*rest, tracker=tracker)
    assert last(later).day == last(first).day
    assert not last(later).credits_jump


def test_what_is_remembered_survives_as_json_in_every_state() -> None:
    """Also what was lost, completed, or closed a moment ago."""
    rows = [*evening(0, 110), report(STOP, 110, 110), *evening(0, 5, at=200, step=1)]
    tracker = Tracker()
    for one in rows:
        tracker, _ = follow(one, tracker=tracker)
        assert Tracker.from_dict(tracker.as_dict()) == tracker
    tracker, _ = expire(tracker, NOW + timedelta(minutes=220), POLICY, day_of)
    assert Tracker.from_dict(tracker.as_dict()) == tracker


def test_two_devices_take_up_the_film_of_yesterday_together() -> None:
    """Both begin at 0 and move to where it was left: one viewing, of yesterday."""
    tracker, first = follow(*evening(0, 60), report(STOP, 60, 60))
    day = 24 * 60
    rows = [report(START, day, 0), report(START, day + 0.05, 0, session="phone")]
    for minute in range(61):
        rows += [
            report(PROGRESS, day + 0.1 + minute, 60 + minute),
            report(PROGRESS, day + 0.15 + minute, 60 + minute, session="phone"),
        ]
    _, changes = follow(
        *rows,
        report(STOP, day + 62, 120),
        report(STOP, day + 63, 120, session="phone"),
        tracker=tracker,
    )
    ended = [change.viewing for change in changes if change.kind.value != "started"]
    assert {viewing.day for viewing in ended} == {last(first).day}
    assert ended[-1].watched == pytest.approx(7200, abs=60)
    _, short = follow(*rows[:20], report(STOP, day + 10, 69, session="phone"), tracker=tracker)
    assert last(short).day == last(first).day


def test_begun_anew_with_a_second_device_that_resumes_is_one_new_viewing() -> None:
    """What was begun first says which day it is."""
    tracker, first = follow(*evening(0, 60), report(STOP, 60, 60))
    day = 24 * 60
    _, changes = follow(
        report(START, day, 0),
        *evening(1, 5, at=day + 1),
        report(START, day + 5.5, 0, session="phone"),
        report(PROGRESS, day + 5.6, 60, session="phone"),
        report(PROGRESS, day + 10, 64.4, session="phone"),
        report(STOP, day + 11, 65, session="phone"),
        tracker=tracker,
    )
    assert {change.viewing.day for change in changes} == {last(first).day + timedelta(days=1)}


def test_a_stop_that_is_missed_after_midnight_begins_nothing() -> None:
    """Paused at its very beginning and left; the webhook says so, and later two answers."""
    midnight = 4 * 60
    tracker, _ = follow(
        report(START, midnight - 5, 0),
        report(PROGRESS, midnight - 4, 0.5, paused=True),
        report(STOP, midnight - 0.1, 0.5, source=ReportSource.WEBHOOK),
        report(STOP, midnight + 0.3, 0.5),
        report(STOP, midnight + 0.4, 0.5, source=ReportSource.WEBHOOK),
    )
    assert {past.viewing.day for past in tracker.recent} == {NOW.date()}


def test_a_new_session_of_a_device_that_was_silent_goes_on() -> None:
    """Server and Home Assistant were restarted together: nobody missed the old session."""
    tracker, _ = follow(*evening(0, 60))
    fresh = [
        replace(one, session_id="new", device="tv", client="")
        for one in [*evening(63, 120, at=63), report(STOP, 121, 120)]
    ]
    restored = Tracker.from_dict(tracker.as_dict())
    tracker, changes = follow(*fresh, tracker=restored)
    assert kinds(changes) == ["completed", "stopped"]
    assert last(changes).watched == pytest.approx(7200)
    assert tracker.open == ()


@pytest.mark.parametrize("ends", [True, False])
def test_a_webhook_s_play_under_another_name_of_the_device_ends_with_the_session_s(
    ends: bool,
) -> None:
    """Its beginning was not told beside the session's, and neither is its end, told or lost."""
    hint = ReportSource.WEBHOOK
    box = [
        report(kind, at, at, source=hint, session="box") for kind, at in ((START, 7), (STOP, 12))
    ]
    box.insert(1, report(PROGRESS, 11, 11, source=hint, session="box"))
    ordered = sorted([*evening(0, 20), *box[: 3 if ends else 2]], key=lambda one: one.at)
    tracker, changes = follow(*ordered)
    tracker, lost = expire(tracker, NOW + timedelta(minutes=20), POLICY, day_of)
    assert all(one.is_seen for one in tracker.open)
    _, ended = follow(report(STOP, 20.1, 20), tracker=tracker)
    told_of = [one.kind.value for one in (*changes, *lost, *ended) if not one.correction]
    assert told_of == ["started", "stopped"]


def test_what_an_earlier_version_kept_is_read() -> None:
    """It called the time before otherwise, and mixed what sessions and webhooks told of a play."""
    tracker, _ = follow(*evening(0, 30))
    plain = tracker.as_dict()
    [sitting] = plain["open"]  # type: ignore[misc]
    sitting |= {"hinted": 60.0, "sources": ["poll", "webhook"]}
    del sitting["webhook_seconds"]
    before = follow(report(STOP, 0, 60, source=ReportSource.WEBHOOK))[1][-1].viewing
    sitting["base"] = before.as_dict() | {"hinted": 5.0}
    [read] = Tracker.from_dict(plain).open
    assert (read.webhook_seconds, read.is_seen, read.base) == (60.0, True, None)
    assert before.proven is None
