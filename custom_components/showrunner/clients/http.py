"""The one HTTP base of all clients.

Bodies are read up to a limit, also what they hold when they come packed; redirects are not followed
(a wrong address of an *arr is one), by a WebSocket neither: they would take the key along.
Only a GET that never got an answer is tried again, because nothing else is safe to repeat (aiohttp
repeats a PUT by itself, which says how things are to be, where a kept connection had been closed);
and not one whose time is up, because the server may still be working on it.
What goes wrong is named by `http_errors`, and raised unchained.
"""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from ..domain.text import say
from .bodies import CHUNK, cut, read_body, written
from .decoding import TooManyParts, decoded
from .errors import Blocked, ServiceError, TimedOut, TlsFailed, Unreachable, Unreadable
from .http_errors import FAILURES, REDIRECTS, failure, is_page, no_json, refusal
from .inflate import TooLarge
from .listing import Listed, Listing
from .moment import forget, once
from .offload import offload
from .parse import Json
from .redaction import conceal
from .row_stream import NoRows, NotAList
from .sockets import Socket, open_socket

# What an answer to a plain question may have: who are you, done, and every error (bytes).
SMALL: Final = 1024 * 1024
_MAX_BYTES: Final = 64 * 1024 * 1024
# A list that is read as it comes takes no room: this is only where nobody believes it any more.
_LONGEST_LIST: Final = 2 * 1024 * 1024 * 1024
_PAUSE: Final = 0.2
# Nobody is asked to pack: unpacking costs more than a home's network, and may cost everything.
_PLAIN: Final = {"Accept-Encoding": "identity"}
# As UTF-8 and not as escapes, which make a text several times as long: ntfy counts bytes.
_JSON: Final = {"Content-Type": "application/json"}

type Params = Mapping[str, str | int] | list[tuple[str, str | int]]


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
        """Take an open session; `secrets` never appear in a text, be it another service's."""
        self._session = session
        self.url = base_url.rstrip("/")
        self.service = service
        self._headers = dict(headers or {})
        self._timeout = timeout
        self._max_bytes = max_bytes
        conceal(*secrets)

    async def get(
        self,
        path: str,
        params: Params | None = None,
        *,
        timeout: float | None = None,
        max_bytes: int | None = None,
    ) -> object:
        """Ask, once more if no answer came at all; give the decoded JSON. Raises ServiceError."""
        return await self._json(await self._asked(path, params, timeout, max_bytes))

    async def get_decoded[T](
        self,
        path: str,
        decode: Callable[[bytes], T],
        params: Params | None = None,
        *,
        timeout: float | None = None,
        max_bytes: int | None = None,
    ) -> T:
        """Ask as `get` does, for an answer too large to be read in the event loop.

        `decode` runs in a thread where there is much to read, and raises ValueError for what it
        can't read. Raises ServiceError.
        """
        answer = await self._asked(path, params, timeout, max_bytes)
        return await self._decoded(answer, decode)

    async def get_list[T](
        self,
        path: str,
        read: Callable[[Json], T | None],
        params: Params | None = None,
        *,
        timeout: float | None = None,
        most: int | None = None,
    ) -> Listed[T]:
        """Ask for a list of any length, and read its rows in a thread while they come.

        `read` gives None for a row that is none of ours, and raises Unreadable for a bad one. Once
        `most` were found no more is read. Raises ServiceError, Unreadable without any good row.
        """

        async def ask() -> Listing[T]:
            listing = Listing(read, most)
            await self._read_list(listing, path, params, timeout)
            return listing

        return (await self._again(ask)).listed(self.service)

    async def post_decoded[T](
        self,
        path: str,
        decode: Callable[[bytes], T],
        body: object,
        *,
        params: Params | None = None,
        timeout: float | None = None,
        max_bytes: int | None = None,
    ) -> T:
        """Ask once with a body, for an answer that is read as `get_decoded` does it."""
        answer = await self.exchange(
            "POST",
            path,
            params=params,
            data=written(body),
            headers=_JSON,
            timeout=timeout,
            max_bytes=max_bytes,
        )
        self.check(answer)
        return await self._decoded(answer, decode)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: object = None,
        timeout: float | None = None,
        max_bytes: int = SMALL,
    ) -> object:
        """Ask once; give the decoded JSON, None for an empty answer. Raises ServiceError."""
        answer = await self.exchange(
            method,
            path,
            params=params,
            data=None if body is None else written(body),
            headers={} if body is None else _JSON,
            timeout=timeout,
            max_bytes=max_bytes,
        )
        self.check(answer)
        return await self._json(answer)

    async def _asked(
        self,
        path: str,
        params: Params | None,
        timeout: float | None,
        max_bytes: int | None,
    ) -> Answer:
        async def exchange() -> Answer:
            return await self.exchange(
                "GET", path, params=params, timeout=timeout, max_bytes=max_bytes
            )

        async def ask() -> Answer:
            answer = await once((self, path, _fixed(params)), exchange, _is_shared)
            self.check(answer)
            return answer

        return await self._again(ask)

    async def _again[T](self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, once more if no answer came at all, or a failure of the server's."""
        for again in (False, True):
            try:
                return await ask()
            except TlsFailed, Blocked, TimedOut:
                raise
            except Unreachable:
                if again:
                    raise
            await asyncio.sleep(_PAUSE)
        raise AssertionError("two tries")

    async def _read_list(
        self, listing: Listing[Any], path: str, params: Params | None, timeout: float | None
    ) -> None:
        """Ask once, and feed the list as it comes. Raises ServiceError."""
        failed: ServiceError
        begin = b""
        try:
            async with self._opened("GET", path, timeout, params=params) as response:
                if response.status >= HTTPStatus.MULTIPLE_CHOICES or "Content-Encoding" in (
                    response.headers
                ):
                    content = await read_body(response, self._max_bytes)
                    self.check(Answer(response.status, content))
                    pieces: AsyncIterator[bytes] = cut(content)
                else:
                    pieces = response.content.iter_chunked(CHUNK)
                size = 0
                async for piece in pieces:
                    begin, size = begin or piece[:64], size + len(piece)
                    if size > _LONGEST_LIST:
                        raise TooLarge
                    await offload(len(piece), partial(listing.stream.feed, piece))
                    if listing.stream.enough:
                        return
                listing.stream.end()
                return
        except NotAList:
            failed = no_json(self.service, begin)
            if not is_page(begin):
                failed = Unreadable(self.service, say("error_answer_not_list"))
        except NoRows:
            failed = no_json(self.service, begin)
        except FAILURES as err:
            failed = failure(self.service, err)
        # Outside of the handlers, as in `exchange`.
        raise failed

    @asynccontextmanager
    async def _opened(
        self,
        method: str,
        path: str,
        timeout: float | None,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Ask, and give the answer while it comes."""
        async with (
            asyncio.timeout(timeout or self._timeout),
            self._session.request(
                method,
                self.url + path,
                headers={**_PLAIN, **self._headers, **(headers or {})},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                **more,
            ) as response,
        ):
            yield response

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
        max_bytes: int | None = None,
    ) -> Answer:
        """Ask once; give the answer as it came, whatever its status. Raises ServiceError.

        `middlewares` replace the session's own, which only look after redirects. `max_bytes`: how
        much may come, and be in it once it is unpacked.
        """
        failed: ServiceError
        if method != "GET":
            forget()  # it may change something
        try:
            async with self._opened(
                method,
                path,
                timeout,
                headers=headers,
                params=params,
                data=data,
                middlewares=middlewares,
            ) as response:
                content = await read_body(response, max_bytes or self._max_bytes)
                challenges = response.headers.getall("WWW-Authenticate", [])
                return Answer(response.status, content, tuple(challenges))
        except FAILURES as err:
            failed = failure(self.service, err)
        # Outside of the handlers, so that nothing with a URL in it stays chained.
        raise failed

    def websocket(self, path: str, *, max_bytes: int) -> AbstractAsyncContextManager[Socket]:
        """Open a WebSocket, and close it at the end. Raises ServiceError when there is none."""
        return open_socket(
            self._session,
            self.url + path,
            self._headers,
            service=self.service,
            timeout=self._timeout,
            max_bytes=max_bytes,
        )

    def check(self, answer: Answer) -> None:
        """Raise what a status of failure, or a redirect, means."""
        if answer.status in REDIRECTS:
            raise Unreadable(
                self.service,
                say("error_wrong_address", why=say("error_redirects_with", status=answer.status)),
            )
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise refusal(self.service, answer.status, answer.content)

    async def _json(self, answer: Answer) -> object:
        """Decode an answer, None when it is empty; a long one not in the event loop."""
        if not answer.content.strip():
            return None
        return await self._decoded(answer, decoded)

    async def _decoded[T](self, answer: Answer, decode: Callable[[bytes], T]) -> T:
        try:
            return await offload(len(answer.content), lambda: decode(answer.content))
        except TooManyParts:
            failed = Unreadable(self.service, say("error_answer_too_many_parts_believed"))
        except ValueError, RecursionError:
            failed = no_json(self.service, answer.content)
        raise failed


def _fixed(params: Params | None) -> tuple[tuple[str, str | int], ...]:
    """Give parameters as a part of a question that can be told from others."""
    return tuple(params.items() if isinstance(params, Mapping) else params or ())


def _is_shared(answer: Answer) -> bool:
    """Tell whether an answer may be given twice: one that says something, and takes no room."""
    says = answer.status < HTTPStatus.MULTIPLE_CHOICES or answer.status == HTTPStatus.NOT_FOUND
    return says and len(answer.content) <= SMALL
