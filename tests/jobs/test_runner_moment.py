"""Whose answers a step is carried out on: those of its own check, and never older ones."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from custom_components.showrunner.clients import moment as module
from custom_components.showrunner.clients.moment import moment, once
from custom_components.showrunner.domain.plan import (
    Check,
    Plan,
    Proceed,
    Skip,
    Step,
    UnmonitorMovie,
    Wait,
)
from custom_components.showrunner.operations import NotPossible
from custom_components.showrunner.store import Store
from tests.domain.plans import step

from .carrying import FakeJob, fresh, runner


class _Asking(FakeJob):
    """A job whose checks, and an operation whose snapshots, ask one and the same question."""

    def __init__(self, *checks: Check) -> None:
        super().__init__()
        self.checks = list(checks)
        self.heard: list[int] = []
        self._asked = 0

    async def ask(self) -> int:
        """Ask, and hear how often that was."""

        async def answer() -> int:
            self._asked += 1
            return self._asked

        self.heard.append(await once("question", answer))
        return self.heard[-1]

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Ask."""
        await self.ask()
        return self.checks.pop(0) if self.checks else Proceed()

    async def snapshot(self, step: Step) -> Mapping[str, object]:
        """Ask the same."""
        await self.ask()
        return await super().snapshot(step)


async def _heard(tmp_path: Path, fake: _Asking, *steps: Step) -> list[int]:
    store = await Store.open(tmp_path / "moment.db")
    try:
        await runner(store, fake).run(fresh(*steps), dry_run=False)
    finally:
        await store.close()
    return fake.heard


@pytest.fixture(autouse=True)
def _busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no answer grow old, however busy this machine is."""
    monkeypatch.setattr(module, "STANDS", 600.0)


async def test_what_the_ledger_keeps_is_what_the_check_was_told(tmp_path: Path) -> None:
    """Asked once; for the next step anew, because something was changed."""
    assert await _heard(tmp_path, _Asking(), step(1), step(2)) == [1, 1, 2, 2]


async def test_no_step_is_checked_with_the_answers_of_another_ones_check(tmp_path: Path) -> None:
    """Also when that one was skipped, or waits, or was not begun."""
    fake = _Asking(Skip("no"), Wait("later"))
    assert await _heard(tmp_path, fake, step(1), step(2), step(3)) == [1, 2, 3, 3]


async def test_what_could_not_be_kept_is_asked_anew(tmp_path: Path) -> None:
    """The step ends before anything is changed."""
    fake = _Asking()
    fake.before_says = NotPossible("it is not there")
    assert await _heard(tmp_path, fake, step(1), step(2)) == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("first", "heard"), [(step(1), [1, 2, 2]), (step(1, payload=UnmonitorMovie()), [1, 1, 1])]
)
async def test_law_3_nothing_is_destroyed_on_what_its_plan_was_made_from(
    tmp_path: Path, first: Step, heard: list[int]
) -> None:
    """What only prepares it may begin with that, within the same second."""
    fake = _Asking()
    with moment():
        await fake.ask()
        assert await _heard(tmp_path, fake, first) == heard
