"""The laws (CONTRIBUTING), each with a test of its name.

Law 1 and 10 are in test_decision; law 2, 3 and 11 need the hand: tests/jobs/test_runner.
"""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
import inspect

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.fall import sudden_fall
from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.plan import (
    DeleteEpisodeFiles,
    DeleteMovieFile,
    FileFingerprint,
    LeftOut,
    Plan,
    Pool,
    Proof,
    ProofKind,
    Protection,
    RemoveTorrent,
    Scope,
    SearchMovie,
    Step,
    StepState,
    Subject,
    TrashFile,
    Undo,
)
from custom_components.showrunner.domain.plan.guards import (
    Budget,
    against_carrying_out,
    cut,
    delete_proof,
    protected,
)
from custom_components.showrunner.domain.text import say
from tests.english import english

from .plans import GB, plan, planned, step
from .samples import FILM

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


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


def test_law_4_a_step_without_its_proofs_is_not_carried_out() -> None:
    """Whatever job has planned it: a proof that lacks, that says no, or that nobody can give."""
    whole = step(1)
    assert against_carrying_out(whole) is None
    assert against_carrying_out(replace(whole, proofs=())) is not None
    for answer in (NO, UNKNOWN):
        doubtful = Proof(ProofKind.ID, "here", "there", answer)
        for proofs in ((doubtful,), (*whole.proofs, doubtful)):
            assert against_carrying_out(replace(whole, proofs=proofs)) is not None


def test_law_4_a_file_goes_to_the_trash_by_two_proofs() -> None:
    """The rule's, and that nobody tracks it; and while it is known not to play."""
    whole = step(
        1,
        payload=TrashFile("/media", "Heat/sample.mkv", "trash", 1, 1, 1),
        proofs=tuple(
            Proof(kind, "here", "there", Answer.YES)
            for kind in (ProofKind.RULE, ProofKind.UNTRACKED)
        ),
        findings=(Finding(Protection.PLAYING, Answer.NO),),
    )
    assert against_carrying_out(whole) is None
    for one in whole.proofs:
        rest = tuple(other for other in whole.proofs if other is not one)
        assert against_carrying_out(replace(whole, proofs=rest)) is not None
        for answer in (Answer.NO, Answer.UNKNOWN):
            proofs = (*rest, replace(one, answer=answer))
            assert against_carrying_out(replace(whole, proofs=proofs)) is not None
    for answer in (Answer.YES, Answer.UNKNOWN):
        playing = (Finding(Protection.PLAYING, answer),)
        assert against_carrying_out(replace(whole, findings=playing)) is not None
    assert against_carrying_out(replace(whole, findings=())) is not None


def test_law_4_each_file_has_proofs_of_its_own() -> None:
    """One proven file does not prove another one of the same step."""
    files = tuple(FileFingerprint(n, f"/data/{n}.mkv", GB) for n in (1, 2))
    proofs = tuple(
        Proof(kind, "", "", YES, file.id)
        for file in files
        for kind in (ProofKind.ID, ProofKind.PATH)
    )
    free = tuple(Finding(one, NO) for one in Protection)
    season = step(1, payload=DeleteEpisodeFiles(1, files), proofs=proofs, findings=free)
    assert against_carrying_out(season) is None
    for left in range(len(proofs)):
        some = tuple(one for number, one in enumerate(proofs) if number != left)
        assert against_carrying_out(replace(season, proofs=some)) is not None


@pytest.mark.parametrize("protection", Protection)
def test_law_6_what_may_be_protected_is_not_taken(protection: Protection) -> None:
    """A finding that lacks, that says yes, or that nobody can give."""
    file = FileFingerprint(1, "/data/1.mkv", GB)
    proofs = tuple(Proof(kind, "", "", YES, 1) for kind in (ProofKind.ID, ProofKind.PATH))
    others = tuple(Finding(one, NO) for one in Protection if one is not protection)
    taken = step(1, payload=DeleteMovieFile((file,)), proofs=proofs, findings=others)
    assert against_carrying_out(taken) is not None
    for answer in (YES, UNKNOWN):
        found = (*others, Finding(protection, answer))
        assert against_carrying_out(replace(taken, findings=found)) is not None
    free = (*others, Finding(protection, NO))
    assert against_carrying_out(replace(taken, findings=free)) is None


def test_law_5_scope_is_typed() -> None:
    """Required, of a closed type, without a default."""
    (scope,) = [field for field in fields(Step) if field.name == "scope"]
    assert scope.type is Scope
    assert inspect.signature(Step).parameters["scope"].default is inspect.Parameter.empty
    with pytest.raises(ValueError, match="everything"):
        Scope("everything")


@settings(max_examples=100)  # also in a quick run: few have a word below and none above
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


@pytest.mark.parametrize("marked", [Protection.KEEP, Protection.KEPT])
def test_law_6_an_entry_that_may_be_marked_to_be_kept_stays(marked: Protection) -> None:
    """Also where no file of it is left: by a tag in the arr, and by a person's word."""
    assert against_carrying_out(step(1)) is None
    others = tuple(one for one in step(1).findings if one.rule is not marked)
    for finding in ((), (Finding(marked, UNKNOWN),), (Finding(marked, YES),)):
        assert against_carrying_out(step(1, findings=(*others, *finding))) is not None


def test_law_11_whatever_is_of_a_title_is_held_with_it() -> None:
    """A file and a torrent of a film, and the film under any of its ids; not one of another."""
    title = Subject.of_title(FILM).locks()
    other = replace(FILM, ids=ProviderIds(tmdb=5))
    same = [
        Subject.of_file("/data/x.mkv", FILM),
        Subject.of_torrent("A" * 40, "x", FILM),
        Subject.of_title(replace(FILM, ids=ProviderIds(imdb=FILM.ids.imdb))),
    ]
    assert all(one.locks() & title for one in same)
    apart = [Subject.of_title(other), Subject.of_file("/data/x.mkv"), Subject.of_torrent("B", "x")]
    assert not any(one.locks() & title for one in apart)
    assert Subject.of_torrent("B", "x").locks() == Subject.of_torrent("B", "y", None).locks()
    # The same release of two seedboxes is two; of one it is one, whatever it is called.
    release = Subject.of_transfer("s1", "A", "A").locks()
    assert release == Subject.of_transfer("s1", "A", "B").locks()
    assert release.isdisjoint(Subject.of_transfer("s2", "A", "A").locks())


def test_law_11_a_step_also_holds_its_title_by_the_ids_of_its_service() -> None:
    """Two jobs may know the same film by ids of different providers."""
    imdb = ProviderIds(imdb="tt0133093")
    known = replace(FILM, ids=ProviderIds(tmdb=603))
    by_tmdb = step(1, subject=Subject.of_title(known))
    target = replace(by_tmdb.target, ids=ProviderIds(tmdb=603, imdb="tt0133093"))
    both = replace(by_tmdb, target=target)
    other = step(2, subject=Subject.of_title(replace(FILM, ids=imdb)))
    other = replace(other, target=replace(other.target, ids=imdb))
    assert both.locks & other.locks
    assert by_tmdb.locks & both.locks
    nameless = replace(both, subject=Subject.of_torrent("A" * 40, "x"))
    assert nameless.locks == nameless.subject.locks()


def test_law_8_budgets_cap_items_bytes_and_share() -> None:
    """Twenty items, 250 GB, 5 % of the library but at least 3; the rest waits."""
    steps = tuple(step(i) for i in range(30))
    for library, kept in ((10_000, 20), (200, 10), (5, 3), (None, 3)):
        assert len(planned(cut(plan(*steps, library=library), Budget()))) == kept
    big = plan(*(step(i, size=100 * GB) for i in range(5)))
    assert len(planned(cut(big, Budget()))) == 2
    result = cut(plan(*steps, library=200), Budget())
    assert {english(one.detail) for one in result.steps if one.state is StepState.CUT} == {
        "beyond this run's budget"
    }


def test_law_8_a_season_counts_with_every_file() -> None:
    """One call that deletes thirteen files is thirteen of the twenty."""
    seasons = plan(*(step(i, items=13) for i in range(2)), step(9, items=7))
    assert len(planned(cut(seasons, Budget()))) == 2
    whole = plan(step(1, items=24))
    assert planned(cut(whole, Budget())) == []
    assert planned(cut(whole, Budget(max_items=30))) == ["s1"]


def test_law_8_each_pool_has_a_budget_of_its_own() -> None:
    """Torrents are not counted as movies, nor the other way round."""
    torrents = [step(i, pool=Pool.TORRENTS) for i in range(5)]
    both = plan(*(step(i) for i in range(10, 40)), *torrents)
    kept = planned(cut(both, Budget()))
    assert len([one for one in kept if int(one[1:]) < 10]) == 3  # nobody counted the torrents
    assert len(kept) == 23
    known = replace(both, populations={**both.populations, Pool.TORRENTS: 100})
    assert len(planned(cut(known, Budget()))) == 25


def test_law_8_cuts_safest_first() -> None:
    """What can be taken back stays before what can't, the small before the big."""
    steps = [
        step(1, undo=Undo.NONE, size=1),
        step(2, size=9 * GB),
        step(3, size=GB),
        step(4, size=2 * GB),
        step(5, undo=Undo.RESTORE, size=3 * GB),
    ]
    assert planned(cut(plan(*steps, library=None), Budget())) == ["s3", "s4", "s5"]


def test_law_8_what_depends_on_a_cut_step_is_cut() -> None:
    """And what destroys nothing is not counted."""
    search = replace(step(99), id="search", payload=SearchMovie())
    chained = replace(search, id="after", after=("s4",))
    again = replace(search, id="after that", after=("after",))
    steps = [*(step(i, size=i * GB) for i in range(1, 5)), search, chained, again]
    result = cut(plan(*steps, library=None), Budget())
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
    steps = (step(i, size=b, undo=undo) for i, (b, undo) in enumerate(sizes))
    whole = plan(*steps, library=library)
    result = cut(whole, Budget(items, size, 5.0))
    kept = [one for one in result.steps if one.state is StepState.PLANNED]
    assert len(kept) <= min(items, max(3, (library or 0) * 5 // 100))
    assert sum(one.cost.bytes for one in kept) <= size
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


def test_what_only_a_client_says_to_be_free_is_counted_by_itself() -> None:
    """Nobody looks at its disk: the rest was read back."""
    torrent = step(1, payload=RemoveTorrent("A" * 40, 5, data=True), bytes_freed=5)
    totals = plan(torrent, step(2, bytes_freed=7)).totals
    assert (totals["bytes_freed"], totals["bytes_claimed"]) == (12, 5)


def test_a_plan_is_the_same_after_the_store() -> None:
    """Nothing is lost on the way to JSON and back, and people see at most 50 left out."""
    found = Finding("watched", Answer.YES, 2, 1, "history", say("nothing"))
    made = replace(
        plan(step(1, findings=(found,), after=("s9",), undo_of=7, waits=True, needless=True)),
        left_out=(LeftOut("one", say("nothing"), True, (found,)), LeftOut("other", "because")),
        intent={"request_id": "r", "files": True},
        sources=frozenset({"library"}),
    )
    row = made.steps[0].to_store()
    assert Plan.from_store(made.to_store(), [Step.from_store(row)]) == made
    # What a later version says beyond it, and what an earlier one did not say yet.
    head = {k: v for k, v in made.to_store().items() if k not in ("confirmed", "version")}
    read = Plan.from_store(
        head | {"later": 1, "left_out": [["one", "because"]]}, [Step.from_store(row | {"later": 1})]
    )
    assert read == replace(made, left_out=(LeftOut("one", "because"),))
    shown = made.as_dict()
    assert shown["totals"] == {
        "planned": 1,
        "done": 0,
        "skipped": 0,
        "failed": 0,
        "cut": 0,
        "bytes": GB,
        "bytes_freed": 0,
        "bytes_claimed": 0,
        "bytes_frees": 0,
        "bytes_stays": 0,
        "bytes_unknown": 0,
    }
