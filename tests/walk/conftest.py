"""A fast world, and a household in it."""

from collections.abc import AsyncGenerator
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.domain import acquisition
from custom_components.showrunner.jobs.kit import waiting
from world.run import running
from world.servers import Servers

from .arrs import house_with_arrs
from .cleaning import Cleaned, settled
from .household import Household, entry_for, living, short_world
from .pipeline import Pipeline, Via, pipeline


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often: how often is a rule of the domain with tests of its own."""
    monkeypatch.setattr(acquisition, "_FOLLOW", (0.1,))


@pytest.fixture
async def servers(socket_enabled: None) -> AsyncGenerator[Servers]:
    """Run the demo's world at full speed."""
    async with running(world=short_world()) as made:
        yield made


@pytest.fixture
async def household(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Give a household with one tracked viewer and the dry run off."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    async with living(hass, servers, client, entry_for(servers)) as house:
        yield house


@pytest.fixture
async def pipe(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Pipeline]:
    """Live with the whole pipeline, in which who waits comes back soon."""
    monkeypatch.setattr(waiting, "PAUSES", (timedelta(seconds=0.1),))
    monkeypatch.setattr(waiting, "LEAST", timedelta(seconds=0.05))
    async with pipeline(hass, servers, hass_client_no_auth, monkeypatch, Via.MIXED) as made:
        yield made


@pytest.fixture
async def home(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Cleaned]:
    """Live in a household in which anybody counts, and limits of shares are wide."""
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        yield await settled(house)
