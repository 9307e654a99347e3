"""What is known of everything that was watched: in bulk for a plan, and fresh for one title.

In bulk the arrs are asked once each, and once for each series that somebody has watched; what there
is in Jellyfin, and what was watched of it, is what the last reads of its library have told. Of what
is to be carried out everybody is asked again, title by title. What is not known is unknown, and
keeps what depends on it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Final

from ...coordinators.arr_counts import ArrCounts
from ...coordinators.cooperative_yield import CooperativeYield
from ...coordinators.falls import VIEWER
from ...domain.deletion.facts import Evidence, ProofFacts
from ...domain.inventory import ArrTitle
from ...domain.knowledge import Knowledge, Known, Unknown
from ...domain.library import UserRow
from ...domain.media import MediaType, Title
from ...domain.plan import LeftOut, Skip, Target, Wait
from ...domain.retention import (
    RetentionFacts,
    RetentionPolicy,
    RetentionVerdict,
    RetentionViewer,
    judge,
    together,
)
from ...domain.text import say
from ...store import Store
from ..facts.evidence import JellyfinEvidence
from ..facts.title_asker import Arr, TitleAsker, known, known_answer
from .arr_lists import ArrLists, Listing, Meets
from .entries import against_entry, against_forgetting, every_season
from .gone import GoneUsers
from .held import Held
from .libraries import ask as ask_libraries
from .remembered import Looked, Remembered, portions
from .requests import AllRequests
from .watchers import Watchers
from .words import KeptNames

# Whose title, and its number there.
type Key = tuple[str, int]

_KINDS: Final[Mapping[MediaType, str]] = {MediaType.MOVIE: "radarr", MediaType.SERIES: "sonarr"}


@dataclass(frozen=True, slots=True)
class Everything:
    """What the rule of retention is asked about, and the same with what proofs need.

    `facts` are without titles: those are put together from what is `held`.
    `left_out`: what could not even be looked at. `unread`: the kinds of which that holds for more
    than single titles: what was known to leave of them may still.
    """

    facts: RetentionFacts
    held: Mapping[Key, Held] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    unread: frozenset[MediaType] = frozenset()

    def together(self, only: Key | None = None) -> Iterator[RetentionFacts]:
        """Give what the rule is asked about, of titles that are judged together; or of one.

        Of each it is put together when it is its turn: of all at once that would be millions of
        objects, through all of which the garbage collector goes.
        """
        for some in together(tuple(self.held.values()), lambda one: one.record):
            if only is None or any(one.key == only for one in some):
                yield replace(self.facts, titles=tuple(one.facts for one in some))

    def judged(
        self, policy: RetentionPolicy, only: Key | None = None
    ) -> tuple[RetentionVerdict, ...]:
        """Judge all that is held, or one title."""
        wanted = None if only is None else {only}
        return tuple(v for facts in self.together(only) for v in judge(facts, policy, wanted))


class CleanupFacts:
    """Gathers. `viewers` gives the tracked viewers as they are chosen now."""

    def __init__(
        self,
        titles: TitleAsker,
        evidence: JellyfinEvidence,
        store: Store,
        server_id: str,
        viewers: Callable[[], tuple[RetentionViewer, ...]],
        *,
        policy: Callable[[], RetentionPolicy | None],
        counts: ArrCounts,
        keep_tags: Callable[[], frozenset[str]],
        now: Callable[[], datetime],
        zone: Callable[[], tzinfo],
        met: Meets,
    ) -> None:
        """Take everything by hand. `keep_tags` keep a title; `met` is told what arrs list."""
        self._titles = titles
        self._evidence = evidence
        self._store = store
        self._policy = policy
        self._now = now
        self._zone = zone
        gone = GoneUsers(store, evidence, now)
        self._watchers = Watchers(store, server_id, gone, viewers, policy, now)
        self._requests = AllRequests(titles.seerrs, gone)
        self._lists = ArrLists(
            titles, store, counts, policy=policy, keep_tags=keep_tags, now=now, met=met
        )
        self._remembered = Remembered(titles, store, server_id, policy, now)

    @property
    def zone(self) -> tzinfo:
        """Home Assistant's zone: its days are the days."""
        return self._zone()

    @property
    def in_doubt(self) -> bool:
        """Tell whether an arr has suddenly lost much, so that another look is to agree."""
        return self._lists.in_doubt

    def counting(self) -> tuple[str, ...]:
        """Name the viewers who count: what any of them has marked stays."""
        return tuple(one.id for one in self._watchers.chosen if one.counts)

    def sources(self, services: Iterable[str]) -> frozenset[str]:
        """Name what a plan is made from that can suddenly fall (law 9)."""
        watched = (VIEWER + one.id for one in self._watchers.chosen)
        return frozenset((*self._titles.sources, *watched, *services))

    # -- in bulk -----------------------------------------------------------------------------------

    async def all(self) -> Everything:
        """Say what is known of all that was watched. Raises StoreError."""
        viewers = await self._watchers.present()
        if not viewers or not (self._titles.radarrs or self._titles.sonarrs):
            return Everything(self._facts(viewers))
        state = await self._store.library.state()
        if not state.known:
            left = LeftOut(
                "Jellyfin", say("cleanup_library_unknown", why=state.reason), unknown=True
            )
            unread = frozenset(_KINDS)
            return Everything(self._facts(viewers), left_out=(left,), unread=unread)
        seen = await self._watchers.seen(viewers)
        playing = await known("jellyfin", known_answer(self._evidence.playing()))
        requests = await self._requests.asked(viewers)
        held: dict[tuple[str, int], Held] = {}
        listing = Listing(KeptNames(await self._store.keeps.standing(self._now())))
        spoken = await self._store.titles.spoken_of()
        turn = CooperativeYield()
        for some in portions(await self._lists.records(seen, listing)):
            evidence = await self._evidence_of(some, listing, turn)
            looked = [
                Looked(
                    title,
                    record,
                    ProofFacts(
                        record=Known(record),
                        evidence=items,
                        favorites=seen.favorites,
                        playing=playing,
                    ),
                )
                for (title, record), items in zip(some, evidence, strict=True)
            ]
            found = await self._remembered.held(looked, seen.rows, requests, turn, spoken)
            held |= {one.key: one for one in found}
        left_out, silent = listing.left_out, listing.silent
        if not silent:
            left_out += await listing.keeps.unmatched(self._store)
        since = await self._watchers.counted_since(viewers)
        libraries = await self._libraries()
        facts = self._facts(viewers, silent, since)
        blind = any(isinstance(one, Unknown) for one in (seen.favorites, playing, requests))
        unread = frozenset(media for media, kind in _KINDS.items() if blind or kind in silent)
        return Everything(replace(facts, libraries=libraries), held, tuple(left_out), unread)

    async def _evidence_of(
        self, some: Sequence[tuple[Title, ArrTitle]], listing: Listing, turn: CooperativeYield
    ) -> list[Knowledge[tuple[Evidence, ...]]]:
        """Say what Jellyfin had of titles; of one that is held twice all versions of its items.

        Of an item only one place is remembered.
        """
        found: list[Knowledge[tuple[Evidence, ...]]] = []
        items_of = await self._remembered.evidence(some, turn)
        for (_, record), items in zip(some, items_of, strict=True):
            if listing.twice[record.kind].isdisjoint(record.ids.keys):
                found.append(Known(items))
            else:
                asked = self._evidence.with_versions(items)
                found.append(await known("jellyfin", known_answer(asked)))
        return found

    def _facts(
        self,
        viewers: tuple[RetentionViewer, ...],
        silent: Collection[str] = (),
        counted_since: datetime | None = None,
    ) -> RetentionFacts:
        return RetentionFacts(
            now=self._now(),
            zone=self.zone,
            viewers=viewers,
            titles=(),
            silent=frozenset(silent),
            counted_since=counted_since,
            primary_gone=any(one.primary for one in self._watchers.chosen if one not in viewers),
        )

    async def _libraries(self) -> Knowledge[Mapping[str, tuple[str, ...]]]:
        """Say where libraries lie; nobody is asked while none of them is left alone."""
        policy = self._policy()
        if policy is None or not policy.excluded:
            return Known({})
        arrs: list[Arr] = [*self._titles.radarrs.values(), *self._titles.sonarrs.values()]
        return await known("jellyfin", known_answer(ask_libraries(self._evidence, arrs)))

    # -- one, fresh --------------------------------------------------------------------------------

    async def ask_ahead(self, some: Iterable[Held]) -> None:
        """Ask of several titles at once what viewers have watched, before each is asked for."""
        answers = (one.proofs.evidence for one in some)
        ids = [item.item_id for one in answers if isinstance(one, Known) for item in one.value]
        await self._evidence.ask_ahead((one.id for one in self._watchers.chosen), ids)

    async def one(self, title: Title, numbers: Mapping[str, int]) -> Everything:
        """Ask everybody for one title, as every arr holds it. Raises StoreError.

        `numbers` are the arrs' own, where they are known.
        """
        viewers = await self._watchers.present()
        requests = await self._requests.asked(viewers)
        silent: set[str] = set()
        held: dict[tuple[str, int], Held] = {}
        arrs = dict(self._titles.arrs_of(title))
        for service, arr in arrs.items():
            if not await self._lists.is_believed(service, arr):
                silent.add(_KINDS[title.media])
            asked = self._titles.record(arr, title.ids, numbers.get(service))
            record = await known("arr", asked)
            if isinstance(record, Unknown):
                silent.add(_KINDS[title.media])
            if not isinstance(record, Known):
                continue
            proofs = await self._titles.with_items(title, every_season, ProofFacts(record=record))
            proofs = await self._titles.with_protection(title, proofs)
            rows = {one.id: await self._rows(one.id, title, proofs) for one in viewers}
            looked = Looked(title, record.value, proofs)
            turn = CooperativeYield()
            (found,) = await self._remembered.held((looked,), rows, requests, turn)
            held[found.key] = found
        if arrs != self._titles.arrs_of(title):
            # One that was linked, or unlinked, meanwhile has not said what it has.
            silent.add(_KINDS[title.media])
        since = await self._watchers.counted_since(viewers)
        facts = self._facts(viewers, silent, since)
        return Everything(replace(facts, libraries=await self._libraries()), held)

    async def _rows(
        self, viewer_id: str, title: Title, proofs: ProofFacts
    ) -> Knowledge[Mapping[str, UserRow]]:
        if not isinstance(proofs.evidence, Known):
            return proofs.evidence
        asked = self._evidence.kept(viewer_id, title, proofs.evidence.value)
        return await known("jellyfin", known_answer(asked))

    # -- what is left when the files have gone -----------------------------------------------------

    async def against_forgetting(
        self, title: Title, target: Target, number: int
    ) -> Skip | Wait | None:
        """Say why a Seerr must go on to know a title; None: nothing is left of it anywhere.

        Raises ServiceError.
        """
        return await against_forgetting(self._titles, title, target, number)

    async def against_entry(self, held: Held) -> Skip | Wait | None:
        """Say why an entry stays whose files have left; None: nobody wants it again.

        Raises ServiceError.
        """
        return await against_entry(held, self._titles.radarrs, self._titles.sonarrs, self._now())
