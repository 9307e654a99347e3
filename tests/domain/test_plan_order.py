"""What belongs together in a plan, and in which order it may be done (law 15)."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.plan import (
    Plan,
    Progress,
    RemovedFile,
    RemoveRemoteFiles,
    SearchMovie,
    Skip,
    Step,
    StepState,
    UnmonitorMovie,
    Wait,
    begun,
    chosen,
    ended,
    files_left,
    owed,
    without,
)
from custom_components.showrunner.domain.plan.guards import Budget, cut
from custom_components.showrunner.domain.text import mentions, say
from tests.english import english

from .plans import plan, planned, step

NOT_DONE = say("step_before_not_done")
NOT_DONE_X = say("step_before_not_done_why", why="x")


def before(name: str, *after: str) -> Step:
    """Make a step that destroys nothing."""
    return replace(step(0), id=name, payload=UnmonitorMovie(), after=after)


def deletion(number: int, *after: str, **more: object) -> Step:
    """Make a deletion that waits for others."""
    return step(number, after=after, **more)


SEASONS = plan(
    before("a"),
    deletion(1, "a"),
    before("b"),
    deletion(2, "b", items=9),
    before("last", "s1", "s2"),
)


def test_law_15_a_cut_deletion_takes_its_preparation_along() -> None:
    """And what comes after all of them; the other deletion stays with its own."""
    result = cut(SEASONS, Budget(5, 10**12, 100.0))
    assert planned(result) == ["a", "s1"]


def test_law_15_over_several_levels() -> None:
    """What prepares a preparation is cut too, unless it also prepares what stays."""
    chain = (before("a"), before("b", "a"), before("c", "b"), deletion(1, "c", items=9))
    budget = Budget(5, 10**12, 100.0)
    assert planned(cut(plan(*chain), budget)) == []
    shared = plan(*chain, deletion(2, "a"))
    assert planned(cut(shared, budget)) == ["a", "s2"]


def test_a_deletion_that_others_wait_for_prepares_them() -> None:
    """The file is not deleted where its entry has to stay; a request after it changes nothing."""
    film = plan(before("a"), deletion(1, "a"), deletion(2, "a", "s1", items=9), before("r", "s2"))
    assert planned(cut(film, Budget(5, 10**12, 100.0))) == []


def test_a_step_that_prepares_no_deletion_is_not_cut() -> None:
    """A search of another title goes on."""
    search = replace(before("search"), payload=SearchMovie())
    result = cut(plan(deletion(1, items=9), search), Budget(5, 10**12, 100.0))
    assert planned(result) == ["search"]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Make a plan whose steps wait for earlier ones."""
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 7))):
        names = [one.id for one in steps]
        after = draw(st.lists(st.sampled_from(names), unique=True, max_size=3)) if names else []
        kind = deletion(number, *after) if draw(st.booleans()) else before(f"p{number}", *after)
        state = draw(st.sampled_from([StepState.PLANNED] * 4 + [StepState.DONE]))
        steps.append(replace(kind, state=state))
    return plan(*steps)


@given(plans(), st.data())
def test_what_is_done_without_the_rest_is_whole(made: Plan, data: st.DataObject) -> None:
    """Nothing comes after what is left out, and no preparation is left for nothing."""
    ids = [one.id for one in made.steps]
    missing = data.draw(st.sets(st.sampled_from(ids)))
    dropped = without(made.steps, missing)
    states = {one.id: one.state for one in made.steps}
    assert dropped >= {one for one in missing if states[one] is StepState.PLANNED}
    assert all(states[one] is StepState.PLANNED for one in dropped)
    for one in made.steps:
        if one.state is not StepState.PLANNED or one.id in dropped:
            continue
        assert not dropped.intersection(one.after)
        deletions = {other.id for other in Progress(made).prepared(one)}
        assert not deletions or not deletions <= dropped
    assert not missing or dropped == without(made.steps, dropped)
    assert without(made.steps, ()) == frozenset()
    assert dropped == defined(made, missing)


def defined(made: Plan, missing: set[str]) -> frozenset[str]:
    """Say the same, slowly: what comes after what is missing, and what is for nothing without."""
    planned = {one.id: one for one in made.steps if one.state is StepState.PLANNED}

    def later(name: str) -> set[str]:
        found = {one.id for one in planned.values() if name in one.after}
        return found.union(*(later(one) for one in found))

    dropped = missing & planned.keys()
    while True:
        more = {one.id for one in planned.values() if dropped.intersection(one.after)}
        for name in planned:
            deletions = {one for one in later(name) if planned[one].action.destructive}
            if deletions and deletions <= dropped:
                more.add(name)
        if more <= dropped:
            return frozenset(dropped)
        dropped |= more


@given(plans(), st.data())
def test_what_a_person_chose_is_all_that_is_tried(made: Plan, data: st.DataObject) -> None:
    """And no step of it without those that it belongs to."""
    wanted = data.draw(st.sets(st.sampled_from([one.id for one in made.steps])))
    ids = chosen(made, wanted)
    assert ids <= wanted
    for one in made.steps:
        if one.id in ids:
            assert all(
                made.step(first).state is StepState.DONE or first in ids for first in one.after
            )  # type: ignore[union-attr]
    assert chosen(made, None) == {s.id for s in made.steps if s.state is StepState.PLANNED}


@pytest.mark.parametrize(
    ("first", "answer"),
    [
        ({"state": StepState.DONE}, None),
        ({"state": StepState.SKIPPED, "needless": True, "detail": "gone"}, None),
        ({"state": StepState.PLANNED}, Wait(say("step_waits"))),
        (
            {"state": StepState.SKIPPED, "detail": "it plays"},
            Skip(say("step_before_not_done_why", why="it plays")),
        ),
        ({"state": StepState.FAILED}, Skip(NOT_DONE)),
        (
            {"state": StepState.SKIPPED, "detail": NOT_DONE_X},
            Skip(NOT_DONE_X),
        ),
        ({"state": StepState.CUT}, Skip(NOT_DONE)),
    ],
)
def test_a_step_goes_on_when_what_comes_before_it_is_done_or_not_needed(
    first: dict[str, object], answer: Skip | Wait | None
) -> None:
    """It waits for what waits, and is not done without what failed."""
    made = plan(replace(before("a"), **first), deletion(1, "a"))  # type: ignore[arg-type]
    assert Progress(made).held(made.steps[1]) == answer
    lost = replace(made, steps=made.steps[1:])
    assert Progress(lost).held(made.steps[1]) == Skip(NOT_DONE)


def test_what_waits_is_marked_and_ends_with_its_reason() -> None:
    """Only what is still planned waits."""
    made = begun(plan(before("a"), deletion(1, "a"), deletion(2)), {"a", "s1"})
    made = made.with_steps([replace(made.steps[0], state=StepState.DONE)])
    made = made.with_steps([replace(made.steps[1], detail="Jellyfin still shows it")])
    assert [one.id for one in made.waiting] == ["s1"]
    over = ended(made, "the plan expired")
    assert over.waiting == ()
    assert over.steps[1].state is StepState.SKIPPED
    assert english(over.steps[1].detail) == "the plan expired; Jellyfin still shows it"
    assert over.steps[2].state is StepState.PLANNED
    kept = [Step.from_store(one.to_store()) for one in made.steps]
    assert Plan.from_store(made.to_store(), kept) == made


def test_what_a_later_version_keeps_of_a_step_is_left_aside() -> None:
    """And the rest of it is read."""
    made = deletion(1, "a")
    assert Step.from_store({**made.to_store(), "colour": "red"}) == made


def test_law_15_a_step_prepares_only_what_is_still_to_be_done() -> None:
    """What has ended, or was cut off, needs nothing more to be possible."""
    first = step(1, payload=UnmonitorMovie())
    after = [step(2 + n, after=("s1",), state=state) for n, state in enumerate(StepState)]
    prepared = Progress(plan(first, *after)).prepared(first)
    assert [one.state for one in prepared] == [StepState.PLANNED]


def test_law_15_a_step_waits_for_the_last_of_those_before_it() -> None:
    """In whichever order they are done."""
    for first, second in (StepState.DONE, StepState.PLANNED), (StepState.PLANNED, StepState.DONE):
        made = plan(step(1, state=first), step(2, state=second), deletion(3, "s1", "s2"))
        assert isinstance(Progress(made).held(made.steps[2]), Wait)


def test_files_are_left_where_their_torrent_went_and_they_did_not() -> None:
    """Not where both stay, and said otherwise where a part of them went."""
    files = RemoveRemoteFiles("A" * 40, "c", "/d", "/d/A", True, (RemovedFile.of(b"a", 7),), 2)
    rest = step(2, payload=files, after=("s1",), state=StepState.SKIPPED)
    done, stays = step(1, state=StepState.DONE), step(1, state=StepState.SKIPPED)
    assert files_left(plan(done, rest)) == 1
    assert files_left(plan(done, replace(rest, state=StepState.FAILED))) == 1
    assert files_left(plan(done, replace(rest, state=StepState.DONE))) == 0
    assert files_left(plan(stays, rest)) == 0
    assert files_left(plan(done, step(3, state=StepState.FAILED))) == 0
    waiting = replace(rest, state=StepState.PLANNED, waits=True)
    place = "/data/movies/2"
    for freed, said in (
        (0, say("files_stay", count=3, folder=place)),
        (5, say("files_stay_some", folder=place)),
    ):
        over = ended(plan(done, replace(waiting, bytes_freed=freed)), say("plan_expired_waiting"))
        assert mentions(over.steps[1].detail, said)


def test_law_15_a_deletion_prepares_no_other() -> None:
    """What comes after it may turn out to be needless: it is right by itself."""
    made = plan(before("a"), deletion(1, "a"), deletion(2, "s1"))
    progress = Progress(made)
    assert [one.id for one in progress.prepared(made.steps[0])] == ["s1", "s2"]
    assert progress.prepared(made.steps[1]) == ()


def test_a_plan_is_named_while_it_is_carried_out() -> None:
    """As it was begun, and as it stands."""
    made = plan(step(1), deletion(2, "s1"))
    progress = Progress(made)
    done = replace(made.steps[0], state=StepState.DONE)
    progress.put(done)
    assert (progress.plan_id, progress.job) == (made.plan_id, made.job)
    assert progress.begun_as == made
    assert progress.plan == made.with_steps([done])


def test_files_are_owed_once_their_torrent_has_left_or_may_have() -> None:
    """Nobody else would know of them; what does not wait any more is owed to nobody."""
    files = RemoveRemoteFiles("A" * 40, "c", "/d", "/d/A", True, (RemovedFile.of(b"a", 7),), 0)
    rest = step(2, payload=files, after=("s1",), waits=True)
    assert owed(plan(step(1, state=StepState.DONE), rest)) == {"s2"}
    assert owed(plan(step(1), rest)) == frozenset()
    assert owed(plan(step(1), rest), begun={"s1"}) == {"s2"}
    assert owed(plan(step(1, state=StepState.DONE), deletion(2, "s1", waits=True))) == frozenset()
    assert owed(plan(step(1, state=StepState.DONE), replace(rest, waits=False))) == frozenset()
