"""How an entry's runtime starts, takes in services that come and go, and stops."""

import asyncio
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from ..clients.errors import ServiceError
from ..coordinators.base import ServiceCoordinator
from ..flows import jellyfin
from ..jobs.cleanup import collection
from ..jobs.forgetting import forget_unlinked
from ..settings import Settings
from ..signals import Topic
from ..store import Store, StoreError
from .databases import databases
from .entry import Runtime, database_path

_LOGGER = logging.getLogger(__name__)

_GOODBYE: Final = 10.0


def start(runtime: Runtime) -> None:
    """Begin to work; what runs ends with the entry."""
    for coordinator in (runtime.jellyfin, *runtime.services):
        _look_after(runtime, coordinator)
    runtime.tasks.work(
        (
            ("sessions", runtime.jellyfin.listen),
            ("webhooks", runtime.jellyfin.work_off),
            ("confirmations", runtime.confirmation.work),
            ("library", runtime.library.work),
            ("requests", runtime.requests.work),
            ("availability", runtime.availability.work),
            ("losses", runtime.losses.work),
            ("settling", runtime.settling.work),
            ("notifications", runtime.notifier.work),
            ("leaving notices", runtime.leaving_notices.work),
            ("leaving collection", runtime.leaving_collection.work),
            ("wishes", runtime.answers.work_on_wishes),
            ("questions", runtime.answers.work_on_questions),
            *runtime.jobs.workers,
        )
    )


def _look_after(runtime: Runtime, coordinator: ServiceCoordinator[Any]) -> None:
    """Look after a service from now on."""
    # Coordinators poll only while somebody listens, and we need them without entities too.
    coordinator.until_shutdown(coordinator.async_add_listener(_nothing))
    if coordinator.subentry_id is not None:
        runtime.tasks.work_for(coordinator.subentry_id, coordinator.workers)


def link(runtime: Runtime, subentry: ConfigSubentry) -> None:
    """Take a new service or channel into what runs; it is asked for the first time."""
    coordinator = runtime.links.add(subentry)
    if coordinator is not None:
        _look_after(runtime, coordinator)
        runtime.tasks.once(f"first look at {subentry.title}", coordinator.async_refresh())
    runtime.signals.send(Topic.LINK, "linked", {"subentry_id": subentry.subentry_id})


async def unlink(runtime: Runtime, subentry_id: str) -> None:
    """End what runs for a service that is about to be linked anew."""
    coordinator = runtime.links.remove(subentry_id)
    if coordinator is not None:
        await coordinator.async_shutdown()
        await runtime.tasks.end_of(subentry_id)


async def viewers_changed(runtime: Runtime) -> None:
    """Take over who is a viewer now. What an untracked one plays is let go."""
    runtime.settings.refresh()
    await _let_go(runtime)


def options_changed(runtime: Runtime) -> None:
    """Take over changed options without a reload."""
    runtime.settings.refresh()
    runtime.tasks.once("close what paused viewers play", _let_go(runtime))
    runtime.signals.send(Topic.OPTIONS, "changed", {})
    runtime.jobs.options_changed()
    runtime.leaving_collection.options_changed()


async def _let_go(runtime: Runtime) -> None:
    try:
        await runtime.playback.let_go()
    except StoreError as err:
        _LOGGER.warning("Could not keep what a paused viewer was playing: %s", err)


async def stop(runtime: Runtime) -> None:
    """End what runs, keep what is open and close the store. May be called twice."""
    if runtime.tasks.stopped:
        return
    runtime.tasks.stopped = True
    await databases(runtime.hass).rouse(runtime.store)
    try:
        await _end(runtime)
    finally:
        await databases(runtime.hass).close(runtime.store)


async def _end(runtime: Runtime) -> None:
    # While everything still works: who has pressed was told that it is taken.
    await runtime.answers.finish()
    for spec, job in runtime.jobs:
        await spec.stop(job)
    for coordinator in (runtime.jellyfin, *runtime.services):
        await coordinator.async_shutdown()
    await runtime.tasks.end()
    await runtime.jellyfin.inbox.drain()
    await runtime.playback.save()
    await _save_requests(runtime)
    viewers = runtime.viewers.keys() - Settings(runtime.entry).viewers.keys()
    services = {one.subentry_id for one in runtime.services} - runtime.entry.subentries.keys()
    if viewers or services:
        # Removed before our eyes: nothing else can explain that they are missing.
        await forget(runtime, certain=True)


async def _save_requests(runtime: Runtime) -> None:
    try:
        await runtime.requests.save()
    except StoreError as err:
        _LOGGER.warning("Could not keep how far transfers are; their clients know: %s", err)


async def forget(runtime: Runtime, *, certain: bool) -> None:
    """Erase what was recorded of viewers who are no longer linked, as the entry is now.

    And the requests of services that are not: without their source nothing would end them.
    """
    store, entry = runtime.store, runtime.entry
    linked = {viewer.user_id: viewer.name for viewer in Settings(entry).viewers.values()}
    try:
        await forget_unlinked(store, linked, certain=certain)
        if certain:
            await runtime.requests.forget_unlinked(entry.subentries)
            await store.kv.forget_unlinked(entry.subentries.keys())
    except StoreError as err:
        _LOGGER.warning("Could not look whom to forget; the next start does: %s", err)


async def remove_collection(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Take our collection out of Jellyfin; what is down is not waited for long."""
    reason = "no answer in time"
    try:
        async with asyncio.timeout(_GOODBYE):
            store = await Store.open(database_path(hass, entry.entry_id))
            try:
                ours = await collection.read(store)
                await collection.take_away(store, await jellyfin.client(hass, entry.data), ours)
            finally:
                await store.close()
            return
    except TimeoutError:
        pass
    except (ServiceError, StoreError) as err:
        reason = str(err)
    _LOGGER.warning("Could not look after our collection in Jellyfin: %s", reason)


def _nothing() -> None:
    """Listen, so that the coordinator polls."""
