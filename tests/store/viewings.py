"""Viewings that tests store."""

from dataclasses import replace
from datetime import datetime, timedelta

from custom_components.showrunner.domain.watching import ReportSource, Viewing
from custom_components.showrunner.store import Store, ViewerTotals
from tests.domain.samples import NOW, UNIT

VIEWER = "a" * 32


VIEWING = Viewing(
    viewer_id=VIEWER,
    unit=UNIT,
    day=NOW.date(),
    started_at=NOW,
    ended_at=NOW + timedelta(minutes=50),
    watched=3000.0,
    position=3000.0,
    runtime=7200.0,
    sources=frozenset({ReportSource.POLL}),
)


WHOLE = replace(
    VIEWING, ended_at=NOW + timedelta(hours=2), position=7200.0, completed=True, finished=True
)


async def watched_of(store: Store, viewer: str, since: datetime) -> ViewerTotals:
    """Say what one viewer has watched since then."""
    found = await store.viewings.of_viewers((viewer,), since, since)
    return found.get(viewer, ViewerTotals())
