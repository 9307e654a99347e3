"""What people see: entities, events, switches, actions, diagnostics, repairs."""

import asyncio
from datetime import timedelta
import json

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.diagnostics import async_get_config_entry_diagnostics
from custom_components.showrunner.domain.acquisition import AcquisitionState
from custom_components.showrunner.repairs import async_create_fix_flow
from tests.walk.household import Household, entry_for, living, until
from world.catalogue import by_name
from world.lies import Lie, LieKind
from world.servers import Servers

from .faces import SECOND, act, entity_id, state, user_context


async def test_the_entities_and_their_ids_stay(household: Household) -> None:
    """What automations are built on: this list may only grow."""
    entry = household.entry
    titles = {s.subentry_id: s.title for s in entry.subentries.values()}
    found = set()
    for one in er.async_entries_for_config_entry(er.async_get(household.hass), entry.entry_id):
        name = one.unique_id.removeprefix(f"{entry.entry_id}_")
        for subentry_id, title in titles.items():
            name = name.replace(f"{subentry_id}_", f"{title}: ")
        found.add(f"{one.domain}.{name}")
    assert found == {
        "binary_sensor.connected",
        "binary_sensor.Radarr: connected",
        "binary_sensor.Prowlarr: connected",
        "binary_sensor.Phone: connected",
        "button.run_cleanup",
        "button.run_download",
        "button.run_extras",
        "button.run_purge",
        "button.run_sync",
        "button.run_refresh",
        "calendar.leaving",
        "event.decision",
        "event.job",
        "event.playback",
        "sensor.decisions_today",
        "sensor.freed_total",
        "sensor.leaving_count",
        "sensor.leaving_size",
        "sensor.next_deletion",
        "sensor.regrets",
        "sensor.saved_total",
        "sensor.stream_bitrate",
        "sensor.streams",
        "sensor.transcodes",
        "sensor.trash_files",
        "sensor.trash_size",
        "sensor.viewings_today",
        "sensor.Radarr: free_space",
        "sensor.Radarr: monitored_missing",
        "sensor.Radarr: queue",
        "sensor.Sofa: last_watched",
        "sensor.Sofa: viewings_month",
        "sensor.Sofa: watch_time",
        "sensor.Kitchen: last_watched",
        "sensor.Kitchen: viewings_month",
        "sensor.Kitchen: watch_time",
        "switch.auto_cleanup",
        "switch.auto_download",
        "switch.auto_extras",
        "switch.auto_purge",
        "switch.auto_sync",
        "switch.auto_refresh",
        "switch.dry_run",
        "switch.Sofa: tracking",
        "switch.Kitchen: tracking",
    }
    assert not [one for one in household.hass.states.async_all() if one.state == "unavailable"]


async def test_each_service_and_viewer_is_a_device_behind_the_server(household: Household) -> None:
    """One device each, linked to the server's."""
    devices = dr.async_entries_for_config_entry(
        dr.async_get(household.hass), household.entry.entry_id
    )
    server = next(one for one in devices if one.via_device_id is None)
    assert {one.name for one in devices} == {
        "Demo",
        "Radarr",
        "Prowlarr",
        "Phone",
        "Sofa",
        "Kitchen",
    }
    assert all(one.via_device_id == server.id for one in devices if one is not server)


async def test_entities_follow_the_walk(household: Household) -> None:
    """Streams while it plays, counters and events after it."""
    play = household.servers.play("Sofa", SECOND, 0.3, None, 1.2, method="Transcode")
    await until(lambda: state(household, "streams").state == "1", what="a stream")
    assert state(household, "transcodes").state == "1"
    assert play.done is not None
    await play.done
    await household.acquisition(SECOND)
    await until(lambda: state(household, "viewings_today").state == "1")
    await until(lambda: state(household, "decisions_today").state == "1")
    await until(lambda: state(household, "viewings_month", "Sofa").state == "1")
    assert state(household, "viewings_month", "Kitchen").state == "0"
    assert state(household, "last_watched", "Sofa").state != "unknown"
    await until(lambda: state(household, "job").attributes.get("event_type") == "done")
    decision = state(household, "decision").attributes
    assert (decision["event_type"], decision["tier"]) == ("download", 2)
    assert state(household, "playback").attributes["event_type"] in ("completed", "stopped")
    # People know their viewers by name, and so must an automation's message.
    assert state(household, "playback").attributes["viewer"] == "Sofa"
    await until(lambda: state(household, "streams").state == "0", what="no stream")


async def test_a_dead_service_is_unavailable_and_says_so(household: Household) -> None:
    """Its numbers are not shown any more; connectivity is."""
    household.servers.radarr.liar.tell(Lie(LieKind.ERROR))
    (radarr,) = household.runtime.radarrs.values()
    await radarr.async_refresh()
    await household.hass.async_block_till_done()
    assert state(household, "queue", "Radarr").state == "unavailable"
    assert state(household, "connected", "Radarr").state == "off"
    assert state(household, "connected").state == "on"


async def test_switches_are_the_options(household: Household) -> None:
    """Turned here, the options say the same, and nothing is reloaded."""
    runtime = household.runtime
    for key, section, option in (
        ("dry_run", "safety", "dry_run"),
        ("auto_download", "downloads", "enabled"),
        ("auto_refresh", "refresh", "enabled"),
    ):
        before = state(household, key).state
        for service, value in (("turn_on", True), ("turn_off", False)):
            await household.hass.services.async_call(
                "switch", service, {"entity_id": entity_id(household, key)}, blocking=True
            )
            await household.hass.async_block_till_done()
            assert state(household, key).state == ("on" if value else "off"), before
            assert household.entry.options[section][option] is value
    assert household.runtime is runtime


async def test_switches_are_for_administrators(household: Household) -> None:
    """The dry run is not for everybody to end."""
    context = await user_context(household)
    with pytest.raises(Unauthorized):
        await household.hass.services.async_call(
            "switch",
            "turn_on",
            {"entity_id": entity_id(household, "dry_run")},
            blocking=True,
            context=context,
        )
    assert not household.runtime.options.safety.dry_run


async def test_the_button_wakes_the_job(household: Household) -> None:
    """What waits is looked at now."""
    household.servers.radarr.liar.tell(Lie(LieKind.ERROR))
    await household.watch("Sofa", SECOND)

    async def frozen() -> bool:
        found = await household.acquisitions(SECOND)
        return bool(found) and found[0].next_at is not None

    await until(frozen)
    household.servers.radarr.liar.be_honest()
    await household.hass.services.async_call(
        "button", "press", {"entity_id": entity_id(household, "run_download")}, blocking=True
    )
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED


async def test_decide_explains_and_changes_nothing(household: Household) -> None:
    """By tmdb id or Jellyfin's, for a viewer by name or for nobody."""
    film = by_name("A Harbour of Glass")
    answer = await act(household, "decide", tmdb_id=film.tmdb)
    assert (answer["verdict"], answer["rule"], answer["plan_id"]) == (
        "download",
        "instant_rating",
        None,
    )
    assert len(answer["findings"]) == 20
    item = by_name(SECOND).item_id
    answer = await act(household, "decide", jellyfin_item_id=item, viewer="sofa")
    assert (answer["viewer"], answer["verdict"]) == ("Sofa", "stream")
    assert household.writes == []
    with pytest.raises(ServiceValidationError):
        await act(household, "decide", tmdb_id=film.tmdb, viewer="Nobody")
    household.servers.jellyfin.liar.tell(Lie(LieKind.ERROR))
    with pytest.raises(HomeAssistantError) as caught:
        await act(household, "decide", jellyfin_item_id=item)
    assert caught.value.translation_key == "service_failed"


async def test_decide_can_carry_it_out(household: Household) -> None:
    """Planned, searched, followed."""
    answer = await act(
        household, "decide", tmdb_id=by_name("A Harbour of Glass").tmdb, execute=True
    )
    assert answer["plan_id"]
    ended = await household.acquisition("A Harbour of Glass")
    assert ended.state is AcquisitionState.IMPORTED


async def test_a_persons_word_holds(household: Household) -> None:
    """Never, then always, then the rules again."""
    film = by_name("A Harbour of Glass")
    for policy, verdict in (("never", "stream"), ("always", "download"), ("ask", "ask")):
        await act(household, "set_override", title=f"tmdb:{film.tmdb}", policy=policy)
        assert (await act(household, "decide", tmdb_id=film.tmdb))["verdict"] == verdict
    await act(household, "set_override", title=film.item_id, policy="auto")
    answer = await act(household, "decide", tmdb_id=film.tmdb)
    assert answer["rule"] == "instant_rating"
    kept = await act(household, "set_override", title="a harbour of glass", policy="never")
    assert kept["title"] == f"movie:tmdb:{film.tmdb}"
    assert (await act(household, "decide", title="A Harbour of Glass"))["verdict"] == "stream"
    with pytest.raises(ServiceValidationError):
        await act(household, "set_override", title="0" * 32, policy="never")


async def test_a_plan_is_shown_then_applied(household: Household) -> None:
    """In a dry run only with a word of confirmation."""
    await household.runtime.set_option("safety", "dry_run", True)
    await household.watch("Sofa", SECOND)
    planned = await household.acquisition(SECOND, AcquisitionState.PLANNED)
    plan_id = planned.plan_id
    shown = await act(household, "apply_plan", plan_id=plan_id)
    assert shown["dry_run"]
    assert shown["totals"]["planned"] == 2
    with pytest.raises(ServiceValidationError) as caught:
        await act(household, "apply_plan", plan_id=plan_id, dry_run=False)
    assert caught.value.translation_key == "dry_run_on"
    assert household.writes == []
    done = await act(household, "apply_plan", plan_id=plan_id, dry_run=False, confirm=True)
    assert done["totals"]["done"] == 2
    with pytest.raises(ServiceValidationError):
        await act(household, "apply_plan", plan_id="nothing")
    await household.acquisition(SECOND)


async def test_writing_is_for_administrators(household: Household) -> None:
    """Reading is for everybody."""
    context = await user_context(household)
    tmdb = by_name(SECOND).tmdb
    await act(household, "decide", context, tmdb_id=tmdb)
    for action, data in (
        ("decide", {"tmdb_id": tmdb, "execute": True}),
        ("set_override", {"title": f"tmdb:{tmdb}", "policy": "never"}),
        ("apply_plan", {"plan_id": "x", "dry_run": False}),
    ):
        with pytest.raises(Unauthorized):
            await act(household, action, context, **data)


async def test_history_and_everything_about_a_title(household: Household) -> None:
    """In order, by viewer, title and time."""
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND)
    tmdb = by_name(SECOND).tmdb
    found = await act(household, "get_history", viewer="Sofa", title=f"tmdb:{tmdb}")
    assert [one["title"] for one in found["viewings"]] == ["The Lantern Keeper (2011)"]
    later = (await act(household, "get_history", since="2099-01-01T00:00:00"))["viewings"]
    assert later == []
    answer = await act(household, "get_title", title=f"tmdb:{tmdb}")
    kinds = [next(key for key in event if key != "at") for event in answer["events"]]
    assert kinds[0] == "viewing"
    assert set(kinds) == {"viewing", "decision", "plan", "change"}
    assert answer["status"] == "imported"
    assert [event["at"] for event in answer["events"]] == sorted(
        event["at"] for event in answer["events"]
    )
    json.dumps(answer)


async def test_diagnostics_hold_no_secret_and_no_name(household: Household) -> None:
    """Neither keys nor addresses, people, titles or what they wrote."""
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND)
    text = json.dumps(await async_get_config_entry_diagnostics(household.hass, household.entry))
    servers = household.servers
    keys = servers.world.keys
    for secret in (
        keys.jellyfin,
        keys.radarr,
        keys.prowlarr,
        keys.ntfy,
        keys.topic,
        "127.0.0.1",
        "a" * 64,
        "Sofa",
        "Kitchen",
        "Lantern",
        "/data",
        household.user("Sofa").id,
    ):
        assert secret not in text, secret
    assert '"connected": true' in text


async def test_a_radarr_that_names_other_folders_asks_for_a_mapping(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """The repair leads into the reconfiguration; with a mapping there is none."""
    for component in ("webhook", "repairs"):
        await async_setup_component(hass, component, {})
    client = await hass_client_no_auth()
    entry = entry_for(servers)
    (radarr,) = [s for s in entry.subentries.values() if s.subentry_type == "radarr"]
    data = {**radarr.data, "path_map": []}
    object.__setattr__(radarr, "data", data)
    async with living(hass, servers, client, entry):
        issues = ir.async_get(hass)
        issue_id = f"missing_mapping_{radarr.subentry_id}"
        await until(lambda: issues.async_get_issue(DOMAIN, issue_id) is not None)
        issue = issues.async_get_issue(DOMAIN, issue_id)
        assert issue is not None
        flow = await async_create_fix_flow(hass, issue_id, issue.data)
        flow.hass, flow.flow_id, flow.handler = hass, "f", DOMAIN
        assert (await flow.async_step_init())["step_id"] == "confirm"  # type: ignore[attr-defined]
        result = await flow.async_step_confirm({})  # type: ignore[attr-defined]
        assert result["next_flow"][0] == "config_subentries_flow"


async def test_system_health_counts(household: Household) -> None:
    """Servers, services, and those that are down."""
    from custom_components.showrunner.system_health import _info

    assert await _info(household.hass) == {
        "servers": 1,
        "jellyfin_version": "10.11.11",
        "services": 4,
        "services_down": 0,
    }


async def test_a_service_that_stays_down_is_told_once_and_so_is_its_return(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After ten minutes, not before."""
    from custom_components.showrunner.coordinators import base

    monkeypatch.setattr(base, "DOWN_AFTER", timedelta(seconds=0.2))
    texts: list[str] = []
    household.runtime.signals.subscribe(base.Topic.SERVICE, lambda kind, _: texts.append(kind))
    (radarr,) = household.runtime.radarrs.values()
    household.servers.radarr.liar.tell(Lie(LieKind.ERROR))
    await radarr.async_refresh()
    assert texts == []
    await asyncio.sleep(0.3)
    await radarr.async_refresh()
    await radarr.async_refresh()
    household.servers.radarr.liar.be_honest()
    await radarr.async_refresh()
    await radarr.async_refresh()
    assert texts == ["down", "back"]
