"""What a user of Jellyfin may surely see. Pure. Whatever is not known they may not.

Two things have to let them: the server's answer, which knows ages, tags and what is blocked, and
the libraries that are open to them. For items that are asked for by their ids the server goes by
the former only, and tells of libraries that are closed to the user, too.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from .library import ItemKind, LibraryItem
from .paths import contains


@dataclass(frozen=True, slots=True)
class LibraryAccess:
    """Which libraries a user's policy opens, by their ids.

    `every`: all of them; where that is not told, it is not so. `blocked`: none of these.
    """

    every: bool = False
    opened: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()

    @property
    def opens_all(self) -> bool:
        """Tell whether every library is open, whatever lies where."""
        return self.every and not self.blocked

    def opens(self, path: str, libraries: Mapping[str, Collection[str]]) -> bool:
        """Tell whether what lies there is open. `libraries`: the folders of each, by its id."""
        if self.opens_all:
            return True
        around = {
            name
            for name, folders in libraries.items()
            if any(contains(folder, path) for folder in folders)
        }
        if not around or around & self.blocked:
            return False
        return self.every or bool(around & self.opened)


@dataclass(frozen=True, slots=True)
class VisibleItems:
    """What a user surely sees of what was asked for. `everything`: they are an administrator."""

    everything: bool = False
    items: Mapping[str, LibraryItem] = field(default_factory=dict)

    def sees(self, ids: Collection[str], *, episodes: bool) -> bool:
        """Tell whether they see any of these items: a movie, or an episode and its series."""
        if self.everything:
            return True
        mine = [self.items[one] for one in ids if one in self.items]
        if not episodes:
            return any(one.kind is ItemKind.MOVIE for one in mine)
        return any(
            one.kind is ItemKind.EPISODE and one.series_item_id in self.items for one in mine
        )


NOTHING: Final = VisibleItems()
EVERYTHING: Final = VisibleItems(everything=True)
