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
PROWLARR = "http://prowlarr:9696"
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
    folders = [{"Name": "Movies", "CollectionType": "movies", "Locations": ["/media/movies"]}]
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
            ("GET", "/Items"): {"Items": [movie], "TotalRecordCount": 1},
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


def prowlarr() -> Service:
    """Return a Prowlarr."""
    return _arr(PROWLARR, "v1", "Prowlarr")


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
        },
        allowed=allowed,
    )
