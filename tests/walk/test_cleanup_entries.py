"""The entry of a series of which all has left goes, unless anything is against it."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from unittest.mock import AsyncMock

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.clients.arr_models import queue_item
from custom_components.showrunner.clients.sonarr_models import file as file_model
from custom_components.showrunner.domain.knowledge import Known, Unknown
from custom_components.showrunner.domain.retention import Requester
from world.catalogue import EPISODES
from world.servers import Servers

from .arrs import house_with_arrs
from .test_cleanup import SERIES, Answer, Cleaned, settled, steps, why


class Emptied(Cleaned):
    """A household in which a series has wholly left, but for its entry."""

    async def empty(self) -> None:
        """Let all of it go; what else was watched is loved, and stays."""
        self.season()
        await self.love_films()
        done = await self.call("cleanup_watched")
        assert steps(done) == {"unmonitor_episodes": "done", "delete_episode_files": "done"}
        self.servers.world.miss()
        await self.ready()
        self.begin()

    async def love_films(self) -> None:
        """Have other things watched: who has lost all that they had is not believed."""
        for movie in self.movies[:8]:
            self.watched(movie.film)
            user = self.house.user("Sofa").id
            self.servers.world.userdata(user, movie.film.item_id).favorite = True
        await self.ready()

    async def shown(self) -> Answer:
        """Say what would leave."""
        return await self.call("cleanup_watched", dry_run=True)


@pytest.fixture
async def home(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Emptied]:
    """Live where entries that are empty may go, and at once."""
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        await settled(house)
        await house.runtime.set_option("cleanup", "grace_days", 0)
        await house.runtime.set_option("cleanup", "remove_empty_series", True)
        made = Emptied(house)
        made.begin()
        yield made


async def test_a_series_that_has_wholly_left_goes_and_comes_back_as_it_was(home: Emptied) -> None:
    """In one call, without its folder; no episode of it is looked for again."""
    was = home.series
    was.tags, was.profile = {2}, 6
    home.servers.sonarr_state.library.tags[2] = "family"
    await home.empty()
    others = set(home.servers.sonarr_state.library.series) - {was.id}
    done = await home.call("cleanup_watched")
    assert steps(done) == {"delete_series": "done"}, (why(done), done["steps"])
    without_files = "deleteFiles=false&addImportListExclusion=false"
    assert home.writes() == [f"DELETE /api/v3/series/{was.id}?{without_files}"]
    assert set(home.servers.sonarr_state.library.series) == others
    (row,) = await home.house.runtime.store.ledger.for_plan(done["plan_id"])
    assert row.before["record"]["path"] == was.path  # type: ignore[index]
    assert (await home.shown())["steps"] == []
    back = await home.call("undo", ledger_id=row.id)
    assert steps(back) == {"restore_series": "done"}, back
    again = home.servers.sonarr_state.library.by_tvdb(was.show.tvdb)
    assert again is not None
    assert again.id != was.id
    assert (again.path, again.profile, again.tags, again.kind, again.monitored) == (
        was.path,
        was.profile,
        was.tags,
        was.kind,
        was.monitored,
    )
    assert not any(part.monitored for part in again.parts)
    with pytest.raises(ServiceValidationError, match="already"):
        await home.call("undo", ledger_id=row.id)
    # What a person has taken back is not taken once more.
    assert (await home.shown())["steps"] == []


async def test_a_series_that_is_there_again_is_not_added_by_undo(home: Emptied) -> None:
    """Whoever added it has given it what they wanted."""
    was = home.series
    await home.empty()
    done = await home.call("cleanup_watched")
    added = home.servers.sonarr_state.library.add(was.show)
    (row,) = await home.house.runtime.store.ledger.for_plan(done["plan_id"])
    back = await home.call("undo", ledger_id=row.id)
    assert steps(back) == {"restore_series": "skipped"}
    assert home.servers.sonarr_state.library.by_tvdb(was.show.tvdb) is added
    assert all(part.monitored for part in added.parts)


async def test_what_we_have_not_emptied_stays(home: Emptied) -> None:
    """As on a disk that is not there: all of it is gone at once, and nobody has deleted it."""
    home.season()
    await home.love_films()
    for part in home.series.parts:
        part.file_id, part.monitored = 0, False
        home.servers.world.episode_went(part.episode)
    home.servers.world.miss()
    await home.ready()
    home.begin()
    assert (await home.shown())["steps"] == []
    assert home.writes() == []


async def test_by_default_the_entry_stays(home: Emptied) -> None:
    """It is by choice; and what else leaves does not depend on it."""
    await home.house.runtime.set_option("cleanup", "remove_empty_series", "yes")
    await home.empty()
    assert (await home.shown())["steps"] == []


@pytest.mark.parametrize(
    "how",
    [
        *("monitored", "a file", "bytes", "in the queue", "requested", "not known", "tagged"),
        *("a favorite", "shown", "goes on", "kept"),
    ],
)
async def test_law_3_an_entry_that_somebody_wants_by_now_stays(
    home: Emptied, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """What has changed since the plan was made is seen before it is carried out."""
    await home.empty()
    shown = await home.shown()
    assert steps(shown) == {"delete_series": "planned"}, why(shown)
    series, runtime = home.series, home.house.runtime
    (sonarr,) = runtime.sonarrs.values()
    title = await sonarr.client.by_number(series.id)
    assert title is not None
    facts = runtime.jobs.named("cleanup")._facts
    match how:
        case "monitored":
            series.parts[0].monitored = True
        case "a file":
            series.parts[0].file_id = home.servers.sonarr_state.library.next_id()
        case "bytes":
            # A file of no episode: Sonarr names it only where it is asked for.
            stray = file_model({"id": 9, "path": f"{series.path}/stray.mkv", "size": 5})
            monkeypatch.setattr(sonarr.client, "files", AsyncMock(return_value=(stray,)))
        case "in the queue":
            line = queue_item({"id": 1, "seriesId": series.id})
            monkeypatch.setattr(sonarr.client, "queue", AsyncMock(return_value=(line,)))
        case "requested" | "not known":
            asked = (Requester("Ann", "a" * 32, seasons=None, open=True), None)
            known = Known(dict.fromkeys(title.title.key.names, (asked,)))
            answer = known if how == "requested" else Unknown("it does not answer")
            monkeypatch.setattr(facts._requests, "asked", AsyncMock(return_value=answer))
        case "tagged":
            series.tags.add(1)
        case "a favorite":
            # Jellyfin goes on to show the series itself where its folder has pictures.
            item = next(one.series_id for one in EPISODES if one.series == SERIES)
            evidence = facts._evidence
            monkeypatch.setattr(evidence, "_series", AsyncMock(return_value=[item]))
            monkeypatch.setattr(evidence, "_marks", AsyncMock(return_value=frozenset({item})))
        case "shown":
            episode = series.parts[0].episode
            home.servers.world.episodes[episode.item_id] = episode
        case "goes on":
            series.show = replace(series.show, to_air=1)
        case "kept":
            await home.call("keep", title=f"series:tvdb:{series.show.tvdb}")
    over = await home.call("apply_plan", plan_id=shown["plan_id"])
    assert "done" not in steps(over).values(), over["steps"]
    assert series.id in home.servers.sonarr_state.library.series
    assert not any(one.startswith("DELETE") for one in home.writes())
