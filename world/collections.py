"""Jellyfin's collections, as its CollectionManager keeps them.

A collection is a folder "<name> [boxset]", and its id comes from that path: making one of a name
that there is gives the one that there is, under whatever name it goes by now. Items that are in it
already are not added twice, an id of nothing is refused, and what is not in it is left out silently
when it is taken out. Who asks for no user in particular sees no members, nor does who may see none
of the libraries.
"""

from dataclasses import dataclass, field

from aiohttp import web

from .catalogue import guid
from .jellyfin_dto import Dto, series
from .people import User
from .web import reply
from .world import World, in_jellyfin


@dataclass
class BoxSet:
    """One collection; `members` are items' ids in the order in which they came.

    `folder` is of the name that it was made with.
    """

    name: str
    members: list[str] = field(default_factory=list)
    folder: str = ""

    def __post_init__(self) -> None:
        """Make the folder."""
        self.folder = self.folder or f"{self.name} [boxset]"


class Collections:
    """The handlers, and the collections by their ids."""

    def __init__(self, world: World) -> None:
        """Take the world; there are no collections at first."""
        self._world = world
        self.sets: dict[str, BoxSet] = {}
        # Every id that somebody wanted removed with all its files.
        self.removed: list[str] = []
        # Members that are shown to nobody.
        self.hidden: set[str] = set()

    def add_routes(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_route("POST", "/Collections", self._create)
        app.router.add_route("POST", "/Collections/{id}/Items", self._add)
        app.router.add_route("DELETE", "/Collections/{id}/Items", self._take_out)
        app.router.add_route("DELETE", "/Items/{id}", self._remove)

    def make(self, name: str, *members: str) -> str:
        """Make a collection, as a person would."""
        made = guid("boxset", f"{name} [boxset]")
        self.sets.setdefault(made, BoxSet(name)).members.extend(members)
        return made

    def dtos(self) -> list[Dto]:
        """Show the collections."""
        return [self._dto(one, found) for one, found in self.sets.items()]

    def _dto(self, item_id: str, found: BoxSet) -> Dto:
        return {
            "Name": found.name,
            "Path": f"/config/data/collections/{found.folder}",
            "ServerId": self._world.server_id,
            "Id": item_id,
            "Type": "BoxSet",
            "IsFolder": True,
            "LocationType": "FileSystem",
            "ImageTags": {},
            "BackdropImageTags": [],
        }

    def within(self, parent: str, user: User | None) -> frozenset[str] | None:
        """Name what is in a collection, as this user is told; None: it is none."""
        found = self.sets.get(parent)
        if found is None:
            return None
        if user is None or not user.all_folders:
            return frozenset()
        return frozenset(found.members) - self.hidden

    def seasons(self) -> list[Dto]:
        """Show the seasons of all series."""
        found: dict[str, Dto] = {}
        for one in self._world.episodes.values():
            number = season_id(one.series_id, one.season)
            found[number] = series(self._world, one, None) | {
                "Name": f"Season {one.season}",
                "Id": number,
                "Type": "Season",
                "IndexNumber": one.season,
                "SeriesId": one.series_id,
                "SeriesName": one.series,
            }
        return list(found.values())

    def _items(self) -> set[str]:
        """Name all that can be put into a collection."""
        films = {one.item_id for one in self._world.films.values() if in_jellyfin(self._world, one)}
        shows = {one.series_id for one in self._world.episodes.values()}
        seasons = {season_id(one.series_id, one.season) for one in self._world.episodes.values()}
        return films | shows | seasons | set(self._world.episodes)

    def _named(self, request: web.Request) -> BoxSet:
        found = self.sets.get(request.match_info["id"].replace("-", "").lower())
        if found is None:
            raise web.HTTPBadRequest(text="Error processing request.")
        return found

    async def _create(self, request: web.Request) -> web.Response:
        name = request.query.get("name", "")
        if not name:
            raise web.HTTPBadRequest(text="Error processing request.")
        return reply({"Id": self.make(name)})

    async def _add(self, request: web.Request) -> web.Response:
        found, there = self._named(request), self._items()
        for one in _ids(request):
            if one not in there:
                raise web.HTTPBadRequest(text="Error processing request.")
            if one not in found.members:
                found.members.append(one)
        return web.Response(status=204)

    async def _take_out(self, request: web.Request) -> web.Response:
        found = self._named(request)
        found.members = [one for one in found.members if one not in _ids(request)]
        return web.Response(status=204)

    async def _remove(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"].replace("-", "").lower()
        self.removed.append(wanted)
        if self.sets.pop(wanted, None) is None:
            raise web.HTTPNotFound
        return web.Response(status=204)


def season_id(series_id: str, season: int) -> str:
    """Give the item of a season."""
    return guid("season", series_id, season)


def _ids(request: web.Request) -> list[str]:
    return [one.replace("-", "").lower() for one in request.query.get("ids", "").split(",") if one]
