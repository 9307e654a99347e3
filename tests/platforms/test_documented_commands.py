"""docs/ names every WebSocket command and every field of it, and no other."""

from pathlib import Path
import re

from homeassistant.components.websocket_api.const import DOMAIN as SOCKET
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
import voluptuous as vol
import yaml

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.websocket import async_setup_websocket

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"`([a-z][a-z0-9_]*)`")
COMMAND = re.compile(rf"`({DOMAIN}/[a-z_/]+)`")
# Every command has these, and the page says so once.
EVERYWHERE = {"id", "type", "config_entry_id"}


def documented(page: str) -> dict[str, set[str]]:
    """Give what a page names of each command, the fields of actions that answer alike included."""
    services = yaml.safe_load((ROOT / "custom_components" / DOMAIN / "services.yaml").read_text())
    found: dict[str, set[str]] = {}
    for line in page.splitlines():
        if not line.startswith(f"| `{DOMAIN}/"):
            continue
        named = set(CODE.findall(line))
        for action in named & services.keys():
            named = named | set((services[action] or {}).get("fields") or {})
        found |= dict.fromkeys(COMMAND.findall(line.split("|")[1]), named)
    return found


@pytest.fixture
async def commands(hass: HomeAssistant) -> dict[str, set[str]]:
    """Give the commands that there are, with their fields."""
    await async_setup_component(hass, SOCKET, {})
    async_setup_websocket(hass)
    found: dict[str, set[str]] = {}
    for name, (_, schema) in hass.data[SOCKET].items():
        if name.startswith(f"{DOMAIN}/"):
            fields = schema.schema if isinstance(schema, vol.Schema) else {}
            found[name] = {str(field) for field in fields} - EVERYWHERE
    return found


async def test_every_command_and_field_is_documented(commands: dict[str, set[str]]) -> None:
    """And nothing else is."""
    names = documented((ROOT / "docs" / "entities.md").read_text())
    assert names.keys() == commands.keys()
    missing = {name: fields - names[name] for name, fields in commands.items()}
    assert not any(missing.values()), missing
