"""Jellyfin's /Items: which items a question is about, in which order, and one page of them.

What is not understood is ignored, as the real server does. Without a count the total is the page's.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from .catalogue import Entry
from .clock import jellyfin_time
from .collections import Collections
from .jellyfin_dto import Dto, created, item, series
from .people import User
from .web import number, yes
from .world import World, in_jellyfin

_NEVER: Final = "0001-01-01T00:00:00.0000000Z"


def plain(item_id: str) -> str:
    """Write an id without dashes."""
    return item_id.replace("-", "").lower()


def listed(request: web.Request, name: str) -> list[str]:
    """Read a list parameter: repeated, or with commas. ASP.NET does not mind its case."""
    values = [v for key, v in request.query.items() if key.lower() == name.lower()]
    return [part for value in values for part in value.split(",") if part]


def entries(world: World) -> list[Entry]:
    """List the films and episodes that Jellyfin has."""
    films = [film for film in world.films.values() if in_jellyfin(world, film)]
    return [*films, *world.episodes.values()]


def answer(world: World, request: web.Request, user: User | None, collections: Collections) -> Dto:
    """Answer a question about items."""
    fields = {name.lower() for name in listed(request, "fields")}
    every = _within(_all(world, user, _asked(request)), collections, request, user)
    found = [dto for dto in every if _chosen(world, request, dto, user)]
    _sort(request, found)
    begin = number(request, "startIndex", 0)
    limit = number(request, "limit", 0) or len(found)
    page = found[begin : begin + limit]
    total = len(found) if yes(request, "enableTotalRecordCount", default=True) else len(page)
    shown = user is not None and yes(request, "enableUserData", default=True)
    return {
        "Items": [_shown(dto, fields, shown=shown) for dto in page],
        "TotalRecordCount": total,
        "StartIndex": begin,
    }


def _within(
    items: list[Dto], collections: Collections, request: web.Request, user: User | None
) -> list[Dto]:
    """Choose what is in a parent, if one is asked for: a collection, or a series.

    Collections and seasons are told to who asks for their kind or ids, or for a parent.
    """
    parent = plain(request.query.get("parentId", ""))
    if parent or listed(request, "includeItemTypes") or listed(request, "ids"):
        items = [*items, *collections.dtos(), *collections.seasons()]
    members = collections.within(parent, user)
    if members is not None:
        return [dto for dto in items if dto["Id"] in members]
    return [dto for dto in items if not parent or dto.get("SeriesId") == parent]


def _asked(request: web.Request) -> frozenset[str]:
    """Name the only items that are asked for; none: all of them."""
    return frozenset(plain(one) for one in listed(request, "ids"))


def _all(world: World, user: User | None, ids: frozenset[str]) -> list[Dto]:
    """Build everything, or what has one of the ids, with all that can be asked of it."""
    wanted = [one for one in entries(world) if not ids or one.item_id in ids]
    found = [item(world, entry, user, None) for entry in wanted]
    announced = [one for one in world.announced if not ids or one.item_id in ids]
    found += [virtual(item(world, one, user, None)) for one in announced]
    firsts = {one.series_id: one for one in world.episodes.values()}
    for episode in (one for name, one in firsts.items() if not ids or name in ids):
        dto = series(world, episode, user)
        dto["DateCreated"] = jellyfin_time(created(episode))
        found.append(dto)
    return found


def virtual(dto: Dto) -> Dto:
    """Make an episode one that is only announced: it has no file."""
    gone = ("Path", "MediaSources", "Container", "VideoType")
    return {k: v for k, v in dto.items() if k not in gone} | {"LocationType": "Virtual"}


# What the base answer has without being asked for.
_EXTRAS: Final = ("ProviderIds", "Path", "DateCreated", "MediaSources", "Genres", "Overview")


def _shown(dto: Dto, fields: set[str], *, shown: bool) -> Dto:
    kept = {
        name: value
        for name, value in dto.items()
        if name not in (*_EXTRAS, "OriginalTitle") or name.lower() in fields
    }
    if not shown:
        kept.pop("UserData", None)
    return kept


def _chosen(world: World, request: web.Request, dto: Dto, user: User | None) -> bool:
    ids = _asked(request)
    kinds = listed(request, "includeItemTypes")
    term = request.query.get("searchTerm", "").casefold()
    if (ids and dto["Id"] not in ids) or (kinds and dto["Type"] not in kinds):
        return False
    if term not in str(dto["Name"]).casefold() or (_no_virtual(request) and _is_virtual(dto)):
        return False
    since = request.query.get("minDateLastSaved")
    if since and saved(world, dto) < _instant(since):
        return False
    return user is None or (
        _is_shown(dto, user, ids) and all(test(dto) for test in _of_user(request))
    )


def _is_shown(dto: Dto, user: User, ids: frozenset[str]) -> bool:
    """Tell whether a user is shown an item. A series that is hidden hides what is in it.

    Which libraries are open to them counts only where nothing is asked for by its id
    (`LibraryManager.AddUserToQuery` of 10.11 looks at the user's views only without `ItemIds`).
    """
    if user.hidden & {str(dto["Id"]), str(dto.get("SeriesId"))}:
        return False
    return bool(ids) or user.opens(str(dto["Type"]))


def _no_virtual(request: web.Request) -> bool:
    missing = request.query.get("isMissing", "").lower() == "false"
    return missing or "Virtual" in listed(request, "excludeLocationTypes")


def _is_virtual(dto: Dto) -> bool:
    return dto["LocationType"] == "Virtual"


def saved(world: World, dto: Dto) -> datetime:
    """Say when the server saved an item last."""
    at = world.saved_at.get(str(dto["Id"]))
    return at if at is not None else _instant(str(dto.get("DateCreated", _NEVER)))


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text.replace("0Z", "Z") if "." in text else text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _kept(dto: Dto, name: str) -> object:
    data = dto.get("UserData")
    return data.get(name) if isinstance(data, dict) else None


def _of_user(request: web.Request) -> list[Callable[[Dto], bool]]:
    """Give the tests on what is kept of the user."""
    filters = listed(request, "filters")
    tests: list[Callable[[Dto], bool]] = []
    for name, key, short in (
        ("isPlayed", "Played", "IsPlayed"),
        ("isFavorite", "IsFavorite", "IsFavorite"),
    ):
        if name in request.query or short in filters:
            wanted = yes(request, name, default=True)
            tests.append(lambda dto, key=key, wanted=wanted: _kept(dto, key) is wanted)  # type: ignore[misc]
    if "IsResumable" in filters:
        tests.append(lambda dto: bool(_kept(dto, "PlaybackPositionTicks")))
    return tests


def _sort(request: web.Request, found: list[Dto]) -> None:
    """Sort by the last key first, so that the first one decides."""
    orders = listed(request, "sortOrder")
    keys = listed(request, "sortBy") or ["SortName"]
    for place, key in reversed(list(enumerate(keys))):
        order = orders[min(place, len(orders) - 1)] if orders else "Ascending"
        found.sort(key=_KEYS.get(key, _KEYS["SortName"]), reverse=order == "Descending")


_KEYS: Final[dict[str, Callable[[Dto], str]]] = {
    "SortName": lambda dto: str(dto["Name"]).casefold(),
    "DateCreated": lambda dto: str(dto.get("DateCreated", "")),
    "DatePlayed": lambda dto: str(_kept(dto, "LastPlayedDate") or ""),
}
