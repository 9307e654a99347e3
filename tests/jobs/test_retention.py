"""Old history goes once a day, into a file first; nothing goes while it is kept for ever."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.schedule import Schedule
from custom_components.showrunner.jobs.retention.job import RetentionJob
from custom_components.showrunner.options import Options
from custom_components.showrunner.signals import Signals, Topic
from custom_components.showrunner.store import Store
from tests.domain.plans import plan
from tests.domain.samples import NOW, UNIT
from tests.store.viewings import WHOLE


class Household:
    """A job, and what it works with."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.now = NOW + timedelta(days=400)
        self.months = 12
        self.told: list[tuple[str, dict[str, object]]] = []
        signals = Signals()
        signals.subscribe(Topic.JOB, lambda kind, said: self.told.append((kind, dict(said))))
        self.job = RetentionJob(
            store,
            signals,
            folder,
            "E1",
            options=lambda: Options.from_entry({"watching": {"keep_months": self.months}}),
            now=lambda: self.now,
            zone=lambda: UTC,
        )

    async def watch(self, film: int, ended: datetime) -> None:
        """Store a viewing."""
        unit = replace(UNIT, ids=ProviderIds(tmdb=film), item_id=f"{film:032x}")
        await self.store.viewings.save(replace(WHOLE, unit=unit, ended_at=ended, day=ended.date()))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[Household]:
    """Give one with three viewings, two of them older than a year."""
    store = await Store.open(tmp_path / "store.db")
    made = Household(store, tmp_path / "archive")
    for film, days in ((1, 390), (2, 370), (3, 1)):
        await made.watch(film, made.now - timedelta(days=days))
    yield made
    await store.close()


async def test_what_is_older_goes_and_it_is_said(house: Household) -> None:
    """With the numbers; no phone rings for it."""
    assert await house.job.run() == 2
    name = f"E1-{house.now.date()}.jsonl.gz"
    assert house.told == [("done", {"job": "retention", "archived": 2, "removed": 2, "file": name})]
    assert (house.folder / name).exists()
    assert len(await house.store.viewings.history()) == 1
    assert await house.job.run() == 0
    assert len(house.told) == 1


async def test_kept_for_ever_nothing_goes(house: Household) -> None:
    """The default."""
    house.months = 0
    assert Options.from_entry({}).keep_months == 0
    assert await house.job.run() == 0
    assert len(await house.store.viewings.history()) == 3


async def test_it_has_its_turn_every_night(house: Household) -> None:
    """At midnight where the house stands."""
    assert house.job.schedule == Schedule(at=time())


async def test_plans_that_are_over_go_too(house: Household) -> None:
    """Whether or not history is kept for ever, and whatever becomes of that."""
    house.months = 0
    for number in range(60):
        at = house.now - timedelta(days=200 + number)
        old = replace(plan(), plan_id=f"p{number}", created_at=at, expires_at=at)
        await house.store.plans.put(old)
    assert await house.job.run() == 0
    assert len(await house.store.plans.recent(100)) == 50
    assert house.told == []


async def test_a_failure_removes_nothing_and_is_told(
    house: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """A file lies where the folder should be."""
    house.folder.write_text("in the way")
    assert await house.job.run() == 0
    (before,) = house.told
    assert before[0] == "failed"
    assert "File exists" in str(before[1]["reason"])
    assert "stay" in caplog.text
    assert len(await house.store.viewings.history()) == 3


@pytest.mark.parametrize("value", [-1, 241, "12", True, None, float("nan")])
def test_a_value_that_cannot_be_right_keeps_all(value: object) -> None:
    """It must never remove more than was meant."""
    options = Options.from_entry({"watching": {"keep_months": value}})
    assert options.kept_since(NOW) is None
