"""Linking Shoko: added, changed, proven again, and refused politely where it is another version."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from . import world
from .conftest import World, add_entry, subentry, suggested
from .steps import only, send, start

SHOKO = {"url": world.SHOKO, "api_key": world.KEY, "verify_ssl": True}
VERSION = ("GET", "/api/v3/Init/Version")
STATUS = ("GET", "/api/v3/Init/Status")


async def test_shoko_is_linked_and_changed(hass: HomeAssistant, services: World) -> None:
    """One form does; an empty key keeps the stored one; the same address is linked once."""
    entry = add_entry(hass)
    await send(hass, await start(hass, entry, "shoko"), {**SHOKO, "url": f"{world.SHOKO}/"})
    linked = only(entry)
    assert (linked.title, linked.unique_id) == ("Shoko", f"shoko:{world.SHOKO}")
    assert dict(linked.data) == SHOKO
    again = await send(hass, await start(hass, entry, "shoko"), SHOKO)
    assert again["reason"] == "already_configured"
    result = await start(hass, entry, "shoko", linked.subentry_id)
    assert "api_key" not in suggested(result)
    result = await send(hass, result, {"url": world.SHOKO, "verify_ssl": False})
    assert result["reason"] == "reconfigure_successful"
    assert dict(only(entry).data) == {**SHOKO, "verify_ssl": False}


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({VERSION: {"Server": {"Version": "6.0.0-dev.425"}}}, "too_new"),
        ({VERSION: {"Server": {"Version": "4.2.2.0"}}}, "too_old"),
        ({VERSION: {"Server": {}}}, "wrong_product"),
        ({VERSION: 404}, "wrong_product"),
        ({VERSION: 503}, "cannot_connect"),
        ({STATUS: {"State": "Starting"}}, "not_ready"),
        ({STATUS: {"State": "Waiting"}}, "not_ready"),
    ],
)
async def test_what_is_wrong_with_a_shoko_is_told_apart(
    hass: HomeAssistant, services: World, answers: dict[tuple[str, str], Any], error: str
) -> None:
    """Each in the person's words, with what was typed; then it works."""
    before = dict(services.shoko.answers)
    services.shoko.answers |= answers
    entry = add_entry(hass)
    result = await send(hass, await start(hass, entry, "shoko"), SHOKO)
    assert result["errors"] == {"base": error}
    assert suggested(result) == SHOKO
    services.shoko.answers |= before
    await send(hass, result, SHOKO)
    assert only(entry).title == "Shoko"


async def test_a_wrong_key_is_refused_only_once_it_has_started(
    hass: HomeAssistant, services: World
) -> None:
    """Before that every key is good, so none is believed."""
    entry = add_entry(hass)
    result = await send(hass, await start(hass, entry, "shoko"), {**SHOKO, "api_key": "bad"})
    assert result["errors"] == {"base": "invalid_auth"}
    services.shoko.answers[STATUS] = {"State": 1}
    services.shoko.allowed = lambda path, headers: True
    result = await send(hass, result, {**SHOKO, "api_key": "bad"})
    assert result["errors"] == {"base": "not_ready"}
    assert not entry.subentries


async def test_a_key_is_proven_again(hass: HomeAssistant, services: World) -> None:
    """Also when it has become a version that is too new: that is said instead."""
    stored = {**SHOKO, "api_key": "old"}
    entry = add_entry(hass, subentry("shoko", f"shoko:{world.SHOKO}", "Shoko", stored, "one"))
    result = await entry.start_reauth_flow(hass, data={"subentry_id": "one"})
    assert result["step_id"] == "reauth_service"
    flow = hass.config_entries.flow
    services.shoko.answers[VERSION] = {"Server": {"Version": "6.0"}}
    result = await flow.async_configure(result["flow_id"], {"api_key": world.KEY})
    assert result["errors"] == {"base": "too_new"}
    services.shoko.answers[VERSION] = {"Server": {"Version": "5.3"}}
    result = await flow.async_configure(result["flow_id"], {"api_key": world.KEY})
    assert result["reason"] == "reauth_successful"
    assert dict(only(entry).data) == SHOKO
