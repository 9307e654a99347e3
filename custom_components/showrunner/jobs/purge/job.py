"""Purges torrent clients, by the clock or on demand: gather, plan, check again, apply, read back.

What can't be done yet waits, and goes on by itself until the plan expires (law 15).
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from ...domain.finding import Finding
from ...domain.knowledge import Answer, Unknown
from ...domain.plan import (
    Check,
    LeftOut,
    Plan,
    Pool,
    Proceed,
    RemoveRemoteFiles,
    RemoveTorrent,
    Skip,
    Step,
    StepState,
    Wait,
    owed,
)
from ...domain.schedule import Schedule
from ...domain.seeding import Candidate, Key, PurgeRule, Verdict, choose, gone_torrent, room, uses
from ...domain.seeding.drafting import files_id, files_step, left_out, not_cleared, steps
from ...domain.text import say
from ...domain.torrent_details import Removal, TorrentFiles
from ...operations.remote_files import any_there
from ...options import PurgeOptions
from ..facts.seeding_facts import Judged, PurgeFacts
from ..kit.plan_runs import SCHEDULED, PlanRuns, RunParts, switched_off
from ..refused import Refused

JOB: Final = "purge"
# A start has other things to do; then it is enough to know once a day what the night will take.
_FIRST_LOOK: Final = timedelta(minutes=10)
_LOOK: Final = timedelta(days=1)
# So often packs that are not whole make room for others in a plan; the rest is found out later.
_ROUNDS: Final = 5


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
        self._options = parts.options
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
        self._show(judged, await asyncio.to_thread(self._chosen, judged, None))
        self._facts.histories.forget()

    def _show(self, judged: Judged, candidates: Sequence[Candidate]) -> None:
        """Tell the clients' entities how much may go."""
        known = not isinstance(judged.facts.imports, Unknown)
        known &= not isinstance(judged.facts.queued, Unknown)
        rooms = room(judged.facts.clients, candidates, self._purge.policy)
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
            candidates = await asyncio.to_thread(self._chosen, judged, client)
            planned, left = await asyncio.to_thread(self._drafted, judged, candidates, client)
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
            self._show(judged, candidates)
        return await self._with_files(plan, taken, known)

    async def _taken(self, plan: Plan) -> tuple[Step, ...]:
        """Name what this run may take: only of these more is asked."""
        shown = await self._runner.run(await self.runs.measured(plan), self, dry_run=True)
        return tuple(step for step in shown.steps if step.state is StepState.PLANNED)

    async def _not_whole(
        self, judged: Judged, taken: Collection[Step], known: dict[Key, TorrentFiles | None]
    ) -> dict[Key, Finding]:
        """Find the packs that hold more than was imported from them; note files in `known`."""
        wanted = {(step.target.service, step.subject.key) for step in taken}
        found: dict[Key, Finding] = {}
        for verdict in judged.verdicts:
            if verdict.key in wanted and verdict.files is not None:
                if verdict.key not in known:
                    known[verdict.key] = await self._facts.files(*verdict.key)
                if (against := verdict.unless_whole(known[verdict.key])) is not None:
                    found[verdict.key] = against
        return found

    def _drafted(
        self, judged: Judged, candidates: Sequence[Candidate], client: str | None
    ) -> tuple[tuple[Step, ...], tuple[LeftOut, ...]]:
        """Write the steps, and why all others stay."""
        mine = [one for one in judged.verdicts if client in (None, one.client.service)]
        silent = [one for name, one in judged.silent.items() if client in (None, name)]
        rooms = room(judged.facts.clients, candidates, self._purge.policy)
        removals = {service: self._facts.removal(service) for service in self._facts.torrents}
        going = {one.key for one in candidates}
        left = (*silent, *not_cleared(mine, going), *left_out(mine))
        return steps(candidates, rooms, removals), left

    def _chosen(self, judged: Judged, client: str | None) -> tuple[Candidate, ...]:
        """Order what may go; data that torrents of another client use stay."""
        verdicts = [one for one in judged.verdicts if client in (None, one.client.service)]
        policy = self._purge.policy
        return choose(verdicts, judged.places, policy, self._facts.clears, judged.facts.now)

    async def _with_files(
        self, plan: Plan, taken: Iterable[Step], known: Mapping[Key, TorrentFiles | None]
    ) -> Plan:
        """Add the removal of files where a client leaves them, for what this run may take."""
        added: dict[str, Step] = {}
        for step in taken:
            if not self._leaves_files(step):
                continue
            transfer = self._facts.transfer_of(step.target.service, step.target.path)
            key: Key = (step.target.service, step.subject.key)
            listed = known[key] if key in known else await self._facts.files(*key)
            if transfer is not None and listed is not None:
                files = files_step(step, transfer, listed)
                if files is not None:
                    added[step.id] = files
        if not added:
            return plan
        every = (one for step in plan.steps for one in (step, added.get(step.id)))
        return replace(plan, steps=tuple(one for one in every if one is not None))

    def _leaves_files(self, step: Step) -> bool:
        """Tell whether a torrent's client does not delete its data, or only later."""
        payload = step.payload
        with_data = isinstance(payload, RemoveTorrent) and bool(payload.data)
        return with_data and self._facts.removal(step.target.service) is not Removal.WITH_DATA

    async def _sizes(self) -> Mapping[Pool, int | None]:
        return {Pool.TORRENTS: self._facts.torrent_count}

    # -- once more, before each step ---------------------------------------------------------------

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Ask anew; go on when the very same torrent may still go in the same way (law 3)."""
        if isinstance(step.payload, RemoveRemoteFiles):
            return await self._against_files(step.payload, step)
        if not isinstance(step.payload, RemoveTorrent):
            return Skip(say("step_names_nothing"))
        # The files of a torrent that is gone by now follow it all the same.
        if (off := switched_off(plan, enabled=self._purge.enabled)) is not None:
            return off
        key: Key = (step.target.service, step.payload.hash)
        if key[0] not in self._facts.torrents:
            return Wait(say("client_not_linked"))
        judged = await self._facts.judge(self._purge.policy, {key})
        if (silent := judged.silent.get(key[0])) is not None:
            return Wait(silent.reason)
        against = self._against(step.payload, step, judged)
        if against is None:
            against = await self._against_its_files(plan, step, judged.verdicts[0])
        return against or Proceed()

    async def _against_its_files(
        self, plan: Plan, step: Step, verdict: Verdict
    ) -> Skip | Wait | None:
        """Say why a torrent must not go, by its own files."""
        leaves = self._leaves_files(step)
        if verdict.files is None and not leaves:
            return None
        listed = await self._facts.files(*verdict.key)
        if (finding := verdict.unless_whole(listed)) is not None:
            unknown = finding.answer is Answer.UNKNOWN
            return Wait(finding.detail) if unknown else Skip(finding.detail)
        return await self._against_leaving_files(plan, step, listed) if leaves else None

    def _against(self, payload: RemoveTorrent, step: Step, judged: Judged) -> Skip | Wait | None:
        verdict = next(iter(judged.verdicts), None)
        if verdict is None:
            return Skip(say("purge_gone"), needless=True)
        torrent = verdict.torrent
        if (torrent.size_bytes, torrent.content_path) != (payload.size_bytes, step.target.path):
            return Skip(say("purge_changed"))
        against = verdict.against
        if against is not None:
            unknown = against.answer is Answer.UNKNOWN
            return Wait(against.detail) if unknown else Skip(against.detail)
        if not payload.data:
            return self._against_leaving(step, verdict)
        if not self._purge.policy.delete_data:
            return Skip(say("purge_data_now_kept"))
        others = len(judged.places.others(verdict.key))
        return Skip(say("purge_shared", count=others)) if others else None

    async def _against_leaving_files(
        self, plan: Plan, step: Step, listed: TorrentFiles | None
    ) -> Skip | Wait | None:
        """Say why a torrent must not go whose files are to be removed afterwards.

        They must be the ones that are planned, and the transfer must be there.
        """
        later = plan.step(files_id(step))
        if later is None or not isinstance(later.payload, RemoveRemoteFiles):
            if self._facts.removal(step.target.service) is Removal.QUEUED_WITH_DATA:
                return None  # its client sees to it, as far as anybody can say
            return Skip(say("purge_files_not_planned"))
        transfer = self._facts.transfers.get(later.target.service)
        if transfer is None or listed is None:
            return Wait(say("purge_files_not_told"))
        reached = self._facts.transfer_of(step.target.service, step.target.path)
        again = None if reached is None else files_step(step, reached, listed)
        if again is None or again.payload != later.payload:
            return Skip(say("purge_changed"))
        if not await any_there(transfer.client, later.payload):
            return Skip(say("purge_files_not_there", transfer=transfer.title))
        return None

    async def _against_files(self, payload: RemoveRemoteFiles, step: Step) -> Check:
        """Say why files stay: their torrent is there again, or others use them."""
        facts, silent = await self._facts.of_clients()
        if (why := silent.get(payload.client)) is not None:
            return Wait(why.reason)
        client = next((one for one in facts.clients if one.service == payload.client), None)
        if client is None:
            return Wait(say("client_not_linked"))
        if any(one.hash == payload.hash for one in client.torrents):
            return Skip(say("purge_there_again"))
        size = sum(one.size_bytes for one in payload.files)
        gone = gone_torrent(payload.hash, step.subject.name, step.target.path, size)
        names = [one.name.decode(errors="replace") for one in payload.files]
        match uses(facts, client, gone, names):
            case Answer.YES:
                return Skip(say("purge_data_shared"))
            case Answer.UNKNOWN:
                return Wait(say("purge_sharing_unknown"))
        return Proceed()

    def _against_leaving(self, step: Step, verdict: Verdict) -> Skip | None:
        """Say why a torrent must not go without its data: who used them is gone meanwhile."""
        shared = any(
            one.rule == PurgeRule.SHARED and one.answer is Answer.YES for one in step.findings
        )
        alone = verdict.answer(PurgeRule.SHARED) is Answer.NO
        if not (shared and alone) or step.after or not self._purge.policy.delete_data:
            return None
        return Skip(say("purge_shared_no_more"))
