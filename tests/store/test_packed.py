"""Requests are packed: each is there and equal, and takes a seventh of the room."""

from pathlib import Path
import sqlite3
import zlib

from hypothesis import given, settings, strategies as st
import pytest

from bench.store_rows import request
from custom_components.showrunner.domain.requests.record import (
    dump_facts,
    dump_request,
    dump_status,
)
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy
from custom_components.showrunner.store import (
    RequestRow,
    Store,
    StoreDamaged,
    StoreError,
    packed,
)
from custom_components.showrunner.store.codec import dump, milliseconds
from custom_components.showrunner.store.packed import pack, unpack
from tests.domain.samples import NOW
from tests.effort import examples

from .full_disk import full_disk
from .older import Older


def _row(number: int) -> RequestRow:
    asked, facts = request(number)
    return RequestRow(asked, facts, state_of(asked, facts, NOW, policy=StuckPolicy()))


def _write(old: Older, rows: list[RequestRow]) -> None:
    """Write requests as version 14 did."""
    for row in rows:
        asked, status = row.request, row.status
        assert status is not None
        old.execute(
            "INSERT INTO requests VALUES (?, ?, ?, NULL, ?, ?, ?, ?)",
            (
                *(asked.id, asked.ref, status.state, milliseconds(asked.requested_at)),
                *(dump(dump_request(asked)), dump(dump_facts(row.facts))),
                dump(dump_status(status)) if status.settled else None,
            ),
        )


@settings(max_examples=examples(100), deadline=None)
@given(st.text())
def test_what_was_packed_is_read(text: str) -> None:
    """Whatever it is; what follows it is nothing that we wrote."""
    assert unpack(pack(text)) == text
    with pytest.raises(StoreDamaged):
        unpack(pack(text) + b"x")


@pytest.mark.parametrize("odd", [b"", b"\x00", b"\x02abc", b"\x01\xff\xff", pack("abc")[:-2]])
def test_what_is_not_packed_whole_is_damage(odd: bytes) -> None:
    """Also where it is no text, or was packed by a sample that nobody knows."""
    with pytest.raises(StoreDamaged):
        unpack(odd)


def test_what_is_no_text_is_damage() -> None:
    """It was packed, and not by us."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    with pytest.raises(StoreDamaged):
        unpack(b"\x01" + packing.compress(b"\xff\xfe") + packing.flush())


def test_the_sample_stays_as_it_was_released() -> None:
    """What was packed by it is read by it: another sample has another number."""
    assert [*packed._SAMPLES] == [1]
    assert zlib.crc32(packed._SAMPLES[1]) == 1808128542


async def test_every_request_is_there_and_equal(path: Path) -> None:
    """Settled or not; what was no JSON is as damaged as it was."""
    rows = [_row(number) for number in range(450)]
    old = Older(path, 12)
    _write(old, rows)
    old.execute("UPDATE requests SET settled = NULL WHERE ref LIKE '%7'")
    old.close()
    store = await Store.open(path)
    for row in rows[::9]:
        kept = await store.requests.get(row.request.id)
        assert kept is not None
        assert (kept.request, kept.facts) == (row.request, row.facts)
        assert kept.status == (None if row.request.ref.endswith("7") else row.status)
    assert {one.request.id for one in await store.requests.unclosed()} == {
        row.request.id for row in rows
    }
    await store.close()
    # What was left as it stood would be read all the same.
    with sqlite3.connect(path) as raw:
        kinds = raw.execute("SELECT DISTINCT typeof(facts) FROM requests").fetchall()
    raw.close()
    assert kinds == [("blob",)]


async def test_what_can_t_be_packed_stays(path: Path) -> None:
    """It costs itself only."""
    good, bad, odd = (_row(number) for number in (1, 2, 3))
    old = Older(path, 14)
    _write(old, [good, bad, odd])
    old.execute("UPDATE requests SET data = x'ff00' WHERE id = ?", (bad.request.id,))
    old.execute("UPDATE requests SET facts = '[[' WHERE id = ?", (odd.request.id,))
    old.close()
    store = await Store.open(path)
    assert await store.requests.get(good.request.id) is not None
    for one in (bad, odd):
        with pytest.raises(StoreDamaged):
            await store.requests.get(one.request.id)
    await store.close()


async def test_what_was_not_packed_is_read_as_it_stands(store: Store, path: Path) -> None:
    """The next writing packs it."""
    row = _row(5)
    await store.requests.put([row])
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE requests SET facts = ?", (dump(dump_facts(row.facts)),))
    raw.close()
    kept = await store.requests.get(row.request.id)
    assert kept is not None
    assert kept.facts == row.facts


async def test_without_room_nothing_is_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and goes on once there is room, or where the disk does not tell."""
    old = Older(path, 14)
    _write(old, [_row(1)])
    old.close()
    with full_disk(monkeypatch, path), pytest.raises(StoreError, match="no room"):
        await Store.open(path)
    with full_disk(monkeypatch, path, says_nothing=True):
        store = await Store.open(path)
    assert await store.requests.get(_row(1).request.id) is not None
    await store.close()


async def test_a_season_takes_a_seventh_of_its_json(store: Store, path: Path) -> None:
    """Twenty episodes, each with its grab, its import and its file."""
    rows = [_row(number) for number in range(200)]
    await store.requests.put(rows)
    plain = sum(
        len(dump(dump_facts(row.facts))) + len(dump(dump_request(row.request))) for row in rows
    )
    with sqlite3.connect(path) as raw:
        (size,) = raw.execute(
            """SELECT sum(length(data) + length(facts) + coalesce(length(settled), 0))
            FROM requests"""
        ).fetchone()
    raw.close()
    assert size * 7 < plain
