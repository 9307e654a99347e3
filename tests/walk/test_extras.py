"""Extras in a household with real clients: looked for, moved to the trash, taken out, deleted."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
import json
import os
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.domain import counted
from custom_components.showrunner.domain.extras import rule
from custom_components.showrunner.jobs.extras import gather, job as extras_job
from custom_components.showrunner.jobs.extras.held import Held
from custom_components.showrunner.jobs.kit import waiting
from custom_components.showrunner.operations import trash
from custom_components.showrunner.operations.trash import TRASH
from tests.operations.trashing import trashed, tree
from tests.platforms.faces import SECOND, act, entity_id, state
from world.catalogue import by_name
from world.lies import Lie, LieKind
from world.radarr_library import Movie
from world.servers import Servers
from world.sonarr_library import Series
from world.world import JELLYFIN_ROOT

from .arrs import house_with_arrs
from .extras import HEAT, MB, sparse
from .household import Household, until

ODD = os.fsdecode(b"caf\xe9\n-trailer.mkv")


@dataclass
class Shelf:
    """A folder of films that Home Assistant sees, in a household."""

    house: Household
    movies: Path

    @property
    def runtime(self) -> Any:
        """What the loaded entry has."""
        return self.house.runtime

    async def call(self, action: str = "cleanup_extras", **data: Any) -> Any:
        """Call an action."""
        return await act(self.house, action, **data)

    @property
    def job(self) -> extras_job.ExtrasJob:
        """The job."""
        found: extras_job.ExtrasJob = self.runtime.jobs.named("extras")
        return found


def stop(*given: Any) -> None:
    """Be stopped."""
    raise asyncio.CancelledError


class Clock:
    """The clock of a household: `days` after what it is."""

    def __init__(self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
        self.days = 0.0
        self._now = shelf.job._now()
        for one in (shelf.job, shelf.job._due, shelf.job.runs, shelf.runtime.runner):
            monkeypatch.setattr(one, "_now", self)

    def __call__(self) -> datetime:
        return self._now + timedelta(days=self.days)


def states(plan: Any) -> dict[str, str]:
    """Say how the steps of a plan stand, by what they are about."""
    return {one["title"]: one["state"] for one in plan["steps"]}


def left(plan: Any) -> dict[str, str]:
    """Say why things stay, by their names."""
    return {one["title"].rpartition("/")[2]: one["reason"] for one in plan["left_out"]}


@pytest.fixture
async def shelf(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Shelf]:
    """Give a film with extras of all kinds, and others that only sound so; all written long ago."""
    monkeypatch.setattr(rule, "SETTLED", timedelta(seconds=-60))
    monkeypatch.setattr(gather, "_FRESH", timedelta())
    monkeypatch.setattr(waiting, "PAUSES", (timedelta(seconds=0.1),))
    movies = (tmp_path / "movies").resolve()
    sparse(movies / HEAT / f"{HEAT}.mkv", 8000)
    sparse(movies / HEAT / f"{HEAT}-trailer.mkv", 60)
    sparse(movies / HEAT / "Sample" / ODD, 30)
    sparse(movies / HEAT / "RARBG.com.mp4", 5)
    sparse(movies / "The Big Short (2015)" / "The Big Short (2015).mkv", 900)
    (movies / "Linked").symlink_to(movies / HEAT)
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        await house.runtime.set_option("extras", "folders", [f"{movies}/"])
        yield Shelf(house, movies)


THREE = {
    f"{HEAT}/{HEAT}-trailer.mkv",
    f"{HEAT}/Sample/caf\ufffd\ufffd-trailer.mkv",
    f"{HEAT}/RARBG.com.mp4",
}


async def test_a_dry_run_writes_nothing(shelf: Shelf) -> None:
    """It shows what would go and why; no file, no folder, no row."""
    before = tree(shelf.movies)
    plan = await shelf.call(dry_run=True)
    assert states(plan) == dict.fromkeys(THREE, "planned"), left(plan)
    assert {one["action"] for one in plan["steps"]} == {"trash_file"}
    assert {one["undo"] for one in plan["steps"]} == {"restore"}
    assert plan["totals"]["bytes"] == 95 * MB
    assert tree(shelf.movies) == before
    assert not (shelf.movies / TRASH).exists()
    assert await shelf.runtime.store.ledger.for_plan(plan["plan_id"]) == ()


async def test_what_goes_can_be_taken_back_and_stays_then(shelf: Shelf) -> None:
    """By the number that each step tells; a second time it is not taken, nor undone."""
    before = tree(shelf.movies)
    plan = await shelf.call(dry_run=False)
    assert states(plan) == dict.fromkeys(THREE, "done")
    assert set(tree(shelf.movies)) == {
        *("Linked", f"{HEAT}/{HEAT}.mkv", "The Big Short (2015)/The Big Short (2015).mkv"),
    }
    assert (plan["totals"]["bytes_freed"], len(trashed(shelf.movies))) == (0, 3)
    for one in plan["steps"]:
        done = await shelf.call("undo", ledger_id=one["ledger_id"], dry_run=False)
        assert states(done) == {one["title"]: "done"}
    assert tree(shelf.movies) == before
    assert trashed(shelf.movies) == []
    with pytest.raises(ServiceValidationError) as caught:
        await shelf.call("undo", ledger_id=plan["steps"][0]["ledger_id"], dry_run=False)
    assert caught.value.translation_key == "not_undoable"
    again = await shelf.call(dry_run=False)
    assert states(again) == {}
    assert set(left(again).values()) == {"you have taken it out of the trash before"}


async def test_entities_say_what_lies_in_the_trash(shelf: Shelf) -> None:
    """Until it is taken back; of a folder that is not there nobody knows."""

    def lies() -> tuple[str, str]:
        return state(shelf.house, "trash_files").state, state(shelf.house, "trash_size").state

    plan = await shelf.call(dry_run=False)
    await until(lambda: lies() == ("3", "0.095"))
    for one in plan["steps"][1:]:
        await shelf.call("undo", ledger_id=one["ledger_id"], dry_run=False)
    await until(lambda: lies()[0] == "1")
    (shelf.movies / TRASH).rename(shelf.movies / "other")
    (shelf.movies / TRASH).write_text("a file")
    assert await shelf.job.held() is None
    (shelf.movies / TRASH).unlink()
    assert await shelf.job.held() == Held()
    shelf.movies.rename(shelf.movies.with_name("elsewhere"))
    shelf.runtime.store.tell("ledger")
    await until(lambda: lies() == ("unknown", "unknown"))


async def test_what_an_arr_tracks_or_somebody_plays_stays(shelf: Shelf) -> None:
    """Whatever its path is called there."""
    servers = shelf.house.servers
    movie = next(one for one in servers.radarr_state.library.movies.values() if one.file_id)
    movie.file_name = f"{HEAT}-TRAILER.mkv"
    watched = by_name(SECOND)
    play = servers.play("Sofa", SECOND, 0.1, 0.9, 0.01)
    name = servers.world.file(watched, JELLYFIN_ROOT).rpartition("/")[2]
    await until(lambda: bool(servers.world.plays))
    sparse(shelf.movies / HEAT / "Sample" / name, 9)
    servers.radarr_state.library.movies = {
        number: one for number, one in servers.radarr_state.library.movies.items()
        if one.film is not watched
    }  # fmt: skip
    plan = await shelf.call(dry_run=True)
    assert left(plan)[f"{HEAT}-trailer.mkv"] == "Radarr tracks a file of this name"
    assert left(plan)[name] == "it is being played"
    assert len(states(plan)) == 2
    assert play.done is not None
    play.done.cancel()


async def test_what_plays_by_now_stays(shelf: Shelf) -> None:
    """It was not played when the plan was made."""
    servers = shelf.house.servers
    watched = by_name(SECOND)
    name = servers.world.file(watched, JELLYFIN_ROOT).rpartition("/")[2]
    extra = sparse(shelf.movies / HEAT / "Sample" / name, 9)
    for movie in servers.radarr_state.library.movies.values():
        if movie.file_name == name:
            movie.file_name = "another.mkv"
    await shelf.runtime.set_option("safety", "max_library_percent", 100)
    plan = await shelf.call(dry_run=True)
    assert len(states(plan)) == 4, left(plan)
    play = servers.play("Sofa", SECOND, 0.1, 0.9, 0.01)
    await until(lambda: bool(servers.world.plays))
    done = await shelf.call("apply_plan", plan_id=plan["plan_id"], dry_run=False)
    assert states(done) == {**dict.fromkeys(THREE, "done"), f"{HEAT}/Sample/{name}": "skipped"}
    assert extra.exists()
    assert play.done is not None
    play.done.cancel()


@pytest.mark.parametrize(("server", "path"), [("radarr", "/movie"), ("sonarr", "/series")])
async def test_an_arr_that_lists_nothing_at_its_first_look_keeps_everything(
    shelf: Shelf, server: str, path: str
) -> None:
    """Nobody knows yet how much it should list: it may have lost all."""
    before = tree(shelf.movies)
    liar = getattr(shelf.house.servers, server).liar
    liar.tell(Lie(LieKind.EMPTY, path))
    for _ in range(2):
        plan = await shelf.call(dry_run=False)
        assert states(plan) == {}
        assert plan["left_out"]
        assert all(one["unknown"] for one in plan["left_out"])
        assert tree(shelf.movies) == before
    liar.be_honest()
    assert states(await shelf.call(dry_run=False)) == dict.fromkeys(THREE, "done")


def without_path(row: dict[str, Any]) -> object:
    """Tell of a file, and not where it is."""
    return row | {"movieFile": {key: row["movieFile"][key] for key in ("id", "movieId")}}


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        (Movie, without_path),
        (Movie, lambda row: None),
        (Series, lambda row: row | {"id": "x"}),
        (Series, lambda row: None),
    ],
)
async def test_one_row_of_an_arr_that_can_t_be_read_keeps_everything(
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    kind: type,
    spoil: Callable[[dict[str, Any]], object],
) -> None:
    """It may be the one that tracks what would go."""
    before = tree(shelf.movies)
    servers = shelf.house.servers
    movie = next(one for one in servers.radarr_state.library.movies.values() if one.file_id)
    movie.file_name = f"{HEAT}-trailer.mkv"
    bad = movie if kind is Movie else next(iter(servers.sonarr_state.library.series.values()))
    write = kind.write
    monkeypatch.setattr(kind, "write", lambda one: spoil(write(one)) if one is bad else write(one))
    plan = await shelf.call(dry_run=False)
    assert states(plan) == {}
    assert all(one["unknown"] for one in plan["left_out"])
    assert tree(shelf.movies) == before


LIES = (
    ("radarr", Lie(LieKind.ERROR, "/movie")),
    ("radarr", Lie(LieKind.EMPTY, "/movie")),
    ("radarr", Lie(LieKind.HALF, "/movie")),
    ("radarr", Lie(LieKind.ERROR, "/rootfolder")),
    ("sonarr", Lie(LieKind.HTML, "/series")),
    ("sonarr", Lie(LieKind.EMPTY, "/series")),
    ("jellyfin", Lie(LieKind.ERROR, "/Sessions")),
    ("jellyfin", Lie(LieKind.ERROR, "/Library/VirtualFolders")),
)


async def test_while_somebody_does_not_answer_nothing_goes(shelf: Shelf) -> None:
    """Neither when it is planned, nor of a plan that was made before: that waits, and goes on."""
    before = tree(shelf.movies)
    kept = await shelf.call(dry_run=True)
    assert len(states(kept)) == 3
    for server, lie in LIES:
        liar = getattr(shelf.house.servers, server).liar
        liar.tell(lie)
        plan = await shelf.call(dry_run=False)
        assert states(plan) == {}, lie
        assert plan["left_out"], lie
        assert all(one["unknown"] for one in plan["left_out"]), lie
        assert tree(shelf.movies) == before, lie
        if lie is not LIES[-1][1]:
            liar.be_honest()
    waits = await shelf.call("apply_plan", plan_id=kept["plan_id"], dry_run=False)
    assert states(waits) == dict.fromkeys(THREE, "planned")
    assert tree(shelf.movies) == before
    liar.be_honest()
    await until(lambda: len(trashed(shelf.movies)) == 3)


async def test_law_9_an_arr_that_lost_its_titles_stops_everything(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it says the same an hour later."""
    radarr = shelf.house.servers.radarr_state.library
    await shelf.call(dry_run=True)
    radarr.movies = dict(list(radarr.movies.items())[: len(radarr.movies) // 3])
    for _ in range(2):
        plan = await shelf.call(dry_run=False)
        assert states(plan) == {}
        assert "Radarr" in next(iter(left(plan).values()))
    monkeypatch.setattr(counted, "APART", timedelta())
    plan = await shelf.call(dry_run=False)
    assert states(plan) == dict.fromkeys(THREE, "done")


@pytest.mark.parametrize("what", ["titles", "files"])
async def test_law_9_a_person_may_confirm_what_an_arr_has_lost(shelf: Shelf, what: str) -> None:
    """It is shown as any other fall is; also a plan that was made before waits for that word."""
    runtime = shelf.runtime
    radarr = shelf.house.servers.radarr_state.library
    held = [one.id for one in radarr.movies.values() if one.file_id]
    for number in list(radarr.movies):
        if number not in held:
            del radarr.movies[number]
    assert len(held) > 2
    kept = await shelf.call(dry_run=True)
    assert len(states(kept)) == 3
    left = len(held) // 3
    for number in held[left:]:
        if what == "titles":
            del radarr.movies[number]
        else:
            radarr.movies[number].file_id = 0
    plan = await shelf.call(dry_run=False)
    assert states(plan) == {}
    assert all(one["unknown"] for one in plan["left_out"])
    (fallen,) = await runtime.falls.all()
    (linked,) = runtime.radarrs.values()
    assert (fallen.kind, fallen.source, fallen.name) == ("arr", linked.subentry_id, linked.title)
    assert (fallen.fall.had[what], fallen.fall.left(what)) == (len(held), left)
    waits = await shelf.call("apply_plan", plan_id=kept["plan_id"], dry_run=False)
    assert states(waits) == dict.fromkeys(THREE, "planned")
    await runtime.falls.accept(fallen.source, fallen.fall.mark)
    await until(lambda: len(trashed(shelf.movies)) == 3)


async def test_law_3_facts_must_still_hold(shelf: Shelf) -> None:
    """Between the plan and its steps things have changed: those files stay, the others go."""
    for name in ("Grown", "Alone", "Linked to", "Tracked", "Written"):
        sparse(shelf.movies / f"{name} (2001)" / f"{name} (2001).mkv", 8000)
        sparse(shelf.movies / f"{name} (2001)" / f"{name} (2001)-trailer.mkv", 9)
    await shelf.runtime.set_option("safety", "max_library_percent", 100)
    plan = await shelf.call(dry_run=True)
    assert len(states(plan)) == 8
    with (shelf.movies / "Grown (2001)" / "Grown (2001)-trailer.mkv").open("ab") as file:
        file.write(b"more")
    (shelf.movies / "Alone (2001)" / "Alone (2001).mkv").unlink()
    outside = shelf.movies.parent / "outside"
    (shelf.movies / "Linked to (2001)").rename(outside)
    (shelf.movies / "Linked to (2001)").symlink_to(outside)
    radarr = shelf.house.servers.radarr_state.library
    movie = next(one for one in radarr.movies.values() if one.file_id)
    movie.file_name = "Tracked (2001)-trailer.mkv"
    (shelf.movies / "Written (2001)" / "Written (2001)-trailer.mkv.part").touch()
    before = tree(shelf.movies.parent)
    done = await shelf.call("apply_plan", plan_id=plan["plan_id"], dry_run=False)
    went = {title for title, how in states(done).items() if how == "done"}
    assert went == THREE, done
    stayed = set(tree(shelf.movies.parent))
    assert set(before) - stayed == {f"movies/{HEAT}/{HEAT}-trailer.mkv",
                                    f"movies/{HEAT}/Sample/{ODD}",
                                    f"movies/{HEAT}/RARBG.com.mp4"}  # fmt: skip


async def test_a_folder_that_is_no_longer_chosen_is_left_alone(shelf: Shelf) -> None:
    """By an old plan as by the action; what was never chosen is refused."""
    plan = await shelf.call(dry_run=True)
    await shelf.runtime.set_option("extras", "folders", [])
    before = tree(shelf.movies)
    done = await shelf.call("apply_plan", plan_id=plan["plan_id"], dry_run=False)
    assert set(states(done).values()) == {"skipped"}
    with pytest.raises(ServiceValidationError) as caught:
        await shelf.call(folders=[str(shelf.movies)], dry_run=False)
    assert caught.value.translation_key == "folder_not_chosen"
    assert tree(shelf.movies) == before


async def test_law_8_a_budget_caps_a_run(shelf: Shelf) -> None:
    """At least three items, else a share of the videos that were seen."""
    for number in range(6):
        sparse(shelf.movies / HEAT / f"{HEAT}-trailer{number}.mkv", 1)
    plan = await shelf.call(dry_run=False)
    assert sorted(states(plan).values()) == ["cut"] * 6 + ["done"] * 3


async def test_the_trash_is_emptied_in_time(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the days of the options, and only of what we have put there; that can't be undone."""
    plan = await shelf.call(dry_run=False)
    foreign = sparse(shelf.movies / TRASH / "mine" / "photos.mkv", 1)
    clock = Clock(shelf, monkeypatch)
    for days in (0, 31, 31.9):
        clock.days = days
        assert states(await shelf.call(dry_run=False)) == {}, days
    clock.days = 32
    emptied = await shelf.call(dry_run=False)
    assert states(emptied) == dict.fromkeys(THREE, "done")
    assert {(one["action"], one["undo"]) for one in emptied["steps"]} == {
        ("delete_trashed", "none")
    }
    assert emptied["totals"]["bytes_freed"] == 95 * MB
    assert trashed(shelf.movies) == [foreign.parent]
    with pytest.raises(ServiceValidationError) as caught:
        await shelf.call("undo", ledger_id=plan["steps"][0]["ledger_id"], dry_run=False)
    assert "no longer in the trash" in str((caught.value.translation_placeholders or {})["why"])


async def test_a_clock_that_was_wrong_empties_no_trash(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither at once, nor with what it noted while it was wrong; nor by a plan made meanwhile."""
    await shelf.call(dry_run=False)
    clock = Clock(shelf, monkeypatch)
    for days in (4000, 1, 4002, -20_000, 31, 1, 33):
        clock.days = days
        assert states(await shelf.call(dry_run=False)) == {}, days
    clock.days = 34
    plan = await shelf.call(dry_run=True)
    assert len(states(plan)) == 3
    clock.days = 33.5
    stays = await shelf.call("apply_plan", plan_id=plan["plan_id"], dry_run=False)
    assert set(states(stays).values()) == {"skipped"}
    assert len(trashed(shelf.movies)) == 3


async def test_a_file_that_came_with_a_wrong_clock_stays_as_long_as_the_others(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its manifest says is not believed alone."""
    await shelf.call(dry_run=False)
    first, second, _ = trashed(shelf.movies)
    clock = Clock(shelf, monkeypatch)
    for place, at in ((first, "1970-01-01T00:00:07+00:00"), (second, "2021-01-01T00:00:00+00:00")):
        manifest = place / "manifest.json"
        kept = json.loads(manifest.read_text())
        manifest.write_text(json.dumps(kept | {"trashed_at": at}))
    for days, gone in ((1, 0), (3, 0), (31, 0), (33, 2)):
        clock.days = days
        assert len(states(await shelf.call(dry_run=False))) == gone, days
    assert trashed(shelf.movies) == [first]


async def test_what_a_stop_left_of_a_move_is_removed_in_time(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place in the trash without a file: nobody else's, and gone when its days are over."""
    with monkeypatch.context() as broken:
        broken.setattr(trash, "_move", stop)
        with pytest.raises(asyncio.CancelledError):
            await shelf.call(dry_run=False)
    (place,) = trashed(shelf.movies)
    assert [one.name for one in place.iterdir()] == ["manifest.json"]
    await shelf.runtime.set_option("extras", "patterns", ["proof"])
    await shelf.runtime.set_option("extras", "min_video_mb", 0)
    clock = Clock(shelf, monkeypatch)
    for days in (31, 32):
        clock.days = days
        assert trashed(shelf.movies) == [place]
        shown = await shelf.call(dry_run=True)
        assert (left(shown), states(shown)) == ({}, {})
        assert trashed(shelf.movies) == [place]
        assert states(await shelf.call(dry_run=False)) == {}
    assert trashed(shelf.movies) == []


async def test_what_was_noted_of_the_trash_and_can_t_be_read_keeps_everything(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if nobody had looked before."""
    await shelf.call(dry_run=False)
    clock = Clock(shelf, monkeypatch)
    kv, folder = shelf.runtime.store.kv, str(shelf.movies)
    places = [one.name for one in trashed(shelf.movies)]
    clock.days = 40
    for noted in ("x", [], {folder: 1}, {folder: dict.fromkeys(places, 7)},
                  {folder: dict.fromkeys(places, "2020-01-01")}):  # fmt: skip
        await kv.put("extras_trash_due", noted)
        assert states(await shelf.call(dry_run=True)) == {}, noted


async def test_a_stop_in_the_middle_is_read_back(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file was moved, and nobody wrote that down: after the start it is known, and undone."""
    put_in = trash.put_in

    def stop(*given: Any) -> None:
        put_in(*given)
        raise asyncio.CancelledError

    house = shelf.house
    before = tree(shelf.movies)
    with monkeypatch.context() as broken:
        broken.setattr(trash, "put_in", stop)
        with pytest.raises(asyncio.CancelledError):
            await shelf.call(dry_run=False)
    assert len(trashed(shelf.movies)) == 1
    await house.hass.config_entries.async_reload(house.entry.entry_id)

    async def ended() -> bool:
        return not await shelf.runtime.store.ledger.unfinished() and len(trashed(shelf.movies)) == 3

    await until(ended)
    (plan,) = await shelf.runtime.store.plans.recent(5, "extras")
    rows = await shelf.runtime.store.ledger.for_plan(plan.plan_id)
    assert [row.state.value for row in rows] == ["done"] * 3
    for row in rows:
        await shelf.call("undo", ledger_id=row.id, dry_run=False)
    assert tree(shelf.movies) == before


async def test_the_button_and_the_switch(shelf: Shelf) -> None:
    """The button does at once what the clock does; the clock only while it is switched on."""
    house = shelf.house
    assert shelf.job.page.schedule is None
    target = {"entity_id": entity_id(house, "auto_extras")}
    await house.hass.services.async_call("switch", "turn_on", target, blocking=True)
    schedule = shelf.job.page.schedule
    assert schedule is not None
    assert (schedule.at.isoformat(), schedule.weekdays) == ("02:00:00", frozenset({6}))
    await shelf.runtime.set_option("safety", "dry_run", True)
    target = {"entity_id": entity_id(house, "run_extras")}
    before = tree(shelf.movies)
    await house.hass.services.async_call("button", "press", target, blocking=True)
    await until(lambda: state(house, "job").attributes.get("event_type") == "planned")
    assert tree(shelf.movies) == before
    await shelf.runtime.set_option("safety", "dry_run", False)
    await house.hass.services.async_call("button", "press", target, blocking=True)
    await until(lambda: state(house, "job").attributes.get("event_type") == "done")
    assert len(trashed(shelf.movies)) == 3


async def test_what_came_by_the_clock_waits_while_that_is_switched_off(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before its next file; until it is switched on again, or a person has it carried out."""
    await shelf.runtime.set_option("extras", "enabled", True)
    check, asked = shelf.job.recheck, list[str]()

    async def recheck(plan: Any, step: Any, prepares: Any) -> Any:
        if len(asked) == 1:
            await shelf.runtime.set_option("extras", "enabled", False)
        asked.append(step.id)
        return await check(plan, step, prepares)

    monkeypatch.setattr(shelf.job, "recheck", recheck)
    await shelf.job.run()
    (plan,) = await shelf.runtime.store.plans.recent(3, "extras")
    assert sorted(states(plan.as_dict()).values()) == ["done", "planned", "planned"]
    assert len(trashed(shelf.movies)) == 1
    await shelf.job.runs._go_on(plan.plan_id)
    await until(lambda: not shelf.job.runs.busy)
    assert len(trashed(shelf.movies)) == 1
    done = await shelf.call("apply_plan", plan_id=plan.plan_id, dry_run=False)
    assert set(states(done).values()) == {"done"}
    assert len(trashed(shelf.movies)) == 3


async def test_the_clock_s_run_is_silent_when_there_is_nothing_to_do(shelf: Shelf) -> None:
    """No plan of no steps is kept, and no event tells of it; with something to do it does it."""
    job = shelf.runtime.jobs.named("extras")
    await job.run()
    assert len(trashed(shelf.movies)) == 3
    plans = await shelf.runtime.store.plans.recent(9, "extras")
    await job.run()
    assert await shelf.runtime.store.plans.recent(9, "extras") == plans


async def test_the_page_takes_no_folder_that_can_t_be_one(shelf: Shelf) -> None:
    """The root, Home Assistant's own, one within another, a link, one that is not there."""
    house = shelf.house
    flows, config = house.hass.config_entries.options, house.hass.config.config_dir
    movies = str(shelf.movies)
    for folders, why in (
        (["/"], "folder_not_allowed"),
        ([config], "folder_not_allowed"),
        (["/proc/self"], "folder_not_allowed"),
        (["movies"], "folder_not_absolute"),
        ([f"{movies}/../movies"], "folder_not_absolute"),
        ([movies, f"{movies}/{HEAT}"], "folder_within_another"),
        ([f"{movies}/Linked"], "folder_is_link"),
        ([f"{movies}/Nowhere"], "folder_not_there"),
        ([f"{movies}/"], None),
    ):
        menu = await flows.async_init(house.entry.entry_id)
        form = await flows.async_configure(menu["flow_id"], {"next_step_id": "extras"})
        typed = {"enabled": False, "folders": folders, "patterns": ["sample"], "min_video_mb": 0,
                 "trash_days": 9, "at": "03:00:00", "weekdays": ["mon"]}  # fmt: skip
        done = await flows.async_configure(form["flow_id"], typed)
        assert (done.get("errors") or {}).get("folders") == why, folders
        if why is not None:
            flows.async_abort(form["flow_id"])
    plan = await shelf.call(dry_run=True)
    assert set(states(plan)) == {f"{HEAT}/Sample/caf\ufffd\ufffd-trailer.mkv"} or states(plan) == {}
