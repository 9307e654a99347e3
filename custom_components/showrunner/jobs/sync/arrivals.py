"""What is done when a release has come home: it is remembered, and its arr is told to import it."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
import logging
from typing import Final

from ...clients.errors import ServiceError
from ...clients.fetching.fetcher import ReleaseFetcher
from ...coordinators.arrs import Arrs
from ...domain.plan import FetchRelease, Step
from ...domain.transfer.tree import Version, from_text, shown
from ..facts.fetched import FetchedReleases
from .gather import SyncFacts

_LOGGER = logging.getLogger(__name__)

# An arr that was never there for so long is told no more: it looks by itself when it comes back.
_FOR: Final = timedelta(days=3)


class Arrivals:
    """Takes in what was fetched. May be told of the same twice."""

    def __init__(
        self,
        facts: SyncFacts,
        fetched: FetchedReleases,
        arrs: Arrs,
        fetcher: Callable[[str], ReleaseFetcher | None],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand."""
        self._facts = facts
        self._fetched = fetched
        self._arrs = arrs
        self._fetcher = fetcher
        self._now = now
        self._alone = asyncio.Lock()

    async def remember(
        self, step: Step, at: datetime, under_way: Collection[str], *, planned: datetime
    ) -> None:
        """Remember what was fetched; then the staging folder need not. Raises StoreError.

        `at`: when it came, or when that was `planned`. `under_way`: the steps that are to be
        carried out still: what is in the staging folder now may be theirs.
        """
        async with self._alone:
            await self._remember(step, at, under_way, planned)

    async def _remember(
        self, step: Step, at: datetime, under_way: Collection[str], planned: datetime
    ) -> None:
        wish, fetcher = step.payload, self._fetcher(step.target.service)
        if not isinstance(wish, FetchRelease) or fetcher is None:
            return
        key, service = fetcher.key(from_text(wish.name)), step.target.service
        known = (await self._fetched.of(service, (key,))).get(key)
        # Once for a plan: who says it again finds the staging folder empty, and would take it to
        # have come as it was asked for.
        if known is not None and known.at is not None and known.at >= planned:
            return
        new = await self._fetched.note(service, key, wish, at, await _came(fetcher, wish))
        if not new or step.id in under_way:
            return
        try:
            await fetcher.discard(key)
        except ServiceError as err:
            _LOGGER.debug("The staging folder of %s stays: %s", step.label, err)

    async def tell_arrs_of_all(self, services: Collection[str]) -> bool:
        """Have told what nobody was told of yet; tell whether some is left. Raises StoreError."""
        left = False
        for service in services:
            for one in await self._fetched.unreported(service):
                if await self.tell_arrs(service, one.name) or self._now() - one.at > _FOR:
                    await self._fetched.mark_reported(service, one)
                else:
                    left = True
        return left

    async def tell_arrs(self, transfer: str, name: bytes) -> bool:
        """Have the arr that asked for it import it; one that does not know that looks by itself.

        Tells whether all who had to be told were. May be said twice.
        """
        fetcher = self._fetcher(transfer)
        if fetcher is None:
            return False
        asked = await self._facts.asked_for(name, self._now())
        if not _is_text(name):
            asked = None  # nobody can be told of it by its name
        everybody_knows = True
        for service, arr in tuple(self._arrs.items()):
            if asked is not None and asked.service != service:
                continue
            try:
                if asked is not None:
                    path = fetcher.place_for(arr.path_map, name)
                    await arr.client.import_download(path, asked.download_id)
                # The path may be another one where it runs: then it finds it by its own ways.
                await arr.client.check_downloads()
            except ServiceError as err:
                everybody_knows = False
                _LOGGER.debug("%s was not told of %s: %s", arr.title, shown(name), err)
        return everybody_knows


async def _came(fetcher: ReleaseFetcher, wish: FetchRelease) -> Mapping[bytes, Version] | None:
    """Look in which versions it came; what changed on the way is not what was asked for."""
    files = {from_text(one.path): Version(one.size_bytes, one.mtime) for one in wish.files}
    try:
        return await fetcher.came(from_text(wish.name), files)
    except ServiceError as err:
        _LOGGER.debug("Not known in which versions %s came: %s", wish.name, err)
        return None


def _is_text(name: bytes) -> bool:
    try:
        return name.decode().isprintable()
    except UnicodeDecodeError:
        return False
