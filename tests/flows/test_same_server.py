"""The same server is linked once, whatever name it goes by."""

from collections.abc import Generator
from typing import Any

import aiohttp
from aioresponses import aioresponses
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from . import world
from .conftest import add_entry, subentry
from .steps import send, start
from .world import KEY, Service

STARTED = "2026-11-24T06:22:30Z"
BEHIND_A_PROXY = "https://home.example/radarr"


class Radarrs:
    """A Radarr under its two addresses, and another one."""

    def __init__(self, mock: aioresponses) -> None:
        """Let all answer, as the same second began for all."""
        self.plain, self.proxied, self.other = (
            world.radarr(url) for url in (world.RADARR, BEHIND_A_PROXY, "http://radarr4k:7878")
        )
        for service in (world.jellyfin(), self.plain, self.proxied, self.other):
            service.register(mock)
        for service in (self.plain, self.proxied, self.other):
            self.began(service, STARTED)

    @staticmethod
    def began(service: Service, when: str) -> None:
        """Say when a server began to run."""
        path = ("GET", "/api/v3/system/status")
        service.answers[path] = {**service.answers[path], "appData": "/config", "startTime": when}


@pytest.fixture
def radarrs() -> Generator[Radarrs]:
    """Let them answer."""
    with aioresponses() as mock:
        yield Radarrs(mock)


def linked(hass: HomeAssistant, kind: str, url: str, **data: Any) -> MockConfigEntry:
    """Give an entry with one service."""
    data = {"url": url, "api_key": KEY, "verify_ssl": True, **data}
    return add_entry(hass, subentry(kind, f"{kind}:{url}", kind.title(), data, "first"))


async def add(hass: HomeAssistant, entry: MockConfigEntry, kind: str, url: str, **more: Any) -> Any:
    """Try to link one more."""
    typed = {"url": url, "api_key": KEY, "verify_ssl": True, **more}
    return await send(hass, await start(hass, entry, kind), typed)


async def test_a_radarr_behind_a_proxy_is_the_one_that_is_linked(
    hass: HomeAssistant, radarrs: Radarrs
) -> None:
    """Addresses have nothing in common; the process and its only key are the same."""
    entry = linked(hass, "radarr", world.RADARR)
    result = await add(hass, entry, "radarr", BEHIND_A_PROXY)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert len(entry.subentries) == 1


async def test_two_radarrs_with_one_key_are_two(hass: HomeAssistant, radarrs: Radarrs) -> None:
    """The same key for both is set by many; they did not begin in the same second."""
    radarrs.began(radarrs.other, "2026-11-24T06:22:31Z")
    entry = linked(hass, "radarr", world.RADARR)
    assert (await add(hass, entry, "radarr", radarrs.other.url))["step_id"] == "folders"


async def test_who_does_not_say_who_it_is_is_told_by_its_address(
    hass: HomeAssistant, radarrs: Radarrs
) -> None:
    """A linked one that is down, or tells no time, is in nobody's way."""
    entry = linked(hass, "radarr", world.RADARR)
    radarrs.plain.failure = aiohttp.ClientConnectionError("down")
    assert (await add(hass, entry, "radarr", radarrs.other.url))["step_id"] == "folders"
    radarrs.plain.failure = None
    for service in (radarrs.plain, radarrs.other):
        radarrs.began(service, "")
    assert (await add(hass, entry, "radarr", radarrs.other.url))["step_id"] == "folders"


async def test_a_radarr_may_get_another_name_of_itself(
    hass: HomeAssistant, radarrs: Radarrs
) -> None:
    """Reconfigured, it is not taken for a second one; but not for one that is linked, either."""
    entry = linked(hass, "radarr", world.RADARR)
    typed = {"url": BEHIND_A_PROXY, "verify_ssl": True}
    result = await send(hass, await start(hass, entry, "radarr", "first"), typed)
    assert result["step_id"] == "folders"
    second = {"url": "http://radarr4k:7878", "api_key": KEY, "verify_ssl": True}
    entry = add_entry(
        hass,
        subentry("radarr", "radarr:http://radarr4k:7878", "4K", second, "other"),
        subentry(
            "radarr",
            f"radarr:{world.RADARR}",
            "Radarr",
            dict(entry.subentries["first"].data),
            "plain",
        ),
        entry_id="two",
    )
    radarrs.began(radarrs.other, "2026-11-24T06:22:31Z")
    result = await send(hass, await start(hass, entry, "radarr", "other"), typed)
    assert result["reason"] == "already_configured"


async def test_a_seerr_says_who_it_is(hass: HomeAssistant) -> None:
    """By the public half of its key for push messages, which no other has."""

    def seerr(url: str, vapid: str | None) -> Service:
        return Service(
            url,
            {
                ("GET", "/api/v1/status"): {"version": "3.1.0", "commitTag": "local"},
                ("GET", "/api/v1/auth/me"): {"id": 1, "permissions": 2},
                ("GET", "/api/v1/settings/public"): {
                    "applicationTitle": "Wishes",
                    "initialized": True,
                    "vapidPublic": vapid,
                },
            },
        )

    entry = linked(hass, "seerr", "http://seerr:5055")
    with aioresponses() as mock:
        for service in (
            seerr("http://seerr:5055", "BMMvj5"),
            seerr("https://wishes.example", "BMMvj5"),
            seerr("https://others.example", "BXXX"),
        ):
            service.register(mock)
        result = await add(hass, entry, "seerr", "https://wishes.example")
        assert result["reason"] == "already_configured"
        result = await add(hass, entry, "seerr", "https://others.example")
        assert result["type"] is FlowResultType.FORM
        assert result["errors"] in (None, {})


@pytest.mark.parametrize("kind", ["jellystat", "shoko"])
async def test_a_key_that_only_one_server_made_tells_it(hass: HomeAssistant, kind: str) -> None:
    """Under an address that has nothing in common with the other."""
    service = getattr(world, kind)()
    entry = linked(hass, kind, "http://elsewhere.example")
    with aioresponses() as mock:
        service.register(mock)
        result = await add(hass, entry, kind, service.url)
    assert result["reason"] == "already_configured"


@pytest.mark.parametrize(
    ("kind", "url", "again", "more"),
    [
        ("radarr", "http://localhost:7878", "http://127.0.0.1:7878", {}),
        ("radarr", "http://radarr.example:80", "http://RADARR.example.", {}),
        ("seerr", "http://[::1]:5055", "http://localhost:5055", {}),
        ("qbittorrent", "http://localhost:8080", "http://[::1]:8080", {}),
        ("rtorrent", "scgi://localhost:5000", "scgi://127.0.0.1:5000", {}),
        ("rtorrent", "http://box.example/RPC2", "http://box.example.:80/RPC2/", {}),
        (
            "ntfy",
            "https://ntfy.example",
            "https://ntfy.example.:443",
            {"topic": "films", "events": ["decision"], "priority": "4"},
        ),
    ],
)
async def test_another_writing_of_the_address_is_no_other_server(
    hass: HomeAssistant, kind: str, url: str, again: str, more: dict[str, Any]
) -> None:
    """Nobody is asked for that: nothing answers here."""
    stored = {**more, "priority": 4} if more else {}
    entry = linked(hass, kind, url, **stored)
    typed: dict[str, Any] = {"url": again, "verify_ssl": True, **more}
    if kind in ("radarr", "seerr"):
        typed["api_key"] = KEY
    with aioresponses():
        result = await send(hass, await start(hass, entry, kind), typed)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_what_is_linked_under_another_writing_is_not_offered(hass: HomeAssistant) -> None:
    """Home Assistant's own Radarr is the one that is linked."""
    other = MockConfigEntry(
        domain="radarr", title="Radarr", data={"url": "http://127.0.0.1:7878", "api_key": KEY}
    )
    other.add_to_hass(hass)
    entry = linked(hass, "radarr", "http://localhost:7878")
    assert (await start(hass, entry, "radarr"))["step_id"] == "user"
