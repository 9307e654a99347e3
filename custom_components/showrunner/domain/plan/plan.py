"""Plans: what is intended, step by step, with reason, evidence and what undoes it.

The plan that is shown is the one that is carried out. What is deleted has a typed scope without a
default. The guards that cut and stop plans are in `guards`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self

from ..finding import Finding
from ..text import Words, plain as plainly, read
from .payloads import RemoveTorrent
from .step import Pool, Step, StepState

_SHOWN: Final = 50
# Of how a plan is kept: 1 had its steps inside, 2 their payloads as text.
VERSION: Final = 3

type Intent = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that might have been expected in the plan, and why it is not in it.

    `unknown`: a source did not tell, so that another time it may be in it.
    """

    title: Words
    reason: Words
    unknown: bool = False
    findings: tuple[Finding, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Give what is shown of it; its texts have to be said still."""
        return {
            "title": self.title,
            "reason": self.reason,
            "unknown": self.unknown,
            "findings": [finding.as_dict() for finding in self.findings],
        }

    def to_store(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "title": plainly(self.title),
            "reason": plainly(self.reason),
            "unknown": self.unknown,
            "findings": [finding.to_store() for finding in self.findings],
        }

    @classmethod
    def from_store(cls, kept: object) -> Self:
        """Read what `to_store` gave, or the pair that was kept before. Raises otherwise."""
        match kept:
            case [title, reason]:
                return cls(read(title), read(reason))
            case {"title": title, "reason": reason, **rest}:
                found = rest.get("findings")
                findings = found if isinstance(found, list) else []
                return cls(
                    read(title),
                    read(reason),
                    rest.get("unknown") is True,
                    tuple(Finding.from_store(one) for one in findings),
                )
        raise TypeError("left_out")


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in the order in which they are carried out.

    `intent` is what was asked for, as the fields of the job's action. `sources` name whatever the
    plan was made from that can suddenly fall (law 9). `populations` say how much there is in each
    pool, for the share that a run may take (law 8); not known: the least. `confirmed`: it was
    begun although the options say dry run, because a person confirmed it. `paused`: what waits of
    it does not go on by itself, until a person says so.
    """

    plan_id: str
    job: str
    dry_run: bool
    created_at: datetime
    expires_at: datetime
    steps: tuple[Step, ...]
    left_out: tuple[LeftOut, ...] = ()
    confirmed: bool = False
    intent: Intent = field(default_factory=dict)
    sources: frozenset[str] = frozenset()
    populations: Mapping[Pool, int] = field(default_factory=dict)
    paused: bool = False

    def expired(self, now: datetime) -> bool:
        """Tell whether the facts that it was made from are too old."""
        return now >= self.expires_at

    def step(self, step_id: str) -> Step | None:
        """Find a step."""
        return next((step for step in self.steps if step.id == step_id), None)

    @property
    def waiting(self) -> tuple[Step, ...]:
        """The steps that go on by themselves when they can."""
        return tuple(s for s in self.steps if s.waits and s.state is StepState.PLANNED)

    def with_steps(self, changed: Iterable[Step]) -> Self:
        """Put changed steps in the places of those of the same ids."""
        known = {step.id: step for step in changed}
        return replace(self, steps=tuple(known.get(step.id, step) for step in self.steps))

    @property
    def totals(self) -> dict[str, int]:
        """Count the steps by state; `bytes` of what is planned or done, and what was freed.

        `bytes_claimed`: so much of what was freed only a torrent client says, or is of files whose
        other names nobody could count. Of the `bytes` of which that was looked at, `bytes_frees`
        are really freed, `bytes_stays` lie there under another name, too, and of `bytes_unknown`
        nobody knows.
        """
        counts = {state.value: 0 for state in StepState}
        for step in self.steps:
            counts[step.state.value] += 1
        counting = (StepState.PLANNED, StepState.DONE)
        counts["bytes"] = sum(step.cost.bytes for step in self.steps if step.state in counting)
        counts["bytes_freed"] = sum(step.bytes_freed for step in self.steps)
        counts["bytes_claimed"] = sum(_claimed(step) for step in self.steps)
        rooms = [s.room for s in self.steps if s.room is not None and s.state in counting]
        counts["bytes_frees"] = sum(one.frees for one in rooms)
        counts["bytes_stays"] = sum(one.stays for one in rooms)
        counts["bytes_unknown"] = sum(one.unknown for one in rooms)
        return counts

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values, as actions answer (INTERFACE: a plan)."""
        return {
            "plan_id": self.plan_id,
            "job": self.job,
            "dry_run": self.dry_run,
            "created_at": self.created_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "paused": self.paused,
            "steps": [step.as_dict() for step in self.steps],
            "left_out": [left.as_dict() for left in self.left_out[:_SHOWN]],
            "left_out_count": len(self.left_out),
            "totals": self.totals,
        }

    def to_store(self) -> dict[str, object]:
        """Give JSON-safe values of all but the steps, which are kept one by one."""
        return {
            "version": VERSION,
            "plan_id": self.plan_id,
            "job": self.job,
            "dry_run": self.dry_run,
            "created_at": self.created_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "left_out": [left.to_store() for left in self.left_out],
            "confirmed": self.confirmed,
            "paused": self.paused,
            "intent": dict(self.intent),
            "sources": sorted(self.sources),
            "populations": {pool.value: count for pool, count in self.populations.items()},
        }

    @classmethod
    def from_store(cls, plain: Mapping[str, object], steps: Iterable[Step]) -> Self:
        """Read what `to_store` gave. Raises KeyError, TypeError or ValueError when it is none."""
        left_out = plain["left_out"]
        if not isinstance(left_out, list):
            raise TypeError("left_out")
        if "steps" in plain:
            raise ValueError("steps")  # an older version's, of which one could not be taken over
        return cls(
            plan_id=str(plain["plan_id"]),
            job=str(plain["job"]),
            dry_run=plain["dry_run"] is not False,
            created_at=datetime.fromisoformat(str(plain["created_at"])),
            expires_at=datetime.fromisoformat(str(plain["expires_at"])),
            steps=tuple(steps),
            left_out=tuple(LeftOut.from_store(one) for one in left_out),
            confirmed=plain.get("confirmed") is True,
            paused=plain.get("paused") is True,
            intent=_intent(plain.get("intent")),
            sources=frozenset(str(one) for one in _items(plain.get("sources"))),
            populations=_populations(plain.get("populations")),
        )


def _claimed(step: Step) -> int:
    """Say how much of what a step has freed nobody has seen."""
    if isinstance(step.payload, RemoveTorrent):
        return step.bytes_freed
    return 0 if step.room is None else min(step.bytes_freed, step.room.unknown)


def _intent(kept: object) -> Intent:
    wishes = kept if isinstance(kept, Mapping) else {}
    return {
        str(name): one for name, one in wishes.items() if one is None or isinstance(one, str | int)
    }


def _items(kept: object) -> list[object]:
    return kept if isinstance(kept, list) else []


def _populations(kept: object) -> dict[Pool, int]:
    counts = kept if isinstance(kept, Mapping) else {}
    return {pool: counts[pool] for pool in Pool if isinstance(counts.get(pool), int)}
