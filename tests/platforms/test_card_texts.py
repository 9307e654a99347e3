"""What the cards say of rules: each has words, for nobody reads its name in the code."""

from itertools import chain
import json
from pathlib import Path

from custom_components.showrunner.domain.retention.packing import PackingRule
from custom_components.showrunner.domain.retention.verdict import RetentionRule
from custom_components.showrunner.domain.seeding.verdict import PurgeRule

TEXTS = Path(__file__).parents[2] / "frontend/src/texts/en.json"


def test_every_rule_of_a_plan_has_words() -> None:
    """Other languages have what English has: the cards' own tests see to that."""
    known = json.loads(TEXTS.read_text())
    rules = chain(RetentionRule, PackingRule, PurgeRule)
    assert [one.value for one in rules if f"rule_{one.value}" not in known] == []
