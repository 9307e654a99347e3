"""Lists of tens of thousands: read while they come, and never asked for twice at a time."""

import asyncio
from collections.abc import Awaitable, Callable
import json
import tracemalloc
from typing import Any

import aiohttp
from aiohttp import web
from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients.errors import TimedOut, Unreachable, Unreadable
from custom_components.showrunner.clients.http import HttpClient
from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.clients.row_stream import NoRows, NotAList, RowStream
from custom_components.showrunner.clients.seerr import SeerrClient

type Serve = Callable[..., Awaitable[str]]

# As Radarr writes one: with other titles that begin as the film does, and braces in its texts.
FILM = {
    "title": 'A Quiet }, {"title": Orchard',
    "year": 1971,
    "path": "/data/movies/A Quiet Orchard (1971)",
    "hasFile": True,
    "movieFile": {"path": "/data/movies/A Quiet Orchard (1971)/film.mkv"},
    "overview": "x" * 1950,
    "alternateTitles": [{"title": f"Other {n}", "sourceType": "tmdb"} for n in range(20)],
}


def film(number: int) -> dict[str, Any]:
    """Write a film as Radarr does."""
    return FILM | {"id": number, "tmdbId": 1_000_000 + number, "imdbId": f"tt{number:07d}"}


def read(body: bytes, cuts: list[int], most: int | None = None) -> list[object]:
    """Read a body that comes in pieces."""
    found: list[object] = []

    def take(row: object) -> bool:
        found.append(row)
        return True

    stream = RowStream(take, most)
    ends = sorted({min(cut, len(body)) for cut in cuts})
    for begin, end in zip([0, *ends], [*ends, len(body)], strict=True):
        if stream.enough:
            return found
        stream.feed(body[begin:end])
    if not stream.enough:
        stream.end()
    return found


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
cuts = st.lists(st.integers(0, 600), max_size=8)


@given(st.lists(values, max_size=8), cuts, st.sampled_from([None, 1]), st.booleans())
def test_however_a_list_is_cut_its_rows_are_the_same(
    rows: list[object], where: list[int], indent: int | None, escaped: bool
) -> None:
    """Written with blanks or without; cut in the middle of a character, a number, a word."""
    body = json.dumps(rows, indent=indent, ensure_ascii=escaped).encode()
    assert read(body, where) == rows


@given(st.lists(values, min_size=1, max_size=6), cuts, st.integers(1, 600))
def test_half_a_list_is_none(rows: list[object], where: list[int], kept: int) -> None:
    """What breaks off anywhere must not look like a shorter list."""
    body = json.dumps(rows).encode()
    half = body[: min(kept, len(body) - 1)]
    with pytest.raises(NoRows):
        read(half, where)


@pytest.mark.parametrize("body", [b"", b"  ", b"{}", b"<html>", b"null", b'"[]"', b"5"], ids=repr)
def test_what_is_no_list_is_said_to_be_none(body: bytes) -> None:
    """It must not look like an empty one."""
    with pytest.raises(NotAList):
        read(body, [])


@pytest.mark.parametrize("body", [b"[", b"[1", b"[1 2]", b"[]x", b"[1]]", b"[\xff]", b"[{]"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    """Also behind good rows."""
    with pytest.raises(NoRows):
        read(body, [])


def test_a_row_that_never_ends_is_refused() -> None:
    """It would fill the memory, and be begun anew with every piece."""
    stream = RowStream(lambda _: True)
    stream.feed(b'["')

    def for_ever() -> None:
        for _ in range(100):
            stream.feed(b"x" * 65_536)

    with pytest.raises(NoRows):
        for_ever()


def http(session: aiohttp.ClientSession, url: str, **more: Any) -> HttpClient:
    """Talk to it."""
    return HttpClient(session, url, service="Thing", **more)


async def test_a_long_list_is_read_in_little_memory(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Thirty megabytes: never more than a few of them at once, and no long stall."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b"[")
        for number in range(1, 10_001):
            row = json.dumps(film(number)).encode()
            await response.write(row if number == 1 else b"," + row)
        await response.write(b"]")
        return response

    radarr = RadarrClient(session, await serve(answer), "key")
    tracemalloc.start()
    try:
        numbers = await radarr.movies(lambda movie: movie.id)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert numbers == tuple(range(1, 10_001))
    assert peak < 12 * 1024 * 1024


async def test_enough_is_enough(session: aiohttp.ClientSession, serve: Serve) -> None:
    """Of a list that goes on for ever a few are read."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"[")
        while True:
            await response.write(json.dumps(film(1)).encode() + b",")
            await asyncio.sleep(0)

    radarr = RadarrClient(session, await serve(answer), "key")
    assert len(await radarr.movies(lambda movie: movie.id, most=25)) == 25


async def test_a_get_whose_time_is_up_is_not_asked_again(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """The server may still be working on it; only what never got an answer is repeated."""
    asked: list[str] = []
    forever = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if request.path == "/gone":
            return web.Response(status=502)
        if request.path == "/proxy":
            return web.Response(status=504)
        await forever.wait()
        return web.json_response([])

    client = http(session, await serve(answer), timeout=0.2)
    with pytest.raises(TimedOut):
        await client.get("/slow")
    with pytest.raises(TimedOut):
        await client.get_list("/slow", dict)
    with pytest.raises(TimedOut):
        await client.get("/proxy")
    assert asked == ["/slow", "/slow", "/proxy"]
    with pytest.raises(Unreachable):
        await client.get_list("/gone", dict)
    assert asked[3:] == ["/gone", "/gone"]
    forever.set()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html></html>", "web page"),
        (b"{}", "not a list"),
        (b"", "not a list"),
        (b'[{"id": 1}', "not JSON"),
        (b"[7, null]", "no row"),
    ],
)
async def test_what_a_list_is_not_is_named(
    session: aiohttp.ClientSession, serve: Serve, body: bytes, message: str
) -> None:
    """In the words that a short answer has."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    with pytest.raises(Unreadable, match=message):
        await http(session, await serve(answer)).get_list("/x", dict)


async def test_a_server_that_ignores_the_id_is_not_asked_twice_at_a_time(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """It answers with everything; who asks meanwhile waits, and finds what was not there before."""
    rows = [film(number) for number in range(1, 500)]
    at_once = most = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.05)
        at_once -= 1
        return web.json_response(rows)

    radarr = RadarrClient(session, await serve(answer), "key")
    found = await asyncio.gather(*(radarr.movie_by_tmdb(1_000_000 + n) for n in (7, 8, 9, 600)))
    assert [one and one.id for one in found] == [7, 8, 9, None]
    assert most == 1
    rows.append(film(600))
    late = await radarr.movie_by_tmdb(1_000_600)
    assert late is not None


async def test_one_that_knows_the_id_is_asked_freely(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """No question waits for another one."""
    both = asyncio.Event()
    waiting = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal waiting
        number = int(request.query["tmdbId"]) - 1_000_000
        if number > 1:
            waiting += 1
            if waiting == 2:
                both.set()
            await both.wait()
        return web.json_response([film(number)])

    radarr = RadarrClient(session, await serve(answer), "key")
    assert await radarr.movie_by_tmdb(1_000_001) is not None
    async with asyncio.timeout(20):
        found = await asyncio.gather(*(radarr.movie_by_tmdb(1_000_000 + n) for n in (2, 3)))
    assert all(found)


async def test_seerr_has_time_to_ask_an_arr_that_is_off(
    session: aiohttp.ClientSession, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks all of them for every list, and waits for each that does not answer."""
    given: list[float | None] = []
    exchange = HttpClient.exchange

    async def noted(self: HttpClient, *args: Any, **more: Any) -> Any:
        given.append(more.get("timeout"))
        return await exchange(self, *args, **more)

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"pageInfo": {"results": 0}, "results": []})

    monkeypatch.setattr(HttpClient, "exchange", noted)
    seerr = SeerrClient(session, await serve(answer), "key")
    await seerr.newest()
    assert given == [90.0]
