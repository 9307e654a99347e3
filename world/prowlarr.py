"""Prowlarr's API, version 1: a search that takes a moment, over two indexers.

One of them knows no ids, as many do: asked by an id, Prowlarr does not even ask it, and its part of
the answer is empty.
"""

import asyncio
import re
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from .catalogue import Film, guid
from .clock import arr_time, utcnow
from .radarr_library import release
from .web import application, reply
from .world import World

_BY_ID: Final = 2
_BY_NAME: Final = 3
_ID: Final = re.compile(r"\{(ImdbId|TmdbId|Year):(\w+)\}", re.IGNORECASE)


class Prowlarr:
    """The handlers."""

    def __init__(self, world: World) -> None:
        """Take the world."""
        self._world = world

    def app(self) -> web.Application:
        """Make the application with all its routes."""
        app = application()
        app.middlewares.append(self._guarded)
        app.router.add_get("/api/v1/system/status", self._status)
        app.router.add_get("/api/v1/indexer", self._indexers)
        app.router.add_get("/api/v1/indexerstatus", self._health)
        app.router.add_get("/api/v1/health", self._health)
        app.router.add_get("/api/v1/search", self._search)
        return app

    @property
    def _guarded(self) -> Middleware:
        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not request.path.startswith("/api/v1/"):
                return web.Response(status=302, headers={"Location": "/login"})
            given = request.headers.get("X-Api-Key") or request.query.get("apikey")
            if given != self._world.keys.prowlarr:
                return web.Response(status=401)
            return await handler(request)

        return check

    async def _status(self, request: web.Request) -> web.Response:
        return reply(
            {
                "appName": "Prowlarr",
                "instanceName": "Prowlarr",
                "version": "2.1.5.5216",
                "branch": "master",
                "urlBase": "",
                "isDocker": True,
                "startTime": arr_time(utcnow()),
            }
        )

    async def _health(self, request: web.Request) -> web.Response:
        return reply([])

    async def _indexers(self, request: web.Request) -> web.Response:
        return reply(
            [
                _indexer(_BY_ID, "Demo", ["q", "imdbId", "tmdbId"]),
                _indexer(_BY_NAME, "Demo by name", ["q"]),
            ]
        )

    async def _search(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self._world.pace.seeders)
        query = request.query.get("query", "")
        asked = {int(one) for one in request.query.getall("indexerIds", [])} or {_BY_ID, _BY_NAME}
        if _ID.search(query):
            asked.discard(_BY_NAME)
        films = [f for f in self._world.films.values() if f.seeders is not None]
        found = [row for film in films if _hit(film, query) for row in _rows(film)]
        return reply([row for row in found if row["indexerId"] in asked])


def _indexer(number: int, name: str, params: list[str]) -> dict[str, object]:
    return {
        "id": number,
        "name": name,
        "enable": True,
        "protocol": "torrent",
        "capabilities": {"searchParams": ["q"], "movieSearchParams": params},
    }


def _hit(film: Film, query: str) -> bool:
    """Match by id where the query names one, else by the words of the title."""
    given: dict[str, str] = {name.lower(): value for name, value in _ID.findall(query)}
    if "imdbid" in given:
        return given["imdbid"].removeprefix("tt") == film.imdb.removeprefix("tt")
    if "tmdbid" in given:
        return given["tmdbid"] == str(film.tmdb)
    words = _ID.sub("", query).casefold().split()
    text = f"{film.name} {film.year} {film.imdb}".casefold()
    return bool(words) and all(word in text for word in words)


def _rows(film: Film) -> list[dict[str, object]]:
    """Give two releases that share the film's seeders."""
    seeders = film.seeders or 0
    shares = (seeders - seeders // 3, seeders // 3)
    return [_row(film, n, share) for n, share in enumerate(shares, 1) if share or n == 1]


def _row(film: Film, copy: int, seeders: int) -> dict[str, object]:
    title = release(film) if copy == 1 else release(film).replace("1080p.BluRay", "720p.WEB")
    return {
        "guid": f"https://tracker.example/{film.tmdb}/{copy}",
        "age": 400,
        "ageHours": 9600.0,
        "ageMinutes": 576_000.0,
        "size": film.size // copy,
        "files": 1,
        "grabs": 30,
        "indexerId": _BY_ID if copy == 1 else _BY_NAME,
        "indexer": "Demo" if copy == 1 else "Demo by name",
        "title": title,
        "sortTitle": title.casefold().replace(".", " "),
        "imdbId": int(film.imdb.removeprefix("tt")) if copy == 1 else 0,
        "tmdbId": film.tmdb if copy == 1 else 0,
        "tvdbId": 0,
        "tvMazeId": 0,
        "publishDate": "2025-06-01T06:00:00Z",
        "downloadUrl": "http://prowlarr.local:9696/2/download?apikey=REDACTED",
        "infoUrl": f"https://tracker.example/{film.tmdb}",
        "indexerFlags": [],
        "categories": [{"id": 2040, "name": "Movies/HD", "subCategories": []}],
        "infoHash": guid(film.tmdb, copy) + "00000000",
        "seeders": seeders,
        "leechers": 1,
        "protocol": "torrent",
        "fileName": f"{title}.torrent",
    }
