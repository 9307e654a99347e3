"""The library of a running Showrunner over the demo's Jellyfin: what is read, kept and believed."""

from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime, timedelta

from aiohttp.web import Request
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest

from custom_components.showrunner.clients.errors import Unreachable, Unreadable
from custom_components.showrunner.clients.jellyfin_webhook import UserDataSaved
from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.coordinators import library as reading, library_sweep
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.library import MarkSource
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.sweep import ReadState
from tests.english import english
from world.catalogue import EPISODES, Film, by_name
from world.clock import utcnow
from world.lies import Lie, LieKind
from world.world import World, in_jellyfin

from .household import Household, until
from .library import AddedAgain, films, remove

FILM = by_name("A Harbour of Glass")
CLOCK = "custom_components.showrunner.coordinators.library.dt_util.utcnow"


def add_again(world: World, film: Film) -> Film:
    """Let Jellyfin give a film a new id."""
    new = AddedAgain(**{field.name: getattr(film, field.name) for field in fields(film)})
    world.films[new.item_id] = new
    world.homes[new.item_id] = world.homes[film.item_id]
    remove(world, film)
    world.saved_at[new.item_id] = utcnow()
    return new


def unit_of(house: Household, film: Film) -> Unit:
    """Name a film as a bare webhook does."""
    return Unit(UnitKind.MOVIE, "?", house.servers.world.server_id, film.item_id)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read pages of ten, so that there are several; wait for none that did not come."""
    monkeypatch.setattr(library_sweep, "PAGE", 10)
    monkeypatch.setattr(library_sweep, "PAUSES", (0.0, 0.0))


async def test_the_first_sweep_comes_by_itself(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Soon after the start, everything is there, with what Jellyfin keeps of the viewer."""
    monkeypatch.setattr(reading, "SETTLE", timedelta(0))
    await household.hass.config_entries.async_reload(household.entry.entry_id)
    store, user = household.runtime.store, household.user("Sofa").id

    async def swept() -> bool:
        return (await store.userdata.state(user)).known

    await until(swept)
    world = household.servers.world
    assert await films(household) == sum(in_jellyfin(world, one) for one in world.films.values())
    assert (await store.library.counts())["episode"] == len(EPISODES)
    assert await store.userdata.favorites(user) == {by_name("Granite").item_id}
    played = [key for key, data in world.data.items() if key[0] == user and data.played]
    assert await store.watched.count(user) == len(played)
    assert await store.watched.count(household.user("Kitchen").id) == 0
    count = await store.library.episode_count(ProviderIds(tvdb=EPISODES[0].tvdb))
    assert count == Known(4, "library")


async def test_who_is_paused_while_others_are_read_is_left_out(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep of a large library takes minutes; a pause holds at once."""
    runtime, user = household.runtime, household.user("Sofa").id
    sweeper = runtime.library._sweeper
    read = sweeper.sweep_items

    async def then_paused(now: datetime, max_drop: float) -> ReadState:
        state = await read(now, max_drop)
        await runtime.set_tracking(user, on=False)
        return state

    monkeypatch.setattr(sweeper, "sweep_items", then_paused)
    await runtime.library.sweep(viewers=(user,))
    assert await films(household) > 0
    assert await runtime.store.watched.count(user) == 0
    assert (await runtime.store.userdata.state(user)).sweep == 0


async def test_requests_are_few(household: Household) -> None:
    """None for a single item or user and item; nobody who is not tracked is asked about."""
    calls = household.servers.jellyfin.calls
    calls.clear()
    await household.runtime.library.sweep()
    asked = [call.path for call in calls if call.path.startswith("/Items")]
    assert len(asked) <= 16
    assert not any("ids=" in path for path in asked)
    kitchen = household.user("Kitchen").id
    assert not any(kitchen in path for path in asked)


async def test_watched_stays_when_the_film_is_begun_again(household: Household) -> None:
    """Jellyfin 10.11 resets its flag; ours stays, over a sweep and under the new item id."""
    store, user = household.runtime.store, household.user("Sofa")
    data = household.servers.world.userdata(user.id, FILM.item_id)
    data.played = True
    await household.runtime.library.sweep()
    data.played, data.position = False, 2.0
    new = add_again(household.servers.world, FILM)
    await household.runtime.library.sweep()
    await household.runtime.library.sweep()
    for film in (FILM, new):
        mark = await store.watched.is_watched(user.id, unit_of(household, film))
        assert mark is not None or film is new
    again = (await household.runtime.library.lookup((new.item_id,)))[new.item_id]
    assert isinstance(again, Known)
    assert again.value.unit is not None
    mark = await store.watched.is_watched(user.id, again.value.unit)
    assert mark is not None
    assert (mark.since, mark.source) == (None, MarkSource.JELLYFIN)
    assert (await store.userdata.get(user.id, (FILM.item_id,))).get(FILM.item_id) is None


async def test_history_follows_a_new_item_id(household: Household) -> None:
    """The old id finds the film as it is now."""
    await household.runtime.library.sweep()
    new = add_again(household.servers.world, FILM)
    await household.runtime.library.sweep()
    found = await household.runtime.store.library.find(FILM.item_id)
    assert found is not None
    assert found.item_id == new.item_id


# The lie, and after how many pages of the sweep it begins: at once, in the items, with the viewer.
FAILURES = [
    (LieKind.HALF_PAGE, 0, Unreadable),
    (LieKind.HALF_PAGE, 8, Unreadable),
    (LieKind.WRONG_TOTAL, 2, Unreadable),
    (LieKind.HALF_JSON, 2, Unreadable),
    (LieKind.HTML, 8, Unreadable),
    (LieKind.ERROR, 3, Unreachable),
    (LieKind.ERROR, 8, Unreachable),
]


@pytest.mark.parametrize(("kind", "after", "error"), FAILURES)
async def test_a_sweep_that_fails_takes_nothing_away(
    household: Household, kind: LieKind, after: int, error: type[Exception]
) -> None:
    """At the beginning, in the middle, with the viewers: what was known stays, in doubt since."""
    library, store = household.runtime.library, household.runtime.store
    user = household.user("Sofa").id
    await library.sweep()
    before, marks = await store.library.counts(), await store.watched.count(user)
    favorites = await store.userdata.favorites(user)
    for film in list(household.servers.world.films.values())[:5]:
        remove(household.servers.world, film)
    household.servers.world.userdata(user, by_name("Granite").item_id).favorite = False
    liar = household.servers.jellyfin.liar
    pages = 0

    real = liar.take

    def later(request):  # type: ignore[no-untyped-def]
        nonlocal pages
        if request.path == "/Items":
            pages += 1
            if pages == after + 1:
                liar.tell(Lie(kind, "/Items"))
        return real(request)

    liar.take = later  # type: ignore[method-assign]
    with pytest.raises(error):
        await library.sweep()
    state, kept = await store.library.state(), await store.userdata.state(user)
    assert (state.known, kept.known) == ((False, True) if after < 8 else (True, False))
    doubted = state if not state.known else kept
    assert doubted.unknown_since is not None
    assert doubted.good_at is not None
    assert doubted.why
    if not state.known:
        assert await store.library.counts() == before
    assert await store.watched.count(user) == marks
    assert await store.userdata.favorites(user) == favorites
    liar.be_honest()
    await library.sweep()
    assert (await store.library.state()).known
    if after < 8:
        assert await store.library.counts() == before  # missed by one whole sweep yet
    await library.sweep()
    assert (await store.library.counts())["movie"] == before["movie"] - 5
    assert await store.userdata.favorites(user) == frozenset()


async def test_a_sweep_goes_on_from_a_page_that_did_not_come(
    household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is read twice for it, and the log says where it stood."""
    library, jellyfin = household.runtime.library, household.servers.jellyfin
    await library.sweep()
    before, honest = await household.runtime.store.library.counts(), jellyfin.liar.take
    jellyfin.calls.clear()
    pages: list[str] = []

    def starving(request: Request) -> Lie | None:
        if request.path == "/Items":
            start = request.query.get("startIndex", "")
            pages.append(start)
            # Whatever is asked twice for it: our own base asks twice, too.
            if start == "9" and pages.count(start) <= 4:
                return Lie(LieKind.ERROR, "/Items")
        return honest(request)

    jellyfin.liar.take = starving  # type: ignore[method-assign]
    await library.sweep()
    assert (await household.runtime.store.library.state()).known
    assert await household.runtime.store.library.counts() == before
    assert pages.count("9") > 4
    stood = [one for one in caplog.records if "stands still at row 9" in one.getMessage()]
    assert [one.levelname for one in stood] == ["INFO", "WARNING"]


async def test_a_sudden_fall_waits_for_a_second_read(household: Household) -> None:
    """Most films gone at once (a disk that is not mounted): nothing is let go of yet."""
    library, store, world = household.runtime.library, household.runtime.store, None
    world = household.servers.world
    await library.sweep()
    before = await films(household)
    for film in list(world.films.values())[4:]:
        remove(world, film)
    await library.sweep()
    assert await films(household) == before
    assert "movie" in english((await store.library.state()).why)
    await library.sweep(utcnow() + timedelta(days=1))
    assert await films(household) == sum(in_jellyfin(world, one) for one in world.films.values())
    assert (await store.library.state()).known


async def test_an_emptied_user_database_takes_no_favourites(household: Household) -> None:
    """A server that has lost what it kept of its users: doubted too."""
    library, store, user = (
        household.runtime.library,
        household.runtime.store,
        household.user("Sofa"),
    )
    await library.sweep()
    favorites = await store.userdata.favorites(user.id)
    assert favorites
    household.servers.world.data.clear()
    await library.sweep()
    assert await store.userdata.favorites(user.id) == favorites
    assert not (await store.userdata.state(user.id)).known


async def test_between_sweeps_only_what_is_new_is_read(household: Household) -> None:
    """Two small requests while nothing happens; a film that came, and one that was watched."""
    library, store, world = household.runtime.library, household.runtime.store, None
    world, user = household.servers.world, household.user("Sofa")
    late = world.films.pop(FILM.item_id)
    await library.sweep()
    # As if the last read were hours ago, and nobody had been there since.
    hours = utcnow() + timedelta(hours=5)
    calls = household.servers.jellyfin.calls
    calls.clear()
    await library._increments(hours)
    asked = [call.path for call in calls if call.path.startswith(("/Items", "/Users"))]
    assert len(asked) == 2
    world.films[late.item_id] = late
    world.saved_at[late.item_id] = hours
    data = world.userdata(user.id, late.item_id)
    data.played, data.play_count, data.last_played = True, 1, hours
    await library._increments(hours + timedelta(minutes=10))
    assert await store.library.find(late.item_id) is not None
    assert await store.watched.is_watched(user.id, unit_of(household, late)) is not None
    remove(world, late)
    await library._increments(hours + timedelta(minutes=20))
    assert await store.library.find(late.item_id) is not None


async def test_a_night_begins_a_sweep_and_a_failure_is_tried_again_later(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`look` sweeps when it is due, once, and not again and again while the server is ill."""
    library, store = household.runtime.library, household.runtime.store
    household.servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/Items"))
    await library.look()
    state = await store.library.state()
    assert (state.sweep, state.known) == (1, False)
    await library.look()
    assert (await store.library.state()).sweep == 1
    household.servers.jellyfin.liar.be_honest()
    now = utcnow()
    monkeypatch.setattr(CLOCK, lambda: now + timedelta(minutes=3))
    await library.look()
    assert (await store.library.state()).known
    await library.look()
    assert (await store.library.state()).sweep == 2
    monkeypatch.setattr(CLOCK, lambda: now + timedelta(days=1, minutes=4))
    await library.look()
    assert (await store.library.state()).sweep == 3


async def test_lookups_give_three_answers(household: Household) -> None:
    """Known from the store or the server, absent when it says so, unknown while it is down."""
    library, series = household.runtime.library, EPISODES[0].series_id
    asked = (FILM.item_id, EPISODES[0].item_id, series, "e" * 32, "rubbish")
    found = await library.lookup(asked)
    assert [type(found[one]) for one in asked] == [Known, Known, Known, Absent, Absent]
    household.servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/Items"))
    found = await library.lookup((FILM.item_id, "e" * 32))
    assert isinstance(found[FILM.item_id], Known)
    assert isinstance(found["e" * 32], Unknown)
    many = [f"{number:032x}" for number in range(250)]
    household.servers.jellyfin.liar.be_honest()
    household.servers.jellyfin.calls.clear()
    await library.lookup(many)
    items = [one for one in household.servers.jellyfin.calls if one.path.startswith("/Items")]
    assert len(items) == 3


async def test_an_episode_gets_its_series_ids(household: Household) -> None:
    """Of the server once, then from memory; while it is down a unit stays as it is."""
    library, episode = household.runtime.library, EPISODES[0]
    server = household.servers.world.server_id
    bare = Unit(
        UnitKind.EPISODE, "?", server, episode.item_id, series_item_id=episode.series_id, season=1
    )
    liar = household.servers.jellyfin.liar
    liar.tell(Lie(LieKind.ERROR, "/Items"))
    assert await library.enrich(bare) == bare
    liar.be_honest()
    library._missed.clear()
    full = await library.enrich(bare)
    assert full.series_ids.tvdb == episode.tvdb
    household.servers.jellyfin.calls.clear()
    await library.enrich(bare)
    assert not [c for c in household.servers.jellyfin.calls if c.path.startswith("/Items")]
    await library.sweep()
    film = await library.enrich(unit_of(household, FILM))
    assert film.ids.tmdb == FILM.tmdb
    known = await library.enrich(Unit(UnitKind.EPISODE, "?", server, episode.item_id))
    assert (known.season, known.episode, known.series_ids.tvdb) == (1, 1, episode.tvdb)


@pytest.mark.parametrize(
    ("user", "reason", "played", "watched"),
    [
        ("Sofa", "TogglePlayed", True, True),
        ("Sofa", "PlaybackFinished", True, True),
        ("Sofa", "PlaybackProgress", True, False),
        ("Sofa", "PlaybackStart", True, False),
        ("Sofa", "TogglePlayed", False, False),
        ("Kitchen", "TogglePlayed", True, False),
    ],
)
async def test_a_webhook_marks_what_is_played(
    household: Household, user: str, reason: str, played: bool, watched: bool
) -> None:
    """Of a tracked viewer, and not while it plays; a mark by hand is no viewing."""
    body = {
        "NotificationType": "UserDataSaved",
        "ServerId": household.servers.world.server_id,
        "ItemType": "Movie",
        "ItemId": FILM.item_id,
        "Name": FILM.name,
        "Provider_tmdb": str(FILM.tmdb),
        "UserId": household.user(user).id,
        "Played": played,
        "SaveReason": reason,
    }
    # Jellyfin has it so before it tells anybody, and is asked for it.
    world, other = household.servers.world, by_name("Coriander")
    world.userdata(household.user(user).id, FILM.item_id).played = played
    world.userdata(household.user("Sofa").id, other.item_id).played = True
    assert (await household.post(body))[0] == 200
    store, viewer = household.runtime.store, household.user(user).id
    unit = unit_of(household, FILM)

    async def marked() -> bool:
        return await store.watched.is_watched(viewer, unit) is not None

    if watched:
        await until(marked)
        assert await store.viewings.history(viewer_id=viewer) == ()
    else:
        # A second message that counts, behind the first: when it was worked off, both were.
        sofa = household.user("Sofa").id
        await household.post(
            body
            | {
                "UserId": sofa,
                "ItemId": other.item_id,
                "Provider_tmdb": str(other.tmdb),
                "Played": True,
                "SaveReason": "TogglePlayed",
            }
        )

        async def through() -> bool:
            return await store.watched.is_watched(sofa, unit_of(household, other)) is not None

        await until(through)
        assert not await marked()


async def test_what_is_saved_while_something_plays_is_no_mark(household: Household) -> None:
    """Some versions reset the flag then; also when such a message gets past the webhook's door."""
    library, viewer = household.runtime.library, household.user("Sofa").id
    unit = unit_of(household, FILM)
    for reason in ("PlaybackStart", "PlaybackProgress"):
        await library.saved(UserDataSaved(viewer, unit, True, reason, None))
    await library.saved(UserDataSaved(viewer, unit, False, "TogglePlayed", None))
    await library.saved(UserDataSaved(household.user("Attic").id, unit, True, "Import", None))
    assert await household.runtime.store.watched.count(viewer) == 0
    household.servers.world.userdata(viewer, FILM.item_id).played = True
    await library.saved(UserDataSaved(viewer, unit, True, "Import", None))
    assert await household.runtime.store.watched.count(viewer) == 1


async def test_a_saved_mark_is_of_the_item_and_not_of_what_a_webhook_calls_it(
    household: Household,
) -> None:
    """What the viewer has really played is named as another film, which nobody has seen."""
    library, store = household.runtime.library, household.runtime.store
    viewer, other = household.user("Sofa").id, by_name("Granite")
    household.servers.world.userdata(viewer, FILM.item_id).played = True
    forged = replace(unit_of(household, FILM), ids=ProviderIds(tmdb=other.tmdb, imdb=other.imdb))
    await library.saved(UserDataSaved(viewer, forged, True, "Import", None))
    assert await store.watched.is_watched(viewer, unit_of(household, FILM)) is not None
    named = Unit(UnitKind.MOVIE, "?", "", "", ids=forged.ids)
    assert await store.watched.is_watched(viewer, named) is None


async def test_a_completed_viewing_is_watched(household: Household) -> None:
    """By our own record, whatever Jellyfin makes of it."""
    await household.watch("Sofa", FILM.name, 0.0)
    store, user = household.runtime.store, household.user("Sofa").id

    async def marked() -> bool:
        mark = await store.watched.is_watched(user, unit_of(household, FILM))
        return mark is not None and mark.source in {MarkSource.VIEWING, MarkSource.JELLYFIN}

    await until(marked)


async def test_diagnostics_show_how_well_the_library_is_known(household: Household) -> None:
    """Counts and instants, no titles, no people."""
    from custom_components.showrunner.diagnostics import async_get_config_entry_diagnostics

    await household.runtime.library.sweep()
    shown = await async_get_config_entry_diagnostics(household.hass, household.entry)
    library = shown["library"]
    assert library["counts"]["episode"] == len(EPISODES)
    assert library["viewers"][0]["counts"]["favorites"] == 1
    assert library["unknown_since"] is None
    assert household.user("Sofa").id not in str(library)


# --- more is counted than listed ------------------------------------------------------------------


def repairs(house: Household) -> dict[str, ir.IssueEntry]:
    """List the repairs that say that something is not known."""
    return {
        issue.translation_key or "": issue
        for (domain, key), issue in ir.async_get(house.hass).issues.items()
        if domain == DOMAIN and key.startswith(("library_unknown", "played_unknown"))
    }


async def test_a_server_that_counts_more_than_it_lists(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In doubt, and said so with both numbers; the same some minutes later is believed."""
    library, store, world = household.runtime.library, household.runtime.store, None
    world, user = household.servers.world, household.user("Sofa").id
    world.userdata(user, FILM.item_id).played = True
    household.servers.jellyfin.liar.tell(Lie(LieKind.SURPLUS, "/Items"))
    now = utcnow()
    with pytest.raises(Unreadable, match=r"it counts \d+ items and lists \d+"):
        await library.sweep_now()
    assert not (await store.library.state()).known
    assert await films(household) == sum(in_jellyfin(world, one) for one in world.films.values())
    issue = repairs(household)["library_unknown"]
    placeholders = issue.translation_placeholders
    assert placeholders is not None
    assert "it counts" in placeholders["why"]
    assert placeholders["since"] == f"{dt_util.as_local(now):%Y-%m-%d %H:%M}"
    with pytest.raises(Unreadable):
        await library.sweep(now + timedelta(minutes=1))  # too soon after it
    assert await store.watched.count(user) == 0
    with pytest.raises(Unreadable):
        await library.sweep(now + timedelta(minutes=7))
    assert (await store.library.state()).known
    # Now the viewer's list is in doubt; but what it shows as played was played.
    assert await store.watched.count(user) > 0
    await library._tell_looked()
    placeholders = repairs(household)["played_unknown"].translation_placeholders
    assert placeholders is not None
    assert placeholders["viewers"] == "Sofa"
    await library.sweep(now + timedelta(minutes=14))
    assert (await store.userdata.state(user)).known
    await library._tell_looked()
    assert repairs(household) == {}
    # What it lacks may be among what it does not show: nothing goes.
    before = await films(household)
    remove(world, FILM)
    for minutes in (60, 70, 80):
        with suppress(Unreadable):
            await library.sweep(now + timedelta(minutes=minutes))
    assert (await store.library.state()).known
    assert await films(household) == before
    # What comes is there at once, whatever is counted.
    late = world.films[FILM.item_id] = FILM
    world.saved_at[late.item_id] = now + timedelta(hours=2)
    await library._increments(now + timedelta(hours=2))
    assert (await store.library.state()).known


async def test_what_is_in_doubt_for_long_is_said(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure that lasts; of a moment nobody has to know, and it goes with the next good read."""
    library, now = household.runtime.library, utcnow()
    household.servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/Items"))
    await library.look()
    await library._tell_looked()
    assert repairs(household) == {}
    monkeypatch.setattr(CLOCK, lambda: now + timedelta(hours=3))
    monkeypatch.setattr(dt_util, "utcnow", lambda: now + timedelta(hours=3))
    await library.look()
    await library._tell_looked()
    assert list(repairs(household)) == ["library_unknown"]
    household.servers.jellyfin.liar.be_honest()
    await library.sweep_now()
    assert repairs(household) == {}
