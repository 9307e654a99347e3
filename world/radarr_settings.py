"""What titles in Radarr and Sonarr hang on: tags, quality profiles, root folders, disks."""

import re
from typing import Final, Protocol

from aiohttp import web

from .radarr_library import PROFILES
from .web import body_of, reply

_LABEL: Final = re.compile(r"[a-z0-9-]+")


class Shelf(Protocol):
    """What Radarr's and Sonarr's databases have alike."""

    tags: dict[int, str]
    roots: dict[int, str]
    free: int
    total: int


class Settings:
    """The handlers."""

    def __init__(self, library: Shelf) -> None:
        """Take the arr's database."""
        self._library = library

    def add_routes(self, app: web.Application, base: str) -> None:
        """Add the routes below the API's path."""
        for method, path, handler in (
            ("GET", "/tag", self._tags),
            ("POST", "/tag", self._add_tag),
            ("GET", "/qualityprofile", self._profiles),
            ("GET", "/rootfolder", self._roots),
            ("GET", "/diskspace", self._disks),
        ):
            app.router.add_route(method, base + path, handler)

    async def _tags(self, request: web.Request) -> web.Response:
        return reply([{"label": label, "id": id_} for id_, label in self._library.tags.items()])

    async def _add_tag(self, request: web.Request) -> web.Response:
        label = str((await body_of(request)).get("label", ""))
        if label.lower() in self._library.tags.values():
            said = "constraint failed\nUNIQUE constraint failed: Tags.Label"
            return reply({"message": said, "description": said}, 409)
        if _LABEL.fullmatch(label) is None:
            said = "Allowed characters a-z, 0-9 and -"
            return invalid("Label", label, said, "RegularExpressionValidator")
        id_ = max(self._library.tags, default=0) + 1
        self._library.tags[id_] = label
        return reply({"label": label, "id": id_}, 201)

    async def _profiles(self, request: web.Request) -> web.Response:
        rows = [
            {
                "name": name,
                "upgradeAllowed": True,
                "cutoff": 7,
                "items": [],
                "minFormatScore": 0,
                "cutoffFormatScore": 0,
                "minUpgradeFormatScore": 1,
                "formatItems": [],
                "id": id_,
            }
            for id_, name in PROFILES.items()
        ]
        return reply(rows)

    async def _roots(self, request: web.Request) -> web.Response:
        rows = [
            {
                "path": path,
                "accessible": True,
                "freeSpace": self._library.free,
                "unmappedFolders": [],
                "id": id_,
            }
            for id_, path in self._library.roots.items()
        ]
        return reply(rows)

    async def _disks(self, request: web.Request) -> web.Response:
        disk = {
            "path": "/data",
            "label": "",
            "freeSpace": self._library.free,
            "totalSpace": self._library.total,
        }
        return reply([disk])


def ints(value: object) -> list[int]:
    """Read a list of numbers; whatever else is in it is left out."""
    return [one for one in value if isinstance(one, int)] if isinstance(value, list) else []


def problem(status: int, title: str) -> web.Response:
    """Answer with a problem, as ASP.NET does by itself."""
    body = {"type": "about:blank", "title": title, "status": status, "traceId": "00-demo-00"}
    response = reply(body, status)
    response.content_type = "application/problem+json"
    return response


def invalid(name: str, value: object, said: str, code: str) -> web.Response:
    """Answer that one field is not valid, as Radarr's own checks do."""
    failure = {
        "propertyName": name,
        "errorMessage": said,
        "attemptedValue": value,
        "severity": "error",
        "errorCode": code,
    }
    return reply([failure], 400)
