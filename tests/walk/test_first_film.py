"""A film that somebody watches for the second time is fetched, and everybody knows why."""

from datetime import timedelta
import sqlite3

from homeassistant.core import HomeAssistant
import pytest

from custom_components.showrunner.domain import acquisition
from custom_components.showrunner.domain.acquisition import AcquisitionState
from custom_components.showrunner.domain.decision import Rule
from custom_components.showrunner.store import LedgerState
from tests.store.scratch import counted
from world.lies import Lie, LieKind
from world.world import JELLYFIN_ROOT, RADARR_ROOT

from .household import Household, until

SECOND = "The Lantern Keeper"  # watched once, nine days ago
FIRST = "Salt on the Window"  # never watched, nothing special
NOTHING = "Nine Quiet Floors"  # watched once; indexers have nothing
FAILS = "The Last Tram to Velm"  # its download fails
ADDED = "The Far Pavilion Hotel"  # IMDb 8.7; Radarr has never heard of it


async def test_a_rewatched_film_is_fetched_and_told(
    hass: HomeAssistant, household: Household
) -> None:
    """From the webhook to the import, with reason, ledger and message."""
    await household.watch("Sofa", SECOND)
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED, ended
    (decision,) = await household.decisions(SECOND)
    assert (decision["verdict"], decision["tier"], decision["rule"]) == ("download", 2, "rewatch")
    named = [finding["rule"] for finding in decision["findings"]]  # type: ignore[union-attr,index]
    assert named == [rule.value for rule in Rule]
    movie = household.servers.radarr_state.library.by_tmdb(990_001)
    assert movie is not None
    assert (movie.monitored, movie.root) == (True, f"{RADARR_ROOT}/movies")
    rows = await household.runtime.store.ledger.for_plan(ended.plan_id or "")
    assert [(row.action, row.state) for row in rows if row.step_id] == [
        ("update_movie", LedgerState.DONE),
        ("search_movie", LedgerState.DONE),
    ]
    messages = household.servers.ntfy_state.messages
    await until(lambda: len(messages) >= 2)
    assert "Lantern Keeper" in str(messages[0]["title"])
    assert any("is here" in str(message["title"]) for message in messages)


async def test_an_ordinary_first_viewing_is_streamed(household: Household) -> None:
    """No change in Radarr; the decision still names every rule."""
    await household.watch("Sofa", FIRST)
    ended = await household.acquisition(FIRST)
    assert ended.state is AcquisitionState.DROPPED
    (decision,) = await household.decisions(FIRST)
    assert (decision["verdict"], decision["rule"]) == ("stream", "stream")
    assert household.writes == []


async def test_a_decision_is_written_with_what_becomes_of_its_question(
    household: Household,
) -> None:
    """With one sync: killed in between, nobody decides for a second time."""
    store = household.runtime.store
    commits, answer = counted(store), list[tuple[str, int]]()
    store.add_listener(lambda subject: answer.append((subject, commits[0])))
    await household.watch("Sofa", FIRST)
    ended = await household.acquisition(FIRST)
    assert ended.state is AcquisitionState.DROPPED
    assert len(await household.decisions(FIRST)) == 1
    by_then = [commit for subject, commit in answer if subject == "decisions"]
    assert by_then == [commit for subject, commit in answer if subject == "acquisitions"][-1:]


async def test_law_1_what_cannot_be_read_of_a_title_is_not_no(
    household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether it was searched is unknown then: it is not fetched once more on a guess."""
    await household.watch("Sofa", SECOND)
    ended = await household.acquisition(SECOND)
    with sqlite3.connect(household.runtime.store._database.path) as raw:
        raw.execute("UPDATE acquisitions SET data = '[]' WHERE id = ?", (ended.id,))
    raw.close()
    answer = await household.runtime.jobs.named("download").decide(
        ended.title, item_id=ended.item_id
    )
    (searched,) = [one for one in answer["findings"] if one["rule"] == "searched"]  # type: ignore[union-attr,attr-defined]
    assert searched["answer"] == "unknown"
    (viewing,) = await household.runtime.store.viewings.history()
    await household.runtime.jobs.named("download").viewed(viewing, tracked=True)
    assert "Not considering" in caplog.text


async def test_nothing_found_is_an_outcome(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that finds nothing ends, and says so."""
    monkeypatch.setattr(acquisition, "GRAB_GRACE", timedelta(seconds=1))
    await household.watch("Sofa", NOTHING)
    ended = await household.acquisition(NOTHING)
    assert ended.state is AcquisitionState.NOTHING_FOUND


async def test_a_film_that_radarr_does_not_have_is_added(household: Household) -> None:
    """Added to the only Radarr, monitored, then searched."""
    await household.watch("Sofa", ADDED)
    ended = await household.acquisition(ADDED)
    assert ended.state is AcquisitionState.IMPORTED, ended
    assert household.servers.radarr_state.library.by_tmdb(990_041) is not None


async def test_an_untracked_user_leaves_no_trace(household: Household) -> None:
    """Neither viewing nor decision nor acquisition of somebody who was not chosen."""
    await household.watch("Attic", ADDED)
    await household.watch("Sofa", FIRST)
    await household.acquisition(FIRST)
    assert await household.acquisitions(ADDED) == ()
    history = await household.runtime.store.viewings.history(limit=100)
    assert {viewing.viewer_id for viewing in history} == {household.user("Sofa").id}


async def test_zapping_asks_for_nothing(household: Household) -> None:
    """A second of a film is no viewing, and half a film is no completed one."""
    await household.watch("Sofa", SECOND, 0.0, 0.05)
    await household.watch("Sofa", SECOND, 0.05, 0.5)
    await household.watch("Sofa", FIRST)
    await household.acquisition(FIRST)
    assert await household.acquisitions(SECOND) == ()


async def test_two_sittings_are_one_viewing(household: Household) -> None:
    """A film seen in two halves on one day is one viewing, and one decision."""
    await household.watch("Sofa", SECOND, 0.0, 0.5, speed=1.8)
    await household.watch("Sofa", SECOND, 0.5, 1.0, speed=1.8)
    await household.acquisition(SECOND)
    history = await household.runtime.store.viewings.history(limit=100)
    assert [viewing.completed for viewing in history] == [True]
    assert len(await household.decisions(SECOND)) == 1


async def test_polling_alone_is_enough(household: Household) -> None:
    """Without a single webhook the same happens."""
    household.servers.webhooks.configuration["GenericOptions"] = []
    await household.watch("Sofa", SECOND, 0.0, speed=0.5)
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED
    assert household.runtime.jellyfin.inbox.accepted == 0


async def test_polling_tells_that_somebody_has_stopped(household: Household) -> None:
    """Two answers without the session, and not the five minutes of a lost one."""
    household.servers.webhooks.configuration["GenericOptions"] = []
    await household.watch("Sofa", SECOND, 0.0, 0.6, speed=0.3)

    async def stored() -> bool:
        found = await household.runtime.store.viewings.history(limit=1)
        return bool(found) and found[0].finished and not found[0].completed

    await until(stored)


async def test_webhooks_alone_are_enough(household: Household) -> None:
    """With `/Sessions` refusing to answer the same happens."""
    household.servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/Sessions"))
    await household.watch("Sofa", SECOND)
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED
    assert household.runtime.jellyfin.inbox.accepted > 0


async def test_the_same_day_counts_once(household: Household) -> None:
    """Watched again on the same day: one viewing, one decision, one search."""
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND)
    await household.watch("Sofa", SECOND)
    await household.watch("Sofa", FIRST)
    await household.acquisition(FIRST)
    assert len(await household.acquisitions(SECOND)) == 1
    assert household.searches == 1


async def test_roots_are_named_differently_on_both_sides(household: Household) -> None:
    """The demo's two services really see different paths, or the mapping tests prove nothing."""
    assert JELLYFIN_ROOT != RADARR_ROOT
    assert household.runtime.radarrs
