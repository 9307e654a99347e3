"""A job that nobody has: all that there is of it is in this one file, as of every other job.

It dusts shelves. Its plans say which, and are carried out when somebody says so.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from homeassistant.core import HomeAssistant
import voluptuous as vol

from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.plan import (
    Check,
    Plan,
    Proceed,
    Scope,
    Step,
    StepState,
    Subject,
    Target,
    UnmonitorMovie,
)
from custom_components.showrunner.domain.text import Words
from custom_components.showrunner.jobs.kit.scheduling import Scheduled
from custom_components.showrunner.jobs.refused import Refused
from custom_components.showrunner.jobs.spec import (
    Data,
    JobAction,
    JobSensorDescription,
    JobSpec,
    OptionsPage,
    Parts,
    PlanAction,
    Switch,
    itself,
)
from custom_components.showrunner.options import Range
from custom_components.showrunner.signals import Attributes, Topic
from custom_components.showrunner.validation import text, whole

KEY: Final = "dusting"
WOODEN: Final = Title(MediaType.MOVIE, ProviderIds(tmdb=1), "The Wooden Shelf", 1999)


class NoShelf(Refused):
    """There is no such shelf."""

    def __init__(self, number: int) -> None:
        """Take its number."""
        super().__init__(translation_key="plan_unknown", plan_id=f"shelf {number}")


@dataclass
class Dusting:
    """Dusts shelves."""

    parts: Parts
    heard: list[str] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False
    runs: int = 0
    changes: int = 0

    @property
    def strokes(self) -> object:
        """How often each shelf is wiped, as the options say."""
        return self.parts.settings.page(KEY).get("strokes", 3)

    async def work(self) -> None:
        """Wait for dust, as long as the entry is loaded."""
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True

    async def dust(self, number: int, *, dry_run: bool, keep: bool) -> Plan:
        """Plan to dust a shelf and, unless it is a dry run, do so."""
        if number > 9:
            raise NoShelf(number)
        now = self.parts.now()
        step = Step(
            id="dust",
            scope=Scope.MOVIE,
            subject=Subject.of_title(WOODEN),
            target=Target("shelf", "shelf", number, None, WOODEN.ids),
            payload=UnmonitorMovie(),
            reasons=("dusty",),
        )
        plan = Plan(f"dust{number}", KEY, dry_run, now, now + timedelta(hours=1), (step,))
        if keep:
            await self.parts.store.plans.put(plan)
        return plan if dry_run else await self.apply(plan, None, dry_run=False)

    async def apply(self, plan: Plan, steps: Collection[str] | None, *, dry_run: bool) -> Plan:
        """Dust what a plan says."""
        if dry_run:
            return plan
        done = plan.with_steps(replace(step, state=StepState.DONE) for step in plan.steps)
        await self.parts.store.plans.put(done)
        attributes: Attributes = {"job": KEY, "title": WOODEN.label, "plan_id": plan.plan_id}
        self.parts.signals.send(Topic.JOB, "done", attributes)
        return done

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Dust is always there."""
        return Proceed()

    async def plans(self) -> int:
        """Count what was planned."""
        return len(await self.parts.store.plans.recent(100, KEY))

    def hear(self, kind: str, attributes: Attributes) -> None:
        """Note what other jobs did."""
        self.heard.append(f"{attributes.get('job')} {kind}")

    async def run_now(self) -> None:
        """Dust at once."""
        self.runs += 1

    def options_changed(self) -> None:
        """Note that the options have changed."""
        self.changes += 1


def _connect(job: Dusting, parts: Parts) -> None:
    parts.signals.subscribe(Topic.JOB, job.hear)


async def _dust(job: Dusting, data: Data, dry_run: bool, keep: bool) -> Plan:
    return await job.dust(data["shelf"], dry_run=dry_run, keep=keep)


async def _look(job: Dusting, data: Data) -> Mapping[str, object]:
    return {"seen": data["where"], "strokes": job.strokes}


def _said(kind: str, data: Data) -> tuple[Words, Words]:
    return str(data["title"]), f"is {kind}: no dust on it"


async def _errors(hass: HomeAssistant, page: Data) -> Mapping[str, str]:
    return {"cloth": "no_such_cloth"} if page.get("cloth") == "sandpaper" else {}


SPEC: Final = JobSpec[Dusting](
    key=KEY,
    create=Dusting,
    connect=_connect,
    workers=lambda job: ((KEY, job.work),),
    options_changed=lambda job: job.options_changed(),
    switch=Switch(KEY, default=False),
    run_now=lambda job: job.run_now(),
    plans=itself,
    page=OptionsPage(
        KEY,
        {"enabled": False},
        {"strokes": Range(3, 1, 9)},
        {vol.Optional("cloth"): str},
        group="dry",
        errors=_errors,
    ),
    scheduled=Scheduled(lambda job: None, lambda job: job.dust(1, dry_run=False, keep=False)),
    sensors=(
        JobSensorDescription(
            key="dusted", name="Dusted", subjects=frozenset({"plans"}), read=lambda job: job.plans()
        ),
    ),
    activity=_said,
    diagnostics=lambda job: {"runs": job.runs},
    actions=(
        PlanAction(name="dust", fields={vol.Required("shelf"): whole}, plan=_dust),
        JobAction(
            name="look_for_dust",
            fields={vol.Required("where"): text},
            answer=_look,
            only_shows=lambda data: data["where"] == "here",
        ),
    ),
)

# Another job whose options stand on the same page.
WET: Final = JobSpec[object](
    key="mopping",
    create=lambda parts: object(),
    page=OptionsPage(KEY, {"wet": True}, group="wet"),
)
