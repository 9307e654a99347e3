"""The job that brings downloads home, as the rest of the house sees it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ...const import OPT_SEEDBOX
from ...coordinators.base import ServiceCoordinator
from ...coordinators.torrents import TorrentCoordinator
from ...coordinators.transfer import TransferCoordinator
from ...domain.plan import Plan
from ...domain.text import Words, say
from ...signals import Attributes, Topic
from ...validation import text
from ..activity import number_of
from ..facts.fetched import FetchedReleases
from ..kit.scheduling import Scheduled
from ..spec import Data, JobSpec, OptionsPage, Parts, PlanAction, Switch, itself
from ..sync_options import SYNC, SyncOptions, hours
from .arrivals import Arrivals
from .gather import SyncFacts
from .job import JOB, SyncJob

_PATTERNS: Final = SelectSelector(
    SelectSelectorConfig(options=["*.nfo", "sample"], multiple=True, custom_value=True)
)
_HOURS: Final = SelectSelector(
    SelectSelectorConfig(options=["23:00-07:00", "01:00-06:00"], custom_value=True)
)


def _create(parts: Parts) -> SyncJob:
    fetched = FetchedReleases(parts.store)
    facts = SyncFacts(parts.services.of(TorrentCoordinator), parts.arrs, fetched)
    return SyncJob(
        parts.of_runs,
        parts.services.of(TransferCoordinator),
        parts.clients.transfer,
        facts,
        Arrivals(facts, fetched, parts.arrs, parts.clients.transfer, parts.now),
        sync_options=lambda: SyncOptions.from_mapping(parts.settings.page(OPT_SEEDBOX)),
        local_now=dt_util.now,
    )


def _connect(job: SyncJob, parts: Parts) -> None:
    """Have it look when a download is complete, and when somebody is back that it waits for."""

    def look(_: str, __: Attributes) -> None:
        job.hint()

    def listen_to(service: ServiceCoordinator[Any]) -> None:
        if isinstance(service, TorrentCoordinator):
            service.on_completed.append(job.completed)

    parts.signals.subscribe(Topic.SERVICE, look)
    parts.services.each(listen_to)


async def _sync(job: SyncJob, data: Data, dry_run: bool, keep: bool) -> Plan:  # noqa: FBT001
    return await job.sync(data.get("transfer"), dry_run=dry_run, keep=keep)


async def _errors(hass: HomeAssistant, page: Data) -> Mapping[str, str]:
    return {} if hours(page.get("hours")) is not None else {"base": "invalid_hours"}


def _activity(kind: str, data: Mapping[str, object]) -> tuple[Words, Words]:
    about = say("seedbox")
    match kind:
        case "planned":
            return about, say("activity_sync_planned", count=number_of(data, "planned"))
        case "failed":
            missing = number_of(data, "failed") + number_of(data, "skipped")
            return about, say("activity_not_synced", count=missing)
    return about, say("activity_synced", count=number_of(data, "done"))


SPEC: Final = JobSpec[SyncJob](
    key=JOB,
    create=_create,
    connect=_connect,
    workers=lambda job: (
        ("transfers", job.work),
        ("finished downloads", job.watch),
        ("arrivals", job.tell),
    ),
    stop=lambda job: job.stop(),
    switch=Switch(OPT_SEEDBOX, "sync_enabled", SyncOptions().enabled),
    run_now=lambda job: job.run_now(),
    scheduled=Scheduled(when=lambda job: job.schedule(), run=lambda job: job.scheduled()),
    plans=itself,
    page=OptionsPage(
        OPT_SEEDBOX,
        {
            "sync_enabled": SyncOptions().enabled,
            "remove_source": SyncOptions().remove_source,
        },
        SYNC,
        {
            vol.Optional("exclude"): _PATTERNS,
            vol.Optional("hours"): _HOURS,
        },
        group="sync",
        errors=_errors,
    ),
    tells=True,
    activity=_activity,
    actions=(
        PlanAction(
            name="sync_seedbox",
            fields={vol.Optional("transfer"): text},
            plan=_sync,
        ),
    ),
)
