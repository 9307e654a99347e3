"""A remote folder by what is fetched as one. Names are bytes, paths are relative to the folder."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from .remote import RemoteFile, RemoteKind

_FOLDERS: Final = (RemoteKind.FOLDER, RemoteKind.CLOSED)


@dataclass(frozen=True, slots=True)
class Version:
    """What tells one version of a remote file from another: bytes, and seconds since 1970."""

    size: int
    mtime: int


@dataclass(frozen=True, slots=True)
class Release:
    """One entry of the remote folder itself: a file, or a folder with all that is in it.

    The paths of `files` begin with `name`. `others` are links, sockets and the like, which nobody
    fetches; `unread` is what the server does not tell enough of.
    """

    name: bytes
    is_folder: bool
    files: Mapping[bytes, Version] = field(default_factory=dict)
    others: tuple[bytes, ...] = ()
    unread: tuple[bytes, ...] = ()

    @property
    def label(self) -> str:
        """Its name for people."""
        return shown(self.name)


def releases(listing: Iterable[RemoteFile]) -> tuple[Release, ...]:
    """Sort a listing by the entries of the remote folder itself, in the order of their names."""
    found: dict[bytes, list[RemoteFile]] = {}
    for entry in listing:
        found.setdefault(entry.path.split(b"/", 1)[0], []).append(entry)
    return tuple(_release(name, found[name]) for name in sorted(found))


def _release(name: bytes, entries: Iterable[RemoteFile]) -> Release:
    files: dict[bytes, Version] = {}
    others, unread, is_folder = [], [], False
    for entry in sorted(entries, key=lambda entry: entry.path):
        is_folder = is_folder or entry.kind in _FOLDERS or entry.path != name
        version = version_of(entry)
        match entry.kind:
            case RemoteKind.FILE if version is not None:
                files[entry.path] = version
            case RemoteKind.FILE | RemoteKind.CLOSED:
                unread.append(entry.path)
            case RemoteKind.LINK | RemoteKind.OTHER:
                others.append(entry.path)
    return Release(name, is_folder, files, tuple(others), tuple(unread))


def version_of(entry: RemoteFile) -> Version | None:
    """Say which version of a file was listed; None when the server does not tell."""
    if entry.size is None or entry.mtime is None or entry.size < 0:
        return None
    return Version(entry.size, entry.mtime)


def shown(name: bytes) -> str:
    r"""Write a name for people: what is no text, and what would break a line, as `\x..`."""
    text = name.decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in text)


def as_text(path: bytes) -> str:
    """Write a path so that it can be kept as text, and read back to the very same bytes."""
    return quote_from_bytes(path, safe="/ ")


def from_text(kept: str) -> bytes:
    """Read what `as_text` gave."""
    return unquote_to_bytes(kept)
