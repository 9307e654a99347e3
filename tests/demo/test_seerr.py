"""The demo's Seerr answers as the captured 3.1 did, in what it answers and in what it does."""

import asyncio
from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from world.catalogue import by_name
from world.seerr_agent import Agent
from world.seerr_book import MediaStatus, Status
from world.servers import Servers
from world.shows import show_by_name

from .conftest import House

FIXTURES = Path(__file__).parents[1] / "fixtures" / "seerr"
API = "/api/v1"
# What a title's page, a user or a request has besides, and nobody here asks for.
LEFT_OUT = {
    *("avatarETag", "avatarVersion", "plexId", "recoveryLinkExpirationDate", "settings"),
    *("mediaUrl", "serviceUrl"),
}
FILM, SHOW = "Third Shift", "Station of Clouds"


def captured(name: str) -> Any:
    """Read what a real one answered."""
    return json.loads((FIXTURES / f"api/{name}.json").read_text())


async def ask(
    house: House, method: str, path: str, body: object = None, user: int = 1, key: str = ""
) -> tuple[int, Any]:
    """Ask as a user."""
    headers = {"X-API-User": str(user)}
    if key != "none":
        headers["X-Api-Key"] = key or house.servers.world.keys.seerr
    async with house.session.request(
        method, house.servers.seerr.url + API + path, json=body, headers=headers
    ) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text else None


def shape(value: object) -> object:
    """Reduce an answer to its keys and its kinds of values."""
    if isinstance(value, Mapping):
        return {key: shape(one) for key, one in value.items() if key not in LEFT_OUT}
    if isinstance(value, list):
        return [shape(one) for one in value[:1]]
    return "number" if isinstance(value, int) and not isinstance(value, bool) else type(value)


async def test_a_request_is_written_as_the_real_one_writes_it(house: House) -> None:
    """In the list, by itself, and as the answer to its approval."""
    wanted = {"mediaType": "tv", "mediaId": show_by_name(SHOW).tmdb, "seasons": [1, 2]}
    status, made = await ask(house, "POST", "/request", wanted, user=2)
    assert status == 201
    status, approved = await ask(house, "POST", f"/request/{made['id']}/approve")
    assert status == 200
    page = (await ask(house, "GET", "/request?take=20&sort=added"))[1]
    real = captured("request-list")["response"]
    row = next(one for one in page["results"] if one["id"] == made["id"])
    assert shape(row) == shape(real["results"][0])
    assert shape(page["pageInfo"]) == shape(real["pageInfo"])
    assert page.keys() == real.keys()
    response = captured("request-approve-tv")["response"]
    assert approved["media"].keys() <= response["media"].keys()
    assert approved.keys() <= response.keys()
    assert approved["updatedAt"] == approved["createdAt"] == row["updatedAt"]


async def test_what_is_refused_is_refused_in_the_same_words(house: House) -> None:
    """Keys, unknown filters, titles and requests."""
    for name, one in (
        ("auth-none", await ask(house, "GET", "/request", key="none")),
        ("auth-wrong-key", await ask(house, "GET", "/request", key="wrong")),
        ("request-get-deleted", await ask(house, "GET", "/request/99")),
        ("request-approve-missing", await ask(house, "POST", "/request/99/approve")),
        ("request-delete-again", await ask(house, "DELETE", "/request/99")),
        ("movie-get-unknown", await ask(house, "GET", "/movie/999999")),
    ):
        real = captured(name)
        assert one[0] == real["status"], name
        if name != "auth-none":
            assert one[1] == real["response"], name
    assert (await ask(house, "GET", "/request?filter=bogus"))[0] == 400
    assert (await ask(house, "POST", "/request", {"mediaType": "movie"}))[0] == 400


async def test_the_same_film_is_asked_for_twice_only_without_the_word_4k(house: House) -> None:
    """As captured: 201 without `is4k`, 409 with it; of a series only what is new."""
    film: dict[str, object] = {"mediaType": "movie", "mediaId": by_name(FILM).tmdb}
    assert (await ask(house, "POST", "/request", film, user=2))[0] == 201
    assert (await ask(house, "POST", "/request", film, user=2))[0] == 201
    assert (await ask(house, "POST", "/request", film | {"is4k": False}, user=3))[0] == 409
    show = {"mediaType": "tv", "mediaId": show_by_name(SHOW).tmdb, "seasons": [1]}
    assert (await ask(house, "POST", "/request", show, user=2))[0] == 201
    status, answer = await ask(house, "POST", "/request", show, user=2)
    assert (status, answer) == (202, {"message": "No seasons available to request"})


async def test_approving_with_a_radarr_that_is_down_answers_200_and_failed(house: House) -> None:
    """And it can be tried again."""
    film = {"mediaType": "movie", "mediaId": by_name(FILM).tmdb}
    made = (await ask(house, "POST", "/request", film, user=2))[1]
    await house.servers.radarr.go_down()
    status, answer = await ask(house, "POST", f"/request/{made['id']}/approve")
    assert (status, answer["status"]) == (200, int(Status.FAILED))
    await house.servers.radarr.come_back()
    status, answer = await ask(house, "POST", f"/request/{made['id']}/retry")
    assert (status, answer["status"]) == (200, int(Status.APPROVED))
    library = house.servers.radarr_state.library
    assert library.by_tmdb(by_name(FILM).tmdb) is not None


async def test_only_the_form_that_3_1_reads_is_delivered(house: House) -> None:
    """Any form is taken, and the wrong one fails in its test."""
    agent: Agent = house.servers.seerr_state.agent
    url = f"{house.servers.ntfy.url}/nowhere"
    for name, status in (("single", 500), ("double", None)):
        body = captured(f"webhook-test-{name}-encoded")["request"]["body"]
        body["options"]["webhookUrl"] = url
        answer = await ask(house, "POST", "/settings/notifications/webhook/test", body)
        if status is not None:
            assert answer == (status, captured("webhook-test-single-encoded")["response"])
            assert not agent.sent
    [(sent, _, body)] = agent.sent
    assert sent == url
    real = json.loads((FIXTURES / "webhooks/01-TEST_NOTIFICATION.json").read_text())
    assert body == real


async def test_the_bodies_are_those_of_the_real_one(house: House) -> None:
    """Filled in from the same template."""
    agent = house.servers.seerr_state.agent
    settings = captured("webhook-test-double-encoded")["request"]["body"]
    settings["options"]["webhookUrl"] = f"{house.servers.ntfy.url}/nowhere"
    assert (await ask(house, "POST", "/settings/notifications/webhook", settings))[0] == 200
    show = {"mediaType": "tv", "mediaId": show_by_name(SHOW).tmdb, "seasons": [1, 2]}
    await ask(house, "POST", "/request", show, user=2)
    await _sent(house.servers, 1)
    body = agent.sent[-1][2]
    real = json.loads((FIXTURES / "webhooks/08-MEDIA_PENDING.json").read_text())
    assert shape(body) == shape(real)
    assert body["extra"] == real["extra"]
    assert body["event"] == real["event"]


async def _sent(servers: Servers, count: int) -> None:
    """Wait until so many calls were made."""
    async with asyncio.timeout(60):
        while len(servers.seerr_state.agent.sent) < count:
            await asyncio.sleep(0.01)


async def test_what_jellyfin_has_becomes_available_and_what_it_loses_can_be_asked_for_again(
    house: House,
) -> None:
    """Approved requests are completed; one that waits goes on waiting (captured)."""
    state, world = house.servers.seerr_state, house.servers.world
    film = by_name(FILM)
    approved = state.book.ask(film, world.user("Sofa"))
    waiting = state.book.ask(film, world.user("Kitchen"))
    state.worker.scan()
    assert (approved.status, approved.media.status) == (Status.APPROVED, MediaStatus.PENDING)
    world.moved_home(film)
    state.worker.scan()
    assert (approved.status, waiting.status) == (Status.COMPLETED, Status.PENDING)
    assert approved.media.status is MediaStatus.AVAILABLE
    world.moved_away(film)
    state.worker.sync()
    assert approved.media.status is MediaStatus.AVAILABLE  # Jellyfin has not missed it yet
    world.miss()
    state.worker.scan()
    assert approved.media.status is MediaStatus.AVAILABLE  # nor has Seerr, until its next sync
    state.worker.sync()
    assert approved.media.status is MediaStatus.DELETED
    assert (await ask(house, "GET", "/request?filter=deleted"))[1]["pageInfo"]["results"] == 1


@pytest.mark.parametrize("name", ["pending", "approved", "completed", "failed", "all"])
async def test_each_filter_lists_its_own(house: House, name: str) -> None:
    """The past holds a request in every state but the failed one."""
    page = (await ask(house, "GET", f"/request?filter={name}&take=50"))[1]
    states = {row["status"] for row in page["results"]}
    expected = {
        "pending": {1},
        "approved": {2},
        "completed": {5},
        "failed": set(),
        "all": {1, 2, 3, 5},
    }
    assert states == expected[name]
    assert page["pageInfo"]["results"] == len(page["results"])


async def test_it_is_down_like_any_other(house: House) -> None:
    """And comes back with what it had."""
    await house.servers.seerr.go_down()
    with pytest.raises(aiohttp.ClientConnectionError):
        await ask(house, "GET", "/status")
    await house.servers.seerr.come_back()
    assert (await ask(house, "GET", "/status"))[1] == captured("status")["response"]
