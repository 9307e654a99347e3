"""Torrents are paused, resumed and limited by actions, in a real `hass` with both clients."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.jobs.torrents import job as torrents_job
from tests.platforms.faces import state
from world.servers import Servers

from .household import Household, entry_for, living, until, with_more

FIRST, SECOND = "AB" * 20, "CD" * 20


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again often, as long as it takes."""
    monkeypatch.setattr(torrents_job, "_LOOKS", (0.02,) * 100)


@pytest.fixture(params=["qbittorrent", "rtorrent"])
async def house(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
) -> AsyncGenerator[Household]:
    """Give a household with a client of two finished torrents, and the dry run off."""
    for component in ("webhook", "repairs", "system_health"):
        await async_setup_component(hass, component, {})
    servers.qbittorrent_state.lag = 0.05
    for info_hash, category in ((FIRST, "radarr"), (SECOND, "tv-sonarr")):
        servers.world.swarm.add(info_hash, f"Name.{category}", 8_000_000, 0.001, category)
    keys, linked = servers.world.keys, entry_for(servers)
    url = servers.all[request.param].url + ("/RPC2" if request.param == "rtorrent" else "")
    login = {"username": keys.torrent_user, "password": keys.torrents}
    box = ConfigSubentryData(
        data={"url": url, "verify_ssl": True, **login},
        subentry_type=request.param,
        title="Seedbox",
        unique_id=f"{request.param}:{url}",
    )
    entry = with_more(linked, box)
    async with living(hass, servers, await hass_client_no_auth(), entry) as made:
        await until(lambda: state(made, "seeding", "Seedbox").state == "2", what="both seed")
        yield made


async def call(house: Household, action: str, user: MockUser | None = None, **data: Any) -> Any:
    """Call an action, as somebody or as an automation."""
    context = Context(user_id=user.id) if user else None
    return await house.hass.services.async_call(
        "showrunner", action, data, blocking=True, return_response=True, context=context
    )


async def test_a_label_is_paused_and_resumed(house: Household) -> None:
    """Read back from the client, and seen on its sensors at once."""
    answer = await call(house, "pause_torrents", client="seedbox", label="radarr")
    assert answer == {"hashes": [FIRST], "not_done": [], "dry_run": False}
    assert house.servers.world.swarm.torrents[FIRST.lower()].trouble == "paused"
    assert house.servers.world.swarm.torrents[SECOND.lower()].trouble == ""
    assert state(house, "paused", "Seedbox").state == "1"
    answer = await call(house, "resume_torrents", hashes=FIRST.lower())
    assert answer["hashes"] == [FIRST]
    assert state(house, "paused", "Seedbox").state == "0"
    answer = await call(house, "pause_torrents", hashes=["0" * 40])
    assert answer["hashes"] == []
    assert answer["not_done"][0]["reason"] == "the client has no such torrent"


async def test_a_client_is_limited(house: Household) -> None:
    """And says what it took."""
    answer = await call(house, "limit_torrents", down_mbit=100)
    assert answer == {"down_mbit": pytest.approx(100, abs=0.02), "up_mbit": 0.0, "dry_run": False}
    answer = await call(house, "limit_torrents", down_mbit=0, up_mbit=8)
    assert (answer["down_mbit"], round(answer["up_mbit"])) == (0.0, 8)


async def test_who_may_and_what_is_refused(house: Household, hass: HomeAssistant) -> None:
    """Administrators; everybody may see what would be done."""
    guest = MockUser(groups=[]).add_to_hass(hass)
    for action, data in (("pause_torrents", {"all": True}), ("limit_torrents", {"up_mbit": 1})):
        with pytest.raises(Unauthorized):
            await call(house, action, guest, **data)
        answer = await call(house, action, guest, **data, dry_run=True)
        assert answer["dry_run"] is True
    assert not any(one.trouble for one in house.servers.world.swarm.torrents.values())
    for data in ({}, {"label": "x", "all": True}):
        with pytest.raises(ServiceValidationError, match="which torrents"):
            await call(house, "pause_torrents", **data)
    with pytest.raises(ServiceValidationError, match="not a linked torrent client"):
        await call(house, "resume_torrents", client="Other", all=True)
