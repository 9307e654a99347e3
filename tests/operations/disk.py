"""A file transfer whose server is a folder of this machine, as `SftpClient` shows one."""

from collections.abc import Callable
from dataclasses import replace
import os
from pathlib import Path
import stat

from custom_components.showrunner.clients.errors import NotThere, Refused
from custom_components.showrunner.domain.transfer.remote import RemoteFile, RemoteKind


class Disk:
    """The server and its folder. `fails` is asked before each removal, and may raise."""

    removes = True

    def __init__(self, folder: Path) -> None:
        """Take the folder that may be touched."""
        self.remote_path = os.fsencode(folder)
        self.removed: list[bytes] = []
        self.listed: list[bytes] = []
        self.fails: Callable[[bytes], None] = lambda path: None

    @property
    def client(self) -> Disk:
        """Itself."""
        return self

    async def stat(self, path: bytes) -> RemoteFile:
        """Look at a file, or at what a link leads to."""
        return replace(await self.lstat(os.path.realpath(path)), path=path)

    async def lstat(self, path: bytes) -> RemoteFile:
        """Look at a file, or at a link itself."""
        try:
            found = os.lstat(path)
        except OSError:
            raise NotThere("SFTP", 0, "no such file") from None
        kind = RemoteKind.OTHER
        for test, one in (
            (stat.S_ISREG, RemoteKind.FILE),
            (stat.S_ISDIR, RemoteKind.FOLDER),
            (stat.S_ISLNK, RemoteKind.LINK),
        ):
            kind = one if test(found.st_mode) else kind
        return RemoteFile(path, kind, found.st_size, int(found.st_mtime))

    async def realpath(self, path: bytes) -> bytes:
        """Write a path whole; OpenSSH does so too for what is not there."""
        return os.path.realpath(path)

    async def link_counts(self, folder: bytes) -> dict[bytes, int]:
        """Count the names of a folder's files, as OpenSSH does."""
        self.listed.append(folder)
        if not _path(folder).is_dir():
            raise NotThere("SFTP", 0, "no such folder")
        return {os.fsencode(one.name): one.stat().st_nlink for one in _path(folder).iterdir()}

    async def is_empty(self, folder: bytes) -> bool:
        """Tell whether nothing lies in a folder."""
        try:
            return not any(_path(folder).iterdir())
        except OSError:
            raise NotThere("SFTP", 0, "no such folder") from None

    async def remove_file(self, path: bytes) -> None:
        """Remove a regular file."""
        self.fails(path)
        if (await self.lstat(path)).kind is not RemoteKind.FILE:
            raise Refused("SFTP", 0, "something else")
        _path(path).unlink()
        self.removed.append(path)

    async def remove_empty_folder(self, path: bytes) -> None:
        """Remove an empty folder."""
        self.fails(path)
        if (await self.lstat(path)).kind is not RemoteKind.FOLDER:
            raise Refused("SFTP", 0, "something else")
        try:
            _path(path).rmdir()
        except OSError:
            raise Refused("SFTP", 0, "not empty") from None
        self.removed.append(path)


def tree(folder: Path) -> dict[bytes, bytes | str | None]:
    """Write down everything below a folder: files by what is in them, links by where they lead."""
    found: dict[bytes, bytes | str | None] = {}
    for path in sorted(folder.rglob("*")):
        key = os.fsencode(path)
        if path.is_symlink():
            found[key] = f"-> {path.readlink()}"
        else:
            found[key] = path.read_bytes() if path.is_file() else None
    return found


def _path(path: bytes) -> Path:
    return Path(os.fsdecode(path))
