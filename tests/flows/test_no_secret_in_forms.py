"""Every form is tried with secrets at servers that repeat them: none is shown, or logged.

Except where it was typed: a password that was refused stays in its own field, as in Home
Assistant's own flows.
"""

from base64 import b64encode
from collections.abc import AsyncGenerator, Iterator
import json
import logging
from typing import Any
from urllib.parse import quote, quote_plus

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.selector import TextSelector, TextSelectorType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.showrunner.const import SETUP
from custom_components.showrunner.services import SERVICES
from tests.echo import Echo, echoing

from .conftest import ENTRY_DATA, add_entry, fields_of, subentry

TYPED = "Getippt&geheim <ja> 77"
# As it goes over the wire.
WRITTEN = (quote(TYPED), quote_plus(TYPED), b64encode(f"ada:{TYPED}".encode()).decode())
STORED = {
    "api_key": "MTY5ODc2NTQzMjEwMGU1ZTVlNWU1LWU1ZTU=",
    "password": "Gemerkt&geheim <ja> 88",
    "token": "tk_g7g7g7g7g7g7g7g7g7g7g7g7g7g7g",
    "webhook_id": "h9" * 32,
}
PLAIN = {"username": "ada", "topic": "filme", "verify_ssl": True}
# Of these no web server is asked: one is Home Assistant's own, one has a test of its own.
NO_WEB = ("notify", "transfer")
# Each answer of the server is another one, in a turn.
TRIES = 8


@pytest.fixture
async def echo(socket_enabled: None) -> AsyncGenerator[tuple[Echo, str]]:
    """Run the server that repeats."""
    async with echoing() as made:
        yield made


@pytest.fixture
def entry(hass: HomeAssistant, echo: tuple[Echo, str]) -> MockConfigEntry:
    """Give an entry with every kind of service, whose secrets are kept."""
    kept = {**STORED, **PLAIN, "url": echo[1], "priority": 3, "events": []}
    kept |= {"permanent_folders": ["/films"], "path_map": []}
    made = add_entry(
        hass, *(subentry(kind, f"{kind}:{echo[1]}", kind, kept, kind) for kind in SERVICES)
    )
    data = {**ENTRY_DATA, "url": echo[1], **{k: STORED[k] for k in ("api_key", "webhook_id")}}
    hass.config_entries.async_update_entry(made, data=data)
    return made


def is_secret(field: object) -> bool:
    """Tell whether what is typed there is hidden."""
    return isinstance(field, TextSelector) and field.config.get("type") == TextSelectorType.PASSWORD


def filled(schema: vol.Schema | None, url: str, turn: int) -> dict[str, Any]:
    """Fill a form in. Of several ways to sign in one is taken, each in its turn."""
    typed: dict[str, Any] = {}
    fields = fields_of(schema or vol.Schema({}))
    ways = [str(marker) for marker, field in fields.items() if is_secret(field)]
    way = ways[turn % len(ways)] if ways else ""
    for marker, field in fields.items():
        name = str(marker)
        if is_secret(field):
            typed |= {name: TYPED} if name == way else {}
        elif name == "username" and "password" in ways and way != "password":
            continue
        elif name == "url":
            typed[name] = url
        elif name in PLAIN:
            typed[name] = PLAIN[name]
        elif isinstance(field, TextSelector) and isinstance(marker, vol.Required):
            typed[name] = "x"
    return typed


def shown(result: Any, secret: str) -> Iterator[str]:
    """Name where a result shows a secret; what was typed may stay in a password's own field."""
    for name in ("errors", "description_placeholders", "reason", "title", "step_id"):
        if secret in json.dumps(result.get(name), default=str, ensure_ascii=False):
            yield f"{result.get('step_id')}: {name}"
    for marker, field in fields_of(result.get("data_schema") or vol.Schema({})).items():
        answer = getattr(marker, "description", None) or {}
        suggested = answer.get("suggested_value")
        default = getattr(marker, "default", vol.UNDEFINED)
        default = None if default is vol.UNDEFINED else default()
        kept = () if secret == TYPED and is_secret(field) else (suggested,)
        options = getattr(field, "config", {}).get("options")
        for value in (*kept, default, options):
            if secret in json.dumps(value, default=str, ensure_ascii=False):
                yield f"{result.get('step_id')}: field {marker}"


def check(result: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Fail if anything of a result, or of the log, shows a secret."""
    # What a service may be told in the clear is part of none of these.
    for secret in (TYPED, *WRITTEN, *STORED.values()):
        assert not list(shown(result, secret))
        for record in caplog.records:
            ours = record.name.startswith("custom_components")
            if ours or record.levelno > logging.DEBUG:
                text = f"{record.getMessage()} {record.exc_text or ''}"
                assert secret not in text or record.name.startswith("aiohttp.access"), record.name


async def tried(manager: Any, result: Any, url: str, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Send a form again and again; give the errors that were shown."""
    errors: list[str] = []
    for turn in range(TRIES):
        check(result, caplog)
        if result["type"] is not FlowResultType.FORM:
            break
        typed = filled(result["data_schema"], url, turn)
        result = await manager.async_configure(result["flow_id"], typed)
        errors += (result.get("errors") or {}).values()
    check(result, caplog)
    return errors


@pytest.mark.parametrize("source", [SOURCE_USER, SOURCE_RECONFIGURE])
@pytest.mark.parametrize("kind", [kind for kind in SERVICES if kind not in NO_WEB])
async def test_no_service_s_form_shows_a_secret(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    echo: tuple[Echo, str],
    caplog: pytest.LogCaptureFixture,
    kind: str,
    source: str,
) -> None:
    """To add one, and to change it."""
    manager = hass.config_entries.subentries
    context = {"source": source}
    if source == SOURCE_RECONFIGURE:
        context["subentry_id"] = kind
    else:
        hass.config_entries.async_remove_subentry(entry, kind)
    result = await manager.async_init((entry.entry_id, kind), context=context)
    assert await tried(manager, result, echo[1], caplog)
    assert echo[0].asked


@pytest.mark.parametrize(
    "kind", [key for key, spec in SERVICES.items() if spec.reauth and key not in NO_WEB]
)
async def test_no_question_for_a_new_key_shows_a_secret(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    echo: tuple[Echo, str],
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    """Of each service that has a key."""
    result = await entry.start_reauth_flow(hass, data={"subentry_id": kind})
    assert await tried(hass.config_entries.flow, result, echo[1], caplog)
    assert echo[0].asked


@pytest.mark.parametrize("way", ["api_key", "login", "reauth", "reconfigure"])
async def test_no_form_of_the_server_shows_a_secret(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    echo: tuple[Echo, str],
    caplog: pytest.LogCaptureFixture,
    way: str,
) -> None:
    """To link Jellyfin in two ways, to prove its key again, to change it."""
    manager: Any = hass.config_entries.flow
    match way:
        case "reauth":
            result = await entry.start_reauth_flow(hass)
        case "reconfigure":
            result = await entry.start_reconfigure_flow(hass)
        case _:
            result = await manager.async_init(entry.domain, context={"source": SOURCE_USER})
            check(result, caplog)
            step = {"next_step_id": way}
            result = await manager.async_configure(result["flow_id"], step)
    assert await tried(manager, result, echo[1], caplog)
    assert echo[0].asked


async def test_no_form_of_the_options_shows_a_secret(
    hass: HomeAssistant, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Each page of them, and the menu of what can be linked."""
    setup = await hass.config_entries.subentries.async_init(
        (entry.entry_id, SETUP), context={"source": SOURCE_USER}
    )
    check(setup, caplog)
    manager = hass.config_entries.options
    result = await manager.async_init(entry.entry_id)
    check(result, caplog)
    pages = result["menu_options"]
    assert pages
    for page in pages:
        result = await manager.async_init(entry.entry_id)
        check(await manager.async_configure(result["flow_id"], {"next_step_id": page}), caplog)
