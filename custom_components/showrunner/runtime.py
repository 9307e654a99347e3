"""What one entry has at run time; the only thing that faces hold.

Starts and stops what `assembly` put together, and answers what faces ask.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from itertools import chain
import logging
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.instance_id import async_get as async_get_instance_id
from homeassistant.util import dt as dt_util

from .assembly import Assembly
from .clients.errors import NotOurs, ServiceError
from .const import (
    DOMAIN,
    OPT_PAUSED_VIEWERS,
)
from .coordinators.base import ServiceCoordinator
from .coordinators.jellystat import JellystatCoordinator
from .coordinators.requests import RequestView
from .databases import databases
from .domain.fall import FallBusy, FallMoved
from .domain.plan import Plan
from .jobs.approve import NotHandedOn, NotWaiting
from .jobs.fetching import PlanUnknown
from .jobs.forgetting import forget_unlinked
from .jobs.history_import import (
    ImportCounts,
    ImportFailed,
    ImportRunning,
    ImportSource,
    NothingTracked,
)
from .jobs.refresh import PathUnknown, RefreshRunning
from .jobs.request_deletion import RequestUnknown
from .jobs.runner import AlreadyRunning, PlanExpired
from .jobs.title_lookup import KindNotTold, Meant, TitleAmbiguous, TitleUnknown
from .services.linked import Door
from .settings import Settings
from .signals import Attributes, Topic
from .steady import steadily
from .store import Store, StoreError
from .texts import said

__all__ = [
    "AlreadyRunning",
    "Door",
    "FallBusy",
    "FallMoved",
    "ImportFailed",
    "ImportRunning",
    "ImportSource",
    "Meant",
    "NotHandedOn",
    "NotOurs",
    "NotWaiting",
    "NothingTracked",
    "PathUnknown",
    "PlanExpired",
    "PlanUnknown",
    "RefreshRunning",
    "RequestUnknown",
    "Runtime",
    "ServiceError",
    "ShowrunnerConfigEntry",
    "database_path",
]

_LOGGER = logging.getLogger(__name__)

type ShowrunnerConfigEntry = ConfigEntry[Runtime]


def database_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Say where an entry's database lies."""
    return Path(hass.config.path(f"{DOMAIN}-{entry_id}.db"))


class Runtime(Assembly):
    """One entry at run time."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], store: Store, device_id: str
    ) -> None:
        """Build everything; nothing is asked and nothing runs yet."""
        super().__init__(hass, entry, store, device_id)
        self._tasks: list[asyncio.Task[None]] = []
        # What runs for each linked service, and what ends with its link.
        self._of_service: dict[str, list[asyncio.Task[None]]] = {}
        self._stopped = False

    @classmethod
    async def create(cls, hass: HomeAssistant, entry: ConfigEntry[Any]) -> Runtime:
        """Open the store and build. Raises StoreError when the store can't be opened."""
        store = await databases(hass).open(database_path(hass, entry.entry_id))
        return cls(hass, entry, store, await async_get_instance_id(hass))

    def start(self) -> None:
        """Begin to work; what runs ends with the entry."""
        self._begin(self.jellyfin)
        for coordinator in self.services:
            self._begin(coordinator)
        self._tasks = [
            self._steadily(name, work)
            for name, work in (
                ("sessions", self.jellyfin.listen),
                ("webhooks", self.jellyfin.work_off),
                ("confirmations", self.confirmation.work),
                ("downloads", self._pursue),
                ("library", self.library.work),
                ("refresh", self.refresh.work),
                ("requests", self.requests.work),
                ("sights", self.sights.work),
                ("losses", self.losses.work),
                ("settling", self.settling.work),
                ("deletions", self.deletions.work),
                ("retention", self.retention.work),
                ("notifications", self.notifier.work),
            )
        ]

    def _begin(self, coordinator: ServiceCoordinator[Any]) -> None:
        """Look after a service from now on."""
        # Coordinators poll only while somebody listens, and we need them without entities too.
        coordinator.until_shutdown(coordinator.async_add_listener(_nothing))
        subentry_id = coordinator.subentry_id
        if subentry_id is not None:
            self._of_service[subentry_id] = [
                self._steadily(name, work) for name, work in coordinator.workers
            ]

    def _steadily(
        self, name: str, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> asyncio.Task[None]:
        return self.entry.async_create_background_task(
            self.hass, steadily(name, work), f"{DOMAIN} {name}"
        )

    # -- links that come and go ------------------------------------------------------------------

    def each_link(self, add: Callable[[str], None]) -> Callable[[], None]:
        """Call `add` for the id of every subentry there is, and of every one that is added.

        Returns what ends that.
        """
        for subentry_id in tuple(self.entry.subentries):
            add(subentry_id)

        def changed(kind: str, attributes: Attributes) -> None:
            if kind == "linked":
                add(str(attributes["subentry_id"]))

        return self.signals.subscribe(Topic.LINK, changed)

    def link(self, subentry: ConfigSubentry) -> None:
        """Take a new service or channel into what runs; it is asked for the first time."""
        coordinator = self.links.add(subentry)
        if coordinator is not None:
            self.joined(coordinator)
            self._begin(coordinator)
            self.entry.async_create_background_task(
                self.hass, coordinator.async_refresh(), f"{DOMAIN} first look at {subentry.title}"
            )
        self.signals.send(Topic.LINK, "linked", {"subentry_id": subentry.subentry_id})

    async def unlink(self, subentry_id: str) -> None:
        """End what runs for a service that is about to be linked anew."""
        coordinator = self.links.remove(subentry_id)
        if coordinator is not None:
            await coordinator.async_shutdown()
            await _ended(self._of_service.pop(subentry_id, ()))

    async def viewers_changed(self) -> None:
        """Take over who is a viewer now. What an untracked one plays is let go."""
        self.settings.refresh()
        await self._let_go()

    async def _pursue(self) -> None:
        await self.downloads.catch_up()
        await self.downloads.work()

    async def stop(self) -> None:
        """End what runs, keep what is open and close the store. May be called twice."""
        if self._stopped:
            return
        self._stopped = True
        await databases(self.hass).rouse(self.store)
        try:
            await self._end()
        finally:
            await databases(self.hass).close(self.store)

    async def _end(self) -> None:
        await self.imports.stop()
        for coordinator in (self.jellyfin, *self.services):
            await coordinator.async_shutdown()
        await _ended([*self._tasks, *chain.from_iterable(self._of_service.values())])
        await self.jellyfin.inbox.drain()
        await self.playback.save()
        await self._save_requests()
        viewers = self.settings.viewers.keys() - Settings(self.entry).viewers.keys()
        services = {one.subentry_id for one in self.services} - self.entry.subentries.keys()
        if viewers or services:
            # Removed before our eyes: nothing else can explain that they are missing.
            await self.forget_unlinked(certain=True)

    async def _save_requests(self) -> None:
        try:
            await self.requests.save()
        except StoreError as err:
            _LOGGER.warning("Could not keep how far transfers are; their clients know: %s", err)

    async def forget_unlinked(self, *, certain: bool) -> None:
        """Erase what was recorded of viewers who are no longer linked, as the entry is now.

        And the requests of services that are not: without their source nothing would end them.
        """
        linked = {viewer.user_id: viewer.name for viewer in Settings(self.entry).viewers.values()}
        try:
            await forget_unlinked(self.store, linked, certain=certain)
            if certain:
                await self.requests.forget_unlinked(self.entry.subentries)
                await self.store.kv.forget_unlinked(self.entry.subentries.keys())
        except StoreError as err:
            _LOGGER.warning("Could not look whom to forget; the next start does: %s", err)

    def options_changed(self) -> None:
        """Take over changed options without a reload."""
        self.settings.refresh()
        self.entry.async_create_background_task(
            self.hass, self._let_go(), f"{DOMAIN} close what paused viewers play"
        )
        self.signals.send(Topic.OPTIONS, "changed", {})
        self.downloads.run_now()
        self.refresh.options_changed()

    async def _let_go(self) -> None:
        try:
            await self.playback.let_go()
        except StoreError as err:
            _LOGGER.warning("Could not keep what a paused viewer was playing: %s", err)

    async def set_tracking(self, user_id: str, *, on: bool) -> None:
        """Pause a viewer, or go on. What they play is kept up to now; the history stays."""
        paused = {one for one in self.viewers if self.settings.paused(one)}
        paused = paused - {user_id} if on else paused | {user_id}
        self.hass.config_entries.async_update_entry(
            self.entry, options={**self.entry.options, OPT_PAUSED_VIEWERS: sorted(paused)}
        )
        self.settings.refresh()
        await self.playback.let_go()

    async def set_option(self, section: str, key: str, value: object) -> None:
        """Change one option; the update listener takes it over."""
        page = {**self.entry.options.get(section, {}), key: value}
        self.hass.config_entries.async_update_entry(
            self.entry, options={**self.entry.options, section: page}
        )
        self.settings.refresh()

    async def import_history(self, source: ImportSource, service: str | None) -> ImportCounts:
        """Import what others kept. `service`: which Jellystat, where there are several.

        Raises ImportRunning, ImportFailed, NothingTracked, ServiceValidationError.
        """
        match source:
            case ImportSource.JELLYFIN:
                return await self.imports.from_jellyfin()
            case ImportSource.PLAYBACK_REPORTING:
                # What the server's clock shows has no zone; most servers share Home Assistant's.
                zone = dt_util.get_default_time_zone()
                client = self.jellyfin.client.playback_reporting(zone)
                return await self.imports.from_playback_reporting(client)
        linked = self.links.of(JellystatCoordinator)
        known = linked.get(service) if service else None
        if service is None and len(linked) == 1:
            known = next(iter(linked.values()))
        if known is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="jellystat_unknown" if service or not linked else "jellystat_many",
                translation_placeholders={"service": service or "Jellystat"},
            )
        return await self.imports.from_jellystat(known.client)

    async def apply_plan(
        self, plan_id: str, steps: Collection[str] | None = None, *, dry_run: bool = False
    ) -> Plan:
        """Carry out a plan, or some of its steps, by the job that made it.

        Raises PlanUnknown, PlanExpired, AlreadyRunning.
        """
        plan = await self.store.plans.get(plan_id)
        if plan is not None and plan.job == self.deletions.NAME:
            return await self.deletions.apply(plan, steps, dry_run=dry_run)
        return await self.downloads.apply_plan(plan_id, steps, dry_run=dry_run)

    async def find_requests(
        self, states: Collection[str] | None, *, stuck: bool | None, limit: int
    ) -> tuple[RequestView, ...]:
        """Find requests, the last first; closed ones only when they are asked for."""
        views = [
            view
            for view in self.requests.views.values()
            if (not states or view.status.state.value in states)
            and (stuck is None or stuck == (view.status.stuck is not None))
        ]
        if states and "closed" in states and not stuck:
            rows = await self.store.requests.closed(limit)
            views += [RequestView(row.request, row.status) for row in rows if row.status]
        views.sort(key=lambda view: view.request.requested_at, reverse=True)
        return tuple(views[:limit])

    async def resolve_title(self, text: str) -> Meant:
        """Read a title as people write it. Raises ServiceValidationError, HomeAssistantError."""
        try:
            return await self.titles.find(text)
        except TitleUnknown as err:
            raise _refused("title_unknown", title=text) from err
        except KindNotTold as err:
            raise _refused("title_kind_unknown", title=text) from err
        except TitleAmbiguous as err:
            named = ", ".join(
                f"{one.label} ({next(iter(one.key.names), one.media.value)})"
                for one in err.candidates
            )
            raise _refused("title_ambiguous", title=text, candidates=named) from err
        except ServiceError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="service_failed",
                translation_placeholders={
                    "service": err.service,
                    "error": said(self.hass, err.said),
                },
            ) from err


def _refused(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


async def _ended(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they are over."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _nothing() -> None:
    """Listen, so that the coordinator polls."""
