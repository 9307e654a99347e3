"""What was watched leaves, in a household with real clients: through the action, as a plan."""

from datetime import timedelta
import random
from typing import Any
from unittest.mock import AsyncMock

from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.showrunner.clients.arr_models import queue_item
from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.deletion.draft import Deletion
from custom_components.showrunner.domain.deletion.facts import SeerrSide
from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.knowledge import Known, Unknown
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title, TitleKey
from custom_components.showrunner.domain.retention import Requester
from custom_components.showrunner.jobs.cleanup import job as cleaning
from custom_components.showrunner.signals import Topic
from tests.effort import examples
from tests.english import english
from tests.platforms.faces import act, user_context
from tests.platforms.sockets import ask
from world import radarr_library
from world.catalogue import EPISODES
from world.clock import utcnow
from world.lies import Liar, Lie, LieKind
from world.servers import Servers
from world.world import in_jellyfin

from .arrs import house_with_arrs
from .cleaning import (
    SERIES,
    Cleaned,
    Goes,
    GoingMovie,
    GoingSeason,
    _is_true,
    key,
    settled,
    steps,
    why,
)
from .cleanup_options import announced_long_ago
from .deleting import FILM, arrived
from .household import until
from .pipeline import Pipeline


async def test_a_movie_leaves_a_kept_one_stays_and_undo_brings_it_back(home: Cleaned) -> None:
    """Unmonitored, deleted, forgotten; as it was, and searched for, once somebody regrets it."""
    gone, kept, unseen = home.movies[:3]
    kept.tags.add(2)
    gone.monitored = True
    was = (gone.path, gone.profile, set(gone.tags), gone.monitored)
    home.watched(gone.film)
    home.watched(kept.film)
    await home.ready()
    home.begin()
    shown = await home.call("cleanup_watched", dry_run=True)
    assert steps(shown) == {
        "unmonitor_movie": "planned",
        "delete_file": "planned",
        "delete_movie": "planned",
    }, why(shown)
    assert {step["title"] for step in shown["steps"]} == {gone.film.label}
    assert kept.film.label in why(shown)
    assert home.writes() == []
    done = await home.call("apply_plan", plan_id=shown["plan_id"])
    assert set(steps(done).values()) == {"done"}, done["steps"]
    assert not home.has(gone)
    assert home.has(kept)
    assert home.has(unseen)
    rows = await home.house.runtime.store.ledger.for_title(key(gone.film))
    row = next(one for one in rows if one.action == "delete_movie")
    back = await home.call("undo", ledger_id=row.id)
    assert steps(back) == {"restore_movie": "done", "search_movie": "done"}, back
    again = home.servers.radarr_state.library.by_tmdb(gone.film.tmdb)
    assert again is not None
    assert (again.path, again.profile, again.tags, again.monitored) == was


async def test_what_came_back_after_we_deleted_it_stays(home: Cleaned) -> None:
    """Whoever fetched it again wants it: our own ledger tells of the deletion."""
    again = home.movies[0]
    home.watched(again.film, days=20)
    again.file_added = utcnow() - timedelta(hours=12)
    await home.ready()
    said = "it came back after it was deleted"
    assert said not in why(await home.call("cleanup_watched", dry_run=True))
    title = Title(MediaType.MOVIE, key(again.film).ids, again.film.name, again.film.year)
    await home.house.runtime.store.ledger.note("delete", None, title, "delete_file", "")
    shown = await home.call("cleanup_watched", dry_run=True)
    assert shown["steps"] == []
    assert said in why(shown)


async def test_a_season_leaves_in_one_call_and_comes_back(home: Cleaned) -> None:
    """The series stays, unmonitored where nothing is left; nothing else of it is touched."""
    home.season()
    await home.ready()
    home.begin()
    done = await home.call("cleanup_watched", media="series")
    assert steps(done) == {"unmonitor_episodes": "done", "delete_episode_files": "done"}, (
        why(done),
        done["steps"],
    )
    assert home.writes() == [
        "PUT /api/v3/episode/monitor",
        "DELETE /api/v3/episodefile/bulk",
    ]
    assert not any(part.file_id or part.monitored for part in home.series.parts)
    rows = await home.house.runtime.store.ledger.for_plan(done["plan_id"])
    row = next(one for one in rows if one.action == "delete_episode_files")
    await home.call("undo", ledger_id=row.id)
    assert all(part.monitored for part in home.series.parts)
    await until(lambda: all(part.file_id for part in home.series.parts), what="it comes back")


# -- what has gone wrong elsewhere -----------------------------------------------------------------


async def test_maintainerr_a_whole_show_deleted_on_a_retry(home: Cleaned) -> None:
    """The answer to a deletion was lost, and it is asked for again: nothing more goes."""
    home.season()
    others = list(home.servers.sonarr_state.library.series.values())
    others.remove(home.series)
    await home.ready()
    home.begin()
    home.servers.sonarr.liar.tell(Lie(LieKind.HALF, "/episodefile/bulk", "DELETE", times=1))
    done = await home.call("cleanup_watched")
    assert steps(done)["delete_episode_files"] == "done"
    for _ in range(2):
        again = await home.call("cleanup_watched")
        assert again["steps"] == []
    assert [one for one in home.writes() if "DELETE" in one] == ["DELETE /api/v3/episodefile/bulk"]
    assert home.series.id in home.servers.sonarr_state.library.series
    assert all(part.file_id and part.monitored for one in others for part in one.parts)


async def test_maintainerr_a_deletion_that_failed_is_not_widened(home: Cleaned) -> None:
    """Sonarr refuses the season: it stays whole, and the series with it."""
    home.season()
    await home.ready()
    home.begin()
    home.servers.sonarr.liar.tell(Lie(LieKind.ERROR, "/episodefile/bulk", "DELETE", status=400))
    done = await home.call("cleanup_watched")
    assert steps(done)["delete_episode_files"] == "failed"
    assert all(part.file_id for part in home.series.parts)
    assert not any("/series/" in one for one in home.writes())


async def test_janitorr_nothing_goes_in_a_sonarr_that_is_not_the_owner(home: Cleaned) -> None:
    """The same series by its ids, in other folders: its files are not those that were watched."""
    home.season()
    home.series.root = "/elsewhere/shows"
    await home.ready()
    home.begin()
    done = await home.call("cleanup_watched")
    assert done["steps"] == []
    assert SERIES in why(done)
    assert home.writes() == []
    assert all(part.file_id for part in home.series.parts)


async def test_janitorr_nothing_goes_while_another_sonarr_does_not_answer(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """It may hold the series, too: nobody knows what it says of it."""
    async with house_with_arrs(
        hass, servers, hass_client_no_auth, add_webhook=False, more=1
    ) as house:
        home = await settled(house)
        home.season()
        await home.ready()
        home.begin()
        done = await home.call("cleanup_watched")
        assert done["steps"] == []
        assert any(one["unknown"] for one in done["left_out"])
        assert home.writes() == []


async def test_a_jellyfin_plugin_175_episodes_of_a_favourite(home: Cleaned) -> None:
    """A mark on the series keeps every episode, also one that was set after the plan was made."""
    episodes = home.season()
    series_id = next(one.series_id for one in EPISODES if one.series == SERIES)
    data = home.servers.world.userdata(home.house.user("Sofa").id, series_id)
    await home.ready()
    home.begin()
    shown = await home.call("cleanup_watched", dry_run=True)
    assert steps(shown)["delete_episode_files"] == "planned"
    data.favorite = True
    over = await home.call("apply_plan", plan_id=shown["plan_id"])
    assert set(steps(over).values()) == {"skipped"}
    assert "favourite" in english(over["steps"][0]["detail"]).lower()
    await home.ready()
    assert (await home.call("cleanup_watched"))["steps"] == []
    assert home.writes() == []
    assert len(episodes) == sum(bool(part.file_id) for part in home.series.parts)


# -- the laws --------------------------------------------------------------------------------------


async def test_law_3_what_is_begun_again_stays(home: Cleaned) -> None:
    """Somebody plays it by now: it is not even unmonitored."""
    gone = home.movies[0]
    gone.monitored = True
    home.watched(gone.film)
    await home.ready()
    home.begin()
    shown = await home.call("cleanup_watched", dry_run=True)
    home.servers.play("Kitchen", gone.film.name, 0.0, 1.0, 0.05)
    client = home.house.runtime.jellyfin.client

    async def seen() -> bool:
        return bool((await client.sessions(utcnow())).reports)

    await until(seen, what="it plays")
    over = await home.call("apply_plan", plan_id=shown["plan_id"])
    assert set(steps(over).values()) == {"skipped"}
    assert home.writes() == []
    assert home.has(gone)


@pytest.mark.parametrize("how", ["monitored", "in the queue", "requested", "not known"])
async def test_law_3_an_entry_that_is_wanted_again_stays(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Its file has left, and before its entry follows somebody asks for it again."""
    one = home.movies[0]
    one.monitored = True
    home.watched(one.film)
    await home.ready()
    lie = Lie(LieKind.ERROR, f"/movie/{one.id}", "DELETE", status=503, times=1)
    home.servers.radarr.liar.tell(lie)
    job = home.house.runtime.jobs.named("cleanup")
    plan_id = (await home.call("cleanup_watched"))["plan_id"]
    plan = await home.house.runtime.store.plans.get(plan_id)
    assert [step.state.value for step in plan.steps] == ["done", "done", "planned"]
    (radarr,) = home.house.runtime.radarrs.values()
    if how == "monitored":
        one.monitored = True
    elif how == "in the queue":
        line = queue_item({"id": 1, "movieId": one.id})
        monkeypatch.setattr(radarr.client, "queue", AsyncMock(return_value=(line,)))
    else:
        side = SeerrSide("seerr", 1, key(one.film).ids, 1, lone=False)
        asked = (Requester("Ann", "a" * 32, seasons=None, open=True), side)
        requests = Known(dict.fromkeys(key(one.film).names, (asked,)))
        answer = requests if how == "requested" else Unknown("it does not answer")
        monkeypatch.setattr(job._facts._requests, "asked", AsyncMock(return_value=answer))
    await job.runs._go_on(plan_id)
    plan = await home.house.runtime.store.plans.get(plan_id)
    assert plan.steps[-1].state.value == ("planned" if how == "not known" else "skipped")
    assert one.id in home.servers.radarr_state.library.movies


async def test_what_came_by_the_clock_waits_while_that_is_switched_off(home: Cleaned) -> None:
    """Until it is switched on again, or a person has it carried out."""
    one, runtime = home.movies[0], home.house.runtime
    home.watched(one.film)
    await home.ready()
    await runtime.set_option("cleanup", "enabled", True)
    cleanup = runtime.jobs.named("cleanup")
    lie = Lie(LieKind.ERROR, "/moviefile/", "DELETE", status=503, times=1)
    home.servers.radarr.liar.tell(lie)
    await cleanup.run()
    (plan,) = await runtime.store.plans.recent(3, "cleanup")
    assert plan.waiting
    await runtime.set_option("cleanup", "enabled", False)
    await cleanup.runs._go_on(plan.plan_id)
    waits = await runtime.store.plans.get(plan.plan_id)
    assert waits.waiting
    assert home.has(one)
    done = await home.call("apply_plan", plan_id=plan.plan_id)
    assert set(steps(done).values()) == {"done"}
    assert not home.has(one)


async def test_what_is_cut_off_as_a_whole_is_not_told_to_be_done(home: Cleaned) -> None:
    """Nothing has left: a season is more than a run may take."""
    home.season()
    await home.house.runtime.set_option("safety", "max_items", 1)
    await home.ready()
    texts: list[str] = []
    home.house.runtime.signals.subscribe(Topic.JOB, lambda kind, _: texts.append(kind))
    done = await home.call("cleanup_watched")
    assert set(steps(done).values()) == {"cut"}
    assert texts == []


async def test_what_can_not_go_does_not_hold_up_what_can(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many leave in a run as may; but no more than so many are asked about."""
    monkeypatch.setattr(cleaning, "_MOST_TITLES", 1)
    sized = sorted(home.movies[:4], key=lambda movie: movie.film.size)
    for movie in sized:
        home.watched(movie.film)
    await home.ready()
    cleanup = home.house.runtime.jobs.named("cleanup")
    planned, asked = cleanup._planned, []

    async def stays(title: Title, key: tuple[str, int]) -> Deletion:
        asked.append(key[1])
        return Deletion((), ()) if key[1] == sized[0].id else await planned(title, key)

    monkeypatch.setattr(cleanup, "_planned", stays)
    shown = await home.call("cleanup_watched", dry_run=True)
    assert {step["title"] for step in shown["steps"]} == {sized[1].film.label}
    assert asked == [sized[0].id, sized[1].id]
    monkeypatch.setattr(cleaning, "_MOST_ASKED", 1)
    assert (await home.call("cleanup_watched", dry_run=True))["steps"] == []


async def test_law_6_what_a_person_keeps_stays_until_they_let_go(home: Cleaned) -> None:
    """A word on the season, given after the plan was made, stops it; and one before, the plan."""
    home.season()
    await home.ready()
    home.begin()
    shown = await home.call("cleanup_watched", dry_run=True)
    show = f"series:tvdb:{home.series.show.tvdb}"
    await home.call("keep", title=show, season=1)
    over = await home.call("apply_plan", plan_id=shown["plan_id"])
    assert set(steps(over).values()) == {"skipped"}
    kept = await home.call("cleanup_watched")
    assert kept["steps"] == []
    assert "somebody has said that it stays" in why(kept)
    assert home.writes() == []
    await home.call("stop_keeping", title=show, season=1)
    # The grace begins anew when it ends.
    assert (await home.call("cleanup_watched"))["steps"] == []


@pytest.mark.parametrize("how", ["kept", "always", "deleted", "requested"])
async def test_law_6_what_is_said_of_another_id_of_the_title_counts(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Radarr does not know it, Jellyfin's item does: by any of them a title stays."""
    film, store = home.movies[0].film, home.house.runtime.store
    home.watched(film, days=20)
    home.movies[0].file_added = utcnow() - timedelta(hours=12)
    await home.house.runtime.set_option("cleanup", "grace_days", 0)
    describe = radarr_library.describe
    monkeypatch.setattr(radarr_library, "describe", lambda one: describe(one) | {"imdbId": None})
    await home.ready()
    assert "delete_file" in steps(await home.call("cleanup_watched", dry_run=True))
    ids = ProviderIds(imdb=film.imdb)
    title = TitleKey(MediaType.MOVIE, ids)
    if how == "kept":
        await store.keeps.set(Keep(title, None, None, utcnow(), "somebody"))
    elif how == "always":
        await store.overrides.set(title, Override.ALWAYS, "somebody")
    elif how == "deleted":
        gone = Title(MediaType.MOVIE, ids, film.name, film.year)
        await store.ledger.note("delete", None, gone, "delete_file", "")
    else:
        side = SeerrSide("seerr", 1, ids, 1, lone=False)
        asked = (Requester("Ann", None, seasons=None, open=True), side)
        requests = Known(dict.fromkeys(title.names, (asked,)))
        facts = home.house.runtime.jobs.named("cleanup")._facts
        monkeypatch.setattr(facts._requests, "asked", AsyncMock(return_value=requests))
    shown = await home.call("cleanup_watched", dry_run=True)
    assert shown["steps"] == []
    assert film.label in why(shown)


async def test_what_is_kept_and_held_by_nobody_is_told_with_each_plan(home: Cleaned) -> None:
    """It protects nothing; what only Radarr has is matched, by whatever id, and is not told."""
    await home.ready()
    movies = home.servers.radarr_state.library.movies.values()
    film = next(one.film for one in movies if not in_jellyfin(home.servers.world, one.film))
    answer = await home.call("keep", title=f"movie:imdb:{film.imdb}")
    assert answer["confirmed"]
    slip = TitleKey(MediaType.MOVIE, ProviderIds(tmdb=987_654_321))
    await home.house.runtime.store.keeps.set(Keep(slip, None, None, utcnow(), "somebody"))
    shown = await home.call("cleanup_watched", dry_run=True)
    rows = [one for one in shown["left_out"] if "somebody keeps it" in english(one["reason"])]
    assert [(one["title"], one["unknown"]) for one in rows] == [(slip.names[0], True)]


async def test_the_grace_begins_anew_when_others_count(home: Cleaned) -> None:
    """Who left or came may have kept it from leaving: nothing goes on the day of the change."""
    home.watched(home.movies[0].film)
    await home.ready()
    assert (await home.call("cleanup_watched", dry_run=True))["steps"]
    kv = home.house.runtime.store.kv
    await kv.put("cleanup:counted", {"viewers": ["somebody else"], "since": None})
    assert (await home.call("cleanup_watched", dry_run=True))["steps"] == []
    assert (await home.call("cleanup_watched", dry_run=True))["steps"] == []
    (due,) = home.house.runtime.jobs.named("cleanup").leaving
    assert due.at > utcnow() + timedelta(days=4)


@pytest.mark.parametrize(("option", "value"), [("who", "all"), ("keep_tag", "stay")])
async def test_the_grace_begins_anew_when_other_rules_keep(
    home: Cleaned, option: str, value: object
) -> None:
    """What another choice kept does not leave on the day on which it is changed."""
    home.watched(home.movies[0].film)
    await home.ready()
    assert (await home.call("cleanup_watched", dry_run=True))["steps"]
    await home.house.runtime.set_option("cleanup", option, value)
    for _ in range(2):
        assert (await home.call("cleanup_watched", dry_run=True))["steps"] == []
    (due,) = home.house.runtime.jobs.named("cleanup").leaving
    assert due.at > utcnow() + timedelta(days=4)


@pytest.mark.parametrize(
    ("service", "path"), [("radarr", "/api/v3/movie"), ("jellyfin", "/Sessions")]
)
async def test_law_1_what_leaves_is_shown_while_nobody_could_look_again(
    home: Cleaned, service: str, path: str
) -> None:
    """Who does not answer has not said that it stays: it goes as soon as they do."""
    home.watched(home.movies[0].film)
    await home.ready()
    assert (await home.call("cleanup_watched", dry_run=True))["steps"]
    job = home.house.runtime.jobs.named("cleanup")
    (due,) = job.leaving
    liar = home.servers.all[service].liar
    liar.tell(Lie(LieKind.ERROR, path, times=500))
    assert (await home.call("cleanup_watched", dry_run=True))["steps"] == []
    assert [one.part for one in job.leaving] == [due.part]
    liar.be_honest()
    home.movies[0].tags.add(2)
    await home.call("cleanup_watched", dry_run=True)
    assert job.leaving == ()


async def test_law_1_a_library_that_was_not_read_lets_nothing_go(home: Cleaned) -> None:
    """Nobody knows what is there: nothing leaves, and it says so."""
    home.watched(home.movies[0].film)
    done = await home.call("cleanup_watched")
    assert done["steps"] == []
    assert "not known" in why(done)


async def test_law_8_the_smallest_go_first_and_the_rest_in_another_run(home: Cleaned) -> None:
    """Of more than a run may take what is smallest is taken."""
    for movie in home.movies[:4]:
        home.watched(movie.film)
    await home.ready()
    await home.house.runtime.set_option("safety", "max_items", 2)
    shown = await home.call("cleanup_watched", dry_run=True)
    cut = {one["title"]: one["state"] for one in shown["steps"] if one["action"] == "delete_file"}
    sizes = {one.film.label: one.film.size for one in home.movies[:4]}
    assert "cut" in cut.values()
    going = [sizes[one] for one, state in cut.items() if state == "planned"]
    staying = [sizes[one] for one, state in cut.items() if state == "cut"]
    assert max(going) <= min(staying)


async def test_a_mode_that_nobody_knows_lets_nothing_go(home: Cleaned) -> None:
    """It is no mode, and never the widest one."""
    home.watched(home.movies[0].film)
    await home.ready()
    await home.house.runtime.set_option("cleanup", "who", "everybody")
    with pytest.raises(ServiceValidationError) as caught:
        await home.call("cleanup_watched", dry_run=True)
    assert caught.value.translation_key == "cleanup_mode_unknown"


async def test_the_sensors_say_what_leaves_and_when(home: Cleaned) -> None:
    """What is due by now, and what is still within its grace."""
    hass = home.house.hass
    home.watched(home.movies[0].film)
    home.watched(home.movies[1].film, days=2)
    await home.ready()
    await home.house.runtime.set_option("cleanup", "enabled", True)
    await home.call("cleanup_watched", dry_run=True)
    await hass.async_block_till_done()
    assert hass.states.get("sensor.demo_leaving").state == "2"  # type: ignore[union-attr]
    size = sum(one.film.size for one in home.movies[:2]) / 10**9
    answer = hass.states.get("sensor.demo_leaving_data")
    assert answer is not None
    assert float(answer.state) == pytest.approx(size, abs=0.1)
    turn = hass.states.get("sensor.demo_next_deletion")
    assert turn is not None
    assert turn.state > utcnow().isoformat()


async def test_the_calendar_says_what_leaves_until_somebody_keeps_it(home: Cleaned) -> None:
    """On its day; what is kept beyond that is gone from it at once, and comes back when let go."""
    hass, soon = home.house.hass, home.movies[1].film
    home.watched(home.movies[0].film)
    home.watched(soon, days=2)
    await home.ready()
    await home.house.runtime.set_option("cleanup", "enabled", True)
    assert await _leaving(home) == []
    await home.call("cleanup_watched", dry_run=True)
    now = dt_util.now()
    assert [one["summary"] for one in await _leaving(home)] == [
        f"{one.film.name} ({one.film.year})" for one in home.movies[:2]
    ]
    first, second = await _leaving(home)
    assert first["start"] <= (now + timedelta(days=1)).date().isoformat()
    assert second["start"] >= (now + timedelta(days=3)).date().isoformat()
    assert second["end"] > second["start"]
    answer = hass.states.get("calendar.demo_leaving")
    assert answer is not None
    assert answer.attributes["message"] == first["summary"]

    async def shown(count: int) -> None:
        async def is_shown() -> bool:
            return len(await _leaving(home)) == count

        await until(is_shown, what=f"{count} leave")

    title = f"movie:tmdb:{soon.tmdb}"
    await home.call("keep", title=title, days=1)
    await home.call("keep", title=f"movie:tmdb:{home.movies[0].film.tmdb}")
    await shown(1)
    assert [one["summary"] for one in await _leaving(home)] == [second["summary"]]
    await home.call("keep", title=title, days=60)
    await shown(0)
    await home.call("stop_keeping", title=title)
    await shown(1)


async def _leaving(home: Cleaned) -> list[dict[str, Any]]:
    """Ask the calendar for the next hundred days."""
    now = dt_util.now()
    entity = "calendar.demo_leaving"
    answer = await home.house.hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": entity,
            "start_date_time": (now - timedelta(hours=1)).isoformat(),
            "end_date_time": (now + timedelta(days=100)).isoformat(),
        },
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    events: list[dict[str, Any]] = answer[entity]["events"]  # type: ignore[call-overload, index]
    return sorted(events, key=lambda one: one["start"])


async def test_what_came_after_we_began_to_look_stays_for_a_grace(home: Cleaned) -> None:
    """Also where Radarr and Jellyfin tell that it is old, as of a library that was moved."""
    film, films = home.movies[0].film, home.servers.world.films
    films.pop(film.item_id)
    await home.ready()
    films[film.item_id] = film
    home.watched(film)
    await home.ready()
    assert (await home.call("cleanup_watched", dry_run=True))["steps"] == []
    (due,) = home.house.runtime.jobs.named("cleanup").leaving
    assert due.at > utcnow() + timedelta(days=4)


async def test_what_has_left_or_can_not_go_is_not_said_to_leave(home: Cleaned) -> None:
    """It has left, or its fresh proofs say no; by other options it is looked at anew."""
    one, plays, later = home.movies[:3]
    for movie, days in ((one, 30), (plays, 30), (later, 2)):
        home.watched(movie.film, days=days)
    await home.ready()
    cleanup = home.house.runtime.jobs.named("cleanup")
    planned = cleanup._planned

    def due() -> set[str]:
        return {left.title.label for left in cleanup.leaving}

    async def stays(title: Title, key: tuple[str, int]) -> Deletion:
        return Deletion((), ()) if key[1] == plays.id else await planned(title, key)

    cleanup._planned = stays
    await home.call("cleanup_watched", dry_run=True)
    assert due() == {one.film.label, later.film.label}
    assert set(steps(await home.call("cleanup_watched")).values()) == {"done"}

    async def are(expected: set[str]) -> None:
        async def so() -> bool:
            return due() == expected

        await until(so, what=f"{expected} leave")

    await are({later.film.label})
    await home.house.runtime.set_option("cleanup", "keep_last_watched", True)
    await are({plays.film.label, later.film.label})


async def test_what_could_not_go_is_announced_anew_before_it_leaves(home: Cleaned) -> None:
    """Nobody was shown meanwhile that it leaves: the first night on which it can, it only is."""
    movie = home.movies[0]
    home.watched(movie.film)
    await home.ready()
    cleanup = home.house.runtime.jobs.named("cleanup")
    planned, cleanup._planned = cleanup._planned, AsyncMock(return_value=Deletion((), ()))
    assert (await home.call("cleanup_watched"))["steps"] == []
    assert cleanup.leaving == ()
    cleanup._planned = planned
    assert (await home.call("cleanup_watched"))["steps"] == []
    (due,) = cleanup.leaving
    assert due.at > utcnow() + timedelta(days=4)
    assert home.has(movie)
    await announced_long_ago(home, "cleanup:announced_again")
    assert set(steps(await home.call("cleanup_watched")).values()) == {"done"}
    assert not home.has(movie)


async def test_what_no_proof_lets_go_is_not_said_to_leave(home: Cleaned) -> None:
    """The tag keep keeps it beside whatever tag is chosen; and so would a word or a mark."""
    one, tagged = home.movies[:2]
    tagged.tags.add(2)
    await home.house.runtime.set_option("cleanup", "keep_tag", "stay")
    for movie in (one, tagged):
        home.watched(movie.film, days=2)
    await home.ready()
    cleanup = home.house.runtime.jobs.named("cleanup")
    await cleanup.look()
    assert [left.title.label for left in cleanup.leaving] == [one.film.label]


async def test_what_is_marked_by_now_is_no_longer_said_to_leave(home: Cleaned) -> None:
    """As soon as the mark is read; nobody has to look at everything again."""
    loved = home.movies[0].film
    home.watched(loved, days=2)
    await home.ready()
    cleanup = home.house.runtime.jobs.named("cleanup")
    await cleanup.look()
    assert len(cleanup.leaving) == 1
    home.servers.world.userdata(home.house.user("Sofa").id, loved.item_id).favorite = True
    await home.ready()

    async def gone() -> bool:
        return cleanup.leaving == ()

    await until(gone, what="it is no longer said to leave")


@pytest.mark.parametrize("counts", [True, False])
async def test_a_favorite_stays_if_who_marked_it_counts(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    counts: bool,
) -> None:
    """The list, the plan and each later look say the same of it."""
    async with house_with_arrs(
        hass, servers, hass_client_no_auth, add_webhook=False, viewers=("Sofa", "Kitchen")
    ) as house:
        home = await settled(house)
        kitchen = house.user("Kitchen")
        (subentry,) = (
            one for one in house.entry.subentries.values() if one.data.get("user_id") == kitchen.id
        )
        data = {**subentry.data, "counts_for_cleanup": counts}
        hass.config_entries.async_update_subentry(house.entry, subentry, data=data)
        await hass.async_block_till_done()
        loved = home.movies[0]
        home.watched(loved.film)
        home.servers.world.userdata(kitchen.id, loved.film.item_id).favorite = True
        await home.ready()
        shown = await home.call("cleanup_watched", dry_run=True)
        assert bool(shown["steps"]) is not counts, why(shown)
        assert bool(house.runtime.jobs.named("cleanup").leaving) is not counts
        if not counts:
            done = await home.call("apply_plan", plan_id=shown["plan_id"])
            assert set(steps(done).values()) == {"done"}
        assert home.has(loved) is counts


async def test_a_card_is_told_what_leaves(
    home: Cleaned, hass_ws_client: WebSocketGenerator
) -> None:
    """Nothing is known before anybody has looked; then as many as are asked for, and how many."""
    socket = await hass_ws_client(home.house.hass)
    result = (await ask(socket, "leaving/list"))["result"]
    assert result == {"leaving": None, "count": None, "next_deletion": None}
    for one in home.movies[:2]:
        home.watched(one.film)
    await home.ready()
    await home.call("cleanup_watched", dry_run=True)
    result = (await ask(socket, "leaving/list", limit=1))["result"]
    (one,) = result["leaving"]
    assert result["count"] == 2
    film = next(m.film for m in home.movies[:2] if f"tmdb:{m.film.tmdb}" in one["ids"])
    assert (one["title"], one["media"], one["season"], one["bytes"]) == (
        f"{film.name} ({film.year})",
        "movie",
        None,
        film.size,
    )


async def test_a_card_is_told_why_something_leaves(
    home: Cleaned, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> None:
    """In sentences that name who watched it; to administrators only where the options say so."""
    home.watched(home.movies[0].film)
    await home.ready()
    await home.call("cleanup_watched", dry_run=True)
    everybody = await hass_ws_client(home.house.hass, hass_read_only_access_token)
    (one,) = (await ask(everybody, "leaving/list"))["result"]["leaving"]
    assert "Watched by Sofa." in one["reasons"]
    assert any(reason.startswith("It leaves ") for reason in one["reasons"])
    assert any(reason.startswith("Nothing keeps it: ") for reason in one["reasons"])
    await home.house.runtime.set_option("watching", "history_admins_only", True)
    (one,) = (await ask(everybody, "leaving/list"))["result"]["leaving"]
    assert one["reasons"] == []
    assert "Sofa" not in str(one)
    [plan] = (await ask(everybody, "plans/list", job="cleanup"))["result"]["plans"]
    assert "Sofa" not in str(plan)
    for command in ("plans/get", "plans/subscribe"):
        refused = await ask(everybody, command, plan_id=plan["plan_id"])
        assert refused["error"]["code"] == "unauthorized", command
    guest = await user_context(home.house)
    with pytest.raises(Unauthorized):
        await act(home.house, "cleanup_watched", guest, dry_run=True)
    admin = await hass_ws_client(home.house.hass)
    (one,) = (await ask(admin, "leaving/list"))["result"]["leaving"]
    assert "Watched by Sofa." in one["reasons"]


# -- Seerr -----------------------------------------------------------------------------------------


async def test_seerr_forgets_what_has_left_once_jellyfin_has_missed_it(pipe: Pipeline) -> None:
    """Who asked for it has watched it: it leaves, and may be asked for again."""
    room = await arrived(pipe)
    # What is here is available before Seerr, too, has seen it: until then its request is open.
    room.servers.seerr_state.worker.scan()
    home = await settled(pipe.house)
    movie = room.movie
    assert movie is not None
    movie.file_added = movie.added = utcnow() - timedelta(days=60)
    await home.ready()
    assert (await home.call("cleanup_watched", dry_run=True))["steps"] == []
    home.watched(FILM)
    await home.ready()
    plan = await room.ended(await home.call("cleanup_watched"))
    assert steps(plan) == {
        "unmonitor_movie": "done",
        "delete_file": "done",
        "delete_movie": "done",
        "forget_media": "done",
    }, (why(plan), plan["steps"])
    assert room.movie is None
    (forgotten,) = room.writes("seerr")
    assert forgotten.startswith("DELETE /api/v1/media/")


async def test_who_is_gone_blocks_nothing_for_ever_and_nothing_goes_at_once(
    pipe: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked for it is no user any more: from then on it stays for a grace."""
    room = await arrived(pipe)
    servers, house = pipe.house.servers, pipe.house
    servers.seerr_state.worker.scan()
    home = await settled(house)
    kitchen, kv = house.user("Kitchen"), house.runtime.store.kv
    servers.seerr_state.book.asks[room.number].user = kitchen
    movie = room.movie
    assert movie is not None
    movie.file_added = movie.added = utcnow() - timedelta(days=60)
    home.watched(FILM)
    await home.ready()
    cleanup = house.runtime.jobs.named("cleanup")

    async def goes(gone_for: timedelta) -> bool:
        since = (utcnow() - gone_for).isoformat()
        await kv.put("cleanup:gone", {kitchen.id: since})
        return bool((await home.call("cleanup_watched", dry_run=True))["steps"])

    assert not await goes(timedelta(days=9))
    # They are there: nobody is noted any more.
    assert await kv.get("cleanup:gone") == {}
    there = frozenset(servers.world.users) - {kitchen.id}
    monkeypatch.setattr(cleanup._facts._evidence, "users", AsyncMock(return_value=there))
    assert not await goes(timedelta(hours=1))
    assert cleanup.leaving == ()
    assert not await goes(timedelta(days=2))
    assert [one.title.ids.tmdb for one in cleanup.leaving] == [FILM.tmdb]
    assert await goes(timedelta(days=9))


# -- errors at every call --------------------------------------------------------------------------


class Nth(Liar):
    """Tells one lie, at the call of this number, and the truth before and after it."""

    def __init__(self, number: int, lie: Lie) -> None:
        """Begin to count."""
        super().__init__()
        self.number = number
        self.lie = lie

    def take(self, request: web.Request) -> Lie | None:
        """Count a call."""
        self.number -= 1
        return self.lie if self.number == -1 else None


LIES = (
    Lie(LieKind.ERROR),  # before it has acted
    Lie(LieKind.HALF),  # after it has acted
    Lie(LieKind.DROP),
    Lie(LieKind.HALF_JSON),
    Lie(LieKind.TIMEOUT, seconds=1.0),
)


@pytest.mark.long
@pytest.mark.parametrize("kind", [GoingMovie, GoingSeason])
async def test_an_error_at_any_call_deletes_nothing_wider_or_twice_and_is_told_truly(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch, kind: type[Goes]
) -> None:
    """Whatever goes wrong at whichever call, by itself found: then it is mended, and goes on."""
    goes = kind(home)
    await home.ready()
    before = goes.others
    for arr in (*home.house.runtime.arrs.values(), home.house.runtime.jellyfin):
        monkeypatch.setattr(arr.client._http, "_timeout", 0.4)

    await goes.anew()
    honest = await home.call("cleanup_watched")
    assert set(steps(honest).values()) == {"done"}, (why(honest), honest["steps"])
    services = ("radarr", "sonarr", "jellyfin")
    calls = {name: len(home.servers.all[name].calls) - home.begun[name] for name in services}
    assert sum(calls.values()) > 10
    cases = [(name, k, lie) for name, most in calls.items() for k in range(most) for lie in LIES]
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    planned = 0
    for name, number, lie in random.Random(seed).sample(cases, min(len(cases), examples(120))):
        await goes.anew()
        server = home.servers.all[name]
        server.liar = Nth(number, lie)
        plan = await home.call("cleanup_watched")
        server.liar = Liar()
        # What we have given up waiting for is done all the same: here, and not in another case.
        await server.done()
        planned += bool(plan["steps"])
        answer = (name, number, lie.kind)
        await _is_true(goes, plan)
        assert goes.others == before, answer
        happened = [*goes.happened().values()]
        # Nothing is deleted that is still looked for: every later action needs the one before it.
        assert happened == sorted(happened, reverse=True), (answer, happened)
        await home.ready()
        await _is_true(goes, await home.call("cleanup_watched"))
        assert goes.others == before, answer
        assert goes.deletions <= goes.most, answer
    assert planned


def passes(home: Cleaned, monkeypatch: pytest.MonkeyPatch, later: timedelta) -> None:
    """Have the clock of what is counted go on."""
    counts = home.house.runtime.jobs.named("cleanup")._facts._lists._counts
    monkeypatch.setattr(counts, "_now", lambda: dt_util.utcnow() + later)


async def test_a_radarr_that_has_lost_its_keep_tags_is_not_believed_at_once(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Restored without its tags: nothing of it leaves before a second look agrees (law 9)."""
    kept = home.movies[0]
    kept.tags.add(2)
    home.watched(kept.film)
    await home.ready()
    assert steps(await home.call("cleanup_watched", dry_run=True)) == {}
    kept.tags.clear()
    for later in (timedelta(), timedelta(minutes=59)):
        passes(home, monkeypatch, later)
        shown = await home.call("cleanup_watched", dry_run=True)
        assert steps(shown) == {}
        assert "has lost much of what it had" in why(shown)
    kept.tags.add(2)
    shown = await home.call("cleanup_watched", dry_run=True)
    assert "has lost much of what it had" not in why(shown)
    kept.tags.clear()
    await home.call("cleanup_watched", dry_run=True)
    passes(home, monkeypatch, timedelta(hours=3))
    assert "delete_movie" in steps(await home.call("cleanup_watched", dry_run=True))


async def test_a_radarr_that_lists_nothing_any_more_is_never_believed(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its protections speak for what another one holds, too: the kind is left alone."""
    await home.ready()
    await home.call("cleanup_watched", dry_run=True)
    home.servers.radarr_state.library.movies.clear()
    for hours in (0, 2, 48):
        passes(home, monkeypatch, timedelta(hours=hours))
        shown = await home.call("cleanup_watched", dry_run=True)
        assert "has lost much of what it had" in why(shown)


async def test_a_plan_waits_while_its_radarr_has_lost_its_keep_tags(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what was planned before is not carried out on a sudden fall (law 9)."""
    gone, kept = home.movies[:2]
    kept.tags.add(2)
    home.watched(gone.film)
    await home.ready()
    shown = await home.call("cleanup_watched", dry_run=True)
    assert "delete_movie" in steps(shown)
    kept.tags.clear()
    passes(home, monkeypatch, timedelta(minutes=6))
    done = await home.call("apply_plan", plan_id=shown["plan_id"])
    assert "done" not in steps(done).values()
    assert home.has(gone)


async def test_a_favorite_stays_whatever_was_once_stored(home: Cleaned) -> None:
    """No option lets go what a viewer has marked (law 6)."""
    loved = home.movies[0].film
    home.watched(loved)
    home.servers.world.userdata(home.house.user("Sofa").id, loved.item_id).favorite = True
    await home.house.runtime.set_option("cleanup", "protect_favorites", False)
    await home.ready()
    shown = await home.call("cleanup_watched", dry_run=True)
    assert steps(shown) == {}
    assert loved.label in why(shown)
    assert home.house.runtime.jobs.named("cleanup").leaving == ()


@pytest.mark.parametrize("what", ["titles", "files", "tags"])
async def test_law_9_a_sonarr_that_has_lost_much_freezes_plans_until_a_person_confirms(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Series, files or tags that keep: it is shown as any other fall, and confirmed like one."""
    library, runtime = home.servers.sonarr_state.library, home.house.runtime
    others = [one for one in library.series.values() if one is not home.series]
    for one in others:
        one.tags.add(next(key for key, label in library.tags.items() if label == "keep"))
    home.season()
    await home.ready()
    shown = await home.call("cleanup_watched", dry_run=True)
    assert "delete_episode_files" in steps(shown), why(shown)
    assert await runtime.falls.all() == ()
    for one in others:
        if what == "tags":
            one.tags.clear()
        elif what == "titles":
            library.series.pop(one.id)
        else:
            for part in one.parts:
                part.file_id = 0
    passes(home, monkeypatch, timedelta(minutes=6))
    assert "done" not in steps(await home.call("apply_plan", plan_id=shown["plan_id"])).values()
    (fallen,) = await runtime.falls.all()
    (sonarr,) = runtime.sonarrs.values()
    assert (fallen.kind, fallen.source, fallen.name) == ("arr", sonarr.subentry_id, sonarr.title)
    kind = "kept" if what == "tags" else what
    assert fallen.fall.lost[kind] * 2 > fallen.fall.had[kind]
    again = await home.call("cleanup_watched", dry_run=True)
    assert again["steps"] == []
    assert "has lost much of what it had" in why(again)
    await runtime.falls.accept(fallen.source, fallen.fall.mark)
    assert await runtime.falls.all() == ()
    again = await home.call("cleanup_watched", dry_run=True)
    assert "has lost much of what it had" not in why(again)


async def test_what_we_have_deleted_ourselves_is_no_sudden_fall(home: Cleaned) -> None:
    """However much of what there is that was."""
    radarr, going = home.servers.radarr_state.library, home.movies[:2]
    radarr.movies = {one.id: one for one in going}
    for one in going:
        home.watched(one.film)
    await home.ready()
    done = await home.call("cleanup_watched", media="movie")
    assert set(steps(done).values()) == {"done"}, (why(done), done["steps"])
    assert radarr.movies == {}
    assert "has lost much" not in why(await home.call("cleanup_watched", dry_run=True))
    assert await home.house.runtime.falls.all() == ()
