"""Everything that is asked before releases are fetched, fresh from the services (law 3)."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
import logging
from typing import Final

from ...clients.errors import ServiceError
from ...clients.fetching.fetcher import ReleaseFetcher
from ...coordinators.arrs import Arrs
from ...coordinators.torrents import TorrentCoordinator
from ...domain.history import HistoryEvent
from ...domain.knowledge import Answer
from ...domain.torrents import Torrent
from ...domain.transfer.selection import Fetch, Leave, ReleaseFacts, chosen
from ...domain.transfer.services import AskedFor, Downloads, Imports
from ...domain.transfer.tree import Release, Version
from ..facts.fetched import Fetched, FetchedReleases

_LOGGER = logging.getLogger(__name__)

# Before a file was written nothing of it was imported; clocks differ.
_SLACK: Final = timedelta(days=1)
# What no torrent client knows was listed, and its newest file written, so long ago without a change
# before it counts as whole: a download that gets nothing for an hour looks like one that is over.
_BETWEEN: Final = timedelta(hours=2)

# A grab of which no torrent tells when it was is looked for so far back.
_GRABBED: Final = timedelta(days=30)
_EVER: Final = datetime(1970, 1, 2, tzinfo=UTC)

type Files = Mapping[bytes, Version]


@dataclass(slots=True)
class _Seen:
    """How a release was listed, since when just so, and whether it is known to be imported."""

    files: Files
    since: datetime
    imported: bool = False


class SyncFacts:
    """Asks transfers, torrent clients and arrs."""

    def __init__(
        self,
        torrents: Mapping[str, TorrentCoordinator],
        arrs: Arrs,
        fetched: FetchedReleases,
    ) -> None:
        """Take everything by hand."""
        self._torrents = torrents
        self._arrs = arrs
        self._fetched = fetched
        self._know_imports = False
        # What was listed the last time, by transfer and release.
        self._seen: dict[str, dict[bytes, _Seen]] = {}

    async def choose(
        self, service: str, fetcher: ReleaseFetcher, exclude: Collection[str], now: datetime
    ) -> tuple[Fetch | Leave, ...]:
        """Say of every release whether it is fetched now. Raises ServiceError, StoreError."""
        listed = await fetcher.listing()
        before = self._seen.get(service, {})
        # What looks at every file does so beside the event loop: there may be very many.
        seen = self._seen[service] = await asyncio.to_thread(_all_seen, listed, before, now)
        downloads, waited = await self.downloads(), self._waited_for()
        keys = await asyncio.to_thread(lambda: {one.name: fetcher.key(one.name) for one in listed})
        fetched = await self._fetched.of(service, keys.values())
        rested = await asyncio.to_thread(
            lambda: {
                name: one is before.get(name) and _rests(one, now) for name, one in seen.items()
            }
        )
        facts_of = {
            one.name: ReleaseFacts(
                complete=downloads.complete(one.name),
                same_before=rested[one.name],
                imported=Answer.of(seen[one.name].imported),
                there=Answer.NO,
                fetched=fetched.get(keys[one.name], Fetched()).files,
            )
            for one in listed
        }
        found = await asyncio.to_thread(_all_chosen, listed, facts_of, tuple(exclude))
        open_ones = [
            (one, facts_of[one.name])
            for one in listed
            if isinstance(found[one.name], Fetch) or waited & downloads.hashes(one.name)
        ]
        # Only for what would be fetched otherwise is more asked.
        imports = await self._imports([release for release, _ in open_ones], downloads)
        for release, facts in open_ones:
            at = fetched.get(keys[release.name], Fetched()).at
            choice = await self._chosen(fetcher, release, facts, exclude, downloads, imports, at)
            seen[release.name].imported = isinstance(choice, Leave) and choice.home
            found[release.name] = choice
        return tuple(found[one.name] for one in listed)

    async def again(
        self,
        service: str,
        fetcher: ReleaseFetcher,
        name: bytes,
        exclude: Collection[str],
        since: datetime,
    ) -> Fetch | Leave | None:
        """Look at one release once more, which was chosen at `since`; None when it is gone.

        Whether it is still as it was then is for who asks. Raises ServiceError, StoreError.
        """
        release = await fetcher.look(name)
        if release is None:
            return None
        downloads = await self.downloads()
        fetched = await self._fetched.of(service, [fetcher.key(name)])
        before = fetched.get(fetcher.key(name), Fetched())
        facts = ReleaseFacts(
            complete=downloads.complete(name),
            same_before=True,
            imported=Answer.NO,
            there=Answer.NO,
            fetched=before.files,
        )
        imports = await self._imports_since(min(since, before.at or since) - _SLACK)
        return await self._chosen(fetcher, release, facts, exclude, downloads, imports, before.at)

    async def _chosen(
        self,
        fetcher: ReleaseFetcher,
        release: Release,
        facts: ReleaseFacts,
        exclude: Collection[str],
        downloads: Downloads,
        imports: Imports,
        fetched_at: datetime | None,
    ) -> Fetch | Leave:
        hashes = downloads.hashes(release.name)
        whole = replace(
            facts,
            imported=imports.imported(release.name, hashes),
            there=await fetcher.is_there(release.name),
            # It is fetched once more, from the seedbox where it still seeds.
            asked_anew=fetched_at is not None and imports.wanted_since(hashes, fetched_at),
        )
        return await asyncio.to_thread(chosen, release, whole, tuple(exclude))

    def _waited_for(self) -> frozenset[str]:
        """Name the downloads that arrs wait for, by the queues that they told last."""
        return frozenset(
            line.download_id.upper()
            for arr in self._arrs.values()
            if arr.data is not None
            for line in arr.data.queue
            if line.download_id and not line.is_imported
        )

    async def downloads(self) -> Downloads:
        """Read what the torrent clients told last; they are asked all the time."""
        torrents: list[Torrent] = []
        silent = False
        for one in self._torrents.values():
            if one.connected and one.data is not None and not one.doubted:
                torrents += one.data.by_hash.values()
            else:
                silent = True
        return await asyncio.to_thread(Downloads.of, torrents, silent=silent)

    async def _imports(self, releases: Collection[Release], downloads: Downloads) -> Imports:
        """Ask the arrs what they have imported since these came to the seedbox.

        The first time everything is asked for: what lies there may be newer than its import, when
        it was moved.
        """
        if not releases:
            return Imports()
        since = _EVER
        if self._know_imports:
            since = await asyncio.to_thread(_oldest, releases, downloads)
        found = await self._imports_since(since)
        self._know_imports = self._know_imports or not found.unknown
        return found

    async def asked_for(self, name: bytes, now: datetime) -> AskedFor | None:
        """Say which arr has asked for a release; None when none is known to."""
        downloads = await self.downloads()
        added = [one.added_at for one in downloads.torrents(name) if one.added_at is not None]
        imports = await self._imports_since(min(added, default=now - _GRABBED) - _SLACK)
        return imports.asked_for(name, downloads.hashes(name))

    async def _imports_since(self, since: datetime) -> Imports:
        services = tuple(self._arrs.items())
        answers = await asyncio.gather(
            *(arr.client.history_since(since) for _, arr in services), return_exceptions=True
        )
        histories: dict[str, tuple[HistoryEvent, ...]] = {}
        unknown = False
        for (service, arr), answer in zip(services, answers, strict=True):
            match answer:
                case ServiceError():
                    _LOGGER.debug("%s does not tell its history: %s", arr.title, answer)
                    unknown = True
                case BaseException():
                    raise answer
                case _:
                    histories[service] = answer
        return await asyncio.to_thread(Imports.of, histories, unknown=unknown)


def _oldest(releases: Collection[Release], downloads: Downloads) -> datetime:
    """Say when the first of these files was written, or its torrent added."""
    written = [
        datetime.fromtimestamp(version.mtime, UTC)
        for release in releases
        for version in release.files.values()
    ]
    added = [
        torrent.added_at
        for release in releases
        for torrent in downloads.torrents(release.name)
        if torrent.added_at is not None
    ]
    return max(min([*written, *added], default=_EVER) - _SLACK, _EVER)


def _all_seen(
    listed: Collection[Release], before: Mapping[bytes, _Seen], now: datetime
) -> dict[bytes, _Seen]:
    return {one.name: _seen(one, before.get(one.name), now) for one in listed}


def _all_chosen(
    listed: Collection[Release], facts: Mapping[bytes, ReleaseFacts], exclude: Sequence[str]
) -> dict[bytes, Fetch | Leave]:
    return {one.name: chosen(one, facts[one.name], exclude) for one in listed}


def _rests(seen: _Seen, now: datetime) -> bool:
    """Tell whether nothing has happened to a release for long, by our looks and by its own times.

    A time that is yet to come tells nothing.
    """
    newest = max((version.mtime for version in seen.files.values()), default=0)
    return min((now - seen.since).total_seconds(), now.timestamp() - newest) >= (
        _BETWEEN.total_seconds()
    )


def _seen(release: Release, before: _Seen | None, now: datetime) -> _Seen:
    if before is not None and before.files == release.files:
        return before
    return _Seen(release.files, now)
