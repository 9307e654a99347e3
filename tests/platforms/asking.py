"""Asking for a title."""

from datetime import timedelta
from typing import Any

from homeassistant.util import dt as dt_util

from custom_components.showrunner.coordinators.radarr import RadarrCoordinator
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.requests.facts import (
    Fact,
)
from custom_components.showrunner.domain.requests.request import Request
from tests.walk.household import Household, until


async def ask(house: Household, number: int = 1, *facts: Fact, days: float = 0) -> Request:
    """Take in a request of a film that no service of the demo knows."""
    ref = f"seerr:none:{number}"
    ids = ProviderIds(tmdb=999_122 + number)
    request = Request(
        ref,
        ref,
        Title(MediaType.MOVIE, ids, f"A Wish {number}", 2020),
        dt_util.utcnow() - timedelta(days=days),
        requested_by="Sofa",
    )
    await house.runtime.requests.asked([(request, facts)])
    # Radarr is looked at at once, and has no such film: what is told after that is newer.
    await until(lambda: not any(_looks(one) for one in house.runtime.radarrs.values()))
    return request


def _looks(radarr: RadarrCoordinator) -> bool:
    """Tell whether it is being looked at because somebody told of something."""
    return radarr._looks is not None and not radarr._looks.done()


def now() -> Any:
    """Read the clock."""
    return dt_util.utcnow()
