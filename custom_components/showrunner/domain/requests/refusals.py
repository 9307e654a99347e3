"""What stands against deleting a part of a request, said once for everything that belongs to it."""

from ..deletion.draft import DELETE_FILE, DELETE_MOVIE, season_id, unmonitor_id
from ..deletion.proofs import WHOLE_TITLE, Objection, against_touching
from ..deletion.steps import all_named
from ..inventory import ArrFile, ArrTitle
from ..knowledge import Known
from ..media import MOVIE, Place
from ..text import Words, say
from .draft import RequestDraft, torrent_id
from .parts import Part
from .request import Request
from .torrents import against_removing


class Refusals(RequestDraft):
    """Judges the parts of a request."""

    def may_go(self, record: ArrTitle, part: Part) -> bool:
        """Say what stands against a part; tell whether nothing does."""
        before = len(self.withheld)
        stays = [self.torrent_stays(one, part.step_ids) for one in part.downloads]
        may = True
        if not self.files:
            may = self._may_leave(record, part, removes=not all(stays))
        elif self.request.is_movie:
            self._against_movie(record, part)
        else:
            for season in part.seasons:
                self._against_season(record, part, season)
        return may and not any(one.blocks for one in self.withheld[before:])

    # -- whose it is -------------------------------------------------------------------------------

    def is_free(self, place: Place) -> bool:
        """Tell whether a unit is this request's, and no other's."""
        others = self.gathered.others
        return self._is_asked(place) and not any(self._wants_too(one, place) for one in others)

    def is_whole(self, file: ArrFile) -> bool:
        """Tell whether all that is in a file is this request's, and no other's."""
        return bool(file.places) and all(self.is_free(place) for place in file.places)

    def _is_asked(self, place: Place) -> bool:
        return self.request.is_movie or self.request.wants(place.season)

    def _wants_too(self, other: Request, place: Place) -> bool:
        one, two = self.request, other
        apart = one.arr is not None and two.arr is not None and one.arr != two.arr
        return not (apart and one.is_4k != two.is_4k) and (two.is_movie or two.wants(place.season))

    @property
    def _other_wants(self) -> Words:
        names = tuple(sorted(other.id for other in self.gathered.others))
        return say("another_wants_it", requests=names)

    # -- downloads ---------------------------------------------------------------------------------

    def torrent_stays(self, download: str, belonging: frozenset[str] = frozenset()) -> bool:
        """Tell whether there is no torrent of a download to remove, and why it stays if it does."""
        places = dict(self.gathered.downloads)[download]
        why = against_removing(self.request, self.gathered, download, places, files=self.files)
        if why is None and not all(place and self.is_free(place) for place in places):
            why = Objection(self._other_wants, harmless=True)
        if why is None and places & self.staying:
            why = Objection(say("torrent_for_staying"))
        if why is not None and why.reason:
            self.leave(
                torrent_id(download),
                say("left_torrent", torrent=download),
                why.reason,
                unknown=why.unknown,
                blocks=not why.harmless,
                belonging=frozenset() if why.harmless else belonging,
            )
        return why is not None

    @property
    def staying(self) -> set[Place | None]:
        """Name the units that stay with a file that is not wholly this request's."""
        record = self.gathered.record.value if isinstance(self.gathered.record, Known) else None
        files = record.files if record is not None and self.files else ()
        return {place for file in files if not self.is_whole(file) for place in file.places}

    # -- the title ---------------------------------------------------------------------------------

    def _may_leave(self, record: ArrTitle, part: Part, *, removes: bool) -> bool:
        """Judge what stays where it is: a kept title keeps its downloads and its monitoring too."""
        seasons = part.seasons or WHOLE_TITLE
        kept = [*against_touching(record, self.gathered, self.request.ids, seasons)]
        if kept:
            step_id = unmonitor_id(min(part.seasons, default=None))
            self.objected(step_id, self.label, kept, part.step_ids, blocks=removes)
        for season in seasons:
            units = [one for one in part.units if season in (None, one.place.season)]
            if not kept and not all(self.is_free(unit.place) for unit in units):
                self.leave(unmonitor_id(season), self.label, self._other_wants, blocks=False)
        return not kept

    def _against_movie(self, record: ArrTitle, part: Part) -> None:
        unit = next((one for one in part.units if one.place == MOVIE), None)
        if not self.is_free(MOVIE):
            self._refuse(part, DELETE_MOVIE, self._other_wants)
        elif unit is None:
            self._refuse(part, DELETE_MOVIE, say("tells_nothing", arr=record.name), unknown=True)
        elif unit.file_id is None:
            touching = [*against_touching(record, self.gathered, self.request.ids)]
            self._objected(part, DELETE_MOVIE, self.label, touching)
        else:
            file = next((one for one in record.files if one.id == unit.file_id), None)
            if file is None:
                said = say("names_no_file", arr=record.name)
                self._refuse(part, DELETE_FILE, said, unknown=True)
                return
            self._objected(part, DELETE_FILE, self.label, self.against_files(record, [file]))

    def _against_season(self, record: ArrTitle, part: Part, season: int) -> None:
        step_id = season_id(season)
        what = say("left_season", title=self.label, season=season)
        units = [unit for unit in part.units if unit.place.season == season]
        if not all_named(record, units):
            said = say("names_not_all_files", arr=record.name)
            self._refuse(part, step_id, said, what, unknown=True)
        elif not all(self.is_free(unit.place) for unit in units):
            self._refuse(part, step_id, self._other_wants, what)
        else:
            files = [f for f in record.files if any(p.season == season for p in f.places)]
            self._against_files(record, part, season, files)

    def _against_files(
        self, record: ArrTitle, part: Part, season: int, files: list[ArrFile]
    ) -> None:
        what = say("left_season", title=self.label, season=season)
        going = []
        for file in files:
            if self.is_whole(file):
                going.append(file)
            else:
                said = say("file_has_others", file=file.path)
                self.leave(f"file:{file.id}", what, said, blocks=False)
        found = self.against_files(record, going, season)
        self._objected(part, season_id(season), what, found)

    def _objected(self, part: Part, step_id: str, what: Words, objections: list[Objection]) -> None:
        if objections:
            self.objected(step_id, what, objections, part.step_ids)

    def _refuse(
        self, part: Part, step_id: str, reason: Words, what: Words = "", *, unknown: bool = False
    ) -> None:
        self.leave(step_id, what or self.label, reason, unknown=unknown, belonging=part.step_ids)
