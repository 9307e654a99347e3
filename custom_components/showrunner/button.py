"""Run each job now."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import ServerEntity
from .jobs.registry import JOBS
from .permissions import require_administrator
from .runtime import ShowrunnerConfigEntry

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class RunDescription(ButtonEntityDescription):
    """A button that runs a job of the registry."""

    job: str


BUTTONS = tuple(
    RunDescription(key=job.button_key, translation_key=job.button_key, job=job.key) for job in JOBS
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ShowrunnerConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons."""
    async_add_entities(RunJob(entry.runtime_data, each) for each in BUTTONS)


class RunJob(ServerEntity, ButtonEntity):
    """Wakes one job."""

    entity_description: RunDescription

    @override
    async def async_press(self) -> None:
        """Wake the job; pacing, budgets and dry run hold as always. For administrators."""
        # Every job of the registry writes to a service: Radarr's searches, Jellyfin's scans.
        await require_administrator(self.hass, self._context)
        self.runtime.jobs[self.entity_description.job].run_now()
