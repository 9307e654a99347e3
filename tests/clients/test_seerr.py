"""Seerr as captured from a real 3.1.0: what its answers mean, and which are none."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator
import pytest
import yaml

from custom_components.showrunner.clients.errors import (
    Forbidden,
    NotOurs,
    Refused,
    ServiceError,
    TooOld,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongProduct,
)
from custom_components.showrunner.clients.seerr import (
    MediaStatus,
    RequestStatus,
    SeerrClient,
    WebhookUse,
)
from custom_components.showrunner.clients.seerr_models import request as read_request
from custom_components.showrunner.clients.seerr_notifications import Taken
from custom_components.showrunner.clients.seerr_settings import given_back, webhook_settings
from custom_components.showrunner.clients.seerr_webhook import parse_webhook
from custom_components.showrunner.domain.media import MediaType, ProviderIds
from custom_components.showrunner.domain.requests.facts import EventKind

from .conftest import FIXTURES, read

type Serve = Callable[..., Awaitable[str]]

CONTRACTS = Path(__file__).parents[3] / "shared" / "contracts"
beside = pytest.mark.skipif(
    not CONTRACTS.is_dir(), reason="the contracts folder is not beside the repository"
)
KEY = "sentinel-seerr-key"
OURS = "http://homeassistant.local:8123/api/webhook/sentinel-secret"
WEBHOOKS = sorted((FIXTURES / "seerr/webhooks").glob("*.json"))
SAMPLES = sorted((FIXTURES / "seerr/samples").glob("*.json"))
BOB = "9f9d51bc70ef21ca5c14f307980a29d8"


def captured(name: str) -> dict[str, Any]:
    """Read a captured exchange."""
    body: dict[str, Any] = read(f"seerr/api/{name}.json")
    return body


def replay(*names: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Answer with captured exchanges, by method and path."""
    exchanges = [captured(name) for name in names]
    answers = {
        (one["request"].get("method", "GET"), one["request"]["path"].split("?")[0]): one
        for one in exchanges
    }

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.headers["X-Api-Key"] == KEY
        found = answers.get((request.method, request.path.removeprefix("/api/v1")))
        if found is None:
            return web.json_response({"message": "Not Found"}, status=404)
        if found["response"] == "":
            return web.Response(status=found["status"])
        return web.json_response(found["response"], status=found["status"])

    return answer


async def client(session: aiohttp.ClientSession, serve: Serve, *names: str) -> SeerrClient:
    """Make a client of a Seerr that answers so."""
    return SeerrClient(session, await serve(replay(*names)), KEY)


# -- who answers -----------------------------------------------------------------------------------


async def test_a_seerr_tells_its_version_and_its_name(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """The key is proved too."""
    seerr = await client(session, serve, "status", "auth-me", "settings-public")
    assert await seerr.check() == "3.1.0"
    assert await seerr.name() == "Seerr"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (captured("auth-wrong-key"), Forbidden),
        (captured("auth-none"), Unauthorized),
    ],
)
async def test_a_refused_key_is_one_whether_it_says_401_or_403(
    session: aiohttp.ClientSession, serve: Serve, answer: Any, kind: type[ServiceError]
) -> None:
    """A wrong key is a 403 (captured); both lead to a new key."""

    async def told(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/status"):
            return web.json_response(captured("status")["response"])
        return web.json_response(answer["response"], status=answer["status"])

    seerr = SeerrClient(session, await serve(told), KEY)
    with pytest.raises(kind) as caught:
        await seerr.check()
    assert isinstance(caught.value, Unauthorized)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"version": "1.33.2", "commitTag": "x"}, TooOld),
        ({"version": "3.1.0"}, WrongProduct),
        ({"appName": "Radarr"}, WrongProduct),
        ([], WrongProduct),
    ],
)
async def test_an_old_one_and_another_product_are_told_apart(
    session: aiohttp.ClientSession, serve: Serve, value: Any, kind: type[ServiceError]
) -> None:
    """Overseerr 1 has the same page."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(value)

    with pytest.raises(kind):
        await SeerrClient(session, await serve(answer), KEY).check()


# -- requests --------------------------------------------------------------------------------------


async def test_captured_requests_are_read_whole(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Status, ids, seasons, who asked, and where it was handed on to."""
    seerr = await client(session, serve, "request-list-modified")
    found = {one.id: one for one in await seerr.requests()}
    assert {number: one.status for number, one in found.items()} == {
        9: RequestStatus.COMPLETED,
        8: RequestStatus.COMPLETED,
        6: RequestStatus.COMPLETED,
        5: RequestStatus.APPROVED,
        4: RequestStatus.APPROVED,
        2: RequestStatus.PENDING,
        1: RequestStatus.COMPLETED,
    }
    signal = found[5]
    assert signal.media is MediaType.SERIES
    assert signal.ids == ProviderIds(tmdb=910002, tvdb=810002)
    assert (signal.seasons, signal.is_4k) == ((1, 2), False)
    assert (signal.requested_by, signal.jellyfin_user_id) == ("bob", BOB)
    assert (signal.service_id, signal.arr_id, signal.media_id) == (0, 1, 4)
    assert signal.created_at == datetime(2026, 11, 20, 15, 6, 45, tzinfo=UTC)
    assert [one.closed for one in (found[1], found[2], found[9])] == [True, False, False]
    assert found[1].media_status is MediaStatus.DELETED


@pytest.mark.parametrize(
    "name",
    [
        "request-approve",
        "request-approve-tv",
        "request-approve-radarr-down",
        "request-decline",
        "request-get-failed",
        "request-post-movie-pending",
        "request-post-tv-all",
        "request-retry",
    ],
)
def test_each_captured_answer_about_one_request_is_read(name: str) -> None:
    """They differ in what they leave out."""
    response = captured(name)["response"]
    found = read_request(response)
    assert found is not None
    assert found.id == response["id"]
    assert int(found.status) == response["status"]
    assert found.ids.tmdb == response["media"]["tmdbId"]
    assert list(found.seasons) == [row["seasonNumber"] for row in response.get("seasons", [])]


def test_nothing_that_was_decided_moves_the_time_of_a_request() -> None:
    """Which is why no poll may rely on it, or on the order `modified` (captured)."""
    results = captured("request-list-modified")["response"]["results"]
    assert all(row["createdAt"] == row["updatedAt"] for row in results)
    assert {row["status"] for row in results} == {1, 2, 5}


@pytest.mark.parametrize("value", [9, 0, None, "2", "new", 2.5, True])
def test_an_unknown_status_is_none_of_ours(value: object) -> None:
    """And no exception."""
    row = captured("request-list")["response"]["results"][0] | {"status": value}
    found = read_request(row)
    assert found is not None
    expected = RequestStatus.APPROVED if value == "2" else RequestStatus.UNKNOWN
    assert found.status is expected


def test_a_request_whose_requester_is_gone_is_still_one() -> None:
    """And one without media or seasons too."""
    row = captured("request-list")["response"]["results"][0]
    found = read_request(row | {"requestedBy": None, "seasons": None})
    assert found is not None
    assert (found.requested_by, found.seasons) == ("", ())
    assert read_request({"id": 3, "type": "music"}) is None
    with pytest.raises(Unreadable):
        read_request({"type": "movie"})


def pages(total: int, listed: list[int], size: int = 100) -> Callable[..., Any]:
    """Answer with a list of these numbers, which tells of `total`."""
    row = captured("request-list")["response"]["results"][0]

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.query["take"] == str(size)
        skip = int(request.query["skip"])
        some = [row | {"id": number} for number in listed[skip : skip + size]]
        return web.json_response({"pageInfo": {"results": total}, "results": some})

    return answer


async def test_all_pages_are_read_each_once(session: aiohttp.ClientSession, serve: Serve) -> None:
    """Two and a half pages."""
    seerr = SeerrClient(session, await serve(pages(250, [*range(250, 0, -1)])), KEY)
    assert {one.id for one in await seerr.requests()} == set(range(1, 251))
    page = await seerr.newest()
    assert (len(page.requests), page.total, page.complete) == (100, 250, False)


@pytest.mark.parametrize(
    ("total", "listed"),
    [
        (3, [1, 2]),
        (250, [*range(250, 100, -1)]),
        # One was deleted in between, so that another moved over the edge of a page.
        (201, [*range(201, 100, -1), *range(101, 1, -1)]),
    ],
)
async def test_a_list_that_lacks_some_of_what_it_tells_of_is_no_list(
    session: aiohttp.ClientSession, serve: Serve, total: int, listed: list[int]
) -> None:
    """Half a list must not look as if requests were deleted."""
    seerr = SeerrClient(session, await serve(pages(total, listed)), KEY)
    with pytest.raises(Unreadable):
        await seerr.requests()


@pytest.mark.parametrize("value", [[], {}, {"results": []}, {"pageInfo": {"results": 0}}])
async def test_another_shape_is_no_empty_list(
    session: aiohttp.ClientSession, serve: Serve, value: Any
) -> None:
    """An error is never an empty list."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(value)

    seerr = SeerrClient(session, await serve(answer), KEY)
    for ask in (seerr.requests, seerr.newest):
        with pytest.raises(Unreadable):
            await ask()


async def test_a_deleted_request_is_none_and_deleting_it_again_no_error(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Seerr says 404 to both (captured)."""
    seerr = await client(session, serve, "request-get-deleted", "request-delete-again")
    assert await seerr.request(7) is None
    await seerr.delete_request(7)
    done = await client(session, serve, "request-delete", "media-delete", "request-get-failed")
    await done.delete_request(7)
    await done.delete_media(2)
    failed = await done.request(6)
    assert failed is not None
    assert failed.status is RequestStatus.FAILED


async def test_what_came_of_an_approval_is_in_its_answer(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """A Radarr that is down is no error of Seerr's: it answers 200 and status 4 (captured)."""
    seerr = await client(
        session, serve, "request-approve", "request-approve-radarr-down", "request-retry"
    )
    good, bad = await seerr.approve(1), await seerr.approve(6)
    assert good is not None
    assert bad is not None
    assert (good.status, bad.status) == (RequestStatus.APPROVED, RequestStatus.FAILED)
    again = await seerr.retry(6)
    assert again is not None
    assert again.status is RequestStatus.APPROVED
    with pytest.raises(Refused):
        await seerr.approve(99999)


# -- titles and services ---------------------------------------------------------------------------


async def test_a_title_has_a_name_a_year_a_poster_and_more_ids(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Lists have none of that."""
    seerr = await client(session, serve, "movie-get", "tv-get", "movie-get-unknown")
    film = await seerr.title(MediaType.MOVIE, 900001)
    assert (film.name, film.year, film.other) == ("The Paper Lantern", 2019, "")
    assert film.poster == "https://image.tmdb.org/t/p/w600_and_h900_bestv2/p900001.jpg"
    assert film.ids == ProviderIds(tmdb=900001, imdb="tt9000001")
    series = await seerr.title(MediaType.SERIES, 910001)
    assert (series.name, series.year) == ("Harbour Lights", 2020)
    assert series.ids == ProviderIds(tmdb=910001, tvdb=810001, imdb="tt91910001")
    with pytest.raises(Unreachable):  # it says 500 of what TMDb does not know (captured)
        await seerr.title(MediaType.MOVIE, 999999)


async def test_the_services_of_a_seerr_are_read(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """As one of them was answered when it was added (captured)."""
    radarr = captured("settings-radarr-post")["response"]

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response([radarr | {"is4k": True, "id": 1}, radarr, {"name": "broken"}])

    first, second = await SeerrClient(session, await serve(answer), KEY).arrs(MediaType.MOVIE)
    assert (first.id, first.is_4k) == (1, True)
    assert (second.id, second.host, second.port, second.base, second.is_4k) == (
        0,
        "127.0.0.1",
        17878,
        "radarr",
        False,
    )


# -- its only webhook ------------------------------------------------------------------------------


class Agent:
    """Seerr's webhook settings, as captured: what they read back as, and what its test answers."""

    def __init__(self, *, doubled: bool, url: str = "") -> None:
        """Start as a fresh Seerr; `doubled`: it is a 3.1 or older."""
        self.doubled = doubled
        self.down = False
        self.writes: list[dict[str, Any]] = []
        self.tests = 0
        self.settings = captured("settings-webhook-default")["response"]
        self.settings["options"]["webhookUrl"] = url

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as Seerr does."""
        assert request.path.startswith("/api/v1/settings/notifications/webhook")
        if request.method == "GET":
            return web.json_response(self.settings)
        body = await request.json()
        payload = json.loads(body["options"]["jsonPayload"])
        right = isinstance(payload, str) is self.doubled
        if request.path.endswith("/test"):
            self.tests += 1
            if right and not self.down:
                return web.Response(status=204)
            name = "webhook-test-target-down" if right else "webhook-test-single-encoded"
            return web.json_response(captured(name)["response"], status=500)
        self.writes.append(body)
        shown = payload if self.doubled else body["options"]["jsonPayload"]
        self.settings = body | {"options": body["options"] | {"jsonPayload": shown}}
        return web.json_response(body)


@pytest.mark.parametrize("doubled", [True, False])
async def test_a_free_webhook_is_taken_in_the_form_that_this_seerr_reads(
    session: aiohttp.ClientSession, serve: Serve, doubled: bool
) -> None:
    """Found out by its own test; taken once, and given back as a fresh Seerr has it."""
    agent = Agent(doubled=doubled)
    hooks = SeerrClient(session, await serve(agent.answer), KEY).notifications
    assert hooks.use is WebhookUse.UNKNOWN
    assert await hooks.look(OURS) is WebhookUse.FREE
    assert await hooks.ensure(OURS) is True
    assert (len(agent.writes), hooks.use) == (1, WebhookUse.OURS)
    template = json.loads(agent.settings["options"]["jsonPayload"])
    assert template["{{request}}"]["request_id"] == "{{request_id}}"
    assert "email" not in json.dumps(template)
    assert agent.settings["enabled"] is True
    tests = agent.tests
    assert await hooks.ensure(OURS) is False
    assert (len(agent.writes), agent.tests) == (1, tests)
    assert await hooks.remove("/api/webhook/sentinel-secret") is True
    assert (agent.settings["enabled"], agent.settings["types"]) == (False, 0)
    assert agent.settings["options"]["webhookUrl"] == ""
    back = json.loads(agent.settings["options"]["jsonPayload"])
    assert back == read("seerr/default-template-3.1.json")
    assert await hooks.look(OURS) is WebhookUse.FREE


async def test_ours_with_another_host_is_ours_and_is_mended(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Home Assistant's address may change; the secret does not."""
    agent = Agent(doubled=True, url=OURS.replace("homeassistant.local", "192.0.2.9"))
    hooks = SeerrClient(session, await serve(agent.answer), KEY).notifications
    assert await hooks.look(OURS) is WebhookUse.OURS
    assert await hooks.ensure(OURS) is True
    assert agent.settings["options"]["webhookUrl"] == OURS


async def test_somebody_elses_webhook_is_never_touched(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Not even one that is turned off, and not even tested."""
    agent = Agent(doubled=True, url="http://homeassistant.local:8123/api/webhook/of-another")
    hooks = SeerrClient(session, await serve(agent.answer), KEY).notifications
    with pytest.raises(Taken):
        await hooks.ensure(OURS)
    assert await hooks.remove(OURS) is False
    assert (agent.writes, agent.tests, hooks.use) == ([], 0, WebhookUse.FOREIGN)


async def test_a_home_assistant_that_can_not_be_reached_leaves_the_webhook_free(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """And what Seerr says of it names no secret."""
    agent = Agent(doubled=True)
    agent.down = True
    hooks = SeerrClient(session, await serve(agent.answer), KEY).notifications
    with pytest.raises(Refused) as caught:
        await hooks.ensure(OURS)
    assert "sentinel" not in str(caught.value)
    assert (agent.writes, agent.tests, hooks.use) == ([], 2, WebhookUse.FAILED)


async def test_a_key_without_the_right_is_told_apart_from_a_failed_test(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Only 500 means that a form is not read."""
    agent = Agent(doubled=True)

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/test"):
            return web.json_response({"message": "no"}, status=403)
        return await agent.answer(request)

    hooks = SeerrClient(session, await serve(answer), KEY).notifications
    with pytest.raises(Forbidden):
        await hooks.ensure(OURS)


# -- the webhook's bodies --------------------------------------------------------------------------


@pytest.mark.parametrize("file", [*WEBHOOKS, *SAMPLES], ids=lambda file: file.stem)
def test_every_captured_body_is_read(file: Path) -> None:
    """Those about requests name one; of issues and tests there is nothing to do."""
    body = json.loads(file.read_text())
    message = parse_webhook(body)
    assert message.kind == body["notification_type"]
    if not message.kind.startswith("MEDIA_"):
        assert message.number is None
        return
    media, subject = body["media"], body["subject"]
    assert message.number == int(body["request"]["request_id"])
    assert subject.endswith(f" ({message.year})")
    assert str(message.ids.tmdb) == media["tmdbId"]
    assert str(message.ids.tvdb or "") == media["tvdbId"]
    assert message.available is (message.kind == "MEDIA_AVAILABLE")


def test_what_each_kind_tells() -> None:
    """A pending request has no event: it is there."""
    by_key = {
        message.kind: message.event
        for message in (parse_webhook(json.loads(file.read_text())) for file in WEBHOOKS)
        if message.number is not None
    }
    assert by_key == {
        "MEDIA_PENDING": None,
        "MEDIA_APPROVED": EventKind.APPROVED,
        "MEDIA_AUTO_APPROVED": EventKind.APPROVED,
        "MEDIA_DECLINED": EventKind.DECLINED,
        "MEDIA_FAILED": EventKind.REFUSED,
        "MEDIA_AVAILABLE": None,
    }


@pytest.mark.parametrize("subject", ["Untitled (remake)", "(1999) And More", "", "(99999)", 1999])
def test_brackets_that_are_no_year(subject: object) -> None:
    """It stands at the end of the subject, or nowhere."""
    body = json.loads(WEBHOOKS[1].read_text())
    assert parse_webhook(body | {"subject": subject}).year is None


@pytest.mark.parametrize("body", [[], "x", None, {}, {"eventType": "Grab"}])
def test_what_seerr_does_not_send_is_refused(body: object) -> None:
    """Other services' bodies among them."""
    with pytest.raises(NotOurs):
        parse_webhook(body)


@pytest.mark.parametrize(
    "change",
    [
        {"media": None, "request": None},
        {"request": {"request_id": "{{request_id}}"}},
        {"notification_type": "MEDIA_SOMETHING_NEW"},
        {"extra": [{"name": "Requested Seasons", "value": "all"}], "media": []},
    ],
)
def test_a_body_with_less_in_it_is_no_error(change: dict[str, Any]) -> None:
    """Whatever template somebody has."""
    parse_webhook(json.loads(WEBHOOKS[1].read_text()) | change)


# -- the descriptions ------------------------------------------------------------------------------


def openapi() -> dict[str, Any]:
    """Read Seerr's own description."""
    doc: dict[str, Any] = yaml.safe_load((CONTRACTS / "openapi/seerr-v1.openapi.yml").read_text())
    return doc


@beside
@pytest.mark.parametrize("file", [*WEBHOOKS, *SAMPLES], ids=lambda file: file.stem)
def test_the_bodies_are_what_the_schema_allows(file: Path) -> None:
    """Ours are made of the same template, with less in it."""
    schema = json.loads((CONTRACTS / "schemas/seerr-webhook.schema.json").read_text())
    assert not list(Draft202012Validator(schema).iter_errors(json.loads(file.read_text())))


@beside
@pytest.mark.parametrize("doubled", [True, False])
def test_the_settings_that_we_write_are_what_the_description_allows(doubled: bool) -> None:
    """Both the taking and the giving back."""
    doc = openapi()
    schema = {
        "allOf": [{"$ref": "#/components/schemas/WebhookSettings"}],
        "components": doc["components"],
    }
    for body in (webhook_settings(OURS, doubled=doubled), given_back(doubled=doubled)):
        assert not list(OAS30Validator(schema).iter_errors(body))


@beside
def test_every_field_that_we_read_is_in_the_description_or_was_captured() -> None:
    """What is in neither would be a guess."""
    rows = captured("request-list-modified")["response"]["results"]
    series = next(row for row in rows if row["type"] == "tv")
    for name in ("id", "status", "type", "is4k", "createdAt", "updatedAt", "requestedBy", "media"):
        assert name in series
    for name in ("tmdbId", "tvdbId", "status", "status4k", "serviceId", "serviceId4k"):
        assert name in series["media"]
    for name in ("externalServiceId", "externalServiceId4k", "imdbId", "mediaType", "id"):
        assert name in series["media"]
    assert {"displayName", "jellyfinUsername", "jellyfinUserId"} <= series["requestedBy"].keys()
    assert "seasonNumber" in series["seasons"][0]
    schemas = openapi()["components"]["schemas"]
    for name, fields in {
        "MovieDetails": ("id", "imdbId", "originalTitle", "releaseDate", "title", "posterPath"),
        "TvDetails": ("name", "originalName", "firstAirDate", "posterPath", "externalIds"),
        "RadarrSettings": ("id", "name", "hostname", "port", "baseUrl", "is4k"),
        "SonarrSettings": ("id", "name", "hostname", "port", "baseUrl", "is4k"),
    }.items():
        assert set(fields) <= schemas[name]["properties"].keys(), name


@beside
def test_every_call_that_we_make_is_in_the_description() -> None:
    """With the parameters that we send."""
    paths = openapi()["paths"]
    for method, path in (
        ("get", "/status"),
        ("get", "/auth/me"),
        ("get", "/settings/public"),
        ("get", "/request"),
        ("get", "/request/{requestId}"),
        ("delete", "/request/{requestId}"),
        ("post", "/request/{requestId}/{status}"),
        ("post", "/request/{requestId}/retry"),
        ("delete", "/media/{mediaId}"),
        ("get", "/movie/{movieId}"),
        ("get", "/tv/{tvId}"),
        ("get", "/settings/radarr"),
        ("get", "/settings/sonarr"),
        ("get", "/settings/notifications/webhook"),
        ("post", "/settings/notifications/webhook"),
        ("post", "/settings/notifications/webhook/test"),
    ):
        assert method in paths[path], (method, path)
    known = {one["name"]: one["schema"] for one in paths["/request"]["get"]["parameters"]}
    assert {"take", "skip", "filter", "sort"} <= known.keys()
    assert {"all", "pending", "approved"} <= set(known["filter"]["enum"])
    assert "added" in known["sort"]["enum"]
