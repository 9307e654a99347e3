"""The subentry flows of the torrent clients: added, changed, offered, and signed in to again."""

from collections.abc import Generator
import re
from typing import Any

import aiohttp
from aioresponses import aioresponses
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import add_entry, options_of, subentry, suggested
from .steps import only, send, start
from .torrents import KEY, LOGIN, Clients

RTORRENT = "https://box.example/RPC2"
QBITTORRENT = "http://qbit:8080"
COMMON = {"verify_ssl": True}


@pytest.fixture
def clients() -> Generator[Clients]:
    """Let both answer."""
    made = Clients()
    with aioresponses() as mock:
        for method in ("GET", "POST"):
            for url, answer in ((RTORRENT, made.rtorrent), (QBITTORRENT, made.qbittorrent)):
                pattern = re.compile(f"^{re.escape(url)}(/.*)?$")
                mock.add(pattern, method, callback=answer, repeat=True)
        yield made


async def add(hass: HomeAssistant, entry: MockConfigEntry, kind: str, typed: dict[str, Any]) -> Any:
    """Open the flow and send its first form."""
    return await send(hass, await start(hass, entry, kind), typed)


async def test_rtorrent_is_linked(hass: HomeAssistant, clients: Clients) -> None:
    """Really asked for its list; the address in one form, the quota as a whole number."""
    entry = add_entry(hass)
    typed = {"url": "https://BOX.example/RPC2/", **LOGIN, "quota_gb": 700.0, **COMMON}
    result = await add(hass, entry, "rtorrent", typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    made = only(entry)
    assert (made.title, made.unique_id) == ("rTorrent", f"rtorrent:{RTORRENT}")
    assert dict(made.data) == {"url": RTORRENT, **LOGIN, "quota_gb": 700, **COMMON}
    again = await add(hass, entry, "rtorrent", typed)
    assert (again["type"], again["reason"]) == (FlowResultType.ABORT, "already_configured")


@pytest.mark.parametrize("login", [LOGIN, {"api_key": KEY}])
async def test_qbittorrent_is_linked(
    hass: HomeAssistant, clients: Clients, login: dict[str, str]
) -> None:
    """With a name and a password, or with a key."""
    entry = add_entry(hass)
    result = await add(hass, entry, "qbittorrent", {"url": "qbit:8080", **login, **COMMON})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    made = only(entry)
    assert (made.title, made.unique_id) == ("qBittorrent", f"qbittorrent:{QBITTORRENT}")
    assert dict(made.data) == {"url": QBITTORRENT, **login, **COMMON}
    assert ("/api/v2/auth/login" in clients.asked) is ("username" in login)


@pytest.mark.parametrize("kind", ["rtorrent", "qbittorrent"])
@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"failure": TimeoutError()}, "cannot_connect"),
        ({"failure": aiohttp.ClientResponseError(None, ())}, "tls_failed"),  # type: ignore[arg-type]
        ({"failure": RuntimeError("?")}, "unknown"),
        ({"status": 502}, "cannot_connect"),
        ({"status": 404}, "wrong_product"),
        ({"status": 302}, "wrong_product"),
        ({"status": 200, "body": "<!DOCTYPE html>Sign in"}, "wrong_product"),
    ],
)
async def test_every_failure_is_said_and_nothing_is_lost(
    hass: HomeAssistant, clients: Clients, kind: str, wrong: dict[str, Any], error: str
) -> None:
    """What was typed stays in the form, and works once the client does."""
    entry = add_entry(hass)
    url = RTORRENT if kind == "rtorrent" else QBITTORRENT
    typed = {"url": url, **LOGIN, "quota_gb": 5, **COMMON}
    result = await start(hass, entry, kind)
    for name, value in wrong.items():
        setattr(clients, name, value)
    result = await send(hass, result, typed)
    assert result["errors"] == {"base": error}
    assert suggested(result) == typed
    clients.failure, clients.status = None, None
    result = await send(hass, result, typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("kind", "typed", "errors"),
    [
        ("rtorrent", {"username": "ada", "password": "no"}, {"base": "invalid_auth"}),
        ("rtorrent", {}, {"base": "invalid_auth"}),
        ("rtorrent", {"username": "ada"}, {"password": "password_missing"}),
        ("rtorrent", {"password": "pw"}, {"username": "username_missing"}),
        ("rtorrent", {"username": "a:b", "password": "x"}, {"username": "username_invalid"}),
        ("rtorrent", {"url": "scgi://box"}, {"url": "invalid_url"}),
        ("rtorrent", {"url": "ftp://box/RPC2"}, {"url": "invalid_url"}),
        ("rtorrent", {"url": "http://a:b@box/RPC2"}, {"url": "invalid_url"}),
        ("qbittorrent", {"username": "ada", "password": "no"}, {"base": "invalid_auth"}),
        ("qbittorrent", {"api_key": "qbt_other"}, {"base": "invalid_auth"}),
        ("qbittorrent", {**LOGIN, "api_key": KEY}, {"api_key": "key_or_password"}),
        ("qbittorrent", {"url": "scgi://box:1", **LOGIN}, {"url": "invalid_url"}),
    ],
)
async def test_what_was_typed_wrongly_is_said_where_it_is(
    hass: HomeAssistant,
    clients: Clients,
    kind: str,
    typed: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """At its field."""
    url = RTORRENT if kind == "rtorrent" else QBITTORRENT
    result = await add(hass, add_entry(hass), kind, {"url": url, **COMMON, **typed})
    assert result["errors"] == errors


async def test_an_old_qbittorrent_is_refused(hass: HomeAssistant, clients: Clients) -> None:
    """With its version."""
    clients.version = "v3.3.16"
    result = await add(
        hass, add_entry(hass), "qbittorrent", {"url": QBITTORRENT, **LOGIN, **COMMON}
    )
    assert result["errors"] == {"base": "too_old"}
    assert "3.3.16" in result["description_placeholders"]["detail"]


@pytest.mark.parametrize("quota", [0, -5])
async def test_a_quota_is_something(hass: HomeAssistant, clients: Clients, quota: int) -> None:
    """None is an empty field."""
    entry = add_entry(hass)
    with pytest.raises(InvalidData):
        await add(hass, entry, "rtorrent", {"url": RTORRENT, "quota_gb": quota, **COMMON})


async def test_what_home_assistant_knows_is_offered(hass: HomeAssistant, clients: Clients) -> None:
    """Its own qBittorrent's login; a failure leads to the form without the secret."""
    data = {"url": QBITTORRENT, **LOGIN, "verify_ssl": False}
    known = MockConfigEntry(domain="qbittorrent", title="Box", data=data)
    known.add_to_hass(hass)
    MockConfigEntry(domain="qbittorrent", title="Broken", data={"url": "ftp://x"}).add_to_hass(hass)
    entry = add_entry(hass)
    result = await start(hass, entry, "qbittorrent")
    assert result["step_id"] == "known"
    assert options_of(result, "known") == [known.entry_id, "manual"]
    clients.status = 503
    result = await send(hass, result, {"known": known.entry_id})
    assert result["errors"] == {"base": "cannot_connect"}
    assert suggested(result) == {"url": QBITTORRENT, "username": "ada", "verify_ssl": False}
    clients.status = None
    result = await start(hass, entry, "qbittorrent")
    result = await send(hass, result, {"known": known.entry_id})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert dict(only(entry).data) == data
    # What is linked already is not offered again, and rTorrent is nobody's.
    for kind in ("qbittorrent", "rtorrent"):
        assert (await start(hass, entry, kind))["step_id"] == "user"


async def test_by_hand_leads_to_an_empty_form(hass: HomeAssistant, clients: Clients) -> None:
    """The other one."""
    data = {"url": QBITTORRENT, **LOGIN, **COMMON}
    MockConfigEntry(domain="qbittorrent", title="Box", data=data).add_to_hass(hass)
    result = await start(hass, add_entry(hass), "qbittorrent")
    result = await send(hass, result, {"known": "manual"})
    assert result["step_id"] == "user"
    assert "url" not in suggested(result)


async def test_reconfiguring_keeps_secrets_and_drops_the_quota(
    hass: HomeAssistant, clients: Clients
) -> None:
    """An empty password is the stored one, an empty quota is none; the title is the person's."""
    data = {"url": QBITTORRENT, **LOGIN, "quota_gb": 5, **COMMON}
    entry = add_entry(
        hass, subentry("qbittorrent", f"qbittorrent:{QBITTORRENT}", "Box", data, "one")
    )
    result = await start(hass, entry, "qbittorrent", "one")
    assert "password" not in suggested(result)
    result = await send(hass, result, {"url": QBITTORRENT, "username": "ada", **COMMON})
    assert result["reason"] == "reconfigure_successful"
    assert dict(only(entry).data) == {"url": QBITTORRENT, **LOGIN, **COMMON}
    assert only(entry).title == "Box"
    result = await start(hass, entry, "qbittorrent", "one")
    result = await send(hass, result, {"url": QBITTORRENT, "api_key": KEY, **COMMON})
    assert dict(only(entry).data) == {"url": QBITTORRENT, "api_key": KEY, **COMMON}
    result = await start(hass, entry, "qbittorrent", "one")
    result = await send(hass, result, {"url": QBITTORRENT, **COMMON})
    assert only(entry).data["api_key"] == KEY


@pytest.mark.parametrize(
    ("kind", "url", "typed"),
    [
        ("rtorrent", RTORRENT, LOGIN),
        ("qbittorrent", QBITTORRENT, LOGIN),
        ("qbittorrent", QBITTORRENT, {"api_key": KEY}),
    ],
)
async def test_a_refused_login_is_asked_for_again(
    hass: HomeAssistant, clients: Clients, kind: str, url: str, typed: dict[str, str]
) -> None:
    """For that subentry alone; a wrong one is refused, the quota stays."""
    data = {"url": url, "username": "ada", "password": "old", "quota_gb": 5, **COMMON}
    entry = add_entry(hass, subentry(kind, f"{kind}:{url}", "Box", data, "one"))
    entry.async_start_reauth(hass, data={"subentry_id": "one"})
    await hass.async_block_till_done()
    [flow] = hass.config_entries.flow.async_progress()
    configure = hass.config_entries.flow.async_configure
    wrong = {"username": "ada", "password": "wrong"}
    result = await configure(flow["flow_id"], wrong)
    assert result["errors"] == {"base": "invalid_auth"}
    result = await configure(flow["flow_id"], {"username": "a:b", "password": "x"})
    assert result["errors"] == {"username": "username_invalid"}
    result = await configure(flow["flow_id"], typed)
    assert result["type"] is FlowResultType.ABORT
    assert dict(only(entry).data) == {"url": url, "quota_gb": 5, **COMMON, **typed}
