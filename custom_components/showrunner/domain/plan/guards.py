"""What keeps a plan from doing harm: proofs, protection and budgets (laws 4, 6 and 8).

Pure, and asked by the runner, which alone changes anything, for every job.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ..knowledge import Answer, all_of, any_of
from ..text import Words, say
from .order import without
from .payloads import DeleteEpisodeFiles, DeleteMovieFile
from .plan import Plan
from .proof import ProofKind, Protection
from .step import Pool, Step, StepState

_LEAST_ITEMS: Final = 3


@dataclass(frozen=True, slots=True)
class Budget:
    """How much one run may take from one pool: at most these items and bytes, and this share.

    `max_share` in percent of what there is, at least 3 items.
    """

    max_items: int = 20
    max_bytes: int = 250_000_000_000
    max_share: float = 5.0

    def items(self, population: int | None) -> int:
        """Give the number of items; of a pool of unknown size the least only."""
        if population is None:
            return min(self.max_items, _LEAST_ITEMS)
        share = int(population * self.max_share / 100)
        return min(self.max_items, max(_LEAST_ITEMS, share))


def cut(plan: Plan, budget: Budget) -> Plan:
    """Cut a plan to its budgets (law 8): the safest stay, the rest waits for another run.

    Safest: what can be taken back before what can't, then what is smallest; torrents go in the
    order of the plan, which has put the best candidates first. Steps that destroy
    nothing are not counted; what depends on a cut step is cut with it, and so is what only prepares
    it (law 15). A season counts with every file of it: a longer one than the cap allows goes only
    when a person has raised the cap.
    """
    wanted = [s for s in plan.steps if s.action.destructive and s.state is StepState.PLANNED]
    wanted.sort(
        key=lambda s: (
            s.undo.value == "none",
            *((0, "") if s.cost.pool is Pool.TORRENTS else (s.cost.bytes, s.id)),
        )
    )
    most = {pool: budget.items(plan.populations.get(pool)) for pool in Pool}
    items, spent = dict.fromkeys(Pool, 0), dict.fromkeys(Pool, 0)
    kept: set[str] = set()
    for step in wanted:
        cost, pool = step.cost, step.cost.pool
        if items[pool] + cost.items <= most[pool] and spent[pool] + cost.bytes <= budget.max_bytes:
            kept.add(step.id)
            items[pool] += cost.items
            spent[pool] += cost.bytes
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


def against_carrying_out(step: Step) -> Words | None:
    """Say which proof a step lacks, or what may protect what it takes; None: it has all.

    The plan's own rules have seen to it; this is asked once more for every step of every job.
    """
    for kind in sorted(step.payload.NEEDS):
        proofs = [one for one in step.proofs if one.kind is kind]
        if all_of([Answer.of(bool(proofs)), *(one.answer for one in proofs)]) is not Answer.YES:
            return say("step_not_proven", kind=_KINDS[kind])
    if (unproven := _unproven_files(step)) is not None:
        return unproven
    answers = {str(one.rule): one.answer for one in step.findings}
    for protection in sorted(step.payload.KEEPS):
        if answers.get(protection.value) is not Answer.NO:
            return say("step_not_free", protection=_PROTECTIONS[protection])
    return None


def _unproven_files(step: Step) -> Words | None:
    """Say which file of several lacks a proof of its own: one proof proves one file."""
    payload = step.payload
    if not isinstance(payload, DeleteMovieFile | DeleteEpisodeFiles):
        return None
    proven = {(one.kind, one.of) for one in step.proofs if one.answer is Answer.YES}
    for file in payload.files:
        if not {(kind, file.id) for kind in payload.NEEDS} <= proven:
            return say("file_not_proven", file=file.path)
    return None


_KINDS: Final[Mapping[ProofKind, Words]] = {
    ProofKind.ID: say("proof_id"),
    ProofKind.PATH: say("proof_path"),
    ProofKind.HASH: say("proof_hash"),
    ProofKind.RULE: say("proof_rule"),
    ProofKind.UNTRACKED: say("proof_untracked"),
}
_PROTECTIONS: Final[Mapping[Protection, Words]] = {
    Protection.KEEP: say("protection_keep"),
    Protection.KEPT: say("protection_kept"),
    Protection.FAVORITE: say("protection_favorite"),
    Protection.PLAYING: say("protection_playing"),
}
