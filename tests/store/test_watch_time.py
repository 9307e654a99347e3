"""Watch time by the quarter of an hour: what was gained, where it was gained, once."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings, strategies as st

from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.store import Store, ViewerTotals
from tests.domain.samples import NOW, UNIT
from tests.domain.watching.parts import parts
from tests.effort import examples

from .viewings import VIEWER, VIEWING, WHOLE, watched_of

_HOUR = timedelta(hours=1)
_STRANGER = replace(UNIT, item_id="z" * 32, ids=ProviderIds())
# The last one tells that the first two are one.
_UNITS = [UNIT, _STRANGER, replace(UNIT, item_id="z" * 32)]


async def test_a_film_of_two_evenings_counts_on_both(store: Store) -> None:
    """The second evening adds what it added, not the whole film once more."""
    await store.viewings.save(VIEWING)
    next_evening = NOW + timedelta(days=1)
    await store.viewings.save(replace(WHOLE, ended_at=next_evening, watched=7000.0))
    assert await store.viewings.watch_hours(VIEWER) == {
        NOW: timedelta(seconds=3000),
        next_evening: timedelta(seconds=4000),
    }
    day = NOW + timedelta(hours=12)
    assert (await watched_of(store, VIEWER, day)).time == timedelta(seconds=4000)
    assert (await watched_of(store, "b" * 32, day)).time == timedelta()


async def test_a_week_sums_up_who_is_meant_since_then(store: Store) -> None:
    """A quarter is where it is by the zone's clock; whoever is not meant is not in it."""
    began, later = VIEWING.ended_at, VIEWING.ended_at + timedelta(days=7)
    await store.viewings.save(VIEWING)
    await store.viewings.save(replace(WHOLE, ended_at=later, watched=7000.0))
    await store.viewings.save(replace(VIEWING, viewer_id="b" * 32))
    there = ZoneInfo("Asia/Kolkata")
    local = began.astimezone(there)
    for viewers, since, seconds in (
        ([VIEWER], began, 7000.0),
        ([VIEWER, "b" * 32], began, 10000.0),
        ([VIEWER], began + timedelta(days=1), 4000.0),
        (["c" * 32], began, 0.0),
        ([], began, 0.0),
    ):
        week = await store.viewings.week(viewers, since, there)
        assert week[local.weekday()][local.hour] == seconds
        assert sum(map(sum, week)) == seconds


async def test_doubled_and_late_reports_add_nothing(store: Store) -> None:
    """Whoever reports it again."""
    await store.viewings.save(WHOLE)
    await store.viewings.save(WHOLE)
    await store.viewings.save(replace(WHOLE, ended_at=WHOLE.ended_at + _HOUR))
    await store.viewings.save(replace(VIEWING, watched=10.0))
    hours = await store.viewings.watch_hours(VIEWER)
    assert hours == {WHOLE.ended_at: timedelta(seconds=3000)}


async def test_two_rows_that_turn_out_to_be_one_count_once(store: Store) -> None:
    """The second row's time is taken back."""
    await store.viewings.save(replace(VIEWING, unit=_STRANGER, ended_at=NOW + 5 * _HOUR))
    await store.viewings.save(WHOLE)
    await store.viewings.save(replace(WHOLE, unit=replace(UNIT, item_id="z" * 32)))
    assert len(await store.viewings.history()) == 1
    assert sum((await store.viewings.watch_hours(VIEWER)).values(), timedelta()) == timedelta(
        seconds=3000
    )


@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.builds(replace, parts, unit=st.sampled_from(_UNITS)), min_size=1, max_size=8))
async def test_it_is_always_what_the_viewings_say(store: Store, some) -> None:
    """Whatever order, doubling and naming: their sum is the sum of the rows."""
    await store.forget_viewer(VIEWER, "")
    for one in some:
        await store.viewings.save(one)
    total = sum(viewing.watched for viewing in await store.viewings.history())
    counted = sum((await store.viewings.watch_hours(VIEWER)).values(), timedelta())
    assert abs(counted.total_seconds() - total) < 1e-6


async def test_all_viewers_are_asked_for_at_once_and_each_has_its_own(store: Store) -> None:
    """Who has watched nothing of late is there with the last time; a stranger is not there."""
    other, long_ago = "b" * 32, NOW - timedelta(days=200)
    await store.viewings.save(WHOLE)
    at = long_ago + timedelta(hours=2)
    await store.viewings.save(
        replace(WHOLE, viewer_id=other, started_at=long_ago, ended_at=at, day=long_ago.date())
    )
    found = await store.viewings.of_viewers(
        (VIEWER, other, "c" * 32), NOW - timedelta(days=30), NOW - timedelta(days=1)
    )
    assert found == {
        VIEWER: ViewerTotals(1, timedelta(seconds=WHOLE.watched), WHOLE.ended_at),
        other: ViewerTotals(0, timedelta(), at),
    }
