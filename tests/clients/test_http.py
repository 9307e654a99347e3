"""The one HTTP base: time-outs, limits, redirects, retries, and no secret in any error."""

import asyncio
from collections.abc import Awaitable, Callable
import ssl
import traceback

import aiohttp
from aiohttp import web
from aioresponses import aioresponses
from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients.addresses import normalize_url
from custom_components.showrunner.clients.errors import (
    Forbidden,
    RateLimited,
    Refused,
    ServiceError,
    TlsFailed,
    Unauthorized,
    Unreachable,
    Unreadable,
)
from custom_components.showrunner.clients.http import HttpClient
from custom_components.showrunner.clients.parse import flag, instant, integer, number

SECRET = "sentinel-secret-key"
type Serve = Callable[[Callable[[web.Request], Awaitable[web.StreamResponse]]], Awaitable[str]]


def client(session: aiohttp.ClientSession, url: str, **more: object) -> HttpClient:
    """Make a client with a secret in its headers."""
    options: dict[str, object] = {"timeout": 0.5, "max_bytes": 100_000} | more
    return HttpClient(
        session,
        url,
        service="Thing",
        headers={"X-Api-Key": SECRET},
        secrets=(SECRET,),
        **options,  # type: ignore[arg-type]
    )


async def failure(awaitable: Awaitable[object]) -> ServiceError:
    """Await an error, and see that no secret is in it nor in what it is chained to."""
    with pytest.raises(ServiceError) as caught:
        await awaitable
    text = "".join(traceback.format_exception(caught.value))
    assert SECRET not in text.replace(f'SECRET = "{SECRET}"', "")
    assert SECRET not in repr(vars(caught.value))
    assert caught.value.__cause__ is None
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Unauthorized),
        (403, Forbidden),
        (404, Refused),
        (408, Unreachable),
        (409, Refused),
        (429, RateLimited),
        (500, Unreachable),
        (502, Unreachable),
        (503, Unreachable),
        (301, Unreadable),
        (302, Unreadable),
    ],
)
async def test_each_status_means_one_thing(
    session: aiohttp.ClientSession, serve: Serve, status: int, kind: type[ServiceError]
) -> None:
    """And the service's own words are told, without the key that it repeats."""

    async def answer(request: web.Request) -> web.StreamResponse:
        headers = {"Location": f"/login?apikey={SECRET}"} if status < 400 else {}
        body = {"message": f"wrong key {SECRET} in it"}
        return web.json_response(body, status=status, headers=headers)

    error = await failure(client(session, await serve(answer)).request("POST", "/x"))
    assert type(error) is kind
    if kind is Refused:
        assert "wrong key *** in it" in str(error)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html><html>login</html>", "web page"),
        (b'{"records": [', "JSON"),
        (b"[" * 20_000, "JSON"),
        (b"[" * 99_000, "parts"),
        (b'"' + b"x" * 200_000 + b'"', "too large"),
        (b"\xff\xfe\x00", "JSON"),
    ],
    ids=lambda value: repr(value)[:24],
)
async def test_what_is_no_answer_is_unreadable(
    session: aiohttp.ClientSession, serve: Serve, body: bytes, words: str
) -> None:
    """A proxy's page with status 200, half a JSON, a huge body."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    error = await failure(client(session, await serve(answer)).get("/x"))
    assert isinstance(error, Unreadable)
    assert words in str(error)


async def test_an_endless_body_is_not_read_to_its_end(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """The limit holds for what has no length."""
    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while sent < 50_000_000:
            await response.write(b" " * 65_536)
            sent += 65_536
        return response

    error = await failure(client(session, await serve(answer), timeout=5).get("/x"))
    assert "too large" in str(error)
    assert sent < 30_000_000


async def test_an_empty_answer_is_nothing(session: aiohttp.ClientSession, serve: Serve) -> None:
    """204, or 200 without a body."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=204)

    assert await client(session, await serve(answer)).request("POST", "/x") is None


async def test_a_get_without_an_answer_is_asked_once_more(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Nothing else is: a POST may have been carried out."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.method)
        if len(asked) == 1 and request.transport is not None:
            request.transport.abort()
        return web.json_response({"ok": True})

    url = await serve(answer)
    assert await client(session, url).get("/x") == {"ok": True}
    assert asked == ["GET", "GET"]
    asked.clear()
    error = await failure(client(session, url).request("POST", "/x"))
    assert isinstance(error, Unreachable)
    assert asked == ["POST"]


async def test_slow_and_half_answers_are_unreachable(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Nothing is known then."""

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = 100
        await response.prepare(request)
        await response.write(b"[")
        await asyncio.sleep(0.6)
        return response

    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = 100
        await response.prepare(request)
        await response.write(b"[1,")
        assert request.transport is not None
        request.transport.close()
        return response

    for answer in (slow, half):
        error = await failure(client(session, await serve(answer)).request("GET", "/x"))
        assert isinstance(error, Unreachable)
    await asyncio.sleep(0.4)


async def test_nobody_there_and_tls_where_there_is_none(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Refused connections, https spoken to an http port."""
    error = await failure(client(session, "http://127.0.0.1:9").get("/x"))
    assert type(error) is Unreachable

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({})

    url = (await serve(answer)).replace("http:", "https:")
    assert isinstance(await failure(client(session, url).get("/x")), TlsFailed)


async def test_http_where_https_is_due_is_named(session: aiohttp.ClientSession) -> None:
    """A TLS server answers plain HTTP with an alert, which is no HTTP."""

    async def alert(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.write(b"\x15\x03\x01\x00\x02\x02\x46")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(alert, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    error = await failure(client(session, f"http://127.0.0.1:{port}").get("/x"))
    assert isinstance(error, TlsFailed)
    assert "https" in str(error)
    server.close()


async def test_a_certificate_that_is_not_trusted_is_named() -> None:
    """So that the person knows which switch it is."""
    async with aiohttp.ClientSession() as session:
        with aioresponses() as mock:
            reason = ssl.SSLCertVerificationError("self-signed")
            error = aiohttp.ClientConnectorCertificateError(
                aiohttp.client_reqrep.ConnectionKey("h", 443, True, True, None, None, None), reason
            )
            mock.get("https://thing/x", exception=error)
            answer = await failure(client(session, "https://thing").get("/x"))
    assert isinstance(answer, TlsFailed)
    assert "certificate" in str(answer)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("radarr.local:7878", "http://radarr.local:7878"),
        (" HTTPS://Radarr.Local/base/ ", "https://radarr.local/base"),
        ("http://[::1]:7878/", "http://[::1]:7878"),
    ],
)
def test_addresses_as_people_type_them(typed: str, url: str) -> None:
    """With a scheme or not, with a base path or not."""
    assert normalize_url(typed) == url
    assert normalize_url(url) == url


@pytest.mark.parametrize(
    "typed",
    ["", "http://", "ftp://x", "http://u:p@x", "http://x?a=1", "http://x#y", "x:99999", "a b"],
)
def test_what_is_no_address(typed: str) -> None:
    """Or one that would put a secret into every message."""
    with pytest.raises(ValueError, match=r"address|Port|port|http|IPv6|blank"):
        normalize_url(typed)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(anything)
def test_readers_never_raise(value: object) -> None:
    """Whatever a service sends for a number, a truth or a time."""
    for reader in (integer, number, flag, instant):
        reader(value)


def test_times_of_dotnet() -> None:
    """Seven digits, no zone, and the year 1 for never."""
    at = instant("2026-11-20T15:18:57.1234567Z")
    assert at is not None
    assert at.microsecond == 123456
    assert instant("0001-01-01T00:00:00Z") is None
    assert instant("2026-11-20T15:18:57") == instant("2026-11-20T16:18:57+01:00")
