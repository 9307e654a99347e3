"""The trash on real folders: in, out and away, whatever files are called and whatever comes in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import errno
import os
from pathlib import Path
from typing import Any

import pytest

from custom_components.showrunner import renaming
from custom_components.showrunner.domain.extras import escaped, unescaped
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.plan import (
    DeleteTrashed,
    RestoreFile,
    TrashFile,
)
from custom_components.showrunner.operations import NotPossible, trash
from custom_components.showrunner.operations.open_folders import opened
from custom_components.showrunner.operations.trash import TRASH

from .linked import NOW, step
from .trashing import carry_out, in_trash, operation, payload_of, put, trashed, tree

HOSTILE = (
    *("sample.mkv", "-rf.mkv", "$(touch x).mkv", "a\nb.mkv", "🎬 trailer.mkv", "100%25.mkv"),
    *("..mkv", "'; rm *.mkv", "x" * 251 + ".mkv", os.fsdecode(b"caf\xe9-sample.mkv")),
)


class Stopped(BaseException):
    """Home Assistant was stopped, at once."""


# What changes a folder.
CHANGING: tuple[tuple[Any, str], ...] = (
    *((os, name) for name in ("open", "link", "unlink", "rename", "rmdir")),
    (renaming, "_rename_flagged"),
)


def stopping(call: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    """Have a call stop everything after so many more that change something."""

    def stopped(*given: Any, **named: Any) -> Any:
        if call.__name__ == "open" and not given[1] & os.O_CREAT:
            return call(*given, **named)
        if left[0] == 0:
            raise Stopped
        left[0] -= 1
        return call(*given, **named)

    return stopped


@pytest.mark.parametrize("name", HOSTILE)
async def test_there_and_back(tmp_path: Path, name: str) -> None:
    """Whatever a file is called, it comes back byte for byte, and nothing is left of its way."""
    path = put(tmp_path / "Heat" / "Sample" / name, os.urandom(99))
    put(tmp_path / "Heat" / "Heat.mkv")
    before, answer = tree(tmp_path), path.lstat()
    back, _ = await in_trash(tmp_path, path)
    assert not os.path.lexists(path)
    assert tree(tmp_path) == {"Heat/Heat.mkv": b"video"}
    (place,) = trashed(tmp_path)
    assert {one.name for one in place.iterdir()} == {name, "manifest.json"}
    done = await carry_out(back)
    assert isinstance(done, Known)
    assert tree(tmp_path) == before
    assert (path.lstat().st_ino, path.lstat().st_mtime_ns) == (answer.st_ino, answer.st_mtime_ns)
    assert trashed(tmp_path) == []


@pytest.mark.parametrize("name", HOSTILE)
async def test_there_and_away(tmp_path: Path, name: str) -> None:
    """What is deleted at last is that file, and its bytes are told."""
    put(tmp_path / "Heat.mkv")
    path = put(tmp_path / "Sample" / name, b"x" * 7)
    _, away = await in_trash(tmp_path, path)
    done = await carry_out(away)
    assert isinstance(done, Known)
    assert done.value.bytes_freed == 7
    assert trashed(tmp_path) == []
    assert tree(tmp_path) == {"Heat.mkv": b"video"}


@pytest.mark.parametrize("name", HOSTILE)
def test_paths_are_kept_whole(name: str) -> None:
    """In letters that JSON can hold."""
    kept = escaped(("a%E4b", name))
    assert unescaped(kept) == ("a%E4b", name)
    kept.encode()


@pytest.mark.parametrize("path", ["../x", "a/../b", "", "a//b", "/etc", ".", "a/\0", "a/."])
async def test_no_path_leaves_its_folder(tmp_path: Path, path: str) -> None:
    """Not even one out of a plan that somebody has written by hand."""
    for one in (
        TrashFile(str(tmp_path), path, "t", 1, 1, 1),
        TrashFile(str(tmp_path), "a", path, 1, 1, 1),
        DeleteTrashed(str(tmp_path), "a", path, 1, 1),
        RestoreFile(str(tmp_path), path, "t", 1, 1),
    ):
        with pytest.raises(NotPossible):
            await carry_out(one)
    assert not trashed(tmp_path)


async def test_a_file_that_changed_stays(tmp_path: Path) -> None:
    """Grown, written again, another one under its name, a link, a folder, or gone."""
    path = put(tmp_path / "Heat" / "sample.mkv")
    payload = payload_of(tmp_path, path)
    status = path.lstat()

    def grown() -> None:
        path.write_bytes(b"video and more")

    def touched() -> None:
        path.write_bytes(b"video")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))

    def another() -> None:
        path.rename(path.with_suffix(".old"))
        path.write_bytes(b"video")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def link() -> None:
        path.unlink()
        path.symlink_to(path.with_suffix(".old"))

    def folder() -> None:
        path.unlink()
        path.mkdir()

    for change in (grown, touched, another, link, folder, path.rmdir):
        change()
        before = tree(tmp_path)
        with pytest.raises(NotPossible):
            await carry_out(payload)
        assert tree(tmp_path) == before, change


@pytest.mark.parametrize("part", ["Movies", "Movies/Heat", TRASH, f"{TRASH}/2026-06-10-ab"])
async def test_no_link_is_followed(tmp_path: Path, part: str) -> None:
    """A folder that was swapped for a link between the plan and its step leads nowhere."""
    chosen, outside = tmp_path / "chosen", tmp_path / "outside"
    path = put(chosen / "Movies" / "Heat" / "sample.mkv")
    payload = payload_of(chosen, path)
    outside.mkdir()
    link = chosen / part
    if link.exists():
        link.rename(outside / "there")
    else:
        link.parent.mkdir(exist_ok=True)
        (outside / "there").mkdir()
    link.symlink_to(outside / "there")
    before = tree(tmp_path)
    with pytest.raises(NotPossible):
        await carry_out(payload)
    assert {**tree(tmp_path)} == before


async def test_no_link_is_followed_out_of_the_trash(tmp_path: Path) -> None:
    """Neither on the way back, nor to what is deleted."""
    chosen, outside = tmp_path / "chosen", tmp_path / "outside"
    path = put(chosen / "Heat" / "sample.mkv")
    back, away = await in_trash(chosen, path)
    path.parent.rmdir()
    outside.mkdir()
    path.parent.symlink_to(outside)
    with pytest.raises(NotPossible):
        await carry_out(back)
    assert not list(outside.iterdir())
    (place,) = trashed(chosen)
    place.rename(outside / "place")
    place.symlink_to(outside / "place")
    with pytest.raises(NotPossible):
        await carry_out(away)
    assert (outside / "place" / "sample.mkv").exists()
    assert trash.listed(str(chosen)) == trash.Contents(foreign=1)


async def test_a_file_that_is_swapped_in_the_last_moment_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the renaming nobody can be kept out; it is seen right after."""
    path = put(tmp_path / "Heat" / "sample.mkv")
    payload = payload_of(tmp_path, path)
    rename = trash.rename_new

    def swap(*given: Any) -> None:
        monkeypatch.setattr(trash, "rename_new", rename)
        path.rename(path.with_suffix(".old"))
        path.write_bytes(b"another film")
        rename(*given)

    monkeypatch.setattr(trash, "rename_new", swap)
    with pytest.raises(NotPossible):
        await carry_out(payload)
    assert path.read_bytes() == b"another film"
    assert isinstance(await operation(payload).read_back(step(payload), NOW), Unknown)


async def test_what_a_crash_left_is_read_back(tmp_path: Path) -> None:
    """Before the renaming it had not happened, after it it had; it can be done again."""
    path = put(tmp_path / "Heat" / "sample.mkv")
    payload = payload_of(tmp_path, path)
    one, of = operation(payload), step(payload)
    assert isinstance(await one.read_back(of, NOW), Absent)
    place = tmp_path / TRASH / payload.trash
    put(place / "manifest.json", b'{"half')
    assert isinstance(await one.read_back(of, NOW), Absent)
    assert isinstance(await carry_out(payload), Known)
    assert isinstance(await one.read_back(of, NOW + timedelta(days=1)), Known)
    (back,) = one.undo({}, (await one.read_back(of, NOW)).value.after)  # type: ignore[union-attr]
    # Put back in the middle: linked, and not yet taken out of the trash.
    os.link(place / "sample.mkv", path)
    assert isinstance(await operation(back).read_back(step(back), NOW), Absent)
    assert isinstance(await carry_out(back), Known)
    assert path.read_bytes() == b"video"
    assert trashed(tmp_path) == []


async def test_a_folder_that_is_not_mounted_says_nothing(tmp_path: Path) -> None:
    """Its empty place must not look like a file that is gone."""
    chosen = tmp_path / "chosen"
    path = put(chosen / "sample.mkv")
    payload = payload_of(chosen, path)
    back, away = await in_trash(chosen, path)
    chosen.rename(tmp_path / "unmounted")
    for empty in (False, True):
        if empty:
            chosen.mkdir()
        for one in (payload, back, away):
            try:
                found = await operation(one).read_back(step(one), NOW)
            except NotPossible:
                continue
            assert isinstance(found, Unknown), one


async def test_nothing_is_ever_written_over(tmp_path: Path) -> None:
    """A file came in the place of one in the trash: both stay."""
    path = put(tmp_path / "Heat" / "sample.mkv", b"old")
    back, _ = await in_trash(tmp_path, path)
    for make in (lambda: path.write_bytes(b"new"), path.mkdir, lambda: path.symlink_to("nowhere")):
        make()
        with pytest.raises(NotPossible):
            await carry_out(back)
        (place,) = trashed(tmp_path)
        assert (place / "sample.mkv").read_bytes() == b"old"
        path.rmdir() if path.is_dir() else path.unlink()
    await carry_out(back)
    assert path.read_bytes() == b"old"


def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a file system without hard links, as exFAT and some shares are."""

    def no(*given: Any, **named: Any) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no)


def no_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a file system that can't be told to write nothing over, as NFS is."""
    monkeypatch.setattr(renaming, "_rename_flagged", lambda *_: errno.EINVAL)


@pytest.mark.parametrize("without", [no_links, no_flags])
async def test_whatever_a_file_system_can_t_do_nothing_is_written_over(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    without: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """With one of the two ways a file goes to the trash and comes back."""
    without(monkeypatch)
    path = put(tmp_path / "Heat" / "sample.mkv", b"old")
    back, _ = await in_trash(tmp_path, path)
    path.write_bytes(b"new")
    with pytest.raises(NotPossible):
        await carry_out(back)
    assert path.read_bytes() == b"new"
    path.unlink()
    assert isinstance(await carry_out(back), Known)
    assert path.read_bytes() == b"old"
    assert trashed(tmp_path) == []


async def test_what_could_not_come_back_safely_does_not_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a file system can rename without writing over in neither way."""
    no_links(monkeypatch)
    no_flags(monkeypatch)
    path = put(tmp_path / "Heat" / "sample.mkv", b"old")
    before = tree(tmp_path)
    payload = payload_of(tmp_path, path)
    with pytest.raises(NotPossible):
        await carry_out(payload)
    assert tree(tmp_path) == before
    assert isinstance(await operation(payload).read_back(step(payload), NOW), Absent)


@pytest.mark.parametrize("without", [no_links, no_flags])
async def test_a_stop_on_the_way_back_leaves_the_place_free_or_the_file_in_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    without: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """Stopped at any call that changes a folder, a second try brings it back."""
    without(monkeypatch)
    for stop in range(9):
        path = put(tmp_path / str(stop) / "sample.mkv", b"old")
        back, _ = await in_trash(tmp_path, path)
        with monkeypatch.context() as broken:
            left = [stop]
            for owner, name in CHANGING:
                broken.setattr(owner, name, stopping(getattr(owner, name), left))
            try:
                await carry_out(back)
            except Stopped:
                pass
            else:
                assert stop >= 3
        assert not path.exists() or path.read_bytes() == b"old", stop
        if trashed(tmp_path) and any(trashed(tmp_path)[0].glob("*.mkv")):
            assert isinstance(await carry_out(back), Known), stop
        assert path.read_bytes() == b"old", stop
        for place in trashed(tmp_path):
            (place / "manifest.json").unlink(missing_ok=True)
            place.rmdir()


async def test_what_was_linked_and_not_yet_moved_is_moved_at_the_second_try(
    tmp_path: Path,
) -> None:
    """Stopped in the middle of the way into the trash: one file has both names."""
    path = put(tmp_path / "Heat" / "sample.mkv")
    payload = payload_of(tmp_path, path)
    assert isinstance(await carry_out(payload), Known)
    os.link(tmp_path / TRASH / payload.trash / path.name, path)
    one, of = operation(payload), step(payload)
    assert isinstance(await one.read_back(of, NOW), Absent)
    assert isinstance(await carry_out(payload), Known)
    assert not path.exists()
    assert len(trash.listed(str(tmp_path)).files) == 1


async def test_a_place_that_no_file_lies_in_is_ours_and_can_be_removed(tmp_path: Path) -> None:
    """As a stop between the manifest and the file leaves it; any other place stays."""
    path = put(tmp_path / "Heat" / "sample.mkv")
    await in_trash(tmp_path, path)
    (full,) = trashed(tmp_path)
    empty, half = tmp_path / TRASH / "2026-06-10-cd", tmp_path / TRASH / "2026-06-10-ef"
    put(empty / "manifest.json", (full / "manifest.json").read_bytes())
    put(half / "manifest.json", b'{"half')
    (tmp_path / TRASH / "2026-06-10-01").mkdir()
    (tmp_path / TRASH / "mine").mkdir()
    held = trash.listed(str(tmp_path))
    assert [one.trash for one in held.files] == [full.name]
    assert [one.trash for one in held.empty] == [empty.name]
    assert (held.bare, held.foreign) == (("2026-06-10-01",), 2)
    before = tree(tmp_path / TRASH)
    for name in (full.name, half.name, "nowhere"):
        trash.clear(str(tmp_path), name)
    assert tree(tmp_path / TRASH) == before
    for name in (empty.name, "2026-06-10-01"):
        trash.clear(str(tmp_path), name)
    assert {one.name for one in trashed(tmp_path)} == {full.name, half.name, "mine"}


async def test_the_file_system_says_as_well_when_a_file_came(tmp_path: Path) -> None:
    """By the place that was made for it, whatever the manifest says."""
    await in_trash(tmp_path, put(tmp_path / "sample.mkv"))
    (place,) = trashed(tmp_path)
    at = NOW - timedelta(days=3)
    for one, known in ((at.timestamp(), at), (2**40, datetime.max.replace(tzinfo=UTC))):
        os.utime(place, (one, one))
        if place.stat().st_mtime == one:
            (kept,) = trash.listed(str(tmp_path)).files
            assert kept.placed_at == known


async def test_it_comes_back_into_a_folder_that_is_gone(tmp_path: Path) -> None:
    """The folder is made again. Twice it does not come back."""
    path = put(tmp_path / "Heat" / "Sample" / "sample.mkv")
    back, away = await in_trash(tmp_path, path)
    path.parent.rmdir()
    path.parent.parent.rmdir()
    await carry_out(back)
    assert path.read_bytes() == b"video"
    for one in (back, away):
        with pytest.raises(NotPossible):
            await carry_out(one)
    assert path.read_bytes() == b"video"


async def test_only_what_our_manifest_says_is_deleted(tmp_path: Path) -> None:
    """What somebody else has put into the trash, or changed in it, stays."""
    path = put(tmp_path / "Heat" / "sample.mkv")
    _, away = await in_trash(tmp_path, path)
    (place,) = trashed(tmp_path)
    put(tmp_path / TRASH / "mine" / "photos.mkv")
    put(tmp_path / TRASH / "loose.mkv")
    assert len(trash.listed(str(tmp_path)).files) == 1
    assert trash.listed(str(tmp_path)).foreign == 2
    file = place / "sample.mkv"
    status = file.lstat()
    manifest = (place / "manifest.json").read_bytes()
    changes: list[Callable[[], object]] = [
        lambda: put(place / "notes.txt"),
        lambda: file.write_bytes(b"other"),
        lambda: (place / "manifest.json").write_bytes(b"{}"),
        lambda: (place / "manifest.json").write_bytes(b"[" * 2000),
        (place / "manifest.json").unlink,
    ]
    for change in changes:
        change()
        assert trash.listed(str(tmp_path)).files == ()
        before = sorted((tmp_path / TRASH).rglob("*"))
        with pytest.raises(NotPossible):
            await carry_out(away)
        assert sorted((tmp_path / TRASH).rglob("*")) == before
        (place / "notes.txt").unlink(missing_ok=True)
        file.write_bytes(b"video")
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
        (place / "manifest.json").write_bytes(manifest)
    assert isinstance(await carry_out(away), Known)
    assert {one.name for one in trashed(tmp_path)} == {"mine", "loose.mkv"}


async def test_a_file_with_another_name_frees_nothing(tmp_path: Path) -> None:
    """As one that a torrent still seeds."""
    path = put(tmp_path / "Heat" / "sample.mkv")
    os.link(path, tmp_path / "seeded.mkv")
    _, away = await in_trash(tmp_path, path)
    done = await carry_out(away)
    assert isinstance(done, Known)
    assert (done.value.bytes_freed, done.value.detail.key) == (0, "done_deleted_shared")
    assert (tmp_path / "seeded.mkv").read_bytes() == b"video"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EXDEV])
@pytest.mark.parametrize("call", ["mkdir", "rename_new", "fsync", "open"])
async def test_what_the_file_system_refuses_leaves_a_file_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    """Or in the trash, whole; and how it is can be read afterwards."""
    path = put(tmp_path / "Heat" / os.fsdecode(b"caf\xe9.mkv"))
    payload = payload_of(tmp_path, path)

    def no(*given: Any, **named: Any) -> None:
        raise OSError(number, os.strerror(number), given[0])

    with monkeypatch.context() as broken:
        broken.setattr(trash if call == "rename_new" else os, call, no)
        with pytest.raises((NotPossible, OSError)) as caught:
            await carry_out(payload)
    text = str(getattr(caught.value, "why", caught.value))
    text.encode()
    read = await operation(payload).read_back(step(payload), NOW)
    assert isinstance(read, Absent if path.exists() else Known)
    assert isinstance(caught.value, NotPossible) == (number in (errno.EACCES, errno.EXDEV))


def test_a_folder_on_another_file_system_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is copied from one to another: /dev/shm is none of /dev's."""
    if os.stat("/dev").st_dev == os.stat("/dev/shm").st_dev:  # noqa: PTH116
        pytest.skip("no second file system")
    with pytest.raises(OSError, match=os.strerror(errno.EXDEV)), opened("/dev", ("shm",)):
        pass


def test_a_folder_of_which_nothing_was_ever_removed_has_no_trash(tmp_path: Path) -> None:
    """And looking into it makes none."""
    assert trash.listed(str(tmp_path)) == trash.Contents()
    assert list(tmp_path.iterdir()) == []
