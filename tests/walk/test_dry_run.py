"""A dry run changes nothing, whatever job it is of: asserted on what the servers were asked.

The jobs and their actions come from the registry: a new one is covered without a new line, but for
a field that nobody knows yet what to say in.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import voluptuous as vol

from custom_components.showrunner.domain.extras import rule
from custom_components.showrunner.domain.requests.request import RequestState
from custom_components.showrunner.jobs.extras import gather as extras
from custom_components.showrunner.jobs.registry import JOBS
from custom_components.showrunner.jobs.spec import PlanAction
from custom_components.showrunner.jobs.sync import gather as sync
from tests.clients.sftp_server import serving
from tests.operations.trashing import tree
from world.servers import Servers

from .cleaning import Cleaned, settled
from .deleting import SERIES, Room, arrived
from .extras import HEAT, sparse
from .household import until
from .pipeline import Pipeline, Via, pipeline
from .purging import Box
from .syncing import transfer_of
from .undoing import row_of

SECOND = "The Lantern Keeper"  # watched once in the demo's past: another time is a rewatch
# A login opens a door, and a hub is asked how it wants to be talked to; nothing else is written.
HARMLESS = ("/auth/login", "/negotiate")
# What of an action is needed to have it do something.
GIVEN: dict[str, Any] = {
    "files": True,
    "all": True,
    "down_mbit": 1,
    "source": "jellyfin",
    "dry_run": True,
}


class Home:
    """A household in which each job has something to do, and all that there is in it."""

    def __init__(self, pipe: Pipeline, cleaned: Cleaned, folder: Path) -> None:
        """Begin to count."""
        self.pipe, self.cleaned, self.folder = pipe, cleaned, folder
        self.servers = pipe.house.servers
        self._from = {name: len(server.calls) for name, server in self.servers.all.items()}
        self.files = tree(folder)

    def writes(self) -> list[str]:
        """List everything that any service was asked to change since; a phone is told of plans."""
        return [
            f"{name}: {call.method} {call.path}"
            for name, server in self.servers.all.items()
            for call in server.calls[self._from[name] :]
            if call.method not in ("GET", "HEAD")
            and not call.path.split("?")[0].endswith(HARMLESS)
            and name != "ntfy"
        ]

    async def act(self, action: str, **data: Any) -> dict[str, Any]:
        """Call an action."""
        return await self.cleaned.call(action, **data)


@pytest.fixture
async def pipe(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Pipeline]:
    """Live with everything linked, also a seedbox's files, and nothing waited for by the clock."""
    monkeypatch.setattr(sync, "_BETWEEN", timedelta())
    monkeypatch.setattr(rule, "SETTLED", timedelta(seconds=-60))
    monkeypatch.setattr(extras, "_FRESH", timedelta())
    there, here = tmp_path / "house" / "box" / "done", tmp_path / "house" / "home"
    for one in (there / "Release.2020", here):
        one.mkdir(parents=True)
    (there / "Release.2020" / "film.mkv").write_bytes(b"x" * 300_000)
    movies = tmp_path / "house" / "movies"
    sparse(movies / HEAT / f"{HEAT}.mkv", 8000)
    sparse(movies / HEAT / f"{HEAT}-trailer.mkv", 60)
    async with serving(there.parent) as served:
        more = [transfer_of(served.port, served.host_key, here)]
        async with pipeline(
            hass, servers, hass_client_no_auth, monkeypatch, Via.MIXED, more=more
        ) as made:
            await made.house.runtime.set_option("extras", "folders", [f"{movies}/"])
            yield made


@pytest.fixture
async def home(pipe: Pipeline, tmp_path: Path) -> tuple[Home, dict[str, Any]]:
    """Have something for each job to do, then switch each on, and the dry run; give what to name.

    Somebody has deleted a request, which can be taken back; another one is there to be deleted.
    """
    house, runtime = pipe.house, pipe.house.runtime
    room = await arrived(pipe)
    await room.ended(await room.delete(files=False))
    row = await row_of(room, "unmonitor_movie")
    number = await pipe.ask(SERIES, (1,))
    await pipe.reaches(number, RequestState.AVAILABLE)
    await house.hass.async_block_till_done()
    cleaned = await settled(house)
    cleaned.watched(cleaned.movies[0].film)
    box = Box(pipe)
    box.film(1)
    await cleaned.ready()
    await runtime.set_option("safety", "dry_run", value=True)
    for spec in JOBS.values():
        if spec.switch is not None:
            await runtime.set_option(spec.switch.section, spec.switch.option, value=True)
    await runtime.set_option("seedbox", "remove_source", value=True)
    await house.hass.async_block_till_done()
    home = Home(pipe, cleaned, tmp_path / "house")
    return home, {"ledger_id": row.id, "request_id": Room(pipe, number).request_id}


def names(declared: Mapping[Any, Any]) -> dict[str, bool]:
    """Name an action's fields, and say which of them it needs."""
    return {str(one): isinstance(one, vol.Required) for one in declared}


async def test_no_job_changes_anything_in_a_dry_run(home: tuple[Home, dict[str, Any]]) -> None:
    """By its button, by the clock, by its actions, and by what somebody watches meanwhile."""
    here, named = home
    runtime = here.pipe.house.runtime
    for spec, job in runtime.jobs:
        for _ in range(2):  # some want to see a thing twice
            if spec.run_now is not None:
                await spec.run_now(job)
            if spec.scheduled is not None:
                await spec.scheduled.run(job)
    planned: dict[str, int] = {}
    for spec in JOBS.values():
        for action in spec.actions:
            is_plan = isinstance(action, PlanAction)
            known = names(action.fields) | ({"dry_run": True} if is_plan else {})
            given = {**GIVEN, **named}
            data = {name: given[name] for name, need in known.items() if need or name in given}
            answer = await here.act(action.name, **data)
            if is_plan:
                planned[action.name] = len(answer["steps"])
    assert all(planned.values()), planned
    await here.pipe.house.watch("Sofa", SECOND)

    async def is_decided() -> bool:
        return bool(await here.pipe.house.decisions(SECOND))

    await until(is_decided, what="it is decided")
    await here.pipe.house.hass.async_block_till_done()
    assert here.writes() == []
    assert tree(here.folder) == here.files


# -- the whole world -------------------------------------------------------------------------------

# What goes on by itself, or says who has asked, and what a person was told: no part of what is.
_MOVES = frozenset(
    {
        *("calls", "timers", "diary", "_told", "_sessions", "_moved", "_done", "_plays"),
        *("ntfy_state", "_seen", "_answering"),
    }
)


def picture(value: object, within: frozenset[int] = frozenset()) -> object:
    """Write down everything that the world knows."""
    if isinstance(value, Mapping):
        return {str(name): picture(one, within) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [picture(one, within) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(str(one) for one in value)
    if not type(value).__module__.startswith("world.") or callable(value):
        return str(value) if isinstance(value, str | int | float | bytes) else type(value).__name__
    if id(value) in within:
        return "..."
    answer = (
        {one.name: getattr(value, one.name) for one in fields(value)}
        if is_dataclass(value)
        else vars(value)
    )
    inner = within | {id(value)}
    return {name: picture(one, inner) for name, one in answer.items() if name not in _MOVES}


async def test_a_dry_run_of_cleanup_leaves_the_whole_world_as_it_is(
    home: tuple[Home, dict[str, Any]],
) -> None:
    """Not a byte of what any service keeps is another one after it."""
    here, _ = home
    # Seerr looks now and then, by itself: what it would find and tell it has told before.
    seerr = here.servers.seerr_state
    seerr.worker.sync()
    seerr.worker.scan()
    await until(lambda: not seerr.agent._tasks, what="Seerr has told all")
    before = picture(here.servers)
    plan = await here.act("cleanup_watched", dry_run=True)
    assert plan["steps"]
    await here.pipe.house.runtime.jobs.named("cleanup").run()
    assert picture(here.servers) == before
    assert here.writes() == []
    assert await here.pipe.house.runtime.store.ledger.for_plan(plan["plan_id"]) == ()
    # The picture shows what matters: the same plan carried out is seen in it.
    await here.act("apply_plan", plan_id=plan["plan_id"], dry_run=False, confirm=True)
    assert picture(here.servers) != before
