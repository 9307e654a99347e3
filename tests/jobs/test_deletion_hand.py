"""The hand asks for what a step is done for, too, and not only for the step."""

from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import Mock

from custom_components.showrunner.domain.belonging import Progress, Skip
from custom_components.showrunner.domain.requests.draft import Deletion
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.jobs.deletion_hand import Tools, UnmonitorMovie
from tests.domain.requests.replay import Household, planned
from tests.domain.requests.test_replay import a_larger_file, coming


def hand(film: Household) -> UnmonitorMovie:
    """Make a hand that plans anew by what is true."""

    async def replan(request: str, files: bool) -> Deletion:
        return film.deletion(files=files)

    return UnmonitorMovie(
        Tools(replan, Mock(), {}, {}, {}, {}, lambda: datetime(2026, 6, 10, tzinfo=UTC))
    )


async def test_what_a_preparation_is_done_for_is_planned_anew_as_well() -> None:
    """Another file by now: the film is not even unmonitored."""
    film = coming(downloads={})
    plan = planned(film, files=True)
    step = plan.step("unmonitor")
    assert step is not None
    deletions = Progress(plan).prepared(step)
    assert deletions
    a_larger_file(film)
    assert await hand(film).check(step, deletions) == Skip(say("changed_since_plan"))
    changed = replace(plan, steps=())
    assert Progress(changed).prepared(step) == ()
