"""Purging a torrent client in a real `hass`: what goes, what stays, and what is asked before.

What must not happen is asserted on the servers' own logs of calls.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.showrunner.clients import arr
from custom_components.showrunner.domain.growth import Growth
from custom_components.showrunner.store import LedgerState
from tests.english import english
from tests.platforms.sockets import ask
from world.clock import utcnow
from world.lies import Lie, LieKind

from .deleting import Answer, details, states
from .household import until
from .pipeline import Pipeline
from .purging import GB, Box

IMPORTED = ("grabbed", "downloadFolderImported")


@pytest.fixture
def box(pipe: Pipeline) -> Box:
    """Give the seedbox."""
    return Box(pipe)


def stays(plan: Answer) -> dict[str, str]:
    """Say why torrents stay."""
    return {str(one["title"]): english(one["reason"]) for one in plan["left_out"]}


async def test_what_is_imported_and_has_seeded_goes_and_nothing_else(box: Box) -> None:
    """With its data, read back; the others stay, each with its reason."""
    box.film(1)
    box.torrent(2)
    box.film(3, ratio=0.2, seeded_before=60)
    box.film(4, ("grabbed",))
    box.film(5, tags="keep")
    box.film(6, completed=None, seconds=10**9)
    plan = await box.ended(await box.call("purge_seedbox"))
    assert list(states(plan).values()) == ["done"], plan
    assert box.there == {f"Release {number}" for number in range(2, 7)}
    assert box.writes == ["/api/v2/torrents/delete"]
    assert plan["totals"]["bytes_freed"] == GB
    said = stays(plan)
    assert said.keys() == box.there
    assert "no Radarr or Sonarr" in said["Release 2"]
    assert "has not seeded enough: ratio 0.2" in said["Release 3"]
    assert "1 of 1" in said["Release 4"]
    assert "keep" in said["Release 5"]
    assert "not complete" in said["Release 6"]
    [row] = await box.house.runtime.store.ledger.for_plan(plan["plan_id"])
    assert (row.state, row.bytes_freed) == (LedgerState.DONE, GB)


async def test_a_dry_run_asks_and_changes_nothing(box: Box) -> None:
    """And shows the plan that would be carried out, with what proves it."""
    box.film(1)
    plan = await box.call("purge_seedbox", dry_run=True)
    assert list(states(plan).values()) == ["planned"]
    [step] = plan["steps"]
    assert [one["answer"] for one in step["proofs"]] == ["yes"]
    assert {one["rule"] for one in step["findings"]} >= {"imported", "seeded", "shared"}
    assert box.writes == []
    assert await box.house.runtime.store.ledger.for_plan(plan["plan_id"]) == ()
    done = await box.ended(await box.call("apply_plan", plan_id=plan["plan_id"]))
    assert list(states(done).values()) == ["done"]
    assert box.there == set()


async def test_a_pack_stays_until_every_episode_is_imported(box: Box) -> None:
    """Of what Sonarr grabbed, by its history."""
    made, library = box.torrent(1), box.servers.sonarr_state.library
    series = next(iter(library.series.values()))
    parts = series.of_season(1)
    name = made.hash.upper()
    for part in parts:
        library.record(series, part, "grabbed", name, utcnow())
    for part in parts[1:]:
        library.record(series, part, "downloadFolderImported", name, utcnow())
    plan = await box.call("purge_seedbox")
    assert plan["steps"] == []
    assert f"1 of {len(parts)}" in stays(plan)["Release 1"]
    library.record(series, parts[0], "downloadFolderImported", name, utcnow())
    await box.ended(await box.call("purge_seedbox"))
    assert box.there == set()


async def test_what_changed_since_the_plan_is_skipped(box: Box) -> None:
    """Each torrent is looked at once more: now kept, grabbed again, or another one."""
    films = [box.film(number) for number in range(1, 5)]
    for number in range(101, 181):
        box.torrent(number)  # of so many a run may take four
    plan = await box.call("purge_seedbox", dry_run=True)
    films[0].tags = "Keep"
    library = box.servers.radarr_state.library
    movie = next(iter(library.movies.values()))
    library.record(movie, "grabbed", films[1].hash.upper(), utcnow())
    films[2].size += 1
    done = await box.ended(await box.call("apply_plan", plan_id=plan["plan_id"]))
    said = {step["title"]: (step["state"], english(step["detail"])) for step in done["steps"]}
    assert said["Release 1"][0] == said["Release 2"][0] == said["Release 3"][0] == "skipped"
    assert "keep" in said["Release 1"][1].lower()
    assert "not imported" in said["Release 2"][1]
    assert "not the same" in said["Release 3"][1]
    assert said["Release 4"][0] == "done"
    assert {f"Release {number}" for number in range(1, 5)} & box.there == {
        "Release 1",
        "Release 2",
        "Release 3",
    }


async def test_what_cant_be_asked_waits_and_goes_on_by_itself(box: Box) -> None:
    """An arr that does not answer might have grabbed any of them."""
    box.film(1)
    plan = await box.call("purge_seedbox", dry_run=True)
    box.servers.sonarr.liar.tell(Lie(LieKind.ERROR, "/history"))
    begun = await box.call("apply_plan", plan_id=plan["plan_id"])
    assert list(states(begun).values()) == ["planned"], begun
    assert "is not known" in details(begun, begun["steps"][0]["id"])
    assert box.writes == []
    box.servers.sonarr.liar.be_honest()
    assert list(states(await box.ended(plan)).values()) == ["done"]
    assert box.there == set()


async def test_who_does_not_answer_keeps_everything(box: Box) -> None:
    """Each of an arr's history, an arr's queue and the client itself."""
    box.film(1)
    for server, path in (("radarr", "/history"), ("sonarr", "/queue")):
        box.servers.all[server].liar.tell(Lie(LieKind.ERROR, path))
        plan = await box.call("purge_seedbox")
        assert (plan["steps"], [one["unknown"] for one in plan["left_out"]]) == ([], [True])
        box.servers.all[server].liar.be_honest()
    box.servers.qbittorrent.liar.tell(Lie(LieKind.ERROR, "/sync/maindata"))
    plan = await box.call("purge_seedbox")
    assert (plan["steps"], [one["unknown"] for one in plan["left_out"]]) == ([], [True])
    assert box.writes == []


async def test_an_arr_that_was_started_anew_does_not_tell_what_it_waits_for(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its queue is empty until it has asked its download clients."""
    monkeypatch.setattr(arr, "_STANDS", -1.0)  # here it starts anew in no time
    box.film(1)
    assert len((await box.call("purge_seedbox", dry_run=True))["steps"]) == 1
    box.servers.radarr_state.started = datetime.now(UTC)
    plan = await box.call("purge_seedbox")
    assert (plan["steps"], [one["unknown"] for one in plan["left_out"]]) == ([], [True])
    assert "has just started" in plan["left_out"][0]["reason"]
    assert box.writes == []


@pytest.mark.parametrize("server", ["radarr_state", "sonarr_state"])
async def test_an_arr_that_cant_ask_its_client_does_not_tell_what_it_waits_for(
    box: Box, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its queue lacks what that has, and says nothing of it; its health does."""
    monkeypatch.setattr(arr, "_STANDS", -1.0)  # here it loses its client in no time
    box.film(1)
    shown = await box.call("purge_seedbox", dry_run=True)
    assert len(shown["steps"]) == 1
    getattr(box.servers, server).clients.lose()
    plan = await box.call("purge_seedbox")
    assert (plan["steps"], [one["unknown"] for one in plan["left_out"]]) == ([], [True])
    assert "Unable to communicate with qBittorrent" in plan["left_out"][0]["reason"]
    held = await box.call("apply_plan", plan_id=shown["plan_id"])
    assert [step["state"] for step in held["steps"]] == ["planned"]
    assert box.writes == []


async def test_a_client_that_lost_most_of_its_torrents_is_not_purged(box: Box) -> None:
    """Zero torrents, or few, from one that had many is a failure."""
    for number in range(1, 9):
        box.film(number)
    [client] = box.house.runtime.torrents.values()
    await client.async_refresh()
    box.servers.world.swarm.torrents = dict(list(box.servers.world.swarm.torrents.items())[:2])
    plan = await box.call("purge_seedbox")
    assert plan["steps"] == []
    assert plan["left_out"][0]["unknown"]
    assert box.writes == []


async def test_a_run_takes_no_more_than_its_budget_and_the_best_first(box: Box) -> None:
    """5 percent of 80 torrents are 4."""
    for number in range(1, 81):
        box.film(number, ratio=2 + number / 10)
    plan = await box.ended(await box.call("purge_seedbox"))
    totals = plan["totals"]
    assert (totals["done"], totals["cut"]) == (4, 76)
    assert {f"Release {number}" for number in range(1, 77)} == box.there


async def test_one_client_is_purged_by_its_id(box: Box) -> None:
    """Another one is none."""
    box.film(1)
    [client] = box.house.runtime.torrents
    with pytest.raises(ServiceValidationError):
        await box.call("purge_seedbox", client="nobody")
    plan = await box.call("purge_seedbox", client=client, dry_run=True)
    assert len(plan["steps"]) == 1


async def test_the_button_and_the_clock_purge_and_entities_say_how_much_may_go(box: Box) -> None:
    """By the options: what may go, and whether the client holds too much."""
    box.film(1)
    box.torrent(2)
    await box.job.measure()
    await box.house.hass.async_block_till_done()
    assert float(box.state("sensor", "purgeable_size")) == 1.0
    totals = [float(box.state("sensor", f"{one}loaded_total")) for one in ("up", "down")]
    assert totals == [4.0, 2.0]
    assert box.state("binary_sensor", "over_target") == "off"
    options = {**box.house.entry.options, "seedbox": {"max_gb": 1, "purge_enabled": True}}
    box.house.hass.config_entries.async_update_entry(box.house.entry, options=options)
    await box.house.hass.async_block_till_done()
    assert box.state("binary_sensor", "over_target") == "on"
    assert box.state("switch", "auto_purge") == "on"
    registry = er.async_get(box.house.hass)
    [button] = [one for one in registry.entities.values() if one.unique_id.endswith("run_purge")]
    await box.house.hass.services.async_call(
        "button", "press", {"entity_id": button.entity_id}, blocking=True
    )
    await until(lambda: box.there == {"Release 2"}, what="the button purges")
    runner = box.house.runtime.runner
    await until(lambda: runner.running("purge") is None, what="it is done")
    schedule = box.job.schedule
    assert schedule is not None
    assert str(schedule.at) == "03:00:00"
    box.film(3)
    await box.job.run()
    await until(lambda: box.there == {"Release 2"}, what="the clock purges")


async def test_what_came_by_the_clock_waits_while_the_purge_is_switched_off(box: Box) -> None:
    """Before its next torrent; until it is switched on again, or a person has it carried out."""
    runtime = box.house.runtime
    for number in (1, 2, 3):
        box.film(number)
    await runtime.set_option("seedbox", "purge_enabled", True)
    check, asked = box.job.recheck, list[str]()

    async def recheck(plan: Any, step: Any, prepares: Any) -> Any:
        if len(asked) == 1:
            await runtime.set_option("seedbox", "purge_enabled", False)
        asked.append(step.id)
        return await check(plan, step, prepares)

    box.job.recheck = recheck  # type: ignore[method-assign]
    await box.job.run()
    (plan,) = await runtime.store.plans.recent(3, "purge")
    assert sorted(step.state.value for step in plan.steps) == ["done", "planned", "planned"]
    assert "switched off" in english(plan.waiting[0].detail)
    assert len(box.writes) == 1
    await box.job.runs._go_on(plan.plan_id)
    await until(lambda: not box.job.runs.busy, what="nobody goes on with it")
    assert len(box.there) == 2
    done = await box.applied(plan.plan_id)
    assert set(states(done).values()) == {"done"}
    assert box.there == set()


async def test_what_a_person_began_goes_on_while_the_purge_is_switched_off(box: Box) -> None:
    box.film(1)
    await box.house.runtime.set_option("seedbox", "purge_enabled", False)
    done = await box.ended(await box.call("purge_seedbox"))
    assert set(states(done).values()) == {"done"}


async def test_the_clock_only_shows_a_plan_while_the_dry_run_is_on(box: Box) -> None:
    """Nobody is told of a plan with nothing in it."""
    options = {**box.house.entry.options, "safety": {"dry_run": True}}
    box.house.hass.config_entries.async_update_entry(box.house.entry, options=options)
    await box.house.hass.async_block_till_done()
    plans = box.house.runtime.store.plans
    await box.job.run()
    assert await plans.recent(job="purge") == ()
    box.film(1)
    await box.job.run()
    assert box.writes == []
    with pytest.raises(HomeAssistantError):
        await box.call("purge_seedbox", dry_run=False)
    plan = await box.call("purge_seedbox", dry_run=False, confirm=True)
    await box.ended(plan)
    assert box.there == set()


async def test_a_card_is_told_what_the_next_purge_takes_and_why(
    box: Box, hass_ws_client: WebSocketGenerator
) -> None:
    """Null before anybody has looked; what has left since is not named any more."""
    runtime = box.house.runtime
    socket = await hass_ws_client(box.house.hass)
    box.film(1)
    box.film(2)
    box.film(3, tags="keep")
    told = (await ask(socket, "seedbox/outlook"))["result"]["purge"]
    assert told == {"at": None, "candidates": None, "count": None, "bytes": None}
    await runtime.jobs.named("purge").measure()
    told = (await ask(socket, "seedbox/outlook", limit=1))["result"]["purge"]
    (one,) = told["candidates"]
    assert (told["count"], told["bytes"], one["bytes"]) == (2, 2 * GB, GB)
    assert one["client"] in runtime.torrents
    assert "has seeded" in " ".join(one["reasons"]) or "imported" in " ".join(one["reasons"])
    await runtime.set_option("seedbox", "purge_enabled", True)
    told = (await ask(socket, "seedbox/outlook"))["result"]["purge"]
    assert told["at"] > utcnow().isoformat()
    await runtime.set_option("safety", "dry_run", True)
    assert (await ask(socket, "seedbox/outlook"))["result"]["purge"]["at"] is None
    await runtime.set_option("safety", "dry_run", False)
    await box.ended(await box.call("purge_seedbox"))
    for client in runtime.torrents.values():
        await client.async_refresh()
    told = (await ask(socket, "seedbox/outlook"))["result"]["purge"]
    assert (told["candidates"], told["count"], told["bytes"]) == ([], 0, 0)


async def test_a_card_is_told_when_a_client_is_full(
    box: Box, hass_ws_client: WebSocketGenerator
) -> None:
    """By what came in the last day; not of one that does not answer, nor before an hour."""
    runtime = box.house.runtime
    socket = await hass_ws_client(box.house.hass)
    box.film(1)
    (client,) = runtime.torrents.values()
    await client.async_refresh()
    (told,) = (await ask(socket, "seedbox/outlook"))["result"]["clients"]
    assert told == {"id": client.subentry_id, "rate": None, "full_at": None}
    used, total = client.data.used_bytes, client.data.capacity.total
    assert total is not None
    client.growth = Growth(((utcnow() - timedelta(days=1), 0), (utcnow(), used)))
    (told,) = (await ask(socket, "seedbox/outlook"))["result"]["clients"]
    days = (datetime.fromisoformat(told["full_at"]) - utcnow()) / timedelta(days=1)
    assert told["rate"] == pytest.approx(used, rel=0.01)
    assert days == pytest.approx((total - used) / used, rel=0.01)
    await box.servers.qbittorrent.go_down()
    await client.async_refresh()
    (told,) = (await ask(socket, "seedbox/outlook"))["result"]["clients"]
    assert told["full_at"] is None
