"""Try an address that a person typed, and find out soon where only http and https are mixed up.

A port that speaks plain HTTP does not understand https: some servers hang up, some never answer,
and the person waits for nothing better than "no connection". The reverse is as common.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .common import Failure, InvalidUrl, attempt, read_url

# How long https is tried before somebody looks whether it is http, and how long that may take.
_PATIENCE: Final = 2.0
_LOOK: Final = 3.0
_OTHER: Final = {"https": ("http", "plain_http"), "http": ("https", "needs_https")}
# What fails where the scheme is wrong; a refused key was understood.
_DOUBTFUL: Final = ("cannot_connect", "tls_failed", "wrong_product", "blocked")


async def attempt_at[T](hass: HomeAssistant, typed: str, question: Awaitable[T]) -> T | Failure:
    """Await a service's answer as `attempt` does; say so where the scheme of its address is wrong.

    `typed` is the address as it was typed.
    """
    asked = asyncio.ensure_future(question)
    try:
        wrong = _other_scheme(typed)
        if wrong is None:
            return await attempt(asked)
        url, error = wrong
        await asyncio.wait({asked}, timeout=_PATIENCE)
        if not asked.done() and await _answers(hass, url):
            return Failure(error, CONF_URL)
        answer = await attempt(asked)
        doubtful = isinstance(answer, Failure) and answer.key in _DOUBTFUL
        if doubtful and await _answers(hass, url):
            return Failure(error, CONF_URL)
        return answer
    finally:
        asked.cancel()
        # What it ended with was taken above, or nobody wants to know any more.
        await asyncio.wait({asked})
        if not asked.cancelled():
            asked.exception()


def _other_scheme(typed: str) -> tuple[str, str] | None:
    """Give the root of the same port under the other scheme, and the error that says so."""
    try:
        parts = urlsplit(read_url(typed))
    except InvalidUrl:
        return None
    scheme, error = _OTHER[parts.scheme]
    # Without a port the two have different ones, and mixing them up is no more than a guess.
    return None if parts.port is None else (f"{scheme}://{parts.netloc}/", error)


async def _answers(hass: HomeAssistant, url: str) -> bool:
    """Tell whether a port speaks the other scheme. What refuses it in words does not."""
    session = async_get_clientsession(hass, verify_ssl=False)
    with suppress(aiohttp.ClientError, TimeoutError, OSError, ValueError):
        async with (
            asyncio.timeout(_LOOK),
            session.get(url, allow_redirects=False) as response,
        ):
            leads_away = response.headers.get("Location", "").startswith(
                "https:" if url.startswith("http:") else "http:"
            )
            return response.status != 400 and not leads_away  # noqa: PLR2004
    return False
