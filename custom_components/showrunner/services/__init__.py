"""Which services can be linked: the one list of them, in the order of what they are good for."""

from typing import Any

from homeassistant.config_entries import ConfigEntry

from . import (
    jellystat,
    notify,
    ntfy,
    prowlarr,
    qbittorrent,
    radarr,
    rtorrent,
    seerr,
    shoko,
    sonarr,
    transfer,
)
from .spec import ServiceSpec

# By the subentries' type. Read anew by everyone who works on all kinds.
SERVICES: dict[str, ServiceSpec[Any]] = {
    spec.key: spec
    for spec in (
        radarr.SPEC,
        sonarr.SPEC,
        seerr.SPEC,
        qbittorrent.SPEC,
        rtorrent.SPEC,
        transfer.SPEC,
        prowlarr.SPEC,
        shoko.SPEC,
        jellystat.SPEC,
        ntfy.SPEC,
        notify.SPEC,
    )
}


def matches_anime(entry: ConfigEntry[Any]) -> bool:
    """Tell whether a service is linked that knows an anime before Jellyfin does."""
    kinds = {subentry.subentry_type for subentry in entry.subentries.values()}
    return any(spec.matches_anime for key, spec in SERVICES.items() if key in kinds)
