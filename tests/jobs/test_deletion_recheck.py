"""The job asks for what a step is done for, too, and not only for the step."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

from custom_components.showrunner.domain.plan import Proceed, Progress, Skip
from custom_components.showrunner.domain.requests.draft import Deletion
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.jobs.request_deletion import DeletionJob
from tests.domain.requests.replay import Household, planned
from tests.domain.requests.samples import at
from tests.domain.requests.test_replay import a_larger_file, coming


class Job(DeletionJob):
    """Plans anew by what is true in a household."""

    def __init__(self, film: Household) -> None:
        """Take the household."""
        super().__init__(
            *[Mock()] * 5, options=Mock(), now=lambda: at(0) + timedelta(1), library_size=Mock()
        )
        self.film = film

    async def replan(self, request_id: str, files: bool) -> Deletion:
        """Answer from what is true."""
        return self.film.deletion(files=files)


async def test_what_a_preparation_is_done_for_is_planned_anew_as_well() -> None:
    """Another file by now: the film is not even unmonitored."""
    film = coming(downloads={})
    plan = planned(film, files=True)
    step = plan.step("unmonitor")
    assert step is not None
    deletions = Progress(plan).prepared(step)
    assert deletions
    assert await Job(film).recheck(plan, step, deletions) == Proceed()
    a_larger_file(film)
    assert await Job(film).recheck(plan, step, deletions) == Skip(say("changed_since_plan"))
    changed = replace(plan, steps=())
    assert Progress(changed).prepared(step) == ()


async def test_a_plan_that_does_not_say_what_was_asked_for_is_not_carried_out() -> None:
    """Nobody could tell what would be planned now."""
    film = coming(downloads={})
    plan = planned(film, files=True)
    nameless = replace(plan, intent={})
    assert await Job(film).recheck(nameless, plan.steps[0], ()) == Skip(say("plan_without_request"))
