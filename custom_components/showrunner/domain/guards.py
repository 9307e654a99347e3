"""What keeps a plan from doing harm: budgets, proofs, protection, and sudden falls (PRODUCT 0).

Each is one of the laws, pure, and asked by the one hand that changes anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

from .belonging import without
from .knowledge import Answer, Knowledge, Known, all_of, any_of
from .plan import Plan, StepState
from .text import say

_LEAST_ITEMS: Final = 3


@dataclass(frozen=True, slots=True)
class Budget:
    """How much one run may destroy. `max_share` in percent of `library_items`, at least 3 items."""

    max_items: int = 20
    max_bytes: int = 250_000_000_000
    max_share: float = 5.0
    library_items: int | None = None

    @property
    def items(self) -> int:
        """The number of items; a library of unknown size allows the least only."""
        if self.library_items is None:
            return min(self.max_items, _LEAST_ITEMS)
        share = int(self.library_items * self.max_share / 100)
        return min(self.max_items, max(_LEAST_ITEMS, share))


def cut(plan: Plan, budget: Budget) -> Plan:
    """Cut a plan to its budget (law 8): the safest stay, the rest waits for another run.

    Safest: what can be taken back before what can't, then what is smallest. Steps that destroy
    nothing are not counted; what depends on a cut step is cut with it, and so is what only prepares
    it (law 15). A season counts with every file of it: a longer one than the cap allows goes only
    when a person has raised the cap.
    """
    wanted = [s for s in plan.steps if s.action.destructive and s.state is StepState.PLANNED]
    wanted.sort(key=lambda s: (s.undo.value == "none", s.bytes, s.id))
    kept: set[str] = set()
    items = spent = 0
    for step in wanted:
        if items + step.items <= budget.items and spent + step.bytes <= budget.max_bytes:
            kept.add(step.id)
            items += step.items
            spent += step.bytes
    cut_ids = without(plan.steps, {step.id for step in wanted} - kept)
    return replace(
        plan,
        steps=tuple(
            replace(step, state=StepState.CUT, waits=False, detail=say("step_beyond_budget"))
            if step.id in cut_ids
            else step
            for step in plan.steps
        ),
    )


def delete_proof(same_id: Answer, same_path: Answer) -> Answer:
    """Ask for two proofs (law 4): the provider id and the path must both name the same file."""
    return all_of((same_id, same_path))


def protected(own: Answer, above: Iterable[Answer], below: Iterable[Answer]) -> Answer:
    """Tell whether something is protected (law 6).

    Downwards protection is inherited (a kept series keeps its seasons), upwards it blocks (a kept
    episode keeps its season and series from being deleted as a whole). Unknown is not "no".
    """
    return any_of((own, *above, *below))


def sudden_fall(before: int | None, now: Knowledge[int], max_drop_percent: float = 50) -> bool:
    """Tell whether a source lost so much that every plan on it must freeze (law 9).

    A source that does not answer, or says that it has nothing, has fallen.
    """
    if not isinstance(now, Known):
        return True
    if not before:
        return False
    return now.value < ceil(before * (100 - max_drop_percent) / 100)
