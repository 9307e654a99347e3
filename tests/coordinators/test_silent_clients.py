"""A device that is switched off in the middle of a film, as the demo's Jellyfin lists it.

Time is simulated: the stand-in says what it lists at any moment, and nobody waits for it.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.clients.jellyfin_sessions import snapshot
from custom_components.showrunner.clients.jellyfin_webhook import parse_webhook
from custom_components.showrunner.coordinators.session_presence import SessionPresence
from custom_components.showrunner.domain.watching import PlaybackReport, ReportSource
from custom_components.showrunner.store import Store
from tests.domain.samples import NOW
from world import webhook
from world.catalogue import by_name
from world.jellyfin_dto import session
from world.play import Play
from world.world import World, build

from .rooms import Room

RUNTIME = 5400
FILM = replace(by_name("The Lantern Keeper"), seconds=RUNTIME)


class Evening:
    """A film of an hour and a half that begins now, on a server with a clock of its own."""

    def __init__(self, store: Store, skew: float = 0.0) -> None:
        """Let it begin."""
        self.world: World = build()
        self.room = Room(store)
        self.roll = SessionPresence()
        user = self.world.user("Sofa")
        self.room.choices.viewers = {user.id}
        self.skew = timedelta(seconds=skew)
        self.play = Play(user, FILM, 0.0, float(RUNTIME), 1.0, NOW + self.skew, 1)

    def server(self, second: float) -> datetime:
        """Give an instant by the server's clock."""
        return NOW + self.skew + timedelta(seconds=second)

    async def look(self, begin: float, end: float, every: int = 5) -> None:
        """Poll the sessions for a while."""
        for second in range(int(begin), int(end), every):
            now = NOW + timedelta(seconds=second)
            row = session(self.world, self.play, self.server(second))
            answer = snapshot([row], self.world.server_id, now, ReportSource.POLL)
            await self.room.tracker.ingest(self.roll.take(answer.reports, now), now)

    async def hear(self, second: float, stopped: PlaybackReport) -> None:
        """Take in a webhook."""
        now = NOW + timedelta(seconds=second)
        await self.room.tracker.ingest((self.roll.heard(replace(stopped, at=now)),), now)

    def stop(self, second: float) -> PlaybackReport:
        """Have the server end the play where it lists it; give what its plugin sends."""
        self.play.stopped_at = self.play.listed_position(self.server(second))
        body = webhook.body(self.world, self.play, "PlaybackStop", {"PlayedToCompletion": True})
        body["LastPlaybackCheckIn"] = self.play.checked_in(self.server(second)).isoformat()
        body["UtcTimestamp"] = self.server(second).isoformat()
        message = parse_webhook(body, NOW, self.world.server_id)
        assert isinstance(message, PlaybackReport)
        return message

    async def restart(self) -> None:
        """Restart Home Assistant."""
        await self.room.tracker.save()
        self.room.started()
        await self.room.tracker.load()
        self.roll = SessionPresence()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open a store."""
    opened = await Store.open(tmp_path / "showrunner.db")
    yield opened
    await opened.close()


def at_least(evening: Evening) -> float:
    """Say how far the server has moved it on when its idle check comes as late as it can."""
    return evening.play.listed_position(evening.server(0.8 * RUNTIME + 600)) / RUNTIME


@pytest.mark.parametrize("skew", [0, 7200, -86_400])
@pytest.mark.parametrize("restarts", [False, True])
async def test_a_television_that_is_switched_off_at_80_percent_has_completed_nothing(
    store: Store, skew: float, restarts: bool
) -> None:
    """Jellyfin goes on by itself to 91 %, and then says that it was played to completion."""
    evening = Evening(store, skew)
    off = 0.8 * RUNTIME
    await evening.look(0, off)
    evening.play.off_at = evening.server(off)
    assert at_least(evening) > 0.9
    if restarts:
        await evening.restart()
        await evening.look(off + 240, off + 600)
    else:
        await evening.look(off, off + 600)
    (viewing,) = await evening.room.history()
    assert viewing.finished
    assert viewing.position == pytest.approx(off, abs=11)
    assert viewing.ended_at == pytest.approx(
        NOW + timedelta(seconds=off), abs=timedelta(seconds=11)
    )
    await evening.hear(off + 600, evening.stop(off + 600))
    await evening.look(off + 600, off + 900)
    (viewing,) = await evening.room.history()
    assert viewing.position == pytest.approx(off, abs=11)
    assert viewing.watched == pytest.approx(off, abs=15)
    assert not viewing.completed
    assert evening.room.completed == []
    assert evening.room.events == ["started", "stopped"]


async def test_the_servers_own_stop_before_anybody_looks_again(store: Store) -> None:
    """Between two polls of an ill server, by webhook alone."""
    evening = Evening(store)
    off = 0.8 * RUNTIME
    await evening.look(0, off)
    evening.play.off_at = evening.server(off)
    await evening.hear(off + 580, evening.stop(off + 580))
    (viewing,) = await evening.room.history()
    assert (viewing.completed, viewing.finished) == (False, True)
    assert viewing.position == pytest.approx(off, abs=11)


async def test_a_persons_own_stop_counts_where_it_is(store: Store) -> None:
    """Beyond the last check-in, and long after the server has given up."""
    evening = Evening(store)
    await evening.look(0, 0.84 * RUNTIME)
    await evening.hear(0.86 * RUNTIME, evening.stop(0.86 * RUNTIME))
    (viewing,) = await evening.room.history()
    assert viewing.position == pytest.approx(0.86 * RUNTIME, abs=11)
    assert viewing.finished


async def test_a_paused_film_is_neither_lost_nor_counted(store: Store) -> None:
    """Its client says nothing for half an hour, and then goes on to the end."""
    evening = Evening(store)
    await evening.look(0, 1000)
    evening.play.paused_at = 1000.0
    evening.play._spoke_at = evening.server(1000)
    await evening.look(1000, 1000 + 1800)
    assert evening.room.events == ["started"]
    evening.play.paused_at, evening.play._skew = None, 1800.0
    evening.play._spoke_at = evening.server(2800)
    await evening.look(2800, 1800 + RUNTIME)
    (viewing,) = await evening.room.history()
    assert viewing.completed
    assert evening.room.events == ["started", "completed"]
    assert viewing.watched == pytest.approx(0.85 * RUNTIME, abs=20)


async def test_a_client_that_comes_back_goes_on(store: Store) -> None:
    """It was without a network for six minutes, and played on from its buffer."""
    evening = Evening(store)
    await evening.look(0, 1000)
    evening.play.off_at = evening.server(1000)
    await evening.look(1000, 1360)
    assert evening.room.events == ["started", "stopped"]
    evening.play.off_at = None
    await evening.look(1360, RUNTIME)
    (viewing,) = await evening.room.history()
    assert viewing.completed
    assert viewing.watched == pytest.approx(0.85 * RUNTIME, abs=20)
