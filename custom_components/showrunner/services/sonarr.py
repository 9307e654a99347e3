"""Sonarr: it fetches and keeps series."""

from functools import partial
from typing import Any, ClassVar, Final, override

from ..clients.jellyfin import JellyfinClient
from ..clients.sonarr import SonarrClient
from ..clients.sonarr_models import SonarrSeries
from ..coordinators.sonarr import SonarrCoordinator
from ..flows.keyed import REAUTH_SCHEMA, with_key
from . import arr
from .arr import ArrLink
from .arr_folders import FoldersFlow, OnDisk
from .spec import Reauth, ServiceSpec

KEY: Final = "sonarr"
LINK: Final = ArrLink(SonarrClient, SonarrClient.product)


class SonarrFlow(FoldersFlow):
    """Add or reconfigure Sonarr."""

    kind: ClassVar[str] = KEY
    link: ClassVar[ArrLink[Any]] = LINK
    example: ClassVar[str] = "http://192.168.1.10:8989"

    @override
    async def _on_disk(self, most: int) -> tuple[OnDisk, ...]:
        return await LINK.client(self.hass, self._data).all_series(_on_disk, most)

    @override
    async def _files(self, one: OnDisk) -> tuple[str, ...]:
        return tuple(file.path for file in await LINK.client(self.hass, self._data).files(one.id))

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
    coordinator=partial(arr.coordinator, SonarrCoordinator, LINK),
    reauth=Reauth(REAUTH_SCHEMA, with_key, LINK.probe),
    webhook=arr.webhook(LINK),
    sensors=arr.EPISODE_SENSORS,
    diagnostics=arr.DIAGNOSTICS,
)
