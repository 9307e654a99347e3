"""The house's Jellyfin. A row is written when it is asked for, as long as the real server's."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from aiohttp import web
import orjson

from bench.house.house import (
    EPISODE,
    FIRST,
    MOVIE,
    SEASON,
    SERIES,
    SERVER,
    House,
    episode_path,
    guid,
    movie_name,
    movie_path,
    season_of,
    series_name,
    series_path,
    user_id,
)
from bench.house.replies import Row, json_of, reply
from bench.sessions_server import session

_EVERY: Final = 1.5
_TICKS: Final = 10_000_000
_LAST: Final = datetime(2025, 12, 1, tzinfo=UTC)

type Rows = Sequence[int]


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")


class Jellyfin:
    """Numbers of items: first all movies, then all series, then all episodes."""

    def __init__(self, house: House) -> None:
        """Take the house."""
        self._house = house
        self._streams: list[Row] = []
        self._sockets: set[web.WebSocketResponse] = set()
        self._position = 600.0
        self._pushing: asyncio.Task[None] | None = None

    def routes(self, base: str) -> list[web.RouteDef]:
        """Say what is answered where."""
        found: list[tuple[str, Callable[[web.Request], Any]]] = [
            ("/System/Info/Public", self._info),
            ("/System/Info", self._info),
            ("/Users", self._users),
            ("/Library/VirtualFolders", self._folders),
            ("/Plugins", self._nothing),
            ("/Sessions", self._sessions),
            ("/socket", self._socket),
            ("/Items", self._items),
        ]
        return [web.get(base + path, handler) for path, handler in found]

    # -- who is there ------------------------------------------------------------------------------

    async def _info(self, _: web.Request) -> web.Response:
        answer = {"Id": SERVER, "ServerName": "House", "Version": "10.11.0"}
        return reply(answer | {"ProductName": "Jellyfin Server"})

    async def _users(self, _: web.Request) -> web.Response:
        idle, now = _time(_LAST), _time(datetime.now(UTC))
        return reply(
            [
                {
                    "Name": f"Viewer {viewer}",
                    "Id": user_id(viewer),
                    "ServerId": SERVER,
                    "HasPassword": True,
                    "LastActivityDate": now if viewer < len(self._streams) else idle,
                    "Policy": {"IsAdministrator": viewer == 0, "IsDisabled": False},
                }
                for viewer in range(self._house.viewers)
            ]
        )

    async def _folders(self, _: web.Request) -> web.Response:
        kinds = (("movies", "Movies"), ("shows", "Shows"))
        return reply([{"Name": name, "Locations": [f"/media/{path}"]} for path, name in kinds])

    async def _nothing(self, _: web.Request) -> web.Response:
        return reply([])

    # -- what plays --------------------------------------------------------------------------------

    def play(self, count: int) -> None:
        """Have so many streams begin, or end all with 0."""
        self._streams = [self._stream(number) for number in range(count)]
        if self._pushing is not None:
            self._pushing.cancel()
        self._pushing = asyncio.create_task(self._push())

    def _stream(self, number: int) -> Row:
        viewer = number % self._house.viewers
        row = session(number, plays=True) | {"UserId": user_id(viewer)}
        movie = self._house.movies // 2 + number
        row["UserName"] = f"Viewer {viewer}"
        row["ServerId"] = SERVER
        playing = row["NowPlayingItem"]
        if isinstance(playing, dict):
            playing |= self._movie(movie) | {"MediaStreams": playing["MediaStreams"]}
        return row

    def _now(self) -> list[Row]:
        self._position += _EVERY
        for row in self._streams:
            state = row["PlayState"]
            if isinstance(state, dict):
                state["PositionTicks"] = int(self._position * _TICKS)
        return self._streams

    async def _push(self) -> None:
        while True:
            message = {"MessageType": "Sessions", "MessageId": "m", "Data": self._now()}
            text = orjson.dumps(message).decode()
            for socket in tuple(self._sockets):
                await socket.send_str(text)
            if not self._streams:
                return
            await asyncio.sleep(_EVERY)

    async def _sessions(self, _: web.Request) -> web.Response:
        return reply(self._now())

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        await socket.send_json({"MessageType": "ForceKeepAlive", "MessageId": "m", "Data": 60})
        try:
            async for message in socket:
                if isinstance(message.data, str) and "SessionsStart" in message.data:
                    await socket.send_json(
                        {"MessageType": "Sessions", "MessageId": "m", "Data": self._now()}
                    )
        finally:
            self._sockets.discard(socket)
        return socket

    # -- the library -------------------------------------------------------------------------------

    async def _items(self, request: web.Request) -> web.Response:
        query = request.query
        found, user = self._found(request), query.get("userId")
        viewer = int(user, 16) - 1 if user else None
        begin = int(query.get("startIndex", 0))
        page = found[begin : begin + int(query.get("limit", len(found) or 1))]
        body = b'{"Items":[%s],"TotalRecordCount":%d,"StartIndex":%d}' % (
            b",".join([orjson.dumps(self._row(one, viewer, query)) for one in page]),
            len(found),
            begin,
        )
        return json_of(body)

    def _found(self, request: web.Request) -> Rows:
        query, house = request.query, self._house
        if "ids" in query:
            numbers = (self._number(one) for one in query["ids"].split(","))
            return [one for one in numbers if one is not None]
        if "minDateLastSaved" in query or "IsResumable" in query.get("filters", ""):
            return ()
        kinds = query.get("includeItemTypes", "Movie,Series,Episode").split(",")
        if "parentId" in query:
            series = self._number(query["parentId"])
            return self._episodes_of(series) if series is not None else ()
        if "searchTerm" in query:
            return self._named(query["searchTerm"], kinds)
        if "userId" in query and (
            query.get("isPlayed") == "true"
            or query.get("isFavorite") == "true"
            or query.get("sortBy") == "DatePlayed"
        ):
            return self._touched(int(query["userId"], 16) - 1, query)
        first = house.movies + house.series
        parts = {
            "Movie": range(house.movies),
            "Series": range(house.movies, first),
            "Episode": range(first, house.items),
        }
        ranges = [parts[kind] for kind in ("Movie", "Series", "Episode") if kind in kinds]
        joined: Rows = (
            range(ranges[0].start, ranges[-1].stop)
            if ranges and all(a.stop == b.start for a, b in pairwise(ranges))
            else [one for part in ranges for one in part]
        )
        return joined[::-1] if query.get("sortOrder") == "Descending" else joined

    def _touched(self, viewer: int, query: Any) -> Rows:
        first = self._house.movies + self._house.series
        movies = [*self._house.played_movies(viewer)]
        if query.get("isFavorite") == "true":
            return movies[::97]
        return movies + [first + one for one in self._house.played_episodes(viewer)]

    def _named(self, term: str, kinds: Sequence[str]) -> Rows:
        last = term.rsplit(" ", 1)[-1]
        if not last.isdigit():
            return ()
        number, house = int(last), self._house
        found = []
        if "Movie" in kinds and term in movie_name(number) and number < house.movies:
            found.append(number)
        if "Series" in kinds and term in series_name(number) and number < house.series:
            found.append(house.movies + number)
        return found

    def _episodes_of(self, item: int) -> Rows:
        series = item - self._house.movies
        if not 0 <= series < self._house.series:
            return ()
        begin = self._house.movies + self._house.series + self._house.first_episode(series)
        return range(begin, begin + self._house.length(series))

    def _number(self, item_id: str) -> int | None:
        """Give the number of an item by its id; None for what is not there."""
        plain, house = item_id.replace("-", ""), self._house
        bases = {MOVIE: (0, house.movies), SERIES: (house.movies, house.series)}
        bases[EPISODE] = (house.movies + house.series, house.episodes)
        base, count = bases.get(plain[:1], (0, 0))
        number = int(plain[1:], 16) if plain[1:] else 0
        return base + number if number < count else None

    # -- rows --------------------------------------------------------------------------------------

    def _row(self, item: int, viewer: int | None, query: Any) -> Row:
        house = self._house
        if item < house.movies:
            row = self._movie(item)
        elif item < house.movies + house.series:
            row = self._series(item - house.movies)
        else:
            row = self._episode(item - house.movies - house.series)
        if viewer is not None:
            row["UserData"] = self._userdata(item, viewer, row["Id"])
            for extra in ("ProviderIds", "Path", "DateCreated", "Genres"):
                row.pop(extra, None)
        elif "MediaSources" in query.get("fields", ""):
            streams = [{"Type": "Video", "Width": 1920}]
            source = {"Path": row["Path"], "Size": 2_000_000_000, "MediaStreams": streams}
            row |= {"MediaSources": [source], "Width": 1920}
        return row

    def _movie(self, movie: int) -> Row:
        ids = {"Tmdb": str(1_000_000 + movie), "Imdb": f"tt{1_000_000 + movie:07d}"}
        return _common(MOVIE, movie, movie_name(movie), movie_path(movie, "/media"), ids) | {
            "Type": "Movie",
            "CriticRating": 81,
        }

    def _series(self, series: int) -> Row:
        ids = {"Tmdb": str(2_000_000 + series), "Tvdb": str(500_000 + series)}
        path = series_path(series, "/media")
        return _common(SERIES, series, series_name(series), path, ids) | {
            "Type": "Series",
            "IsFolder": True,
        }

    def _episode(self, number: int) -> Row:
        series, within = self._house.place(number)
        season, episode = season_of(within)
        ids = {"Tvdb": str(10_000_000 + number), "Imdb": f"tt{10_000_000 + number}"}
        path = episode_path(series, within, "/media")
        return _common(EPISODE, number, f"The One With the Number {within}", path, ids) | {
            "Type": "Episode",
            "SeriesName": series_name(series),
            "SeriesId": guid(SERIES, series),
            "SeasonId": guid(SEASON, series * 10 + season),
            "SeasonName": f"Season {season}",
            "ParentIndexNumber": season,
            "IndexNumber": episode,
        }

    def _userdata(self, item: int, viewer: int, item_id: object) -> Row:
        house = self._house
        first = house.movies + house.series
        if item < house.movies:
            played = item < house.movies // 10 and (item * 7 + viewer * 3) % 10 < 3
        elif item < first:
            played = False
        else:
            series, _ = house.place(item - first)
            played = series < house.series // 20 and series % 5 == viewer % 5
        kept: Row = {
            "PlaybackPositionTicks": 0,
            "PlayCount": int(played),
            "IsFavorite": played and item < house.movies and item % 97 == 0,
            "Played": played,
            "Key": str(item),
            "ItemId": item_id,
        }
        if played:
            kept["LastPlayedDate"] = _time(_LAST - timedelta(minutes=item * 13 % 2_000_000))
        return kept


def _common(kind: str, number: int, name: str, path: str, ids: dict[str, str]) -> Row:
    return {
        "Name": name,
        "ServerId": SERVER,
        "Id": guid(kind, number),
        "DateCreated": _time(FIRST + timedelta(minutes=number)),
        "HasSubtitles": True,
        "Container": "mkv",
        "PremiereDate": "2011-05-06T00:00:00.0000000Z",
        "Path": path,
        "ChannelId": None,
        "Genres": ["Drama", "Mystery"],
        "CommunityRating": 7.3,
        "RunTimeTicks": 27_000_000_000,
        "ProductionYear": 2011,
        "ProviderIds": ids,
        "IsFolder": False,
        "VideoType": "VideoFile",
        "LocationType": "FileSystem",
        "MediaType": "Video",
    }
