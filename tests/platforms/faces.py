"""How tests look at what people see."""

from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.core import Context
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.showrunner.const import DOMAIN
from tests.walk.household import Household

SECOND = "The Lantern Keeper"  # watched once in the demo's past: another time is a rewatch


def entity_id(house: Household, key: str, title: str | None = None) -> str:
    """Find an entity by its key, and its subentry's title."""
    entry = house.entry
    subentry = next((s for s in entry.subentries.values() if s.title == title), None)
    parts = (entry.entry_id, subentry.subentry_id if subentry else None, key)
    unique_id = "_".join(part for part in parts if part)
    found = [
        one.entity_id
        for one in er.async_entries_for_config_entry(er.async_get(house.hass), entry.entry_id)
        if one.unique_id == unique_id
    ]
    assert len(found) == 1, (key, title)
    return found[0]


def state(house: Household, key: str, title: str | None = None) -> Any:
    """Read an entity."""
    return house.hass.states.get(entity_id(house, key, title))


async def user_context(house: Household) -> Context:
    """Give the context of a user who may control every entity and is no administrator."""
    group = await house.hass.auth.async_get_group(GROUP_ID_USER)
    assert group is not None
    return Context(user_id=MockUser(groups=[group]).add_to_hass(house.hass).id)


async def act(house: Household, action: str, context: Context | None = None, **data: Any) -> Any:
    """Call an action and give its answer."""
    return await house.hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )
