"""Lies are told where and as often as they were ordered, and look as they do in life."""

import asyncio
import json
import time

import aiohttp
import pytest

from world.lies import Lie, LieKind
from world.web import Server

from .conftest import House

MOVIES = "/api/v3/movie"
HISTORY = "/api/v3/history"


async def raw(house: House, path: str, timeout: float = 5) -> tuple[int, str, bytes]:
    """Ask Radarr; give status, content type and body as they come."""
    url = house.servers.radarr.url + path
    limit = aiohttp.ClientTimeout(total=timeout)
    async with house.session.get(
        url, headers=house.headers("radarr"), timeout=limit, allow_redirects=False
    ) as answer:
        return answer.status, answer.content_type, await answer.read()


def tell(house: House, kind: LieKind, path: str = "", **rest: object) -> Server:
    """Have Radarr tell a lie."""
    house.servers.radarr.liar.tell(Lie(kind, path, **rest))  # type: ignore[arg-type]
    return house.servers.radarr


async def test_a_time_out_answers_too_late(house: House) -> None:
    """Who waits less than its seconds gets nothing; who waits longer gets the truth."""
    tell(house, LieKind.TIMEOUT, seconds=0.3)
    with pytest.raises(TimeoutError):
        await raw(house, MOVIES, timeout=0.1)
    assert (await raw(house, MOVIES))[0] == 200


async def test_who_hung_up_leaves_no_answer_behind(house: House) -> None:
    """A server that stops ends what it was still answering, also to those who are gone."""
    before = asyncio.all_tasks()
    server = tell(house, LieKind.TIMEOUT, seconds=3_600)
    with pytest.raises(TimeoutError):
        await raw(house, MOVIES, timeout=0.1)
    await server.stop()
    assert not [one for one in asyncio.all_tasks() - before if "_handle_request" in repr(one)]


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_an_error_has_the_status_that_was_ordered(house: House, status: int) -> None:
    """And says it in JSON."""
    tell(house, LieKind.ERROR, status=status)
    got, kind, body = await raw(house, MOVIES)
    assert (got, kind) == (status, "application/json")
    assert "message" in json.loads(body)


@pytest.mark.parametrize("kind", [LieKind.DROP, LieKind.HALF])
async def test_a_broken_connection_is_no_answer(house: House, kind: LieKind) -> None:
    """Neither none at all, nor half of the announced bytes."""
    tell(house, kind)
    with pytest.raises(aiohttp.ClientError):
        await raw(house, MOVIES)


async def test_half_a_json_is_a_complete_answer_that_cannot_be_read(house: House) -> None:
    """Status and length are right; the text is not."""
    tell(house, LieKind.HALF_JSON)
    status, kind, body = await raw(house, MOVIES)
    assert (status, kind) == (200, "application/json")
    with pytest.raises(ValueError, match=r"."):
        json.loads(body)


async def test_half_a_page_still_counts_all(house: House) -> None:
    """The total is the truth; half of the records is missing."""
    truth = json.loads((await raw(house, HISTORY))[2])
    tell(house, LieKind.HALF_PAGE)
    value = json.loads((await raw(house, HISTORY))[2])
    assert value["totalRecords"] == truth["totalRecords"]
    assert value["records"] == truth["records"][: len(truth["records"]) // 2]
    assert len(value["records"]) > 0


async def test_an_empty_answer_is_well_formed(house: House) -> None:
    """An empty list, or a page that says that there is nothing."""
    tell(house, LieKind.EMPTY)
    assert json.loads((await raw(house, MOVIES))[2]) == []
    page = json.loads((await raw(house, HISTORY))[2])
    assert (page["records"], page["totalRecords"]) == ([], 0)


async def test_nothing_is_200_without_a_body(house: House) -> None:
    """Not even a space."""
    tell(house, LieKind.NOTHING)
    status, _, body = await raw(house, MOVIES)
    assert (status, body) == (200, b"")


async def test_a_slow_body_is_the_truth_in_the_end(house: House) -> None:
    """It drips over its seconds."""
    truth = (await raw(house, MOVIES))[2]
    tell(house, LieKind.SLOW, seconds=0.3)
    begun = time.monotonic()
    assert (await raw(house, MOVIES))[2] == truth
    assert time.monotonic() - begun >= 0.25


async def test_a_proxys_page_comes_with_status_200(house: House) -> None:
    """HTML where JSON was asked for."""
    tell(house, LieKind.HTML)
    status, kind, body = await raw(house, MOVIES)
    assert (status, kind) == (200, "text/html")
    assert b"<form" in body


async def test_a_wrong_total_has_the_true_records(house: House) -> None:
    """More is promised than there is."""
    truth = json.loads((await raw(house, HISTORY))[2])
    tell(house, LieKind.WRONG_TOTAL)
    value = json.loads((await raw(house, HISTORY))[2])
    assert value["records"] == truth["records"]
    assert value["totalRecords"] > truth["totalRecords"]


async def test_a_huge_body_is_larger_than_anybody_wants(house: House) -> None:
    """40 MiB of valid JSON."""
    tell(house, LieKind.HUGE)
    body = (await raw(house, MOVIES, timeout=20))[2]
    assert len(body) > 40_000_000
    assert json.loads(body) == []


@pytest.mark.parametrize(
    ("kind", "status"),
    [(LieKind.REFUSED, 401), (LieKind.FORBIDDEN, 403), (LieKind.REDIRECT, 302)],
)
async def test_a_gate_in_front_has_its_status(house: House, kind: LieKind, status: int) -> None:
    """A revoked key, a proxy that lets nobody in, and a sign-in page."""
    tell(house, kind)
    assert (await raw(house, MOVIES))[0] == status


def test_every_kind_of_lie_was_tried() -> None:
    """A new kind needs a test above."""
    tried = {
        *("timeout", "error", "drop", "half", "half_json", "half_page", "empty", "nothing"),
        # Of a whole library: tests/walk/test_library.py.
        *("surplus", "slow", "html", "wrong_total", "huge", "refused", "forbidden", "redirect"),
    }
    assert {kind.value for kind in LieKind} == tried


async def test_a_lie_is_told_by_one_service_on_one_path(house: House) -> None:
    """The other paths and the other services stay honest."""
    tell(house, LieKind.ERROR, "/history")
    assert (await raw(house, HISTORY))[0] == 500
    assert (await raw(house, MOVIES))[0] == 200
    status, _ = await house.ask("prowlarr", "GET", "/api/v1/system/status")
    assert status == 200


async def test_a_lie_can_be_for_one_method(house: House) -> None:
    """Commands fail, and can still be read."""
    tell(house, LieKind.ERROR, "/command", method="POST")
    sent = {"name": "MoviesSearch", "movieIds": [1]}
    assert (await house.ask("radarr", "POST", "/api/v3/command", sent))[0] == 500
    assert (await house.ask("radarr", "GET", "/api/v3/command")) == (200, [])


async def test_a_lie_is_told_as_often_as_ordered(house: House) -> None:
    """Twice, then the truth."""
    tell(house, LieKind.ERROR, times=2)
    assert [(await raw(house, MOVIES))[0] for _ in range(3)] == [500, 500, 200]


async def test_the_newest_lie_comes_first_and_all_can_be_taken_back(house: House) -> None:
    """One over the other, then none."""
    radarr = tell(house, LieKind.ERROR)
    tell(house, LieKind.REFUSED, times=1)
    assert [(await raw(house, MOVIES))[0] for _ in range(2)] == [401, 500]
    radarr.liar.be_honest()
    assert (await raw(house, MOVIES))[0] == 200


@pytest.mark.parametrize(
    ("kind", "happened"),
    [(LieKind.HALF_JSON, True), (LieKind.HTML, False), (LieKind.ERROR, False)],
)
async def test_what_is_lied_about_happened_or_did_not(
    house: House, kind: LieKind, happened: bool
) -> None:
    """A torn answer is to something that was done; a page in front means nothing was."""
    tell(house, kind, "/command", times=1)
    url = house.servers.radarr.url + "/api/v3/command"
    sent = {"name": "MoviesSearch", "movieIds": [1]}
    async with house.session.post(url, json=sent, headers=house.headers("radarr")) as answer:
        await answer.read()
    commands = house.servers.radarr_state.library.commands
    assert (len(commands) == 1) is happened


async def test_a_service_that_is_down_refuses_even_open_connections(house: House) -> None:
    """And is back on the same address."""
    radarr = house.servers.radarr
    assert (await raw(house, MOVIES))[0] == 200
    url = radarr.url
    await radarr.go_down()
    with pytest.raises(aiohttp.ClientError):
        await raw(house, MOVIES)
    await radarr.come_back()
    assert radarr.url == url
    assert (await raw(house, MOVIES))[0] == 200


async def test_the_world_ends_while_somebody_waits_for_a_lie(house: House) -> None:
    """The end of a test does not wait for a time-out."""
    tell(house, LieKind.TIMEOUT, seconds=60)
    waiting = asyncio.create_task(raw(house, MOVIES, timeout=60))
    await asyncio.sleep(0.05)
    begun = time.monotonic()
    await house.servers.radarr.stop()
    assert time.monotonic() - begun < 3
    with pytest.raises(aiohttp.ClientError):
        await waiting


async def test_lies_can_be_ordered_from_another_process(house: House) -> None:
    """Over the control API, which never lies itself."""
    url = house.servers.control.url + "/__control/"
    order = {"service": "radarr", "kind": "error", "status": 503, "times": 1}
    async with house.session.post(url + "lie", json=order) as answer:
        assert answer.status == 200
    assert [(await raw(house, MOVIES))[0] for _ in range(2)] == [503, 200]
    for wrong, status in (({"service": "radarr", "kind": "white"}, 400), ({"kind": "error"}, 404)):
        async with house.session.post(url + "lie", json=wrong) as answer:
            assert answer.status == status
    async with house.session.get(url + "calls?service=radarr") as answer:
        assert [call["status"] for call in await answer.json()] == [503, 200]
