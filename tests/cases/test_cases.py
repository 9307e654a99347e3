"""Inputs that have failed somewhere, where they lie beside the project: each with what is right.

Every case has a test of its own in the project, with a copy of its input; here the neighbour's
own files are read. A case that nobody knows fails until it is registered.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web
import pytest

from custom_components.showrunner.clients import jellyfin_models, jellyfin_webhook, radarr_models
from custom_components.showrunner.clients.decoding import decoded
from custom_components.showrunner.clients.errors import Blocked, Unauthorized
from custom_components.showrunner.clients.http import HttpClient
from custom_components.showrunner.clients.jellystat import JellystatClient
from custom_components.showrunner.clients.ntfy import NtfyClient, NtfyMessage
from custom_components.showrunner.clients.qbittorrent import QBittorrentClient
from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.clients.seerr import SeerrClient
from custom_components.showrunner.clients.sonarr import SonarrClient
from custom_components.showrunner.domain.decision import Policy, Rule, Verdict, decide
from custom_components.showrunner.domain.importing import HistoryFold, ImportedItem
from custom_components.showrunner.domain.knowledge import Answer, Known
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.watching import ReportSource, WatchPolicy
from custom_components.showrunner.jobs.download.facts import Holding
from custom_components.showrunner.jobs.download.radarr_match import Refused, held_by
from tests.domain.samples import NOW, candidate
from tests.english import english
from tests.jobs.radarr import Client, Radarr

ROOT = Path(__file__).parents[2]
CASES = ROOT.parent / "shared" / "cases"
SERVER = "5" * 32

type Serve = Callable[..., Awaitable[str]]


@dataclass
class Case:
    """The folder of a case, and what its runner needs."""

    folder: Path
    session: aiohttp.ClientSession
    serve: Serve

    def json(self, name: str) -> Any:
        """Read a file."""
        return json.loads((self.folder / name).read_text())

    async def answering(self, answers: list[dict[str, Any]]) -> tuple[str, list[str]]:
        """Serve recorded answers by method and path; give the address and what is asked."""
        known = {one["request"]: one for one in answers}
        asked: list[str] = []

        async def answer(request: web.Request) -> web.StreamResponse:
            asked.append(f"{request.method} {request.path}")
            found = known.get(asked[-1], {"status": 404, "body": ""})
            body = found["body"]
            if isinstance(body, str):
                return web.Response(status=found["status"], text=body)
            return web.json_response(body, status=found["status"])

        return await self.serve(answer), asked


async def year_zero(case: Case) -> None:
    """No year is no evidence."""
    row = case.json("radarr-movie.json")
    for missing in (row, {key: value for key, value in row.items() if key != "year"}):
        movie = radarr_models.movie(missing)
        assert movie is not None
        assert movie.title.year is None
        assert "(0)" not in movie.title.label
        decision = decide(
            candidate(title=movie.title, original_language=Known("French"), viewings=Known(1)),
            Policy(),
            NOW,
        )
        (finding,) = (one for one in decision.findings if one.rule is Rule.RARE_YEAR_LANGUAGE)
        assert (decision.verdict, finding.answer) == (Verdict.STREAM, Answer.UNKNOWN)
    old, new = (radarr_models.movie(row | {"year": year}) for year in (1971, 2021))
    for movie, answer in ((old, Answer.YES), (new, Answer.NO)):
        assert movie is not None
        french = candidate(title=movie.title, original_language=Known("French"))
        found = decide(french, Policy(), NOW).findings
        assert next(f for f in found if f.rule is Rule.RARE_YEAR_LANGUAGE).answer is answer


async def paused_play(case: Case) -> None:
    """The told position caps what was watched."""
    page = case.json("jellystat-getUserHistory.json")

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/auth/isConfigured":
            return web.json_response({"state": 2, "version": "1.1.0"})
        return web.json_response(page)

    client = JellystatClient(case.session, await case.serve(answer), "key")
    user = page["results"][0]["UserId"]
    rows = [row async for found in client.user_history(user) for row in found]
    fold = HistoryFold(
        ReportSource.JELLYSTAT,
        SERVER,
        lambda _: WatchPolicy(),
        lambda at: at.date(),
        datetime(2100, 1, 1, tzinfo=UTC),
        newest_first=True,
    )
    items = {
        name: ImportedItem(Unit(UnitKind.MOVIE, "Film", SERVER, name), 5400.0)
        for name in fold.wanted(rows)
    }
    (viewing,) = (*fold.take(rows, items), *fold.finish())
    assert (viewing.completed, viewing.position) == (False, 600.0)
    assert viewing.watched <= 600.0


async def impossible_dates(case: Case) -> None:
    """Such a date is none, and the rest of the row is read."""
    movie = radarr_models.movie(case.json("radarr-movie.json"))
    assert movie is not None
    item = jellyfin_models.item(case.json("jellyfin-item.json"), SERVER)
    assert item is not None
    assert item.last_played is None
    rows = [case.json("radarr-movie.json"), {"id": 8, "title": "Another", "tmdbId": 5}]

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response(rows)

    listed = await RadarrClient(case.session, await case.serve(answer), "key").movies()
    assert {one.id for one in listed} == {movie.id, 8}
    body = (case.folder / "jellyfin-webhook.json").read_bytes()
    assert jellyfin_webhook.parse_webhook(decoded(body), NOW, SERVER) is not None


async def write_only(case: Case) -> None:
    """Who may only publish has all that a channel needs."""
    url, asked = await case.answering(case.json("answers.json"))
    client = NtfyClient(case.session, url, "house", token="tk_write_only")
    await client.check()
    await client.publish(NtfyMessage("a", "b"))
    assert "POST /" in asked


async def broken_template(case: Case) -> None:
    """A line break inside of a text is let pass."""
    body = (case.folder / "body-line-break.txt").read_bytes()
    told = decoded(body)
    assert "\n" in told["Overview"]  # type: ignore[index, call-overload]
    assert jellyfin_webhook.parse_webhook(told, NOW, SERVER) is not None


async def refused_host(case: Case) -> None:
    """Neither name nor password is wrong, and none is tried."""
    url, asked = await case.answering(case.json("answers.json"))
    client = QBittorrentClient(case.session, url, username="ada", password="right")
    with pytest.raises(Blocked, match="Host header"):
        await client.status()
    assert "POST /api/v2/auth/login" not in asked


async def forbidden_by_a_proxy(case: Case) -> None:
    """A web page in the place of an answer says nothing of the key."""
    told = case.json("answers.json")
    for one in (*told["at_the_start_of_home_assistant"][:1], *told["later_for_one_poll"]):

        async def answer(request: web.Request, one: dict[str, Any] = one) -> web.StreamResponse:
            return web.Response(
                status=one["status"], content_type=one["content_type"], text=one["body"]
            )

        with pytest.raises(Blocked) as caught:
            await HttpClient(case.session, await case.serve(answer), service="x").get("/")
        assert not isinstance(caught.value, Unauthorized)


async def offline_arr(case: Case) -> None:
    """A list with services that Seerr can't reach is a list (its time is another test's)."""
    url, _ = await case.answering(case.json("answers.json"))
    client = SeerrClient(case.session, url, "key")
    assert await client.check() == "3.1.0"
    listed = await client.requests("all")
    assert listed == ()
    assert (await client.newest()).unreached == {"Radarr Old", "Sonarr Old"}


async def waits_to_import(case: Case) -> None:
    """It is complete, it waits, and where it is is known."""
    queue = case.json("queue.json")

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response(queue)

    (line,) = await SonarrClient(case.session, await case.serve(answer), "key").queue()
    assert (line.status, line.size_left) == ("completed", 0)
    assert line.output_path == queue["records"][0]["outputPath"]


async def renumbered(case: Case) -> None:
    """By its IMDb id and its path, or not at all."""
    item = jellyfin_models.item(case.json("jellyfin-item.json"), SERVER)
    assert item is not None
    for moved in (False, True):
        rows = case.json("radarr-movies.json")
        if moved:
            rows = [
                row | {"path": "/data/stream/Other", "movieFile": {"path": "/data/stream/Other/f"}}
                for row in rows
            ]
        radarr = Radarr(Client([radarr_models.movie(row) for row in rows]))
        ids = ProviderIds(tmdb=990101, imdb="tt9990101")
        found = await held_by(radarr, ids, None, item)  # type: ignore[arg-type]
        if moved:
            assert isinstance(found, Refused)
            assert "990101" in english(found.why)
            assert "990999" in english(found.why)
        else:
            assert isinstance(found, Holding)
            assert found.movie.id == 7


RUNNERS: Final[dict[str, Callable[[Case], Awaitable[None]]]] = {
    "BL-01-year-zero": year_zero,
    "BL-02-paused-play": paused_play,
    "BL-04-impossible-dates": impossible_dates,
    "BL-07-ntfy-write-only": write_only,
    "BL-08-broken-template": broken_template,
    "BL-09-qbittorrent-401": refused_host,
    "BL-10-seerr-offline-arr": offline_arr,
    "BL-11-waits-to-import": waits_to_import,
    "BL-12-tmdb-id-changed": renumbered,
    "BL-46-forbidden-by-a-proxy": forbidden_by_a_proxy,
}
# What needs a running house, or a minute: the same input is played by these tests.
ELSEWHERE: Final = {
    "BL-03-big-radarr": ("clients/test_long_lists.py", "test_a_long_list_is_read_in_little_memory"),
    "BL-05-total-too-high": (
        "walk/test_library.py",
        "test_a_server_that_counts_more_than_it_lists",
    ),
    "BL-06-no-runtime": (
        "domain/watching/test_unknown_runtime.py",
        "test_played_to_its_end_by_the_servers_own_word",
    ),
}


@pytest.mark.parametrize("name", sorted(RUNNERS))
async def test_a_case_ends_as_it_is_right(
    name: str, session: aiohttp.ClientSession, serve: Serve
) -> None:
    """As its own text says."""
    if not CASES.exists():
        pytest.skip("the cases are not beside this clone")
    await RUNNERS[name](Case(CASES / name, session, serve))


def test_every_case_is_known() -> None:
    """None is left out, and those that are played elsewhere are."""
    for path, test in ELSEWHERE.values():
        assert f"def {test}(" in (ROOT / "tests" / path).read_text()
    if not CASES.exists():
        pytest.skip("the cases are not beside this clone")
    found = {one.name for one in CASES.iterdir() if one.is_dir()}
    assert found == {*RUNNERS, *ELSEWHERE}
