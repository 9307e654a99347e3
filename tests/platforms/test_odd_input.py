"""Whatever somebody sends to an action or a WebSocket command: an answer, or a clear refusal.

All of them are found, and each of their fields is fed; a new one fails until it takes it well.
"""

import asyncio
from collections.abc import Iterator
import logging
from typing import Any

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import DOMAIN as SOCKET
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import json_bytes
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.validation import instant, path, text, whole
from tests.effort import some
from tests.walk.household import Household, until
from world.catalogue import by_name

from .faces import SECOND

HALF = "\ud800"
ODD: tuple[Any, ...] = (
    HALF,
    f"tmdb:1{HALF}",
    "\0",
    "x" * 1_000_000,
    "",
    2**63,
    -(2**63) - 1,
    10**400,
    float("nan"),
    float("inf"),
    -1,
    0,
    True,
    None,
    [],
    [HALF],
    [[]],
    {},
    {HALF: HALF},
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59",
    "0001-01-01",
    "2026-01-01T00:00:00+23:59",
    "2026-13-01",
    "tmdb:99999999999999999999999",
    "9" * 6000,
)
# What an action can't do without.
NEEDED: dict[str, Any] = {
    "title": f"tmdb:{by_name(SECOND).tmdb}",
    "policy": "never",
    "plan_id": "x",
    "ledger_id": 1,
    "request_id": "x",
    "files": False,
    "source": "jellyfin",
}


def fields(schema: Any) -> dict[Any, Any]:
    """Give the fields of a schema."""
    while isinstance(schema, vol.All):
        schema = schema.validators[0]
    found: dict[Any, Any] = schema.schema
    return found


def calls(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give what is sent: each odd value in each field, the others as they should be."""
    known = fields(schema)
    for field in known:
        exclusive = [o for o in known if isinstance(o, vol.Exclusive)]
        first = [] if isinstance(field, vol.Exclusive) else exclusive
        needed = [o for o in known if isinstance(o, vol.Required)]
        rest = {str(o): NEEDED[str(o)] for o in (*needed, *first) if str(o) in NEEDED}
        assert {str(o) for o in needed} <= {*rest, "type", "id"}
        for odd in ODD:
            yield str(field), rest | {str(field): odd}


def traces(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Give what was logged of errors that nobody expected."""
    return [
        one.getMessage()
        for one in caplog.records
        if one.levelno >= logging.ERROR and (one.exc_info or "Traceback" in one.getMessage())
    ]


async def test_no_value_in_any_field_of_an_action_is_too_odd(
    household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """Answered, or refused in words that can be sent on."""
    services = household.hass.services.async_services_for_domain(DOMAIN)
    assert len(services) >= 10
    refusals: dict[str, bytes] = {}
    for name, service in services.items():
        for field, data in some(calls(service.schema)):
            shown = f"{name}: {field} = {str(data[field])[:40]!r}"
            try:
                answer = await household.hass.services.async_call(
                    DOMAIN, name, data, blocking=True, return_response=True
                )
            except (vol.Invalid, HomeAssistantError) as err:
                refusals[shown] = str(err).encode()
            except Exception as err:
                raise AssertionError(f"{shown} gave {err!r}") from err
            else:
                json_bytes(answer)
    assert not [shown for shown, said in refusals.items() if not 0 < len(said) < 5000]
    assert not traces(caplog)


async def test_no_value_in_any_field_of_a_command_is_too_odd(
    household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """Also those that JSON could not bring."""
    hass, result = household.hass, []
    await async_setup_component(hass, "websocket_api", {})
    admin = MockUser(is_owner=True).add_to_hass(hass)
    token = await hass.auth.async_create_refresh_token(admin, "https://example.test")
    connection = ActiveConnection(
        logging.getLogger(__name__), hass, result.append, admin, token, "127.0.0.1"
    )
    commands = {
        name: schema for name, (_, schema) in hass.data[SOCKET].items() if name.startswith(DOMAIN)
    }
    assert len(commands) >= 4
    number = 0
    for name, schema in commands.items():
        sent = [("", {}), *calls(schema)] if schema else [("", {})]
        for field, data in sent:
            if field in ("id", "type"):
                continue
            number += 1
            before = len(result)
            connection.async_handle({"id": number, "type": name} | data)
            await until(lambda before=before: len(result) > before)
            for answer in result[before:]:
                plain = json_bytes(answer) if isinstance(answer, dict) else answer
                assert b"unknown_error" not in plain, (name, field, str(data)[:60])
    connection.async_handle_close()
    await asyncio.sleep(0)
    assert not traces(caplog)


@pytest.mark.parametrize(
    ("take", "good", "bad"),
    [
        (text, "Amélie 2 🎬", HALF),
        (text, "x" * 1000, "x" * 1001),
        (path, "/m/" + "x" * 4000, "/m/\0"),
        (whole, "7", float("inf")),
        (whole, 2**63 - 1, 2**63),
        (instant, "9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59-01:00"),
        (instant, "0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+01:00"),
    ],
)
def test_what_is_taken(take: Any, good: Any, bad: Any) -> None:
    """As far as it goes, and not a step further."""
    take(good)
    with pytest.raises(vol.Invalid):
        take(bad)
