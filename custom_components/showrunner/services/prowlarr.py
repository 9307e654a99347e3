"""Prowlarr: it is asked for seeders when nothing else decides."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant

from ..clients.prowlarr import PRODUCT, ProwlarrClient
from ..coordinators.prowlarr import ProwlarrCoordinator
from ..flows.keyed import REAUTH_SCHEMA, KeyedFlow, keyed_client, with_key
from .arr import of_process, really
from .spec import LinkContext, Reauth, ServiceSpec

KEY: Final = "prowlarr"


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> ProwlarrClient:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl."""
    return keyed_client(hass, data, ProwlarrClient)


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the instance's name. Raise ServiceError."""
    return await really(hass, data, PRODUCT, client(hass, data).status())


def coordinator(context: LinkContext, subentry: ConfigSubentry) -> ProwlarrCoordinator:
    """Build what looks after one Prowlarr."""
    return ProwlarrCoordinator(
        context.hass,
        context.entry,
        context.signals,
        client(context.hass, subentry.data),
        subentry_id=subentry.subentry_id,
        title=subentry.title,
    )


class ProwlarrFlow(KeyedFlow):
    """Add or reconfigure Prowlarr."""

    kind: ClassVar[str] = KEY
    example: ClassVar[str] = "http://192.168.1.10:9696"

    @staticmethod
    @override
    async def identity(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
        return of_process((await client(hass, data).status()).process, data)

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)


SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="Servarr",
    model="Prowlarr",
    flow=ProwlarrFlow,
    coordinator=coordinator,
    reauth=Reauth(REAUTH_SCHEMA, with_key, probe),
)
