"""A deletion while it is drawn up: its steps, and what is left out and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..finding import Finding
from ..inventory import ArrFile, ArrTitle
from ..media import Title
from ..plan import (
    Cost,
    FileFingerprint,
    LeftOut,
    Payload,
    Proof,
    RemoveTorrent,
    Scope,
    Step,
    Subject,
    Target,
    Undo,
)
from ..text import Words, joined, say
from .facts import ProofFacts
from .proofs import Objection

# What a step is called. Of each season and download there may be one.
DELETE_FILE: Final = "delete_file"
DELETE_MOVIE: Final = "delete_movie"
DELETE_SERIES: Final = "delete_series"
FORGET_MEDIA: Final = "forget_media"
DELETE_REQUEST: Final = "delete_request"
# Not a step: what stands against all of them.
EVERYTHING: Final = "*"
_SHOWN: Final = 3
_FREE: Final = Cost()


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something that is left out: which step that would have been, and why.

    `blocks`: it was asked for, so that the request stays too. `unknown`: ask again later.
    `belonging`: the steps that are not planned because this one is not.
    """

    step_id: str
    what: Words
    reason: Words
    unknown: bool = False
    blocks: bool = True
    belonging: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()

    @property
    def left_out(self) -> LeftOut:
        """The same as the plan keeps it."""
        return LeftOut(self.what, self.reason, self.unknown, self.findings)


@dataclass(frozen=True, slots=True)
class Deletion:
    """The steps in their order, and what is left out."""

    steps: tuple[Step, ...]
    withheld: tuple[Withheld, ...]

    def step(self, step_id: str) -> Step | None:
        """Find a step."""
        return next((step for step in self.steps if step.id == step_id), None)

    def why_not(self, step_id: str) -> Withheld | None:
        """Say why a step is not there: for its own sake, or for one that it belongs to."""
        own = [one for one in self.withheld if one.step_id in (step_id, EVERYTHING)]
        shared = [one for one in self.withheld if step_id in one.belonging]
        # What blocks comes first: beside it the rest says nothing of whether it may be done.
        return next(iter(sorted([*own, *shared], key=lambda one: not one.blocks)), None)


class Draft[FactsT: ProofFacts]:
    """Collects steps and what is left out. `reason` is why any of it goes."""

    def __init__(self, title: Title, gathered: FactsT, reason: Words) -> None:
        """Begin with nothing planned."""
        self.title = title
        self.gathered = gathered
        self.steps: list[Step] = []
        self.withheld: list[Withheld] = []
        self.reason = reason

    @property
    def label(self) -> str:
        """The title for people."""
        return self.title.label

    def add(
        self,
        step_id: str,
        payload: Payload,
        scope: Scope,
        target: Target,
        why: Words,
        *,
        subject: Subject | None = None,
        findings: tuple[Finding, ...] = (),
        proofs: tuple[Proof, ...] = (),
        cost: Cost = _FREE,
        undo: Undo = Undo.NONE,
        after: tuple[str, ...] = (),
    ) -> None:
        """Plan a step; without a subject it is about the title."""
        self.steps.append(
            Step(
                id=step_id,
                scope=scope,
                subject=subject or Subject.of_title(self.title),
                target=target,
                payload=payload,
                reasons=(self.reason, why) if why else (self.reason,),
                findings=findings,
                proofs=proofs,
                cost=cost,
                undo=undo,
                after=after,
            )
        )

    def objected(
        self,
        step_id: str,
        what: Words,
        objections: Sequence[Objection],
        belonging: frozenset[str] = frozenset(),
        *,
        blocks: bool = True,
    ) -> None:
        """Leave something out for these reasons."""
        said = list(dict.fromkeys(one.reason for one in objections))
        reason = joined(said[:_SHOWN])
        if (more := len(said) - _SHOWN) > 0:
            reason = say("reasons_and_more", reasons=reason, count=more)
        self.leave(
            step_id,
            what,
            reason,
            unknown=all(one.unknown for one in objections),
            blocks=blocks,
            belonging=belonging,
            findings=tuple(dict.fromkeys(one.finding for one in objections)),
        )

    def leave(
        self,
        step_id: str,
        what: Words,
        reason: Words,
        *,
        unknown: bool = False,
        blocks: bool = True,
        belonging: frozenset[str] = frozenset(),
        findings: tuple[Finding, ...] = (),
    ) -> None:
        """Leave something out. Without findings the reason is the only one."""
        found = findings or (Objection(reason, unknown).finding,)
        self.withheld.append(Withheld(step_id, what, reason, unknown, blocks, belonging, found))

    @property
    def blocked(self) -> Withheld | None:
        """Say what of that which was asked for is left out, if anything is."""
        return next((one for one in self.withheld if one.blocks), None)


def unmonitor_id(season: int | None) -> str:
    """Name the step that has a movie (no season), or a season, not fetched any more."""
    return "unmonitor" if season is None else f"unmonitor:{season}"


def unmonitors(step_id: str) -> bool:
    """Tell whether a step is an unmonitoring, by its name."""
    return step_id.partition(":")[0] == unmonitor_id(None)


def season_id(season: int) -> str:
    """Name the step that deletes a season's files."""
    return f"season:{season}"


def at(record: ArrTitle) -> Target:
    """Name the title in its arr."""
    return Target(record.service, record.kind, record.id, record.path, record.ids)


def fingerprint(file: ArrFile) -> FileFingerprint:
    """Name a file so that another one, or the same with another size or name, is told from it."""
    return FileFingerprint(file.id, file.path, file.size_bytes)


def same_intent(one: Step, other: Step) -> bool:
    """Tell whether two plans' steps would change the very same thing in the same way."""
    mine, theirs = (
        (step.scope, step.target.service, step.target.remote_id, step.target.path)
        for step in (one, other)
    )
    return mine == theirs and _same_payload(one.payload, other.payload)


def _same_payload(one: Payload, other: Payload) -> bool:
    """Compare payloads; what an older version does not say of a torrent's data is no difference.

    They go where they went then.
    """
    match one, other:
        case RemoveTorrent(), RemoveTorrent() if None in (one.data, other.data):
            return replace(one, data=None) == replace(other, data=None)
    return one == other
