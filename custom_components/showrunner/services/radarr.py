"""Radarr: it fetches and keeps films."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant

from ..clients.jellyfin import JellyfinClient
from ..clients.radarr import RadarrClient, RadarrMovie
from ..coordinators.radarr import RadarrCoordinator
from ..flows.keyed import REAUTH_SCHEMA, keyed_client, with_key
from . import arr
from .arr import of_process, really
from .arr_folders import FoldersFlow, OnDisk
from .spec import LinkContext, Reauth, ServiceSpec

KEY: Final = "radarr"


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> RadarrClient:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl."""
    return keyed_client(hass, data, RadarrClient)


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the instance's name. Raise ServiceError."""
    return await really(hass, data, RadarrClient.product, client(hass, data).status())


def coordinator(context: LinkContext, subentry: ConfigSubentry) -> RadarrCoordinator:
    """Build what looks after one Radarr."""
    made = client(context.hass, subentry.data)
    return arr.coordinator(RadarrCoordinator, context, subentry, made)


class RadarrFlow(FoldersFlow):
    """Add or reconfigure Radarr."""

    kind: ClassVar[str] = KEY
    example: ClassVar[str] = "http://192.168.1.10:7878"

    @staticmethod
    @override
    async def identity(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
        return of_process((await client(hass, data).status()).process, data)

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)

    @override
    async def _read(self) -> tuple[str, ...]:
        return tuple(f.path for f in await client(self.hass, self._data).root_folders())

    @override
    async def _on_disk(self, most: int) -> tuple[OnDisk, ...]:
        return await client(self.hass, self._data).movies(_on_disk, most)

    @override
    async def _files(self, one: OnDisk) -> tuple[str, ...]:
        return (one.path,)

    @staticmethod
    @override
    async def _jellyfins(server: JellyfinClient, one: OnDisk, user_id: str) -> str | None:
        item = await server.find_movie(one.title.ids, one.title.name, user_id, one.title.year)
        return None if item is None else item.path


def _on_disk(movie: RadarrMovie) -> OnDisk | None:
    if not movie.has_file or not movie.file_path:
        return None
    return OnDisk(movie.id, movie.title, movie.file_path)


SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="Servarr",
    model="Radarr",
    flow=RadarrFlow,
    coordinator=coordinator,
    reauth=Reauth(REAUTH_SCHEMA, with_key, probe),
    webhook=arr.webhook(client),
    sensors=arr.MOVIE_SENSORS,
    diagnostics=arr.DIAGNOSTICS,
)
