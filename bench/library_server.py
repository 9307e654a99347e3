"""A Jellyfin that only lists: `python -m bench.library_server TITLES EPISODES USERS`.

It runs in a process of its own, so that its work is not counted. Rows are as long as the real
server's with the same fields. It writes its port on the first line.
"""

import asyncio
from datetime import UTC, datetime, timedelta
import hashlib
import sys

from aiohttp import web
import orjson

from bench.serve import serve

_SERVER = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
_FIRST = datetime(2019, 1, 1, tzinfo=UTC)
_PER_SERIES = 25
_EXTRAS = ("ProviderIds", "Path", "DateCreated", "Genres")


def guid(*parts: object) -> str:
    """Make a stable id."""
    return hashlib.md5("/".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def _row(kind: str, number: int, **more: object) -> dict[str, object]:
    name = f"A {kind} of Some Length, Number {number}"
    return {
        "Name": name,
        "ServerId": _SERVER,
        "Id": guid(kind, number),
        "DateCreated": (_FIRST + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S.0000000Z"),
        "HasSubtitles": True,
        "Container": "mkv",
        "PremiereDate": "2011-05-06T00:00:00.0000000Z",
        "Path": f"/media/{kind.lower()}/{name} (2011)/{name} (2011) Bluray-1080p.mkv",
        "ChannelId": None,
        "Genres": ["Drama", "Mystery"],
        "CommunityRating": 7.3,
        "RunTimeTicks": 72_000_000_000,
        "ProductionYear": 2011,
        "ProviderIds": {
            "Tmdb": str(number + 1),
            "Imdb": f"tt{number + 1:07d}",
            "Tvdb": str(number + 1),
        },
        "IsFolder": kind == "Series",
        "Type": kind,
        "VideoType": "VideoFile",
        "LocationType": "FileSystem",
        "MediaType": "Video",
        **more,
    }


def library(titles: int, episodes: int) -> dict[str, list[dict[str, object]]]:
    """Make the items, by their kind."""
    shows = -(-episodes // _PER_SERIES)
    return {
        "Movie": [_row("Movie", number) for number in range(titles)],
        "Series": [_row("Series", number) for number in range(shows)],
        "Episode": [
            _row(
                "Episode",
                number,
                SeriesName=f"A Series of Some Length, Number {number // _PER_SERIES}",
                SeriesId=guid("Series", number // _PER_SERIES),
                SeasonId=guid("Season", number // _PER_SERIES),
                SeasonName="Season 1",
                ParentIndexNumber=1,
                IndexNumber=number % _PER_SERIES + 1,
            )
            for number in range(episodes)
        ],
    }


def _userdata(row: dict[str, object], number: int) -> dict[str, object]:
    """Half of everything is played by everybody."""
    played = number % 2 == 0
    kept: dict[str, object] = {
        "PlaybackPositionTicks": 0,
        "PlayCount": int(played),
        "IsFavorite": number % 50 == 0,
        "Played": played,
        "Key": str(number),
        "ItemId": row["Id"],
    }
    if played:
        kept |= {"LastPlayedDate": "2026-05-06T19:20:21.1234567Z"}
    return kept


class Server:
    """Lists pages of rows that were written beforehand."""

    def __init__(self, titles: int, episodes: int) -> None:
        """Write all rows, as items and as a user's."""
        self.requests = 0
        self._items: dict[str, list[bytes]] = {}
        self._users: dict[str, list[tuple[bytes, bool, bool]]] = {}
        for kind, rows in library(titles, episodes).items():
            self._items[kind] = [orjson.dumps(row) for row in rows]
            self._users[kind] = [
                (
                    orjson.dumps(bare | {"UserData": kept}),
                    kept["Played"] is True,
                    kept["IsFavorite"] is True,
                )
                for number, row in enumerate(rows)
                for bare in [{k: v for k, v in row.items() if k not in _EXTRAS}]
                for kept in [_userdata(row, number)]
            ]

    async def items(self, request: web.Request) -> web.Response:
        """Answer /Items."""
        self.requests += 1
        query = request.query
        kinds = query.get("includeItemTypes", "Movie,Series,Episode").split(",")
        if "userId" in query:
            kept = [row for kind in kinds for row in self._users[kind]]
            if query.get("isPlayed") == "true":
                kept = [row for row in kept if row[1]]
            if query.get("isFavorite") == "true":
                kept = [row for row in kept if row[2]]
            if "IsResumable" in query.get("filters", ""):
                kept = []
            found = [row[0] for row in kept]
        else:
            found = [row for kind in kinds for row in self._items[kind]]
        begin = int(query.get("startIndex", 0))
        page = found[begin : begin + int(query.get("limit", len(found) or 1))]
        body = b'{"Items":[%s],"TotalRecordCount":%d,"StartIndex":%d}' % (
            b",".join(page),
            len(found),
            begin,
        )
        return web.Response(body=body, content_type="application/json")

    async def one(self, request: web.Request) -> web.Response:
        """Answer /Items/{id} as those do who ask for each item of each user."""
        self.requests += 1
        rows = self._users["Episode"] or self._users["Movie"]
        body = rows[int(request.match_info["number"]) % len(rows)][0]
        return web.Response(body=body, content_type="application/json")

    async def count(self, request: web.Request) -> web.Response:
        """Say how often it was asked, and begin anew."""
        asked, self.requests = self.requests, 0
        return web.json_response(asked)


async def main(titles: int, episodes: int) -> None:
    """Serve until the process is ended."""
    server, app = Server(titles, episodes), web.Application()
    app.router.add_get("/Items", server.items)
    app.router.add_get("/Items/{number}", server.one)
    app.router.add_get("/__count", server.count)
    await serve(app)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
