"""Random evenings end in the viewings that really were, whatever the sources lose or say twice.

The truth comes from `evenings`, which knows nothing of the fold. Between the two stand the
coordinator's session presence (two good answers without a session are a stop), the tracker that
survives restarts as JSON, and what the store does: one row for each viewer, unit and day.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
import os

from hypothesis import HealthCheck, event, example, given, settings, strategies as st
import pytest

from custom_components.showrunner.coordinators.session_presence import SessionPresence
from custom_components.showrunner.domain.watching import (
    Change,
    ChangeKind,
    PlaybackReport,
    ReportKind,
    ReportSource,
    Tracker,
    Viewing,
    WatchPolicy,
    expire,
    fold,
    merge,
    same_unit,
    with_known_unit,
)
from tests.effort import THOROUGH

from .evenings import (
    LEAST,
    Arrival,
    Begin,
    Do,
    End,
    Evening,
    Forged,
    Play,
    Seat,
    Truth,
    observed,
    seats,
    truths,
    unit_of,
)

# The same evenings in every run, and more where there is time; with EVENINGS=5000 as many new ones.
EXAMPLES = int(os.environ.get("EVENINGS", "60" if THOROUGH else "15"))
DERANDOMIZED = "EVENINGS" not in os.environ
POLICY = WatchPolicy()
_SAVED_EVERY = timedelta(seconds=15)

watching = st.tuples(
    st.just(Do.WATCH), st.sampled_from([20, 90, 118, 122, 200, 400, 900, 1800, 3000, 9000])
)
pausing = st.tuples(st.just(Do.PAUSE), st.sampled_from([5, 30, 240, 900, 7 * 3600]))
seeking = st.tuples(st.just(Do.SEEK), st.sampled_from([0.0, 0.1, 0.5, 0.7, 0.88, 0.95, 0.97]))
acts = st.lists(st.one_of(watching, watching, pausing, seeking), min_size=1, max_size=5).map(tuple)
plays = st.builds(
    Play,
    viewer=st.sampled_from(["a" * 32, "a" * 32, "b" * 32]),
    title=st.integers(0, 2),
    after=st.sampled_from([60, 60, 120, 600, 3600, 18 * 3600, 24 * 3600, 40 * 3600]),
    begin=st.sampled_from([Begin.START, Begin.RESUME, Begin.RESUME, Begin.CHAPTER]),
    slow=st.booleans(),
    acts=acts,
    end=st.sampled_from(End),
)
# Europe/Berlin and St. John's put the clock back on these days, half an hour off the hour there.
begins = st.builds(
    datetime,
    st.just(2026),
    st.just(10),
    st.sampled_from([14, 24, 25, 31]),
    st.integers(12, 23),
    st.sampled_from([0, 17, 43]),
    tzinfo=st.just(UTC),
)
moments = st.integers(30, 9000)


@st.composite
def evenings(draw: st.DrawFn) -> Evening:
    """Plan an evening of up to three devices that somebody looks at."""
    devices = draw(
        st.lists(st.lists(plays, min_size=1, max_size=4).map(tuple), min_size=1, max_size=3)
    )
    poll = draw(st.booleans())
    return Evening(
        zone=draw(st.sampled_from(["Europe/Berlin", "America/St_Johns", "UTC"])),
        begin=draw(begins),
        runtimes=tuple(draw(st.sampled_from([900, 1440, 2700, 6600])) for _ in range(3)),
        episodes=draw(st.frozensets(st.integers(0, 2))),
        devices=tuple(devices),
        flaps=tuple(
            draw(st.lists(st.tuples(st.integers(0, 2), moments, st.integers(1, 9)), max_size=6))
        ),
        server_restarts=tuple(draw(st.lists(st.tuples(moments, st.integers(5, 60)), max_size=1))),
        ha_restarts=tuple(draw(st.lists(st.tuples(moments, st.integers(1, 60)), max_size=2))),
        added_again=tuple(draw(st.lists(st.tuples(st.integers(0, 2), moments), max_size=1))),
        interval=draw(st.sampled_from([2, 5, 8])),
        grain=draw(st.sampled_from([1, 1, 10])),
        loss=draw(st.sampled_from([0.0, 0.05, 0.3])),
        socket=not poll or draw(st.booleans()),
        poll=poll,
        webhooks=draw(st.booleans()),
        webhook_sessions=draw(st.booleans()),
        webhook_ids=draw(st.booleans()),
        check_ins=draw(st.booleans()),
        idle=draw(st.sampled_from([301, 430, 599])),
        skew=draw(st.sampled_from([0, 3600, -7200])),
        seed=draw(st.integers(0, 2**32)),
    )


@st.composite
def told_by_webhooks(draw: st.DrawFn) -> Evening:
    """Plan an evening of which there are only starts and stops, so that nobody may seek."""
    evening = draw(evenings())
    calm = tuple(
        tuple(
            replace(
                play,
                # Nobody can tell from starts and stops when two devices ran at once.
                viewer="abc"[device] * 32,
                slow=False,
                end=End.STOP,
                acts=tuple(act for act in play.acts if act[0] is not Do.SEEK)
                or ((Do.WATCH, 300.0),),
            )
            for play in plays
        )
        for device, plays in enumerate(evening.devices)
    )
    return replace(
        evening,
        devices=calm,
        flaps=(),
        ha_restarts=(),
        server_restarts=(),
        added_again=(),
        loss=0.0,
        socket=False,
        poll=False,
        webhooks=True,
        webhook_ids=True,
    )


class House:
    """Home Assistant, as far as it matters: it folds, looks who is missing, saves and stores."""

    def __init__(self, evening: Evening) -> None:
        """Begin with nothing."""
        self.evening = evening
        self.tracker = Tracker()
        self.saved = json.dumps(Tracker().as_dict())
        self.saved_at: datetime | None = None
        self.roll = SessionPresence()
        self.book: list[Viewing] = []
        self.changes: list[Change] = []

    def day_of(self, at: datetime):  # type: ignore[no-untyped-def]
        """Give the day."""
        return self.evening.day((at - self.evening.begin).total_seconds())

    def restart(self) -> None:
        """Be killed, and start from what was saved."""
        self.tracker = Tracker.from_dict(json.loads(self.saved))
        self.roll = SessionPresence()

    def hear(self, answer: Arrival) -> None:
        """Take in what arrived, as the coordinator does."""
        now = self.evening.at(answer.arrives)
        if answer.whole:
            reports = self.roll.take(answer.reports, self.evening.at(answer.stamp))
        else:
            reports = tuple(self.roll.heard(report) for report in answer.reports)
        urgent = False
        for said in reports:
            report = self._known(with_known_unit(self.tracker, said), said)
            self.tracker, changes = fold(self.tracker, report, POLICY, self.day_of)
            self._store(changes)
            urgent = urgent or bool(changes) or report.kind is not ReportKind.PROGRESS
        self._expire(now)
        if urgent or self.saved_at is None or now - self.saved_at >= _SAVED_EVERY:
            self.saved, self.saved_at = json.dumps(self.tracker.as_dict()), now

    def _known(self, report: PlaybackReport, said: PlaybackReport) -> PlaybackReport:
        """Fill in what the library knows of the item that a webhook names, if it does already."""
        if report is said or report.unit.ids or not self.evening.webhook_ids:
            return report
        title, again = int(said.unit.item_id[:2]), int(said.unit.item_id[2:4])
        item = unit_of(replace(self.evening, added_again=((title, 0),) * again), title, 0)
        return replace(report, unit=item)

    def over(self) -> None:
        """Let everything be lost that is still open."""
        last = max((s.at for s in self.tracker.open), default=self.evening.begin)
        self._expire(last + timedelta(hours=1))
        assert self.tracker.open == ()

    def _expire(self, now: datetime) -> None:
        self.tracker, changes = expire(self.tracker, now, POLICY, self.day_of)
        self._store(changes)

    def _store(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self.changes.append(change)
            if change.kind is ChangeKind.STARTED:
                continue
            new = change.viewing
            rest = []
            for old in self.book:
                if (old.viewer_id, old.day) == (new.viewer_id, new.day) and same_unit(
                    old.unit, new.unit
                ):
                    new = merge(old, new)
                else:
                    rest.append(old)
            self.book = [*rest, new]


def live(evening: Evening) -> tuple[House, list[Seat], float]:
    """Let an evening pass; give the house after it, what happened, and how exact it can be."""
    happened = seats(evening)
    answer, gap = observed(evening, happened)
    house = House(evening)
    restarts = sorted(evening.ha_restarts)
    ill = sorted(when + length for when, length in evening.server_restarts)
    down = 0
    for one in answer:
        while restarts and restarts[0][0] <= one.arrives:
            house.restart()
            down = max(down, sum(restarts.pop(0)))
        while ill and ill[0] <= one.arrives:
            house.roll.server_was_ill(evening.at(ill.pop(0)))
        if one.arrives >= down:
            house.hear(one)
    house.over()
    exact = gap + evening.grain + 3
    return house, happened, exact


def check(evening: Evening) -> tuple[House, list[Seat]]:
    """Compare what the house knows with what happened; give both."""
    house, happened, exact = live(evening)
    truth = {(t.viewer, t.title, t.day): t for t in truths(evening, happened, exact)}
    doubtful = {(t.viewer, t.title) for t in truth.values() if t.doubtful}
    lied_of = {(one.viewer, one.title) for one in evening.forged}
    book = [one for one in house.book if not _is_lie_about_another_item(one, house.book, lied_of)]
    known = {(v.viewer_id, _title_of(v), v.day): v for v in book}
    assert len(known) == len(book), "two rows of one viewing"
    event(f"doubtful titles: {len(doubtful)}")
    for key in truth.keys() | known.keys():
        runtime = evening.runtimes[key[1]]
        viewing, true = known.get(key), truth.get(key)
        if key[:2] in lied_of:
            if viewing is not None and key[:2] not in doubtful:
                _is_not_made_up(viewing, true)
            continue
        if viewing is not None:
            assert viewing.watched <= runtime
            assert viewing.position <= runtime
        if key[:2] in doubtful:
            continue
        try:
            _compare(evening, viewing, true, exact)
        except AssertionError as err:
            err.add_note(_story(happened, key[0], key[1]))
            raise
    return house, happened


def _title_of(viewing: Viewing) -> int:
    return int(viewing.unit.name.split()[1])


def _is_lie_about_another_item(
    viewing: Viewing, book: list[Viewing], lied_of: set[tuple[str, int]]
) -> bool:
    """Tell whether a lie stands beside the play of a title that was added again since.

    Of which title that item was nobody knows but the webhook, which is not believed. So it is a row
    of its own for that day, never counts, and leaves the other as it is.
    """
    if viewing.sources != {ReportSource.WEBHOOK} or viewing.unit.ids:
        return False
    about = viewing.viewer_id, _title_of(viewing)
    aside = about in lied_of and any(
        (one.viewer_id, _title_of(one), one.day) == (*about, viewing.day)
        and one.unit.item_id != viewing.unit.item_id
        for one in book
    )
    assert not (aside and viewing.counts), f"counts, and never happened: {viewing}"
    return aside


def _is_not_made_up(viewing: Viewing, true: Truth | None) -> None:
    """Of what somebody has lied of only that counts which somebody has played."""
    event(f"lied of, and {'played' if true else 'never played'}")
    if true is None:
        assert not viewing.counts, f"counts, and never happened: {viewing}"
        assert viewing.sources == {ReportSource.WEBHOOK}
    elif not (true.completed or true.maybe or true.unsure):
        assert not viewing.counts, f"counts, and was not played to its end: {viewing}"


def _story(happened: list[Seat], viewer: str, title: int) -> str:
    """Tell what really happened to a title: from when to when, on which device, and what ran."""
    return "\n".join(
        f"{seat.t0}-{seat.t1} device {seat.device} {seat.play.end} {seat.stretches}"
        for seat in happened
        if (seat.play.viewer, seat.play.title) == (viewer, title)
    )


def _compare(evening: Evening, viewing: Viewing | None, true: Truth | None, exact: float) -> None:
    assert true is not None, f"never happened: {viewing}"
    runtime = evening.runtimes[true.title]
    tolerance = exact * (true.events + 2 * len(evening.flaps) + 2 * len(evening.server_restarts))
    tolerance += true.lost
    really = min(len(true.seconds), runtime)
    if viewing is None:
        assert really < LEAST + tolerance, f"not stored: {true.day} {really}"
        return
    assert viewing.watched >= LEAST
    assert really - tolerance <= viewing.watched <= really + tolerance, (
        f"{viewing.watched} instead of {really}, {tolerance}"
    )
    if true.completed == true.maybe and not true.unsure:
        event(f"completed: {true.completed}")
        assert viewing.completed == true.completed, f"{viewing} {true.completed}"


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=DERANDOMIZED,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(evenings())
def test_evenings_that_somebody_looks_at(evening: Evening) -> None:
    """Poll, socket and webhooks, each lossy, late and doubled, tell the truth together."""
    check(evening)


forgeries = st.builds(
    Forged,
    when=st.integers(0, 12_000),
    viewer=st.sampled_from(["a" * 32, "b" * 32, "d" * 32]),
    title=st.integers(0, 2),
    kind=st.sampled_from(ReportKind),
    share=st.sampled_from([None, 0.0, 0.3, 0.9, 0.99, 1.0, 50.0]),
    longer=st.sampled_from([1.0, 1.0, 0.14, 30.0]),
    session=st.sampled_from(["", "forged", "another"]),
    device=st.sampled_from(["", "device 0", "device 9"]),
    other=st.integers(0, 2),
)

# Somebody tells the end of a film at once; then it is added again, as another item, and played.
ADDED_AGAIN = Evening(
    zone="UTC",
    begin=datetime(2026, 10, 14, 12, tzinfo=UTC),
    runtimes=(900, 900, 900),
    episodes=frozenset(),
    devices=(
        (Play("a" * 32, 2, 600, Begin.START, slow=False, acts=((Do.WATCH, 400),), end=End.STOP),),
    ),
    added_again=((2, 30),),
    webhooks=False,
    webhook_ids=False,
)
STARTED = Forged(0, "a" * 32, 0, ReportKind.STARTED, None)
STOPPED = Forged(0, "a" * 32, 2, ReportKind.STOPPED, None)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=DERANDOMIZED,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(evenings(), st.lists(forgeries, min_size=1, max_size=12))
@example(ADDED_AGAIN, [STARTED] * 9 + [STOPPED])
def test_evenings_with_plays_that_nobody_played(evening: Evening, forged: list[Forged]) -> None:
    """Somebody tells of them by webhook: none ever counts or stays, and other plays are as ever."""
    forged.sort(key=lambda one: one.when)
    lied = replace(evening, forged=tuple(forged))
    house, happened = check(lied)
    played = {(seat.play.viewer, seat.play.title) for seat in happened}
    for change in house.changes:
        about = change.viewing.viewer_id, _title_of(change.viewing)
        assert about in played or not change.viewing.counts


@pytest.mark.parametrize("starts", [0, 9])
def test_a_lie_about_an_item_that_was_added_again_is_a_row_beside_the_real_one(starts: int) -> None:
    """The server doesn't know that item any more: nobody can tell that it was the same title."""
    real, *_ = live(ADDED_AGAIN)
    house, *_ = live(replace(ADDED_AGAIN, forged=(*(STARTED,) * starts, STOPPED)))
    seen = [one for one in house.book if one.is_seen]
    beside = [one for one in house.book if not one.is_seen and one.unit.name == "Film 2"]
    assert seen == real.book
    assert [one.unit.item_id[:4] for one in seen] == ["0201"]
    assert [one.unit.item_id[:4] for one in beside] == ["0200"]
    assert not beside[0].counts


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=DERANDOMIZED,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(told_by_webhooks())
def test_evenings_of_webhooks_alone(evening: Evening) -> None:
    """Starts and stops are enough, as long as all arrive."""
    check(evening)
