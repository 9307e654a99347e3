"""A long list of requests, page by page: in order, filtered and searched where they are held."""

from collections.abc import Callable, Mapping
from typing import Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
import voluptuous as vol

from ..domain.requests.browsing import Look, Show
from ..domain.requests.request import RequestState
from ..runtime import Runtime, ShowrunnerConfigEntry
from .common import Message, entry_command
from .feed import tell_news

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
    look = Look(_SHOW[msg["show"]], msg["search"], msg["offset"], msg["limit"])
    tell_news(hass, connection, msg, entry, _PageNews(look), _TOGETHER)


class _PageNews:
    """What is new of one page."""

    def __init__(self, look: Look) -> None:
        """Begin with nothing told."""
        self._look = look
        self._told: dict[str, dict[str, object]] | None = None
        self._counted: dict[str, object] = {}

    def listen(self, runtime: Runtime, wake: Callable[[], None]) -> CALLBACK_TYPE:
        """Hear of every request."""
        return runtime.requests.pages.look(wake)

    def anew(self) -> None:
        """Tell all of it next time."""
        self._told = None

    async def gather(self, runtime: Runtime) -> Mapping[str, object] | None:
        """Give who is on the page and how many there are, with those that have changed."""
        page, views = await runtime.requests.pages.page(self._look)
        rows = {view.request.id: view.as_dict() for view in views}
        counted: dict[str, object] = {
            "total": page.total,
            "stuck": page.stuck,
            "known": page.known,
        }
        told = self._told
        before = {} if told is None else told
        changed = [row for one, row in rows.items() if before.get(one) != row]
        same = told is not None and counted == self._counted and [*rows] == [*before]
        self._told, self._counted = rows, counted
        return None if same and not changed else {**counted, "ids": [*rows], "changed": changed}
