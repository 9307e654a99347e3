"""What the world answers is what the real services' descriptions allow."""

import asyncio
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator
import pytest
import yaml

from .conftest import House

CONTRACTS = Path(__file__).parents[3] / "shared" / "contracts"
pytestmark = pytest.mark.skipif(
    not CONTRACTS.is_dir(), reason="the contracts folder is not beside the repository"
)

FILES = {
    "jellyfin": "jellyfin-10.11.11.min.openapi.json",
    "radarr": "radarr-v3.openapi.json",
    "prowlarr": "prowlarr-v1.openapi.json",
    "ntfy": "ntfy.contract.yml",
}


def description(service: str) -> dict[str, Any]:
    """Read a service's description."""
    text = (CONTRACTS / "openapi" / FILES[service]).read_text()
    doc: dict[str, Any] = (
        yaml.safe_load(text) if FILES[service].endswith("yml") else json.loads(text)
    )
    return doc


def response_schema(doc: dict[str, Any], method: str, path: str, status: int) -> dict[str, Any]:
    """Find what an operation may answer; all references stay resolvable."""
    responses = doc["paths"][path][method.lower()]["responses"]
    answer = responses.get(str(status)) or responses["200"]
    content = answer["content"]
    kind = next(k for k in ("application/json", "application/x-ndjson", *content) if k in content)
    return {"allOf": [content[kind]["schema"]], "components": doc["components"]}


def problems(schema: dict[str, Any], value: object) -> list[str]:
    """List where a value breaks a schema.

    Radarr writes a command's own fields (`movieIds`) into `body`; its description names only the
    fields that all commands have. Jellyfin writes flags as a list of their names, and describes
    them as one of the names.
    """
    return [
        f"{e.json_path}: {e.message[:200]}"
        for e in OAS30Validator(schema).iter_errors(value)
        if not (e.json_path.endswith("body") and "movieIds" in e.message)
        and not (e.json_path.endswith("TranscodeReasons") and isinstance(e.instance, list))
    ]


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
    async with asyncio.timeout(5):
        while not house.servers.radarr_state.library.queue:
            await asyncio.sleep(0.01)
    known = {"{user}": user.id, "{film}": film.item_id}
    asked = asked.replace("{film}", film.item_id)
    given = {name: known.get(value, value) for name, value in params.items()}
    body = await house.get(service, asked, **given)
    schema = response_schema(description(service), "GET", path, 200)
    assert problems(schema, body) == []
    assert body != [] or path.endswith(("health",))


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
