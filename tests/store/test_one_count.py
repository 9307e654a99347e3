"""What the job for extras had counted of an arr goes on in the one count of all (version 19)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import sqlite3
from typing import Any

import pytest

from custom_components.showrunner.coordinators.arr_counts import ArrCounts
from custom_components.showrunner.domain.counted import FILES, TITLES, Counted
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.signals import Signals
from custom_components.showrunner.store import Store
from tests.domain.samples import NOW

SINCE = NOW - timedelta(minutes=30)
AT = [SINCE.isoformat(), SINCE.isoformat()]
BELIEVED: dict[str, Any] = {
    "had": {TITLES: 100, FILES: 90, "tag:keep": 3},
    "low": None,
    "since": None,
    "had_at": AT,
    "low_at": None,
}
FALLEN: dict[str, Any] = {
    **BELIEVED,
    "low": {TITLES: 30, FILES: 20, "tag:keep": 3},
    "since": SINCE.isoformat(),
    "low_at": AT,
}


@pytest.fixture
def new_databases() -> None:
    """Make each database as the product does, step by step."""


async def updated(path: Path, rows: Mapping[str, object]) -> Store:
    """Open a database in which version 18 had kept this; a text is what was not written whole."""
    await (await Store.open(path)).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE schema_version SET version = 18")
        raw.executemany(
            "INSERT INTO kv VALUES (?, ?)",
            [(key, one if isinstance(one, str) else json.dumps(one)) for key, one in rows.items()],
        )
    raw.close()
    return await Store.open(path)


async def counted(path: Path, rows: Mapping[str, object]) -> Counted | None:
    """Say what is known of an arr after the update."""
    store = await updated(path, rows)
    kept = await store.kv.get("counted:it")
    assert await store.kv.get("extras:it") is None
    await store.close()
    return Counted.from_dict(kept)


def fell(low: int, **more: object) -> dict[str, object]:
    """Write what extras had kept of an arr of 100 titles that listed so few."""
    return {"count": 100, "low": low, "since": SINCE.isoformat(), **more}


async def test_a_fall_that_stood_stands_until_two_reads_agree(path: Path) -> None:
    """The hour goes on where it was, over the update."""
    store = await updated(path, {"extras:it": fell(30), "extras_trash_due": {"/x": {}}})
    now = NOW
    counts = ArrCounts(store, Signals(), now=lambda: now, max_drop=lambda: 50.0)
    fall = await counts.fall("it")
    assert fall is not None
    assert (fall.had[TITLES], fall.left(TITLES), fall.since) == (100, 30, SINCE)
    assert await counts.believed("it", {TITLES: 30, FILES: 9}, now) is Answer.NO
    now = SINCE + timedelta(hours=1)
    assert await counts.believed("it", {TITLES: 30, FILES: 9}, now) is Answer.YES
    assert await counts.fall("it") is None
    assert await store.kv.get("extras_trash_due") == {"/x": {}}
    await store.close()


async def test_a_fall_that_stood_is_confirmed_as_it_is_shown(path: Path) -> None:
    """Nothing beyond it."""
    store = await updated(path, {"extras:it": fell(30)})
    counts = ArrCounts(store, Signals(), now=lambda: NOW, max_drop=lambda: 50.0)
    fall = await counts.fall("it")
    assert fall is not None
    await counts.accept("it", fall.mark)
    assert await counts.believed("it", {TITLES: 30, FILES: 9}, NOW) is Answer.YES
    assert await counts.believed("it", {TITLES: 10, FILES: 9}, NOW) is Answer.NO
    await store.close()


@pytest.mark.parametrize("drop", [31, 100])
async def test_what_was_had_is_remembered(path: Path, drop: int) -> None:
    """Of what extras alone had counted, too much may not vanish at its next look."""
    known = await counted(path, {"extras:it": {"count": 100}})
    assert known == Counted({TITLES: 100})
    after = known.read({TITLES: 100 - drop, FILES: 5}, NOW, 30)
    assert after is not None
    assert not after.believed


async def test_the_larger_count_is_what_was_had(path: Path) -> None:
    """When that was read nobody knows, so that nothing of ours excuses what is missing."""
    more = await counted(path, {"extras:it": {"count": 150}, "counted:it": BELIEVED})
    assert more == Counted({TITLES: 150, FILES: 90, "tag:keep": 3})
    fewer = await counted(
        path.with_name("2.db"), {"extras:it": {"count": 99}, "counted:it": BELIEVED}
    )
    assert fewer == Counted.from_dict(BELIEVED)


async def test_a_fall_stands_whoever_saw_it(path: Path) -> None:
    """That of the other count stays as it was shown; that of extras comes to what was believed."""
    theirs = await counted(path, {"extras:it": fell(40), "counted:it": FALLEN})
    assert theirs == Counted.from_dict(FALLEN)
    ours = await counted(path.with_name("2.db"), {"extras:it": fell(40), "counted:it": BELIEVED})
    assert ours is not None
    assert not ours.believed
    assert ours.fall is not None
    assert ours.fall.lost == {TITLES: 60, FILES: 0, "kept": 0}
    assert ours.since == SINCE


@pytest.mark.parametrize("since", [None, "soon", "2026-06-10T12:00:00", 7])
async def test_since_when_can_not_be_read(path: Path, since: object) -> None:
    """Then it has begun with the update: it stands all the same."""
    begun = datetime.now(UTC)
    known = await counted(path, {"extras:it": fell(30, since=since)})
    assert known is not None
    assert known.fall is not None
    assert begun <= known.fall.since <= datetime.now(UTC)


@pytest.mark.parametrize("kept", ["[1", "[]", {"count": "many"}, {}])
async def test_what_can_not_be_read_says_nothing(path: Path, kept: object) -> None:
    """Neither what extras had kept, nor the other count."""
    assert await counted(path, {"extras:it": kept}) is None
    known = await counted(path.with_name("2.db"), {"extras:it": kept, "counted:it": BELIEVED})
    assert known == Counted.from_dict(BELIEVED)
    if isinstance(kept, str):
        third = await counted(path.with_name("3.db"), {"extras:it": fell(30), "counted:it": kept})
        assert third is not None
        assert third.fall is not None


@pytest.mark.parametrize("kept", ["[1", "[]", {"had": "much", "low": None}])
async def test_what_was_counted_and_can_not_be_read_stays_in_doubt(
    path: Path, kept: object
) -> None:
    """That extras has counted its titles does not say which files and tags there were."""
    known = await counted(path, {"extras:it": {"count": 100}, "counted:it": kept})
    assert known is not None
    after = known.read({TITLES: 100, FILES: 0}, NOW, 50)
    assert after is not None
    assert not after.believed
