"""Titles as people name them."""

from dataclasses import fields
from typing import Any

from homeassistant.exceptions import ServiceValidationError
import pytest

from tests.walk.household import Household
from world.catalogue import Film, by_name, guid

from .faces import act

GLASS = by_name("A Harbour of Glass")


UNKNOWN = 5_000_000


class Namesake(Film):
    """Another film of the same name, made later."""

    __slots__ = ()

    @property
    def item_id(self) -> str:
        return guid("namesake", self.number)

    @property
    def tmdb(self) -> int:
        return UNKNOWN + self.number

    @property
    def imdb(self) -> str:
        return f"tt5{self.number:06d}"


def add(house: Household, film: Film, kind: type[Film], **more: object) -> Film:
    """Put a film beside another one."""
    values = {one.name: getattr(film, one.name) for one in fields(Film)}
    new = kind(**values | more)  # type: ignore[arg-type]
    world = house.servers.world
    world.films[new.item_id] = new
    world.homes[new.item_id] = world.homes[film.item_id]
    return new


async def refusal(house: Household, action: str, **data: Any) -> ServiceValidationError:
    """Call an action that is refused."""
    with pytest.raises(ServiceValidationError) as caught:
        await act(house, action, **data)
    return caught.value
