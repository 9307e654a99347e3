"""How a request is deleted: unmonitor, downloads under way, files, the arr's entry, Seerr (law 7).

Pure. What can't be proved or isn't known is left out, with its reason; an unknown answer only ever
takes steps away. Of a movie exactly the proven file goes, and then the entry without files: Radarr
would delete the whole folder, of which nobody has proven anything. A series stays in Sonarr. The
request itself goes last, and only with all that was asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ..knowledge import Answer, Known, Unknown
from ..media import year_note
from ..plan import Action, Arguments, Scope, Target, Undo
from .draft import UNMONITOR, Deletion, Draft, at, mark, numbers
from .facts import MOVIE, Place
from .holdings import Gathered, HeldFile, HeldUnit, Record, SeerrSide
from .proofs import against_deleting, against_identity, against_touching, evidence
from .request import Request
from .state import RequestStatus
from .torrents import against_removing, under_way

DELETE_FILE: Final = "delete_file"
DELETE_MOVIE: Final = "delete_movie"
FORGET_MEDIA: Final = "forget_media"
DELETE_REQUEST: Final = "delete_request"


def plan_deletion(
    request: Request, status: RequestStatus, gathered: Gathered, *, files: bool
) -> Deletion:
    """Plan how a request is deleted. `files`: what it brought goes too; there is no default."""
    made = _Maker(request, status, gathered, files=files)
    made.plan()
    return Deletion(tuple(made.steps), tuple(made.withheld))


class _Maker(Draft):
    """Applies the rules, one after another."""

    def plan(self) -> None:
        """Go through everything in the order in which it is carried out."""
        match self.gathered.record:
            case Known(record):
                self._of_record(record)
            case Unknown(reason):
                self.leave(
                    UNMONITOR, self.label, f"who holds it is not known: {reason}", unknown=True
                )
        self._torrents()
        self._of_seerr()

    # -- the arr -----------------------------------------------------------------------------------

    def _of_record(self, record: Record) -> None:
        another = next(against_identity(record, self.gathered, self.request.ids), None)
        if another is not None:
            self.leave(UNMONITOR, self.label, another.reason)
            return
        free = [unit for unit in record.units if self._is_free(unit.place)]
        self._unmonitor(record, [unit for unit in free if unit.monitored])
        if not self.files:
            return
        if self.request.is_movie:
            self._movie(record)
        else:
            self._seasons(record)

    def _is_free(self, place: Place) -> bool:
        """Tell whether a unit is this request's, and no other's."""
        others = self.gathered.others
        return self._is_asked(place) and not any(self._wants_too(one, place) for one in others)

    def _is_asked(self, place: Place) -> bool:
        return self.request.is_movie or self.request.wants(place.season)

    def _wants_too(self, other: Request, place: Place) -> bool:
        one, two = self.request, other
        apart = one.arr is not None and two.arr is not None and one.arr != two.arr
        return not (apart and one.is_4k != two.is_4k) and (two.is_movie or two.wants(place.season))

    def _unmonitor(self, record: Record, units: Sequence[HeldUnit]) -> None:
        asked = [u.place for u in record.units if self._is_asked(u.place)]
        if not all(self._is_free(place) for place in asked):
            self.leave(UNMONITOR, self.label, self._other_wants, blocks=self.files)
        if not units:
            return
        action, scope = Action.UNMONITOR_MOVIE, Scope.MOVIE
        arguments: Arguments = ()
        if not self.request.is_movie:
            action, scope = Action.UNMONITOR_EPISODES, Scope.EPISODE
            arguments = (("episodes", numbers(unit.id for unit in units)),)
        why = f"so that {record.name} does not fetch it again"
        self.add(UNMONITOR, action, scope, at(record), why, arguments=arguments, undo=Undo.RESTORE)

    @property
    def _other_wants(self) -> str:
        names = ", ".join(sorted(other.id for other in self.gathered.others))
        return f"another open request wants it too: {names}"

    def _movie(self, record: Record) -> None:
        if not self._is_free(MOVIE):
            return  # said already
        unit = next((one for one in record.units if one.place == MOVIE), None)
        if unit is None:
            self.leave(DELETE_MOVIE, self.label, f"{record.name} tells nothing of it", unknown=True)
            return
        last = self.unmonitoring
        objections = [*against_touching(record, self.gathered, self.request.ids)]
        if unit.file_id is not None:
            file = next((one for one in record.files if one.id == unit.file_id), None)
            if file is None:
                self.leave(
                    DELETE_FILE, self.label, f"{record.name} does not name its file", unknown=True
                )
                return
            objections = [*against_deleting(record, file, self.gathered, self.request.ids)]
            if not objections:
                self._delete_file(record, file, last)
                last = DELETE_FILE
        if objections:
            self.objected(DELETE_FILE if unit.file_id else DELETE_MOVIE, self.label, objections)
            return
        self.add(
            DELETE_MOVIE,
            Action.DELETE_MOVIE,
            Scope.MOVIE,
            at(record),
            f"{record.name} forgets it; its folder and all else in it stay",
            undo=Undo.RE_ADD,
            after=last,
        )

    def _delete_file(self, record: Record, file: HeldFile, after: str | None) -> None:
        self.add(
            DELETE_FILE,
            Action.DELETE_FILE,
            Scope.FILE,
            replace(at(record), path=file.path),
            "its file was asked to go too",
            arguments=(("files", str(file.id)), ("mark", mark((file,)))),
            evidence=self._proof(record, (file,)),
            bytes_=file.size_bytes,
            undo=Undo.RE_ADD,
            after=after,
        )

    def _seasons(self, record: Record) -> None:
        known = {file.id for file in record.files}
        lost = [unit for unit in record.units if unit.file_id and unit.file_id not in known]
        for season in sorted({unit.place.season for unit in record.units if unit.file_id}):
            if not self.request.wants(season):
                continue
            step_id, what = f"season:{season}", f"{self.label}, season {season}"
            if any(unit.place.season == season for unit in lost):
                self.leave(
                    step_id, what, f"{record.name} does not name all its files", unknown=True
                )
            elif any(not self._is_free(u.place) for u in record.units if u.place.season == season):
                self.leave(step_id, what, self._other_wants)
            else:
                self._season(record, season, step_id, what)

    def _season(self, record: Record, season: int, step_id: str, what: str) -> None:
        here = [f for f in record.files if f.places and min(f.places).season == season]
        whole = [f for f in record.files if any(place.season == season for place in f.places)]
        mine = [f for f in here if all(self._is_free(place) for place in f.places)]
        for file in whole:
            if not all(self._is_free(place) for place in file.places):
                reason = f"{file.path} also has episodes that are not this request's"
                self.leave(step_id, what, reason, blocks=False)
        ids = self.request.ids
        found = [o for f in mine for o in against_deleting(record, f, self.gathered, ids)]
        if found:
            # Law 6: what protects an episode protects its season as a whole.
            self.objected(step_id, what, found)
        elif mine:
            self.add(
                step_id,
                Action.DELETE_EPISODE_FILES,
                Scope.SEASON if mine == whole else Scope.EPISODE,
                at(record),
                f"its files were asked to go too: {len(mine)} of season {season}",
                arguments=(
                    ("season", season),
                    ("files", numbers(file.id for file in mine)),
                    ("mark", mark(mine)),
                ),
                evidence=self._proof(record, mine),
                bytes_=sum(file.size_bytes for file in mine),
                items=len(mine),
                undo=Undo.RE_ADD,
                after=self.unmonitoring,
            )

    def _proof(self, record: Record, files: Iterable[HeldFile]) -> tuple[tuple[str, str], ...]:
        ids, note = self.request.ids, year_note(record.year, self.gathered.year)
        return (
            ("id", f"{' '.join(record.ids.keys)} in {record.name} ({record.id}) and in Jellyfin"),
            *((("year", note),) if note else ()),
            *((f"path {file.id}", evidence(record, file, self.gathered, ids)) for file in files),
        )

    # -- downloads ---------------------------------------------------------------------------------

    def _torrents(self) -> None:
        for download, places in self.gathered.downloads:
            step_id = f"torrent:{download}"
            if (why := against_removing(self.request, self.gathered, download, places)) is not None:
                if why.reason:
                    blocks = why.unknown
                    self.leave(
                        step_id,
                        f"torrent {download}",
                        why.reason,
                        unknown=why.unknown,
                        blocks=blocks,
                    )
                continue
            if not all(self._is_free(place) for place in places):
                self.leave(step_id, f"torrent {download}", self._other_wants, blocks=False)
                continue
            found = under_way(self.gathered, download)
            if found is None:
                continue
            torrent, deletes = found.torrent, found.removes_data
            data = "its data too" if deletes else f"{found.kind} keeps its data, which stays there"
            self.add(
                step_id,
                Action.REMOVE_TORRENT,
                Scope.FILE,
                Target(found.service, found.kind, None, torrent.content_path, self.request.ids),
                f"under way for this request alone: {torrent.name}; {data}",
                arguments=(("hash", torrent.hash), ("size", torrent.size_bytes)),
                bytes_=torrent.done_bytes if deletes else 0,
                after=self.unmonitoring,
            )

    # -- Seerr -------------------------------------------------------------------------------------

    def _of_seerr(self) -> None:
        blocked = [one for one in self.withheld if one.blocks]
        seerr = self.gathered.seerr
        if blocked:
            reason = f"the request goes last, and not all was possible: {blocked[0].what}"
            self.leave(DELETE_REQUEST, self.label, reason, unknown=blocked[0].unknown)
        elif isinstance(seerr, Unknown):
            reason = f"Seerr does not tell of the request: {seerr.reason}"
            self.leave(DELETE_REQUEST, self.label, reason, unknown=True)
        elif (
            isinstance(seerr, Known) and seerr.value.ids.matches(self.request.ids) is not Answer.YES
        ):
            # Its numbers are given anew when it is set up anew; what it can't prove may be another.
            reason = f"Seerr's request {seerr.value.number} is not known to be of this title"
            self.leave(DELETE_REQUEST, self.label, reason)
        else:
            self._request(seerr.value if isinstance(seerr, Known) else None)

    def _request(self, seerr: SeerrSide | None) -> None:
        gone = [s for s in self.steps if s.action in _FILES or s.action is Action.DELETE_MOVIE]
        last = gone[-1].id if gone else self.unmonitoring
        service, number = (seerr.service, seerr.number) if seerr else ("", None)
        target = Target(service, "seerr" if seerr else "showrunner", number, None, self.request.ids)
        scope = Scope.MOVIE if self.request.is_movie else Scope.SERIES
        if seerr is not None and seerr.media_id is not None and self._nothing_left(seerr):
            self.add(
                FORGET_MEDIA,
                Action.FORGET_MEDIA,
                scope,
                replace(target, remote_id=seerr.media_id),
                "nothing is left of it, so that it can be requested again",
                arguments=(("number", seerr.number),),
                after=last,
            )
            last = FORGET_MEDIA
        self.add(DELETE_REQUEST, Action.DELETE_REQUEST, scope, target, "", after=last)

    def _nothing_left(self, seerr: SeerrSide) -> bool:
        """Tell whether the title has nothing more anywhere that Seerr may tell of."""
        if not self.files or self.gathered.others or not seerr.lone:
            return False
        if not isinstance(self.gathered.record, Known):
            # The arr holds nothing: then Jellyfin must say so too.
            seen = self.gathered.witnesses
            return isinstance(seen, Known) and not seen.value
        if self.request.is_movie:
            return True
        going = {
            number
            for step in self.steps
            if step.action is Action.DELETE_EPISODE_FILES
            for number in str(dict(step.arguments)["files"]).split(",")
        }
        return all(str(file.id) in going for file in self.gathered.record.value.files)


_FILES: Final = frozenset({Action.DELETE_FILE, Action.DELETE_EPISODE_FILES})
