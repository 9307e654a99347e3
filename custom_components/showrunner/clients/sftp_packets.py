"""How the third version of SFTP is written and read (draft-ietf-secsh-filexfer-02).

What is cut off, or is no SFTP, raises ValueError, which `failure` knows.
"""

from collections.abc import Mapping
import stat
import struct
from typing import Final

import asyncssh

# The version that is spoken.
OURS: Final = 3

INIT: Final = 1
VERSION: Final = 2
OPEN: Final = 3
CLOSE: Final = 4
READ: Final = 5
LSTAT: Final = 7
FSTAT: Final = 8
OPENDIR: Final = 11
READDIR: Final = 12
REMOVE: Final = 13
RMDIR: Final = 15
REALPATH: Final = 16
STAT: Final = 17
RENAME: Final = 18
STATUS: Final = 101
HANDLE: Final = 102
DATA: Final = 103
NAME: Final = 104
ATTRS: Final = 105
EXTENDED: Final = 200
EXTENDED_REPLY: Final = 201

OK: Final = 0
EOF: Final = 1
STATVFS: Final = b"statvfs@openssh.com"
_FOR_READING: Final = 1

_HAS_SIZE: Final = 0x1
_HAS_OWNER: Final = 0x2
_HAS_MODE: Final = 0x4
_HAS_TIMES: Final = 0x8
_HAS_MORE: Final = 0x80000000
# A later version's mark of a time, which some servers set though they speak this one.
_LATER_TIME: Final = 0x20
_KNOWN: Final = _HAS_SIZE | _HAS_OWNER | _HAS_MODE | _HAS_TIMES | _HAS_MORE | _LATER_TIME

# What stands before each packet and at its beginning: how long it is, its kind, and its number.
HEAD: Final = struct.Struct(">IBI")
UINT: Final = struct.Struct(">I")
SPAN: Final = struct.Struct(">QI")
# How long the number before each packet is, and the least that follows: its kind and its number.
LENGTH: Final = 4
LEAST: Final = 5
# Nothing that is asked for here is answered with more.
LONGEST: Final = 512 * 1024
# What stands before the bytes that were read: the length of all, its kind, its number, and theirs.
DATA_HEAD: Final = 13
_LONGEST_HANDLE: Final = 256
# The sizes of a block, the blocks in all, free and free for us; the rest is of no use here.
_ROOM: Final = struct.Struct(">11Q")
_TYPES: Final[Mapping[int, int]] = {
    0: asyncssh.FILEXFER_TYPE_UNKNOWN,  # rights alone say nothing of it
    stat.S_IFREG: asyncssh.FILEXFER_TYPE_REGULAR,
    stat.S_IFDIR: asyncssh.FILEXFER_TYPE_DIRECTORY,
    stat.S_IFLNK: asyncssh.FILEXFER_TYPE_SYMLINK,
}


def string(value: bytes) -> bytes:
    """Write a string."""
    return UINT.pack(len(value)) + value


def opening(path: bytes) -> bytes:
    """Ask for a file to read."""
    return string(path) + UINT.pack(_FOR_READING) + UINT.pack(0)


def data_head(came: bytearray, at: int, length: int) -> int:
    """Say how much stands before the bytes of a file. Raises ValueError: they are not the rest."""
    if length < DATA_HEAD - LENGTH or UINT.unpack_from(came, at + 9)[0] + 9 != length:
        raise ValueError("data")
    return DATA_HEAD


def uint(body: bytes, at: int) -> int:
    """Read a number. Raises ValueError."""
    try:
        (value,) = UINT.unpack_from(body, at)
    except struct.error:
        raise ValueError("cut off") from None
    return int(value)


def text(body: bytes, at: int) -> tuple[bytes, int]:
    """Read a string, and say where it ends. Raises ValueError."""
    end = at + 4 + uint(body, at)
    if end > len(body):
        raise ValueError("string")
    return body[at + 4 : end], end


def handle(body: bytes) -> bytes:
    """Read what a server calls an open file. Raises ValueError."""
    found, _ = text(body, 0)
    if len(found) > _LONGEST_HANDLE:
        raise ValueError("handle")
    return found


def attrs_of(kind: int, body: bytes) -> asyncssh.SFTPAttrs | None:
    """Read what is told of a file; None when something else is. Raises ValueError."""
    return attrs(body, 0)[0] if kind == ATTRS else None


def attrs(body: bytes, at: int) -> tuple[asyncssh.SFTPAttrs, int]:
    """Read what is told of a file, and say where it ends. Raises ValueError."""
    flags = uint(body, at)
    if flags & ~_KNOWN:
        raise ValueError("attributes")  # nobody knows where what is not known stands
    at += 4
    size = mtime = None
    kind = asyncssh.FILEXFER_TYPE_UNKNOWN
    if flags & _HAS_SIZE:
        size = uint(body, at) << 32 | uint(body, at + 4)
        at += 8
    if flags & _HAS_OWNER:
        at += 8
    if flags & _HAS_MODE:
        kind = _TYPES.get(stat.S_IFMT(uint(body, at)), asyncssh.FILEXFER_TYPE_SPECIAL)
        at += 4
    if flags & _HAS_TIMES:
        mtime = uint(body, at + 4)
        at += 8
    if flags & _HAS_MORE:
        count = uint(body, at)
        at += 4
        for _ in range(2 * count):
            _, at = text(body, at)
    if at > len(body):
        raise ValueError("cut off")
    return asyncssh.SFTPAttrs(type=kind, size=size, mtime=mtime), at


def names(body: bytes) -> list[asyncssh.SFTPName]:
    """Read what lies in a folder, or a part of it. Raises ValueError."""
    at, found = 4, list[asyncssh.SFTPName]()
    for _ in range(uint(body, 0)):
        name, at = text(body, at)
        line, at = text(body, at)
        told, at = attrs(body, at)
        found.append(asyncssh.SFTPName(name, line, told))
    return found


def room(body: bytes) -> asyncssh.SFTPVFSAttrs:
    """Read what is told of a file system. Raises ValueError."""
    if len(body) < _ROOM.size:
        raise ValueError("cut off")
    bsize, frsize, blocks, bfree, bavail, *_ = _ROOM.unpack_from(body)
    return asyncssh.SFTPVFSAttrs(
        bsize=bsize, frsize=frsize, blocks=blocks, bfree=bfree, bavail=bavail
    )


def extensions(body: bytes) -> frozenset[bytes]:
    """Read what a server can do beyond its version. Raises ValueError."""
    at, found = 0, set[bytes]()
    while at < len(body):
        name, at = text(body, at)
        _, at = text(body, at)
        found.add(name)
    return frozenset(found)


def refused(kind: int, body: bytes) -> Exception:
    """Say what an answer means that is not what was asked for. Raises ValueError."""
    if kind != STATUS:
        return ValueError("another answer")
    code = uint(body, 0)
    reason = text(body, 4)[0] if body[4:] else b""
    known = {
        1: asyncssh.SFTPEOFError,
        2: asyncssh.SFTPNoSuchFile,
        3: asyncssh.SFTPPermissionDenied,
        5: asyncssh.SFTPBadMessage,
        6: asyncssh.SFTPNoConnection,
        7: asyncssh.SFTPConnectionLost,
        8: asyncssh.SFTPOpUnsupported,
        # Later versions', which some servers answer all the same.
        10: asyncssh.SFTPNoSuchPath,
        12: asyncssh.SFTPWriteProtect,
    }
    why = reason.decode("utf-8", "replace")
    return known[code](why) if code in known else asyncssh.SFTPError(code, why)
