"""What a look through folders brings: what may go, what stays and why, and how much there is."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Final

from ...domain.extras import Parts, Verdict, shown
from ...domain.plan import LeftOut
from ...domain.text import Words, say
from .walk import Looked

# So many parts of a folder are looked at in one go, before others have their turn.
_AT_ONCE: Final = 200
_MOST_LEFT_OUT: Final = 1000
# Why a folder can't be looked through.
WRONG: Final = {
    "folder_not_absolute": say("folder_not_absolute"),
    "folder_not_allowed": say("folder_not_allowed"),
    "folder_within_another": say("folder_within_another"),
    "folder_not_there": say("folder_not_there"),
    "folder_is_link": say("folder_is_link"),
}


@dataclass(slots=True)
class Found:
    """What was seen in one folder or several."""

    videos: int = 0
    taken: list[tuple[str, Verdict]] = field(default_factory=list)
    left: list[LeftOut] = field(default_factory=list)

    def leave(self, path: str, why: Words, *, unknown: bool = False) -> None:
        """Note what stays, and why."""
        if len(self.left) < _MOST_LEFT_OUT:
            self.left.append(LeftOut(path, why, unknown))


def some(walk: Generator[Looked]) -> tuple[list[Looked], bool]:
    """Look at some parts of a folder; say whether there may be more."""
    found: list[Looked] = []
    for looked in walk:
        found.append(looked)
        if len(found) >= _AT_ONCE:
            return found, True
    return found, False


def take_in(folder: str, looked: Looked, found: Found) -> None:
    """Add a part that was looked at."""
    found.videos += looked.videos
    for parts in looked.unread:
        found.leave(path_of(folder, parts), say("folder_unreadable"), unknown=True)
    for verdict in looked.verdicts:
        if verdict.against is None:
            found.taken.append((folder, verdict))
        elif len(found.left) < _MOST_LEFT_OUT:
            path = path_of(folder, verdict.path)
            found.left.append(LeftOut(path, verdict.against, findings=verdict.findings))


def path_of(folder: str, parts: Parts) -> str:
    """Write a path for people."""
    return shown("/".join((folder, *parts)))
