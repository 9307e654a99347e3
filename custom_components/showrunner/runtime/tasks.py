"""The tasks that run for an entry, and those that run for one linked service of it."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable
from itertools import chain
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..coordinators.base import Worker
from .steady import steadily


class Tasks:
    """Begins and ends them. A worker whose round fails unexpectedly is begun again."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Begin with none."""
        self._hass = hass
        self._entry = entry
        self._running: list[asyncio.Task[None]] = []
        self._of_service: dict[str, list[asyncio.Task[None]]] = {}
        self.stopped = False

    def work(self, workers: Iterable[Worker]) -> None:
        """Run these until the end."""
        self._running += [self._steadily(name, work) for name, work in workers]

    def work_for(self, subentry_id: str, workers: Iterable[Worker]) -> None:
        """Run these for a service, as long as it is linked."""
        self._of_service[subentry_id] = [self._steadily(name, work) for name, work in workers]

    def once(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something in the background that ends by itself."""
        return self._entry.async_create_background_task(self._hass, work, f"{DOMAIN} {name}")

    def _steadily(
        self, name: str, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> asyncio.Task[None]:
        return self.once(name, steadily(name, work))

    async def end_of(self, subentry_id: str) -> None:
        """End what runs for a service."""
        await _ended(self._of_service.pop(subentry_id, ()))

    async def end(self) -> None:
        """End everything that has no end of its own."""
        ended = [*self._running, *chain.from_iterable(self._of_service.values())]
        # A task that was cancelled knows where it was, and with that all that it worked with.
        self._running.clear()
        self._of_service.clear()
        await _ended(ended)


async def _ended(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they are over."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
