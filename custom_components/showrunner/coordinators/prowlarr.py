"""When we look at Prowlarr: whether it answers. Searches are asked by the jobs when needed."""

from datetime import timedelta
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..clients.prowlarr import ProwlarrClient
from ..clients.radarr import ArrStatus
from ..signals import Signals
from .base import ServiceCoordinator

INTERVAL: Final = timedelta(minutes=5)


class ProwlarrCoordinator(ServiceCoordinator[ArrStatus]):
    """Looks after one Prowlarr."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        client: ProwlarrClient,
        *,
        subentry_id: str,
        title: str,
    ) -> None:
        """Prepare; nothing is asked yet."""
        super().__init__(
            hass,
            entry,
            signals,
            service="Prowlarr",
            title=title,
            interval=INTERVAL,
            subentry_id=subentry_id,
        )
        self.client = client

    @property
    @override
    def version(self) -> str:
        """As it told it last."""
        return self.data.version if self.data else ""

    @override
    async def _fetch(self) -> ArrStatus:
        return await self.client.status()
