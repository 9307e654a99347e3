"""The services' webhooks: answered at once, worked on afterwards.

Whoever knows an address may send anything: what is read has a limit in bytes, parts, depth and
time, and nothing that goes wrong leaves here, for Home Assistant would log the secret address.
What is refused is told once, for its sender never sends it again and says little of it.
"""

import asyncio
from datetime import datetime, timedelta
from http import HTTPStatus
import logging
from pathlib import PurePath
import traceback
from typing import Final

import aiohttp
from aiohttp import hdrs, web
from homeassistant.components import webhook
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..coordinators.inbox import BodyRefused, read_body
from ..domain.text import Words, say
from ..runtime import NotOurs, WebhookEndpoint
from ..texts import said

_LOGGER = logging.getLogger(__name__)

MAX_BYTES: Final = 1024 * 1024
# How long a body may take to arrive (seconds), and how many of one webhook may be on their way: who
# is slowest makes room, for a true one arrives whole.
_DEADLINE: Final = 10.0
_MOST_AT_ONCE: Final = 32
# For how long after the last refused body a good one says nothing (a sender may have both).
_TROUBLE: Final = timedelta(hours=1)
_LONGEST_REASON: Final = 200
_ACCEPTED: Final = b'{"accepted": true}'


def register(hass: HomeAssistant, endpoint: WebhookEndpoint) -> CALLBACK_TYPE:
    """Begin to answer calls; return what ends it."""
    answering = _Answering(hass, endpoint)
    # All methods, so that it is we who refuse one: Home Assistant logs the address with it.
    webhook.async_register(
        hass,
        DOMAIN,
        endpoint.name,
        endpoint.webhook_id,
        answering.handle,
        local_only=endpoint.local_only,
        allowed_methods=webhook.SUPPORTED_METHODS,
    )

    def close() -> None:
        webhook.async_unregister(hass, endpoint.webhook_id)
        answering.mended()

    return close


class _Refused(Exception):
    """A request that is not taken in. `reported`: a person is to know."""

    def __init__(self, reason: Words, status: HTTPStatus, *, reported: bool = True) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.status = status
        self.reported = reported


class _Answering:
    """One webhook while it is answered."""

    def __init__(self, hass: HomeAssistant, endpoint: WebhookEndpoint) -> None:
        self._hass = hass
        self._endpoint = endpoint
        self._methods = (hdrs.METH_POST, hdrs.METH_PUT) if endpoint.put else (hdrs.METH_POST,)
        self._arriving: dict[asyncio.Timeout, None] = {}
        self._logged: set[str] = set()
        self._refused_at: datetime | None = None

    async def handle(self, _: HomeAssistant, __: str, request: web.Request) -> web.Response:
        """Answer a request, whatever it holds."""
        try:
            return await self._answer(request)
        except _Refused as err:
            return self._refuse(err)
        except Exception as err:  # noqa: BLE001
            # The boundary: Home Assistant would log the address, and answer that all is well. The
            # error's own text may hold a piece of the body.
            frame = traceback.extract_tb(err.__traceback__)[-1]
            place = f"{PurePath(frame.filename).name}:{frame.lineno}"
            reason = say("webhook_fault", error=type(err).__name__, place=place)
            return self._refuse(_Refused(reason, HTTPStatus.INTERNAL_SERVER_ERROR))

    async def _answer(self, request: web.Request) -> web.Response:
        """Take in one body: JSON whatever the content type says."""
        if request.method not in self._methods:
            raise _Refused(
                f"only {' and '.join(self._methods)}", HTTPStatus.METHOD_NOT_ALLOWED, reported=False
            )
        body = await self._read(request)
        try:
            self._endpoint.accept(await read_body(body))
        except BodyRefused as err:
            raise _Refused(err.said, HTTPStatus.BAD_REQUEST) from None
        except NotOurs as err:
            raise _Refused(err.said, HTTPStatus.BAD_REQUEST) from None
        if self._refused_at is not None and dt_util.utcnow() - self._refused_at > _TROUBLE:
            self.mended()
        return web.Response(body=_ACCEPTED, content_type="application/json")

    async def _read(self, request: web.Request) -> bytes:
        """Read the body, in the time that it has. Raises _Refused."""
        try:
            async with asyncio.timeout(_DEADLINE) as deadline:
                self._make_room()
                self._arriving[deadline] = None
                try:
                    return await _content(request)
                finally:
                    self._arriving.pop(deadline, None)
        except TimeoutError:
            reason, status = "it took too long to arrive", HTTPStatus.REQUEST_TIMEOUT
        except OSError, aiohttp.ClientError, web.RequestPayloadError:
            reason, status = "it broke off", HTTPStatus.BAD_REQUEST
        raise _Refused(reason, status, reported=False)

    def _make_room(self) -> None:
        """End the wait for the one that has been arriving for longest."""
        if len(self._arriving) >= _MOST_AT_ONCE:
            oldest = next(iter(self._arriving))
            del self._arriving[oldest]
            oldest.reschedule(self._hass.loop.time())

    def _refuse(self, err: _Refused) -> web.Response:
        if err.reported:
            self._tell(err.reason)
        else:
            _LOGGER.debug("Refused a call of %s's webhook: %s", self._endpoint.name, err.reason)
        response = web.json_response(
            {"accepted": False, "reason": str(err.reason)}, status=err.status
        )
        if err.status is HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers[hdrs.ALLOW] = ", ".join(self._methods)
        if err.status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
            response.force_close()  # what is still coming is not waited for
        return response

    def _tell(self, reason: Words) -> None:
        """Say once what is wrong with what comes in, never what came."""
        self._refused_at = dt_util.utcnow()
        logged = str(reason)[:_LONGEST_REASON]
        if logged not in self._logged:
            self._logged.add(logged)
            _LOGGER.warning(
                "Refused what came to the webhook of %s (said once): %s",
                self._endpoint.name,
                logged,
            )
        if self._endpoint.expected:
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                self._issue_id,
                is_fixable=False,
                severity=ir.IssueSeverity.WARNING,
                translation_key="webhook_refused",
                translation_placeholders={
                    "service": self._endpoint.name,
                    "reason": said(self._hass, reason)[:_LONGEST_REASON],
                },
            )

    def mended(self) -> None:
        """Take back what was asked of the person."""
        self._refused_at = None
        ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)

    @property
    def _issue_id(self) -> str:
        return f"webhook_refused_{self._endpoint.key}"


async def _content(request: web.Request) -> bytes:
    """Read the body, as much of it as is allowed, whatever its header promised."""
    too_large = _Refused(say("body_too_large"), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if request.content_length is not None and request.content_length > MAX_BYTES:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > MAX_BYTES:
            raise too_large
        chunks.append(chunk)
    return b"".join(chunks)
