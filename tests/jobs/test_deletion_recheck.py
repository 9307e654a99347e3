"""The job asks for what a step is done for, too, and not only for the step."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from itertools import chain, combinations
from unittest.mock import Mock

from hypothesis import given, settings, strategies as st

from custom_components.showrunner.domain.deletion.draft import Deletion
from custom_components.showrunner.domain.deletion.facts import NOT_ASKED
from custom_components.showrunner.domain.plan import Proceed, Progress, Skip
from custom_components.showrunner.domain.requests.deletion import plan_deletion
from custom_components.showrunner.domain.requests.recheck import against_doing
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.jobs.delete_request.gather import SOURCES, Ask
from custom_components.showrunner.jobs.delete_request.job import DeletionJob
from custom_components.showrunner.jobs.kit.plan_runs import RunParts
from tests.domain.requests.households import households
from tests.domain.requests.replay import Household, planned
from tests.domain.requests.samples import at, status
from tests.domain.requests.wishes import a_larger_file, coming
from tests.effort import examples


class Job(DeletionJob):
    """Plans anew by what is true in a household."""

    def __init__(self, film: Household) -> None:
        """Take the household."""
        parts = RunParts(*[Mock()] * 4, now=lambda: at(0) + timedelta(1))
        super().__init__(parts, Mock(), Mock(), library_size=Mock())
        self.film = film

    async def replan(
        self, request_id: str, files: bool, asks: Collection[Ask] = frozenset(Ask)
    ) -> Deletion:
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
    emptied = replace(plan, steps=())
    assert Progress(emptied).prepared(step) == ()


async def test_a_plan_that_does_not_say_what_was_asked_for_is_not_carried_out() -> None:
    """Nobody could tell what would be planned now."""
    film = coming(downloads={})
    plan = planned(film, files=True)
    nameless = replace(plan, intent={})
    assert await Job(film).recheck(nameless, plan.steps[0], ()) == Skip(say("plan_without_request"))


def told_by_few(household: Household, asks: Collection[Ask], *, files: bool) -> Deletion:
    """Plan by the answers of those who were asked only."""
    gathered = household.gathered(files=files)
    unasked: dict[str, object] = {}
    if Ask.FILES not in asks:
        unasked |= dict.fromkeys(("favorites", "playing", "rivals"), NOT_ASKED)
    if Ask.SEERR not in asks:
        unasked["seerr"] = NOT_ASKED
    few = replace(gathered, **unasked)  # type: ignore[arg-type]
    return plan_deletion(household.request, status(household.request, ()), few, files=files)


def changed(household: Household, what: str) -> None:
    """Let something be true now that was not when the plan was made."""
    for file in household.files.values():
        file.loved |= what == "loved"
        file.playing |= what == "playing"
        file.proven &= what != "unproven"
    household.kept |= what == "kept"
    if what == "a person's word":
        household.words = frozenset({max(place.season for place in household.monitored)})
    household.asked &= what != "gone from Seerr"


_CHANGES = ("nothing", "loved", "playing", "unproven", "kept", "a person's word", "gone from Seerr")


@settings(max_examples=examples(300))
@given(households(), st.booleans(), st.sampled_from(_CHANGES))
def test_what_may_go_on_by_few_answers_may_by_all(
    household: Household, files: bool, since: str
) -> None:
    """Whatever has changed: who is not asked never lets a step go on that they would stop."""
    plan = planned(household, files=files)
    changed(household, since)
    progress = Progress(plan)
    everybody = household.deletion(files=files)
    for asks in chain.from_iterable(combinations(Ask, count) for count in range(len(Ask) + 1)):
        few = told_by_few(household, asks, files=files)
        for step in plan.steps:
            prepares = progress.prepared(step)
            if against_doing(step, few, prepares) is None:
                assert against_doing(step, everybody, prepares) is None


@settings(max_examples=examples(200))
@given(households(), st.booleans())
def test_those_who_are_asked_first_are_enough(household: Household, files: bool) -> None:
    """In a household that tells everything: what goes on by all answers goes on by few."""
    household.silent.clear()
    plan = planned(household, files=files)
    progress = Progress(plan)
    for step in plan.steps:
        prepares = progress.prepared(step)
        if against_doing(step, household.deletion(files=files), prepares) is None:
            few = told_by_few(household, SOURCES[step.action], files=files)
            assert against_doing(step, few, prepares) is None
            household.do(step, files=files)
        household.tick()
