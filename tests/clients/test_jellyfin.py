"""Jellyfin over the demo's server, and the bodies of its Webhook plugin from the samples."""

from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any

import aiohttp
from aioresponses import aioresponses
from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients import jellyfin_sessions as sessions
from custom_components.showrunner.clients.errors import (
    NotAdmin,
    NotOurs,
    Refused,
    TooOld,
    Unauthorized,
    Unreadable,
    WrongProduct,
)
from custom_components.showrunner.clients.jellyfin import (
    JellyfinClient,
    SessionsSnapshot,
    create_api_key,
    login,
    logout,
)
from custom_components.showrunner.clients.jellyfin_webhook import (
    Ignored,
    LibraryChanged,
    UserDataSaved,
    parse_webhook,
)
from custom_components.showrunner.domain.media import ProviderIds, UnitKind
from custom_components.showrunner.domain.watching import PlaybackReport, ReportKind
from tests.english import german
from world.catalogue import EPISODES, by_name
from world.lies import Lie, LieKind
from world.servers import Servers
from world.world import in_jellyfin

from .conftest import FIXTURES, read

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SERVER = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
SAMPLES = sorted((FIXTURES / "jellyfin-webhook").glob("*.json"))
URL = "http://ha.local:8123/api/webhook/secret"


def client(session: aiohttp.ClientSession, servers: Servers, key: str = "") -> JellyfinClient:
    """Make a client of the demo's Jellyfin."""
    token = key or servers.world.keys.jellyfin
    return JellyfinClient(session, servers.jellyfin.url, token, device_id="test")


@pytest.mark.parametrize("version", ["10.10.7", "10.11.11", "12.0.0"])
async def test_servers_that_we_speak_to(
    session: aiohttp.ClientSession, servers: Servers, version: str
) -> None:
    """Only the new authorization is sent, which 12 insists on."""
    servers.world.jellyfin_version = version
    server = await client(session, servers).check_admin()
    assert (server.version, server.id) == (version, servers.world.server_id)


async def test_who_does_not_say_what_it_is_is_something_else_in_any_language(
    session: aiohttp.ClientSession,
) -> None:
    """Its place in the sentence has no words of its own."""
    with aioresponses() as mock:
        mock.get("http://other/System/Info/Public", payload={"Version": "1.0"})
        with pytest.raises(WrongProduct) as caught:
            await JellyfinClient(session, "http://other", "x", device_id="t").server()
    assert german(caught.value.said) == "das ist etwas anderes, nicht Jellyfin"
    assert str(caught.value) == "Jellyfin: this is something else, not Jellyfin"


async def test_who_is_refused(session: aiohttp.ClientSession, servers: Servers) -> None:
    """Too old, a wrong key, another product, a user who is no administrator."""
    with pytest.raises(Unauthorized):
        await client(session, servers, "wrong").check_admin()
    with pytest.raises(WrongProduct):
        await JellyfinClient(session, servers.radarr.url, "x", device_id="t").server()
    url = servers.jellyfin.url
    token = await login(session, url, "Kitchen", "kettle", "test")
    with pytest.raises(NotAdmin):
        await client(session, servers, token).check_admin()
    with pytest.raises(NotAdmin):
        await create_api_key(session, url, token)
    with pytest.raises(Unauthorized):
        await login(session, url, "Kitchen", "wrong", "test")
    servers.world.jellyfin_version = "10.8.13"
    with pytest.raises(TooOld):
        await client(session, servers).server()


async def test_a_login_makes_a_key_and_leaves(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """The key works, the token does not any more."""
    url = servers.jellyfin.url
    token = await login(session, url, "Sofa", "popcorn", "test")
    key = await create_api_key(session, url, token)
    await logout(session, url, token)
    assert await client(session, servers, key).users()
    with pytest.raises(Unauthorized):
        await client(session, servers, token).users()


async def test_items_and_what_a_user_made_of_them(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """By id, by provider ids, with and without a user."""
    jellyfin, film = client(session, servers), by_name("The Lantern Keeper")
    sofa = servers.world.user("Sofa").id
    item = await jellyfin.item(film.item_id, sofa)
    assert item is not None
    assert (item.play_count, item.played, item.unit.ids.tmdb) == (1, True, film.tmdb)
    assert (await jellyfin.item(film.item_id, None)).play_count == 0  # type: ignore[union-attr]
    assert await jellyfin.item("0" * 32, sofa) is None
    assert await jellyfin.item("rubbish", sofa) is None
    ids = ProviderIds(tmdb=film.tmdb)
    for name in (film.name, "", "Another name of it"):
        found = await jellyfin.find_movie(ids, name, sofa)
        assert found is not None
        assert found.unit.item_id == film.item_id
    assert await jellyfin.find_movie(ids, film.name, sofa, film.year + 1) is not None
    assert await jellyfin.find_movie(ids, film.name, sofa, film.year + 2) is None
    assert await jellyfin.find_movie(ProviderIds(tmdb=1), "", None) is None
    episode = await jellyfin.item(EPISODES[0].item_id, None)
    assert episode is not None
    assert episode.unit.title.ids.tvdb == EPISODES[0].tvdb


async def test_what_plays_is_told_for_everybody_who_watches(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """And an idle session tells nothing."""
    jellyfin = client(session, servers)
    assert await jellyfin.sessions(NOW) == SessionsSnapshot()
    servers.play(
        "Sofa", "Paper Foxes", 0.5, method="Transcode", reasons=("AudioCodecNotSupported",)
    )
    reports: tuple[PlaybackReport, ...] = ()
    while not reports:
        reports = (await jellyfin.sessions(NOW)).reports
    assert reports[0].kind is ReportKind.PROGRESS
    assert (reports[0].play_method, reports[0].runtime) == ("transcode", 7.0)
    assert reports[0].transcode_reasons == ("AudioCodecNotSupported",)
    row = read("jellyfin/sessions.json")[0]
    row["AdditionalUsers"] = [{"UserId": "b" * 32, "UserName": "B"}, {"UserName": "nobody"}]
    assert [one.user_id[:1] for one in sessions.reports(row, SERVER, NOW)][1] == "b"


async def test_what_is_on_half_a_page_is_found(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """A server that counts more than it lists: a find is known, and only a miss is not."""
    servers.jellyfin.liar.tell(Lie(LieKind.SURPLUS, "/Items"))
    jellyfin, film = client(session, servers), by_name("The Lantern Keeper")
    found = await jellyfin.find_movie(ProviderIds(tmdb=film.tmdb), "", None)
    assert found is not None
    assert found.unit.item_id == film.item_id
    with pytest.raises(Unreadable, match=r"tells of \d+ items and names \d+"):
        await jellyfin.find_movie(ProviderIds(tmdb=1), "", None)


@pytest.mark.parametrize("kind", [LieKind.HALF_PAGE, LieKind.HTML, LieKind.HALF_JSON])
async def test_half_a_page_is_no_page(
    session: aiohttp.ClientSession, servers: Servers, kind: LieKind
) -> None:
    """A film that is on the missing half is not gone."""
    *_, last = [one for one in servers.world.films.values() if in_jellyfin(servers.world, one)]
    servers.jellyfin.liar.tell(Lie(kind, "/Items"))
    with pytest.raises(Unreadable):
        await client(session, servers).find_movie(ProviderIds(tmdb=last.tmdb), "", None)


async def test_our_webhook_comes_and_goes_and_others_stay(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """Added once, mended when Home Assistant's address changes, removed; foreign keys are kept."""
    jellyfin, plugin = client(session, servers), servers.webhooks
    foreign = {"WebhookName": "Mine", "WebhookUri": "http://x/api/webhook/other", "New": [1]}
    plugin.configuration |= {"GenericOptions": [foreign], "Unknown": {"a": 1}}
    assert await jellyfin.add_webhook(URL, "Showrunner")
    assert not await jellyfin.add_webhook(URL, "Showrunner")
    moved = URL.replace("ha.local", "192.0.2.1")
    assert await jellyfin.has_webhook(moved)
    assert await jellyfin.add_webhook(moved, "Showrunner")
    options: Any = plugin.configuration["GenericOptions"]
    assert [one["WebhookUri"] for one in options] == [foreign["WebhookUri"], moved]
    assert await jellyfin.remove_webhook(URL)
    assert not await jellyfin.remove_webhook(URL)
    assert plugin.configuration["GenericOptions"] == [foreign]
    assert plugin.configuration["Unknown"] == {"a": 1}
    servers.jellyfin_state.plugin_installed = False
    with pytest.raises(Refused, match="not installed"):
        await jellyfin.add_webhook(URL, "Showrunner")
    assert not await jellyfin.has_webhook(URL)


@pytest.mark.parametrize("said", [{}, [], {"GenericOptions": 7}, {"GenericOptions": ["x"]}])
async def test_a_configuration_that_is_none_is_not_overwritten(
    session: aiohttp.ClientSession, servers: Servers, said: Any
) -> None:
    """Writing back what was not understood would take other webhooks away."""
    servers.webhooks.configuration = said
    with pytest.raises(Unreadable):
        await client(session, servers).add_webhook(URL, "Showrunner")
    assert servers.webhooks.configuration == said


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_of_the_plugin_is_understood(path: Path) -> None:
    """What is playback is a report, the rest is ignored by name."""
    body = json.loads(path.read_text())
    if "GenericOptions" in body:
        with pytest.raises(NotOurs):
            parse_webhook(body, NOW, SERVER)
        return
    message = parse_webhook(body, NOW, SERVER)
    match body["NotificationType"]:
        case "PlaybackStart" | "PlaybackStop" | "PlaybackProgress":
            assert isinstance(message, PlaybackReport)
            assert message.at == NOW
            assert message.unit.server_id == SERVER
            assert message.runtime
        case "UserDataSaved":
            assert isinstance(message, UserDataSaved)
        case "ItemAdded" | "ItemDeleted" as kind:
            item_id = body["ItemId"].replace("-", "")
            assert message == LibraryChanged(kind, kind == "ItemDeleted", item_id)
        case kind:
            assert message == Ignored(kind)


def test_an_episode_s_ids_are_not_its_series() -> None:
    """The plugin sends the episode's own; the series is known by Jellyfin's id only."""
    message = parse_webhook(
        read("jellyfin-webhook/playbackstop-episode-completed.json"), NOW, SERVER
    )
    assert isinstance(message, PlaybackReport)
    unit = message.unit
    assert (unit.kind, unit.season, unit.episode) == (UnitKind.EPISODE, 2, 1)
    assert unit.ids.tvdb == 9100001
    assert not unit.series_ids
    assert unit.series_item_id == "9a1f3c2b4d5e6f708192a3b4c5d6e7f8"


def test_a_template_s_texts_are_read() -> None:
    """Dashes in ids, numbers and truths as texts, quotes escaped twice."""
    body = {
        "NotificationType": "PlaybackStop",
        "UserId": "E39BEF06-F503-DD0E-9DBD-20593DF417FE",
        "ItemId": "ee39bef0-6f50-3dd0-e9db-d20593df417f",
        "ItemType": "Movie",
        "Name": 'The \\"Other\\" Dentist',
        "Year": "2010",
        "RunTimeTicks": "72000000000",
        "PlaybackPositionTicks": "72000000000",
        "PlayedToCompletion": "True",
        "IsPaused": "False",
    }
    message = parse_webhook(body, NOW, SERVER)
    assert isinstance(message, PlaybackReport)
    assert message.unit.name == 'The "Other" Dentist'
    assert (message.unit.year, message.position, message.completed) == (2010, 7200.0, True)
    assert message.user_id == "e39bef06f503dd0e9dbd20593df417fe"


def test_an_intro_before_the_film_is_told_as_such() -> None:
    """A template may leave the type out; the provider that marks intros stays."""
    body = {
        "NotificationType": "PlaybackStop",
        "UserId": "e39bef06f503dd0e9dbd20593df417fe",
        "ItemId": "ee39bef06f503dd0e9dbd20593df417f",
        "Name": "Intro",
        "Provider_prerolls.video": "/intros/1.mp4",
        "PlayedToCompletion": True,
    }
    message = parse_webhook(body, NOW, SERVER)
    assert isinstance(message, PlaybackReport)
    assert message.is_theme


def test_bodies_that_are_not_ours() -> None:
    """Nothing that a plugin sends, another server's, or playback of nobody."""
    report = read("jellyfin-webhook/playbackstop-movie.json")
    for body in (None, [], "x", {}, {"Event": 5}, {"eventType": "Grab"}):
        with pytest.raises(NotOurs):
            parse_webhook(body, NOW, SERVER)
    with pytest.raises(NotOurs, match="another server"):
        parse_webhook(report, NOW, "f" * 32)
    for missing in ("UserId", "ItemId"):
        with pytest.raises(NotOurs, match="without"):
            parse_webhook({k: v for k, v in report.items() if k != missing}, NOW, SERVER)
    assert parse_webhook(report | {"ItemType": "Audio"}, NOW, SERVER) == Ignored("PlaybackStop")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_a_hostile_body_is_read_or_refused(data: st.DataObject) -> None:
    """Any field may hold anything: a message or NotOurs, never another error."""
    body = dict(read("jellyfin-webhook/playbackstop-movie.json"))
    for key in data.draw(st.sets(st.sampled_from(sorted(body)))):
        body[key] = data.draw(values)
    try:
        message = parse_webhook(body, NOW, SERVER)
    except NotOurs:
        return
    assert isinstance(message, PlaybackReport | UserDataSaved | LibraryChanged | Ignored)
