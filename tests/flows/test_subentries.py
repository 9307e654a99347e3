"""The subentry flows: viewers, services and channels, added and changed."""

from typing import Any

import aiohttp
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from . import world
from .conftest import World, add_entry, options_of, subentry, suggested
from .steps import RADARR, only, send, start

PROWLARR = {"url": world.PROWLARR, "api_key": world.KEY, "verify_ssl": True}
JELLYSTAT = {"url": world.JELLYSTAT, "api_key": world.KEY, "verify_ssl": True}
NTFY = {
    "url": world.NTFY,
    "topic": "films",
    "events": ["decision"],
    "priority": "4",
    "verify_ssl": True,
}
SWITCHES = {"may_download": True, "counts_for_cleanup": True, "primary": False}
PAIR = {"here": "/media/movies", "there": "/data/movies"}


# --- viewers ---------------------------------------------------------------------------------


async def test_a_viewer_is_chosen_from_those_not_tracked_yet(
    hass: HomeAssistant, services: World
) -> None:
    """Opt in: nobody else is tracked. Disabled users are no choice; empty limits are not stored."""
    entry = add_entry(hass)
    result = await start(hass, entry, "viewer")
    assert options_of(result, "user_id") == [world.ADMIN_ID, world.GUEST_ID]
    result = await send(hass, result, {"user_id": world.ADMIN_ID, "rewatch_count": 3.0, **SWITCHES})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    viewer = only(entry)
    assert (viewer.title, viewer.unique_id) == ("Ada", f"viewer:{world.ADMIN_ID}")
    assert dict(viewer.data) == {
        "user_id": world.ADMIN_ID,
        "user_name": "Ada",
        "rewatch_count": 3,
        **SWITCHES,
    }
    assert options_of(await start(hass, entry, "viewer"), "user_id") == [world.GUEST_ID]


async def test_no_user_left_says_so(hass: HomeAssistant, services: World) -> None:
    """There is nobody to choose."""
    entry = add_entry(hass)
    services.jellyfin.answers["GET", "/Users"] = []
    result = await start(hass, entry, "viewer")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_users_left")


async def test_two_dialogs_track_a_viewer_once(hass: HomeAssistant, services: World) -> None:
    """The second one ends."""
    entry = add_entry(hass)
    first, second = [await start(hass, entry, "viewer") for _ in range(2)]
    typed = {"user_id": world.ADMIN_ID, **SWITCHES}
    await send(hass, first, typed)
    result = await send(hass, second, typed)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_a_jellyfin_that_is_down_is_asked_again_for_its_users(
    hass: HomeAssistant, services: World
) -> None:
    """Sending the empty form tries again in the same flow."""
    entry = add_entry(hass)
    services.jellyfin.status = 503
    result = await start(hass, entry, "viewer")
    assert result["errors"] == {"base": "cannot_connect"}
    services.jellyfin.status = None
    result = await send(hass, result, {})
    assert options_of(result, "user_id") == [world.ADMIN_ID, world.GUEST_ID]


async def test_a_viewer_is_changed_and_an_emptied_limit_goes_back_to_the_options(
    hass: HomeAssistant, services: World
) -> None:
    """The user stays the same."""
    data = {"user_id": world.ADMIN_ID, "user_name": "Ada", "completion": 95, **SWITCHES}
    entry = add_entry(hass, subentry("viewer", f"viewer:{world.ADMIN_ID}", "Mum", data, "one"))
    result = await start(hass, entry, "viewer", "one")
    assert suggested(result)["completion"] == 95
    assert not suggested(result).keys() & {"rewatch_count", "rewatch_days"}
    result = await send(hass, result, {**SWITCHES, "primary": True})
    assert result["reason"] == "reconfigure_successful"
    viewer = only(entry)
    assert viewer.title == "Mum"
    assert dict(viewer.data) == {
        "user_id": world.ADMIN_ID,
        "user_name": "Ada",
        **SWITCHES,
        "primary": True,
    }


@pytest.mark.parametrize("step", ["user", "reconfigure"])
async def test_an_empty_limit_says_what_holds_then(
    hass: HomeAssistant, services: World, step: str
) -> None:
    """The options' value, and the default where they have none; neither is filled in."""
    data = {"user_id": world.ADMIN_ID, "user_name": "Ada", **SWITCHES}
    entry = add_entry(hass, subentry("viewer", f"viewer:{world.ADMIN_ID}", "Ada", data, "one"))
    chosen = {"downloads": {"completion": 77.0, "rewatch_days": 30.0}}
    hass.config_entries.async_update_entry(entry, options=chosen)
    result = await start(hass, entry, "viewer", "one" if step == "reconfigure" else None)
    assert result["step_id"] == step
    answer = result["description_placeholders"]
    assert (answer["completion"], answer["rewatch_count"], answer["rewatch_days"]) == (
        "77",
        "2",
        "30",
    )
    assert suggested(result).keys() <= SWITCHES.keys()


@pytest.mark.parametrize(
    "wrong", [{"completion": 101}, {"completion": 0}, {"rewatch_count": 0}, {"rewatch_days": 0}]
)
async def test_a_limit_out_of_range_is_refused(
    hass: HomeAssistant, services: World, wrong: dict[str, int]
) -> None:
    """A wrong value never widens."""
    result = await start(hass, add_entry(hass), "viewer")
    with pytest.raises(InvalidData):
        await send(hass, result, {"user_id": world.ADMIN_ID, **SWITCHES, **wrong})


# --- radarr and prowlarr ---------------------------------------------------------------------


async def test_radarr_is_linked_with_its_folders_and_a_proposed_mapping(
    hass: HomeAssistant, services: World
) -> None:
    """What nothing speaks against is permanent; the mapping comes from shared films."""
    entry = add_entry(hass)
    result = await send(hass, await start(hass, entry, "radarr"), RADARR)
    assert result["step_id"] == "folders"
    assert suggested(result) == {
        "permanent_folders": ["/data/movies"],
        "path_map": [PAIR],
        "add_webhook": True,
    }
    result = await send(hass, result, {"permanent_folders": ["/data/movies"], "path_map": [PAIR]})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    linked = only(entry)
    assert (linked.title, linked.unique_id) == ("Radarr", f"radarr:{world.RADARR}")
    assert len(linked.data["webhook_id"]) == 64
    assert dict(linked.data) == {
        "url": world.RADARR,
        "api_key": world.KEY,
        "verify_ssl": True,
        "permanent_folders": ["/data/movies"],
        "path_map": [PAIR],
        "add_webhook": True,
        "webhook_id": linked.data["webhook_id"],
    }


async def test_no_permanent_folder_and_no_mapping_are_answers_too(
    hass: HomeAssistant, services: World
) -> None:
    """Everything is streamed, and both sides use the same paths."""
    entry = add_entry(hass)
    result = await send(hass, await start(hass, entry, "radarr"), RADARR)
    await send(hass, result, {})
    assert only(entry).data["permanent_folders"] == []
    assert only(entry).data["path_map"] == []


@pytest.mark.parametrize(
    "pair",
    [
        {"here": "media", "there": "/data"},
        {"here": "/media", "there": ""},
        {"here": "/media/../etc", "there": "/data"},
        {"here": "C:media", "there": "/data"},
    ],
)
async def test_a_mapping_of_half_paths_is_refused_and_kept_in_the_form(
    hass: HomeAssistant, services: World, pair: dict[str, str]
) -> None:
    """Only full paths can be told apart; what was typed stays."""
    entry = add_entry(hass)
    result = await send(hass, await start(hass, entry, "radarr"), RADARR)
    result = await send(hass, result, {"permanent_folders": [], "path_map": [pair]})
    assert result["errors"] == {"path_map": "invalid_path_map"}
    assert suggested(result)["path_map"] == [pair]
    windows = {"here": "\\\\nas\\films", "there": "D:\\films"}
    result = await send(hass, result, {"permanent_folders": [], "path_map": [windows]})
    assert only(entry).data["path_map"] == [windows]


async def test_a_radarr_that_dies_before_its_folders_is_asked_again(
    hass: HomeAssistant, services: World
) -> None:
    """Sending the empty form tries again in the same flow."""
    entry = add_entry(hass)
    services.radarr.answers["GET", "/api/v3/rootfolder"] = 500
    result = await send(hass, await start(hass, entry, "radarr"), RADARR)
    assert (result["step_id"], result["errors"]) == ("folders", {"base": "cannot_connect"})
    services.radarr.answers |= {
        key: value
        for key, value in world.radarr().answers.items()
        if key == ("GET", "/api/v3/rootfolder")
    }
    result = await send(hass, result, {})
    assert options_of(result, "permanent_folders") == ["/data/movies", "/data/stream"]


@pytest.mark.parametrize("users", [503, []])
async def test_without_jellyfins_answer_the_mapping_is_left_to_the_person(
    hass: HomeAssistant, services: World, users: Any
) -> None:
    """A proposal rests on facts or is not made; the linking goes on."""
    entry = add_entry(hass)
    services.jellyfin.answers["GET", "/Users"] = users
    services.jellyfin.answers["GET", "/Library/VirtualFolders"] = []
    result = await send(hass, await start(hass, entry, "radarr"), RADARR)
    assert result["step_id"] == "folders"
    assert suggested(result)["path_map"] == []


@pytest.mark.parametrize(
    ("kind", "typed"), [("radarr", RADARR), ("prowlarr", PROWLARR), ("jellystat", JELLYSTAT)]
)
async def test_a_failed_try_keeps_what_was_typed_and_recovers(
    hass: HomeAssistant, services: World, kind: str, typed: dict[str, Any]
) -> None:
    """Wrong key, no route, another product, a bad address: each says so in the same form."""
    entry = add_entry(hass)
    result = await start(hass, entry, kind)
    assert suggested(result) == {}
    result = await send(hass, result, {**typed, "api_key": "bad"})
    assert result["errors"] == {"base": "invalid_auth"}
    assert suggested(result) == {**typed, "api_key": "bad"}
    service = getattr(services, kind)
    service.failure = aiohttp.ClientConnectionError("no route")
    result = await send(hass, result, typed)
    assert result["errors"] == {"base": "cannot_connect"}
    service.failure = None
    result = await send(hass, result, {**typed, "url": world.JELLYFIN})
    assert result["errors"] == {"base": "wrong_product"}
    result = await send(hass, result, {**typed, "url": "radarr:one"})
    assert result["errors"] == {"url": "invalid_url"}
    result = await send(hass, result, typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY or result["step_id"] == "folders"


async def test_prowlarr_is_linked(hass: HomeAssistant, services: World) -> None:
    """One form does."""
    entry = add_entry(hass)
    await send(hass, await start(hass, entry, "prowlarr"), PROWLARR)
    linked = only(entry)
    assert (linked.title, linked.unique_id) == ("Prowlarr", f"prowlarr:{world.PROWLARR}")
    assert dict(linked.data) == PROWLARR


async def test_jellystat_is_linked_and_changed(hass: HomeAssistant, services: World) -> None:
    """One form does; an empty key keeps the stored one."""
    entry = add_entry(hass)
    await send(hass, await start(hass, entry, "jellystat"), JELLYSTAT)
    linked = only(entry)
    assert (linked.title, linked.unique_id) == ("Jellystat", f"jellystat:{world.JELLYSTAT}")
    assert dict(linked.data) == JELLYSTAT
    result = await start(hass, entry, "jellystat", linked.subentry_id)
    assert "api_key" not in suggested(result)
    result = await send(hass, result, {"url": world.JELLYSTAT, "verify_ssl": False})
    assert result["reason"] == "reconfigure_successful"
    assert dict(only(entry).data) == {**JELLYSTAT, "verify_ssl": False}


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({("GET", "/api/getLibraries"): 404}, "invalid_auth"),  # no key was ever made there
        ({("GET", "/api/getLibraries"): 403}, "invalid_auth"),
        ({("GET", "/api/getLibraries"): lambda _: ""}, "wrong_product"),
        ({("GET", "/auth/isConfigured"): 401}, "wrong_product"),
        ({("GET", "/auth/isConfigured"): 500}, "cannot_connect"),
        ({("GET", "/auth/isConfigured"): {"version": "2"}}, "wrong_product"),
    ],
)
async def test_what_is_wrong_with_a_jellystat_is_told_apart(
    hass: HomeAssistant, services: World, answers: dict[tuple[str, str], Any], error: str
) -> None:
    """Its own odd answers, each in the person's words."""
    services.jellystat.answers |= answers
    entry = add_entry(hass)
    result = await send(hass, await start(hass, entry, "jellystat"), JELLYSTAT)
    assert result["errors"] == {"base": error}
    assert suggested(result) == JELLYSTAT


async def test_the_same_address_is_linked_once(hass: HomeAssistant, services: World) -> None:
    """Whatever its spelling."""
    entry = add_entry(hass)
    await send(hass, await start(hass, entry, "prowlarr"), PROWLARR)
    typed = {**PROWLARR, "url": f"{world.PROWLARR}/"}
    result = await send(hass, await start(hass, entry, "prowlarr"), typed)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_a_second_service_of_the_same_name_bears_its_host(
    hass: HomeAssistant, services: World
) -> None:
    """Two Radarrs are told apart in the list."""
    data = {**PROWLARR, "url": "http://other:9696"}
    entry = add_entry(
        hass, subentry("prowlarr", "prowlarr:http://other:9696", "Prowlarr", data, "one")
    )
    result = await send(hass, await start(hass, entry, "prowlarr"), PROWLARR)
    assert result["title"] == "Prowlarr (prowlarr)"


async def test_reconfiguring_radarr_keeps_key_folders_and_mapping(
    hass: HomeAssistant, services: World
) -> None:
    """The stored key is not shown and an empty one keeps it; a folder that is gone stays."""
    data = {
        **RADARR,
        "url": world.RADARR,
        "permanent_folders": ["/data/old"],
        "path_map": [{"here": "/a", "there": "/b"}],
        "add_webhook": False,
        "webhook_id": "hook",
    }
    entry = add_entry(hass, subentry("radarr", f"radarr:{world.RADARR}", "Films", data, "one"))
    result = await start(hass, entry, "radarr", "one")
    assert "api_key" not in suggested(result)
    result = await send(hass, result, {"url": world.RADARR, "verify_ssl": False})
    assert suggested(result) == {
        "permanent_folders": ["/data/old"],
        "path_map": [{"here": "/a", "there": "/b"}],
        "add_webhook": False,
    }
    assert options_of(result, "permanent_folders") == [
        "/data/movies",
        "/data/stream",
        "/data/old",
    ]
    result = await send(hass, result, suggested(result))
    assert result["reason"] == "reconfigure_successful"
    assert dict(only(entry).data) == {**data, "verify_ssl": False}
    assert only(entry).title == "Films"


async def test_reconfiguring_to_another_ones_address_is_refused(
    hass: HomeAssistant, services: World
) -> None:
    """One instance is one subentry."""
    other = {**PROWLARR, "url": "http://other:9696"}
    entry = add_entry(
        hass,
        subentry("prowlarr", f"prowlarr:{world.PROWLARR}", "A", PROWLARR, "one"),
        subentry("prowlarr", "prowlarr:http://other:9696", "B", other, "two"),
    )
    result = await start(hass, entry, "prowlarr", "two")
    result = await send(hass, result, {"url": world.PROWLARR, "verify_ssl": True})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


# --- what Home Assistant knows ---------------------------------------------------------------


def known_radarr(hass: HomeAssistant, **data: Any) -> MockConfigEntry:
    """Add an entry of Home Assistant's own Radarr integration."""
    entry = MockConfigEntry(
        domain="radarr", title="Known", data={"url": world.RADARR, "api_key": world.KEY, **data}
    )
    entry.add_to_hass(hass)
    return entry


async def test_a_radarr_that_home_assistant_knows_is_used_when_picked(
    hass: HomeAssistant, services: World
) -> None:
    """Address and key are copied; linked ones and unusable ones are no choice."""
    entry = add_entry(hass)
    known = known_radarr(hass)
    known_radarr(hass, url="ftp://nowhere")
    known_radarr(hass, api_key="")
    result = await start(hass, entry, "radarr")
    assert result["step_id"] == "known"
    assert options_of(result, "known") == [known.entry_id, "manual"]
    result = await send(hass, result, {"known": known.entry_id})
    await send(hass, result, {})
    assert only(entry).data["api_key"] == world.KEY
    assert (await start(hass, entry, "radarr"))["step_id"] == "user"


async def test_what_home_assistant_knows_can_be_left_aside(
    hass: HomeAssistant, services: World
) -> None:
    """Another instance is typed in."""
    entry = add_entry(hass)
    known_radarr(hass)
    result = await send(hass, await start(hass, entry, "radarr"), {"known": "manual"})
    assert result["step_id"] == "user"
    assert suggested(result) == {}


async def test_a_known_key_that_fails_is_not_shown(hass: HomeAssistant, services: World) -> None:
    """What another integration stores never goes into a form."""
    entry = add_entry(hass)
    known = known_radarr(hass, api_key="bad", verify_ssl=False)
    result = await send(hass, await start(hass, entry, "radarr"), {"known": known.entry_id})
    assert (result["step_id"], result["errors"]) == ("user", {"base": "invalid_auth"})
    assert suggested(result) == {"url": world.RADARR, "verify_ssl": False}


# --- ntfy ------------------------------------------------------------------------------------


def without_test(shown: dict[str, Any]) -> dict[str, Any]:
    """Leave out that a test message is wanted, which stays as it was chosen."""
    assert shown.pop("test") is True
    return shown


async def test_an_ntfy_topic_is_linked(hass: HomeAssistant, services: World) -> None:
    """The public server is suggested; a test message is published, unless nobody wants one."""
    entry = add_entry(hass)
    result = await start(hass, entry, "ntfy")
    assert suggested(result) == {"url": "https://ntfy.sh"}
    services.ntfy.answers["POST", "/"] = 403
    result = await send(hass, result, {**NTFY, "url": f"{world.NTFY}/"})
    assert result["errors"] == {"base": "invalid_auth"}
    services.ntfy.asked.clear()
    await send(hass, result, {**NTFY, "url": f"{world.NTFY}/", "test": False})
    linked = only(entry)
    assert (linked.title, linked.unique_id) == ("films", f"ntfy:{world.NTFY}/films")
    assert dict(linked.data) == {**NTFY, "priority": 4}
    assert {method for method, _ in services.ntfy.asked} == {"GET"}


@pytest.mark.parametrize("login", [{"token": "tk_good"}, {"username": "ada", "password": "pw"}])
async def test_a_protected_topic_takes_a_token_or_a_login(
    hass: HomeAssistant, services: World, login: dict[str, str]
) -> None:
    """Without one, or with a wrong one, it says so and keeps what was typed."""
    entry = add_entry(hass)
    typed = {**NTFY, "topic": "secret"}
    result = await send(hass, await start(hass, entry, "ntfy"), typed)
    assert result["errors"] == {"base": "invalid_auth"}
    result = await send(hass, result, {**typed, "token": "tk_bad"})
    assert result["errors"] == {"base": "invalid_auth"}
    assert without_test(suggested(result)) == {**typed, "token": "tk_bad"}
    await send(hass, result, {**typed, **login})
    assert dict(only(entry).data) == {**typed, **login, "priority": 4}


async def test_a_topic_that_none_can_bear_is_an_error_of_its_field(
    hass: HomeAssistant, services: World
) -> None:
    """A path in the topic would be another address."""
    entry = add_entry(hass)
    result = await send(hass, await start(hass, entry, "ntfy"), {**NTFY, "topic": "a/b"})
    assert result["errors"] == {"topic": "invalid_topic"}
    typed = {**NTFY, "token": "t", "password": "pw"}
    result = await send(hass, result, typed)
    assert result["errors"] == {"token": "token_or_password"}
    assert services.ntfy.asked == []


def known_ntfy(hass: HomeAssistant, url: str = world.NTFY, **data: Any) -> MockConfigEntry:
    """Add an entry of Home Assistant's own ntfy integration with two topics."""
    topics = [
        subentry("topic", name, name, {"topic": name}, f"{name}-id") for name in ("films", "secret")
    ]
    entry = MockConfigEntry(
        domain="ntfy",
        title="ntfy",
        data={"url": url, "username": None, "verify_ssl": True, **data},
        subentries_data=topics,
    )
    entry.add_to_hass(hass)
    return entry


async def test_a_topic_that_home_assistant_knows_is_used_when_picked(
    hass: HomeAssistant, services: World
) -> None:
    """With its server and its token; one that is linked already is no choice."""
    entry = add_entry(hass)
    known_ntfy(hass, token="tk_good")
    known_ntfy(hass, url="no address:x")
    result = await start(hass, entry, "ntfy")
    assert options_of(result, "known") == ["films-id", "secret-id", "manual"]
    channel = {"events": ["outcome"], "priority": "5"}
    await send(hass, result, {"known": "secret-id", **channel})
    assert dict(only(entry).data) == {
        "url": world.NTFY,
        "topic": "secret",
        "token": "tk_good",
        "verify_ssl": True,
        "events": ["outcome"],
        "priority": 5,
    }
    result = await start(hass, entry, "ntfy")
    assert options_of(result, "known") == ["films-id", "manual"]
    result = await send(hass, result, {"known": "manual", **channel})
    assert without_test(suggested(result)) == {"url": "https://ntfy.sh", **channel}


async def test_a_known_token_that_fails_is_not_shown(hass: HomeAssistant, services: World) -> None:
    """What another integration stores never goes into a form."""
    entry = add_entry(hass)
    known_ntfy(hass, token="tk_bad")
    channel = {"events": ["outcome"], "priority": "5"}
    result = await send(hass, await start(hass, entry, "ntfy"), {"known": "secret-id", **channel})
    assert result["errors"] == {"base": "invalid_auth"}
    assert without_test(suggested(result)) == {
        "url": world.NTFY,
        "topic": "secret",
        "verify_ssl": True,
        **channel,
    }


@pytest.mark.parametrize(
    ("stored", "typed", "kept"),
    [
        ({"token": "tk_good"}, {}, {"token": "tk_good"}),
        (
            {"username": "ada", "password": "pw"},
            {"username": "ada"},
            {"username": "ada", "password": "pw"},
        ),
        ({"username": "ada", "password": "pw"}, {"token": "tk_good"}, {"token": "tk_good"}),
    ],
)
async def test_reconfiguring_a_topic_keeps_the_secret_that_is_left_empty(
    hass: HomeAssistant,
    services: World,
    stored: dict[str, str],
    typed: dict[str, str],
    kept: dict[str, str],
) -> None:
    """Stored secrets are not shown; one way to sign in replaces the other."""
    data = {**NTFY, "topic": "secret", "priority": 2, **stored}
    entry = add_entry(hass, subentry("ntfy", f"ntfy:{world.NTFY}/secret", "Mine", data, "one"))
    result = await start(hass, entry, "ntfy", "one")
    assert suggested(result) == {
        key: value
        for key, value in {**data, "priority": "2"}.items()
        if key not in ("token", "password")
    }
    form = {**NTFY, "topic": "secret", "priority": "5"}
    result = await send(hass, result, {**form, **typed})
    assert result["reason"] == "reconfigure_successful"
    assert dict(only(entry).data) == {**form, "priority": 5, **kept}
    assert only(entry).title == "Mine"


async def test_a_channel_moved_to_another_topic_bears_its_name(
    hass: HomeAssistant, services: World
) -> None:
    """It is another thing now."""
    data = {**NTFY, "topic": "secret", "priority": 2, "token": "tk_good"}
    entry = add_entry(hass, subentry("ntfy", f"ntfy:{world.NTFY}/secret", "secret", data, "one"))
    await send(hass, await start(hass, entry, "ntfy", "one"), NTFY)
    assert (only(entry).title, only(entry).unique_id) == ("films", f"ntfy:{world.NTFY}/films")


@pytest.mark.parametrize("kind", ["ntfy", "notify"])
async def test_a_channel_is_a_viewers_or_nobodys(
    hass: HomeAssistant, services: World, kind: str
) -> None:
    """One of those who are tracked; emptied it is nobody's again, and who was removed stays."""
    async_mock_service(hass, "notify", "phone")
    viewer = {"user_id": world.ADMIN_ID, "user_name": "Ada"}
    data = (
        {**NTFY, "priority": 4}
        if kind == "ntfy"
        else {"target": "notify.phone", "events": ["leaving"]}
    )
    typed = {**NTFY, "test": False} if kind == "ntfy" else {**data, "test": False}
    unique = f"ntfy:{world.NTFY}/films" if kind == "ntfy" else "notify:notify.phone"
    entry = add_entry(hass, subentry("viewer", f"viewer:{world.ADMIN_ID}", "Ada", viewer, "v"))
    result = await start(hass, entry, kind)
    assert options_of(result, "viewer") == [world.ADMIN_ID]
    await send(hass, result, {**typed, "viewer": world.ADMIN_ID})
    made = next(one for one in entry.subentries.values() if one.subentry_type == kind)
    assert (made.unique_id, dict(made.data)) == (unique, {**data, "viewer": world.ADMIN_ID})
    result = await start(hass, entry, kind, made.subentry_id)
    assert suggested(result)["viewer"] == world.ADMIN_ID
    hass.config_entries.async_remove_subentry(entry, "v")
    result = await start(hass, entry, kind, made.subentry_id)
    assert options_of(result, "viewer") == [world.ADMIN_ID]
    await send(hass, result, typed)
    assert dict(entry.subentries[made.subentry_id].data) == data
    result = await start(hass, entry, kind, made.subentry_id)
    assert "viewer" not in {str(one) for one in result["data_schema"].schema}


# --- notify ----------------------------------------------------------------------------------


async def test_a_notify_target_is_an_entity_or_an_action(
    hass: HomeAssistant, services: World
) -> None:
    """An entity wins over an action of the same name; the general action is no target."""
    entry = add_entry(hass)
    for action in ("send_message", "phone", "mail"):
        async_mock_service(hass, "notify", action)
    hass.states.async_set("notify.phone", "unknown", {"friendly_name": "Ada's phone"})
    result = await start(hass, entry, "notify")
    assert sorted(options_of(result, "target")) == ["notify.mail", "notify.phone"]
    said: list[Any] = []
    hass.bus.async_listen("call_service", callback(lambda event: said.append(event.data)))
    await send(hass, result, {"target": "notify.phone", "events": ["decision", "outcome"]})
    # It was tried, so that the person has seen a message arrive.
    (call,) = (one for one in said if one["domain"] == "notify")
    assert call["service"] == "send_message"
    assert call["service_data"]["entity_id"] in ("notify.phone", ["notify.phone"])
    linked = only(entry)
    assert (linked.title, linked.unique_id) == ("Ada's phone", "notify:notify.phone")
    assert dict(linked.data) == {"target": "notify.phone", "events": ["decision", "outcome"]}
    result = await send(
        hass, await start(hass, entry, "notify"), {"target": "notify.phone", "events": []}
    )
    assert result["reason"] == "already_configured"


async def test_a_phone_is_offered_by_its_name(hass: HomeAssistant, services: World) -> None:
    """The mobile app's action bears a name that nobody would type."""
    MockConfigEntry(
        domain="mobile_app", title="Ada's Pixel", data={"device_name": "Pixel 7 of Ada"}
    ).add_to_hass(hass)
    calls = async_mock_service(hass, "notify", "mobile_app_pixel_7_of_ada")
    entry = add_entry(hass)
    result = await start(hass, entry, "notify")
    field = next(value for key, value in result["data_schema"].schema.items() if key == "target")
    (option,) = field.config["options"]
    assert option["label"] == "Ada's Pixel (notify.mobile_app_pixel_7_of_ada)"
    await send(hass, result, {"target": "notify.mobile_app_pixel_7_of_ada", "events": []})
    assert only(entry).title == "Ada's Pixel"
    assert len(calls) == 1


async def test_nothing_to_notify_says_so(hass: HomeAssistant, services: World) -> None:
    """There is nothing to choose."""
    result = await start(hass, add_entry(hass), "notify")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_targets")


async def test_reconfiguring_keeps_a_target_that_is_away(
    hass: HomeAssistant, services: World
) -> None:
    """A phone that is gone for now is still the target."""
    data = {"target": "notify.phone", "events": ["decision"]}
    entry = add_entry(hass, subentry("notify", "notify:notify.phone", "Phone", data, "one"))
    result = await start(hass, entry, "notify", "one")
    assert suggested(result) == data
    away = {"target": "notify.phone", "events": ["outcome"]}
    result = await send(hass, result, away)
    assert result["errors"] == {"base": "not_delivered"}
    assert suggested(result)["events"] == ["outcome"]
    assert only(entry).data["events"] == ["decision"]
    await send(hass, result, {**away, "test": False})
    assert (only(entry).title, dict(only(entry).data)) == ("Phone", away)
    async_mock_service(hass, "notify", "mail")
    result = await start(hass, entry, "notify", "one")
    await send(hass, result, {"target": "notify.mail", "events": ["outcome"]})
    assert (only(entry).title, only(entry).unique_id) == ("notify.mail", "notify:notify.mail")
