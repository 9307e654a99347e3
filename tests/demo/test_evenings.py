"""The scripted evenings do in the world what they say they did."""

import asyncio

import pytest

from demo.evenings import Evening, Seen, days, evening, together
from world.catalogue import EPISODES, by_name
from world.world import Event

from .asking import until
from .conftest import House

_FAST = 12.0


def told(house: House, kind: str) -> list[Event]:
    """List what the diary has of a kind."""
    return [event for event in house.servers.world.diary if event.kind == kind]


def label_of(name: str) -> str:
    """Give what people call a film or an episode of that name."""
    episode = next((one for one in EPISODES if one.name == name), None)
    return (episode or by_name(name)).label


def agrees(house: House, truth: list[Seen]) -> None:
    """Compare with what the world knows: the end of the last stop of each title."""
    ends: dict[tuple[str, str], int] = {}
    for event in told(house, "stop"):
        viewer, _, end = event.detail.partition(" stops at ")
        ends[viewer, label_of(event.title)] = int(end.rstrip("%"))
    assert house.servers.world.plays == {}
    assert len({(seen.viewer, seen.title) for seen in truth}) == len(truth)
    for seen in truth:
        assert (ends.pop((seen.viewer, seen.title)) >= 97) == seen.completed
    for (viewer, _), percent in ends.items():
        assert viewer == "Attic" or percent < 20


@pytest.mark.parametrize("which", [one for one in Evening if one is not Evening.CREDITS])
async def test_the_truth_is_what_jellyfin_remembers(house: House, which: Evening) -> None:
    """A completed one was played to its end; what is left out was hardly or not theirs."""
    agrees(house, await evening(house.servers, which, speed=_FAST))


async def test_a_jump_to_the_credits_ends_late_and_was_short(house: House) -> None:
    """The position ends near the end, in less than half of the time."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    [seen] = await evening(house.servers, Evening.CREDITS, speed=4)
    [end] = told(house, "stop")
    seconds = by_name(end.title).seconds
    assert (seen.title, seen.completed) == (label_of(end.title), False)
    assert end.detail == "Kitchen stops at 99%"
    assert (loop.time() - begun) * 4 < seconds * 0.7


async def test_auto_play_changes_the_item_without_a_stop(house: House) -> None:
    """One session, three episodes, and the plugin tells one stop: of the last."""
    sent: list[tuple[str, str]] = []
    sessions: set[str] = set()

    async def tell(play: object, kind: str, extra: object) -> None:
        name = play.entry.name  # type: ignore[attr-defined]
        sent.append((kind, name))
        sessions.add(play.session_id)  # type: ignore[attr-defined]

    house.servers.player._tell = tell
    truth = await evening(house.servers, Evening.BINGE, speed=_FAST)
    names = [seen.title.split(": ")[1] for seen in truth]
    assert [name for kind, name in sent if kind == "PlaybackStart"] == names
    assert [name for kind, name in sent if kind == "PlaybackStop"] == names[-1:]
    assert len(sessions) == 1


async def test_a_restart_gives_a_film_a_new_session(house: House) -> None:
    """Nothing plays for a moment; then the same play goes on, and its device is the same."""
    play = house.servers.play("Sofa", "Rope Bridge", speed=4)
    await until(lambda: house.servers.world.plays)
    before, device = play.session_id, play.device_id
    restart = asyncio.create_task(house.servers.restart_jellyfin(0.2, 0.1))
    await until(lambda: not house.servers.world.plays)
    await restart
    assert play.session_id != before
    assert play.device_id == device
    assert house.servers.world.plays == {play.session_id: play}
    assert play.done is not None
    await play.done
    assert house.servers.world.plays == {}
    assert len(told(house, "play")) == 1


async def test_a_play_that_ends_while_the_server_is_away_is_not_told(house: House) -> None:
    """There is nobody to tell it to, and it does not come back."""
    play = house.servers.play("Sofa", "Rope Bridge", 0.0, 0.5, speed=100)
    await until(lambda: house.servers.world.plays)
    await house.servers.restart_jellyfin(0.3, 0.1)
    assert play.stopped_at is not None
    assert told(house, "stop") == []
    assert house.servers.world.plays == {}


async def test_several_at_once_do_not_disturb_each_other(house: House) -> None:
    """They share viewers, but no device and no title, and a restart cuts nobody's end off."""
    wanted = [one for one in Evening if one is not Evening.CREDITS]
    truth = await together(house.servers, *wanted, speed=6)
    agrees(house, truth)
    assert {viewer for viewer, _, _ in truth} == {"Sofa", "Kitchen"}


async def test_a_later_turn_has_other_titles(house: House) -> None:
    """Else a second evening of the day would add nothing to its history."""
    first, second = [
        await evening(house.servers, Evening.PAUSE, turn, speed=_FAST * 3) for turn in (0, 1)
    ]
    assert first != second
    assert isinstance(first[0], Seen)


async def test_days_go_on_until_they_are_ended(house: House) -> None:
    """Somebody watches at once, and nobody is left when it is over."""
    task = asyncio.create_task(days(house.servers))
    await until(lambda: len(house.servers.world.plays) == 4)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
