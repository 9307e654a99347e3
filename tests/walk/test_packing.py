"""What a watched season lacks is searched for by choice, in a household with real clients."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from custom_components.showrunner.domain.plan import SearchMovie
from custom_components.showrunner.store import LedgerState
from tests.english import english
from world.clock import utcnow
from world.lies import Lie, LieKind
from world.servers import Servers
from world.sonarr_library import Part

from .arrs import house_with_arrs
from .cleaning import Answer, Cleaned, settled, steps, why
from .cleanup_options import choose, leaving, shown
from .household import until


class Gapped(Cleaned):
    """A household in which a watched season lacks its last episode."""

    lost: Part

    @property
    def searches(self) -> list[object]:
        """Name the episodes that Sonarr was asked to search for, search by search."""
        commands = self.servers.sonarr_state.library.commands.values()
        return [one["body"]["episodeIds"] for one in commands if one["name"] == "EpisodeSearch"]

    def lose(self) -> None:
        """Have no file of the last episode, and nobody who has seen it."""
        self.lost.file_id = 0
        item_id, world = self.lost.episode.item_id, self.servers.world
        world.episodes.pop(item_id)
        for (_, item), data in world.data.items():
            if item == item_id:
                data.played, data.play_count, data.last_played = False, 0, None

    def title(self) -> TitleKey:
        """Name the series."""
        show = self.series.show
        return TitleKey(MediaType.SERIES, ProviderIds(tvdb=show.tvdb, tmdb=show.tmdb))


@pytest.fixture
async def home(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Gapped]:
    """Live in it."""
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        await settled(house)
        made = Gapped(house)
        made.begin()
        *_, last = made.season()
        made.lost = next(one for one in made.series.parts if one.episode.item_id == last.item_id)
        made.lose()
        yield made


async def chosen(home: Gapped) -> Answer:
    """Choose it, and say what would be done."""
    await choose(home, season_packing=True)
    return await shown(home)


async def test_what_a_season_lacks_is_searched_for_once_and_then_it_leaves_as_a_whole(
    home: Gapped,
) -> None:
    """What came blocks the season until somebody has watched it."""
    assert (await shown(home))["steps"] == []
    plan = await chosen(home)
    [step] = plan["steps"]
    assert (step["action"], step["scope"], step["undo"]) == ("search_episodes", "episode", "none")
    assert "would leave were it complete" in english(step["reasons"][0])
    assert {one["rule"] for one in step["findings"]} >= {"lacking", "ready", "searched"}
    home.begin()
    done = await home.call("apply_plan", plan_id=plan["plan_id"])
    assert steps(done) == {"search_episodes": "done"}
    assert home.writes() == ["POST /api/v3/command"]
    assert home.searches == [[home.lost.id]]
    rows = await home.house.runtime.store.ledger.for_title(home.title())
    assert rows[-1].action == "search_episodes"
    await until(lambda: bool(home.lost.file_id), what="it comes")
    assert (await shown(home))["steps"] == []
    for part in home.series.parts:
        part.file_added = utcnow() - timedelta(days=30)
    home.watched(home.lost.episode, days=20)
    # Only its grace keeps it: it has just been seen here.
    assert (await shown(home))["steps"] == []
    assert [one.season for one in leaving(home)] == [1]


async def test_what_was_not_found_is_not_searched_for_again(home: Gapped) -> None:
    """Neither by the next run, nor by the same plan."""
    home.servers.sonarr.liar.tell(Lie(LieKind.ERROR, "/command", "POST", status=400, times=1))
    failed = await apply(home, await chosen(home))
    assert steps(failed) == {"search_episodes": "failed"}
    # What failed was none.
    plan = await shown(home)
    assert steps(plan) == {"search_episodes": "planned"}
    home.lost.last_search = utcnow() - timedelta(hours=2)
    over = await apply(home, plan)
    assert steps(over) == {"search_episodes": "skipped"}
    home.lost.last_search = utcnow() - timedelta(days=2)
    store = home.house.runtime.store
    assert steps(await apply(home, await shown(home))) == {"search_episodes": "done"}
    # It comes, whatever the test would rather have: only then it can be missing again.
    await until(lambda: home.lost.episode.item_id in home.servers.world.episodes, what="it comes")
    home.lose()
    home.lost.last_search = None
    await home.ready()
    assert await store.ledger.for_title(home.title())
    again = await shown(home)
    assert again["steps"] == []
    assert "searched for a short time ago" in why(again)


async def apply(home: Gapped, plan: Answer) -> Answer:
    """Carry a plan out."""
    return await home.call("apply_plan", plan_id=plan["plan_id"])


async def test_searches_share_the_hours_limit_with_downloads(home: Gapped) -> None:
    """What is beyond it waits, and goes on by itself."""
    plan = await chosen(home)
    runtime = home.house.runtime
    await runtime.set_option("downloads", "searches_per_hour", 1)
    kept = await runtime.store.plans.get(plan["plan_id"])
    assert kept is not None
    other = replace(kept.steps[0], payload=SearchMovie())
    number = await runtime.store.ledger.begin("download", "other", other, {})
    waits = await apply(home, plan)
    assert steps(waits) == {"search_episodes": "planned"}
    assert "turn" in english(waits["steps"][0]["detail"])
    assert home.searches == []
    # A search that failed was none.
    await runtime.store.ledger.finish(number, LedgerState.FAILED, "", {})
    assert steps(await apply(home, plan)) == {"search_episodes": "done"}


async def test_a_run_plans_no_more_searches_than_an_hour_has(home: Gapped) -> None:
    """The rest is another run's, and the plan says so."""
    first = home.series.parts[0]
    first.file_id = 0
    home.servers.world.episodes.pop(first.episode.item_id)
    for (_, item), data in home.servers.world.data.items():
        if item == first.episode.item_id:
            data.played, data.play_count, data.last_played = False, 0, None
    await home.house.runtime.set_option("downloads", "searches_per_hour", 1)
    plan = await chosen(home)
    assert len(plan["steps"]) == 1
    assert "searched for in another run" in why(plan)
    await home.house.runtime.set_option("downloads", "searches_per_hour", 2)
    assert len((await shown(home))["steps"]) == 2
    assert (await home.call("cleanup_watched", media="movie", dry_run=True))["steps"] == []


@pytest.mark.parametrize(
    "how", ["unmonitored", "never", "ask", "queue", "begun", "kept", "silent", "off", "idle"]
)
async def test_law_3_what_is_not_wanted_by_then_is_not_searched_for(home: Gapped, how: str) -> None:
    """Asked once more right before it: whoever has changed their mind is heard."""
    plan = await chosen(home)
    assert steps(plan) == {"search_episodes": "planned"}, why(plan)
    store, library = home.house.runtime.store, home.servers.sonarr_state.library
    if how == "unmonitored":
        home.lost.monitored = False
    elif how in ("never", "ask"):
        await store.overrides.set(home.title(), Override(how), "somebody")
    elif how == "queue":
        row = {"id": 7, "seriesId": home.series.id, "episodeId": home.lost.id, "title": "x"}
        library.queue[7] = row
    elif how == "begun":
        # Another search may be out: it has not asked its download clients yet.
        home.servers.sonarr_state.started = utcnow()
    elif how == "kept":
        await home.call("keep", title=f"tvdb:{home.series.show.tvdb}")
    elif how == "silent":
        lie = Lie(LieKind.ERROR, "/series", times=500)
        home.servers.sonarr.liar.tell(lie)
    elif how == "idle":
        # It leaves as it is by now, after a notice.
        await choose(home, season_packing=True, idle_days=1, idle_rating=0)
    else:
        await choose(home, season_packing=False)
    over = await apply(home, plan)
    state = "planned" if how in ("silent", "begun") else "skipped"
    assert steps(over) == {"search_episodes": state}
    assert home.searches == []
    if how not in ("queue", "begun", "silent"):
        assert (await shown(home))["steps"] == []
