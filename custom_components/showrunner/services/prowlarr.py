"""Prowlarr: it is asked for seeders when nothing else decides."""

from typing import Any, ClassVar, Final

from homeassistant.config_entries import ConfigSubentry

from ..clients.prowlarr import PRODUCT, ProwlarrClient
from ..coordinators.prowlarr import ProwlarrCoordinator
from ..flows.keyed import REAUTH_SCHEMA, with_key
from .arr import ArrFlow, ArrLink
from .spec import LinkContext, Reauth, ServiceSpec

KEY: Final = "prowlarr"
LINK: Final = ArrLink(ProwlarrClient, PRODUCT)


def coordinator(context: LinkContext, subentry: ConfigSubentry) -> ProwlarrCoordinator:
    """Build what looks after one Prowlarr."""
    return ProwlarrCoordinator(
        context.hass,
        context.entry,
        context.signals,
        LINK.client(context.hass, subentry.data),
        subentry_id=subentry.subentry_id,
        title=subentry.title,
    )


class ProwlarrFlow(ArrFlow):
    """Add or reconfigure Prowlarr."""

    kind: ClassVar[str] = KEY
    link: ClassVar[ArrLink[Any]] = LINK
    example: ClassVar[str] = "http://192.168.1.10:9696"


SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="Servarr",
    model="Prowlarr",
    flow=ProwlarrFlow,
    coordinator=coordinator,
    reauth=Reauth(REAUTH_SCHEMA, with_key, LINK.probe),
)
