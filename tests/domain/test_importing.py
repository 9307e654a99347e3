"""Rows of others become viewings: once, whatever the pages, the doubles and the lies."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain import importing
from custom_components.showrunner.domain.importing import (
    HistoryFold,
    HistoryRow,
    ImportedItem,
    Refusal,
    completed_days,
)
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.watching import ReportSource, Viewing, WatchPolicy

NOW = datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
SERVER = "5" * 32
ANN, BOB, EVE = "a" * 32, "b" * 32, "e" * 32
FILM = Unit(UnitKind.MOVIE, "The Lantern", SERVER, "1" * 32, ids=ProviderIds(tmdb=990001))
OTHER = Unit(UnitKind.MOVIE, "Salt", SERVER, "2" * 32, ids=ProviderIds(tmdb=990002))
RUNTIME = 6000.0
ITEMS = {
    FILM.item_id: ImportedItem(FILM, RUNTIME),
    OTHER.item_id: ImportedItem(OTHER, RUNTIME),
}
MINUTE = timedelta(minutes=1)


def policies(user_id: str) -> WatchPolicy | None:
    """Track Ann, and Bob with a threshold of his own; nobody else."""
    return {ANN: WatchPolicy(), BOB: WatchPolicy(completion=50)}.get(user_id)


def day_of(at: datetime) -> date:
    """Give the day in UTC."""
    return at.date()


def row(
    hours: float = 24,
    seconds: float = RUNTIME,
    unit: Unit = FILM,
    user: str = ANN,
    row_id: str = "",
    position: float | None = None,
    *,
    at_end: bool = True,
) -> HistoryRow:
    """Make a row of a play that ended some hours ago; the unit is as bare as Jellystat tells it."""
    at = NOW - timedelta(hours=hours)
    bare = Unit(unit.kind, unit.name, "", unit.item_id)
    return HistoryRow(
        row_id or f"{at}{user}{unit.item_id}", user, bare, at, seconds, at_end, position
    )


def fold(
    *pages: Sequence[HistoryRow | Refusal], newest_first: bool = True
) -> tuple[list[Viewing], HistoryFold]:
    """Fold pages to their end."""
    made = HistoryFold(
        ReportSource.JELLYSTAT, SERVER, policies, day_of, NOW, newest_first=newest_first
    )
    found = [viewing for page in pages for viewing in made.take(page, ITEMS)]
    return found + list(made.finish()), made


def test_a_whole_play_is_a_completed_viewing() -> None:
    """With the library's unit, and the times that the row tells."""
    (viewing,), made = fold([row(24, 5800)])
    assert (viewing.unit, viewing.viewer_id, viewing.runtime) == (FILM, ANN, RUNTIME)
    assert viewing.ended_at == NOW - timedelta(hours=24)
    assert viewing.started_at == viewing.ended_at - timedelta(seconds=5800)
    assert (viewing.watched, viewing.completed, viewing.finished) == (5800, True, True)
    assert (viewing.day, viewing.credits_jump) == (date(2026, 6, 9), False)
    assert viewing.sources == {ReportSource.JELLYSTAT}
    assert made.refused.total() == 0


@pytest.mark.parametrize(
    ("seconds", "position", "completed"),
    [
        (0.84 * RUNTIME, None, False),
        (0.85 * RUNTIME, None, True),
        (0.5 * RUNTIME, 0.84 * RUNTIME, False),
        (0.5 * RUNTIME, 0.85 * RUNTIME, True),
        (0.41 * RUNTIME, 0.85 * RUNTIME, False),  # less than half of the way: the credits
    ],
)
def test_completion_at_its_boundaries(
    seconds: float, position: float | None, completed: bool
) -> None:
    """By what was watched or by where it ended, but not by jumping there."""
    (viewing,), _ = fold([row(24, seconds, position=position)])
    assert viewing.completed is completed
    assert viewing.credits_jump is (not completed and viewing.percent >= 85)


def test_a_viewers_own_threshold_holds() -> None:
    """Bob is done at half of it."""
    viewings, _ = fold([row(24, 0.6 * RUNTIME), row(25, 0.6 * RUNTIME, user=BOB)])
    assert {v.viewer_id: v.completed for v in viewings} == {ANN: False, BOB: True}


def test_sittings_of_a_day_are_one_viewing() -> None:
    """Their times are joined: what is told twice counts once, and no more than the runtime."""
    (viewing,), _ = fold([row(22, 2000), row(23, 2000)])
    assert (viewing.watched, viewing.completed) == (4000, False)
    assert viewing.started_at == NOW - timedelta(hours=23, seconds=2000)
    (viewing,), _ = fold([row(22, 2000), replace(row(22.01, 2000), row_id="imported twice")])
    assert viewing.watched == pytest.approx(2036)
    (viewing,), _ = fold([row(21, 4000), row(23, 4000)])
    assert (viewing.watched, viewing.percent) == (RUNTIME, 100)


def test_a_film_of_two_evenings_is_completed_on_the_second() -> None:
    """The earlier evening tells that the later one took it up, and did not jump there."""
    later, earlier = row(24, 2400, position=RUNTIME), row(48, 3600, position=3600)
    for pages in ([[later, earlier]], [[later], [earlier]], [[later], [row(40)], [earlier]]):
        viewings, _ = fold(*pages)
        mine = [v for v in viewings if v.day in (later.at.date(), earlier.at.date())]
        assert [v.completed for v in mine if v.day == later.at.date()] == [True]
    viewings, _ = fold([row(24, 300, position=RUNTIME), row(48, 1200, position=1200)])
    by_day = {v.day: v for v in viewings}
    assert by_day[date(2026, 6, 9)].credits_jump
    assert not any(v.completed for v in viewings)


def test_a_short_day_is_zapping_however_many_rows_it_has() -> None:
    """119 seconds are not stored, 120 are; several short sittings add up."""
    viewings, made = fold([row(24, 119)])
    assert (viewings, made.refused) == ([], {Refusal.TOO_SHORT: 1})
    assert len(fold([row(24, 120)])[0]) == 1
    assert len(fold([row(22, 60), row(23, 60)])[0]) == 1


def test_others_leave_nothing_but_a_number() -> None:
    """Nobody is looked up for them."""
    rows = [row(user=EVE), row(23, unit=OTHER, user=EVE), row(22)]
    viewings, made = fold(rows)
    assert [v.viewer_id for v in viewings] == [ANN]
    assert made.refused == {Refusal.UNTRACKED: 2}
    assert made.wanted(rows) == (FILM.item_id,)


def test_rows_that_lie() -> None:
    """Each is refused with its reason, and spoils no other."""
    rows: list[HistoryRow | Refusal] = [
        row(24, -5),
        row(-24),
        replace(row(), at=datetime(1999, 12, 31, 23, tzinfo=UTC)),
        replace(row(), at=datetime(2000, 1, 1, 0, 1, tzinfo=UTC)),
        row(23, row_id="same"),
        row(23, row_id="same"),
        Refusal.UNREADABLE,
    ]
    viewings, made = fold(rows)
    assert len(viewings) == 1
    assert made.refused == {
        Refusal.UNREADABLE: 2,
        Refusal.FUTURE: 1,
        Refusal.BEFORE_2000: 2,
        Refusal.DUPLICATE: 1,
    }


def test_what_was_archived_does_not_come_back() -> None:
    """What ended before the history that is kept; to the moment."""
    made = HistoryFold(
        *(ReportSource.JELLYSTAT, SERVER, policies, day_of, NOW),
        newest_first=True,
        kept_since=NOW - timedelta(hours=48),
    )
    viewings = [*made.take([row(24), row(48, unit=OTHER), row(49), row(999)], ITEMS)]
    viewings += made.finish()
    assert [one.unit for one in viewings] == [FILM, OTHER]
    assert made.refused == {Refusal.OLDER_THAN_KEPT: 2}


@pytest.mark.parametrize(
    ("seconds", "position", "watched", "reached", "completed"),
    [
        (7800, 600, 600, 600, False),  # two hours of pause
        (1980, 600, 600, 600, False),
        (RUNTIME, 0.98 * RUNTIME, 0.98 * RUNTIME, 0.98 * RUNTIME, True),
        (20 * 3600, 600, 600, 600, False),  # paused over night
        (1.5 * RUNTIME, 1.2 * RUNTIME, RUNTIME, RUNTIME, True),  # another version's end
        (RUNTIME, None, RUNTIME, RUNTIME, True),
        (1.1 * RUNTIME, None, RUNTIME, RUNTIME, True),
    ],
)
def test_a_told_position_caps_what_was_watched(
    seconds: float, position: float | None, watched: float, reached: float, completed: bool
) -> None:
    """A duration counts pauses too; the furthest position is the one that is told."""
    (viewing,), made = fold([row(24, seconds, position=position)])
    assert (viewing.watched, viewing.position) == (watched, reached)
    assert (viewing.completed, viewing.credits_jump) == (completed, False)
    assert viewing.started_at == viewing.ended_at - timedelta(seconds=seconds)
    assert made.refused.total() == 0


def test_a_play_that_stays_where_it_was_told_again_and_again_is_one_play() -> None:
    """Rows that end at one position add nothing to each other, nor pauses to what was watched."""
    rows = [row(20 + number, 7800, position=600.4) for number in range(3)]
    (viewing,), _ = fold(rows)
    assert (viewing.watched, viewing.position, viewing.completed) == (600.4, 600.4, False)
    stuck = [row(1 + number / 20, 120, position=0.95 * RUNTIME) for number in range(100)]
    viewings, _ = fold(stuck)
    assert [(one.watched, one.completed) for one in viewings] == [(120, False)]


def test_positions_of_some_rows_and_none_of_others() -> None:
    """What tells no position may go on where another ended, but not where its pause would."""
    (viewing,), _ = fold([row(20, 2000), row(22, 7800, position=600)])
    assert (viewing.watched, viewing.position) == (2600, 2600)
    (viewing,), _ = fold([row(20, 1000), row(22, 500, position=5000)])
    assert (viewing.watched, viewing.position) == (1500, 5000)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"seconds": 1.11 * RUNTIME}, Refusal.ABSURD),  # a duration alone
        ({"seconds": 30 * 86_400}, Refusal.ABSURD),
        ({"seconds": 30 * 86_400, "position": 600}, Refusal.ABSURD),
        ({"seconds": 1e300, "position": 600}, Refusal.ABSURD),
        ({"position": 2.1 * RUNTIME}, Refusal.ABSURD),
        ({"position": 9.2e11}, Refusal.ABSURD),  # the largest number of ticks
        ({"seconds": 9}, Refusal.TOO_SHORT),
        ({"position": 0.0}, Refusal.TOO_SHORT),  # it never left the beginning
        ({"seconds": 1e12, "unit": replace(FILM, item_id="9" * 32)}, Refusal.ABSURD),
    ],
)
def test_what_cant_have_been_watched_is_refused_and_counted(
    changes: dict[str, Any], why: Refusal
) -> None:
    """Alone; and beside a good row it changes nothing."""
    viewings, made = fold([row(24, **changes)])
    assert (viewings, made.refused) == ([], {why: 1})
    good, _ = fold([row(30, 1000)])
    both, _ = fold([row(24, **changes), row(30, 1000)])
    assert [one for one in both if one.day == good[0].day] == good


def test_thousands_of_short_rows_are_no_viewing() -> None:
    """A source that writes a row a second, or a row at every look."""
    seconds = [row(20 - number / 3600, 1, row_id=f"r{number}") for number in range(4000)]
    viewings, made = fold(seconds)
    assert (viewings, made.refused) == ([], {Refusal.TOO_SHORT: 4000})
    looks = [row(10 - number / 360, 10, row_id=f"r{number}") for number in range(540)]
    viewings, made = fold([*looks, row(8, 300, position=300)])
    assert [(one.watched, one.completed) for one in viewings] == [(300, False)]
    assert made.refused == {Refusal.ABSURD: 540}


class Counting(str):
    """A row's id that counts how often it is compared or looked up."""

    asked = 0
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Compare, and count."""
        Counting.asked += 1
        return str.__eq__(self, other)  # type: ignore[arg-type]

    def __hash__(self) -> int:
        """Look up, and count."""
        Counting.asked += 1
        return str.__hash__(self)


def test_the_effort_grows_with_the_rows_and_no_faster() -> None:
    """Of one viewer, title and day, in one page: four times the rows, four times the work."""

    def effort(count: int) -> int:
        rows = [
            replace(row(20 - number / count, 30, position=number), row_id=Counting(f"r{number}"))
            for number in range(count)
        ]
        Counting.asked = 0
        fold(rows)
        return Counting.asked

    assert effort(2000) < 5 * effort(500)


def test_an_item_that_is_gone_keeps_its_id_and_name() -> None:
    """It can't be completed: nobody knows how long it was. What is no film is left out."""
    gone = Unit(UnitKind.MOVIE, "Gone", "", "9" * 32)
    (viewing,), _ = fold([row(24, 5000, gone)])
    assert viewing.unit == replace(gone, server_id=SERVER)
    assert (viewing.watched, viewing.runtime, viewing.completed) == (5000, None, False)
    made = HistoryFold(ReportSource.JELLYSTAT, SERVER, policies, day_of, NOW, newest_first=True)
    assert made.take([row(24, 5000, gone)], {gone.item_id: None}) == ()
    assert made.refused == {Refusal.UNKNOWN_ITEM: 1}


def test_the_day_is_that_of_the_beginning_in_the_homes_zone() -> None:
    """A play over midnight belongs to the evening on which it began."""
    zone = ZoneInfo("Europe/Berlin")
    made = HistoryFold(
        ReportSource.JELLYSTAT,
        SERVER,
        policies,
        lambda at: at.astimezone(zone).date(),
        NOW,
        newest_first=True,
    )
    end = datetime(2026, 6, 8, 22, 30, tzinfo=UTC)  # 00:30 on the ninth in Berlin
    made.take([replace(row(), at=end, seconds=3600)], ITEMS)
    assert [v.day for v in made.finish()] == [date(2026, 6, 8)]


def test_days_are_closed_as_soon_as_nothing_can_be_added() -> None:
    """So that years of history need no memory."""
    made = HistoryFold(ReportSource.JELLYSTAT, SERVER, policies, day_of, NOW, newest_first=True)
    assert made.take([row(20)], ITEMS) == ()
    assert len(made.take([row(200)], ITEMS)) == 1
    forward = HistoryFold(
        ReportSource.PLAYBACK_REPORTING, SERVER, policies, day_of, NOW, newest_first=False
    )
    assert forward.take([row(200, at_end=False)], ITEMS) == ()
    assert len(forward.take([row(20, at_end=False)], ITEMS)) == 1


plays = st.builds(
    row,
    st.integers(1, 200),
    st.integers(0, 7000),
    st.sampled_from([FILM, OTHER]),
    st.sampled_from([ANN, BOB, EVE]),
    position=st.one_of(st.none(), st.integers(0, 6000).map(float)),
)
lies = st.builds(
    row,
    st.integers(1, 200),
    st.sampled_from([0, 1, 9, 10, 119, 120, 6600, 6601, 28_800, 86_400, 86_401, 2_592_000, 1e300]),
    st.sampled_from([FILM, OTHER, replace(FILM, item_id="9" * 32)]),
    st.sampled_from([ANN, BOB]),
    position=st.sampled_from([None, 0.0, 1.0, 600.0, 5100.0, 6000.0, 12_000.0, 12_001.0, 1e300]),
)


@given(st.lists(plays, max_size=30), st.integers(1, 7), st.booleans(), st.data())
def test_where_the_pages_end_changes_nothing(
    rows: list[HistoryRow], size: int, newest_first: bool, data: st.DataObject
) -> None:
    """Nor do doubles within a page: the same rows are the same viewings, one for each day."""
    rows = [replace(one, at_end=newest_first) for one in rows]
    rows.sort(key=lambda one: one.at, reverse=newest_first)
    whole, _ = fold(rows, newest_first=newest_first)
    pages = [rows[i : i + size] for i in range(0, len(rows), size)]
    split, _ = fold(*pages, newest_first=newest_first)
    by_key = {viewing.key: viewing for viewing in whole}
    assert {viewing.key: viewing for viewing in split} == by_key
    assert len(split) == len(whole) == len(by_key)
    if rows:
        again = data.draw(st.sampled_from(rows))
        doubled, _ = fold([*rows[: rows.index(again)], again, *rows[rows.index(again) :]])
        if newest_first:
            assert {viewing.key: viewing for viewing in doubled} == by_key


@given(st.lists(plays, max_size=30))
def test_no_viewing_says_more_than_its_rows(rows: list[HistoryRow]) -> None:
    """Never more than was told, never more than the runtime, never of others, never too short."""
    rows.sort(key=lambda one: one.at, reverse=True)
    viewings, _ = fold(rows)
    for viewing in viewings:
        answer = [
            one
            for one in rows
            if one.user_id == viewing.viewer_id and one.item_id == viewing.unit.item_id
        ]
        assert 120 <= viewing.watched <= min(RUNTIME, sum(one.seconds for one in answer))
        assert viewing.watched <= viewing.position <= RUNTIME
        assert viewing.started_at <= viewing.ended_at <= NOW
        assert not (viewing.completed and viewing.credits_jump)
        assert viewing.viewer_id in (ANN, BOB)


@given(st.lists(st.one_of(plays, lies), max_size=30))
def test_no_row_with_a_position_proves_more_than_it(rows: list[HistoryRow]) -> None:
    """However long it says that it lasted; each row is a part of a viewing or counted."""
    rows = [replace(one, row_id=f"r{number}") for number, one in enumerate(rows)]
    rows.sort(key=lambda one: one.at, reverse=True)
    viewings, made = fold(rows)
    assert made.refused.total() + len(viewings) <= len(rows)
    for viewing in viewings:
        answer = [
            one
            for one in rows
            if one.user_id == viewing.viewer_id and one.item_id == viewing.unit.item_id
        ]
        assert viewing.watched <= viewing.position
        if all(one.position is not None for one in answer):
            assert viewing.position <= max(one.position or 0 for one in answer)
        if viewing.completed:
            assert viewing.runtime
            longest = sum(one.seconds for one in answer if one.seconds <= 1.1 * viewing.runtime)
            furthest = max((one.position or 0 for one in answer), default=0)
            least = 0.5 if viewing.viewer_id == BOB else 0.85
            assert max(longest, furthest) >= least * viewing.runtime


def test_of_days_that_wait_for_an_earlier_one_only_so_many_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first of them is taken for what it seems to be: a jump to the credits."""
    monkeypatch.setattr(importing, "_MOST_WAITING", 1)
    jumps = [
        row(48 + number, 1000, unit, position=RUNTIME) for number, unit in enumerate((FILM, OTHER))
    ]
    made = HistoryFold(ReportSource.JELLYSTAT, SERVER, policies, day_of, NOW, newest_first=True)
    assert made.take(jumps, ITEMS) == ()
    [early] = made.take([row(24 * 9, 5900, user=BOB)], ITEMS)
    _, late = made.finish()
    assert [(one.unit, one.credits_jump) for one in (early, late)] == [(FILM, True), (OTHER, True)]


def test_days_of_a_film_are_counted_without_the_store() -> None:
    """Each day's completed viewing once, by the viewer's threshold."""
    rows = [row(24), row(25), row(72), row(120, seconds=60)]
    item = ITEMS[FILM.item_id]
    assert completed_days(rows, item, WatchPolicy(), day_of, NOW) == 2
    assert completed_days([], item, WatchPolicy(), day_of, NOW) == 0


def test_what_was_watched_within_another_play_counts_once() -> None:
    """A row that begins and ends while another goes on adds nothing, and takes nothing away."""
    (viewing,), _ = fold([row(22, 3000), row(22.2, 600)])
    assert viewing.watched == 3000
    (viewing,), _ = fold([row(22, 3000), row(22.2, 600), row(22.1, 1200)])
    assert viewing.watched == 3000
