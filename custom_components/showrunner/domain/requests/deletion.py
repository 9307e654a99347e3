"""How a request is deleted: unmonitor, downloads under way, files, the arr's entry, Seerr (law 7).

Pure. What can't be proved or isn't known is left out, with its reason; an unknown answer only ever
takes steps away. What belongs together goes together or stays (law 15): nothing is unmonitored that
is not deleted, and no entry goes while a download of it is under way. Of a movie exactly the proven
file goes, and then the entry without files: Radarr would delete the whole folder, of which nobody
has proven anything. A series stays in Sonarr. The request itself goes last, and only with all that
was asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..finding import Finding
from ..knowledge import Absent, Answer, Known, Unknown
from ..media import year_note
from ..plan import (
    Cost,
    DeleteEpisodeFiles,
    DeleteMovie,
    DeleteMovieFile,
    DeleteRequest,
    ForgetMedia,
    Pool,
    Proof,
    RemoveTorrent,
    Scope,
    Subject,
    Target,
    Undo,
    UnmonitorEpisodes,
    UnmonitorMovie,
)
from ..text import say
from .draft import (
    DELETE_FILE,
    DELETE_MOVIE,
    DELETE_REQUEST,
    EVERYTHING,
    FORGET_MEDIA,
    Deletion,
    at,
    fingerprint,
    season_id,
    torrent_id,
    unmonitor_id,
)
from .holdings import Gathered, HeldFile, HeldUnit, Record, SeerrSide
from .parts import Part, parts_of
from .proofs import (
    YEAR,
    Objection,
    against_identity,
    entry_proof,
    file_proofs,
    keep_tag,
    lies_at,
    protections,
)
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
            case Absent():
                for download, _ in self.gathered.downloads:
                    self.torrent_stays(download)
        self._of_seerr()

    # -- the arr -----------------------------------------------------------------------------------

    def _of_record(self, record: Record) -> None:
        another = next(against_identity(record, self.gathered, self.request.ids), None)
        if another is not None:
            self.leave(EVERYTHING, self.label, another.reason)
        if self.blocked is not None:
            return
        parts = parts_of(self.request, record, self.gathered)
        for part in [part for part in parts if self.may_go(record, part)]:
            self._go(record, part)

    def _go(self, record: Record, part: Part) -> None:
        """Plan a part; what only makes sense with the request stays with it."""
        torrents = [one for one in part.downloads if self._is_removable(one)]
        files = [f for f in record.files if self.files and part.holds(f) and self.is_whole(f)]
        alone = self.files and bool(files or torrents or self.request.is_movie)
        if (why := self._stays()) is not None and not alone:
            if torrents or any(unit.monitored for unit in part.units):
                self.objected(min(part.step_ids), self.label, [why], part.step_ids, blocks=False)
            return
        first = tuple(self._unmonitored(record, part, files))
        removed = tuple(self._removed(torrents, first))
        if self.files and self.request.is_movie:
            self._movie(record, files, (*first, *removed))
        elif files:
            for season in part.seasons:
                mine = [one for one in first if one == unmonitor_id(season)]
                self._season(record, season, files, (*mine, *removed))

    def _unmonitored(self, record: Record, part: Part, files: Iterable[HeldFile]) -> Iterator[str]:
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
                yield self._unmonitor(record, season, mine)

    def _unmonitor(self, record: Record, season: int | None, units: Sequence[HeldUnit]) -> str:
        step_id, why = unmonitor_id(season), say("why_unmonitor", arr=record.name)
        if season is None:
            self.add(step_id, UnmonitorMovie(), Scope.MOVIE, at(record), why, undo=Undo.RESTORE)
        else:
            episodes = UnmonitorEpisodes(tuple(sorted(unit.id for unit in units)))
            self.add(step_id, episodes, Scope.EPISODE, at(record), why, undo=Undo.RESTORE)
        return step_id

    def _movie(self, record: Record, files: Iterable[HeldFile], after: tuple[str, ...]) -> None:
        for file in files:
            self.add(
                DELETE_FILE,
                DeleteMovieFile((fingerprint(file),)),
                Scope.FILE,
                replace(at(record), path=file.path),
                say("why_file"),
                subject=Subject.of_file(file.path, self.request.title),
                findings=self._findings(record, (file,)),
                proofs=self._proofs(record, (file,)),
                cost=Cost(bytes=file.size_bytes),
                undo=Undo.RE_ADD,
                after=after,
            )
            after += (DELETE_FILE,)
        self.add(
            DELETE_MOVIE,
            DeleteMovie(),
            Scope.MOVIE,
            at(record),
            say("why_forget_movie", arr=record.name),
            findings=(keep_tag(record),),
            proofs=(entry_proof(record, self.request.ids),),
            undo=Undo.RE_ADD,
            after=after,
        )

    def _season(
        self, record: Record, season: int, files: Sequence[HeldFile], after: tuple[str, ...]
    ) -> None:
        mine = [file for file in files if min(file.places).season == season]
        if not mine:
            return
        # A file of two seasons goes with the first: that must not change what the second is.
        going = {file.id for file in files}
        here = [f for f in record.files if any(place.season == season for place in f.places)]
        ordered = sorted(mine, key=lambda one: one.id)
        self.add(
            season_id(season),
            DeleteEpisodeFiles(season, tuple(fingerprint(file) for file in ordered)),
            Scope.SEASON if all(file.id in going for file in here) else Scope.EPISODE,
            at(record),
            say("why_files", count=len(mine), season=season),
            findings=self._findings(record, mine),
            proofs=self._proofs(record, mine),
            cost=Cost(len(mine), sum(file.size_bytes for file in mine)),
            undo=Undo.RE_ADD,
            after=after,
        )

    def _findings(self, record: Record, files: Sequence[HeldFile]) -> tuple[Finding, ...]:
        found = protections(record, files, self.gathered, self.request.ids)
        note = year_note(record.year, self.gathered.year)
        return (*found, *([Finding(YEAR, Answer.YES, detail=note)] if note else ()))

    def _proofs(self, record: Record, files: Iterable[HeldFile]) -> tuple[Proof, ...]:
        ids = self.request.ids
        return tuple(
            proof for file in files for proof in file_proofs(record, file, self.gathered, ids)
        )

    # -- downloads ---------------------------------------------------------------------------------

    def _is_removable(self, download: str) -> bool:
        """Tell whether nothing was said against a download, and there is one."""
        known = any(one.step_id == torrent_id(download) for one in self.withheld)
        return not known and under_way(self.gathered, download) is not None

    def _removed(self, downloads: Iterable[str], after: tuple[str, ...]) -> Iterator[str]:
        """Plan the removal of downloads while their arr can still prove whose they are."""
        for download in downloads:
            found = under_way(self.gathered, download)
            if found is None:
                continue
            torrent, deletes = found.torrent, found.removes_data
            why = say("why_torrent", torrent=torrent.name, client=found.kind)
            if deletes:
                why = say("why_torrent_with_data", torrent=torrent.name)
            self.add(
                torrent_id(download),
                RemoveTorrent(torrent.hash, torrent.size_bytes),
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
                self.add(
                    FORGET_MEDIA,
                    ForgetMedia(seerr.number),
                    scope,
                    replace(target, remote_id=seerr.media_id),
                    say("why_forget_media"),
                    after=tuple(step.id for step in self.steps),
                )
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
        going = [files[one] for one in self._going_files()]
        if len(going) < len(files):
            return Objection(say("seerr_keeps_files"))
        seen = self.gathered.evidence
        if not isinstance(seen, Known):
            said = seen.reason if isinstance(seen, Unknown) else say("nothing_said")
            return Objection(say("jellyfin_shows_unknown", why=said), unknown=True)
        if record is None or not going:
            return Objection(say("jellyfin_still_shows"), unknown=True) if seen.value else None
        paths = [path for one in seen.value for path in one.paths]
        stays = [p for p in paths if not any(lies_at(record, p, file) for file in going)]
        return Objection(say("jellyfin_elsewhere", file=stays[0])) if stays else None

    def _going_files(self) -> Iterator[int]:
        for step in self.steps:
            if isinstance(step.payload, DeleteMovieFile | DeleteEpisodeFiles):
                yield from (file.id for file in step.payload.files)
