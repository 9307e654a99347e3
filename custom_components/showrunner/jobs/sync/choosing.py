"""What is fetched of one transfer now, and what of it is left, with the reason."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from ...clients.fetching.fetcher import ReleaseFetcher
from ...domain.plan import LeftOut, Step
from ...domain.transfer.selection import Fetch, Leave
from ...domain.transfer.sizes import in_order
from ...domain.transfer.tree import shown
from ..refused import Refused
from .gather import SyncFacts
from .steps import steps


class TransferUnknown(Refused):
    """No such transfer is linked."""

    def __init__(self, transfer: str) -> None:
        """Take what was asked for."""
        super().__init__(translation_key="transfer_unknown", transfer=transfer)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was found of one transfer. `settled`: nothing of it is left for another time.

    `keys`: all that is listed, as the staging folder names it.
    """

    steps: tuple[Step, ...]
    left_out: tuple[LeftOut, ...]
    settled: bool
    keys: frozenset[str] = frozenset()


async def choose(
    service: str,
    fetcher: ReleaseFetcher | None,
    facts: SyncFacts,
    exclude: Collection[str],
    now: datetime,
    *,
    by_clock: bool,
) -> Chosen:
    """Look at what one transfer has, and say what is fetched of it now. Raises ServiceError."""
    if fetcher is None:
        return Chosen((), (), settled=False)
    # Before the seedbox is asked: it would be in vain.
    await fetcher.must_have_folder()
    chosen = await facts.choose(service, fetcher, exclude, now)
    # What the disk could not hold is tried again when a person says so, and after a start.
    unfit = {
        one.release.name: why
        for one in chosen
        if by_clock and isinstance(one, Fetch)
        if (why := fetcher.unfit(one.release.name, one.files)) is not None
    }
    fetches = in_order(
        one for one in chosen if isinstance(one, Fetch) and one.release.name not in unfit
    )
    leaves = [one for one in chosen if isinstance(one, Leave) and not one.home]
    return Chosen(
        await asyncio.to_thread(steps, service, fetcher, fetches),
        (
            *(LeftOut(one.release.label, one.reason, one.unknown) for one in leaves),
            *(LeftOut(shown(name), why) for name, why in unfit.items()),
        ),
        settled=not fetches and not unfit and not any(one.unknown for one in leaves),
        keys=frozenset(fetcher.key(one.release.name) for one in chosen),
    )
