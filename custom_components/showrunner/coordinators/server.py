"""The Jellyfin server, as those see it who read its library."""

from typing import Protocol

from ..clients.jellyfin_library import JellyfinLibrary
from ..domain.media import ProviderIds


class LibraryServer(Protocol):
    """A Jellyfin whose library is read."""

    @property
    def library(self) -> JellyfinLibrary:
        """Its client."""

    @property
    def server_id(self) -> str:
        """Who it says that it is."""

    @property
    def connected(self) -> bool:
        """Whether it answered the last time."""


class Server(LibraryServer, Protocol):
    """A Jellyfin that is also asked for a movie by its ids."""

    async def has_movie(self, ids: ProviderIds, name: str) -> bool:
        """Look for a movie by its ids; the name narrows the search. Raises ServiceError."""
