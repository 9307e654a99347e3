"""Seerr in a real `hass`: from somebody's wish to a person's approval, and what goes wrong."""

from collections.abc import AsyncGenerator
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.diagnostics import async_get_config_entry_diagnostics
from custom_components.showrunner.domain.requests.request import RequestState, StuckReason
from world.catalogue import by_name
from world.seerr_book import Status
from world.servers import Servers
from world.shows import show_by_name

from .household import Household, until
from .wishes import FILM, HOOK, LIST, complete, lived, seerr, stands, view, wish

FOREIGN = "http://somebody.else:8123/api/webhook/theirs"


@pytest.fixture
async def house(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Give a house whose Seerr has taken us for its webhook."""
    async with lived(hass, servers, hass_client_no_auth) as made:
        await until(lambda: made.servers.seerr_state.agent.settings["enabled"], what="the webhook")
        yield made


async def items(hass: HomeAssistant) -> dict[str, dict[str, Any]]:
    """List what the to-do list shows, by its ids."""
    answer = await hass.services.async_call(
        "todo",
        "get_items",
        target={"entity_id": LIST},
        blocking=True,
        return_response=True,
    )
    return {item["uid"]: item for item in answer[LIST]["items"]}


async def test_a_wish_becomes_an_item_and_its_approval_a_film_in_radarr(
    hass: HomeAssistant, house: Household, hass_admin_user: MockUser
) -> None:
    """By webhooks alone: asked for, approved here, handed on, and playable in the end."""
    ask = wish(house)
    found = await stands(house, ask, RequestState.REQUESTED)
    assert found.request.title.label == "Third Shift (2025)"
    assert found.request.poster.endswith(f"/p{by_name(FILM).tmdb}.jpg")
    assert found.request.requested_by == "Kitchen"
    item = (await items(hass))[found.request.id]
    assert (item["summary"], item["description"]) == ("Third Shift (2025)", "Kitchen")
    assert item["status"] == "needs_action"
    await complete(hass, found.request.id, hass_admin_user)
    assert found.request.id not in await items(hass)
    movie = house.servers.radarr_state.library.by_tmdb(by_name(FILM).tmdb)
    assert movie is not None
    approved = view(house, ask)
    assert approved is not None
    assert approved.request.arr == (next(iter(house.runtime.radarrs)), movie.id)
    assert approved.status.state is not RequestState.REQUESTED
    # Seerr has found it in Jellyfin by then, and says so: a hint, and Jellyfin is asked itself.
    await until(lambda: ask.status is Status.COMPLETED, what="Seerr has found it")
    await stands(house, ask, RequestState.AVAILABLE)


async def test_a_card_approves_and_declines_what_waits(
    hass: HomeAssistant, house: Household, hass_ws_client: WebSocketGenerator
) -> None:
    """Each once: what is decided waits no more, and says so."""
    await async_setup_component(hass, "websocket_api", {})
    admin = await hass_ws_client(hass)
    for command, status, name in (
        ("decline", (Status.DECLINED,), "Third Shift"),
        ("approve", (Status.APPROVED, Status.COMPLETED), "The Empty Reel"),
    ):
        ask = wish(house, name)
        found = await stands(house, ask, RequestState.REQUESTED)
        asked = {"type": f"showrunner/requests/{command}", "request_id": found.request.id}
        await admin.send_json_auto_id(asked)
        answer = await admin.receive_json()
        assert answer["result"] == {"request_id": found.request.id}
        assert ask.status in status
        assert found.request.id not in await items(hass)
        await admin.send_json_auto_id(asked)
        refused = (await admin.receive_json())["error"]
        assert refused["translation_key"] == "request_not_waiting"
    unknown = {"type": "showrunner/requests/decline", "request_id": "seerr:x:1"}
    await admin.send_json_auto_id(unknown)
    assert not (await admin.receive_json())["success"]


@pytest.mark.parametrize("command", ["approve", "decline"])
async def test_only_administrators_decide_on_a_card(
    hass: HomeAssistant,
    house: Household,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
    command: str,
) -> None:
    """Everybody else is refused, and nothing is told to Seerr."""
    await async_setup_component(hass, "websocket_api", {})
    reader = await hass_ws_client(hass, hass_read_only_access_token)
    ask = wish(house)
    found = await stands(house, ask, RequestState.REQUESTED)
    asked = {"type": f"showrunner/requests/{command}", "request_id": found.request.id}
    await reader.send_json_auto_id(asked)
    assert (await reader.receive_json())["error"]["code"] == "unauthorized"
    assert ask.status is Status.PENDING


async def test_what_is_there_already_and_waits_for_approval_can_be_cleared(
    hass: HomeAssistant, house: Household, hass_admin_user: MockUser
) -> None:
    """It came by another way, and Seerr's scans leave requests alone that nobody has approved."""
    ask = wish(house, "Granite")
    found = await stands(house, ask, RequestState.AVAILABLE)
    assert ask.status is Status.PENDING
    assert found.request.id in await items(hass)
    await complete(hass, found.request.id, hass_admin_user)
    assert ask.status in (Status.APPROVED, Status.COMPLETED)
    assert found.request.id not in await items(hass)
    assert (await stands(house, ask, RequestState.AVAILABLE)).status.settled


async def test_the_webhook_is_ours_is_answered_and_goes_with_the_subentry(
    hass: HomeAssistant, house: Household
) -> None:
    """Its test call is answered; unlinking gives it back and forgets the requests."""
    agent = house.servers.seerr_state.agent
    [(url, status, body)] = agent.sent
    assert url.endswith(f"/api/webhook/{HOOK}")
    assert (status, body["notification_type"]) == (200, "TEST_NOTIFICATION")
    assert await house.runtime.store.requests.sources()
    diagnostics = await async_get_config_entry_diagnostics(hass, house.entry)
    assert diagnostics["seerrs"][0]["webhook"] == "ours"
    assert HOOK not in str(diagnostics)
    hass.config_entries.async_remove_subentry(house.entry, seerr(house).subentry_id or "")
    await until(lambda: not agent.settings["enabled"], what="the webhook is given back")
    await hass.async_block_till_done(wait_background_tasks=False)
    await until(lambda: house.entry.state is ConfigEntryState.LOADED)
    assert not house.runtime.seerrs
    assert await house.runtime.store.requests.sources() == frozenset()
    assert er.async_get(hass).async_get(LIST) is None


async def test_a_webhook_of_somebody_else_is_left_alone_and_polling_does(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is said once, and shown in the diagnostics."""
    options = servers.seerr_state.agent.settings["options"]
    assert isinstance(options, dict)
    options["webhookUrl"] = FOREIGN
    async with lived(hass, servers, hass_client_no_auth) as house:
        await until(lambda: "used for something else" in caplog.text, what="the warning")
        assert servers.seerr_state.agent.shown()["options"]["webhookUrl"] == FOREIGN
        diagnostics = await async_get_config_entry_diagnostics(hass, house.entry)
        assert diagnostics["seerrs"][0]["webhook"] == "foreign"
        ask = wish(house)
        await seerr(house).async_refresh()
        await stands(house, ask, RequestState.REQUESTED)
        assert not servers.seerr_state.agent.sent
    warnings = [one for one in caplog.records if "used for something else" in one.message]
    assert len(warnings) == 1
    assert warnings[0].levelno == logging.WARNING
    assert await hass.config_entries.async_remove(house.entry.entry_id)
    assert servers.seerr_state.agent.shown()["options"]["webhookUrl"] == FOREIGN


async def test_nobody_but_an_administrator_approves(
    hass: HomeAssistant, house: Household, hass_read_only_user: MockUser
) -> None:
    """Others see the list; an automation may approve, which an administrator wrote."""
    hass_read_only_user.mock_policy({"entities": True})
    ask = wish(house)
    found = await stands(house, ask, RequestState.REQUESTED)
    with pytest.raises(Unauthorized):
        await complete(hass, found.request.id, hass_read_only_user)
    assert ask.status is Status.PENDING
    await complete(hass, found.request.id)
    assert ask.status is Status.APPROVED


async def test_approving_with_radarr_down_is_said_and_the_request_is_stuck(
    hass: HomeAssistant, house: Household
) -> None:
    """Seerr has approved it, and could not hand it on."""
    await house.servers.radarr.go_down()
    ask = wish(house)
    found = await stands(house, ask, RequestState.REQUESTED)
    with pytest.raises(HomeAssistantError) as caught:
        await complete(hass, found.request.id)
    assert caught.value.translation_key == "request_not_handed_on"
    failed = view(house, ask)
    assert failed is not None
    assert failed.status.stuck is not None
    assert failed.status.stuck.reason is StuckReason.REFUSED
    assert found.request.id not in await items(hass)
    await house.servers.radarr.come_back()
    await house.runtime.approvals.retry(found.request.id)
    retried = view(house, ask)
    assert retried is not None
    assert retried.status.stuck is None


async def test_a_seerr_that_is_down_approves_nothing(hass: HomeAssistant, house: Household) -> None:
    """The item stays."""
    found = await stands(house, wish(house), RequestState.REQUESTED)
    await house.servers.seerr.go_down()
    with pytest.raises(HomeAssistantError) as caught:
        await complete(hass, found.request.id)
    assert caught.value.translation_key == "service_failed"
    assert found.request.id in await items(hass)


async def test_the_list_takes_nothing_but_completed_items(
    hass: HomeAssistant, house: Household
) -> None:
    """Nothing is renamed, added or deleted here; what waits no longer can't be approved."""
    ask = wish(house)
    found = await stands(house, ask, RequestState.REQUESTED)
    for change in ({"rename": "Something else"}, {"status": "needs_action"}):
        with pytest.raises(ServiceValidationError) as caught:
            await hass.services.async_call(
                "todo",
                "update_item",
                {"item": found.request.id, **change},
                target={"entity_id": LIST},
                blocking=True,
            )
        assert caught.value.translation_key == "approvals_only_complete"
    for service, data in (
        ("add_item", {"item": "A film"}),
        ("remove_item", {"item": found.request.id}),
    ):
        with pytest.raises(ServiceValidationError):
            await hass.services.async_call(
                "todo", service, data, target={"entity_id": LIST}, blocking=True
            )
    assert ask.status is Status.PENDING
    assert ask.id in house.servers.seerr_state.book.asks


async def test_what_happens_in_seerr_without_a_webhook_is_found_by_polling(
    hass: HomeAssistant, house: Household
) -> None:
    """Asked for, declined, deleted: the list follows."""
    house.servers.seerr_state.agent.mute = True
    one, other = wish(house), wish(house, "Whale of Paper")
    await seerr(house).async_refresh()
    ids = {found.request.id for ask in (one, other) if (found := view(house, ask))}
    assert len(ids & (await items(hass)).keys()) == 2
    one.status = Status.DECLINED
    house.servers.seerr_state.book.forget(other)
    await seerr(house).async_refresh()
    assert view(house, one) is None
    assert view(house, other) is None
    assert not ids & (await items(hass)).keys()


async def test_a_series_says_which_seasons_are_asked_for(
    hass: HomeAssistant, house: Household
) -> None:
    """And by whom."""
    found = await stands(house, wish(house, "Station of Clouds"), RequestState.REQUESTED)
    item = (await items(hass))[found.request.id]
    assert item["summary"] == "Station of Clouds (2024)"
    assert item["description"] == "Kitchen · S 1"
    await complete(hass, found.request.id)
    library = house.servers.sonarr_state.library
    series = library.by_tvdb(show_by_name("Station of Clouds").tvdb)
    assert series is not None
    assert series.kind == "anime"


async def test_a_seerr_that_does_not_answer_stops_no_other(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Its sensor says so, and it comes back by itself."""
    await servers.seerr.go_down()
    async with lived(hass, servers, hass_client_no_auth) as house:
        assert house.entry.state is ConfigEntryState.LOADED
        assert hass.states.get("binary_sensor.wishes_connectivity").state == "off"
        await servers.seerr.come_back()
        await seerr(house).async_refresh()
        assert hass.states.get("binary_sensor.wishes_connectivity").state == "on"
        assert house.runtime.requests.views


async def test_a_refused_key_asks_for_a_new_one_of_this_seerr_alone(
    hass: HomeAssistant, house: Household
) -> None:
    """The rest goes on."""
    house.servers.world.keys = type(house.servers.world.keys)(seerr="another")
    await seerr(house).async_refresh()
    await seerr(house).async_refresh()
    await hass.async_block_till_done(wait_background_tasks=False)
    [flow] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["step_id"] == "reauth_service"
    assert house.entry.state is ConfigEntryState.LOADED
