"""What operations refuse, and what they read back of what is odd: nothing is done on a guess."""

from collections.abc import Callable
import errno
import os
from pathlib import Path
from typing import Any

import pytest

from custom_components.showrunner.clients.errors import NotThere, Unreachable
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.plan import (
    Action,
    AddMovie,
    FetchRelease,
    RemoteFingerprint,
    SearchMovie,
    Subject,
    Target,
)
from custom_components.showrunner.domain.transfer.tree import Version
from custom_components.showrunner.operations import (
    NotLinked,
    NotPossible,
    Operation,
    all_operations,
    trash,
)
from custom_components.showrunner.operations.trash import TRASH

from .disk import Disk, tree
from .linked import NOW, Book, Linked, Radarr, step
from .remote_files import of as remote_step, operation as of_remote, payload, write
from .trashing import carry_out, in_trash, operation as of_files, payload_of, put, trashed

FILM = FetchRelease("Film", (RemoteFingerprint("Film/a.mkv", 7, 8),))


def operation(action: Action, **services: Any) -> Operation:
    """Give an action's operation."""
    return all_operations(Linked(**services), Book(), lambda: NOW)[action]


# -- what a step must name -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    [
        Action.TRASH_FILE,
        Action.RESTORE_FILE,
        Action.DELETE_TRASHED,
        Action.REMOVE_REMOTE_FILES,
        Action.FETCH_RELEASE,
    ],
)
async def test_a_step_of_another_action_is_refused(action: Action, tmp_path: Path) -> None:
    """Neither done nor taken for done."""
    one = operation(action, transfer=Disk(tmp_path), fetcher=Fetcher())
    for call in (one.apply(step(SearchMovie())), one.read_back(step(SearchMovie()), NOW)):
        with pytest.raises(NotPossible):
            await call
    if action is Action.RESTORE_FILE:
        with pytest.raises(NotPossible):
            await one.snapshot(step(SearchMovie()))


async def test_a_movie_without_a_name_is_not_added() -> None:
    """Nobody could say whether Radarr adds the one that is meant."""
    radarr = Radarr(held=None)
    torrent = Subject.of_torrent("A" * 40, "The.Matrix.1999")
    with pytest.raises(NotPossible):
        await operation(Action.ADD_MOVIE, radarr=radarr).apply(
            step(AddMovie(6, "/data/movies"), subject=torrent)
        )
    assert radarr.writes == []


# -- fetching --------------------------------------------------------------------------------------


class Fetcher:
    """Fetches releases, or would."""

    def __init__(self) -> None:
        """Begin with nothing at home."""
        self.fetched: dict[bytes, Any] = {}

    async def fetch(self, name: bytes, files: Any) -> None:
        """Fetch one."""
        self.fetched[name] = files

    async def was_placed(self, name: bytes, files: Any) -> bool:
        """Tell whether it is home, in these versions."""
        return self.fetched.get(name) == files

    def place(self, name: bytes) -> str:
        """Say where it is then."""
        return f"/home/{name.decode()}"


async def test_a_release_is_fetched_over_its_own_transfer() -> None:
    """Over no other, and not at all while that is not linked."""
    fetcher = Fetcher()
    one = operation(Action.FETCH_RELEASE, fetcher=fetcher)
    target = Target("here", "transfer", None, "/home/Film", ProviderIds())
    there, wish = Target("there", "transfer", None, None, ProviderIds()), step(FILM, target=target)
    for call in (one.apply(step(FILM, target=there)), one.read_back(step(FILM, target=there), NOW)):
        with pytest.raises(NotLinked):
            await call
    assert isinstance(await one.read_back(wish, NOW), Absent)
    applied = await one.apply(wish)
    assert applied is not None
    assert applied.after == {"path": "/home/Film"}
    assert fetcher.fetched == {b"Film": {b"Film/a.mkv": Version(7, 8)}}
    assert await one.read_back(wish, NOW) == Known(applied, "transfer")


# -- files of a seedbox ----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["away", "a file", "a link that leads nowhere"])
async def test_a_folder_that_is_away_is_no_folder_without_files(tmp_path: Path, how: str) -> None:
    """As of a disk that is not mounted: that its files are missing says nothing."""
    inside = tmp_path / "downloads"
    wish = remote_step(payload(inside, inside / "Release", [b"a.mkv"]))
    if how == "a file":
        inside.write_bytes(b"")
    elif how != "away":
        inside.symlink_to(tmp_path / "nowhere")
    one = of_remote(Disk(inside))
    for call in (one.apply(wish), one.read_back(wish, NOW)):
        with pytest.raises(Unreachable):
            await call


async def test_a_folder_that_a_server_can_t_write_whole_is_no_clear_way(tmp_path: Path) -> None:
    """Some servers do not resolve what is gone meanwhile: its files stay, and are said."""
    write(tmp_path / "Release", [b"a.mkv", b"sub/b.mkv"])
    disk = Disk(tmp_path)

    async def realpath(path: bytes) -> bytes:
        if path.endswith(b"/sub"):
            raise NotThere("SFTP", 2, "no such file")
        return await Disk.realpath(disk, path)

    disk.realpath = realpath  # type: ignore[method-assign]
    wish = remote_step(payload(tmp_path, tmp_path / "Release", [b"a.mkv", b"sub/b.mkv"]))
    applied = await of_remote(disk).apply(wish)
    assert applied is not None
    assert (applied.half, applied.after["left"]) == (True, ["sub/b.mkv"])
    assert (tmp_path / "Release" / "sub" / "b.mkv").exists()


async def test_what_took_the_place_of_a_folder_is_none_to_remove(tmp_path: Path) -> None:
    """All that was named is gone: a file under the folder's name is somebody else's."""
    (tmp_path / "Release").write_bytes(b"mine")
    wish = remote_step(payload(tmp_path, tmp_path / "Release", [b"a.mkv"]))
    before = tree(tmp_path)
    found = await of_remote(Disk(tmp_path)).read_back(wish, NOW)
    assert isinstance(found, Known)
    assert not found.value.half
    assert tree(tmp_path) == before


# -- the trash -------------------------------------------------------------------------------------


async def test_what_is_not_whole_takes_nothing_back(tmp_path: Path) -> None:
    """As an older version may have kept it."""
    path = put(tmp_path / "sample.mkv")
    one = payload_of(tmp_path, path)
    done = await carry_out(one)
    assert isinstance(done, Known)
    after = dict(done.value.after)
    assert len(of_files(one).undo({}, after)) == 1
    for name in ("folder", "path", "trash"):
        assert of_files(one).undo({}, {key: after[key] for key in after if key != name}) == ()


async def test_a_file_that_was_written_anew_as_it_was_is_not_in_the_trash(tmp_path: Path) -> None:
    """It has another number; what it was read back for did not take place."""
    path = put(tmp_path / "sample.mkv")
    wish, answer = payload_of(tmp_path, path), path.lstat()
    path.rename(tmp_path / "old.mkv")
    put(path)
    os.utime(path, ns=(answer.st_atime_ns, answer.st_mtime_ns))
    assert isinstance(await of_files(wish).read_back(step(wish), NOW), Absent)
    path.write_bytes(b"something else")
    assert isinstance(await of_files(wish).read_back(step(wish), NOW), Unknown)


async def test_a_file_that_is_still_in_the_trash_is_not_deleted(tmp_path: Path) -> None:
    """A stop before the step did anything."""
    _, away = await in_trash(tmp_path, put(tmp_path / "sample.mkv"))
    assert isinstance(await of_files(away).read_back(step(away), NOW), Absent)
    assert isinstance(await carry_out(away), Known)


async def test_a_place_in_the_trash_that_is_taken_stays_as_it_is(tmp_path: Path) -> None:
    """Somebody has put a file of the same name there."""
    path = put(tmp_path / "Heat" / "sample.mkv")
    wish = payload_of(tmp_path, path)
    theirs = put(tmp_path / TRASH / wish.trash / "sample.mkv", b"theirs")
    with pytest.raises(NotPossible):
        await carry_out(wish)
    assert (theirs.read_bytes(), path.read_bytes()) == (b"theirs", b"video")
    assert list(theirs.parent.iterdir()) == [theirs]


@pytest.mark.parametrize("away", [False, True])
async def test_a_file_that_left_the_trash_by_another_hand_is_not_brought_back(
    tmp_path: Path, away: bool
) -> None:
    """Its place and its manifest are there still, and maybe another file."""
    path = put(tmp_path / "sample.mkv")
    back, _ = await in_trash(tmp_path, path)
    (place,) = trashed(tmp_path)
    (place / "sample.mkv").unlink() if away else put(place / "sample.mkv", b"another")
    with pytest.raises(NotPossible):
        await carry_out(back)
    with pytest.raises(NotPossible):
        await of_files(back).apply(step(back))
    assert not path.exists()
    assert (place / "manifest.json").exists()


@pytest.mark.parametrize("fails", [errno.EIO, errno.ELOOP])
def test_a_trash_that_can_t_be_read_is_not_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: int
) -> None:
    """A place behind a link is not ours; of a disk that fails nothing is concluded."""
    put(tmp_path / TRASH / "2026-06-10-ab" / "manifest.json", b"{}")

    def no(*given: Any) -> None:
        raise OSError(fails, os.strerror(fails))

    monkeypatch.setattr(trash, "_read_manifest", no)
    if fails == errno.ELOOP:
        assert trash.listed(str(tmp_path)) == trash.Contents(foreign=1)
        return
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        trash.listed(str(tmp_path))


@pytest.mark.parametrize(
    "change",
    [
        (b'"version": 1', b'"version": 2'),
        (b"+00:00", b""),
        (b'"inode": ', b'"inode": "x", "other": '),
    ],
)
async def test_a_manifest_of_another_version_or_without_a_zone_is_not_ours(
    tmp_path: Path, change: tuple[bytes, bytes]
) -> None:
    """When it came there decides when it is deleted: half a date is none."""
    await in_trash(tmp_path, put(tmp_path / "sample.mkv"))
    (place,) = trashed(tmp_path)
    manifest = place / "manifest.json"
    spoilt = manifest.read_bytes().replace(*change)
    assert spoilt != manifest.read_bytes()
    manifest.write_bytes(spoilt)
    assert trash.listed(str(tmp_path)) == trash.Contents(foreign=1)
    assert trash.read(str(tmp_path), place.name) is None


async def test_a_file_that_changes_while_it_is_looked_at_is_not_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at its manifest and its end somebody has written it anew."""
    _, away = await in_trash(tmp_path, put(tmp_path / "sample.mkv"))
    (place,) = trashed(tmp_path)
    look = trash.read

    def meanwhile(*given: Any) -> Any:
        found = look(*given)
        (place / "sample.mkv").write_bytes(b"theirs")
        return found

    monkeypatch.setattr(trash, "read", meanwhile)
    with pytest.raises(NotPossible):
        await carry_out(away)
    assert (place / "sample.mkv").read_bytes() == b"theirs"


async def test_what_is_put_beside_a_file_while_it_is_deleted_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And so does its place in the trash, with the manifest."""
    _, away = await in_trash(tmp_path, put(tmp_path / "sample.mkv"))
    (place,) = trashed(tmp_path)
    unlink: Callable[..., None] = os.unlink

    def meanwhile(*given: Any, **named: Any) -> None:
        unlink(*given, **named)
        put(place / "theirs.txt", b"theirs")

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", meanwhile)
        assert isinstance(await carry_out(away), Known)
    assert {one.name for one in place.iterdir()} == {"theirs.txt", "manifest.json"}
