"""The story of a title: from its request to its deletion and back, in order, in one place."""

from dataclasses import replace
from typing import Any

from custom_components.showrunner.actions.story import _plan
from custom_components.showrunner.domain.media import MediaType, Title
from custom_components.showrunner.domain.plan import LeftOut, Subject
from custom_components.showrunner.domain.requests.request import RequestState
from tests.domain.plans import plan, step
from tests.domain.samples import FILM as TITLE_OF_PLANS

from .deleting import FILM, SERIES, Room, arrived, states
from .pipeline import Pipeline

TITLE = f"movie:tmdb:{FILM.tmdb}"


def named(event: dict[str, Any]) -> str:
    """Name an event by its kind, and what it tells."""
    (kind,) = event.keys() - {"at"}
    answer = event[kind]
    return f"{kind} {answer[_SAYS[kind]]}" if kind in _SAYS else kind


_SAYS = {"change": "action", "request_event": "kind", "plan": "job"}


async def test_a_film_is_told_of_from_its_request_to_its_return(pipe: Pipeline) -> None:
    """Asked for, fetched, watched, kept, let go, deleted, and brought back by a person."""
    room = await arrived(pipe)
    await pipe.house.watch("Sofa", FILM.name)
    await room.call("keep", title=TITLE, days=3)
    await room.call("stop_keeping", title=TITLE)
    await room.ended(await room.delete(files=True))
    story = await room.call("get_title", title=TITLE)
    (gone,) = [
        event["change"]
        for event in story["events"]
        if event.get("change", {}).get("action") == "delete_movie"
    ]
    undone = await room.call("undo", ledger_id=gone["ledger_id"])
    assert states(undone)["restore_movie"] == "done"
    story = await room.call("get_title", title=TITLE)
    events = story["events"]
    assert not story["older"]
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    names = [named(event) for event in events]
    course = [
        "request",
        "request_event grabbed",
        "request_event imported",
        "viewing",
        "keep",
        "stop_keeping",
        "plan delete_request",
        "change unmonitor_movie",
        "change delete_file",
        "change delete_movie",
        "change restore_movie",
    ]
    places = [names.index(one) for one in course]
    assert places == sorted(places), names
    changes = {one["action"]: one for one in (e["change"] for e in events if "change" in e)}
    assert changes["restore_movie"]["undo_of"] == gone["ledger_id"]
    assert changes["delete_movie"]["undone_at"] is not None


async def test_a_story_ends_with_its_newest_events(pipe: Pipeline) -> None:
    """As many as are asked for; it says that there are older ones."""
    room = await arrived(pipe)
    whole = await room.call("get_title", title=TITLE)
    assert (whole["older"], len(whole["events"]) > 3) == (False, True)
    for limit in (1, 3, len(whole["events"])):
        part = await room.call("get_title", title=TITLE, limit=limit)
        assert part["events"] == whole["events"][-limit:]
        assert part["older"] is (limit < len(whole["events"]))


async def test_a_pack_of_episodes_is_one_event(pipe: Pipeline) -> None:
    """Not one for each."""
    number = await pipe.ask(SERIES, (1,))
    await pipe.reaches(number, RequestState.AVAILABLE)
    await pipe.house.hass.async_block_till_done()
    room = Room(pipe, number)
    answer = await room.call("get_title", title=f"series:tvdb:{SERIES.tvdb}")
    grabs = [
        event["request_event"]
        for event in answer["events"]
        if event.get("request_event", {}).get("kind") == "grabbed"
    ]
    assert grabs
    assert len({one["download"] for one in grabs}) == len(grabs)
    assert sum(len(one["episodes"]) for one in grabs) >= len(grabs)


def test_of_a_plan_for_several_titles_only_the_steps_of_this_one_are_told() -> None:
    """The rest of it is another title's story; its totals are the plan's."""
    other = Title(MediaType.SERIES, TITLE_OF_PLANS.ids, "Another of the same number")
    theirs = replace(step(2), subject=Subject.of_title(other))
    left = (LeftOut("x", "y"),)
    answer = _plan(replace(plan(step(1), theirs), left_out=left), TITLE_OF_PLANS.key)
    assert ([one["id"] for one in answer["steps"]], answer["left_out"]) == (["s1"], [])
    assert answer["totals"]["planned"] == 2
    whole = replace(plan(step(1)), left_out=left)
    assert _plan(whole, TITLE_OF_PLANS.key) == whole.as_dict()
