"""Whatever of a story arrives, in whatever order: one healthy poll later the truth is known."""

from dataclasses import replace
import random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.media import Place
from custom_components.showrunner.domain.requests.facts import Event, EventKind, Fact, Facts
from custom_components.showrunner.domain.requests.record import (
    dump_facts,
    load_facts,
    settled,
)
from custom_components.showrunner.domain.requests.request import RequestState
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.unit import Ledger
from tests.effort import examples

from .samples import FILM, POLICY, SERIES
from .stories import World, world

seeds = st.integers(0, 2**32)
worlds = st.builds(world, seeds, st.sampled_from([0, 0, 1, 3, 5]), anime=st.booleans())


def states(story: World, facts: Facts) -> dict[Place, RequestState]:
    """Derive every unit's state."""
    ledger = Ledger(facts)
    approved = any(key[0] == "approved" for key in facts.by_key) or any(
        key[0] == "grabbed" for key in facts.by_key
    )
    return {
        place: ledger.unit(place, approved=approved, anime=story.anime).state
        for place in story.units
    }


def truth(story: World) -> dict[Place, RequestState]:
    """Ask the world."""
    return {place: story.state(unit) for place, unit in story.units.items()}


def arriving(story: World, dice: random.Random, loss: float) -> list[Fact]:
    """Lose, double and shuffle the webhooks."""
    kept = [fact for fact in story.told if dice.random() >= loss]
    kept += [fact for fact in kept if dice.random() < 0.3]
    dice.shuffle(kept)
    return kept


@settings(max_examples=examples(400), deadline=None)
@given(worlds, seeds, st.floats(0, 1), st.integers(0, 40), st.booleans())
def test_a_healthy_poll_ends_in_the_truth(
    story: World, seed: int, loss: float, steps: int, earlier_poll: bool
) -> None:
    """After any webhooks at all, or none; two polls, where something is gone."""
    dice = random.Random(seed)
    facts = Facts()
    story.live(steps // 2)
    if earlier_poll:
        facts = facts.with_(story.poll())
    story.live(steps - steps // 2)
    facts = facts.with_(arriving(story, dice, loss))
    facts = facts.with_(story.poll()).with_(story.poll())
    found = states(story, facts)
    for place, expected in truth(story).items():
        assert found[place] is expected, (place, facts)


@settings(max_examples=examples(200), deadline=None)
@given(worlds, seeds, st.integers(0, 40))
def test_facts_know_no_order_and_no_number(story: World, seed: int, steps: int) -> None:
    """Shuffled and doubled they are the same set, and give the same state; so does their record."""
    story.live(steps)
    facts = [*story.told, *story.poll()]
    dice = random.Random(seed)
    mixed = facts + [fact for fact in facts if dice.random() < 0.5]
    dice.shuffle(mixed)
    one, other = Facts().with_(facts), Facts().with_(mixed)
    assert one.by_key == other.by_key
    assert load_facts(dump_facts(one)).by_key == one.by_key
    assert one.with_(mixed) is one


def _deletes(fact: Fact) -> bool:
    """Tell whether it takes something away: what comes after is another attempt."""
    return isinstance(fact, Event) and fact.kind is EventKind.DELETED


@settings(max_examples=examples(300), deadline=None)
@given(worlds, seeds, st.floats(0, 0.6), st.integers(1, 40))
def test_nothing_moves_backwards_within_an_attempt(
    story: World, seed: int, loss: float, steps: int
) -> None:
    """However the webhooks arrive: as long as a unit's download is the same, it only advances."""
    story.live(steps)
    dice = random.Random(seed)
    facts = Facts()
    last: dict[Place, tuple[str, RequestState]] = {}
    for fact in arriving(story, dice, loss):
        facts = facts.with_([fact])
        ledger = Ledger(facts)
        for place in story.units:
            unit = ledger.unit(place, approved=True, anime=story.anime)
            attempt = unit.attempt.download if unit.attempt else ""
            known, before = last.get(place, ("", RequestState.REQUESTED))
            ended = RequestState.FAILED in (before, unit.state) or _deletes(fact)
            if attempt and attempt == known and not ended:
                assert unit.state.rank >= before.rank, (place, fact)
            last[place] = (attempt, unit.state)


@settings(max_examples=examples(200), deadline=None)
@given(worlds, st.integers(0, 40))
def test_what_is_settled_keeps_its_state(story: World, steps: int) -> None:
    """Its shortened facts tell the same."""
    story.live(steps)
    facts = Facts().with_([*story.told, *story.poll(), *story.poll()])
    plain = FILM if len(story.units) == 1 and Place() in story.units else SERIES
    request = replace(plain, anime=story.anime)
    status = state_of(request, facts, story.now, policy=POLICY, matcher=True)
    if status.settled:
        kept = state_of(request, settled(facts), story.now, policy=POLICY, matcher=True)
        assert (kept.state, kept.closed, kept.available_at, kept.episodes) == (
            status.state,
            status.closed,
            status.available_at,
            status.episodes,
        )


@pytest.mark.parametrize(
    "rubbish",
    [
        ["x", "", 0],
        ["s", "", 0, 1, 0],
        ["s", "", "yesterday", 1, None, None, None],
        ["s", "", 10**30, 1, None, None, None],
        ["s", "", 10**400, 1, None, None, None],
    ],
)
def test_a_fact_that_can_t_be_read_is_an_error(rubbish: list[object]) -> None:
    """It might be the one that keeps a request open."""
    assert load_facts([["s", "", 0, 1, None, None, None]])
    with pytest.raises((TypeError, ValueError)):
        load_facts([rubbish])
