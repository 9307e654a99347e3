"""Everything that is asked before a request is deleted, fresh from the services (law 3).

A source that does not answer makes what it would have said unknown; it never ends the asking.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from ...clients.errors import ServiceError, Unreadable
from ...clients.radarr import RadarrMovie
from ...clients.seerr import MediaStatus
from ...clients.sonarr import SonarrSeries
from ...coordinators.arr_reports import name_of
from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.requests import RequestTracker
from ...coordinators.seerr import SeerrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...coordinators.torrents import TorrentCoordinator
from ...domain.knowledge import Absent, Answer, Knowledge, Known, Unknown
from ...domain.plan import Action, Step, Target
from ...domain.requests.facts import MOVIE, Event, EventKind, Facts, Place
from ...domain.requests.holdings import (
    NOT_ASKED,
    ClientTorrent,
    Favorites,
    Gathered,
    HeldFile,
    HeldUnit,
    Queued,
    Record,
    Rival,
    SeerrSide,
)
from ...domain.requests.request import Request
from ...domain.text import say
from ...operations import NotLinked
from ...operations.seerr import surely
from ...store import StoreError
from .evidence import JellyfinEvidence

_SEERR: Final = "seerr"
_NOT_NAMED: Final = -1

type Arr = RadarrCoordinator | SonarrCoordinator


class Ask(StrEnum):
    """Whom to ask beyond the arr of a title, the clients of its downloads, and Jellyfin's items.

    For whatever stands against deleting a file (marks, what plays, other arrs); and Seerr.
    """

    FILES = "files"
    SEERR = "seerr"


# Whose answers each step needs to go on. What it does not need can't stop it later than now.
SOURCES: Final[Mapping[Action, frozenset[Ask]]] = {
    # These may only make sense with the request, which Seerr has to let go.
    Action.UNMONITOR_MOVIE: frozenset(Ask),
    Action.UNMONITOR_EPISODES: frozenset(Ask),
    Action.REMOVE_TORRENT: frozenset(Ask),
    Action.DELETE_FILE: frozenset({Ask.FILES}),
    Action.DELETE_EPISODE_FILES: frozenset({Ask.FILES}),
    Action.DELETE_MOVIE: frozenset(),
    Action.FORGET_MEDIA: frozenset({Ask.SEERR}),
    Action.DELETE_REQUEST: frozenset({Ask.SEERR}),
}


class DeletionFacts:
    """Gathers for one request at a time."""

    def __init__(
        self,
        requests: RequestTracker,
        radarrs: Mapping[str, RadarrCoordinator],
        sonarrs: Mapping[str, SonarrCoordinator],
        torrents: Mapping[str, TorrentCoordinator],
        seerrs: Mapping[str, SeerrCoordinator],
        evidence: JellyfinEvidence,
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand."""
        self.requests = requests
        self.radarrs = radarrs
        self.sonarrs = sonarrs
        self.torrents = torrents
        self.seerrs = seerrs
        self._evidence = evidence
        self._now = now

    @property
    def torrent_count(self) -> int | None:
        """How many torrents there are, for the budget; None while a client does not tell."""
        told = [one.data for one in self.torrents.values()]
        return sum(len(one.by_hash) for one in told if one) if told and all(told) else None

    def sources(self, steps: Iterable[Step], *, files: bool) -> frozenset[str]:
        """Name what a plan is made from that can suddenly fall (law 9), as `Falls` names it."""
        touched = {step.target.service for step in steps}
        told = {*self._evidence.sources, *self.seerrs} if files else set()
        return frozenset(touched | told)

    async def is_deleted(self, target: Target) -> bool:
        """Tell whether a request is gone from its Seerr; one that was never there is."""
        seerr = self.seerrs.get(target.service)
        if target.remote_id is None:
            return True
        return seerr is not None and await surely(seerr.client, target.remote_id) is None

    async def asked_again(self, target: Target, number: int) -> bool:
        """Tell whether a newer request than this one asks for the same title of a Seerr."""
        seerr = self.seerrs.get(target.service)
        if seerr is None:
            raise NotLinked(say("arr_not_linked", arr="Seerr"))
        newest = await seerr.client.newest()
        return any(one.media_id == target.remote_id and one.id != number for one in newest.requests)

    async def gather(
        self, request: Request, *, files: bool, asks: Collection[Ask] = frozenset(Ask)
    ) -> Gathered:
        """Ask everybody, or those that are named; Jellyfin and other arrs only for files.

        What nobody was asked for is unknown, and an unknown answer only ever takes steps away.
        """
        record = await self._known("arr", self._record(request))
        downloads = _downloads(request, await self.requests.all_facts(request.id))
        queue: Knowledge[tuple[Queued, ...]] = Known(())
        if downloads or not isinstance(record, Absent):
            queue = await self._queue(self._own(request))
        if isinstance(record, Known) and isinstance(queue, Known):
            downloads = _with_queued(request, record.value, downloads, queue.value)
        if downloads:
            queue = await self._queue({**self.radarrs, **self.sonarrs})
        found = Gathered(
            record=record,
            downloads=downloads,
            others=tuple(
                view.request
                for view in self.requests.about(request.title.key)
                if view.request.id != request.id
            ),
            other_downloads=frozenset(
                download
                for download, _ in downloads
                if self.requests.waiting_for(download) - {request.id}
            ),
            queue=queue,
            torrents=await self._clients() if downloads else Known(()),
            seerr=await self._known(_SEERR, self._side(request))
            if Ask.SEERR in asks
            else NOT_ASKED,
            year=request.title.year,
        )
        if files:
            found = await self._with_items(request, found)
        if files and Ask.FILES in asks:
            found = await self._with_protection(request, found)
        return found

    async def _with_items(self, request: Request, found: Gathered) -> Gathered:
        """Ask Jellyfin what it has of the title, and what lies where its files lie."""
        record = found.record.value if isinstance(found.record, Known) else None
        here = [
            path
            for file in (record.files if record else ())
            if record and (path := record.path_map.to_here(file.path)) is not None
        ]
        evidence = await self._known("jellyfin", _told(self._evidence.items(request, here)))
        silent = [seerr.title for seerr in self.seerrs.values() if not seerr.connected]
        if silent:
            # Somebody may have asked for it meanwhile: then its files are theirs too.
            evidence = Unknown(say("cant_say_who_wants", services=tuple(silent)), _SEERR)
        return replace(found, evidence=evidence)

    async def _with_protection(self, request: Request, found: Gathered) -> Gathered:
        """Ask what is marked, what plays, and what other arrs have of the title."""
        record = found.record.value if isinstance(found.record, Known) else None
        favorites: Knowledge[tuple[Favorites, ...]] = NOT_ASKED
        if isinstance(found.evidence, Known):
            asked = self._evidence.favorites(request, found.evidence.value)
            favorites = await self._known("jellyfin", _told(asked))
        return replace(
            found,
            rivals=await self._known("arr", _told(self._rivals(request, record))),
            favorites=favorites,
            playing=await self._known("jellyfin", _told(self._evidence.playing(self._now()))),
        )

    async def _known[T](self, source: str, asked: Awaitable[Knowledge[T]]) -> Knowledge[T]:
        """Turn a failure into an unknown answer."""
        try:
            return await asked
        except (ServiceError, StoreError) as err:
            return Unknown(err.text, source)

    # -- the arrs ----------------------------------------------------------------------------------

    def arr_of(self, request: Request) -> Arr | None:
        """Find the arr that holds a request's title; None when that is not sure."""
        arrs: Mapping[str, Arr] = self.radarrs if request.is_movie else self.sonarrs
        if request.arr is not None:
            return arrs.get(request.arr[0])
        # As at the polls: an only arr is taken to hold the standard quality.
        return next(iter(arrs.values())) if len(arrs) == 1 and not request.is_4k else None

    def _own(self, request: Request) -> Mapping[str, Arr]:
        """Give the arr of a request's title, by its subentry."""
        arr = self.arr_of(request)
        return {} if arr is None else {arr.subentry_id: arr}

    async def _record(self, request: Request) -> Knowledge[Record]:
        arr = self.arr_of(request)
        if arr is None:
            return Unknown(say("arr_not_told"), "arr")
        number = request.arr[1] if request.arr else None
        if isinstance(arr, RadarrCoordinator):
            movie = await _movie(arr, request, number)
            return Absent("radarr") if movie is None else Known(await _of_movie(arr, movie))
        series = await _series(arr, request, number)
        return Absent("sonarr") if series is None else Known(await _of_series(arr, series))

    async def _rivals(self, request: Request, record: Record | None) -> tuple[Rival, ...]:
        """List the files of the title in all other arrs of its kind."""
        found: list[Rival] = []
        arrs: Mapping[str, Arr] = self.radarrs if request.is_movie else self.sonarrs
        for arr in arrs.values():
            if record is not None and arr.subentry_id == record.service:
                continue
            paths: list[str] = []
            if isinstance(arr, RadarrCoordinator):
                movie = await _movie(arr, request, None)
                if movie is not None and movie.has_file:
                    paths = [movie.file_path or movie.path]
            else:
                series = await _series(arr, request, None)
                if series is not None:
                    paths = [file.path for file in await arr.client.files(series.id)]
            found += [Rival(arr.title, path, arr.path_map.to_here(path)) for path in paths]
        return tuple(found)

    async def _queue(self, arrs: Mapping[str, Arr]) -> Knowledge[tuple[Queued, ...]]:
        found: list[Queued] = []
        for service, arr in arrs.items():
            try:
                lines = await arr.client.queue()
            except ServiceError as err:
                return Unknown(err.text, "queue")
            found += [
                Queued(service, line.media_id, line.episode_id, name_of(line.download_id))
                for line in lines
            ]
        return Known(tuple(found), "queue")

    # -- torrents and Seerr ------------------------------------------------------------------------

    async def _clients(self) -> Knowledge[tuple[ClientTorrent, ...]]:
        found: list[ClientTorrent] = []
        for service, one in self.torrents.items():
            await one.async_refresh()
            if not one.connected or one.data is None:
                return Unknown(
                    one.last_error or say("does_not_answer", service=one.title), "torrents"
                )
            if one.doubted:
                return Unknown(say("lost_torrents", service=one.title), "torrents")
            found += [
                ClientTorrent(service, one.service, torrent, one.client.removes_data)
                for torrent in one.data.by_hash.values()
            ]
        return Known(tuple(found), "torrents") if self.torrents else Absent("torrents")

    async def _side(self, request: Request) -> Knowledge[SeerrSide]:
        source, service, number = _ref(request)
        if source != _SEERR or number is None:
            return Absent(source)
        seerr = self.seerrs.get(service)
        if seerr is None:
            return Unknown(say("its_seerr_not_linked"), _SEERR)
        told = await surely(seerr.client, number)
        if told is None:
            return Absent(_SEERR)
        lone = told.other_status in (MediaStatus.UNKNOWN, MediaStatus.DELETED)
        return Known(SeerrSide(service, number, told.ids, told.media_id, lone), _SEERR)


async def _told[T](asked: Awaitable[T]) -> Knowledge[T]:
    return Known(await asked)


def _ref(request: Request) -> tuple[str, str, int | None]:
    source, _, rest = request.ref.partition(":")
    service, _, number = rest.rpartition(":")
    return source, service, int(number) if number.isdecimal() else None


type _Downloads = tuple[tuple[str, frozenset[Place | None]], ...]


def _downloads(request: Request, facts: Facts) -> _Downloads:
    """List the downloads that were grabbed and of which something was not imported yet.

    Only those for units that were asked for, or may be: what was grabbed for an episode that can't
    be named (None) may be any.
    """
    grabbed: dict[str, set[Place | None]] = {}
    imported: set[tuple[str, Place | None]] = set()
    for fact in facts:
        if not isinstance(fact, Event) or not fact.download:
            continue
        if fact.kind is EventKind.GRABBED:
            grabbed.setdefault(fact.download, set()).add(fact.place)
        elif fact.kind is EventKind.IMPORTED:
            imported.add((fact.download, fact.place))
    return tuple(
        (download, frozenset(places))
        for download, places in sorted(grabbed.items(), key=lambda pair: pair[0])
        if any((download, place) not in imported for place in places)
        and any(place is None or _is_asked(request, place) for place in places)
    )


def _is_asked(request: Request, place: Place) -> bool:
    return place == MOVIE if request.is_movie else request.wants(place.season)


def _with_queued(
    request: Request, record: Record, downloads: _Downloads, queue: Iterable[Queued]
) -> _Downloads:
    """Add what only the arr's queue tells of so far: it was grabbed a moment ago."""
    known, places = dict(downloads), {unit.id: unit.place for unit in record.units}
    for line in queue:
        if (line.service, line.media_id) != (record.service, record.id) or not line.download:
            continue
        place = MOVIE if request.is_movie else places.get(line.unit_id or _NOT_NAMED)
        if place is None or _is_asked(request, place):
            known.setdefault(line.download, frozenset())
    return tuple(known.items())


async def _movie(
    arr: RadarrCoordinator, request: Request, number: int | None
) -> RadarrMovie | None:
    movie = None if number is None else await arr.client.movie(number)
    if movie is not None and movie.title.ids.matches(request.ids) is Answer.YES:
        return movie
    if request.ids.tmdb is None:
        raise _no_id(arr)
    return await arr.client.movie_by_tmdb(request.ids.tmdb) or _half_known(movie, request)


async def _series(
    arr: SonarrCoordinator, request: Request, number: int | None
) -> SonarrSeries | None:
    series = None if number is None else await arr.client.series(number)
    if series is not None and series.title.ids.matches(request.ids) is Answer.YES:
        return series
    if request.ids.tvdb is None:
        raise _no_id(arr)
    return await arr.client.series_by_tvdb(request.ids.tvdb) or _half_known(series, request)


def _half_known[T: (RadarrMovie, SonarrSeries)](found: T | None, request: Request) -> T | None:
    """Give what some ids call the title and others don't: it is there, and must not seem gone."""
    half = found is not None and found.title.ids.matches(request.ids) is Answer.UNKNOWN
    return found if half else None


def _no_id(arr: Arr) -> ServiceError:
    return ServiceError(arr.title, say("request_without_id"))


def _labels(arr: Arr, tags: Iterable[int], labels: Mapping[int, str]) -> frozenset[str]:
    """Name tags; one whose name is not told might be the one that protects."""
    unknown = [tag for tag in tags if tag not in labels]
    if unknown:
        raise Unreadable(arr.title, say("tag_not_named", tag=unknown[0]))
    return frozenset(labels[tag] for tag in tags)


async def _of_movie(arr: RadarrCoordinator, movie: RadarrMovie) -> Record:
    labels = await arr.client.tags() if movie.tags else {}
    there = movie.has_file or movie.file_id is not None
    number = (movie.file_id or _NOT_NAMED) if there else None
    files: tuple[HeldFile, ...] = ()
    if movie.file_id is not None and movie.file_path is not None:
        place = frozenset({MOVIE})
        files = (HeldFile(movie.file_id, movie.file_path, movie.size_bytes, place),)
    return Record(
        service=arr.subentry_id,
        kind="radarr",
        name=arr.title,
        id=movie.id,
        ids=movie.title.ids,
        path=movie.path,
        tags=_labels(arr, movie.tags, labels),
        units=(HeldUnit(movie.id, MOVIE, movie.monitored, number),),
        files=files,
        path_map=arr.path_map,
        year=movie.title.year,
    )


async def _of_series(arr: SonarrCoordinator, series: SonarrSeries) -> Record:
    labels = await arr.client.tags() if series.tags else {}
    episodes = await arr.client.episodes(series.id, series.total_episodes or 0)
    there = any(one.file_id or one.has_file for one in episodes)
    files = await arr.client.files(series.id) if there else ()
    places: dict[int, set[Place]] = {}
    for one in episodes:
        if one.file_id is not None:
            places.setdefault(one.file_id, set()).add(Place(one.season, one.number))
    return Record(
        service=arr.subentry_id,
        kind="sonarr",
        name=arr.title,
        id=series.id,
        ids=series.title.ids,
        path=series.path,
        tags=_labels(arr, series.tags, labels),
        units=tuple(
            HeldUnit(
                one.id,
                Place(one.season, one.number),
                one.monitored,
                one.file_id or (_NOT_NAMED if one.has_file else None),
            )
            for one in episodes
        ),
        files=tuple(
            HeldFile(one.id, one.path, one.size_bytes, frozenset(places.get(one.id, ())))
            for one in files
        ),
        path_map=arr.path_map,
        year=series.title.year,
    )
