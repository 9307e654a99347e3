"""Since when what leaves by a rule of choice is announced: over restarts, doubts and silence."""

from collections.abc import AsyncGenerator
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.media import MediaType
from custom_components.showrunner.domain.retention import RetentionPolicy, RetentionVerdict
from custom_components.showrunner.jobs.cleanup.announced import Announced
from custom_components.showrunner.jobs.cleanup.due import Proven, name_of
from custom_components.showrunner.store import Store

from .announcing import IDLE, START, stays

NOBODY: frozenset[str] = frozenset()
POLICY = RetentionPolicy(idle_days=30)
ALL = Proven(frozenset({name_of(IDLE)}), NOBODY)
NONE = Proven(NOBODY, NOBODY)
UNSURE = Proven(NOBODY, frozenset({name_of(IDLE)}))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "announced.db")
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("between", "unread", "shown", "anew"),
    [
        ([IDLE], False, ALL, False),
        ([stays(Answer.YES)], False, ALL, True),  # it was kept: nobody waits for it any more
        ([stays(Answer.UNKNOWN)], False, ALL, False),
        ([], False, ALL, True),  # it has left
        ([], True, ALL, False),  # nobody knows what became of it
        ([IDLE], False, NONE, True),  # no proof let it go: nobody was shown that it leaves
        ([IDLE], False, UNSURE, False),  # nobody could say
    ],
)
async def test_it_is_announced_anew_only_when_it_was_known_to_stay(
    store: Store, between: list[RetentionVerdict], unread: bool, shown: Proven, anew: bool
) -> None:
    """Doubt and silence are not "no": the announcement goes on meanwhile."""
    days = 0

    def made() -> Announced:
        return Announced(store, lambda: START + timedelta(days=days), lambda: UTC)

    silent = (MediaType.MOVIE,) if unread else ()
    (first,) = await made().note([IDLE], POLICY, (), ALL)
    assert first.leaves_at == START + POLICY.notice
    assert not first.may_go
    days = 3
    await made().note(between, POLICY, silent, shown)
    days = 6
    (last,) = await made().note([IDLE], POLICY, (), ALL)
    since = START + timedelta(days=6 if anew else 0)
    assert last.leaves_at == since + POLICY.notice
    assert await made().of([IDLE], POLICY) == (last,)
    # Where no rule of choice is on, nothing has to be announced.
    assert await made().of([IDLE], RetentionPolicy()) == (IDLE,)
