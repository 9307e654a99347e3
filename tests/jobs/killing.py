"""Purges that are killed: orders to a process that forks one for each, and what is to be left."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
import json
from pathlib import Path
import random
import signal
import subprocess
from typing import Any

from custom_components.showrunner.domain.plan import Action, StepState
from custom_components.showrunner.store import LedgerState, Store
from tests.operations.disk import tree

from .purge_child import HOW

# A call takes some milliseconds: so long after its beginning comes the end (seconds).
_LONGEST = 0.01


@dataclass
class Purged:
    """Torrents of a client and their folder, before a purge.

    `goes`: the files that go with each torrent, none where another takes them along; `stays`: those
    that must be there whatever happens.
    """

    order: Mapping[str, Any]
    folder: Path
    stays: frozenset[str]
    goes: Mapping[str, frozenset[bytes]]
    before: dict[bytes, bytes | str | None] = field(init=False)

    def __post_init__(self) -> None:
        self.before = tree(self.folder)

    @property
    def files(self) -> frozenset[bytes]:
        """All files that go."""
        return frozenset[bytes]().union(*self.goes.values())

    @property
    def size(self) -> int:
        """How many bytes that are."""
        return sum(len(self.before[one] or "") for one in self.files)

    def check_kept(self, listed: frozenset[str]) -> None:
        """Hold that nothing has gone that the policy keeps, from the client or from the disk."""
        assert self.stays <= listed
        now = tree(self.folder)
        lost = {path for path, told in self.before.items() if now.get(path, "gone") != told}
        folders = {path[:end] for path in self.files for end in range(len(path))}
        assert lost <= self.files | folders

    async def check_ended(self, listed: frozenset[str]) -> None:
        """Hold that it ended as a purge that nobody disturbed, and that the ledger is true."""
        assert listed == self.stays
        assert tree(self.folder).keys() & self.files == set()
        self.check_kept(listed)
        store = await Store.open(Path(self.order["database"]))
        try:
            plans = await store.plans.recent(job="purge")
            rows = [row for plan in plans for row in await store.ledger.for_plan(plan.plan_id)]
        finally:
            await store.close()
        # One that was kept in the very moment before the kill was never begun, and is replaced.
        begun = {row.plan_id for row in rows}
        assert not any(plan.waiting for plan in plans)
        plans = [plan for plan in plans if plan.plan_id in begun]
        steps = [step for plan in plans for step in plan.steps]
        assert {step.state for step in steps} == {StepState.DONE}
        assert sum(plan.totals["bytes_freed"] for plan in plans) == self.size
        assert sum(row.bytes_freed for row in rows) == self.size
        done = [(row.action, row.step_id) for row in rows if row.state is LedgerState.DONE]
        assert sorted(done) == sorted((step.action.value, step.id) for step in steps)
        assert {row.state for row in rows} <= {LedgerState.DONE, LedgerState.FAILED}
        removed = [step.subject.key for step in steps if step.action is Action.REMOVE_TORRENT]
        assert sorted(removed) == sorted(self.goes)


class Forks:
    """Has purges carried out by processes of their own, and killed."""

    def __init__(self, process: subprocess.Popen[str], dice: random.Random) -> None:
        self._process = process
        self._dice = dice

    async def purge(self, one: Purged, most: int = 0) -> int:
        """Purge; at one of so many calls the process is killed. Give its exit code."""
        dice = self._dice
        end = {
            "at": dice.randint(1, most) if most else 0,
            "how": dice.choice(HOW),
            "pause": dice.uniform(0, _LONGEST),
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([{**one.order, **end}]) + "\n")
        self._process.stdin.flush()
        await self._line()
        code = int(await self._line())
        assert code in ((0, -signal.SIGKILL) if most else (0,))
        return code

    async def _line(self) -> str:
        assert self._process.stdout is not None
        return await asyncio.to_thread(self._process.stdout.readline)
