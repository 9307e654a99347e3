"""What could not go when it was asked about is announced anew, for its full notice, before it goes.

Nothing is known here of how that is done: a judge of its own notes since when a part was shown.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
import random
import threading

import pytest

from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.inventory import ArrUnit
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.media import MediaType, Place
from custom_components.showrunner.domain.plan import Scope
from custom_components.showrunner.domain.retention import RetentionPolicy, RetentionVerdict
from custom_components.showrunner.domain.retention.ground import Ground
from custom_components.showrunner.domain.retention.verdict import RetentionRule
from custom_components.showrunner.jobs.cleanup import since
from custom_components.showrunner.jobs.cleanup.due import name_of, part_name, part_of_verdict
from custom_components.showrunner.jobs.cleanup.refusals import Refusals
from custom_components.showrunner.store import Store
from tests.effort import examples

from .announcing import IDLE, START, stays

WATCHED = replace(IDLE, ground=Ground.WATCHED)
PART = part_of_verdict(WATCHED)
NAME = part_name(PART)
DAY = timedelta(days=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "refusals.db")
    yield opened
    await opened.close()


class House:
    """Refusals of a day, made anew for each question as after a restart."""

    def __init__(self, store: Store) -> None:
        """Begin on the first day."""
        self.store = store
        self.now: datetime = START

    @property
    def refusals(self) -> Refusals:
        """Give them as after a restart."""
        return Refusals(self.store, lambda: self.now, lambda: UTC)

    async def goes(self, verdict: RetentionVerdict, policy: RetentionPolicy) -> bool:
        """Tell whether a step that is checked once more goes on."""
        (held,) = await self.refusals.held_back([verdict], policy)
        return held.may_go

    async def asked_about(self, verdict: RetentionVerdict, policy: RetentionPolicy) -> bool:
        """Tell whether a plan asks about it."""
        (held,) = await self.refusals.held_back([verdict], policy, asking=True)
        return held.may_go

    async def shown(self) -> bool:
        """Tell whether it may be shown as leaving."""
        return NAME not in await self.refusals.stays()


@pytest.mark.parametrize(
    ("verdict", "days"), [(WATCHED, 5), (IDLE, 7)], ids=["watched", "by a rule of choice"]
)
async def test_what_could_not_go_is_announced_anew(
    store: Store, verdict: RetentionVerdict, days: int
) -> None:
    """It is hidden while it can't, and then shown for its whole notice, over restarts."""
    house, policy = House(store), RetentionPolicy(idle_days=30)
    assert await house.goes(verdict, policy)
    assert not await house.refusals.asked([PART], [], [])
    assert not await house.shown()
    house.now += 20 * DAY
    # It is asked about, and no plan that somebody kept carries it out meanwhile.
    assert await house.asked_about(verdict, policy)
    assert not await house.goes(verdict, policy)
    assert await house.refusals.asked([PART], [PART], [])
    assert await house.shown()
    assert not await house.refusals.asked([PART], [PART], [])
    house.now += days * DAY - timedelta(seconds=1)
    (held,) = await house.refusals.held_back([verdict], policy, asking=True)
    assert held.is_leaving
    assert not held.may_go
    assert held.leaves_at == house.now + timedelta(seconds=1)
    house.now += timedelta(seconds=1)
    assert await house.goes(verdict, policy)


async def test_who_does_not_answer_refuses_nothing(store: Store) -> None:
    """It goes on being shown, and leaves as soon as they answer; what was refused stays so."""
    house, policy = House(store), RetentionPolicy()
    assert not await house.refusals.asked([PART], [], [PART])
    assert await house.shown()
    assert await house.goes(WATCHED, policy)
    await house.refusals.asked([PART], [], [])
    await house.refusals.asked([PART], [], [PART])
    assert not await house.shown()


@pytest.mark.parametrize(
    ("verdicts", "unread", "forgotten"),
    [
        ([WATCHED], False, False),
        ([stays(Answer.YES)], False, False),
        ([], False, True),  # it has left
        ([], True, False),  # nobody knows
    ],
)
async def test_only_what_has_left_is_forgotten(
    store: Store, verdicts: list[RetentionVerdict], unread: bool, forgotten: bool
) -> None:
    """Another title of the same number would begin without it."""
    house, policy = House(store), RetentionPolicy()
    await house.refusals.note(verdicts, ())
    await house.refusals.asked([PART], [], [])
    await house.refusals.note(verdicts, (MediaType.MOVIE,) if unread else ())
    assert await house.shown() is forgotten
    await house.refusals.asked([PART], [], [])
    await house.refusals.asked([PART], [PART], [])
    await house.refusals.note(verdicts, (MediaType.MOVIE,) if unread else ())
    assert await house.goes(WATCHED, policy) is forgotten


async def test_by_other_options_it_is_announced_and_does_not_go_at_once(store: Store) -> None:
    """It is shown from the day of the change."""
    house, policy = House(store), RetentionPolicy()
    await house.refusals.asked([PART], [], [])
    house.now += 9 * DAY
    await house.refusals.judged_anew()
    assert await house.shown()
    assert not await house.goes(WATCHED, policy)
    house.now += 5 * DAY
    assert await house.goes(WATCHED, policy)


@pytest.mark.parametrize("seed", range(examples(200)))
async def test_nothing_goes_that_was_not_shown_for_its_whole_notice(
    store: Store, seed: int
) -> None:
    """Whatever happens in whatever order, once it could not go."""
    chance = random.Random(seed)
    verdict, policy = chance.choice([WATCHED, IDLE]), RetentionPolicy(idle_days=30)
    notice = policy.notice_of(verdict.ground)
    house, shown_since = House(store), None
    refused, went = False, 0
    for _ in range(60):
        house.now += chance.randrange(0, 40) * timedelta(hours=1)
        match chance.randrange(7):
            case 0:  # a night on which nobody has anything against it, or somebody has
                able = chance.random() < 0.7
                if await house.asked_about(verdict, policy):
                    await house.refusals.asked([PART], [PART] if able else [], [])
                    if not able:
                        refused, shown_since = True, None
                    elif shown_since is None:
                        shown_since = house.now
            case 1:
                await house.refusals.asked([PART], [], [PART])
            case 2:  # somebody keeps it for a while
                await house.refusals.note([replace(stays(Answer.YES), ground=verdict.ground)], ())
                if shown_since is not None:
                    shown_since = house.now
            case 3 if chance.random() < 0.2:
                await house.refusals.judged_anew()
                shown_since = shown_since or house.now
            case _:
                await house.refusals.note([verdict], (MediaType.SERIES,) * chance.randrange(2))
        if refused and await house.goes(verdict, policy):
            assert shown_since is not None
            assert house.now - shown_since >= notice
            went += 1
        elif refused and shown_since is not None:
            assert house.now - shown_since < notice


async def test_many_are_held_back_beside_the_event_loop(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a whole house every part is looked at."""
    house, threads = House(store), set[int]()
    await house.refusals.asked([PART], [], [])

    def again(verdict: RetentionVerdict, *_: object) -> RetentionVerdict:
        threads.add(threading.get_ident())
        return verdict

    monkeypatch.setattr(since, "announced_again", again)
    assert await house.refusals.held_back([WATCHED], RetentionPolicy()) == (WATCHED,)
    assert threads
    assert threading.get_ident() not in threads


def test_each_special_is_announced_by_itself() -> None:
    """One that begins to leave is not taken for another that was announced long ago."""

    def special(episode: int) -> RetentionVerdict:
        unit = ArrUnit(episode, Place(0, episode), monitored=False, file_id=None)
        return replace(IDLE, scope=Scope.EPISODE, season=0, units=(unit,))

    assert name_of(special(1)) != name_of(special(2))
    assert part_of_verdict(special(1)) == part_of_verdict(special(2))
    season = replace(special(1), scope=Scope.SEASON, season=1)
    assert name_of(season) == part_name(part_of_verdict(season))
    assert Finding(RetentionRule.GRACE, Answer.YES) in season.findings
