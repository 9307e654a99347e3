"""Puts together what one entry has at run time, and has its parts told what concerns them."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.instance_id import async_get as async_get_instance_id
from homeassistant.util import dt as dt_util

from ..coordinators.arr_counts import ArrCounts
from ..coordinators.arrs import Arrs
from ..coordinators.availability import Availability
from ..coordinators.base import ServiceCoordinator
from ..coordinators.confirmation import Confirmation
from ..coordinators.falls import Falls
from ..coordinators.jellyfin import JellyfinCoordinator
from ..coordinators.library import LibraryReader
from ..coordinators.losses import Losses
from ..coordinators.milestones import MilestoneKeeper
from ..coordinators.pictures import Pictures
from ..coordinators.playback import PlaybackTracker
from ..coordinators.radarr import RadarrCoordinator
from ..coordinators.requests import RequestTracker
from ..coordinators.runtimes import Runtimes
from ..coordinators.seerr import SeerrCoordinator
from ..coordinators.sonarr import SonarrCoordinator
from ..coordinators.torrents import TorrentCoordinator
from ..domain.plan import Plan
from ..domain.plan.guards import Budget
from ..domain.text import Words, say
from ..flows.jellyfin import client_of
from ..jobs.approve import Approvals, ArrChecks, Mends
from ..jobs.buttons import Buttons, PhoneAddresses
from ..jobs.cleanup.answers import Answers
from ..jobs.cleanup.collection import CollectionOptions, LeavingCollection
from ..jobs.cleanup.notices import LeavingNotices
from ..jobs.cleanup.options import SECTION as CLEANUP_PAGE
from ..jobs.cleanup.spec import SPEC as CLEANUP
from ..jobs.facts.visibility import Visibility
from ..jobs.kit.runner import Runner
from ..jobs.kit.settling import Settling
from ..jobs.messages import Event
from ..jobs.notify import Notifier
from ..jobs.registry import JOBS
from ..jobs.spec import Jobs, Parts
from ..jobs.title_lookup import TitleLookup
from ..operations import Operations, all_operations
from ..services import matches_anime
from ..services.linked import Links
from ..services.linked_clients import LinkedClients
from ..settings import Settings
from ..signals import Signals
from ..store import Store
from ..texts import said
from .databases import databases
from .entry import Runtime, database_path, pictures_path
from .tasks import Tasks

_GB: Final = 10**9


async def create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Runtime:
    """Open the store and put everything together. Raises StoreError when it can't be opened."""
    store = await databases(hass).open(database_path(hass, entry.entry_id))
    return assemble(hass, entry, store, await async_get_instance_id(hass))


def assemble(hass: HomeAssistant, entry: ConfigEntry[Any], store: Store, device_id: str) -> Runtime:
    """Build everything; nothing is asked and nothing runs yet."""
    one = _sources(hass, entry, store, device_id)
    signals, settings, jellyfin, links = one.signals, one.settings, one.jellyfin, one.links
    clients = LinkedClients(links, settings)
    operations = all_operations(clients, one.requests, dt_util.utcnow)
    runner = _runner(one, operations)
    milestones = MilestoneKeeper(store, signals)
    availability = _availability(one)
    notifier = _notifier(hass, one)
    parts = Parts(
        entry_id=entry.entry_id,
        folder=Path(hass.config.config_dir),
        store=store,
        signals=signals,
        settings=settings,
        jellyfin=jellyfin,
        playback=one.playback,
        library=one.library,
        milestones=milestones,
        requests=one.requests,
        services=links,
        arrs=one.arrs,
        counts=one.counts,
        availability=availability,
        clients=clients,
        operations=operations,
        runner=runner,
        audiences=notifier.audiences,
        now=dt_util.utcnow,
    )
    jobs = Jobs(JOBS.values(), parts)
    titles = TitleLookup(
        store,
        jellyfin.client,
        jellyfin.server_id,
        one.requests,
        one.radarrs,
        one.sonarrs,
        one.seerrs,
    )
    approvals = Approvals(one.requests, one.seerrs)
    arr_checks = ArrChecks(one.requests, one.arrs)
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
        pictures=Pictures(
            jellyfin.client.pictures,
            store,
            jellyfin.server_id,
            pictures_path(hass, entry.entry_id),
            dt_util.utcnow,
        ),
        requests=one.requests,
        links=links,
        arrs=one.arrs,
        availability=availability,
        losses=_losses(one, availability),
        falls=one.falls,
        operations=operations,
        runner=runner,
        settling=Settling(store, runner, linked=lambda: set(entry.subentries), now=dt_util.utcnow),
        jobs=jobs,
        approvals=approvals,
        arr_checks=arr_checks,
        mends=Mends(one.requests, approvals, arr_checks),
        notifier=notifier,
        leaving_notices=LeavingNotices(
            store,
            signals,
            jobs[CLEANUP],
            options=settings.notification_options,
            audiences=partial(notifier.audiences, Event.LEAVING),
            visibility=Visibility(jellyfin.client, jellyfin.server_id),
            now=dt_util.utcnow,
            zone=dt_util.get_default_time_zone,
        ),
        buttons=one.buttons,
        answers=Answers(
            store,
            signals,
            jobs[CLEANUP],
            one.buttons,
            name_of=titles.name_of,
            now=dt_util.utcnow,
            zone=dt_util.get_default_time_zone,
        ),
        leaving_collection=LeavingCollection(
            store,
            jellyfin.client,
            jobs[CLEANUP],
            options=partial(_collection_options, settings),
            dry_run=lambda: settings.options.safety.dry_run,
            name=lambda: said(hass, say("collection_leaving")),
            now=dt_util.utcnow,
        ),
        titles=titles,
    )
    _connect(runtime)
    jobs.connect(parts)
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
    counts: ArrCounts
    falls: Falls
    buttons: Buttons

    @property
    def radarrs(self) -> dict[str, RadarrCoordinator]:
        return self.links.of(RadarrCoordinator)

    @property
    def sonarrs(self) -> dict[str, SonarrCoordinator]:
        return self.links.of(SonarrCoordinator)

    @property
    def seerrs(self) -> dict[str, SeerrCoordinator]:
        return self.links.of(SeerrCoordinator)


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
    buttons = Buttons(store, entry.entry_id, dt_util.utcnow)
    links = Links(
        hass,
        entry,
        signals,
        store,
        requests,
        max_drop=settings.max_drop,
        addresses=PhoneAddresses(hass, buttons),
    )
    arrs = Arrs(links.of(RadarrCoordinator), links.of(SonarrCoordinator))
    library = LibraryReader(jellyfin, store, settings)
    counts = ArrCounts(store, signals, now=dt_util.utcnow, max_drop=settings.max_drop)
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
        counts=counts,
        falls=Falls(library, entry.title, lambda: links.all, counts),
        buttons=buttons,
    )


def _availability(one: _Sources) -> Availability:
    return Availability(
        one.jellyfin,
        one.store,
        one.requests,
        lookup=one.library.lookup,
        path_map=one.arrs.path_map,
    )


def _losses(one: _Sources, availability: Availability) -> Losses:
    return Losses(
        one.jellyfin,
        one.store,
        one.requests,
        present=availability.present,
        has_files=one.arrs.has_files,
        max_drop=one.settings.max_drop,
    )


def _notifier(hass: HomeAssistant, one: _Sources) -> Notifier:
    return Notifier(
        one.store,
        one.signals,
        one.links.subscribers(),
        one.settings.notification_options,
        dt_util.now,
        partial(said, hass),
        silent=_silent,
        token=one.buttons.token,
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


def _collection_options(settings: Settings) -> CollectionOptions:
    return CollectionOptions.from_mapping(settings.page(CLEANUP_PAGE))


def _budget(settings: Settings) -> Budget:
    safety = settings.options.safety
    return Budget(
        max_items=safety.max_items,
        max_bytes=int(safety.max_gb * _GB),
        max_share=safety.max_library_percent,
    )


def _silent(job: str) -> bool:
    """Tell whether nobody's phone has to ring for what a job did."""
    spec = JOBS.get(job)
    return spec is None or not spec.tells


async def _frozen(one: _Sources, plan: Plan) -> Words | None:
    """Say why nothing of a plan may be carried out now (laws 2 and 9); None: it may."""
    spec = JOBS.get(plan.job)
    stopped = one.settings.options.safety.dry_run and not plan.confirmed
    if stopped and (spec is None or spec.confirmed):
        return say("step_paused_by_dry_run")
    return await one.falls.frozen(plan.sources)


# -- who is told what ----------------------------------------------------------------------------


def _connect(runtime: Runtime) -> None:
    """Have the parts hear of what concerns them."""
    playback, jellyfin = runtime.playback, runtime.jellyfin
    playback.enrich = runtime.library.enrich
    playback.runtime_of = Runtimes(runtime.store, runtime.radarrs, runtime.sonarrs).of
    playback.on_completed(runtime.milestones.completed)
    jellyfin.on_userdata.append(runtime.library.saved)
    jellyfin.on_items.append(runtime.availability.hint)
    jellyfin.on_gone.append(runtime.losses.hint)

    def look_at_downloads() -> None:
        for client in runtime.links.of(TorrentCoordinator).values():
            client.look_soon()

    def listen_to(service: ServiceCoordinator[Any]) -> None:
        match service:
            case SeerrCoordinator():
                service.on_hint.append(lambda _: runtime.availability.hint())
            case RadarrCoordinator() | SonarrCoordinator():
                service.on_lost.append(runtime.losses.doubt)
                service.on_grabbed.append(look_at_downloads)

    runtime.links.each(listen_to)
