"""Walks through a chosen folder, a home at a time, and has the rule judge it. It blocks.

No link is followed, nothing is opened but folders, and what may not be read is left out and said.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
import os
import stat
from typing import Final

from ...domain.extras import (
    ExtrasPolicy,
    Fingerprint,
    Folder,
    Home,
    Library,
    Parts,
    Verdict,
    Video,
    holds_one_title,
    is_closed,
    is_video,
    judge,
    plain,
    unfinished,
)
from ...operations.open_folders import opened

_DEEPEST: Final = 40


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which folders are of which kind, by their own names: those of titles, and of libraries."""

    by_name: Mapping[str, Library] = field(default_factory=dict)

    def of(self, folder: str, parts: Parts) -> Library:
        """Say of what kind a folder within a chosen one is; a series anywhere above it decides."""
        names = (*folder.split("/"), *parts)
        found = {self.by_name.get(plain(name), Library.UNKNOWN) for name in names}
        if Library.SERIES in found:
            return Library.SERIES
        return Library.MOVIES if Library.MOVIES in found else Library.UNKNOWN


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen in a part of a folder. `videos`: how many; `unread`: what may not be read."""

    verdicts: tuple[Verdict, ...] = ()
    videos: int = 0
    unread: tuple[Parts, ...] = ()


class Walk:
    """A walk through one chosen folder."""

    def __init__(self, folder: str, policy: ExtrasPolicy, kinds: Kinds, now: datetime) -> None:
        """Take what is judged by; nothing is looked at yet."""
        self._folder = folder
        self._policy = policy
        self._kinds = kinds
        self._now = now

    def all(self) -> Generator[Looked]:
        """Look at all of it, a part at a time. Raises OSError when not even it can be read."""
        yield from self._visit(())

    def again(self, path: Parts) -> Verdict | None:
        """Judge one video anew, with what lies around it now; None: it is plainly no extra.

        Raises OSError.
        """
        parts = path[:-1]
        for deep in range(1, len(parts)):
            above, names = self._listed(parts[:deep])
            if parts[deep] in names and self._marker(above, parts[deep]) is not None:
                parts = parts[:deep]
                break
        folder, names = self._listed(parts)
        home, _ = self._home(folder, names, deep=self._is_title(folder))
        return next((one for one in judge(home, self._policy, self._now) if one.path == path), None)

    # -- one folder after the other ----------------------------------------------------------------

    def _visit(self, parts: Parts) -> Generator[Looked, None, int]:
        """Look at a folder and all below it; give the size of the largest video in it."""
        try:
            folder, names = self._listed(parts)
        except OSError:
            if not parts:
                raise
            yield Looked(unread=(parts,))
            return 0
        below = 0
        for name in names:
            if self._marker(folder, name) is None and len(parts) < _DEEPEST:
                below = max(below, (yield from self._visit((*parts, name))))
        home, unread = self._home(folder, names, deep=False)
        if self._is_title(folder):
            home = replace(home, below_bytes=below)
        videos = len(folder.videos) + sum(len(inner.videos) for _, inner in home.marked)
        yield Looked(judge(home, self._policy, self._now), videos, tuple(unread))
        return max((below, *(one.size_bytes for one in folder.videos if not one.is_link)))

    def _home(self, folder: Folder, names: list[str], *, deep: bool) -> tuple[Home, list[Parts]]:
        """Put a folder together with its folders of extras; `deep`: with the others' largest."""
        marked: list[tuple[tuple[str, ...], Folder]] = []
        unread: list[Parts] = []
        below = 0
        for name in names:
            inner = (*folder.parts, name)
            if (marker := self._marker(folder, name)) is not None:
                self._collect(inner, (marker,), marked, unread)
            elif deep:
                below = max(below, self._largest(inner))
        library = self._kinds.of(self._folder, folder.parts)
        return Home(folder, library, tuple(marked), below), unread

    def _collect(
        self,
        parts: Parts,
        markers: tuple[str, ...],
        marked: list[tuple[tuple[str, ...], Folder]],
        unread: list[Parts],
    ) -> None:
        """Add a folder of extras, and all folders in it."""
        try:
            folder, names = self._listed(parts)
        except OSError:
            unread.append(parts)
            return
        marked.append((markers, folder))
        for name in names if len(parts) < _DEEPEST else ():
            inner = self._policy.markers.folder(name)
            self._collect((*parts, name), (*markers, inner) if inner else markers, marked, unread)

    def _largest(self, parts: Parts) -> int:
        try:
            folder, names = self._listed(parts)
        except OSError:
            return 0
        sizes = [one.size_bytes for one in folder.videos if not one.is_link]
        return max((*sizes, *(self._largest((*parts, name)) for name in names), 0))

    def _is_title(self, folder: Folder) -> bool:
        library = self._kinds.of(self._folder, folder.parts)
        return holds_one_title(folder, library, self._policy.markers)

    def _marker(self, folder: Folder, name: str) -> str | None:
        """Say by which marker a folder in another is one of extras; None: it is another home."""
        marker = self._policy.markers.folder(name)
        return marker if marker is not None and self._is_title(folder) else None

    def _listed(self, parts: Parts) -> tuple[Folder, list[str]]:
        """Read a folder; give the names of the folders in it that may be looked into, too."""
        videos: list[Video] = []
        folders: set[str] = set()
        writing: set[str] = set()
        with opened(self._folder, parts) as inner, os.scandir(inner) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.add(entry.name)
                elif is_video(entry.name) and not entry.name.startswith("."):
                    if (video := _video(entry)) is not None:
                        videos.append(video)
                elif (name := unfinished(entry.name)) is not None:
                    writing.add(name)
        names = sorted(name for name in folders if not is_closed(name))
        videos.sort(key=lambda one: one.name)
        return Folder(parts, tuple(videos), frozenset(folders), frozenset(writing)), names


def _video(entry: os.DirEntry[str]) -> Video | None:
    """Read what is said of a file; None for what is gone by now, and for what is no file."""
    try:
        entry_stat = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    link = stat.S_ISLNK(entry_stat.st_mode)
    if not link and not stat.S_ISREG(entry_stat.st_mode):
        return None
    return Video(
        entry.name,
        Fingerprint(entry_stat.st_ino, entry_stat.st_size, entry_stat.st_mtime_ns),
        datetime.fromtimestamp(max(entry_stat.st_mtime, entry_stat.st_ctime), UTC),
        entry_stat.st_nlink,
        link,
    )
