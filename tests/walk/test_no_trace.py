"""Who is not tracked, or is paused, leaves no trace: no log, state, row or diagnosis has them."""

from collections.abc import AsyncGenerator, Iterator
import json
import logging

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.diagnostics import async_get_config_entry_diagnostics
from custom_components.showrunner.domain.watching import ReportSource
from custom_components.showrunner.runtime import database_path
from world.catalogue import by_name
from world.servers import Servers

from .household import Household, entry_for, living, until
from .traces import kept, shown

FILM = "Double Parking"
SEEN = "Salt on the Window"
DEVICE = "Chest Under The Stairs"
CLIENT = "Periscope"


@pytest.fixture
async def household(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Give a household in which two of three are tracked."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    entry = entry_for(servers, {"watching": {"completion": 60}}, viewers=("Sofa", "Kitchen"))
    async with living(hass, servers, client, entry) as house:
        yield house


def said(caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    """Give every log record, but those of the world's servers: they are Jellyfin here."""
    for record in caplog.records:
        if not record.name.startswith(("world", "aiohttp.access")):
            text = f"{record.getMessage()} {record.args} {record.exc_text or ''}"
            yield f"log {record.name}: {text}"


async def check(
    house: Household, caplog: pytest.LogCaptureFixture, user: str, *, named: bool
) -> None:
    """Look for a user everywhere. `named`: the person has chosen them, the name may be seen."""
    diagnosis = json.dumps(await async_get_config_entry_diagnostics(house.hass, house.entry))
    film = by_name(FILM)
    path = database_path(house.hass, house.entry.entry_id)
    everything = [*said(caplog), *shown(house.hass), f"diagnostics {diagnosis}"]
    answer = [*everything, *kept(path, library=False)]
    rows = list(kept(path, library=True))
    assert any(SEEN in text for text in answer), "the tracked viewer is not seen either"
    for secret in (DEVICE, CLIENT, FILM, film.item_id):
        found = [text for text in answer if secret in text]
        assert not found, (secret, found[:3])
    if named:
        return
    for secret in (user, house.user(user).id):
        found = [text for text in (*everything, *rows) if secret in text]
        assert not found, (secret, found[:3])


async def play_in_secret(house: Household, user: str) -> None:
    """Play a film to its end, told by socket, poll and webhook; then somebody else's, tracked."""
    heard: set[ReportSource] = set()
    tracker = house.runtime.playback
    ingest = tracker.ingest

    async def listening(reports, now):  # type: ignore[no-untyped-def]
        """Note who told of the user, and pass it on."""
        reports = tuple(reports)
        heard.update(one.source for one in reports if one.user_id == house.user(user).id)
        await ingest(reports, now)

    tracker.ingest = listening  # type: ignore[method-assign]
    play = house.servers.play(user, FILM, 0.3, device=DEVICE, client=CLIENT)
    await until(lambda: house.hass.states.get("sensor.demo_streams").state == "1")  # type: ignore[union-attr]
    house.runtime.jellyfin._latest = None
    await house.runtime.jellyfin.async_refresh()
    assert play.done is not None
    await play.done
    await house.watch("Sofa", SEEN)

    async def stored() -> bool:
        return bool(await house.runtime.store.viewings.history())

    await until(stored)
    assert heard == {ReportSource.WEBSOCKET, ReportSource.POLL, ReportSource.WEBHOOK}
    await tracker.save()


async def test_an_untracked_user_leaves_no_trace(
    household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """With debug logging on."""
    caplog.set_level(logging.DEBUG)
    await play_in_secret(household, "Attic")
    await check(household, caplog, "Attic", named=False)


async def test_a_guest_leaves_no_trace_either(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where guests may trigger downloads the film is decided on, and nobody is named."""
    caplog.set_level(logging.DEBUG)
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    options: dict[str, dict[str, object]] = {
        "watching": {"completion": 60},
        "downloads": {"guests_instant": True},
    }
    async with living(hass, servers, client, entry_for(servers, options)) as house:
        await play_in_secret(house, "Attic")
        path = database_path(hass, house.entry.entry_id)
        rows = [*said(caplog), *shown(hass), *kept(path, library=True)]
        for secret in ("Attic", house.user("Attic").id, DEVICE, CLIENT):
            found = [text for text in rows if secret in text]
            assert not found, (secret, found[:3])


async def test_a_paused_viewer_leaves_no_trace_and_goes_on_later(
    hass: HomeAssistant, household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """Switched off at the device; the history stays; nothing is reloaded."""
    await household.watch("Kitchen", SEEN)

    async def stored() -> bool:
        return bool(await household.runtime.store.viewings.history())

    await until(stored)
    runtime = household.runtime
    switch = {"entity_id": "switch.kitchen_tracking"}
    await hass.services.async_call("switch", "turn_off", switch, blocking=True)
    await hass.async_block_till_done()
    assert household.runtime is runtime
    assert hass.states.get("switch.kitchen_tracking").state == "off"  # type: ignore[union-attr]
    before = await runtime.store.viewings.history(viewer_id=household.user("Kitchen").id)
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    await play_in_secret(household, "Kitchen")
    await check(household, caplog, "Kitchen", named=True)
    assert not [text for text in said(caplog) if household.user("Kitchen").id in text]
    after = await runtime.store.viewings.history(viewer_id=household.user("Kitchen").id)
    assert after == before != ()
    await hass.services.async_call("switch", "turn_on", switch, blocking=True)
    await household.watch("Kitchen", FILM)

    async def again() -> bool:
        found = await runtime.store.viewings.history(viewer_id=household.user("Kitchen").id)
        return len(found) > len(before)

    await until(again)


async def test_pausing_in_the_middle_keeps_the_film_until_there(
    hass: HomeAssistant, household: Household
) -> None:
    """What was watched before is stored at once, and stays as it was then."""
    play = household.servers.play("Kitchen", SEEN, 0.0, speed=0.5)
    tracker = household.runtime.playback
    kitchen = household.user("Kitchen").id
    await until(
        lambda: any(s.viewer_id == kitchen and s.watched > 1.2 for s in tracker._tracker.open)
    )
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.kitchen_tracking"}, blocking=True
    )
    (viewing,) = await household.runtime.store.viewings.history()
    assert viewing.viewer_id == kitchen
    assert viewing.finished
    assert not viewing.completed
    assert play.done is not None
    await play.done
    await household.watch("Sofa", FILM)
    history = await household.runtime.store.viewings.history(viewer_id=kitchen)
    assert history == (viewing,)
