"""The one HTTP base of all clients: the only place that maps what goes wrong.

Bodies are read up to a limit; redirects are not followed (a wrong address of an *arr is one);
only a GET that never got an answer is tried again, because nothing else is safe to repeat (aiohttp
repeats a PUT by itself, which says how things are to be, where a kept connection had been closed).
URLs and headers hold keys, so no error carries aiohttp's own text or stays chained to it.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
import json
import logging
import ssl
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

import aiohttp

from .aside import aside
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
from .parse import decoded

_LOGGER = logging.getLogger(__name__)

_MAX_BYTES: Final = 64 * 1024 * 1024
_PAUSE: Final = 0.2
_SAID: Final = 200
# As UTF-8 and not as escapes, which make a text several times as long: ntfy counts bytes.
_JSON: Final = {"Content-Type": "application/json"}
_REDIRECTS: Final = range(300, 400)

# How long a closed socket waits for the other side's goodbye (seconds).
_GOODBYE: Final = 1.0
_FAILURES: Final = (aiohttp.ClientError, TimeoutError, OSError, ssl.CertificateError)

type Socket = aiohttp.ClientWebSocketResponse
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, unread. `challenges`: how it wants to be signed in to (401)."""

    status: int
    content: bytes
    challenges: tuple[str, ...] = ()


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

    def conceal(self, secret: str) -> None:
        """Have no error name this either."""
        if secret not in self._secrets:
            self._secrets = (*self._secrets, secret)

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

    async def get_decoded[T](
        self,
        path: str,
        decode: Callable[[bytes], T],
        params: Params | None = None,
        *,
        timeout: float | None = None,
    ) -> T:
        """Ask as `get` does, for an answer too large to be read in the event loop.

        `decode` runs in a thread where there is much to read, and raises ValueError for what it
        can't read. Raises ServiceError.
        """
        try:
            answer = await self.exchange("GET", path, params=params, timeout=timeout)
        except TlsFailed:
            raise
        except Unreachable:
            await asyncio.sleep(_PAUSE)
            answer = await self.exchange("GET", path, params=params, timeout=timeout)
        return await self._decoded(answer, decode)

    async def post_decoded[T](
        self,
        path: str,
        decode: Callable[[bytes], T],
        body: object,
        *,
        params: Params | None = None,
        timeout: float | None = None,
    ) -> T:
        """Ask once with a body, for an answer that is read as `get_decoded` does it."""
        answer = await self.exchange(
            "POST", path, params=params, data=_written(body), headers=_JSON, timeout=timeout
        )
        return await self._decoded(answer, decode)

    async def _decoded[T](self, answer: Answer, decode: Callable[[bytes], T]) -> T:
        self.check(answer)
        try:
            return await aside(len(answer.content), lambda: decode(answer.content))
        except ValueError, RecursionError:
            pass
        raise self._no_json(answer.content)

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
        answer = await self.exchange(
            method,
            path,
            params=params,
            data=None if body is None else _written(body),
            headers={} if body is None else _JSON,
            timeout=timeout,
        )
        return self.answer(answer)

    async def exchange(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        data: bytes | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        middlewares: Sequence[aiohttp.ClientMiddlewareType] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """Ask once; give the answer as it came, whatever its status. Raises ServiceError.

        `middlewares` replace the session's own, which only look after redirects.
        """
        failure: ServiceError
        try:
            async with (
                asyncio.timeout(timeout or self._timeout),
                self._session.request(
                    method,
                    self.url + path,
                    params=params,
                    data=data,
                    headers={**self._headers, **(headers or {})},
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=None),
                    middlewares=middlewares,
                ) as response,
            ):
                content = await self._read(response)
                challenges = response.headers.getall("WWW-Authenticate", [])
                return Answer(response.status, content, tuple(challenges))
        except _FAILURES as err:
            failure = self._failure(err)
        # Outside of the handlers, so that nothing with a URL in it stays chained.
        raise failure

    @asynccontextmanager
    async def websocket(self, path: str, *, max_bytes: int) -> AsyncGenerator[Socket]:
        """Open a WebSocket, and close it at the end. Raises ServiceError when there is none."""
        failure: ServiceError | None = None
        try:
            async with asyncio.timeout(self._timeout):
                # aiohttp reads http and https as what they are here: ws and wss.
                socket = await self._session.ws_connect(
                    self.url + path,
                    headers=self._headers,
                    max_msg_size=max_bytes,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_GOODBYE),
                )
        except _FAILURES as err:
            failure = self._failure(err)
        if failure is not None:
            raise failure
        try:
            yield socket
        finally:
            await socket.close()

    def _failure(self, err: Exception) -> ServiceError:  # noqa: PLR0911
        """Say what an exception of aiohttp means, without what it says itself."""
        match err:
            case TimeoutError():
                return Unreachable(self.service, "no answer in time")
            case aiohttp.ClientSSLError():
                return TlsFailed(self.service, _tls_reason(err))
            case ssl.SSLError() | ssl.CertificateError():
                return TlsFailed(self.service, "the connection could not be secured")
            case aiohttp.InvalidURL():
                return Unreadable(self.service, "not an address")
            case aiohttp.ClientConnectorError():
                return Unreachable(self.service, "no connection")
            case aiohttp.ClientPayloadError():
                return Unreachable(self.service, "the answer broke off")
            case aiohttp.WSServerHandshakeError():
                return self._no_socket(err)
            case aiohttp.ClientResponseError():
                # Bytes that are no HTTP at all: often TLS spoken to a plain port, or the reverse.
                _LOGGER.debug("%s: %s", self.service, type(err).__name__)
                return TlsFailed(self.service, "no HTTP answers here: is it https?")
        return Unreachable(self.service, "the connection broke off")

    def _no_socket(self, err: aiohttp.WSServerHandshakeError) -> ServiceError:
        if err.history or err.status in _REDIRECTS:
            return Unreadable(self.service, "wrong address: it redirects instead of answering")
        if err.status >= HTTPStatus.BAD_REQUEST:
            return self._error(err.status, b"")
        return Unreadable(self.service, "no WebSocket answers: a proxy or another product")

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_chunked(256 * 1024):
            size += len(chunk)
            if size > self._max_bytes:
                raise Unreadable(self.service, "the answer is too large")
            chunks.append(chunk)
        return b"".join(chunks)

    def answer(self, answer: Answer) -> object:
        """Read an answer as JSON, None when it is empty. Raises what its status means, too."""
        self.check(answer)
        content = answer.content
        if not content.strip():
            return None
        try:
            return decoded(content)
        except ValueError, RecursionError:
            pass
        raise self._no_json(content)

    def _no_json(self, content: bytes) -> Unreadable:
        start = content.lstrip()[:15].lower()
        if start.startswith((b"<!doctype", b"<html", b"<")):
            return Unreadable(self.service, "answers with a web page: a proxy or another product")
        return Unreadable(self.service, "the answer is not JSON, or only a part of it")

    def check(self, answer: Answer) -> None:
        """Raise what a status of failure, or a redirect, means."""
        if answer.status in _REDIRECTS:
            raise Unreadable(
                self.service,
                f"wrong address: it redirects instead of answering ({answer.status})",
            )
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise self._error(answer.status, answer.content)

    def _error(self, status: int, content: bytes) -> ServiceError:
        # First the secrets, then the length: half a secret would not be found.
        said = self._scrubbed(_message(content))[:_SAID]
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


def _written(body: object) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        # Half a surrogate pair, as some server wrote it: only as an escape it can be written back.
        return json.dumps(body).encode()


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
            return " ".join(said.split())
    return ""
