"""The house's Radarr and Sonarr: what the library has, and what is still sought or loading."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from bench.house.house import (
    PER_SEASON,
    House,
    Stand,
    episode_path,
    movie_name,
    movie_path,
    season_of,
    series_name,
    series_path,
)
from bench.house.replies import Row, reply, stream

_ADDED: Final = "2015-05-06T19:20:21Z"
_SIZE: Final = 2_000_000_000
_OPEN: Final = (Stand.SOUGHT, Stand.LOADING)
# What makes an arr's row as long as it is: 60 facts of the file, other titles, an overview.
_LONG: Final[Row] = {
    "overview": "x" * 900,
    "images": [{"coverType": "poster", "url": "/poster.jpg", "remoteUrl": "https://x/p.jpg"}] * 2,
    "alternateTitles": [{"title": f"Other {n}", "sourceType": "tmdb", "id": n} for n in range(8)],
    "genres": ["Drama", "Mystery"],
    "keywords": ["word"] * 10,
}
_MEDIA_INFO: Final[Row] = {f"k{n}": "value" for n in range(40)}


def download_id(request: int) -> str:
    """Give the hash of the torrent by which a request is loading."""
    return f"{0xD0000000 + request:040X}"


class Arr:
    """What both have in common. Numbers of titles begin with 1."""

    app: str
    title: str
    root: str

    def __init__(self, house: House) -> None:
        """Take the house, and find what is not there yet."""
        self._house = house
        mine = [one for one in house.of_stand(*_OPEN) if house.is_movie(one) is self.has_movies]
        self._open = {house.title(one): one for one in mine}
        self._loading = {
            title: one for title, one in self._open.items() if house.stand(one) is Stand.LOADING
        }
        self._began = datetime.now(UTC)

    @property
    def has_movies(self) -> bool:
        """Tell whether it is the Radarr."""
        return self.title == "movie"

    def routes(self, base: str) -> list[web.RouteDef]:
        """Say what is answered where."""
        api = f"{base}/api/v3"
        return [
            web.get(f"{api}/system/status", self._status),
            web.get(f"{api}/queue", self._queue),
            web.get(f"{api}/health", self._health),
            web.get(f"{api}/rootfolder", self._roots),
            web.get(f"{api}/wanted/missing", self._missing),
            web.get(f"{api}/qualityprofile", self._profiles),
            web.get(f"{api}/tag", self._nothing),
            web.get(f"{api}/notification", self._nothing),
            web.get(f"{api}/history", self._pages),
            web.get(f"{api}/history/since", self._nothing),
            web.get(f"{api}/history/{self.title}", self._history),
            web.get(f"{api}/{self.title}", self._titles),
            web.get(f"{api}/{self.title}/{{number}}", self._one),
            web.post(f"{api}/command", self._command),
        ]

    async def _status(self, _: web.Request) -> web.Response:
        answer = {"appName": self.app, "instanceName": self.app, "version": "6.0.4.10291"}
        return reply(answer | {"urlBase": "", "startTime": self._began.isoformat()})

    async def _roots(self, _: web.Request) -> web.Response:
        folder = {"path": self.root, "accessible": True, "freeSpace": 9 * 10**12}
        return reply([folder | {"unmappedFolders": [], "id": 1}])

    async def _missing(self, _: web.Request) -> web.Response:
        return reply({"page": 1, "pageSize": 1, "totalRecords": len(self._open), "records": []})

    async def _profiles(self, _: web.Request) -> web.Response:
        return reply([{"id": 4, "name": "HD-1080p"}])

    async def _nothing(self, _: web.Request) -> web.Response:
        return reply([])

    async def _command(self, _: web.Request) -> web.Response:
        return reply({"id": 1, "name": "x", "status": "queued"}, 201)

    async def _pages(self, request: web.Request) -> web.Response:
        size = int(request.query.get("pageSize", 10))
        return reply({"page": 1, "pageSize": size, "totalRecords": 0, "records": []})

    async def _health(self, request: web.Request) -> web.Response:
        return reply([])

    async def _queue(self, request: web.Request) -> web.Response:
        page, size = int(request.query.get("page", 1)), int(request.query.get("pageSize", 10))
        rows = [row for title, one in self._loading.items() for row in self._queued(title, one)]
        begin = (page - 1) * size
        return reply(
            {
                "page": page,
                "pageSize": size,
                "totalRecords": len(rows),
                "records": rows[begin : begin + size],
            }
        )

    def _queued(self, title: int, request: int) -> Iterator[Row]:
        yield {
            "id": 1_000_000 + request,
            f"{self.title}Id": title + 1,
            "title": f"Some.Release.{request}.1080p",
            "status": "downloading",
            "trackedDownloadState": "downloading",
            "trackedDownloadStatus": "ok",
            "downloadId": download_id(request),
            "size": float(_SIZE),
            "sizeleft": float(_SIZE // 2),
            "estimatedCompletionTime": (datetime.now(UTC) + timedelta(hours=2)).isoformat(),
            "protocol": "torrent",
            "downloadClient": "qBittorrent",
            "statusMessages": [],
        }

    async def _history(self, request: web.Request) -> web.Response:
        title = int(request.query[f"{self.title}Id"]) - 1
        found = self._loading.get(title)
        if found is None:
            return reply([] if title in self._open else self._imported(title))
        return reply([self._event(found, "grabbed", title, download_id(found))])

    def _imported(self, title: int) -> list[Row]:
        name = f"{0xE0000000 + title:040X}"
        kinds = ("downloadFolderImported", "grabbed")
        return [self._event(title, kind, title, name) for kind in kinds]

    def _event(self, number: int, kind: str, title: int, name: str) -> Row:
        return {
            "id": number * 2 + (kind == "grabbed") + 1,
            f"{self.title}Id": title + 1,
            "sourceTitle": f"Some.Release.{number}.1080p",
            "date": "2021-05-06T19:20:21Z",
            "eventType": kind,
            "downloadId": name,
            "data": {"torrentInfoHash": name},
        }

    def _numbers(self) -> Iterator[int]:
        count = self._house.movies if self.has_movies else self._house.series
        yield from range(count)
        yield from self._open

    def _holds(self, title: int) -> bool:
        count = self._house.movies if self.has_movies else self._house.series
        return 0 <= title < count or title in self._open

    def _row(self, title: int) -> Row:
        raise NotImplementedError

    def _asked(self, query: Any) -> int | None:
        raise NotImplementedError

    async def _titles(self, request: web.Request) -> web.StreamResponse:
        title = self._asked(request.query)
        if title is not None:
            return reply([self._row(title)] if self._holds(title) else [])
        return await stream(request, (self._row(one) for one in self._numbers()))

    async def _one(self, request: web.Request) -> web.Response:
        title = int(request.match_info["number"]) - 1
        if not self._holds(title):
            return reply({"message": "NotFound"}, 404)
        return reply(self._row(title))


class Radarr(Arr):
    """Movies."""

    app = "Radarr"
    title = "movie"
    root = "/data/movies"

    def _asked(self, query: Any) -> int | None:
        return int(query["tmdbId"]) - 1_000_000 if "tmdbId" in query else None

    def _row(self, title: int) -> Row:
        path, there = movie_path(title, "/data"), title not in self._open
        row: Row = _LONG | {
            "id": title + 1,
            "title": movie_name(title),
            "year": 2011,
            "tmdbId": 1_000_000 + title,
            "imdbId": f"tt{1_000_000 + title:07d}",
            "path": path.rpartition("/")[0],
            "rootFolderPath": self.root,
            "monitored": True,
            "hasFile": there,
            "sizeOnDisk": _SIZE if there else 0,
            "qualityProfileId": 4,
            "tags": [],
            "added": _ADDED,
            "isAvailable": True,
            "status": "released",
            "digitalRelease": _ADDED,
        }
        if there:
            row["movieFileId"] = title + 1
            file = {"id": title + 1, "path": path, "size": _SIZE, "dateAdded": _ADDED}
            row["movieFile"] = file | {"mediaInfo": _MEDIA_INFO}
        return row


class Sonarr(Arr):
    """Series with their episodes."""

    app = "Sonarr"
    title = "series"
    root = "/data/shows"

    def routes(self, base: str) -> list[web.RouteDef]:
        """Say what is answered where."""
        more = [
            web.get(f"{base}/api/v3/episode", self._episodes),
            web.get(f"{base}/api/v3/episodefile", self._files),
        ]
        return [*super().routes(base), *more]

    def _asked(self, query: Any) -> int | None:
        return int(query["tvdbId"]) - 500_000 if "tvdbId" in query else None

    def _row(self, title: int) -> Row:
        there, count = title not in self._open, self._house.length(title)
        files = count if there else 0
        return _LONG | {
            "id": title + 1,
            "title": series_name(title),
            "year": 2011,
            "tvdbId": 500_000 + title,
            "tmdbId": 2_000_000 + title,
            "path": series_path(title, "/data"),
            "rootFolderPath": self.root,
            "monitored": True,
            "seriesType": "standard",
            "status": "continuing" if title % 3 == 0 else "ended",
            "ended": title % 3 != 0,
            "tags": [],
            "qualityProfileId": 4,
            "added": _ADDED,
            "statistics": {
                "totalEpisodeCount": count,
                "episodeFileCount": files,
                "sizeOnDisk": files * _SIZE,
            },
            "seasons": [
                {
                    "seasonNumber": season,
                    "monitored": True,
                    "statistics": {
                        "totalEpisodeCount": PER_SEASON,
                        "episodeFileCount": PER_SEASON if there else 0,
                    },
                }
                for season in range(1, count // PER_SEASON + 1)
            ],
        }

    def _queued(self, title: int, request: int) -> Iterator[Row]:
        """A pack: as many rows as there are episodes."""
        (row,) = super()._queued(title, request)
        for within in range(PER_SEASON):
            number = {"id": 2_000_000 + request * 100 + within}
            yield row | number | {"episodeId": title * 100 + within + 1, "seasonNumber": 1}

    def _event(self, number: int, kind: str, title: int, name: str) -> Row:
        return super()._event(number, kind, title, name) | {"episodeId": title * 100 + 1}

    async def _episodes(self, request: web.Request) -> web.Response:
        title, there = self._of(request)
        season = request.query.get("seasonNumber")
        rows = [_episode(title, one, there=there) for one in range(self._house.length(title))]
        return reply([row for row in rows if season in (None, str(row["seasonNumber"]))])

    async def _files(self, request: web.Request) -> web.Response:
        title, there = self._of(request)
        count = self._house.length(title) if there else 0
        return reply(
            [
                {
                    "id": title * 100 + one + 1,
                    "seriesId": title + 1,
                    "seasonNumber": season_of(one)[0],
                    "path": episode_path(title, one, "/data"),
                    "size": _SIZE,
                    "dateAdded": _ADDED,
                    "mediaInfo": _MEDIA_INFO,
                }
                for one in range(count)
            ]
        )

    def _of(self, request: web.Request) -> tuple[int, bool]:
        title = int(request.query["seriesId"]) - 1
        return title, title not in self._open


def _episode(title: int, within: int, *, there: bool) -> Row:
    season, number = season_of(within)
    return {
        "id": title * 100 + within + 1,
        "seriesId": title + 1,
        "seasonNumber": season,
        "episodeNumber": number,
        "title": f"The One With the Number {within}",
        "airDateUtc": "2012-05-06T19:20:21Z",
        "monitored": True,
        "hasFile": there,
        "episodeFileId": title * 100 + within + 1 if there else 0,
        "overview": "x" * 200,
    }
