"""How we talk to Jellyfin 10.10 and newer, with the only authorization that Jellyfin 12 takes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import quote

import aiohttp

from ..domain.knowledge import Answer
from ..domain.media import ProviderIds, Unit, UnitKind, normalize_guid
from ..domain.watching import PlaybackReport
from . import jellyfin_models as models
from .errors import (
    Forbidden,
    NotAdmin,
    Refused,
    TooOld,
    Unreadable,
    WrongProduct,
)
from .http import HttpClient
from .jellyfin_models import JellyfinItem, JellyfinServer, JellyfinUser, LibraryFolder, Plugin
from .jellyfin_plugin import with_webhook, without_webhook
from .parse import Json, integer, rows, table, text

__all__ = [
    "JellyfinClient",
    "JellyfinItem",
    "JellyfinServer",
    "JellyfinUser",
    "LibraryFolder",
    "Plugin",
    "create_api_key",
    "login",
    "logout",
]

PRODUCT: Final = "Jellyfin"
APP: Final = "Showrunner"
OLDEST: Final = (10, 10)
WEBHOOK_PLUGIN: Final = "Webhook"
_FIELDS: Final = "ProviderIds,Path,Genres,OriginalTitle,MediaSources"
_PAGE: Final = 1000
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


class JellyfinClient:
    """One server. Every method raises a ServiceError when the answer can't be had or believed."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, api_key: str, *, device_id: str
    ) -> None:
        """Take the address (normalised) and an API key, or an administrator's token."""
        self.url = url.rstrip("/")
        self._http = _http(session, self.url, api_key, device_id)
        self._server_id = ""

    # -- the server ------------------------------------------------------------------------------

    async def server(self) -> JellyfinServer:
        """Ask who answers, without the key. Raises WrongProduct, TooOld."""
        try:
            told = table(await self._http.get("/System/Info/Public"))
        except (Refused, Unreadable) as err:
            raise WrongProduct(PRODUCT, err.message) from None
        product = text(told.get("ProductName")) or ""
        server_id, version = normalize_guid(told.get("Id")), text(told.get("Version")) or ""
        if server_id is None or PRODUCT.lower() not in product.lower():
            raise WrongProduct(PRODUCT, f"this is {product or 'something else'}, not Jellyfin")
        if _version(version) < OLDEST:
            raise TooOld(PRODUCT, f"{version} is too old, 10.10 is needed")
        self._server_id = server_id
        return JellyfinServer(server_id, text(told.get("ServerName")) or PRODUCT, version, product)

    async def check_admin(self) -> JellyfinServer:
        """Ask who answers and whether our key is an administrator's. Raises NotAdmin too."""
        server = await self.server()
        try:
            await self.library_folders()
        except Forbidden:
            raise NotAdmin(PRODUCT, "the key is not an administrator's") from None
        return server

    async def users(self) -> tuple[JellyfinUser, ...]:
        """List the users."""
        told = self._rows(await self._http.get("/Users"))
        return tuple(user for row in told if (user := models.user(row)) is not None)

    async def library_folders(self) -> tuple[LibraryFolder, ...]:
        """List the libraries and where their files are."""
        told = self._rows(await self._http.get("/Library/VirtualFolders"))
        return tuple(models.library_folder(row) for row in told)

    async def plugins(self) -> tuple[Plugin, ...]:
        """List the installed plugins."""
        told = self._rows(await self._http.get("/Plugins"))
        return tuple(plugin for row in told if (plugin := models.plugin(row)) is not None)

    # -- what plays, what there is ---------------------------------------------------------------

    async def sessions(self, now: datetime) -> tuple[PlaybackReport, ...]:
        """Say what plays at `now`, one report for each session and user."""
        told = self._rows(await self._http.get("/Sessions"))
        server_id = await self._server()
        return tuple(report for row in told for report in models.reports(row, server_id, now))

    async def items(self, ids: Sequence[str], user_id: str | None) -> tuple[JellyfinItem, ...]:
        """Find items by their ids; what is gone is left out."""
        # No limit: a page that is shorter than asked means that an item is gone.
        return (await self._items({"ids": ",".join(ids)}, user_id))[0]

    async def item(self, item_id: str, user_id: str | None) -> JellyfinItem | None:
        """Find an item; None when it is gone. An episode tells its series' ids too."""
        wanted = normalize_guid(item_id)
        if wanted is None:
            return None
        found = await self.items((wanted,), user_id)
        item = next((one for one in found if one.unit.item_id == wanted), None)
        return None if item is None else await self._with_series(item)

    async def _with_series(self, item: JellyfinItem) -> JellyfinItem:
        unit = item.unit
        if unit.kind is UnitKind.MOVIE or unit.series_ids or unit.series_item_id is None:
            return item
        series = await self.items((unit.series_item_id,), None)
        ids = series[0].unit.series_ids if series else ProviderIds()
        return _replaced(item, unit, ids)

    async def find_movie(
        self, ids: ProviderIds, name: str, user_id: str | None
    ) -> JellyfinItem | None:
        """Find a movie by its ids: among those of its name first, else among all."""
        if name:
            found, _ = await self._items({**_MOVIES, "searchTerm": name, "limit": 100}, user_id)
            if (item := _matching(found, ids)) is not None:
                return item
        start = 0
        while True:
            page = {**_MOVIES, "startIndex": start, "limit": _PAGE}
            found, total = await self._items(page, user_id)
            if (item := _matching(found, ids)) is not None:
                return item
            start += _PAGE
            if start >= total:
                return None

    async def _items(
        self, params: dict[str, str | int], user_id: str | None
    ) -> tuple[tuple[JellyfinItem, ...], int]:
        """Ask for one page; give also how many there are in all. Half a page is unreadable."""
        query: dict[str, str | int] = {"fields": _FIELDS, "enableUserData": "true", **params}
        if user_id:
            query["userId"] = user_id
        told = table(await self._http.get("/Items", query))
        page = self._rows(told.get("Items"))
        total = integer(told.get("TotalRecordCount"))
        asked, start = integer(params.get("limit")), integer(params.get("startIndex")) or 0
        # A search tells of hits that it does not show; a listing that does is half a page.
        listing = total is not None and asked and "searchTerm" not in params
        if listing and len(page) < min(asked or 0, (total or 0) - start):
            raise Unreadable(PRODUCT, f"a page tells of {total} items and names {len(page)}")
        server_id = await self._server()
        found = (models.item(row, server_id) for row in page)
        return tuple(one for one in found if one is not None), total or len(page)

    async def _server(self) -> str:
        if not self._server_id:
            await self.server()
        return self._server_id

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
            raise Refused(PRODUCT, 0, "the Webhook plugin is not installed")
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
        told = table(await self._http.get(f"/Plugins/{plugin_id}/Configuration"))
        if not told:
            # Writing back an empty configuration would take every webhook away.
            raise Unreadable(PRODUCT, "the Webhook plugin's configuration is empty")
        return plugin_id, told

    @staticmethod
    def _rows(told: object) -> list[Json]:
        """Insist on a list: something else must not look like an empty one."""
        if not isinstance(told, list):
            raise Unreadable(PRODUCT, "the answer is not a list")
        return rows(told)


_MOVIES: Final[dict[str, str | int]] = {
    "recursive": "true",
    "includeItemTypes": "Movie",
    "collapseBoxSetItems": "false",
}


def _matching(items: Sequence[JellyfinItem], ids: ProviderIds) -> JellyfinItem | None:
    return next((one for one in items if one.unit.ids.matches(ids) is Answer.YES), None)


def _replaced(item: JellyfinItem, unit: Unit, series_ids: ProviderIds) -> JellyfinItem:
    return replace(item, unit=replace(unit, series_ids=series_ids))


def _version(version: str) -> tuple[int, ...]:
    """Read a version; one that can't be read is taken as new."""
    parts = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    return parts or OLDEST


async def login(
    session: aiohttp.ClientSession, url: str, username: str, password: str, device_id: str
) -> str:
    """Sign in; give the token. Raises Unauthorized for a wrong name or password."""
    http = _http(session, url, "", device_id)
    body = {"Username": username, "Pw": password}
    told = table(await http.request("POST", "/Users/AuthenticateByName", body=body))
    token = text(told.get("AccessToken"))
    if token is None:
        raise Unreadable(PRODUCT, "no token after signing in")
    return token


async def create_api_key(session: aiohttp.ClientSession, url: str, token: str) -> str:
    """Make an API key of ours, or take the one that is there. Raises NotAdmin."""
    http = _http(session, url, token, "showrunner")
    try:
        before = await _keys(http)
        await http.request("POST", "/Auth/Keys", params={"app": APP})
        made = [key for key in await _keys(http) if key not in before]
    except Forbidden:
        raise NotAdmin(PRODUCT, "only an administrator may make an API key") from None
    ours = made or before
    if not ours:
        raise Unreadable(PRODUCT, "the new API key is not in the list")
    return ours[-1]


async def _keys(http: HttpClient) -> list[str]:
    """List our keys, the newest last."""
    told = table(await http.get("/Auth/Keys"))
    ours = [row for row in rows(told.get("Items")) if row.get("AppName") == APP]
    ours.sort(key=lambda row: text(row.get("DateCreated")) or "")
    return [key for row in ours if (key := text(row.get("AccessToken"))) is not None]


async def logout(session: aiohttp.ClientSession, url: str, token: str) -> None:
    """Sign out."""
    await _http(session, url, token, "showrunner").request("POST", "/Sessions/Logout")
