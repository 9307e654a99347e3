"""How a request is deleted: unmonitor, downloads under way, files, the arr's entry, Seerr (law 7).

Pure. What can't be proved or isn't known is left out, with its reason; an unknown answer only ever
takes steps away. What belongs together goes together or stays (law 15): nothing is unmonitored that
is not deleted, and no entry goes while a download of it is under way. Of a movie exactly the proven
file goes, and then the entry without files: Radarr would delete the whole folder, of which nobody
has proven anything. A series stays in Sonarr. The request itself goes last, and only with all that
was asked for.
"""

from collections.abc import Iterable, Iterator, Mapping

from ..deletion.draft import (
    DELETE_REQUEST,
    EVERYTHING,
    FORGET_MEDIA,
    Deletion,
    unmonitor_id,
)
from ..deletion.facts import SeerrSide
from ..deletion.proofs import Objection, against_identity
from ..inventory import ArrFile, ArrTitle
from ..knowledge import Answer, Known, Unknown
from ..plan import (
    Cost,
    DeleteRequest,
    Pool,
    RemoveTorrent,
    Scope,
    Subject,
    Target,
)
from ..text import say
from .draft import torrent_id
from .holdings import ClientTorrent, Gathered
from .parts import Part, parts_of
from .refusals import Refusals
from .request import Request
from .state import RequestStatus
from .torrents import queue_proof, under_way


def plan_deletion(
    request: Request, status: RequestStatus, gathered: Gathered, *, files: bool
) -> Deletion:
    """Plan how a request is deleted. `files`: what it brought goes too; there is no default."""
    made = _Maker(request, status, gathered, files=files)
    made.plan()
    return Deletion(tuple(made.steps), tuple(made.withheld))


class _Maker(Refusals):
    """Applies the rules, one after another."""

    def plan(self) -> None:
        """Go through everything in the order in which it is carried out."""
        if isinstance(self.gathered.queue, Unknown):
            said = say("whose_downloads_unknown", why=self.gathered.queue.reason)
            self.leave(EVERYTHING, self.label, said, unknown=True)
        match self.gathered.record:
            case Known(record):
                self._of_record(record)
            case Unknown(reason):
                said = say("holder_unknown", why=reason)
                self.leave(EVERYTHING, self.label, said, unknown=True)
            case _:
                for download, _ in self.gathered.downloads:
                    self.torrent_stays(download)
        self._of_seerr()

    # -- the arr -----------------------------------------------------------------------------------

    def _of_record(self, record: ArrTitle) -> None:
        another = next(against_identity(record, self.gathered, self.request.ids), None)
        if another is not None:
            self.leave(EVERYTHING, self.label, another.reason)
        if self.blocked is not None:
            return
        parts = parts_of(self.request, record, self.gathered)
        for part in [part for part in parts if self.may_go(record, part)]:
            self._go(record, part)

    def _go(self, record: ArrTitle, part: Part) -> None:
        """Plan a part; what only makes sense with the request stays with it."""
        torrents = self._removable(part.downloads)
        files = [f for f in record.files if self.files and part.holds(f) and self.is_whole(f)]
        alone = self.files and bool(files or torrents or self.request.is_movie)
        if (why := self._stays()) is not None and not alone:
            if torrents or any(unit.monitored for unit in part.units):
                self.objected(min(part.step_ids), self.label, [why], part.step_ids, blocks=False)
            return
        first = tuple(self._unmonitored(record, part, files))
        removed = tuple(self._removed(torrents, first))
        if self.files and self.request.is_movie:
            self.delete_movie(record, files, (*first, *removed))
        elif files:
            for season in part.seasons:
                mine = [one for one in first if one == unmonitor_id(season)]
                self.delete_season(record, season, files, (*mine, *removed))

    def _unmonitored(self, record: ArrTitle, part: Part, files: Iterable[ArrFile]) -> Iterator[str]:
        """Plan the unmonitoring of what is not fetched again; name its steps."""
        staying = self.staying
        # What is in a file of two seasons is deleted, and so unmonitored, with the first.
        first = {place: min(file.places).season for file in files for place in file.places}
        for season in part.seasons or (None,):
            mine = [
                unit
                for unit in part.units
                if season in (None, first.get(unit.place, unit.place.season))
                and unit.monitored
                and self.is_free(unit.place)
                and unit.place not in staying
            ]
            if mine:
                yield self.unmonitor(record, season, mine)

    # -- downloads ---------------------------------------------------------------------------------

    def _removable(self, downloads: Iterable[str]) -> dict[str, ClientTorrent]:
        """Find the torrents of those downloads against which nothing was said."""
        stays = {one.step_id for one in self.withheld}
        return {
            one: found
            for one in downloads
            if torrent_id(one) not in stays and (found := under_way(self.gathered, one)) is not None
        }

    def _removed(
        self, torrents: Mapping[str, ClientTorrent], after: tuple[str, ...]
    ) -> Iterator[str]:
        """Plan the removal of downloads while their arr can still prove whose they are."""
        for download, found in torrents.items():
            torrent, deletes = found.torrent, found.removes_data
            why = say("why_torrent", torrent=torrent.name, client=found.kind)
            if deletes:
                why = say("why_torrent_with_data", torrent=torrent.name)
            self.add(
                torrent_id(download),
                RemoveTorrent(torrent.hash, torrent.size_bytes, deletes),
                Scope.TORRENT,
                Target(found.service, found.kind, None, torrent.content_path, self.request.ids),
                why,
                subject=Subject.of_torrent(torrent.hash, torrent.name, self.request.title),
                proofs=(queue_proof(self.request, self.gathered, download),),
                cost=Cost(bytes=torrent.done_bytes if deletes else 0, pool=Pool.TORRENTS),
                after=after,
            )
            yield torrent_id(download)

    # -- Seerr -------------------------------------------------------------------------------------

    def _stays(self) -> Objection | None:
        """Say why the request itself stays; None: it may go when all else is done."""
        if (blocked := self.blocked) is not None:
            reason = say("request_goes_last", what=blocked.what)
            return Objection(reason, unknown=blocked.unknown)
        seerr = self.gathered.seerr
        if isinstance(seerr, Unknown):
            return Objection(say("seerr_not_told", why=seerr.reason), unknown=True)
        if isinstance(seerr, Known) and seerr.value.ids.matches(self.request.ids) is not Answer.YES:
            # Its numbers are given anew when it is set up anew; what it can't prove may be another.
            return Objection(say("seerr_of_another", number=seerr.value.number))
        return None

    def _of_seerr(self) -> None:
        if (why := self._stays()) is not None:
            self.objected(DELETE_REQUEST, self.label, [why], frozenset({FORGET_MEDIA}))
            return
        seerr = self.gathered.seerr.value if isinstance(self.gathered.seerr, Known) else None
        service, number = (seerr.service, seerr.number) if seerr else ("", None)
        target = Target(service, "seerr" if seerr else "showrunner", number, None, self.request.ids)
        scope = Scope.MOVIE if self.request.is_movie else Scope.SERIES
        if seerr is not None and seerr.media_id is not None:
            left = self._left(seerr) if self.files else Objection("")
            if left is None:
                self.forget_media(seerr)
            elif left.reason:
                self.objected(FORGET_MEDIA, self.label, [left], blocks=False)
        after = tuple(step.id for step in self.steps)
        request = DeleteRequest(self.request.id)
        self.add(DELETE_REQUEST, request, scope, target, "", after=after)

    def _left(self, seerr: SeerrSide) -> Objection | None:
        """Say why Seerr must go on to know the title; None: nothing is left that it may tell of.

        What Jellyfin still shows Seerr would find again at its next scan. Jellyfin misses a file
        after a minute or more; so long Seerr keeps what it knows.
        """
        if self.gathered.others or not seerr.lone:
            return Objection(say("seerr_keeps_wanted"))
        record = self.gathered.record.value if isinstance(self.gathered.record, Known) else None
        files = {file.id: file for file in (record.files if record else ())}
        going = [files[one] for one in sorted(self.going())]
        if len(going) < len(files):
            return Objection(say("seerr_keeps_files"))
        return self.still_shown(record, going)
