"""Who asks Jellyfin: users, logins, API keys, and what a token may do."""

from datetime import timedelta
import re
from typing import Final
from urllib.parse import unquote

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from .catalogue import guid
from .clock import jellyfin_time, utcnow
from .jellyfin_dto import idle_session, user_dto
from .people import User
from .web import body_of, reply
from .world import World

_PART: Final = re.compile(r'(\w+)="([^"]*)"')
_OPEN: Final = ("/System/Info/Public", "/Users/AuthenticateByName", "/Users/Public", "/System/Ping")
_ELEVATED: Final = (
    "/Auth/Keys",
    "/Plugins",
    "/Library/VirtualFolders",
    "/Library/Refresh",
    "/user_usage_stats",
)
_SOCKET: Final = "/socket"
_LEGACY: Final = ("X-Emby-Token", "X-MediaBrowser-Token", "X-Emby-Authorization")


class Accounts:
    """API keys and tokens, and the handlers about them. `request["user"]` is the caller."""

    def __init__(self, world: World) -> None:
        """Take the world; its one key is an administrator's."""
        self._world = world
        self.api_keys: dict[str, str] = {world.keys.jellyfin: "Demo"}
        self.tokens: dict[str, User] = {}

    def add_routes(self, app: web.Application) -> None:
        """Guard the application, and add the routes."""
        app.middlewares.append(self._authorized)
        for method, path, handler in (
            ("GET", "/Users", self._users),
            ("GET", "/Users/Me", self._me),
            ("POST", "/Users/AuthenticateByName", self._login),
            ("POST", "/Sessions/Logout", self._logout),
            ("GET", "/Auth/Keys", self._keys),
            ("POST", "/Auth/Keys", self._make_key),
            ("DELETE", "/Auth/Keys/{key}", self._drop_key),
        ):
            app.router.add_route(method, path, handler)

    @property
    def _authorized(self) -> Middleware:
        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path not in _OPEN:
                self._check(request)
            return await handler(request)

        return check

    def _check(self, request: web.Request) -> None:
        """Know the caller. Raises 401 for nobody and the old forms, 403 for too little right."""
        token = self._token(request)
        user = self.tokens.get(token)
        if token not in self.api_keys and user is None:
            raise web.HTTPForbidden if request.path == _SOCKET else web.HTTPUnauthorized
        if user and not user.administrator and request.path.startswith(_ELEVATED):
            raise web.HTTPForbidden
        request["user"] = user

    @staticmethod
    def _token(request: web.Request) -> str:
        return _parts(request).get("Token") or request.query.get("ApiKey", "")

    async def _users(self, request: web.Request) -> web.Response:
        return reply([user_dto(self._world, user) for user in self._world.users.values()])

    async def _me(self, request: web.Request) -> web.Response:
        user = request["user"]
        if user is None:
            raise web.HTTPBadRequest(text="an API key is nobody")
        return reply(user_dto(self._world, user))

    async def _login(self, request: web.Request) -> web.Response:
        client = _parts(request)
        if not all(client.get(name) for name in ("Client", "Device", "DeviceId", "Version")):
            raise web.HTTPBadRequest(text="Error processing request.")
        given = await body_of(request)
        user = next(
            (u for u in self._world.users.values() if u.name == given.get("Username")), None
        )
        if user is None or user.disabled or user.password != given.get("Pw"):
            raise web.HTTPUnauthorized
        token = guid("token", user.id, client["DeviceId"], len(self.tokens))
        self.tokens[token] = user
        return reply(
            {
                "User": user_dto(self._world, user),
                "SessionInfo": idle_session(self._world, user, guid(token)),
                "AccessToken": token,
                "ServerId": self._world.server_id,
            }
        )

    async def _logout(self, request: web.Request) -> web.Response:
        self.tokens.pop(self._token(request), None)
        return web.Response(status=204)

    async def _keys(self, request: web.Request) -> web.Response:
        keys = [
            {
                "Id": number_,
                "AccessToken": key,
                "AppName": name,
                "AppVersion": "",
                "DeviceName": "",
                "UserId": "00000000000000000000000000000000",
                "IsActive": False,
                "DateCreated": jellyfin_time(utcnow() - timedelta(days=1)),
                "DateLastActivity": jellyfin_time(utcnow()),
            }
            for number_, (key, name) in enumerate(self.api_keys.items(), 1)
        ]
        return reply({"Items": keys, "TotalRecordCount": len(keys), "StartIndex": 0})

    async def _make_key(self, request: web.Request) -> web.Response:
        name = request.query.get("app")
        if not name:
            raise web.HTTPBadRequest
        self.api_keys[guid("key", name, len(self.api_keys))] = name
        return web.Response(status=204)

    async def _drop_key(self, request: web.Request) -> web.Response:
        self.api_keys.pop(request.match_info["key"], None)
        return web.Response(status=204)


def _parts(request: web.Request) -> dict[str, str]:
    """Read `MediaBrowser Token="…", Client="…"`; the old headers and scheme count as nothing."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme != "MediaBrowser" or any(name in request.headers for name in _LEGACY):
        return {}
    return {name: unquote(value) for name, value in _PART.findall(rest)}
