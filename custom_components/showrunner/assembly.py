"""Puts together what one entry has at run time, and has its parts told what concerns them."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.instance_id import async_get as async_get_instance_id
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinators.arrs import Arrs
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
from .databases import databases
from .domain.plan import Plan
from .domain.plan.guards import Budget
from .domain.text import Words, say
from .flows.jellyfin import client_of
from .jobs.approve import Approvals, ImportChecks
from .jobs.candidate import Gatherer
from .jobs.deletion_facts import DeletionFacts
from .jobs.deletion_witness import JellyfinWitness
from .jobs.download import DownloadJob
from .jobs.hand_added import HandAdded
from .jobs.history_import import HistoryImport
from .jobs.notify import Notifier
from .jobs.refresh import RefreshJob
from .jobs.request_deletion import DeletionJob
from .jobs.retention import RetentionJob
from .jobs.runner import Runner
from .jobs.settling import Settling
from .jobs.title_lookup import TitleLookup
from .jobs.undo import UndoJob
from .operations import Operations, all_operations
from .runtime import Runtime, database_path
from .services import matches_anime
from .services.linked import Links
from .services.linked_clients import LinkedClients
from .settings import Settings
from .signals import Attributes, Signals, Topic
from .store import Store
from .tasks import Tasks
from .texts import said

_GB: Final = 10**9


async def create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Runtime:
    """Open the store and put everything together. Raises StoreError when it can't be opened."""
    store = await databases(hass).open(database_path(hass, entry.entry_id))
    return assemble(hass, entry, store, await async_get_instance_id(hass))


def assemble(hass: HomeAssistant, entry: ConfigEntry[Any], store: Store, device_id: str) -> Runtime:
    """Build everything; nothing is asked and nothing runs yet."""
    one = _sources(hass, entry, store, device_id)
    signals, settings, jellyfin, links = one.signals, one.settings, one.jellyfin, one.links
    clients = LinkedClients(links)
    operations = all_operations(clients, one.requests, dt_util.utcnow)
    runner = _runner(one, operations)
    deletions, downloads = _deletions(one, runner), _downloads(one, runner)
    refresh = _refresh(one)
    milestones = MilestoneKeeper(store, signals)
    sights = _sights(one, refresh)
    runtime = Runtime(
        hass=hass,
        entry=entry,
        store=store,
        signals=signals,
        settings=settings,
        tasks=Tasks(hass, entry),
        jellyfin=jellyfin,
        playback=one.playback,
        confirmation=Confirmation(jellyfin.client, one.playback, store, dt_util.utcnow),
        milestones=milestones,
        library=one.library,
        requests=one.requests,
        links=links,
        arrs=one.arrs,
        sights=sights,
        losses=_losses(one, sights),
        falls=one.falls,
        operations=operations,
        runner=runner,
        settling=Settling(store, runner),
        downloads=downloads,
        deletions=deletions,
        refresh=refresh,
        undo=UndoJob(
            store,
            signals,
            runner,
            operations,
            clients,
            options=settings.now,
            now=dt_util.utcnow,
        ),
        imports=_imports(one, milestones),
        hand_added=HandAdded(
            store, one.requests, one.radarrs, one.sonarrs, one.seerrs, dt_util.utcnow
        ),
        approvals=Approvals(one.requests, one.seerrs),
        import_checks=ImportChecks(one.requests, one.arrs),
        retention=_retention(hass, one),
        notifier=Notifier(
            store,
            signals,
            links.subscribers(),
            settings.notification_options,
            dt_util.now,
            partial(said, hass),
        ),
        titles=TitleLookup(
            store, jellyfin.client, jellyfin.server_id, one.requests, one.radarrs, one.sonarrs
        ),
        jobs={"download": downloads, "refresh": refresh},
    )
    _connect(runtime)
    return runtime


@dataclass(frozen=True, slots=True)
class _Sources:
    """Whom the rest asks: the store, the settings, Jellyfin, the requests and what is linked."""

    entry: ConfigEntry[Any]
    store: Store
    signals: Signals
    settings: Settings
    playback: PlaybackTracker
    jellyfin: JellyfinCoordinator
    requests: RequestTracker
    links: Links
    arrs: Arrs
    library: LibraryReader
    falls: Falls

    @property
    def radarrs(self) -> dict[str, RadarrCoordinator]:
        return self.links.of(RadarrCoordinator)

    @property
    def sonarrs(self) -> dict[str, SonarrCoordinator]:
        return self.links.of(SonarrCoordinator)

    @property
    def seerrs(self) -> dict[str, SeerrCoordinator]:
        return self.links.of(SeerrCoordinator)

    @property
    def torrents(self) -> dict[str, TorrentCoordinator]:
        return self.links.of(TorrentCoordinator)


def _sources(
    hass: HomeAssistant, entry: ConfigEntry[Any], store: Store, device_id: str
) -> _Sources:
    signals, settings = Signals(), Settings(entry)
    playback = PlaybackTracker(store, signals, settings)
    client = client_of(hass, entry.data, device_id)
    jellyfin = JellyfinCoordinator(hass, entry, signals, client, playback, settings.tracked)
    requests = RequestTracker(
        store, signals, matcher=partial(matches_anime, entry), now=dt_util.utcnow
    )
    links = Links(hass, entry, signals, store, requests, max_drop=settings.max_drop)
    arrs = Arrs(links.of(RadarrCoordinator), links.of(SonarrCoordinator))
    library = LibraryReader(jellyfin, store, settings)
    return _Sources(
        entry=entry,
        store=store,
        signals=signals,
        settings=settings,
        playback=playback,
        jellyfin=jellyfin,
        requests=requests,
        links=links,
        arrs=arrs,
        library=library,
        falls=Falls(library, entry.title, lambda: links.all),
    )


def _sights(one: _Sources, refresh: RefreshJob) -> Sights:
    return Sights(
        one.jellyfin,
        one.store,
        one.requests,
        lookup=one.library.lookup,
        path_map=one.arrs.path_map,
        tell=refresh.tell_path,
    )


def _losses(one: _Sources, sights: Sights) -> Losses:
    return Losses(
        one.jellyfin,
        one.store,
        one.requests,
        present=sights.present,
        has_files=one.arrs.has_files,
        max_drop=one.settings.max_drop,
    )


def _imports(one: _Sources, milestones: MilestoneKeeper) -> HistoryImport:
    return HistoryImport(
        one.store,
        one.signals,
        one.library,
        one.settings,
        server_id=one.jellyfin.server_id,
        day_of=local_day,
        now=dt_util.utcnow,
        settle=milestones.settle,
    )


def _retention(hass: HomeAssistant, one: _Sources) -> RetentionJob:
    return RetentionJob(
        one.store,
        one.signals,
        Path(hass.config.path(f"{DOMAIN}-archive")),
        one.entry.entry_id,
        options=one.settings.now,
        now=dt_util.utcnow,
        day_of=local_day,
    )


# -- what changes anything ------------------------------------------------------------------------


def _runner(one: _Sources, operations: Operations) -> Runner:
    return Runner(
        one.store,
        operations,
        budget=partial(_budget, one.settings),
        frozen=partial(_frozen, one),
        now=dt_util.utcnow,
    )


def _budget(settings: Settings) -> Budget:
    safety = settings.options.safety
    return Budget(
        max_items=safety.max_items,
        max_bytes=int(safety.max_gb * _GB),
        max_share=safety.max_library_percent,
    )


async def _frozen(one: _Sources, plan: Plan) -> Words | None:
    """Say why nothing of a plan may be carried out now (laws 2 and 9); None: it may."""
    dry_run = one.settings.options.safety.dry_run
    if dry_run and plan.job == DeletionJob.NAME and not plan.confirmed:
        return say("step_paused_by_dry_run")
    return await one.falls.frozen(plan.sources)


async def _library_size(store: Store) -> int | None:
    """Count the library's units; while it is not known whole, nobody knows its size."""
    state = await store.library.state()
    counts = await store.library.counts() if state.known else {}
    return counts.get("movie", 0) + counts.get("episode", 0) if counts else None


def _deletions(one: _Sources, runner: Runner) -> DeletionJob:
    return DeletionJob(
        one.store,
        one.signals,
        one.requests,
        _deletion_facts(one),
        runner,
        options=one.settings.now,
        now=dt_util.utcnow,
        library_size=partial(_library_size, one.store),
    )


def _deletion_facts(one: _Sources) -> DeletionFacts:
    witness = JellyfinWitness(
        one.jellyfin.client, one.store, one.jellyfin.server_id, one.settings.viewer_names
    )
    return DeletionFacts(
        one.requests, one.radarrs, one.sonarrs, one.torrents, one.seerrs, witness, dt_util.utcnow
    )


def _refresh(one: _Sources) -> RefreshJob:
    return RefreshJob(
        one.store,
        one.signals,
        one.jellyfin.client,
        one.arrs,
        options=one.settings.refresh_options,
        now=dt_util.utcnow,
    )


def _downloads(one: _Sources, runner: Runner) -> DownloadJob:
    gatherer = Gatherer(
        one.store,
        one.jellyfin,
        one.radarrs,
        one.links.of(ProwlarrCoordinator),
        one.links.of(JellystatCoordinator),
    )
    return DownloadJob(
        one.store,
        one.signals,
        gatherer,
        runner,
        one.radarrs,
        options=one.settings.now,
        viewers=one.settings.viewer,
        policies=one.settings.download_policy,
        now=dt_util.utcnow,
        day_of=local_day,
    )


# -- who is told what ----------------------------------------------------------------------------


def _connect(runtime: Runtime) -> None:
    """Have the parts hear of what concerns them."""
    playback, jellyfin, deletions = runtime.playback, runtime.jellyfin, runtime.deletions
    playback.enrich = runtime.library.enrich
    playback.runtime_of = Runtimes(runtime.store, runtime.radarrs, runtime.sonarrs).of
    playback.on_viewing(runtime.downloads.viewed)
    playback.on_completed(runtime.milestones.completed)
    jellyfin.on_userdata.append(runtime.library.saved)
    jellyfin.on_items += [runtime.sights.hint, deletions.hint]
    jellyfin.on_gone.append(runtime.losses.hint)

    def look_at_deletions(_: object, __: Attributes | None = None) -> None:
        deletions.hint()

    runtime.requests.add_listener(look_at_deletions)
    runtime.signals.subscribe(Topic.SERVICE, look_at_deletions)
    runtime.signals.subscribe(Topic.JOB, runtime.refresh.heard)

    def listen_to(service: ServiceCoordinator[Any]) -> None:
        match service:
            case SeerrCoordinator():
                service.on_hint.append(lambda _: runtime.sights.hint())
            case RadarrCoordinator() | SonarrCoordinator():
                service.on_files += [runtime.refresh.hint, look_at_deletions]
                service.on_lost.append(runtime.losses.doubt)

    runtime.links.each(listen_to)
