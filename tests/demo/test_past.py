"""The demo's Jellystat and Playback Reporting answer as the captured and sampled ones do."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from .conftest import House

FIXTURES = Path(__file__).parents[1] / "fixtures"


def captured(name: str) -> Any:
    """Read what a real Jellystat answered."""
    return json.loads((FIXTURES / f"jellystat/{name}.json").read_text())["response"]


async def ask(house: House, method: str, path: str, body: object = None, **headers: str) -> Any:
    """Ask Jellystat; give status and body."""
    sent = headers or {"x-api-token": house.servers.world.keys.jellystat}
    url = house.servers.jellystat.url + path
    async with house.session.request(method, url, json=body, headers=sent) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text.startswith(("{", "[")) else text


def shape(value: Any) -> Any:
    """Give the names of an object."""
    return sorted(value)


async def test_pages_and_rows_have_the_captured_shape(house: House) -> None:
    """Names of pages, of episodes with their plays inside, and of films without."""
    _, answer = await ask(house, "GET", "/api/getHistory?size=500")
    real = captured("getHistory")
    assert shape(answer) == shape(real)
    for has_inner in (True, False):
        ours = next(row for row in answer["results"] if bool(row["results"]) is has_inner)
        theirs = next(row for row in real["results"] if bool(row["results"]) is has_inner)
        assert shape(ours) == shape(theirs)
        if has_inner:
            assert shape(ours["results"][0]) == shape(theirs["results"][0])
        else:
            assert ours["TotalPlays"] is ours["TotalDuration"] is ours["results"] is None
    user = house.servers.world.user("Sofa").id
    _, answer = await ask(house, "POST", "/api/getUserHistory?size=5&page=2", {"userid": user})
    real = captured("getUserHistory")
    assert (shape(answer), shape(answer["results"][0])) == (shape(real), shape(real["results"][0]))
    assert (answer["current_page"], len(answer["results"])) == (2, 5)
    assert {row["UserId"] for row in answer["results"]} == {user}
    _, answer = await ask(house, "POST", "/api/getItemHistory", {"itemid": "f" * 32})
    assert answer == captured("getItemHistory-unknown")
    _, answer = await ask(house, "GET", "/api/getLibraries")
    assert shape(answer[0]) == shape(captured("getLibraries")[0])
    assert (await ask(house, "GET", "/auth/isConfigured"))[1] == captured("isConfigured-state2")


@pytest.mark.parametrize(
    ("headers", "recorded"),
    [
        ({"Accept": "*/*"}, "unauthenticated"),
        ({"x-api-token": "wrong"}, "bad-key"),
    ],
)
async def test_keys_are_refused_as_the_real_one_does(
    house: House, headers: dict[str, str], recorded: str
) -> None:
    """Without one, and with a wrong one; an Authorization header wins over a good key."""
    real = json.loads((FIXTURES / f"jellystat/{recorded}.json").read_text())
    assert await ask(house, "GET", "/api/getLibraries", **headers) == (
        real["status"],
        real["response"],
    )
    good = {"x-api-token": house.servers.world.keys.jellystat, "Authorization": "Bearer x"}
    assert (await ask(house, "GET", "/api/getLibraries", **good))[0] == 401


async def test_without_its_database(house: House) -> None:
    """It says that it was never set up, and any key ends its process."""
    state = house.servers.jellystat_state
    state.database_down = True
    assert await ask(house, "GET", "/auth/isConfigured", Accept="*/*") == (
        200,
        json.loads(captured("dbdown-isConfigured")),
    )
    assert not state.is_dead
    for method, path in (("GET", "/api/getLibraries"), ("GET", "/auth/isConfigured")):
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await ask(house, method, path, **{"x-api-token": house.servers.world.keys.jellystat})
        assert state.is_dead
    state.start_again()
    assert (await ask(house, "GET", "/api/getLibraries"))[0] == 200


async def test_the_plugins_query_answers_like_the_sample(house: House) -> None:
    """Texts in every cell, `colums`, errors as a page's text, and nothing without the plugin."""
    folder = FIXTURES / "playback-reporting"
    request = json.loads((folder / "request-submit-custom-query.json").read_text())
    sample = json.loads((folder / "response-submit-custom-query.json").read_text())
    item = house.servers.world.find("The Lantern Keeper").item_id
    sql = request["CustomQueryString"].replace("ee39bef06f503dd0e9dbd20593df417f", item)
    path = "/user_usage_stats/submit_custom_query"
    status, answer = await house.ask("jellyfin", "POST", path, request | {"CustomQueryString": sql})
    assert (status, shape(answer)) == (200, shape(sample))
    assert isinstance(answer, dict)
    assert answer["colums"] == sample["colums"]
    assert [len(row) for row in answer["results"]] == [10]
    assert all(isinstance(cell, str) for cell in answer["results"][0])
    status, answer = await house.ask("jellyfin", "POST", path, {"CustomQueryString": "SELECT x"})
    assert isinstance(answer, dict)
    assert (status, answer["results"]) == (200, [])
    assert "</br>SQLite Error 1: 'no such column: x'" in answer["message"]
    house.servers.jellyfin_state.reporting.installed = False
    status, _ = await house.ask("jellyfin", "POST", path, request)
    assert status == 404
