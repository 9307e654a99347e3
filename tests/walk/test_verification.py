"""Requests become available when Jellyfin shows them: by webhook, by polls, through Shoko."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.coordinators import availability, library_sweep, shoko
from custom_components.showrunner.coordinators.requests import RequestView
from custom_components.showrunner.domain.media import MOVIE, MediaType, Place, ProviderIds, Title
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Fact,
    Inventory,
    JellyfinPresence,
)
from custom_components.showrunner.domain.requests.request import (
    Closing,
    Request,
    RequestState,
    Stage,
)
from custom_components.showrunner.domain.requests.seasons import TheseSeasons
from tests.english import english
from world.catalogue import EPISODES, by_name
from world.clock import utcnow
from world.jellyfin_dto import path_of
from world.lies import Lie, LieKind
from world.servers import Servers

from .household import Household, entry_for, living, until, with_links

# Jellyfin has it, and no Radarr has ever heard of it: nobody else says anything of it.
FILM = by_name("The Far Pavilion Hotel")
TVDB = 880_103
SHOW = tuple(episode for episode in EPISODES if episode.tvdb == TVDB)
HASH = "C" * 40


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often; by itself Jellyfin notices nothing here, and nobody asks it to look."""
    monkeypatch.setattr(availability, "IMPORTED", timedelta(seconds=0.1))
    monkeypatch.setattr(availability, "WAITING", timedelta(seconds=0.1))
    monkeypatch.setattr(availability, "COLLECT", 0.02)
    monkeypatch.setattr(shoko, "INTERVAL", timedelta(seconds=0.2))
    monkeypatch.setattr(shoko, "WAITING", timedelta(seconds=0.2))
    monkeypatch.setattr(shoko, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(shoko, "LONGEST_PAUSE", 0.1)


def only_webhooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no look come by itself."""
    monkeypatch.setattr(availability, "IMPORTED", timedelta(hours=1))
    monkeypatch.setattr(availability, "WAITING", timedelta(hours=1))


@pytest.fixture
async def household(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Give a household with a Shoko, in which neither film nor show is there yet."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    world = servers.world
    for one in (FILM, *SHOW):
        (world.films if one is FILM else world.episodes).pop(one.item_id)
    plain = entry_for(servers)
    kept = [
        ConfigSubentryData(
            data=dict(one.data),
            subentry_type=one.subentry_type,
            title=one.title,
            unique_id=one.unique_id,
        )
        for one in plain.subentries.values()
    ]
    linked = ConfigSubentryData(
        data={"url": servers.shoko.url, "api_key": world.keys.shoko, "verify_ssl": True},
        subentry_type="shoko",
        title="Shoko",
        unique_id=f"shoko:{servers.shoko.url}",
    )
    entry = with_links(plain, [*kept, linked])
    async with living(hass, servers, client, entry) as house:
        yield house


def film_request(**more: object) -> Request:
    """Ask for the film."""
    ids = ProviderIds(tmdb=FILM.tmdb)
    title = Title(MediaType.MOVIE, ids, FILM.name, FILM.year)
    request = Request("seerr:x:1", "seerr:x:1", title, utcnow() - timedelta(hours=2))
    return replace(request, **more)  # type: ignore[arg-type]


def show_request(**more: object) -> Request:
    """Ask for the show's first season."""
    title = Title(MediaType.SERIES, ProviderIds(tvdb=TVDB), SHOW[0].series, SHOW[0].year)
    request = Request(
        "seerr:x:2", "seerr:x:2", title, utcnow() - timedelta(hours=2), seasons=TheseSeasons((1,))
    )
    return replace(request, **more)  # type: ignore[arg-type]


def imported(place: Place = MOVIE, path: str = "", minutes: float = 1) -> list[Fact]:
    """Say that a unit was fetched and imported some minutes ago."""
    at = utcnow() - timedelta(minutes=minutes)
    aired = at - timedelta(days=30)
    return [
        Event(EventKind.APPROVED, at - timedelta(minutes=9)),
        Event(EventKind.GRABBED, at - timedelta(minutes=8), place, HASH),
        Event(EventKind.IMPORTED, at, place, HASH),
        Inventory(place, at, has_file=True, aired_at=aired, path=path),
    ]


def first_two() -> list[Fact]:
    """Say that the first two episodes were imported; there are no more of it."""
    return [*imported(Place(1, 1)), *imported(Place(1, 2))]


def show_film(house: Household) -> None:
    """Let Jellyfin have the film."""
    house.servers.world.films[FILM.item_id] = FILM
    house.servers.world.saved_at[FILM.item_id] = utcnow()


def view(house: Household, ref: str = "seerr:x:1") -> RequestView:
    """Give a request as it stands."""
    found = house.runtime.requests.find(ref)
    assert found is not None
    return found


def is_in(house: Household, state: RequestState, ref: str = "seerr:x:1") -> Callable[[], bool]:
    """Tell whether a request has come so far."""
    return lambda: view(house, ref).status.state is state


async def looks(house: Household, count: int = 3) -> None:
    """Wait until Jellyfin was looked at so many times more."""
    calls = house.servers.jellyfin.calls
    before = len(calls)

    def looked() -> bool:
        newest = [one for one in calls[before:] if "limit=200" in one.path]
        return len(newest) >= count

    await until(looked)


def presences_of(house: Household, ref: str = "seerr:x:1") -> list[bool]:
    """List what was seen or missed of a request that is not settled."""
    return [
        one.seen for one in house.runtime.requests.facts(ref) if isinstance(one, JellyfinPresence)
    ]


# -- by webhook, by poll ---------------------------------------------------------------------------


async def test_a_movie_becomes_available_by_the_webhook_alone(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plugin was asked for ItemAdded, and its word is a hint to look."""
    only_webhooks(monkeypatch)
    await household.runtime.requests.asked([(film_request(), tuple(imported()))])
    await looks(household, 1)
    assert view(household).status.stage is Stage.NOT_VISIBLE
    show_film(household)
    await household.servers.webhooks.tell_of(FILM, "ItemAdded")
    await until(is_in(household, RequestState.AVAILABLE))
    assert view(household).status.settled


async def test_a_movie_becomes_available_by_polls_alone(household: Household) -> None:
    """The webhook never comes; nothing is seen before it is there."""
    household.servers.webhooks.mute = True
    await household.runtime.requests.asked([(film_request(), tuple(imported()))])
    await looks(household)
    assert view(household).status.state is RequestState.IMPORTING
    assert presences_of(household) == []
    show_film(household)
    await until(is_in(household, RequestState.AVAILABLE))


async def test_a_series_is_there_with_its_last_episode(household: Household) -> None:
    """Each by its series' tvdb id, season and number; one look serves them all."""
    await household.runtime.requests.asked([(show_request(), tuple(first_two()))])
    episodes = household.servers.world.episodes
    episodes[SHOW[0].item_id] = SHOW[0]
    await until(lambda: presences_of(household, "seerr:x:2") == [True])
    await looks(household)
    assert view(household, "seerr:x:2").status.episodes == {
        RequestState.AVAILABLE: 1,
        RequestState.IMPORTING: 1,
    }
    episodes[SHOW[1].item_id] = SHOW[1]
    await until(is_in(household, RequestState.AVAILABLE, "seerr:x:2"))


async def test_what_jellyfin_has_already_is_found_beyond_the_newest(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A re-request of something old: looked for by itself, by name and then by ids."""
    monkeypatch.setattr(availability, "NEWEST", 1)
    show_film(household)
    household.servers.world.episodes |= {one.item_id: one for one in SHOW}
    given = [(film_request(), ()), (show_request(), tuple(first_two()))]
    await household.runtime.requests.asked(given)
    await until(is_in(household, RequestState.AVAILABLE))
    await until(is_in(household, RequestState.AVAILABLE, "seerr:x:2"))


async def test_a_name_proves_nothing(household: Household) -> None:
    """The same title under another id is another title."""
    show_film(household)
    other = film_request()
    other = replace(other, title=replace(other.title, ids=ProviderIds(tmdb=5)))
    await household.runtime.requests.asked([(other, tuple(imported()))])
    await looks(household)
    assert view(household).status.state is RequestState.IMPORTING
    assert presences_of(household) == []


async def test_lost_rows_and_failures_take_nothing_away(household: Household) -> None:
    """Half a page, an empty one, errors: what was seen stays seen, the rest is found later."""
    episodes = household.servers.world.episodes
    episodes[SHOW[0].item_id] = SHOW[0]
    await household.runtime.requests.asked([(show_request(), tuple(first_two()))])
    await until(lambda: presences_of(household, "seerr:x:2") == [True])
    liar = household.servers.jellyfin.liar
    for kind in (LieKind.EMPTY, LieKind.HALF_PAGE, LieKind.HALF_JSON, LieKind.ERROR):
        liar.be_honest()
        liar.tell(Lie(kind, "/Items"))
        await looks(household, 2)
        assert presences_of(household, "seerr:x:2") == [True]
    liar.be_honest()
    episodes[SHOW[1].item_id] = SHOW[1]
    await until(is_in(household, RequestState.AVAILABLE, "seerr:x:2"))


async def test_looks_for_single_titles_are_few(household: Household) -> None:
    """Five a round, and each of them in its turn, however many are waited for."""
    title = film_request().title
    many = [
        film_request(
            id=f"seerr:x:{number}",
            ref=f"seerr:x:{number}",
            title=replace(title, ids=ProviderIds(tmdb=number), name=f"Film {number}"),
        )
        for number in range(100, 112)
    ]
    await household.runtime.requests.asked([(one, tuple(imported())) for one in many])
    await looks(household, 5)
    asked = [one.path for one in household.servers.jellyfin.calls if "/Items" in one.path]
    begin = next(number for number, path in enumerate(asked) if "searchTerm" in path)
    rounds = "".join("s" if "searchTerm" in path else "n" for path in asked[begin:])
    assert [len(part) for part in rounds.split("n")][:3] == [5, 5, 2]
    searched = [path for path in asked if "searchTerm" in path]
    assert len(set(searched)) == len(searched) == len(many)


async def test_nobody_waits_nobody_asks(household: Household) -> None:
    """Without a request that waits, the library is not asked for anything."""
    show_film(household)
    await household.runtime.requests.asked([(film_request(), tuple(imported()))])
    await until(is_in(household, RequestState.AVAILABLE))
    turns: list[bool] = []
    real = household.runtime.availability.check_sweep

    async def counted() -> None:
        turns.append(True)
        await real()

    household.servers.jellyfin.calls.clear()
    with patch.object(household.runtime.availability, "check_sweep", counted):
        await until(lambda: len(turns) >= 3)
    assert not [one for one in household.servers.jellyfin.calls if "/Items" in one.path]


# -- 4K --------------------------------------------------------------------------------------------


async def test_4k_beside_standard(household: Household) -> None:
    """The standard file fulfils its own request; the 4K one waits for the wide file."""
    show_film(household)
    four = film_request(id="seerr:x:4", ref="seerr:x:4", is_4k=True)
    facts = tuple(imported())
    await household.runtime.requests.asked([(film_request(), facts), (four, facts)])
    await until(is_in(household, RequestState.AVAILABLE))
    await looks(household)
    assert view(household, "seerr:x:4").status.state is RequestState.IMPORTING
    household.servers.world.widths[FILM.item_id] = 3840
    await until(is_in(household, RequestState.AVAILABLE, "seerr:x:4"))


# -- a nudge ---------------------------------------------------------------------------------------


async def test_jellyfin_is_told_of_an_import_that_it_does_not_notice_once(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while, by the file's path in Jellyfin's own name."""
    path = path_of(household.servers.world, FILM)
    recent = tuple(imported(path=path, minutes=1))
    await household.runtime.requests.asked([(film_request(), recent)])
    await looks(household)
    before = household.servers.jellyfin.called
    assert before("POST", "/Library/Media/Updated") == []
    monkeypatch.setattr(availability, "NOTICES", timedelta(seconds=30))
    await until(lambda: bool(before("POST", "/Library/Media/Updated")))
    await looks(household)
    assert len(before("POST", "/Library/Media/Updated")) == 1
    [note] = [one for one in household.servers.world.diary if one.kind == "refresh"]
    assert path.startswith(note.detail)


# -- what goes -------------------------------------------------------------------------------------


async def available(house: Household) -> None:
    """Bring the film to where it can be played, with the library read."""
    show_film(house)
    await house.runtime.requests.asked([(film_request(), tuple(imported()))])
    await until(is_in(house, RequestState.AVAILABLE))
    await house.runtime.library.sweep(viewers=())


async def test_a_deleted_title_closes_its_request(household: Household) -> None:
    """A whole sweep that does not meet it and a look through all movies agree."""
    await available(household)
    answer = (
        Event(EventKind.DELETED, utcnow(), MOVIE, "file:1"),
        Inventory(MOVIE, utcnow(), has_file=False),
    )
    await household.runtime.requests.asked([(film_request(), answer)])
    del household.servers.world.films[FILM.item_id]
    await household.runtime.library.sweep(viewers=())
    household.runtime.availability.hint()
    await until(lambda: household.runtime.requests.find("seerr:x:1") is None)
    row = await household.runtime.store.requests.get("seerr:x:1")
    assert row is not None
    assert row.status is not None
    assert row.status.closed is Closing.DELETED


async def test_a_library_that_lost_half_says_nothing(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 9: an unmounted disk is no deletion, of nothing."""
    await available(household)
    checked: list[bool] = []
    real = household.runtime.availability.check_sweep

    async def counted() -> None:
        await real()
        checked.append(True)

    world = household.servers.world
    films = dict(world.films)
    world.films.clear()
    await household.runtime.library.sweep(viewers=())
    assert not (await household.runtime.store.library.state()).known
    monkeypatch.setattr(household.runtime.availability, "check_sweep", counted)
    await until(lambda: len(checked) >= 2)
    row = await household.runtime.store.requests.get("seerr:x:1")
    assert row is not None
    assert [one.seen for one in row.facts if isinstance(one, JellyfinPresence)] == [True]
    assert view(household).status.state is RequestState.AVAILABLE
    world.films.update(films)


async def test_a_title_that_comes_back_is_seen_again(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sweep that missed it is not enough, and the next one that meets it ends the doubt."""
    monkeypatch.setattr(library_sweep, "PAGE", 1001)
    await available(household)
    film = household.servers.world.films.pop(FILM.item_id)
    household.servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/Items", times=None))

    async def facts() -> list[bool]:
        row = await household.runtime.store.requests.get("seerr:x:1")
        assert row is not None
        return [one.seen for one in row.facts if isinstance(one, JellyfinPresence)]

    household.servers.jellyfin.liar.be_honest()
    with patch.object(household.runtime.availability, "_look_again", _nothing):
        await household.runtime.library.sweep(viewers=())

        async def missed() -> bool:
            return await facts() == [False]

        await until(missed)
        household.servers.world.films[FILM.item_id] = film
        await household.runtime.library.sweep(viewers=())

        async def met() -> bool:
            return await facts() == [True]

        await until(met)
    assert view(household).status.state is RequestState.AVAILABLE


async def _nothing(request: Request) -> None:
    """Do not look again."""


# -- Shoko -----------------------------------------------------------------------------------------

ANIME = "/data/anime/Gardeners/Season 01/Gardeners - S01E01.mkv"
FILED = "/Gardeners/Season 01/Gardeners - S01E01.mkv"


async def ask_for_anime(house: Household) -> None:
    """Ask for an anime of which one episode was imported."""
    facts = tuple(imported(Place(1, 1), ANIME))
    await house.runtime.requests.asked([(show_request(anime=True), facts)])


@pytest.mark.parametrize("hub", [True, False])
async def test_shoko_matches_then_jellyfin_shows_it(
    household: Household, hub: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the hub, and by polls alone: unmatched, matched but not visible, available."""
    state = household.servers.shoko_state
    if not hub:
        state.hub_refused = 503
        await state.cut()
    found = state.arrive(FILED)
    await ask_for_anime(household)
    status = view(household, "seerr:x:2").status
    assert (status.state, status.stage) == (RequestState.ANIME_MATCHING, Stage.NOT_MATCHED)
    await looks(household)
    assert view(household, "seerr:x:2").status.stage is Stage.NOT_MATCHED
    if hub:
        await until(lambda: state.open > 0)
    await state.match(found)
    await until(lambda: view(household, "seerr:x:2").status.stage is Stage.NOT_VISIBLE)
    assert view(household, "seerr:x:2").status.state is RequestState.ANIME_MATCHING
    household.servers.world.episodes[SHOW[0].item_id] = SHOW[0]
    await until(is_in(household, RequestState.AVAILABLE, "seerr:x:2"))


async def test_the_hub_is_heard_at_once(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No poll comes meanwhile."""
    state = household.servers.shoko_state
    await until(lambda: state.open > 0)
    [coordinator] = household.runtime.links.of(shoko.ShokoCoordinator).values()
    found = state.arrive(FILED)
    monkeypatch.setattr(shoko, "WAITING", timedelta(hours=1))
    monkeypatch.setattr(shoko, "INTERVAL", timedelta(hours=1))
    await coordinator.async_refresh()
    await ask_for_anime(household)
    await coordinator.async_refresh()
    monkeypatch.setattr(coordinator._debounced_refresh, "cooldown", 0.0)
    await state.match(found)
    await until(lambda: view(household, "seerr:x:2").status.stage is Stage.NOT_VISIBLE)


async def test_shoko_is_asked_for_few_files_at_once(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In turn, so that what never matches holds nobody up."""
    monkeypatch.setattr(shoko, "AT_ONCE", 2)
    facts: list[Fact] = []
    for number in range(1, 6):
        path = f"/data/anime/Gardeners/Season 01/{number}.mkv"
        facts += imported(Place(1, number), path)
    last = household.servers.shoko_state.arrive("/Gardeners/Season 01/5.mkv")
    await household.servers.shoko_state.match(last)
    household.servers.shoko.calls.clear()
    await household.runtime.requests.asked([(show_request(anime=True), tuple(facts))])

    def matched() -> bool:
        held = household.runtime.requests.facts("seerr:x:2")
        return any(getattr(one, "kind", None) is EventKind.MATCHED for one in held)

    await until(matched)
    paths = [one.path for one in household.servers.shoko.calls]
    rounds = " ".join(paths).split("/api/v3/Init/Version")
    assert max(part.count("Gardeners") for part in rounds) == 2


async def test_shoko_never_matches_and_jellyfin_has_it(household: Household) -> None:
    """Available is what can be played, whatever Shoko thinks of it."""
    household.servers.shoko_state.arrive(FILED)
    await ask_for_anime(household)
    await until(lambda: len(household.servers.shoko.called("GET", "/api/v3/File/Path")) > 4)
    assert view(household, "seerr:x:2").status.stage is Stage.NOT_MATCHED
    household.servers.world.episodes[SHOW[0].item_id] = SHOW[0]
    await until(is_in(household, RequestState.AVAILABLE, "seerr:x:2"))


async def test_a_shoko_that_is_down_says_nothing(household: Household) -> None:
    """The request waits, the rest works, and it comes back by itself."""
    [coordinator] = household.runtime.links.of(shoko.ShokoCoordinator).values()
    await household.servers.shoko.go_down()
    found = household.servers.shoko_state.arrive(FILED)
    await household.servers.shoko_state.match(found)
    await ask_for_anime(household)
    await until(lambda: not coordinator.connected)
    await looks(household)
    assert view(household, "seerr:x:2").status.stage is Stage.NOT_MATCHED
    await household.servers.shoko.come_back()
    await until(lambda: view(household, "seerr:x:2").status.stage is Stage.NOT_VISIBLE)
    assert coordinator.connected


async def test_a_shoko_that_became_another_version_is_not_believed(household: Household) -> None:
    """After an update to 6 its answers mean something else: no hub, no matches."""
    state = household.servers.shoko_state
    [coordinator] = household.runtime.links.of(shoko.ShokoCoordinator).values()
    await until(lambda: coordinator.connected)
    state.version = "6.0.0"
    await state.match(state.arrive(FILED))
    await until(lambda: not coordinator.connected)
    opened = state.opened
    await state.cut()
    await ask_for_anime(household)
    await looks(household)
    assert view(household, "seerr:x:2").status.stage is Stage.NOT_MATCHED
    assert state.opened == opened
    assert "speaks another language" in english(coordinator.last_error)


async def test_a_movie_that_jellyfin_has_as_an_episode(household: Household) -> None:
    """An anime movie under both item types: known by its file."""
    episode = SHOW[2]
    path = path_of(household.servers.world, episode)
    await household.runtime.requests.asked([(film_request(anime=True), tuple(imported(path=path)))])
    await looks(household)
    assert view(household).status.state is RequestState.ANIME_MATCHING
    household.servers.world.episodes[episode.item_id] = episode
    await until(is_in(household, RequestState.AVAILABLE))
