"""What a cleanup asks, in a process of its own: `python -m bench.cleanup_services MOVIES SERIES`.

A Jellyfin, a Radarr, a Sonarr and a Seerr, on one port. Rows are as long as the real servers', and
nothing of a row is made before it is asked for but for what is the same in all. It writes its port
on the first line.
"""

import asyncio
from collections.abc import Iterable
import sys
from typing import Any

from aiohttp import web
import orjson

from bench.cleanup_house import (
    FIRST_SEASON,
    PER_SERIES,
    SERVER,
    VIEWERS,
    House,
    episode_path,
    episode_unit,
    guid,
    movie_ids,
    movie_name,
    movie_path,
    movie_size,
    place_of,
    series_ids,
    series_name,
    viewer_id,
)
from bench.serve import serve
from custom_components.showrunner.domain.library import UserRow
from custom_components.showrunner.domain.media import Unit, UnitKind

type Row = dict[str, Any]

_ADDED = "2015-05-06T19:20:21Z"
_JELLYFIN_ADDED = "2015-05-06T19:20:21.0000000Z"
_EPISODE_SIZE = 1_500_000_000
_EVERY = 50  # so many movies for one request
# What makes an arr's row as long as it is.
_LONG = {
    "overview": "x" * 900,
    "images": [{"coverType": "poster", "url": "/poster.jpg", "remoteUrl": "https://x/p.jpg"}] * 2,
    "alternateTitles": [{"title": f"Other {n}", "sourceType": "tmdb", "id": n} for n in range(8)],
    "genres": ["Drama", "Mystery"],
    "keywords": ["word"] * 10,
}
_MEDIA_INFO = {f"k{n}": "value" for n in range(20)}


# -- the arrs --------------------------------------------------------------------------------------


def movie_row(movie: int) -> Row:
    """Write a movie as Radarr does."""
    path, ids = movie_path(movie, "/data"), movie_ids(movie)
    return _LONG | {
        "id": movie + 1,
        "title": movie_name(movie),
        "year": 2011,
        "tmdbId": ids.tmdb,
        "imdbId": ids.imdb,
        "path": path.rpartition("/")[0],
        "rootFolderPath": "/data/movies",
        "monitored": True,
        "hasFile": True,
        "movieFileId": movie + 1,
        "sizeOnDisk": movie_size(movie),
        "qualityProfileId": 4,
        "tags": [2] if movie % 500 == 0 else [],
        "added": _ADDED,
        "isAvailable": True,
        "status": "released",
        "movieFile": {
            "id": movie + 1,
            "path": path,
            "size": movie_size(movie),
            "dateAdded": _ADDED,
            "mediaInfo": _MEDIA_INFO,
        },
    }


def series_row(series: int) -> Row:
    """Write a series as Sonarr does."""
    ids = series_ids(series)
    seasons = ((1, FIRST_SEASON), (2, PER_SERIES - FIRST_SEASON))
    return _LONG | {
        "id": series + 1,
        "title": series_name(series),
        "year": 2011,
        "tvdbId": ids.tvdb,
        "tmdbId": ids.tmdb,
        "path": f"/data/shows/{series_name(series)}",
        "rootFolderPath": "/data/shows",
        "monitored": True,
        "seriesType": "standard",
        "status": "continuing" if series % 3 == 0 else "ended",
        "ended": series % 3 != 0,
        "tags": [],
        "qualityProfileId": 4,
        "added": _ADDED,
        "statistics": {
            "totalEpisodeCount": PER_SERIES,
            "episodeFileCount": PER_SERIES,
            "sizeOnDisk": PER_SERIES * _EPISODE_SIZE,
        },
        "seasons": [
            {
                "seasonNumber": season,
                "monitored": True,
                "statistics": {"totalEpisodeCount": count, "episodeFileCount": count},
            }
            for season, count in seasons
        ],
    }


def episode_row(series: int, number: int) -> Row:
    """Write an episode as Sonarr does."""
    season, episode = place_of(number)
    return {
        "id": series * 100 + number + 1,
        "seriesId": series + 1,
        "seasonNumber": season,
        "episodeNumber": episode,
        "title": f"The One With the Number {number}",
        "airDateUtc": "2012-05-06T19:20:21Z",
        "monitored": True,
        "hasFile": True,
        "episodeFileId": series * 100 + number + 1,
        "overview": "x" * 200,
    }


def file_row(series: int, number: int) -> Row:
    """Write an episode's file as Sonarr does."""
    return {
        "id": series * 100 + number + 1,
        "seriesId": series + 1,
        "seasonNumber": place_of(number)[0],
        "path": episode_path(series, number, "/data"),
        "size": _EPISODE_SIZE,
        "dateAdded": _ADDED,
        "mediaInfo": _MEDIA_INFO,
    }


def request_row(number: int, movie: int) -> Row:
    """Write a request as Seerr does; every third asker has not watched the movie."""
    ids = movie_ids(movie)
    asker = viewer_id(number % VIEWERS)
    return {
        "id": number + 1,
        "status": 2,
        "type": "movie",
        "is4k": False,
        "createdAt": "2020-05-06T19:20:21.000Z",
        "updatedAt": "2020-05-06T19:20:21.000Z",
        "requestedBy": {
            "id": 1,
            "displayName": f"Viewer {number % VIEWERS}",
            "jellyfinUserId": asker,
        },
        "media": {
            "id": number + 1,
            "mediaType": "movie",
            "tmdbId": ids.tmdb,
            "status": 5,
            "status4k": 1,
            "serviceId": 0,
            "externalServiceId": movie + 1,
        },
        "seasons": [],
    }


# -- Jellyfin --------------------------------------------------------------------------------------


def item_row(unit: Unit) -> Row:
    """Write a movie or an episode as Jellyfin does."""
    return {
        "Name": unit.name,
        "ServerId": SERVER,
        "Id": unit.item_id,
        "DateCreated": _JELLYFIN_ADDED,
        "Container": "mkv",
        "Path": _path(unit),
        "RunTimeTicks": 27_000_000_000,
        "ProductionYear": 2011,
        "ProviderIds": {
            name: str(value)
            for name, value in (("Tmdb", unit.ids.tmdb), ("Tvdb", unit.ids.tvdb))
            if value
        }
        | ({"Imdb": unit.ids.imdb} if unit.ids.imdb else {}),
        "Type": "Movie" if unit.kind is UnitKind.MOVIE else "Episode",
        "LocationType": "FileSystem",
        "MediaType": "Video",
        "SeriesId": unit.series_item_id,
        "SeriesName": unit.series_name,
        "ParentIndexNumber": unit.season,
        "IndexNumber": unit.episode,
        "MediaSources": [{"Path": _path(unit), "Size": _EPISODE_SIZE}],
    }


def _path(unit: Unit) -> str:
    if unit.kind is UnitKind.MOVIE:
        return movie_path((unit.ids.tmdb or 0) - 1_000_000, "/media")
    number = (unit.ids.tvdb or 0) - 10**7
    return episode_path(number // 100, number % 100, "/media")


def series_item(series: int) -> Row:
    """Write a series as Jellyfin does."""
    ids = series_ids(series)
    return {
        "Name": series_name(series),
        "ServerId": SERVER,
        "Id": guid("Series", series),
        "DateCreated": _JELLYFIN_ADDED,
        "Path": f"/media/shows/{series_name(series)}",
        "ProductionYear": 2011,
        "ProviderIds": {"Tvdb": str(ids.tvdb), "Tmdb": str(ids.tmdb)},
        "Type": "Series",
        "LocationType": "FileSystem",
        "IsFolder": True,
    }


class Jellyfin:
    """Answers for what somebody has watched: nothing else of the library is asked for."""

    def __init__(self, house: House) -> None:
        """Remember who has watched what."""
        self._kept: dict[str, dict[str, UserRow]] = {}
        self._units: dict[str, Unit] = {}
        for viewer in range(VIEWERS):
            kept = [*house.rows(viewer)]
            self._kept[viewer_id(viewer)] = {row.item_id: row for _, row in kept}
            self._units |= {unit.item_id: unit for unit, _ in kept}
        self._series = {guid("Series", one): one for one in house.began}
        for series in house.began:
            units = (episode_unit(series, number) for number in range(PER_SERIES))
            self._units |= {unit.item_id: unit for unit in units}

    async def info(self, _: web.Request) -> web.Response:
        """Say who answers."""
        answer = {"ServerName": "Bench", "Version": "10.11.0", "ProductName": "Jellyfin Server"}
        return _json({**answer, "Id": SERVER})

    async def users(self, _: web.Request) -> web.Response:
        """List the viewers."""
        policy = {"IsAdministrator": False, "IsDisabled": False}
        return _json(
            [
                {"Id": viewer_id(one), "Name": f"Viewer {one}", "Policy": policy}
                for one in range(VIEWERS)
            ]
        )

    async def sessions(self, _: web.Request) -> web.Response:
        """Nobody plays anything."""
        return _json([])

    async def items(self, request: web.Request) -> web.Response:
        """Answer for ids, for what is in a series, or for what somebody has marked."""
        query = request.query
        user = self._kept.get(query.get("userId", ""))
        if "ids" in query:
            wanted: Iterable[str] = query["ids"].split(",")
        elif "parentId" in query:
            series = self._series[query["parentId"]]
            wanted = (guid("Episode", series, number) for number in range(PER_SERIES))
        else:
            wanted = user or {}
        if query.get("isFavorite") == "true" and user is not None:
            wanted = [one for one in wanted if one in user and user[one].favorite]
        found = [row for one in wanted if (row := self._row(one, user)) is not None]
        begin = int(query.get("startIndex", 0))
        page = found[begin : begin + int(query.get("limit", len(found) or 1))]
        answer = {"Items": page, "TotalRecordCount": len(found), "StartIndex": begin}
        return _json(answer)

    def _row(self, item_id: str, user: dict[str, UserRow] | None) -> Row | None:
        if (series := self._series.get(item_id)) is not None:
            return series_item(series)
        unit = self._units.get(item_id)
        if unit is None:
            return None
        return item_row(unit) | ({} if user is None else {"UserData": _userdata(item_id, user)})


def _userdata(item_id: str, user: dict[str, UserRow]) -> Row:
    row = user.get(item_id, UserRow(item_id))
    data: Row = {
        "PlaybackPositionTicks": 0,
        "PlayCount": row.play_count,
        "IsFavorite": row.favorite,
        "Played": row.played,
        "ItemId": item_id,
    }
    if row.last_played is not None:
        data["LastPlayedDate"] = row.last_played.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    return data


# -- all of them -----------------------------------------------------------------------------------


class Services:
    """The answers, and how many questions there were."""

    def __init__(self, house: House) -> None:
        """Take the house."""
        self._house = house
        self._asked: dict[str, int] = {}

    def app(self) -> web.Application:
        """Make the application with all its routes."""
        jellyfin, app = Jellyfin(self._house), web.Application(middlewares=[self._count])
        app.add_routes(
            [
                web.get("/jellyfin/System/Info/Public", jellyfin.info),
                web.get("/jellyfin/Users", jellyfin.users),
                web.get("/jellyfin/Sessions", jellyfin.sessions),
                web.get("/jellyfin/Items", jellyfin.items),
                web.get("/radarr/api/v3/movie", self._movies),
                web.get("/radarr/api/v3/movie/{number}", self._movie),
                web.get("/radarr/api/v3/tag", self._tags),
                web.get("/sonarr/api/v3/series", self._all_series),
                web.get("/sonarr/api/v3/series/{number}", self._one_series),
                web.get("/sonarr/api/v3/episode", self._episodes),
                web.get("/sonarr/api/v3/episodefile", self._files),
                web.get("/sonarr/api/v3/tag", self._tags),
                web.get("/seerr/api/v1/request", self._requests),
                web.get("/__asked", self._counts),
            ]
        )
        return app

    @property
    def _count(self) -> Any:
        @web.middleware
        async def count(request: web.Request, handler: Any) -> web.StreamResponse:
            if not request.path.startswith("/__"):
                kind = "/".join(request.path.split("/")[1:5]).rstrip("0123456789")
                self._asked[kind] = self._asked.get(kind, 0) + 1
            answer: web.StreamResponse = await handler(request)
            return answer

        return count

    async def _counts(self, _: web.Request) -> web.Response:
        """Say how often it was asked for what, and begin anew."""
        asked, self._asked = self._asked, {}
        return _json(asked)

    async def _tags(self, _: web.Request) -> web.Response:
        return _json([{"id": 1, "label": "other"}, {"id": 2, "label": "keep"}])

    async def _movies(self, request: web.Request) -> web.StreamResponse:
        if "tmdbId" in request.query:
            movie = int(request.query["tmdbId"]) - 1_000_000
            return _json([movie_row(movie)])
        return await _stream(request, (movie_row(one) for one in range(self._house.movies)))

    async def _movie(self, request: web.Request) -> web.Response:
        return _json(movie_row(int(request.match_info["number"]) - 1))

    async def _all_series(self, request: web.Request) -> web.StreamResponse:
        if "tvdbId" in request.query:
            return _json([series_row(int(request.query["tvdbId"]) - 500_000)])
        return await _stream(request, (series_row(one) for one in range(self._house.series)))

    async def _one_series(self, request: web.Request) -> web.Response:
        return _json(series_row(int(request.match_info["number"]) - 1))

    async def _episodes(self, request: web.Request) -> web.Response:
        series = int(request.query["seriesId"]) - 1
        return _json([episode_row(series, number) for number in range(PER_SERIES)])

    async def _files(self, request: web.Request) -> web.Response:
        series = int(request.query["seriesId"]) - 1
        return _json([file_row(series, number) for number in range(PER_SERIES)])

    async def _requests(self, request: web.Request) -> web.Response:
        asked = range(self._house.movies // _EVERY)
        begin, count = int(request.query["skip"]), int(request.query["take"])
        rows = [request_row(one, one * _EVERY) for one in asked[begin : begin + count]]
        page = {"pages": 1, "pageSize": count, "results": len(asked), "page": 1}
        return _json({"pageInfo": page, "results": rows})


async def _stream(request: web.Request, rows: Iterable[Row]) -> web.StreamResponse:
    """Write a list of any length, some rows at a time."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b"[")
    part: list[bytes] = []
    first = True
    for row in rows:
        part.append(orjson.dumps(row))
        if len(part) == 50:
            await response.write((b"" if first else b",") + b",".join(part))
            part, first = [], False
    await response.write((b"," if part and not first else b"") + b",".join(part) + b"]")
    return response


def _json(body: object) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json")


async def main(movies: int, series: int) -> None:
    """Serve until the process is ended."""
    await serve(Services(House(movies, series)).app())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
