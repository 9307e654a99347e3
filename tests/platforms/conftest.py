"""The demo's world, and a household in it."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.showrunner.domain import acquisition
from tests.walk.household import Household, entry_for, living, short_world
from world.run import running
from world.servers import Servers


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often: how often is a rule of the domain with tests of its own."""
    monkeypatch.setattr(acquisition, "_FOLLOW", (0.1,))


@pytest.fixture
async def servers(socket_enabled: None) -> AsyncGenerator[Servers]:
    """Run the demo's world."""
    async with running(world=short_world()) as made:
        yield made


@pytest.fixture
async def household(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Give a household with two viewers and the dry run off."""
    for component in ("webhook", "repairs", "system_health"):
        await async_setup_component(hass, component, {})
    client = await hass_client_no_auth()
    entry = entry_for(servers, viewers=("Sofa", "Kitchen"))
    async with living(hass, servers, client, entry) as house:
        yield house


@pytest.fixture
async def reader(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> Any:
    """Connect as a user who may only read."""
    await async_setup_component(hass, "websocket_api", {})
    return await hass_ws_client(hass, hass_read_only_access_token)


@pytest.fixture
async def admin(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> Any:
    """Connect as an administrator."""
    await async_setup_component(hass, "websocket_api", {})
    return await hass_ws_client(hass)
