"""The entry's flow: link, fail, recover, prove a key again, change the link."""

import ssl
from typing import Any
from unittest.mock import patch

import aiohttp
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.network import NoURLAvailableError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.showrunner.const import DOMAIN

from . import world
from .conftest import World, add_entry, options_of, subentry, suggested

TYPED = {"url": f"{world.JELLYFIN}/", "api_key": world.KEY, "verify_ssl": True}
LOGIN = {"url": world.JELLYFIN, "username": "Ada", "password": "pw", "verify_ssl": True}


async def start(hass: HomeAssistant, step: str) -> Any:
    """Open the flow and choose in its menu."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.MENU
    return await send(hass, result, {"next_step_id": step})


async def send(hass: HomeAssistant, result: Any, data: dict[str, Any]) -> Any:
    """Send a form of the entry's flow."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], data)


async def test_an_api_key_links_the_server_and_leads_on_to_the_services(
    house: HomeAssistant, services: World
) -> None:
    """The whole walk of INTERFACE: key, webhook, viewers, entry, services."""
    result = await send(house, await start(house, "api_key"), TYPED)
    assert result["step_id"] == "webhook"
    result = await send(house, result, {"add_webhook": True})
    assert result["step_id"] == "viewers"
    assert options_of(result, "viewers") == [world.ADMIN_ID, world.GUEST_ID]
    assert suggested(result) == {}
    result = await send(house, result, {"viewers": [world.GUEST_ID, world.ADMIN_ID]})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Attic"
    assert result["result"].unique_id == world.SERVER_ID
    data = dict(result["data"])
    assert len(data.pop("webhook_id")) == 64
    assert data == {
        "url": world.JELLYFIN,
        "api_key": world.KEY,
        "verify_ssl": True,
        "add_webhook": True,
    }
    kind, flow_id = result["next_flow"]
    assert kind == "config_subentries_flow"
    first = house.config_entries.subentries.async_get(flow_id)
    assert first["handler"] == (result["result"].entry_id, "setup")
    viewers = result["result"].get_subentries_of_type("viewer")
    assert [one.unique_id for one in viewers] == [
        f"viewer:{world.GUEST_ID}",
        f"viewer:{world.ADMIN_ID}",
    ]
    assert all(
        {**one.data}
        == {
            "user_id": one.unique_id.removeprefix("viewer:"),
            "user_name": one.title,
            "may_download": True,
            "counts_for_cleanup": True,
            "primary": False,
        }
        for one in viewers
    )


async def test_nobody_is_tracked_whom_the_person_did_not_choose(
    house: HomeAssistant, services: World
) -> None:
    """An empty choice is one, and a Jellyfin that does not tell its users is no dead end."""
    result = await send(house, await start(house, "api_key"), TYPED)
    result = await send(house, result, {"add_webhook": True})
    result = await send(house, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].subentries == {}
    await house.config_entries.async_remove(result["result"].entry_id)
    result = await send(house, await start(house, "api_key"), TYPED)
    services.jellyfin.answers["GET", "/Users"] = 500
    result = await send(house, result, {"add_webhook": True})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].subentries == {}


async def test_a_login_makes_a_key_and_forgets_name_and_password(
    house: HomeAssistant, services: World
) -> None:
    """Only the key that was made is kept; the session is closed."""
    result = await send(house, await start(house, "login"), LOGIN)
    result = await send(house, result, {"add_webhook": False})
    result = await send(house, result, {})
    data = result["data"]
    assert (data["api_key"], data["add_webhook"]) == ("made", False)
    assert "Ada" not in str(data)
    assert "pw" not in str(data)
    assert ("POST", "/Sessions/Logout") in services.jellyfin.asked


@pytest.mark.parametrize(("step", "typed"), [("api_key", TYPED), ("login", LOGIN)])
@pytest.mark.parametrize("lost", ["api_key", "login"])
async def test_a_lost_tab_is_in_nobodys_way(
    house: HomeAssistant, services: World, step: str, typed: dict[str, Any], lost: str
) -> None:
    """The flow of a tab that was closed half-way stays until a restart; another one links."""
    left = await send(house, await start(house, lost), TYPED if lost == "api_key" else LOGIN)
    assert left["step_id"] == "webhook"
    result = await send(house, await start(house, step), typed)
    assert result["step_id"] == "webhook"
    result = await send(house, result, {"add_webhook": False})
    result = await send(house, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert house.config_entries.flow.async_progress_by_handler(DOMAIN) == []


async def test_what_was_pasted_with_blanks_links(house: HomeAssistant, services: World) -> None:
    """A blank or a line end behind the key is none of it."""
    typed = {**TYPED, "url": f" {world.JELLYFIN}/\n", "api_key": f"\t{world.KEY}\u200b\r\n"}
    result = await send(house, await start(house, "api_key"), typed)
    result = await send(house, result, {"add_webhook": False})
    result = await send(house, result, {})
    assert (result["data"]["url"], result["data"]["api_key"]) == (world.JELLYFIN, world.KEY)


FAILURES = {
    "cannot_connect": {"failure": aiohttp.ClientConnectionError("no route")},
    "tls_failed": {
        "failure": aiohttp.ClientConnectorCertificateError(
            None,  # type: ignore[arg-type]
            ssl.SSLCertVerificationError("self-signed"),
        )
    },
    "wrong_product": {"status": 200, "body": "<html>Log in</html>"},
    # What needs no key is answered all the same.
    "invalid_auth": {"allowed": lambda path, headers: path == "/System/Info/Public"},
    "unknown": {"failure": RuntimeError("what")},
}


@pytest.mark.parametrize(("error", "lie"), FAILURES.items())
@pytest.mark.parametrize(("step", "typed"), [("api_key", TYPED), ("login", LOGIN)])
async def test_a_failed_try_keeps_what_was_typed_and_recovers(
    house: HomeAssistant,
    services: World,
    step: str,
    typed: dict[str, Any],
    error: str,
    lie: dict[str, Any],
) -> None:
    """Each failure says what it is; the same form sent again links."""
    result = await start(house, step)
    truth = {name: getattr(services.jellyfin, name) for name in lie}
    for name, value in lie.items():
        setattr(services.jellyfin, name, value)
    result = await send(house, result, typed)
    assert (result["step_id"], result["errors"]) == (step, {"base": error})
    assert suggested(result) == typed
    for name, value in truth.items():
        setattr(services.jellyfin, name, value)
    result = await send(house, result, typed)
    assert result["step_id"] == "webhook"


async def test_an_answer_of_another_product_is_named(house: HomeAssistant, services: World) -> None:
    """Radarr's address given for Jellyfin: its redirect and its page are no Jellyfin."""
    result = await send(house, await start(house, "api_key"), {**TYPED, "url": world.RADARR})
    assert result["errors"] == {"base": "wrong_product"}
    services.jellyfin.answers["GET", "/System/Info/Public"] = {"appName": "Radarr"}
    services.jellyfin.answers["GET", "/System/Info"] = {"appName": "Radarr"}
    result = await send(house, result, TYPED)
    assert result["errors"] == {"base": "wrong_product"}


async def test_an_old_server_and_a_wrong_address_are_named(
    house: HomeAssistant, services: World
) -> None:
    """Too old is told apart from wrong; an impossible address is an error of its field."""
    old = {
        "Id": world.SERVER_ID,
        "ServerName": "Attic",
        "Version": "10.8.13",
        "ProductName": "Jellyfin Server",
    }
    services.jellyfin.answers["GET", "/System/Info/Public"] = old
    services.jellyfin.answers["GET", "/System/Info"] = old
    result = await send(house, await start(house, "api_key"), TYPED)
    assert result["errors"] == {"base": "too_old"}
    result = await send(house, result, {**TYPED, "url": "http://ada:pw@jellyfin:8096"})
    assert result["errors"] == {"url": "invalid_url"}
    result = await send(house, result, {**TYPED, "url": "ftp://jellyfin"})
    assert result["errors"] == {"url": "invalid_url"}


async def test_a_login_that_is_no_administrator_makes_no_key(
    house: HomeAssistant, services: World
) -> None:
    """The session is closed again and nothing is left on the server."""
    services.jellyfin.answers["GET", "/Library/VirtualFolders"] = 403
    result = await send(house, await start(house, "login"), LOGIN)
    assert result["errors"] == {"base": "not_admin"}
    assert ("POST", "/Auth/Keys") not in services.jellyfin.asked
    assert ("POST", "/Sessions/Logout") in services.jellyfin.asked


@pytest.mark.parametrize(("step", "typed"), [("api_key", TYPED), ("login", LOGIN)])
async def test_a_server_is_linked_once(
    house: HomeAssistant, services: World, step: str, typed: dict[str, Any]
) -> None:
    """The same server by another way is refused, before a key is made on it."""
    add_entry(house)
    result = await send(house, await start(house, step), typed)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert ("POST", "/Auth/Keys") not in services.jellyfin.asked


async def test_without_an_inner_address_no_webhook_is_offered(
    hass: HomeAssistant, services: World
) -> None:
    """Polling does, and the page says so."""
    with patch(
        "custom_components.showrunner.flows.jellyfin.async_generate_url",
        side_effect=NoURLAvailableError,
    ):
        result = await send(hass, await start(hass, "api_key"), TYPED)
    assert result["step_id"] == "webhook_no_url"
    result = await send(hass, result, {})
    assert result["step_id"] == "viewers"
    result = await send(hass, result, {})
    assert result["data"]["add_webhook"] is False


async def test_without_the_plugin_no_webhook_is_offered(
    house: HomeAssistant, services: World
) -> None:
    """Polling does, and the page says so."""
    services.jellyfin.answers["GET", "/Plugins"] = []
    result = await send(house, await start(house, "api_key"), TYPED)
    assert result["step_id"] == "webhook_no_plugin"
    result = await send(house, result, {})
    assert result["step_id"] == "viewers"
    result = await send(house, result, {})
    assert result["data"]["add_webhook"] is False


async def test_an_unanswered_question_for_plugins_is_not_no(
    house: HomeAssistant, services: World
) -> None:
    """Unknown never counts as absent (law 1)."""
    services.jellyfin.answers["GET", "/Plugins"] = 500
    result = await send(house, await start(house, "api_key"), TYPED)
    assert result["step_id"] == "webhook"


def known_jellyfin(hass: HomeAssistant) -> MockConfigEntry:
    """Add an entry of Home Assistant's own Jellyfin integration, and a half one."""
    MockConfigEntry(domain="jellyfin", data={}).add_to_hass(hass)
    entry = MockConfigEntry(
        domain="jellyfin",
        title="Living room",
        data={"url": world.JELLYFIN, "username": "Ada", "password": "pw"},
    )
    entry.add_to_hass(hass)
    return entry


async def test_a_jellyfin_that_home_assistant_knows_is_used_when_picked(
    house: HomeAssistant, services: World
) -> None:
    """Its login makes a key; by hand, its address is suggested and no secret."""
    known = known_jellyfin(house)
    result = await start(house, "known")
    assert options_of(result, "known") == [known.entry_id, "manual"]
    result = await send(house, result, {"known": "manual"})
    assert result["step_id"] == "api_key"
    assert suggested(result) == {"url": world.JELLYFIN}
    result = await start(house, "known")
    result = await send(house, result, {"known": known.entry_id})
    assert result["step_id"] == "webhook"


async def test_a_known_login_that_fails_leads_to_the_form_without_its_password(
    house: HomeAssistant, services: World
) -> None:
    """What another integration stores is never shown."""
    known = known_jellyfin(house)
    services.jellyfin.answers["POST", "/Users/AuthenticateByName"] = 401
    result = await send(house, await start(house, "known"), {"known": known.entry_id})
    assert (result["step_id"], result["errors"]) == ("login", {"base": "invalid_auth"})
    assert suggested(result) == {
        "url": world.JELLYFIN,
        "username": "Ada",
        "verify_ssl": True,
    }


async def test_a_new_key_for_the_same_server_ends_the_reauthentication(
    hass: HomeAssistant, services: World
) -> None:
    """A wrong one keeps asking."""
    entry = add_entry(hass)
    result = await entry.start_reauth_flow(hass)
    assert result["step_id"] == "reauth_confirm"
    assert suggested(result) == {}
    result = await send(hass, result, {"api_key": "bad"})
    assert result["errors"] == {"base": "invalid_auth"}
    result = await send(hass, result, {"api_key": "made"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert entry.data["api_key"] == "made"
    assert entry.data["webhook_id"] == "hook"


async def test_another_server_is_refused(hass: HomeAssistant, services: World) -> None:
    """An entry stays with the server it was made for, whose history it holds."""
    entry = add_entry(hass)
    other = {
        "Id": "e" * 32,
        "ServerName": "Cellar",
        "Version": "12.0.0",
        "ProductName": "Jellyfin Server",
    }
    services.jellyfin.answers["GET", "/System/Info/Public"] = other
    services.jellyfin.answers["GET", "/System/Info"] = other
    result = await send(hass, await entry.start_reauth_flow(hass), {"api_key": world.KEY})
    assert result["errors"] == {"base": "wrong_server"}
    assert result["description_placeholders"]["detail"] == "Cellar"


async def reconfigure(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Open the entry's reconfiguration."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )


async def test_reconfiguring_keeps_the_key_that_is_left_empty_and_the_webhook_id(
    house: HomeAssistant, services: World
) -> None:
    """The stored key is not shown; an error leads back to the same form."""
    entry = add_entry(house)
    result = await reconfigure(house, entry)
    assert suggested(result) == {"url": world.JELLYFIN, "verify_ssl": True} | {
        key: entry.data[key] for key in ()
    }
    services.jellyfin.status = 503
    typed = {"url": f"{world.JELLYFIN}/", "verify_ssl": False}
    result = await send(house, result, typed)
    assert result["errors"] == {"base": "cannot_connect"}
    services.jellyfin.status = None
    result = await send(house, result, typed)
    assert result["step_id"] == "webhook"
    result = await send(house, result, {"add_webhook": False})
    assert result["reason"] == "reconfigure_successful"
    assert dict(entry.data) == {
        "url": world.JELLYFIN,
        "api_key": world.KEY,
        "verify_ssl": False,
        "webhook_id": "hook",
        "add_webhook": False,
    }


SERVICES = {
    "radarr": {"url": world.RADARR, "api_key": "old", "verify_ssl": True, "path_map": []},
    "prowlarr": {"url": world.PROWLARR, "api_key": "old", "verify_ssl": True},
    "jellystat": {"url": world.JELLYSTAT, "api_key": "old", "verify_ssl": True},
    "ntfy": {
        "url": world.NTFY,
        "topic": "secret",
        "token": "tk_old",
        "events": ["decision"],
        "priority": 3,
        "verify_ssl": True,
    },
}
ANSWERS = {
    "radarr": ({"api_key": "bad"}, {"api_key": world.KEY}),
    "prowlarr": ({"api_key": "bad"}, {"api_key": world.KEY}),
    "jellystat": ({"api_key": "bad"}, {"api_key": world.KEY}),
    "ntfy": ({"token": "tk_bad"}, {"username": "ada", "password": "pw"}),
}


@pytest.mark.parametrize("kind", SERVICES)
async def test_one_service_proves_its_key_again(
    hass: HomeAssistant, services: World, kind: str
) -> None:
    """The reauthentication started for a subentry asks for that service's key alone."""
    entry = add_entry(hass, subentry(kind, f"{kind}:x", "Mine", SERVICES[kind], "one"))
    wrong, right = ANSWERS[kind]
    entry.async_start_reauth(hass, data={"subentry_id": "one"})
    await hass.async_block_till_done()
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_service"
    result = await send(hass, flow, wrong)
    assert result["errors"] == {"base": "invalid_auth"}
    assert result["description_placeholders"]["name"] == "Mine"
    result = await send(hass, result, right)
    assert result["reason"] == "reauth_successful"
    data = entry.subentries["one"].data
    assert {key: data[key] for key in right} == right
    assert "token" not in data
    assert entry.data["api_key"] == world.KEY


async def test_half_a_login_is_refused_before_it_is_tried(
    hass: HomeAssistant, services: World
) -> None:
    """A token and a name at once, or a password without its name."""
    entry = add_entry(hass, subentry("ntfy", "ntfy:x", "Mine", SERVICES["ntfy"], "one"))
    entry.async_start_reauth(hass, data={"subentry_id": "one"})
    await hass.async_block_till_done()
    [flow] = hass.config_entries.flow.async_progress()
    result = await send(hass, flow, {"token": "t", "username": "ada"})
    assert result["errors"] == {"token": "token_or_password"}
    result = await send(hass, result, {"password": "pw"})
    assert result["errors"] == {"username": "username_missing"}
    result = await send(hass, result, {"username": "ada"})
    assert result["errors"] == {"password": "password_missing"}
    assert services.ntfy.asked == []


@pytest.mark.parametrize("kind", ["gone", "viewer"])
async def test_a_service_without_a_key_ends_its_reauthentication(
    hass: HomeAssistant, services: World, kind: str
) -> None:
    """It was removed meanwhile, or never had a key."""
    entry = add_entry(hass, subentry("viewer", "viewer:x", "Ada", {}, "viewer"))
    result = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": "reauth", "entry_id": entry.entry_id},
        data={**entry.data, "subentry_id": kind},
    )
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "service_removed")
