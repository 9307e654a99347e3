"""Pictures as a browser gets them: only who is logged in, by signed addresses, without a key."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.showrunner.runtime import pictures_path
from tests.walk.household import Household
from world.catalogue import EPISODES, by_name
from world.lies import Lie, LieKind

FILM = by_name("Kilometre Zero")
NAMES = f"movie:tmdb:{FILM.tmdb}"


@pytest.fixture(autouse=True)
def cache(hass: HomeAssistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep pictures in a folder of the test's."""
    monkeypatch.setattr(hass.config, "cache_path", lambda *parts: str(tmp_path.joinpath(*parts)))
    return tmp_path


@pytest.fixture
async def browser(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Any:
    """Be logged in."""
    return await hass_client()


async def get(browser: Any, path: str) -> aiohttp.ClientResponse:
    """Ask for a picture."""
    answer: aiohttp.ClientResponse = await browser.get(f"/api/showrunner/picture/{path}")
    return answer


async def test_who_is_logged_in_sees_a_picture(household: Household, browser: Any) -> None:
    """Of the only entry, or of the one that is named."""
    await household.runtime.library.sweep_now()
    for entry in ("default", household.entry.entry_id):
        answer = await get(browser, f"{entry}/poster/movie:imdb:tt9999999,{NAMES}")
        assert answer.status == 200
        assert answer.content_type == "image/webp"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "private" in answer.headers["Cache-Control"]
        assert (await answer.read())[8:12] == b"WEBP"
    for kind in ("poster", "backdrop"):
        assert (await get(browser, f"default/{kind}/item:{EPISODES[0].item_id}")).status == 200
    everything = str(answer.headers) + repr(await answer.read())
    assert household.servers.world.keys.jellyfin not in everything


async def test_a_signed_address_works_without_a_login(
    household: Household, hass_ws_client: WebSocketGenerator
) -> None:
    """As a page's pictures are asked for; what is not signed, or signed for another, is refused."""
    await async_setup_component(household.hass, "auth", {})
    socket: MockHAClientWebSocket = await hass_ws_client(household.hass)
    path = f"/api/showrunner/picture/default/poster/item:{FILM.item_id}"
    await socket.send_json_auto_id({"type": "auth/sign_path", "path": path, "expires": 86_400})
    signed = (await socket.receive_json())["result"]["path"]
    assert (await household.client.get(signed)).status == 200
    assert (await household.client.get(path)).status == 401
    other = signed.replace(FILM.item_id, EPISODES[0].item_id)
    assert (await household.client.get(other)).status == 401
    old = async_sign_path(household.hass, path, timedelta(seconds=-60))
    assert (await household.client.get(old)).status == 401


@pytest.mark.parametrize(
    "path",
    [
        "default/poster/movie:tmdb:1",
        "default/poster/item:" + "0" * 32,
        "default/poster/item:..%2F..%2Fsecrets",
        "default/poster/item:%00",
        "default/poster/" + ",".join(["movie:tmdb:1"] * 11),
        "default/poster/%F0%9F%8E%AC",
        "default/Primary/" + NAMES,
        "other/poster/" + NAMES,
    ],
)
async def test_what_is_not_there_is_not_found(
    household: Household, browser: Any, path: str
) -> None:
    """Whatever an address holds, Jellyfin is asked for nothing but pictures of items."""
    await household.runtime.library.sweep_now()
    begun = len(household.servers.jellyfin.calls)
    # Home Assistant itself refuses what looks like a way out.
    assert (await get(browser, path)).status in (400, 404)
    asked = household.servers.jellyfin.calls[begun:]
    assert not [one for one in asked if ".." in one.path or "%" in one.path]


async def test_a_server_that_is_down_is_not_said_to_have_none(
    household: Household, browser: Any
) -> None:
    """So the browser asks again; and an entry that is not loaded has no pictures."""
    household.servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/Items", status=500))
    assert (await get(browser, f"default/poster/item:{FILM.item_id}")).status == 502
    household.servers.jellyfin.liar.be_honest()
    assert (await get(browser, f"default/poster/item:{FILM.item_id}")).status == 200
    await household.hass.config_entries.async_unload(household.entry.entry_id)
    assert (await get(browser, f"default/poster/item:{FILM.item_id}")).status == 404


async def test_with_the_entry_its_pictures_go(
    household: Household, browser: Any, cache: Path
) -> None:
    """From the disk."""
    await get(browser, f"default/poster/item:{FILM.item_id}")
    folder = pictures_path(household.hass, household.entry.entry_id)
    assert list(folder.glob("*/*"))
    await household.hass.config_entries.async_remove(household.entry.entry_id)
    assert not folder.exists()
