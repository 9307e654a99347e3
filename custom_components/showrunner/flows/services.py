"""How each linked service proves its key again: what to ask for, and how to try it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from homeassistant.core import HomeAssistant
import voluptuous as vol

from ..const import NTFY, PROWLARR, RADARR
from . import arr, ntfy, prowlarr, radarr


@dataclass(frozen=True, slots=True)
class Reauth:
    """The form's fields, how what is typed joins the stored data, and the try itself."""

    schema: vol.Schema
    merge: Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]
    probe: Callable[[HomeAssistant, Mapping[str, Any]], Awaitable[object]]


SERVICES: Final[Mapping[str, Reauth]] = MappingProxyType(
    {
        RADARR: Reauth(arr.REAUTH_SCHEMA, arr.with_key, radarr.probe),
        PROWLARR: Reauth(arr.REAUTH_SCHEMA, arr.with_key, prowlarr.probe),
        NTFY: Reauth(ntfy.REAUTH_SCHEMA, ntfy.with_login, ntfy.probe),
    }
)
