"""The plan of a purge: a step for each torrent that goes, and why each of the others stays."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ..knowledge import Answer
from ..media import ProviderIds
from ..plan import (
    Cost,
    LeftOut,
    Pool,
    Proof,
    ProofKind,
    RemovedFile,
    RemoveRemoteFiles,
    RemoveTorrent,
    Scope,
    Step,
    Subject,
    Target,
)
from ..plan.payloads import as_text
from ..text import Words, say
from ..torrent_details import Removal, TorrentFiles, is_below
from .choice import Candidate, Fate, Room
from .placed import Key
from .policy import GB
from .verdict import PurgeRule, Verdict

# Of so many torrents that stay all findings are kept with the plan: of the rest only the reason.
_SHOWN: Final = 200
# What a torrent that stays is named for first: what was near to going.
_NEAR: Final = {rule: number for number, rule in enumerate(reversed(PurgeRule))}


@dataclass(frozen=True, slots=True)
class Transfer:
    """A file transfer: its subentry's id, its name for people, and the folder that it may touch."""

    service: str
    name: str
    folder: bytes


def step_id(key: Key) -> str:
    """Name the step that removes a torrent."""
    return f"torrent:{key[0]}:{key[1]}"


def steps(
    candidates: Iterable[Candidate], rooms: Mapping[str, Room], removals: Mapping[str, Removal]
) -> tuple[Step, ...]:
    """Plan the removal of each, in their order."""
    return tuple(
        _step(one, rooms[one.key[0]], removals.get(one.key[0], Removal.ENTRY_ONLY))
        for one in candidates
    )


def files_id(removal: Step) -> str:
    """Name the step that removes the files of a torrent that another step removes."""
    return f"files:{removal.id.removeprefix('torrent:')}"


def files_step(removal: Step, transfer: Transfer, listed: TorrentFiles) -> Step | None:
    """Plan that the files of a torrent are removed once it is gone; None when it can't be planned.

    Files whose names lost letters stay. What is counted is the torrent.
    """
    payload, path = removal.payload, removal.target.path
    if not isinstance(payload, RemoveTorrent) or path is None or not listed.root_exact:
        return None
    own = listed.root == path.encode()
    exact = [one for one in listed.files if one.exact]
    if not own and [listed.root + b"/" + one.path for one in exact] != [path.encode()]:
        return None  # what it calls its data is not what it names
    if not exact:
        return None
    removed = tuple(RemovedFile.of(one.path, one.size_bytes) for one in exact)
    left = len(listed.files) - len(removed)
    reasons = [say("purge_files_go", count=len(removed), transfer=transfer.name)]
    if left:
        reasons.append(say("purge_files_left", count=left))
    return replace(
        removal,
        id=files_id(removal),
        target=Target(transfer.service, "transfer", None, path, ProviderIds()),
        payload=RemoveRemoteFiles(
            payload.hash,
            removal.target.service,
            as_text(transfer.folder),
            as_text(listed.root),
            own,
            removed,
            left,
        ),
        reasons=tuple(reasons),
        findings=(),
        cost=Cost(items=0, pool=Pool.TORRENTS),
        after=(removal.id,),
    )


def reaches(folder: bytes, path: str | None) -> bool:
    """Tell whether a place lies in a folder, and is not the folder itself."""
    root = folder.rstrip(b"/") + b"/"
    below = (path or "").encode(errors="surrogateescape")
    return below.startswith(root) and is_below(below.removeprefix(root))


def _step(candidate: Candidate, room: Room, removal: Removal) -> Step:
    verdict = candidate.verdict
    torrent, client = verdict.torrent, verdict.client
    deleted = candidate.fate is Fate.DELETED
    imported = verdict.finding(PurgeRule.IMPORTED)
    seeded = verdict.finding(PurgeRule.SEEDED)
    reasons: list[Words] = [
        say("purge_why", imported=imported.detail, told=seeded.value or ""),
        _fate(candidate, removal),
    ]
    if candidate.urgent:
        reasons.append(_over(client.name, room))
    return Step(
        id=step_id(candidate.key),
        scope=Scope.TORRENT,
        subject=Subject.of_torrent(torrent.hash, torrent.name or torrent.hash),
        target=Target(client.service, client.kind, None, torrent.content_path, ProviderIds()),
        payload=RemoveTorrent(torrent.hash, torrent.size_bytes, deleted),
        reasons=tuple(reasons),
        findings=verdict.findings,
        proofs=(_proof(verdict),),
        cost=Cost(bytes=candidate.frees, pool=Pool.TORRENTS),
        after=tuple(step_id(key) for key in candidate.after),
    )


def _proof(verdict: Verdict) -> Proof:
    """Give the proof: its client and an arr's history name the same hash."""
    imported = verdict.finding(PurgeRule.IMPORTED)
    ours = say("proof_of_client", hash=verdict.torrent.hash, client=verdict.client.name)
    theirs = say("proof_of_history", arrs=imported.source, what=imported.detail)
    return Proof(ProofKind.HASH, ours, theirs, imported.answer)


def _fate(candidate: Candidate, removal: Removal) -> Words:
    match candidate.fate:
        case Fate.DELETED if removal is Removal.QUEUED_WITH_DATA:
            return say("purge_data_queued")
        case Fate.DELETED if removal is Removal.ENTRY_ONLY:
            return say("purge_data_by_transfer")
        case Fate.DELETED:
            return say("purge_data_go")
        case Fate.SHARED:
            return say("purge_data_shared")
        case _:
            return say("purge_data_kept")


def _over(client: str, room: Room) -> Words:
    """Say that a client holds too much, and whether what may go is enough."""
    if room.is_enough:
        return say("purge_over", client=client, over=_gb(room.over))
    return say("purge_over_still", client=client, over=_gb(room.over), may=_gb(room.purgeable))


def _gb(count: int) -> float:
    return round(count / GB, 1)


def not_cleared(verdicts: Iterable[Verdict], going: Container[Key]) -> tuple[LeftOut, ...]:
    """Say of what may go and does not go that nobody can delete its data."""
    said = say("purge_data_left")
    return tuple(
        LeftOut(one.torrent.name or one.torrent.hash, said, findings=one.findings)
        for one in verdicts
        if one.may_go and one.key not in going
    )


def left_out(verdicts: Iterable[Verdict]) -> tuple[LeftOut, ...]:
    """Say why each of the others stays; first what was nearest to going."""
    staying = [(one, against) for one in verdicts if (against := one.against) is not None]
    staying.sort(key=lambda pair: (_NEAR[PurgeRule(pair[1].rule)], pair[0].key))
    return tuple(
        LeftOut(
            verdict.torrent.name or verdict.torrent.hash,
            against.detail,
            against.answer is Answer.UNKNOWN,
            verdict.findings if number < _SHOWN else (),
        )
        for number, (verdict, against) in enumerate(staying)
    )
