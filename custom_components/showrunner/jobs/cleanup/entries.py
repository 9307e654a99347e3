"""The entries of arrs and Seerrs that nobody watches, or whose files have left: which may leave."""

from collections.abc import Mapping
from datetime import datetime

from ...clients.arr_queue import known_queue
from ...clients.sonarr import SonarrSeries
from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...domain.deletion.facts import ProofFacts
from ...domain.inventory import SeriesStatus
from ...domain.knowledge import Absent, Known, Unknown
from ...domain.media import Title
from ...domain.plan import Skip, Target, Wait
from ...domain.text import say
from ..facts.title_asker import TitleAsker, known
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
    now: datetime,
) -> Skip | Wait | None:
    """Say why an entry stays whose files have left; None: nobody wants it again.

    Raises ServiceError.
    """
    arr = radarrs.get(held.record.service) or sonarrs.get(held.record.service)
    if arr is None:
        return Wait(say("cleanup_arr_silent"))
    queue = await known_queue(arr.client, arr.title, now)
    if any(line.media_id == held.record.id for line in queue):
        return Skip(say("undo_under_way"))
    if isinstance(held.requests, Unknown):
        return Wait(held.requests.reason)
    asked = held.requests.value if isinstance(held.requests, Known) else ()
    return Skip(say("undo_requested")) if any(one.open for one in asked) else None


async def against_forgetting(
    titles: TitleAsker, title: Title, target: Target, number: int
) -> Skip | Wait | None:
    """Say why a Seerr must go on to know a title; None: nothing is left of it anywhere.

    What Jellyfin still shows Seerr would find again. Raises ServiceError.
    """
    for arr in tuple(titles.arrs_of(title).values()):
        record = await known("arr", titles.record(arr, title.ids, None))
        if isinstance(record, Unknown):
            return Wait(say("cleanup_arr_silent"))
        held = record.value if isinstance(record, Known) else None
        if held and (held.files or any(unit.file_id is not None for unit in held.units)):
            return Skip(say("seerr_keeps_files"), needless=True)
    proofs = await titles.with_items(title, every_season, ProofFacts(record=Absent()))
    if not isinstance(proofs.evidence, Known) or proofs.evidence.value:
        return Wait(say("jellyfin_still_shows"))
    if await titles.asked_again(target, number):
        return Skip(say("asked_again"), needless=True)
    return None


def every_season(season: int) -> bool:
    """Want all of a title."""
    return True
