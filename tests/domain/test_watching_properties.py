"""No order, loss or doubling of reports counts one viewing twice, or not at all."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
import random

from hypothesis import given, settings, strategies as st

from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.viewing import Viewing, merge
from custom_components.showrunner.domain.watching import (
    PlaybackReport,
    ReportKind,
    ReportSource,
    Tracker,
    WatchPolicy,
    expire,
    fold,
)
from tests.effort import examples

from .samples import NOW, UNIT, day_of, report

POLICY = WatchPolicy()
BARE = replace(UNIT, ids=ProviderIds())


def stored(reports: list[PlaybackReport]) -> dict[tuple[str, str, date], Viewing]:
    """Fold reports and keep what comes out as the store does: merged by viewer, unit and day."""
    tracker, found = Tracker(), {}
    changes = []
    for one in reports:
        tracker, more = fold(tracker, one, POLICY, day_of)
        changes += more
        tracker = Tracker.from_dict(tracker.as_dict())
    tracker, more = expire(tracker, NOW + timedelta(days=1), POLICY, day_of)
    for change in (*changes, *more):
        if change.kind.value == "started":
            continue
        viewing = change.viewing
        key = (viewing.viewer_id, viewing.unit.item_id, viewing.day)
        found[key] = merge(found[key], viewing) if key in found else viewing
    return found


@st.composite
def films(draw: st.DrawFn) -> tuple[list[PlaybackReport], float]:
    """Watch a film of two hours as up to three sources see it; give also the minute of its end."""
    begin = draw(st.sampled_from([0, 0, 20, 60]))
    pause = draw(st.integers(0, 400))
    paused_at = draw(st.integers(begin, 119))
    told: list[PlaybackReport] = []
    for source in draw(st.sets(st.sampled_from(ReportSource), min_size=1)):
        unit = draw(st.sampled_from([UNIT, BARE]))
        session = draw(st.sampled_from(["tv", ""]))
        step = draw(st.sampled_from([1, 5, 30, 500]))
        told.append(report(ReportKind.STARTED, 0, begin, source=source, unit=unit, session=session))
        told += [
            report(
                ReportKind.PROGRESS,
                minute - begin + (pause if minute > paused_at else 0),
                minute,
                source=source,
                unit=unit,
                session=session,
            )
            for minute in range(begin, 120, step)
        ]
    return told, 120 - begin + pause


def the_end(begin_to_end: float) -> PlaybackReport:
    """Report the film's end."""
    return report(ReportKind.STOPPED, begin_to_end, 120, source=ReportSource.WEBHOOK)


@settings(max_examples=examples(300), deadline=None)
@given(films(), st.integers(0, 2**32), st.floats(0, 1), st.booleans())
def test_once_whatever_is_lost_doubled_or_shuffled(
    film: tuple[list[PlaybackReport], float], seed: int, loss: float, shuffled: bool
) -> None:
    """As long as the stop at the end arrives, there is one completed viewing, and only one."""
    dice = random.Random(seed)
    told, minutes = film
    kept = [one for one in told if dice.random() >= loss]
    kept += [one for one in kept if dice.random() < 0.3]
    kept.sort(key=lambda one: one.at)
    end = the_end(minutes)
    arriving = [*kept, end, end]
    if shuffled:
        # Late by up to a few reports, as networks do.
        order = [(i + dice.uniform(0, 6), one) for i, one in enumerate(arriving)]
        arriving = [one for _, one in sorted(order, key=lambda pair: pair[0])]
    found = once(stored(arriving))
    assert any(viewing.completed for viewing in found)
    assert all(viewing.watched <= 7200 + 1 for viewing in found)


def once(found: Mapping[object, Viewing]) -> list[Viewing]:
    """Give what was found: one viewing, and beside it what a webhook alone told of another day.

    Over midnight, with hardly anything of what sessions say, nobody can tell whether it is the same
    play; it stays apart, and counts for nothing.
    """
    viewings = list(found.values())
    hinted = [one for one in viewings if one.sources == {ReportSource.WEBHOOK}]
    assert len(viewings) - len(hinted) <= 1, found
    assert len(viewings) == len({one.day for one in viewings}), found
    assert not any(one.counts for one in hinted)
    return viewings


@settings(max_examples=examples(200), deadline=None)
@given(films(), st.integers(0, 2**32))
def test_a_film_left_in_the_middle_never_completes(
    film: tuple[list[PlaybackReport], float], seed: int
) -> None:
    """However its reports are mixed up."""
    dice = random.Random(seed)
    half = [one for one in film[0] if (one.position or 0) < 0.8 * 7200]
    half += [one for one in half if dice.random() < 0.3]
    dice.shuffle(half)
    assert not any(viewing.completed for viewing in once(stored(half)))


parts = st.builds(
    Viewing,
    viewer_id=st.just("a" * 32),
    unit=st.sampled_from([UNIT, BARE, replace(UNIT, item_id="k" * 32)]),
    day=st.just(NOW.date()),
    started_at=st.integers(0, 50).map(lambda m: NOW + timedelta(minutes=m)),
    ended_at=st.integers(60, 120).map(lambda m: NOW + timedelta(minutes=m)),
    watched=st.integers(0, 7200).map(float),
    position=st.integers(0, 7200).map(float),
    runtime=st.none() | st.just(7200.0),
    credits_jump=st.booleans(),
    completed=st.booleans(),
    finished=st.booleans(),
    device=st.sampled_from(["tv", "phone"]),
    client=st.just("x"),
    play_method=st.sampled_from(["directplay", "transcode"]),
    sources=st.frozensets(st.sampled_from(ReportSource), min_size=1),
    hinted=st.sampled_from([0.0, 60.0, 600.0]),
)


@given(parts, parts, parts)
def test_merging_knows_no_order_and_no_number(one: Viewing, two: Viewing, three: Viewing) -> None:
    """Idempotent, commutative, associative; once completed, always completed."""
    assert merge(one, one) == one
    assert merge(one, two) == merge(two, one)
    assert merge(merge(one, two), three) == merge(one, merge(two, three))
    assert merge(one, two).completed == (one.completed or two.completed)
    assert Viewing.from_dict(one.as_dict()) == one


forgeries = st.lists(
    st.tuples(
        st.sampled_from(ReportKind),
        st.floats(0, 130),
        st.one_of(st.none(), st.floats(0, 125)),
        st.sampled_from(["tv", "", "other"]),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=examples(200), deadline=None)
@given(st.integers(0, 101), st.integers(1, 10), forgeries)
def test_no_forged_webhook_makes_a_play_count(
    end: int, step: int, forged: list[tuple[ReportKind, float, float | None, str, bool]]
) -> None:
    """Whatever it says and when: of two hours Jellyfin itself has told less than 85 %."""
    honest = [report(ReportKind.PROGRESS, at, at) for at in range(0, end, step)]
    honest.append(report(ReportKind.STOPPED, end, end))
    hints = [
        report(kind, at, position, source=ReportSource.WEBHOOK, session=session, completed=done)
        for kind, at, position, session, done in forged
    ]
    told = sorted([*honest, *hints], key=lambda one: one.at)
    assert not any(viewing.counts for viewing in stored(told).values())
