"""Serves the cards of `frontend/`, and has Home Assistant's dashboards load them.

As a resource of the dashboards, which wait for those before they draw. Where resources are written
in YAML only their owner changes them: there every page loads the cards by itself.
"""

import asyncio
import hashlib
import logging
from pathlib import Path
from typing import Final

from homeassistant.components.frontend import add_extra_js_url, remove_extra_js_url
from homeassistant.components.http import StaticPathConfig  # type: ignore[attr-defined]
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.components.lovelace.resources import ResourceStorageCollection
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

_BUNDLE: Final = Path(__file__).parent / "frontend" / "showrunner.js"
_URL: Final = f"/{DOMAIN}_static/showrunner.js"
# Entries that are set up beside each other add one resource.
_LOCK: Final[HassKey[asyncio.Lock]] = HassKey(f"{DOMAIN}_cards")
# What every page loads by itself, where that is so.
_LOADED: Final[HassKey[str]] = HassKey(f"{DOMAIN}_cards_loaded")

_LOGGER = logging.getLogger(__name__)


async def async_serve(hass: HomeAssistant) -> None:
    """Serve the cards, once for all entries. Their address changes with what is in them."""
    hass.data[_LOCK] = asyncio.Lock()
    await hass.http.async_register_static_paths(
        [StaticPathConfig(_URL, str(_BUNDLE), cache_headers=True)]
    )


async def async_add(hass: HomeAssistant) -> None:
    """Have dashboards load the cards as they are now; a Home Assistant without any goes on."""
    if LOVELACE_DATA not in hass.data:
        return
    resources = hass.data[LOVELACE_DATA].resources
    async with hass.data[_LOCK]:
        address = await _address(hass)
        if isinstance(resources, ResourceStorageCollection):
            await _add_resource(resources, address)
        elif not any(_is_ours(item) for item in resources.async_items()):
            _have_pages_load(hass, address)


async def async_remove(hass: HomeAssistant) -> None:
    """Have dashboards load the cards no longer."""
    if LOVELACE_DATA not in hass.data:
        return
    resources = hass.data[LOVELACE_DATA].resources
    async with hass.data[_LOCK]:
        if isinstance(resources, ResourceStorageCollection):
            await resources.async_get_info()
            for item in [one for one in resources.async_items() if _is_ours(one)]:
                await resources.async_delete_item(item["id"])
        if loaded := hass.data.pop(_LOADED, None):
            remove_extra_js_url(hass, loaded)


async def _address(hass: HomeAssistant) -> str:
    """Give the address with the version, and what tells two builds of one version apart."""
    version = (await async_get_integration(hass, DOMAIN)).version
    content = await hass.async_add_executor_job(_BUNDLE.read_bytes)
    return f"{_URL}?v={version}-{hashlib.sha256(content).hexdigest()[:8]}"


async def _add_resource(resources: ResourceStorageCollection, address: str) -> None:
    # Nothing is in the list before somebody has asked for it.
    await resources.async_get_info()
    ours = [item for item in resources.async_items() if _is_ours(item)]
    if not ours:
        await resources.async_create_item({"res_type": "module", "url": address})
        return
    first, *more = ours
    if first["url"] != address:
        await resources.async_update_item(first["id"], {"url": address})
    for item in more:
        await resources.async_delete_item(item["id"])


def _have_pages_load(hass: HomeAssistant, address: str) -> None:
    if hass.data.get(_LOADED) is None:
        _LOGGER.info("Resources of dashboards are in YAML: every page loads %s", address)
        hass.data[_LOADED] = address
        add_extra_js_url(hass, address)


def _is_ours(item: dict[str, str]) -> bool:
    return item["url"].partition("?")[0] == _URL
