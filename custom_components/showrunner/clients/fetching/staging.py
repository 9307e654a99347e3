"""The hidden folder in the local one, in which a release grows until it is whole.

    .showrunner-staging/<key>/tree/<release>   what is finished, as it will lie in the local folder
    .showrunner-staging/<key>/parts/           unfinished files, and their maps
    .showrunner-staging/<key>/small            which small files of the tree are on the disk
    .showrunner-staging/<key>/ready            all was whole, and the rename was to come next: the
                                               digests of the versions that it was made of
    .showrunner-staging/<key>/came             those versions, where they are not what was asked for

Everything is opened by its folder and its name, and no link is followed: whatever somebody puts
here, nothing outside is written. All of this blocks, and is called in threads.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
import errno
import fcntl
from hashlib import sha256
import os
import stat
import threading
from typing import Final, Self

from ...domain.transfer.names import STAGING
from ...domain.transfer.remote import Space
from ...domain.transfer.sizes import FileClass
from ...domain.transfer.tree import Version
from ...renaming import rename_new, sync_file_system
from .folder import open_folder
from .noted import CAME, DIGEST, READY, SMALL, TREE, digest as digest_of, digests, listing
from .opened import NEW, closing, folder_at, unlink, write_all

_PARTS: Final = b"parts"
_APPENDED: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
# The names of so many files are tried before they are fetched.
_PROVED: Final = 500
# So many folders of a release are held open at once.
_OPEN_FOLDERS: Final = 64


def key_of(service: str, path: bytes) -> str:
    """Name a release's own folder: the same for the same release, and a plain name always."""
    return sha256(service.encode() + b"\0" + path).hexdigest()[:40]


class InUse(OSError):
    """Somebody else works on the same release at this moment."""


class Staging:
    """The open staging folder of one release. `close` it."""

    def __init__(self, target: int, root: int, own: int, tree: int, parts: int, key: str) -> None:
        """Take the open local folder, the staging folder, the release's own in it, and its two."""
        self.target = target
        self._key = key
        self._root = root
        self._own = own
        self.tree = tree
        self.parts = parts
        self._folders: dict[bytes, int] = {}
        # Several threads write at once: none closes the folder that another is writing into.
        self._placing = threading.Lock()
        # Small files that are written and not yet on the disk for certain, by their paths; and
        # those that are noted to be. By digests, for they are of one version.
        self._unsynced: dict[bytes, bytes] = {}
        self._noted = digests(own, SMALL)

    @classmethod
    def open(cls, folder: str, key: str, mark: str = "") -> Self:
        """Open it, and make what is missing. Raises OSError, OtherFolder, InUse."""
        with closing() as opened:
            target = opened.add(open_folder(folder, mark))
            root = opened.add(folder_at(target, STAGING.encode()))
            if os.fstat(root).st_dev != os.fstat(target).st_dev:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            own = opened.add(folder_at(root, key.encode()))
            _lock(own)
            # What was ready before is looked at anew.
            unlink(READY, own)
            unlink(CAME, own)
            tree = opened.add(folder_at(own, TREE))
            parts = opened.add(folder_at(own, _PARTS))
            made = cls(target, root, own, tree, parts, key)
            opened.keep()
            return made

    def close(self) -> None:
        """Close all of it."""
        with suppress(OSError):  # there are no locks here
            # A process that we have begun, and ended, may have handed the folder on.
            fcntl.flock(self._own, fcntl.LOCK_UN)
        fds = (*self._folders.values(), self.parts, self.tree, self._own, self._root, self.target)
        self._folders.clear()
        for fd in fds:
            os.close(fd)

    @property
    def lock(self) -> int:
        """The open folder that is locked: who is handed it holds the lock too."""
        return self._own

    def space(self) -> Space | None:
        """Say how much room there is; None where the file system does not tell."""
        volume = os.fstatvfs(self.target)
        return Space.of(volume.f_bavail * volume.f_frsize, volume.f_blocks * volume.f_frsize)

    def prove(self, files: Mapping[bytes, Version]) -> None:
        """See that all of it can be put in its place, before anything is fetched. Raises OSError.

        An empty folder is moved where the release will be, and the names are tried: of very many
        small files only the first, for they are written before all others anyway.
        """
        name = b".showrunner-" + self._key.encode()
        with suppress(FileNotFoundError):
            os.rmdir(name, dir_fd=self.target)
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=self._own)
        rename_new(self._own, name, self.target, name)
        os.rmdir(name, dir_fd=self.target)
        ordered = sorted(files, key=lambda path: -files[path].size)
        for number, path in enumerate(ordered):
            if number >= _PROVED and FileClass.of(files[path].size) is FileClass.SMALL:
                break
            self._prove(path, files[path].size)

    def _prove(self, path: bytes, size: int) -> None:
        """See that a file can have its name and its size."""
        try:
            with self._placed(path) as (folder, name):
                _try(folder, name, size)
        except FileExistsError:
            return  # of an earlier time
        except OSError as err:
            if err.errno != errno.EINVAL:
                raise
            raise OSError(errno.EILSEQ, os.strerror(errno.EILSEQ)) from err

    # -- the tree --------------------------------------------------------------------------------

    def is_finished(self, path: bytes, version: Version) -> bool:
        """Tell whether a file lies in the tree, in just this version.

        Only whole files come here, with the time of the remote one, and on the disk.
        """
        try:
            with self._placed(path) as (folder, name):
                status = os.lstat(name, dir_fd=folder)
        except OSError:
            return False
        return _is_version(status, version)

    def write(self, path: bytes, data: bytes, mtime: int) -> None:
        """Write a small file whole into the tree; it is synced with all others. Raises OSError."""
        digest = self._forgotten(path, Version(len(data), mtime))
        with self._placed(path) as (folder, name):
            try:
                fd = os.open(name, NEW, 0o666, dir_fd=folder)
            except FileExistsError:
                unlink(name, folder)
                fd = os.open(name, NEW, 0o666, dir_fd=folder)
        try:
            write_all(fd, (data,), 0)
            os.utime(fd, (mtime, mtime))
        finally:
            os.close(fd)
        self._unsynced[path] = digest

    def write_several(self, files: Iterable[tuple[bytes, bytes, int]]) -> None:
        """Write small files, each with its time. Raises OSError."""
        for path, data, mtime in files:
            self.write(path, data, mtime)

    def _forgotten(self, path: bytes, version: Version) -> bytes:
        """Give the digest of a small file that is written anew: nothing is known of it then."""
        digest = digest_of({path: version})
        if digest in self._noted:
            unlink(SMALL, self._own)
            os.fsync(self._own)
            self._noted = frozenset()
        return digest

    def is_there(self, path: bytes, version: Version) -> bool:
        """Tell whether a file was fetched before: in just this version, and on the disk."""
        small = FileClass.of(version.size) is FileClass.SMALL
        return (not small or self.is_noted(path, version)) and self.is_finished(path, version)

    def is_noted(self, path: bytes, version: Version) -> bool:
        """Tell whether a small file is known to be on the disk, in just this version."""
        return digest_of({path: version}) in self._noted

    def note(self) -> None:
        """Have the small files on the disk that were written, and then note them. Raises OSError.

        All at once, with what else the file system has to write: not to be done often.
        """
        new = dict(self._unsynced)
        if not new:
            return
        sync_file_system(self.tree)
        fd = os.open(SMALL, _APPENDED, 0o666, dir_fd=self._own)
        try:
            # Behind whole digests only: a part of one, which a crash has left, is cut.
            size = os.fstat(fd).st_size // DIGEST * DIGEST
            os.ftruncate(fd, size)
            write_all(fd, (b"".join(new.values()),), size)
            os.fsync(fd)
        finally:
            os.close(fd)
        self._noted |= frozenset(new.values())
        for path, digest in new.items():
            if self._unsynced.get(path) == digest:
                del self._unsynced[path]

    def take(self, part: bytes, path: bytes) -> None:
        """Move a finished file from the parts into the tree. Raises OSError."""
        with self._placed(path) as (folder, name):
            os.rename(part, name, src_dir_fd=self.parts, dst_dir_fd=folder)

    def take_small(self, part: bytes, path: bytes, version: Version) -> None:
        """Move a small file into the tree; it is synced with all others. Raises OSError."""
        digest = self._forgotten(path, version)
        self.take(part, path)
        self._unsynced[path] = digest

    @contextmanager
    def _placed(self, path: bytes) -> Iterator[tuple[int, bytes]]:
        """Hold the folder of a path in the tree open while it is used. Raises OSError."""
        with self._placing:
            yield self._place(path)

    def _place(self, path: bytes) -> tuple[int, bytes]:
        """Open the folder of a path in the tree (made where it is missing), and give its name."""
        *folders, name = path.split(b"/")
        if not folders:
            return self.tree, name
        whole = b"/".join(folders)
        known = self._folders.get(whole)
        if known is not None:
            return known, name
        fd = os.dup(self.tree)
        try:
            for one in folders:
                inner = folder_at(fd, one)
                os.close(fd)
                fd = inner
        except BaseException:
            os.close(fd)
            raise
        if len(self._folders) >= _OPEN_FOLDERS:
            os.close(self._folders.pop(next(iter(self._folders))))
        self._folders[whole] = fd
        return fd, name

    # -- the end ---------------------------------------------------------------------------------

    def place(
        self, name: bytes, files: Mapping[bytes, Version], wanted: Mapping[bytes, Version]
    ) -> None:
        """Have all of it on the disk, look at it once more, and rename it into the local folder.

        `wanted`: the versions that were asked for, of which some may have changed meanwhile. Raises
        FileExistsError when something lies there already, OSError.
        """
        self._remove_others(files)
        for path, version in files.items():
            if not self.is_finished(path, version):
                raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        if self._unsynced:
            sync_file_system(self.tree)
            self._unsynced.clear()
        for _, _, _, fd in os.fwalk(".", dir_fd=self.tree, follow_symlinks=False):
            os.fsync(fd)
        if files != wanted:
            self._write(CAME, listing(files))
        self._write(READY, (digest_of(files), digest_of(wanted)))
        os.fsync(self._own)
        try:
            rename_new(self.tree, name, self.target, name)
        except BaseException:
            unlink(READY, self._own)
            unlink(CAME, self._own)
            raise
        os.fsync(self.target)
        os.fsync(self.tree)

    def _write(self, name: bytes, chunks: Iterable[bytes]) -> None:
        """Write a new file of ours, and have it on the disk. Raises OSError."""
        fd = os.open(name, NEW, 0o666, dir_fd=self._own)
        try:
            write_all(fd, (b"".join(chunks),), 0)
            os.fsync(fd)
        finally:
            os.close(fd)

    def _remove_others(self, files: Collection[bytes]) -> None:
        """Remove what lies in the tree and does not belong to it: of an earlier version."""
        folders = {path[:at] for path in files for at in _slashes(path)}
        for place, inner, names, fd in os.fwalk(
            b".", topdown=False, dir_fd=self.tree, follow_symlinks=False
        ):
            above = place.removeprefix(b".").removeprefix(b"/")
            for name in names:
                if (above + b"/" + name if above else name) not in files:
                    os.unlink(name, dir_fd=fd)
            for name in inner:
                if (above + b"/" + name if above else name) in folders:
                    continue
                if stat.S_ISDIR(os.lstat(name, dir_fd=fd).st_mode):
                    os.rmdir(name, dir_fd=fd)
                else:
                    os.unlink(name, dir_fd=fd)


def _try(folder: int, name: bytes, size: int) -> None:
    """Make a file and remove it. Raises OSError."""
    fd = os.open(name, NEW, 0o666, dir_fd=folder)
    try:
        # Nothing is written: a place that no file of this file system can have is refused.
        os.lseek(fd, size, os.SEEK_SET)
    except OSError as err:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG)) from err
    finally:
        os.close(fd)
        unlink(name, folder)


def _is_version(status: os.stat_result, version: Version) -> bool:
    """Tell whether what lies there is a plain file of ours in that version."""
    return (
        stat.S_ISREG(status.st_mode)
        and status.st_nlink == 1
        and status.st_size == version.size
        and int(status.st_mtime) == version.mtime
    )


def _slashes(path: bytes) -> Iterator[int]:
    return (at for at, one in enumerate(path) if one == ord("/"))


def _lock(fd: int) -> None:
    """Be the only one who works on it; a file system without locks does without."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        raise InUse(errno.EBUSY, os.strerror(errno.EBUSY)) from err
    except OSError as err:
        if err.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
            raise
