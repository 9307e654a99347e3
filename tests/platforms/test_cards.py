"""The cards are served, and dashboards load them: as they are now, once, and not without us."""

from pathlib import Path
import re
from typing import Any

from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner import cards
from custom_components.showrunner.const import DOMAIN
from tests.walk.household import Household

URL = "/showrunner_static/showrunner.js"
BUNDLE = Path(cards.__file__).parent / "frontend" / "showrunner.js"
OTHER = {"res_type": "module", "url": "/local/other.js"}


@pytest.fixture
async def dashboards(hass: HomeAssistant) -> Any:
    """Have dashboards, whose resources are kept by Home Assistant."""
    await async_setup_component(hass, "http", {})
    assert await async_setup_component(hass, "frontend", {})
    return hass.data[LOVELACE_DATA].resources


@pytest.fixture
async def written(hass: HomeAssistant, request: pytest.FixtureRequest) -> None:
    """Have dashboards, whose resources are written in YAML."""
    resources = getattr(request, "param", [])
    config = {"lovelace": {"resource_mode": "yaml", "resources": resources}}
    assert await async_setup_component(hass, "lovelace", config)
    assert await async_setup_component(hass, "frontend", config)


def urls(resources: Any) -> list[str]:
    """Give the addresses that dashboards load."""
    return [item["url"] for item in resources.async_items()]


def loaded(hass: HomeAssistant) -> set[str]:
    """Give what every page loads of ours."""
    return {url for url in hass.data[DATA_EXTRA_MODULE_URL].urls if url.startswith(URL)}


async def test_dashboards_load_the_cards_by_their_version(
    dashboards: Any, household: Household
) -> None:
    """A browser may keep them for a month: the address changes with what is in them."""
    (url,) = urls(dashboards)
    assert re.fullmatch(re.escape(URL) + r"\?v=0\.1\.0-[0-9a-f]{8}", url)
    answer = await household.client.get(url)
    assert await answer.read() == BUNDLE.read_bytes()
    assert "max-age" in answer.headers["Cache-Control"]
    hass, entry = household.hass, household.entry
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert urls(dashboards) == [url]
    assert loaded(hass) == set()


async def test_the_cards_go_with_the_last_entry(dashboards: Any, household: Household) -> None:
    """Another server's entry still has them shown; what is not ours stays."""
    hass = household.hass
    await dashboards.async_create_item(OTHER)
    data = dict(household.entry.data)
    another = MockConfigEntry(domain=DOMAIN, title="Other", unique_id="other", data=data)
    another.add_to_hass(hass)
    await hass.config_entries.async_remove(household.entry.entry_id)
    assert len(urls(dashboards)) == 2
    await hass.config_entries.async_remove(another.entry_id)
    assert urls(dashboards) == [OTHER["url"]]


async def test_an_older_version_is_replaced_where_it_stands(
    hass: HomeAssistant, dashboards: Any
) -> None:
    """Under its own id, and what somebody added by hand beside it goes."""
    await cards.async_serve(hass)
    old = await dashboards.async_create_item({"res_type": "module", "url": f"{URL}?v=0.0.1-x"})
    await dashboards.async_create_item(OTHER)
    await dashboards.async_create_item({"res_type": "module", "url": URL})
    await cards.async_add(hass)
    ours, other = dashboards.async_items()
    assert ours["id"] == old["id"]
    assert "0.0.1" not in ours["url"]
    assert other["url"] == OTHER["url"]


async def test_written_resources_are_left_alone(written: None, hass: HomeAssistant) -> None:
    """Every page loads the cards then, once, until the last entry is gone."""
    await cards.async_serve(hass)
    await cards.async_add(hass)
    await cards.async_add(hass)
    assert len(loaded(hass)) == 1
    assert urls(hass.data[LOVELACE_DATA].resources) == []
    await cards.async_remove(hass)
    assert loaded(hass) == set()
    await cards.async_remove(hass)


@pytest.mark.parametrize("written", [[{"type": "module", "url": f"{URL}?v=1"}]], indirect=True)
async def test_who_has_written_the_cards_down_has_them_once(
    written: None, hass: HomeAssistant
) -> None:
    """Two addresses would be two modules."""
    await cards.async_serve(hass)
    await cards.async_add(hass)
    assert loaded(hass) == set()


async def test_without_dashboards_nothing_is_missing(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """A Home Assistant without a front end is watched over all the same."""
    await async_setup_component(hass, "http", {})
    await cards.async_serve(hass)
    await cards.async_add(hass)
    await cards.async_remove(hass)
    assert LOVELACE_DATA not in hass.data
