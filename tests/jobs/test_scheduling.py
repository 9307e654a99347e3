"""A job has its turn by the clock: once, also after a stop, and never for what was not wanted."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.domain.schedule import Schedule
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.jobs.kit import scheduling
from custom_components.showrunner.jobs.kit.refusals import AlreadyRunning
from custom_components.showrunner.jobs.kit.scheduling import OnDemand, Turns
from custom_components.showrunner.store import Store, StoreError

NIGHTLY = Schedule(at=time(3))
MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Clock:
    """A job that notes when it ran, beside a clock that is moved by hand."""

    def __init__(self, store: Store) -> None:
        """Begin one morning, with the job switched off."""
        self.store = store
        self.now = MORNING
        self.schedule: Schedule | None = None
        self.ran: list[datetime] = []
        self.fails: Exception | None = None
        self.start()

    def start(self) -> None:
        """Begin as after a restart."""
        self.turns = Turns(
            "dusting",
            lambda: self.schedule,
            self.run,
            store=self.store,
            now=lambda: self.now,
            zone=lambda: UTC,
        )

    async def run(self) -> None:
        """Run, or fail."""
        if self.fails is not None:
            raise self.fails
        self.ran.append(self.now)

    async def at(self, hour: int, day: int = 2) -> timedelta:
        """Let the clock be what it is then, and look."""
        self.now = datetime(2026, 11, day, hour, tzinfo=UTC)
        return await self.turns.look()


@pytest.fixture
async def clock(tmp_path: Path) -> AsyncGenerator[Clock]:
    """Give one."""
    store = await Store.open(tmp_path / "store.db")
    yield Clock(store)
    await store.close()


async def test_what_was_just_switched_on_waits_for_its_hour(clock: Clock) -> None:
    """At three means the next night; then every night once, also over a restart."""
    await clock.at(9)
    clock.schedule = NIGHTLY
    await clock.at(14)
    assert clock.ran == []
    await clock.at(3, day=3)
    await clock.at(4, day=3)
    clock.start()
    await clock.at(5, day=3)
    assert clock.ran == [datetime(2026, 11, 3, 3, tzinfo=UTC)]
    await clock.at(3, day=4)
    assert len(clock.ran) == 2


async def test_what_was_missed_is_made_up_for_once(clock: Clock) -> None:
    """Home Assistant was off for three nights."""
    clock.schedule = NIGHTLY
    await clock.at(14)
    clock.start()
    await clock.at(9, day=6)
    await clock.at(10, day=6)
    assert clock.ran == [datetime(2026, 11, 6, 9, tzinfo=UTC)]


async def test_what_was_missed_while_switched_off_was_not_wanted(clock: Clock) -> None:
    """Switched off for two nights: nothing is made up for when it is on again."""
    clock.schedule = NIGHTLY
    await clock.at(14)
    clock.schedule = None
    await clock.at(15)
    clock.start()
    clock.schedule = NIGHTLY
    await clock.at(9, day=5)
    assert clock.ran == []
    await clock.at(3, day=6)
    assert len(clock.ran) == 1


async def test_an_interval_begins_at_once(clock: Clock) -> None:
    """And goes on from the last run, over restarts."""
    clock.schedule = Schedule(every=timedelta(hours=1))
    await clock.at(9)
    clock.start()
    assert await clock.at(9) == scheduling._LOOK
    await clock.at(10)
    assert [one.hour for one in clock.ran] == [9, 10]


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("Radarr", say("error_no_answer")),
        AlreadyRunning("dusting", "p1"),
        RuntimeError("a defect"),
    ],
)
async def test_what_failed_is_tried_again_ever_later(clock: Clock, error: Exception) -> None:
    """Not spent, not hammered: at most an hour apart; it is over when it has worked."""
    clock.schedule = NIGHTLY
    await clock.at(14)
    clock.fails = error
    waits = [await clock.at(3, day=3) for _ in range(6)]
    assert waits == [timedelta(minutes=5 * 2**n) for n in range(4)] + [timedelta(hours=1)] * 2
    clock.fails = None
    await clock.at(4, day=3)
    assert await clock.at(5, day=3) == scheduling._LOOK
    assert [one.hour for one in clock.ran] == [4]


async def test_changed_options_are_looked_at_at_once(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker does not sleep over them."""
    monkeypatch.setattr(scheduling, "_FIRST_PAUSE", timedelta())
    monkeypatch.setattr(scheduling, "_LOOK", timedelta(hours=1))
    looked = asyncio.Event()
    work = asyncio.create_task(clock.turns.work())
    clock.schedule = Schedule(every=timedelta(hours=1))

    async def run() -> None:
        looked.set()

    monkeypatch.setattr(clock.turns, "_run", run)
    async with asyncio.timeout(60):
        await looked.wait()
        looked.clear()
        clock.schedule = Schedule(every=timedelta(0))
        clock.turns.options_changed()
        await looked.wait()
    work.cancel()


async def test_a_press_is_a_run_also_while_one_is_under_way() -> None:
    """One after another; presses during a run are one more run."""
    free, ran = asyncio.Event(), list[str]()

    async def run() -> None:
        ran.append("begun")
        await free.wait()
        ran.append("over")

    asked = OnDemand("dusting", run)
    work = asyncio.create_task(asked.work())
    await _passed()
    assert ran == []
    asked.ask()
    await _passed()
    asked.ask()
    asked.ask()
    await _passed()
    assert ran == ["begun"]
    free.set()
    await _passed()
    assert ran == ["begun", "over"] * 2
    work.cancel()


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (Unreachable("Radarr", say("error_no_answer")), "WARNING"),
        (AlreadyRunning("dusting", "p1"), "WARNING"),
        (StoreError(say("error_no_answer")), "WARNING"),
        (RuntimeError("a defect"), "ERROR"),
    ],
)
async def test_a_press_that_fails_is_said_and_the_next_one_runs(
    error: Exception, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody waits for it who could be told otherwise."""
    errors, ran = [error], list[str]()

    async def run() -> None:
        if errors:
            raise errors.pop()
        ran.append("run")

    asked = OnDemand("dusting", run)
    work = asyncio.create_task(asked.work())
    asked.ask()
    await _passed()
    [said] = caplog.records
    assert (said.levelname, "dusting could not be run now" in said.getMessage()) == (level, True)
    asked.ask()
    await _passed()
    assert ran == ["run"]
    work.cancel()


async def _passed() -> None:
    """Let everybody do what they can do at once."""
    for _ in range(10):
        await asyncio.sleep(0)
