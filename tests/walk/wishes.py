"""A household that asks for films in Seerr."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.coordinators.requests import RequestView
from custom_components.showrunner.coordinators.seerr import SeerrCoordinator
from custom_components.showrunner.domain.requests.request import RequestState
from world.catalogue import by_name
from world.seerr_book import Ask
from world.servers import Servers
from world.shows import show_by_name

from .arrs import entry_with_arrs
from .household import Household, living, until, with_more

HOOK = "d" * 64


FILM = "Third Shift"


LIST = "todo.wishes_approvals"


def entry(servers: Servers, *, add_webhook: bool = True) -> MockConfigEntry:
    """Make an entry with Radarr, Sonarr and Seerr."""
    plain = entry_with_arrs(servers, add_webhook=add_webhook)
    url = servers.seerr.url
    data = {"url": url, "api_key": servers.world.keys.seerr, "verify_ssl": True}
    link = ConfigSubentryData(
        data=data | {"webhook_id": HOOK, "add_webhook": add_webhook},
        subentry_type="seerr",
        title="Wishes",
        unique_id=f"seerr:{url}",
    )
    return with_more(plain, link)


@asynccontextmanager
async def lived(
    hass: HomeAssistant, servers: Servers, client: ClientSessionGenerator, **how: Any
) -> AsyncGenerator[Household]:
    """Live in a house with a Seerr."""
    servers.world.pace = type(servers.world.pace)(
        search=0.05, grab=0.02, download=0.2, seeders=0.01, scan=0.1
    )
    await async_setup_component(hass, "webhook", {})
    async with living(hass, servers, await client(), entry(servers, **how)) as made:
        yield made


def seerr(house: Household) -> SeerrCoordinator:
    """Give its coordinator."""
    return next(iter(house.runtime.seerrs.values()))


def wish(house: Household, name: str = FILM, who: str = "Kitchen") -> Ask:
    """Have somebody ask for a film or series in Seerr, who is told of it."""
    state = house.servers.seerr_state
    try:
        ask = state.book.ask(by_name(name), house.user(who))
    except KeyError:
        ask = state.book.ask(show_by_name(name), house.user(who), (1,))
    state.agent.tell("MEDIA_PENDING", ask)
    return ask


def view(house: Household, ask: Ask) -> RequestView | None:
    """Find how a request stands."""
    return house.runtime.requests.find(f"seerr:{seerr(house).subentry_id}:{ask.id}")


async def stands(house: Household, ask: Ask, *states: RequestState) -> RequestView:
    """Wait until a request is in one of these states."""

    def there() -> bool:
        found = view(house, ask)
        return found is not None and found.status.state in states

    await until(there, what=f"{ask.media.entry.name}: {states}")
    found = view(house, ask)
    assert found is not None
    return found


async def complete(hass: HomeAssistant, request_id: str, user: MockUser | None = None) -> None:
    """Complete an item as a person does."""
    await hass.services.async_call(
        "todo",
        "update_item",
        {"item": request_id, "status": "completed"},
        target={"entity_id": LIST},
        blocking=True,
        context=Context(user_id=user.id) if user else None,
    )
