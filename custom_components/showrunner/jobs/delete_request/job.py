"""Deletes a request, on demand and as a plan: gather, plan, check again, apply, read back.

What can't be done yet waits, and goes on by itself until the plan expires (law 15).
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final

from ...clients.moment import moment
from ...coordinators.requests import RequestTracker, RequestView
from ...domain.deletion.draft import Deletion
from ...domain.deletion.facts import NOT_ASKED
from ...domain.plan import (
    Check,
    DeleteRequest,
    ForgetMedia,
    Plan,
    Pool,
    Proceed,
    Skip,
    Step,
    Wait,
)
from ...domain.requests.deletion import plan_deletion
from ...domain.requests.recheck import OVER, against_doing
from ...domain.requests.request import Closing
from ...domain.text import mentions, say
from ..kit.plan_runs import PlanRuns, RunParts
from ..refused import Refused
from .gather import SOURCES, Ask, DeletionFacts

JOB: Final = "delete_request"


class RequestUnknown(Refused):
    """There is no such request, or it is over."""

    def __init__(self, request_id: str) -> None:
        """Take the id that was asked for."""
        super().__init__(translation_key="request_unknown", request_id=request_id)


class DeletionJob:
    """Plans and carries out the deletion of requests, one at a time."""

    def __init__(
        self,
        parts: RunParts,
        requests: RequestTracker,
        facts: DeletionFacts,
        *,
        library_size: Callable[[], Awaitable[int | None]],
    ) -> None:
        """Take everything by hand.

        `library_size` counts the movies and episodes of the library, for the budget; None while it
        is not known whole.
        """
        self._store = parts.store
        self._requests = requests
        self._facts = facts
        self._library_size = library_size
        self.runs = PlanRuns(JOB, self, parts, wish="request_id", sizes=self._sizes)

    async def delete(
        self, request_id: str, *, files: bool, dry_run: bool, keep: bool = True
    ) -> Plan:
        """Plan a request's deletion and, unless it is a dry run, carry it out.

        Raises RequestUnknown, AlreadyRunning. The plan is kept: it can be carried out later.
        A dry run that is not to be kept leaves no trace: no plan, no event.
        """
        if not dry_run:
            self.runs.refuse_second()
        if self._requests.find(request_id) is None:
            raise RequestUnknown(request_id)
        with moment():
            return await self._delete(request_id, files=files, dry_run=dry_run, keep=keep)

    async def _delete(self, request_id: str, *, files: bool, dry_run: bool, keep: bool) -> Plan:
        deletion = await self.replan(request_id, files)
        if deletion is None:
            raise RequestUnknown(request_id)
        plan = self.runs.make(
            deletion.steps,
            dry_run=dry_run,
            intent={"request_id": request_id, "files": files},
            left_out=[one.left_out for one in deletion.withheld],
            sources=self._facts.sources(deletion.steps, files=files),
        )
        return await self.runs.start(plan, dry_run=dry_run, keep=keep)

    async def _sizes(self) -> Mapping[Pool, int | None]:
        return {Pool.LIBRARY: await self._library_size(), Pool.TORRENTS: self._facts.torrent_count}

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Plan anew; go on when the very same step is planned again (law 3)."""
        request, files = plan.intent.get("request_id"), plan.intent.get("files")
        if not isinstance(request, str) or not isinstance(files, bool):
            return Skip(say("plan_without_request"))
        # Few are asked first. What nobody was asked for is unknown and never lets a step go on: one
        # that may go on by these answers may by all. What ends it, all of them have to say.
        few = await self.replan(request, files, SOURCES.get(step.action, frozenset(Ask)))
        against = against_doing(step, few, prepares)
        if isinstance(against, Skip) or (
            isinstance(against, Wait) and mentions(against.reason, NOT_ASKED.reason)
        ):
            against = against_doing(step, await self.replan(request, files), prepares)
        match step.payload:
            case DeleteRequest() if against is OVER and await self._facts.is_deleted(step.target):
                # Seerr has dropped it with its title: that is what was asked for.
                return Proceed()
            case ForgetMedia(number) if against is None:
                # A request that was made since the last poll would go too.
                if await self._facts.titles.asked_again(step.target, number):
                    return Skip(say("asked_again"), needless=True)
        return Proceed() if against is None else against

    async def replan(
        self,
        request_id: str,
        files: bool,  # noqa: FBT001
        asks: Collection[Ask] = frozenset(Ask),
    ) -> Deletion | None:
        """Say what would be planned now, from fresh answers; None when the request is over."""
        view = await self._find(request_id)
        if view is None:
            return None
        gathered = await self._facts.gather(view.request, files=files, asks=asks)
        view = await self._find(request_id)  # what was learnt meanwhile counts
        if view is None:
            return None
        return plan_deletion(view.request, view.status, gathered, files=files)

    async def _find(self, request_id: str) -> RequestView | None:
        """Find a request; one that is over because its files are gone may still be in Seerr."""
        view = self._requests.find(request_id)
        if view is not None:
            return view
        row = await self._store.requests.get(request_id)
        if row is None or row.status is None or row.status.closed is not Closing.DELETED:
            return None
        return RequestView(row.request, row.status)
