"""Who lives in the demo's house."""

from dataclasses import dataclass
from typing import Final

from .catalogue import guid


@dataclass(frozen=True, slots=True)
class User:
    """A Jellyfin user, called by the place where they watch."""

    name: str
    password: str
    administrator: bool = False
    disabled: bool = False
    # Whether they may see all libraries; else only these, by their names.
    all_folders: bool = True
    folders: tuple[str, ...] = ()
    # What their age or a tag keeps from them, by the items' ids.
    hidden: frozenset[str] = frozenset()

    def opens(self, kind: str) -> bool:
        """Tell whether the library in which items of a kind lie is open to them."""
        return self.all_folders or ("Films" if kind == "Movie" else "Series") in self.folders

    @property
    def id(self) -> str:
        """Jellyfin's id."""
        return guid("user", self.name)


USERS: Final = (
    User("Sofa", "popcorn", administrator=True),
    User("Kitchen", "kettle"),
    User("Attic", "ladder"),
    User("Old Tablet", "", disabled=True),
)
