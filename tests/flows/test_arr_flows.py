"""Linking Sonarr, and the question whether an arr may call us."""

from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.helpers.translation import async_load_integrations
import pytest

from . import world
from .conftest import World, add_entry, options_of, subentry, suggested
from .steps import RADARR, only, send, start

SONARR = {"url": f"{world.SONARR}/", "api_key": world.KEY, "verify_ssl": True}
PAIR = {"here": "/media/shows", "there": "/data/shows"}
BY_KIND = {"radarr": RADARR, "sonarr": SONARR}


async def test_sonarr_is_linked_with_its_folders_and_a_proposed_mapping(
    hass: HomeAssistant, services: World
) -> None:
    """The mapping comes from the folders of series that both have."""
    entry = add_entry(hass)
    result = await send(hass, await start(hass, entry, "sonarr"), SONARR)
    assert result["step_id"] == "folders"
    assert options_of(result, "permanent_folders") == ["/data/shows"]
    assert suggested(result) == {
        "permanent_folders": ["/data/shows"],
        "path_map": [PAIR],
        "add_webhook": True,
    }
    result = await send(hass, result, suggested(result))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    linked = only(entry)
    assert (linked.title, linked.unique_id) == ("Sonarr", f"sonarr:{world.SONARR}")
    assert dict(linked.data) == {
        "url": world.SONARR,
        "api_key": world.KEY,
        "verify_ssl": True,
        "permanent_folders": ["/data/shows"],
        "path_map": [PAIR],
        "add_webhook": True,
        "webhook_id": linked.data["webhook_id"],
    }


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"api_key": "bad"}, "invalid_auth"),
        ({"url": world.RADARR}, "wrong_product"),
        ({"url": world.JELLYFIN}, "wrong_product"),
        ({"url": "sonarr:one"}, "invalid_url"),
    ],
)
async def test_a_failed_try_keeps_what_was_typed(
    hass: HomeAssistant, services: World, change: dict[str, str], error: str
) -> None:
    """And the next one succeeds in the same form."""
    entry = add_entry(hass)
    typed = {**SONARR, **change}
    result = await send(hass, await start(hass, entry, "sonarr"), typed)
    assert list(result["errors"].values()) == [error]
    assert suggested(result) == typed
    assert (await send(hass, result, SONARR))["step_id"] == "folders"


@pytest.mark.parametrize(
    ("change", "status", "detail"),
    [
        ({"api_key": "bad"}, None, "der Schlüssel oder die Anmeldung wurde abgelehnt"),
        ({"url": world.RADARR}, None, "das ist Radarr, nicht Sonarr"),
        ({}, 503, "der Server hatte einen Fehler (503)"),
        ({}, 302, "es leitet weiter, statt zu antworten (302)"),
    ],
)
async def test_a_failed_try_is_told_in_home_assistants_language(
    hass: HomeAssistant,
    services: World,
    change: dict[str, str],
    status: int | None,
    detail: str,
) -> None:
    """Also what is wrong, and not only that something is."""
    hass.config.language = "de"
    await async_load_integrations(hass, {"showrunner"})
    services.sonarr.status = status
    result = await send(hass, await start(hass, add_entry(hass), "sonarr"), {**SONARR, **change})
    assert result["description_placeholders"]["detail"] == detail


async def test_an_old_sonarr_is_refused(hass: HomeAssistant, services: World) -> None:
    """Version 3 has another webhook and other statistics."""
    services.sonarr.answers["GET", "/api/v3/system/status"] |= {"version": "3.0.10.1567"}
    result = await send(hass, await start(hass, add_entry(hass), "sonarr"), SONARR)
    assert result["errors"] == {"base": "too_old"}
    assert "3.0.10.1567" in result["description_placeholders"]["detail"]


@pytest.mark.parametrize("kind", BY_KIND)
async def test_the_address_is_shown_without_its_secret(
    hass: HomeAssistant, house: HomeAssistant, services: World, kind: str
) -> None:
    """The person sees who will be called."""
    result = await send(hass, await start(hass, add_entry(hass), kind), BY_KIND[kind])
    assert result["description_placeholders"]["webhook_url"] == (
        "http://homeassistant:8123/api/webhook/…"
    )


@pytest.mark.parametrize("kind", BY_KIND)
async def test_without_an_address_in_the_home_it_is_said_in_words(
    hass: HomeAssistant, services: World, kind: str
) -> None:
    """Then it polls, and the consent waits until there is one."""
    entry = add_entry(hass)
    with patch(
        "custom_components.showrunner.flows.jellyfin.async_generate_url",
        side_effect=NoURLAvailableError,
    ):
        result = await send(hass, await start(hass, entry, kind), BY_KIND[kind])
    address = result["description_placeholders"]["webhook_url"]
    assert address.startswith("Home Assistant as soon as it has an address")
    await send(hass, result, {"add_webhook": True})
    assert only(entry).data["add_webhook"] is True


@pytest.mark.parametrize("kind", BY_KIND)
async def test_saying_no_is_kept_and_can_be_taken_back(
    hass: HomeAssistant, services: World, kind: str
) -> None:
    """The door keeps its secret when the link is changed."""
    entry = add_entry(hass)
    result = await send(hass, await start(hass, entry, kind), BY_KIND[kind])
    await send(hass, result, {"add_webhook": False})
    linked = only(entry)
    hook = linked.data["webhook_id"]
    assert linked.data["add_webhook"] is False
    again = {"url": linked.data["url"], "verify_ssl": True}
    result = await send(hass, await start(hass, entry, kind, linked.subentry_id), again)
    assert suggested(result)["add_webhook"] is False
    await send(hass, result, {**suggested(result), "add_webhook": True})
    assert (only(entry).data["add_webhook"], only(entry).data["webhook_id"]) == (True, hook)
    assert only(entry).data["api_key"] == world.KEY


async def test_a_link_from_before_webhooks_is_asked_when_it_is_changed(
    hass: HomeAssistant, services: World
) -> None:
    """It gets its door then."""
    data: dict[str, Any] = {**RADARR, "url": world.RADARR, "permanent_folders": [], "path_map": []}
    entry = add_entry(hass, subentry("radarr", f"radarr:{world.RADARR}", "Films", data, "one"))
    typed = {"url": world.RADARR, "verify_ssl": True}
    result = await send(hass, await start(hass, entry, "radarr", "one"), typed)
    assert suggested(result)["add_webhook"] is True
    await send(hass, result, suggested(result))
    assert len(only(entry).data["webhook_id"]) == 64


FILM = "/data/films/The Matrix (1999)/The Matrix"


@pytest.mark.parametrize(
    ("in_radarr", "in_jellyfin", "permanent"),
    [
        (f"{FILM}.mkv", "/media/films/The Matrix.mkv", ["/data/films", "/data/other"]),
        (f"{FILM}.strm", "/media/films/The Matrix.mkv", ["/data/other"]),
        (f"{FILM}.mkv", "/media/films/The Matrix.strm", ["/data/other"]),
        (f"{FILM}.strm", None, ["/data/other"]),
        (f"{FILM}.mkv", None, ["/data/films", "/data/other"]),
        (f"{FILM}.strm", "/media/films/The Matrix.strm", ["/data/other"]),
    ],
)
async def test_a_folder_whose_films_are_streams_is_not_proposed_as_permanent(
    hass: HomeAssistant,
    services: World,
    in_radarr: str,
    in_jellyfin: str | None,
    permanent: list[str],
) -> None:
    """By the files that Radarr and Jellyfin name; without Jellyfin, Radarr's are enough."""
    answers = services.radarr.answers
    answers["GET", "/api/v3/rootfolder"] = [
        {"id": number, "path": path, "accessible": True, "freeSpace": 10**12}
        for number, path in enumerate(("/data/films", "/data/other"), 1)
    ]
    (film,) = answers["GET", "/api/v3/movie"]
    film["movieFile"]["path"] = in_radarr
    if in_jellyfin is None:
        services.jellyfin.status = 503
    else:
        items = services.jellyfin.answers["GET", "/Items"]
        services.jellyfin.answers["GET", "/Items"] = lambda asked: _at(items(asked), in_jellyfin)
    result = await send(hass, await start(hass, add_entry(hass), "radarr"), RADARR)
    assert suggested(result)["permanent_folders"] == permanent
    assert options_of(result, "permanent_folders") == ["/data/films", "/data/other"]


async def test_series_tell_by_the_files_of_their_episodes(
    hass: HomeAssistant, services: World
) -> None:
    """Sonarr names the folder of a series, and its files when it is asked."""
    (file,) = services.sonarr.answers["GET", "/api/v3/episodefile"]
    file["path"] = file["path"].replace(".mkv", ".strm")
    result = await send(hass, await start(hass, add_entry(hass), "sonarr"), SONARR)
    assert suggested(result)["permanent_folders"] == []
    assert suggested(result)["path_map"] == [PAIR]


async def test_without_a_word_on_files_the_folders_are_proposed(
    hass: HomeAssistant, services: World
) -> None:
    """Nothing speaks against them, and the mapping is found all the same."""
    services.sonarr.answers["GET", "/api/v3/episodefile"] = 500
    result = await send(hass, await start(hass, add_entry(hass), "sonarr"), SONARR)
    assert suggested(result)["permanent_folders"] == ["/data/shows"]
    assert suggested(result)["path_map"] == [PAIR]


def _at(found: Any, path: str) -> Any:
    items = [{**item, "Path": path} for item in found["Items"]]
    return {**found, "Items": items}
