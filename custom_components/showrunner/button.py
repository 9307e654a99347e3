"""Run each job now."""

from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import ServerEntity
from .jobs.spec import JobSpec
from .permissions import require_administrator
from .runtime import ShowrunnerConfigEntry

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class RunDescription(ButtonEntityDescription):
    """A button that runs a job."""

    spec: JobSpec[Any]


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ShowrunnerConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons."""
    runtime = entry.runtime_data
    async_add_entities(
        RunJob(
            runtime,
            RunDescription(key=spec.button_key, translation_key=spec.button_key, spec=spec),
        )
        for spec, _ in runtime.jobs
        if spec.run_now is not None
    )


class RunJob(ServerEntity, ButtonEntity):
    """Wakes one job."""

    entity_description: RunDescription

    @override
    async def async_press(self) -> None:
        """Wake the job; pacing, budgets and dry run hold as always. For administrators."""
        # What jobs do writes to a service: Radarr's searches, Jellyfin's scans.
        await require_administrator(self.hass, self._context)
        self.runtime.jobs.run_now(self.entity_description.spec.key)
