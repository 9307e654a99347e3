"""Ask Jellyfin on behalf of the flows: is it there, is it ours to read, what does it have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.webhook import async_generate_url
from homeassistant.const import (
    CONF_API_KEY,
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.instance_id import async_get as async_get_instance_id
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.helpers.translation import async_get_translations
import voluptuous as vol

from ..clients.jellyfin import JellyfinClient, JellyfinServer, create_api_key, login, logout
from ..const import DOMAIN
from .common import read_url, tls_fields, url_fields
from .fields import KEY, PASSWORD, USERNAME

KNOWN_DOMAIN: Final = "jellyfin"
_WEBHOOK_PLUGIN: Final = "Webhook"
# Stands for the secret part of the webhook's address.
_HIDDEN: Final = "…"


@dataclass(frozen=True, slots=True)
class Link:
    """A Jellyfin that answered to an administrator's key."""

    server: JellyfinServer
    data: Mapping[str, Any]


def key_schema(*, keep: bool = False) -> vol.Schema:
    """Return the form for an API key; `keep` lets an empty key mean the stored one."""
    key = vol.Optional if keep else vol.Required
    return vol.Schema({**url_fields(), key(CONF_API_KEY): KEY, **tls_fields()})


def login_schema() -> vol.Schema:
    """Return the form for an administrator's name and password."""
    return vol.Schema(
        {
            **url_fields(),
            vol.Required(CONF_USERNAME): USERNAME,
            vol.Required(CONF_PASSWORD): PASSWORD,
            **tls_fields(),
        }
    )


def client_of(hass: HomeAssistant, data: Mapping[str, Any], device_id: str) -> JellyfinClient:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl.

    `device_id` names this Home Assistant to Jellyfin.
    """
    return JellyfinClient(
        async_get_clientsession(hass, data[CONF_VERIFY_SSL]),
        read_url(data[CONF_URL]),
        data[CONF_API_KEY],
        device_id=device_id,
    )


async def client(hass: HomeAssistant, data: Mapping[str, Any]) -> JellyfinClient:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl."""
    return client_of(hass, data, await async_get_instance_id(hass))


async def server(hass: HomeAssistant, data: Mapping[str, Any]) -> JellyfinServer:
    """Ask who answers there, without a key. Raise ServiceError, InvalidUrl."""
    return await (await client(hass, {**data, CONF_API_KEY: ""})).server()


async def link(hass: HomeAssistant, data: Mapping[str, Any]) -> Link:
    """Try url, api_key and verify_ssl. Raise ServiceError, InvalidUrl."""
    jellyfin = await client(hass, data)
    return Link(
        await jellyfin.check_admin(),
        {
            CONF_URL: jellyfin.url,
            CONF_API_KEY: data[CONF_API_KEY],
            CONF_VERIFY_SSL: data[CONF_VERIFY_SSL],
        },
    )


async def link_by_login(hass: HomeAssistant, data: Mapping[str, Any]) -> Link:
    """Sign in as an administrator, make an API key, sign out again.

    Name and password are in no part of the result. Raise ServiceError, InvalidUrl; nothing is left
    behind on the server unless a key was made.
    """
    session = async_get_clientsession(hass, data[CONF_VERIFY_SSL])
    url = read_url(data[CONF_URL])
    device_id = await async_get_instance_id(hass)
    token = await login(session, url, data[CONF_USERNAME], data[CONF_PASSWORD], device_id)
    try:
        await link(hass, {**data, CONF_API_KEY: token})
        key = await create_api_key(session, url, token)
    finally:
        await logout(session, url, token)
    return await link(hass, {**data, CONF_API_KEY: key})


def internal_webhook_url(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return the address that Jellyfin would post to, None when Home Assistant has no inner one."""
    try:
        return async_generate_url(hass, webhook_id, allow_external=False, prefer_external=False)
    except NoURLAvailableError:
        return None


async def shown_webhook_url(hass: HomeAssistant) -> str:
    """Say what would be called, without its secret; in words where there is no address yet."""
    url = internal_webhook_url(hass, _HIDDEN)
    if url is not None:
        return url
    texts = await async_get_translations(hass, hass.config.language, "selector", [DOMAIN])
    return texts.get(f"component.{DOMAIN}.selector.webhook_url.options.none", "Home Assistant")


async def has_webhook_plugin(hass: HomeAssistant, data: Mapping[str, Any]) -> bool:
    """Tell whether Jellyfin's Webhook plugin is installed. Raise ServiceError."""
    plugins = await (await client(hass, data)).plugins()
    return any(plugin.name == _WEBHOOK_PLUGIN for plugin in plugins)
