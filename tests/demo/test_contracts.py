"""What the world answers is what the real services' descriptions allow."""

import asyncio
import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator
import pytest

from world.shows import show_by_name

from .conftest import House
from .contracts import CONTRACTS, description, problems

pytestmark = pytest.mark.skipif(
    not CONTRACTS.is_dir(), reason="the contracts folder is not beside the repository"
)


def response_schema(doc: dict[str, Any], method: str, path: str, status: int) -> dict[str, Any]:
    """Find what an operation may answer; all references stay resolvable."""
    responses = doc["paths"][path][method.lower()]["responses"]
    answer = responses.get(str(status)) or responses["200"]
    content = answer["content"]
    kind = next(k for k in ("application/json", "application/x-ndjson", *content) if k in content)
    return {"allOf": [content[kind]["schema"]], "components": doc["components"]}


# Service, path in the description, path that is asked, parameters. {user}, {film}: known ids.
READS = [
    ("jellyfin", "/System/Info/Public", "/System/Info/Public", {}),
    ("jellyfin", "/System/Info", "/System/Info", {}),
    ("jellyfin", "/Users", "/Users", {}),
    ("jellyfin", "/Auth/Keys", "/Auth/Keys", {}),
    ("jellyfin", "/Sessions", "/Sessions", {}),
    (
        "jellyfin",
        "/Items",
        "/Items",
        {
            "userId": "{user}",
            "recursive": "true",
            "fields": "ProviderIds,Path,DateCreated,MediaSources,Genres,OriginalTitle",
        },
    ),
    (
        "jellyfin",
        "/Items",
        "/Items",
        {
            "recursive": "true",
            "includeItemTypes": "Movie,Series,Episode",
            "collapseBoxSetItems": "false",
            "isMissing": "false",
            "excludeLocationTypes": "Virtual",
            "sortBy": "DateCreated,SortName",
            "sortOrder": "Ascending",
            "fields": "ProviderIds,Path,DateCreated,Genres",
            "enableUserData": "false",
            "startIndex": "3",
            "limit": "10",
        },
    ),
    (
        "jellyfin",
        "/Items",
        "/Items",
        {
            "userId": "{user}",
            "includeItemTypes": "Movie,Episode",
            "isPlayed": "true",
            "sortBy": "DatePlayed",
            "sortOrder": "Descending",
            "enableTotalRecordCount": "false",
            "limit": "5",
        },
    ),
    ("jellyfin", "/Items/{itemId}", "/Items/{film}", {"userId": "{user}"}),
    (
        "jellyfin",
        "/UserItems/{itemId}/UserData",
        "/UserItems/{film}/UserData",
        {"userId": "{user}"},
    ),
    ("jellyfin", "/Library/VirtualFolders", "/Library/VirtualFolders", {}),
    ("jellyfin", "/Plugins", "/Plugins", {}),
    ("radarr", "/api/v3/system/status", "/api/v3/system/status", {}),
    ("radarr", "/api/v3/movie", "/api/v3/movie", {}),
    ("radarr", "/api/v3/movie/{id}", "/api/v3/movie/1", {}),
    ("radarr", "/api/v3/moviefile", "/api/v3/moviefile", {"movieId": "1"}),
    ("radarr", "/api/v3/movie/lookup/tmdb", "/api/v3/movie/lookup/tmdb", {"tmdbId": "990041"}),
    ("radarr", "/api/v3/tag", "/api/v3/tag", {}),
    ("radarr", "/api/v3/qualityprofile", "/api/v3/qualityprofile", {}),
    ("radarr", "/api/v3/rootfolder", "/api/v3/rootfolder", {}),
    ("radarr", "/api/v3/diskspace", "/api/v3/diskspace", {}),
    ("radarr", "/api/v3/health", "/api/v3/health", {}),
    ("radarr", "/api/v3/queue", "/api/v3/queue", {}),
    ("radarr", "/api/v3/history", "/api/v3/history", {"pageSize": "50"}),
    ("radarr", "/api/v3/history/movie", "/api/v3/history/movie", {"movieId": "27"}),
    ("radarr", "/api/v3/history/since", "/api/v3/history/since", {"date": "2020-01-01T00:00:00Z"}),
    ("radarr", "/api/v3/wanted/missing", "/api/v3/wanted/missing", {}),
    ("radarr", "/api/v3/command", "/api/v3/command", {}),
    ("radarr", "/api/v3/notification", "/api/v3/notification", {}),
    ("sonarr", "/api/v3/system/status", "/api/v3/system/status", {}),
    ("sonarr", "/api/v3/series", "/api/v3/series", {}),
    ("sonarr", "/api/v3/series/{id}", "/api/v3/series/1", {}),
    ("sonarr", "/api/v3/series/lookup", "/api/v3/series/lookup", {"term": "tvdb:880201"}),
    ("sonarr", "/api/v3/episode", "/api/v3/episode", {"seriesId": "5"}),
    ("sonarr", "/api/v3/episodefile", "/api/v3/episodefile", {"seriesId": "1"}),
    ("sonarr", "/api/v3/rootfolder", "/api/v3/rootfolder", {}),
    ("sonarr", "/api/v3/tag", "/api/v3/tag", {}),
    ("sonarr", "/api/v3/qualityprofile", "/api/v3/qualityprofile", {}),
    ("sonarr", "/api/v3/queue", "/api/v3/queue", {}),
    ("sonarr", "/api/v3/history/since", "/api/v3/history/since", {"date": "2020-01-01T00:00:00Z"}),
    ("sonarr", "/api/v3/history/series", "/api/v3/history/series", {"seriesId": "1"}),
    ("sonarr", "/api/v3/wanted/missing", "/api/v3/wanted/missing", {}),
    ("sonarr", "/api/v3/command", "/api/v3/command", {}),
    ("sonarr", "/api/v3/notification", "/api/v3/notification", {}),
    ("prowlarr", "/api/v1/system/status", "/api/v1/system/status", {}),
    ("prowlarr", "/api/v1/indexer", "/api/v1/indexer", {}),
    ("prowlarr", "/api/v1/search", "/api/v1/search", {"query": "{TmdbId:990001}"}),
    ("ntfy", "/v1/health", "/v1/health", {}),
]


@pytest.mark.parametrize(("service", "path", "asked", "params"), READS, ids=lambda v: str(v)[:40])
async def test_an_answer_fits_the_services_own_description(
    house: House, service: str, path: str, asked: str, params: dict[str, str]
) -> None:
    """While a film plays and another downloads, so that sessions, queue and commands are full."""
    world = house.servers.world
    user, film = world.user("Sofa"), world.find("The Lantern Keeper")
    house.servers.play(
        "Sofa", film.item_id, method="Transcode", reasons=("AudioCodecNotSupported",)
    )
    await house.ask("radarr", "POST", "/api/v3/command", {"name": "MoviesSearch", "movieIds": [2]})
    async with asyncio.timeout(60):
        while not house.servers.radarr_state.library.queue:
            await asyncio.sleep(0.01)
    await _sonarr_is_busy(house)
    known = {"{user}": user.id, "{film}": film.item_id}
    asked = asked.replace("{film}", film.item_id)
    given = {name: known.get(value, value) for name, value in params.items()}
    body = await house.get(service, asked, **given)
    schema = response_schema(description(service), "GET", path, 200)
    assert problems(schema, body) == []
    assert body != [] or path.endswith(("health",))


async def _sonarr_is_busy(house: House) -> None:
    """Have Sonarr download a season, and call somebody who does not listen to its switches."""
    state = house.servers.sonarr_state
    series = state.library.add(show_by_name("Station of Clouds"))
    state.searches.begin("SeriesSearch", {"seriesId": series.id})
    async with asyncio.timeout(60):
        while not state.library.queue:
            await asyncio.sleep(0.01)
    for product in ("radarr", "sonarr"):
        fields = [{"name": "url", "value": house.servers.control.url + "/hook"}]
        quiet = {"name": "Quiet", "onGrab": False, "fields": fields}
        status, _ = await house.ask(product, "POST", "/api/v3/notification", quiet)
        assert status == 201


async def test_a_login_fits_jellyfins_own_description(house: House) -> None:
    """The answer to a name and a password."""
    client = 'MediaBrowser Client="t", Device="t", DeviceId="t", Version="1"'
    url = house.servers.jellyfin.url + "/Users/AuthenticateByName"
    login = {"Username": "Sofa", "Pw": "popcorn"}
    async with house.session.post(url, json=login, headers={"Authorization": client}) as answer:
        body = await answer.json()
    doc = description("jellyfin")
    schema = response_schema(doc, "POST", "/Users/AuthenticateByName", 200)
    assert problems(schema, body) == []


async def test_radarrs_writes_fit_its_own_description(house: House) -> None:
    """Adding a film, a tag, and a search."""
    doc = description("radarr")
    film = {"tmdbId": 990041, "rootFolderPath": "/data/movies", "qualityProfileId": 4}
    for path, sent in (
        ("/api/v3/movie", film),
        ("/api/v3/tag", {"label": "showrunner"}),
        ("/api/v3/command", {"name": "MoviesSearch", "movieIds": [1]}),
    ):
        status, body = await house.ask("radarr", "POST", path, sent)
        assert status == 201
        assert problems(response_schema(doc, "POST", path, 201), body) == [], path


async def test_sonarrs_writes_fit_its_own_description(house: House) -> None:
    """Adding a series, a connection, a search, and unmonitoring."""
    doc = description("sonarr")
    show = {"tvdbId": 880201, "rootFolderPath": "/data/shows", "qualityProfileId": 4}
    hook = {"name": "x", "fields": [{"name": "url", "value": "http://127.0.0.1:9/x"}]}
    for path, sent in (
        ("/api/v3/series", show | {"monitored": True}),
        ("/api/v3/notification", hook),
        ("/api/v3/command", {"name": "SeriesSearch", "seriesId": 5}),
        ("/api/v3/command", {"name": "RefreshMonitoredDownloads"}),
    ):
        status, body = await house.ask("sonarr", "POST", path, sent)
        assert status == 201
        assert problems(response_schema(doc, "POST", path, 201), body) == [], path
    sent = {"episodeIds": [house.servers.sonarr_state.library.series[5].parts[0].id]}
    status, body = await house.ask(
        "sonarr", "PUT", "/api/v3/episode/monitor", sent | {"monitored": False}
    )
    assert (status, [row["monitored"] for row in body]) == (202, [False])


@pytest.mark.parametrize("product", ["radarr", "sonarr"])
async def test_the_arrs_webhooks_fit_their_schemas(house: House, product: str) -> None:
    """Everything that the demo's arrs tell, from the test to the deletion."""
    schema = json.loads((CONTRACTS / "schemas" / f"{product}-webhook.schema.json").read_text())
    servers = house.servers
    state = servers.radarr_state if product == "radarr" else servers.sonarr_state
    fields = [{"name": "url", "value": servers.control.url + "/__control/up"}]
    wanted = {"name": "x", "fields": fields, **dict.fromkeys(state.connect._switches, True)}
    state.connect.notifications[1] = state.connect._row(wanted, {}) | {"id": 1}
    if product == "radarr":
        film = {"tmdbId": 990041, "rootFolderPath": "/data/movies", "qualityProfileId": 4}
        status, movie = await house.ask(product, "POST", "/api/v3/movie", film)
        assert status == 201
        await house.ask(
            product, "POST", "/api/v3/command", {"name": "MoviesSearch", "movieIds": [movie["id"]]}
        )
        await _told(state.connect.sent, "Download")
        file = servers.radarr_state.library.movies[movie["id"]].file_id
        await house.ask(product, "DELETE", f"/api/v3/moviefile/{file}", None)
        await house.ask(product, "DELETE", f"/api/v3/movie/{movie['id']}", None)
        await _told(state.connect.sent, "MovieDelete")
        seen = ["MovieAdded", "Grab", "Download", "MovieFileDelete", "MovieDelete"]
    else:
        servers.sonarr_state.searches.blocked = "Not eligible"
        show = {"tvdbId": 880201, "rootFolderPath": "/data/shows", "qualityProfileId": 4}
        _, series = await house.ask(product, "POST", "/api/v3/series", show | {"monitored": True})
        search = {"name": "SeasonSearch", "seriesId": series["id"], "seasonNumber": 2}
        await house.ask(product, "POST", "/api/v3/command", search)
        await _told(state.connect.sent, "ManualInteractionRequired")
        servers.sonarr_state.searches.blocked = ""
        await _told(state.connect.sent, "Download", 3)
        part = servers.sonarr_state.library.series[series["id"]].parts[-1]
        await house.ask(product, "DELETE", f"/api/v3/episodefile/{part.file_id}", None)
        await house.ask(product, "DELETE", f"/api/v3/series/{series['id']}", None)
        await _told(state.connect.sent, "SeriesDelete")
        blocked = "ManualInteractionRequired"
        seen = [
            "SeriesAdd",
            "Grab",
            blocked,
            *["Download"] * 3,
            "EpisodeFileDelete",
            "SeriesDelete",
        ]
    assert sorted(body["eventType"] for _, _, body in state.connect.sent) == sorted(seen)
    for _, _, body in state.connect.sent:
        errors = [e.message for e in Draft202012Validator(schema).iter_errors(body)]
        assert errors == [], body["eventType"]


async def _told(sent: list[Any], event: str, times: int = 1) -> None:
    """Wait until an event was told so often."""
    async with asyncio.timeout(60):
        while sum(body["eventType"] == event for _, _, body in sent) < times:
            await asyncio.sleep(0.01)


async def test_ntfys_answers_fit_its_contract(house: House) -> None:
    """A published message, and a refusal."""
    doc = description("ntfy")
    topic = house.servers.world.keys.topic
    sent = {"topic": topic, "title": "T", "message": "M", "priority": 4, "tags": ["tada"]}
    status, body = await house.ask("ntfy", "POST", "/", sent)
    assert status == 200
    assert problems(response_schema(doc, "POST", "/", 200), body) == []
    async with house.session.post(house.servers.ntfy.url, json=sent) as answer:
        assert answer.status == 403
        schema = response_schema(doc, "POST", "/", 403)
        assert problems(schema, await answer.json()) == []


@pytest.mark.parametrize("item", ["The Lantern Keeper", 'The "Other" Dentist', "episode"])
async def test_a_webhook_fits_the_plugins_schema(house: House, item: str) -> None:
    """Start, stop and saved user data, of films and of an episode."""
    schema = json.loads((CONTRACTS / "schemas" / "jellyfin-webhook.schema.json").read_text())
    if item == "episode":
        item = next(iter(house.servers.world.episodes))
    option = {
        "NotificationTypes": ["PlaybackStart", "PlaybackStop", "UserDataSaved"],
        "WebhookUri": house.servers.control.url + "/nowhere",
        "EnableMovies": True,
        "EnableEpisodes": True,
        "SendAllProperties": True,
    }
    house.servers.webhooks.configuration["GenericOptions"] = [option]
    play = house.servers.play("Sofa", item, speed=100)
    assert play.done is not None
    await play.done
    bodies = [json.loads(text) for _, _, text in house.servers.webhooks.sent]
    assert [body["NotificationType"] for body in bodies] == [
        "PlaybackStart",
        "UserDataSaved",
        "PlaybackStop",
        "UserDataSaved",
    ]
    for body in bodies:
        errors = [e.message for e in Draft202012Validator(schema).iter_errors(body)]
        assert errors == []


async def test_what_we_ask_of_the_library_is_in_jellyfins_description(house: House) -> None:
    """Every parameter, every field, filter and order that a whole sweep and an increment send."""
    from custom_components.showrunner.clients import jellyfin_library as library
    from custom_components.showrunner.clients.jellyfin import JellyfinClient

    servers = house.servers
    key, user = servers.world.keys.jellyfin, servers.world.user("Sofa").id
    ours = JellyfinClient(house.session, servers.jellyfin.url, key, device_id="t").library
    for what in (library.SERIES, library.PLAYABLE, library.EVERYTHING):
        await ours.items(servers.world.server_id, what, 0, 10, count=True)
    for what in (library.PLAYED, library.RESUMABLE, library.FAVORITES):
        await ours.of_user(user, what, 0, 10, count=False)
    await ours.last_played(user, 0, 10)
    await ours.saved_since(servers.world.server_id, servers.world.founded, 0, 10)
    await ours.by_ids(servers.world.server_id, ("0" * 32,))
    for version in ("10.11.11", "12.0.0"):
        path = CONTRACTS / "openapi" / f"jellyfin-{version}.min.openapi.json"
        doc = json.loads(path.read_text())
        known = {one["name"]: one["schema"] for one in doc["paths"]["/Items"]["get"]["parameters"]}
        asked = [call for call in servers.jellyfin.calls if call.path.startswith("/Items?")]
        assert len(asked) == 9
        for call in asked:
            for name, value in parse_qsl(urlsplit(call.path).query):
                schema = known[name]
                reference = schema.get("items", {}).get("$ref", "")
                options = doc["components"]["schemas"].get(reference.rsplit("/", 1)[-1], {})
                if enum := options.get("enum"):
                    assert set(value.split(",")) <= set(enum), (name, value)


async def test_what_we_ask_of_collections_is_in_jellyfins_description(house: House) -> None:
    """Every address, method and parameter; and what the simulated server says fits it."""
    from custom_components.showrunner.clients.jellyfin import JellyfinClient

    servers = house.servers
    key, user = servers.world.keys.jellyfin, servers.world.user("Sofa").id
    ours = JellyfinClient(house.session, servers.jellyfin.url, key, device_id="t").collections
    episode = next(iter(servers.world.episodes.values()))
    before = len(servers.jellyfin.calls)
    made = await ours.create("Leaving soon")
    await ours.add(made, sorted(await ours.present([episode.item_id])))
    assert await ours.seasons(episode.series_id)
    assert (await ours.all(), await ours.members(made, user)) != ((), frozenset())
    await ours.take_out(made, [episode.item_id])
    await ours.discard(made)
    calls = servers.jellyfin.calls[before:]
    assert {call.method for call in calls} == {"GET", "POST", "DELETE"}
    for version in ("10.11.11", "12.0.0"):
        path = CONTRACTS / "openapi" / f"jellyfin-{version}.min.openapi.json"
        doc = json.loads(path.read_text())
        for call in calls:
            asked = urlsplit(call.path)
            written = asked.path.replace(made, "{id}")
            named = {re.sub(r"{\w+}", "{id}", one): answer for one, answer in doc["paths"].items()}
            known = {one["name"] for one in named[written][call.method.lower()]["parameters"]}
            assert {name for name, _ in parse_qsl(asked.query)} <= known
