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
    # Whether they may see all libraries; else it is none of them.
    all_folders: bool = True

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
