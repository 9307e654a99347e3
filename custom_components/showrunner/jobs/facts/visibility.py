"""What users of Jellyfin may see of titles: asked for before they are told of any by name.

A phone that is somebody's is told of nothing that they can't see. While nobody knows what they can,
they are told of nothing; who administers Jellyfin sees everything.
"""

from collections.abc import Collection, Mapping
from itertools import batched

from ...clients.errors import ServiceError
from ...clients.jellyfin import JellyfinClient
from ...clients.jellyfin_library import MOST_IDS
from ...clients.jellyfin_models import JellyfinUser
from ...domain.library import LibraryItem
from ...domain.library_access import EVERYTHING, NOTHING, VisibleItems


class Visibility:
    """Asks one Jellyfin, which has this id."""

    def __init__(self, client: JellyfinClient, server_id: str) -> None:
        """Take everything by hand."""
        self._client = client
        self._server_id = server_id

    async def of(self, user_id: str, ids: Collection[str]) -> VisibleItems:
        """Say what a user surely sees of these items; nothing while that is not known."""
        try:
            user = await self._user(user_id)
            if user is None or user.is_disabled:
                return NOTHING
            return EVERYTHING if user.is_administrator else await self._seen(user, ids)
        except ServiceError:
            return NOTHING

    async def _user(self, user_id: str) -> JellyfinUser | None:
        users = await self._client.users()
        return next((one for one in users if one.id == user_id), None)

    async def _seen(self, user: JellyfinUser, ids: Collection[str]) -> VisibleItems:
        found: list[LibraryItem] = []
        for some in batched(sorted(ids), MOST_IDS, strict=False):
            found += await self._client.library.shown_to(self._server_id, user.id, some)
        libraries = await self._libraries(user) if found else {}
        return VisibleItems(
            items={
                one.item_id: one
                for one in found
                if one.path is not None and user.libraries.opens(one.path, libraries)
            }
        )

    async def _libraries(self, user: JellyfinUser) -> Mapping[str, Collection[str]]:
        """Say where the libraries are; nobody is asked where all of them are open."""
        if user.libraries.opens_all:
            return {}
        folders = await self._client.library_folders()
        return {one.id: one.paths for one in folders if one.id}
