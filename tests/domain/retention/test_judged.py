"""Whatever the household is like: what leaves is what an independent, slow judge allows."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
import os
import random
import secrets

from hypothesis import given, seed, settings, strategies as st
import pytest

from custom_components.showrunner.domain.knowledge import Answer, Unknown
from custom_components.showrunner.domain.plan import Scope
from custom_components.showrunner.domain.retention import (
    Ground,
    RetentionFacts,
    RetentionPolicy,
    judge,
    packings,
)
from tests.effort import examples

from .judge import allowed, allowed_entries, to_search
from .samples import going
from .worlds import World, made, without_one

# Fresh in each run, and shown by a test that fails.
SEED = int(os.environ.get("SHOWRUNNER_SEED", secrets.randbits(32)))
COOLDOWN = timedelta(days=90)
# Of fewer nobody can say what has to be among them.
_MANY = 2_000
# How many households are tried: 100,000 before a release.
HOUSEHOLDS = int(os.environ.get("SHOWRUNNER_HOUSEHOLDS", examples(3_000)))


@pytest.fixture(autouse=True)
def _seed() -> None:
    """Say by what a failure can be had again."""
    print(f"SHOWRUNNER_SEED={SEED}")  # noqa: T201


@dataclass(frozen=True)
class Found:
    """What leaves of a household, what is searched for, and how much leaves by which rule."""

    files: set[tuple[str, int, int]]
    entries: set[tuple[str, int]]
    searches: set[tuple[str, int, int]]
    grounds: Counter[str]


def searching(facts: RetentionFacts, policy: RetentionPolicy) -> set[tuple[str, int, int]]:
    """Name every episode that is searched for, so that its season can leave."""
    return {
        (one.record.service, one.record.id, unit.id)
        for one in packings(facts, policy, COOLDOWN)
        if one.answer is Answer.YES
        for unit in one.search
    }


def by_ground(facts: RetentionFacts, policy: RetentionPolicy) -> Counter[str]:
    """Count what leaves by its rule."""
    return Counter(one.ground.value for one in judge(facts, policy) if one.may_go)


def compare(world: World) -> Found:
    """Compare what leaves with what the judge allows."""
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
    searches = searching(facts, policy)
    assert searches == to_search(facts, policy, COOLDOWN.days), world
    return Found(leaves, entries, searches, by_ground(facts, policy))


@pytest.mark.long
def test_what_leaves_is_what_a_slow_judge_allows() -> None:
    total = some = searched = 0
    grounds: Counter[str] = Counter()
    for number in range(HOUSEHOLDS):
        chance = random.Random(f"{SEED}:{number}")
        found = compare(made(chance, known=number % 2 == 0))
        count = len(found.files) + len(found.entries)
        total, some = total + count, some + bool(count)
        searched += len(found.searches)
        grounds += found.grounds
    print(  # noqa: T201
        f"{HOUSEHOLDS} households, {total} files and entries leave {some} of them;"
        f" by rule {dict(grounds)}; {searched} episodes are searched for"
    )
    # A judge of worlds in which nothing ever leaves would be no judge.
    assert some * 4 > HOUSEHOLDS
    if HOUSEHOLDS >= _MANY:
        assert all(grounds[one.value] * 400 > HOUSEHOLDS for one in Ground), grounds
        assert searched * 100 > HOUSEHOLDS


@seed(SEED)
@settings(max_examples=examples(300), deadline=None, database=None)
@given(st.randoms(use_true_random=False), st.booleans())
def test_what_leaves_is_what_a_slow_judge_allows_in_the_smallest_household(
    chance: random.Random, known: bool
) -> None:
    """Look for the same, and make what fails small."""
    compare(made(chance, known=known))


@pytest.mark.long
def test_a_fact_that_is_missing_never_lets_more_go() -> None:
    for number in range(HOUSEHOLDS):
        chance = random.Random(f"{SEED}:less:{number}")
        facts, policy = made(chance, known=True)
        before, searched = going(facts, policy), searching(facts, policy)
        for _ in range(3):
            facts = without_one(facts, chance)
            after = going(facts, policy)
            assert after <= before, (after - before, number)
            less = searching(facts, policy)
            assert less <= searched, (less - searched, number)
            before, searched = after, less


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
