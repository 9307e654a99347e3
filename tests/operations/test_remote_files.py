"""Removing exactly the files of a torrent: nothing else, and nothing outside its folder."""

from dataclasses import replace
import os
from pathlib import Path

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.showrunner.clients.errors import (
    Refused,
    ServiceError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from custom_components.showrunner.domain.knowledge import Absent, Known
from custom_components.showrunner.domain.plan import (
    Action,
    RemovedFile,
    RemoveRemoteFiles,
)
from custom_components.showrunner.domain.plan.payloads import as_text, payload_from_store
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.domain.transfer.remote import RemoteFile
from custom_components.showrunner.operations import (
    NotLinked,
    NotPossible,
)
from custom_components.showrunner.operations.remote_files import any_there
from tests.english import english

from .disk import Disk, tree
from .linked import NOW
from .remote_files import of, operation, payload, write

ODD = (
    "Amélie 日本語 %41.mkv".encode(),
    b"-rf",
    b"$(touch x)",
    b"new\nline",
    b"Caf\xe9-Am\xe9lie.mkv",
    "🎬.mkv".encode(),
    b"x" * 255,
    b" a ; b | c > d?*\\",
)


async def test_exactly_its_files_go_whatever_they_are_called(tmp_path: Path) -> None:
    """With the folders that are empty then; what lies beside them stays, byte for byte."""
    mine, other = tmp_path / "Release", tmp_path / "Other"
    names = [*ODD, *(b"sub/" + one for one in ODD[:3]), b"sub/deep/a.nfo"]
    write(mine, names)
    write(other, ODD)
    before = tree(other)
    one = operation(disk := Disk(tmp_path))
    applied = await one.apply(of(payload(tmp_path, mine, names)))
    assert applied is not None
    assert not applied.half
    assert applied.bytes_freed == sum(map(len, names))
    assert not mine.exists()
    assert tree(other) == before
    assert len(disk.removed) == len(names) + 3
    assert isinstance(await one.read_back(of(payload(tmp_path, mine, names)), NOW), Known)


async def test_what_is_not_named_stays_and_so_does_its_folder(tmp_path: Path) -> None:
    """A file that somebody put beside them, or that lost letters of its name."""
    mine = tmp_path / "Release"
    write(mine, [b"a.mkv", b"sub/b.mkv", b"sub/mine.txt"])
    wish = payload(tmp_path, mine, [b"a.mkv", b"sub/b.mkv"], left=1)
    applied = await operation(Disk(tmp_path)).apply(of(wish))
    assert applied is not None
    assert list(tree(tmp_path)) == [
        os.fsencode(mine),
        os.fsencode(mine / "sub"),
        os.fsencode(mine / "sub/mine.txt"),
    ]
    assert "1 left there" in str(applied.detail)


async def test_another_file_under_the_same_name_stays(tmp_path: Path) -> None:
    """Of another size, or no file at all; the step says that it is only half done."""
    mine = tmp_path / "Release"
    write(mine, [b"same.mkv", b"grown.mkv"])
    (mine / "grown.mkv").write_bytes(b"much more than it was")
    (mine / "folder.mkv").mkdir()
    (mine / "link.mkv").symlink_to("same.mkv")  # as many bytes as the file that was planned
    names = [b"same.mkv", b"grown.mkv", b"folder.mkv", b"link.mkv", b"gone.mkv"]
    applied = await operation(Disk(tmp_path)).apply(of(payload(tmp_path, mine, names)))
    assert applied is not None
    assert applied.half
    assert applied.bytes_freed == len(b"same.mkv")
    assert applied.after["left"] == ["grown.mkv", "folder.mkv", "link.mkv"]
    assert sorted(one.name for one in mine.iterdir()) == ["folder.mkv", "grown.mkv", "link.mkv"]


async def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    """Neither the torrent's own folder nor one on the way to a file."""
    inside, outside = tmp_path / "downloads", tmp_path / "precious"
    write(outside, [b"a.mkv", b"sub/a.mkv"])
    (outside / "empty").mkdir()
    write(inside / "Release", [b"b.mkv"])
    (inside / "Release" / "sub").symlink_to(outside)
    (inside / "Linked").symlink_to(outside)
    before = tree(outside)
    one = operation(Disk(inside))
    applied = await one.apply(
        of(
            payload(
                inside,
                inside / "Release",
                [b"sub/a.mkv", b"sub/sub/a.mkv", b"sub/empty/a.mkv", b"b.mkv"],
            )
        )
    )
    assert applied is not None
    assert applied.half
    await one.apply(of(payload(inside, inside / "Linked", [b"a.mkv", b"sub/a.mkv"])))
    assert tree(outside) == before
    assert not (inside / "Release" / "b.mkv").exists()


async def test_the_folder_itself_may_be_reached_over_a_link(tmp_path: Path) -> None:
    """As a home folder on another disk is."""
    real = tmp_path / "disk"
    write(real / "Release", [b"a.mkv"])
    (tmp_path / "downloads").symlink_to(real)
    inside = tmp_path / "downloads"
    await operation(Disk(inside)).apply(of(payload(inside, inside / "Release", [b"a.mkv"])))
    assert list(real.iterdir()) == []


async def test_a_file_without_a_folder_of_its_own_leaves_the_folder(tmp_path: Path) -> None:
    """Also when nothing else lies in it, and when it is the transfer's own."""
    for folder in (tmp_path, tmp_path / "sub"):
        write(folder, [b"film.mkv"])
        await operation(Disk(tmp_path)).apply(
            of(payload(tmp_path, folder, [b"film.mkv"], own=False))
        )
        assert not (folder / "film.mkv").exists()
        assert folder.exists()


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("", [b"a.mkv"]),
        ("..", [b"a.mkv"]),
        ("../precious", [b"a.mkv"]),
        ("Release/../../precious", [b"a.mkv"]),
        ("Release", [b"../../precious/a.mkv"]),
        ("Release", [b"/etc/passwd"]),
        ("Release", [b""]),
        ("Release", [b"."]),
        ("Release", [b"sub//a.mkv"]),
        ("Release", [b"a\0.mkv"]),
    ],
)
async def test_nothing_outside_is_ever_named(
    tmp_path: Path, folder: str, names: list[bytes]
) -> None:
    """A plan that says otherwise is refused as a whole."""
    inside = tmp_path / "downloads"
    write(inside, [b"a.mkv", b"Release/a.mkv"])
    write(tmp_path / "precious", [b"a.mkv"])
    before = tree(tmp_path)
    wish = payload(inside, inside, names)
    where = as_text(os.fsencode(f"{inside}/{folder}".rstrip("/")))
    wish = RemoveRemoteFiles(wish.hash, wish.client, wish.inside, where, True, wish.files)
    with pytest.raises(NotPossible):
        await operation(Disk(inside)).apply(of(wish))
    assert tree(tmp_path) == before


async def test_whether_any_of_the_files_is_there_still(tmp_path: Path) -> None:
    """The very same: another one under its name is not."""
    write(tmp_path / "Release", [b"a.mkv", b"other.mkv"])
    for names, there in (([b"a.mkv", b"gone.mkv"], True), ([b"gone.mkv"], False)):
        wish = payload(tmp_path, tmp_path / "Release", names)
        assert await any_there(Disk(tmp_path), wish) is there  # type: ignore[arg-type]
    wish = payload(tmp_path, tmp_path / "Release", [b"a.mkv"])
    (tmp_path / "Release" / "a.mkv").write_bytes(b"grown by much")
    assert not await any_there(Disk(tmp_path), wish)  # type: ignore[arg-type]


def test_what_is_not_possible_says_why_as_errors_of_services_do() -> None:
    """One place puts it into words."""
    assert NotPossible(say("files_outside")).text == say("files_outside")


async def test_a_folder_without_a_root_is_nowhere(tmp_path: Path) -> None:
    """A server would look for it wherever one is signed in."""
    write(tmp_path, [b"Release/a.mkv"])
    wish = payload(tmp_path, tmp_path / "Release", [b"a.mkv"])
    for inside, folder in (wish.inside, "Release"), (wish.inside.lstrip("/"), wish.folder):
        odd = replace(wish, inside=inside, folder=folder)
        with pytest.raises(NotPossible):
            await operation(Disk(tmp_path)).apply(of(odd))
    assert (tmp_path / "Release" / "a.mkv").exists()


async def test_a_transfer_that_is_gone_or_has_another_folder_removes_nothing(
    tmp_path: Path,
) -> None:
    """It may be linked anew; a folder that was changed may hold the same names."""
    write(tmp_path / "Release", [b"a.mkv"])
    wish = payload(tmp_path, tmp_path / "Release", [b"a.mkv"])
    with pytest.raises(NotLinked):
        await operation(None).apply(of(wish))
    with pytest.raises(NotPossible):
        await operation(Disk(tmp_path / "Release")).apply(of(wish))
    assert (tmp_path / "Release" / "a.mkv").exists()


@pytest.mark.parametrize("how", ["gone", "a file"])
async def test_while_the_transfer_s_folder_is_away_nothing_is_said_to_be_gone(
    tmp_path: Path, how: str
) -> None:
    """As of a disk that is not mounted: no file is there, and none has been removed."""
    inside = tmp_path / "downloads"
    if how == "a file":
        inside.write_text("")
    wish = of(payload(inside, inside / "Release", [b"a.mkv"]))
    with pytest.raises(Unreachable):
        await operation(Disk(inside)).apply(wish)
    with pytest.raises(Unreachable):
        await operation(Disk(inside)).read_back(wish, NOW)


async def test_what_broke_off_is_gone_on_with(tmp_path: Path) -> None:
    """Read back, a part of it has happened; done again, the rest goes, and nothing twice."""
    mine, names = tmp_path / "Release", [b"a.mkv", b"sub/b.mkv", b"sub/c.mkv"]
    write(mine, names)
    disk = Disk(tmp_path)
    one, wish = operation(disk), of(payload(tmp_path, mine, names))

    def lost(path: bytes) -> None:
        if len(disk.removed) == 1:
            raise Unreachable("SFTP", "connection lost")

    disk.fails = lost
    with pytest.raises(Unreachable):
        await one.apply(wish)
    found = await one.read_back(wish, NOW)
    assert isinstance(found, Known)
    freed = found.value.bytes_freed
    assert (found.value.unfinished, found.value.half) == (True, True)
    assert freed == len(names[0])
    assert english(found.value.detail).startswith("1 file removed")
    assert "2 are still to be removed" in english(found.value.detail)
    # What is told once is not told again.
    again = await one.read_back(replace(wish, bytes_freed=freed), NOW)
    assert isinstance(again, Known)
    assert again.value.bytes_freed == 0
    disk.fails = lambda path: None
    applied = await one.apply(wish)
    assert applied is not None
    assert not applied.half
    assert not mine.exists()
    assert isinstance(await one.read_back(wish, NOW), Known)


async def test_a_folder_that_somebody_removes_meanwhile_is_no_failure(tmp_path: Path) -> None:
    """It was to go anyway."""
    mine = tmp_path / "Release"
    write(mine, [b"a.mkv"])
    disk = Disk(tmp_path)

    def first(path: bytes) -> None:
        if path == os.fsencode(mine):
            mine.rmdir()

    disk.fails = first
    applied = await operation(disk).apply(of(payload(tmp_path, mine, [b"a.mkv"])))
    assert applied is not None
    assert not applied.half
    assert applied.bytes_freed == len(b"a.mkv")


async def test_a_folder_behind_a_link_is_not_what_is_left_of_a_torrent(tmp_path: Path) -> None:
    """Its own is gone, and an empty one stands elsewhere under its name: nothing is to be done."""
    inside, outside = tmp_path / "downloads", tmp_path / "precious"
    inside.mkdir()
    outside.mkdir()
    mine = inside / "Release"
    one, wish = operation(Disk(inside)), of(payload(inside, mine, [b"a.mkv"]))
    mine.mkdir()
    there = await one.read_back(wish, NOW)
    assert isinstance(there, Known)
    assert there.value.unfinished
    mine.rmdir()
    mine.symlink_to(outside)
    seen = await one.read_back(wish, NOW)
    assert isinstance(seen, Known)
    assert not seen.value.unfinished


async def test_what_has_not_begun_has_not_happened(tmp_path: Path) -> None:
    """All of them are there still."""
    write(mine := tmp_path / "Release", [b"a.mkv", b"sub/b.mkv"])
    wish = of(payload(tmp_path, mine, [b"a.mkv", b"sub/b.mkv"]))
    assert isinstance(await operation(Disk(tmp_path)).read_back(wish, NOW), Absent)


async def test_what_is_gone_is_done_although_its_folder_stays_for_something_else(
    tmp_path: Path,
) -> None:
    """The answer was lost: what was freed is told, that it is not proven, and what stayed."""
    mine = tmp_path / "Release"
    write(mine, [b"a.mkv", b"sub/b.mkv", b"other.nfo"])
    one = operation(disk := Disk(tmp_path))
    wish = of(payload(tmp_path, mine, [b"a.mkv", b"sub/b.mkv"]))

    def lost(path: bytes) -> None:
        if len(disk.removed) == 3:
            raise Unreachable("SFTP", "connection lost")

    disk.fails = lost
    with pytest.raises(Unreachable):
        await one.apply(wish)
    found = await one.read_back(wish, NOW)
    assert isinstance(found, Known)
    assert found.value.bytes_freed == len(b"a.mkv") + len(b"sub/b.mkv")
    assert (found.value.unfinished, found.value.half) == (False, False)
    assert found.value.after["freed_proven"] is False
    assert f"the folder {mine} stays" in english(found.value.detail)
    assert (mine / "other.nfo").exists()


async def test_the_folder_that_stays_is_told_at_once_too(tmp_path: Path) -> None:
    """Where nothing was lost on the way."""
    write(mine := tmp_path / "Release", [b"a.mkv", b"other.nfo"])
    applied = await operation(Disk(tmp_path)).apply(of(payload(tmp_path, mine, [b"a.mkv"])))
    assert applied is not None
    assert f"the folder {mine} stays" in english(applied.detail)
    assert not applied.half


async def test_an_empty_folder_is_still_to_be_removed(tmp_path: Path) -> None:
    """All files are gone, and that is told; the rest is gone on with."""
    write(mine := tmp_path / "Release", [b"a.mkv", b"sub/b.mkv"])
    one = operation(disk := Disk(tmp_path))
    wish = of(payload(tmp_path, mine, [b"a.mkv", b"sub/b.mkv"]))

    def lost(path: bytes) -> None:
        if len(disk.removed) == 2:
            raise Unreachable("SFTP", "connection lost")

    disk.fails = lost
    with pytest.raises(Unreachable):
        await one.apply(wish)
    found = await one.read_back(wish, NOW)
    assert isinstance(found, Known)
    assert (found.value.unfinished, found.value.half) == (True, False)
    assert "an empty folder of theirs is still there" in english(found.value.detail)
    disk.fails = lambda path: None
    assert await one.apply(wish) is not None
    assert not mine.exists()


@pytest.mark.parametrize("error", [Refused("SFTP", 0, "no"), Unauthorized("SFTP", "no")])
async def test_what_says_no_in_the_middle_does_not_undo_what_went(
    tmp_path: Path, error: ServiceError
) -> None:
    """It is not told as refused: some are gone, and that is read back."""
    write(mine := tmp_path / "Release", [b"a.mkv"])
    disk = Disk(tmp_path)
    look = disk.lstat

    async def lstat(path: bytes) -> RemoteFile:
        if disk.removed and path.endswith(b"a.mkv"):
            raise error
        return await look(path)

    disk.lstat = lstat  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        await operation(disk).apply(of(payload(tmp_path, mine, [b"a.mkv"])))
    assert disk.removed


@given(st.binary(min_size=1, max_size=60), st.integers(0, 2**60))
def test_any_name_can_be_kept_and_is_the_same_afterwards(name: bytes, size: int) -> None:
    """Names are bytes, and plans are kept as text."""
    files = (RemovedFile.of(name, size),)
    wish = RemoveRemoteFiles("H", "c", as_text(b"/d"), as_text(b"/d/r"), True, files)
    kept = orjson.loads(orjson.dumps(wish.to_store()))
    read = payload_from_store(Action.REMOVE_REMOTE_FILES, kept)
    assert read == wish
    assert isinstance(read, RemoveRemoteFiles)
    assert read.files[0].name == name


async def test_what_has_other_names_elsewhere_frees_nothing(tmp_path: Path) -> None:
    """It goes all the same, and that is said; the last of the names frees the room."""
    mine, elsewhere = tmp_path / "Release", tmp_path / "Seeds"
    names = [b"film.mkv", b"film.nfo", b"sub/a.srt"]
    write(mine, names)
    elsewhere.mkdir()
    (elsewhere / "film.mkv").hardlink_to(mine / "film.mkv")
    (elsewhere / "a.srt").hardlink_to(mine / "sub" / "a.srt")
    one = operation(Disk(tmp_path))
    applied = await one.apply(of(payload(tmp_path, mine, names)))
    assert applied is not None
    assert applied.bytes_freed == len(b"film.nfo")
    assert "2 of them have other names elsewhere" in english(applied.detail)
    assert applied.after["linked"] == 2
    assert not applied.half
    assert [(elsewhere / name).read_bytes() for name in ("film.mkv", "a.srt")] == [
        b"x" * len("film.mkv"),
        b"x" * len("sub/a.srt"),
    ]
    rest = payload(tmp_path, elsewhere, [])
    sizes = {b"film.mkv": 8, b"a.srt": 9}
    files = tuple(RemovedFile.of(name, size) for name, size in sizes.items())
    last = await one.apply(of(replace(rest, files=files)))
    assert last is not None
    assert last.bytes_freed == 17


async def test_a_crowded_folder_is_listed_once_for_many_torrents(tmp_path: Path) -> None:
    """Thousands may lie in one; what had several names is looked at again."""
    names = [b"%d.mkv" % number for number in range(20)]
    write(tmp_path, names)
    (tmp_path / "linked").hardlink_to(tmp_path / "7.mkv")
    one = operation(disk := Disk(tmp_path))
    freed = []
    for name in names:
        applied = await one.apply(of(payload(tmp_path, tmp_path, [name], own=False)))
        assert applied is not None
        freed.append(applied.bytes_freed)
    assert [name for name, size in zip(names, freed, strict=True) if not size] == [b"7.mkv"]
    assert len(disk.listed) == 2


@pytest.mark.parametrize("error", [Refused("SFTP", 0, "no"), TimedOut("SFTP", "too slow")])
async def test_a_folder_that_can_not_be_listed_keeps_nothing_from_being_removed(
    tmp_path: Path, error: Exception
) -> None:
    """What is seen to be gone counts, it is said that it is not proven, and nobody waits twice."""
    names = [b"film.mkv", b"other.mkv"]
    write(tmp_path / "Release", names)
    disk = Disk(tmp_path)
    asked = []

    async def fail(folder: bytes) -> dict[bytes, int]:
        asked.append(folder)
        raise error

    disk.link_counts = fail  # type: ignore[method-assign]
    one = operation(disk)
    for name in names:
        wish = payload(tmp_path, tmp_path / "Release", [name])
        applied = await one.apply(of(wish))
        assert applied is not None
        assert applied.bytes_freed == len(name)
        assert "the room that became free is not proven" in english(applied.detail)
        assert applied.after["freed_proven"] is False
        assert not applied.half
    assert len(asked) == 1
