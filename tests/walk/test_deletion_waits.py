"""What a deletion can't do yet waits and goes on by itself; and what belongs together stays so.

In a real `hass`, against services that are as late as the real ones.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.showrunner.domain.requests.request import RequestState
from custom_components.showrunner.signals import Attributes, Topic
from custom_components.showrunner.store import LedgerState
from tests.english import english
from world.clock import utcnow
from world.lies import Lie, LieKind

from .deleting import FILM, SERIES, Answer, Room, arrived, details, states
from .household import until
from .pipeline import Pipeline


def told(room: Room) -> list[tuple[str, object]]:
    """Write down what is told of deletions from now on: how they ended, and what was done."""
    heard: list[tuple[str, object]] = []

    def hear(kind: str, said: Attributes) -> None:
        if said["job"] == "delete_request":
            heard.append((kind, said["done"]))

    room.pipe.house.runtime.signals.subscribe(Topic.JOB, hear)
    return heard


async def tries(room: Room, plan: Answer, step_id: str, said: str) -> None:
    """Wait until a step says that it waits for this."""
    plans = room.pipe.house.runtime.store.plans

    async def so() -> bool:
        kept = await plans.get(plan["plan_id"])
        step = kept.step(step_id) if kept else None
        return step is not None and said in english(step.detail)

    await until(so, what=f"{step_id} waits: {said}")


async def slow(pipe: Pipeline) -> Room:
    """Give a room with the film, in which Jellyfin misses nothing until it is told to."""
    world = pipe.house.servers.world
    world.pace = replace(world.pace, miss=3600.0)
    return await arrived(pipe)


async def test_the_rest_is_done_when_jellyfin_has_missed_the_file(pipe: Pipeline) -> None:
    """The file and the entry are gone; Seerr forgets only what Jellyfin shows no more."""
    room = await slow(pipe)
    heard = told(room)
    plan = await room.delete(files=True)
    assert states(plan) == {
        "unmonitor": "done",
        "delete_file": "done",
        "delete_movie": "done",
        "forget_media": "planned",
        "delete_request": "planned",
    }
    assert "Jellyfin still shows it" in details(plan, "forget_media")
    assert room.number in room.servers.seerr_state.book.asks
    assert heard == []  # it has not ended
    room.servers.world.miss()
    done = await room.ended(plan)
    assert set(states(done).values()) == {"done"}
    assert room.number not in room.servers.seerr_state.book.asks
    assert not any(m.entry is FILM for m in room.servers.seerr_state.book.media.values())
    await until(lambda: heard == [("done", 5)], what="it is told")
    await until(lambda: pipe.view(room.number) is None, what="the request is over")


async def test_what_waits_goes_on_after_a_restart(pipe: Pipeline) -> None:
    """Also when Jellyfin has missed the file while nobody looked."""
    room = await slow(pipe)
    plan = await room.delete(files=True)
    house = pipe.house
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    room.servers.world.miss()
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    done = await room.ended(plan)
    assert set(states(done).values()) == {"done"}
    assert room.number not in room.servers.seerr_state.book.asks


async def test_a_waiting_plan_that_is_applied_again_goes_on(pipe: Pipeline) -> None:
    """A person need not wait for its turn, and nothing is done twice."""
    room = await slow(pipe)
    plan = await room.delete(files=True)
    before = room.writes("radarr")
    room.servers.world.miss()
    done = await room.ended(await room.apply(plan))
    assert set(states(done).values()) == {"done"}
    assert room.writes("radarr") == before


async def test_the_dry_run_stops_what_waits(pipe: Pipeline) -> None:
    """Switched on, nothing more is written; switched off, it goes on."""
    room = await slow(pipe)
    plan = await room.delete(files=True)
    runtime = pipe.house.runtime
    await runtime.set_option("safety", "dry_run", True)
    room.servers.world.miss()
    await runtime.jobs.named("delete_request").runs._go_on(plan["plan_id"])
    assert room.writes("seerr") == []
    await runtime.set_option("safety", "dry_run", False)
    assert set(states(await room.ended(plan)).values()) == {"done"}


async def test_what_a_person_confirmed_goes_on_although_the_dry_run_is_on(pipe: Pipeline) -> None:
    """They said so of this very plan."""
    room = await slow(pipe)
    await pipe.house.runtime.set_option("safety", "dry_run", True)
    plan = await room.delete(files=True, dry_run=False, confirm=True)
    assert states(plan)["delete_request"] == "planned"
    room.servers.world.miss()
    assert set(states(await room.ended(plan)).values()) == {"done"}


async def test_a_plan_that_expires_while_it_waits_says_so(pipe: Pipeline) -> None:
    """It does not wait for ever, and what it could not do is told."""
    room = await slow(pipe)
    heard, plans = told(room), pipe.house.runtime.store.plans
    plan = await room.delete(files=True)
    kept = await plans.get(plan["plan_id"])
    assert kept is not None
    await plans.put(replace(kept, expires_at=utcnow() - timedelta(seconds=1)))
    done = await room.ended(plan)
    assert states(done)["forget_media"] == states(done)["delete_request"] == "skipped"
    assert "expired while it waited; Jellyfin still shows it" in details(done, "forget_media")
    await until(lambda: heard == [("failed", 3)], what="it is told")


async def test_a_newer_plan_takes_the_place_of_one_that_waits(pipe: Pipeline) -> None:
    """Two plans for one request would do the same."""
    room = await slow(pipe)
    room.servers.jellyfin.liar.tell(Lie(LieKind.ERROR, path="/Items"))
    shown = await room.delete(files=False, dry_run=True)
    room.servers.jellyfin.liar.be_honest()
    first = await room.delete(files=True)
    assert states(first)["forget_media"] == "planned"
    second = await room.ended(await room.apply(shown))
    over = await room.ended(first)
    assert "another plan took its place" in details(over, "forget_media")
    assert states(second)["delete_request"] == "done"


async def test_a_download_under_way_goes_before_the_entry_that_proves_it(pipe: Pipeline) -> None:
    """With files: forgotten first, nobody could tell any more whose torrent that is."""
    world = pipe.house.servers.world
    world.pace = replace(world.pace, download=3600.0)
    number = await pipe.ask(FILM)
    await pipe.reaches(number, RequestState.DOWNLOADING)
    await pipe.house.hass.async_block_till_done()
    (mine,) = world.swarm.torrents
    room = Room(pipe, number)
    done = await room.ended(await room.delete(files=True))
    assert states(done) == {
        "unmonitor": "done",
        f"torrent:{mine.upper()}": "done",
        "delete_movie": "done",
        "forget_media": "done",
        "delete_request": "done",
    }
    assert world.swarm.torrents == {}
    assert room.movie is None


async def test_a_download_that_stays_keeps_its_title_and_its_request(pipe: Pipeline) -> None:
    """Its client checks it: until then nothing of it is written, and then all of it."""
    world = pipe.house.servers.world
    world.pace = replace(world.pace, download=3600.0)
    number = await pipe.ask(FILM)
    await pipe.reaches(number, RequestState.DOWNLOADING)
    (torrent,) = world.swarm.torrents.values()
    room = Room(pipe, number)
    shown = await room.delete(files=True, dry_run=True)
    torrent.trouble = "checking"
    plan = await room.call("apply_plan", plan_id=shown["plan_id"])
    assert set(states(plan).values()) == {"planned"}
    assert "its client works on its data" in details(plan, "unmonitor")
    assert room.writes() == []
    left = (await room.delete(files=True, dry_run=True))["left_out"]
    assert any("its client works on its data" in one["reason"] for one in left)
    torrent.trouble = ""
    assert set(states(await room.ended(plan)).values()) == {"done"}
    assert world.swarm.torrents == {}


@pytest.mark.parametrize("lie", [None, Lie(LieKind.NOTHING, path="/episodefile/bulk")])
async def test_a_deletion_that_ended_half_way_has_failed(pipe: Pipeline, lie: Lie | None) -> None:
    """It says what is left, counts only what is gone, and the rest may be tried again."""
    number = await pipe.ask(SERIES, (1,))
    await pipe.reaches(number, RequestState.AVAILABLE)
    await pipe.house.hass.async_block_till_done()
    await pipe.house.runtime.library.sweep_now()
    await pipe.house.runtime.set_option("safety", "max_library_percent", 100)
    room, library = Room(pipe, number), pipe.house.servers.sonarr_state.library
    series = next(one for one in library.series.values() if one.show is SERIES)
    files = [part.file_id for part in series.parts if part.episode.season == 1]
    library.locked = {max(files)}
    if lie is not None:
        room.servers.sonarr.liar.tell(lie)
    heard = told(room)
    plan = await room.delete(files=True)
    if lie is not None:
        # It said yes, and nothing has happened: that is no half.
        assert states(plan)["season:1"] == "failed"
        assert plan["totals"]["bytes_freed"] == 0
        return
    assert states(plan)["season:1"] == "failed"
    assert states(plan)["delete_request"] == "skipped"
    gone = len(set(files)) - 1
    assert f"{gone} of {len(set(files))} files are gone; still there:" in details(plan, "season:1")
    assert 0 < plan["totals"]["bytes_freed"] < plan["steps"][1]["bytes"]
    assert [kind for kind, _ in heard] == ["failed"]
    rows = await pipe.house.runtime.store.ledger.for_plan(plan["plan_id"])
    (row,) = [row for row in rows if row.step_id == "season:1"]
    assert (row.state, row.after["left"]) == (LedgerState.FAILED, [max(files)])
    library.locked = set()
    again = await room.ended(await room.delete(files=True))
    assert set(states(again).values()) == {"done"}
    freed = plan["totals"]["bytes_freed"] + again["totals"]["bytes_freed"]
    assert freed == plan["steps"][1]["bytes"]
