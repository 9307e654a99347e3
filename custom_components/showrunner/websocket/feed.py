"""What is new, told to one subscriber in a task of its own: what comes at once is told together."""

import asyncio
from asyncio import sleep
from collections.abc import Callable, Mapping
from typing import Protocol, cast

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..const import DOMAIN
from ..runtime import Refused, Runtime, ShowrunnerConfigEntry
from ..store import StoreError
from ..texts import async_shown
from .common import ATTR_ENTRY, Message, follow_entry


class News(Protocol):
    """What there is to tell one subscriber."""

    def listen(self, runtime: Runtime, wake: Callable[[], None]) -> CALLBACK_TYPE:
        """Call `wake` whenever something may be new; give what ends that."""
        ...

    def anew(self) -> None:
        """Begin as if nothing was told yet."""
        ...

    async def gather(self, runtime: Runtime) -> Mapping[str, object] | None:
        """Give what is new since it was asked for last; None: nothing. Raises Refused, StoreError.

        What comes while it is gathered is asked for once more.
        """
        ...


def tell_news(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: Message,
    entry: ShowrunnerConfigEntry,
    news: News,
    together: float,
) -> None:
    """Tell a subscriber all there is, then what is new, at most once in `together` seconds."""
    feed = _Feed(hass, connection, msg, entry.entry_id, news, together)
    follow_entry(hass, connection, msg, entry, feed.follow, feed.tell)


class _Feed:
    """Tells one subscriber."""

    def __init__(
        self,
        hass: HomeAssistant,
        connection: ActiveConnection,
        msg: Message,
        entry_id: str,
        news: News,
        together: float,
    ) -> None:
        """Begin with nothing told."""
        self._hass = hass
        self._connection = connection
        self._id: int = msg["id"]
        self._name = f"{DOMAIN} {msg['type']}"
        self._entry_id = entry_id
        self._news = news
        self._together = together
        self._new = False
        self._telling: asyncio.Task[None] | None = None

    @callback
    def follow(self, runtime: Runtime) -> CALLBACK_TYPE:
        """Hear what is new, until what this gives is called."""
        stop = self._news.listen(runtime, lambda: self._wake(runtime))

        @callback
        def end() -> None:
            stop()
            if self._telling is not None:
                self._telling.cancel()
                self._telling = None

        return end

    @callback
    def tell(self, runtime: Runtime | None) -> None:
        """Tell the present state; None: there is none while the entry is not loaded."""
        if runtime is None:
            self._send({"available": False})
            return
        self._news.anew()
        self._wake(runtime)

    @callback
    def _wake(self, runtime: Runtime) -> None:
        self._new = True
        if self._telling is None or self._telling.done():
            self._telling = self._hass.async_create_background_task(
                self._tell(runtime), self._name, eager_start=False
            )

    async def _tell(self, runtime: Runtime) -> None:
        """Tell what is new until there is nothing new for a moment."""
        while self._new:
            self._new = False
            try:
                news = await self._news.gather(runtime)
            except Refused, StoreError:
                # What was to be told is not lost: next time all of it is.
                self._news.anew()
                self._send({"available": False})
            else:
                if news is not None:
                    shown = await async_shown(self._hass, news)
                    self._send({"available": True, **cast("Mapping[str, object]", shown)})
            await sleep(self._together)

    def _send(self, news: Mapping[str, object]) -> None:
        self._connection.send_event(self._id, {ATTR_ENTRY: self._entry_id, **news})
