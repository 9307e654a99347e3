"""What one entry is made of: clients, coordinators, store and jobs, and who tells whom."""

from collections import ChainMap
from collections.abc import Collection, Mapping
from datetime import datetime
import logging
from pathlib import Path
from typing import Any, Final, cast

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util

from .clients.errors import ServiceError
from .clients.jellyfin import JellyfinClient
from .const import CONF_ADD_WEBHOOK, CONF_WEBHOOK_ID, DOMAIN
from .coordinators.base import ServiceCoordinator
from .coordinators.confirmation import Confirmation
from .coordinators.falls import Falls
from .coordinators.jellyfin import JellyfinCoordinator
from .coordinators.jellystat import JellystatCoordinator
from .coordinators.library import LibraryReader
from .coordinators.losses import Losses
from .coordinators.milestones import MilestoneKeeper
from .coordinators.playback import PlaybackTracker, local_day
from .coordinators.prowlarr import ProwlarrCoordinator
from .coordinators.radarr import RadarrCoordinator
from .coordinators.requests import RequestTracker
from .coordinators.runtimes import Runtimes
from .coordinators.seerr import SeerrCoordinator
from .coordinators.sights import Sights
from .coordinators.sonarr import SonarrCoordinator
from .coordinators.torrents import TorrentCoordinator
from .domain.paths import PathMap
from .domain.plan import Plan
from .domain.plan.guards import Budget
from .domain.requests.facts import Place
from .domain.requests.request import Request
from .domain.text import Words, say
from .jobs.approve import Approvals, ImportChecks
from .jobs.candidate import Gatherer
from .jobs.deletion_facts import DeletionFacts
from .jobs.deletion_witness import JellyfinWitness
from .jobs.download import DownloadJob
from .jobs.hand_added import HandAdded
from .jobs.history_import import (
    HistoryImport,
)
from .jobs.notify import Notifier
from .jobs.refresh import PathUnknown, RefreshJob, RefreshRunning
from .jobs.registry import Job
from .jobs.request_deletion import DeletionJob
from .jobs.retention import RetentionJob
from .jobs.runner import Runner
from .jobs.settling import Settling
from .jobs.title_lookup import TitleLookup
from .operations import all_operations
from .options import NotificationOptions, Options
from .services.linked import Door, Links
from .services.linked_clients import LinkedClients
from .settings import Settings, ViewerSettings
from .signals import Signals, Topic
from .store import Store
from .texts import said

_LOGGER = logging.getLogger(__name__)

_GB: Final = 10**9


class Assembly:
    """One entry's parts, put together. Nothing is asked and nothing runs yet."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], store: Store, device_id: str
    ) -> None:
        """Build everything."""
        self.hass = hass
        self.entry = entry
        self.store = store
        self.signals = Signals()
        self.settings = Settings(entry)
        self.playback = PlaybackTracker(store, self.signals, self.settings)
        self.jellyfin = JellyfinCoordinator(
            hass,
            entry,
            self.signals,
            self._jellyfin_client(device_id),
            self.playback,
            self.settings.tracked,
        )
        self.requests = RequestTracker(
            store, self.signals, matcher=lambda: self.links.matches_anime, now=dt_util.utcnow
        )
        self.links = Links(
            hass,
            entry,
            self.signals,
            store,
            self.requests,
            max_drop=lambda: self.options.safety.max_drop_percent,
        )
        self._arrs = cast(
            "Mapping[str, RadarrCoordinator | SonarrCoordinator]",
            ChainMap[str, Any](self.sonarrs, self.radarrs),
        )
        clients = LinkedClients(self.links)
        self.operations = all_operations(clients, self.requests, dt_util.utcnow)
        self.runner = Runner(
            store,
            self.operations,
            budget=self._budget,
            frozen=self._frozen,
            now=dt_util.utcnow,
        )
        self.settling = Settling(store, self.runner)
        self.deletions = self._deletion_job()
        self.hand_added = HandAdded(
            store, self.requests, self.radarrs, self.sonarrs, self.seerrs, dt_util.utcnow
        )
        self.downloads = DownloadJob(
            store,
            self.signals,
            Gatherer(
                store,
                self.jellyfin,
                self.radarrs,
                self.links.of(ProwlarrCoordinator),
                self.links.of(JellystatCoordinator),
            ),
            self.runner,
            self.radarrs,
            options=self._options,
            viewers=self.settings.viewer,
            policies=self.settings.download_policy,
            now=dt_util.utcnow,
            day_of=local_day,
        )
        self.library = LibraryReader(
            self.jellyfin.client.library,
            store,
            entry.unique_id or "",
            viewers=self._tracked,
            connected=lambda: self.jellyfin.connected,
            max_drop=lambda: self.options.safety.max_drop_percent,
        )
        self.playback.enrich = self.library.enrich
        self.playback.runtime_of = Runtimes(store, self.radarrs, self.sonarrs).of
        self.milestones = MilestoneKeeper(store, self.signals)
        self.imports = HistoryImport(
            store,
            self.signals,
            self.library,
            server_id=entry.unique_id or "",
            viewers=self._tracked,
            policies=lambda user: (
                self.settings.policy(user) if self.settings.tracked(user) else None
            ),
            day_of=local_day,
            now=dt_util.utcnow,
            settle=self.milestones.settle,
            kept_since=lambda: self.options.kept_since(dt_util.utcnow()),
        )
        self.playback.on_viewing(self.library.viewed)
        self.jellyfin.on_userdata.append(self.library.saved)
        self.playback.on_viewing(self.downloads.viewed)
        self.playback.on_completed(self.milestones.completed)
        self.confirmation = Confirmation(self.jellyfin.client, self.playback, store, dt_util.utcnow)
        self.refresh = RefreshJob(
            store,
            self.signals,
            self.jellyfin.client,
            self.arrs,
            options=lambda: self.options.refresh,
            now=dt_util.utcnow,
        )
        self.signals.subscribe(Topic.JOB, self.refresh.heard)
        self.sights = Sights(
            self.jellyfin.client.library,
            store,
            entry.unique_id or "",
            self.requests,
            lookup=self.library.lookup,
            path_map=self._path_map,
            connected=lambda: self.jellyfin.connected,
            tell=self._look_at_path,
            find_movie=lambda ids, name: self.jellyfin.client.find_movie(ids, name, None),
        )
        self.losses = Losses(
            self.jellyfin.client.library,
            store,
            entry.unique_id or "",
            self.requests,
            present=self.sights.present,
            has_files=self._has_files,
            connected=lambda: self.jellyfin.connected,
            max_drop=lambda: self.options.safety.max_drop_percent,
        )
        self.jellyfin.on_items += [self.sights.hint, self.deletions.hint]
        self.jellyfin.on_gone.append(self.losses.hint)
        self.requests.add_listener(lambda _: self.deletions.hint())
        self.signals.subscribe(Topic.SERVICE, lambda _, __: self.deletions.hint())
        self.falls = Falls(self.library, entry.title, lambda: self.links.all)
        self.titles = TitleLookup(
            store,
            self.jellyfin.client,
            entry.unique_id or "",
            self.requests,
            self.radarrs,
            self.sonarrs,
        )
        self.approvals = Approvals(self.requests, self.seerrs)
        self.import_checks = ImportChecks(self.requests, self.arrs)
        for service in self.links.all:
            self.joined(service)
        self.jobs: Mapping[str, Job] = {"download": self.downloads, "refresh": self.refresh}
        self.retention = RetentionJob(
            store,
            self.signals,
            Path(hass.config.path(f"{DOMAIN}-archive")),
            entry.entry_id,
            options=self._options,
            now=dt_util.utcnow,
            day_of=local_day,
        )
        self.notifier = Notifier(
            store,
            self.signals,
            self.links.subscribers(),
            self._notification_options,
            _local_now,
            lambda words: said(hass, words),
        )

    @property
    def options(self) -> Options:
        """The options as they are now."""
        return self.settings.options

    @property
    def viewers(self) -> Mapping[str, ViewerSettings]:
        """The tracked users by their Jellyfin id."""
        return self.settings.viewers

    @property
    def radarrs(self) -> dict[str, RadarrCoordinator]:
        """The Radarrs by their subentries' ids."""
        return self.links.of(RadarrCoordinator)

    @property
    def sonarrs(self) -> dict[str, SonarrCoordinator]:
        """The Sonarrs by their subentries' ids."""
        return self.links.of(SonarrCoordinator)

    @property
    def arrs(self) -> Mapping[str, RadarrCoordinator | SonarrCoordinator]:
        """The Radarrs and Sonarrs by their subentries' ids."""
        return self._arrs

    @property
    def seerrs(self) -> dict[str, SeerrCoordinator]:
        """The Seerrs by their subentries' ids."""
        return self.links.of(SeerrCoordinator)

    @property
    def torrents(self) -> dict[str, TorrentCoordinator]:
        """The torrent clients by their subentries' ids."""
        return self.links.of(TorrentCoordinator)

    @property
    def services(self) -> tuple[ServiceCoordinator[Any], ...]:
        """The coordinators of all linked services, without Jellyfin's."""
        return self.links.all

    @property
    def door(self) -> Door:
        """The webhook that Jellyfin may call."""
        data = self.entry.data
        return Door(
            data[CONF_WEBHOOK_ID],
            self.entry.title,
            self.jellyfin.accept,
            self.entry.entry_id,
            bool(data.get(CONF_ADD_WEBHOOK)),
        )

    def joined(self, service: ServiceCoordinator[Any]) -> None:
        """Let those hear of a linked service who act on what it tells."""
        match service:
            case SeerrCoordinator():
                service.on_hint.append(lambda _: self.sights.hint())
            case RadarrCoordinator() | SonarrCoordinator():
                service.on_files += [self.refresh.hint, lambda _: self.deletions.hint()]
                service.on_lost.append(self.losses.doubt)

    def _path_map(self, subentry_id: str) -> PathMap:
        """Say how the folders of an arr are named in Jellyfin; empty when nobody knows."""
        arr = self.arrs.get(subentry_id)
        return PathMap() if arr is None else arr.path_map

    async def _has_files(self, request: Request, places: Collection[Place]) -> bool:
        """Ask whose request it is for its files, all of its kind where that is not known."""
        for service, one in tuple(self.arrs.items()):
            mine = request.arr is None or request.arr[0] == service
            if mine and one.media is request.title.media and await one.has_files(request, places):
                return True
        return False

    async def _look_at_path(self, path: str) -> bool:
        """Have Jellyfin look at an imported file; false when it is to be tried again."""
        if not self.options.refresh.enabled:
            return True
        try:
            await self.refresh.tell_paths((path,))
        except PathUnknown:
            # Asking again would not make it known; the request says that it is not visible.
            return True
        except (RefreshRunning, ServiceError) as err:
            _LOGGER.debug("Jellyfin is told of an import later: %s", err)
            return False
        return True

    def _jellyfin_client(self, device_id: str) -> JellyfinClient:
        data = self.entry.data
        session = async_get_clientsession(self.hass, data[CONF_VERIFY_SSL])
        return JellyfinClient(session, data[CONF_URL], data[CONF_API_KEY], device_id=device_id)

    def _tracked(self) -> tuple[str, ...]:
        """Name the viewers who are tracked now: whoever is paused leaves no new trace."""
        return tuple(one for one in self.viewers if self.settings.tracked(one))

    def _options(self) -> Options:
        return self.settings.options

    def _notification_options(self) -> NotificationOptions:
        return self.settings.options.notifications

    def _deletion_job(self) -> DeletionJob:
        witness = JellyfinWitness(
            self.jellyfin.client,
            self.store,
            self.entry.unique_id or "",
            lambda: {user_id: viewer.name for user_id, viewer in self.viewers.items()},
        )
        facts = DeletionFacts(
            self.requests,
            self.radarrs,
            self.sonarrs,
            self.torrents,
            self.seerrs,
            witness,
            dt_util.utcnow,
        )
        return DeletionJob(
            self.store,
            self.signals,
            self.requests,
            facts,
            self.runner,
            options=self._options,
            now=dt_util.utcnow,
            library_size=self._library_size,
        )

    async def _library_size(self) -> int | None:
        """Count the library's units; while it is not known whole, nobody knows its size."""
        state = await self.store.library.state()
        counts = await self.store.library.counts() if state.known else {}
        return counts.get("movie", 0) + counts.get("episode", 0) if counts else None

    async def _frozen(self, plan: Plan) -> Words | None:
        """Say why nothing of a plan may be carried out now (laws 2 and 9); None: it may."""
        if self.options.safety.dry_run and plan.job == DeletionJob.NAME and not plan.confirmed:
            return say("step_paused_by_dry_run")
        return await self.falls.frozen(plan.sources)

    def _budget(self) -> Budget:
        safety = self.settings.options.safety
        return Budget(
            max_items=safety.max_items,
            max_bytes=int(safety.max_gb * _GB),
            max_share=safety.max_library_percent,
        )


def _local_now() -> datetime:
    return dt_util.now()
