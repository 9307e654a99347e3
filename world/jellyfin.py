"""Jellyfin 10.11 with the legacy forms of authorization turned off, as 12 has them."""

from aiohttp import web

from . import pictures
from .catalogue import EPISODES, Entry, guid
from .clock import ticks
from .collections import Collections
from .jellyfin_accounts import Accounts
from .jellyfin_dto import (
    Dto,
    idle_session,
    item,
    series,
    session,
    userdata,
)
from .jellyfin_items import answer as items_answer, entries, plain
from .jellyfin_socket import Sockets
from .people import User
from .playback_reporting import PLUGIN_ID as REPORTING_ID, PlaybackReporting
from .web import application, body_of, reply
from .webhook import PLUGIN_ID, WebhookPlugin
from .world import JELLYFIN_ROOT, World


class Jellyfin:
    """The handlers: the server, its items, sessions and plugins. `accounts` has keys and tokens."""

    def __init__(self, world: World, plugin: WebhookPlugin) -> None:
        """Take the world and the Webhook plugin."""
        self._world = world
        self._plugin = plugin
        self.plugin_installed = True
        self.accounts = Accounts(world)
        self.reporting = PlaybackReporting(world)
        self.collections = Collections(world)
        self.socket = Sockets(world, self._session_list)

    def app(self) -> web.Application:
        """Make the application with all its routes."""
        app = application()
        self.accounts.add_routes(app)
        self.collections.add_routes(app)
        for method, path, handler in (
            ("GET", "/System/Info/Public", self._public_info),
            ("GET", "/System/Info", self._info),
            ("GET", "/Sessions", self._sessions),
            ("GET", "/socket", self.socket.handle),
            ("GET", "/Items", self._items),
            ("GET", "/Items/{id}", self._item),
            ("GET", "/Items/{id}/Images/{kind}", self._picture),
            ("GET", "/UserItems/{id}/UserData", self._userdata),
            ("POST", "/UserItems/{id}/UserData", self._set_userdata),
            ("GET", "/Library/VirtualFolders", self._folders),
            ("POST", "/Library/Media/Updated", self._media_updated),
            ("POST", "/Library/Refresh", self._refresh),
            ("POST", "/user_usage_stats/submit_custom_query", self._report),
            ("GET", "/Plugins", self._plugins),
            ("GET", "/Plugins/{id}/Configuration", self._configuration),
            ("POST", "/Plugins/{id}/Configuration", self._configure),
        ):
            app.router.add_route(method, path, handler)
        return app

    def _user(self, request: web.Request) -> User | None:
        """Say whose data is meant: the query's user, else the token's own."""
        given = request.query.get("userId", "")
        if not given:
            found = request["user"]
            return found if isinstance(found, User) else None
        try:
            return self._world.user(given)
        except KeyError, StopIteration:
            raise web.HTTPNotFound from None

    # What the server is.

    def _public(self) -> Dto:
        return {
            "LocalAddress": "http://192.0.2.10:8096",
            "ServerName": "Demo",
            "Version": self._world.jellyfin_version,
            "ProductName": "Jellyfin Server",
            "OperatingSystem": "",
            "Id": self._world.server_id,
            "StartupWizardCompleted": True,
        }

    async def _public_info(self, request: web.Request) -> web.Response:
        return reply(self._public())

    async def _info(self, request: web.Request) -> web.Response:
        return reply(
            self._public()
            | {
                "OperatingSystemDisplayName": "",
                "HasPendingRestart": False,
                "IsShuttingDown": False,
                "SupportsLibraryMonitor": True,
                "WebSocketPortNumber": 8096,
                "CompletedInstallations": [],
                "CanSelfRestart": True,
                "ProgramDataPath": "/config",
                "HasUpdateAvailable": False,
            }
        )

    # What there is to watch, and who watches it.

    async def _sessions(self, request: web.Request) -> web.Response:
        return reply(self._session_list())

    def _session_list(self) -> list[Dto]:
        playing = [session(self._world, play) for play in self._world.plays.values()]
        idle = self._world.user("Kitchen")
        return [*playing, idle_session(self._world, idle, guid("session", idle.id, "idle"))]

    async def _items(self, request: web.Request) -> web.Response:
        return reply(items_answer(self._world, request, self._user(request), self.collections))

    async def _item(self, request: web.Request) -> web.Response:
        user = self._user(request)
        wanted = plain(request.match_info["id"])
        # With an API key and no user Jellyfin finds nothing here.
        if user is None:
            raise web.HTTPNotFound(text="Error processing request.")
        for entry in entries(self._world):
            if entry.item_id == wanted:
                return reply(item(self._world, entry, user, None))
        for episode in (*EPISODES, *self._world.episodes.values()):
            if episode.series_id == wanted:
                return reply(series(self._world, episode, user))
        raise web.HTTPNotFound(text="Error processing request.")

    async def _picture(self, request: web.Request) -> web.Response:
        return pictures.answer(self._world, request)

    def _owned(self, request: web.Request) -> tuple[User, Entry]:
        user = self._user(request)
        entry = self._world.entry(request.match_info["id"])
        if user is None or entry is None:
            raise web.HTTPNotFound
        return user, entry

    async def _userdata(self, request: web.Request) -> web.Response:
        user, entry = self._owned(request)
        return reply(userdata(self._world, user, entry))

    async def _set_userdata(self, request: web.Request) -> web.Response:
        user, entry = self._owned(request)
        given = await body_of(request)
        data = self._world.userdata(user.id, entry.item_id)
        if isinstance(count := given.get("PlayCount"), int):
            data.play_count = count
        data.played = bool(given.get("Played", data.played))
        data.favorite = bool(given.get("IsFavorite", data.favorite))
        if isinstance(position := given.get("PlaybackPositionTicks"), int):
            data.position = position / ticks(1)
        return reply(userdata(self._world, user, entry))

    async def _folders(self, request: web.Request) -> web.Response:
        rows = (
            ("Films", "movies", ["movies", "stream"]),
            ("Series", "tvshows", ["shows"]),
        )
        return reply(
            [
                {
                    "Name": name,
                    "Locations": [f"{JELLYFIN_ROOT}/{folder}" for folder in folders],
                    "CollectionType": kind,
                    "ItemId": guid("folder", name),
                    "RefreshStatus": "Idle",
                }
                for name, kind, folders in rows
            ]
        )

    async def _media_updated(self, request: web.Request) -> web.Response:
        listed = (await body_of(request)).get("Updates")
        updates = listed if isinstance(listed, list) else []
        paths = [update.get("Path") for update in updates if isinstance(update, dict)]
        if not all(isinstance(path, str) and path for path in paths):
            raise web.HTTPBadRequest(text="Error processing request.")
        self._world.looked_at(map(str, paths))
        return web.Response(status=204)

    async def _refresh(self, request: web.Request) -> web.Response:
        self._world.looked_at([JELLYFIN_ROOT])
        return web.Response(status=204)

    # Plugins.

    async def _plugins(self, request: web.Request) -> web.Response:
        plugin = {
            "Name": "Webhook",
            "Version": "21.0.0.0",
            "ConfigurationFileName": "Jellyfin.Plugin.Webhook.xml",
            "Description": "Sends notifications to various services via webhooks.",
            "Id": PLUGIN_ID,
            "CanUninstall": True,
            "HasImage": True,
            "Status": "Active",
        }
        reporting = plugin | {
            "Name": "Playback Reporting",
            "Version": "17.0.0.0",
            "ConfigurationFileName": "Jellyfin.Plugin.PlaybackReporting.xml",
            "Description": "Collect and show user playback statistics",
            "Id": REPORTING_ID.replace("-", ""),
        }
        found = [(plugin, self.plugin_installed), (reporting, self.reporting.installed)]
        return reply([one for one, installed in found if installed])

    async def _report(self, request: web.Request) -> web.Response:
        return await self.reporting.query(request)

    def _require_plugin(self, request: web.Request) -> None:
        if plain(request.match_info["id"]) != PLUGIN_ID or not self.plugin_installed:
            raise web.HTTPNotFound

    async def _configuration(self, request: web.Request) -> web.Response:
        self._require_plugin(request)
        return reply(self._plugin.configuration)

    async def _configure(self, request: web.Request) -> web.Response:
        self._require_plugin(request)
        # The whole document is replaced.
        self._plugin.configuration = await body_of(request)
        return web.Response(status=204)
