"""What is judged together is judged as all of it at once."""

from dataclasses import replace
import random

from hypothesis import given, strategies as st

from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.retention import judge, packings, together
from tests.effort import examples

from .samples import movie_record, series_record
from .test_judged import COOLDOWN, SEED
from .worlds import made

HOUSES = examples(400)


def test_a_household_is_judged_in_groups_as_it_is_as_a_whole() -> None:
    """Of every verdict and search; with a seed that is new each time."""
    print(f"SHOWRUNNER_SEED={SEED}")  # noqa: T201
    apart = 0
    for number in range(HOUSES):
        facts, policy = made(random.Random(f"{SEED}:{number}"), known=number % 2 == 0)
        groups = [*together(facts.titles, lambda one: one.record)]
        apart += len(groups) < len(facts.titles)
        parts = [replace(facts, titles=tuple(some)) for some in groups]
        found = [one for part in parts for one in judge(part, policy)]
        whole = judge(facts, policy)
        assert len(found) == len(whole)
        assert all(one in whole for one in found), number
        searched = [one for part in parts for one in packings(part, policy, COOLDOWN)]
        all_searched = packings(facts, policy, COOLDOWN)
        assert len(searched) == len(all_searched)
        assert all(one in all_searched for one in searched), number
    assert apart


@given(st.lists(st.sets(st.integers(1, 12), min_size=1, max_size=3), max_size=12))
def test_a_group_holds_all_that_is_reached_by_ids_and_each_title_once(
    numbers: list[set[int]],
) -> None:
    """Two that share none may be reached by a third; all in the order in which they stand."""
    ids = [ProviderIds(**dict(zip(("tmdb", "tvdb"), sorted(one), strict=False))) for one in numbers]
    records = [movie_record(number, ids=one) for number, one in enumerate(ids, 1)]
    found = [*together(records, lambda one: one)]
    assert all([*some] == sorted(some, key=lambda one: one.id) for some in found)
    groups = [{one.id for one in some} for some in found]
    assert sorted(one for some in groups for one in some) == [one.id for one in records]
    assert [min(some) for some in groups] == sorted(min(some) for some in groups)
    for some in groups:
        inside = [one for one in records if one.id in some]
        reached, names = {inside[0].id}, set(inside[0].ids.keys)
        for _ in inside:
            near = [one for one in inside if names & set(one.ids.keys)]
            reached |= {one.id for one in near}
            names |= {key for one in near for key in one.ids.keys}
        assert reached == some
        assert not any(names & set(one.ids.keys) for one in records if one.id not in some)


def test_a_movie_and_a_series_of_one_number_are_two() -> None:
    """A title's key has its kind (law 14)."""
    ids = ProviderIds(tmdb=7)
    records = [
        movie_record(1, ids=ids),
        replace(series_record(), ids=ids),
        movie_record(2, ids=ids),
    ]
    found = [*together(records, lambda one: one)]
    assert sorted(len(some) for some in found) == [1, 2]
