"""The job that purges torrent clients, as the rest of the house sees it."""

from collections.abc import Mapping
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    ObjectSelector,
    ObjectSelectorConfig,
    ObjectSelectorField,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TimeSelector,
)
import voluptuous as vol

from ...const import OPT_SEEDBOX
from ...coordinators.base import ServiceCoordinator
from ...coordinators.torrents import TorrentCoordinator
from ...domain.plan import Plan
from ...domain.text import Words, say
from ...options import PURGE, PurgeOptions
from ...validation import text
from ..activity import number_of
from ..facts.seeding_facts import PurgeFacts
from ..kit.scheduling import Scheduled
from ..spec import Data, JobSpec, OptionsPage, Parts, PlanAction, Switch
from .job import JOB, PurgeJob

_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")
_GB: Final = 10**9
_WORDS: Final = SelectSelector(SelectSelectorConfig(options=[], multiple=True, custom_value=True))


def _number(unit: str | None) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(min=0, max=100_000, step="any", mode=NumberSelectorMode.BOX)
        | ({"unit_of_measurement": unit} if unit else {})
    )


_TRACKERS: Final = ObjectSelector(
    ObjectSelectorConfig(
        multiple=True,
        label_field="host",
        fields={
            "host": ObjectSelectorField(selector=TextSelector(), required=True),
            "min_days": ObjectSelectorField(selector=_number("d")),
            "min_ratio": ObjectSelectorField(selector=_number(None)),
        },
        translation_key="trackers",
    )
)


async def _errors(hass: HomeAssistant, page: Data) -> Mapping[str, str]:
    rows = page.get("trackers")
    for row in rows if isinstance(rows, list) else []:
        host = row.get("host") if isinstance(row, Mapping) else None
        if not isinstance(host, str) or not _HOST.fullmatch(host.strip()):
            return {"base": "invalid_tracker"}
    return {}


def _create(parts: Parts) -> PurgeJob:
    return PurgeJob(parts.of_runs, PurgeFacts.of(parts))


def _connect(job: PurgeJob, parts: Parts) -> None:
    """Tell the clients how much they may hold."""

    def listen_to(service: ServiceCoordinator[Any]) -> None:
        if isinstance(service, TorrentCoordinator):
            service.target_bytes = job.target

    parts.services.each(listen_to)


async def _purge(job: PurgeJob, data: Data, dry_run: bool, keep: bool) -> Plan:  # noqa: FBT001
    return await job.purge(data.get("client"), dry_run=dry_run, keep=keep)


def _activity(kind: str, data: Mapping[str, object]) -> tuple[Words, Words]:
    about = say("seedbox")
    if kind == "planned":
        return about, say("activity_purge_planned", count=number_of(data, "planned"))
    if left := number_of(data, "files_left"):
        return about, say("activity_purge_left", count=left)
    if kind == "failed":
        return about, say("activity_not_purged")
    count, freed = number_of(data, "done"), round(number_of(data, "bytes_freed") / _GB, 1)
    if claimed := round(number_of(data, "bytes_claimed") / _GB, 1):
        return about, say("activity_purged_claimed", count=count, freed=freed, claimed=claimed)
    return about, say("activity_purged", count=count, freed=freed)


SPEC: Final = JobSpec[PurgeJob](
    key=JOB,
    create=_create,
    connect=_connect,
    workers=lambda job: (("purge sizes", job.work_on_sizes),),
    switch=Switch(OPT_SEEDBOX, "purge_enabled", PurgeOptions().enabled),
    run_now=lambda job: job.run(),
    scheduled=Scheduled(when=lambda job: job.schedule, run=lambda job: job.run()),
    runs=lambda job: job.runs,
    page=OptionsPage(
        OPT_SEEDBOX,
        {"purge_enabled": PurgeOptions().enabled, "delete_data": PurgeOptions().policy.delete_data},
        PURGE,
        {
            vol.Required("keep_tags", default=sorted(PurgeOptions().policy.keep_tags)): _WORDS,
            vol.Optional("trackers"): _TRACKERS,
            vol.Required("at", default=PurgeOptions().at.isoformat()): TimeSelector(),
        },
        group="purge",
        errors=_errors,
    ),
    tells=True,
    activity=_activity,
    actions=(
        PlanAction(
            name="purge_seedbox",
            fields={vol.Optional("client"): text},
            plan=_purge,
        ),
    ),
)
