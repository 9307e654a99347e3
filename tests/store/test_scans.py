"""What reads a big table whole is found, in whatever test it is asked."""

import pytest
from sqlalchemy import Connection, text

from custom_components.showrunner.store import Store


@pytest.mark.parametrize(
    ("statement", "step"),
    [
        ("SELECT count(*) FROM viewings WHERE watched > 1", "SCAN viewings"),
        ("SELECT v.id FROM viewings AS v WHERE v.watched > 1", "SCAN v"),
        ("SELECT id FROM library_items ORDER BY name LIMIT 1", "SCAN library_items"),
        ("SELECT ended_at FROM viewings GROUP BY ended_at", "SCAN viewings USING COVERING INDEX"),
        ("UPDATE requests SET state = 'x' WHERE state = 'y'", "SCAN requests"),
        ("SELECT id FROM viewings LIMIT 1", None),
        ("SELECT id FROM viewings ORDER BY ended_at LIMIT 1", None),
        ("SELECT id FROM viewings WHERE id = 3", None),
        ("SELECT key FROM kv WHERE data = 'x'", None),
    ],
)
async def test_a_statement_that_reads_a_big_table_whole_is_told(
    store: Store, scans: list[str], statement: str, step: str | None
) -> None:
    """Once for all that are alike; the first rows of an order are not the table."""

    def ask(connection: Connection) -> None:
        connection.execute(text(f"{statement} -- {step}"))

    try:
        await store._database.run(ask)
        await store._database.run(ask)
        rows = [one.partition(":")[0] for one in scans]
    finally:
        scans.clear()
    assert len(rows) == (step is not None)
    assert all(one.startswith(step or "") for one in rows)
