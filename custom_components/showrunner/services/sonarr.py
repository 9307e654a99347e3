"""Sonarr: it fetches and keeps series."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant

from ..clients.jellyfin import JellyfinClient
from ..clients.sonarr import SonarrClient
from ..clients.sonarr_models import SonarrSeries
from ..coordinators.sonarr import SonarrCoordinator
from ..flows.keyed import REAUTH_SCHEMA, keyed_client, with_key
from . import arr
from .arr import of_process, really
from .arr_folders import FoldersFlow, OnDisk
from .spec import LinkContext, Reauth, ServiceSpec

KEY: Final = "sonarr"


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> SonarrClient:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl."""
    return keyed_client(hass, data, SonarrClient)


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the instance's name. Raise ServiceError."""
    return await really(hass, data, SonarrClient.product, client(hass, data).status())


def coordinator(context: LinkContext, subentry: ConfigSubentry) -> SonarrCoordinator:
    """Build what looks after one Sonarr."""
    made = client(context.hass, subentry.data)
    return arr.coordinator(SonarrCoordinator, context, subentry, made)


class SonarrFlow(FoldersFlow):
    """Add or reconfigure Sonarr."""

    kind: ClassVar[str] = KEY
    example: ClassVar[str] = "http://192.168.1.10:8989"

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
        return await client(self.hass, self._data).all_series(_on_disk, most)

    @override
    async def _files(self, one: OnDisk) -> tuple[str, ...]:
        return tuple(file.path for file in await client(self.hass, self._data).files(one.id))

    @staticmethod
    @override
    async def _jellyfins(server: JellyfinClient, one: OnDisk, user_id: str) -> str | None:
        return await server.find_series_folder(
            one.title.ids, one.title.name, user_id, one.title.year
        )


def _on_disk(series: SonarrSeries) -> OnDisk | None:
    if not any(season.files for season in series.seasons):
        return None
    return OnDisk(series.id, series.title, series.path)


SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="Servarr",
    model="Sonarr",
    flow=SonarrFlow,
    coordinator=coordinator,
    reauth=Reauth(REAUTH_SCHEMA, with_key, probe),
    webhook=arr.webhook(client),
    sensors=arr.EPISODE_SENSORS,
    diagnostics=arr.DIAGNOSTICS,
)
