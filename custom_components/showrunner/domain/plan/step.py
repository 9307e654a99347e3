"""One step of a plan: what is done to whom, why, what proves it, and what undoes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self, cast

from ..finding import Finding
from ..media import ProviderIds, TitleKey
from ..text import Words, plain, read
from .action import Action
from .payloads import Payload, payload_from_store
from .proof import Proof
from .room import Room
from .subject import Subject, ids_to_store


class Scope(StrEnum):
    """What a step is about. Always said, never assumed (law 5)."""

    FILE = "file"
    EPISODE = "episode"
    SEASON = "season"
    MOVIE = "movie"
    SERIES = "series"
    TORRENT = "torrent"
    TRANSFER = "transfer"


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


class Pool(StrEnum):
    """Of what a step takes something away: each has a budget of its own."""

    LIBRARY = "library"
    TORRENTS = "torrents"
    VIDEO_FILES = "video_files"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step takes away. `items`: movies and episodes, torrents or video files, as counted."""

    items: int = 1
    bytes: int = 0
    pool: Pool = Pool.LIBRARY


@dataclass(frozen=True, slots=True)
class Target:
    """Whose thing it is: a linked service (subentry id) of a kind, its own id and path there."""

    service: str
    kind: str
    remote_id: int | None
    path: str | None
    ids: ProviderIds

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "service": self.service,
            "kind": self.kind,
            "id": self.remote_id,
            "path": self.path,
            "ids": list(self.ids.keys),
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One intended change. `after` names the steps that must be done first.

    `room`: what of it is really freed; None: nobody has looked.
    `waits`: it is being carried out, and goes on by itself when it can. `needless`: skipped because
    there is nothing left to do, so that what comes after it may go on. `bytes_freed`: read back.
    """

    id: str
    scope: Scope
    subject: Subject
    target: Target
    payload: Payload
    reasons: tuple[Words, ...]
    findings: tuple[Finding, ...] = ()
    proofs: tuple[Proof, ...] = ()
    cost: Cost = Cost()
    undo: Undo = Undo.NONE
    state: StepState = StepState.PLANNED
    detail: Words = ""
    after: tuple[str, ...] = ()
    bytes_freed: int = 0
    waits: bool = False
    needless: bool = False
    # The row of the ledger whose change it takes back.
    undo_of: int | None = None
    # The row of the ledger that tells of its own change, once that was done.
    ledger_id: int | None = None
    room: Room | None = None

    @property
    def action(self) -> Action:
        """What it does."""
        return self.payload.ACTION

    @property
    def label(self) -> str:
        """What it is about, for people."""
        return self.subject.label

    @property
    def title_key(self) -> TitleKey | None:
        """What its title is found under, by its own ids and by those of the target's service."""
        title = self.subject.title
        return None if title is None else title.key.joined(self.target.ids)

    @property
    def locks(self) -> frozenset[str]:
        """Name what no two runs may hold at once."""
        key = self.title_key
        return self.subject.locks(() if key is None else (key,))

    def as_dict(self) -> dict[str, object]:
        """Give what is shown of it; its texts have to be said still."""
        return {
            "id": self.id,
            "action": self.action.value,
            "scope": self.scope.value,
            "title": self.label,
            "target": self.target.as_dict(),
            "reasons": list(self.reasons),
            "findings": [finding.as_dict() for finding in self.findings],
            "proofs": [proof.as_dict() for proof in self.proofs],
            "bytes": self.cost.bytes,
            "room": None if self.room is None else self.room.as_dict(),
            "undo": self.undo.value,
            "state": self.state.value,
            "detail": self.detail,
            "ledger_id": self.ledger_id,
        }

    def to_store(self) -> dict[str, object]:
        """Give JSON-safe values from which `from_store` makes an equal step."""
        target, cost = self.target, self.cost
        return {
            "id": self.id,
            "action": self.action.value,
            "scope": self.scope.value,
            "subject": self.subject.to_store(),
            "target": [
                target.service,
                target.kind,
                target.remote_id,
                target.path,
                ids_to_store(target.ids),
            ],
            "payload": self.payload.to_store(),
            "reasons": [plain(reason) for reason in self.reasons],
            "findings": [finding.to_store() for finding in self.findings],
            "proofs": [proof.to_store() for proof in self.proofs],
            "cost": [cost.items, cost.bytes, cost.pool.value],
            "undo": self.undo.value,
            "state": self.state.value,
            "detail": plain(self.detail),
            "after": list(self.after),
            "bytes_freed": self.bytes_freed,
            "waits": self.waits,
            "needless": self.needless,
            "undo_of": self.undo_of,
            "ledger_id": self.ledger_id,
            "room": None if self.room is None else self.room.as_dict(),
        }

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read what `to_store` gave; what a later version says beyond it is ignored.

        Raises KeyError, TypeError or ValueError when it is none.
        """
        # Written by `to_store`: what does not fit fails here, and loudly.
        service, kind, remote_id, path, ids = cast("Any", kept["target"])
        items, size, pool = cast("Any", kept["cost"])
        return cls(
            id=str(kept["id"]),
            scope=Scope(str(kept["scope"])),
            subject=Subject.from_store(kept["subject"]),
            target=Target(service, kind, remote_id, path, ProviderIds.from_mapping(ids)),
            payload=payload_from_store(Action(str(kept["action"])), kept["payload"]),
            reasons=tuple(read(one) for one in _list(kept["reasons"])),
            findings=tuple(Finding.from_store(one) for one in _list(kept["findings"])),
            proofs=tuple(Proof.from_store(one) for one in _list(kept["proofs"])),
            cost=Cost(items, size, Pool(pool)),
            undo=Undo(str(kept["undo"])),
            state=StepState(str(kept["state"])),
            detail=read(kept.get("detail")),
            after=tuple(str(one) for one in _list(kept["after"])),
            bytes_freed=cast("Any", kept["bytes_freed"]),
            waits=kept.get("waits") is True,
            needless=kept.get("needless") is True,
            undo_of=cast("int | None", kept.get("undo_of")),
            ledger_id=cast("int | None", kept.get("ledger_id")),
            room=Room.from_store(kept.get("room")),
        )


def _list(kept: object) -> list[Any]:
    if not isinstance(kept, list):
        raise TypeError("list")
    return kept
