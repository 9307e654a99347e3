"""Jellystat: it knows what was watched before Showrunner looked."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_API_KEY
from homeassistant.core import HomeAssistant

from ..clients.jellystat import PRODUCT, JellystatClient
from ..coordinators.jellystat import JellystatCoordinator
from ..flows.keyed import REAUTH_SCHEMA, KeyedFlow, keyed_client, with_key
from .spec import LinkContext, Reauth, ServiceSpec

KEY: Final = "jellystat"


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> JellystatClient:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl."""
    return keyed_client(hass, data, JellystatClient)


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the product's name. Raise ServiceError."""
    await client(hass, data).status()
    return PRODUCT


def coordinator(context: LinkContext, subentry: ConfigSubentry) -> JellystatCoordinator:
    """Build what looks after one Jellystat."""
    return JellystatCoordinator(
        context.hass,
        context.entry,
        context.signals,
        client(context.hass, subentry.data),
        subentry_id=subentry.subentry_id,
        title=subentry.title,
    )


class JellystatFlow(KeyedFlow):
    """Add or reconfigure Jellystat."""

    kind: ClassVar[str] = KEY
    example: ClassVar[str] = "http://192.168.1.10:3000"

    @staticmethod
    @override
    async def identity(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
        # It says nothing of itself, but makes its keys at random: no other server has this one.
        key: str = data[CONF_API_KEY]
        return key or None

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)


SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="CyferShepard",
    model="Jellystat",
    flow=JellystatFlow,
    coordinator=coordinator,
    reauth=Reauth(REAUTH_SCHEMA, with_key, probe),
)
