"""Purges torrent clients, by the clock or on demand: gather, plan, check again, apply, read back.

What can't be done yet waits, and goes on by itself until the plan expires (law 15).
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from ...domain.finding import Finding
from ...domain.knowledge import Unknown
from ...domain.plan import (
    Check,
    LeftOut,
    Plan,
    Pool,
    RemoveRemoteFiles,
    RemoveTorrent,
    Skip,
    Step,
    StepState,
    owed,
)
from ...domain.schedule import Schedule
from ...domain.seeding import Candidate, Key, Room, Verdict, choose, room
from ...domain.seeding.drafting import files_step, left_out, not_cleared, steps
from ...domain.text import say
from ...domain.torrent_details import Removal, TorrentFiles
from ...options import PurgeOptions
from ..facts.seeding_facts import Judged, PurgeFacts
from ..kit.plan_runs import SCHEDULED, PlanRuns, RunParts, switched_off
from ..refused import Refused
from .checks import PurgeChecks, leaves_files

JOB: Final = "purge"
# A start has other things to do; then it is enough to know once a day what the night will take.
_FIRST_LOOK: Final = timedelta(minutes=10)
_LOOK: Final = timedelta(days=1)
# So often packs that are not whole make room for others in a plan; the rest is found out later.
_ROUNDS: Final = 5


# Of so much of what may go it is kept in words what it is and why.
_TOLD: Final = 50


@dataclass(frozen=True, slots=True)
class Purgeable:
    """What may go by what was found last. `torrents`: all of it, with what each frees.

    `first`: the steps of the first of it, the first first.
    """

    torrents: Mapping[Key, int]
    first: tuple[Step, ...]


class ClientUnknown(Refused):
    """There is no such torrent client."""

    def __init__(self, client: str) -> None:
        """Take the subentry's id that was asked for."""
        super().__init__(translation_key="client_unknown", client=client)


class PurgeJob:
    """Plans and carries out purges, one at a time."""

    def __init__(self, parts: RunParts, facts: PurgeFacts) -> None:
        """Take everything by hand."""
        self._facts = facts
        self._runner = parts.runner
        # None: nobody has looked, or who has to be asked did not answer.
        self.purgeable: Purgeable | None = None
        self._options = parts.options
        self._checks = PurgeChecks(facts, lambda: self._purge.policy)
        self.runs = PlanRuns(JOB, self, parts, wish="client", sizes=self._sizes, owes=owed)

    @property
    def _purge(self) -> PurgeOptions:
        return self._options().purge

    @property
    def schedule(self) -> Schedule | None:
        """When it runs by itself; None while it is switched off."""
        return Schedule(at=self._purge.at) if self._purge.enabled else None

    def target(self) -> int:
        """Say how many bytes a client may hold; 0: any number."""
        return self._purge.policy.max_bytes

    async def run(self) -> None:
        """Purge all clients because it is time, or only show it while the options say dry run."""
        dry_run, scheduled = self._options().safety.dry_run, self._purge.enabled
        await self.purge(None, dry_run=dry_run, scheduled=scheduled)

    async def work_on_sizes(self) -> None:
        """Say from time to time how much may go."""
        await asyncio.sleep(_FIRST_LOOK.total_seconds())
        while True:
            await self.measure()
            await asyncio.sleep(_LOOK.total_seconds())

    async def measure(self) -> None:
        """Find out how much may go of each client, and do nothing."""
        if not self._facts.torrents or not self._facts.arrs or self.runs.busy:
            return
        judged = await self._facts.judge(self._purge.policy)
        candidates, rooms = await asyncio.to_thread(self._chosen, judged, None)
        self._show(judged, candidates, rooms)
        self._facts.histories.forget()

    def _show(
        self, judged: Judged, candidates: Sequence[Candidate], rooms: Mapping[str, Room]
    ) -> None:
        """Tell the clients' entities how much may go, and keep what it is."""
        known = not isinstance(judged.facts.imports, Unknown)
        known &= not isinstance(judged.facts.queued, Unknown)
        self.purgeable = None
        if known:
            first = steps(candidates[:_TOLD], rooms, self._removals())
            self.purgeable = Purgeable({one.key: one.frees for one in candidates}, first)
        for service, one in self._facts.torrents.items():
            in_client = rooms.get(service) if known else None
            one.show_purgeable(None if in_client is None else in_client.purgeable)

    async def purge(
        self, client: str | None, *, dry_run: bool, keep: bool = True, scheduled: bool = False
    ) -> Plan:
        """Plan the purge of a client, or of all, and carry it out unless it is a dry run.

        `scheduled`: nobody has asked for it; it waits while the job is switched off. Raises
        ClientUnknown, AlreadyRunning. A dry run that is not to be kept leaves no trace.
        """
        if client is not None and client not in self._facts.torrents:
            raise ClientUnknown(client)
        if not dry_run:
            self.runs.refuse_second()
        plan = await self._plan(client, dry_run=dry_run)
        if scheduled:
            plan = replace(plan, intent={**plan.intent, SCHEDULED: True})
        if not plan.steps:
            return plan  # nobody has to hear of nothing
        return await self.runs.start(plan, dry_run=dry_run, keep=keep)

    async def _plan(self, client: str | None, *, dry_run: bool) -> Plan:
        self._facts.histories.forget()
        judged = await self._facts.judge(self._purge.policy)
        known: dict[Key, TorrentFiles | None] = {}
        for rounds in range(_ROUNDS, 0, -1):
            # Beside the event loop: there may be many torrents.
            candidates, rooms = await asyncio.to_thread(self._chosen, judged, client)
            planned, left = await asyncio.to_thread(
                self._drafted, judged, candidates, rooms, client
            )
            plan = self.runs.make(
                planned,
                dry_run=dry_run,
                intent={"client": client},
                left_out=left,
                sources=self._facts.torrents,
            )
            taken = await self._taken(plan)
            partial = await self._not_whole(judged, taken, known)
            if not partial or rounds == 1:
                break
            judged = judged.instead(partial)
        if client is None:
            self._show(judged, candidates, rooms)
        return await self._with_files(plan, taken, known)

    async def _taken(self, plan: Plan) -> tuple[Step, ...]:
        """Name what this run may take: only of these more is asked."""
        shown = await self._runner.run(await self.runs.measured(plan), self, dry_run=True)
        return tuple(step for step in shown.steps if step.state is StepState.PLANNED)

    async def _not_whole(
        self, judged: Judged, taken: Collection[Step], known: dict[Key, TorrentFiles | None]
    ) -> dict[Key, Finding]:
        """Find the packs that hold more than was imported from them; note files in `known`."""
        found: dict[Key, Finding] = {}
        for verdict in await asyncio.to_thread(_packs, judged, taken):
            if verdict.key not in known:
                known[verdict.key] = await self._facts.files(*verdict.key)
            if (against := verdict.unless_whole(known[verdict.key])) is not None:
                found[verdict.key] = against
        return found

    def _drafted(
        self,
        judged: Judged,
        candidates: Sequence[Candidate],
        rooms: Mapping[str, Room],
        client: str | None,
    ) -> tuple[tuple[Step, ...], tuple[LeftOut, ...]]:
        """Write the steps, and why all others stay."""
        mine = [one for one in judged.verdicts if client in (None, one.client.service)]
        silent = [one for name, one in judged.silent.items() if client in (None, name)]
        going = {one.key for one in candidates}
        left = (*silent, *not_cleared(mine, going), *left_out(mine))
        return steps(candidates, rooms, self._removals()), left

    def _removals(self) -> dict[str, Removal]:
        return {service: self._facts.removal(service) for service in self._facts.torrents}

    def _chosen(
        self, judged: Judged, client: str | None
    ) -> tuple[tuple[Candidate, ...], dict[str, Room]]:
        """Order what may go, and say how full the clients are.

        Data that torrents of another client use stay.
        """
        verdicts = [one for one in judged.verdicts if client in (None, one.client.service)]
        policy = self._purge.policy
        found = choose(verdicts, judged.places, policy, self._facts.clears, judged.facts.now)
        return found, room(judged.facts.clients, found, policy)

    async def _with_files(
        self, plan: Plan, taken: Iterable[Step], known: Mapping[Key, TorrentFiles | None]
    ) -> Plan:
        """Add the removal of files where a client leaves them, for what this run may take."""
        added: dict[str, Step] = {}
        for step in await asyncio.to_thread(self._leaving, taken):
            transfer = self._facts.transfer_of(step.target.service, step.target.path)
            key: Key = (step.target.service, step.subject.key)
            listed = known[key] if key in known else await self._facts.files(*key)
            if transfer is not None and listed is not None:
                files = files_step(step, transfer, listed)
                if files is not None:
                    added[step.id] = files
        every = (one for step in plan.steps for one in (step, added.get(step.id)))
        return replace(plan, steps=tuple(one for one in every if one is not None))

    def _leaving(self, taken: Iterable[Step]) -> list[Step]:
        """Find those whose files their client leaves."""
        return [step for step in taken if leaves_files(self._facts, step)]

    async def _sizes(self) -> Mapping[Pool, int | None]:
        return {Pool.TORRENTS: self._facts.torrent_count}

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Ask anew, right before each step (law 3)."""
        match step.payload:
            case RemoveRemoteFiles() as payload:
                # The files of a torrent that is gone by now follow it, whatever is switched off.
                return await self._checks.of_files(payload, step)
            case RemoveTorrent() as payload:
                off = switched_off(plan, enabled=self._purge.enabled)
                return off or await self._checks.of_torrent(plan, step, payload)
            case _:
                return Skip(say("step_names_nothing"))


def _packs(judged: Judged, taken: Collection[Step]) -> list[Verdict]:
    """Find those of what is taken from which Sonarr has imported files."""
    wanted = {(step.target.service, step.subject.key) for step in taken}
    return [one for one in judged.verdicts if one.files is not None and one.key in wanted]
