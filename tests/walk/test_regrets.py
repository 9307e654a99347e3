"""What people take back after the cleanup deleted it is counted, shown, and left alone."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.domain.acquisition import Acquisition, AcquisitionState, Origin
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.plan import (
    AddMovie,
    DeleteEpisodeFiles,
    FileFingerprint,
    SearchEpisodes,
)
from custom_components.showrunner.domain.requests.facts import Event, EventKind
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.jobs.cleanup.regrets import Regrets
from custom_components.showrunner.store import LedgerState
from tests.domain.plans import step
from world.clock import utcnow
from world.lies import Lie, LieKind
from world.radarr_library import Movie
from world.servers import Servers

from .arrs import house_with_arrs
from .cleaning import Cleaned, key, settled, steps, why
from .household import until

SENSOR = "sensor.demo_regretted_deletions"


class Regretting(Cleaned):
    """A household in which things leave, and people want them back."""

    async def leave(self, movie: Movie) -> None:
        """Let a movie leave by the cleanup."""
        self.watched(movie.film)
        await self.ready()
        done = await self.call("cleanup_watched", media="movie")
        assert set(steps(done).values()) == {"done"}, (why(done), done["steps"])
        self.servers.world.miss()

    def back(self, movie: Movie, days: float = 0.01) -> Movie:
        """Have somebody add a movie to Radarr again, with a file; and watch it once more."""
        at = utcnow() + timedelta(days=days)
        again = self.servers.radarr_state.library.add(
            movie.film, movie.root, profile=movie.profile, monitored=True, at=at
        )
        self.servers.radarr_state.library.attach(again)
        again.file_added = at
        self.servers.world.moved_home(movie.film)
        self.servers.world.believed.pop(movie.film.item_id, None)
        return again

    def count(self) -> str:
        """Say what the sensor shows."""
        state = self.house.hass.states.get(SENSOR)
        assert state is not None
        return state.state

    async def shows(self, count: int) -> None:
        """Wait until the sensor shows so many."""
        await until(lambda: self.count() == str(count), what=f"{count} are regretted")

    async def regrets(self, title: str) -> list[dict[str, Any]]:
        """Give what the story of a title tells of them."""
        answer = await self.call("get_title", title=title)
        return [event["regret"] for event in answer["events"] if "regret" in event]


@pytest.fixture
async def home(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Regretting]:
    """Live where what was watched leaves at once."""
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        await settled(house)
        await house.runtime.set_option("cleanup", "grace_days", 0)
        made = Regretting(house)
        made.begin()
        yield made


def name(movie: Movie) -> str:
    """Name a movie for actions."""
    return f"movie:tmdb:{movie.film.tmdb}"


async def test_a_movie_that_somebody_adds_again_is_regretted_once(home: Regretting) -> None:
    """Counted, told in its story, and not proposed again, however often it is looked."""
    gone = home.movies[0]
    await home.leave(gone)
    assert home.count() == "0"
    home.back(gone)
    home.watched(gone.film, days=0)
    await home.ready()
    for _ in range(3):
        shown = await home.call("cleanup_watched", dry_run=True)
        assert shown["steps"] == []
    await home.shows(1)
    (regrets,) = await home.regrets(name(gone))
    assert (regrets["way"], regrets["source"]) == ("added", "radarr")
    assert "somebody added it again after it was deleted" in why(shown)
    found = next(
        finding
        for one in shown["left_out"]
        for finding in one["findings"]
        if finding["rule"] == "regretted"
    )
    assert (found["answer"], found["source"]) == ("yes", "radarr")


async def test_a_movie_that_is_undone_is_regretted(home: Regretting) -> None:
    """Whoever takes a deletion back did not want it: at once, and once."""
    gone = home.movies[0]
    await home.leave(gone)
    rows = await home.house.runtime.store.ledger.for_title(key(gone.film))
    row = next(one for one in rows if one.action == "delete_movie")
    back = await home.call("undo", ledger_id=row.id)
    assert steps(back)["restore_movie"] == "done"
    await home.shows(1)
    (regrets,) = await home.regrets(name(gone))
    assert (regrets["way"], regrets["source"]) == ("undo", "showrunner")


@pytest.mark.parametrize(("days", "count"), [(3, 1), (31, 0)])
async def test_a_movie_that_somebody_asks_for_again_is_regretted(
    home: Regretting, days: int, count: int
) -> None:
    """As soon as Seerr tells of it; what is wanted much later is a new wish."""
    gone = home.movies[0]
    await home.leave(gone)
    requests = home.house.runtime.requests
    title = Title(MediaType.MOVIE, key(gone.film).ids, gone.film.name, gone.film.year)
    asked = Request("r", "seerr:x:1", title, utcnow() + timedelta(days=days))
    for one in (asked, replace(asked, id="r2", ref="seerr:x:2")):
        await requests.asked([(one, (Event(EventKind.APPROVED, one.requested_at),))])
    await home.house.runtime.jobs.named("cleanup").regrets.look()
    await home.shows(count)
    regrets = await home.regrets(name(gone))
    assert [(one["way"], one["source"]) for one in regrets] == [("request", "seerr")] * count


async def test_a_request_is_heard_when_it_comes(home: Regretting) -> None:
    """Nobody has to look at everything for it."""
    gone = home.movies[0]
    await home.leave(gone)
    title = Title(MediaType.MOVIE, key(gone.film).ids, gone.film.name, gone.film.year)
    asked = Request("r", "seerr:x:1", title, utcnow() + timedelta(days=1))
    event = Event(EventKind.APPROVED, asked.requested_at)
    await home.house.runtime.requests.asked([(asked, (event,))])
    await home.shows(1)


async def test_a_season_that_somebody_fetches_again_is_regretted(home: Regretting) -> None:
    """By the files that Sonarr has of it, without any search of ours."""
    home.season()
    await home.ready()
    done = await home.call("cleanup_watched", media="series")
    assert steps(done)["delete_episode_files"] == "done"
    series = home.series
    await home.call("cleanup_watched", dry_run=True)
    assert home.count() == "0"
    for part in series.parts:
        part.file_id = home.servers.sonarr_state.library.next_id()
        part.file_added = utcnow() + timedelta(minutes=9)
    await home.call("cleanup_watched", dry_run=True)
    await home.shows(1)
    (regrets,) = await home.regrets(f"series:tvdb:{series.show.tvdb}")
    assert (regrets["way"], regrets["source"]) == ("fetched", "sonarr")


@pytest.mark.parametrize(
    ("deleted", "came", "count"),
    [([0], [1], 0), ([0], [0], 1), ([0, 1], [1], 1), ([], [0], 0), ([], [1], 0)],
)
async def test_another_special_that_comes_takes_none_back(
    home: Regretting, deleted: list[int], came: list[int], count: int
) -> None:
    """Specials have nothing to do with each other; of which went an older version kept nothing."""
    series, runtime = home.series, home.house.runtime
    series.show = replace(series.show, specials=("One", "Two"))
    for number, part in enumerate(series.parts[:2], 1):
        part.episode = replace(part.episode, season=0, number=number)
        part.file_id = 0
    names = Title(MediaType.SERIES, ProviderIds(tvdb=series.show.tvdb), series.show.name)
    (service,) = runtime.sonarrs
    wish = step(1, payload=DeleteEpisodeFiles(0, (FileFingerprint(1, "/x", 1),)))
    wish = replace(
        wish,
        subject=wish.subject.of_title(names),
        target=replace(wish.target, service=service, remote_id=series.id, ids=names.ids),
    )
    before = {
        "places": [[one.id, one.episode.season, one.episode.number] for one in series.parts],
        "in_files": [[series.parts[one].id, 1] for one in deleted],
    }
    number = await runtime.store.ledger.begin("cleanup", "d", wish, before)
    await runtime.store.ledger.finish(number, LedgerState.DONE, "", {"file_ids": [1]})
    for one in came:
        series.parts[one].file_id = home.servers.sonarr_state.library.next_id()
        series.parts[one].file_added = utcnow() + timedelta(minutes=9)
    await home.ready()
    await home.call("cleanup_watched", dry_run=True)
    assert await runtime.store.regrets.count() == count
    await home.shows(count)


@pytest.mark.parametrize(
    ("other", "state", "count"),
    [(False, LedgerState.DONE, 0), (True, LedgerState.DONE, 1), (False, LedgerState.FAILED, 1)],
)
async def test_what_we_had_searched_for_before_it_went_is_nobodys_regret(
    home: Regretting, other: bool, state: LedgerState, count: int
) -> None:
    """It comes late; but not by a search that failed, or one for another season."""
    home.season()
    series, ledger = home.series, home.house.runtime.store.ledger
    names = Title(MediaType.SERIES, ProviderIds(tvdb=series.show.tvdb), series.show.name)
    place = (9, 1) if other else (1, 1)
    wish = step(1, payload=SearchEpisodes((series.parts[0].id,), (place,)))
    (service,) = home.house.runtime.sonarrs
    wish = replace(
        wish,
        subject=wish.subject.of_title(names),
        target=replace(wish.target, service=service, remote_id=series.id, ids=names.ids),
    )
    number = await ledger.begin("cleanup", "s", wish, {})
    await ledger.finish(number, state, "", {})
    await home.ready()
    done = await home.call("cleanup_watched", media="series")
    assert steps(done)["delete_episode_files"] == "done"
    for part in series.parts:
        part.file_id = home.servers.sonarr_state.library.next_id()
        part.file_added = utcnow() + timedelta(minutes=9)
    await home.call("cleanup_watched", dry_run=True)
    await home.shows(count)


async def test_a_sonarr_that_does_not_tell_of_files_is_asked_again(home: Regretting) -> None:
    """What is not known today is found another day: the date of the file tells."""
    home.season()
    await home.ready()
    await home.call("cleanup_watched", media="series")
    for part in home.series.parts:
        part.file_id = home.servers.sonarr_state.library.next_id()
        part.file_added = utcnow() + timedelta(minutes=9)
    home.servers.sonarr.liar.tell(Lie(LieKind.ERROR, "/episodefile", "GET", times=50))
    await home.call("cleanup_watched", dry_run=True)
    assert home.count() == "0"
    home.servers.sonarr.liar.be_honest()
    await home.call("cleanup_watched", dry_run=True)
    await home.shows(1)


@pytest.mark.parametrize(("origin", "count"), [(Origin.VIEWING, 0), (Origin.PERSON, 1)])
async def test_what_we_fetch_ourselves_is_nobodys_regret_unless_a_person_asked_us(
    home: Regretting, origin: Origin, count: int
) -> None:
    """Our own search is known by the ledger, and who was behind it by what we pursue."""
    gone = home.movies[0]
    await home.leave(gone)
    store, film = home.house.runtime.store, gone.film
    title = Title(MediaType.MOVIE, key(film).ids, film.name, film.year)
    wish = step(1, payload=AddMovie(1, "/x"))
    wish = replace(
        wish,
        subject=wish.subject.of_title(title),
        target=replace(wish.target, ids=title.ids),
    )
    number = await store.ledger.begin("download", "d", wish, {})
    await store.ledger.finish(number, LedgerState.DONE, "", {"movie_id": 9})
    state = AcquisitionState.IMPORTED
    await store.acquisitions.put(Acquisition("a", title, state, utcnow(), None, origin))
    home.back(gone)
    await home.call("cleanup_watched", dry_run=True)
    await home.shows(count)


async def test_a_copy_that_another_radarr_has_long_had_says_nothing(home: Regretting) -> None:
    """A better file there is nobody's wish for what left here."""
    gone = home.movies[0]
    await home.leave(gone)
    regrets = home.house.runtime.jobs.named("cleanup").regrets
    (radarr,) = home.house.runtime.radarrs.values()
    again = home.back(gone, days=-400)
    again.file_added = utcnow() + timedelta(minutes=9)
    (entry,) = await radarr.client.movies(
        lambda one: one if one.title.ids.tmdb == gone.film.tmdb else None
    )

    class Other:
        """A Radarr beside it."""

        subentry_id, title, client = "other", "Other", radarr.client

    for arr, count in ((Other(), 0), (radarr, 1)):
        await regrets.expect()
        regrets.meet(arr, entry)
        assert len(await regrets.met()) == count


async def test_what_is_met_while_others_are_noted_is_not_lost(
    home: Regretting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another look may begin, and other lists be read, while it is asked what came back."""
    first, second = home.movies[:2]
    home.watched(second.film)
    await home.leave(first)
    regrets = home.house.runtime.jobs.named("cleanup").regrets
    (radarr,) = home.house.runtime.radarrs.values()
    entries = []
    for gone in (first, second):
        again = home.back(gone)
        entries += await radarr.client.movies(
            lambda one, again=again: one if one.id == again.id else None
        )
    came = Regrets._came

    async def meanwhile(self: Regrets, *asked: Any) -> Any:
        found = await came(self, *asked)
        if len(entries) > 1:
            regrets.meet(radarr, entries.pop())
            await regrets.expect()
        return found

    monkeypatch.setattr(Regrets, "_came", meanwhile)
    await regrets.expect()
    assert regrets.waits_for(entries[0])
    regrets.meet(radarr, entries[0])
    assert len(await regrets.met()) == 1
    assert len(await regrets.met()) == 1
    assert await regrets.met() == ()
    assert regrets._arrivals == {}


async def test_what_a_person_deleted_by_name_is_no_rules_mistake(home: Regretting) -> None:
    """Who has said that it goes may want it back: that says nothing of what leaves by itself."""
    gone = home.movies[0]
    store = home.house.runtime.store
    title = Title(MediaType.MOVIE, key(gone.film).ids, gone.film.name, gone.film.year)
    regrets = home.house.runtime.jobs.named("cleanup").regrets
    for job, count in (("delete_request", 0), ("cleanup", 1)):
        await store.ledger.note(job, None, title, "delete_file", "")
        asked = Request(job, f"seerr:x:{job}", title, utcnow() + timedelta(days=1))
        await home.house.runtime.requests.asked(
            [(asked, (Event(EventKind.APPROVED, asked.requested_at),))]
        )
        await regrets.look()
        assert await regrets.count() == count
        await home.shows(count)
