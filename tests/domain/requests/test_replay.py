"""Order and fresh checks together: any plan, replayed against a household that its steps change.

Each step is planned anew from what is true by then, exactly as it is when it is carried out.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.deletion.draft import unmonitors
from custom_components.showrunner.domain.media import MOVIE
from custom_components.showrunner.domain.plan import Action, Plan, Skip, StepState
from custom_components.showrunner.domain.plan.guards import Budget, cut
from custom_components.showrunner.domain.requests.recheck import OVER, against_doing
from custom_components.showrunner.domain.requests.seasons import TheseSeasons
from custom_components.showrunner.domain.text import say
from tests.effort import examples
from tests.english import english

from .households import PLACES, households
from .replay import Download, File, Household, finish, nothing, planned, run
from .samples import HASH, SERIES
from .wishes import a_larger_file, coming


def done(household: Household, plan: Plan) -> None:
    """Carry a plan out; all of it must be done in the end. Raises AssertionError."""
    ended = finish(household, plan)
    assert {state for state, _ in ends(ended).values()} <= {StepState.DONE}, ends(ended)
    for step in plan.steps:
        assert household.reached(step)


def ends(plan: Plan) -> dict[str, tuple[StepState, str]]:
    """Say how the steps stand."""
    return {step.id: (step.state, english(step.detail)) for step in plan.steps}


# -- nothing happens but the plan ------------------------------------------------------------------


@settings(max_examples=examples(300))
@given(households(), st.booleans())
def test_what_a_plan_promises_is_done(household: Household, files: bool) -> None:
    """Whole: no step is skipped only because an earlier one of the same plan was done."""
    done(household, planned(household, files=files))


@settings(max_examples=examples(200))
@given(households(), st.booleans())
def test_what_is_protected_is_not_touched_at_all(household: Household, files: bool) -> None:
    """Nothing of it is unmonitored, removed or deleted; what is left monitored is not deleted."""
    before = deepcopy(household)
    finish(household, planned(household, files=files))
    for place, was in before.monitored.items():
        if was and not household.monitored[place]:
            lost = not any(f.there and place in f.places for f in household.files.values())
            assert lost or not files
    for file in before.files.values():
        stays = before.keeps(file.places) or (files and before.protected(file.places))
        if stays:
            assert household.files[file.id].there
            assert all(household.monitored[p] is before.monitored[p] for p in file.places)


@settings(max_examples=examples(200))
@given(households(), st.booleans())
def test_no_request_is_closed_while_a_download_of_it_goes_on(
    household: Household, files: bool
) -> None:
    """Whatever else could be done."""
    finish(household, planned(household, files=files))
    assert household.open or not household.of_it()


@settings(max_examples=examples(200))
@given(households(), st.booleans(), st.integers(0, 8), st.booleans())
def test_an_interruption_after_any_step_ends_as_if_there_had_been_none(
    household: Household, files: bool, stop: int, anew: bool
) -> None:
    """The plan goes on where it was, or a new one is made of what is left."""
    straight = deepcopy(household)
    plan = run(household, planned(household, files=files), nothing, stop=stop)
    if not anew:
        finish(household, plan)
        finish(straight, planned(straight, files=files))
    for one in (household, straight):
        # Time alone may make more possible, for both.
        for _ in range(12):
            finish(one, planned(one, files=files))
            one.tick()
        one.log = []
    if anew:
        # A new plan can't tell what Jellyfin is late with from what it has elsewhere: then Seerr's
        # own look forgets the title.
        household.media = straight.media
    assert household == straight


@settings(max_examples=examples(300))
@given(households(), st.booleans(), st.integers(0, 8))
def test_a_step_that_happened_and_was_not_noted_is_not_needed_again(
    household: Household, files: bool, number: int
) -> None:
    """Somebody else did it, or it was done and the power went: what comes after it goes on."""
    plan = planned(household, files=files)
    steps = [one for one in plan.steps[:number] if one.action is not Action.FORGET_MEDIA]
    steps = [one for one in steps if one.action is not Action.DELETE_REQUEST]
    for step in steps:
        household.do(step, files=files)
    for _ in range(6):
        household.tick()
    ended = finish(household, plan)
    assert {state for state, _ in ends(ended).values()} <= {StepState.DONE, StepState.SKIPPED}
    for step in ended.steps:
        assert household.reached(step)
        assert step.state is StepState.DONE or step.needless or step.id in {s.id for s in steps}


# -- and while something else does -----------------------------------------------------------------


def _play(household: Household) -> None:
    for file in household.files.values():
        file.playing = True


def _love(household: Household) -> None:
    for file in household.files.values():
        file.loved = True


def _keep(household: Household) -> None:
    household.kept = True


def _say_to_keep(household: Household) -> None:
    household.words = frozenset({None})


def _say_to_keep_a_season(household: Household) -> None:
    household.words = frozenset({max(place.season for place in household.monitored)})


def _monitor(household: Household) -> None:
    household.monitored = dict.fromkeys(household.monitored, True)


def _want(household: Household) -> None:
    household.others = (replace(household.request, id="late", ref="late"),)


def _unprove(household: Household) -> None:
    for file in household.files.values():
        file.proven = False


def _replace_file(household: Household) -> None:
    for file in household.files.values():
        file.size += 1


def _check(household: Household) -> None:
    for one in household.downloads.values():
        one.busy = 2


def _complete(household: Household) -> None:
    for one in household.downloads.values():
        one.complete = True


def _grab(household: Household) -> None:
    place = next(iter(household.monitored))
    name = "C" * 40
    household.downloads[name] = Download(name, frozenset({place}), frozenset({place}))


def _forget(household: Household) -> None:
    household.held = False


def _lose_torrents(household: Household) -> None:
    for one in household.downloads.values():
        one.in_client = False


_HAPPENINGS: dict[str, Callable[[Household], None]] = {
    f.__name__: f
    for f in (
        _play,
        _love,
        _keep,
        _say_to_keep,
        _say_to_keep_a_season,
        _monitor,
        _want,
        _unprove,
        _replace_file,
        _check,
        _complete,
        _grab,
        _forget,
        _lose_torrents,
    )
}
_OF_FILES = ("evidence", "favorites", "playing", "rivals")
_SOURCES = (
    *("record", "evidence", "favorites", "playing", "keeps"),
    *("queue", "torrents", "seerr", "rivals"),
)


@settings(max_examples=examples(400))
@given(
    households(),
    st.booleans(),
    st.dictionaries(st.integers(0, 6), st.sampled_from(sorted(_HAPPENINGS)), max_size=2),
    st.dictionaries(st.integers(0, 6), st.sampled_from(_SOURCES), max_size=2),
)
def test_every_prefix_is_safe_whatever_happens_in_between(
    household: Household, files: bool, happenings: dict[int, str], silences: dict[int, str]
) -> None:
    """`Household.do` refuses what a law forbids; and what was skipped was skipped for a reason."""
    pending, quiet, happened = dict(happenings), dict(silences), set()

    def between(world: Household, done: int) -> None:
        world.silent.clear()
        name = quiet.pop(done, None)
        if name is not None and (files or name not in _OF_FILES):
            world.silent.add(name)
        if (name := pending.pop(done, None)) is not None:
            _HAPPENINGS[name](world)
            happened.add(name)

    plan = finish(household, planned(household, files=files), between)
    household.silent.clear()
    for step in plan.steps:
        if step.state is StepState.SKIPPED and step.needless:
            assert household.reached(step) or happened, ends(plan)
        elif step.state is not StepState.DONE:
            # Silence alone skips nothing: it only makes a step wait.
            assert happened, ends(plan)
    if not household.open:
        grabbed_since = "_grab" in happened
        assert not household.of_it() or grabbed_since


@settings(max_examples=examples(300))
@given(households(), st.booleans(), st.integers(0, 6), st.integers(0, 300))
def test_law_8_what_only_prepares_a_cut_deletion_is_cut(
    household: Household, files: bool, items: int, size: int
) -> None:
    """A budget never leaves something unmonitored whose deletion has to wait."""
    plan = cut(planned(household, files=files), Budget(items, size, 100.0))
    before, were = (
        dict(household.monitored),
        [d for d in household.downloads.values() if d.in_client],
    )
    ended = finish(household, plan)
    assert {state for state, _ in ends(ended).values()} <= {StepState.DONE, StepState.CUT}
    removed = {place.season for one in were if not one.in_client for place in one.places}
    for place, was in before.items() if files else ():
        # For a download that is removed all of its seasons are unmonitored.
        if was and not household.monitored[place] and place.season not in removed:
            assert not any(f.there and place in f.places for f in household.files.values())


# -- the film whose torrent is under way -----------------------------------------------------------


def test_a_download_goes_while_its_title_can_still_be_proven() -> None:
    """The torrent first, then the file, the entry, and what Seerr has."""
    film = coming()
    plan = finish(film, planned(film, files=True))
    assert (
        film.log
        == [
            "unmonitor",
            f"torrent:{HASH}",
            "delete_file",
            "delete_movie",
            "forget_media",
            "delete_request",
        ][: len(film.log)]
    )
    assert {state for state, _ in ends(plan).values()} == {StepState.DONE}
    assert not film.of_it()


def old_order(plan: Plan) -> Plan:
    """Order a plan as it once was: the entry before the downloads, each step after one other."""
    torrents = [step for step in plan.steps if step.action is Action.REMOVE_TORRENT]
    rest = [step for step in plan.steps if step not in torrents]
    names = {step.id for step in torrents}
    rest = [replace(s, after=tuple(one for one in s.after if one not in names)) for s in rest]
    entry = next(n for n, step in enumerate(rest) if step.action is Action.DELETE_MOVIE)
    return replace(plan, steps=(*rest[: entry + 1], *torrents, *rest[entry + 1 :]))


@pytest.mark.parametrize("files", [{}, {500: File(500, frozenset({MOVIE}))}])
def test_the_old_order_is_found_out(files: dict[int, File]) -> None:
    """It forgets the film first; then nobody can prove whose torrent that is."""
    film = coming(files=files)
    with pytest.raises(AssertionError, match="SKIPPED"):
        done(film, old_order(planned(film, files=True)))
    done(again := coming(files=files), planned(again, files=True))


def test_the_preparation_of_what_is_refused_by_now_is_refused() -> None:
    """It plays since the plan was made: it is not even unmonitored."""
    film = coming()
    plan = planned(film, files=True)
    _play(film)
    ended = finish(film, plan)
    assert film.log == []
    assert ends(ended)["unmonitor"] == (StepState.SKIPPED, "it is playing now")
    assert all(unmonitors(s.id) or s.state is StepState.SKIPPED for s in ended.steps)


def another_file(film: Household) -> None:
    """Have an upgrade take the file's place: it would be unmonitored just the same."""
    (file,) = film.files.values()
    film.files = {9: replace(file, id=9)}


@pytest.mark.parametrize("change", [another_file, a_larger_file])
def test_the_preparation_of_what_is_another_by_now_is_refused(
    change: Callable[[Household], None],
) -> None:
    """The step itself would be planned again; what it is done for would not."""
    film = coming(downloads={})
    plan = planned(film, files=True)
    change(film)
    step = plan.step("unmonitor")
    assert step is not None
    assert against_doing(step, film.deletion(files=True)) is None
    ended = finish(film, plan)
    assert film.log == []
    assert ends(ended)["unmonitor"] == (StepState.SKIPPED, "it has changed since the plan was made")


def test_what_waits_for_jellyfin_goes_on_when_it_has_missed_the_file() -> None:
    """Nothing is skipped for good only because Jellyfin takes its time."""
    film = coming(downloads={})
    plan = run(film, planned(film, files=True), nothing)
    assert ends(plan)["forget_media"] == (StepState.PLANNED, "Jellyfin still shows it")
    assert ends(plan)["delete_request"] == (StepState.PLANNED, "waits for the step before it")
    assert {step.id for step in plan.waiting} == {"forget_media", "delete_request"}
    assert film.asked
    assert film.open
    assert {state for state, _ in ends(finish(film, plan)).values()} == {StepState.DONE}
    assert not film.asked


def test_the_second_season_goes_although_the_first_took_a_file_of_both() -> None:
    """What the first deletion took is no change of the facts that stops the second."""
    split = [(PLACES[0],), (PLACES[1], PLACES[2]), (PLACES[3],)]
    found = {500 + n: File(500 + n, frozenset(places)) for n, places in enumerate(split)}
    request = replace(SERIES, seasons=TheseSeasons((1, 2)), arr=("arr", 4))
    show = Household(request, found, dict.fromkeys(PLACES, True))
    done(show, planned(show, files=True))
    assert not any(file.there for file in show.files.values())


def test_a_step_of_a_request_that_is_over_is_not_done() -> None:
    """Nobody wants it any more; the same for what it would have prepared."""
    film = coming()
    for step in planned(film, files=True).steps:
        assert against_doing(step, None) == OVER
        assert against_doing(step, None, [step]) == OVER


def test_what_is_monitored_again_meanwhile_is_not_deleted() -> None:
    """It would be fetched anew: somebody wants it."""
    film = coming(downloads={})
    plan = planned(film, files=True)
    [unmonitor, file, *_] = plan.steps
    assert (unmonitor.id, file.id) == ("unmonitor", "delete_file")
    film.do(unmonitor, files=True)
    assert against_doing(file, film.deletion(files=True)) is None
    film.monitored[MOVIE] = True
    assert against_doing(file, film.deletion(files=True)) == Skip(say("monitored_again"))
