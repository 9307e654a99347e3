"""Rows of others become viewings: once, whatever the pages, the doubles and the lies."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.importing import (
    HistoryFold,
    HistoryRow,
    ImportedItem,
    Refusal,
)
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.viewing import ReportSource, Viewing
from custom_components.showrunner.domain.watching import WatchPolicy

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


def test_an_absurd_duration_is_bounded_by_the_runtime_or_refused() -> None:
    """A film can't be watched for longer than it is; without a runtime a day is the limit."""
    (viewing,), _ = fold([row(24, 1e12)])
    assert viewing.watched == RUNTIME
    viewings, made = fold([row(24, 1e12, replace(FILM, item_id="9" * 32))])
    assert (viewings, made.refused) == ([], {Refusal.UNREADABLE: 1})


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
        told = [
            one
            for one in rows
            if one.user_id == viewing.viewer_id and one.item_id == viewing.unit.item_id
        ]
        assert 120 <= viewing.watched <= min(RUNTIME, sum(one.seconds for one in told))
        assert viewing.watched <= viewing.position <= RUNTIME
        assert viewing.started_at <= viewing.ended_at <= NOW
        assert not (viewing.completed and viewing.credits_jump)
        assert viewing.viewer_id in (ANN, BOB)
