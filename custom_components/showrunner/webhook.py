"""The doors for the services' webhooks: answered at once, worked on afterwards."""

from http import HTTPStatus
import logging
from typing import Final

from aiohttp import hdrs, web
from homeassistant.components import webhook
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

from .const import DOMAIN
from .runtime import Door, NotOurs

_LOGGER = logging.getLogger(__name__)

MAX_BYTES: Final = 1024 * 1024
_ACCEPTED: Final = b'{"accepted": true}'


def register(hass: HomeAssistant, door: Door) -> CALLBACK_TYPE:
    """Open a door; return what closes it."""

    async def handle(_: HomeAssistant, __: str, request: web.Request) -> web.Response:
        return await _handle(door, request)

    webhook.async_register(
        hass,
        DOMAIN,
        door.name,
        door.webhook_id,
        handle,
        local_only=door.local_only,
        allowed_methods=(hdrs.METH_POST, hdrs.METH_PUT) if door.put else (hdrs.METH_POST,),
    )
    return lambda: webhook.async_unregister(hass, door.webhook_id)


async def _handle(door: Door, request: web.Request) -> web.Response:
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
        door.accept(decoded)
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
