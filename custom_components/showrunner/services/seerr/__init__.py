"""Seerr: where people ask for films and series, and somebody approves it."""

from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry

from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.seerr import LinkedArr, SeerrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...flows.keyed import REAUTH_SCHEMA, with_key
from ..spec import Diagnostics, LinkContext, Peers, Reauth, ServiceSpec, Webhook
from . import issues
from .flow import KEY, SeerrFlow, client, probe


def coordinator(context: LinkContext, subentry: ConfigSubentry) -> SeerrCoordinator:
    """Build what looks after one Seerr."""
    return SeerrCoordinator(
        context.hass,
        context.entry,
        context.signals,
        client(context.hass, subentry.data),
        context.requests,
        context.store,
        subentry_id=subentry.subentry_id,
        title=subentry.title,
        arrs=lambda: _linked_arrs(context.peers),
        max_drop=context.max_drop,
    )


def _linked_arrs(peers: Peers) -> list[LinkedArr]:
    """List the Radarrs and Sonarrs that are linked now."""
    return [
        LinkedArr(subentry_id, arr.media, arr.client.url)
        for arrs in (peers.of(RadarrCoordinator), peers.of(SonarrCoordinator))
        for subentry_id, arr in arrs.items()
    ]


def _diagnostics(seerr: SeerrCoordinator) -> dict[str, Any]:
    return {
        "version": seerr.data.version if seerr.data else None,
        "requests": seerr.data.requests if seerr.data else None,
        "webhook": seerr.webhook.value,
        "webhooks": seerr.inbox.accepted,
        "webhooks_collapsed": seerr.inbox.collapsed,
        "last_webhook": seerr.inbox.last_at.isoformat() if seerr.inbox.last_at else None,
    }


SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="Seerr",
    model="Seerr",
    flow=SeerrFlow,
    coordinator=coordinator,
    reauth=Reauth(REAUTH_SCHEMA, with_key, probe),
    webhook=Webhook(
        accept=lambda seerr, body: seerr.inbox.accept(body),
        running=lambda seerr: seerr.client.notifications,
        linked=lambda hass, data: client(hass, data).notifications,
    ),
    diagnostics=Diagnostics("seerrs", _diagnostics),
    issues=issues.follow,
    shows_requests=True,
)
