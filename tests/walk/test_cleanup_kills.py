"""A cleanup is killed at any call: started again, it ends as if nothing had happened.

The calls are found by an honest run: a new one is covered without a new line.
"""

from collections.abc import AsyncGenerator
from datetime import timedelta
import random

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.domain.plan import Plan, StepState
from custom_components.showrunner.jobs.kit import waiting
from custom_components.showrunner.store import LedgerState
from tests.effort import examples
from world.servers import Servers

from .arrs import house_with_arrs
from .cleaning import Cleaned, Goes, GoingMovie, GoingSeason, settled
from .household import until
from .kills import Killer, When

JOB = "cleanup"
_READS = ("GET", "HEAD")


@pytest.fixture
async def home(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Cleaned]:
    """Live in a household in which anybody counts, and what waits comes back soon."""
    monkeypatch.setattr(waiting, "PAUSES", (timedelta(seconds=0.1),))
    monkeypatch.setattr(waiting, "LEAST", timedelta(seconds=0.05))
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        yield await settled(house)


class Killed:
    """What leaves, and by which calls: once without a kill, then with one at each."""

    def __init__(self, goes: Goes, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand in front of every client."""
        self.goes, self.home = goes, goes.home
        self.killer = Killer(self.home.house, monkeypatch)
        self.others = goes.others

    async def anew(self) -> None:
        """Have everything be there again as if nothing had been."""
        await self.goes.anew()
        await self.home.ready()

    @property
    def writes(self) -> list[str]:
        """Say what the arrs were asked to change, in its order."""
        return [one for one in self.home.writes() if "/Library/" not in one]

    async def plan(self, known: set[str]) -> Plan | None:
        """Give the one new plan, once nothing of it waits any more; None: there is none."""
        found: list[Plan] = []

        async def over() -> bool:
            kept = await self.home.house.runtime.store.plans.recent(10, JOB)
            found[:] = [one for one in kept if one.plan_id not in known]
            runs = self.home.house.runtime.jobs.named(JOB).runs
            return not runs.busy and not any(one.waiting for one in found)

        await until(over, what="the plan ends")
        assert len(found) <= 1
        return found[0] if found else None

    async def check(self, plan: Plan | None, honest: list[str], value: object) -> None:
        """Everything was done once, or nothing at all; and the ledger says which."""
        happened = self.goes.happened()
        assert self.goes.others == self.others, value
        assert self.goes.deletions <= self.goes.most, value
        if plan is None:
            assert not any(happened.values()), value
            assert self.writes == [], value
            return
        assert {step.state for step in plan.steps} == {StepState.DONE}, (value, plan.as_dict())
        assert all(happened.values()), value
        assert self.writes == honest, value
        rows = await self.home.house.runtime.store.ledger.for_plan(plan.plan_id)
        done = [row.action for row in rows if row.state is LedgerState.DONE]
        assert sorted(done) == sorted(happened), value
        # What was begun and had not happened is told as that; nothing is left open.
        others = [row.state for row in rows if row.state is not LedgerState.DONE]
        assert others in ([], [LedgerState.FAILED]), value


@pytest.mark.long
@pytest.mark.parametrize("kind", [GoingMovie, GoingSeason])
async def test_a_kill_at_any_call_repeats_nothing_and_leaves_nothing_out(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch, kind: type[Goes]
) -> None:
    """At every change before and after it took place, and at some of the questions."""
    killed = Killed(kind(home), monkeypatch)
    await killed.anew()
    assert not await killed.killer.run("cleanup_watched")
    calls, honest = list(killed.killer.calls), killed.writes
    changes = [call for call in calls if not call.what.startswith(_READS)]
    assert len(honest) == len(killed.goes.happened())
    assert len(changes) >= len(honest)
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    reads = [call for call in calls if call not in changes]
    some = random.Random(seed).sample(reads, min(len(reads), examples(24)))
    cases = [(one, when) for one in changes for when in When] + [(one, When.BEFORE) for one in some]
    for call, when in cases:
        await killed.anew()
        kept = await home.house.runtime.store.plans.recent(100, JOB)
        known = {one.plan_id for one in kept}
        answer = (call, when.value)
        died = await killed.killer.run("cleanup_watched", (call, when))
        assert died or call in some, (answer, killed.killer.calls)
        if died:
            await killed.killer.start_again()
        plan = await killed.plan(known)
        assert plan is not None or call in some, answer
        await killed.check(plan, honest, answer)
