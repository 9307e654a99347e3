"""Small services for the flow tests, behind aioresponses: they answer as the real ones do."""

from collections.abc import Callable
from dataclasses import dataclass, field
import json
import re
from typing import Any
from urllib.parse import urlsplit

from aioresponses import CallbackResult, aioresponses
from yarl import URL

JELLYFIN = "http://jellyfin:8096"
RADARR = "http://radarr:7878"
SONARR = "http://sonarr:8989"
PROWLARR = "http://prowlarr:9696"
JELLYSTAT = "http://jellystat:3000"
SHOKO = "http://shoko:8111"
NTFY = "https://ntfy.example"

SERVER_ID = "0123456789abcdef0123456789abcdef"
ADMIN_ID = "a" * 32
GUEST_ID = "b" * 32
KEY = "key-good"


@dataclass
class Service:
    """One service: answers by method and path, and what was asked of it."""

    url: str
    answers: dict[tuple[str, str], Any] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    failure: Exception | None = None
    status: int | None = None
    body: str = ""
    allowed: Callable[[str, dict[str, str]], bool] = lambda path, headers: True

    def register(self, mock: aioresponses) -> None:
        """Answer everything under the address."""
        pattern = re.compile(f"^{re.escape(self.url)}(/.*)?$")
        for method in ("GET", "POST", "PUT", "DELETE"):
            mock.add(pattern, method, callback=self._callback(method), repeat=True)

    def _callback(self, method: str) -> Callable[..., CallbackResult]:
        def answer(url: URL, **kwargs: Any) -> CallbackResult:
            path = urlsplit(str(url)).path.removeprefix(urlsplit(self.url).path.rstrip("/"))
            self.asked.append((method, path))
            if self.failure is not None:
                raise self.failure
            if self.status is not None:
                return CallbackResult(status=self.status, body=self.body, content_type="text/html")
            headers = {key.lower(): value for key, value in (kwargs.get("headers") or {}).items()}
            if not self.allowed(path, headers):
                return CallbackResult(status=401, body="")
            found = self.answers.get((method, path))
            if callable(found):
                found = found(kwargs)
            if isinstance(found, CallbackResult):
                return found
            if isinstance(found, int):
                return CallbackResult(status=found, body="")
            if found is None:
                return CallbackResult(status=404, body="")
            return CallbackResult(
                status=200, body=json.dumps(found), content_type="application/json"
            )

        return answer


def _jellyfin_allows(path: str, headers: dict[str, str]) -> bool:
    token = headers.get("authorization", "")
    free = ("/System/Info/Public", "/Users/AuthenticateByName")
    # What Jellyfin has no route for is not found, whoever asks.
    return (
        path in free
        or path.startswith("/api/")
        or any(f'Token="{key}"' in token for key in (KEY, "session", "made"))
    )


def _asked_for(asked: dict[str, Any], movie: object, series: object) -> object:
    kind = (asked.get("params") or {}).get("includeItemTypes")
    return series if kind == "Series" else movie


def jellyfin() -> Service:
    """Return a Jellyfin 12 with two users, one library and the Webhook plugin."""
    info = {
        "Id": SERVER_ID,
        "ServerName": "Attic",
        "Version": "12.0.0",
        "ProductName": "Jellyfin Server",
    }
    users = [
        {"Id": ADMIN_ID, "Name": "Ada", "Policy": {"IsAdministrator": True, "IsDisabled": False}},
        {"Id": GUEST_ID, "Name": "Bob", "Policy": {"IsAdministrator": False, "IsDisabled": False}},
        {"Id": "c" * 32, "Name": "Gone", "Policy": {"IsDisabled": True}},
    ]
    movie = {
        "Id": "d" * 32,
        "Name": "The Matrix",
        "Type": "Movie",
        "ProductionYear": 1999,
        "ProviderIds": {"Tmdb": "603"},
        "Path": "/media/movies/The Matrix (1999)/The Matrix.mkv",
        "UserData": {"PlayCount": 0, "Played": False, "IsFavorite": False},
    }
    series = {
        "Id": "e" * 32,
        "Name": "The Wire",
        "Type": "Series",
        "ProviderIds": {"Tvdb": "79126"},
        "Path": "/media/shows/The Wire (2002)",
    }
    folders = [
        {"Name": "Movies", "CollectionType": "movies", "Locations": ["/media/movies"]},
        {"Name": "Shows", "CollectionType": "tvshows", "Locations": ["/media/shows"]},
    ]
    plugin = {
        "Id": "71552a5a5c5c4350a2aeebe451a30173",
        "Name": "Webhook",
        "Version": "18.0.0.0",
        "Status": "Active",
    }
    return Service(
        JELLYFIN,
        {
            ("GET", "/System/Info/Public"): info,
            ("GET", "/System/Info"): info,
            ("GET", "/Users"): users,
            ("GET", "/Plugins"): [plugin],
            ("GET", "/Library/VirtualFolders"): folders,
            ("GET", "/Items"): lambda asked: {
                "Items": [_asked_for(asked, movie, series)],
                "TotalRecordCount": 1,
            },
            ("POST", "/Users/AuthenticateByName"): {
                "AccessToken": "session",
                "User": users[0],
                "ServerId": SERVER_ID,
            },
            ("POST", "/Auth/Keys"): 204,
            ("GET", "/Auth/Keys"): {
                "Items": [
                    {
                        "AccessToken": "made",
                        "AppName": "Showrunner",
                        "DateCreated": "2026-11-24T11:00:00Z",
                    }
                ]
            },
            ("POST", "/Sessions/Logout"): 204,
        },
        allowed=_jellyfin_allows,
    )


def _arr(url: str, version: str, name: str) -> Service:
    return Service(
        url,
        {
            ("GET", f"/api/{version}/system/status"): {
                "appName": name,
                "instanceName": name,
                "version": "6.0.3.10000",
            }
        },
        # Outside of its API the real one asks nobody for a key.
        allowed=lambda path, headers: (
            not path.startswith("/api/") or headers.get("x-api-key") == KEY
        ),
    )


def radarr(url: str = RADARR) -> Service:
    """Return a Radarr with two root folders and one movie that Jellyfin has too."""
    service = _arr(url, "v3", "Radarr")
    service.answers |= {
        ("GET", "/api/v3/rootfolder"): [
            {"id": 1, "path": "/data/movies", "accessible": True, "freeSpace": 10**12},
            {"id": 2, "path": "/data/stream", "accessible": True, "freeSpace": 0},
        ],
        ("GET", "/api/v3/movie"): [
            {
                "id": 7,
                "title": "The Matrix",
                "year": 1999,
                "tmdbId": 603,
                "path": "/data/movies/The Matrix (1999)",
                "rootFolderPath": "/data/movies",
                "monitored": True,
                "hasFile": True,
                "qualityProfileId": 4,
                "movieFile": {
                    "id": 70,
                    "path": "/data/movies/The Matrix (1999)/The Matrix.mkv",
                    "size": 10**10,
                },
            }
        ],
        ("GET", "/api/v3/qualityprofile"): [{"id": 4, "name": "HD-1080p"}],
    }
    return service


def sonarr(url: str = SONARR) -> Service:
    """Return a Sonarr with one root folder and one series that Jellyfin has too."""
    service = _arr(url, "v3", "Sonarr")
    service.answers |= {
        ("GET", "/api/v3/rootfolder"): [
            {"id": 1, "path": "/data/shows", "accessible": True, "freeSpace": 10**12}
        ],
        ("GET", "/api/v3/series"): [
            {
                "id": 3,
                "title": "The Wire",
                "year": 2002,
                "tvdbId": 79126,
                "path": "/data/shows/The Wire (2002)",
                "seasons": [
                    {"seasonNumber": 1, "statistics": {"episodeFileCount": 13}},
                ],
            },
            {"id": 4, "title": "Unaired", "tvdbId": 1, "path": "/data/shows/Unaired"},
        ],
        ("GET", "/api/v3/episodefile"): [
            {
                "id": 31,
                "seriesId": 3,
                "seasonNumber": 1,
                "path": "/data/shows/The Wire (2002)/Season 01/The Wire - S01E01.mkv",
                "size": 10**9,
            }
        ],
    }
    return service


def prowlarr() -> Service:
    """Return a Prowlarr."""
    return _arr(PROWLARR, "v1", "Prowlarr")


def jellystat() -> Service:
    """Return a Jellystat 1.1.8, which tells everybody who it is."""

    def allowed(path: str, headers: dict[str, str]) -> bool:
        return path.startswith("/auth/") or headers.get("x-api-token") == KEY

    return Service(
        JELLYSTAT,
        {
            ("GET", "/auth/isConfigured"): {"state": 2, "version": "1.1.8"},
            ("GET", "/api/getLibraries"): [{"Id": "f" * 32, "Name": "Movies"}],
        },
        allowed=allowed,
    )


def shoko() -> Service:
    """Return a Shoko 5.3 that has started, and tells everybody so."""

    def allowed(path: str, headers: dict[str, str]) -> bool:
        return path.startswith("/api/v3/Init/") or headers.get("apikey") == KEY

    return Service(
        SHOKO,
        {
            ("GET", "/api/v3/Init/Version"): {"Server": {"Version": "5.3.3.0"}},
            ("GET", "/api/v3/Init/Status"): {"State": "Started"},
            ("GET", "/api/v3/File/PathEndsWith"): lambda _: [],
        },
        allowed=allowed,
    )


def ntfy(url: str = NTFY) -> Service:
    """Return an ntfy server with the topic `films` for everybody and `secret` for some."""

    def allowed(path: str, headers: dict[str, str]) -> bool:
        return not path.startswith("/secret") or headers.get("authorization", "") in (
            "Bearer tk_good",
            "Basic YWRhOnB3",  # ada:pw
        )

    return Service(
        url,
        {
            ("GET", "/v1/health"): {"healthy": True},
            ("GET", "/films/auth"): {"success": True},
            ("GET", "/secret/auth"): {"success": True},
            ("POST", "/"): {"id": "abc", "event": "message"},
        },
        allowed=allowed,
    )
