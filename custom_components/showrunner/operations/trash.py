"""The trash of a chosen folder: files are renamed into it, back out of it, and at last deleted.

`<folder>/.showrunner-trash/<date>-<id>/` holds one file under its own name, and a manifest beside
it. No link is followed on any way, nothing is ever written over, and nothing is copied: what lies
on another file system than the folder stays where it is. Where a file system can't rename without
writing over, nothing is moved: it could not come back safely. All of this blocks, in a thread.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
import errno
import json
import os
import re
from typing import Final

from ..domain.extras import Fingerprint, Parts, escaped, shown, unescaped
from ..domain.text import say
from ..renaming import rename_new
from .base import NotPossible
from .open_folders import is_there, names_in, opened, print_of

TRASH: Final = ".showrunner-trash"
_MANIFEST: Final = "manifest.json"
_VERSION: Final = 1
_MOST_MANIFEST: Final = 65_536
# How the places in it are named.
_PLACE: Final = re.compile(r"\d{4}-\d\d-\d\d-[0-9a-f]+", re.ASCII)
# Jellyfin looks into no folder in which this lies.
_IGNORE: Final = ".ignore"
_FRESH: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Trashed:
    """A file in the trash, as its manifest says: its way back, and when it came there.

    `placed_at`: when it came there by the file system; None of one that was not looked at.
    """

    trash: str
    path: Parts
    fingerprint: Fingerprint
    links: int
    at: datetime
    placed_at: datetime | None = None

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path[-1]


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a trash. `foreign`: how much of it is not ours.

    `empty`: places by their manifests that no file lies in, as a crash or a failed move leaves.
    `bare`: such places in which not even a manifest is.
    """

    files: tuple[Trashed, ...] = ()
    empty: tuple[Trashed, ...] = ()
    bare: tuple[str, ...] = ()
    foreign: int = 0


def has_trash(folder: str) -> bool:
    """Tell whether a folder has a trash: one that is not mounted has none. Raises OSError."""
    with opened(folder) as root:
        return is_there(root, TRASH)


# -- into it ---------------------------------------------------------------------------------------


def put_in(folder: str, file: Trashed) -> None:
    """Move a file to the trash, if it is still the very same. Raises OSError, NotPossible."""
    with opened(folder, file.path[:-1]) as source:
        _same(source, file)
        with opened(folder, (TRASH,), make=True) as trash:
            _ignore(trash)
            with opened(folder, (TRASH, file.trash), make=True) as target:
                if print_of(target, file.name) == file.fingerprint:
                    # What a crash left half done: one file under both names.
                    os.unlink(file.name, dir_fd=source)
                else:
                    _put(source, target, file)
                os.fsync(target)
            os.fsync(trash)
        os.fsync(source)


def _put(source: int, target: int, file: Trashed) -> None:
    if is_there(target, file.name):
        raise NotPossible(say("trash_occupied", path=shown(file.name)))
    _write(target, _MANIFEST, _manifest(file))
    _same(source, file)
    _move(source, target, file.name)
    _check(source, target, file)


def _same(source: int, file: Trashed) -> None:
    if print_of(source, file.name) != file.fingerprint:
        raise NotPossible(say("file_changed", path=shown(file.name)))


def _check(source: int, target: int, file: Trashed) -> None:
    """Put back what was put under the file's name between the look at it and its renaming."""
    if print_of(target, file.name) == file.fingerprint:
        return
    _move(target, source, file.name)
    raise NotPossible(say("file_changed", path=shown(file.name)))


def _ignore(trash: int) -> None:
    with suppress(FileExistsError):
        os.close(os.open(_IGNORE, _FRESH, 0o664, dir_fd=trash))


def _write(folder: int, name: str, content: bytes) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
    with os.fdopen(os.open(name, _FRESH, 0o664, dir_fd=folder), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _manifest(file: Trashed) -> bytes:
    known = file.fingerprint
    return json.dumps(
        {
            "version": _VERSION,
            "path": escaped(file.path),
            "inode": known.inode,
            "size_bytes": known.size_bytes,
            "modified_ns": known.modified_ns,
            "links": file.links,
            "trashed_at": file.at.isoformat(),
        }
    ).encode()


# -- what is in it ---------------------------------------------------------------------------------


def listed(folder: str) -> Contents:
    """Give what is in the trash by our own manifests, and count what is not. Raises OSError."""
    files: list[Trashed] = []
    empty: list[Trashed] = []
    bare: list[str] = []
    foreign = 0
    with opened(folder) as root:
        if not is_there(root, TRASH):
            return Contents()
    with opened(folder, (TRASH,)) as trash:
        names = sorted(names_in(trash))
    for name in names:
        if name == _IGNORE:
            continue
        match _place(folder, name):
            case Trashed() as one, True:
                files.append(one)
            case Trashed() as one, False:
                empty.append(one)
            case None, False if _PLACE.fullmatch(name):
                bare.append(name)
            case _:
                foreign += 1
    return Contents(tuple(files), tuple(empty), tuple(bare), foreign)


def read(folder: str, trash: str) -> Trashed | None:
    """Read what lies under a name in the trash; None unless it is what our manifest says."""
    match _place(folder, trash):
        case one, True:
            return one
    return None


def _place(folder: str, trash: str) -> tuple[Trashed | None, bool] | None:
    """Read a place in the trash: its manifest if there is one, and whether its file lies in it.

    None: it is not ours, or not as we left it. Raises OSError.
    """
    try:
        with opened(folder, (TRASH, trash)) as inner:
            names = names_in(inner)
            if not names:
                return None, False
            one = _read_manifest(inner, trash)
            if one is None or names - {_MANIFEST, one.name}:
                return None
            one = replace(one, placed_at=_changed_at(inner))
            if names == {_MANIFEST}:
                return one, False
            known = print_of(inner, one.name)
    except FileNotFoundError, NotADirectoryError:
        return None
    except OSError as err:
        if err.errno == errno.ELOOP:
            return None
        raise
    return (one, True) if known is not None and known.same_content(one.fingerprint) else None


def _changed_at(folder: int) -> datetime:
    """Say when a name was last put into a folder, or taken out of it."""
    try:
        return datetime.fromtimestamp(os.fstat(folder).st_mtime, UTC)
    except OverflowError, ValueError:
        return datetime.max.replace(tzinfo=UTC)  # nobody can tell: as if it were not over yet


def _read_manifest(folder: int, trash: str) -> Trashed | None:
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with os.fdopen(os.open(_MANIFEST, flags, dir_fd=folder), "rb") as file:
            kept = json.loads(file.read(_MOST_MANIFEST))
        if kept["version"] != _VERSION:
            return None
        at = datetime.fromisoformat(kept["trashed_at"])
        known = Fingerprint(*(int(kept[one]) for one in ("inode", "size_bytes", "modified_ns")))
        return Trashed(trash, unescaped(kept["path"]), known, int(kept["links"]), _aware(at))
    except OSError, KeyError, TypeError, ValueError:
        return None


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("zone")
    return at


# -- out of it -------------------------------------------------------------------------------------


def take_out(folder: str, file: Trashed) -> None:
    """Move a file back to where it was; what is there now stays. Raises OSError, NotPossible."""
    with opened(folder, (TRASH, file.trash)) as source:
        known = print_of(source, file.name)
        if known is None or not known.same_content(file.fingerprint):
            raise NotPossible(say("trash_without_file", path=shown(file.name)))
        with opened(folder, file.path[:-1], make=True) as target:
            there = print_of(target, file.name)
            if there == known:  # what a crash left half done: one file under both names
                os.unlink(file.name, dir_fd=source)
            elif is_there(target, file.name):
                raise NotPossible(say("restore_occupied", path=shown(file.name)))
            else:
                _move(source, target, file.name)
            os.fsync(target)
    _clear(folder, file.trash)


def _move(source: int, target: int, name: str) -> None:
    """Give a file its name in another folder, but never in the place of another file there."""
    rename_new(source, os.fsencode(name), target, os.fsencode(name))


def delete(folder: str, file: Trashed) -> None:
    """Delete a file in the trash, if it is what its manifest says. Raises OSError, NotPossible."""
    one = read(folder, file.trash)
    if one is None or (one.path, one.links) != (file.path, file.links):
        raise NotPossible(say("trash_changed", path=shown(file.name)))
    with opened(folder, (TRASH, file.trash)) as inner:
        known = print_of(inner, file.name)
        if known is None or not known.same_content(file.fingerprint):
            raise NotPossible(say("trash_changed", path=shown(file.name)))
        os.unlink(file.name, dir_fd=inner)
    _clear(folder, file.trash)


def clear(folder: str, trash: str) -> None:
    """Remove a place in the trash that no file lies in; any other stays. Raises OSError."""
    match _place(folder, trash):
        case _, False:
            _clear(folder, trash)


def _clear(folder: str, trash: str) -> None:
    """Remove what is left of a file's place in the trash; what is not ours stays in it."""
    with opened(folder, (TRASH, trash)) as inner:
        names = names_in(inner)
        if names - {_MANIFEST}:
            return
        if names:
            os.unlink(_MANIFEST, dir_fd=inner)
    with opened(folder, (TRASH,)) as root, suppress(OSError):
        os.rmdir(trash, dir_fd=root)
