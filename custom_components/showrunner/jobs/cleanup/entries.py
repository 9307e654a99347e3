"""The entries of arrs that nobody watches, or of which the files have left: which may leave."""

from collections.abc import Mapping
from datetime import datetime

from ...clients.sonarr import SonarrSeries
from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...domain.inventory import SeriesStatus
from ...domain.knowledge import Known, Unknown
from ...domain.plan import Skip, Wait
from ...domain.text import say
from .held import Held


def may_be_left(one: SonarrSeries) -> bool:
    """Tell whether a series may have left but for its entry: worth asking for its episodes."""
    empty = not one.size_bytes and not any(season.files for season in one.seasons)
    return empty and SeriesStatus.of(one.status) is SeriesStatus.ENDED


def is_old(came: datetime | None, before: datetime | None) -> bool:
    """Tell whether something surely came before then; None: nothing is."""
    return came is not None and before is not None and came <= before


async def against_entry(
    held: Held,
    radarrs: Mapping[str, RadarrCoordinator],
    sonarrs: Mapping[str, SonarrCoordinator],
) -> Skip | Wait | None:
    """Say why an entry stays whose files have left; None: nobody wants it again.

    Raises ServiceError.
    """
    arr = radarrs.get(held.record.service) or sonarrs.get(held.record.service)
    if arr is None:
        return Wait(say("cleanup_arr_silent"))
    if any(line.media_id == held.record.id for line in await arr.client.queue()):
        return Skip(say("undo_under_way"))
    if isinstance(held.requests, Unknown):
        return Wait(held.requests.reason)
    asked = held.requests.value if isinstance(held.requests, Known) else ()
    return Skip(say("undo_requested")) if any(one.open for one in asked) else None
