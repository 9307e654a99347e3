"""The Playback Reporting plugin: SQL that can't be bent, texts for everything, and its errors."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import json
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients.errors import Refused, Unreachable, Unreadable
from custom_components.showrunner.clients.http import HttpClient
from custom_components.showrunner.clients.playback_reporting import PlaybackReportingClient, _query
from custom_components.showrunner.domain.importing import HistoryRow, Refusal
from custom_components.showrunner.domain.media import UnitKind

from .conftest import read

type Serve = Callable[..., Awaitable[str]]
USER = "150fe35a657b4c5ea4fd644c4c5152b5"
BERLIN = ZoneInfo("Europe/Berlin")
SAMPLE: dict[str, Any] = read("playback-reporting/response-submit-custom-query.json")
NOTHING = SAMPLE | {"results": []}


def rows_of(*changes: dict[str, object]) -> dict[str, Any]:
    """Make an answer of the sample's row with other cells."""
    columns, (row,) = SAMPLE["colums"], SAMPLE["results"]
    cells = [list((dict(zip(columns, row, strict=True)) | change).values()) for change in changes]
    return SAMPLE | {"results": cells}


async def ask(
    session: aiohttp.ClientSession, serve: Serve, *answers: object
) -> tuple[list[HistoryRow | Refusal], list[Any]]:
    """Read the history from a plugin that answers so; give also what it was asked."""
    left, asked = list(answers), []

    async def answer(request: web.Request) -> web.StreamResponse:
        assert (request.method, request.path) == ("POST", "/user_usage_stats/submit_custom_query")
        asked.append(await request.json())
        first = left.pop(0)
        if isinstance(first, int):
            return web.Response(status=first)
        return web.Response(text=first if isinstance(first, str) else json.dumps(first))

    http = HttpClient(session, await serve(answer), service="Jellyfin")
    client = PlaybackReportingClient(http, BERLIN)
    return [row async for page in client.history((USER,)) for row in page], asked


async def test_the_sample_is_read(session: aiohttp.ClientSession, serve: Serve) -> None:
    """The local clock of the home, seven digits, texts; on from the last row until none is left."""
    (row,), asked = await ask(session, serve, SAMPLE, NOTHING)
    assert isinstance(row, HistoryRow)
    # 15:10 in Berlin in November.
    assert row.at == datetime(2026, 11, 20, 14, 10, 0, 123456, UTC)
    assert (row.at_end, row.seconds, row.position) == (False, 3600, None)
    assert (row.user_id, row.item_id) == (USER, "ee39bef06f503dd0e9dbd20593df417f")
    assert (row.unit.kind, row.unit.name) == (UnitKind.MOVIE, "Example Movie")
    assert (row.play_method, row.client, row.device) == ("directplay", "Jellyfin Web", "Firefox")
    sample = read("playback-reporting/request-submit-custom-query.json")
    assert [set(one) for one in asked] == [set(sample)] * 2
    assert not any(one["ReplaceUserId"] for one in asked)
    first, second = (one["CustomQueryString"] for one in asked)
    assert first.split(" FROM ")[0] == sample["CustomQueryString"].split(" FROM ")[0]
    assert f"rowid > 0 AND UserId IN ('{USER}') ORDER BY rowid LIMIT 250" in first
    assert "rowid > 17 " in second


async def test_half_a_page_loses_nothing(session: aiohttp.ClientSession, serve: Serve) -> None:
    """A short page is no end: the next begins behind the last row that came."""
    pages = [rows_of({"rowid": str(n)}) for n in (3, 8, 9)]
    rows, asked = await ask(session, serve, *pages, NOTHING)
    assert len(rows) == 3
    assert "rowid > 9 " in asked[-1]["CustomQueryString"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"UserId": None}, Refusal.UNREADABLE),
        ({"UserId": "1234"}, Refusal.UNREADABLE),
        ({"ItemId": ""}, Refusal.UNREADABLE),
        ({"PlayDuration": "soon"}, Refusal.UNREADABLE),
        ({"DateCreated": "20.11.2026 15:10"}, Refusal.UNREADABLE),
        ({"DateCreated": "0001-01-01 00:00:00"}, Refusal.UNREADABLE),
        ({"DateCreated": 5}, Refusal.UNREADABLE),
        ({"ItemType": "Audio"}, Refusal.UNKNOWN_ITEM),
    ],
)
async def test_a_row_that_cannot_be_read_is_refused(
    session: aiohttp.ClientSession, serve: Serve, change: dict[str, object], refusal: Refusal
) -> None:
    """And the others on its page are not."""
    rows, _ = await ask(session, serve, rows_of(change, {"rowid": "18"}), NOTHING)
    assert rows[0] is refusal
    assert isinstance(rows[1], HistoryRow)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2026-10-25 02:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice: the first
        ("2026-03-29 02:30:00", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # never
        ("2026-07-01 12:00:00Z", datetime(2026, 7, 1, 12, 0, tzinfo=UTC)),
    ],
)
async def test_clocks_that_jump(
    session: aiohttp.ClientSession, serve: Serve, said: str, at: datetime
) -> None:
    """An hour that is shown twice, one that is never shown, and a zone that is told."""
    (row,), _ = await ask(session, serve, rows_of({"DateCreated": said}), NOTHING)
    assert isinstance(row, HistoryRow)
    assert row.at == at


async def test_an_episode_is_taken_apart(session: aiohttp.ClientSession, serve: Serve) -> None:
    """As far as the plugin names it; transcoding is said with what."""
    change: dict[str, object] = {
        "ItemType": "Episode",
        "ItemName": "The Ministry - s01e02 - Showers",
        "PlaybackMethod": "Transcode (v:h264 a:direct)",
    }
    (row, bare), _ = await ask(
        session, serve, rows_of(change, change | {"rowid": "18", "ItemName": "Showers"}), NOTHING
    )
    assert isinstance(row, HistoryRow)
    assert isinstance(bare, HistoryRow)
    unit = row.unit
    assert (unit.kind, unit.name) == (UnitKind.EPISODE, "Showers")
    assert (unit.series_name, unit.season, unit.episode) == ("The Ministry", 1, 2)
    assert row.play_method == "transcode"
    assert (bare.unit.name, bare.unit.series_name) == ("Showers", None)


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (read("playback-reporting/response-error.json"), Unreadable, "no such table: x"),
        (404, Refused, "not installed"),
        (500, Unreachable, "500"),
        ("<html>sign in</html>", Unreadable, "web page"),
        ("", Unreadable, "not what the plugin says"),
        ({"colums": [], "message": ""}, Unreadable, "not what"),
        (SAMPLE | {"colums": SAMPLE["colums"][1:]}, Unreadable, "not what"),
        (rows_of({"rowid": "x"}), Unreadable, "no numbers"),
    ],
)
async def test_what_is_no_answer(
    session: aiohttp.ClientSession, serve: Serve, answer: object, error: type[Exception], says: str
) -> None:
    """It says what is wrong, in words without a web page's tags, and is never an empty history."""
    with pytest.raises(error, match=says) as caught:
        await ask(session, serve, answer)
    assert "<" not in str(caught.value)


async def test_rows_that_never_end_are_noticed(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """A server that gives the same rows again and again."""
    with pytest.raises(Unreadable, match="no numbers"):
        await ask(session, serve, SAMPLE, SAMPLE)


@given(st.text())
def test_nothing_but_ids_gets_into_a_query(text: str) -> None:
    """The endpoint runs any SQL."""
    with pytest.raises(ValueError, match="user id"):
        _query((USER, f"{text}'"), 0, 10)
    with pytest.raises(ValueError, match="user id"):
        _query((), 0, 10)
