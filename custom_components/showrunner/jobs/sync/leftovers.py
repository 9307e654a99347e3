"""What the staging folders hold of releases that are gone for long."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
import logging
import re
from typing import Final

from ...clients.errors import ServiceError
from ...clients.fetching.fetcher import ReleaseFetcher
from .steps import FETCH

_LOGGER = logging.getLogger(__name__)

# What the staging folder holds of a release that is gone is kept for so long.
_LEFTOVERS: Final = timedelta(days=7)
# As the folders of releases in the staging folder are called; what else is there is not ours.
_A_KEY: Final = re.compile(r"[0-9a-f]{40}")


async def clear(
    transfers: Collection[str],
    fetchers: Callable[[str], ReleaseFetcher | None],
    listed: Mapping[str, frozenset[str]],
    under_way: Callable[[], Awaitable[frozenset[str]]],
    now: datetime,
) -> None:
    """Remove what the staging folders hold of releases that are gone for long.

    Transfers may share a local folder: only what none of them lists goes, and nothing while one
    did not list, or listed nothing, as one does that is not mounted. What goes wrong here is in
    nobody's way.
    """
    if not all(listed.get(service) for service in transfers):
        return
    kept = {step.removeprefix(FETCH) for step in await under_way()}.union(*listed.values())
    oldest = (now - _LEFTOVERS).timestamp()
    for service in listed:
        if (fetcher := fetchers(service)) is None:
            continue
        try:
            for key, changed in (await fetcher.staged()).items():
                if key not in kept and changed < oldest and _A_KEY.fullmatch(key):
                    await fetcher.discard(key)
        except ServiceError as err:
            _LOGGER.warning("Not cleared what is left in %s: %s", fetcher.local_path, err)
