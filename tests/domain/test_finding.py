"""What a rule found is one object where it is equal to what it found of others."""

from dataclasses import replace

import pytest

from custom_components.showrunner.domain.finding import Finding, shared
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.text import say

WELL = Finding("kept", Answer.NO, source="showrunner")


def test_what_says_only_that_a_rule_is_well_is_one_object() -> None:
    """Of whatever title it is; and nothing else is taken for it."""
    assert shared(WELL) is shared(replace(WELL))
    assert shared(WELL) == WELL
    tagged = replace(WELL, threshold="keep")
    assert shared(tagged) is shared(replace(tagged))
    assert shared(tagged) == tagged
    for other in (replace(WELL, answer=Answer.YES), replace(WELL, rule="playing")):
        assert shared(other) == other


@pytest.mark.parametrize(
    "more", [{"value": 0}, {"value": False}, {"threshold": 5.0}, {"detail": say("playing_now")}]
)
def test_what_says_more_stays_its_own(more: dict[str, object]) -> None:
    """A number may be equal to another one and be written otherwise."""
    finding = replace(WELL, **more)  # type: ignore[arg-type]
    assert shared(finding) is finding
