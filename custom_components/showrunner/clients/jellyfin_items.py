"""Jellyfin's movies, series and episodes, looked up one by one with what is kept of a user.

What reads the whole library is `jellyfin_library`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ..domain.knowledge import Answer
from ..domain.media import ProviderIds, Unit, UnitKind, normalize_guid, same_year
from ..domain.text import Words, say
from . import jellyfin_models as models
from .errors import Unreadable
from .http import HttpClient
from .jellyfin_models import JellyfinItem
from .json_rows import read_rows
from .parse import natural

PRODUCT: Final = "Jellyfin"
_FIELDS: Final = "ProviderIds,Path,Genres,OriginalTitle,MediaSources"
_PAGE: Final = 1000
# No list is longer: one that is has no end, or is told again and again.
_MOST_PAGES: Final = 1000
_MOVIES: Final[dict[str, str | int]] = {
    "recursive": "true",
    "includeItemTypes": "Movie",
    "collapseBoxSetItems": "false",
}

_SERIES: Final[dict[str, str | int]] = {**_MOVIES, "includeItemTypes": "Series"}


class JellyfinItems:
    """The part of a server's client that looks items up. It raises ServiceErrors."""

    def __init__(self, http: HttpClient) -> None:
        """Take the connection."""
        self._http = http

    async def items(self, ids: Sequence[str], user_id: str | None) -> tuple[JellyfinItem, ...]:
        """Find items by their ids; what is gone is left out."""
        # No limit: a page that is shorter than asked means that an item is gone.
        return (await self._items({"ids": ",".join(ids)}, user_id))[0]

    async def item(self, item_id: str, user_id: str | None) -> JellyfinItem | None:
        """Find an item; None when it is gone. An episode tells its series' ids too."""
        wanted = normalize_guid(item_id)
        if wanted is None:
            return None
        found = await self.items((wanted,), user_id)
        item = next((one for one in found if one.unit.item_id == wanted), None)
        return None if item is None else await self._with_series(item)

    async def _with_series(self, item: JellyfinItem) -> JellyfinItem:
        unit = item.unit
        if unit.kind is UnitKind.MOVIE or unit.series_ids or unit.series_item_id is None:
            return item
        series = await self.items((unit.series_item_id,), None)
        ids = series[0].unit.series_ids if series else ProviderIds()
        return _replaced(item, unit, ids)

    async def find_movie(
        self, ids: ProviderIds, name: str, user_id: str | None, year: int | None = None
    ) -> JellyfinItem | None:
        """Find a movie by its ids (and a year that fits): among those of its name, else all."""
        return await self._look_for(_MOVIES, ids, name, user_id, year)

    async def find_series_folder(
        self, ids: ProviderIds, name: str, user_id: str | None, year: int | None = None
    ) -> str | None:
        """Say where a series lies that is found by its ids and a year that fits."""
        found = await self._look_for(_SERIES, ids, name, user_id, year)
        return None if found is None else found.path

    async def _look_for(
        self,
        kind: dict[str, str | int],
        ids: ProviderIds,
        name: str,
        user_id: str | None,
        year: int | None,
    ) -> JellyfinItem | None:
        if name:
            found, _ = await self._items({**kind, "searchTerm": name, "limit": 100}, user_id)
            if (item := _matching(found, ids, year)) is not None:
                return item
        before: tuple[JellyfinItem, ...] = ()
        for number in range(_MOST_PAGES):
            page = {**kind, "startIndex": number * _PAGE, "limit": _PAGE}
            found, total, half = await self._page(page, user_id)
            # What is on half a page is found all the same; only a miss is not known.
            if (item := _matching(found, ids, year)) is not None:
                return item
            if half:
                raise Unreadable(PRODUCT, half)
            if found and found == before:
                raise Unreadable(PRODUCT, say("error_page_one_before_once_more"))
            before = found
            if (number + 1) * _PAGE >= total:
                return None
        raise Unreadable(PRODUCT, say("error_list_never_ends"))

    async def _items(
        self, params: dict[str, str | int], user_id: str | None
    ) -> tuple[tuple[JellyfinItem, ...], int]:
        """Ask for one page; give also how many there are in all. Half a page is unreadable."""
        found, total, half = await self._page(params, user_id)
        if half:
            raise Unreadable(PRODUCT, half)
        return found, total

    async def _page(
        self, params: dict[str, str | int], user_id: str | None
    ) -> tuple[tuple[JellyfinItem, ...], int, Words]:
        """Likewise, but give half a page too, and say that it is one."""
        query: dict[str, str | int] = {"fields": _FIELDS, "enableUserData": "true", **params}
        if user_id:
            query["userId"] = user_id
        server_id = await self._server()
        # A thousand items with their files are megabytes.
        total, named, found = await self._http.get_decoded(
            "/Items", lambda body: _read(body, server_id), query
        )
        asked, start = natural(params.get("limit")), natural(params.get("startIndex")) or 0
        # A search tells of hits that it does not show; a listing that does is half a page.
        listing = total is not None and asked and "searchTerm" not in params
        half = listing and named < min(asked or 0, (total or 0) - start)
        why = say("error_half_a_page", total=total or 0, named=named) if half else ""
        return found, total or named, why

    async def _server(self) -> str:
        """Give the server's id."""
        raise NotImplementedError


def _read(body: bytes, server_id: str) -> tuple[int | None, int, tuple[JellyfinItem, ...]]:
    """Read a page: how many there are in all, how many it names, and what can be watched."""
    page, listed = read_rows(body, "Items")
    if not isinstance(page.get("Items"), list):
        # Something else must not look like an empty list.
        raise Unreadable(PRODUCT, say("error_answer_not_list"))
    named, found = 0, []
    for row in listed:
        named += 1
        if isinstance(row, Mapping) and (item := models.item(row, server_id)) is not None:
            found.append(item)
    return natural(page.get("TotalRecordCount")), named, tuple(found)


def _matching(
    items: Sequence[JellyfinItem], ids: ProviderIds, year: int | None
) -> JellyfinItem | None:
    for one in items:
        same = one.unit.title.ids.matches(ids) is Answer.YES
        if same and same_year(one.unit.year, year) is not Answer.NO:
            return one
    return None


def _replaced(item: JellyfinItem, unit: Unit, series_ids: ProviderIds) -> JellyfinItem:
    return replace(item, unit=replace(unit, series_ids=series_ids))
