"""The entry of a series of which all has left goes, unless anything is against it."""

from collections.abc import AsyncGenerator, Awaitable
from dataclasses import replace
from unittest.mock import AsyncMock

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from sqlalchemy import Connection

from custom_components.showrunner.clients import arr
from custom_components.showrunner.clients.arr_models import queue_item
from custom_components.showrunner.clients.sonarr_models import file as file_model
from custom_components.showrunner.domain.deletion.facts import SeerrSide
from custom_components.showrunner.domain.knowledge import Known, Unknown
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from custom_components.showrunner.domain.retention import Requester
from custom_components.showrunner.store import LedgerRow
from tests.english import english
from world.catalogue import EPISODES
from world.clock import utcnow
from world.servers import Servers
from world.shows import show_by_name

from .arrs import house_with_arrs
from .cleaning import SERIES, Answer, Cleaned, settled, steps, why
from .household import until

GONE = show_by_name(SERIES)


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


async def left(home: Emptied) -> tuple[LedgerRow, LedgerRow]:
    """Let all seasons of a series leave, and then its entry; give what the ledger says of both."""
    await home.empty()
    done = await home.call("cleanup_watched")
    assert steps(done) == {"delete_series": "done"}, (why(done), done["steps"])
    ledger = home.house.runtime.store.ledger
    (entry,) = await ledger.for_plan(done["plan_id"])
    assert entry.title
    ids = ProviderIds(tvdb=GONE.tvdb)
    rows = await ledger.for_title(TitleKey(MediaType.SERIES, ids))
    return next(one for one in rows if one.action == "delete_episode_files"), entry


BACK = {"restore_series": "done", "monitor_episodes": "done", "search_episodes": "done"}


async def test_a_season_is_undone_whose_series_has_left_too(home: Emptied) -> None:
    """The entry comes back first, as it was; then what was looked for is, and is fetched."""
    was = home.series
    was.tags, was.profile = {2}, 6
    home.servers.sonarr_state.library.tags[2] = "family"
    season, entry = await left(home)
    shown = await home.call("undo", ledger_id=season.id, dry_run=True)
    assert steps(shown) == dict.fromkeys(BACK, "planned")
    assert "has left Sonarr since" in english(shown["steps"][0]["reasons"][0])
    assert home.servers.sonarr_state.library.by_tvdb(GONE.tvdb) is None
    done = await home.call("undo", ledger_id=season.id)
    assert steps(done) == BACK, done["steps"]
    again = home.servers.sonarr_state.library.by_tvdb(GONE.tvdb)
    assert again is not None
    assert again.id != was.id
    assert (again.path, again.profile, again.tags) == (was.path, was.profile, was.tags)
    assert all(part.monitored for part in again.parts)
    await until(lambda: all(part.file_id for part in again.parts), what="it comes back")
    for one in (season, entry):
        with pytest.raises(ServiceValidationError, match="already"):
            await home.call("undo", ledger_id=one.id)
    # Both were taken back by a person, and counted as that.
    regrets = home.house.runtime.store.regrets
    await until(lambda: _is(regrets.count(), 2), what="both are regretted")


async def _is(asked: Awaitable[int], count: int) -> bool:
    return await asked == count


@pytest.mark.parametrize("monitored", [True, False])
async def test_a_season_is_undone_in_a_series_that_somebody_added_again(
    home: Emptied, monitored: bool
) -> None:
    """It is theirs, and left as it is; only what left of that season is looked for."""
    season, entry = await left(home)
    added = home.servers.sonarr_state.library.add(GONE, monitored=True)
    for part in added.parts:
        part.monitored = monitored
    done = await home.call("undo", ledger_id=season.id)
    assert steps(done) == {one: BACK[one] for one in list(BACK)[1:]}, done["steps"]
    assert home.servers.sonarr_state.library.by_tvdb(GONE.tvdb) is added
    assert all(part.monitored for part in added.parts)
    assert (await home.house.runtime.store.ledger.get(entry.id)).undone_at is None  # type: ignore[union-attr]


async def test_a_sonarr_that_still_asks_for_episodes_is_waited_for(
    home: Emptied, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A series that was just added has none for a while; then the undo goes on by itself."""
    season, _ = await left(home)
    (sonarr,) = home.house.runtime.sonarrs.values()
    monkeypatch.setattr(sonarr.client, "episodes", AsyncMock(return_value=()))
    done = await home.call("undo", ledger_id=season.id)
    assert steps(done) == {**dict.fromkeys(BACK, "planned"), "restore_series": "done"}
    assert "does not list its episodes yet" in english(done["steps"][1]["detail"])
    monkeypatch.undo()
    await home.house.runtime.jobs.named("undo").runs._go_on(done["plan_id"])
    plan = await home.house.runtime.store.plans.get(done["plan_id"])
    assert [one.state.value for one in plan.steps] == ["done"] * 3  # type: ignore[union-attr]


@pytest.mark.parametrize("how", ["removed again", "no places", "no record"])
async def test_a_season_of_a_series_that_nobody_can_add_again_stays_away(
    home: Emptied, how: str
) -> None:
    """A person removed what was undone before, or an older version kept less of it."""
    season, entry = await left(home)
    raw = home.house.runtime.store._database

    def change(connection: Connection) -> None:
        if how == "removed again":
            values = "undone_at = 1"
        else:
            values = f"before = json_remove(before, '$.{how.removeprefix('no ')}')"
        number = season.id if how == "no places" else entry.id
        connection.exec_driver_sql(f"UPDATE ledger SET {values} WHERE id = {number}")

    await raw.run(change)
    for dry_run in (True, False):
        with pytest.raises(ServiceValidationError) as caught:
            await home.call("undo", ledger_id=season.id, dry_run=dry_run)
        assert "how to add it again" in str((caught.value.translation_placeholders or {})["why"])
    assert home.servers.sonarr_state.library.by_tvdb(GONE.tvdb) is None


async def test_a_season_does_not_bring_back_a_series_that_had_left_before_it(home: Emptied) -> None:
    """It was there again by then: whoever has removed it since is somebody else."""
    season, entry = await left(home)
    ledger = home.house.runtime.store.ledger

    def later(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TEMP TABLE one AS SELECT * FROM ledger")
        columns = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(ledger)")]
        names = ", ".join(one for one in columns if one != "id")
        number = entry.id + 100
        connection.exec_driver_sql(
            f"INSERT INTO ledger (id, {names}) SELECT {number}, {names} FROM one"
            f" WHERE id = {season.id}"
        )

    await home.house.runtime.store._database.run(later)
    assert await ledger.get(entry.id + 100) is not None
    with pytest.raises(ServiceValidationError) as caught:
        await home.call("undo", ledger_id=entry.id + 100)
    assert "how to add it again" in str((caught.value.translation_placeholders or {})["why"])
    assert home.servers.sonarr_state.library.by_tvdb(GONE.tvdb) is None


async def test_episodes_of_a_series_that_is_undone_are_looked_for_as_they_were(
    home: Emptied,
) -> None:
    """Under the numbers that they have now, by their places."""
    _, entry = await left(home)
    (_, wanted, *_) = [one[0] for one in entry.before["places"]]  # type: ignore[attr-defined]

    def change(connection: Connection) -> None:
        connection.exec_driver_sql(
            "UPDATE ledger SET before = json_set(before, '$.monitored_episodes',"
            f" json_array({wanted})) WHERE id = {entry.id}"
        )

    await home.house.runtime.store._database.run(change)
    # Others have come since: no number is the same.
    home.servers.sonarr_state.library.next_id()
    done = await home.call("undo", ledger_id=entry.id)
    assert steps(done) == {"restore_series": "done", "monitor_episodes": "done"}, done["steps"]
    again = home.servers.sonarr_state.library.by_tvdb(GONE.tvdb)
    assert again is not None
    assert [one.monitored for one in again.parts] == [
        number == 1 for number in range(len(again.parts))
    ]


async def test_a_season_waits_for_no_series_that_left_after_the_plan(home: Emptied) -> None:
    """Who was there when the undo was shown, and is gone when it is applied, is gone."""
    season, _ = await left(home)
    added = home.servers.sonarr_state.library.add(GONE, monitored=False)
    shown = await home.call("undo", ledger_id=season.id, dry_run=True)
    del home.servers.sonarr_state.library.series[added.id]
    done = await home.call("apply_plan", plan_id=shown["plan_id"])
    assert set(steps(done).values()) == {"skipped"}


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
        *("a favorite", "shown", "goes on", "kept", "begun", "without its client"),
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
            side = SeerrSide("seerr", 1, title.title.ids, 1, lone=False)
            asked = (Requester("Ann", "a" * 32, seasons=None, open=True), side)
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
        case "begun":
            # What it waits for is not known before it has asked its download clients.
            home.servers.sonarr_state.started = utcnow()
        case "without its client":
            monkeypatch.setattr(arr, "_STANDS", -1.0)  # here it loses its client in no time
            home.servers.sonarr_state.clients.lose()
    over = await home.call("apply_plan", plan_id=shown["plan_id"])
    assert "done" not in steps(over).values(), over["steps"]
    assert series.id in home.servers.sonarr_state.library.series
    assert not any(one.startswith("DELETE") for one in home.writes())
