"""Diagnostics: counts, versions and states; a list of what is shown, not of what is hidden."""

from dataclasses import asdict
from typing import Any

from homeassistant.core import HomeAssistant

from .coordinators.base import ServiceCoordinator
from .runtime import Runtime, ShowrunnerConfigEntry


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: ShowrunnerConfigEntry
) -> dict[str, Any]:
    """Show how one entry stands, without addresses, keys, names of people or titles."""
    runtime = entry.runtime_data
    return {
        "jellyfin": _jellyfin(runtime),
        "services": [_service(service) for service in runtime.services],
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
        "store": await _store(runtime),
        "notifications_given_up": runtime.notifier.undelivered,
    }


def _jellyfin(runtime: Runtime) -> dict[str, Any]:
    jellyfin = runtime.jellyfin
    return {
        **_service(jellyfin),
        "version": jellyfin.data.server.version if jellyfin.data else None,
        "streams": len(jellyfin.data.streams) if jellyfin.data else None,
        "webhook_wanted": runtime.entry.data.get("add_webhook"),
        "webhooks": jellyfin.webhooks,
        "webhooks_ignored": jellyfin.webhooks_ignored,
        "webhooks_collapsed": jellyfin.webhooks_collapsed,
        "last_webhook": jellyfin.last_webhook.isoformat() if jellyfin.last_webhook else None,
    }


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
    policy = asdict(options.downloads.policy)
    # People write what they like into these; their number is enough.
    for name in ("keywords", "genres_instant", "genres_rare", "genres_excluded"):
        policy[name] = len(policy[name])
    policy.pop("favorite_tag")
    return {
        "watching": asdict(options.watching),
        "downloads": {
            "policy": policy,
            "enabled": options.downloads.enabled,
            "searches_per_hour": options.downloads.searches_per_hour,
            "quality_profile": bool(options.downloads.quality_profile),
            "root_folder": bool(options.downloads.root_folder),
            "tag": bool(options.downloads.tag),
        },
        "safety": asdict(options.safety),
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
