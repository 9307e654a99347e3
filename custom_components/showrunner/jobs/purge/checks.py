"""Whether a torrent or its files may still go, asked anew right before each step (law 3)."""

from collections.abc import Callable

from ...domain.knowledge import Answer
from ...domain.plan import (
    Check,
    Plan,
    Proceed,
    RemoveRemoteFiles,
    RemoveTorrent,
    Skip,
    Step,
    Wait,
)
from ...domain.seeding import Key, PurgePolicy, PurgeRule, Verdict, gone_torrent, uses
from ...domain.seeding.drafting import files_id, files_step
from ...domain.text import say
from ...domain.torrent_details import Removal, TorrentFiles
from ...operations.remote_files import any_there
from ..facts.seeding_facts import Judged, PurgeFacts


class PurgeChecks:
    """Asks everybody once more; nothing is believed that was true when the plan was made."""

    def __init__(self, facts: PurgeFacts, policy: Callable[[], PurgePolicy]) -> None:
        """Take whom to ask, and what the person wants."""
        self._facts = facts
        self._policy = policy

    async def of_torrent(self, plan: Plan, step: Step, payload: RemoveTorrent) -> Check:
        """Go on when the very same torrent may still go in the same way."""
        key: Key = (step.target.service, payload.hash)
        if key[0] not in self._facts.torrents:
            return Wait(say("client_not_linked"))
        judged = await self._facts.judge(self._policy(), {key})
        if (silent := judged.silent.get(key[0])) is not None:
            return Wait(silent.reason)
        against = self._against(payload, step, judged)
        if against is None:
            against = await self._against_its_files(plan, step, judged.verdicts[0])
        return against or Proceed()

    async def _against_its_files(
        self, plan: Plan, step: Step, verdict: Verdict
    ) -> Skip | Wait | None:
        """Say why a torrent must not go, by its own files."""
        leaves = leaves_files(self._facts, step)
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
        if not self._policy().delete_data:
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

    async def of_files(self, payload: RemoveRemoteFiles, step: Step) -> Check:
        """Say why files stay: their torrent is there again, or others use them."""
        facts, silent = await self._facts.of_clients(lately=True)
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
        if not (shared and alone) or step.after or not self._policy().delete_data:
            return None
        return Skip(say("purge_shared_no_more"))


def leaves_files(facts: PurgeFacts, step: Step) -> bool:
    """Tell whether a torrent's client does not delete its data, or only later."""
    payload = step.payload
    with_data = isinstance(payload, RemoveTorrent) and bool(payload.data)
    return with_data and facts.removal(step.target.service) is not Removal.WITH_DATA
