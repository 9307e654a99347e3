"""The one HTTP base of all clients: the only place that maps what goes wrong.

Bodies are read up to a limit; redirects are not followed (a wrong address of an *arr is one);
only a GET that never got an answer is tried again, because nothing else is safe to repeat (aiohttp
repeats a PUT by itself, which says how things are to be, where a kept connection had been closed).
URLs and headers hold keys, so no error carries aiohttp's own text or stays chained to it.
"""

import asyncio
from collections.abc import Collection, Mapping
from http import HTTPStatus
import json
import logging
import ssl
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

import aiohttp

from .errors import (
    Forbidden,
    RateLimited,
    Refused,
    ServiceError,
    TlsFailed,
    Unauthorized,
    Unreachable,
    Unreadable,
)

_LOGGER = logging.getLogger(__name__)

_MAX_BYTES: Final = 64 * 1024 * 1024
_PAUSE: Final = 0.2
_SAID: Final = 200
# As UTF-8 and not as escapes, which make a text several times as long: ntfy counts bytes.
_JSON: Final = {"Content-Type": "application/json"}
_REDIRECTS: Final = range(300, 400)

type Params = Mapping[str, str | int] | list[tuple[str, str | int]]


def normalize_url(text: str) -> str:
    """Write an address as typed by people in one way: scheme, host, port and base path.

    Without a scheme it is http. Raises ValueError for what can't be one, and for one that holds a
    user name, a query or a fragment.
    """
    typed = text.strip()
    if "://" not in typed:
        typed = f"http://{typed}"
    parts = urlsplit(typed)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise ValueError("not an http address")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address without user, query and fragment")
    if any(char.isspace() or not char.isprintable() for char in typed):
        raise ValueError("blanks in the address")
    _ = parts.port  # raises ValueError when it is none
    path = parts.path.rstrip("/")
    return urlunsplit(SplitResult(parts.scheme.lower(), parts.netloc.lower(), path, "", ""))


class HttpClient:
    """Talks JSON to one service. `service` is its name for people."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        service: str,
        headers: Mapping[str, str] | None = None,
        secrets: Collection[str] = (),
        timeout: float = 15.0,
        max_bytes: int = _MAX_BYTES,
    ) -> None:
        """Take an open session; `secrets` never appear in an error."""
        self._session = session
        self.url = base_url.rstrip("/")
        self.service = service
        self._headers = dict(headers or {})
        self._secrets = tuple(secret for secret in secrets if secret)
        self._timeout = timeout
        self._max_bytes = max_bytes

    async def get(
        self,
        path: str,
        params: Params | None = None,
        *,
        timeout: float | None = None,
    ) -> object:
        """Ask, once more if no answer came at all; give the decoded JSON. Raises ServiceError."""
        try:
            return await self.request("GET", path, params=params, timeout=timeout)
        except TlsFailed:
            raise
        except Unreachable:
            await asyncio.sleep(_PAUSE)
        return await self.request("GET", path, params=params, timeout=timeout)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: object = None,
        timeout: float | None = None,
    ) -> object:
        """Ask once; give the decoded JSON, None for an empty answer. Raises ServiceError."""
        failure: ServiceError
        try:
            async with (
                asyncio.timeout(timeout or self._timeout),
                self._session.request(
                    method,
                    self.url + path,
                    params=params,
                    data=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
                    headers=self._headers if body is None else self._headers | _JSON,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=None),
                ) as response,
            ):
                content = await self._read(response)
                return self._answer(response, content)
        except TimeoutError:
            failure = Unreachable(self.service, "no answer in time")
        except aiohttp.ClientSSLError as err:
            failure = TlsFailed(self.service, _tls_reason(err))
        except ssl.SSLError, ssl.CertificateError:
            failure = TlsFailed(self.service, "the connection could not be secured")
        except aiohttp.InvalidURL:
            failure = Unreadable(self.service, "not an address")
        except aiohttp.ClientConnectorError:
            failure = Unreachable(self.service, "no connection")
        except aiohttp.ClientPayloadError:
            failure = Unreachable(self.service, "the answer broke off")
        except aiohttp.ClientResponseError as err:
            # Bytes that are no HTTP at all: often TLS spoken to a plain port, or the reverse.
            _LOGGER.debug("%s: %s", self.service, type(err).__name__)
            failure = TlsFailed(self.service, "no HTTP answers here: is it https?")
        except aiohttp.ClientError, OSError:
            failure = Unreachable(self.service, "the connection broke off")
        # Outside of the handlers, so that nothing with a URL in it stays chained.
        raise failure

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_chunked(256 * 1024):
            size += len(chunk)
            if size > self._max_bytes:
                raise Unreadable(self.service, "the answer is too large")
            chunks.append(chunk)
        return b"".join(chunks)

    def _answer(self, response: aiohttp.ClientResponse, content: bytes) -> object:
        status = response.status
        if status in _REDIRECTS:
            raise Unreadable(
                self.service, f"wrong address: it redirects instead of answering ({status})"
            )
        if status >= HTTPStatus.BAD_REQUEST:
            raise self._error(status, content)
        if not content.strip():
            return None
        try:
            return json.loads(content)
        except ValueError, RecursionError:
            pass
        start = content.lstrip()[:15].lower()
        if start.startswith((b"<!doctype", b"<html", b"<")):
            raise Unreadable(self.service, "answers with a web page: a proxy or another product")
        raise Unreadable(self.service, "the answer is not JSON, or only a part of it")

    def _error(self, status: int, content: bytes) -> ServiceError:
        said = self._scrubbed(_message(content))
        match status:
            case HTTPStatus.UNAUTHORIZED:
                return Unauthorized(self.service, "the key or login was refused")
            case HTTPStatus.FORBIDDEN:
                return Forbidden(self.service, "the key or login has no right to this")
            case HTTPStatus.TOO_MANY_REQUESTS:
                return RateLimited(self.service, status, said or "too many requests")
            case HTTPStatus.REQUEST_TIMEOUT:
                return Unreachable(self.service, "no answer in time")
            case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                return Unreachable(self.service, f"the server failed ({status}) {said}".rstrip())
        return Refused(self.service, status, said or "the request was refused")

    def _scrubbed(self, said: str) -> str:
        for secret in self._secrets:
            said = said.replace(secret, "***")
        return said


def _tls_reason(err: aiohttp.ClientSSLError) -> str:
    if isinstance(err, aiohttp.ClientConnectorCertificateError):
        return "the certificate is not trusted"
    return "the connection could not be secured (is it http instead of https?)"


def _message(content: bytes) -> str:
    """Find what a service says of a failure: its own words, short, without a web page."""
    try:
        told = json.loads(content)
    except ValueError, RecursionError:
        return ""
    if isinstance(told, list) and told:
        told = told[0]
    if not isinstance(told, Mapping):
        return ""
    for name in ("errorMessage", "message", "error", "title"):
        said = told.get(name)
        if isinstance(said, str) and said:
            return " ".join(said.split())[:_SAID]
    return ""
