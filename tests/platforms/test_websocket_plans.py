"""WebSocket commands about plans: reading for everybody, stopping for administrators."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from unittest.mock import AsyncMock

from homeassistant.util import dt as dt_util
import pytest

from custom_components.showrunner.domain.acquisition import AcquisitionState
from custom_components.showrunner.domain.plan import Check, Plan, Skip, Step, Wait
from custom_components.showrunner.store import StoreError
from custom_components.showrunner.websocket import feed
from tests.domain.plans import plan, step
from tests.walk.household import Household, until

from .faces import SECOND
from .sockets import ask, next_event


@dataclass
class Job:
    """A job that has nothing to do any more, when its gate is open."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    says: Check = field(default_factory=lambda: Skip("it is gone", needless=True))

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Wait at the gate."""
        self.asked.append(step.id)
        await self.gate.wait()
        return self.says


async def _planned(household: Household, count: int) -> Plan:
    now = dt_util.utcnow()
    made = replace(
        plan(*(step(number, items=0, size=0) for number in range(1, count + 1))),
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )
    await household.runtime.store.plans.put(made)
    return made


def _run(household: Household, made: Plan, job: Job) -> asyncio.Task[Plan]:
    return asyncio.ensure_future(household.runtime.runner.run(made, job, dry_run=False))


async def test_plans_are_listed(household: Household, reader: Any) -> None:
    """The newest first; a plan's steps only when it is asked for."""
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND, AcquisitionState.IMPORTED)
    (decision,) = (await ask(reader, "decisions/list", limit=5))["result"]["decisions"]
    (plans,) = (await ask(reader, "plans/list", job="download"))["result"]["plans"]
    assert plans["plan_id"] == decision["plan_id"]
    assert (plans["titles"], plans["title_count"]) == ([decision["title"]], 1)
    assert "steps" not in plans
    whole = (await ask(reader, "plans/get", plan_id=plans["plan_id"]))["result"]
    assert {step["state"] for step in whole["steps"]} == {"done"}
    assert (await ask(reader, "plans/list", job="other"))["result"]["plans"] == []
    for command in ("plans/get", "plans/subscribe"):
        refused = await ask(reader, command, plan_id="nope")
        assert refused["error"]["translation_key"] == "plan_unknown", command


async def test_a_subscriber_follows_a_plan(household: Household, reader: Any) -> None:
    """First all of it, then each step that was tried, and its end; over a reload of the entry."""
    made, job = await _planned(household, 3), Job()
    assert (await ask(reader, "plans/subscribe", plan_id=made.plan_id))["success"]
    first = await next_event(reader)
    assert (first["available"], first["running"]) == (True, False)
    assert first["config_entry_id"] == household.entry.entry_id
    assert [one["state"] for one in first["plan"]["steps"]] == ["planned"] * 3
    (listed,) = (await ask(reader, "plans/list"))["result"]["plans"]
    assert (listed["running"], listed["waiting"]) == (False, 0)
    task = _run(household, made, job)
    begun = await next_event(reader)
    assert (begun["running"], begun["changed"]) == (True, [])
    job.gate.set()
    await task
    changed: dict[str, str] = {}
    while (event := await next_event(reader))["running"] or "plan" not in event:
        changed |= {one["id"]: one["state"] for one in event["changed"]}
    changed |= {one["id"]: one["state"] for one in event["changed"]}
    assert changed == {"s1": "skipped", "s2": "skipped", "s3": "skipped"}
    assert event["plan"]["totals"]["skipped"] == 3
    assert "steps" not in event["plan"]
    await household.hass.config_entries.async_reload(household.entry.entry_id)
    assert (await next_event(reader))["available"] is False
    again = await next_event(reader)
    assert [one["state"] for one in again["plan"]["steps"]] == ["skipped"] * 3


@dataclass
class Pauses:
    """The pauses between two messages, which last until somebody ends them."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        """Last."""
        self.begun.set()
        await self.over.wait()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    """Hold what is told together."""
    made = Pauses()
    monkeypatch.setattr(feed, "sleep", made.sleep)
    return made


async def test_steps_that_end_together_are_told_together(
    household: Household, reader: Any, pauses: Pauses
) -> None:
    """A plan of hundreds of steps is no storm of messages, however long it takes."""
    made, job = await _planned(household, 200), Job()
    await ask(reader, "plans/subscribe", plan_id=made.plan_id)
    await next_event(reader)
    await pauses.begun.wait()
    job.gate.set()
    await _run(household, made, job)
    pauses.over.set()
    event = await next_event(reader)
    assert len(event["changed"]) == 200
    assert (event["running"], event["plan"]["totals"]["skipped"]) == (False, 200)


async def test_what_could_not_be_read_is_told_once_it_can_be(
    household: Household, reader: Any, pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The steps that were tried meanwhile are not lost: all of the plan is told."""
    made, job = await _planned(household, 2), Job()
    await ask(reader, "plans/subscribe", plan_id=made.plan_id)
    await next_event(reader)
    await pauses.begun.wait()
    job.gate.set()
    done = await _run(household, made, job)
    plans = household.runtime.store.plans
    with monkeypatch.context() as damaged:
        damaged.setattr(plans, "get", AsyncMock(side_effect=StoreError("damaged")))
        pauses.begun.clear()
        pauses.over.set()
        assert await next_event(reader) == {
            "config_entry_id": household.entry.entry_id,
            "available": False,
        }
    household.runtime.runner._tell(made.plan_id, done.steps[0])
    event = await next_event(reader)
    assert [one["state"] for one in event["plan"]["steps"]] == ["skipped"] * 2


async def test_an_administrator_stops_a_plan(household: Household, reader: Any, admin: Any) -> None:
    """What runs ends before its next step; what is over can't be stopped, and says so."""
    made, job = await _planned(household, 2), Job()
    for command in ("plans/cancel", "plans/pause", "plans/resume"):
        refused = await ask(reader, command, plan_id=made.plan_id)
        assert refused["error"]["code"] == "unauthorized", command
        refused = await ask(admin, command, plan_id=made.plan_id)
        assert refused["error"]["translation_key"] == "plan_not_under_way", command
        refused = await ask(admin, command, plan_id="nope")
        assert refused["error"]["translation_key"] == "plan_unknown", command
    task = _run(household, made, job)
    await until(lambda: job.asked == ["s1"])
    done = await ask(admin, "plans/cancel", plan_id=made.plan_id)
    assert done["result"] == {"plan_id": made.plan_id, "running": True}
    job.gate.set()
    await task
    assert job.asked == ["s1"]
    result = (await ask(reader, "plans/get", plan_id=made.plan_id))["result"]
    assert [one["detail"] for one in result["steps"]] == ["it is gone", "cancelled"]


async def test_an_administrator_pauses_a_plan_and_lets_it_go_on(
    household: Household, reader: Any, admin: Any
) -> None:
    """Whoever looks sees that it is paused."""
    made, job = await _planned(household, 2), Job(says=Wait("not yet"))
    job.gate.set()
    await _run(household, made, job)
    done = await ask(admin, "plans/pause", plan_id=made.plan_id)
    assert done["result"]["running"] is False
    assert (await ask(reader, "plans/get", plan_id=made.plan_id))["result"]["paused"] is True
    assert (await ask(admin, "plans/resume", plan_id=made.plan_id))["success"]
    (plans,) = (await ask(reader, "plans/list", limit=1))["result"]["plans"]
    assert plans["paused"] is False
