"""Version 20: requests take half the room, and every one of them is there and equal."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
import sqlite3

from hypothesis import assume, given, settings
import pytest

from custom_components.showrunner.domain.requests.facts import Facts
from custom_components.showrunner.domain.requests.record import (
    dump_facts,
    dump_request,
    dump_status,
    load_facts,
    load_request,
)
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.store import Store, StoreDamaged, StoreError, leaner_requests
from custom_components.showrunner.store.codec import dump, load
from custom_components.showrunner.store.packed import pack, unpack
from tests.domain.requests import made_up
from tests.effort import THOROUGH, examples

from .columns import _columns
from .full_disk import full_disk
from .kills import kill_often
from .written import can_be_written

_FIXTURE = Path(__file__).parents[1] / "fixtures/store/version_19.sql"
# Its facts are nothing that anybody could read.
_DAMAGED = "seerr:01K0ABCDEFGHJKMNPQRSTVWXYZ:23"
_TITLES = 'SELECT "key", subject, ref FROM titles ORDER BY 1, 2, 3'


@pytest.fixture(autouse=True)
def new_databases() -> None:
    """Make each database as the product does, step by step."""


@dataclass(frozen=True, slots=True)
class Old:
    """What version 19 kept of a request, as it read it."""

    request: Request
    facts: Facts | None
    status: object
    columns: tuple[object, ...]


def _text(stored: object) -> str:
    return unpack(stored) if isinstance(stored, bytes) else str(stored)


def _old(raw: sqlite3.Connection) -> dict[str, Old]:
    found = {}
    for row in raw.execute(
        "SELECT id, data, facts, settled, ref, state, closed, requested_at FROM requests"
    ):
        name, data, facts, settled, *columns = row
        plain = load(_text(data))
        assert isinstance(plain, dict)
        rows = None if name == _DAMAGED else load(_text(facts))
        assert rows is None or isinstance(rows, list)
        found[name] = Old(
            load_request(plain),
            None if rows is None else load_facts(rows),
            None if settled is None else load(_text(settled)),
            tuple(columns),
        )
    return found


def _make(path: Path, copies: int = 0) -> tuple[Mapping[str, Old], list[tuple[str, ...]]]:
    """Write a database of version 19, with more requests that are like its first ones."""
    with sqlite3.connect(path) as raw:
        raw.executescript(_FIXTURE.read_text(encoding="utf-8"))
        for number in range(copies):
            raw.execute(
                """INSERT INTO requests SELECT id || ?, ref || ?, state, closed, requested_at,
                data, facts, settled FROM requests WHERE rowid = ?""",
                (f":{number}", f":{number}", 1 + number % 6),
            )
        old, titles = _old(raw), raw.execute(_TITLES).fetchall()
    raw.close()
    return old, titles


async def _is_the_same(path: Path, old: Mapping[str, Old], titles: list[tuple[str, ...]]) -> None:
    store = await Store.open(path)
    for name, one in old.items():
        if one.facts is None:
            with pytest.raises(StoreDamaged):
                await store.requests.get(name)
            continue
        row = await store.requests.get(name)
        assert row is not None
        assert (row.request, row.facts) == (one.request, one.facts)
        assert list(row.facts.by_key) == list(one.facts.by_key)
        assert (None if row.status is None else load(dump(dump_status(row.status)))) == one.status
        if one.request.id == name:
            found = await store.requests.for_title(one.request.title.key)
            assert name in {each.request.id for each in found}
    await store.close()
    with sqlite3.connect(path) as raw:
        rows = raw.execute("SELECT id, ref, state, closed, requested_at FROM requests").fetchall()
        assert {name: tuple(rest) for name, *rest in rows} == {
            name: one.columns for name, one in old.items()
        }
        assert raw.execute(_TITLES).fetchall() == titles
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()


async def test_every_request_is_there_and_equal(path: Path, tmp_path: Path) -> None:
    """Movies and series, under way, over and settled, written in each form that there was."""
    old, titles = _make(path)
    assert len(old) == 11
    await _is_the_same(path, old, titles)
    fresh = tmp_path / "fresh.db"
    await (await Store.open(fresh)).close()
    assert _columns(path) == _columns(fresh)


async def test_what_is_not_over_is_read_whole_and_in_slices(path: Path) -> None:
    """More than one slice of them, and none twice."""
    old, _ = _make(path, 500)
    with sqlite3.connect(path) as raw:
        raw.execute("DELETE FROM requests WHERE id = ?", (_DAMAGED,))
    raw.close()
    wanted = [name for name, one in old.items() if one.columns[2] is None and name != _DAMAGED]
    store = await Store.open(path)
    # The copies say in their data what the first ones are called: that stays theirs.
    found = await store.requests.unclosed()
    assert len(found) == len(wanted) > 400
    # What is settled is told without them.
    assert all(bool(row.facts) is (row.status is None) for row in found)
    last, many = 0, 0
    while (page := await store.requests.whole_after(last)).rows:
        assert page.last > last
        last, many = page.last, many + len(page.rows)
    assert many == len(wanted)
    await store.close()


async def test_killed_at_any_moment_it_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    """By kill -9, at random moments; what was begun is done again from its beginning."""
    many, kills = (3_000, 10) if THOROUGH else (2_000, 2)
    first, path = tmp_path / "first.db", tmp_path / "killed.db"
    old, titles = _make(first, many)

    def look(raw: sqlite3.Connection) -> None:
        assert raw.execute("SELECT count(*) FROM requests").fetchone() == (len(old),)
        assert raw.execute(_TITLES).fetchall() == titles

    kill_often(first, path, kills, look)
    await _is_the_same(path, old, titles)


async def test_it_takes_half_the_room(path: Path) -> None:
    """What its rows have in them, and no index has everything a second time."""
    _make(path, 600)
    size = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE ?"
    with sqlite3.connect(path) as raw:
        (before,) = raw.execute(size, ("%requests%",)).fetchone()
    raw.close()
    await (await Store.open(path)).close()
    with sqlite3.connect(path) as raw:
        raw.execute("VACUUM")
        (after,) = raw.execute(size, ("%requests%",)).fetchone()
        # Each of them, also where a slice of them ends.
        forms = raw.execute(
            """SELECT hex(substr(facts, 1, 1)), count(*) FROM requests
            WHERE id LIKE '%:%:%:%' GROUP BY 1"""
        )
        assert forms.fetchall() == [("02", 600)]
    raw.close()
    assert after < before * 0.7


async def test_without_room_nothing_is_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and goes on once there is room."""
    old, titles = _make(path)
    with full_disk(monkeypatch, path), pytest.raises(StoreError, match="no room"):
        await Store.open(path)
    with sqlite3.connect(path) as raw:
        assert _old(raw) == old
    raw.close()
    await _is_the_same(path, old, titles)


@settings(max_examples=examples(30), deadline=None)
@given(made_up.requests(), made_up.facts())
def test_any_request_is_equal_after_it(request: Request, facts: Facts) -> None:
    """Its data without what columns say, its facts in columns."""
    assume(can_be_written(request, facts))
    plain, rows = dump_request(request), dump_facts(facts)
    columns = {name: plain[name] for name in ("id", "ref", "requested_at")}
    data = leaner_requests._data(pack(dump(plain)), columns)
    packed = leaner_requests._facts(pack(dump(rows)))
    assert isinstance(data, bytes)
    assert isinstance(packed, bytes)
    left = load(unpack(data))
    assert isinstance(left, dict)
    assert not left.keys() & columns.keys()
    assert columns | left == load(dump(plain))


async def test_what_says_something_else_than_its_columns_goes_on_to_say_it(path: Path) -> None:
    """Whatever wrote it so: it is not for this step to decide."""
    _make(path, 1)
    store = await Store.open(path)
    row = await store.requests.get("seerr:01K0ABCDEFGHJKMNPQRSTVWXYZ:0:0")
    await store.close()
    assert row is not None
    assert row.request.id == "seerr:01K0ABCDEFGHJKMNPQRSTVWXYZ:0"


@pytest.mark.parametrize("odd", ["{", "[1]", b"\xff", b"", b"\x01\xff", 7, None])
def test_what_can_t_be_read_stays_as_it_was(odd: object) -> None:
    """For whoever can."""
    assert leaner_requests._data(odd, {}) == odd


@pytest.mark.parametrize("odd", ["[", "{}", "[1]", b"\xff", b"", b"\x01\xff", 7, None])
def test_facts_that_can_t_be_read_stay_as_they_were(odd: object) -> None:
    """For whoever can."""
    assert leaner_requests._facts(odd) == odd


def test_facts_that_would_be_others_stay_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever went wrong: nothing is written that reads as something else."""
    stored = pack('[["e","approved",1]]')
    monkeypatch.setattr(leaner_requests, "pack_rows", lambda _: pack('[["e","approved",1.0]]'))
    assert leaner_requests._facts(stored) == stored
