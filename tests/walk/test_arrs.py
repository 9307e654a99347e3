"""What Radarr and Sonarr tell of requests: by webhooks alone, by polls alone, in a real `hass`."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime, timedelta
import json
import logging
from typing import Any
from unittest.mock import Mock

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.clients import radarr_models
from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.clients.parse import Json
from custom_components.showrunner.coordinators import arr as looking, arr_turns
from custom_components.showrunner.coordinators.request_view import RequestView
from custom_components.showrunner.coordinators.runtimes import Runtimes
from custom_components.showrunner.domain.library import ItemKind, LibraryItem
from custom_components.showrunner.domain.media import MOVIE, Place, ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.requests import unit
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Facts,
    Inventory,
    JellyfinPresence,
    Transfer,
    Trouble,
)
from custom_components.showrunner.domain.requests.report import About, Report
from custom_components.showrunner.domain.requests.request import (
    Request,
    RequestState,
    StuckReason,
)
from custom_components.showrunner.webhooks import registration
from world import sonarr_webhooks
from world.lies import Lie, LieKind
from world.servers import Servers
from world.shows import show_by_name
from world.sonarr_library import Series

from .arrs import (
    HOOKS,
    arr,
    ask_for,
    entry_with_arrs,
    house_with_arrs,
    request_for,
    status,
)
from .household import Household, living, until

PACK = "Station of Clouds"
ROAD = "The Salt Road"
FILM = "Copper Sky"
DATES = ("inCinemas", "digitalRelease", "physicalRelease", "releaseDate")


@pytest.fixture
async def house(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Live with a Radarr and a Sonarr that were told to call us."""
    blind(servers)
    async with house_with_arrs(hass, servers, hass_client_no_auth) as made:
        await until(lambda: connected(made), what="both arrs have our webhook")
        yield made


def blind(servers: Servers) -> None:
    """Let Jellyfin say of no title whether it has it: what is told is the arrs' word alone."""
    servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/Items"))


def connected(house: Household) -> bool:
    """Tell whether both arrs call us."""
    states = (house.servers.radarr_state, house.servers.sonarr_state)
    return all(len(state.connect.notifications) == 1 for state in states)


def add(house: Household, name: str, **how: Any) -> Series:
    """Have a series in Sonarr that nobody has yet."""
    return house.servers.sonarr_state.library.add(show_by_name(name), **how)


def search(house: Household, series: Series) -> None:
    """Have Sonarr search for what is missing."""
    house.servers.sonarr_state.searches.begin("SeriesSearch", {"seriesId": series.id})


async def look(house: Household, kind: str) -> None:
    """Look at an arr now, at everything."""
    coordinator = arr(house, kind)
    coordinator._full_at = None
    await coordinator.async_refresh()


@pytest.mark.parametrize("kind", ["radarr", "sonarr"])
async def test_every_look_at_a_quiet_arr_is_a_whole_one(
    house: Household, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A timer that fires a little early leaves none out: a minute would become two."""
    coordinator = arr(house, kind)
    history = coordinator.client.history_since
    read: list[int] = []

    async def counted(since: datetime) -> Any:
        read.append(number)
        return await history(since)

    monkeypatch.setattr(coordinator.client, "history_since", counted)
    begun = dt_util.utcnow() + looking.INTERVAL
    for number in range(12):
        late = timedelta(seconds=(0.4, -0.5, 0.0)[number % 3])
        clock = Mock(utcnow=Mock(return_value=begun + number * looking.INTERVAL + late))
        monkeypatch.setattr(looking, "dt_util", clock)
        await coordinator.async_refresh()
        assert coordinator.last_update_success
    # Its own timer may come in between: what counts is that none is left out.
    assert list(dict.fromkeys(read)) == list(range(12))


def deaf(house: Household, kind: str) -> None:
    """Let no poll reach the arr any more."""
    house.servers.all[kind].liar.tell(Lie(LieKind.ERROR, "/api/v3"))


def mute(house: Household) -> None:
    """Let no webhook come."""
    house.servers.radarr_state.connect.mute = True
    house.servers.sonarr_state.connect.mute = True


def units(house: Household, number: int = 1) -> dict[RequestState, int]:
    """Count a series' episodes by state."""
    return dict(status(house, number).episodes)


def told(house: Household, number: int = 1) -> list[Any]:
    """List a request's facts."""
    return list(house.runtime.requests.facts(f"seerr:x:{number}"))


# --- the two ways ----------------------------------------------------------------------------


async def test_a_season_by_webhooks_alone(house: Household) -> None:
    """Grab, every file, the whole pack; no poll is answered any more."""
    await ask_for(house, request_for(PACK, seasons=(1,)))
    series = add(house, PACK, seasons=[1])
    deaf(house, "sonarr")
    seen: list[RequestState] = []
    house.runtime.requests.add_listener(lambda view: seen.append(view.status.state))
    search(house, series)
    await until(lambda: units(house) == {RequestState.IMPORTING: 3})
    assert RequestState.GRABBING in seen
    assert status(house).attempts == 3  # one for each episode
    # It was all hints: no fact was taken from them, and nothing else was learnt.
    assert [fact.kind for fact in told(house)] == [EventKind.APPROVED]
    view = house.runtime.requests.find("seerr:x:1")
    assert view is not None
    assert (view.request.arr, view.request.anime) == (None, False)
    house.servers.sonarr.liar.be_honest()
    await look(house, "sonarr")
    assert units(house) == {RequestState.IMPORTING: 3}
    view = house.runtime.requests.find("seerr:x:1")
    assert view is not None
    assert view.request.arr == (arr(house, "sonarr").subentry_id, series.id)
    assert view.request.anime is True
    kinds = [fact.kind for fact in told(house) if isinstance(fact, Event) and fact.place]
    assert kinds.count(EventKind.GRABBED) == kinds.count(EventKind.IMPORTED) == 3


async def test_a_season_by_polls_alone(house: Household) -> None:
    """The same in the end, and the names that webhooks don't tell."""
    mute(house)
    await ask_for(house, request_for(PACK, seasons=(1,)))
    series = add(house, PACK, seasons=[1])
    await look(house, "sonarr")
    assert units(house) == {RequestState.APPROVED: 3}
    house.servers.world.pace = house.servers.world.pace.__class__(
        search=0.05, grab=0.02, download=1.5
    )
    search(house, series)
    await until(lambda: bool(house.servers.sonarr_state.library.queue))

    async def downloading() -> bool:
        await look(house, "sonarr")
        return units(house) == {RequestState.DOWNLOADING: 3} and status(house).progress > 0

    await until(downloading)
    assert arr(house, "sonarr").update_interval == looking.BUSY
    transfers = [fact for fact in told(house) if isinstance(fact, Transfer)]
    assert len(transfers) == 1
    await until(lambda: not house.servers.sonarr_state.library.queue)
    await look(house, "sonarr")
    assert units(house) == {RequestState.IMPORTING: 3}
    view = house.runtime.requests.find("seerr:x:1")
    assert view is not None
    assert view.request.anime is True
    assert "雲の駅" in view.request.other_titles
    assert view.request.poster == "https://artworks.example/880201.jpg"
    inventory = {fact.place: fact for fact in told(house) if isinstance(fact, Inventory)}
    assert set(inventory) == {Place(1, 1), Place(1, 2), Place(1, 3)}
    assert inventory[Place(1, 2)].path.endswith("Season 01/Station of Clouds - S01E02 - Mist.mkv")
    assert house.servers.sonarr_state.connect.sent[1:] == []


async def test_a_film_by_webhooks_alone(house: Household) -> None:
    """Grab and import."""
    await ask_for(house, request_for(FILM))
    state = house.servers.radarr_state
    movie = next(one for one in state.library.movies.values() if one.film.name == FILM)
    deaf(house, "radarr")
    state.searches.begin("MoviesSearch", [movie.id], {})
    await until(lambda: status(house).state is RequestState.GRABBING)
    await until(lambda: status(house).state is RequestState.IMPORTING)
    assert status(house).attempts == 1


async def test_a_film_by_polls_alone(house: Household) -> None:
    """The same."""
    mute(house)
    await ask_for(house, request_for(FILM))
    state = house.servers.radarr_state
    movie = next(one for one in state.library.movies.values() if one.film.name == FILM)
    state.searches.begin("MoviesSearch", [movie.id], {})
    await until(lambda: movie.file_id > 0)
    await look(house, "radarr")
    assert status(house).state is RequestState.IMPORTING
    assert status(house).attempts == 1


@pytest.mark.parametrize("available", [True, False])
async def test_a_film_without_a_date_is_out_when_radarr_says_so(
    house: Household, monkeypatch: pytest.MonkeyPatch, *, available: bool
) -> None:
    """Nobody knows since when; but it does not wait unseen for ever. Else it is only announced."""
    mute(house)
    read = radarr_models.movie

    def undated(row: Json) -> radarr_models.RadarrMovie:
        without = {key: value for key, value in row.items() if key not in DATES}
        return read(without | {"isAvailable": available})

    monkeypatch.setattr(radarr_models, "movie", undated)
    await ask_for(house, request_for(FILM))
    await look(house, "radarr")
    (known,) = (
        fact
        for view in house.runtime.requests.waiting
        for fact in house.runtime.requests.facts(view.request.id)
        if isinstance(fact, Inventory)
    )
    state = house.servers.radarr_state
    movie = next(one for one in state.library.movies.values() if one.film.name == FILM)
    assert known.aired_at == (movie.added.replace(microsecond=0) if available else None)


async def test_what_happened_before_the_request_was_heard_of_is_found(house: Household) -> None:
    """Seerr's poll comes after everything: a failure is nowhere but in the history."""
    mute(house)
    series = add(house, "The Broken Reel")
    asked = request_for("The Broken Reel", seasons=(1,))
    search(house, series)
    library = house.servers.sonarr_state.library
    await until(lambda: sum(r["eventType"] == "downloadFailed" for r in library.history) == 2)
    await look(house, "sonarr")
    await ask_for(house, asked)
    await look(house, "sonarr")
    assert status(house).state is RequestState.FAILED
    stuck = status(house).stuck
    assert stuck is not None
    assert (stuck.reason, stuck.message) == (
        StuckReason.DOWNLOAD_FAILED,
        "The download failed: no seeds left",
    )


async def test_an_old_history_of_the_title_is_nobodys_attempt(house: Household) -> None:
    """The film was fetched, failed and deleted long before somebody asked for it."""
    mute(house)
    state = house.servers.radarr_state
    movie = next(one for one in state.library.movies.values() if one.film.name == FILM)
    state.library.record(movie, "grabbed", "A" * 40, movie.added)
    state.library.record(movie, "downloadFailed", "A" * 40, movie.added + timedelta(hours=1))
    await ask_for(house, request_for(FILM))
    await look(house, "radarr")
    assert (status(house).state, status(house).attempts) == (RequestState.APPROVED, 0)


# --- what can happen on the way --------------------------------------------------------------


async def test_a_replaced_grab_is_a_second_attempt(house: Household) -> None:
    """The first one fails, another release is grabbed."""
    mute(house)
    await ask_for(house, request_for(FILM))
    library = house.servers.radarr_state.library
    movie = next(one for one in library.movies.values() if one.film.name == FILM)
    now = house.servers.world.founded
    library.record(movie, "grabbed", "A" * 40, now)
    library.record(movie, "downloadFailed", "A" * 40, now + timedelta(seconds=2))
    await look(house, "radarr")
    assert status(house).state is RequestState.FAILED
    library.record(movie, "grabbed", "B" * 40, now + timedelta(seconds=4))
    await look(house, "radarr")
    assert (status(house).state, status(house).attempts) == (RequestState.GRABBING, 2)


@pytest.mark.parametrize("way", ["webhook", "poll"])
async def test_a_manual_import_has_no_download(house: Household, way: str) -> None:
    """It is known by its file, and both ways tell of the same one."""
    await ask_for(house, request_for(ROAD, seasons=(1,)))
    series = add(house, ROAD)
    if way == "poll":
        mute(house)
    state = house.servers.sonarr_state
    for part in series.parts:
        state.searches.import_part(series, part)
    if way == "webhook":
        await until(lambda: units(house).get(RequestState.IMPORTING) == 3)
    await look(house, "sonarr")
    assert units(house) == {RequestState.IMPORTING: 3}
    downloads = {f.download for f in told(house) if isinstance(f, Event) and f.place}
    assert downloads == {f"file:{part.file_id}" for part in series.parts}
    assert status(house).attempts == 0


@pytest.mark.parametrize("way", ["webhook", "poll"])
async def test_a_blocked_import_says_why(house: Household, way: str) -> None:
    """In Sonarr's own words, and the pack goes on when it is mended."""
    await ask_for(house, request_for(PACK, seasons=(1,)))
    series = add(house, PACK, seasons=[1])
    searches = house.servers.sonarr_state.searches
    searches.blocked = "No files found are eligible for import"
    if way == "poll":
        mute(house)
    search(house, series)

    def trouble() -> list[str]:
        found = [fact for fact in told(house) if isinstance(fact, Transfer)]
        return [fact.message for fact in found if fact.trouble is Trouble.IMPORT_BLOCKED]

    async def blocked() -> bool:
        if way == "poll":
            await look(house, "sonarr")
        return trouble() == [searches.blocked]

    await until(blocked)
    assert units(house) == {RequestState.DOWNLOADED: 3}
    searches.blocked = ""
    await until(lambda: not house.servers.sonarr_state.library.queue)
    await look(house, "sonarr")
    assert units(house) == {RequestState.IMPORTING: 3}


@pytest.mark.parametrize("way", ["webhook", "poll"])
async def test_a_deleted_file_takes_its_episode_back(house: Household, way: str) -> None:
    """Only that one."""
    await ask_for(house, request_for(ROAD, seasons=(1,)))
    series = add(house, ROAD)
    state = house.servers.sonarr_state
    for part in series.parts:
        state.searches.import_part(series, part)
    await look(house, "sonarr")
    # Sonarr's clock tells whole seconds: what happens within one has no order.
    started = house.hass.loop.time()
    await until(lambda: house.hass.loop.time() - started > 1.1)
    if way == "poll":
        mute(house)
    state.searches.delete_file(series, series.parts[1])

    async def gone() -> bool:
        if way == "poll":
            await look(house, "sonarr")
        return units(house) == {RequestState.IMPORTING: 2, RequestState.APPROVED: 1}

    await until(gone)


@pytest.mark.parametrize("way", ["webhook", "poll"])
async def test_a_series_that_was_deleted_has_no_files_any_more(
    house: Household, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its history went with it: the poll finds that nothing is there, twice."""
    monkeypatch.setattr(unit, "_SKEW", timedelta())  # how far clocks may differ has its own tests
    await ask_for(house, request_for(ROAD, seasons=(1,)))
    series = add(house, ROAD)
    for part in series.parts:
        house.servers.sonarr_state.searches.import_part(series, part)
    await look(house, "sonarr")
    assert units(house) == {RequestState.IMPORTING: 3}
    if way == "poll":
        mute(house)
    client = arr(house, "sonarr").client
    await client._http.request("DELETE", f"/series/{series.id}?deleteFiles=true")
    if way == "webhook":  # it has Sonarr looked at, now and once more
        await until(lambda: units(house) == {RequestState.APPROVED: 3})
        return
    await look(house, "sonarr")
    assert units(house) == {RequestState.IMPORTING: 3}
    await look(house, "sonarr")
    await look(house, "sonarr")
    assert units(house) == {RequestState.APPROVED: 3}


async def test_a_series_that_sonarr_does_not_have_says_nothing(house: Household) -> None:
    """It is not there yet; and an empty or broken list does not take it away later."""
    await ask_for(house, request_for(ROAD, seasons=(1,)))
    await look(house, "sonarr")
    assert not [fact for fact in told(house) if isinstance(fact, Inventory)]
    series = add(house, ROAD)
    for part in series.parts:
        house.servers.sonarr_state.searches.import_part(series, part)
    await look(house, "sonarr")
    before = units(house)
    assert before == {RequestState.IMPORTING: 3}
    for kind in (LieKind.EMPTY, LieKind.HALF_PAGE, LieKind.ERROR, LieKind.HTML):
        for path in ("/api/v3/series", "/api/v3/episode", "/api/v3/history"):
            house.servers.sonarr.liar.tell(Lie(kind, path))
            await look(house, "sonarr")
            await look(house, "sonarr")
            house.servers.sonarr.liar.be_honest()
            assert units(house) == before, (kind, path)


async def test_episodes_that_are_still_to_air_are_not_missing(house: Household) -> None:
    """Two of four have aired."""
    await ask_for(house, request_for("Tidal Office", seasons=(1,)))
    add(house, "Tidal Office")
    await look(house, "sonarr")
    assert units(house) == {RequestState.APPROVED: 2}


async def test_a_download_that_left_the_queue_is_missed(house: Household) -> None:
    """A healthy queue does not name it; one that can't be read says nothing."""
    mute(house)
    await ask_for(house, request_for(FILM))
    # It was looked for at once; from here on nobody looks but this test.
    await until(lambda: bool(house.runtime.requests.find("seerr:x:1").request.arr))  # type: ignore[union-attr]
    library = house.servers.radarr_state.library
    movie = next(one for one in library.movies.values() if one.film.name == FILM)
    library.record(movie, "grabbed", "A" * 40, house.servers.world.founded)
    await look(house, "radarr")
    for kind in (LieKind.ERROR, LieKind.HALF_PAGE, LieKind.HTML):
        house.servers.radarr.liar.tell(Lie(kind, "/queue"))
        library.queue = {i: {"id": i, "title": "x", "size": 1.0} for i in range(4)}
        await look(house, "radarr")
        house.servers.radarr.liar.be_honest()
    assert not [fact for fact in told(house) if isinstance(fact, Transfer)]
    library.queue = {}
    await look(house, "radarr")
    [missed] = [fact for fact in told(house) if isinstance(fact, Transfer)]
    assert (missed.trouble, missed.source) == (Trouble.MISSING, "queue")


# --- whose request it is ---------------------------------------------------------------------


async def test_a_4k_request_is_not_the_only_arrs_by_itself(house: Household) -> None:
    """The standard film being there says nothing of the 4K one; Seerr names its arr."""
    name = "Granite"
    radarr = arr(house, "radarr")
    film = next(
        one for one in house.servers.radarr_state.library.movies.values() if one.film.name == name
    )
    plain, sharp = request_for(name), request_for(name, 2, is_4k=True)
    named = request_for("Low Tide Waltz", 3, is_4k=True)
    other = next(
        one
        for one in house.servers.radarr_state.library.movies.values()
        if one.film.name == "Low Tide Waltz"
    )
    await ask_for(house, plain, sharp, replace(named, arr=(radarr.subentry_id, other.id)))
    await look(house, "radarr")
    assert film.file_id
    states = [status(house, number).state for number in (1, 2, 3)]
    assert states == [RequestState.IMPORTING, RequestState.APPROVED, RequestState.IMPORTING]


async def test_with_two_sonarrs_a_request_waits_to_be_told_whose_it_is(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Both may hold the title; only the named one's word counts, by poll and by webhook."""
    blind(servers)
    async with house_with_arrs(hass, servers, hass_client_no_auth, more=1) as house:
        first, second = house.runtime.sonarrs
        series = add(house, ROAD)
        mine = replace(request_for(ROAD, 2, seasons=(1,)), arr=(first, series.id))
        others = replace(request_for(ROAD, 3, seasons=(1,)), arr=(second, series.id))
        await ask_for(house, request_for(ROAD, seasons=(1,)), mine, others)
        for part in series.parts:
            servers.sonarr_state.searches.import_part(series, part)
        body = sonarr_webhooks.grab(series, series.parts, "A" * 40)
        answer = await house.client.post(f"/api/webhook/{HOOKS['sonarr']}", json=body)
        assert answer.status == 200
        await until(lambda: RequestState.IMPORTING in units(house, 2) or bool(told(house, 2)[1:]))
        await look(house, "sonarr")
        assert units(house, 2) == {RequestState.IMPORTING: 3}
        assert units(house, 1) == units(house, 3) == {}


async def test_a_title_that_was_added_anew_has_another_number(house: Household) -> None:
    """By its ids it is the same."""
    series = add(house, ROAD)
    sonarr = arr(house, "sonarr")
    await ask_for(
        house, replace(request_for(ROAD, seasons=(1,)), arr=(sonarr.subentry_id, series.id))
    )
    del house.servers.sonarr_state.library.series[series.id]
    again = add(house, ROAD)
    house.servers.sonarr_state.searches.import_part(again, again.parts[0])
    await look(house, "sonarr")
    assert units(house)[RequestState.IMPORTING] == 1
    view = house.runtime.requests.find("seerr:x:1")
    assert view is not None
    assert view.request.arr == (sonarr.subentry_id, again.id)


async def test_a_settled_request_hears_of_its_deletion(house: Household) -> None:
    """By history and webhook, and by its turn in the slow round."""
    name = "Granite"
    await ask_for(house, request_for(name))
    await look(house, "radarr")
    view = house.runtime.requests.find("seerr:x:1")
    assert view is not None
    now = house.servers.world.founded + timedelta(minutes=1)
    about = About(ref=view.request.ref)
    await house.runtime.requests.ingest([Report(about, (JellyfinPresence(MOVIE, now, seen=True),))])
    assert status(house).settled
    library = house.servers.radarr_state.library
    movie = next(one for one in library.movies.values() if one.film.name == name)
    mute(house)
    movie.file_id = 0
    for _ in range(3):
        await look(house, "radarr")
    facts = await house.runtime.requests.all_facts("seerr:x:1")
    [inventory] = [fact for fact in facts if isinstance(fact, Inventory)]
    assert inventory.has_file is False
    assert inventory.before is not None


async def test_what_is_settled_has_its_turn_within_a_quarter_of_an_hour(house: Household) -> None:
    """By polls alone: a title that is deleted in Radarr says so nowhere."""
    await ask_for(house, request_for("Granite"))
    view = house.runtime.requests.find("seerr:x:1")
    assert view is not None
    one = arr(house, "radarr")
    settled = replace(view.status, settled=True)
    names = frozenset(map(str, range(100)))
    for name in names:
        request = replace(view.request, id=name, ref=name)
        house.runtime.requests._hold(RequestView(request, settled), Facts(), None)
    seen: set[str] = set()
    for _ in range(15):
        turn = [two.request.id for two in one._turns.turn(set())]
        assert len(turn) <= 20
        seen |= set(turn)
        one._turns.were_read(turn, dt_util.utcnow())
    assert seen >= names


async def test_how_a_title_came_that_is_all_there_is_asked_in_its_next_turn(
    house: Household,
) -> None:
    """Jellyfin shows most of them before that: then nobody asks."""
    mute(house)
    one = arr(house, "radarr")

    def histories() -> int:
        return sum("/history/movie?" in call.path for call in house.servers.radarr.calls)

    await ask_for(house, request_for("Granite"), request_for(FILM, 2))
    await until(lambda: one._turns.was_read("seerr:x:1") and one._turns.was_read("seerr:x:2"))
    assert histories() == 1
    await look(house, "radarr")
    assert histories() == 2
    await look(house, "radarr")
    assert histories() == 2


async def test_thousands_that_are_new_are_read_on_until_all_were(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some at each look, in short intervals; from an arr that fails in long ones."""
    one, read = arr(house, "radarr"), list[str]()

    async def find(request: Request, at: datetime) -> None:
        if down:
            raise Unreachable("Radarr", "gone")
        read.append(request.id)

    monkeypatch.setattr(looking, "_LONGEST", -1.0)
    monkeypatch.setattr(looking, "MOST_WAITING", 2)
    monkeypatch.setattr(arr_turns, "MOST_WAITING", 1)
    monkeypatch.setattr(one, "look_soon", lambda: None)
    monkeypatch.setattr(one, "_find", find)
    down = False
    film = request_for(FILM)
    await ask_for(
        house,
        *(
            replace(film, id=name, ref=name, title=replace(film.title, ids=ProviderIds(tmdb=n)))
            for n in range(10_001, 10_009)
            for name in (f"seerr:x:{n}",)
        ),
    )
    one._full_at = None
    looks = []
    for number in range(5):
        down = number == 1
        one._full_at = None if number == 2 else one._full_at
        await one._fetch()
        looks.append((len(read), one.update_interval))
    assert [count for count, _ in looks] == [3, 3, 6, 8, 8]
    busy, idle = looking.BUSY, looking.INTERVAL
    assert [interval for _, interval in looks] == [busy, idle, busy, idle, idle]
    assert len(set(read)) == 8


# --- the door, and who opened it -------------------------------------------------------------


async def test_our_webhook_is_in_both_arrs_and_answers_their_test(house: Household) -> None:
    """It was called before the answer to its creation; both methods are taken."""
    for kind in ("radarr", "sonarr"):
        state = house.servers.radarr_state if kind == "radarr" else house.servers.sonarr_state
        [row] = state.connect.notifications.values()
        url = next(field["value"] for field in row["fields"] if field["name"] == "url")
        assert url.endswith(f"/api/webhook/{HOOKS[kind]}")
        [(_, code, body)] = state.connect.sent
        assert (code, body["eventType"]) == (200, "Test")
        for method in ("post", "put"):
            answer = await getattr(house.client, method)(f"/api/webhook/{HOOKS[kind]}", json=body)
            assert (answer.status, await answer.json()) == (200, {"accepted": True})
        wrong = await house.client.post(f"/api/webhook/{HOOKS[kind]}", json={"event": "x"})
        assert wrong.status == 400
    assert arr(house, "sonarr").inbox.ignored == arr(house, "sonarr").inbox.accepted


@pytest.mark.parametrize("kind", ["radarr", "sonarr"])
async def test_a_removed_link_takes_its_webhook_along(house: Household, kind: str) -> None:
    """And only its own."""
    [subentry] = house.entry.get_subentries_of_type(kind)
    house.hass.config_entries.async_remove_subentry(house.entry, subentry.subentry_id)
    await house.hass.async_block_till_done()
    state = {"radarr": house.servers.radarr_state, "sonarr": house.servers.sonarr_state}
    assert state.pop(kind).connect.notifications == {}
    [other] = state.values()
    assert len(other.connect.notifications) == 1
    assert house.entry.state.value == "loaded"


async def test_a_withdrawn_consent_and_another_address_of_the_same_server(house: Household) -> None:
    """No means out; a server under another name keeps exactly one."""
    entries, connect = house.hass.config_entries, house.servers.sonarr_state.connect
    [subentry] = house.entry.get_subentries_of_type("sonarr")
    other = house.servers.sonarr.url.replace("http://", "HTTP://")
    entries.async_update_subentry(house.entry, subentry, data={**subentry.data, "url": other})
    await house.hass.async_block_till_done()
    await until(lambda: len(connect.notifications) == 1)
    await until(lambda: len(connect.sent) == 2, what="it was added anew")
    [subentry] = house.entry.get_subentries_of_type("sonarr")
    entries.async_update_subentry(
        house.entry, subentry, data={**subentry.data, "add_webhook": False}
    )
    await house.hass.async_block_till_done()
    await until(lambda: connect.notifications == {})
    await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.hass.async_block_till_done()
    assert connect.notifications == {}


async def test_the_removed_entry_leaves_no_webhook(house: Household) -> None:
    """A person's own connections stay."""
    connect = house.servers.sonarr_state.connect
    [own] = connect.notifications.values()
    connect.notifications[77] = {**own, "id": 77, "fields": [{"name": "url", "value": "http://x"}]}
    await house.hass.config_entries.async_remove(house.entry.entry_id)
    await house.hass.async_block_till_done()
    assert list(connect.notifications) == [77]
    assert house.servers.radarr_state.connect.notifications == {}


async def test_without_consent_nothing_is_added(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """The door is open all the same, for whoever enters it by hand."""
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        await hass.async_block_till_done()
        assert servers.sonarr.called("GET", "/api/v3/notification") == []
        body = sonarr_webhooks.sample() | {"eventType": "Test"}
        answer = await house.client.post(f"/api/webhook/{HOOKS['sonarr']}", json=body)
        assert (await answer.json()) == {"accepted": True}


async def test_a_failed_registration_is_said_once_without_the_secret_and_tried_again(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Polling goes on meanwhile."""
    monkeypatch.setattr(registration, "AGAIN", timedelta(milliseconds=50))
    servers.sonarr.liar.tell(Lie(LieKind.ERROR, "/notification", times=3))
    with caplog.at_level(logging.WARNING, "custom_components.showrunner"):
        async with house_with_arrs(hass, servers, hass_client_no_auth) as house:
            await until(lambda: connected(house))
            assert arr(house, "sonarr").connected
    warned = [line for line in caplog.messages if "Could not add our webhook" in line]
    assert len(warned) == 1
    assert HOOKS["sonarr"] not in caplog.text


async def test_a_service_that_is_down_does_not_hold_up_its_removal(
    house: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """A person is told what is left over there."""
    await house.servers.sonarr.go_down()
    [subentry] = house.entry.get_subentries_of_type("sonarr")
    house.hass.config_entries.async_remove_subentry(house.entry, subentry.subentry_id)
    await house.hass.async_block_till_done()
    assert house.runtime.sonarrs == {}
    assert "Could not take our webhook out of Sonarr, remove it by hand" in caplog.text
    assert HOOKS["sonarr"] not in caplog.text


async def test_a_link_from_before_gets_a_door(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Without asking for anything on the other side, and without a reload for that."""
    entry = entry_with_arrs(servers, add_webhook=False)
    for subentry in entry.get_subentries_of_type("radarr"):
        data = {k: v for k, v in subentry.data.items() if k not in ("webhook_id", "add_webhook")}
        object.__setattr__(subentry, "data", data)
    await async_setup_component(hass, "webhook", {})
    async with living(hass, servers, await hass_client_no_auth(), entry) as house:
        assert house.entry.state is ConfigEntryState.LOADED
        [subentry] = house.entry.get_subentries_of_type("radarr")
        hook = subentry.data["webhook_id"]
        assert len(hook) == 64
        first = house.runtime
        await hass.async_block_till_done()
        assert house.runtime is first
        body = json.dumps({"eventType": "Health"})
        answer = await house.client.post(f"/api/webhook/{hook}", data=body)
        assert answer.status == 200


async def test_an_import_is_a_hint_for_jellyfin(house: Household) -> None:
    """Sonarr's files are told to Jellyfin too, at once."""
    world = house.servers.world
    world.needs_refresh = True
    series = add(house, ROAD)
    await until(lambda: len(house.servers.sonarr.called("GET", "/api/v3/history/since")) > 1)
    house.servers.sonarr_state.searches.import_part(series, series.parts[0])
    await until(lambda: bool([event for event in world.diary if event.kind == "refresh"]))
    assert series.parts[0].episode.item_id in world.episodes


async def test_the_arrs_know_how_long_something_is(house: Household) -> None:
    """Where neither the report nor the library tells a runtime; a dead arr is not waited for."""
    runtime = house.runtime
    runtimes = Runtimes(runtime.store, runtime.radarrs, runtime.sonarrs)
    film = next(iter(house.servers.radarr_state.library.movies.values())).film
    movie = Unit(UnitKind.MOVIE, "x", "s" * 32, "f" * 32, ids=ProviderIds(tmdb=film.tmdb))
    assert await runtimes.of(movie) == (80 + film.number) * 60
    show = show_by_name(PACK)
    add(house, PACK, seasons=[1])
    ids = ProviderIds(tvdb=show.tvdb)
    part = Unit(UnitKind.EPISODE, "x", "s" * 32, "e" * 32, series_ids=ids, season=1, episode=1)
    assert await runtimes.of(part) == 24 * 60
    assert await runtimes.of(replace(part, episode=999)) is None
    assert await runtimes.of(replace(part, series_ids=ProviderIds())) is None
    item = LibraryItem("s" * 32, "f" * 32, ItemKind.MOVIE, "x", ids=movie.ids, runtime=600.0)
    await runtime.store.library.take([item], 1)
    assert await runtimes.of(movie) == 600
    deaf(house, "sonarr")
    assert await runtimes.of(part) is None


async def test_the_look_that_a_start_waits_for_reads_no_title(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Queue and state are there at once; titles and history are read right after it."""
    one = arr(house, "sonarr")
    read: list[bool] = []

    async def titles(at: datetime, *, all_of_them: bool) -> None:
        read.append(all_of_them)

    monkeypatch.setattr(one, "_read_titles", titles)
    one.data = None  # type: ignore[assignment]
    data = await one._fetch()
    assert data.status.app_name == "Sonarr"
    assert read == []
    await until(lambda: read[:1] == [True])
