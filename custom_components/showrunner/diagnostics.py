"""Diagnostics: counts, versions and states; a list of what is shown, not of what is hidden."""

from collections.abc import Mapping, Sized
from dataclasses import asdict
from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant

from .coordinators.base import ServiceCoordinator
from .runtime import Runtime, ShowrunnerConfigEntry
from .services import SERVICES


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: ShowrunnerConfigEntry
) -> dict[str, Any]:
    """Show how one entry stands, without addresses, keys, names of people or titles."""
    runtime = entry.runtime_data
    return {
        "jellyfin": _jellyfin(runtime),
        "library": await _library(runtime),
        "services": [_service(service) for service in runtime.services],
        **_kinds(runtime),
        "viewers": [
            {
                "completion": viewer.completion,
                "rewatch_count": viewer.rewatch_count,
                "rewatch_days": viewer.rewatch_days,
                "may_download": viewer.may_download,
            }
            for viewer in runtime.viewers.values()
        ],
        "options": _options(runtime),
        "jobs": {
            spec.key: dict(spec.diagnostics(job))
            for spec, job in runtime.jobs
            if spec.diagnostics is not None
        },
        "store": await _store(runtime),
        "notifications_given_up": runtime.notifier.undelivered,
    }


def _jellyfin(runtime: Runtime) -> dict[str, Any]:
    jellyfin = runtime.jellyfin
    return {
        **_service(jellyfin),
        "version": jellyfin.data.server.version if jellyfin.data else None,
        "streams": len(jellyfin.data.streams) if jellyfin.data else None,
        "websocket": jellyfin.pushing,
        "webhook_wanted": runtime.entry.data.get("add_webhook"),
        "webhooks": jellyfin.inbox.accepted,
        "webhooks_ignored": jellyfin.inbox.ignored,
        "webhooks_collapsed": jellyfin.inbox.collapsed,
        "last_webhook": _iso(jellyfin.inbox.last_at),
    }


async def _library(runtime: Runtime) -> dict[str, Any]:
    store = runtime.store
    states = [await store.userdata.state(viewer_id) for viewer_id in runtime.viewers]
    return {
        **(await store.library.state()).as_dict(),
        "viewers": [state.as_dict() for state in states],
        "error": runtime.library.last_error or None,
    }


def _kinds(runtime: Runtime) -> dict[str, list[dict[str, Any]]]:
    """Show what each kind of service has to show beside what all have."""
    shown: dict[str, list[dict[str, Any]]] = {}
    for spec in SERVICES.values():
        if spec.diagnostics is not None:
            section = shown.setdefault(spec.diagnostics.section, [])
            for subentry in runtime.entry.get_subentries_of_type(spec.key):
                if (service := runtime.links.get(subentry.subentry_id)) is not None:
                    section.append(spec.diagnostics.show(service))
    return shown


def _service(service: ServiceCoordinator[Any]) -> dict[str, Any]:
    return {
        "service": service.service,
        "connected": service.connected,
        "error": type(service.last_exception).__name__ if service.last_exception else None,
        "last_success": service.last_success.isoformat() if service.last_success else None,
        "interval": service.update_interval.total_seconds() if service.update_interval else None,
    }


def _options(runtime: Runtime) -> dict[str, Any]:
    options = runtime.options
    return {
        "watching": _plain(asdict(options.watching)),
        "downloads": {
            "policy": _plain(asdict(options.downloads.policy)),
            "enabled": options.downloads.enabled,
            "searches_per_hour": options.downloads.searches_per_hour,
            "quality_profile": bool(options.downloads.quality_profile),
            "root_folder": bool(options.downloads.root_folder),
            "tag": bool(options.downloads.tag),
        },
        "safety": _plain(asdict(options.safety)),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    """Show switches and numbers; of what people wrote themselves only how much it is."""
    return {
        name: len(value) if isinstance(value, Sized) else value
        for name, value in values.items()
        if value is None or isinstance(value, bool | int | float | Sized)
    }


async def _store(runtime: Runtime) -> dict[str, Any]:
    store = runtime.store
    pursuits = await store.acquisitions.open()
    return {
        "open_acquisitions": [
            {"state": one.state.value, "attempts": one.attempts} for one in pursuits
        ],
        "unfinished_changes": len(await store.ledger.unfinished()),
        "plans": [plan.totals for plan in await store.plans.recent(10)],
    }
