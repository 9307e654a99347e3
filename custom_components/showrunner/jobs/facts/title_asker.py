"""Asks of a title that may be deleted what proofs and protections need, fresh (laws 3, 4 and 6).

A source that does not answer makes what it would have said unknown; it never ends the asking.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, Self

from ...clients.arr_titles import NO_ID, Titles, find
from ...clients.errors import ServiceError
from ...clients.radarr import RadarrMovie
from ...clients.sonarr import SonarrSeries
from ...coordinators.arr_inventory import of_movie, of_series
from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.seerr import SeerrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...domain.deletion.facts import NOT_ASKED, Favorites, ProofFacts, Rival
from ...domain.identity import KnownAs
from ...domain.inventory import ArrTitle
from ...domain.keeps import Keep, on_title
from ...domain.knowledge import Answer, Knowledge, Known, Unknown
from ...domain.media import MOVIE, MediaType, ProviderIds, Title, TitleKey
from ...domain.plan import Target
from ...domain.text import say
from ...operations import NotLinked
from ...store import Store, StoreError
from ..spec import Parts
from .evidence import JellyfinEvidence, Wants

SEERR: Final = "seerr"

type Arr = RadarrCoordinator | SonarrCoordinator


class TitleAsker:
    """Asks the arrs and Jellyfin for one title at a time."""

    def __init__(
        self,
        radarrs: Mapping[str, RadarrCoordinator],
        sonarrs: Mapping[str, SonarrCoordinator],
        seerrs: Mapping[str, SeerrCoordinator],
        evidence: JellyfinEvidence,
        store: Store,
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand."""
        self.radarrs = radarrs
        self.sonarrs = sonarrs
        self.seerrs = seerrs
        self.evidence = evidence
        self._store = store
        self._now = now

    @classmethod
    def of(cls, parts: Parts, marking: Callable[[], Mapping[str, str]] | None = None) -> Self:
        """Make one for an entry.

        `marking` names by their ids those whose marks keep something; None: all tracked viewers.
        """
        jellyfin, services = parts.jellyfin, parts.services
        viewers = marking or parts.settings.viewer_names
        evidence = JellyfinEvidence(jellyfin.client, parts.store, jellyfin.server_id, viewers)
        return cls(
            services.of(RadarrCoordinator),
            services.of(SonarrCoordinator),
            services.of(SeerrCoordinator),
            evidence,
            parts.store,
            parts.now,
        )

    @property
    def sources(self) -> frozenset[str]:
        """Name what the answers stand on that can suddenly fall (law 9), beside the arrs."""
        return frozenset((*self.evidence.sources, *self.seerrs))

    def arrs_of(self, title: Title) -> Mapping[str, Arr]:
        """Give the arrs of a title's kind."""
        return self.radarrs if title.media is MediaType.MOVIE else self.sonarrs

    async def record(self, arr: Arr, ids: ProviderIds, number: int | None) -> Knowledge[ArrTitle]:
        """Ask one arr for what it holds of a title. Raises ServiceError."""
        if isinstance(arr, RadarrCoordinator):
            movie = await _found(arr.client, ids, number)
            return Known(await of_movie(arr, movie.value)) if isinstance(movie, Known) else movie
        series = await _found(arr.client, ids, number)
        return Known(await of_series(arr, series.value)) if isinstance(series, Known) else series

    async def with_items[FactsT: ProofFacts](
        self, title: Title, wants: Wants, found: FactsT
    ) -> FactsT:
        """Ask Jellyfin what it has of the title, and what lies where its files lie."""
        record = found.record.value if isinstance(found.record, Known) else None
        here = [
            path
            for file in (record.files if record else ())
            if record and (path := record.path_map.to_here(file.path)) is not None
        ]
        asked = self.evidence.items(title, wants, here)
        evidence = await known("jellyfin", known_answer(asked))
        silent = [seerr.title for seerr in self.seerrs.values() if not seerr.connected]
        if silent:
            # Somebody may have asked for it meanwhile: then its files are theirs too.
            evidence = Unknown(say("cant_say_who_wants", services=tuple(silent)), SEERR)
        return replace(found, evidence=evidence)

    async def with_protection[FactsT: ProofFacts](self, title: Title, found: FactsT) -> FactsT:
        """Ask what is marked, what plays, and what other arrs have of the title."""
        record = found.record.value if isinstance(found.record, Known) else None
        favorites: Knowledge[tuple[Favorites, ...]] = NOT_ASKED
        if isinstance(found.evidence, Known):
            asked = self.evidence.favorites(title, found.evidence.value)
            favorites = await known("jellyfin", known_answer(asked))
        return replace(
            found,
            rivals=await known("arr", self._rivals(title, record)),
            favorites=favorites,
            playing=await known("jellyfin", known_answer(self.evidence.playing())),
        )

    async def known_as(
        self, title: Title, found: ProofFacts, sayings: Iterable[ProviderIds] = ()
    ) -> Knowledge[KnownAs]:
        """Say by which ids a title goes, by its arr, by Jellyfin's items, and by all that we keep.

        `sayings`: what others say of it, or of another title.
        """
        (named,) = await self.known_as_many(((title, found, sayings),))
        return named

    async def known_as_many(
        self, some: Iterable[tuple[Title, ProofFacts, Iterable[ProviderIds]]]
    ) -> tuple[Knowledge[KnownAs], ...]:
        """Say it of many titles at once, in their order."""
        asked = [
            (_key(title, found), (*_items(title, found), *sayings))
            for title, found, sayings in some
        ]
        try:
            return await self._store.titles.known_as_many(asked)
        except StoreError as err:
            return (Unknown(err.text, "showrunner"),) * len(asked)

    async def keeps(self, known_as: Knowledge[KnownAs]) -> Knowledge[tuple[Keep, ...]]:
        """Ask our own memory what people keep of a title, under any id that somebody gives it."""
        match known_as:
            case Known(named):
                return await known("showrunner", self._keeps(named))
            case Unknown():
                return known_as
        return NOT_ASKED

    async def _keeps(self, known_as: KnownAs) -> Knowledge[tuple[Keep, ...]]:
        now = self._now()
        words = await self._store.keeps.standing(now, known_as.every)
        return on_title(words, known_as, now)

    async def asked_again(self, target: Target, number: int) -> bool:
        """Tell whether another request than this one asks for the same title of a Seerr."""
        seerr = self.seerrs.get(target.service)
        if seerr is None:
            raise NotLinked(say("arr_not_linked", arr="Seerr"))
        newest = await seerr.client.newest()
        return any(one.media_id == target.remote_id and one.id != number for one in newest.requests)

    async def _rivals(self, title: Title, record: ArrTitle | None) -> Knowledge[tuple[Rival, ...]]:
        """List the files of the title in all other arrs of its kind."""
        found: list[Rival] = []
        for arr in tuple(self.arrs_of(title).values()):
            if record is not None and arr.subentry_id == record.service:
                continue
            paths: list[str] = []
            if isinstance(arr, RadarrCoordinator):
                movie = await _found(arr.client, title.ids, None)
                if isinstance(movie, Unknown):
                    return movie
                if isinstance(movie, Known) and movie.value.has_file:
                    paths = [movie.value.file_path or movie.value.path]
            else:
                series = await _found(arr.client, title.ids, None)
                if isinstance(series, Unknown):
                    return series
                if isinstance(series, Known):
                    paths = [file.path for file in await arr.client.files(series.value.id)]
            found += [Rival(arr.title, path, arr.path_map.to_here(path)) for path in paths]
        return Known(tuple(found))


def _key(title: Title, found: ProofFacts) -> TitleKey:
    """Give a title's ids, also those by which its arr has it."""
    return (
        title.key.joined(found.record.value.ids) if isinstance(found.record, Known) else title.key
    )


def _items(title: Title, found: ProofFacts) -> Iterator[ProviderIds]:
    """Give the ids of Jellyfin's items that may be the title."""
    evidence = found.evidence.value if isinstance(found.evidence, Known) else ()
    is_movie = title.media is MediaType.MOVIE
    return (one.ids for one in evidence if (MOVIE in one.places) is is_movie)


async def known[T](source: str, asked: Awaitable[Knowledge[T]]) -> Knowledge[T]:
    """Turn a failure into an unknown answer."""
    try:
        return await asked
    except (ServiceError, StoreError) as err:
        return Unknown(err.text, source)


async def known_answer[T](asked: Awaitable[T]) -> Knowledge[T]:
    """Take what is answered as known."""
    return Known(await asked)


async def _found[EntryT: RadarrMovie | SonarrSeries](
    arr: Titles[EntryT], ids: ProviderIds, number: int | None
) -> Knowledge[EntryT]:
    """Find the title in an arr. One that its ids only half name is there, and must not seem gone.

    Nobody can tell of one that is half known by its number and can't be asked for by its ids.
    """
    found = await find(arr, ids, number)
    if not isinstance(found, Known):
        return found
    if found.value.same is not Answer.YES and not arr.can_ask(ids):
        return NO_ID
    return Known(found.value.entry)
