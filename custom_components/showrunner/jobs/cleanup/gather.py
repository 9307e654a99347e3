"""What is known of everything that was watched: in bulk for a plan, and fresh for one title.

In bulk the arrs are asked once each, and once for each series that somebody has watched; what there
is in Jellyfin, and what was watched of it, is what the last reads of its library have told. Of what
is to be carried out everybody is asked again, title by title. What is not known is unknown, and
keeps what depends on it.
"""

import asyncio
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
)
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Final

from ...clients.errors import ServiceError, Unreadable
from ...clients.parse import instant
from ...clients.radarr import RadarrMovie
from ...clients.seerr import MediaStatus, RequestStatus, SeerrRequest
from ...clients.sonarr import SonarrSeries
from ...coordinators.arr_counts import ArrCounts
from ...coordinators.arr_inventory import of_movie, of_series
from ...coordinators.falls import VIEWER
from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...domain.counted import tally
from ...domain.deletion.facts import NOT_ASKED, Evidence, Favorites, ProofFacts, SeerrSide
from ...domain.identity import KnownAs
from ...domain.inventory import ArrTitle
from ...domain.knowledge import Absent, Answer, Knowledge, Known, Unknown, fmap
from ...domain.library import ItemKind, LibraryItem, UserRow, WatchedMark
from ...domain.media import MediaType, Place, ProviderIds, Title, TitleKey, Unit, UnitKind
from ...domain.plan import LeftOut, Skip, Target, Wait
from ...domain.retention import (
    Ground,
    Requester,
    RetentionFacts,
    RetentionPolicy,
    RetentionViewer,
)
from ...domain.text import say
from ...store import Store
from ..facts.evidence import JellyfinEvidence, of_item
from ..facts.title_asker import SEERR, Arr, TitleAsker, known, known_answer
from .entries import against_entry, is_old, may_be_left
from .gone import GoneUsers
from .held import Held, Rows
from .libraries import ask as ask_libraries
from .words import KeptNames, is_quiet, words_on

_KINDS: Final[Mapping[MediaType, str]] = {MediaType.MOVIE: "radarr", MediaType.SERIES: "sonarr"}
_COUNTED: Final = "cleanup:counted"

type Asked = tuple[Requester, SeerrSide]
type Requests = Knowledge[Mapping[str, tuple[Asked, ...]]]


@dataclass(frozen=True, slots=True)
class Everything:
    """What the rule of retention is asked about, and the same with what proofs need.

    `left_out`: what could not even be looked at. `unread`: the kinds of which that holds for more
    than single titles: what was known to leave of them may still.
    """

    facts: RetentionFacts
    held: Mapping[tuple[str, int], Held] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    unread: frozenset[MediaType] = frozenset()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the last reads of Jellyfin's library have told of what was watched."""

    movies: tuple[LibraryItem, ...] = ()
    series: tuple[LibraryItem, ...] = ()
    rows: Rows = field(default_factory=dict)
    favorites: Knowledge[tuple[Favorites, ...]] = NOT_ASKED

    def keys(self, kind: ItemKind) -> frozenset[str]:
        """Name all movies, or series, by their ids."""
        items = self.movies if kind is ItemKind.MOVIE else self.series
        return frozenset(key for one in items for key in one.ids.keys)


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
    ) -> None:
        """Take everything by hand. `keep_tags` keep a title."""
        self._titles = titles
        self._evidence = evidence
        self._store = store
        self._server_id = server_id
        self._viewers = viewers
        self._policy = policy
        self._now = now
        self._zone = zone
        self._keep_tags = keep_tags
        self._gone = GoneUsers(store, evidence, now)
        self._counts = counts

    @property
    def zone(self) -> tzinfo:
        """Home Assistant's zone: its days are the days."""
        return self._zone()

    @property
    def in_doubt(self) -> bool:
        """Tell whether an arr has suddenly lost much, so that another look is to agree."""
        return self._counts.in_doubt

    def counting(self) -> tuple[str, ...]:
        """Name the viewers who count: what any of them has marked stays."""
        return tuple(one.id for one in self._viewers() if one.counts)

    def sources(self, services: Iterable[str]) -> frozenset[str]:
        """Name what a plan is made from that can suddenly fall (law 9)."""
        watched = (VIEWER + one.id for one in self._viewers())
        return frozenset((*self._titles.sources, *watched, *services))

    async def _present(self) -> tuple[RetentionViewer, ...]:
        """Give the viewers without those who are gone: the others are who counts from then on."""
        viewers = self._viewers()
        gone = await self._gone.since(one.id for one in viewers)
        return tuple(one for one in viewers if one.id not in gone)

    # -- in bulk -----------------------------------------------------------------------------------

    async def all(self) -> Everything:
        """Say what is known of all that was watched. Raises StoreError."""
        viewers = await self._present()
        if not viewers or not (self._titles.radarrs or self._titles.sonarrs):
            return Everything(self._facts(viewers))
        state = await self._store.library.state()
        if not state.known:
            left = LeftOut(
                "Jellyfin", say("cleanup_library_unknown", why=state.reason), unknown=True
            )
            unread = frozenset(_KINDS)
            return Everything(self._facts(viewers), left_out=(left,), unread=unread)
        seen = await self._seen(viewers)
        playing = await known("jellyfin", known_answer(self._evidence.playing()))
        requests = await self._requests(viewers)
        held: dict[tuple[str, int], Held] = {}
        left_out: list[LeftOut] = []
        silent: set[str] = set()
        keeps = KeptNames(await self._store.keeps.standing(self._now()))
        spoken = await self._store.titles.spoken_of()
        async for title, record in self._records(seen, silent, left_out, keeps):
            evidence = await self._stored(title, record)
            one = ProofFacts(
                record=Known(record),
                evidence=Known(evidence),
                favorites=seen.favorites,
                playing=playing,
            )
            found = await self._held(title, one, record, seen.rows, requests, spoken)
            held[found.key] = found
        if not silent:
            left_out += await keeps.unmatched(self._store)
        since = await self._counted_since(viewers)
        libraries = await self._libraries()
        # Beside the event loop: there may be many.
        facts = await asyncio.to_thread(self._facts, viewers, [*held.values()], silent, since)
        blind = any(isinstance(one, Unknown) for one in (seen.favorites, playing, requests))
        unread = frozenset(media for media, kind in _KINDS.items() if blind or kind in silent)
        return Everything(replace(facts, libraries=libraries), held, tuple(left_out), unread)

    def _facts(
        self,
        viewers: tuple[RetentionViewer, ...],
        held: Iterable[Held] = (),
        silent: Collection[str] = (),
        counted_since: datetime | None = None,
    ) -> RetentionFacts:
        return RetentionFacts(
            now=self._now(),
            zone=self.zone,
            viewers=viewers,
            titles=tuple(one.facts for one in held),
            silent=frozenset(silent),
            counted_since=counted_since,
            primary_gone=any(one.primary for one in self._viewers() if one not in viewers),
        )

    async def _libraries(self) -> Knowledge[Mapping[str, tuple[str, ...]]]:
        """Say where libraries lie; nobody is asked while none of them is left alone."""
        policy = self._policy()
        if policy is None or not policy.excluded:
            return Known({})
        arrs: list[Arr] = [*self._titles.radarrs.values(), *self._titles.sonarrs.values()]
        return await known("jellyfin", known_answer(ask_libraries(self._evidence, arrs)))

    async def _counted_since(self, viewers: Iterable[RetentionViewer]) -> datetime | None:
        """Say since when those count who count now, by these rules; None: since anybody was asked.

        What another rule kept would leave at once: its grace begins anew, too.
        """
        policy = self._policy()
        chosen = policy is not None and bool(policy.chosen)
        # By rules of choice all viewers count.
        counting = sorted(f"{one.id}:{one.primary}" for one in viewers if one.counts or chosen)
        rules = None if policy is None else policy.keeping
        kept = await self._store.kv.get(_COUNTED)
        match kept:
            case {"viewers": before, "rules": by, "since": since} if (before, by) == (
                counting,
                rules,
            ):
                return instant(since)
        now = None if kept is None and not chosen else self._now()
        since = None if now is None else now.isoformat()
        value = {"viewers": counting, "rules": rules, "since": since}
        await self._store.kv.put(_COUNTED, value)
        return now

    async def _seen(self, viewers: Iterable[RetentionViewer]) -> _Seen:
        """Read what was watched, and of which titles somebody who counts has watched something.

        Where rules of choice are on: of which anybody has touched something.
        """
        policy = self._policy()
        by_choice = policy is not None and bool(policy.chosen)
        rows: dict[str, Knowledge[Mapping[str, UserRow]]] = {}
        favorites: list[Favorites] = []
        played: set[str] = set()
        unknown: Unknown | None = None
        for viewer in viewers:
            state = await self._store.userdata.state(viewer.id)
            if not state.known:
                rows[viewer.id] = silent = Unknown(state.reason, VIEWER + viewer.id)
                unknown = silent if viewer.counts else unknown
                continue
            kept = await self._store.userdata.touched(viewer.id)
            rows[viewer.id] = Known(kept, VIEWER + viewer.id)
            if viewer.counts:
                marked = frozenset(one.item_id for one in kept.values() if one.favorite)
                favorites.append(Favorites(viewer.name, marked, viewer_id=viewer.id))
            if viewer.counts or by_choice:
                played |= {
                    one.item_id
                    for one in kept.values()
                    if one.played or (by_choice and one.was_begun)
                }
        items = (await self._store.library.find_many(played, self._server_id)).values()
        series = {one.series_item_id for one in items if one.series_item_id is not None}
        shows = (await self._store.library.find_many(series, self._server_id)).values()
        return _Seen(
            movies=tuple(one for one in items if one.kind is ItemKind.MOVIE),
            series=tuple(one for one in shows if one.kind is ItemKind.SERIES),
            rows=rows,
            favorites=unknown or Known(tuple(favorites)),
        )

    async def _records(
        self, seen: _Seen, silent: set[str], left_out: list[LeftOut], keeps: KeptNames
    ) -> AsyncIterator[tuple[Title, ArrTitle]]:
        """Give what the arrs hold of what was watched. What can't be read takes its title along."""
        found: list[tuple[Title, ArrTitle]] = []
        unread: list[Title] = []
        async for title, asked in self._listed(seen, silent, left_out, keeps):
            try:
                found.append((title, await asked))
            except ServiceError as err:
                unread.append(title)
                left_out.append(LeftOut(title.label, err.text, unknown=True))
        for title, record in found:
            if not any(_may_be(title, other) for other in unread):
                yield title, record

    async def _listed(
        self, seen: _Seen, silent: set[str], left_out: list[LeftOut], keeps: KeptNames
    ) -> AsyncIterator[tuple[Title, Awaitable[ArrTitle]]]:
        """Give the arrs' entries of what was watched, with what is still to be asked of each."""
        movies, shows = seen.keys(ItemKind.MOVIE), seen.keys(ItemKind.SERIES)

        for radarr in self._titles.radarrs.values():
            try:
                listed = await self._movies(radarr, movies, keeps, self._unwatched_before())
            except ServiceError as err:
                silent.add("radarr")
                left_out.append(LeftOut(radarr.title, err.text, unknown=True))
            else:
                for one in listed:
                    yield one.title, of_movie(radarr, one)
        for sonarr in self._titles.sonarrs.values():
            try:
                shown = await self._shows(sonarr, shows, keeps)
            except ServiceError as err:
                silent.add("sonarr")
                left_out.append(LeftOut(sonarr.title, err.text, unknown=True))
            else:
                for each in shown:
                    yield each.title, of_series(sonarr, each)

    # -- a sudden fall of an arr (law 9) -----------------------------------------------------------

    async def _movies(
        self,
        radarr: RadarrCoordinator,
        wanted: frozenset[str],
        keeps: KeptNames,
        before: datetime | None = None,
    ) -> tuple[RadarrMovie, ...]:
        """List the movies with one of these ids, or that came before then.

        Raises ServiceError, also for a sudden fall.
        """
        held: list[tuple[tuple[int, ...], int]] = []

        def pick(one: RadarrMovie) -> RadarrMovie | None:
            held.append((one.tags, int(one.has_file)))
            keeps.meet(one.title.key)
            if not wanted.isdisjoint(one.title.ids.keys):
                return one
            return one if one.has_file and is_old(one.file_added, before) else None

        found = await radarr.client.movies(pick, whole=True)
        await self._believe(radarr, held)
        return found

    def _unwatched_before(self) -> datetime | None:
        """Say before when something has come that may leave because nobody ever watched it."""
        policy = self._policy()
        if policy is None or Ground.UNWATCHED not in policy.chosen:
            return None
        return self._now() - policy.unwatched

    async def _shows(
        self, sonarr: SonarrCoordinator, wanted: frozenset[str], keeps: KeptNames
    ) -> tuple[SonarrSeries, ...]:
        """List what somebody has watched, and what may be an entry that we have emptied."""
        policy = self._policy()
        empty = policy is not None and policy.remove_empty_series
        found: list[SonarrSeries] = []
        before = self._unwatched_before()
        for one in await self._series(sonarr, wanted, keeps, empty=empty, before=before):
            watched = not wanted.isdisjoint(one.title.ids.keys)
            if (
                watched
                or not may_be_left(one)
                or await self._store.ledger.deleted_at(one.title.key) is not None
            ):
                found.append(one)
        return tuple(found)

    async def _series(
        self,
        sonarr: SonarrCoordinator,
        wanted: frozenset[str],
        keeps: KeptNames,
        *,
        empty: bool = False,
        before: datetime | None = None,
    ) -> tuple[SonarrSeries, ...]:
        """List the series with one of these ids, or that came before then and have files.

        `empty`: also those that have ended and have none. Raises ServiceError, also for a sudden
        fall.
        """
        held: list[tuple[tuple[int, ...], int]] = []

        def pick(one: SonarrSeries) -> SonarrSeries | None:
            held.append((one.tags, sum(season.files for season in one.seasons)))
            keeps.meet(one.title.key)
            if not wanted.isdisjoint(one.title.ids.keys):
                return one
            if is_old(one.added, before) and one.size_bytes:
                return one
            return one if empty and may_be_left(one) else None

        found = await sonarr.client.all_series(pick, whole=True)
        await self._believe(sonarr, held)
        return found

    async def _believe(self, arr: Arr, held: Iterable[tuple[Iterable[int], int]]) -> None:
        """Count what an arr lists. Raises Unreadable while it has lost too much at once."""
        labels = await arr.client.tags()
        counts = tally(held, labels, self._keep_tags())
        if not await self._counts.believed(arr.subentry_id or "", counts):
            raise Unreadable(arr.title, say("cleanup_arr_fell", name=arr.title))

    async def _is_believed(self, service: str, arr: Arr) -> bool:
        """Tell whether an arr has what it had; it is counted anew where that was not just done."""
        known = self._counts.fresh(service)
        if known is not Answer.UNKNOWN:
            return known is Answer.YES
        try:
            if isinstance(arr, RadarrCoordinator):
                await self._movies(arr, frozenset(), KeptNames())
            else:
                await self._series(arr, frozenset(), KeptNames())
        except ServiceError:
            return False
        return True

    async def _stored(self, title: Title, record: ArrTitle) -> tuple[Evidence, ...]:
        """Say what Jellyfin had of a title at the last reads of its library."""
        keys = [key for unit in _units(title, record, self._server_id) for key in unit.keys]
        items = await self._store.library.by_keys(keys, met=True)
        rating = await self._rating(title)
        return tuple(
            of_item(one, rating)
            for one in items
            if one.server_id == self._server_id and one.kind is not ItemKind.SERIES
        )

    async def _rating(self, title: Title) -> float | None:
        """Say how a series was rated at the last read, where that is asked for."""
        policy = self._policy()
        if policy is None or title.media is MediaType.MOVIE or Ground.IDLE not in policy.chosen:
            return None
        items = await self._store.library.by_keys(f"series:{key}" for key in title.ids.keys)
        return max((one.rating for one in items if one.rating is not None), default=None)

    # -- one, fresh --------------------------------------------------------------------------------

    async def ask_ahead(self, some: Iterable[Held]) -> None:
        """Ask of several titles at once what viewers have watched, before each is asked for."""
        told = (one.proofs.evidence for one in some)
        ids = [item.item_id for one in told if isinstance(one, Known) for item in one.value]
        await self._evidence.ask_ahead((one.id for one in self._viewers()), ids)

    async def one(self, title: Title, numbers: Mapping[str, int]) -> Everything:
        """Ask everybody for one title, as every arr holds it. Raises StoreError.

        `numbers` are the arrs' own, where they are known.
        """
        viewers = await self._present()
        requests = await self._requests(viewers)
        silent: set[str] = set()
        held: dict[tuple[str, int], Held] = {}
        for service, arr in self._titles.arrs_of(title).items():
            if not await self._is_believed(service, arr):
                silent.add(_KINDS[title.media])
            asked = self._titles.record(arr, title.ids, numbers.get(service))
            record = await known("arr", asked)
            if isinstance(record, Unknown):
                silent.add(_KINDS[title.media])
            if not isinstance(record, Known):
                continue
            proofs = await self._titles.with_items(title, _all, ProofFacts(record=record))
            proofs = await self._titles.with_protection(title, proofs)
            rows = {one.id: await self._rows(one.id, title, proofs) for one in viewers}
            found = await self._held(title, proofs, record.value, rows, requests)
            held[found.key] = found
        since = await self._counted_since(viewers)
        facts = self._facts(viewers, held.values(), silent, since)
        return Everything(replace(facts, libraries=await self._libraries()), held)

    async def against_forgetting(
        self, title: Title, target: Target, number: int
    ) -> Skip | Wait | None:
        """Say why a Seerr must go on to know a title; None: nothing is left of it anywhere.

        What Jellyfin still shows Seerr would find again. Raises ServiceError.
        """
        for arr in self._titles.arrs_of(title).values():
            record = await known("arr", self._titles.record(arr, title.ids, None))
            if isinstance(record, Unknown):
                return Wait(say("cleanup_arr_silent"))
            held = record.value if isinstance(record, Known) else None
            if held and (held.files or any(unit.file_id is not None for unit in held.units)):
                return Skip(say("seerr_keeps_files"), needless=True)
        told = await self._titles.with_items(title, _all, ProofFacts(record=Absent()))
        if not isinstance(told.evidence, Known) or told.evidence.value:
            return Wait(say("jellyfin_still_shows"))
        if await self._titles.asked_again(target, number):
            return Skip(say("asked_again"), needless=True)
        return None

    async def against_entry(self, held: Held) -> Skip | Wait | None:
        """Say why an entry stays whose files have left; None: nobody wants it again.

        Raises ServiceError.
        """
        return await against_entry(held, self._titles.radarrs, self._titles.sonarrs)

    async def _rows(
        self, viewer_id: str, title: Title, proofs: ProofFacts
    ) -> Knowledge[Mapping[str, UserRow]]:
        if not isinstance(proofs.evidence, Known):
            return proofs.evidence
        asked = self._evidence.kept(viewer_id, title, proofs.evidence.value)
        return await known("jellyfin", known_answer(asked))

    async def _held(
        self,
        title: Title,
        proofs: ProofFacts,
        record: ArrTitle,
        rows: Rows,
        requests: Requests,
        spoken: frozenset[str] | None = None,
    ) -> Held:
        """Add to a title what is remembered of it, and who asked for it.

        `spoken`: all names of which anything is remembered, where many titles are asked for; the
        `rows` are then what is stored, which is only of what was touched.
        """
        units = _units(title, record, self._server_id)
        places = [unit.place for unit in record.units]
        told = await self._store.watched.marks_of(rows, units)
        marks: dict[str, Mapping[Place, WatchedMark]] = {
            one: {p: mark for p, mark in zip(places, mine, strict=True) if mark is not None}
            for one, mine in told.items()
        }
        known_as = await self._known_as(title, proofs, requests)
        asked = _of_title(requests, known_as)
        sides = [side for _, side in asked.value] if isinstance(asked, Known) else []
        words = await words_on(self._store, known_as, self._now(), spoken)
        quiet = is_quiet(known_as, spoken)
        return Held(
            title=title,
            names=known_as.value.every if isinstance(known_as, Known) else title.key,
            record=record,
            proofs=replace(
                proofs, keeps=Known(()) if quiet else await self._titles.keeps(known_as)
            ),
            rows=rows,
            only_touched=spoken is not None,
            marks=marks,
            requests=fmap(asked, lambda some: tuple(one for one, _ in some)),
            keeps=words.keeps,
            kept_by_override=words.kept_by_override,
            deletions=words.deletions,
            seerr=sides[0] if len(sides) == 1 else None,
        )

    async def _known_as(
        self, title: Title, proofs: ProofFacts, requests: Requests
    ) -> Knowledge[KnownAs]:
        """Say by which ids a title goes, also by what the Seerrs say that have a request of it."""
        told: set[ProviderIds] = set()
        while True:
            found = await self._titles.known_as(title, proofs, told)
            if not isinstance(found, Known) or not isinstance(requests, Known):
                return found
            names = found.value.every.names
            more = {s.ids for n in names for _, s in requests.value.get(n, ()) if s is not None}
            if more <= told:
                return found
            told |= more

    # -- who asked ---------------------------------------------------------------------------------

    async def _requests(self, viewers: Iterable[RetentionViewer]) -> Requests:
        """Say who has asked for what, by the titles' names. Raises StoreError."""
        names = {one.id: one.name for one in viewers}
        told: list[tuple[str, SeerrRequest]] = []
        for service, seerr in self._titles.seerrs.items():
            if not seerr.connected:
                return Unknown(say("cant_say_who_wants", services=(seerr.title,)), SEERR)
            try:
                listed = await seerr.client.requests()
            except ServiceError as err:
                return Unknown(err.text, SEERR)
            told += [(service, one) for one in listed if not one.closed]
        gone = await self._gone.since(
            one.jellyfin_user_id for _, one in told if one.jellyfin_user_id is not None
        )
        found: dict[str, tuple[Asked, ...]] = {}
        for service, one in told:
            asked = (_requester(one, names, gone), _side(service, one))
            for name in TitleKey(one.media, one.ids).names:
                found[name] = (*found.get(name, ()), asked)
        return Known(found, SEERR)


def _all(season: int) -> bool:
    return True


def _requester(
    told: SeerrRequest, names: Mapping[str, str], gone: Mapping[str, datetime]
) -> Requester:
    who = told.jellyfin_user_id
    seasons = frozenset(told.seasons) if told.seasons else None
    return Requester(
        name=names.get(who or "", told.requested_by),
        viewer_id=who if who in names else None,
        seasons=None if told.media is MediaType.MOVIE else seasons,
        gone_since=gone.get(who or ""),
        open=is_open(told),
    )


def is_open(told: SeerrRequest) -> bool:
    """Tell whether something is still to come of a request: partly there may be what others got."""
    part = told.media_status is MediaStatus.PARTIAL and told.status is RequestStatus.COMPLETED
    return told.media_status is not MediaStatus.AVAILABLE and not part


def _side(service: str, told: SeerrRequest) -> SeerrSide:
    lone = told.other_status in (MediaStatus.UNKNOWN, MediaStatus.DELETED)
    return SeerrSide(service, told.id, told.ids, told.media_id, lone)


def _of_title(requests: Requests, known_as: Knowledge[KnownAs]) -> Knowledge[tuple[Asked, ...]]:
    if not isinstance(requests, Known) or not isinstance(known_as, Known):
        return NOT_ASKED if isinstance(requests, Known) else requests
    told = _named(requests.value, known_as.value.sure)
    if set(_named(requests.value, known_as.value.doubtful)) - set(told):
        return Unknown(say("asked_under_other_ids"), SEERR)
    return Known(told, SEERR)


def _named(requests: Mapping[str, tuple[Asked, ...]], title: TitleKey) -> tuple[Asked, ...]:
    told = (one for name in title.names for one in requests.get(name, ()))
    return tuple(dict.fromkeys(told))


def _may_be(title: Title, other: Title) -> bool:
    return title.media is other.media and title.ids.matches(other.ids) is not Answer.NO


def _units(title: Title, record: ArrTitle, server_id: str) -> tuple[Unit, ...]:
    """Name the units of a title as viewings and the library know them, in the record's order."""
    if title.media is MediaType.MOVIE:
        movie = Unit(UnitKind.MOVIE, title.name, server_id, "", ids=record.ids, year=title.year)
        return tuple(movie for _ in record.units)
    return tuple(
        Unit(
            UnitKind.EPISODE,
            title.name,
            server_id,
            "",
            series_ids=record.ids,
            season=unit.place.season,
            episode=unit.place.episode,
        )
        for unit in record.units
    )
