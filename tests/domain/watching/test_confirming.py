"""What Jellyfin keeps of a user and an item, against a play that only a webhook told."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest

from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.watching import Kept, ReportSource, Viewing, agrees, merge

from ..samples import NOW, UNIT

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
    assert agrees(TOLD, kept, 85) is answer


@pytest.mark.parametrize("runtime", [600.0, None, 7200.0])
def test_how_much_of_it_was_played_goes_by_the_servers_runtime(runtime: float | None) -> None:
    """Nobody may call a film a short one, and have its first minutes count."""
    changed = replace(TOLD, runtime=runtime, position=600.0)
    begun = Kept(played=False, position=610, last_played=NOW, runtime=7200)
    assert not agrees(changed, begun, 85)
    assert agrees(changed, replace(begun, position=6120), 85)
    assert not agrees(changed, replace(begun, position=6119), 85)
    # Of an unknown length only the server's own mark tells.
    assert not agrees(replace(changed, runtime=None), replace(begun, runtime=None), 85)


def test_which_title_it_is_and_how_long_a_webhook_does_not_tell() -> None:
    """Joined with what a session told, in any order; of two webhooks both are kept."""
    seen = replace(TOLD, sources=frozenset({ReportSource.POLL}), completed=False)
    ids = replace(UNIT, ids=ProviderIds(tvdb=7), year=1912, name="Z")
    forged = replace(TOLD, unit=ids, runtime=1e6)
    for one, other in permutations((seen, forged)):
        merged = merge(one, other)
        assert (merged.unit, merged.runtime) == (UNIT, 7200.0)
        assert not merged.counts
    both = merge(TOLD, forged)
    assert both.unit.ids.tvdb == 7
    assert both.runtime == 1e6
    assert merge(replace(TOLD, confirmed=True), forged).unit == UNIT


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


@pytest.mark.parametrize("others", [set(), {ReportSource.POLL}])
def test_a_confirmation_is_of_what_was_told_by_then(others: set[ReportSource]) -> None:
    """An end that only a webhook tells afterwards does not count, until it is confirmed too."""
    half = replace(TOLD, completed=False, position=600.0, watched=600.0).borne_out
    later = replace(TOLD, sources=frozenset({ReportSource.WEBHOOK} | others), doubted=True)
    for one, other in permutations((half, later)):
        joined = merge(one, other)
        assert joined.completed
        assert not joined.counts
        assert merge(joined, joined) == joined
        assert Viewing.from_dict(joined.as_dict()) == joined
        assert joined.borne_out.counts
    old = {**half.as_dict(), "completed": True, "doubted": True}
    assert Viewing.from_dict(old).counts
