"""Jellystat 1.1.8 as it really answers: grouped, with numbers for texts, and odd when it is ill.

A key that comes while it says state 0 ends its process (captured from 1.1.8: dbdown-*-apikey).
`database_down`: what it does without its database; `is_dead`: it has ended, until `start_again`.
`has_keys`: whether a key was ever made.
"""

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from .catalogue import Entry, Episode, guid
from .clock import ticks
from .past import Played, past
from .web import application, body_of, number, reply
from .world import World, in_jellyfin

_VERSION: Final = "1.1.8"
_INDEX: Final = "<!doctype html><html><head><title>Jellystat</title></head></html>"
_LONG: Final = 3600.0
_KEY: Final = "x-api-token"

type Row = dict[str, object]


class Jellystat:
    """The handlers. `plays` is what it has recorded."""

    def __init__(self, world: World) -> None:
        """Take the world and its past."""
        self._world = world
        self.plays: list[Played] = past(world)
        self.has_keys = True
        self.database_down = False
        self.is_grouped_only = False  # as if it had no route for a user's history
        self.is_dead = False
        self._ill = asyncio.Event()

    def app(self) -> web.Application:
        """Make the application with all its routes."""
        app = application()
        app.middlewares.append(self._guarded)
        app.router.add_get("/auth/isConfigured", self._configured)
        app.router.add_get("/api/getLibraries", self._libraries)
        app.router.add_get("/api/getHistory", self._history)
        app.router.add_post("/api/getUserHistory", self._user_history)
        app.router.add_post("/api/getItemHistory", self._item_history)
        app.router.add_route("*", "/api/{tail:.*}", self._unknown)
        app.router.add_get("/{tail:.*}", self._page)
        return app

    def start_again(self) -> None:
        """Be started once more, with its database."""
        self.is_dead = self.database_down = False

    async def stop(self) -> None:
        """Let go of questions that are never answered."""
        self._ill.set()

    @property
    def _guarded(self) -> Middleware:
        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            if self.database_down and (_KEY in request.headers or "apiKey" in request.query):
                self.is_dead = True
            if self.is_dead:
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=500)
            if request.path.startswith("/api/"):
                self._check(request)
            return await handler(request)

        return check

    def _check(self, request: web.Request) -> None:
        given = request.headers.get(_KEY) or request.query.get("apiKey")
        if "Authorization" in request.headers:
            raise _refused(401, "Invalid token")  # it wins over a key
        if not given:
            raise _refused(401, "Authentication failed. No token or API key provided.")
        if not self.has_keys:
            raise _refused(404, "No API keys found")
        if given != self._world.keys.jellystat:
            raise _refused(403, "Invalid API key")

    async def _configured(self, request: web.Request) -> web.Response:
        return reply({"state": 0 if self.database_down else 2, "version": _VERSION})

    async def _page(self, request: web.Request) -> web.Response:
        return web.Response(text=_INDEX, content_type="text/html")

    async def _unknown(self, request: web.Request) -> web.Response:
        return reply({"error": "Not Found"}, 404)

    async def _libraries(self, request: web.Request) -> web.Response:
        if self.database_down:
            return web.Response(text="")
        films = sum(in_jellyfin(self._world, film) for film in self._world.films.values())
        return reply(
            [
                self._library("Films", "movies", films, 0),
                self._library("Series", "tvshows", 3, len(self._world.episodes)),
            ]
        )

    def _library(self, name: str, kind: str, items: int, episodes: int) -> Row:
        return {
            "Id": guid("folder", name),
            "Name": name,
            "ServerId": self._world.server_id,
            "IsFolder": True,
            "Type": "CollectionFolder",
            "CollectionType": kind,
            "ImageTagsPrimary": None,
            "total_play_time": 216_000_000_000,
            "item_count": items,
            "season_count": 3 if episodes else 0,
            "episode_count": episodes,
            "archived": False,
        }

    async def _history(self, request: web.Request) -> web.Response:
        """Show each title and user once; only episodes carry the plays that are behind it."""
        if self.database_down:
            async with asyncio.timeout(_LONG):
                await self._ill.wait()
        groups: dict[tuple[str, str], list[Played]] = {}
        for play in reversed(self.plays):
            groups.setdefault((play.user.id, play.entry.item_id), []).append(play)
        return self._paged(request, [self._group(plays) for plays in groups.values()])

    def _group(self, plays: list[Played]) -> Row:
        outer = self._row(plays[0])
        if not isinstance(plays[0].entry, Episode):
            return outer | {"results": None, "TotalPlays": None, "TotalDuration": None}
        inner = [self._row(play) for play in plays]
        for row in inner:
            row["ActivityDateInserted"] = str(row["ActivityDateInserted"]).replace("Z", "+00:00")
            row.pop("FullName")
        total = sum(int(play.seconds) for play in plays)
        # The outer duration is the sum of all plays.
        return outer | {
            "results": inner,
            "TotalPlays": len(plays),
            "TotalDuration": total,
            "PlaybackDuration": total,
        }

    async def _user_history(self, request: web.Request) -> web.Response:
        if self.is_grouped_only:
            return reply({"error": "Not Found"}, 404)
        user = (await body_of(request)).get("userid")
        self._query(request)
        found = [play for play in reversed(self.plays) if play.user.id == user]
        return self._paged(request, [self._row(play) for play in found])

    async def _item_history(self, request: web.Request) -> web.Response:
        wanted = (await body_of(request)).get("itemid")
        if wanted is None:
            return web.Response(status=400, text="No Item ID provided")
        self._query(request)
        found = [play for play in reversed(self.plays) if wanted in _ids(play.entry)]
        return self._paged(request, [self._row(play) for play in found])

    def _query(self, request: web.Request) -> None:
        """Ask the database; without one the whole process dies in the middle of a question."""
        if self.database_down and request.transport is not None:
            request.transport.close()

    def _paged(self, request: web.Request, found: list[Row]) -> web.Response:
        size, page = number(request, "size", 50), number(request, "page", 1)
        begin = (page - 1) * size
        return reply(
            {
                "current_page": page,
                "pages": -(-len(found) // size),
                "size": size,
                "sort": "ActivityDateInserted",
                "desc": True,
                "results": found[begin : begin + size],
            }
        )

    def _row(self, play: Played) -> Row:
        entry = play.entry
        episode = entry if isinstance(entry, Episode) else None
        row: Row = {
            "Id": play.id,
            "IsPaused": False,
            "UserId": play.user.id,
            "UserName": play.user.name,
            "Client": play.client,
            "DeviceName": play.device,
            "DeviceId": guid("device", play.device),
            "ApplicationVersion": self._world.jellyfin_version,
            "NowPlayingItemId": episode.series_id if episode else entry.item_id,
            "NowPlayingItemName": entry.name,
            "SeasonId": guid("season", episode.tvdb, episode.season) if episode else None,
            "SeriesName": episode.series if episode else None,
            "EpisodeId": episode.item_id if episode else None,
            "PlaybackDuration": int(play.seconds),
            "ActivityDateInserted": play.ended.isoformat(timespec="milliseconds").replace(
                "+00:00", "Z"
            ),
            "PlayMethod": play.method,
            "MediaStreams": [{"Codec": "hevc", "Type": "Video", "Index": 0}],
            "TranscodingInfo": None,
            "PlayState": {"PositionTicks": ticks(play.position), "CanSeek": True},
            "OriginalContainer": "mkv",
            "RemoteEndPoint": "192.0.2.10",
            "ServerId": self._world.server_id,
            "imported": False,
            "EpisodeNumber": episode.number if episode else None,
            "SeasonNumber": episode.season if episode else None,
            "ParentId": guid("folder", "Series" if episode else "Films"),
            "FullName": f"{episode.series} : S{episode.season}E{episode.number} - {entry.name}"
            if episode
            else entry.name,
        }
        return _numbers(row)


def _numbers(row: Row) -> Row:
    """Make numbers of all texts that look like one: a film called "1917" loses its quotes."""
    return {
        name: int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit()
        else value
        for name, value in row.items()
    }


def _ids(entry: Entry) -> tuple[str, ...]:
    if not isinstance(entry, Episode):
        return (entry.item_id,)
    return (entry.item_id, entry.series_id, guid("season", entry.tvdb, entry.season))


def _refused(status: int, message: str) -> web.HTTPException:
    response = reply({"message": message}, status)
    error = {401: web.HTTPUnauthorized, 403: web.HTTPForbidden, 404: web.HTTPNotFound}[status]
    return error(body=response.body, content_type="application/json")
