"""A long list of requests, page by page: in order, filtered and searched where they are held."""

import asyncio
from collections.abc import Mapping
from typing import Final, cast

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
import voluptuous as vol

from ..const import DOMAIN
from ..domain.requests.browsing import Look, Show
from ..domain.requests.request import RequestState
from ..runtime import Runtime, ShowrunnerConfigEntry
from ..texts import shown
from .common import ATTR_ENTRY, Message, entry_command, follow_entry

_MOST: Final = 100
_FURTHEST: Final = 1_000_000
_LONGEST_SEARCH: Final = 200
# What changes within so many seconds is told together.
_TOGETHER: Final = 0.5
_SHOW: Final[Mapping[str, Show | RequestState]] = {one.value: one for one in (*Show, *RequestState)}


@entry_command(
    "requests/page",
    {
        vol.Optional("show", default=Show.ALL.value): vol.In(_SHOW),
        vol.Optional("search", default=""): vol.All(str, vol.Length(max=_LONGEST_SEARCH)),
        vol.Optional("offset", default=0): vol.All(int, vol.Range(0, _FURTHEST)),
        vol.Optional("limit", default=50): vol.All(int, vol.Range(1, _MOST)),
    },
)
def subscribe_page(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message, entry: ShowrunnerConfigEntry
) -> None:
    """Tell which requests are on a page and how they stand, then what of that changes."""
    feed = _Feed(hass, connection, msg, entry.entry_id)
    follow_entry(hass, connection, msg, entry, feed.follow, feed.tell)


class _Feed:
    """What one subscriber is told of one page."""

    def __init__(
        self, hass: HomeAssistant, connection: ActiveConnection, msg: Message, entry_id: str
    ) -> None:
        """Begin with nothing told."""
        self._hass = hass
        self._connection = connection
        self._id: int = msg["id"]
        self._entry_id = entry_id
        self._look = Look(_SHOW[msg["show"]], msg["search"], msg["offset"], msg["limit"])
        self._told: dict[str, dict[str, object]] | None = None
        self._counted: dict[str, object] = {}
        self._news = False
        self._telling: asyncio.Task[None] | None = None

    @callback
    def follow(self, runtime: Runtime) -> CALLBACK_TYPE:
        """Hear of every request, until what this gives is called."""
        stop = runtime.requests.pages.look(lambda: self._begin(runtime))

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
        self._told = None
        self._begin(runtime)

    @callback
    def _begin(self, runtime: Runtime) -> None:
        self._news = True
        if self._telling is None:
            self._telling = self._hass.async_create_background_task(
                self._tell(runtime), f"{DOMAIN} requests/page"
            )

    async def _tell(self, runtime: Runtime) -> None:
        """Tell what is new until there is nothing new for a moment."""
        while self._news:
            self._news = False
            page, views = await runtime.requests.pages.page(self._look)
            rows = {view.request.id: view.as_dict() for view in views}
            counted: dict[str, object] = {
                "total": page.total,
                "stuck": page.stuck,
                "known": page.known,
            }
            before = {} if self._told is None else self._told
            changed = [row for one, row in rows.items() if before.get(one) != row]
            if self._told is None or changed or counted != self._counted or [*rows] != [*before]:
                answer = {"available": True, **counted, "ids": [*rows], "changed": changed}
                self._send(cast("Mapping[str, object]", shown(self._hass, answer)))
            self._told, self._counted = rows, counted
            await asyncio.sleep(_TOGETHER)
        self._telling = None

    def _send(self, news: Mapping[str, object]) -> None:
        self._connection.send_event(self._id, {ATTR_ENTRY: self._entry_id, **news})
