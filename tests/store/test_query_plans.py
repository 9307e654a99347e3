"""No query reads a whole table: five years of a hundred viewers are 900,000 viewings."""

from datetime import timedelta
from pathlib import Path
import sqlite3

from sqlalchemy import event

from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.plan import Action
from custom_components.showrunner.store import Store
from custom_components.showrunner.store.schema import METADATA
from tests.domain.samples import FILM, NOW, UNIT


async def test_every_query_uses_an_index(store: Store, path: Path) -> None:
    """SQLite's own explanation says SEARCH, never SCAN, for everything that grows."""
    asked: list[tuple[str, object]] = []
    engine = store._database._engine
    assert engine is not None

    def listen(_c: object, _cu: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", listen)
    since, ids = NOW - timedelta(days=90), ProviderIds(603, 5, "tt0133093")
    await store.viewings.completed_count("a", UNIT, since, 90)
    await store.viewings.history()
    await store.viewings.history(viewer_id="a", since=since)
    await store.viewings.history(viewer_id="a", ids=ids)
    await store.viewings.history(ids=ids)
    await store.viewings.history(item_id="i")
    await store.viewings.count(since)
    await store.viewings.count(since, "a")
    await store.viewings.last("a")
    await store.decisions.counts(since)
    await store.decisions.recent()
    await store.decisions.for_title(ids)
    await store.plans.get("p")
    await store.plans.recent(job="x")
    await store.ledger.for_plan("p")
    await store.ledger.unfinished()
    await store.ledger.for_title(ids)
    await store.ledger.begun(Action.SEARCH_MOVIE, since)
    await store.ledger.deleted_at(FILM.ids)
    await store.overrides.get(ids)
    await store.acquisitions.get("a")
    await store.acquisitions.open()
    await store.acquisitions.for_title(ids)
    await store.kv.get("k")
    tables = {table.name for table in METADATA.sorted_tables}
    with sqlite3.connect(path) as raw:
        for statement, parameters in asked:
            explained = raw.execute(f"explain query plan {statement}", parameters).fetchall()
            steps = [row[3] for row in explained]
            # Reading along an index in its order is not reading a table.
            scans = [
                one
                for one in steps
                if one.split()[:1] == ["SCAN"] and one.split()[1] in tables and "USING" not in one
            ]
            assert not scans, (statement, steps)
    raw.close()
    assert len(asked) >= 24
