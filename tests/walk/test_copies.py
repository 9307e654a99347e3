"""The lower of two qualities leaves by choice, in a household with two Radarrs and real clients."""

from collections.abc import AsyncGenerator
from dataclasses import fields
from datetime import timedelta
from types import MappingProxyType
from typing import override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.english import english
from world.catalogue import Entry, Film, guid
from world.clock import utcnow
from world.lies import Lie, LieKind
from world.radarr_library import Movie
from world.servers import Servers
from world.sonarr import Sonarr
from world.sonarr_library import Series
from world.sonarr_uhd import ROOT, UhdSeries
from world.web import Server

from .arrs import house_with_arrs
from .cleaning import Answer, Cleaned, settled, steps, why
from .cleanup_options import announced_long_ago, choose, shown


class Doubled(Cleaned):
    """A household in which a film is there in HD and in 4K."""

    low: Movie
    high: Movie


@pytest.fixture
async def home(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Doubled]:
    """Live in it: nobody has watched the film, and both copies came long ago."""
    async with house_with_arrs(
        hass, servers, hass_client_no_auth, add_webhook=False, uhd=True
    ) as house:
        await settled(house)
        made = Doubled(house)
        made.begin()
        made.low = next(one for one in made.movies if one.path.startswith("/data/movies/"))
        for (_, item), kept in servers.world.data.items():
            if item == made.low.film.item_id:
                kept.play_count, kept.last_played = 0, None
        long_ago = utcnow() - timedelta(days=90)
        made.low.file_added = long_ago
        made.high = servers.uhd_library.hold(made.low.film, long_ago)
        yield made


async def chosen(home: Doubled) -> Answer:
    """Choose it, as if that was announced long ago, and say what leaves."""
    await choose(home, lower_quality=True)
    await shown(home)
    await announced_long_ago(home)
    return await shown(home)


async def test_the_lower_copy_leaves_by_its_own_radarr_and_the_higher_stays(home: Doubled) -> None:
    """Announced first, with the reason; versions of one item are told apart by their paths."""
    assert (await shown(home))["steps"] == []
    await choose(home, lower_quality=True)
    assert (await shown(home))["steps"] == []
    leaving = home.house.runtime.jobs.named("cleanup").leaving
    assert {one.title.label for one in leaving} == {home.low.film.label}
    await announced_long_ago(home)
    plan = await shown(home)
    assert {one["title"] for one in plan["steps"]} == {home.low.film.label}, why(plan)
    assert "higher quality" in english(plan["steps"][0]["reasons"][0])
    rules = {one["rule"]: one for one in plan["steps"][0]["findings"]}
    assert (rules["lower"]["value"], rules["lower"]["threshold"]) == (1080, 2160)
    home.begin()
    done = await home.call("apply_plan", plan_id=plan["plan_id"])
    assert set(steps(done).values()) == {"done"}, done["steps"]
    assert not home.has(home.low)
    assert home.high.file_id
    assert [one for one in home.servers.radarr_4k.calls if one.method != "GET"] == []
    # What is left is the last copy.
    assert (await shown(home))["steps"] == []


async def test_the_higher_copy_that_is_gone_by_then_keeps_the_lower(home: Doubled) -> None:
    """Law 3: asked once more right before the first step."""
    plan = await chosen(home)
    assert steps(plan)["delete_file"] == "planned", why(plan)
    home.servers.uhd_library.movies.clear()
    over = await home.call("apply_plan", plan_id=plan["plan_id"])
    assert "done" not in steps(over).values()
    assert home.has(home.low)


@pytest.mark.parametrize("how", ["not shown", "streamed", "unknown quality", "silent", "open"])
async def test_a_copy_of_which_something_is_not_known_stays(home: Doubled, how: str) -> None:
    """Each of what the higher one has to be."""
    assert (await chosen(home))["steps"]
    world = home.servers.world
    if how == "not shown":
        world.uhd.discard(home.low.film.item_id)
    elif how == "streamed":
        entry, hass = home.house.entry, home.house.hass
        uhd = next(o for o in entry.subentries.values() if o.title == "Radarr 4K")
        less = {**uhd.data, "permanent_folders": []}
        hass.config_entries.async_update_subentry(entry, uhd, data=less)
        await hass.async_block_till_done()
    elif how == "unknown quality":
        home.high.quality = {"quality": {"id": 0, "name": "Unknown", "resolution": 0}}
    elif how == "silent":
        lie = Lie(LieKind.ERROR, "/movie", times=500)
        home.servers.radarr_4k.liar.tell(lie)
    else:
        data = world.userdata(home.house.user("Sofa").id, home.low.film.item_id)
        data.position, data.play_count = 2.0, 1
        data.last_played = utcnow() - timedelta(days=40)
    plan = await shown(home)
    assert plan["steps"] == [], plan["steps"]
    assert home.has(home.low)


# -- two items of one file -------------------------------------------------------------------------


class Again(Film):
    """The same film as another item of Jellyfin's: its folder lies in two libraries."""

    @property
    @override
    def item_id(self) -> str:
        """Jellyfin's id."""
        return guid("again", self.tmdb)


def again(home: Doubled) -> Film:
    """Have the file of the lower copy be two items."""
    film, world = home.low.film, home.servers.world
    twin = Again(**{one.name: getattr(film, one.name) for one in fields(film)})
    world.films[twin.item_id] = twin
    world.homes[twin.item_id] = world.homes[film.item_id]
    return twin


async def test_of_two_items_of_one_file_the_lower_leaves_once_and_the_higher_stays(
    home: Doubled,
) -> None:
    """One step for one file; the higher copy is a version of one of these items."""
    again(home)
    await home.ready()
    plan = await chosen(home)
    deletions = [one for one in plan["steps"] if one["action"] == "delete_file"]
    assert [one["title"] for one in deletions] == [home.low.film.label], why(plan)
    done = await home.call("apply_plan", plan_id=plan["plan_id"])
    assert set(steps(done).values()) == {"done"}, done["steps"]
    assert not home.has(home.low)
    home.watched(home.high.film)
    await home.ready()
    assert (await shown(home))["steps"] == []
    assert home.high.file_id


async def test_who_is_in_the_middle_of_the_other_item_of_a_file_keeps_it(home: Doubled) -> None:
    """Whichever of them they play; and what one of them says was watched was not, by the other."""
    twin = again(home)
    await home.ready()
    assert (await chosen(home))["steps"]
    data = home.servers.world.userdata(home.house.user("Sofa").id, twin.item_id)
    data.position, data.play_count = 2.0, 1
    data.last_played = utcnow() - timedelta(days=40)
    await home.ready()
    assert (await shown(home))["steps"] == []
    assert home.has(home.low)
    data.position, data.played = 0.0, True
    await choose(home, lower_quality=False)
    await home.ready()
    assert (await shown(home))["steps"] == []


# -- two Sonarrs -----------------------------------------------------------------------------------


class Series4K(Cleaned):
    """A household in which a series is there in HD and in 4K."""

    low: Series
    high: Series
    uhd: Server

    def files(self, series: Series) -> int:
        """Count the files that are there."""
        return sum(bool(part.file_id) for part in series.parts)


@pytest.fixture
async def shows(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Series4K]:
    """Live in it: nobody has watched the series, and both copies came long ago."""
    library = UhdSeries(servers.world)
    second = Sonarr(servers.world, library)
    uhd = Server("sonarr_4k", second.app())
    await uhd.start()
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        await settled(house)
        made = Series4K(house)
        made.uhd, made.low = uhd, made.series
        long_ago = utcnow() - timedelta(days=90)
        for part in made.low.parts:
            part.file_added = long_ago
            for (_, item), kept in servers.world.data.items():
                if item == part.episode.item_id:
                    kept.play_count, kept.last_played = 0, None
        made.high = library.hold(made.low.show, long_ago)
        data = {
            "url": uhd.url,
            "api_key": servers.world.keys.sonarr,
            "verify_ssl": True,
            "permanent_folders": [ROOT],
            "path_map": [{"here": "/media", "there": "/data"}],
        }
        linked = ConfigSubentry(
            data=MappingProxyType(data),
            subentry_type="sonarr",
            title="Sonarr 4K",
            unique_id=f"sonarr:{uhd.url}",
        )
        hass.config_entries.async_add_subentry(house.entry, linked)
        await hass.async_block_till_done()
        await made.ready()
        made.begin()
        yield made
    await second.stop()
    await uhd.stop()


async def chosen_of(home: Series4K, **options: object) -> Answer:
    """Choose rules, as if what leaves was announced long ago, and say what does."""
    await choose(home, **options)
    await shown(home)
    await announced_long_ago(home)
    return await shown(home)


def deleted(plan: Answer) -> list[tuple[str, str]]:
    """Name what is deleted, and where."""
    found = [one for one in plan["steps"] if one["action"] == "delete_episode_files"]
    return [(one["action"], one["target"]["service_name"]) for one in found]


async def test_the_lower_season_leaves_by_its_own_sonarr_and_the_higher_stays(
    shows: Series4K,
) -> None:
    """All of it at once; then it is the last copy, whoever watches it."""
    assert (await shown(shows))["steps"] == []
    plan = await chosen_of(shows, lower_quality=True)
    assert "higher quality" in english(plan["steps"][0]["reasons"][0]), why(plan)
    before = shows.files(shows.high)
    done = await shows.call("apply_plan", plan_id=plan["plan_id"])
    assert set(steps(done).values()) == {"done"}, done["steps"]
    assert shows.files(shows.low) == 0
    assert shows.files(shows.high) == before > 0
    assert [one for one in shows.uhd.calls if one.method != "GET"] == []
    assert (await shown(shows))["steps"] == []


@pytest.mark.parametrize("how", ["one is missing", "silent", "streamed", "watched", "begun"])
async def test_of_two_sonarrs_never_both_copies_go(shows: Series4K, how: str) -> None:
    """Where the higher one is not whole, not known, not to stay, or may leave itself."""
    assert (await chosen_of(shows, lower_quality=True))["steps"]
    first: Entry = shows.low.parts[0].episode
    if how == "one is missing":
        shows.high.parts[0].file_id = 0
    elif how == "silent":
        shows.uhd.liar.tell(Lie(LieKind.ERROR, "/series", times=500))
    elif how == "streamed":
        entry, hass = shows.house.entry, shows.house.hass
        linked = next(o for o in entry.subentries.values() if o.title == "Sonarr 4K")
        less = {**linked.data, "permanent_folders": []}
        hass.config_entries.async_update_subentry(entry, linked, data=less)
        await hass.async_block_till_done()
    elif how == "watched":
        # Both are one item: by the rule of what was watched each may go, by itself.
        for part in shows.high.parts:
            shows.watched(part.episode, days=1)
    else:
        data = shows.servers.world.userdata(shows.house.user("Sofa").id, first.item_id)
        data.position, data.play_count = 2.0, 1
    await shows.ready()
    plan = await shown(shows)
    assert plan["steps"] == [], plan["steps"]
    assert shows.files(shows.low) > 0


async def test_what_the_other_sonarr_has_of_a_season_is_not_searched_for(
    shows: Series4K,
) -> None:
    """A season that lacks an episode stays as it is, and so does the other copy."""
    lost = shows.low.parts[-1]
    lost.file_id = 0
    for part in shows.low.parts[:-1]:
        shows.watched(part.episode)
    await shows.ready()
    await choose(shows, season_packing=True)
    plan = await shown(shows)
    assert plan["steps"] == [], plan["steps"]
    assert "Sonarr 4K" in why(plan)
    # What neither has is searched for; and nothing leaves for that.
    shows.high.parts[-1].file_id = 0
    shows.servers.world.episodes.pop(lost.episode.item_id)
    await shows.ready()
    plan = await shown(shows)
    assert {one["action"] for one in plan["steps"]} == {"search_episodes"}, why(plan)
