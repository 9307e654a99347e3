"""Our webhook in Connect: as a real Radarr 6.0.3 answered, and as the demo's arrs do."""

from collections.abc import Awaitable, Callable
import json
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.showrunner.clients.errors import (
    Refused,
    ServiceError,
    Unreachable,
    Unreadable,
)
from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.clients.sonarr import SonarrClient
from world.servers import Servers

from .conftest import read, recorded

type Serve = Callable[..., Awaitable[str]]

SECRET = "5ec2e7" * 10
FOREIGN = "http://other:8123/api/webhook/another"


def clients(session: aiohttp.ClientSession, servers: Servers) -> dict[str, Any]:
    """Give both clients with the other side's state."""
    keys = servers.world.keys
    return {
        "radarr": (
            RadarrClient(session, servers.radarr.url, keys.radarr),
            servers.radarr_state.connect,
        ),
        "sonarr": (
            SonarrClient(session, servers.sonarr.url, keys.sonarr),
            servers.sonarr_state.connect,
        ),
    }


@pytest.fixture
async def door(serve: Serve) -> tuple[str, list[Any]]:
    """Open a door of ours; give its address, and what came in."""
    came: list[Any] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        came.append(await request.json())
        return web.json_response({"accepted": True})

    return f"{await serve(answer)}/api/webhook/{SECRET}", came


def foreign(switch: str) -> dict[str, Any]:
    """Make a connection of somebody else."""
    return {
        "name": "Mine",
        switch: True,
        "tags": [1],
        "fields": [{"name": "url", "value": FOREIGN}, {"name": "method", "value": 2}],
    }


@pytest.mark.parametrize("product", ["radarr", "sonarr"])
async def test_ours_is_added_once_and_removed_and_a_foreign_one_is_left(
    session: aiohttp.ClientSession, servers: Servers, door: tuple[str, list[Any]], product: str
) -> None:
    """The arr tests it while it is added; what is right already is not written again."""
    client, connect = clients(session, servers)[product]
    server = servers.all[product]
    connect.notifications[9] = {**foreign("onGrab"), "id": 9}
    before = json.dumps(connect.notifications[9])
    url, came = door
    assert await client.notifications.ensure(url) is True
    assert [body["eventType"] for body in came] == ["Test"]
    [own] = [row for number, row in connect.notifications.items() if number != 9]
    assert {name: own[name] for name in client.switches} == client.switches
    assert await client.notifications.ensure(url) is False
    assert len([call for call in server.calls if call.method in ("POST", "PUT")]) == 1
    assert await client.notifications.remove(url) is True
    assert await client.notifications.remove(url) is False
    assert [json.dumps(row) for row in connect.notifications.values()] == [before]


async def test_another_address_of_ours_is_put_right(
    session: aiohttp.ClientSession, servers: Servers, door: tuple[str, list[Any]]
) -> None:
    """Home Assistant has moved, a switch is off, and there is a second one: one remains."""
    client, connect = clients(session, servers)["sonarr"]
    url, came = door
    for number in (3, 4):
        connect.notifications[number] = {
            **foreign("onGrab"),
            **dict.fromkeys(client.switches, False),
            "id": number,
            "fields": [
                {"name": "url", "value": f"http://old:8123/api/webhook/{SECRET}"},
                {"name": "method", "value": 1},
                {"name": "password", "value": "pw"},
            ],
        }
    assert await client.notifications.ensure(url) is True
    [own] = connect.notifications.values()
    fields = {field["name"]: field.get("value") for field in own["fields"]}
    assert (fields["url"], fields["method"], fields["password"]) == (url, 1, "pw")
    assert {name: own[name] for name in client.switches} == client.switches
    assert own["tags"] == [1]  # which titles it is told of is the person's choice
    assert len(came) == 1
    assert await client.notifications.ensure(url) is False


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("fails-401", Refused, "Unable to send test message"),
        ("refused", Unreachable, "Connection refused"),
    ],
)
async def test_a_real_radarrs_refusals_are_told_without_our_secret(
    session: aiohttp.ClientSession, serve: Serve, name: str, error: type[ServiceError], said: str
) -> None:
    """It repeats the whole address, and the message is cut: neither may leave a part of it."""
    response = read(f"radarr/captured-notification-post-webhook-{name}.json")["response"]
    url = f"http://homeassistant.local:8123/api/webhook/{SECRET}"
    asked = response["body"][0]["errorMessage"] if isinstance(response["body"], list) else ""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return web.json_response([])
        body = json.dumps(response["body"])
        if asked:
            body = body.replace("http://127.0.0.1:27902/code/401", url)
        return web.Response(status=response["status"], text=body, content_type="application/json")

    client = RadarrClient(session, await serve(answer), "key")
    with pytest.raises(error, match=said) as caught:
        await client.notifications.ensure(url)
    assert SECRET[:8] not in str(caught.value)


@pytest.mark.parametrize("product", ["radarr", "sonarr"])
async def test_nobody_listens(
    session: aiohttp.ClientSession, servers: Servers, product: str
) -> None:
    """A refused connection is a 500 there; nothing is left behind."""
    client, connect = clients(session, servers)[product]
    with pytest.raises(Unreachable, match="Connection refused"):
        await client.notifications.ensure(f"http://127.0.0.1:9/api/webhook/{SECRET}")
    assert connect.notifications == {}


async def test_a_recorded_list_is_read_and_what_it_holds_is_changed_whole(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Every key of the real object goes back, and the hidden password as it was shown."""
    answer, asked = recorded(
        ["captured-notification-list", "captured-notification-put-masked-password"]
    )
    row = read("radarr/captured-notification-list.json")["response"]["body"][0]
    client = RadarrClient(session, await serve(answer), "key")
    assert await client.notifications.ensure("http://new/hook") is True
    [put] = [body for method, _, body in asked if method == "PUT"]
    assert put.keys() == row.keys()
    changed = {name for name in row if put[name] != row[name]}
    assert changed == {
        "fields",
        "onHealthIssue",
        "includeHealthWarnings",
        "onHealthRestored",
        "onApplicationUpdate",
        "onMovieFileDeleteForUpgrade",
    }
    values = {field["name"]: field.get("value") for field in put["fields"]}
    assert (values["url"], values["password"]) == ("http://new/hook", "********")
    assert await client.notifications.remove("http://new/other") is False


@pytest.mark.parametrize("answer", ["{}", "null", '"x"'])
async def test_no_list_is_not_an_empty_one(
    session: aiohttp.ClientSession, serve: Serve, answer: str
) -> None:
    """Else every start would add another one."""
    asked: list[str] = []

    async def say(request: web.Request) -> web.StreamResponse:
        asked.append(request.method)
        return web.Response(text=answer, content_type="application/json")

    client = RadarrClient(session, await serve(say), "key")
    with pytest.raises(Unreadable):
        await client.notifications.ensure("http://ha/api/webhook/x")
    assert asked == ["GET"]
