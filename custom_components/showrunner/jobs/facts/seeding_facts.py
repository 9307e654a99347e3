"""Everything that is asked before torrents are purged, fresh from the services (law 3).

Few calls, however many torrents: the clients' lists, the arrs' histories and queues, and the
trackers of those torrents that nothing else keeps. Who does not answer makes unknown what it would
have said.

Of thousands a list takes its time, and thousands of steps may follow each other: where only a few
torrents are judged, a list that a step before has asked for counts for a second, as long as the
client names no torrent that is not in it. One that has come meanwhile may use the same data.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from ...clients.arr_queue import known_queue
from ...clients.errors import ServiceError
from ...clients.moment import lately
from ...coordinators.arrs import Arrs
from ...coordinators.torrents import TorrentCoordinator
from ...coordinators.transfer import TransferCoordinator, reaching
from ...domain.addresses import machine_of
from ...domain.finding import Finding
from ...domain.knowledge import Absent, Knowledge, Known, Unknown
from ...domain.plan import LeftOut
from ...domain.seeding import (
    ClientTorrents,
    Key,
    Places,
    PurgePolicy,
    SeedingFacts,
    Verdict,
    judge,
    waiting,
)
from ...domain.seeding.drafting import Transfer
from ...domain.text import Words, say
from ...domain.torrent_details import Removal, TorrentFiles
from ..spec import Parts
from .histories import Histories


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of every torrent; `silent`: the clients that did not tell, and why."""

    facts: SeedingFacts
    verdicts: tuple[Verdict, ...]
    places: Places
    silent: Mapping[str, LeftOut]

    def instead(self, found: Mapping[Key, Finding]) -> Judged:
        """Take in what was found of some of them afterwards."""
        verdicts = (
            one if (finding := found.get(one.key)) is None else one.instead(finding)
            for one in self.verdicts
        )
        return replace(self, verdicts=tuple(verdicts))


class PurgeFacts:
    """Asks clients and arrs."""

    def __init__(
        self,
        arrs: Arrs,
        torrents: Mapping[str, TorrentCoordinator],
        transfers: Mapping[str, TransferCoordinator],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand."""
        self.arrs = arrs
        self.torrents = torrents
        self.transfers = transfers
        self.histories = Histories(arrs, now)
        self._now = now

    @classmethod
    def of(cls, parts: Parts) -> Self:
        """Make them for an entry."""
        of = parts.services.of
        return cls(parts.arrs, of(TorrentCoordinator), of(TransferCoordinator), parts.now)

    @property
    def torrent_count(self) -> int | None:
        """How many torrents there are, for the budget; None while a client does not tell."""
        lists = [one.data for one in self.torrents.values()]
        return sum(len(one.by_hash) for one in lists if one) if lists and all(lists) else None

    async def judge(self, policy: PurgePolicy, only: Collection[Key] | None = None) -> Judged:
        """Ask everybody, and judge every torrent, or only these."""
        facts, silent = await self.facts(lately=only is not None)
        verdicts, places, asked = await asyncio.to_thread(_judged, facts, policy, only)
        if asked:
            facts = replace(facts, trackers=await self._trackers(asked))
            verdicts = await asyncio.to_thread(_again, facts, policy, verdicts, asked)
        return Judged(facts, verdicts, places, silent)

    # -- whose data can be reached -----------------------------------------------------------------

    def transfer_of(self, service: str, path: str | None) -> Transfer | None:
        """Find the file transfer that reaches a place of a client: one of the same host."""
        one = self.torrents.get(service)
        found = None if one is None else reaching(self.transfers, one.client.url, path)
        return None if found is None else Transfer(found[0], found[1].title, found[1].remote_path)

    def clears(self, verdict: Verdict) -> bool:
        """Tell whether a torrent's data can be deleted, by its client or over a file transfer."""
        service = verdict.client.service
        if self.removal(service) is not Removal.ENTRY_ONLY:
            return True
        return self.transfer_of(service, verdict.torrent.content_path) is not None

    def removal(self, service: str) -> Removal:
        """Say what a client can delete."""
        one = self.torrents.get(service)
        return Removal.ENTRY_ONLY if one is None else one.client.removal

    async def files(self, service: str, info_hash: str) -> TorrentFiles | None:
        """Ask for a torrent's files; None when they can't be told."""
        try:
            return await self.torrents[service].client.files(info_hash)
        except ServiceError:
            return None

    # -- asking ------------------------------------------------------------------------------------

    async def facts(self, *, lately: bool = False) -> tuple[SeedingFacts, dict[str, LeftOut]]:
        """Ask everybody at once; give the clients that did not tell, too.

        `lately`: as of `of_clients`.
        """
        facts, silent = await self.of_clients(lately=lately)
        imports, queued = await asyncio.gather(self.histories.read(), self.queued())
        return replace(facts, imports=imports, queued=queued), silent

    async def of_clients(self, *, lately: bool = False) -> tuple[SeedingFacts, dict[str, LeftOut]]:
        """Ask the torrent clients only; what arrs say is not known then.

        `lately`: what another step of the same run was told a second ago is as good.
        """
        services = tuple(self.torrents)
        if lately:  # one after another: only the run's own task has what it was told before
            for service in services:
                await self._ask_lately(service)
        else:
            await asyncio.gather(*(self._ask(service) for service in services))
        # Only now: a poll may have found out more while others were asked.
        silent = {
            service: LeftOut(self.torrents[service].title, why, unknown=True)
            for service in services
            if (why := self._against(service))
        }
        known = {
            service: one for service in services if (one := self._last_list(service)) is not None
        }
        vanished, nameless = self._vanished(known.values())
        return (
            SeedingFacts(
                now=self._now(),
                clients=tuple(one for service, one in known.items() if service not in silent),
                imports=Unknown(source="history"),
                queued=Unknown(source="queue"),
                silent=(
                    *(one for service, one in known.items() if service in silent),
                    *nameless,
                ),
                vanished=vanished,
                blind=any(service not in known for service in silent),
            ),
            silent,
        )

    # -- clients -----------------------------------------------------------------------------------

    async def _ask_lately(self, service: str) -> Words:
        client = self.torrents[service].client
        if client.tells_changes:
            return await self._ask(service)
        return await lately(
            (self, service), lambda: self._ask(service), lambda why: self._holds(service, why)
        )

    async def _holds(self, service: str, why: Words) -> bool:
        """Tell whether a list counts still: it was told, and nothing has come since."""
        if why:
            return False
        one = self.torrents[service]
        try:
            named = await one.client.hashes()
        except ServiceError:
            return False
        # Only now: a poll may have read it meanwhile.
        if one.data is None or self._against(service):
            return False
        return named <= one.data.by_hash.keys()

    async def _ask(self, service: str) -> Words:
        """Read a client's list; say why it does not count, if it does not."""
        await self.torrents[service].async_refresh()
        return self._against(service)

    def _against(self, service: str) -> Words:
        """Say why what a client told last does not count; nothing: it does."""
        one = self.torrents[service]
        if not one.connected or one.data is None:
            return one.last_error or say("does_not_answer", service=one.title)
        return say("lost_torrents", service=one.title) if one.doubted else ""

    def _last_list(self, service: str) -> ClientTorrents | None:
        """Give a client's list as it was told last; None: never."""
        one = self.torrents[service]
        if one.data is None:
            return None
        return ClientTorrents(
            service,
            one.service,
            one.title,
            machine_of(one.client.url),
            tuple(one.data.by_hash.values()),
            one.data.used_bytes,
        )

    def _vanished(
        self, known: Iterable[ClientTorrents]
    ) -> tuple[tuple[ClientTorrents, ...], tuple[ClientTorrents, ...]]:
        """Give what clients no longer tell; and the clients that had what nobody can describe."""
        vanished: list[ClientTorrents] = []
        nameless: list[ClientTorrents] = []
        for one in known:
            missing = self.torrents[one.service].vanished.torrents.values()
            described = tuple(torrent for torrent in missing if torrent is not None)
            if described:
                vanished.append(replace(one, torrents=described))
            if len(described) < len(missing):
                nameless.append(replace(one, torrents=()))
        return tuple(vanished), tuple(nameless)

    async def _trackers(self, verdicts: Collection[Verdict]) -> dict[Key, tuple[str, ...]]:
        """Ask for the trackers of these torrents; of a client that does not tell there are none."""
        by_client: dict[str, list[str]] = {}
        for one in verdicts:
            by_client.setdefault(one.client.service, []).append(one.torrent.hash)
        found: dict[Key, tuple[str, ...]] = {}
        for service, hashes in by_client.items():
            try:
                answer = await self.torrents[service].client.trackers(hashes)
            except ServiceError:
                continue
            for info_hash, trackers in answer.items():
                hosts = tuple(one.host for one in trackers)
                # One whose address can't be read may be the one that asks for something.
                if all(hosts):
                    found[service, info_hash] = hosts
        return found

    # -- arrs --------------------------------------------------------------------------------------

    async def queued(self) -> Knowledge[frozenset[str]]:
        """Ask the arrs which downloads wait in their queues."""
        if not self.arrs:
            return Absent("queue")
        try:
            queues = await asyncio.gather(
                *(known_queue(one.client, one.title, self._now()) for one in self.arrs.values())
            )
        except ServiceError as err:
            return Unknown(err.text, "queue")
        return Known(
            waiting(line.download_id for lines in queues for line in lines if not line.is_imported),
            "queue",
        )


# Beside the event loop, for there may be very many.


def _judged(
    facts: SeedingFacts, policy: PurgePolicy, only: Collection[Key] | None
) -> tuple[tuple[Verdict, ...], Places, list[Verdict]]:
    """Judge; name those of whom only the trackers have to be asked still."""
    verdicts, places = judge(facts, policy, only)
    asked = [one for one in verdicts if not one.may_go and one.lacks_trackers_only]
    return verdicts, places, asked


def _again(
    facts: SeedingFacts,
    policy: PurgePolicy,
    verdicts: Iterable[Verdict],
    asked: Iterable[Verdict],
) -> tuple[Verdict, ...]:
    """Judge some once more, now that more is known of them."""
    again, _ = judge(facts, policy, frozenset(one.key for one in asked))
    known = {one.key: one for one in again}
    return tuple(known.get(one.key, one) for one in verdicts)
