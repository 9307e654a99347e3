"""The door for Jellyfin's Webhook plugin: all three bodies, and everything that is none."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import fields, replace
import json
from pathlib import Path

from homeassistant.core import HomeAssistant
import pytest

from custom_components.showrunner.coordinators import confirmation
from custom_components.showrunner.domain.acquisition import AcquisitionState
from custom_components.showrunner.domain.candidate import Rule
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.watching import PlaybackReport
from custom_components.showrunner.runtime import database_path
from custom_components.showrunner.signals import Topic
from custom_components.showrunner.store import Store
from world.catalogue import by_name
from world.lies import Lie, LieKind

from .hooks import SECOND, flat, started
from .household import WEBHOOK_ID, Household, until
from .library import AddedAgain


def nested(household: Household) -> dict[str, object]:
    """Build the nested body of older guides."""
    film, user = started(household)
    return {
        "Event": "PlaybackStop",
        "User": {"Name": user.name, "Id": user.id},
        "UserId": user.id,
        "ItemId": film.item_id,
        "Item": {
            "Name": film.name,
            "Type": "Movie",
            "ProductionYear": film.year,
            "RunTimeTicks": film.seconds * 10_000_000,
        },
        "PlaybackInfo": {"PositionTicks": film.seconds * 10_000_000, "PlayMethod": "DirectPlay"},
        "Session": {"RemoteEndPoint": "192.0.2.7", "Client": "Web", "DeviceName": "Laptop"},
    }


async def test_the_flat_body_leads_to_a_decision(household: Household) -> None:
    """One lost start, one stop: the viewing counts, and is decided on."""
    assert await household.post(flat(household)) == (200, '{"accepted": true}')
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED


async def test_the_nested_body_leads_to_a_decision(household: Household) -> None:
    """It names no provider ids: Jellyfin tells them."""
    assert (await household.post(nested(household)))[0] == 200
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED


async def test_all_bodies_of_one_viewing_are_one(household: Household) -> None:
    """Flat, flat again, nested, and a template's body: one viewing, one search."""
    film, user = by_name(SECOND), household.user("Sofa")
    template = {
        "NotificationType": "PlaybackStop",
        "ItemType": "Movie",
        "ItemId": film.item_id,
        "Name": film.name,
        "UserId": user.id,
        "PlaybackPositionTicks": str(film.seconds * 10_000_000),
        "RunTimeTicks": str(film.seconds * 10_000_000),
        "PlayedToCompletion": "True",
    }
    for body in (nested(household), flat(household), template, flat(household)):
        assert (await household.post(body))[0] == 200
    await household.acquisition(SECOND)
    history = await household.runtime.store.viewings.history(limit=10)
    assert len(history) == 1
    assert len(await household.acquisitions(SECOND)) == 1
    assert household.searches == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"NotificationType": "PlaybackStop", "UserId"', 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"PlaybackStop"', 400),
        (b"{}", 400),
        (b'{"hello": "world"}', 400),
        (b"\xff\xfe\x00", 400),
        (b"[" * 200_000, 400),
        (b'{"a": "' + b"x" * (2 * 1024 * 1024) + b'"}', 413),
    ],
    ids=lambda value: repr(value)[:24] if isinstance(value, bytes) else str(value),
)
async def test_what_is_not_ours_is_refused_with_a_reason(
    household: Household, body: bytes, status: int
) -> None:
    """Rubbish gets an answer that says what was wrong, and leaves no trace."""
    answer, text = await household.post(body)
    assert answer == status
    assert json.loads(text)["reason"]
    assert household.runtime.jellyfin.inbox.accepted == 0


async def test_another_server_is_not_ours(household: Household) -> None:
    """A body of a second Jellyfin is refused, whatever its item ids."""
    status, text = await household.post(flat(household, ServerId="f" * 32))
    assert status == 400
    assert "server" in text.lower()


async def test_an_unknown_event_is_accepted_and_ignored(household: Household) -> None:
    """New kinds of events are no reason to complain."""
    body = flat(household, NotificationType="SomethingNew")
    assert (await household.post(body))[0] == 200
    assert await household.acquisitions(SECOND) == ()


async def test_a_flood_is_collapsed_and_reported_once(
    household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """300 equal bodies within a minute: 120 are looked at, the rest only counted."""
    body = flat(household, NotificationType="PlaybackProgress")
    for _ in range(300):
        assert (await household.post(body))[0] == 200
    assert household.runtime.jellyfin.inbox.accepted == 120
    assert household.runtime.jellyfin.inbox.collapsed == 180
    assert sum("again and again" in record.message for record in caplog.records) == 1


async def test_what_plays_comes_before_what_nobody_knows(household: Household) -> None:
    """A body about a play that the sessions tell does not wait behind a flood of others."""
    coordinator = household.runtime.jellyfin
    household.servers.play("Sofa", SECOND, 0.0, 1.0, 0.1)
    await until(lambda: bool(coordinator.visible_streams()), what="a stream")
    real = flat(household, NotificationType="PlaybackProgress")
    waiting = coordinator.inbox._backlog
    await until(waiting.empty)
    for number in range(1, 51):
        assert coordinator.accept({**real, "ItemId": f"{number:032x}"})
    assert coordinator.accept(real)
    found = waiting.get_nowait()
    assert isinstance(found, PlaybackReport)
    assert found.unit.item_id == by_name(SECOND).item_id


async def test_only_post_is_taken(household: Household) -> None:
    """A browser that looks at the address changes nothing."""

    async with household.client.get(f"/api/webhook/{WEBHOOK_ID}") as answer:
        assert answer.status in (200, 405)
    assert household.runtime.jellyfin.inbox.accepted == 0


async def test_jellyfin_is_told_the_address_once(hass: HomeAssistant, household: Household) -> None:
    """Set up again, there is still one webhook of ours."""
    await hass.config_entries.async_reload(household.entry.entry_id)
    await hass.async_block_till_done()
    await until(lambda: bool(household.servers.webhooks.configuration["GenericOptions"]))
    options = household.servers.webhooks.configuration["GenericOptions"]
    assert isinstance(options, list)
    assert len(options) == 1


SAMPLES = sorted(
    path
    for path in (Path(__file__).parents[1] / "fixtures" / "jellyfin-webhook").glob("*.json")
    if path.stem != "plugin-configuration"
)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
async def test_the_plugin_s_samples_drive_the_running_home_assistant(
    household: Household, path: Path
) -> None:
    """Every kind is accepted; a film's end is decided on, and the decision names every rule."""
    film, user = started(household)
    body = json.loads(path.read_text()) | {"ServerId": household.servers.world.server_id}
    if "ItemId" in body and body.get("ItemType") == "Movie":
        body |= {
            "ItemId": film.item_id,
            "Name": film.name,
            "UserId": user.id,
            "Provider_tmdb": str(film.tmdb),
            "Provider_imdb": film.imdb,
            "PlaybackPositionTicks": body.get("RunTimeTicks"),
        }
    assert await household.post(body) == (200, '{"accepted": true}')
    if path.stem != "playbackstop-movie":
        assert household.runtime.jellyfin.inbox.accepted == 1
        return
    await household.acquisition(SECOND)
    (decision,) = await household.decisions(SECOND)
    findings = decision["findings"]
    assert isinstance(findings, list)
    assert [finding["rule"] for finding in findings] == [rule.value for rule in Rule]
    assert all(finding["answer"] in ("yes", "no", "unknown") for finding in findings)


async def test_a_body_without_a_length_is_limited_too(household: Household) -> None:
    """Sent in pieces, it is cut off at 1 MiB."""

    async def pieces() -> AsyncGenerator[bytes]:
        for _ in range(40):
            yield b"x" * 65_536

    url = f"/api/webhook/{WEBHOOK_ID}"
    async with household.client.post(url, data=pieces()) as answer:
        assert answer.status == 413


async def test_two_versions_of_a_film_are_one_viewing(household: Household) -> None:
    """Jellyfin knows both by the same tmdb id: watched on one day, decided on once."""
    film, world = by_name(SECOND), household.servers.world
    version = AddedAgain(**{field.name: getattr(film, field.name) for field in fields(film)})
    world.films[version.item_id] = version
    world.homes[version.item_id] = world.homes[film.item_id]
    await household.runtime.library.sweep(viewers=())
    assert (await household.post(flat(household)))[0] == 200
    await household.acquisition(SECOND)
    assert (await household.post(flat(household, ItemId=version.item_id)))[0] == 200
    # The demo tells of the film that was added meanwhile, too.
    await until(lambda: household.runtime.jellyfin.inbox.accepted >= 2)
    await household.hass.async_block_till_done()
    await household.runtime.store.kv.put("let it be worked off", 1)
    (viewing,) = await household.runtime.store.viewings.history(limit=10)
    # Also when the tracker has forgotten the first, as after a crash.
    other = replace(viewing, unit=replace(viewing.unit, item_id="d" * 32))
    await household.runtime.jobs.named("download").viewed(other, tracked=True)
    assert len(await household.acquisitions(SECOND)) == 1
    assert household.searches == 1


async def test_a_body_does_not_say_which_title_an_item_is(household: Household) -> None:
    """A play of one film that names another film's ids, or another kind, is one of the first."""
    other, runtime = by_name("A Harbour of Glass"), household.runtime
    await runtime.library.sweep(viewers=())
    forged = {"Provider_tmdb": str(other.tmdb), "Provider_imdb": other.imdb}
    series = {"ItemType": "Episode", "SeriesId": "5" * 32, "SeasonNumber": 1, "EpisodeNumber": 2}
    assert (await household.post(flat(household, **forged)))[0] == 200
    assert (await household.post(flat(household, **forged, **series)))[0] == 200
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED
    assert await household.acquisitions(other.name) == ()
    (viewing,) = await runtime.store.viewings.history(limit=10)
    film = by_name(SECOND)
    assert (viewing.unit.kind, viewing.unit.ids.tmdb) == (UnitKind.MOVIE, film.tmdb)
    unit = Unit(UnitKind.MOVIE, "?", "", "", ids=ProviderIds(tmdb=other.tmdb, imdb=other.imdb))
    assert await runtime.store.watched.is_watched(household.user("Sofa").id, unit) is None


async def test_what_was_answered_before_an_unload_is_kept(household: Household) -> None:
    """The plugin sends nothing twice, and where only it told of the play nobody else will."""
    runtime = household.runtime
    for task in runtime.tasks._running:
        task.cancel()
    await asyncio.gather(*runtime.tasks._running, return_exceptions=True)
    assert runtime.jellyfin.accept(flat(household))
    await household.hass.config_entries.async_unload(household.entry.entry_id)
    store = await Store.open(database_path(household.hass, household.entry.entry_id))
    (viewing,) = await store.viewings.history()
    await store.close()
    assert viewing.completed


async def forged(household: Household) -> dict[str, object]:
    """Build the body of a play that never was: Jellyfin keeps nothing of it."""
    body = flat(household)
    data = household.servers.world.userdata(household.user("Sofa").id, by_name(SECOND).item_id)
    data.play_count, data.last_played, data.played, data.position = 0, None, False, 0.0
    return body


async def test_a_forged_play_leads_to_nothing(household: Household) -> None:
    """It is in the history; no decision, no mark, no rewatch, no event says that it was."""
    texts: list[str] = []
    household.runtime.signals.subscribe(Topic.PLAYBACK, lambda kind, _: texts.append(kind))
    asked = len(household.servers.jellyfin.called("GET", "/Items"))
    assert (await household.post(await forged(household)))[0] == 200
    await until(lambda: len(household.servers.jellyfin.called("GET", "/Items")) > asked + 1)
    (viewing,) = await household.runtime.store.viewings.history()
    assert (viewing.completed, viewing.counts) == (True, False)
    store, unit = household.runtime.store, viewing.unit
    assert await store.watched.is_watched(viewing.viewer_id, unit) is None
    assert await store.viewings.completed_count(viewing.viewer_id, unit, viewing.started_at, 0) == 0
    assert await household.acquisitions(SECOND) == ()
    assert household.searches == 0
    assert "completed" not in texts


async def test_a_play_waits_for_a_jellyfin_that_is_ill(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And goes on by itself, also after a restart of Home Assistant."""
    monkeypatch.setattr(confirmation, "_UNANSWERED", 0.1)
    liar = household.servers.jellyfin.liar
    liar.tell(Lie(LieKind.ERROR, "/Items"))
    assert (await household.post(flat(household)))[0] == 200

    async def stored() -> bool:
        return bool(await household.runtime.store.viewings.history())

    await until(stored)
    await household.hass.config_entries.async_reload(household.entry.entry_id)
    assert await household.acquisitions(SECOND) == ()
    liar.be_honest()
    assert (await household.acquisition(SECOND)).state is AcquisitionState.IMPORTED


async def test_a_forged_mark_is_no_mark(household: Household) -> None:
    """Jellyfin is asked, and what it says counts."""
    body = await forged(household) | {
        "NotificationType": "UserDataSaved",
        "SaveReason": "TogglePlayed",
        "Played": True,
    }
    asked = len(household.servers.jellyfin.called("GET", "/Items"))
    assert (await household.post(body))[0] == 200
    await until(lambda: len(household.servers.jellyfin.called("GET", "/Items")) > asked)
    await household.hass.async_block_till_done()
    assert await household.runtime.store.watched.count(household.user("Sofa").id) == 0
