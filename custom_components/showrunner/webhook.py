"""The door for Jellyfin's Webhook plugin: answered at once, worked on afterwards."""

from http import HTTPStatus
import logging
from typing import Final

from aiohttp import hdrs, web
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

from .const import CONF_WEBHOOK_ID, DOMAIN
from .runtime import NotOurs, Runtime, ShowrunnerConfigEntry

_LOGGER = logging.getLogger(__name__)

MAX_BYTES: Final = 1024 * 1024
_ACCEPTED: Final = b'{"accepted": true}'


def register(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Open the door for as long as the entry is loaded."""
    webhook_id: str = entry.data[CONF_WEBHOOK_ID]
    runtime = entry.runtime_data

    async def handle(_: HomeAssistant, __: str, request: web.Request) -> web.Response:
        return await _handle(runtime, request)

    webhook.async_register(
        hass,
        DOMAIN,
        entry.title,
        webhook_id,
        handle,
        local_only=True,
        allowed_methods=(hdrs.METH_POST,),
    )
    entry.async_on_unload(lambda: webhook.async_unregister(hass, webhook_id))


async def _handle(runtime: Runtime, request: web.Request) -> web.Response:
    """Take in one body: JSON whatever the content type says, at most 1 MiB."""
    body = await _read(request)
    if body is None:
        return _refuse("larger than 1 MiB", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        decoded = json_loads(body)
    except JSON_DECODE_EXCEPTIONS:
        return _refuse("not JSON")
    except RecursionError:
        return _refuse("nested too deeply")
    try:
        runtime.jellyfin.accept(decoded)
    except NotOurs as err:
        return _refuse(str(err))
    return web.Response(body=_ACCEPTED, content_type="application/json")


async def _read(request: web.Request) -> bytes | None:
    """Read the body; None when it is too large, whatever its header promised."""
    if request.content_length is not None and request.content_length > MAX_BYTES:
        return None
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > MAX_BYTES:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _refuse(reason: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> web.Response:
    _LOGGER.debug("Refused a webhook's body: %s", reason)
    return web.json_response({"accepted": False, "reason": reason}, status=status)
