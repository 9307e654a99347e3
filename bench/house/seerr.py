"""The house's Seerr: all that was ever asked for. The newest are listed first."""

from typing import Any, Final

from aiohttp import web

from bench.house.house import House, Stand, movie_name, series_name, user_id
from bench.house.replies import Row, reply

# Of a request, and of its title.
_STATUSES: Final = {
    Stand.AVAILABLE: (5, 5),
    Stand.PENDING: (1, 2),
    Stand.DECLINED: (3, 1),
    Stand.SOUGHT: (2, 3),
    Stand.LOADING: (2, 3),
}
_FILTERS: Final = {"pending": 1, "approved": 2}


class Seerr:
    """Answers for all requests; hands movies to Radarr 0 and series to Sonarr 0."""

    def __init__(self, house: House) -> None:
        """Take the house."""
        self._house = house
        everything = range(house.requests - 1, -1, -1)
        self._lists: dict[str, Any] = {"all": everything}
        for name, status in _FILTERS.items():
            listed = [one for one in everything if _STATUSES[house.stand(one)][0] == status]
            self._lists[name] = listed
        self._port = 0

    def routes(self, base: str) -> list[web.RouteDef]:
        """Say what is answered where."""
        api = f"{base}/api/v1"
        return [
            web.get(f"{api}/status", self._status),
            web.get(f"{api}/auth/me", self._me),
            web.get(f"{api}/settings/public", self._public),
            web.get(f"{api}/settings/notifications/webhook", self._webhook),
            web.get(f"{api}/settings/{{arr}}", self._arrs),
            web.get(f"{api}/request", self._requests),
            web.get(f"{api}/request/{{number}}", self._request),
            web.get(f"{api}/{{media}}/{{tmdb}}", self._title),
        ]

    async def _status(self, _: web.Request) -> web.Response:
        return reply({"version": "3.1.0", "commitTag": "local"})

    async def _me(self, _: web.Request) -> web.Response:
        return reply({"id": 1})

    async def _public(self, _: web.Request) -> web.Response:
        return reply({"initialized": True, "applicationTitle": "Seerr"})

    async def _webhook(self, _: web.Request) -> web.Response:
        options = {"webhookUrl": "", "jsonPayload": "{}", "authHeader": ""}
        return reply({"enabled": False, "types": 0, "options": options})

    async def _arrs(self, request: web.Request) -> web.Response:
        name = request.match_info["arr"]
        host, _, port = request.host.partition(":")
        row = {"id": 0, "name": name, "hostname": host, "port": int(port), "is4k": False}
        return reply([row | {"baseUrl": f"/{name}", "useSsl": False, "isDefault": True}])

    async def _requests(self, request: web.Request) -> web.Response:
        query = request.query
        begin, count = int(query.get("skip", 0)), int(query.get("take", 10))
        listed = self._lists[query.get("filter", "all")]
        page = {"pages": 1, "pageSize": count, "results": len(listed), "page": 1}
        rows = [self._row(one) for one in listed[begin : begin + count]]
        errors: Row = {"radarr": [], "sonarr": []}
        return reply({"pageInfo": page, "results": rows, "serviceErrors": errors})

    async def _request(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"]) - 1
        if not 0 <= number < self._house.requests:
            return reply({"message": "Request not found."}, 404)
        return reply(self._row(number))

    async def _title(self, request: web.Request) -> web.Response:
        tmdb = int(request.match_info["tmdb"])
        if request.match_info["media"] == "movie":
            movie = tmdb - 1_000_000
            return reply(
                {
                    "id": tmdb,
                    "title": movie_name(movie),
                    "originalTitle": movie_name(movie),
                    "releaseDate": "2011-05-06",
                    "posterPath": "/p.jpg",
                    "imdbId": f"tt{tmdb:07d}",
                    "overview": "x" * 900,
                    "credits": {"cast": [{"name": f"Somebody {n}"} for n in range(60)]},
                }
            )
        series = tmdb - 2_000_000
        return reply(
            {
                "id": tmdb,
                "name": series_name(series),
                "originalName": series_name(series),
                "firstAirDate": "2011-05-06",
                "posterPath": "/p.jpg",
                "externalIds": {"tvdbId": 500_000 + series},
                "overview": "x" * 900,
                "credits": {"cast": [{"name": f"Somebody {n}"} for n in range(60)]},
            }
        )

    def _row(self, number: int) -> Row:
        house = self._house
        stand, movie, title = house.stand(number), house.is_movie(number), house.title(number)
        status, media = _STATUSES[stand]
        at = house.asked_at(number).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        held = stand not in (Stand.PENDING, Stand.DECLINED)
        viewer = number % house.viewers
        person = {
            "id": viewer + 1,
            "displayName": f"Viewer {viewer}",
            "jellyfinUserId": user_id(viewer),
            "avatar": "/avatarproxy/x",
            "permissions": 32,
            "createdAt": at,
        }
        about: Row = {
            "id": number + 1,
            "mediaType": "movie" if movie else "tv",
            "tmdbId": (1_000_000 if movie else 2_000_000) + title,
            "tvdbId": None if movie else 500_000 + title,
            "status": media,
            "status4k": 1,
            "createdAt": at,
            "serviceId": 0 if held else None,
            "externalServiceId": title + 1 if held else None,
            "externalServiceSlug": f"slug-{title}",
            "mediaAddedAt": at,
        }
        return {
            "id": number + 1,
            "status": status,
            "type": "movie" if movie else "tv",
            "is4k": False,
            "createdAt": at,
            "updatedAt": at,
            "requestedBy": person,
            "modifiedBy": person,
            "media": about,
            "seasons": [
                {"id": number * 2 + one, "seasonNumber": one, "status": status, "createdAt": at}
                for one in ((1, 2) if not movie else ())
            ],
            "canRemove": True,
        }
