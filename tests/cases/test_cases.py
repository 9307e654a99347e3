"""Inputs that have failed somewhere, where they lie beside the project: each with what is right.

Every case has a test of its own in the project, with a copy of its input; here the neighbour's
own files are read. A case that nobody knows fails until it is registered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import sys
from typing import Any, Final

import aiohttp
from aiohttp import web
import pytest

from custom_components.showrunner.clients import (
    jellyfin_models,
    jellyfin_sessions,
    jellyfin_webhook,
    radarr_models,
)
from custom_components.showrunner.clients.decoding import decoded
from custom_components.showrunner.clients.errors import Blocked, Unauthorized, Unreadable
from custom_components.showrunner.clients.http import HttpClient
from custom_components.showrunner.clients.jellyfin import JellyfinClient
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
from custom_components.showrunner.domain.watching import (
    PlaybackReport,
    ReportSource,
    Tracker,
    WatchPolicy,
    fold,
)
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
    text = decoded(body)
    assert "\n" in text["Overview"]  # type: ignore[index, call-overload]
    assert jellyfin_webhook.parse_webhook(text, NOW, SERVER) is not None


async def refused_host(case: Case) -> None:
    """Neither name nor password is wrong, and none is tried."""
    url, asked = await case.answering(case.json("answers.json"))
    client = QBittorrentClient(case.session, url, username="ada", password="right")
    with pytest.raises(Blocked, match="Host header"):
        await client.status()
    assert "POST /api/v2/auth/login" not in asked


async def forbidden_by_a_proxy(case: Case) -> None:
    """A web page in the place of an answer says nothing of the key."""
    value = case.json("answers.json")
    for one in (*value["at_the_start_of_home_assistant"][:1], *value["later_for_one_poll"]):

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


async def big_radarr(case: Case) -> None:
    """A long list is read as it comes; one film of it is found where the id is not understood."""
    rows, answers = 2000, case.json("sequence.json")["answers"]
    known = {one["path"]: one["body"] for one in answers if "body" in one}
    made = await asyncio.create_subprocess_exec(
        *(sys.executable, str(case.folder / "make_body.py"), str(rows)),
        stdout=asyncio.subprocess.PIPE,
    )
    films, _ = await made.communicate()

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path in known:
            return web.json_response(known[request.path])
        return web.Response(body=films, content_type="application/json")

    radarr = RadarrClient(case.session, await case.serve(answer), "key")
    assert (await radarr.status()).version == "6.0.3.10276"
    assert [one.path for one in await radarr.root_folders()] == ["/data/movies"]
    assert len(await radarr.movies(lambda movie: movie.id)) == rows
    found = await radarr.movie_by_tmdb(1_000_000 + rows)
    assert found is not None
    assert found.id == rows


async def total_too_high(case: Case) -> None:
    """What is on such a page is found; only a miss is not known."""
    first = case.json("jellyfin-items.json")

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/System/Info/Public":
            server = {"Id": SERVER, "ProductName": "Jellyfin Server", "Version": "10.11.6"}
            return web.json_response(server)
        start = int(request.query.get("startIndex", 0))
        return web.json_response(first | {"Items": first["Items"][start:], "StartIndex": start})

    client = JellyfinClient(case.session, await case.serve(answer), "key", device_id="d")
    for name in ("Film Two", "", "Another name"):
        found = await client.find_movie(ProviderIds(tmdb=990202), name, None)
        assert found is not None
        assert found.unit.name == "Film Two"
    with pytest.raises(Unreadable):
        await client.find_movie(ProviderIds(tmdb=990299), "Film Nine", None)


async def no_runtime(case: Case) -> None:
    """The server's own word completes it, once Jellyfin has confirmed what a webhook said."""
    tracker, begun = Tracker(), datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
    for reports in played(case.json("sequence.json")["steps"], begun):
        for one in reports:
            tracker, _ = fold(tracker, one, WatchPolicy(), lambda at: at.date())
    (past,) = tracker.recent
    done = past.viewing.borne_out
    assert (done.completed, done.counts, done.percent) == (True, True, None)
    assert done.watched == pytest.approx(5400, abs=10)


def played(steps: list[dict[str, Any]], begun: datetime) -> Iterator[Sequence[PlaybackReport]]:
    """Read what comes in, in its order; a session is told again and again."""
    past = 0
    for step in steps:
        if "webhook" in step:
            past = step["at"]
            report = jellyfin_webhook.parse_webhook(
                step["webhook"], begun + timedelta(seconds=past), SERVER
            )
            assert isinstance(report, PlaybackReport)
            yield (report,)
            continue
        for second in range(past, step["until"] + 1, step["every"]):
            state = step["session"]["PlayState"] | {"PositionTicks": second * 10_000_000}
            yield jellyfin_sessions.reports(
                step["session"] | {"PlayState": state}, SERVER, begun + timedelta(seconds=second)
            )


RUNNERS: Final[dict[str, Callable[[Case], Awaitable[None]]]] = {
    "BL-01-year-zero": year_zero,
    "BL-02-paused-play": paused_play,
    "BL-03-big-radarr": big_radarr,
    "BL-04-impossible-dates": impossible_dates,
    "BL-05-total-too-high": total_too_high,
    "BL-06-no-runtime": no_runtime,
    "BL-07-ntfy-write-only": write_only,
    "BL-08-broken-template": broken_template,
    "BL-09-qbittorrent-401": refused_host,
    "BL-10-seerr-offline-arr": offline_arr,
    "BL-11-waits-to-import": waits_to_import,
    "BL-12-tmdb-id-changed": renumbered,
    "BL-46-forbidden-by-a-proxy": forbidden_by_a_proxy,
}
# With a copy of the input, or what is like it: what each case says beyond what its files can show.
OWN: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "BL-01-year-zero": (
        ("clients/test_one_bad_row.py", "test_a_film_of_no_year_is_not_an_old_one"),
        ("jobs/test_radarr_match.py", "test_jellyfins_year_fills_the_gap"),
    ),
    "BL-02-paused-play": (
        (
            "clients/test_jellystat.py",
            "test_a_play_that_was_paused_and_left_is_no_completed_viewing",
        ),
        ("domain/test_importing.py", "test_a_told_position_caps_what_was_watched"),
    ),
    "BL-03-big-radarr": (
        ("clients/test_long_lists.py", "test_a_long_list_is_read_in_little_memory"),
        ("clients/test_long_lists.py", "test_a_get_whose_time_is_up_is_not_asked_again"),
        ("flows/test_connecting.py", "test_a_radarr_is_linked_without_its_list"),
    ),
    "BL-04-impossible-dates": (
        ("clients/test_one_bad_row.py", "test_a_date_at_the_end_of_time_costs_only_itself"),
    ),
    "BL-05-total-too-high": (
        ("walk/test_library.py", "test_a_server_that_counts_more_than_it_lists"),
        ("clients/test_jellyfin.py", "test_what_is_on_half_a_page_is_found"),
    ),
    "BL-06-no-runtime": (
        ("domain/watching/test_unknown_runtime.py", "test_a_minute_is_no_completed_viewing"),
        (
            "coordinators/test_playback.py",
            "test_where_nobody_knows_a_runtime_the_server_s_word_counts",
        ),
    ),
    "BL-07-ntfy-write-only": (
        ("clients/test_prowlarr_ntfy.py", "test_a_token_that_may_only_write_is_enough"),
    ),
    "BL-08-broken-template": (
        ("walk/test_webhook_trouble.py", "test_a_line_break_inside_of_a_text_is_let_pass"),
        ("walk/test_webhook_trouble.py", "test_a_refused_body_is_told_once_and_never_its_words"),
    ),
    "BL-09-qbittorrent-401": (
        ("clients/test_qbittorrent.py", "test_a_refused_host_name_is_no_wrong_login"),
    ),
    "BL-10-seerr-offline-arr": (
        ("clients/test_long_lists.py", "test_seerr_has_time_to_ask_an_arr_that_is_off"),
        ("coordinators/test_seerr.py", "test_an_arr_that_seerr_does_not_reach_is_a_repair"),
    ),
    "BL-11-waits-to-import": (
        (
            "domain/requests/test_standing_still.py",
            "test_a_download_that_waits_to_be_imported_for_days",
        ),
        (
            "platforms/test_stuck_issues.py",
            "test_an_arr_is_asked_to_look_again_at_what_it_does_not_import",
        ),
    ),
    "BL-12-tmdb-id-changed": (
        ("walk/test_renumbered.py", "test_it_is_found_proven_by_its_path_and_fetched"),
        ("walk/test_renumbered.py", "test_where_the_path_does_not_agree_it_is_refused"),
    ),
    "BL-46-forbidden-by-a-proxy": (
        ("walk/test_trouble.py", "test_a_page_or_a_refusal_that_passes_asks_for_no_key"),
        ("walk/test_trouble.py", "test_a_refusal_while_we_start_does_not_leave_the_entry_dead"),
        (
            "walk/test_trouble.py",
            "test_every_service_asks_for_its_own_key_and_stops_when_it_answers",
        ),
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
    """None is left out, here and in the project's own tests."""
    assert OWN.keys() == RUNNERS.keys()
    for path, test in (one for tests in OWN.values() for one in tests):
        assert f"def {test}(" in (ROOT / "tests" / path).read_text(), (path, test)
    if not CASES.exists():
        pytest.skip("the cases are not beside this clone")
    found = {one.name for one in CASES.iterdir() if one.is_dir()}
    assert found == {*RUNNERS}
