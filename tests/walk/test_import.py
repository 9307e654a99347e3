"""History of others, imported in a running Home Assistant: once, again, and while things break."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
import logging
from typing import Any
from unittest.mock import AsyncMock, Mock

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.clients import jellystat, playback_reporting
from custom_components.showrunner.clients.errors import ServiceError
from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.coordinators.jellystat import JellystatCoordinator
from custom_components.showrunner.domain.knowledge import Known
from custom_components.showrunner.domain.library import MarkSource
from custom_components.showrunner.domain.sweep_pages import HalfRead
from custom_components.showrunner.domain.text import say, words_of
from custom_components.showrunner.domain.watching import ReportSource, Viewing
from custom_components.showrunner.runtime import database_path
from custom_components.showrunner.signals import Topic
from custom_components.showrunner.texts import async_load
from tests.english import german
from world import jellyfin_dto
from world.catalogue import Film, by_name
from world.lies import Lie, LieKind
from world.past import Played, past
from world.playback_reporting import PlaybackReporting
from world.servers import Servers

from .household import Household, until

FILM = "The Lantern Keeper"


@pytest.fixture
async def house(household: Household) -> Household:
    """Link the demo's Jellystat too, through its flow; the plugin's clock is the home's."""
    hass, entry = household.hass, household.entry
    jellyfin, world = household.servers.jellyfin_state, household.servers.world
    jellyfin.reporting.stop()
    jellyfin.reporting = PlaybackReporting(world, dt_util.get_default_time_zone())
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "jellystat"), context={"source": SOURCE_USER}
    )
    typed = {
        "url": household.servers.jellystat.url,
        "api_key": household.servers.world.keys.jellystat,
        "verify_ssl": True,
    }
    await hass.config_entries.subentries.async_configure(result["flow_id"], typed)
    await hass.async_block_till_done()
    await until(lambda: entry.state is ConfigEntryState.LOADED)
    assert len(household.runtime.links.of(JellystatCoordinator)) == 1
    return household


async def imported(house: Household, source: str, **more: Any) -> Any:
    """Import, and give the answer."""
    return await house.hass.services.async_call(
        DOMAIN,
        "import_history",
        {"source": source, **more},
        blocking=True,
        return_response=True,
    )


def plays_of(house: Household, user: str = "Sofa") -> list[Played]:
    """Give the plays that make viewings: long enough for the tests' threshold of one second."""
    return [
        play for play in past(house.servers.world) if play.user.name == user if play.seconds >= 1
    ]


def days(plays: list[Played]) -> set[tuple[str, object]]:
    """Give the item and the home's day of each."""
    return {(play.entry.item_id, dt_util.as_local(play.began).date()) for play in plays}


async def stored(house: Household) -> list[Viewing]:
    """Give everything in the store."""
    return list(await house.runtime.store.viewings.history(limit=10_000))


@pytest.mark.parametrize(
    ("source", "reported"),
    [
        ("jellystat", ReportSource.JELLYSTAT),
        ("playback_reporting", ReportSource.PLAYBACK_REPORTING),
    ],
)
async def test_every_play_becomes_a_viewing_once(
    house: Household,
    source: str,
    reported: ReportSource,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Page by page; again adds nothing; others leave no trace."""
    monkeypatch.setattr(jellystat, "_PAGE", 7)
    monkeypatch.setattr(playback_reporting, "_PAGE", 7)
    caplog.set_level(logging.DEBUG, "custom_components.showrunner")
    events: list[tuple[str, Any]] = []
    house.runtime.signals.subscribe(Topic.JOB, lambda kind, texts: events.append((kind, texts)))
    texts: list[str] = []
    house.runtime.signals.subscribe(Topic.PLAYBACK, lambda kind, _: texts.append(kind))
    expected = days(plays_of(house))
    assert len(expected) > 20

    answer = await imported(house, source)
    assert (answer["imported"], answer["known"]) == (len(expected), 0)
    viewings = await stored(house)
    assert {(v.unit.item_id, v.day) for v in viewings} == expected
    assert {v.viewer_id for v in viewings} == {house.user("Sofa").id}
    assert all(v.sources == {reported} and v.unit.ids and v.runtime for v in viewings)
    whole = {p.entry.item_id for p in plays_of(house) if int(p.seconds) >= 0.85 * p.entry.seconds}
    by_position = {p.entry.item_id for p in plays_of(house) if p.position >= 0.85 * p.entry.seconds}
    done = {v.unit.item_id for v in viewings if v.completed}
    assert done == (by_position if source == "jellystat" else whole)
    for viewing in viewings[:5]:
        mark = await house.runtime.store.watched.is_watched(viewing.viewer_id, viewing.unit)
        assert (mark is not None) == (viewing.unit.item_id in done)

    again = await imported(house, source)
    assert (again["imported"], again["known"]) == (0, len(expected))
    assert await stored(house) == viewings
    assert [(kind, texts["imported"]) for kind, texts in events] == [
        ("done", len(expected)),
        ("done", 0),
    ]
    assert texts == []  # no milestone is told of what lies years back
    content = await house.hass.async_add_executor_job(
        database_path(house.hass, house.entry.entry_id).read_bytes
    )
    for other in ("Kitchen", "Attic"):
        assert house.user(other).id.encode() not in content
        assert house.user(other).id not in caplog.text


async def test_both_sources_tell_the_same_plays(house: Household) -> None:
    """The second one finds the first one's viewings; nothing is doubled."""
    first = await imported(house, "jellystat")
    before = {v.key: v for v in await stored(house)}
    second = await imported(house, "playback_reporting")
    assert (second["imported"], second["known"]) == (0, first["imported"])
    after = {v.key: v for v in await stored(house)}
    assert after.keys() == before.keys()
    assert all(after[key].completed == before[key].completed for key in before)
    assert {v.watched for v in after.values()} == {v.watched for v in before.values()}
    assert {source for v in after.values() for source in v.sources} == {
        ReportSource.JELLYSTAT,
        ReportSource.PLAYBACK_REPORTING,
    }


async def test_played_flags_are_marks_and_no_viewings(house: Household) -> None:
    """Jellyfin keeps no plays; what it has as played is watched, since when it says."""
    world, sofa = house.servers.world, house.user("Sofa").id
    played = [item for (user, item), data in world.data.items() if user == sofa and data.played]
    answer = await imported(house, "jellyfin")
    assert answer["imported"] + answer["known"] == len(played)
    assert answer["rejected"] == 0
    assert await stored(house) == []
    again = await imported(house, "jellyfin")
    assert (again["imported"], again["known"]) == (0, len(played))
    await imported(house, "jellystat")
    film = next(v for v in await stored(house) if v.unit.item_id == by_name(FILM).item_id)
    mark = await house.runtime.store.watched.is_watched(sofa, film.unit)
    assert mark is not None
    assert mark.source is MarkSource.JELLYFIN


async def test_rows_that_lie_are_counted_and_spoil_nothing(house: Household) -> None:
    """Each with its reason; the rest is imported."""
    state, now = house.servers.jellystat_state, dt_util.utcnow()
    one, kitchen = state.plays[-1], house.user("Kitchen")
    sofas = next(play for play in reversed(state.plays) if play.user.name == "Sofa")
    good = len(days(plays_of(house)))
    state.plays += [
        replace(sofas, id="future", began=now + timedelta(days=2)),
        replace(sofas, id="negative", seconds=-5.0),
        replace(sofas, id=sofas.id),
        replace(one, id="other", user=kitchen),
    ]
    state.plays.insert(0, replace(sofas, id="old", began=now - timedelta(days=365 * 40)))
    answer = await imported(house, "jellystat")
    assert answer["imported"] == good
    reasons = answer["reasons"]
    assert {why: reasons[why] for why in ("future", "unreadable", "duplicate", "before_2000")} == {
        "future": 1,
        "unreadable": 1,
        "duplicate": 1,
        "before_2000": 1,
    }
    assert answer["rejected"] == sum(reasons.values())
    assert "untracked" not in reasons  # nobody else's plays are even asked for


@pytest.mark.parametrize("source", ["jellystat", "playback_reporting"])
async def test_a_failure_in_the_middle_says_what_was_saved_and_the_next_run_goes_on(
    house: Household, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service goes while pages are read: an error, no empty history."""
    monkeypatch.setattr(jellystat, "_PAGE", 7)
    monkeypatch.setattr(playback_reporting, "_PAGE", 7)
    path = {"jellystat": "getUserHistory", "playback_reporting": "submit_custom_query"}[source]
    server = {"jellystat": house.servers.jellystat, "playback_reporting": house.servers.jellyfin}
    events: list[tuple[str, Any]] = []
    house.runtime.signals.subscribe(Topic.JOB, lambda kind, result: events.append((kind, result)))
    saved = house.runtime.store.viewings.import_many

    async def and_then_it_dies(viewings: Any) -> Any:
        result = await saved(viewings)
        server[source].liar.tell(Lie(LieKind.ERROR, path))
        return result

    monkeypatch.setattr(house.runtime.store.viewings, "import_many", and_then_it_dies)
    with pytest.raises(HomeAssistantError) as caught:
        await imported(house, source)
    assert caught.value.translation_key == "import_failed"
    before = len(await stored(house))
    placeholders = caught.value.translation_placeholders or {}
    assert placeholders["imported"] == str(before)
    assert before > 0
    ((kind, result),) = events
    assert (kind, result["imported"]) == ("failed", before)
    server[source].liar.be_honest()
    monkeypatch.undo()
    answer = await imported(house, source)
    expected = days(plays_of(house))
    assert answer["imported"] + before == len(expected) == len(await stored(house))


async def test_items_that_cannot_be_told_are_not_taken_for_gone(house: Household) -> None:
    """Jellyfin is down: nothing of the page is imported, under no bare id."""
    await house.servers.jellyfin.go_down()
    with pytest.raises(HomeAssistantError) as caught:
        await imported(house, "jellystat")
    assert caught.value.translation_key == "import_failed"
    assert await stored(house) == []
    await house.servers.jellyfin.come_back()
    assert (await imported(house, "jellystat"))["imported"] > 0


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (HalfRead(say("half_row_without_id")), "eine Zeile hat keine ID."),
        (ServiceError("Jellyfin", "It is closed."), "Jellyfin: It is closed."),
    ],
)
async def test_why_it_stopped_is_a_sentence_of_its_own(
    house: Household, monkeypatch: pytest.MonkeyPatch, error: Exception, text: str
) -> None:
    """In Home Assistant's language, in the answer and in Activity; with one stop."""
    house.hass.config.language = "de"
    await async_load(house.hass)
    monkeypatch.setattr(house.runtime.library, "sweep", AsyncMock(side_effect=error))
    events: list[Mapping[str, object]] = []
    house.runtime.signals.subscribe(Topic.JOB, lambda _, text: events.append(text))
    with pytest.raises(HomeAssistantError) as caught:
        await imported(house, "jellyfin")
    texts = await async_get_translations(house.hass, "de", "exceptions", [DOMAIN])
    message = texts[f"component.{DOMAIN}.exceptions.import_failed.message"]
    placeholders = caught.value.translation_placeholders or {}
    assert message.format(**placeholders).startswith(f"{text} Der Import wurde abgebrochen;")
    (event,) = events
    assert german(words_of(event["reason"])).rstrip(".") == text.rstrip(".")


async def test_an_item_that_is_gone_keeps_its_play(house: Household) -> None:
    """By its id and its name."""
    world, film = house.servers.world, by_name(FILM)
    del world.films[film.item_id]
    await imported(house, "jellystat")
    found = [v for v in await stored(house) if v.unit.item_id == film.item_id]
    assert [(v.unit.name, v.runtime, v.completed) for v in found] == [(FILM, None, False)]


@pytest.fixture
def intro(monkeypatch: pytest.MonkeyPatch) -> Film:
    """Make a film what the plugin for intros makes: a plain video."""
    film, write = by_name(FILM), jellyfin_dto._film

    def as_video(one: Film) -> Any:
        return write(one) | ({"Type": "Video"} if one.item_id == film.item_id else {})

    monkeypatch.setattr(jellyfin_dto, "_film", as_video)
    return film


async def test_an_intro_before_the_film_is_no_movie(intro: Film, house: Household) -> None:
    """Jellystat keeps its plays as if it were one; it is there, so no film is gone."""
    await imported(house, "jellystat")
    assert [v for v in await stored(house) if v.unit.item_id == intro.item_id] == []


@pytest.mark.parametrize("damage", ["down", "empty"])
async def test_a_jellystat_without_its_database_is_no_empty_history(
    house: Household, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it dies, stays silent or says that there is nothing."""
    monkeypatch.setattr(jellystat, "_QUICK", 0.3)
    state = house.servers.jellystat_state
    if damage == "down":
        state.database_down = True
    else:
        state.plays = []
    with pytest.raises(HomeAssistantError) as caught:
        await imported(house, "jellystat")
    assert caught.value.translation_key == "import_failed"
    assert await stored(house) == []


async def test_the_grouped_history_is_better_than_none(house: Household) -> None:
    """A Jellystat that can't tell a user's plays: episodes whole, of each film the last play."""
    house.servers.jellystat_state.is_grouped_only = True
    answer = await imported(house, "jellystat")
    items = {play.entry.item_id for play in plays_of(house)}
    assert {v.unit.item_id for v in await stored(house)} == items
    assert answer["imported"] >= len(items)
    assert answer["reasons"]["untracked"] > 0


async def test_a_plugin_that_is_not_there_is_said_so(house: Household) -> None:
    """In words that help."""
    house.servers.jellyfin_state.reporting.installed = False
    with pytest.raises(HomeAssistantError) as caught:
        await imported(house, "playback_reporting")
    assert "not installed" in (caught.value.translation_placeholders or {})["error"]


async def test_what_we_saw_ourselves_stays_one_viewing(house: Household) -> None:
    """A film of ours over midnight: the import's second day is no second viewing."""
    state, film = house.servers.jellystat_state, by_name("Double Parking")
    sofa, entry = house.user("Sofa"), house.servers.world.films[film.item_id]
    await imported(house, "jellystat")
    one = next(v for v in await stored(house) if v.unit.item_id != film.item_id)
    midnight = dt_util.start_of_local_day() - timedelta(days=40)
    found = (await house.runtime.library.lookup([film.item_id]))[film.item_id]
    assert isinstance(found, Known)
    unit = found.value.unit
    assert unit is not None
    ours = replace(
        one,
        unit=unit,
        day=(midnight - timedelta(hours=1)).date(),
        started_at=dt_util.as_utc(midnight - timedelta(minutes=30)),
        ended_at=dt_util.as_utc(midnight + timedelta(minutes=30)),
        completed=True,
    )
    await house.runtime.store.viewings.save(ours)
    count = len(await stored(house))
    begun = dt_util.as_utc(midnight + timedelta(minutes=10))
    template = next(play for play in state.plays if play.user.name == "Sofa")
    state.plays.append(
        replace(template, id="second", user=sofa, entry=entry, began=begun, seconds=5, position=5)
    )
    state.plays.sort(key=lambda play: play.began)
    answer = await imported(house, "jellystat")
    assert answer["imported"] == 0
    assert len(await stored(house)) == count


async def test_one_import_at_a_time(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one names the first; an unloaded entry ends it."""
    asked = asyncio.Event()

    async def never(_: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(house.runtime.library, "lookup", never)
    first = asyncio.ensure_future(imported(house, "jellystat"))
    await asyncio.wait_for(asked.wait(), 60)
    with pytest.raises(HomeAssistantError) as caught:
        await imported(house, "playback_reporting")
    assert caught.value.translation_key == "import_running"
    assert (caught.value.translation_placeholders or {})["source"] == "jellystat"
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    with pytest.raises(HomeAssistantError) as ended:
        await first
    assert ended.value.translation_key == "import_failed"


async def test_only_administrators_import(house: Household, hass_read_only_user: MockUser) -> None:
    """It writes history for everybody."""
    with pytest.raises(Unauthorized):
        await house.hass.services.async_call(
            DOMAIN,
            "import_history",
            {"source": "jellystat"},
            blocking=True,
            return_response=True,
            context=Context(user_id=hass_read_only_user.id),
        )
    assert await stored(house) == []


async def test_the_jellystat_that_is_meant_is_known(house: Household) -> None:
    """One needs no name; a wrong name is refused."""
    (subentry_id,) = house.runtime.links.of(JellystatCoordinator)
    assert (await imported(house, "jellystat", service=subentry_id))["imported"] > 0
    with pytest.raises(ServiceValidationError) as caught:
        await imported(house, "jellystat", service="other")
    assert caught.value.translation_key == "jellystat_unknown"


async def test_without_viewers_there_is_nobody_to_import_for(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """It says so instead of answering nothing."""
    from homeassistant.setup import async_setup_component

    from .household import entry_for, living

    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    async with living(hass, servers, client, entry_for(servers, viewers=())) as house:
        with pytest.raises(ServiceValidationError) as caught:
            await imported(house, "playback_reporting")
        assert caught.value.translation_key == "nobody_tracked"
        with pytest.raises(ServiceValidationError) as caught:
            await imported(house, "jellystat")
        assert caught.value.translation_key == "jellystat_unknown"


async def rewatched(house: Household) -> dict[str, Any]:
    """Give what the decision says of the viewings of the film."""
    answer = await house.hass.services.async_call(
        DOMAIN,
        "decide",
        {"jellyfin_item_id": by_name(FILM).item_id, "viewer": "Sofa"},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    findings: Any = answer["findings"]
    return next(finding for finding in findings if finding["rule"] == "rewatch")


def play_again(house: Household, days_ago: float, seconds: float) -> None:
    """Have Jellystat know of another play of the film."""
    plays = house.servers.jellystat_state.plays
    film = by_name(FILM).item_id
    one = next(p for p in plays if p.entry.item_id == film and p.user.name == "Sofa")
    began = dt_util.utcnow() - timedelta(days=days_ago)
    again = replace(one, id=f"{days_ago}", began=began, seconds=seconds, position=seconds)
    plays.append(again)
    plays.sort(key=lambda play: play.began)


async def test_jellystats_count_decides_too(house: Household) -> None:
    """The most of all counts: whole plays within the window, each day once."""
    assert (await rewatched(house))["answer"] == "no"
    play_again(house, 20, 2)  # not to its end
    play_again(house, 200, 5)  # too long ago
    play_again(house, 9.0001, 5)  # the same day once more
    found = await rewatched(house)
    assert (found["answer"], found["value"]) == ("no", 1)
    play_again(house, 30, 5)
    found = await rewatched(house)
    assert (found["answer"], found["value"], found["source"]) == ("yes", 2, "jellystat")


async def test_a_jellystat_that_is_down_freezes_only_what_it_could_change(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the rewatch it might know better; at or beyond it nothing can be taken away."""
    (coordinator,) = house.runtime.links.of(JellystatCoordinator).values()
    asked = Mock(wraps=coordinator.client.plays)
    monkeypatch.setattr(coordinator.client, "plays", asked)
    house.servers.jellystat_state.database_down = True
    assert (await rewatched(house))["answer"] == "unknown"
    data = house.servers.world.userdata(house.user("Sofa").id, by_name(FILM).item_id)
    data.play_count = 2
    before = asked.call_count
    assert (await rewatched(house))["answer"] == "yes"
    assert asked.call_count == before
    data.play_count = 1
    await coordinator.async_refresh()
    assert (await rewatched(house))["answer"] == "unknown"
    assert asked.call_count == before  # nobody waits for it twice


async def test_what_was_imported_asks_for_nothing(house: Household) -> None:
    """Not at the next start either, when what was missed is taken in."""
    runtime, film = house.runtime, by_name(FILM)
    item = await runtime.jellyfin.client.item(film.item_id, None)
    assert item is not None
    now = dt_util.utcnow()
    viewing = Viewing(
        viewer_id=house.user("Sofa").id,
        unit=item.unit,
        day=now.date(),
        started_at=now - timedelta(hours=2),
        ended_at=now - timedelta(minutes=5),
        watched=6000.0,
        position=6000.0,
        runtime=6000.0,
        completed=True,
        finished=True,
        sources=frozenset({ReportSource.JELLYSTAT}),
    )
    await runtime.store.viewings.import_many([viewing])
    await runtime.jobs.named("download").catch_up()
    assert await house.acquisitions(FILM) == ()
    # Ours, though another kept it as well.
    await runtime.store.viewings.save(replace(viewing, sources=frozenset({ReportSource.POLL})))
    await runtime.jobs.named("download").catch_up()
    assert len(await house.acquisitions(FILM)) == 1
