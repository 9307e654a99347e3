"""How we talk to Jellyfin 10.10 and newer, with the only authorization that Jellyfin 12 takes."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, tzinfo
from typing import Final, override
from urllib.parse import quote

import aiohttp

from ..domain.media import Unit, normalize_guid
from ..domain.refresh import PathUpdate
from ..domain.text import say
from ..domain.watching import ReportSource
from . import jellyfin_models as models, parse
from .errors import (
    NEEDS_NO_KEY,
    Forbidden,
    NotAdmin,
    Refused,
    TooOld,
    Unauthorized,
    Unreadable,
    WrongProduct,
)
from .http import SMALL, HttpClient
from .jellyfin_collections import JellyfinCollections
from .jellyfin_items import PRODUCT, JellyfinItems
from .jellyfin_library import JellyfinLibrary
from .jellyfin_models import JellyfinItem, JellyfinServer, JellyfinUser, LibraryFolder, Plugin
from .jellyfin_pictures import JellyfinPictures
from .jellyfin_plugin import with_webhook, without_webhook
from .jellyfin_sessions import SessionsSnapshot, playing_paths, playing_units, snapshot
from .jellyfin_socket import LARGEST, SOCKET_PATH, SessionsSocket
from .parse import Json, rows, table, text
from .playback_reporting import PlaybackReportingClient
from .redaction import conceal

__all__ = [
    "JellyfinClient",
    "JellyfinItem",
    "JellyfinServer",
    "JellyfinUser",
    "LibraryFolder",
    "Plugin",
    "SessionsSnapshot",
    "SessionsSocket",
    "create_api_key",
    "login",
    "logout",
]

APP: Final = "Showrunner"
OLDEST: Final = (10, 10)
WEBHOOK_PLUGIN: Final = "Webhook"
_VERSION: Final = "1.0"


def _http(session: aiohttp.ClientSession, url: str, token: str, device_id: str) -> HttpClient:
    parts = {
        "Token": token,
        "Client": APP,
        "Device": "Home Assistant",
        "DeviceId": device_id,
        "Version": _VERSION,
    }
    said = ", ".join(f'{name}="{quote(value)}"' for name, value in parts.items() if value)
    return HttpClient(
        session,
        url,
        service=PRODUCT,
        headers={"Authorization": f"MediaBrowser {said}", "Accept": "application/json"},
        secrets=(token,),
    )


class JellyfinClient(JellyfinItems):
    """One server. Every method raises a ServiceError when the answer can't be had or believed."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, api_key: str, *, device_id: str
    ) -> None:
        """Take the address (normalised) and an API key, or an administrator's token."""
        self.url = url.rstrip("/")
        super().__init__(_http(session, self.url, api_key, device_id))
        self.library = JellyfinLibrary(self._http)
        self.collections = JellyfinCollections(self._http)
        self.pictures = JellyfinPictures(self._http)
        self._server_id = ""

    # -- the server ------------------------------------------------------------------------------

    async def server(self) -> JellyfinServer:
        """Ask who answers, without the key. Raises WrongProduct, TooOld."""
        try:
            answer = table(await self._http.get("/System/Info/Public", max_bytes=SMALL))
        except Unauthorized:
            raise WrongProduct(PRODUCT, NEEDS_NO_KEY) from None
        except (Refused, Unreadable) as err:
            raise WrongProduct(PRODUCT, err.said) from None
        product = text(answer.get("ProductName")) or ""
        server_id, version = normalize_guid(answer.get("Id")), text(answer.get("Version")) or ""
        if server_id is None or PRODUCT.lower() not in product.lower():
            found = product or say("error_something_else")
            raise WrongProduct(PRODUCT, say("error_found_not_jellyfin", found=found))
        # One that can't be read is taken as new.
        if parse.version(version) and parse.version(version) < OLDEST:
            raise TooOld(PRODUCT, say("error_version_too_old_10_10_needed", version=version))
        self._server_id = server_id
        return JellyfinServer(
            server_id, text(answer.get("ServerName")) or PRODUCT, version, product
        )

    async def check_admin(self) -> JellyfinServer:
        """Ask who answers and whether our key is an administrator's. Raises NotAdmin too."""
        server = await self.server()
        try:
            await self.library_folders()
        except Forbidden:
            raise NotAdmin(PRODUCT, say("error_key_not_administrators")) from None
        return server

    async def users(self, *, whole: bool = False) -> tuple[JellyfinUser, ...]:
        """List the users. `whole`: where it counts who is not among them, each has to be read."""
        listed = await self._http.get("/Users")
        found = [user for row in self._rows(listed) if (user := models.user(row)) is not None]
        if whole and isinstance(listed, list) and (unread := len(listed) - len(found)):
            raise Unreadable(PRODUCT, say("error_unread_rows_list_cant_read", unread=unread))
        return tuple(found)

    async def library_folders(self) -> tuple[LibraryFolder, ...]:
        """List the libraries and where their files are."""
        listed = self._rows(await self._http.get("/Library/VirtualFolders"))
        return tuple(models.library_folder(row) for row in listed)

    async def plugins(self) -> tuple[Plugin, ...]:
        """List the installed plugins."""
        listed = self._rows(await self._http.get("/Plugins"))
        return tuple(plugin for row in listed if (plugin := models.plugin(row)) is not None)

    # -- what plays ------------------------------------------------------------------------------

    async def sessions(self, now: datetime) -> SessionsSnapshot:
        """Say what plays at `now`."""
        listed = self._rows(await self._http.get("/Sessions"))
        return snapshot(listed, await self._server(), now, ReportSource.POLL)

    async def playing(self) -> tuple[Unit, ...]:
        """Say what plays now, also in sessions of which no user is told."""
        listed = self._rows(await self._http.get("/Sessions"))
        return playing_units(listed, await self._server())

    async def playing_paths(self) -> tuple[str, ...]:
        """Name the files that play now, as Jellyfin calls them, also such as are no titles."""
        return playing_paths(self._rows(await self._http.get("/Sessions")))

    @asynccontextmanager
    async def sessions_socket(
        self, clock: Callable[[], datetime]
    ) -> AsyncGenerator[SessionsSocket]:
        """Open the server's WebSocket and ask it for the sessions; `clock` tells the time."""
        server_id = await self._server()
        async with self._http.websocket(SOCKET_PATH, max_bytes=LARGEST) as opened:
            socket = SessionsSocket(opened, server_id, clock)
            await socket.subscribe()
            yield socket

    @override
    async def _server(self) -> str:
        if not self._server_id:
            await self.server()
        return self._server_id

    def playback_reporting(self, zone: tzinfo) -> PlaybackReportingClient:
        """Talk to the Playback Reporting plugin, whose times are in this zone."""
        return PlaybackReportingClient(self._http, zone)

    # -- changed files ---------------------------------------------------------------------------

    async def media_updated(self, updates: Sequence[PathUpdate]) -> None:
        """Have the server look at paths (in its own names), in one call."""
        changes = [{"Path": update.path, "UpdateType": update.type.value} for update in updates]
        await self._http.request("POST", "/Library/Media/Updated", body={"Updates": changes})

    async def refresh_library(self) -> None:
        """Have the server scan all its libraries."""
        await self._http.request("POST", "/Library/Refresh")

    # -- the Webhook plugin ----------------------------------------------------------------------

    async def has_webhook(self, url: str) -> bool:
        """Tell whether our webhook is in the plugin's configuration."""
        configuration = await self._configuration()
        return configuration is not None and without_webhook(configuration[1], url) is not None

    async def add_webhook(self, url: str, name: str) -> bool:
        """Add our webhook, or mend it; tell whether anything had to change.

        Raises Refused when the plugin is not installed. Foreign webhooks and unknown keys stay.
        """
        found = await self._configuration()
        if found is None:
            raise Refused(PRODUCT, 0, say("error_webhook_plugin_not_installed"))
        changed = with_webhook(found[1], url, name)
        return await self._write(found[0], changed)

    async def remove_webhook(self, url: str) -> bool:
        """Take our webhook out; tell whether it was there."""
        found = await self._configuration()
        return found is not None and await self._write(found[0], without_webhook(found[1], url))

    async def _write(self, plugin_id: str, changed: Json | None) -> bool:
        if changed is None:
            return False
        path = f"/Plugins/{plugin_id}/Configuration"
        await self._http.request("POST", path, body=dict(changed))
        return True

    async def _configuration(self) -> tuple[str, Json] | None:
        plugins = await self.plugins()
        plugin_id = next((one.id for one in plugins if one.name == WEBHOOK_PLUGIN), None)
        if plugin_id is None:
            return None
        answer = table(await self._http.get(f"/Plugins/{plugin_id}/Configuration"))
        if not answer:
            # Writing back an empty configuration would take every webhook away.
            raise Unreadable(PRODUCT, say("error_webhook_plugins_configuration_empty"))
        return plugin_id, answer

    @staticmethod
    def _rows(answer: object) -> list[Json]:
        """Insist on a list: something else must not look like an empty one."""
        if not isinstance(answer, list):
            raise Unreadable(PRODUCT, say("error_answer_not_list"))
        return rows(answer)


async def login(
    session: aiohttp.ClientSession, url: str, username: str, password: str, device_id: str
) -> str:
    """Sign in; give the token. Raises Unauthorized for a wrong name or password."""
    conceal(password)
    http = _http(session, url, "", device_id)
    body = {"Username": username, "Pw": password}
    answer = table(await http.request("POST", "/Users/AuthenticateByName", body=body))
    token = text(answer.get("AccessToken"))
    if token is None:
        raise Unreadable(PRODUCT, say("error_no_token_after_signing"))
    return token


async def create_api_key(session: aiohttp.ClientSession, url: str, token: str) -> str:
    """Make an API key of ours, or take the one that is there. Raises NotAdmin."""
    http = _http(session, url, token, "showrunner")
    try:
        before = await _keys(http)
        await http.request("POST", "/Auth/Keys", params={"app": APP})
        made = [key for key in await _keys(http) if key not in before]
    except Forbidden:
        raise NotAdmin(PRODUCT, say("error_only_administrator_may_make_api_key")) from None
    ours = made or before
    if not ours:
        raise Unreadable(PRODUCT, say("error_new_api_key_not_list"))
    return ours[-1]


async def _keys(http: HttpClient) -> list[str]:
    """List our keys, the newest last."""
    answer = table(await http.get("/Auth/Keys"))
    ours = [row for row in rows(answer.get("Items")) if row.get("AppName") == APP]
    ours.sort(key=lambda row: text(row.get("DateCreated")) or "")
    return [key for row in ours if (key := text(row.get("AccessToken"))) is not None]


async def logout(session: aiohttp.ClientSession, url: str, token: str) -> None:
    """Sign out."""
    await _http(session, url, token, "showrunner").request("POST", "/Sessions/Logout")
