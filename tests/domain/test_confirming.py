"""What Jellyfin keeps of a user and an item, against a play that only a webhook told."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest

from custom_components.showrunner.domain.confirming import Kept, agrees
from custom_components.showrunner.domain.viewing import ReportSource, Viewing, merge

from .samples import NOW, UNIT

TOLD = Viewing(
    viewer_id="a" * 32,
    unit=UNIT,
    day=date(2026, 6, 10),
    started_at=NOW,
    ended_at=NOW + timedelta(hours=2),
    watched=7000.0,
    position=7000.0,
    runtime=7200.0,
    completed=True,
    finished=True,
    sources=frozenset({ReportSource.WEBHOOK}),
)


@pytest.mark.parametrize(
    ("kept", "answer"),
    [
        (Kept(played=True, position=0, last_played=NOW), True),
        (Kept(played=False, position=6950, last_played=NOW), True),
        (Kept(played=True, position=0, last_played=NOW - timedelta(minutes=59)), True),  # clocks
        (Kept(played=True, position=0, last_played=NOW - timedelta(minutes=61)), False),
        (Kept(played=True, position=0, last_played=None), False),  # by hand, or by another tool
        (Kept(played=False, position=0, last_played=NOW), False),
        (Kept(played=False, position=3000, last_played=NOW), False),
        (Kept(played=True, position=3000, last_played=NOW), False),  # played last year
    ],
)
def test_a_start_then_and_an_end_there(kept: Kept, answer: bool) -> None:
    """Both, or it is no confirmation."""
    assert agrees(TOLD, kept) is answer


def test_what_only_a_webhook_told_does_not_count() -> None:
    """Until it is confirmed, or somebody else saw it; kept over a restart."""
    assert not TOLD.counts
    assert replace(TOLD, confirmed=True).counts
    assert replace(TOLD, sources=TOLD.sources | {ReportSource.POLL}).counts
    assert not replace(TOLD, confirmed=True, completed=False).counts
    for one in (TOLD, replace(TOLD, confirmed=True)):
        assert Viewing.from_dict(one.as_dict()) == one
    assert "confirmed" not in TOLD.as_dict()
    for one, other in permutations((TOLD, replace(TOLD, confirmed=True))):
        assert merge(one, other).counts
