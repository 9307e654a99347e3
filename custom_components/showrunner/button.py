"""Run the job now."""

from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import ServerEntity
from .runtime import ShowrunnerConfigEntry

PARALLEL_UPDATES = 1

RUN_DOWNLOAD = ButtonEntityDescription(key="run_download", translation_key="run_download")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ShowrunnerConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the button."""
    async_add_entities([RunDownload(entry.runtime_data, RUN_DOWNLOAD)])


class RunDownload(ServerEntity, ButtonEntity):
    """Looks at everything that waits: frozen decisions, queued searches, outcomes."""

    @override
    async def async_press(self) -> None:
        """Wake the job; pacing and dry run hold as always."""
        self.runtime.downloads.run_now()
