"""The options: a page each, kept as sections, with what Radarr has offered."""

from dataclasses import replace
from datetime import time
import math
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData, section
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.showrunner.domain.seeding import TrackerRule
from custom_components.showrunner.options import Options

from . import world
from .conftest import World, add_entry, fields_of, options_of, subentry, suggested


async def page(hass: HomeAssistant, entry: MockConfigEntry, name: str) -> Any:
    """Open a page."""
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["type"] is FlowResultType.MENU
    assert set(menu["menu_options"]) == {
        "watching",
        "downloads",
        "refresh",
        "cleanup",
        "extras",
        "seedbox",
        "safety",
        "notifications",
    }
    return await send(hass, menu, {"next_step_id": name})


async def send(hass: HomeAssistant, result: Any, data: dict[str, Any]) -> Any:
    """Send it, each field in its section."""
    schema = (result.get("data_schema") or vol.Schema({})).schema
    sections = {str(key): one for key, one in schema.items() if isinstance(one, section)}
    nested = {
        name: {str(key): data[key] for key in one.schema.schema if key in data}
        for name, one in sections.items()
    }
    inside = {key for one in nested.values() for key in one}
    plain = {key: value for key, value in data.items() if key not in inside}
    return await hass.config_entries.options.async_configure(result["flow_id"], plain | nested)


def defaults(result: Any) -> dict[str, Any]:
    """Fill a form in as the browser does."""
    filled = {}
    for marker in fields_of(result["data_schema"]):
        default = getattr(marker, "default", None)
        if callable(default) and default() is not ...:
            filled[str(marker)] = default()
    return {key: value for key, value in filled.items() if value is not None} | suggested(result)


@pytest.mark.parametrize(
    "name",
    ["watching", "downloads", "refresh", "cleanup", "extras", "seedbox", "safety", "notifications"],
)
async def test_a_page_sent_as_it_is_changes_nothing(
    hass: HomeAssistant, services: World, name: str
) -> None:
    """What the form shows is what holds."""
    entry = add_entry(hass)
    before = Options.from_entry(entry.options)
    result = await page(hass, entry, name)
    result = await send(hass, result, defaults(result))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert set(entry.options) == {name}
    assert Options.from_entry(entry.options) == before


async def test_pages_are_kept_beside_each_other(hass: HomeAssistant, services: World) -> None:
    """Whole numbers stay whole, and a second page does not undo the first."""
    entry = add_entry(hass)
    result = await page(hass, entry, "safety")
    await send(hass, result, {**defaults(result), "dry_run": False, "max_items": 7.0})
    result = await page(hass, entry, "watching")
    await send(hass, result, {**defaults(result), "completion": 80.0})
    assert (entry.options["safety"]["dry_run"], entry.options["safety"]["max_items"]) == (False, 7)
    assert isinstance(entry.options["safety"]["max_items"], int)
    read = Options.from_entry(entry.options)
    assert (read.watching.completion, read.safety.max_items) == (80, 7)
    result = await page(hass, entry, "safety")
    assert suggested(result)["max_items"] == 7


async def test_what_trackers_ask_for_is_kept(hass: HomeAssistant, services: World) -> None:
    """Each by its host; what is no host's name is said."""
    entry = add_entry(hass)
    result = await page(hass, entry, "seedbox")
    rules = [{"host": "tracker.example", "min_days": 14, "min_ratio": 1.1}, {"host": "b.example"}]
    wrong = [{"host": "https://tracker.example/announce"}]
    result = await send(hass, result, {**defaults(result), "trackers": wrong})
    assert result["errors"] == {"base": "invalid_tracker"}
    typed = {"trackers": rules, "keep_tags": [], "max_gb": 0, "at": "04:30:00"}
    await send(hass, result, {**defaults(result), **typed})
    purge = Options.from_entry(entry.options).purge
    assert purge.policy.trackers == (
        TrackerRule("tracker.example", 14, 1.1),
        TrackerRule("b.example"),
    )
    assert (purge.policy.keep_tags, purge.policy.max_bytes) == (frozenset(), 0)
    assert (purge.at, purge.enabled) == (time(4, 30), False)


async def test_options_that_cant_be_right_only_ever_keep_more(hass: HomeAssistant) -> None:
    """A number that is none is more than anybody can reach; a switch that is none is off."""
    stored = {
        "min_ratio": -1,
        "min_days": "soon",
        "keep_tags": "keep",
        "trackers": [{"host": "a.example", "min_days": "ten"}, {"min_days": 1}, 7],
        "delete_data": "yes",
        "purge_enabled": 1,
        "at": "25:00",
    }
    purge = Options.from_entry({"seedbox": stored}).purge
    default = Options().purge
    assert purge == replace(
        default,
        policy=replace(
            default.policy,
            trackers=(TrackerRule("a.example", math.inf, 0), TrackerRule("", 1, 0)),
            delete_data=False,
        ),
    )


async def test_radarr_s_profiles_and_folders_are_offered(
    hass: HomeAssistant, services: World
) -> None:
    """And free text, when it is down."""
    data = {"url": world.RADARR, "api_key": world.KEY, "verify_ssl": True}
    entry = add_entry(hass, subentry("radarr", "radarr:one", "Radarr", data, "one"))
    result = await page(hass, entry, "downloads")
    assert options_of(result, "quality_profile") == ["HD-1080p"]
    assert options_of(result, "root_folder") == ["/data/movies", "/data/stream"]
    services.radarr.status = 500
    result = await page(hass, entry, "downloads")
    assert options_of(result, "root_folder") == []
    typed = {**defaults(result), "root_folder": "/data/elsewhere", "tag": "from-showrunner"}
    await send(hass, result, typed)
    assert Options.from_entry(entry.options).downloads.root_folder == "/data/elsewhere"


async def test_what_cannot_be_right_is_said_in_the_form(
    hass: HomeAssistant, services: World
) -> None:
    """A tag that Radarr refuses, half a quiet time, numbers beyond their range."""
    entry = add_entry(hass)
    result = await page(hass, entry, "downloads")
    result = await send(hass, result, {**defaults(result), "tag": "From Showrunner"})
    assert result["errors"] == {"base": "invalid_tag"}
    assert suggested(result)["tag"] == "From Showrunner"
    result = await send(hass, result, {**defaults(result), "tag": "show\nrunner"})
    assert result["errors"] == {"base": "invalid_tag"}
    result = await page(hass, entry, "notifications")
    result = await send(hass, result, {**defaults(result), "quiet_from": "22:00:00"})
    assert result["errors"] == {"base": "half_quiet_time"}
    result = await page(hass, entry, "safety")
    with pytest.raises(InvalidData):
        await send(hass, result, {**defaults(result), "max_items": 0})
    assert entry.options == {}


async def test_an_emptied_favourite_tag_is_none(hass: HomeAssistant, services: World) -> None:
    """Not the default one."""
    entry = add_entry(hass)
    result = await page(hass, entry, "downloads")
    typed = {key: value for key, value in defaults(result).items() if key != "favorite_tag"}
    await send(hass, result, typed)
    assert Options.from_entry(entry.options).downloads.policy.favorite_tag == ""


@pytest.mark.parametrize(
    "rubbish",
    [
        {"safety": {"dry_run": "no", "max_items": -5, "max_gb": "x", "plan_hours": None}},
        {"safety": 7, "downloads": [], "watching": None, "notifications": "x"},
        {"watching": {"completion": 5, "min_seconds": float("nan"), "lost_after": True}},
        {"notifications": {"quiet_from": "25:00", "quiet_to": "07:00", "per_hour": 0}},
        {"downloads": {"enabled": "yes", "searches_per_hour": 10**9, "tag": 5}},
    ],
)
def test_stored_rubbish_never_widens_what_is_allowed(rubbish: dict[str, Any]) -> None:
    """Read as the default, or as the tightest limit; the dry run ends by a true "no" only."""
    plain, read = Options(), Options.from_entry(rubbish)
    assert read.safety.dry_run
    assert read.safety.max_items <= plain.safety.max_items
    assert read.downloads.searches_per_hour <= plain.downloads.searches_per_hour
    assert read.watching == plain.watching
    assert read.notifications.quiet_from is None
