"""Two calls that Python has no name for: rename without overwriting, and sync of a file system."""

import ctypes
import errno
from functools import cache
import os
import platform
import stat
from typing import Any, Final

# Of Linux, by machine, where the C library has no name for it (older musl).
_RENAMEAT2: Final = {
    "x86_64": 316,
    "aarch64": 276,
    "riscv64": 276,
    "armv7l": 382,
    "armv6l": 382,
    "i686": 353,
    "i386": 353,
}
_NOREPLACE: Final = 1
# What a kernel or a file system answers that does not know the call or the flag.
_UNKNOWN: Final = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM)


@cache
def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def rename_new(from_fd: int, name: bytes, to_fd: int, to_name: bytes) -> None:
    """Rename within two open folders. Raises FileExistsError when there is such a name already.

    What is there is never replaced, whatever happens at the same moment. Raises OSError.
    """
    number = _rename_flagged(from_fd, name, to_fd, to_name)
    if number == 0:
        return
    if number not in _UNKNOWN:
        raise OSError(number, os.strerror(number))
    if stat.S_ISDIR(os.lstat(name, dir_fd=from_fd).st_mode):
        _rename_folder(from_fd, name, to_fd, to_name)
    else:
        # A link to a name that is there fails, in one step.
        os.link(name, to_name, src_dir_fd=from_fd, dst_dir_fd=to_fd, follow_symlinks=False)
        os.unlink(name, dir_fd=from_fd)


def _rename_folder(from_fd: int, name: bytes, to_fd: int, to_name: bytes) -> None:
    """Rename a folder: the kernel itself replaces nothing by it but an empty folder."""
    try:
        os.lstat(to_name, dir_fd=to_fd)
    except FileNotFoundError:
        os.rename(name, to_name, src_dir_fd=from_fd, dst_dir_fd=to_fd)
        return
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def _rename_flagged(from_fd: int, name: bytes, to_fd: int, to_name: bytes) -> int:
    """Ask the kernel; give 0, or the number of the error."""
    libc = _libc()
    ctypes.set_errno(0)
    arguments = (from_fd, ctypes.c_char_p(name), to_fd, ctypes.c_char_p(to_name))
    if hasattr(libc, "renameat2"):
        result = libc.renameat2(*arguments, ctypes.c_uint(_NOREPLACE))
    elif (call := _RENAMEAT2.get(platform.machine())) is not None:
        result = libc.syscall(ctypes.c_long(call), *arguments, ctypes.c_uint(_NOREPLACE))
    else:
        return errno.ENOSYS
    return 0 if result == 0 else ctypes.get_errno()


def sync_file_system(fd: int) -> None:
    """Have everything on the disk that was written to a file's or folder's file system."""
    libc = _libc()
    if not hasattr(libc, "syncfs"):
        os.sync()
        return
    ctypes.set_errno(0)
    if libc.syncfs(fd) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
