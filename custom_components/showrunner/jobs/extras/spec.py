"""The job that moves extras to the trash, as the rest of the house sees it."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfInformation
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    TimeSelector,
)
import voluptuous as vol

from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...domain.extras import PATTERNS
from ...domain.plan import Plan
from ...domain.text import Words, say
from ...options import DAYS
from ...validation import path
from ..activity import number_of
from ..facts.counted_lists import CountedLists
from ..kit.scheduling import Scheduled
from ..spec import (
    Data,
    JobSensorDescription,
    JobSpec,
    OptionsPage,
    Parts,
    PlanAction,
    Switch,
)
from .gather import ExtrasFacts
from .job import JOB, ExtrasJob
from .options import AT, EXTRAS, ON, SECTION, ExtrasOptions, folders_of, wrong_folder

_MOST_FOLDERS: Final = 100
_LINES: Final = SelectSelector(SelectSelectorConfig(options=[], multiple=True, custom_value=True))


def _create(parts: Parts) -> ExtrasJob:
    facts = ExtrasFacts(
        parts.services.of(RadarrCoordinator),
        parts.services.of(SonarrCoordinator),
        parts.jellyfin.client,
        CountedLists.of(parts),
        parts.now,
    )
    return ExtrasJob(
        parts.of_runs,
        facts,
        page=lambda: ExtrasOptions.from_mapping(parts.settings.page(SECTION)),
        config=parts.folder,
    )


async def _clean_up(job: ExtrasJob, data: Data, dry_run: bool, keep: bool) -> Plan:  # noqa: FBT001
    return await job.clean_up(folders_of(data.get("folders", [])), dry_run=dry_run, keep=keep)


async def _errors(hass: HomeAssistant, page: Data) -> Mapping[str, str]:
    """Say what is wrong with the folders."""
    folders, config = folders_of(page.get("folders")), Path(hass.config.config_dir)

    def look() -> str | None:
        found = (wrong_folder(one, folders, config) for one in folders)
        return next((why for why in found if why is not None), None)

    why = await asyncio.to_thread(look)
    return {} if why is None else {"folders": why}


async def _files(job: ExtrasJob) -> int | None:
    held = await job.held()
    return None if held is None else held.files


async def _size(job: ExtrasJob) -> int | None:
    held = await job.held()
    return None if held is None else held.size_bytes


def _activity(kind: str, data: Mapping[str, object]) -> tuple[Words, Words]:
    if kind == "planned":
        return "Showrunner", say("activity_extras_planned", count=number_of(data, "planned"))
    if kind == "failed":
        return "Showrunner", say("activity_extras_failed")
    return "Showrunner", say("activity_extras_done", count=number_of(data, "done"))


SPEC: Final = JobSpec[ExtrasJob](
    key=JOB,
    create=_create,
    switch=Switch(SECTION, default=False),
    run_now=lambda job: job.run(),
    scheduled=Scheduled(when=lambda job: job.page.schedule, run=lambda job: job.run()),
    runs=lambda job: job.runs,
    page=OptionsPage(
        SECTION,
        {"enabled": False},
        EXTRAS,
        {
            vol.Required("folders", default=list[str]): _LINES,
            vol.Required("patterns", default=lambda: list(PATTERNS)): _LINES,
            vol.Required("at", default=AT): TimeSelector(),
            vol.Required("weekdays", default=lambda: list(ON)): SelectSelector(
                SelectSelectorConfig(options=list(DAYS), multiple=True, translation_key="weekdays")
            ),
        },
        errors=_errors,
    ),
    sensors=(
        JobSensorDescription(
            key="trash_files",
            translation_key="trash_files",
            state_class=SensorStateClass.MEASUREMENT,
            subjects=frozenset({"ledger"}),
            read=_files,
        ),
        JobSensorDescription(
            key="trash_size",
            translation_key="trash_size",
            device_class=SensorDeviceClass.DATA_SIZE,
            native_unit_of_measurement=UnitOfInformation.BYTES,
            suggested_unit_of_measurement=UnitOfInformation.GIGABYTES,
            suggested_display_precision=1,
            state_class=SensorStateClass.MEASUREMENT,
            subjects=frozenset({"ledger"}),
            read=_size,
        ),
    ),
    activity=_activity,
    actions=(
        PlanAction(
            name="cleanup_extras",
            fields={
                vol.Optional("folders"): vol.All(
                    cv.ensure_list, [path], vol.Length(min=1, max=_MOST_FOLDERS)
                )
            },
            plan=_clean_up,
        ),
    ),
)
