"""The steps of a plan for extras: into the trash, and out of it for good."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import uuid4

from ...domain.extras import ExtrasRule, Parts, Verdict, escaped, shown
from ...domain.finding import Finding
from ...domain.knowledge import Answer
from ...domain.media import ProviderIds
from ...domain.plan import (
    Cost,
    DeleteTrashed,
    Pool,
    Proof,
    ProofKind,
    Protection,
    Scope,
    Step,
    Subject,
    SubjectKind,
    Target,
    TrashFile,
    Undo,
)
from ...domain.text import Words, say
from ...operations.trash import Trashed

_FILES: Final = "files"
_REASONS: Final[Mapping[ExtrasRule, Words]] = {
    ExtrasRule.MARKER: say("extra_by_marker"),
    ExtrasRule.EXTRAS_FOLDER: say("extra_by_folder"),
    ExtrasRule.SMALL: say("extra_by_size"),
}


def subject_of(folder: str, path: Parts) -> Subject:
    """Say what a step is about: a file, by its path in letters that can be kept."""
    return Subject(SubjectKind.FILE, f"{folder}/{escaped(path)}", shown("/".join(path)))


def key_of(folder: str, path: Parts) -> str:
    """Say how the ledger calls a file."""
    subject = subject_of(folder, path)
    return f"{subject.kind}:{subject.key}"


def _target(folder: str, path: Parts) -> Target:
    return Target("", _FILES, None, shown("/".join((folder, *path))), ProviderIds())


def moving(folder: str, verdict: Verdict, at: datetime) -> Step:
    """Plan to move an extra to the trash of its folder.

    Only of what was found to be one, tracked by nobody, and not played: both proofs say so.
    """
    video, path = verdict.video, verdict.path
    known = video.fingerprint
    name = uuid4().hex
    first, beside = verdict.findings
    payload = TrashFile(
        folder,
        escaped(path),
        f"{at:%Y-%m-%d}-{name}",
        known.inode,
        known.size_bytes,
        known.modified_ns,
        video.links,
    )
    reason: Words = _REASONS[ExtrasRule(first.rule)]
    if video.links > 1:
        reason = say("extra_reason_shared", why=reason, count=video.links - 1)
    return Step(
        id=name,
        scope=Scope.FILE,
        subject=subject_of(folder, path),
        target=_target(folder, path),
        payload=payload,
        reasons=(reason,),
        findings=(*verdict.findings, Finding(Protection.PLAYING, Answer.NO, source="Jellyfin")),
        proofs=(
            Proof(ProofKind.RULE, shown(path[-1]), say("extra_beside"), beside.answer),
            Proof(ProofKind.UNTRACKED, shown(path[-1]), say("extra_untracked"), Answer.YES),
        ),
        cost=Cost(1, known.size_bytes, Pool.VIDEO_FILES),
        undo=Undo.RESTORE,
    )


def deletion(folder: str, file: Trashed) -> Step:
    """Plan to delete what was in the trash for long enough."""
    known = file.fingerprint
    freed = known.size_bytes if file.links == 1 else 0
    return Step(
        id=uuid4().hex,
        scope=Scope.FILE,
        subject=subject_of(folder, file.path),
        target=_target(folder, file.path),
        payload=DeleteTrashed(
            folder,
            escaped(file.path),
            escaped((file.trash,)),
            known.size_bytes,
            known.modified_ns,
            file.links,
        ),
        reasons=(say("trash_reason", at=file.at),),
        cost=Cost(1, freed, Pool.VIDEO_FILES),
    )
