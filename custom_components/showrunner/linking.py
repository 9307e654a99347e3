"""The services that one entry is linked with: a client and a coordinator for each subentry."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import CookieJar
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import (
    CONF_API_KEY,
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import (
    async_create_clientsession,
    async_get_clientsession,
)

from .clients.jellystat import JellystatClient
from .clients.ntfy import NtfyClient
from .clients.prowlarr import ProwlarrClient
from .clients.qbittorrent import PRODUCT as QBITTORRENT_NAME, QBittorrentClient
from .clients.radarr import RadarrClient
from .clients.rtorrent import RTorrentClient
from .clients.rtorrent_wire import PRODUCT as RTORRENT_NAME
from .clients.seerr import SeerrClient
from .clients.shoko import ShokoClient
from .clients.sonarr import SonarrClient
from .const import (
    CONF_PATH_MAP,
    CONF_PERMANENT_FOLDERS,
    CONF_QUOTA_GB,
    CONF_TOPIC,
    CONF_WEBHOOK_ID,
    JELLYSTAT,
    NTFY,
    PROWLARR,
    QBITTORRENT,
    RADARR,
    RTORRENT,
    SEERR,
    SHOKO,
    SONARR,
)
from .coordinators.base import ServiceCoordinator
from .coordinators.jellystat import JellystatCoordinator
from .coordinators.ntfy import NtfyCoordinator
from .coordinators.prowlarr import ProwlarrCoordinator
from .coordinators.radarr import RadarrCoordinator
from .coordinators.requests import RequestTracker
from .coordinators.seerr import LinkedArr, SeerrCoordinator
from .coordinators.shoko import ShokoCoordinator
from .coordinators.sonarr import SonarrCoordinator
from .coordinators.torrents import TorrentClient, TorrentCoordinator
from .domain.media import MediaType
from .domain.paths import PathMap, PathPair
from .signals import Signals

_GB: Final = 10**9


@dataclass(frozen=True, slots=True)
class Door:
    """A webhook of ours: its secret id, who takes in its bodies, and who may send them.

    `accept` takes a decoded body and raises NotOurs for one that its service does not send.
    """

    webhook_id: str
    name: str
    accept: Callable[[object], bool]
    put: bool = False
    local_only: bool = True


class Links:
    """The coordinators of the linked services, by their subentries' ids."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        requests: RequestTracker,
    ) -> None:
        """Build them all; nothing is asked yet. `requests` is told what they say of titles."""
        self.hass = hass
        self.requests = requests
        self.entry = entry
        self.signals = signals
        self.radarrs = {s.subentry_id: self._radarr(s) for s in self._of_type(RADARR)}
        self.sonarrs = {s.subentry_id: self._sonarr(s) for s in self._of_type(SONARR)}
        self.prowlarrs = {s.subentry_id: self._prowlarr(s) for s in self._of_type(PROWLARR)}
        self.jellystats = {s.subentry_id: self._jellystat(s) for s in self._of_type(JELLYSTAT)}
        self.seerrs = {s.subentry_id: self._seerr(s) for s in self._of_type(SEERR)}
        self.shokos = {s.subentry_id: self._shoko(s) for s in self._of_type(SHOKO)}
        self.torrents = {
            s.subentry_id: self._torrents(s)
            for s in (*self._of_type(RTORRENT), *self._of_type(QBITTORRENT))
        }
        self.ntfys = {s.subentry_id: self._ntfy(s) for s in self._of_type(NTFY)}

    @property
    def all(self) -> tuple[ServiceCoordinator[Any], ...]:
        """Every linked service's coordinator."""
        return (
            *self.arrs.values(),
            *self.prowlarrs.values(),
            *self.jellystats.values(),
            *self.seerrs.values(),
            *self.shokos.values(),
            *self.torrents.values(),
            *self.ntfys.values(),
        )

    @property
    def arrs(self) -> dict[str, RadarrCoordinator | SonarrCoordinator]:
        """The Radarrs and Sonarrs."""
        return {**self.radarrs, **self.sonarrs}

    def path_map(self, subentry_id: str) -> PathMap:
        """Say how the folders of an arr are named in Jellyfin; empty when nobody knows."""
        arr = self.arrs.get(subentry_id)
        return PathMap() if arr is None else arr.path_map

    @property
    def doors(self) -> tuple[Door, ...]:
        """The webhooks that linked services may call."""
        return (
            *(
                Door(webhook_id, arr.title, arr.inbox.accept, put=True)
                for subentry_id, arr in self.arrs.items()
                if (webhook_id := self._webhook_id(subentry_id))
            ),
            *(
                Door(webhook_id, seerr.title, seerr.inbox.accept)
                for subentry_id, seerr in self.seerrs.items()
                if (webhook_id := self._webhook_id(subentry_id))
            ),
        )

    def _webhook_id(self, subentry_id: str) -> str:
        subentry = self.entry.subentries.get(subentry_id)
        return "" if subentry is None else subentry.data.get(CONF_WEBHOOK_ID, "")

    @property
    def workers(self) -> tuple[tuple[str, Callable[[], Coroutine[Any, Any, None]]], ...]:
        """What runs for the linked services as long as the entry is loaded, with its name."""
        return (
            *(
                (f"webhooks of {caller.title}", caller.inbox.work_off)
                for caller in (*self.arrs.values(), *self.seerrs.values())
            ),
            *((f"hub of {shoko.title}", shoko.listen) for shoko in self.shokos.values()),
        )

    @property
    def has_shoko(self) -> bool:
        """Tell whether a Shoko is linked, which knows anime before Jellyfin does."""
        return bool(self.shokos)

    def _of_type(self, subentry_type: str) -> list[ConfigSubentry]:
        return self.entry.get_subentries_of_type(subentry_type)

    def _radarr(self, subentry: ConfigSubentry) -> RadarrCoordinator:
        data = subentry.data
        session = async_get_clientsession(self.hass, data[CONF_VERIFY_SSL])
        return RadarrCoordinator(
            self.hass,
            self.entry,
            self.signals,
            RadarrClient(session, data[CONF_URL], data[CONF_API_KEY]),
            self.requests,
            subentry_id=subentry.subentry_id,
            title=subentry.title,
            permanent_folders=tuple(data.get(CONF_PERMANENT_FOLDERS, ())),
            path_map=_path_map(data),
            alone=lambda: len(self.radarrs) == 1,
        )

    def _sonarr(self, subentry: ConfigSubentry) -> SonarrCoordinator:
        data = subentry.data
        session = async_get_clientsession(self.hass, data[CONF_VERIFY_SSL])
        return SonarrCoordinator(
            self.hass,
            self.entry,
            self.signals,
            SonarrClient(session, data[CONF_URL], data[CONF_API_KEY]),
            self.requests,
            subentry_id=subentry.subentry_id,
            title=subentry.title,
            permanent_folders=tuple(data.get(CONF_PERMANENT_FOLDERS, ())),
            path_map=_path_map(data),
            alone=lambda: len(self.sonarrs) == 1,
        )

    def _prowlarr(self, subentry: ConfigSubentry) -> ProwlarrCoordinator:
        data = subentry.data
        session = async_get_clientsession(self.hass, data[CONF_VERIFY_SSL])
        return ProwlarrCoordinator(
            self.hass,
            self.entry,
            self.signals,
            ProwlarrClient(session, data[CONF_URL], data[CONF_API_KEY]),
            subentry_id=subentry.subentry_id,
            title=subentry.title,
        )

    def _jellystat(self, subentry: ConfigSubentry) -> JellystatCoordinator:
        data = subentry.data
        session = async_get_clientsession(self.hass, data[CONF_VERIFY_SSL])
        return JellystatCoordinator(
            self.hass,
            self.entry,
            self.signals,
            JellystatClient(session, data[CONF_URL], data[CONF_API_KEY]),
            subentry_id=subentry.subentry_id,
            title=subentry.title,
        )

    def _shoko(self, subentry: ConfigSubentry) -> ShokoCoordinator:
        data = subentry.data
        session = async_get_clientsession(self.hass, data[CONF_VERIFY_SSL])
        return ShokoCoordinator(
            self.hass,
            self.entry,
            self.signals,
            ShokoClient(session, data[CONF_URL], data[CONF_API_KEY]),
            self.requests,
            subentry_id=subentry.subentry_id,
            title=subentry.title,
        )

    def _seerr(self, subentry: ConfigSubentry) -> SeerrCoordinator:
        data = subentry.data
        session = async_get_clientsession(self.hass, data[CONF_VERIFY_SSL])
        return SeerrCoordinator(
            self.hass,
            self.entry,
            self.signals,
            SeerrClient(session, data[CONF_URL], data[CONF_API_KEY]),
            self.requests,
            subentry_id=subentry.subentry_id,
            title=subentry.title,
            arrs=[
                LinkedArr(one.subentry_id, media, one.data[CONF_URL])
                for kind, media in ((RADARR, MediaType.MOVIE), (SONARR, MediaType.SERIES))
                for one in self._of_type(kind)
            ],
        )

    def _ntfy(self, subentry: ConfigSubentry) -> NtfyCoordinator:
        data = subentry.data
        client = NtfyClient(
            async_get_clientsession(self.hass, data[CONF_VERIFY_SSL]),
            data[CONF_URL],
            data[CONF_TOPIC],
            token=data.get(CONF_TOKEN),
            username=data.get(CONF_USERNAME),
            password=data.get(CONF_PASSWORD),
        )
        return NtfyCoordinator(
            self.hass,
            self.entry,
            self.signals,
            client,
            subentry_id=subentry.subentry_id,
            title=subentry.title,
        )

    def _torrents(self, subentry: ConfigSubentry) -> TorrentCoordinator:
        data = subentry.data
        client: TorrentClient
        if subentry.subentry_type == RTORRENT:
            service = RTORRENT_NAME
            client = RTorrentClient(
                async_get_clientsession(self.hass, data[CONF_VERIFY_SSL]),
                data[CONF_URL],
                username=data.get(CONF_USERNAME),
                password=data.get(CONF_PASSWORD),
            )
        else:
            service = QBITTORRENT_NAME
            client = QBittorrentClient(
                # Its cookie is nobody else's, and is kept for bare addresses too.
                async_create_clientsession(
                    self.hass, data[CONF_VERIFY_SSL], cookie_jar=CookieJar(unsafe=True)
                ),
                data[CONF_URL],
                username=data.get(CONF_USERNAME),
                password=data.get(CONF_PASSWORD),
                api_key=data.get(CONF_API_KEY),
            )
        quota = data.get(CONF_QUOTA_GB)
        return TorrentCoordinator(
            self.hass,
            self.entry,
            self.signals,
            client,
            self.requests,
            service=service,
            subentry_id=subentry.subentry_id,
            title=subentry.title,
            clients=lambda: tuple(self.torrents.values()),
            quota_bytes=int(quota * _GB) if quota else None,
        )


def _path_map(data: Mapping[str, Any]) -> PathMap:
    return PathMap(tuple(PathPair(p["here"], p["there"]) for p in data.get(CONF_PATH_MAP, ())))
