"""Serves the pictures of titles to whoever is logged in, at addresses that Home Assistant signs."""

from http import HTTPStatus
from typing import Final

from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from .const import DOMAIN
from .coordinators.pictures import PictureKind, media_type
from .domain.media import normalize_guid
from .runtime import Runtime, ServiceError, ShowrunnerConfigEntry
from .store import StoreError

_KINDS: Final = {"poster": PictureKind.POSTER, "backdrop": PictureKind.BACKDROP}
# Stands for the only entry.
_ONLY: Final = "default"
_ITEM: Final = "item:"
_MOST_NAMES: Final = 10
# For how long a browser need not ask again (seconds).
_FRESH: Final = 86_400


def serve(hass: HomeAssistant) -> None:
    """Serve them, once for all entries."""
    hass.http.register_view(PictureView())


class PictureView(HomeAssistantView):
    """A title's picture: by its names (movie:tmdb:603,movie:imdb:tt0133093), or an item's id.

    Without an entry of that id, a title of that name or a picture of it: 404.
    """

    url = f"/api/{DOMAIN}/picture/{{entry_id}}/{{kind}}/{{names}}"
    name = f"api:{DOMAIN}:picture"

    async def get(self, request: web.Request, entry_id: str, kind: str, names: str) -> web.Response:
        """Answer with the picture."""
        runtime, wanted = _runtime(request.app[KEY_HASS], entry_id), _KINDS.get(kind)
        if runtime is None or wanted is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        try:
            with runtime.calls:
                content = await _content(runtime, names, wanted)
        except ServiceError, StoreError:
            return web.Response(status=HTTPStatus.BAD_GATEWAY)
        if content is None or (kind_of := media_type(content)) is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        headers = {
            "Cache-Control": f"private, max-age={_FRESH}",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=content, content_type=kind_of, headers=headers)


def _runtime(hass: HomeAssistant, entry_id: str) -> Runtime | None:
    loaded: list[ShowrunnerConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    meant = [one for one in loaded if entry_id in (_ONLY, one.entry_id)]
    return meant[0].runtime_data if len(meant) == 1 else None


async def _content(runtime: Runtime, names: str, kind: PictureKind) -> bytes | None:
    if names.startswith(_ITEM):
        item_id = normalize_guid(names.removeprefix(_ITEM))
        return await runtime.pictures.of_item(item_id, kind) if item_id else None
    several = names.split(",")
    return await runtime.pictures.of_title(several, kind) if len(several) <= _MOST_NAMES else None
