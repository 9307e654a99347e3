"""When we look at an ntfy server: whether it answers and lets us publish."""

from datetime import timedelta
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..clients.ntfy import NtfyClient
from ..signals import Signals
from .base import ServiceCoordinator

INTERVAL: Final = timedelta(minutes=5)


class NtfyCoordinator(ServiceCoordinator[bool]):
    """Looks after one ntfy topic. `data` is True when the server answered."""

    signs_in = True

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        client: NtfyClient,
        *,
        subentry_id: str,
        title: str,
    ) -> None:
        """Prepare; nothing is asked yet."""
        super().__init__(
            hass,
            entry,
            signals,
            service="ntfy",
            title=title,
            interval=INTERVAL,
            subentry_id=subentry_id,
        )
        self.client = client

    @override
    async def _fetch(self) -> bool:
        await self.client.check()
        return True
