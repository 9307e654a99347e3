"""Everything that is asked before releases are removed at their source, fresh (law 3)."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from ...clients.fetching.fetcher import ReleaseFetcher
from ...domain.addresses import same_host
from ...domain.seeding import SeedingFacts
from ...domain.transfer.removal import (
    Removable,
    Source,
    Stay,
    against_clients,
    by_imports,
    home,
)
from ...domain.transfer.tree import Release, Version
from ..facts.fetched import Fetched, FetchedReleases
from ..facts.seeding_facts import PurgeFacts
from .arr_rows import ArrRows, Rows, Wanted

# Of more titles than these it costs less to ask for everything at once.
_TITLES: Final = 20


@dataclass(frozen=True, slots=True)
class _Home:
    """A release that is home: what of it is at its source, all that was fetched, and when.

    `rows`: its imports, by the arrs that tell of them.
    """

    release: Release
    files: Mapping[bytes, Version]
    fetched: Mapping[bytes, Version]
    at: datetime
    rows: Rows = field(default_factory=dict)


class SourceFacts:
    """Asks transfers, torrent clients and arrs."""

    def __init__(
        self,
        seeding: PurgeFacts,
        fetched: FetchedReleases,
        fetcher: Callable[[str], ReleaseFetcher | None],
    ) -> None:
        """Take everything by hand."""
        self.seeding = seeding
        self._fetched = fetched
        self._fetcher = fetcher
        self._rows = ArrRows(seeding.arrs)

    @property
    def services(self) -> tuple[str, ...]:
        """The linked transfers."""
        return tuple(self.seeding.transfers)

    def source(self, service: str) -> Source:
        """Say what a transfer is."""
        one = self.seeding.transfers[service]
        host = same_host(one.client.login.host)
        return Source(service, one.title, host, one.remote_path)

    def removes(self, service: str) -> bool:
        """Tell whether files can be removed over a transfer."""
        return self.seeding.transfers[service].client.removes

    def key(self, service: str, name: bytes) -> str | None:
        """Name a release as it is remembered."""
        fetcher = self._fetcher(service)
        return None if fetcher is None else fetcher.key(name)

    async def look(
        self, service: str, exclude: Sequence[str]
    ) -> tuple[int, tuple[Removable | Stay, ...]]:
        """Count a transfer's releases, and judge each that was fetched.

        Raises ServiceError, StoreError.
        """
        fetcher = self._fetcher(service)
        if fetcher is None:
            return 0, ()
        listed = await fetcher.listing()
        return len(listed), await self._judge(service, fetcher, listed, exclude, anew=False)

    async def again(
        self, service: str, name: bytes, exclude: Sequence[str]
    ) -> tuple[Release, Removable | Stay] | None:
        """Look at one release once more; None when it is gone. Raises ServiceError, StoreError."""
        fetcher = self._fetcher(service)
        release = None if fetcher is None else await fetcher.look(name)
        if fetcher is None or release is None:
            return None
        judged = await self._judge(service, fetcher, (release,), exclude, anew=True)
        return next(((release, one) for one in judged), None)

    async def _judge(
        self,
        service: str,
        fetcher: ReleaseFetcher,
        listed: Iterable[Release],
        exclude: Sequence[str],
        *,
        anew: bool,
    ) -> tuple[Removable | Stay, ...]:
        keys = {one.name: fetcher.key(one.name) for one in listed}
        fetched = await self._fetched.of(service, keys.values())
        known = [(one, fetched[keys[one.name]]) for one in listed if keys[one.name] in fetched]
        found, stays = await asyncio.to_thread(_at_home, known, exclude)
        if not found:
            return tuple(stays)
        facts, silent = await self.seeding.of_clients()
        source = self.source(service)
        seeded, left = await asyncio.to_thread(_seeded_by_nobody, found, source, facts)
        stays += seeded
        if silent or not left:
            return tuple(stays)
        wanted = [Wanted(service, one.release, one.at) for one in left]
        rows = await self._rows.of(wanted, facts.now, anew=anew)
        homes = [replace(one, rows=of_it) for one, of_it in zip(left, rows, strict=True)]
        return (*stays, *await self._by_histories(homes, facts))

    async def _by_histories(
        self, homes: Collection[_Home], facts: SeedingFacts
    ) -> tuple[Removable | Stay, ...]:
        """Judge by what arrs say; they are asked for no more than what is still open needs.

        Last comes what all of them say of everything: that alone lets a release go.
        """
        judged = await asyncio.to_thread(_imported, homes, facts)
        done = [one for one in judged if not (isinstance(one, Stay) and one.unknown)]
        left = [
            home
            for home, one in zip(homes, judged, strict=True)
            if isinstance(one, Stay) and one.unknown
        ]
        if not left:
            return tuple(done)
        facts = replace(facts, queued=await self.seeding.queued())
        titles = _titles(left)
        if len(titles) <= _TITLES:
            some = replace(facts, imports=await self.seeding.histories.of_titles(titles))
            judged = await asyncio.to_thread(_imported, left, some)
            # What their titles say against them nothing else takes back.
            done += [one for one in judged if isinstance(one, Stay)]
            left = [
                home for home, one in zip(left, judged, strict=True) if isinstance(one, Removable)
            ]
        if left:
            facts = replace(facts, imports=await self.seeding.histories.read())
            done += await asyncio.to_thread(_imported, left, facts)
        return tuple(done)


def _at_home(
    known: Iterable[tuple[Release, Fetched]], exclude: Sequence[str]
) -> tuple[list[_Home], list[Stay]]:
    found: list[_Home] = []
    stays: list[Stay] = []
    for release, fetched in known:
        files = home(release, fetched.files, exclude)
        if isinstance(files, Stay):
            stays.append(files)
        elif fetched.at is not None:
            found.append(_Home(release, files, fetched.files, fetched.at))
    return found, stays


def _seeded_by_nobody(
    homes: Collection[_Home], source: Source, facts: SeedingFacts
) -> tuple[list[Stay], list[_Home]]:
    stays: list[Stay] = []
    left: list[_Home] = []
    for one in homes:
        against = against_clients(one.release, source, facts)
        if against is None:
            left.append(one)
        else:
            stays.append(against)
    return stays, left


def _imported(homes: Iterable[_Home], facts: SeedingFacts) -> tuple[Removable | Stay, ...]:
    return tuple(
        by_imports(
            one.release,
            one.files,
            one.fetched,
            [row for rows in one.rows.values() for row in rows],
            facts,
        )
        for one in homes
    )


def _titles(homes: Iterable[_Home]) -> frozenset[tuple[str, int]]:
    """Name the titles that were imported from these releases, by arr."""
    return frozenset(
        (arr, row.media_id)
        for one in homes
        for arr, rows in one.rows.items()
        for row in rows
        if row.media_id is not None
    )
