"""What is asked several times within a moment: once, by its task alone, and until a change."""

import asyncio
from collections.abc import AsyncGenerator
from types import SimpleNamespace

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.showrunner.clients import moment as module
from custom_components.showrunner.clients.errors import ServiceError, Unreachable
from custom_components.showrunner.clients.http import HttpClient
from custom_components.showrunner.clients.moment import forget, lately, moment, note, noted, once
from custom_components.showrunner.clients.radarr import RadarrClient


class _Counted:
    """A server that counts what it is asked, and answers with the number."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200

    async def answer(self, request: web.Request) -> web.Response:
        """Answer."""
        self.asked += 1
        if request.path.endswith("/movie"):
            return web.json_response([])
        return web.json_response({"number": self.asked}, status=self.status)


@pytest.fixture
def counted() -> _Counted:
    """Give one."""
    return _Counted()


@pytest.fixture
async def url(socket_enabled: None, counted: _Counted) -> AsyncGenerator[str]:
    """Serve it."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", counted.answer)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
async def http(url: str) -> AsyncGenerator[HttpClient]:
    """Give a client of it."""
    async with aiohttp.ClientSession() as session:
        yield HttpClient(session, url, service="Thing")


async def test_within_a_moment_the_same_is_asked_once(counted: _Counted, http: HttpClient) -> None:
    """Another question is another one; outside, and in the next moment, everything is asked."""
    with moment():
        assert await http.get("/a") == await http.get("/a") == {"number": 1}
        assert await http.get("/a", {"page": 2}) == {"number": 2}
        with moment():
            assert await http.get("/a") == {"number": 1}
    assert await http.get("/a") == {"number": 3}
    with moment():
        assert await http.get("/a") == {"number": 4}
    assert await http.get("/a") == {"number": 5}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_after_a_change_everything_is_asked_anew(
    counted: _Counted, http: HttpClient, method: str
) -> None:
    """Also after one that has failed, or may have: nobody knows what it did."""
    with moment():
        assert await http.get("/a") == {"number": 1}
        await http.request(method, "/a")
        assert await http.get("/a") == {"number": 3}
        counted.status = 500
        with pytest.raises(Unreachable):
            await http.request(method, "/a")
        counted.status = 200
        assert await http.get("/a") == {"number": 5}
        forget()
        assert await http.get("/a") == {"number": 6}


async def test_an_answer_stands_for_a_second_after_its_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that took longer is not given twice at all."""
    now, takes = 100.0, 0.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    numbers = iter(range(10))

    async def ask() -> int:
        nonlocal now
        now += takes
        return next(numbers)

    with moment():
        assert await once("q", ask) == 0
        now += module.STANDS
        assert await once("q", ask) == 0
        now += 0.001
        takes = module.STANDS + 0.001
        assert await once("q", ask) == 1
        assert await once("q", ask) == 2


async def test_while_a_plan_is_made_an_answer_stands_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As long as its maker says, and not a moment longer."""
    now = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    numbers = iter(range(10))

    async def ask() -> int:
        return next(numbers)

    with moment(60.0):
        for later, number in ((0.0, 0), (50.0, 0), (60.0, 0), (60.1, 1)):
            now = 100.0 + later
            assert await once("q", ask) == number


async def test_a_task_that_is_begun_meanwhile_asks_by_itself(
    counted: _Counted, http: HttpClient
) -> None:
    """A poll must not take for a healthy answer of its own what somebody else was told."""
    with moment():
        assert await http.get("/a") == {"number": 1}
        assert await asyncio.create_task(http.get("/a")) == {"number": 2}
        assert await http.get("/a") == {"number": 1}


async def test_a_failure_is_asked_again_and_none_is_an_answer(
    counted: _Counted, http: HttpClient
) -> None:
    """That there is none (404) counts for a moment as well as what there is."""
    with moment():
        for status, asked in ((500, 2), (401, 1), (404, 1)):
            counted.status, counted.asked = status, 0
            with pytest.raises(ServiceError):
                await http.get(f"/{status}")
            assert counted.asked == asked
            with pytest.raises(ServiceError):
                await http.get(f"/{status}")
            assert counted.asked == (asked if status == 404 else 2 * asked)


async def test_a_list_of_an_arr_is_shared_too(counted: _Counted, url: str) -> None:
    """As far as it is read in the same way."""
    async with aiohttp.ClientSession() as session:
        radarr = RadarrClient(session, url, "key")
        with moment():
            for _ in range(2):
                assert await radarr.movie_by_tmdb(5) is None
            assert counted.asked == 1
            assert await radarr.movie_by_tmdb(6) is None
            assert counted.asked == 2


async def test_what_came_along_with_other_answers_stands_as_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only within a moment, and until a change."""
    now = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    note("q", 1)
    assert noted("q") is None
    with moment(60.0):
        note("q", 1)
        now += 60.0
        assert noted("q") == 1
        now += 0.1
        assert noted("q") is None
        note("q", 2)
        assert noted("q") == 2
        forget()
        assert noted("q") is None
    assert noted("q") is None


async def test_what_outlasts_our_changes_stands_for_a_second_as_long_as_it_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What took longer for one from when it came; outside of a moment all is asked."""
    clock, takes, asked, true = 100.0, 0.0, 0, True
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock))

    async def ask() -> int:
        nonlocal asked, clock
        asked += 1
        clock += takes
        return asked

    async def holds(_: int) -> bool:
        return true

    async def get() -> int:
        return await lately("it", ask, holds)

    assert [await get(), await get()] == [1, 2]
    with moment():
        assert [await get(), await get()] == [3, 3]
        forget()
        clock += 1.0
        assert await get() == 3
        clock += 0.1
        assert await get() == 4
        true = False
        assert [await get(), await get()] == [5, 6]
        true, takes, clock = True, 5.0, clock + 2
        assert await get() == 7
        clock += 1.0
        assert await get() == 7
        clock += 0.1
        assert await get() == 8
        assert await asyncio.create_task(get()) == 9
    with moment():
        assert await get() == 10


async def test_nothing_lasts_whose_asking_failed() -> None:
    """Neither what was asked for in vain, nor what no longer held."""
    fails = True

    async def ask() -> int:
        if fails:
            raise Unreachable("it", "down")
        return 1

    async def never(_: int) -> bool:
        return False

    with moment():
        with pytest.raises(Unreachable):
            await lately("it", ask, never)
        fails = False
        assert await lately("it", ask, never) == 1
        fails = True
        for _ in range(2):
            with pytest.raises(Unreachable):
                await lately("it", ask, never)
