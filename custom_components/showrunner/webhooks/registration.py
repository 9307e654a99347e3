"""Our webhook on the other side: Jellyfin and the services are told to call us, and no more."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
import logging
from typing import Any, Final

from homeassistant.components.webhook import async_generate_id, async_generate_path
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from ..const import CONF_ADD_WEBHOOK, CONF_WEBHOOK_ID
from ..flows import jellyfin
from ..runtime import ServiceError, ShowrunnerConfigEntry
from ..services import SERVICES
from ..services.spec import Webhook

_LOGGER = logging.getLogger(__name__)

WEBHOOK_NAME = "Showrunner"
AGAIN: Final = timedelta(minutes=15)
_GOODBYE: Final = 10.0


def _webhook(subentry: ConfigSubentry) -> Webhook[Any] | None:
    """Say how a service calls us; None for what never does."""
    spec = SERVICES.get(subentry.subentry_type)
    return None if spec is None else spec.webhook


async def add_webhook(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Add our webhook to Jellyfin's plugin if the person agreed; polling goes on beside it."""
    if not entry.data.get(CONF_ADD_WEBHOOK):
        return
    url = jellyfin.internal_webhook_url(hass, entry.data[CONF_WEBHOOK_ID])
    if url is None:
        _LOGGER.warning("Home Assistant has no address in the home network: polling Jellyfin only")
        return
    try:
        if await entry.runtime_data.jellyfin.client.add_webhook(url, WEBHOOK_NAME):
            _LOGGER.info("Added our webhook to Jellyfin's Webhook plugin")
    except ServiceError as err:
        _LOGGER.warning("Could not add our webhook to Jellyfin (polling only): %s", err.message)


async def remove_webhook(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Take our webhook out of Jellyfin's plugin again, if it was ours to add."""
    if not entry.data.get(CONF_ADD_WEBHOOK):
        return
    url = jellyfin.internal_webhook_url(hass, entry.data[CONF_WEBHOOK_ID])
    if url is None:
        return
    try:
        client = await jellyfin.client(hass, entry.data)
        await client.remove_webhook(url)
    except ServiceError as err:
        _LOGGER.warning(
            "Could not take our webhook out of Jellyfin's Webhook plugin: %s", err.message
        )


def give_webhook_ids(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Give a webhook id to what was linked before its service could call us."""
    for subentry in tuple(entry.subentries.values()):
        give_webhook_id(hass, entry, subentry)


def give_webhook_id(hass: HomeAssistant, entry: ConfigEntry[Any], subentry: ConfigSubentry) -> None:
    """Give a webhook id to a service that can call us, if it has none."""
    if _webhook(subentry) is not None and not subentry.data.get(CONF_WEBHOOK_ID):
        data = {**subentry.data, CONF_WEBHOOK_ID: async_generate_id()}
        hass.config_entries.async_update_subentry(entry, subentry, data=data)


async def add_service_webhook(
    hass: HomeAssistant, entry: ShowrunnerConfigEntry, subentry_id: str
) -> None:
    """Add our webhook to a service if the person agreed; polling goes on beside it.

    Our webhook is answered by now: the other side calls it while it is being told.
    """
    subentry = entry.subentries[subentry_id]
    data, webhook = subentry.data, _webhook(subentry)
    service = entry.runtime_data.links.get(subentry_id)
    if webhook is None or service is None or not data.get(CONF_ADD_WEBHOOK):
        return
    url = jellyfin.internal_webhook_url(hass, data[CONF_WEBHOOK_ID])
    if url is None:
        _LOGGER.warning(
            "Home Assistant has no address in the home network: polling %s only", service.title
        )
        return
    complained = False
    while True:
        try:
            if await webhook.running(service).ensure(url):
                _LOGGER.info("Added our webhook to %s", service.title)
        except ServiceError as err:
            if not complained:
                _LOGGER.warning(
                    "Could not add our webhook to %s (polling only; tried again later): %s",
                    service.title,
                    err.message,
                )
                complained = True
        else:
            return
        await asyncio.sleep(AGAIN.total_seconds())


@dataclass(frozen=True, slots=True)
class Agreed:
    """A service that was told to call us, as it was linked then: subentries change in place."""

    webhook: Webhook[Any]
    title: str
    data: Mapping[str, Any]


def agreed_webhooks(entry: ConfigEntry[Any]) -> dict[str, Agreed]:
    """List the services that are told to call us, by their subentries' ids."""
    return {
        key: Agreed(webhook, subentry.title, dict(subentry.data))
        for key, subentry in entry.subentries.items()
        if (webhook := _webhook(subentry)) is not None and subentry.data.get(CONF_ADD_WEBHOOK)
    }


async def remove_service_webhooks(hass: HomeAssistant, services: Iterable[Agreed]) -> None:
    """Take our webhooks out of these again; what is down is not waited for long."""
    await asyncio.gather(*(_remove_from(hass, service) for service in services))


async def _remove_from(hass: HomeAssistant, service: Agreed) -> None:
    webhook_id = service.data.get(CONF_WEBHOOK_ID)
    # Found by its path alone: any address of ours does.
    url = async_generate_path(webhook_id) if webhook_id else None
    if url is None:
        return
    reason = "no answer in time"
    try:
        async with asyncio.timeout(_GOODBYE):
            await service.webhook.linked(hass, service.data).remove(url)
            return
    except TimeoutError:
        pass
    except ServiceError as err:
        reason = err.message
    _LOGGER.warning(
        "Could not take our webhook out of %s, remove it by hand: %s", service.title, reason
    )
