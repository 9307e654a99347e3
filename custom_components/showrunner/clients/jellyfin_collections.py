"""Jellyfin's collections: looked up, made, filled, emptied and removed again.

A collection has a folder that is called like it, and its id comes from that: making one of a name
that there is gives the one that there is, and so does the name that one had before it was renamed:
its folder stays. What is asked for nobody in particular has no members.
"""

from collections.abc import Collection as Several, Iterable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Final

from ..domain.media import normalize_guid
from ..domain.text import say
from .errors import Refused, Unreadable
from .http import HttpClient
from .json_rows import read_page
from .parse import Json, natural, path, rows, table, text

PRODUCT: Final = "Jellyfin"
# Ids stand in the address, which has its limits.
_AT_ONCE: Final = 50
_KIND: Final = "BoxSet"
_SUFFIX: Final = " [boxset]"
_PAGE: Final = 5000


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of the server, and the name that its folder has; None where it says none."""

    id: str
    name: str
    folder: str | None = None


class JellyfinCollections:
    """The collections of one server. Every method raises a ServiceError."""

    def __init__(self, http: HttpClient) -> None:
        """Take the connection."""
        self._http = http

    async def all(self) -> tuple[Collection, ...]:
        """List all collections."""
        kind = {"recursive": "true", "includeItemTypes": _KIND, "fields": "Path"}
        found = await self._items(kind, whole=True)
        return tuple(one for row in found if (one := _collection(row)) is not None)

    async def get(self, collection_id: str) -> Collection | None:
        """Find a collection; None when there is none with this id."""
        kind = {"includeItemTypes": _KIND, "fields": "Path"}
        found = await self._items({"ids": collection_id, **kind})
        collections = (_collection(row) for row in found)
        return next((one for one in collections if one and one.id == collection_id), None)

    async def members(self, collection_id: str, user_id: str) -> frozenset[str]:
        """Name what is in a collection, as far as this user may see it."""
        within = {"parentId": collection_id, "userId": user_id}
        found = await self._items(within, whole=True)
        return frozenset(_ids(found))

    async def seasons(self, series_id: str) -> dict[int, str]:
        """Give the items of a series' seasons by their numbers."""
        found = await self._items({"parentId": series_id, "includeItemTypes": "Season"})
        numbered = (
            (natural(row.get("IndexNumber")), normalize_guid(row.get("Id"))) for row in found
        )
        return {number: one for number, one in numbered if number is not None and one}

    async def present(self, ids: Several[str]) -> frozenset[str]:
        """Say which of these items there are: what is gone can't be added."""
        found: set[str] = set()
        for some in batched(sorted(ids), _AT_ONCE, strict=False):
            found.update(_ids(await self._items({"ids": ",".join(some)})))
        return frozenset(found & set(ids))

    async def create(self, name: str) -> str:
        """Make a collection and give its id. Nothing else may be called so: see above."""
        # Locked: else it would be renamed after what it resembles elsewhere.
        query = {"name": name, "isLocked": "true"}
        answer = table(await self._http.request("POST", "/Collections", params=query))
        made = normalize_guid(answer.get("Id"))
        if made is None:
            raise Unreadable(PRODUCT, say("error_collection_without_id"))
        return made

    async def add(self, collection_id: str, ids: Sequence[str]) -> None:
        """Put items into a collection; what is in it stays once."""
        await self._change("POST", collection_id, ids)

    async def take_out(self, collection_id: str, ids: Sequence[str]) -> None:
        """Take items out of a collection. The items themselves stay where they are."""
        await self._change("DELETE", collection_id, ids)

    async def _change(self, method: str, collection_id: str, ids: Sequence[str]) -> None:
        for some in batched(ids, _AT_ONCE, strict=False):
            path = f"/Collections/{collection_id}/Items"
            await self._http.request(method, path, params={"ids": ",".join(some)})

    async def discard(self, collection_id: str) -> None:
        """Remove a collection, and never anything else. Raises Refused where it is none.

        The same address removes movies with their files: it is asked for in this very moment what
        the id is of.
        """
        if await self.get(collection_id) is None:
            raise Refused(PRODUCT, 0, say("error_no_collection"))
        await self._http.request("DELETE", f"/Items/{collection_id}")

    async def _items(self, query: dict[str, str], *, whole: bool = False) -> list[Json]:
        """Ask for items; where the `whole` is needed, half a list is none."""
        plain = {"enableUserData": "false", "enableImages": "false"}
        params: dict[str, str | int] = {**plain, "limit": _PAGE, **query}
        page, listed = await self._http.get_decoded("/Items", _page, params)
        if listed is None:
            raise Unreadable(PRODUCT, say("error_answer_not_list"))
        found = rows(listed)
        total = natural(page.get("TotalRecordCount"))
        if whole and total is not None and total > len(found):
            raise Unreadable(PRODUCT, say("error_half_a_page", total=total, named=len(found)))
        return found


def _page(body: bytes) -> tuple[Json, list[object] | None]:
    return read_page(body, "Items")


def _collection(row: Json) -> Collection | None:
    one = normalize_guid(row.get("Id"))
    if one is None or row.get("Type") != _KIND:
        return None
    return Collection(one, text(row.get("Name")) or "", _folder(path(row.get("Path"))))


def _folder(place: str | None) -> str | None:
    """Take the name out of a folder's path, which may be one of Windows."""
    last = (place or "").replace("\\", "/").rstrip("/").rpartition("/")[2]
    return last.removesuffix(_SUFFIX) or None


def _ids(rows: Iterable[Json]) -> Iterable[str]:
    return (one for row in rows if (one := normalize_guid(row.get("Id"))) is not None)
