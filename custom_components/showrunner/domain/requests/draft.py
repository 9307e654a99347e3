"""A deletion while it is drawn up: its steps, and what is left out and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
import hashlib
from typing import Final

from ..plan import Action, Arguments, Scope, Step, Target, Undo
from .holdings import Gathered, HeldFile, Record
from .proofs import Objection
from .request import Request
from .state import RequestStatus

UNMONITOR: Final = "unmonitor"
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something that is left out: which step that would have been, and why.

    `blocks`: it was asked for, so that the request stays too. `unknown`: ask again later.
    """

    step_id: str
    what: str
    reason: str
    unknown: bool = False
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class Deletion:
    """The steps in their order, and what is left out."""

    steps: tuple[Step, ...]
    withheld: tuple[Withheld, ...]

    def step(self, step_id: str) -> Step | None:
        """Find a step."""
        return next((step for step in self.steps if step.id == step_id), None)

    def why_not(self, step_id: str) -> Withheld | None:
        """Say why a step is not there."""
        return next((one for one in self.withheld if one.step_id == step_id), None)


class Draft:
    """Collects steps and what is left out."""

    def __init__(
        self, request: Request, status: RequestStatus, gathered: Gathered, *, files: bool
    ) -> None:
        """Begin with nothing planned."""
        self.request = request
        self.gathered = gathered
        self.files = files
        self.steps: list[Step] = []
        self.withheld: list[Withheld] = []
        by = f" ({request.requested_by})" if request.requested_by else ""
        state = "closed" if status.closed is not None else status.state.value.replace("_", " ")
        self._reason = f"a person deletes the request{by}; it is {state}"

    @property
    def label(self) -> str:
        """The title for people."""
        return self.request.title.label

    @property
    def unmonitoring(self) -> str | None:
        """Name the step that must be done first, when there is one."""
        return UNMONITOR if any(step.id == UNMONITOR for step in self.steps) else None

    def add(
        self,
        step_id: str,
        action: Action,
        scope: Scope,
        target: Target,
        why: str,
        *,
        arguments: Arguments = (),
        evidence: tuple[tuple[str, str], ...] = (),
        bytes_: int = 0,
        items: int = 1,
        undo: Undo = Undo.NONE,
        after: str | None = None,
    ) -> None:
        """Plan a step."""
        self.steps.append(
            Step(
                id=step_id,
                action=action,
                scope=scope,
                title=self.request.title,
                target=target,
                reasons=(self._reason, why) if why else (self._reason,),
                evidence=evidence,
                bytes=bytes_,
                items=items,
                undo=undo,
                after=after,
                arguments=(("request", self.request.id), ("with_files", self.files), *arguments),
            )
        )

    def objected(self, step_id: str, what: str, objections: Sequence[Objection]) -> None:
        """Leave something out for these reasons."""
        said = list(dict.fromkeys(one.reason for one in objections))
        more = f" (and {len(said) - _SHOWN} more)" if len(said) > _SHOWN else ""
        unknown = all(one.unknown for one in objections)
        self.leave(step_id, what, "; ".join(said[:_SHOWN]) + more, unknown=unknown)

    def leave(
        self,
        step_id: str,
        what: str,
        reason: str,
        *,
        unknown: bool = False,
        blocks: bool = True,
    ) -> None:
        """Leave something out."""
        self.withheld.append(Withheld(step_id, what, reason, unknown, blocks))


def at(record: Record) -> Target:
    """Name the title in its arr."""
    return Target(record.service, record.kind, record.id, record.path, record.ids)


def numbers(ids: Iterable[int]) -> str:
    """Write numbers as one argument."""
    return ",".join(str(one) for one in sorted(ids))


def mark(files: Iterable[HeldFile]) -> str:
    """Name files so that others, or the same ones with another size or name, are told from them."""
    said = sorted(f"{file.id}\0{file.size_bytes}\0{file.path}" for file in files)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:24]


def same_intent(one: Step, other: Step) -> bool:
    """Tell whether two plans' steps would change the very same thing in the same way."""
    mine, theirs = (
        (step.action, step.scope, step.target.service, step.target.remote_id, step.arguments)
        for step in (one, other)
    )
    return mine == theirs and one.target.path == other.target.path
