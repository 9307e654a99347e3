"""Plans: what is intended, step by step, with reason, evidence and what undoes it (PRODUCT 10).

The plan that is shown is the one that is carried out. What is deleted has a typed scope without a
default. The guards that cut and stop plans are in `guards`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self, cast

from .media import MediaType, ProviderIds, Title, TitleKey
from .text import Words, plain as plainly, read
from .values import year

_SHOWN: Final = 50
# Of how a plan is kept: 1 had its steps inside.
_VERSION: Final = 2

type Scalar = str | int | float | bool | None
type Arguments = tuple[tuple[str, Scalar], ...]


class Scope(StrEnum):
    """What a step is about. Always said, never assumed."""

    FILE = "file"
    EPISODE = "episode"
    SEASON = "season"
    MOVIE = "movie"
    SERIES = "series"


class Undo(StrEnum):
    """What takes a step back."""

    NONE = "none"
    RE_ADD = "re_add"
    RESTORE = "restore"


class StepState(StrEnum):
    """How a step stands. `cut`: beyond the budget, waits for another run."""

    PLANNED = "planned"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    CUT = "cut"


class Action(StrEnum):
    """What a step does."""

    ADD_MOVIE = "add_movie"
    UPDATE_MOVIE = "update_movie"
    SEARCH_MOVIE = "search_movie"
    DELETE_MOVIE = "delete_movie"
    UNMONITOR_MOVIE = "unmonitor_movie"
    UNMONITOR_EPISODES = "unmonitor_episodes"
    REMOVE_TORRENT = "remove_torrent"
    DELETE_FILE = "delete_file"
    DELETE_EPISODE_FILES = "delete_episode_files"
    FORGET_MEDIA = "forget_media"
    DELETE_REQUEST = "delete_request"

    @property
    def destructive(self) -> bool:
        """Tell whether something is lost: then the budget counts it."""
        return self.takes_title or self is Action.REMOVE_TORRENT

    @property
    def takes_title(self) -> bool:
        """Tell whether the title itself, or files of it, go: then it is not fetched again."""
        return self in (Action.DELETE_MOVIE, Action.DELETE_FILE, Action.DELETE_EPISODE_FILES)


@dataclass(frozen=True, slots=True)
class Target:
    """Whose thing it is: a linked service (subentry id) of a kind, its own id and path there."""

    service: str
    kind: str
    remote_id: int | None
    path: str | None
    ids: ProviderIds


@dataclass(frozen=True, slots=True)
class Step:
    """One intended change. `after` names the steps that must be done first; `bytes` are freed.

    `waits`: it is being carried out, and goes on by itself when it can. `needless`: skipped because
    there is nothing left to do, so that what comes after it may go on.
    """

    id: str
    action: Action
    scope: Scope
    title: Title
    target: Target
    reasons: tuple[Words, ...]
    evidence: tuple[tuple[str, Words], ...] = ()
    bytes: int = 0
    undo: Undo = Undo.NONE
    state: StepState = StepState.PLANNED
    detail: Words = ""
    after: tuple[str, ...] = ()
    arguments: Arguments = ()
    bytes_freed: int = 0
    # How many movies or episodes it takes away, as the budget counts them.
    items: int = 1
    waits: bool = False
    needless: bool = False

    @property
    def title_key(self) -> TitleKey:
        """What its title is found under, by its own ids and by those of the target's service."""
        return self.title.key.joined(self.target.ids)

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "id": self.id,
            "action": self.action.value,
            "scope": self.scope.value,
            "title": self.title.label,
            "target": {
                "service": self.target.service,
                "kind": self.target.kind,
                "id": self.target.remote_id,
                "path": self.target.path,
                "ids": list(self.target.ids.keys),
            },
            "reasons": list(self.reasons),
            "evidence": dict(self.evidence),
            "bytes": self.bytes,
            "undo": self.undo.value,
            "state": self.state.value,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that might have been expected in the plan, and why it is not in it."""

    title: Words
    reason: Words


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in the order in which they are carried out.

    `confirmed`: it was begun although the options say dry run, because a person confirmed it.
    """

    plan_id: str
    job: str
    dry_run: bool
    created_at: datetime
    expires_at: datetime
    steps: tuple[Step, ...]
    left_out: tuple[LeftOut, ...] = ()
    confirmed: bool = False

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
        """Count the steps by state; `bytes` of what is planned or done, and what was freed."""
        counts = {state.value: 0 for state in StepState}
        for step in self.steps:
            counts[step.state.value] += 1
        counting = (StepState.PLANNED, StepState.DONE)
        counts["bytes"] = sum(step.bytes for step in self.steps if step.state in counting)
        counts["bytes_freed"] = sum(step.bytes_freed for step in self.steps)
        return counts

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values, as actions answer (INTERFACE: a plan)."""
        return {
            "plan_id": self.plan_id,
            "job": self.job,
            "dry_run": self.dry_run,
            "created_at": self.created_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "steps": [step.as_dict() for step in self.steps],
            "left_out": [
                {"title": left.title, "reason": left.reason} for left in self.left_out[:_SHOWN]
            ],
            "left_out_count": len(self.left_out),
            "totals": self.totals,
        }

    def to_store(self) -> dict[str, object]:
        """Give JSON-safe values of all but the steps, which are kept one by one."""
        return {
            "version": _VERSION,
            "plan_id": self.plan_id,
            "job": self.job,
            "dry_run": self.dry_run,
            "created_at": self.created_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "left_out": [[plainly(left.title), plainly(left.reason)] for left in self.left_out],
            "confirmed": self.confirmed,
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
            left_out=tuple(LeftOut(read(title), read(reason)) for title, reason in left_out),
            confirmed=plain.get("confirmed") is True,
        )


def _ids(ids: ProviderIds) -> dict[str, object]:
    return {"tmdb": ids.tmdb, "tvdb": ids.tvdb, "imdb": ids.imdb}


def step_to_store(step: Step) -> dict[str, object]:
    """Give JSON-safe values from which `step_from_store` makes an equal step."""
    plain: dict[str, object] = {
        field.name: getattr(step, field.name)
        for field in fields(step)
        if field.name not in ("title", "target")
    }
    plain["reasons"] = [plainly(reason) for reason in step.reasons]
    plain["evidence"] = [[name, plainly(said)] for name, said in step.evidence]
    plain["detail"] = plainly(step.detail)
    title, target = step.title, step.target
    plain["title"] = [title.media.value, _ids(title.ids), title.name, title.year]
    plain["target"] = [
        target.service,
        target.kind,
        target.remote_id,
        target.path,
        _ids(target.ids),
    ]
    return plain


def step_from_store(plain: Mapping[str, object]) -> Step:
    """Read what `step_to_store` gave; what a later version says beyond it is left aside.

    Raises KeyError, TypeError or ValueError when it is none.
    """
    values = {name: value for name, value in plain.items() if name in _FIELDS}
    # Written by `_stored`: what does not fit fails here, and loudly.
    media, ids, name, made = cast("Any", values["title"])
    title = Title(MediaType(media), ProviderIds.from_mapping(ids), name, year(made))
    service, kind, remote_id, path, target_ids = cast("Any", values["target"])
    target = Target(service, kind, remote_id, path, ProviderIds.from_mapping(target_ids))
    values |= {
        "title": title,
        "target": target,
        "action": Action(str(values["action"])),
        "scope": Scope(str(values["scope"])),
        "undo": Undo(str(values["undo"])),
        "state": StepState(str(values["state"])),
    }
    if not isinstance(values["after"], list | tuple):  # as plans were kept: one step, or none
        values["after"] = () if values["after"] is None else (values["after"],)
    for name in ("reasons", "evidence", "arguments", "after"):
        rows = values[name]
        if not isinstance(rows, list | tuple):
            raise TypeError(name)
        values[name] = tuple(tuple(row) if isinstance(row, list) else row for row in rows)
    values["reasons"] = tuple(read(reason) for reason in cast("Any", values["reasons"]))
    values["evidence"] = tuple((name, read(said)) for name, said in cast("Any", values["evidence"]))
    values["detail"] = read(values.get("detail"))
    return Step(**values)  # type: ignore[arg-type]


_FIELDS: Final = frozenset(field.name for field in fields(Step))
