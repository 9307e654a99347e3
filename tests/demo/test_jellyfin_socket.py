"""The demo's `/socket` says what Jellyfin's description of it allows, and ends when it is told."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from .conftest import House
from .contracts import CONTRACTS, description, problems

MESSAGES = {
    "ForceKeepAlive": "ForceKeepAliveMessage",
    "KeepAlive": "OutboundKeepAliveMessage",
    "Sessions": "SessionsMessage",
}


async def heard(house: House, count: int) -> list[dict[str, Any]]:
    """Ask for the sessions, and give what is said."""
    url = house.servers.jellyfin.url + "/socket"
    async with house.session.ws_connect(url, headers=house.jellyfin_headers) as socket:
        await socket.send_json({"MessageType": "SessionsStart", "Data": "0,1500"})
        await socket.send_json({"MessageType": "KeepAlive"})
        async with asyncio.timeout(60):
            return [await socket.receive_json() for _ in range(count)]


@pytest.mark.skipif(not CONTRACTS.is_dir(), reason="the contracts are not beside the repository")
async def test_what_it_says_is_described(house: House) -> None:
    """Every message, also of a play that is converted."""
    play = house.servers.play(
        "Sofa", "Paper Foxes", 0.2, method="Transcode", reasons=("AudioCodecNotSupported",)
    )
    while not house.servers.world.plays:
        await asyncio.sleep(0.01)
    messages = await heard(house, 3)
    assert {message["MessageType"] for message in messages} == set(MESSAGES)
    schemas = description("jellyfin")["components"]
    for message in messages:
        schema = schemas["schemas"][MESSAGES[message["MessageType"]]]
        assert problems({"allOf": [schema], "components": schemas}, message) == []
    assert "MediaStreams" in json.dumps(messages)
    play.stop()


async def test_nobody_without_a_token(house: House) -> None:
    """403, where everything else says 401."""
    url = house.servers.jellyfin.url
    for headers in ({}, {"Authorization": 'MediaBrowser Token="wrong"'}):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await house.session.ws_connect(url + "/socket", headers=headers)
        assert caught.value.status == 403
        async with house.session.get(url + "/Sessions", headers=headers) as answer:
            assert answer.status == 401


async def test_sockets_are_cut_from_another_process(house: House) -> None:
    """Over the control API; and none is left when the world ends."""
    url = house.servers.jellyfin.url + "/socket"
    async with house.session.ws_connect(url, headers=house.jellyfin_headers) as socket:
        await socket.receive_json()
        control = house.servers.control.url + "/__control/cut"
        async with house.session.post(control, json={}) as answer:
            assert await answer.json() == {"cut": 1}
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSED
    while house.servers.jellyfin_state.socket.open:
        await asyncio.sleep(0.01)
