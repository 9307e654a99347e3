"""What one entry has at run time; the only thing that faces hold.

Builds clients, coordinators, store and jobs from the entry's data, starts and stops them.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

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
from homeassistant.exceptions import (
    ConfigEntryNotReady,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.instance_id import async_get as async_get_instance_id
from homeassistant.util import dt as dt_util

from .clients.errors import NotOurs, ServiceError
from .clients.jellyfin import JellyfinClient
from .clients.ntfy import NtfyClient
from .clients.prowlarr import ProwlarrClient
from .clients.radarr import RadarrClient
from .const import (
    CONF_EVENTS,
    CONF_PATH_MAP,
    CONF_PERMANENT_FOLDERS,
    CONF_PRIORITY,
    CONF_TARGET,
    CONF_TOPIC,
    DOMAIN,
    NOTIFY,
    NTFY,
    PROWLARR,
    RADARR,
)
from .coordinators.base import ServiceCoordinator
from .coordinators.jellyfin import JellyfinCoordinator
from .coordinators.ntfy import NtfyCoordinator
from .coordinators.playback import PlaybackTracker, local_day
from .coordinators.prowlarr import ProwlarrCoordinator
from .coordinators.radarr import RadarrCoordinator
from .domain.guards import Budget
from .domain.media import ProviderIds, TitleRef
from .domain.paths import PathMap, PathPair
from .jobs.candidate import Gatherer
from .jobs.channels import Channel, NotifyChannel, NtfyChannel
from .jobs.download import DownloadJob
from .jobs.fetching import PlanUnknown
from .jobs.notify import Notifier, Subscriber
from .jobs.radarr_hand import handlers
from .jobs.runner import AlreadyRunning, PlanExpired, Runner
from .options import NotificationOptions, Options
from .settings import Settings, ViewerSettings
from .signals import Signals, Topic
from .store import Store, StoreError

__all__ = [
    "AlreadyRunning",
    "NotOurs",
    "PlanExpired",
    "PlanUnknown",
    "Runtime",
    "ServiceError",
    "ShowrunnerConfigEntry",
    "database_path",
]

_GB: Final = 10**9

type ShowrunnerConfigEntry = ConfigEntry[Runtime]


def database_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Say where an entry's database lies."""
    return Path(hass.config.path(f"{DOMAIN}-{entry_id}.db"))


class Runtime:
    """One entry at run time."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], store: Store, device_id: str
    ) -> None:
        """Build everything; nothing is asked and nothing runs yet."""
        self.hass = hass
        self.entry = entry
        self.store = store
        self.signals = Signals()
        self.settings = Settings(entry)
        self.playback = PlaybackTracker(store, self.signals, self.settings)
        self.jellyfin = JellyfinCoordinator(
            hass, entry, self.signals, self._jellyfin_client(device_id), self.playback
        )
        self.radarrs = {s.subentry_id: self._radarr(s) for s in self._of_type(RADARR)}
        self.prowlarrs = {s.subentry_id: self._prowlarr(s) for s in self._of_type(PROWLARR)}
        self.ntfys = {s.subentry_id: self._ntfy(s) for s in self._of_type(NTFY)}
        self.runner = Runner(
            store, handlers(self.radarrs, dt_util.utcnow), self._budget, dt_util.utcnow
        )
        self.downloads = DownloadJob(
            store,
            self.signals,
            Gatherer(store, self.jellyfin, self.radarrs, self.prowlarrs),
            self.runner,
            self.radarrs,
            options=self._options,
            viewers=self.settings.viewer,
            policies=self.settings.download_policy,
            now=dt_util.utcnow,
            day_of=local_day,
        )
        self.playback.on_viewing(self.downloads.viewed)
        self.notifier = Notifier(
            store, self.signals, self._subscribers(), self._notification_options, _local_now
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped = False

    @classmethod
    async def create(cls, hass: HomeAssistant, entry: ConfigEntry[Any]) -> Runtime:
        """Open the store and build. Raises ConfigEntryNotReady when the store can't be opened."""
        try:
            store = await Store.open(database_path(hass, entry.entry_id))
        except StoreError as err:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN,
                translation_key="store_failed",
                translation_placeholders={"error": str(err)},
            ) from err
        return cls(hass, entry, store, await async_get_instance_id(hass))

    @property
    def options(self) -> Options:
        """The options as they are now."""
        return self.settings.options

    @property
    def viewers(self) -> Mapping[str, ViewerSettings]:
        """The tracked users by their Jellyfin id."""
        return self.settings.viewers

    @property
    def services(self) -> tuple[ServiceCoordinator[Any], ...]:
        """The coordinators of all linked services, without Jellyfin's."""
        return (*self.radarrs.values(), *self.prowlarrs.values(), *self.ntfys.values())

    def start(self) -> None:
        """Begin to work; what runs ends with the entry."""
        for coordinator in (self.jellyfin, *self.services):
            # Coordinators poll only while somebody listens, and we need them without entities too.
            self.entry.async_on_unload(coordinator.async_add_listener(_nothing))
        self._tasks = [
            self.entry.async_create_background_task(self.hass, work(), f"{DOMAIN} {name}")
            for name, work in (
                ("webhooks", self.jellyfin.work_off),
                ("downloads", self._pursue),
                ("notifications", self.notifier.work),
            )
        ]

    async def _pursue(self) -> None:
        await self.downloads.catch_up()
        await self.downloads.work()

    async def stop(self) -> None:
        """End what runs, keep what is open and close the store. May be called twice."""
        if self._stopped:
            return
        self._stopped = True
        for coordinator in (self.jellyfin, *self.services):
            await coordinator.async_shutdown()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.playback.save()
        await self.store.close()

    def options_changed(self) -> None:
        """Take over changed options without a reload."""
        self.settings.refresh()
        self.signals.send(Topic.OPTIONS, "changed", {})
        self.downloads.run_now()

    async def set_option(self, section: str, key: str, value: object) -> None:
        """Change one option; the update listener takes it over."""
        page = {**self.entry.options.get(section, {}), key: value}
        self.hass.config_entries.async_update_entry(
            self.entry, options={**self.entry.options, section: page}
        )
        self.settings.refresh()

    async def resolve_title(self, text: str) -> ProviderIds:
        """Read a title as people write it. Raises ServiceValidationError, HomeAssistantError."""
        ref = TitleRef.parse(text)
        if ref is None:
            raise _unknown_title(text)
        if ref.item_id is None:
            return ref.ids
        try:
            item = await self.jellyfin.client.item(ref.item_id, None)
        except ServiceError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="service_failed",
                translation_placeholders={"service": self.jellyfin.title, "error": str(err)},
            ) from err
        ids = item.unit.title.ids if item else None
        if not ids:
            raise _unknown_title(text)
        return ids

    # -- building --------------------------------------------------------------------------------

    def _of_type(self, subentry_type: str) -> list[ConfigSubentry]:
        return self.entry.get_subentries_of_type(subentry_type)

    def _jellyfin_client(self, device_id: str) -> JellyfinClient:
        data = self.entry.data
        session = async_get_clientsession(self.hass, data[CONF_VERIFY_SSL])
        return JellyfinClient(session, data[CONF_URL], data[CONF_API_KEY], device_id=device_id)

    def _radarr(self, subentry: ConfigSubentry) -> RadarrCoordinator:
        data = subentry.data
        session = async_get_clientsession(self.hass, data[CONF_VERIFY_SSL])
        return RadarrCoordinator(
            self.hass,
            self.entry,
            self.signals,
            RadarrClient(session, data[CONF_URL], data[CONF_API_KEY]),
            subentry_id=subentry.subentry_id,
            title=subentry.title,
            permanent_folders=tuple(data.get(CONF_PERMANENT_FOLDERS, ())),
            path_map=PathMap(
                tuple(PathPair(p["here"], p["there"]) for p in data.get(CONF_PATH_MAP, ()))
            ),
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

    def _subscribers(self) -> list[Subscriber]:
        """Give the channels of both kinds."""
        subscribers = []
        for subentry in (*self._of_type(NTFY), *self._of_type(NOTIFY)):
            channel: Channel
            if subentry.subentry_type == NTFY:
                client = self.ntfys[subentry.subentry_id].client
                channel = NtfyChannel(client, int(subentry.data.get(CONF_PRIORITY, 3)))
            else:
                channel = NotifyChannel(self.hass, subentry.data[CONF_TARGET])
            events = frozenset(subentry.data.get(CONF_EVENTS, ()))
            subscribers.append(Subscriber(subentry.subentry_id, subentry.title, channel, events))
        return subscribers

    def _options(self) -> Options:
        return self.settings.options

    def _notification_options(self) -> NotificationOptions:
        return self.settings.options.notifications

    def _budget(self) -> Budget:
        safety = self.settings.options.safety
        return Budget(
            max_items=safety.max_items,
            max_bytes=int(safety.max_gb * _GB),
            max_share=safety.max_library_percent,
            library_items=None,
        )


def _unknown_title(text: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="title_unknown",
        translation_placeholders={"title": text},
    )


def _local_now() -> datetime:
    return dt_util.now()


def _nothing() -> None:
    """Listen, so that the coordinator polls."""
