"""Moves extras, samples and leftovers to the trash of their folder, and empties that in time.

As a plan like every change: looked at, planned, checked again, moved, and taken back by `undo`.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from ...clients.errors import ServiceError
from ...domain.extras import Fingerprint, Verdict, escaped, plain, unescaped
from ...domain.plan import (
    Action,
    Check,
    DeleteTrashed,
    LeftOut,
    Plan,
    Pool,
    Proceed,
    Skip,
    Step,
    TrashFile,
    Wait,
)
from ...domain.text import say
from ...operations import trash
from ...operations.trash import Trashed
from ..kit.plan_runs import SCHEDULED, PlanRuns, RunParts, switched_off
from ..refused import Refused
from .due import DueFiles
from .gather import ExtrasFacts, NotKnown, Shelves
from .held import Held, held_in
from .looking import WRONG, Found, path_of, some, take_in
from .options import ExtrasOptions, wrong_folder
from .steps import deletion, key_of, moving
from .walk import Walk

JOB: Final = "extras"
# More than these no plan holds, whatever there is; the rest waits for another run.
_MOST_STEPS: Final = 2000


class FolderNotChosen(Refused):
    """A folder is none of those in the options."""

    def __init__(self, folder: str) -> None:
        """Take the folder that was asked for."""
        super().__init__(translation_key="folder_not_chosen", folder=folder)


class ExtrasJob:
    """Plans and carries out, one run at a time."""

    def __init__(
        self,
        parts: RunParts,
        facts: ExtrasFacts,
        *,
        page: Callable[[], ExtrasOptions],
        config: Path,
    ) -> None:
        """Take everything by hand. `page` are the job's own options, `config` is off limits."""
        self._store = parts.store
        self._due = DueFiles(parts.store, parts.now)
        self._facts = facts
        self._page = page
        self._options = parts.options
        self._config = config
        self._now = parts.now
        self.runs = PlanRuns(JOB, self, parts, wish="folders")

    @property
    def page(self) -> ExtrasOptions:
        """The job's own options, as they are now."""
        return self._page()

    async def held(self) -> Held | None:
        """Say how much lies in the trash; None when nobody can tell."""
        return await asyncio.to_thread(held_in, self.page.folders, self._config)

    # -- when --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look through all folders, and carry out what is found unless a dry run is on.

        Raises AlreadyRunning and StoreError.
        """
        if self.page.folders:
            dry_run = self._options().safety.dry_run
            scheduled = self.page.enabled
            await self.clean_up((), dry_run=dry_run, empty=False, scheduled=scheduled)

    # -- planning ----------------------------------------------------------------------------------

    async def clean_up(
        self,
        folders: Collection[str],
        *,
        dry_run: bool,
        keep: bool = True,
        empty: bool = True,
        scheduled: bool = False,
    ) -> Plan:
        """Plan what goes from these folders (none: from all), and unless it is a dry run do it.

        `empty`: a plan without steps is kept and told of, too. `scheduled`: nobody has asked for
        it; it waits while the job is switched off. Raises FolderNotChosen,
        AlreadyRunning, StoreError.
        """
        if not dry_run:
            self.runs.refuse_second()
        options, now = self.page, self._now()
        for folder in folders:
            if folder not in options.folders:
                raise FolderNotChosen(folder)
        chosen = [one for one in options.folders if not folders or one in folders]
        found = Found()
        steps = [
            *await self._extras(chosen, found),
            *await self._expired(chosen, found, dry_run=dry_run),
        ]
        plan = self.runs.make(
            steps[:_MOST_STEPS],
            dry_run=dry_run,
            intent={"folders": "\n".join(chosen), **({SCHEDULED: True} if scheduled else {})},
            left_out=found.left,
            sources=self._facts.sources,
            at=now,
        )
        plan = replace(plan, populations={Pool.VIDEO_FILES: found.videos})
        if not steps and not empty:
            return plan
        return await self.runs.start(plan, dry_run=dry_run, keep=keep)

    async def _extras(self, chosen: Sequence[str], found: Found) -> list[Step]:
        """Plan the extras of some folders."""
        try:
            shelves = await self._facts.shelves()
            for folder in chosen:
                await self._look(folder, shelves, found)
            playing = await self._facts.playing() if found.taken else frozenset()
        except (ServiceError, NotKnown) as err:
            for folder in chosen:
                found.leave(folder, err.text, unknown=True)
            return []
        back = await self._store.ledger.undone(Action.TRASH_FILE)
        at, steps = self._now(), list[Step]()
        for folder, verdict in found.taken:
            if key_of(folder, verdict.path) in back:
                found.leave(path_of(folder, verdict.path), say("extra_was_restored"))
            elif (why := await self._against(shelves, folder, verdict, playing)) is not None:
                found.left.append(why)
            else:
                steps.append(moving(folder, verdict, at))
        return steps

    async def _against(
        self, shelves: Shelves, folder: str, verdict: Verdict, playing: frozenset[str]
    ) -> LeftOut | None:
        """Say why an extra stays, by what the services say."""
        path = verdict.path
        unknown = False
        why = self._facts.without_arr(shelves, folder, path)
        try:
            arr = None if why else await self._facts.tracked_by(shelves, folder, path)
        except (ServiceError, NotKnown) as err:
            why, arr, unknown = err.text, None, True
        if arr is not None:
            why = say("extra_is_tracked", arr=arr)
        elif why is None and plain(path[-1]) in playing:
            why = say("extra_is_playing")
        return (
            None if why is None else LeftOut(path_of(folder, path), why, unknown, verdict.findings)
        )

    async def _look(self, folder: str, shelves: Shelves, found: Found) -> None:
        """Look through a folder, a part at a time, beside the event loop."""
        why = await asyncio.to_thread(wrong_folder, folder, self.page.folders, self._config)
        if why is not None:
            found.leave(folder, WRONG[why], unknown=True)
            return
        walk = Walk(folder, self.page.policy, shelves.kinds, self._now()).all()
        more = True
        while more:
            try:
                parts, more = await asyncio.to_thread(some, walk)
            except OSError as err:
                found.leave(folder, say("io_failed", why=err.strerror or ""), unknown=True)
                return
            for looked in parts:
                take_in(folder, looked, found)

    async def _expired(self, chosen: Iterable[str], found: Found, *, dry_run: bool) -> list[Step]:
        """Plan to delete what was in the trash for long enough; remove empty places in it."""
        steps: list[Step] = []
        for folder in chosen:
            if await asyncio.to_thread(wrong_folder, folder, self.page.folders, self._config):
                continue
            try:
                held = await asyncio.to_thread(trash.listed, folder)
                placed = (*held.files, *held.empty)
                due = await self._due.look(folder, placed, self.page.trash_days)
                if not dry_run:
                    empty = (one.trash for one in due if one in held.empty)
                    for name in (*held.bare, *empty):
                        await asyncio.to_thread(trash.clear, folder, name)
            except OSError as err:
                found.leave(f"{folder}/{trash.TRASH}", say("io_failed", why=err.strerror or ""))
                continue
            if held.foreign:
                why = say("trash_holds_others", count=held.foreign)
                found.leave(f"{folder}/{trash.TRASH}", why)
            steps += [deletion(folder, one) for one in due if one in held.files]
        return steps

    # -- carrying out ------------------------------------------------------------------------------

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Look at the file and at what lies around it anew, and ask everybody again (law 3)."""
        if (off := switched_off(plan, enabled=self.page.enabled)) is not None:
            return off
        match step.payload:
            case TrashFile() as payload:
                return await self._recheck(payload)
            case DeleteTrashed() as payload if payload.folder in self.page.folders:
                return await self._recheck_trashed(payload, step.label)
        return Skip(say("extra_not_chosen"))

    async def _recheck(self, payload: TrashFile) -> Check:
        options, folder, path = self.page, payload.folder, unescaped(payload.path)
        why = await asyncio.to_thread(wrong_folder, folder, options.folders, self._config)
        if folder not in options.folders or why is not None:
            return Skip(say("extra_not_chosen"))
        try:
            shelves = await self._facts.shelves(fresh=False)
            playing = await self._facts.playing()
            walk = Walk(folder, options.policy, shelves.kinds, self._now())
            verdict = await asyncio.to_thread(walk.again, path)
        except NotKnown as err:
            return Wait(err.text)
        known = Fingerprint(payload.inode, payload.size_bytes, payload.modified_ns)
        if verdict is None or verdict.video.fingerprint != known:
            return Skip(say("extra_changed"))
        if verdict.against is not None:
            return Skip(verdict.against)
        return await self._still(shelves, folder, verdict, playing)

    async def _recheck_trashed(self, payload: DeleteTrashed, label: str) -> Check:
        kept = await asyncio.to_thread(trash.read, payload.folder, payload.trash)
        if kept is None or not _same(kept, payload):
            return Skip(say("trash_changed", path=label))
        if not await self._due.still(payload.folder, kept, self.page.trash_days):
            return Skip(say("trash_not_due"))
        return Proceed()

    async def _still(
        self, shelves: Shelves, folder: str, verdict: Verdict, playing: frozenset[str]
    ) -> Check:
        """Ask whether nobody wants an extra that is one."""
        if key_of(folder, verdict.path) in await self._store.ledger.undone(Action.TRASH_FILE):
            return Skip(say("extra_was_restored"))
        left = await self._against(shelves, folder, verdict, playing)
        if left is None:
            return Proceed()
        return Wait(left.reason) if left.unknown else Skip(left.reason)


def _same(kept: Trashed, payload: DeleteTrashed) -> bool:
    known = kept.fingerprint
    kept_as = (escaped(kept.path), known.size_bytes, known.modified_ns, kept.links)
    return kept_as == (payload.path, payload.size_bytes, payload.modified_ns, payload.links)
