"""Version 17: every item is there and equal, found in every way in which it was found before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
import sqlite3

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.library import ItemKind, LibraryItem
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.sweep import ReadState
from custom_components.showrunner.domain.sweep_pages import Seen
from custom_components.showrunner.store import Store, StoreDamaged, StoreError
from custom_components.showrunner.store.library_paths import (
    Told,
    digest_of,
    pack,
    split,
    splits,
    unpack,
)
from custom_components.showrunner.store.library_rows import prepare
from tests.domain.samples import NOW
from tests.effort import THOROUGH, examples

from .full_disk import full_disk
from .kills import kill_often
from .older import Older
from .scratch import scratch

_SERVERS = ("a" * 32, "Another Server")
_MOST = 2**62


@pytest.fixture(autouse=True)
def new_databases() -> None:
    """Make each database as the product does, step by step."""


# What no service means to send, and what one sends: quotes, nothing, other alphabets, controls.
NAMES = st.sampled_from(
    [
        "The Film",
        "Film",
        "",
        "'; --",
        '"%_',
        "a\x00b",
        "\x01\x02",
        "千と千尋",
        "🎬" * 60,
        "ß/ẞ",
        "CON",
    ]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PATHS = st.sampled_from(
    [
        *("/media/tv/Film/Season 01/Film - S01E01 - The Film WEBDL-1080p.mkv", "/", "", "//", "x"),
        *("/media/The Film (2011)/The Film (2011) Bluray-1080p.mkv", "C:\\Films\\Film\\Film.avi"),
        *("/media/The Film (2011)/", "\\\\nas\\film\\x.mkv", "/x.mkv", "/a\x00b/\x01.mkv", "tt/x"),
    ]
) | st.lists(NAMES, min_size=1, max_size=4).map("/".join)
_NUMBERS = st.none() | st.integers(0, 12) | st.integers(1, _MOST)
IDS = st.builds(
    ProviderIds,
    st.none() | st.integers(1, 4) | st.integers(1, _MOST),
    st.none() | st.integers(1, 4),
    st.none()
    | st.sampled_from(["tt0000001", "tt00000001", "tt12345", "tt012345678", "tt123456789012"])
    | st.sampled_from(["tt", "1234567", "TT0000001", "nm0000001"]),
)
ITEM_IDS = st.integers(0, 9).map("{:032x}".format) | st.sampled_from(
    ["A" * 32, "odd id", "", "0" * 31, "é", "1" * 32 + "\n", "123456"]
)
_REALS = st.none() | st.sampled_from([0.0, 1.0, 7.3, 2699.979, 1 / 3, 1e300, 2.0**60, 0.0005])


def _item(kind: ItemKind, item: LibraryItem) -> LibraryItem:
    if kind is ItemKind.EPISODE:
        return replace(item, kind=kind)
    return replace(item, kind=kind, season=None, episode=None, episode_end=None)


ITEMS = st.builds(
    _item,
    st.sampled_from([*ItemKind]),
    st.builds(
        LibraryItem,
        server_id=st.sampled_from(_SERVERS),
        item_id=ITEM_IDS,
        kind=st.just(ItemKind.MOVIE),
        name=NAMES,
        ids=IDS,
        year=st.none() | st.integers(1900, 2100),
        path=st.none() | PATHS,
        size=st.none() | st.integers(0, _MOST),
        runtime=_REALS,
        created=st.none() | st.integers(0, 10**11).map(lambda n: NOW - timedelta(milliseconds=n)),
        genres=st.lists(NAMES, max_size=3).map(tuple),
        rating=_REALS,
        series_item_id=st.none() | ITEM_IDS,
        series_name=st.none() | NAMES,
        season=st.none() | st.integers(0, 3),
        episode=st.none() | st.integers(0, 3) | st.just(10**6),
        episode_end=st.none() | st.integers(0, 4),
    ),
)
LIBRARIES = st.lists(
    st.tuples(ITEMS, st.integers(0, 2), st.none() | st.integers(0, 10**12)),
    max_size=12,
    unique_by=lambda one: (one[0].item_id, one[0].server_id),
)

type Library = Sequence[tuple[LibraryItem, int, int | None]]


def _with_series(items: Sequence[LibraryItem]) -> list[LibraryItem]:
    """Give episodes the ids and the year of their series, as they are read."""
    known = {(one.server_id, one.item_id): one for one in items}
    found = []
    for one in items:
        series = known.get((one.server_id, one.series_item_id or ""))
        if one.series_item_id is None or series is None:
            found.append(replace(one, series_ids=ProviderIds(), series_year=None))
        else:
            found.append(replace(one, series_ids=series.ids, series_year=series.year))
    return found


def _sorted(items: Sequence[LibraryItem]) -> list[str]:
    return sorted(repr(replace(one, seen_at=None)) for one in items)


def _write(path: Path, library: Library) -> None:
    old = Older(path)
    for item, missed, seen_at in library:
        old.item(item, missed, seen_at)
    old.close()


@settings(max_examples=examples(150), deadline=None)
@given(LIBRARIES)
async def test_every_item_is_there_and_found_as_before(library: Library) -> None:
    """By its id, its path, each of its names; and what a sweep had missed is missed still."""
    async with scratch() as path:
        path.unlink()
        _write(path, library)
        store = await Store.open(path)
        try:
            await _is_found(store, library)
        finally:
            await store.close()


async def _is_found(store: Store, library: Library) -> None:
    items = _with_series([item for item, _, _ in library])
    missed = {(one.server_id, one.item_id): bool(by) for one, by, _ in library}
    seen = {(one.server_id, one.item_id): at for one, _, at in library}
    for server in _SERVERS:
        mine = {one.item_id: one for one in items if one.server_id == server}
        found = await store.library.find_many([*mine, "nobody"], server)
        assert dict(found) == mine
        for one in found.values():
            at = seen[server, one.item_id]
            assert one.seen_at == (None if at is None else NOW.fromtimestamp(at / 1000, NOW.tzinfo))
    for path in {one.path for one in items if one.path is not None}:
        there = [one for one in items if one.path == path]
        assert _sorted(await store.library.by_path(path)) == _sorted(there)
        met = [one for one in there if not missed[one.server_id, one.item_id]]
        assert _sorted(await store.library.by_path(path, met=True)) == _sorted(met)
    for kind in ItemKind:
        many = sum(one.kind is kind for one in items)
        assert (await store.library.counts()).get(kind.value, 0) == many


@settings(max_examples=examples(100), deadline=None)
@given(LIBRARIES)
async def test_what_was_rewritten_is_as_what_is_written_anew(library: Library) -> None:
    """Row by row: so every question has the same answer, and a sweep finds nothing changed."""
    async with scratch() as path, scratch() as fresh:
        path.unlink()
        _write(path, library)
        fresh.unlink()
        old, new = await Store.open(path), await Store.open(fresh)
        try:
            for item, _, _ in library:
                await new.library.take([item], 1)
            assert _rows(path) == _rows(fresh)
            before = _rows(path, "missed", "seen_at")
            for item, _, _ in library:
                await old.library.take([item], 2)
            assert [row[:-2] for row in _rows(path, "missed", "seen_at")] == [
                row[:-2] for row in before
            ]
            # Whatever the sweep had missed is there; its file is as old as it was.
            assert [row[-1] for row in _rows(path, "missed", "seen_at")] == [
                row[-1] for row in before
            ]
            names = [name for item, _, _ in library for name in item.keys]
            asked = [(name,) for name in names]
            assert await old.library.by_keys_of(asked) == await new.library.by_keys_of(asked)
        finally:
            await old.close()
            await new.close()


def _rows(path: Path, *more: str) -> list[tuple[object, ...]]:
    columns = "".join(f", {one}" for one in more)
    with sqlite3.connect(path) as raw:
        rows = raw.execute(
            f"""SELECT servers.text, hex(item.item_id), typeof(item.item_id), kind, tmdb, tvdb,
            imdb, typeof(imdb), hex(series.item_id), hex(series.name), season, episode,
            episode_end, hex(item.name), year, hex(folder.path), hex(file), typeof(file),
            file_digest, size, runtime, typeof(runtime), created, hex(genres.text), rating,
            typeof(rating), item.digest{columns} FROM library_items AS item
            JOIN library_texts AS servers ON servers.id = server
            JOIN library_texts AS genres ON genres.id = genres
            LEFT JOIN library_series AS series ON series.id = series
            LEFT JOIN library_folders AS folder ON folder.id = folder ORDER BY 1, 2, 3"""
        ).fetchall()
    raw.close()
    return rows


TOLD = st.builds(
    Told, NAMES, st.none() | st.integers(1, 9999), st.none() | NAMES, _NUMBERS, _NUMBERS
)


@given(PATHS, TOLD, st.booleans())
def test_a_path_is_put_together_as_it_was(path: str, told: Told, with_its_folder: bool) -> None:
    """However it is split and whatever its row says; one of the ways in which it is looked for."""
    folder, file = split(path, with_its_folder=with_its_folder)
    assert folder + file == path
    assert (folder, file) in splits(path)
    packed = pack(file, told)
    assert unpack(packed, told, digest_of(file)) == file
    assert len(packed if isinstance(packed, bytes) else packed.encode()) <= len(file.encode())


def test_a_file_that_is_named_after_its_title_packs_to_some_letters() -> None:
    """As Sonarr and Radarr name them by themselves."""
    episode = Told("Dust Ember Ferry", 2011, "Amber Barrel Candle", 1, 2)
    movie = Told("The Long Way", 2011, None, None, None)
    for told, path, most in (
        (
            episode,
            "/tv/A/Season 01/Amber Barrel Candle - S01E02 - Dust Ember Ferry WEBDL-1080p.mkv",
            6,
        ),
        (movie, "/movies/The Long Way (2011)/The Long Way (2011) Bluray-1080p.mkv", 12),
    ):
        folder, file = split(path, with_its_folder=told is movie)
        assert folder in {"/tv/A/Season 01/", "/movies/"}
        assert len(pack(file, told)) <= most


@pytest.mark.parametrize("broken", [b"", b"\x02", b"\x01", b"\x01\xff\xff", b"\x01\x03\x00more"])
def test_what_was_not_packed_as_it_stands_is_damage(broken: bytes) -> None:
    """A path proves what is deleted: none is guessed."""
    with pytest.raises(StoreDamaged):
        unpack(broken, Told("Film", 2011, None, None, None), digest_of("Film.mkv"))


def test_a_row_that_says_something_else_of_its_title_is_damage() -> None:
    """Its file unpacks to another name, and that is seen."""
    one, other = (Told(name, 2011, None, None, None) for name in ("One", "Two"))
    with pytest.raises(StoreDamaged):
        unpack(
            pack("One (2011) WEBDL-1080p.mkv", one), other, digest_of("One (2011) WEBDL-1080p.mkv")
        )


def _films(many: int) -> list[LibraryItem]:
    return [
        LibraryItem(
            *(_SERVERS[0], f"{number:032x}", ItemKind.EPISODE, f"Part {number}"),
            ProviderIds(number + 1, number + 7, f"tt{number + 1:07}"),
            2011,
            f"/tv/Show/Season {number // 20:02}/Show - S01E{number:02} - Part {number} SDTV.mkv",
            runtime=2700.5,
            created=NOW + timedelta(seconds=number),
            rating=7.3,
            series_item_id="f" * 32,
            series_name="Show",
            season=1,
            episode=number,
        )
        for number in range(many)
    ]


async def test_without_room_nothing_is_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and goes on once there is room."""
    (film,) = _films(1)
    _write(path, [(film, 0, None)])
    with full_disk(monkeypatch, path), pytest.raises(StoreError, match="no room"):
        await Store.open(path)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT path FROM library_items").fetchone() == (film.path,)
    raw.close()
    store = await Store.open(path)
    assert await store.library.find(film.item_id) == film
    await store.close()


async def test_a_folder_and_a_series_go_with_their_last_item(path: Path) -> None:
    """Moved away, named anew, or gone; what others are of stays."""
    store = await Store.open(path)
    here, there, other = _films(41)[0], _films(41)[20], _films(41)[40]
    await store.library.take([here, there, other], 1)

    def kept() -> tuple[list[str], list[str]]:
        with sqlite3.connect(path) as raw:
            folders = raw.execute("SELECT path FROM library_folders ORDER BY path").fetchall()
            series = raw.execute("SELECT name FROM library_series ORDER BY name").fetchall()
        raw.close()
        return [one for (one,) in folders], [one for (one,) in series]

    begin = "/tv/Show/Season "
    assert kept() == ([f"{begin}{n:02}/" for n in range(3)], ["Show"])
    moved = replace(here, path="/tv/Other/x.mkv", series_name="Other")
    await store.library.take([moved], 2)
    assert kept() == (["/tv/Other/", f"{begin}01/", f"{begin}02/"], ["Other", "Show"])
    found = await store.library.find(here.item_id)
    assert found == moved
    assert found is not None
    assert found.seen_at is not None
    read = ReadState(sweep=4, whole=2)
    losses = store.library.losses(Seen(), _SERVERS[0], read)
    await losses.settle(1)
    await store.library.losses(Seen(), _SERVERS[0], replace(read, sweep=5, whole=4)).settle(1)
    assert kept() == ([], [])
    await store.close()


async def test_an_item_takes_300_bytes(path: Path) -> None:
    """In a store that was filled as they came, indexes and all that they share included."""
    many = 3000
    store = await Store.open(path)
    await store.library.take(_films(many), 1)
    await store.close()
    with sqlite3.connect(path) as raw:
        (size,) = raw.execute(
            """SELECT sum(pgsize) FROM dbstat JOIN sqlite_master USING (name)
            WHERE tbl_name LIKE 'library%'"""
        ).fetchone()
    raw.close()
    assert size < 300 * many


async def test_killed_at_any_moment_it_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    """By kill -9, at random moments; what was begun is done again from its beginning."""
    many, kills = (12_000, 8) if THOROUGH else (3_000, 2)
    first, path = tmp_path / "first.db", tmp_path / "killed.db"
    films = _films(many)
    _write(first, [(film, 0, None) for film in films])

    def look(raw: sqlite3.Connection) -> None:
        assert raw.execute("SELECT count(*) FROM library_items").fetchone() == (many,)

    kill_often(first, path, kills, look)
    store = await Store.open(path)
    found = await store.library.find_many([film.item_id for film in films])
    assert [*found.values()] == films
    assert all(int(one, 16) < int(other, 16) for one, other in pairwise(found))
    await store.close()


def test_the_old_library_is_written_as_it_was() -> None:
    """Else nothing is shown by what is made of it."""
    (film,) = _films(1)
    values = prepare(film)
    assert (values["path"], values["imdb"], values["genres"]) == (film.path, "tt0000001", "[]")
