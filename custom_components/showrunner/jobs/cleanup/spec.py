"""The job that lets go what was watched, as the rest of the house sees it."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfInformation
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TimeSelector,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ...coordinators.torrents import TorrentCoordinator
from ...coordinators.transfer import TransferCoordinator
from ...domain.media import MediaType
from ...domain.plan import Plan
from ...domain.retention import RetentionPolicy, RetentionViewer, WhoCounts
from ...domain.text import Words, say
from ...settings import Settings
from ..activity import number_of
from ..facts.counted_lists import kept_tags
from ..facts.histories import Histories
from ..facts.pools import library_size
from ..facts.title_asker import TitleAsker
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
from .collection import NUMBERS, OPTION
from .due import LEAVING
from .gather import CleanupFacts
from .job import JOB, CleanupJob
from .options import AT, CHOICES, CLEANUP, SECTION, SWITCHES, CleanupOptions
from .packing import Packing
from .regrets import Regrets
from .room import RoomAsker

_WHO: Final = SelectSelector(
    SelectSelectorConfig(options=[one.value for one in WhoCounts], translation_key="who_counts")
)
_NAMES: Final = SelectSelector(SelectSelectorConfig(options=[], multiple=True, custom_value=True))
_GB: Final = 10**9
# Of what the store tells when people have said what they keep, or marked what they love.
_WORDS: Final = frozenset({"keeps", "userdata"})


def viewers_of(settings: Settings) -> tuple[RetentionViewer, ...]:
    """Give the tracked viewers as they are chosen now."""
    return tuple(
        RetentionViewer(one.user_id, one.name, one.counts_for_cleanup, one.primary)
        for one in settings.viewers.values()
    )


def _marking(parts: Parts) -> dict[str, str]:
    """Name those whose marks keep something: as the rule, so the proofs and each later look."""
    return {one.id: one.name for one in viewers_of(parts.settings) if one.counts}


def _page(parts: Parts) -> CleanupOptions:
    return CleanupOptions.from_mapping(parts.settings.page(SECTION))


def _create(parts: Parts) -> CleanupJob:
    titles = TitleAsker.of(parts, partial(_marking, parts))
    regrets = Regrets(parts.store, parts.now)
    facts = CleanupFacts(
        titles,
        titles.evidence,
        parts.store,
        parts.jellyfin.server_id,
        partial(viewers_of, parts.settings),
        policy=lambda: _page(parts).policy,
        counts=parts.counts,
        keep_tags=partial(kept_tags, parts.settings),
        now=parts.now,
        zone=dt_util.get_default_time_zone,
        met=regrets,
    )
    return CleanupJob(
        parts.of_runs,
        facts,
        regrets=regrets,
        room=RoomAsker(
            parts.arrs,
            parts.services.of(TorrentCoordinator),
            parts.services.of(TransferCoordinator),
            Histories(parts.arrs, parts.now),
        ),
        page=partial(_page, parts),
        library_size=partial(library_size, parts.store),
        packing=Packing(parts.store, titles.sonarrs, lambda: parts.settings.options, parts.now),
    )


def _connect(job: CleanupJob, parts: Parts) -> None:
    """Have it hear of what people keep and love."""

    def changed(subject: str) -> None:
        if subject in _WORDS:
            job.words_changed()

    parts.store.add_listener(changed)
    parts.requests.add_listener(job.regrets.hear)


async def _clean_up(job: CleanupJob, data: Data, dry_run: bool, keep: bool) -> Plan:  # noqa: FBT001
    media = data.get("media")
    return await job.clean_up(
        None if media is None else MediaType(media), dry_run=dry_run, keep=keep
    )


def _activity(kind: str, data: Mapping[str, object]) -> tuple[Words, Words]:
    about = say("library")
    if kind == "planned":
        return about, say("activity_cleanup_planned", count=number_of(data, "planned"))
    if kind == "failed":
        return about, say("activity_cleanup_failed")
    freed = round(number_of(data, "bytes_freed") / _GB, 1)
    return about, say("activity_cleanup_done", count=number_of(data, "done"), freed=freed)


async def _count(job: CleanupJob) -> int | None:
    return None if job.leaving is None else len(job.leaving)


async def _size(job: CleanupJob) -> int | None:
    return None if job.leaving is None else sum(one.size_bytes for one in job.leaving)


async def _regrets(job: CleanupJob) -> int:
    return await job.regrets.count()


async def _next(job: CleanupJob) -> datetime | None:
    return job.next_deletion


SPEC: Final = JobSpec[CleanupJob](
    key=JOB,
    create=_create,
    connect=_connect,
    workers=lambda job: (
        ("cleanup looks", job.work_on_looks),
        ("cleanup words", job.work_on_words),
        ("cleanup regrets", job.regrets.work),
    ),
    options_changed=lambda job: job.options_changed(),
    switch=Switch(SECTION, default=False),
    run_now=lambda job: job.run(),
    scheduled=Scheduled(when=lambda job: job.page.schedule, run=lambda job: job.run()),
    runs=lambda job: job.runs,
    page=OptionsPage(
        SECTION,
        {"enabled": False, **SWITCHES, **CHOICES, OPTION: False},
        {**CLEANUP, **NUMBERS},
        {
            vol.Required("who", default=WhoCounts.PRIMARY.value): _WHO,
            vol.Required("keep_tag", default=RetentionPolicy().keep_tag): TextSelector(),
            vol.Required("excluded", default=list[str]): _NAMES,
            vol.Required("at", default=AT): TimeSelector(),
        },
    ),
    sensors=(
        JobSensorDescription(
            key="leaving_count",
            translation_key="leaving_count",
            state_class=SensorStateClass.MEASUREMENT,
            subjects=frozenset({LEAVING}),
            read=_count,
        ),
        JobSensorDescription(
            key="leaving_size",
            translation_key="leaving_size",
            device_class=SensorDeviceClass.DATA_SIZE,
            native_unit_of_measurement=UnitOfInformation.BYTES,
            suggested_unit_of_measurement=UnitOfInformation.GIGABYTES,
            suggested_display_precision=1,
            state_class=SensorStateClass.MEASUREMENT,
            subjects=frozenset({LEAVING}),
            read=_size,
        ),
        JobSensorDescription(
            key="next_deletion",
            translation_key="next_deletion",
            device_class=SensorDeviceClass.TIMESTAMP,
            subjects=frozenset({LEAVING}),
            read=_next,
        ),
        JobSensorDescription(
            key="regrets",
            translation_key="regrets",
            state_class=SensorStateClass.TOTAL_INCREASING,
            subjects=frozenset({"regrets"}),
            read=_regrets,
        ),
    ),
    tells=True,
    activity=_activity,
    actions=(
        PlanAction(
            name="cleanup_watched",
            fields={vol.Optional("media"): vol.In([one.value for one in MediaType])},
            plan=_clean_up,
        ),
    ),
)
