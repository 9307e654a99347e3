"""A server and a movie."""

from custom_components.showrunner.domain.library import (
    ItemKind,
    LibraryItem,
)
from custom_components.showrunner.domain.media import ProviderIds

SERVER = "5" * 32


MOVIE = LibraryItem(
    SERVER,
    "a" * 32,
    ItemKind.MOVIE,
    "The Matrix",
    ProviderIds(603, None, "tt0133093"),
    1999,
    "/m/a",
)
