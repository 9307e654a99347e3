"""Items that go by several ids."""

from custom_components.showrunner.domain.library import (
    ItemKind,
    LibraryItem,
)
from custom_components.showrunner.domain.media import (
    MediaType,
    ProviderIds,
    TitleKey,
)

VIEWER, OTHER, SERVER = "a" * 32, "b" * 32, "5" * 32


ALL = ProviderIds(603, None, "tt0133093")


FILM = LibraryItem(SERVER, "1" * 32, ItemKind.MOVIE, "The Matrix", ALL, 1999, path="/m/a.mkv")


SERIES = LibraryItem(SERVER, "c" * 32, ItemKind.SERIES, "Show", ProviderIds(4, 5), path="/s")


def by(media: MediaType = MediaType.MOVIE, **ids: object) -> TitleKey:
    """Name a title by some ids."""
    return TitleKey(media, ProviderIds.parse(**ids))
