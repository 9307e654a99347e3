"""The database's files: private, no links, whole; and what becomes of one that is not."""

import errno
import os
from pathlib import Path
import sqlite3
import stat

import pytest

from custom_components.showrunner.store import Store, StoreDamaged, StoreError, files
from tests.domain.samples import NOW

from .damage import fill, spoil
from .viewings import VIEWING, WHOLE


@pytest.fixture
def new_databases() -> None:
    """Make each database as the product does, step by step."""


def mode(path: Path) -> int:
    """Read who may do what."""
    return stat.S_IMODE(path.stat().st_mode)


async def test_the_files_are_their_owners_alone(path: Path) -> None:
    """Whatever the umask says; and those of an earlier version become so."""
    before = os.umask(0)
    try:
        store = await Store.open(path)
        await store.viewings.save(VIEWING)
    finally:
        os.umask(before)
    names = [one for one in files.all_of(path) if one.exists()]
    assert len(names) == 3
    assert {mode(one) for one in names} == {0o600}
    for one in names:
        one.chmod(0o644)
    beside = Path(f"{path}-wal").read_bytes()
    await store.close()
    Path(f"{path}-wal").write_bytes(beside)
    Path(f"{path}-wal").chmod(0o666)
    store = await Store.open(path)
    await store.viewings.save(WHOLE)
    assert {mode(one) for one in files.all_of(path) if one.exists()} == {0o600}
    await store.close()


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
@pytest.mark.parametrize("dangling", [False, True])
async def test_no_link_is_followed(path: Path, suffix: str, dangling: bool) -> None:
    """Neither that of the database nor of what lies beside it; what it leads to is not touched."""
    if suffix:
        await (await Store.open(path)).close()
    elsewhere = path.with_name("elsewhere")
    if not dangling:
        elsewhere.write_bytes(b"somebody's")
    link = Path(f"{path}{suffix}")
    link.symlink_to(elsewhere)
    with pytest.raises(StoreError, match="symbolic link") as err:
        await Store.open(path)
    assert not isinstance(err.value, StoreDamaged)
    assert link.is_symlink()
    assert elsewhere.exists() is not dangling
    assert dangling or elsewhere.read_bytes() == b"somebody's"


async def test_a_folder_may_be_a_link(tmp_path: Path) -> None:
    """As it is in many an installation."""
    (tmp_path / "real").mkdir()
    (tmp_path / "config").symlink_to("real")
    store = await Store.open(tmp_path / "config" / "a.db")
    await store.viewings.save(VIEWING)
    await store.close()
    assert (tmp_path / "real" / "a.db").exists()


@pytest.mark.parametrize("suffix", ["", "-wal"])
async def test_a_folder_or_pipe_in_its_place(path: Path, suffix: str) -> None:
    """Said, and left alone; a pipe is not waited for."""
    if suffix:
        await (await Store.open(path)).close()
    place = Path(f"{path}{suffix}")
    place.mkdir()
    with pytest.raises(StoreDamaged, match="is a folder"):
        await Store.open(path)
    place.rmdir()
    os.mkfifo(place)
    with pytest.raises(StoreDamaged, match="is no file"):
        await Store.open(path)
    assert stat.S_ISFIFO(place.stat().st_mode)


@pytest.mark.parametrize("content", [b"", b"this is no database" * 1000, b"SQLite format 3\0" * 99])
async def test_what_is_no_database(path: Path, content: bytes) -> None:
    """Nothing, or rubbish: no reason to begin anew in silence."""
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        await Store.open(path)
    assert path.read_bytes() == content


async def test_a_new_one_is_never_an_empty_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it is made, it has no name yet, and is made anew."""

    def killed(self: Path, target: Path) -> Path:
        raise OSError(errno.EIO, "killed")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed)
        with pytest.raises(StoreError, match="killed"):
            await Store.open(path)
    assert not path.exists()
    store = await Store.open(path)
    await store.viewings.save(VIEWING)
    await store.close()
    assert [one.name for one in path.parent.iterdir()] == [path.name]


async def test_what_may_not_be_written_is_not_damaged(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only disk is told as what it is, and tried again."""
    await (await Store.open(path)).close()

    def refuse(*_: object, **__: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "open", refuse)
        with pytest.raises(StoreError, match="Read-only file system") as err:
            await Store.open(path)
    assert not isinstance(err.value, StoreDamaged)


async def test_a_log_without_its_database_is_no_other_ones(path: Path) -> None:
    """It would be taken for the new one's; it is kept aside."""
    Path(f"{path}-wal").write_bytes(b"frames")
    store = await Store.open(path)
    assert await store.viewings.history() == ()
    await store.close()
    (aside,) = path.parent.glob("showrunner.damaged-*.db-wal")
    assert aside.read_bytes() == b"frames"


async def test_put_aside_deletes_nothing(store: Store, path: Path) -> None:
    """Twice in the same second as well; then there is room for a new one."""
    await fill(store, 3)
    await store.close()
    before = path.read_bytes()
    Path(f"{path}-wal").write_bytes(b"left")
    first = await Store.keep_damaged(path, NOW)
    assert first.name == "showrunner.damaged-2026-06-10-200000.db"
    assert first.read_bytes() == before
    assert Path(f"{first}-wal").read_bytes() == b"left"
    assert not path.exists()
    await (await Store.open(path)).close()
    second = await Store.keep_damaged(path, NOW)
    assert second.name == "showrunner.damaged-2026-06-10-200000-2.db"
    assert first.read_bytes() == before
    with pytest.raises(StoreError, match="can't be renamed"):
        await Store.keep_damaged(path.parent / ("x" * 250), NOW)


# -- found while it is open ------------------------------------------------------------------------


async def test_a_whole_database_is_found_to_be_whole(store: Store) -> None:
    """While it is written."""
    await fill(store, 20)
    assert await store.check(60) is None


async def test_damage_in_the_middle_is_found_and_told(store: Store, path: Path) -> None:
    """By the check; nobody had to ask for one of the rows that are lost."""
    texts: list[str] = []
    await fill(store, 400)
    await store.close()
    spoil(path)
    opened = await Store.open(path)
    opened.on_damage(texts.append)
    found = await opened.check(60)
    assert found
    assert texts == [found]
    await opened.close()


async def test_damage_that_is_met_is_told(store: Store, path: Path) -> None:
    """Whoever reads a lost page is the first to know, and gets a clear error."""
    texts: list[str] = []
    await fill(store, 400)
    await store.close()
    spoil(path)
    opened = await Store.open(path)
    opened.on_damage(texts.append)
    with pytest.raises(StoreDamaged):
        await opened.viewings.history(limit=1000)
    assert texts
    await opened.close()


async def test_a_row_that_cannot_be_read_is_damage(store: Store, path: Path) -> None:
    """What we wrote was whole."""
    texts: list[str] = []
    store.on_damage(texts.append)
    await store.kv.put("k", [1])
    with sqlite3.connect(path) as raw:
        raw.execute("update kv set data = '[1,'")
    raw.close()
    with pytest.raises(StoreDamaged, match="a row can't be read"):
        await store.kv.get("k")
    assert len(texts) == 1


async def test_a_check_that_takes_too_long_says_nothing(store: Store, path: Path) -> None:
    """Not known is neither whole nor damaged."""
    await fill(store, 400)
    with pytest.raises(StoreError, match="could not be checked"):
        await store.check(-1)
