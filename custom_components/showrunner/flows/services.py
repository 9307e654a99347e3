"""How each linked service proves its key again: what to ask for, and how to try it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from homeassistant.core import HomeAssistant
import voluptuous as vol

from ..const import JELLYSTAT, NTFY, PROWLARR, QBITTORRENT, RADARR, RTORRENT, SEERR, SHOKO, SONARR
from . import arr, jellystat, ntfy, prowlarr, radarr, seerr, shoko, sonarr, torrents


@dataclass(frozen=True, slots=True)
class Reauth:
    """The form's fields, how what is typed joins the stored data, and the try itself."""

    schema: vol.Schema
    merge: Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]
    probe: Callable[[HomeAssistant, Mapping[str, Any]], Awaitable[object]]


SERVICES: Final[Mapping[str, Reauth]] = MappingProxyType(
    {
        RADARR: Reauth(arr.REAUTH_SCHEMA, arr.with_key, radarr.probe),
        SONARR: Reauth(arr.REAUTH_SCHEMA, arr.with_key, sonarr.probe),
        PROWLARR: Reauth(arr.REAUTH_SCHEMA, arr.with_key, prowlarr.probe),
        JELLYSTAT: Reauth(arr.REAUTH_SCHEMA, arr.with_key, jellystat.probe),
        SEERR: Reauth(arr.REAUTH_SCHEMA, arr.with_key, seerr.probe),
        SHOKO: Reauth(arr.REAUTH_SCHEMA, arr.with_key, shoko.probe),
        RTORRENT: Reauth(torrents.RTORRENT_REAUTH, torrents.with_login, torrents.probe_rtorrent),
        QBITTORRENT: Reauth(
            torrents.QBITTORRENT_REAUTH, torrents.with_login, torrents.probe_qbittorrent
        ),
        NTFY: Reauth(ntfy.REAUTH_SCHEMA, ntfy.with_login, ntfy.probe),
    }
)
