"""What one answer may cost: packed ones, large ones, ones of many parts, and where sockets lead."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import gzip
import json
import tracemalloc
import zlib

import aiohttp
from aiohttp import web
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.clients import http, inflate
from custom_components.showrunner.clients.decoding import (
    FEW_PARTS,
    TooManyParts,
    decoded,
    depth,
    parts,
)
from custom_components.showrunner.clients.errors import (
    ServiceError,
    Unauthorized,
    Unreachable,
    Unreadable,
)
from custom_components.showrunner.clients.http import SMALL, HttpClient
from custom_components.showrunner.clients.inflate import NotPacked, TooLarge, inflated
from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.clients.shoko import ShokoClient
from tests.effort import examples

type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
type Serve = Callable[[Answer], Awaitable[str]]

MIB = 1024 * 1024
KEY = "a-key-that-goes-nowhere-else"


def deflated(content: bytes) -> bytes:
    """Pack as "deflate" without the head that the standard asks for."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


def bomb(size: int) -> bytes:
    """Pack so many blanks, with little memory."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([packer.compress(b" " * MIB) for _ in range(size // MIB)]) + packer.flush()


PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "plain": ("", bytes),
    "identity": ("identity", bytes),
    "gzip": ("gzip", gzip.compress),
    "GZip": (" GZip ", gzip.compress),
    "two members": (
        "gzip",
        lambda content: gzip.compress(content[:5]) + gzip.compress(content[5:]),
    ),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", deflated),
}


def serving(
    body: bytes, encoding: str, status: int = 200, asked: list[str] | None = None
) -> Answer:
    """Answer with this, whatever was asked for."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if asked is not None:
            asked.append(request.headers.get("Accept-Encoding", ""))
        headers = {"Content-Encoding": encoding} if encoding else {}
        return web.Response(body=body, status=status, headers=headers)

    return answer


def client(session: aiohttp.ClientSession, url: str) -> HttpClient:
    """Make a client."""
    return HttpClient(session, url, service="Thing", headers={"X-Api-Key": KEY}, secrets=(KEY,))


@pytest.mark.parametrize("how", PACKED)
async def test_plain_is_asked_for_and_packed_is_read_all_the_same(
    session: aiohttp.ClientSession, serve: Serve, how: str
) -> None:
    """A proxy may pack everything, asked or not."""
    encoding, pack = PACKED[how]
    asked: list[str] = []
    body = {"a": ["text"] * 2000}
    url = await serve(serving(pack(json.dumps(body).encode()), encoding, asked=asked))
    assert await client(session, url).get("/x") == body
    assert asked == ["identity"]


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "gzip, br"])
async def test_what_we_can_t_unpack_is_named(
    session: aiohttp.ClientSession, serve: Serve, encoding: str
) -> None:
    """Two layers are a bomb's: nobody packs what is packed."""
    url = await serve(serving(gzip.compress(gzip.compress(b"[]")), encoding))
    with pytest.raises(Unreadable, match="packed"):
        await client(session, url).get("/x")


@pytest.mark.parametrize(
    "body", [b"", b"no gzip at all", gzip.compress(b"x" * 9999)[:-20], gzip.compress(b"[]") + b"x"]
)
async def test_broken_packing_is_no_answer(
    session: aiohttp.ClientSession, serve: Serve, body: bytes
) -> None:
    """Half of it, rubbish, rubbish behind it; nothing packed is nothing."""
    url = await serve(serving(body, "gzip"))
    if not body:
        assert await client(session, url).get("/x") is None
        return
    with pytest.raises(Unreadable, match="packed"):
        await client(session, url).get("/x")


@pytest.mark.parametrize("size", [2, 80])
async def test_a_bomb_is_left_packed(
    session: aiohttp.ClientSession, serve: Serve, size: int
) -> None:
    """Counted while it is unpacked: no more memory than the limit, and a bit."""
    url = await serve(serving(bomb(size * MIB), "gzip"))
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match="too large"):
            await client(session, url).get("/x", max_bytes=MIB)
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("status", [401, 404, 500])
@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (bomb(4 * MIB), "gzip"),
        (b"x", "br"),
        (b"x" * 2 * MIB, ""),
        (gzip.compress(b'{"message": "said"}'), "gzip"),
    ],
    ids=["bomb", "unknown packing", "large", "packed words"],
)
async def test_of_an_error_the_status_counts(
    session: aiohttp.ClientSession, serve: Serve, status: int, body: bytes, encoding: str
) -> None:
    """Whatever comes with it; its words are told where they can be had."""
    url = await serve(serving(body, encoding, status))
    with pytest.raises(ServiceError) as caught:
        await client(session, url).request("GET", "/x")
    kinds = {401: Unauthorized, 500: Unreachable}
    if status in kinds:
        assert type(caught.value) is kinds[status]
    else:
        assert getattr(caught.value, "status", 0) == status
    if encoding == "gzip" and len(body) < 100 and status != 401:
        assert "said" in str(caught.value)


async def test_limits_are_a_call_s_own(session: aiohttp.ClientSession, serve: Serve) -> None:
    """A question of status takes a mebibyte, a list what it is given."""
    url = await serve(serving(b'"' + b"x" * (SMALL + 9) + b'"', ""))
    assert len(str(await client(session, url).get("/x"))) == SMALL + 9
    for call in (
        client(session, url).get("/x", max_bytes=SMALL),
        client(session, url).request("POST", "/x"),
        client(session, url).get_decoded("/x", len, max_bytes=SMALL),
        client(session, url).post_decoded("/x", len, {}, max_bytes=SMALL),
        JellyfinClient(session, url, KEY, device_id="d").server(),
    ):
        with pytest.raises(ServiceError, match="too large"):
            await call


@given(st.binary(max_size=2000), st.sampled_from(["gzip", "deflate", "x-gzip", "identity", ""]))
@settings(max_examples=examples(300))
def test_anything_is_unpacked_or_refused(content: bytes, encoding: str) -> None:
    """And nothing else happens."""
    with suppress(NotPacked, TooLarge):
        assert len(inflated(content, encoding, 5000)) <= 5000


@given(st.binary(max_size=5000), st.integers(0, 6000), st.sampled_from(sorted(PACKED)))
def test_the_limit_is_exact(content: bytes, limit: int, how: str) -> None:
    """As many bytes as the limit are fine, one more is not."""
    encoding, pack = PACKED[how]
    if encoding.strip() in ("", "identity"):
        return
    if content and len(content) > limit:
        with pytest.raises(TooLarge):
            inflated(pack(content), encoding, limit)
    else:
        assert inflated(pack(content), encoding, limit) == content


def test_many_members_are_no_answer() -> None:
    """A thousand empty ones cost time and hold nothing."""
    with pytest.raises(NotPacked):
        inflated(gzip.compress(b"") * (inflate._MOST_MEMBERS + 1), "gzip", MIB)


# --- decoding --------------------------------------------------------------------------------

STALLING = {
    "lists": b"[" + b",".join([b"[]"] * 330_000) + b"]",
    "objects": b"[" + b",".join([b"{}"] * 300_000) + b"]",
    "keys": b"{" + b",".join(b'"%d":0' % number for number in range(99_000)) + b"}",
    "numbers": b"[" + b",".join([b"0"] * 500_000) + b"]",
    "depth": b"[" * 500_000 + b"]" * 500_000,
}


@pytest.mark.parametrize("body", STALLING.values(), ids=STALLING)
def test_what_would_stall_is_refused_unread(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    """A megabyte of nothing but parts: no decoder sees it."""
    monkeypatch.setattr("orjson.loads", lambda _: pytest.fail("decoded"))
    monkeypatch.setattr("json.loads", lambda *_: pytest.fail("decoded"))
    for content in (body, body.decode()):
        with pytest.raises(TooManyParts):
            decoded(content)


async def test_an_answer_of_many_parts_is_named(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """It is unreadable, and no half a JSON."""
    url = await serve(serving(STALLING["lists"], ""))
    with pytest.raises(Unreadable, match="parts"):
        await client(session, url).get("/x")


def test_what_services_send_is_not_too_many() -> None:
    """Quality profiles with thousands of formats, as dense as any; one long text; a page."""
    formats = [{"format": number, "name": "x", "score": 0} for number in range(7_000)]
    for one in (
        formats,
        {"a": "x,[{" * 9_000},
        [{"title": "a, b", "id": 1, "tags": [1, 2]}] * 999,
    ):
        assert decoded(json.dumps(one, separators=(",", ":")).encode()) == one


def test_control_characters_in_texts_are_let_pass() -> None:
    """Templates write line ends and tabs as they are; outside of texts they stay wrong."""
    assert decoded(b'{"a":\t"one\ntwo\tthree\x01"}') == {"a": "one\ntwo\tthree\x01"}
    with pytest.raises(ValueError, match=r"control|Expecting|char"):
        decoded(b'{"a": \x01 1}')


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"[18446744073709551616]", [18446744073709551616.0]),
        (b"[-99999999999999999999]", [-99999999999999999999.0]),
        (b"[" + b"9" * 400 + b"]", None),
        (b'["\\ud800"]', ["\ud800"]),
        (b'{"\\udfff": "\\ud83d\\ude00"}', {"\udfff": "😀"}),
    ],
)
def test_numbers_and_characters_beyond_their_range(content: bytes, value: object) -> None:
    """More than 64 bits are a float; half a pair stays, for the readers of texts to show."""
    found = decoded(content)
    assert value is None or found == value
    if value is not None and isinstance(found, list) and isinstance(found[0], float):
        assert found[0] == pytest.approx(value[0])  # type: ignore[index]


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=40,
    )
)
def test_parts_are_never_too_few_and_depth_is_true(value: object) -> None:
    """Each member of anything has a comma or an opening before it."""

    def count(one: object) -> int:
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        return len(inner) + sum(map(count, inner))

    def deep(one: object) -> int:
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else None
        return 0 if inner is None else 1 + max(map(deep, inner), default=0)

    said = json.dumps(value)
    assert parts(said) == parts(said.encode()) >= count(value)
    assert depth(value) == deep(value)
    assert count(value) < FEW_PARTS


# --- sockets ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("product", ["Jellyfin", "Shoko"])
async def test_a_socket_follows_no_redirect(
    session: aiohttp.ClientSession, serve: Serve, product: str, status: int
) -> None:
    """Another host would be called, and be given the key."""
    elsewhere: list[str] = []

    async def other(request: web.Request) -> web.StreamResponse:
        elsewhere.append(f"{request.path_qs} {dict(request.headers)}")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        return socket

    there = await serve(other)

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/System/Info/Public":
            info = {"Id": "a" * 32, "ProductName": "Jellyfin Server", "Version": "10.11.0"}
            return web.json_response(info)
        if request.path.endswith("/negotiate"):
            return web.json_response({"connectionToken": "t"})
        return web.Response(status=status, headers={"Location": f"{there}{request.path_qs}"})

    url = await serve(answer)
    if product == "Jellyfin":
        jellyfin = JellyfinClient(session, url, KEY, device_id="d")
        opened = jellyfin.sessions_socket(None)  # type: ignore[arg-type]
    else:
        opened = ShokoClient(session, url, KEY).hub()  # type: ignore[assignment]
    with pytest.raises(Unreadable, match="redirects") as caught:
        async with opened:
            pass
    assert elsewhere == []
    assert caught.value.__context__ is None
    assert not session.closed
    assert not session.connector.closed  # type: ignore[union-attr]


async def test_nothing_packed_is_taken_in_a_socket(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """We don't offer it; who packs a frame all the same is hung up on, unread."""
    offered: list[str] = []
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(b" " * 8 * MIB) + packer.flush(zlib.Z_SYNC_FLUSH)
    frame = bytes([0xC1, 126]) + len(packed[:60_000]).to_bytes(2) + packed[:60_000]

    async def answer(request: web.Request) -> web.StreamResponse:
        offered.append(request.headers.get("Sec-WebSocket-Extensions", ""))
        socket = web.WebSocketResponse(compress=True)
        await socket.prepare(request)
        assert request.transport is not None
        request.transport.write(frame)
        await socket.receive()
        return socket

    http_client = client(session, await serve(answer))
    async with http_client.websocket("/x", max_bytes=MIB) as socket:
        message = await socket.receive()
        assert message.type is aiohttp.WSMsgType.ERROR
    assert offered == [""]


async def test_a_body_that_drips_has_a_deadline(
    session: aiohttp.ClientSession, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One byte now and then keeps nobody waiting for longer than one answer may take."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)

    monkeypatch.setattr(http, "_PAUSE", 0)
    with pytest.raises(Unreachable, match="in time"):
        await client(session, await serve(answer)).request("GET", "/x", timeout=0.3)
