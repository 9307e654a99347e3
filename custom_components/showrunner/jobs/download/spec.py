"""The job that fetches what viewers finished, as the rest of the house sees it."""

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfInformation
from homeassistant.util import dt as dt_util

from ...const import OPT_DOWNLOADS
from ...coordinators.jellystat import JellystatCoordinator
from ...coordinators.playback import local_day
from ...coordinators.prowlarr import ProwlarrCoordinator
from ...coordinators.radarr import RadarrCoordinator
from ..spec import JobSensorDescription, JobSpec, OptionsPage, Parts, Switch, itself, woken
from .fetch_plan import JOB
from .gather import Gatherer
from .job import DownloadJob


def _create(parts: Parts) -> DownloadJob:
    radarrs = parts.services.of(RadarrCoordinator)
    gatherer = Gatherer(
        parts.store,
        parts.jellyfin,
        radarrs,
        parts.services.of(ProwlarrCoordinator),
        parts.services.of(JellystatCoordinator),
    )
    return DownloadJob(
        parts.store,
        parts.signals,
        gatherer,
        parts.runner,
        radarrs,
        options=parts.settings.now,
        viewers=parts.settings.viewer,
        policies=parts.settings.download_policy,
        now=parts.now,
        day_of=local_day,
    )


def _connect(job: DownloadJob, parts: Parts) -> None:
    parts.playback.on_viewing(job.viewed)


async def _pursue(job: DownloadJob) -> None:
    await job.catch_up()
    await job.work()


SPEC: Final = JobSpec[DownloadJob](
    key=JOB,
    create=_create,
    connect=_connect,
    workers=lambda job: (("downloads", lambda: _pursue(job)),),
    options_changed=lambda job: job.run_now(),
    switch=Switch(OPT_DOWNLOADS),
    run_now=woken(lambda job: job.run_now()),
    plans=itself,
    tells=True,
    page=OptionsPage(OPT_DOWNLOADS),
    sensors=(
        JobSensorDescription(
            key="decisions_today",
            translation_key="decisions_today",
            state_class=SensorStateClass.TOTAL,
            subjects=frozenset({"decisions"}),
            read=lambda job: job.decided_since(dt_util.start_of_local_day()),
        ),
        JobSensorDescription(
            key="saved_total",
            translation_key="saved_total",
            device_class=SensorDeviceClass.DATA_SIZE,
            native_unit_of_measurement=UnitOfInformation.BYTES,
            suggested_unit_of_measurement=UnitOfInformation.GIGABYTES,
            suggested_display_precision=1,
            state_class=SensorStateClass.TOTAL,
            subjects=frozenset({"decisions"}),
            read=lambda job: job.saved(),
        ),
    ),
    # A plan that a person approves is carried out, whatever is planned only to be shown.
    confirmed=False,
)
