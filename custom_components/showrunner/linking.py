"""The services that one entry is linked with: a client and a coordinator for each subentry.

They come and go one by one while the entry runs: the mappings here are always current.
"""

from collections import ChainMap
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

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
    CONF_ADD_WEBHOOK,
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
from .coordinators.remembered import RememberedLogin, RememberedTorrents
from .coordinators.requests import RequestTracker
from .coordinators.seerr import LinkedArr, SeerrCoordinator
from .coordinators.shoko import ShokoCoordinator
from .coordinators.sonarr import SonarrCoordinator
from .coordinators.torrents import TorrentClient, TorrentCoordinator
from .domain.paths import PathMap, PathPair
from .signals import Signals
from .store import Store

_GB: Final = 10**9

type Worker = tuple[str, Callable[[], Coroutine[Any, Any, None]]]
type _Kind = tuple[dict[str, Any], Callable[[ConfigSubentry], ServiceCoordinator[Any]]]


@dataclass(frozen=True, slots=True)
class Door:
    """A webhook of ours: its secret id, who takes in its bodies, and who may send them.

    `key` names it where its id must not; `expected`: its service is meant to call it. `accept`
    takes a decoded body and raises NotOurs for one that its service does not send.
    """

    webhook_id: str
    name: str
    accept: Callable[[object], bool]
    key: str
    expected: bool
    put: bool = False
    local_only: bool = True


class Links:
    """The coordinators of the linked services, by their subentries' ids."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        store: Store,
        requests: RequestTracker,
        *,
        max_drop: Callable[[], float],
    ) -> None:
        """Build them all; nothing is asked yet. `requests` is told what they say of titles.

        `max_drop`: how much of what a source had may vanish at once, in percent.
        """
        self.hass = hass
        self.store = store
        self.requests = requests
        self._max_drop = max_drop
        self.entry = entry
        self.signals = signals
        self.radarrs: dict[str, RadarrCoordinator] = {}
        self.sonarrs: dict[str, SonarrCoordinator] = {}
        self.prowlarrs: dict[str, ProwlarrCoordinator] = {}
        self.jellystats: dict[str, JellystatCoordinator] = {}
        self.seerrs: dict[str, SeerrCoordinator] = {}
        self.shokos: dict[str, ShokoCoordinator] = {}
        self.torrents: dict[str, TorrentCoordinator] = {}
        self.ntfys: dict[str, NtfyCoordinator] = {}
        # The Radarrs and Sonarrs by their subentries' ids, and as a Seerr may mean them.
        self.arrs = cast(
            "Mapping[str, RadarrCoordinator | SonarrCoordinator]",
            ChainMap[str, Any](self.sonarrs, self.radarrs),
        )
        self._linked_arrs: list[LinkedArr] = []
        self._kinds: Final[Mapping[str, _Kind]] = {
            RADARR: (self.radarrs, self._radarr),
            SONARR: (self.sonarrs, self._sonarr),
            PROWLARR: (self.prowlarrs, self._prowlarr),
            JELLYSTAT: (self.jellystats, self._jellystat),
            SEERR: (self.seerrs, self._seerr),
            SHOKO: (self.shokos, self._shoko),
            RTORRENT: (self.torrents, self._torrents),
            QBITTORRENT: (self.torrents, self._torrents),
            NTFY: (self.ntfys, self._ntfy),
        }
        for subentry in entry.subentries.values():
            self.add(subentry)

    def add(self, subentry: ConfigSubentry) -> ServiceCoordinator[Any] | None:
        """Build the coordinator of a linked service; None for what is no service (a viewer)."""
        kind = self._kinds.get(subentry.subentry_type)
        if kind is None:
            return None
        coordinators, build = kind
        coordinator = build(subentry)
        coordinators[subentry.subentry_id] = coordinator
        self._list_arrs()
        return coordinator

    def remove(self, subentry_id: str) -> ServiceCoordinator[Any] | None:
        """Give up the coordinator of a service, and return it to be shut down."""
        found = self.get(subentry_id)
        for coordinators, _ in self._kinds.values():
            coordinators.pop(subentry_id, None)
        self._list_arrs()
        return found

    def get(self, subentry_id: str) -> ServiceCoordinator[Any] | None:
        """Return the coordinator of a linked service."""
        return next((one for one in self.all if one.subentry_id == subentry_id), None)

    def _list_arrs(self) -> None:
        """Bring the list that the Seerrs hold up to date, in place."""
        self._linked_arrs[:] = [
            LinkedArr(subentry_id, arr.media, arr.client.url)
            for subentry_id, arr in self.arrs.items()
        ]

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

    def path_map(self, subentry_id: str) -> PathMap:
        """Say how the folders of an arr are named in Jellyfin; empty when nobody knows."""
        arr = self.arrs.get(subentry_id)
        return PathMap() if arr is None else arr.path_map

    def door(self, subentry_id: str) -> Door | None:
        """Return the webhook that a linked service may call; None where it calls nobody."""
        subentry = self.entry.subentries.get(subentry_id)
        webhook_id = "" if subentry is None else subentry.data.get(CONF_WEBHOOK_ID, "")
        if not webhook_id:
            return None
        expected = subentry is not None and bool(subentry.data.get(CONF_ADD_WEBHOOK))
        if (arr := self.arrs.get(subentry_id)) is not None:
            accept = arr.inbox.accept
            return Door(webhook_id, arr.title, accept, subentry_id, expected, put=True)
        if (seerr := self.seerrs.get(subentry_id)) is not None:
            return Door(webhook_id, seerr.title, seerr.inbox.accept, subentry_id, expected)
        return None

    def workers(self, subentry_id: str) -> tuple[Worker, ...]:
        """Say what runs for a service as long as it is linked, with its name."""
        for caller in (self.arrs.get(subentry_id), self.seerrs.get(subentry_id)):
            if caller is not None:
                return ((f"webhooks of {caller.title}", caller.inbox.work_off),)
        if (shoko := self.shokos.get(subentry_id)) is not None:
            return ((f"hub of {shoko.title}", shoko.listen),)
        return ()

    @property
    def has_shoko(self) -> bool:
        """Tell whether a Shoko is linked, which knows anime before Jellyfin does."""
        return bool(self.shokos)

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
            self.store,
            subentry_id=subentry.subentry_id,
            title=subentry.title,
            arrs=self._linked_arrs,
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
                memory=RememberedLogin(
                    self.store.kv,
                    subentry.subentry_id,
                    service,
                    {name: data.get(name) for name in (CONF_URL, CONF_USERNAME, CONF_PASSWORD)},
                ),
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
            remembered=RememberedTorrents(self.store.kv, subentry.subentry_id),
            max_drop=self._max_drop,
            quota_bytes=int(quota * _GB) if quota else None,
        )


def _path_map(data: Mapping[str, Any]) -> PathMap:
    return PathMap(tuple(PathPair(p["here"], p["there"]) for p in data.get(CONF_PATH_MAP, ())))
