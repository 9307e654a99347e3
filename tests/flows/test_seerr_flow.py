"""Seerr's subentry flow: linked, known already, changed, and what its only webhook is used for."""

from collections.abc import Generator
from typing import Any

import aiohttp
from aioresponses import aioresponses
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.showrunner.flows import jellyfin

from .conftest import add_entry, subentry, suggested
from .seerr import SEERR, TYPED, fresh
from .steps import only, send, start
from .world import KEY, Service

STORED = {
    "url": SEERR,
    "api_key": KEY,
    "verify_ssl": True,
    "webhook_id": "hook",
    "add_webhook": True,
}
_WEBHOOK = "/api/v1/settings/notifications/webhook"


@pytest.fixture
def seerr() -> Generator[Service]:
    """Let a Seerr 3.1 answer, whose webhook is free. A wrong key is a 403 there."""
    service = Service(
        SEERR,
        {
            ("GET", "/api/v1/status"): {"version": "3.1.0", "commitTag": "local"},
            ("GET", "/api/v1/auth/me"): {"id": 1, "permissions": 2},
            ("GET", "/api/v1/settings/public"): {"applicationTitle": "Wishes"},
            ("GET", _WEBHOOK): fresh(),
        },
        allowed=lambda path, headers: path.endswith("/status") or headers.get("x-api-key") == KEY,
    )
    with aioresponses() as mock:
        service.register(mock)
        yield service


async def test_seerr_is_linked_and_its_webhook_offered(
    house: HomeAssistant, seerr: Service
) -> None:
    """The person sees which address would be called, and can say no."""
    entry = add_entry(house)
    result = await send(house, await start(house, entry, "seerr"), TYPED)
    assert result["step_id"] == "webhook"
    shown = result["description_placeholders"]["webhook_url"]
    assert shown == "http://homeassistant:8123/api/webhook/…"
    result = await send(house, result, {"add_webhook": False})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    made = only(entry)
    assert (made.title, made.unique_id) == ("Wishes", f"seerr:{SEERR}")
    webhook_id = made.data["webhook_id"]
    assert len(webhook_id) == 64
    assert dict(made.data) == STORED | {"webhook_id": webhook_id, "add_webhook": False}
    assert ("POST", _WEBHOOK) not in seerr.asked  # nothing is changed before it is set up


async def test_without_an_address_in_the_home_it_is_offered_in_words(
    hass: HomeAssistant, seerr: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be wanted all the same: the address may come."""
    monkeypatch.setattr(jellyfin, "internal_webhook_url", lambda *_: None)
    result = await send(hass, await start(hass, add_entry(hass), "seerr"), TYPED)
    address = result["description_placeholders"]["webhook_url"]
    assert address.startswith("Home Assistant as soon as it has an address")
    result = await send(hass, result, {"add_webhook": True})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_webhook_of_somebody_else_is_left_to_them(
    house: HomeAssistant, seerr: Service
) -> None:
    """The form says so, and polling does."""
    seerr.answers["GET", _WEBHOOK] = fresh("http://homeassistant:8123/api/webhook/overseerr")
    entry = add_entry(house)
    result = await send(house, await start(house, entry, "seerr"), TYPED)
    assert result["step_id"] == "webhook_taken"
    result = await send(house, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert only(entry).data["add_webhook"] is False
    assert all(method == "GET" for method, _ in seerr.asked)


async def test_a_webhook_that_is_not_told_of_is_offered(
    house: HomeAssistant, seerr: Service
) -> None:
    """No answer is not "taken"."""
    seerr.answers["GET", _WEBHOOK] = 500
    result = await send(house, await start(house, add_entry(house), "seerr"), TYPED)
    assert result["step_id"] == "webhook"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"failure": aiohttp.ClientConnectionError("no")}, "cannot_connect"),
        ({"status": 502}, "cannot_connect"),
        ({"status": 404}, "wrong_product"),
        ({"status": 200, "body": "<!doctype html>"}, "wrong_product"),
    ],
)
async def test_a_failed_try_says_what_is_wrong_and_keeps_what_was_typed(
    house: HomeAssistant, seerr: Service, change: dict[str, Any], error: str
) -> None:
    """Everything but the connection stays."""
    for name, value in change.items():
        setattr(seerr, name, value)
    result = await send(house, await start(house, add_entry(house), "seerr"), TYPED)
    assert result["errors"] == {"base": error}
    assert suggested(result)["url"] == TYPED["url"]
    seerr.failure = seerr.status = None
    assert (await send(house, result, TYPED))["step_id"] == "webhook"


@pytest.mark.parametrize(
    ("path", "answer", "error"),
    [
        ("/api/v1/auth/me", 403, "invalid_auth"),
        ("/api/v1/auth/me", 401, "invalid_auth"),
        ("/api/v1/status", {"version": "1.33.2", "commitTag": "x"}, "too_old"),
        ("/api/v1/status", {"appName": "Radarr"}, "wrong_product"),
    ],
)
async def test_a_wrong_key_an_old_one_and_another_product_are_told_apart(
    house: HomeAssistant, seerr: Service, path: str, answer: Any, error: str
) -> None:
    """Seerr answers 403 to a wrong key."""
    seerr.answers["GET", path] = answer
    result = await send(house, await start(house, add_entry(house), "seerr"), TYPED)
    assert result["errors"] == {"base": error}


@pytest.mark.parametrize(
    ("kept", "url"),
    [
        ({"host": "seerr", "port": 5055, "ssl": False}, SEERR),
        ({"host": "seerr.example", "port": 443, "ssl": True}, "https://seerr.example"),
    ],
)
async def test_what_home_assistants_own_integration_knows_is_offered(
    house: HomeAssistant, seerr: Service, kept: dict[str, Any], url: str
) -> None:
    """It keeps host, port and ssl, and a webhook of its own."""
    MockConfigEntry(
        domain="overseerr", title="Seerr", data={**kept, "api_key": KEY, "webhook_id": "theirs"}
    ).add_to_hass(house)
    entry = add_entry(house)
    result = await start(house, entry, "seerr")
    assert result["step_id"] == "known"
    field = next(iter(result["data_schema"].schema.values()))
    [known, _] = field.config["options"]
    assert known["label"] == f"Seerr ({url})"
    if url == SEERR:
        result = await send(house, result, {"known": known["value"]})
        await send(house, result, {"add_webhook": True})
        made = only(entry).data
        assert (made["url"], made["api_key"], made["verify_ssl"]) == (SEERR, KEY, True)
        assert made["webhook_id"] != "theirs"


async def test_the_same_seerr_is_linked_once(house: HomeAssistant, seerr: Service) -> None:
    """By its address."""
    entry = add_entry(house, subentry("seerr", f"seerr:{SEERR}", "Wishes", STORED, "one"))
    result = await send(house, await start(house, entry, "seerr"), TYPED)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_reconfiguring_keeps_the_key_and_the_door(
    house: HomeAssistant, seerr: Service
) -> None:
    """An empty key keeps the stored one; ours in Seerr is ours."""
    ours = "http://homeassistant:8123/api/webhook/hook"
    seerr.answers["GET", _WEBHOOK] = fresh(ours)
    entry = add_entry(house, subentry("seerr", f"seerr:{SEERR}", "Mine", STORED, "one"))
    result = await start(house, entry, "seerr", "one")
    assert "api_key" not in suggested(result)
    result = await send(house, result, {"url": SEERR, "verify_ssl": True})
    # It calls us already, and nobody asks whether it may.
    assert result["step_id"] == "webhook_ours"
    result = await send(house, result, {"add_webhook": False})
    assert result["reason"] == "reconfigure_successful"
    assert only(entry).title == "Mine"
    assert dict(only(entry).data) == STORED | {"add_webhook": False}


async def test_an_expired_key_is_proved_again(house: HomeAssistant, seerr: Service) -> None:
    """For this Seerr alone."""
    stored = STORED | {"api_key": "old"}
    entry = add_entry(house, subentry("seerr", f"seerr:{SEERR}", "Mine", stored, "one"))
    result = await entry.start_reauth_flow(house, data={"subentry_id": "one"})
    flow = result["flow_id"]
    result = await house.config_entries.flow.async_configure(flow, {"api_key": "worse"})
    assert result["errors"] == {"base": "invalid_auth"}
    result = await house.config_entries.flow.async_configure(flow, {"api_key": KEY})
    assert result["type"] is FlowResultType.ABORT
    assert only(entry).data["api_key"] == KEY
