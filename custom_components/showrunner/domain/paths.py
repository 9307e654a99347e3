"""The same file under the names of different services: path mapping and containment.

Prefixes match whole path components only, and the longest wins. Services may run on Windows or in
containers: both separators, Unicode in either normal form. A path with ".." maps to nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
import re
from typing import Final
import unicodedata

_DRIVE: Final = re.compile(r"^[A-Za-z]:")


def _windows(path: str) -> bool:
    return bool(_DRIVE.match(path)) or path.startswith("\\\\")


def _split(path: str) -> tuple[str, ...] | None:
    """Cut a path into its components, the root first; None when it is not absolute or climbs."""
    windows = _windows(path)
    text = path.replace("\\", "/") if windows else path
    if not (windows or text.startswith("/")):
        return None
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in path:
        return None
    return ("//" if text.startswith("//") and windows else "/" * (not windows), *parts)


def _comparable(part: str, *, windows: bool) -> str:
    """Write a component so that equal names are equal: NFC, and on Windows whatever the case."""
    text = part if part.isascii() else unicodedata.normalize("NFC", part)
    return text.casefold() if windows else text


def _keys(path: str) -> tuple[str, ...] | None:
    parts = _split(path)
    if parts is None:
        return None
    windows = _windows(path)
    return tuple(_comparable(part, windows=windows) for part in parts)


def normalize(path: str) -> str:
    """Write a path without doubled or trailing separators; what is no path stays as it is."""
    parts = _split(path)
    return path if parts is None else _join(parts, path)


def _join(parts: tuple[str, ...], like: str) -> str:
    """Join components with the separator that `like` uses."""
    root, names = parts[0], parts[1:]
    text = root + "/".join(names)
    return text.replace("/", "\\") if "\\" in like else text


def components(path: str) -> tuple[str, ...] | None:
    """Give a path's components so that equal places are equal; None for what is no path."""
    return _keys(path)


def below(folder: str, name: str) -> str:
    """Name what lies in a folder, with the separator that its path uses."""
    parts = _split(folder)
    return f"{folder}/{name}" if parts is None else _join((*parts, name), folder)


def parent(path: str) -> str | None:
    """Name the folder that a path lies in; None for a root, and for what is no path."""
    parts = _split(path)
    return None if parts is None or len(parts) < 2 else _join(parts[:-1], path)  # noqa: PLR2004


def same(one: str, other: str) -> bool:
    """Tell whether two paths of one service name the same place."""
    keys = _keys(one)
    return keys is not None and keys == _keys(other)


def contains(folder: str, path: str) -> bool:
    """Tell whether a path is the folder or lies in it, by whole components."""
    outer, inner = _keys(folder), _keys(path)
    return outer is not None and inner is not None and inner[: len(outer)] == outer


@dataclass(frozen=True, slots=True)
class PathPair:
    """The same folder as Jellyfin names it (`here`) and as the service does (`there`)."""

    here: str
    there: str


@dataclass(frozen=True, slots=True)
class PathMap:
    """Translates paths between Jellyfin and one service. Without pairs nothing is known."""

    pairs: tuple[PathPair, ...] = ()

    def to_here(self, path: str) -> str | None:
        """Give Jellyfin's name of a service's path, None when no pair covers it."""
        return _mapped(path, ((pair.there, pair.here) for pair in self.pairs))

    def to_there(self, path: str) -> str | None:
        """Give the service's name of Jellyfin's path, None when no pair covers it."""
        return _mapped(path, ((pair.here, pair.there) for pair in self.pairs))


def _mapped(path: str, pairs: Iterable[tuple[str, str]]) -> str | None:
    parts = _split(path)
    fitting = [(source, target) for source, target in pairs if contains(source, path)]
    if parts is None or not fitting:
        return None
    source, target = max(fitting, key=lambda pair: len(_keys(pair[0]) or ()))
    base = _split(target)
    if base is None:
        return None
    rest = parts[len(_split(source) or ()) :]
    return _join(base + rest, target)


def propose(
    here_folders: Iterable[str], there_folders: Iterable[str], shared: Iterable[tuple[str, str]]
) -> PathMap:
    """Propose a mapping from facts: titles whose path both sides tell, and their folders.

    `shared` are (Jellyfin's path, the service's path) of the same titles. The common end of both is
    stripped; what remains is a pair when it is, or lies in, folders that both sides report. The
    pair that most titles speak for wins for its folder.
    """
    here, there = list(here_folders), list(there_folders)
    votes: dict[tuple[str, str], int] = {}
    for one, other in shared:
        pair = _stripped(one, other, here, there)
        if pair is not None:
            votes[pair] = votes.get(pair, 0) + 1
    chosen: dict[str, PathPair] = {}
    for (one, other), _ in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0])):
        chosen.setdefault(other, PathPair(one, other))
    return PathMap(tuple(chosen[key] for key in sorted(chosen)))


def _stripped(one: str, other: str, here: list[str], there: list[str]) -> tuple[str, str] | None:
    """Strip the common end of two paths, but never into a folder that a side reports as a root."""
    left, right = _split(one), _split(other)
    if left is None or right is None:
        return None
    while len(left) > 1 and len(right) > 1:
        if _is_root(_join(left, one), here) or _is_root(_join(right, other), there):
            break
        if _comparable(left[-1], windows=False) != _comparable(right[-1], windows=False):
            return None
        left, right = left[:-1], right[:-1]
    pair = (_join(left, one), _join(right, other))
    known = any(contains(f, pair[0]) or contains(pair[0], f) for f in here)
    return pair if known and any(same(f, pair[1]) for f in there) else None


def _is_root(path: str, folders: list[str]) -> bool:
    return any(same(folder, path) for folder in folders)
