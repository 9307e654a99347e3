"""Gather what a download decision is based on, from all services at once.

Every lookup ends as known, absent or unknown; a service that does not answer makes unknown what
only it could have told, and nothing else.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import ntpath
import posixpath
from typing import Final

from ..clients.errors import ServiceError
from ..clients.jellyfin import JellyfinItem
from ..clients.radarr import QueueItem, RadarrMovie
from ..coordinators.jellyfin import JellyfinCoordinator
from ..coordinators.prowlarr import ProwlarrCoordinator
from ..coordinators.radarr import RadarrCoordinator
from ..domain.decision import Candidate, Policy, Viewer
from ..domain.knowledge import Absent, Knowledge, Known, Unknown, first, fmap, most
from ..domain.media import MediaType, ProviderIds, Title, UnitKind
from ..domain.paths import contains
from ..store import Store

_NO_IDS: Final = ProviderIds()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to decide about: a Jellyfin item, or a movie by its ids when there is no item."""

    item_id: str | None
    ids: ProviderIds = _NO_IDS
    name: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """One Radarr's word on the movie. `tags` are labels."""

    radarr: RadarrCoordinator
    movie: RadarrMovie
    queue: tuple[QueueItem, ...]
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """A candidate and where it would be fetched.

    `owner` is the right Radarr's holding; `adder` the Radarr that it would be added to when none
    holds it; both None when there is no right Radarr, and `problem` says why.
    """

    candidate: Candidate
    item: JellyfinItem | None
    owner: Holding | None
    adder: RadarrCoordinator | None
    problem: str


class Gatherer:
    """Asks Jellyfin, every Radarr, the store and (only when it matters) Prowlarr."""

    def __init__(
        self,
        store: Store,
        jellyfin: JellyfinCoordinator,
        radarrs: Mapping[str, RadarrCoordinator],
        prowlarrs: Mapping[str, ProwlarrCoordinator],
    ) -> None:
        """Take what is asked."""
        self._store = store
        self._jellyfin = jellyfin
        self._radarrs = radarrs
        self._prowlarrs = prowlarrs

    async def gather(
        self, wanted: Wanted, viewer: Viewer | None, policy: Policy, now: datetime
    ) -> Gathered:
        """Ask all but Prowlarr. Raises ServiceError only when not even the title is known."""
        item = await self._item(wanted, viewer)
        known_item = item.value if isinstance(item, Known) else None
        if known_item is None and not wanted.ids and isinstance(item, Unknown):
            raise self._error(item)
        ids = wanted.ids.merged(known_item.unit.ids) if known_item else wanted.ids
        if known_item is not None and known_item.unit.kind is not UnitKind.MOVIE:
            return self._bare(known_item.unit.title, known_item, viewer)
        holdings, unknown = await self._ask_radarrs(ids)
        title = _title(wanted, known_item, holdings, ids)
        owner, adder, problem = self._owner(known_item, holdings)
        candidate = await self._candidate(title, viewer, item, holdings, unknown, policy, now)
        return Gathered(candidate, known_item, owner, adder, problem)

    async def with_seeders(self, gathered: Gathered) -> Gathered:
        """Add Prowlarr's answer. Several Prowlarrs: the best seeded counts."""
        title = gathered.candidate.title
        if not self._prowlarrs:
            seeders: Knowledge[int] = Absent("no Prowlarr linked")
        else:
            answers = await asyncio.gather(
                *(self._seeders(prowlarr, title) for prowlarr in self._prowlarrs.values())
            )
            unknown = [answer for answer in answers if isinstance(answer, Unknown)]
            # An indexer collection that did not answer may hold the missing seeders.
            seeders = unknown[0] if unknown else most(answers)
        return replace(gathered, candidate=replace(gathered.candidate, seeders=seeders))

    async def _seeders(self, prowlarr: ProwlarrCoordinator, title: Title) -> Knowledge[int]:
        try:
            return await prowlarr.client.seeders(title.ids, title.name, title.year)
        except ServiceError as err:
            return Unknown(str(err), "prowlarr")

    @staticmethod
    def _error(item: Unknown) -> ServiceError:
        return ServiceError("Jellyfin", item.reason)

    def _bare(self, title: Title, item: JellyfinItem, viewer: Viewer | None) -> Gathered:
        """A series is decided by its kind alone: nothing else is asked."""
        candidate = Candidate(title=title, viewer=viewer)
        return Gathered(candidate, item, None, None, "")

    async def _item(self, wanted: Wanted, viewer: Viewer | None) -> Knowledge[JellyfinItem]:
        user = viewer.user_id if viewer else None
        client = self._jellyfin.client
        try:
            if wanted.item_id is not None:
                found = await client.item(wanted.item_id, user)
            else:
                found = await client.find_movie(wanted.ids, wanted.name, user)
        except ServiceError as err:
            return Unknown(str(err), "jellyfin")
        return Absent("jellyfin") if found is None else Known(found, "jellyfin")

    async def _ask_radarrs(self, ids: ProviderIds) -> tuple[tuple[Holding, ...], tuple[str, ...]]:
        """Ask every Radarr; also name those that did not answer."""
        answers = await asyncio.gather(
            *(self._ask_radarr(radarr, ids) for radarr in self._radarrs.values())
        )
        holdings = tuple(answer for answer in answers if isinstance(answer, Holding))
        return holdings, tuple(answer for answer in answers if isinstance(answer, str))

    async def _ask_radarr(
        self, radarr: RadarrCoordinator, ids: ProviderIds
    ) -> Holding | str | None:
        client = radarr.client
        try:
            movie = await self._find(radarr, ids)
            if movie is None:
                return None
            queue, labels = await asyncio.gather(client.queue(), client.tags())
        except ServiceError as err:
            return f"{radarr.title}: {err}"
        return Holding(
            radarr,
            movie,
            tuple(entry for entry in queue if entry.movie_id == movie.id),
            frozenset(labels[tag] for tag in movie.tags if tag in labels),
        )

    @staticmethod
    async def _find(radarr: RadarrCoordinator, ids: ProviderIds) -> RadarrMovie | None:
        """Find the movie by its tmdb id; by another id only over the whole list."""
        if ids.tmdb is not None:
            return await radarr.client.movie_by_tmdb(ids.tmdb)
        if ids.imdb is None:
            return None
        movies = await radarr.client.movies()
        return next((m for m in movies if m.title.ids.imdb == ids.imdb), None)

    def _owner(
        self, item: JellyfinItem | None, holdings: tuple[Holding, ...]
    ) -> tuple[Holding | None, RadarrCoordinator | None, str]:
        """Find the right Radarr: the only one that holds it, else the one that owns its path."""
        if len(holdings) == 1:
            return holdings[0], None, ""
        if not holdings:
            if len(self._radarrs) == 1:
                return None, next(iter(self._radarrs.values())), ""
            names = ", ".join(radarr.title for radarr in self._radarrs.values())
            return None, None, f"none of them holds it: {names}" if names else "no Radarr is linked"
        owning = [holding for holding in holdings if item and _owns(holding, item)]
        if len(owning) == 1:
            return owning[0], None, ""
        places = ", ".join(f"{h.radarr.title}: {h.movie.path}" for h in holdings)
        return None, None, f"several hold it and its path doesn't tell which: {places}"

    async def _candidate(
        self,
        title: Title,
        viewer: Viewer | None,
        item: Knowledge[JellyfinItem],
        holdings: tuple[Holding, ...],
        unknown: tuple[str, ...],
        policy: Policy,
        now: datetime,
    ) -> Candidate:
        movies = tuple(holding.movie for holding in holdings)
        silent = Unknown("; ".join(unknown), "radarr") if unknown else None
        rest: Knowledge[RadarrMovie] = silent or Absent("radarr")
        movie: Knowledge[RadarrMovie] = Known(movies[0], "radarr") if movies else rest
        deleted = await self._store.ledger.deleted_at(title.ids)
        return Candidate(
            title=title,
            viewer=viewer,
            override=await self._store.overrides.get(title.ids),
            local=_any((h.movie.has_file and _permanent(h) for h in holdings), silent),
            queued=_any((bool(h.queue) for h in holdings), silent),
            searched_at=await self._searched_at(title.ids, movies, silent),
            deleted_at=Absent("ledger") if deleted is None else Known(deleted, "ledger"),
            released=_released(movie),
            genres=_genres(movie, item),
            imdb_rating=_bind(movie, "imdb_rating"),
            imdb_votes=_bind(movie, "imdb_votes"),
            community_rating=_attribute(item, "community_rating", "jellyfin:community"),
            texts=_texts(movies, item),
            original_language=_attribute(movie, "original_language", "radarr"),
            seeders=Unknown("not asked", "prowlarr"),
            favorite=fmap(item, lambda found: found.is_favorite),
            tags=_tags(holdings, rest),
            viewings=await self._viewings(viewer, item, policy, now),
        )

    async def _searched_at(
        self, ids: ProviderIds, movies: tuple[RadarrMovie, ...], silent: Unknown | None
    ) -> Knowledge[datetime]:
        """Take the last search by anybody: Radarr's own memory, and ours."""
        ours = [a.searched_at for a in await self._store.acquisitions.for_title(ids)]
        times = [at for at in (*ours, *(m.last_search for m in movies)) if at is not None]
        if times:
            return Known(max(times), "radarr, ledger")
        return silent or Absent("radarr, ledger")

    async def _viewings(
        self,
        viewer: Viewer | None,
        item: Knowledge[JellyfinItem],
        policy: Policy,
        now: datetime,
    ) -> Knowledge[int]:
        """Count completed viewings: the most of our history and Jellyfin's count of starts."""
        if viewer is None:
            return Absent("not tracked")
        plays: Knowledge[int] = fmap(item, lambda found: found.play_count)
        if isinstance(plays, Known):
            recent = isinstance(item, Known) and _recent(item.value, viewer, policy, now)
            plays = (
                Known(plays.value, "jellyfin:play_count (starts)")
                if recent
                else Absent("jellyfin: not played within the window")
            )
        if not isinstance(item, Known):
            return plays
        days = viewer.rewatch_days or policy.rewatch_days
        own = await self._store.viewings.completed_count(
            viewer.user_id, item.value.unit, now - timedelta(days=days), policy.completion
        )
        return most((Known(own, "history"), plays))


def _owns(holding: Holding, item: JellyfinItem) -> bool:
    """Tell whether the file that Jellyfin plays lies in this Radarr's folder of the movie."""
    if item.path is None:
        return False
    there = holding.radarr.path_map.to_there(item.path) or item.path
    return contains(holding.movie.path, there)


def _permanent(holding: Holding) -> bool:
    return holding.radarr.is_permanent(holding.movie.path)


def _any(facts: Iterable[bool], silent: Unknown | None) -> Knowledge[bool]:
    """Yes if one Radarr says so; unknown if one is silent; absent if none holds the movie."""
    said = tuple(facts)
    if any(said):
        return Known(value=True, source="radarr")
    if silent is not None:
        return silent
    return Known(value=False, source="radarr") if said else Absent("radarr")


def _bind[T](movie: Knowledge[RadarrMovie], name: str) -> Knowledge[T]:
    """Take a fact that the movie itself answers with known, absent or unknown."""
    return getattr(movie.value, name) if isinstance(movie, Known) else movie


def _attribute[T](thing: Knowledge[object], name: str, source: str) -> Knowledge[T]:
    """Take an attribute; None means that the source has nothing."""
    if not isinstance(thing, Known):
        return thing
    value = getattr(thing.value, name)
    return Absent(source) if value is None else Known(value, source)


def _released(movie: Knowledge[RadarrMovie]) -> Knowledge[bool]:
    return _attribute(movie, "is_available", "radarr")


def _genres(
    movie: Knowledge[RadarrMovie], item: Knowledge[JellyfinItem]
) -> Knowledge[tuple[str, ...]]:
    """Join both services' genres; known as soon as one of them tells any."""
    lists = [fmap(movie, lambda m: m.genres), fmap(item, lambda i: i.genres)]
    told = [known for known in lists if isinstance(known, Known) and known.value]
    if told:
        names = dict.fromkeys(name for known in told for name in known.value)
        return Known(tuple(names), ", ".join(known.source for known in told))
    return first(*(Absent(k.source) if isinstance(k, Known) else k for k in lists))


def _tags(holdings: tuple[Holding, ...], rest: Knowledge[RadarrMovie]) -> Knowledge[frozenset[str]]:
    if holdings:
        return Known(frozenset().union(*(holding.tags for holding in holdings)), "radarr")
    return Absent("radarr") if isinstance(rest, Known) else rest


def _texts(movies: tuple[RadarrMovie, ...], item: Knowledge[JellyfinItem]) -> tuple[str, ...]:
    """Collect titles, editions and file names (names only: folders hold other films too)."""
    texts: list[str] = []
    for movie in movies:
        texts += [movie.title.name, movie.original_title or "", movie.file_edition or ""]
        texts.append(_file_name(movie.file_path))
    if isinstance(item, Known):
        found = item.value
        texts += [found.unit.name, found.original_title or "", _file_name(found.path)]
        texts += [_file_name(path) for path in found.source_paths]
    return tuple(dict.fromkeys(text for text in texts if text))


def _file_name(path: str | None) -> str:
    return posixpath.basename(ntpath.basename(path)) if path else ""


def _title(
    wanted: Wanted, item: JellyfinItem | None, holdings: tuple[Holding, ...], ids: ProviderIds
) -> Title:
    """Name the movie as Radarr does, else as Jellyfin does, else as it was asked for."""
    if holdings:
        title = holdings[0].movie.title
        return replace(title, ids=ids.merged(title.ids))
    if item is not None:
        return replace(item.unit.title, ids=ids)
    return Title(MediaType.MOVIE, ids, wanted.name or (ids.keys[0] if ids else "?"))


def _recent(item: JellyfinItem, viewer: Viewer, policy: Policy, now: datetime) -> bool:
    """Tell whether Jellyfin's play count can speak of the window: it has one date, the last."""
    days = viewer.rewatch_days or policy.rewatch_days
    return item.last_played is not None and item.last_played >= now - timedelta(days=days)
