"""When we look at Jellystat: whether it answers. Plays are asked by the jobs when needed."""

from datetime import timedelta
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..clients.jellystat import JellystatClient, JellystatStatus
from ..signals import Signals
from .base import ServiceCoordinator

INTERVAL: Final = timedelta(minutes=5)


class JellystatCoordinator(ServiceCoordinator[JellystatStatus]):
    """Looks after one Jellystat."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        client: JellystatClient,
        *,
        subentry_id: str,
        title: str,
    ) -> None:
        """Prepare; nothing is asked yet."""
        super().__init__(
            hass,
            entry,
            signals,
            service="Jellystat",
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
    async def _fetch(self) -> JellystatStatus:
        return await self.client.status()
