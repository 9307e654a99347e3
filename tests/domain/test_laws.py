"""The laws of PRODUCT 0 that this release carries out, each with a test of its name.

Law 1 and 10 are in test_decision; law 2, 3 and 11 need the hand: tests/jobs/test_runner.
"""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
import inspect

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.guards import (
    Budget,
    cut,
    delete_proof,
    protected,
    sudden_fall,
)
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.plan import (
    Action,
    Plan,
    Scope,
    Step,
    StepState,
    Target,
    Undo,
    step_from_store,
    step_to_store,
)
from tests.english import english

from .samples import FILM, NOW

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
GB = 10**9


def step(number: int, **more: object) -> Step:
    """Make a deletion."""
    plain = Step(
        id=f"s{number}",
        action=Action.DELETE_MOVIE,
        scope=Scope.MOVIE,
        title=FILM,
        target=Target("radarr", "radarr", number, f"/data/movies/{number}", FILM.ids),
        reasons=("watched",),
        bytes=GB,
        undo=Undo.RE_ADD,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def plan(*steps: Step) -> Plan:
    """Make a plan of a day."""
    return Plan("p", "cleanup", False, NOW, NOW + timedelta(hours=24), steps)


def planned(result: Plan) -> list[str]:
    """Name the steps that stay."""
    return [one.id for one in result.steps if one.state is StepState.PLANNED]


@pytest.mark.parametrize(
    ("same_id", "same_path", "answer"),
    [
        (YES, YES, YES),
        (YES, UNKNOWN, UNKNOWN),
        (UNKNOWN, YES, UNKNOWN),
        (YES, NO, NO),
        (NO, YES, NO),
        (UNKNOWN, NO, NO),
        (UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_law_4_two_proofs_before_a_deletion(
    same_id: Answer, same_path: Answer, answer: Answer
) -> None:
    """One proof is none, and two that disagree are a no."""
    assert delete_proof(same_id, same_path) is answer


def test_law_5_scope_is_typed() -> None:
    """Required, of a closed type, without a default."""
    (scope,) = [field for field in fields(Step) if field.name == "scope"]
    assert scope.type is Scope
    assert inspect.signature(Step).parameters["scope"].default is inspect.Parameter.empty
    with pytest.raises(ValueError, match="everything"):
        Scope("everything")


@given(
    st.sampled_from(Answer), st.lists(st.sampled_from(Answer)), st.lists(st.sampled_from(Answer))
)
def test_law_6_protection_is_inherited_downwards_and_blocks_upwards(
    own: Answer, above: list[Answer], below: list[Answer]
) -> None:
    """Kept anywhere above or below is kept; unknown anywhere is not free."""
    everything = [own, *above, *below]
    answer = protected(own, above, below)
    assert (answer is YES) == (YES in everything)
    assert (answer is NO) == (set(everything) == {NO})


def test_law_8_budgets_cap_items_bytes_and_share() -> None:
    """Twenty items, 250 GB, 5 % of the library but at least 3; the rest waits."""
    many = plan(*(step(i) for i in range(30)))
    assert len(planned(cut(many, Budget(library_items=10_000)))) == 20
    assert len(planned(cut(many, Budget(library_items=200)))) == 10
    assert len(planned(cut(many, Budget(library_items=5)))) == 3
    assert len(planned(cut(many, Budget(library_items=None)))) == 3
    big = plan(*(step(i, bytes=100 * GB) for i in range(5)))
    assert len(planned(cut(big, Budget(library_items=10_000)))) == 2
    result = cut(many, Budget(library_items=200))
    assert {english(one.detail) for one in result.steps if one.state is StepState.CUT} == {
        "beyond this run's budget"
    }


def test_law_8_a_season_counts_with_every_file() -> None:
    """One call that deletes thirteen files is thirteen of the twenty."""
    seasons = plan(*(step(i, items=13) for i in range(2)), step(9, items=7))
    assert len(planned(cut(seasons, Budget(library_items=10_000)))) == 2
    whole = plan(step(1, items=24))
    assert planned(cut(whole, Budget(library_items=10_000))) == []
    assert planned(cut(whole, Budget(max_items=30, library_items=10_000))) == ["s1"]


def test_law_8_cuts_safest_first() -> None:
    """What can be taken back stays before what can't, the small before the big."""
    steps = [
        step(1, undo=Undo.NONE, bytes=1),
        step(2, bytes=9 * GB),
        step(3, bytes=GB),
        step(4, bytes=2 * GB),
        step(5, undo=Undo.RESTORE, bytes=3 * GB),
    ]
    assert planned(cut(plan(*steps), Budget(library_items=None))) == ["s3", "s4", "s5"]


def test_law_8_what_depends_on_a_cut_step_is_cut() -> None:
    """And what destroys nothing is not counted."""
    search = replace(step(99), id="search", action=Action.SEARCH_MOVIE)
    chained = replace(search, id="after", after=("s4",))
    again = replace(search, id="after that", after=("after",))
    steps = [*(step(i, bytes=i * GB) for i in range(1, 5)), search, chained, again]
    result = cut(plan(*steps), Budget(library_items=None))
    assert planned(result) == ["s1", "s2", "s3", "search"]


@given(
    st.lists(st.tuples(st.integers(0, 300 * GB), st.sampled_from(Undo)), max_size=60),
    st.none() | st.integers(0, 50_000),
    st.integers(1, 50),
    st.integers(GB, 500 * GB),
)
def test_law_8_no_plan_goes_beyond_its_budget(
    sizes: list[tuple[int, Undo]], library: int | None, items: int, size: int
) -> None:
    """Whatever is asked for; and no step is lost, they wait."""
    whole = plan(*(step(i, bytes=b, undo=undo) for i, (b, undo) in enumerate(sizes)))
    budget = Budget(items, size, 5.0, library)
    result = cut(whole, budget)
    kept = [one for one in result.steps if one.state is StepState.PLANNED]
    assert len(kept) <= min(items, max(3, (library or 0) * 5 // 100))
    assert sum(one.bytes for one in kept) <= size
    assert [one.id for one in result.steps] == [one.id for one in whole.steps]


@pytest.mark.parametrize(
    ("before", "now", "fell"),
    [
        (100, Known(50), False),
        (100, Known(49), True),
        (100, Known(0), True),
        (100, Absent("x"), True),
        (100, Unknown("no answer"), True),
        (0, Known(0), False),
        (None, Known(5), False),
        (None, Unknown("no answer"), True),
    ],
)
def test_law_9_a_sudden_fall_stops_the_run(before: int | None, now: object, fell: bool) -> None:
    """More than half gone, or no answer at all."""
    assert sudden_fall(before, now) is fell  # type: ignore[arg-type]


def test_law_12_times_are_utc_instants() -> None:
    """What a plan keeps has a zone, and expires at an instant."""
    made = plan(step(1))
    assert made.created_at.tzinfo is UTC
    assert not made.expired(made.expires_at - timedelta(microseconds=1))
    assert made.expired(made.expires_at)
    assert isinstance(date(2026, 6, 10), date)
    assert not isinstance(date(2026, 6, 10), datetime)


def test_a_plan_is_the_same_after_the_store() -> None:
    """Nothing is lost on the way to JSON and back, and people see at most 50 left out."""
    made = replace(
        plan(step(1, evidence=(("watched", "twice"),), arguments=(("tag", "x"),), after=("s9",))),
        left_out=(),
    )
    row = step_to_store(made.steps[0])
    assert Plan.from_store(made.to_store(), [step_from_store(row)]) == made
    # As plans were kept before a step could wait for several.
    head = {k: v for k, v in made.to_store().items() if k not in ("confirmed", "version")}
    old = {k: v for k, v in row.items() if k not in ("waits", "needless")}
    for kept, after in (("s9", ("s9",)), (None, ())):
        read = Plan.from_store(head, [step_from_store(old | {"after": kept})])
        assert read == replace(made, steps=(replace(made.steps[0], after=after),))
    shown = made.as_dict()
    assert shown["totals"] == {
        "planned": 1,
        "done": 0,
        "skipped": 0,
        "failed": 0,
        "cut": 0,
        "bytes": GB,
        "bytes_freed": 0,
    }
