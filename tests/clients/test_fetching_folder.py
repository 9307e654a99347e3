"""Nothing is written to another folder than the linked one; what a disk refuses is seen first."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
import errno
import os
from pathlib import Path
import shutil

import pytest

from custom_components.showrunner.clients.errors import ServiceError
from custom_components.showrunner.clients.fetching import folder, placed, staging
from custom_components.showrunner.clients.fetching.folder import OtherFolder, Trouble
from custom_components.showrunner.clients.fetching.order import (
    FolderGone,
    LocalFailed,
    LocalUnfit,
)
from custom_components.showrunner.domain.transfer.names import STAGING
from tests.clients.fetching import LIMITS, Server, contents, serving, write

NAME = b"Pack"
pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Server]:
    write(tmp_path / "remote" / "Pack" / "film.mkv", 400_000, 1)
    write(tmp_path / "remote" / "Pack" / "sub" / "small.srt", 3000, 2)
    async with serving(tmp_path / "remote") as running:
        yield running


@pytest.fixture
def local(tmp_path: Path) -> Path:
    made = tmp_path / "local"
    made.mkdir()
    return made


def test_a_folder_is_known_again_by_its_mark(tmp_path: Path) -> None:
    """Where it is mounted, or copied to, does not matter; a cut mark is none."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    mark = folder.marked(str(one))
    assert folder.marked(str(one)) == mark != folder.marked(str(other))
    os.close(folder.open_folder(str(one), mark))
    os.close(folder.open_folder(str(other), ""))
    shutil.copytree(one, tmp_path / "copy")
    os.close(folder.open_folder(str(tmp_path / "copy"), mark))
    (one / STAGING / "folder").write_text(mark[:20])
    with pytest.raises(OtherFolder):
        folder.open_folder(str(one), mark)
    assert folder.marked(str(one)) not in ("", mark)


def _emptied(home: Path) -> None:
    shutil.rmtree(home)
    home.mkdir()


def _missing(home: Path) -> None:
    shutil.rmtree(home)


def _file(home: Path) -> None:
    shutil.rmtree(home)
    home.touch()


def _other(home: Path) -> None:
    _emptied(home)
    folder.marked(str(home))


def _link(home: Path) -> None:
    """Have somebody else's folder in the place of the hidden one."""
    (home / STAGING).rename(home.parent / "elsewhere")
    (home / STAGING).symlink_to(home.parent / "elsewhere")


@pytest.mark.parametrize("change", [_emptied, _missing, _file, _other, _link])
async def test_another_folder_in_its_place_is_left_as_it_is(
    server: Server, local: Path, change: Callable[[Path], None]
) -> None:
    """As the empty one of a disk that is not mounted."""
    mark = folder.marked(str(local))
    order = replace(server.order(local, NAME), mark=mark)
    change(local)
    before = sorted(local.rglob("*")) if local.is_dir() else []
    linked = change is _link
    with pytest.raises(LocalFailed if linked else FolderGone):
        await server.fetch(local, NAME, LIMITS, order=order)
    for look in (
        lambda: placed.exists(str(local), NAME, mark),
        lambda: placed.was_placed(str(local), "key", NAME, order.files, mark),
        lambda: placed.staged(str(local), mark),
        lambda: placed.discard(str(local), "key", mark),
    ):
        with pytest.raises(OSError if linked else OtherFolder):
            look()
    wrong = folder.trouble(str(local), mark)
    assert wrong is not None
    assert wrong.gone is not linked
    assert (sorted(local.rglob("*")) if local.is_dir() else []) == before
    assert server.hooks.reads == 0


async def test_the_folder_that_was_linked_is_used(server: Server, local: Path) -> None:
    mark = folder.marked(str(local))
    assert folder.trouble(str(local), mark) is None
    order = replace(server.order(local, NAME), mark=mark)
    await server.fetch(local, NAME, LIMITS, order=order)
    assert contents(local, NAME) == contents(server.folder, NAME)
    assert placed.was_placed(str(local), "key", NAME, order.files, mark)
    placed.discard(str(local), "key", mark)
    assert folder.marked(str(local)) == mark


def test_a_folder_that_can_not_be_written_to_is_said(
    local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = folder.marked(str(local))
    assert folder.trouble(str(local), "") == Trouble(gone=True, unconfirmed=True)
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    assert folder.trouble(str(local), mark) == Trouble(gone=False, why=os.strerror(errno.EACCES))
    room = os.statvfs_result((*os.statvfs(local)[:8], os.ST_RDONLY, 255))
    monkeypatch.setattr(os, "fstatvfs", lambda _: room)
    assert folder.trouble(str(local), mark) == Trouble(gone=False, why=os.strerror(errno.EROFS))
    assert [one.name for one in local.iterdir()] == [STAGING]


def _refusing(
    number: int, which: Callable[..., bool], real: Callable[..., object]
) -> Callable[..., object]:
    def refuse(*args: object, **kwargs: object) -> object:
        if which(*args):
            raise OSError(number, os.strerror(number))
        return real(*args, **kwargs)

    return refuse


@pytest.mark.parametrize(
    ("module", "call", "which", "number", "error"),
    [
        (staging, "rename_new", lambda *_: True, errno.EXDEV, LocalFailed),
        (staging, "rename_new", lambda *_: True, errno.EROFS, LocalFailed),
        (staging, "rename_new", lambda *_: True, errno.EACCES, LocalFailed),
        (os, "mkdir", lambda name, *_: name == STAGING.encode(), errno.EPERM, LocalFailed),
        (os, "open", lambda name, *_: name == b"film.mkv", errno.ENAMETOOLONG, LocalUnfit),
        (os, "open", lambda name, *_: name == b"small.srt", errno.EINVAL, LocalUnfit),
        (os, "open", lambda name, *_: name == b"film.mkv", errno.ENOSPC, ServiceError),
        (os, "lseek", lambda _, size, *__: size == 400_000, errno.EINVAL, LocalUnfit),
    ],
)
async def test_what_the_disk_refuses_is_found_before_anything_is_fetched(
    server: Server,
    local: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    call: str,
    which: Callable[..., bool],
    number: int,
    error: type[Exception],
) -> None:
    order = server.order(local, NAME)
    with monkeypatch.context() as patch:
        patch.setattr(module, call, _refusing(number, which, getattr(module, call)))
        with pytest.raises(error):
            await server.fetch(local, NAME, LIMITS, order=order)
    assert server.hooks.opened == []
    assert [one.name for one in local.iterdir() if one.name != STAGING] == []
    await server.fetch(local, NAME, LIMITS, order=order)
    assert contents(local, NAME) == contents(server.folder, NAME)


async def test_what_a_crash_left_of_the_try_goes(server: Server, local: Path) -> None:
    (local / ".showrunner-key").mkdir()
    await server.fetch(local, NAME, LIMITS)
    assert sorted(one.name for one in local.iterdir()) == [STAGING, "Pack"]
