"""What there is to say of one job, and nothing of any job.

One `JobSpec` a job stands in the job's folder. Whoever works on all jobs (actions, switches,
buttons, workers, the dispatch of plans) iterates over the registry of them and knows none by name.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..coordinators.arr_counts import ArrCounts
from ..coordinators.arrs import Arrs
from ..coordinators.availability import Availability
from ..coordinators.base import ServiceCoordinator, Worker
from ..coordinators.jellyfin import JellyfinCoordinator
from ..coordinators.library import LibraryReader
from ..coordinators.milestones import MilestoneKeeper
from ..coordinators.playback import PlaybackTracker
from ..coordinators.requests import RequestTracker
from ..domain.plan import Plan
from ..domain.text import Words
from ..operations import Linked, Operations
from ..options import Range
from ..settings import Settings
from ..signals import Attributes, Signals, Topic
from ..store import Store
from .kit.plan_runs import PlanRuns, RunParts
from .kit.runner import Runner
from .kit.scheduling import OnDemand, Scheduled, Turns
from .messages import Event

type Data = Mapping[str, Any]
type Fields = Mapping[vol.Marker, object]


class Services(Protocol):
    """The linked services of an entry, always as they are now."""

    def of[CoordinatorT: ServiceCoordinator[Any]](
        self, kind: type[CoordinatorT]
    ) -> dict[str, CoordinatorT]:
        """Give the coordinators of one class by their subentries' ids."""
        ...

    def each(self, listener: Callable[[ServiceCoordinator[Any]], None]) -> None:
        """Call `listener` for every linked service, and for every one that will be."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """What jobs are made from, and what they listen to. `folder` is Home Assistant's own.

    `audiences` names the viewers whose channels tell of an event; "" for a channel that is
    nobody's.
    """

    entry_id: str
    folder: Path
    store: Store
    signals: Signals
    settings: Settings
    jellyfin: JellyfinCoordinator
    playback: PlaybackTracker
    library: LibraryReader
    milestones: MilestoneKeeper
    requests: RequestTracker
    services: Services
    arrs: Arrs
    counts: ArrCounts
    availability: Availability
    clients: Linked
    operations: Operations
    runner: Runner
    audiences: Callable[[Event], Collection[str]]
    now: Callable[[], datetime]

    @property
    def of_runs(self) -> RunParts:
        """What a job's plans are carried out with."""
        return RunParts(self.store, self.signals, self.runner, self.settings.now, self.now)


class CarriesOut(Protocol):
    """A job that can carry out what it has planned."""

    async def apply(self, plan: Plan, steps: Collection[str] | None, *, dry_run: bool) -> Plan:
        """Carry out a kept plan, or some of its steps. Raises Refused."""
        ...


@dataclass(frozen=True, slots=True)
class Switch:
    """The option that switches a job on and off, also by an entity. What is no bool is off."""

    section: str
    option: str = "enabled"
    default: bool = True

    def is_on(self, page: Mapping[str, object]) -> bool:
        """Read the option from its section."""
        return page.get(self.option, self.default) is True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAction[JobT]:
    """An action that is answered with a plan, and carries it out unless it is a dry run.

    The fields `config_entry_id`, `dry_run` and `confirm` are added, and who may ask is seen to.
    `plan` takes the job, the fields, `dry_run`, and `keep`: whether the plan is kept for a later
    `apply_plan`. It raises Refused, ServiceError and StoreError.
    """

    name: str
    fields: Fields
    plan: Callable[[JobT, Data, bool, bool], Awaitable[Plan]]


def _never(data: Data) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAction[JobT]:
    """Any other action. `answer` raises what a plan does.

    It is for administrators; `only_shows` tells of which calls nothing is done. These are for
    everybody, within a limit.
    """

    name: str
    fields: Fields
    answer: Callable[[JobT, Data], Awaitable[Mapping[str, object]]]
    only_shows: Callable[[Data], bool] = _never


async def _all_well(hass: HomeAssistant, page: Data) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class OptionsPage:
    """A page of the options: its section, switches with their defaults, numbers, other fields.

    Several jobs may share a page: each has its `group` of fields on it, which can be folded, and
    they are stored side by side. `errors` says what is wrong with what was typed, by its fields
    ("base": by none), as keys of texts. A page that needs more than these has a step of its own in
    the options' flow.
    """

    section: str
    switches: Mapping[str, bool] = field(default_factory=dict)
    numbers: Mapping[str, Range] = field(default_factory=dict)
    fields: Fields = field(default_factory=dict)
    group: str | None = None
    errors: Callable[[HomeAssistant, Data], Awaitable[Mapping[str, str]]] = _all_well


@dataclass(frozen=True, kw_only=True)
class JobSensorDescription[JobT](SensorEntityDescription):
    """A number that a job tells: read again when one of the store's `subjects` changes.

    And when the day ends. `read` raises StoreError.
    """

    subjects: frozenset[str]
    read: Callable[[JobT], Awaitable[StateType | datetime]]


def _nothing(job: object) -> None:
    return None


def _no_workers(job: object) -> Iterable[Worker]:
    return ()


async def _at_once(job: object) -> None:
    return None


def woken[JobT](wake: Callable[[JobT], None]) -> Callable[[JobT], Awaitable[None]]:
    """Say that a job with a worker of its own is only woken by its button."""

    async def run_now(job: JobT) -> None:
        wake(job)

    return run_now


def itself[T](job: T) -> T:
    """Give the job: for what it does by itself."""
    return job


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec[JobT]:
    """One job.

    `key` is a part of public names: `auto_<key>`, `run_<key>`, and `job` in plans and events.
    `create` builds the job; nothing runs yet. `connect` has it hear of what concerns it, when all
    jobs are built. `workers` run as long as the entry is loaded; `stop` ends what else runs.
    `run_now` does at once what there is to do, for the button, beside whoever presses it, and may
    raise what a turn may; `scheduled` does it by the clock. `runs` gives the runs of its plans:
    what waits of them is looked after, and looked at again when a service comes back. `plans` gives
    who carries out the plans that are kept under its key, where these are not its `runs`.
    `confirmed`: in a dry run
    nothing of its plans is carried out unless a person has said so during one. `tells`: what became
    of it is told to the channels. `activity` puts an event (its kind, what it names) into a
    sentence: what it is about, and the rest. `diagnostics` shows how it stands, without titles,
    names, addresses and keys.
    """

    key: str
    create: Callable[[Parts], JobT]
    connect: Callable[[JobT, Parts], None] | None = None
    workers: Callable[[JobT], Iterable[Worker]] = _no_workers
    stop: Callable[[JobT], Awaitable[None]] = _at_once
    options_changed: Callable[[JobT], None] = _nothing
    switch: Switch | None = None
    run_now: Callable[[JobT], Awaitable[object]] | None = None
    scheduled: Scheduled[JobT] | None = None
    runs: Callable[[JobT], PlanRuns] | None = None
    plans: Callable[[JobT], CarriesOut] | None = None
    confirmed: bool = True
    page: OptionsPage | None = None
    sensors: tuple[JobSensorDescription[JobT], ...] = ()
    tells: bool = False
    activity: Callable[[str, Data], tuple[Words, Words]] | None = None
    diagnostics: Callable[[JobT], Mapping[str, object]] | None = None
    actions: tuple[PlanAction[JobT] | JobAction[JobT], ...] = field(default=())

    @property
    def switch_key(self) -> str:
        """The key of its switch."""
        return f"auto_{self.key}"

    @property
    def button_key(self) -> str:
        """The key of its button."""
        return f"run_{self.key}"


def _turns[JobT](key: str, scheduled: Scheduled[JobT], job: JobT, parts: Parts) -> Turns:
    return Turns(
        key,
        lambda: scheduled.when(job),
        lambda: scheduled.run(job),
        store=parts.store,
        now=parts.now,
        zone=dt_util.get_default_time_zone,
    )


def _on_demand[JobT](key: str, run_now: Callable[[JobT], Awaitable[object]], job: JobT) -> OnDemand:
    return OnDemand(key, lambda: run_now(job))


class Jobs:
    """The jobs of one entry."""

    def __init__(self, specs: Iterable[JobSpec[Any]], parts: Parts) -> None:
        """Build them all; nothing runs, and nobody hears of anything yet."""
        self._specs = {spec.key: spec for spec in specs}
        self._jobs = {spec.key: spec.create(parts) for spec in self._specs.values()}
        self._turns = {
            key: _turns(spec.key, spec.scheduled, self._jobs[key], parts)
            for key, spec in self._specs.items()
            if spec.scheduled is not None
        }
        self._on_demand = {
            key: _on_demand(key, spec.run_now, self._jobs[key])
            for key, spec in self._specs.items()
            if spec.run_now is not None
        }
        self._runs = {
            key: spec.runs(self._jobs[key])
            for key, spec in self._specs.items()
            if spec.runs is not None
        }

    @property
    def workers(self) -> Iterable[Worker]:
        """Give what runs as long as the entry is loaded."""
        for spec, job in self:
            yield from spec.workers(job)
        for key, turns in self._turns.items():
            yield f"{key} schedule", turns.work
        for key, asked in self._on_demand.items():
            yield f"{key} on demand", asked.work
        for key, runs in self._runs.items():
            yield f"{key} plans", runs.work

    def run_now(self, key: str) -> None:
        """Have a job do at once what there is to do; nothing for one that has no button."""
        if (asked := self._on_demand.get(key)) is not None:
            asked.ask()

    def options_changed(self) -> None:
        """Have each take over changed options."""
        for spec, job in self:
            spec.options_changed(job)
        for turns in self._turns.values():
            turns.options_changed()

    def connect(self, parts: Parts) -> None:
        """Have each hear of what concerns it."""
        for spec, job in self:
            if spec.connect is not None:
                spec.connect(job, parts)
        parts.signals.subscribe(Topic.SERVICE, self._look_again)

    def _look_again(self, kind: str, attributes: Attributes) -> None:
        """Have each look at its plans that may wait for a service."""
        for runs in self._runs.values():
            runs.hint()

    def __getitem__[JobT](self, spec: JobSpec[JobT]) -> JobT:
        """Give the job of a spec."""
        job: JobT = self._jobs[spec.key]
        return job

    def __iter__(self) -> Iterator[tuple[JobSpec[Any], Any]]:
        """Give each spec with its job, in the order of the registry."""
        return ((spec, self._jobs[spec.key]) for spec in self._specs.values())

    def named(self, key: str) -> Any:
        """Give a job by its key."""
        return self._jobs[key]

    @property
    def parts(self) -> Iterator[object]:
        """Give each job, and what works for it."""
        for some in (self._jobs, self._turns, self._on_demand, self._runs):
            yield from some.values()

    def planner(self, key: str) -> CarriesOut | None:
        """Give who carries out the plans that are kept under a key; None: nobody does."""
        spec = self._specs.get(key)
        if spec is not None and spec.plans is not None:
            return spec.plans(self._jobs[key])
        return self._runs.get(key)
