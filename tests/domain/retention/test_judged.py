"""Whatever the household is like: what leaves is what an independent, slow judge allows."""

from dataclasses import replace
import os
import random
import secrets

from hypothesis import given, seed, settings, strategies as st
import pytest

from custom_components.showrunner.domain.knowledge import Answer, Unknown
from custom_components.showrunner.domain.plan import Scope
from custom_components.showrunner.domain.retention import RetentionFacts, RetentionPolicy, judge
from tests.effort import examples

from .judge import allowed, allowed_entries
from .samples import going
from .worlds import World, made, without_one

# Fresh in each run, and shown by a test that fails.
SEED = int(os.environ.get("SHOWRUNNER_SEED", secrets.randbits(32)))
# How many households are tried: 100,000 before a release.
HOUSEHOLDS = int(os.environ.get("SHOWRUNNER_HOUSEHOLDS", examples(3_000)))


@pytest.fixture(autouse=True)
def _seed() -> None:
    """Say by what a failure can be had again."""
    print(f"SHOWRUNNER_SEED={SEED}")  # noqa: T201


def compare(world: World) -> int:
    """Compare what leaves with what the judge allows; give how much it is."""
    facts, policy = world
    leaves = going(facts, policy)
    right = allowed(facts, policy)
    assert leaves <= right, (leaves - right, world)
    assert leaves == right, (right - leaves, world)
    entries = {
        (one.record.service, one.record.id)
        for one in judge(facts, policy)
        if one.may_go and one.scope is Scope.SERIES
    }
    assert entries == allowed_entries(facts, policy), world
    return len(leaves) + len(entries)


def test_what_leaves_is_what_a_slow_judge_allows() -> None:
    total = some = 0
    for number in range(HOUSEHOLDS):
        chance = random.Random(f"{SEED}:{number}")
        count = compare(made(chance, known=number % 2 == 0))
        total, some = total + count, some + bool(count)
    print(f"{HOUSEHOLDS} households, {total} files and entries leave {some} of them")  # noqa: T201
    # A judge of worlds in which nothing ever leaves would be no judge.
    assert some * 4 > HOUSEHOLDS


@seed(SEED)
@settings(max_examples=examples(300), deadline=None, database=None)
@given(st.randoms(use_true_random=False), st.booleans())
def test_what_leaves_is_what_a_slow_judge_allows_in_the_smallest_household(
    chance: random.Random, known: bool
) -> None:
    """Look for the same, and make what fails small."""
    compare(made(chance, known=known))


def test_a_fact_that_is_missing_never_lets_more_go() -> None:
    for number in range(HOUSEHOLDS):
        chance = random.Random(f"{SEED}:less:{number}")
        facts, policy = made(chance, known=True)
        before = going(facts, policy)
        for _ in range(3):
            facts = without_one(facts, chance)
            after = going(facts, policy)
            assert after <= before, (after - before, number)
            before = after


def source(name: str, facts: RetentionFacts) -> RetentionFacts:
    """Let one source not answer."""
    if name in ("radarr", "sonarr"):
        return replace(facts, silent=frozenset({name}))
    unknown = {one.id: Unknown("down") for one in facts.viewers}
    value = {
        "watched": unknown,
        "favorites": unknown,
        "kept_by_override": Answer.UNKNOWN,
    }.get(name, Unknown("down"))
    return replace(facts, titles=tuple(replace(one, **{name: value}) for one in facts.titles))


def depends(name: str, facts: RetentionFacts, policy: RetentionPolicy) -> bool:
    """Tell whether anything asks a source."""
    if name == "favorites":
        return any(one.counts for one in facts.viewers)
    return name != "requests" or policy.protect_requests


@pytest.mark.parametrize(
    "name",
    [
        *("radarr", "sonarr", "watched", "favorites", "playing", "requests", "keeps"),
        *("deletions", "kept_by_override"),
    ],
)
def test_nothing_leaves_that_depends_on_a_source_that_does_not_answer(name: str) -> None:
    for number in range(HOUSEHOLDS // 10):
        facts, policy = made(random.Random(f"{SEED}:{name}:{number}"), known=True)
        less = going(source(name, facts), policy)
        of_it = {"radarr": "r", "sonarr": "s"}.get(name, "")
        assert not depends(name, facts, policy) or not any(
            service.startswith(of_it) for service, _, _ in less
        )
