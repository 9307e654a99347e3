"""What leaves by choice, and what is left alone, in a household with real clients."""

from collections.abc import AsyncGenerator
from datetime import timedelta

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.english import english
from world.clock import utcnow
from world.lies import Lie, LieKind
from world.radarr_library import Movie
from world.servers import Servers

from .arrs import house_with_arrs
from .cleaning import Cleaned, settled, steps, why
from .cleanup_options import announced_long_ago, choose, leaving, shown
from .household import until


@pytest.fixture
async def home(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Cleaned]:
    """Live in a household in which anybody counts, and limits of shares are wide."""
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        yield await settled(house)


@pytest.mark.parametrize("name", ["films", "/data/movies", " /data/movies/ "])
async def test_what_lies_in_a_library_that_is_left_alone_stays(home: Cleaned, name: str) -> None:
    """Named as Jellyfin names the library, or as Radarr names its root folder."""
    film = next(one.film for one in home.movies if one.path.startswith("/data/movies/"))
    home.watched(film)
    home.season()
    await choose(home, excluded=[name])
    plan = await shown(home)
    assert {step["action"] for step in plan["steps"]} == {
        "unmonitor_episodes",
        "delete_episode_files",
    }, why(plan)
    assert f"{film.label}: it lies in" in why(plan)
    assert "left alone" in why(plan)


async def test_while_a_name_is_no_library_nothing_leaves(home: Cleaned) -> None:
    """It may have been renamed: what was meant may be anything."""
    home.watched(home.movies[0].film)
    await choose(home, excluded=["Kids"])
    plan = await shown(home)
    assert plan["steps"] == []
    assert "no library or root folder of that name" in why(plan)
    assert all(one["unknown"] for one in plan["left_out"])


@pytest.mark.parametrize(
    ("service", "path"), [("jellyfin", "/Library/VirtualFolders"), ("radarr", "/rootfolder")]
)
async def test_while_nobody_says_where_libraries_lie_nothing_leaves(
    home: Cleaned, service: str, path: str
) -> None:
    """Also when that is only so at the last look, before a step."""
    movie = home.movies[0]
    home.watched(movie.film)
    await choose(home, excluded=["Series"])
    plan = await shown(home)
    assert steps(plan)["delete_file"] == "planned", why(plan)
    home.servers.all[service].liar.tell(Lie(LieKind.ERROR, path, times=50))
    assert (await home.call("cleanup_watched", dry_run=True))["steps"] == []
    over = await home.call("apply_plan", plan_id=plan["plan_id"])
    assert "done" not in steps(over).values()
    assert home.has(movie)


async def test_options_that_can_not_be_meant_let_nothing_leave(home: Cleaned) -> None:
    """A list of libraries that is none might name them all."""
    await choose(home, excluded="Films")
    cleanup = home.house.runtime.jobs.named("cleanup")
    assert cleanup.page.policy is None
    await choose(home, excluded=[], idle_days=10, idle_rating="good")
    assert (cleanup.page.policy.idle_days, cleanup.page.policy.excluded) == (0, ())


def untouched(home: Cleaned) -> list[Movie]:
    """Give the movies that nobody has ever played."""
    data = home.servers.world.data.items()
    played = {item for (_, item), one in data if one.play_count or one.last_played}
    return [one for one in home.movies if one.film.item_id not in played]


async def test_what_nobody_has_ever_watched_leaves_by_choice(home: Cleaned) -> None:
    """Said so, and only what came long enough ago; by default nothing does."""
    movie, other, begun, young = untouched(home)[:4]
    for one in home.movies:
        one.file_added = utcnow() - timedelta(days=1)
    for one in (movie, other, begun):
        one.file_added = utcnow() - timedelta(days=50)
    data = home.servers.world.userdata(home.house.user("Sofa").id, begun.film.item_id)
    data.position, data.play_count, data.last_played = 900.0, 1, utcnow() - timedelta(days=40)
    assert (await shown(home))["steps"] == []
    await choose(home, unwatched_months=1)
    # Whoever has just chosen it is told first: the notice of a week begins with that.
    plan = await shown(home)
    assert plan["steps"] == []
    leaving = home.house.runtime.jobs.named("cleanup").leaving
    assert movie.film.label in {one.title.label for one in leaving}
    assert not {begun.film.label, young.film.label} & {one.title.label for one in leaving}
    await announced_long_ago(home)
    plan = await shown(home)
    assert {step["title"] for step in plan["steps"]} == {movie.film.label, other.film.label}
    assert "nobody has ever watched it" in english(plan["steps"][0]["reasons"][0])
    # Once somebody has begun it that is so for good: by the clock it may be read at any time.
    data = home.servers.world.userdata(home.house.user("Sofa").id, movie.film.item_id)
    data.position, data.play_count, data.last_played = 60.0, 1, utcnow()
    over = await home.call("apply_plan", plan_id=plan["plan_id"])
    assert {(step["title"], step["state"]) for step in over["steps"]} == {
        (movie.film.label, "skipped"),
        (other.film.label, "done"),
    }
    assert home.has(movie)
    assert not home.has(other)


async def test_what_nobody_watches_any_more_leaves_by_choice_but_not_what_is_rated_well(
    home: Cleaned,
) -> None:
    """Whoever has watched it: here not the viewer who has to have."""
    movies = sorted((one for one in untouched(home) if one.film.rating), key=_rating)
    poor, good = movies[0], movies[-1]
    assert _rating(good) - _rating(poor) > 1
    for one in home.movies:
        one.file_added = utcnow() - timedelta(days=400)
    for one in (poor, good):
        data = home.servers.world.userdata(home.house.user("Sofa").id, one.film.item_id)
        data.position, data.play_count, data.last_played = 60.0, 1, utcnow() - timedelta(days=190)
    await choose(home, idle_days=180, idle_rating=_rating(good) - 0.5)
    # Chosen before anybody has looked for the first time: it is announced all the same.
    assert (await shown(home))["steps"] == []
    await announced_long_ago(home)
    plan = await shown(home)
    first = {step["title"] for step in plan["steps"]}
    assert poor.film.label in first, why(plan)
    assert good.film.label not in first
    assert good.film.label in why(plan)
    await choose(home, idle_rating=0)
    # Nothing keeps it any more, it is ripe for long, and nobody has heard of it.
    assert good.film.label not in await going(home)
    await announced_long_ago(home, "cleanup:counted")
    assert good.film.label not in await going(home)
    assert good.film.label in {one.title.label for one in leaving(home)}
    await announced_long_ago(home)
    assert good.film.label in await going(home)
    # Kept for a while, and let go again: it is announced anew.
    await home.call("keep", title=f"movie:tmdb:{good.film.tmdb}")
    assert good.film.label not in await going(home)
    await home.call("stop_keeping", title=f"movie:tmdb:{good.film.tmdb}")
    assert good.film.label not in await going(home)
    assert good.film.label in {one.title.label for one in leaving(home)}


async def going(home: Cleaned) -> set[object]:
    """Name what a plan lets go now."""
    return {step["title"] for step in (await shown(home))["steps"]}


async def test_by_choice_everybody_counts_who_comes_or_goes(home: Cleaned) -> None:
    """What only a child has watched does not leave on the day on which the child is untracked."""
    kv = home.house.runtime.store.kv

    async def counted() -> object:
        await shown(home)
        kept = await kv.get("cleanup:counted")
        assert isinstance(kept, dict)
        return kept["viewers"]

    sofa = home.house.entry.get_subentries_of_type("viewer")[0]
    home.house.hass.config_entries.async_update_subentry(
        home.house.entry, sofa, data={**sofa.data, "counts_for_cleanup": False}
    )
    viewers = home.house.runtime.settings.viewers
    await until(lambda: not viewers[sofa.data["user_id"]].counts_for_cleanup, what="it is taken in")
    alone = await counted()
    await choose(home, unwatched_months=1)
    assert len(await counted()) > len(alone)  # type: ignore[arg-type]


def _rating(movie: Movie) -> float:
    return movie.film.rating or 0.0


async def test_of_what_nobody_has_touched_only_what_is_old_enough_is_asked_about(
    home: Cleaned,
) -> None:
    """And nothing where that is not chosen."""
    for one in home.servers.world.data.values():
        one.play_count, one.last_played = 0, None
    movies, shows = home.servers.radarr_state.library.movies, home.servers.sonarr_state.library
    for movie in movies.values():
        movie.file_added = utcnow() - timedelta(days=1)
    for show in shows.series.values():
        show.added = utcnow() - timedelta(days=1)
    old, series = home.movies[0], home.series
    old.file_added = series.added = utcnow() - timedelta(days=90)
    await home.ready()
    facts = home.house.runtime.jobs.named("cleanup")._facts
    assert not (await facts.all()).held
    await choose(home, unwatched_months=1)
    found = (await facts.all()).held.values()
    assert {one.title.label for one in found} == {old.film.label, series.show.label}
