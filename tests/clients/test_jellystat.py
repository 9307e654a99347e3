"""Jellystat as captured from a real 1.1.8: what its answers mean, and which are none."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
import json
import threading
from typing import Any

import aiohttp
from aiohttp import web
import orjson
import pytest

from custom_components.showrunner.clients import jellystat
from custom_components.showrunner.clients.errors import (
    ServiceError,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongProduct,
)
from custom_components.showrunner.clients.jellystat import JellystatClient, Page
from custom_components.showrunner.domain.importing import (
    HistoryRow,
    ImportedItem,
    Refusal,
    completed_days,
)
from custom_components.showrunner.domain.media import Unit, UnitKind
from custom_components.showrunner.domain.watching import WatchPolicy
from world.servers import Servers

from .conftest import read

type Serve = Callable[..., Awaitable[str]]
KEY = "sentinel-jellystat-key"
ALICE, BOB = "6384e2b2184bcbf58eccf10ca7a6563c", "9f9d51bc70ef21ca5c14f307980a29d8"
SINCE = datetime(2026, 11, 1, tzinfo=UTC)


CONFIGURED = "/auth/isConfigured"


class Replay:
    """Answers with captured files, by method and path; remembers what was asked."""

    def __init__(self, *names: str) -> None:
        """Take the captured files' names."""
        self.asked: list[tuple[str, str, Any]] = []
        self.answers: dict[tuple[str, str], Any] = {}
        self.over = asyncio.Event()
        for name in names:
            captured = read(f"jellystat/{name}.json")
            request = captured["request"]
            self.answers[request["method"], request["path"].split("?")[0]] = captured

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if request.path != CONFIGURED:
            assert request.headers.get("x-api-token") == KEY
        assert "Authorization" not in request.headers
        body = await request.text()
        self.asked.append((request.method, request.path_qs, json.loads(body) if body else None))
        captured = self.answers.get((request.method, request.path))
        if captured is None:
            return web.json_response({"error": "Not Found"}, status=404)
        if captured["status"] is None:
            if "timed out" in captured["response"]:
                await self.over.wait()
            if request.transport is not None:
                request.transport.close()
        response = captured["response"]
        text = response if isinstance(response, str) else json.dumps(response)
        return web.Response(status=captured["status"] or 500, text=text)


async def client(
    session: aiohttp.ClientSession,
    serve: Serve,
    answer: Replay | Callable[..., Any],
    *,
    is_jellystat: bool = True,
) -> JellystatClient:
    """Make a client of a server that answers so; one that is ready unless it answers otherwise."""
    result = answer.answer if isinstance(answer, Replay) else answer
    says_itself = isinstance(answer, Replay) and ("GET", CONFIGURED) in answer.answers

    async def also_ready(request: web.Request) -> web.StreamResponse:
        if request.path == CONFIGURED:
            # Whoever asks this does not know yet whether the key may be sent.
            assert "x-api-token" not in request.headers
            if is_jellystat and not says_itself:
                return web.json_response(read("jellystat/isConfigured-state2.json")["response"])
        return await result(request)

    return JellystatClient(session, await serve(also_ready), KEY)


async def all_of(pages: AsyncIterator[Page]) -> list[HistoryRow | Refusal]:
    """Read every page."""
    return [row async for page in pages for row in page]


def answering(*pages: dict[str, Any], **fixed: Any) -> Callable[..., Any]:
    """Answer with one page after the other; `fixed` has other answers by the path's end."""
    left = list(pages)

    async def answer(request: web.Request) -> web.StreamResponse:
        result = fixed.get(request.path.rsplit("/", 1)[1])
        return web.json_response(result if result is not None else left.pop(0))

    return answer


def page(*rows: Any, number: int = 1, pages: int = 1, size: int = 100) -> dict[str, Any]:
    """Make a page."""
    return {"current_page": number, "pages": pages, "size": size, "results": list(rows)}


def captured_row(**changes: Any) -> dict[str, Any]:
    """Take the captured film, changed."""
    row: dict[str, Any] = read("jellystat/getItemHistory-movie.json")["response"]["results"][0]
    return row | changes


async def row(session: aiohttp.ClientSession, serve: Serve, **changes: Any) -> Any:
    """Read one row through the client."""
    made = await client(session, serve, answering(page(captured_row(**changes))))
    (found,) = await all_of(made.user_history(ALICE))
    return found


async def test_who_answers_and_whether_the_key_is_good(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """By the version, which everybody may ask for, and the libraries, which need the key."""
    made = await client(session, serve, Replay("isConfigured-state2", "getLibraries"))
    status = await made.status()
    assert (status.version, status.libraries) == ("1.1.8", 2)


@pytest.mark.parametrize(
    ("libraries", "error", "says"),
    [
        ("bad-key", Unauthorized, "refused"),
        ("unauthenticated", Unauthorized, "refused"),
        (None, Unauthorized, "no API key has been made"),  # 404
        ("dbdown-getLibraries-jwt", Unreachable, "database"),
    ],
)
async def test_what_is_wrong_is_told_apart(
    session: aiohttp.ClientSession,
    serve: Serve,
    libraries: str | None,
    error: type[ServiceError],
    says: str,
) -> None:
    """A key that is wrong, one that was never made, a database that is down."""
    names = ["isConfigured-state2"] + ([libraries] if libraries else [])
    made = await client(session, serve, Replay(*names))
    with pytest.raises(error, match=says) as caught:
        await made.status()
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("value", [{}, {"version": 1}, {"appName": "Radarr", "version": "6"}, []])
async def test_something_else_is_the_wrong_product(
    session: aiohttp.ClientSession, serve: Serve, value: Any
) -> None:
    """Also when it is not there, wants a login first, or is a web page."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response(value)

    for other in (answer, Replay(), Replay("unauthenticated")):
        if isinstance(other, Replay) and other.answers:
            other.answers = {("GET", "/auth/isConfigured"): next(iter(other.answers.values()))}
        with pytest.raises(WrongProduct):
            await (await client(session, serve, other, is_jellystat=False)).status()


async def test_a_users_captured_history(session: aiohttp.ClientSession, serve: Serve) -> None:
    """Episodes by their own id, ends in UTC, positions in seconds; nothing but size and page."""
    replay = Replay("getUserHistory")
    made = await client(session, serve, replay)
    found = await all_of(made.user_history(BOB))
    assert replay.asked == [("POST", "/api/getUserHistory?size=100&page=1", {"userid": BOB})]
    first, second = (one for one in found if isinstance(one, HistoryRow))
    assert first.row_id == "d3d73c41-33de-40cf-a992-2a0e41f5ae2b"
    assert (first.user_id, first.item_id) == (BOB, "33e848a9169e4a95301ad0edea4e436d")
    assert (first.unit.kind, first.unit.name) == (UnitKind.EPISODE, "Part 2")
    assert first.unit.series_item_id == "efba045f3f345de5ccc46abc9ccc7624"
    assert (first.unit.series_name, first.unit.season, first.unit.episode) == (
        "Harbour Lights",
        1,
        2,
    )
    assert first.at == datetime(2026, 11, 20, 15, 10, 31, 465000, UTC)
    assert (first.at_end, first.seconds, first.position) == (True, 10, 60)
    assert (first.device, first.client, first.play_method) == ("Phone", "Jellyfin Web", "transcode")
    assert second.item_id == "d4a582c4a1b1df0ee0867bab9d7b0ccd"


@pytest.mark.parametrize("name", ["getHistory", "getHistory-paged"])
async def test_the_captured_grouped_history_counts_every_play_once(
    session: aiohttp.ClientSession, serve: Serve, name: str
) -> None:
    """Inner rows where there are any, else the outer one, whose results are null."""
    captured = read(f"jellystat/{name}.json")["response"]
    replay = Replay(name)
    replay.answers["GET", "/api/getHistory"]["response"]["pages"] = 1
    made = await client(session, serve, replay)
    found = await all_of(made.history())
    ids = [one.row_id for one in found if isinstance(one, HistoryRow)]
    assert len(ids) == len(found)
    assert sorted(ids) == sorted({outer["Id"] for outer in captured["results"]})
    assert all("search" not in path and "desc" not in path for _, path, _ in replay.asked)


async def test_an_outer_duration_is_the_sum_and_never_read(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Three plays of an episode are three rows with their own times."""
    episode = read("jellystat/getUserHistory.json")["response"]["results"][0]
    plays = [episode | {"Id": f"play-{n}", "PlaybackDuration": 100 + n} for n in range(3)]
    outer = plays[0] | {"PlaybackDuration": 303, "results": plays, "TotalPlays": 3}
    made = await client(session, serve, answering(page(outer)))
    found = await all_of(made.history())
    assert [(one.row_id, one.seconds) for one in found if isinstance(one, HistoryRow)] == [
        ("play-0", 100),
        ("play-1", 101),
        ("play-2", 102),
    ]


async def test_what_looked_like_a_number_is_a_text_again(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """A film called 1917, a user called 1234, a device called 2."""
    found = await row(
        session, serve, NowPlayingItemName=1917, UserName=1234, DeviceName=2, PlaybackDuration="900"
    )
    assert (found.unit.name, found.device, found.seconds) == ("1917", "2", 900)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"UserId": None}, Refusal.UNREADABLE),
        ({"UserId": 1234}, Refusal.UNREADABLE),
        ({"NowPlayingItemId": None}, Refusal.UNREADABLE),
        ({"PlaybackDuration": None}, Refusal.UNREADABLE),
        ({"PlaybackDuration": "long"}, Refusal.UNREADABLE),
        ({"PlaybackDuration": True}, Refusal.UNREADABLE),
        ({"ActivityDateInserted": None}, Refusal.UNREADABLE),
        ({"ActivityDateInserted": "yesterday"}, Refusal.UNREADABLE),
        ({"ActivityDateInserted": 1700000000}, Refusal.UNREADABLE),
        ({"ActivityDateInserted": "0001-01-01T00:00:00.0000000Z"}, Refusal.UNREADABLE),
        ({"MediaStreams": [{"Type": "Audio"}]}, Refusal.UNKNOWN_ITEM),
    ],
)
async def test_a_row_that_cannot_be_read_is_refused(
    session: aiohttp.ClientSession, serve: Serve, changes: dict[str, Any], refusal: Refusal
) -> None:
    """It says why; what else is on the page stays."""
    assert await row(session, serve, **changes) is refusal


@pytest.mark.parametrize(
    ("said", "ticks"),
    [("2026-11-20T15:10:20.1234567Z", -5), ("2026-11-20T16:10:20.123456+01:00", "x")],
)
async def test_times_and_positions_of_all_kinds(
    session: aiohttp.ClientSession, serve: Serve, said: str, ticks: object
) -> None:
    """Seven digits of .NET, another zone; a position that can't be one is none."""
    found = await row(session, serve, ActivityDateInserted=said, PlayState={"PositionTicks": ticks})
    assert found.at == datetime(2026, 11, 20, 15, 10, 20, 123456, UTC)
    assert found.position is None


@pytest.mark.parametrize(
    "value",
    [
        {},
        None,
        [],
        {"results": None, "pages": 0},
        {"results": [], "pages": 2, "current_page": 1},
        page(captured_row(), pages=2),
        page(captured_row(), number=3),
        {"results": [captured_row()]},
    ],
)
async def test_half_a_page_is_no_end(
    session: aiohttp.ClientSession, serve: Serve, value: Any
) -> None:
    """A database that answers nothing, a page that is cut, one that was not asked for."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text="" if value is None else json.dumps(value))

    with pytest.raises(Unreadable):
        await all_of((await client(session, serve, answer)).user_history(ALICE))


async def test_what_is_no_row_costs_only_itself(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """It is counted among those that can't be read."""
    result = page("half", captured_row(), None)

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response(result)

    made = await client(session, serve, answer)
    [rows] = [rows async for rows in made.user_history(BOB)]
    assert [isinstance(row, HistoryRow) for row in rows] == [False, True, False]
    assert rows[0] is rows[2] is Refusal.UNREADABLE


@pytest.mark.parametrize(
    "pages",
    [
        [page(captured_row(), pages=2, size=2), page(captured_row(), number=2, pages=2, size=2)],
        [page(captured_row(), captured_row(), pages=2, size=2), page(number=2, pages=2, size=2)],
    ],
)
async def test_a_short_page_before_the_last_is_only_a_part(
    session: aiohttp.ClientSession, serve: Serve, pages: list[dict[str, Any]]
) -> None:
    """Also when what follows looks well; and so is a page without a row that should have some."""
    made = await client(session, serve, answering(*pages))
    with pytest.raises(Unreadable, match=r"part of it|is empty"):
        [len(one) async for one in made._pages("/api/x", {}, 2, 5.0)]


async def test_pages_are_read_to_the_last(session: aiohttp.ClientSession, serve: Serve) -> None:
    """As many as the server says, each whole but the last."""
    rows = [captured_row(Id=str(n)) for n in range(3)]
    pages = [page(*rows[:2], pages=2, size=2), page(rows[2], number=2, pages=2, size=2)]
    made = await client(session, serve, answering(*pages))
    got = [len(one) async for one in made._pages("/api/x", {}, 2, 5.0)]
    assert got == [2, 1]


async def test_plays_of_an_item_are_those_of_one_viewer(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """There is no user filter: rows are told apart here; older ones don't count."""
    item = "15422c8be85936de06ee4160e88dc08f"
    replay = Replay("getItemHistory-movie")
    made = await client(session, serve, replay)
    assert len(await made.plays(item, ALICE, SINCE)) == 1
    assert replay.asked == [("POST", "/api/getItemHistory?size=100&page=1", {"itemid": item})]
    assert await made.plays(item, BOB, SINCE) == ()
    assert await made.plays(item, ALICE, datetime(2026, 11, 21, tzinfo=UTC)) == ()


async def test_no_plays_are_believed_only_with_proof(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """A query that failed also answers without rows: is there any history at all?"""
    item = "f" * 32
    made = await client(session, serve, Replay("getItemHistory-unknown", "getHistory"))
    assert await made.plays(item, ALICE, SINCE) == ()
    made = await client(session, serve, Replay("getItemHistory-unknown", "getHistory-empty"))
    with pytest.raises(Unreadable, match="not to be believed"):
        await made.plays(item, ALICE, SINCE)


@pytest.mark.parametrize(
    "names",
    [
        ("dbdown-getItemHistory-jwt",),
        ("dbdown-getItemHistory-apikey",),
        ("getItemHistory-unknown", "dbdown-getHistory-jwt"),
    ],
)
async def test_a_database_that_is_down_is_never_nothing(
    session: aiohttp.ClientSession,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    names: tuple[str, ...],
) -> None:
    """503, a process that died, or no answer at all."""
    monkeypatch.setattr(jellystat, "_QUICK", 0.2)
    replay = Replay(*names)
    with pytest.raises(Unreachable) as caught:
        await (await client(session, serve, replay)).plays("f" * 32, ALICE, SINCE)
    assert KEY not in str(caught.value)
    replay.over.set()


async def test_a_page_is_read_beside_the_event_loop(
    session: aiohttp.ClientSession, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred rows with their tracks are a megabyte, and there are hundreds of pages."""
    tracks = [{"Type": "Video", "Codec": "h264"}] * 300
    many = page(*(captured_row(Id=str(number), MediaStreams=tracks) for number in range(100)))
    threads: set[int] = set()
    decode = orjson.loads

    def noted(content: bytes) -> object:
        if len(content) > 1000:  # not the question whether it is ready
            threads.add(threading.get_ident())
        return decode(content)

    monkeypatch.setattr(orjson, "loads", noted)
    made = await client(session, serve, answering(many))
    found = await all_of(made.user_history(ALICE))
    assert [one.row_id for one in found if isinstance(one, HistoryRow)] == [
        str(number) for number in range(100)
    ]
    assert threads
    assert threading.get_ident() not in threads


@pytest.mark.parametrize(
    ("answer", "left", "completed"),
    [(7800, 600, False), (1980, 600, False), (5400, 5300, True), (5400, None, True)],
)
async def test_a_play_that_was_paused_and_left_is_no_completed_viewing(
    session: aiohttp.ClientSession, serve: Serve, answer: int, left: int | None, completed: bool
) -> None:
    """Jellystat counts the pause too; where it was left counts, for decisions as for imports."""
    paused = read("jellystat/made-paused-play.json")
    (play,) = paused["results"]
    play["PlaybackDuration"] = answer
    play["PlayState"]["PositionTicks"] = None if left is None else left * 10_000_000
    made = await client(session, serve, answering(paused))
    rows = [one for one in await all_of(made.user_history("a" * 32)) if isinstance(one, HistoryRow)]
    film = ImportedItem(Unit(UnitKind.MOVIE, "A Quiet Orchard", "", "b" * 32), 5400)
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert len(rows) == 1
    count = completed_days(rows, film, WatchPolicy(), lambda at: at.date(), now)
    assert count == int(completed)


@pytest.mark.parametrize(
    ("state", "says"),
    [("0", "database is down, or it is not set up"), ("1", "not set up to the end")],
)
async def test_no_key_is_sent_before_it_is_ready(
    session: aiohttp.ClientSession, serve: Serve, state: str, says: str
) -> None:
    """It would end its process: whatever is asked, it is asked first, and every time."""
    replay = Replay(f"isConfigured-state{state}", "getLibraries", "getUserHistory", "getHistory")
    made = await client(session, serve, replay)
    for ask in (
        made.status,
        made.has_history,
        lambda: made.plays(ALICE, ALICE, datetime(2026, 1, 1, tzinfo=UTC)),
        lambda: all_of(made.user_history(ALICE)),
        lambda: all_of(made.history()),
    ):
        with pytest.raises(Unreachable, match=says):
            await ask()
    assert {path for _, path, _ in replay.asked} == {CONFIGURED}


async def test_a_database_that_goes_down_later_is_named(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """The demo's dies of a key, as the real one; ours never kills it, and goes on afterwards."""
    state = servers.jellystat_state
    made = JellystatClient(session, servers.jellystat.url, servers.world.keys.jellystat)
    assert (await made.status()).libraries == 2
    state.database_down = True
    for ask in (made.status, made.has_history, lambda: all_of(made.user_history(ALICE))):
        with pytest.raises(Unreachable, match=r"its database is down$"):
            await ask()
    assert not state.is_dead
    state.start_again()
    assert (await made.status()).libraries == 2
