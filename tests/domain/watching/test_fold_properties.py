"""No order, loss or doubling of reports counts one viewing twice, or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
import json
import random

from hypothesis import example, given, settings, strategies as st

from custom_components.showrunner.domain.media import ProviderIds, Unit
from custom_components.showrunner.domain.watching import (
    Change,
    ChangeKind,
    PlaybackReport,
    ReportKind,
    ReportSource,
    Seen,
    Tracker,
    Viewing,
    WatchPolicy,
    expire,
    fold,
    is_new,
    merge,
    recall,
    same_unit,
)
from tests.effort import examples

from ..samples import NOW, UNIT, day_of, report
from .parts import BARE, parts

POLICY = WatchPolicy()


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
    reports: list[PlaybackReport] = []
    for source in draw(st.sets(st.sampled_from(ReportSource), min_size=1)):
        unit = draw(st.sampled_from([UNIT, BARE]))
        session = draw(st.sampled_from(["tv", ""]))
        step = draw(st.sampled_from([1, 5, 30, 500]))
        reports.append(
            report(ReportKind.STARTED, 0, begin, source=source, unit=unit, session=session)
        )
        reports += [
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
    return reports, 120 - begin + pause


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
    answer, minutes = film
    kept = [one for one in answer if dice.random() >= loss]
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
    ordered = sorted([*honest, *hints], key=lambda one: one.at)
    assert not any(viewing.counts for viewing in stored(ordered).values())


# -- what webhooks alone tell ----------------------------------------------------------------------

OTHER = replace(UNIT, item_id="j" * 32, name="Another", ids=ProviderIds(tmdb=990002))
_LONG = 3 * 24 * 60

told_by_sessions = st.lists(
    st.tuples(
        st.sampled_from(ReportKind),
        st.sampled_from([0.1, 1, 1, 3, 4.9, 12, 200, 1500]),
        st.one_of(st.none(), st.sampled_from([0.0, 0.5, 50, 101, 103, 118, 120])),
        st.sampled_from(["tv", "tv", "phone"]),
        st.sampled_from([UNIT, UNIT, BARE, OTHER]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
told_by_webhooks = st.lists(
    st.tuples(
        st.sampled_from(ReportKind),
        st.floats(0, _LONG) | st.floats(0, 30),
        st.one_of(st.none(), st.floats(0, 125), st.sampled_from([101.0, 119.0])),
        st.sampled_from(["tv", "phone", "", "other"]),
        st.sampled_from([UNIT, BARE, OTHER]),
        st.sampled_from([None, 120, 120, 2]),
        st.sampled_from([None, True, False]),
        st.sampled_from([0, 0, 0.05, 1, 10]),
    ),
    min_size=1,
    max_size=12,
)
type SaidBySession = tuple[ReportKind, float, float | None, str, Unit, bool]
type SaidByWebhook = tuple[
    ReportKind, float, float | None, str, Unit, float | None, bool | None, float
]


def of_sessions(
    said: list[SaidBySession],
) -> list[PlaybackReport]:
    """Tell one after the other; without a position somebody just goes on watching."""
    reports: list[PlaybackReport] = []
    at, place = 0.0, 0.0
    for kind, after, position, session, unit, paused in said:
        at += after
        place = min(120.0, place + after) if position is None else position
        reports.append(report(kind, at, place, session=session, unit=unit, paused=paused))
    return reports


def with_webhooks(reports: list[PlaybackReport], said: list[SaidByWebhook]) -> list[PlaybackReport]:
    """Let webhooks come in between, some of them late; all in the order of arrival."""
    arriving = [(one.at, one) for one in reports]
    for kind, at, position, session, unit, runtime, done, late in said:
        one = report(
            kind,
            at,
            position,
            source=ReportSource.WEBHOOK,
            session=session,
            unit=unit,
            runtime=runtime,
            completed=done,
        )
        arriving.append((one.at + timedelta(minutes=late), one))
    return [one for _, one in sorted(arriving, key=lambda pair: pair[0])]


class House:
    """Folds, expires whenever a session has told something, and keeps what comes out in rows."""

    def __init__(self, *, forgets: bool = False) -> None:
        """`forgets`: what is over is only in the rows, and is looked up there."""
        self.tracker = Tracker()
        self.rows: list[Viewing] = []
        self.forgets = forgets
        # Then all is written down: what is too short for that would be known to one house only.
        self.policy = WatchPolicy(min_seconds=0) if forgets else POLICY

    def hear(self, one: PlaybackReport) -> None:
        """Take in a report."""
        if self.forgets:
            self._recall(one)
        self.tracker, changes = fold(self.tracker, one, self.policy, day_of)
        self._keep(changes)
        if one.source is not ReportSource.WEBHOOK:
            self.expire(one.at)
        self.tracker = Tracker.from_dict(json.loads(json.dumps(self.tracker.as_dict())))
        if self.forgets:
            self.tracker = replace(self.tracker, recent=())

    def expire(self, now: datetime) -> None:
        """Close what was lost."""
        self.tracker, changes = expire(self.tracker, now, self.policy, day_of)
        self._keep(changes)

    def _recall(self, one: PlaybackReport) -> None:
        mine = [
            row
            for row in self.rows
            if row.viewer_id == one.user_id and same_unit(row.unit, one.unit)
        ]
        mine = [row for row in mine if row.proven] or mine
        if mine and is_new(self.tracker, one):
            earlier = max(mine, key=lambda row: row.ended_at)
            self.tracker = recall(self.tracker, Viewing.from_dict(earlier.as_dict()))

    def _keep(self, changes: Iterable[Change]) -> None:
        for change in changes:
            new = change.viewing
            if change.kind is ChangeKind.STARTED:
                continue
            rest = []
            for row in self.rows:
                if row.day == new.day and same_unit(row.unit, new.unit):
                    new = merge(row, new)
                else:
                    rest.append(row)
            self.rows = [*rest, new]

    @property
    def proven(self) -> dict[tuple[str, date], tuple[Seen, bool, float | None]]:
        """Give what counts, by what it is of."""
        return {
            (row.unit.name, row.day): (row.proven, row.counts, row.proven_percent)
            for row in self.rows
            if row.proven and (row.counts or row.proven.watched >= self.policy.min_seconds)
        }

    @property
    def by_sessions(self) -> object:
        """Give all that the fold knows from sessions alone; shown time may be a webhook's."""
        pasts = [
            (
                replace(past.viewing, watched=0.0, seen=None),
                past.viewing.proven,
                past.start,
                past.left,
            )
            for past in self.tracker.recent
            if past.is_seen
        ]
        sittings = [
            (replace(one, base=None, webhook_seconds=0.0), one.base and one.base.proven)
            for one in self.tracker.open
            if one.is_seen
        ]
        return pasts, sittings


@settings(max_examples=examples(1500), deadline=None)
@given(told_by_sessions, told_by_webhooks)
def test_what_webhooks_tell_changes_nothing_that_counts(
    said: list[SaidBySession],
    forged: list[SaidByWebhook],
) -> None:
    """Whatever sessions tell: no viewing is completed, counted or longer by webhooks, nor begun."""
    honest = of_sessions(said)
    plain, fooled = House(), House()
    for one in honest:
        plain.hear(one)
    for one in with_webhooks(honest, forged):
        fooled.hear(one)
        assert not any(row.counts and row.sources == {ReportSource.WEBHOOK} for row in fooled.rows)
    assert fooled.by_sessions == plain.by_sessions
    for house in (plain, fooled):
        house.expire(NOW + timedelta(minutes=2 * _LONG))
    assert fooled.proven == plain.proven


@settings(max_examples=examples(600), deadline=None)
@given(told_by_sessions, told_by_webhooks)
@example(
    [
        (ReportKind.STARTED, 0.1, None, "tv", UNIT, False),
        (ReportKind.STARTED, 0.1, None, "tv", OTHER, False),
        (ReportKind.STARTED, 1500, None, "tv", UNIT, False),
        (ReportKind.STOPPED, 0.1, None, "tv", UNIT, False),
        (ReportKind.STARTED, 0.1, 50, "tv", UNIT, False),
        (ReportKind.STARTED, 0.1, None, "tv", UNIT, False),
    ],
    [
        (ReportKind.STARTED, 0.0, None, "tv", UNIT, None, None, 0),
        (ReportKind.STARTED, 0.0, None, "tv", UNIT, 120, True, 0),
    ],
)
def test_nor_where_the_history_is_asked_what_was_before(
    said: list[SaidBySession],
    forged: list[SaidByWebhook],
) -> None:
    """Others' plays have pushed it out of memory, and the rows hold what webhooks told, too."""
    honest = of_sessions(said)
    plain, fooled, knowing = House(forgets=True), House(forgets=True), House()
    knowing.policy = plain.policy
    for house in (plain, knowing):
        for one in honest:
            house.hear(one)
    for one in with_webhooks(honest, forged):
        fooled.hear(one)
    for house in (plain, fooled, knowing):
        house.expire(NOW + timedelta(minutes=2 * _LONG))
    for key, (seen, counts, _) in fooled.proven.items():
        really, really_counts, _ = plain.proven[key]
        # A row does not say who told of a jump to the credits: then less is believed.
        assert really_counts or not counts
        # What gains nothing is not written down; a webhook may have it be, as sessions told it.
        answer = knowing.proven.get(key, (really, False, None))[0]
        most = max(really.watched, answer.watched)
        if really_counts and not counts:
            # What is not believed to be over goes on with what else would begin another viewing.
            most += sum(
                later.watched
                for (name, day), (later, *_) in plain.proven.items()
                if name == key[0] and day > key[1]
            )
        assert seen.watched <= most + 1e-6
        last = max(one.at for one in honest if one.unit.name == key[0])
        assert seen.position <= max(one.position or 0.0 for one in honest)
        assert seen.ended_at <= max(really.ended_at, last)


def test_what_a_webhook_goes_on_with_is_shown_and_helps_nothing_over_a_threshold() -> None:
    """A minute and a half that a session told, then an hour of webhooks on the same evening."""
    hint = {"source": ReportSource.WEBHOOK, "session": "other"}
    house = House()
    for one in [
        report(ReportKind.PROGRESS, 0, 0),
        report(ReportKind.STOPPED, 1.5, 1.5),
        report(ReportKind.STARTED, 10, 1.5, **hint),
        report(ReportKind.STOPPED, 70, 61.5, **hint),
        report(ReportKind.PROGRESS, 100, 61.5),
        report(ReportKind.STOPPED, 100.4, 61.9),
    ]:
        house.hear(one)
    (row,) = house.rows
    assert (row.watched, row.completed, row.counts) == (61.5 * 60 + 24, False, False)
    assert row.proven == Seen(114, 61.9 * 60, NOW + timedelta(minutes=100.4))
    house.hear(report(ReportKind.PROGRESS, 110, 103))
    house.hear(report(ReportKind.PROGRESS, 110.2, 103.2))
    (row,) = house.rows
    assert row.counts
    # Once Jellyfin has borne it out, all of it is known.
    assert row.borne_out.proven == Seen(row.watched, row.position, row.ended_at)
