"""Repairs, diagnostics and system health: what helps when something is wrong."""

import json
from typing import Any
from unittest.mock import patch

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner import system_health
from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.diagnostics import async_get_config_entry_diagnostics
from custom_components.showrunner.repairs import async_create_fix_flow
from tests.walk.household import Household, entry_for, living, until
from world.lies import Lie, LieKind
from world.servers import Servers

SENTINEL = "sentinel-5eba"


async def test_a_missing_mapping_is_mended_through_its_repair(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    hass_client: ClientSessionGenerator,
) -> None:
    """As the front end does it: issue, confirmation, the reconfiguration of that Radarr."""
    for component in ("webhook", "repairs"):
        await async_setup_component(hass, component, {})
    entry = entry_for(servers)
    (radarr,) = [s for s in entry.subentries.values() if s.subentry_type == "radarr"]
    object.__setattr__(radarr, "data", {**radarr.data, "path_map": []})
    async with living(hass, servers, await hass_client_no_auth(), entry):
        issue_id = f"missing_mapping_{radarr.subentry_id}"
        issues = ir.async_get(hass)
        await until(lambda: issues.async_get_issue(DOMAIN, issue_id) is not None)
        admin = await hass_client()
        begin = {"handler": DOMAIN, "issue_id": issue_id}
        form = await (await admin.post("/api/repairs/issues/fix", json=begin)).json()
        assert (form["step_id"], form["description_placeholders"]) == (
            "confirm",
            {"service": "Radarr"},
        )
        path = f"/api/repairs/issues/fix/{form['flow_id']}"
        done = await (await admin.post(path, json={})).json()
        assert done["type"] == "create_entry"
        kind, flow_id = done["next_flow"]
        flow = hass.config_entries.subentries.async_get(flow_id)
        assert (kind, flow["handler"]) == (
            "config_subentries_flow",
            (entry.entry_id, "radarr"),
        )
        assert flow["context"]["subentry_id"] == radarr.subentry_id
        hass.config_entries.subentries.async_abort(flow_id)


@pytest.mark.parametrize("gone", ["entry_id", "subentry_id"])
async def test_a_repair_of_a_radarr_that_is_gone_ends(household: Household, gone: str) -> None:
    """It was unlinked while the issue was open."""
    (subentry_id,) = household.runtime.radarrs
    data: dict[str, Any] = {"entry_id": household.entry.entry_id, "subentry_id": subentry_id}
    flow: Any = await async_create_fix_flow(household.hass, "x", data | {gone: "gone"})
    flow.hass, flow.flow_id, flow.handler = household.hass, "f", DOMAIN
    assert (await flow.async_step_init())["reason"] == "gone"


async def test_nobody_tracked_is_a_repair_that_asks_whom_to_track(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    hass_client: ClientSessionGenerator,
) -> None:
    """Several at once, nobody chosen before; it goes by itself, and nothing is reloaded."""
    for component in ("webhook", "repairs"):
        await async_setup_component(hass, component, {})
    entry = entry_for(servers, viewers=())
    async with living(hass, servers, await hass_client_no_auth(), entry) as house:
        issues, issue_id = ir.async_get(hass), f"nobody_tracked_{entry.entry_id}"
        issue = issues.async_get_issue(DOMAIN, issue_id)
        assert issue is not None
        assert issue.translation_placeholders == {"server": "Demo"}
        admin = await hass_client()
        begin = {"handler": DOMAIN, "issue_id": issue_id}
        form = await (await admin.post("/api/repairs/issues/fix", json=begin)).json()
        path = f"/api/repairs/issues/fix/{form['flow_id']}"
        [field] = form["data_schema"]
        assert (field["name"], field.get("default")) == ("viewers", None)
        form = await (await admin.post(path, json={})).json()
        assert form["errors"] == {"base": "nobody_chosen"}
        reloads: list[str] = []
        schedule = hass.config_entries.async_schedule_reload
        with patch.object(
            hass.config_entries,
            "async_schedule_reload",
            side_effect=lambda entry_id: (reloads.append(entry_id), schedule(entry_id)),
        ):
            chosen = [house.user(name).id for name in ("Sofa", "Kitchen")]
            done = await (await admin.post(path, json={"viewers": chosen})).json()
            assert done["type"] == "create_entry"
            await hass.async_block_till_done()
        assert reloads == []
        await until(lambda: set(house.runtime.viewers) == set(chosen), what="both are tracked")
        assert issues.async_get_issue(DOMAIN, issue_id) is None
        for viewer in entry.get_subentries_of_type("viewer"):
            hass.config_entries.async_remove_subentry(entry, viewer.subentry_id)
        await until(lambda: issues.async_get_issue(DOMAIN, issue_id) is not None)
        await hass.async_block_till_done()
        # Added on the page, without the repair: it goes, too.
        hass.config_entries.async_add_subentry(entry, viewer)
        await until(lambda: issues.async_get_issue(DOMAIN, issue_id) is None)
        hass.config_entries.async_remove_subentry(entry, viewer.subentry_id)
        await until(lambda: issues.async_get_issue(DOMAIN, issue_id) is not None)
        await hass.async_block_till_done()
        assert await hass.config_entries.async_set_disabled_by(
            entry.entry_id, ConfigEntryDisabler.USER
        )
        assert issues.async_get_issue(DOMAIN, issue_id) is None


async def test_the_repair_of_a_jellyfin_that_does_not_answer_asks_again(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Nobody is offered, nobody is tracked, and the way is not shut."""
    for component in ("webhook", "repairs"):
        await async_setup_component(hass, component, {})
    entry = entry_for(servers, viewers=())
    async with living(hass, servers, await hass_client_no_auth(), entry):
        issue_id = f"nobody_tracked_{entry.entry_id}"
        data: dict[str, Any] = {"entry_id": entry.entry_id}
        flow: Any = await async_create_fix_flow(hass, issue_id, data)
        flow.hass, flow.flow_id, flow.handler = hass, "f", DOMAIN
        servers.jellyfin.liar.tell(Lie(LieKind.ERROR))
        form = await flow.async_step_init()
        assert form["errors"] == {"base": "cannot_connect"}
        assert form["data_schema"].schema == {}
        servers.jellyfin.liar.be_honest()
        form = await flow.async_step_confirm({})
        assert list(form["data_schema"].schema) == ["viewers"]
        flow = await async_create_fix_flow(hass, issue_id, {"entry_id": "gone"})
        flow.hass, flow.flow_id, flow.handler = hass, "f", DOMAIN
        assert (await flow.async_step_init())["reason"] == "gone"


async def test_diagnostics_show_nothing_that_people_or_services_wrote(
    household: Household,
) -> None:
    """Every text of the entry carries the sentinel, and so does what a service says of itself."""
    hass, entry = household.hass, household.entry
    options: dict[str, Any] = {
        "downloads": {
            "keywords": [SENTINEL],
            "genres_instant": [SENTINEL],
            "genres_rare": [SENTINEL],
            "genres_excluded": [SENTINEL],
            "favorite_tag": SENTINEL,
            "quality_profile": SENTINEL,
            "root_folder": f"/{SENTINEL}",
            "tag": SENTINEL,
        }
    }
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done()
    runtime = household.runtime
    for service in (runtime.jellyfin, *runtime.services):
        service.title = service.last_error = SENTINEL
        service.last_exception = RuntimeError(f"http://me:{SENTINEL}@host/?apikey={SENTINEL}")
    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    text = json.dumps(diagnostics)
    assert SENTINEL not in text
    for place in (entry, *entry.subentries.values()):
        for value in place.data.values():
            if isinstance(value, str):
                assert value not in text
        assert place.title in ("Radarr", "Prowlarr") or f'"{place.title}"' not in text
    assert diagnostics["options"]["downloads"]["policy"]["keywords"] == 1
    assert diagnostics["services"][0]["error"] == "RuntimeError"
    assert diagnostics["arrs"][0]["path_map"] == 1


async def test_system_health_counts_a_server_that_does_not_answer(
    hass: HomeAssistant, servers: Servers
) -> None:
    """Its entry waits and has no services to show, which is not health."""
    servers.jellyfin.liar.tell(Lie(LieKind.ERROR))
    entry = entry_for(servers)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    registration = SystemHealthRegistration(hass, DOMAIN)
    system_health.async_register(hass, registration)
    assert registration.info_callback is not None
    assert await registration.info_callback(hass) == {
        "servers": 1,
        "jellyfin_version": None,
        "services": 1,
        "services_down": 1,
    }


async def test_a_cleanup_without_a_primary_viewer_is_a_repair(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Two count and nobody is it: nothing leaves. It goes with the mark, the option, the switch."""
    await async_setup_component(hass, "webhook", {})
    entry = entry_for(servers, viewers=("Sofa", "Kitchen"))
    async with living(hass, servers, await hass_client_no_auth(), entry) as house:
        issues, issue_id = ir.async_get(hass), f"no_primary_viewer_{entry.entry_id}"

        def shown() -> bool:
            return issues.async_get_issue(DOMAIN, issue_id) is not None

        assert not shown()
        await house.runtime.set_option("cleanup", "enabled", True)
        await until(shown, what="it is told")
        await house.runtime.set_option("cleanup", "who", "any")
        await until(lambda: not shown(), what="any viewer counts")
        await house.runtime.set_option("cleanup", "who", "primary")
        await until(shown, what="it is told again")
        viewer = entry.get_subentries_of_type("viewer")[1]
        hass.config_entries.async_update_subentry(
            entry, viewer, data={**viewer.data, "primary": True}
        )
        await until(lambda: not shown(), what="one is the primary viewer")
        hass.config_entries.async_update_subentry(
            entry, viewer, data={**viewer.data, "primary": False}
        )
        await until(shown, what="none is any more")
        hass.config_entries.async_remove_subentry(entry, viewer.subentry_id)
        await until(lambda: not shown(), what="one is alone")
        await hass.async_block_till_done()
