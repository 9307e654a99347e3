"""Which services can be linked: the one list of them, in the order of what they are good for."""

from typing import Any

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
        prowlarr.SPEC,
        shoko.SPEC,
        jellystat.SPEC,
        ntfy.SPEC,
        notify.SPEC,
    )
}
