"""Removes at its source what is home: list, judge, plan, check again, remove.

Off unless chosen. What a torrent client still has is the purge's.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import Final

from ...clients.errors import ServiceError
from ...domain.knowledge import Answer
from ...domain.media import ProviderIds
from ...domain.plan import (
    Check,
    Cost,
    LeftOut,
    Payload,
    Plan,
    Pool,
    Proceed,
    Proof,
    ProofKind,
    RemovedFile,
    RemoveRemoteFiles,
    Scope,
    Skip,
    Step,
    Subject,
    Target,
    Wait,
)
from ...domain.plan.payloads import as_text
from ...domain.schedule import Schedule
from ...domain.since import begun
from ...domain.text import Words, say
from ...domain.transfer.removal import Removable, Source, Stay
from ...domain.transfer.tree import Release, as_text as name_text, from_text
from ..kit.plan_runs import PlanRuns, RunParts, does_all_of, still_to_do
from ..sync_options import SyncOptions
from .gather import SourceFacts

_LOGGER = logging.getLogger(__name__)

JOB: Final = "remove_source"
_KIND: Final = "transfer"
# Nothing goes that was not found the same by an earlier look, so long before.
_BETWEEN: Final = timedelta(minutes=10)


class RemoveSourceJob:
    """Plans and carries out what is removed at its source, one run at a time."""

    def __init__(
        self,
        parts: RunParts,
        facts: SourceFacts,
        *,
        sync_options: Callable[[], SyncOptions],
    ) -> None:
        """Take everything by hand; nothing runs yet."""
        self._store = parts.store
        self._facts = facts
        self._runner = parts.runner
        self._options = parts.options
        self._sync_options = sync_options
        self._now = parts.now
        # Since when each step was found the same at every look, and how many releases there are.
        self._since: dict[tuple[str, Payload], datetime] = {}
        self._listed: Mapping[str, int] = {}
        # What was shown last in a dry run: it is not shown again and again.
        self._shown: frozenset[str] = frozenset()
        self.runs = PlanRuns(JOB, self, parts, wish=None, sizes=self._sizes, covers=does_all_of)

    def schedule(self) -> Schedule | None:
        """Say when it has its turn; None while it is not chosen."""
        options = self._sync_options()
        return Schedule(every=options.every) if options.remove_source else None

    async def scheduled(self) -> None:
        """Do what there is to do by the clock; nothing begins while a person has paused a plan."""
        if self.runs.busy or not self._sync_options().remove_source:
            return
        waiting = await self._store.plans.waiting(JOB)
        if any(plan.paused for plan in waiting):
            return
        try:
            await self._turn(waiting)
        finally:
            # Until the next turn nobody needs to have so much in mind.
            self._facts.seeding.histories.forget()

    async def _turn(self, waiting: Collection[Plan]) -> None:
        dry_run = self._options().safety.dry_run
        plan = await self._plan(dry_run=dry_run)
        plan = await still_to_do(self._store, plan, waiting)
        found = frozenset(step.id for step in plan.steps)
        if dry_run:
            if found and found != self._shown:
                await self.runs.start(plan, dry_run=True)
            self._shown = found
        elif found and not self.runs.busy:
            await self.runs.start(plan, dry_run=False)

    # -- planning --------------------------------------------------------------------------------

    async def _plan(self, *, dry_run: bool) -> Plan:
        now = self._now()
        steps: list[Step] = []
        left_out: list[LeftOut] = []
        listed: dict[str, int] = {}
        self._facts.seeding.histories.forget()
        for service in self._facts.services:
            source = self._facts.source(service)
            if not self._facts.removes(service):
                left_out.append(LeftOut(source.name, say("source_over_ftp")))
                continue
            try:
                count, judged = await self._facts.look(service, self._sync_options().exclude)
            except ServiceError as err:
                left_out.append(LeftOut(source.name, err.text, unknown=True))
                continue
            listed[service] = count
            steps += await asyncio.to_thread(self._steps, source, judged)
            left_out += [
                LeftOut(one.release.label, one.reason, one.unknown)
                for one in judged
                if isinstance(one, Stay) and not one.seeded
            ]
        self._listed = listed
        steps = self._seen_twice(steps, now)
        return self.runs.make(
            steps,
            dry_run=dry_run,
            intent={},
            left_out=left_out,
            sources=self._facts.seeding.torrents,
            at=now,
        )

    def _steps(self, source: Source, judged: Collection[Removable | Stay]) -> list[Step]:
        """Make the steps, beside the event loop: they name every file."""
        return [
            _step(source, one, key)
            for one in judged
            if isinstance(one, Removable)
            and (key := self._facts.key(source.service, one.release.name)) is not None
        ]

    def _seen_twice(self, steps: Collection[Step], now: datetime) -> list[Step]:
        """Keep what an earlier look has found the very same, and note what this one has."""
        found = {(one.id, one.payload): one for one in steps}
        self._since = begun(self._since, found, now)
        since = self._since.values()
        return [one for one, at in zip(found.values(), since, strict=True) if now - at >= _BETWEEN]

    async def _sizes(self) -> Mapping[Pool, int | None]:
        """Count the releases; what was not listed yet, or not all, is not known."""
        services = [one for one in self._facts.services if self._facts.removes(one)]
        known = services and self._listed.keys() >= set(services)
        return {Pool.TORRENTS: sum(self._listed.values()) if known else None}

    # -- once more, before each step ---------------------------------------------------------------

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Ask anew; go on when the very same files may still go (law 3)."""
        payload, service = step.payload, step.target.service
        if not isinstance(payload, RemoveRemoteFiles):
            return Skip(say("step_names_nothing"))
        if (against := self._against(plan, service)) is not None:
            return against
        name = from_text(step.subject.key.removeprefix(f"{service}:"))
        found = await self._facts.again(service, name, self._sync_options().exclude)
        if found is None or _is_empty(found[0]):
            # Was it we who removed its files, the rest are empty folders.
            return Proceed() if step.bytes_freed else Skip(say("transfer_gone"), needless=True)
        release, verdict = found
        if isinstance(verdict, Stay):
            return Wait(verdict.reason) if verdict.unknown else Skip(verdict.reason)
        return _as_planned(self._facts.source(service), release, verdict, payload)

    def _against(self, plan: Plan, service: str) -> Skip | Wait | None:
        """Say what is against removing anything for a plan at this moment."""
        if service not in self._facts.services:
            return Wait(say("transfer_not_linked"))
        if not self._facts.removes(service):
            return Skip(say("source_over_ftp"))
        if not self._sync_options().remove_source:
            return Skip(say("source_not_chosen"))
        if self._options().safety.dry_run and not plan.confirmed:
            return Wait(say("step_paused_by_dry_run"))
        return None


def _as_planned(
    source: Source, release: Release, removable: Removable, payload: RemoveRemoteFiles
) -> Check:
    """Say whether what may go now is what was planned.

    A removal that was interrupted has left fewer files; none may be another one.
    """
    again = _payload(source, removable)
    same = replace(again, files=payload.files) == payload
    planned = {one.name for one in payload.files}
    there = {_inner(release, path) for path in release.files} & planned
    if same and {*again.files} <= {*payload.files} and there == {one.name for one in again.files}:
        return Proceed()
    return Skip(say("transfer_changed_since"))


def _step(source: Source, one: Removable, key: str) -> Step:
    release = one.release
    name = name_text(release.name)
    reasons: list[Words] = [say("source_why", imported=one.imported.said)]
    if one.left:
        reasons.append(say("source_files_left", count=one.left))
    return Step(
        id=f"source-{key}",
        scope=Scope.TRANSFER,
        subject=Subject.of_transfer(source.service, name, release.label),
        target=Target(source.service, _KIND, None, _place(source, release), ProviderIds()),
        payload=_payload(source, one),
        reasons=tuple(reasons),
        proofs=_proofs(source, one),
        cost=Cost(1, one.size, Pool.TORRENTS),
    )


def _proofs(source: Source, one: Removable) -> tuple[Proof, ...]:
    """Give both proofs: the download's hash, and the place that it was imported from (law 4)."""
    arrs = one.imported.arrs
    ours = say("proof_of_fetch", release=one.release.label, transfer=source.name)
    by_hash = say("proof_of_history", arrs=arrs, what=one.hash)
    by_path = say("proof_of_history", arrs=arrs, what=one.path)
    return (
        Proof(ProofKind.HASH, ours, by_hash, Answer.YES),
        Proof(ProofKind.PATH, ours, by_path, Answer.YES),
    )


def _payload(source: Source, one: Removable) -> RemoveRemoteFiles:
    release = one.release
    inside = source.folder
    folder = inside.rstrip(b"/") + b"/" + release.name if release.is_folder else inside
    return RemoveRemoteFiles(
        one.hash,
        "",
        as_text(inside),
        as_text(folder),
        release.is_folder,
        tuple(
            RemovedFile.of(_inner(release, path), version.size)
            for path, version in sorted(one.files.items())
        ),
    )


def _is_empty(release: Release) -> bool:
    return not (release.files or release.others or release.unread)


def _inner(release: Release, path: bytes) -> bytes:
    """Give a file's path below the folder that it is removed from."""
    return path.removeprefix(release.name + b"/") if release.is_folder else path


def _place(source: Source, release: Release) -> str:
    return f"{source.folder.decode('utf-8', 'replace').rstrip('/')}/{release.label}"
