"""WebSocket commands about plans: reading for everybody, stopping for administrators."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from homeassistant.util import dt as dt_util

from custom_components.showrunner.domain.acquisition import AcquisitionState
from custom_components.showrunner.domain.plan import Check, Plan, Skip, Step, Wait
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


async def test_steps_that_end_together_are_told_together(household: Household, reader: Any) -> None:
    """A plan of hundreds of steps is no storm of messages."""
    made, job = await _planned(household, 200), Job()
    await ask(reader, "plans/subscribe", plan_id=made.plan_id)
    await next_event(reader)
    job.gate.set()
    await _run(household, made, job)
    events = [await next_event(reader)]
    while events[-1]["running"] or "plan" not in events[-1]:
        events.append(await next_event(reader))
    assert sum(len(one["changed"]) for one in events) == 200
    assert len(events) < 50


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
