"""What leaves by a rule of choice stays for as long as it has to be announced."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.plan import Scope
from custom_components.showrunner.domain.retention import RetentionPolicy, RetentionVerdict
from custom_components.showrunner.domain.retention.announcing import announced_again, is_announced
from custom_components.showrunner.domain.retention.ground import Ground
from custom_components.showrunner.domain.retention.verdict import RetentionRule
from tests.domain.leaving import RECORD

NOW = datetime(2026, 6, 10, 20, tzinfo=UTC)
WEEK = timedelta(days=7)
GRACE = Finding(RetentionRule.GRACE, Answer.YES)
OTHER = Finding(RetentionRule.WATCHED, Answer.YES)
IDLE = RetentionVerdict(
    RECORD, Scope.MOVIE, None, (), (), (OTHER, GRACE), leaves_at=NOW, ground=Ground.IDLE
)


@pytest.mark.parametrize(
    ("days", "may_go"),
    [(0, False), (6, False), (7, True), (30, True)],
)
def test_it_stays_for_a_week_after_it_was_first_known_to_leave(days: int, may_go: bool) -> None:
    """However long it was ripe; no other finding changes."""
    found = announced_again(IDLE, NOW - timedelta(days=days), WEEK, NOW, UTC)
    assert found.may_go is may_go
    assert found.findings[0] == OTHER
    at = max(NOW - timedelta(days=days) + WEEK, NOW)
    assert found.leaves_at == at
    if not may_go:
        assert found.leaves_on == at.date()


@pytest.mark.parametrize(
    "verdict",
    [
        replace(IDLE, leaves_at=None),
        replace(IDLE, findings=(replace(OTHER, answer=Answer.NO), GRACE)),
        replace(IDLE, leaves_at=NOW + 2 * WEEK),
    ],
)
def test_what_stays_or_leaves_later_is_as_it_was(verdict: RetentionVerdict) -> None:
    """No announcement shortens anything."""
    assert announced_again(verdict, NOW, WEEK, NOW, UTC) is verdict
    assert is_announced(verdict) is (verdict.leaves_at == NOW + 2 * WEEK)


def test_what_was_watched_need_not_be_announced() -> None:
    """Whoever watched it knows."""
    assert is_announced(IDLE)
    assert not is_announced(replace(IDLE, ground=Ground.WATCHED))


def test_the_rules_of_choice_that_are_on() -> None:
    """None by default; what keeps is named as JSON has it, but for grace and searches."""
    assert RetentionPolicy().chosen == ()
    policy = RetentionPolicy(unwatched_months=1, idle_days=1, lower_quality=True)
    assert policy.chosen == (Ground.UNWATCHED, Ground.IDLE, Ground.LOWER)
    keeping = replace(policy, excluded=("a", "b")).keeping
    assert (keeping["who"], keeping["excluded"], keeping["idle_days"]) == ("primary", ["a", "b"], 1)
    assert not {"grace_days", "season_packing"} & keeping.keys()
