"""What comes into a library and leaves it."""

from world.catalogue import Film, guid
from world.world import World

from .household import Household


class AddedAgain(Film):
    """A film whose file was added again: everything is as it was but Jellyfin's id."""

    __slots__ = ()

    @property
    def item_id(self) -> str:
        return guid("again", self.tmdb)


def remove(world: World, film: Film) -> None:
    """Take a film out of Jellyfin."""
    del world.films[film.item_id]


async def films(house: Household) -> int:
    """Count the films that the store knows."""
    return (await house.runtime.store.library.counts()).get("movie", 0)
