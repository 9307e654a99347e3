"""Shoko's hub: what it tells, and every way in which it may not."""

import asyncio
from collections.abc import Awaitable, Callable
import json

import aiohttp
from aiohttp import web
from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients import shoko_hub
from custom_components.showrunner.clients.errors import (
    ServiceError,
    Unauthorized,
    Unreachable,
    Unreadable,
)
from custom_components.showrunner.clients.shoko import ShokoClient
from world.servers import Servers

from .conftest import Answer, read

END = "\x1e"
KEY = "5ecret0key0of0this0test"
type Script = Callable[[web.WebSocketResponse], Awaitable[None]]
type Serve = Callable[[Answer], Awaitable[str]]


def scripted(script: Script, token: object = "token", asked: list[str] | None = None) -> Answer:
    """Answer as a Shoko whose hub does what the script says, after the handshake's first half."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if asked is not None:
            asked.append(f"{request.path_qs} {request.headers.get('apikey')}")
        if request.path.endswith("/negotiate"):
            return web.json_response({"connectionToken": token})
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive_str()
        await script(socket)
        return socket

    return answer


def says(*frames: str) -> Script:
    """Send frames, then wait for the other side to go."""

    async def script(socket: web.WebSocketResponse) -> None:
        for frame in frames:
            await socket.send_str(frame)
        async for _ in socket:
            pass

    return script


async def test_the_demos_hub_tells_a_match(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """From the handshake to the event, over pings and a greeting."""
    shoko = servers.shoko_state
    client = ShokoClient(session, servers.shoko.url, servers.world.keys.shoko)
    async with client.hub() as hub:
        assert (await hub.receive()).name == "OnConnected"
        found = shoko.arrive("/Show/Show - 01.mkv", 0.01)
        event = await hub.receive()
        assert (event.name, event.file_id, event.path, event.matched) == (
            "FileMatched",
            found.number,
            found.path,
            True,
        )
        await shoko.cut()
        with pytest.raises(Unreachable):
            await hub.receive()
    assert shoko.open == 0
    assert not any(servers.world.keys.shoko in call.path for call in servers.shoko.calls)


async def test_a_refused_key_is_told(session: aiohttp.ClientSession, servers: Servers) -> None:
    """By negotiating, before a socket is opened."""
    with pytest.raises(Unauthorized):
        async with ShokoClient(session, servers.shoko.url, "wrong").hub():
            pass
    assert servers.shoko_state.opened == 0


async def test_the_recorded_event_comes_through(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """In one frame with the handshake's answer, a ping, and things that nobody knows."""
    body = {"type": 1, **read("shoko/v5.3-signalr-ShokoEvent_FileMatched.json")}
    parts = ["{}", '{"type":6}', '{"type":3,"invocationId":"1"}', '{"type":1}', json.dumps(body)]
    asked: list[str] = []
    url = await serve(scripted(says(END.join(parts) + END), "to/ken+", asked))
    async with ShokoClient(session, url, KEY).hub() as hub:
        event = await hub.receive()
    assert (event.name, event.file_id) == ("FileMatched", 1201)
    assert asked == [
        f"/signalr/aggregate/negotiate?negotiateVersion=1&feeds=shoko {KEY}",
        f"/signalr/aggregate?feeds=shoko&id=to/ken%2B {KEY}",
    ]


@pytest.mark.parametrize(
    ("frames", "error"),
    [
        (['{"error":"The protocol is not supported."}' + END], Unreadable),
        (["{}" + END, "rubbish" + END], Unreadable),
        (["{}" + END, '{"type":1,"target":"x"}'], Unreadable),
        (["{}" + END, "[" * 5000 + END], Unreadable),
        (["{}" + END, '{"type":7,"error":"bye"}' + END], Unreachable),
        (["<html>"], Unreadable),
    ],
)
async def test_rubbish_ends_the_connection(
    session: aiohttp.ClientSession, serve: Serve, frames: list[str], error: type[ServiceError]
) -> None:
    """With an error of ours, which does not hold what was sent."""
    url = await serve(scripted(says(*frames)))
    with pytest.raises(error) as caught:
        async with ShokoClient(session, url, KEY).hub() as hub:
            await hub.receive()
    assert caught.type is error
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("token", [None, 5, "", {}])
async def test_who_lets_nobody_in(
    session: aiohttp.ClientSession, serve: Serve, token: object
) -> None:
    """An answer without a token is none."""
    url = await serve(scripted(says(), token))
    with pytest.raises(Unreadable):
        async with ShokoClient(session, url, KEY).hub():
            pass


async def test_a_silent_hub_is_gone_and_is_spoken_to_before(
    session: aiohttp.ClientSession, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pings go out while nothing comes in; then it is given up."""
    monkeypatch.setattr(shoko_hub, "_SPEAK_EVERY", 0.05)
    monkeypatch.setattr(shoko_hub, "_PATIENCE", 0.3)
    heard: list[str] = []

    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_str("{}" + END)
        while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            heard.append(message.data)

    url = await serve(scripted(script))
    with pytest.raises(Unreachable):
        async with asyncio.timeout(10), ShokoClient(session, url, KEY).hub() as hub:
            await hub.receive()
    assert heard[:2] == ['{"type":6}' + END] * 2


@given(st.text() | st.binary())
def test_no_frame_does_more_than_fail(data: str | bytes) -> None:
    """Whatever is in it: messages, or Unreadable."""
    try:
        found = shoko_hub._records(data)
    except Unreadable:
        return
    assert all(hasattr(one, "get") for one in found)
