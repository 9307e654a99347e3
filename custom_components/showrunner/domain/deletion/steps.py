"""How what an arr holds is deleted (law 7): unmonitor, then exactly the proven files, then entries.

Of a movie exactly the proven file goes, and then the entry without files: Radarr would delete the
whole folder, of which nobody has proven anything. A series leaves Sonarr when no file is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..finding import Finding
from ..inventory import ArrFile, ArrTitle, ArrUnit
from ..keeps import kept
from ..knowledge import Answer, Known, Unknown
from ..media import MediaType, ProviderIds, year_note
from ..plan import (
    Cost,
    DeleteEpisodeFiles,
    DeleteMovie,
    DeleteMovieFile,
    DeleteSeries,
    ForgetMedia,
    Proof,
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
    DELETE_SERIES,
    FORGET_MEDIA,
    Draft,
    at,
    fingerprint,
    season_id,
    unmonitor_id,
)
from .facts import Evidence, ProofFacts, SeerrSide
from .proofs import (
    WHOLE_TITLE,
    YEAR,
    Objection,
    against_deleting,
    against_touching,
    entry_proof,
    file_proofs,
    keep_tag,
    lies_at,
    lying,
    protections,
    seasons_of,
)


class Steps[FactsT: ProofFacts](Draft[FactsT]):
    """Writes the steps that take something from an arr, with their proofs and protections."""

    @property
    def ids(self) -> ProviderIds:
        """The title's ids."""
        return self.title.ids

    # -- what is against it ------------------------------------------------------------------------

    def against_files(
        self, record: ArrTitle, files: Sequence[ArrFile], season: int | None = None
    ) -> list[Objection]:
        """Give what stands against deleting files that go together, of a season or a movie.

        Law 6: what protects an episode protects its season as a whole. `season` is for one of
        which there may be no file.
        """
        seasons = seasons_of(*files) if season is None else {season, *seasons_of(*files)}
        found = [*against_touching(record, self.gathered, self.ids, seasons or WHOLE_TITLE)]
        at = lying(record, self._shown)
        for file in files:
            found += against_deleting(record, file, self.gathered, self.ids, at)
        return found

    @property
    def _shown(self) -> tuple[Evidence, ...]:
        """What Jellyfin has of the title, as far as it has said."""
        evidence = self.gathered.evidence
        return evidence.value if isinstance(evidence, Known) else ()

    def still_shown(self, record: ArrTitle | None, going: Sequence[ArrFile]) -> Objection | None:
        """Say what of a title Jellyfin may show when these files are gone; None: nothing.

        Jellyfin misses a file after a minute or more.
        """
        seen = self.gathered.evidence
        if not isinstance(seen, Known):
            said = seen.reason if isinstance(seen, Unknown) else say("nothing_said")
            return Objection(say("jellyfin_shows_unknown", why=said), unknown=True)
        if record is None or not going:
            return Objection(say("jellyfin_still_shows"), unknown=True) if seen.value else None
        paths = [path for one in seen.value for path in one.paths]
        stays = [p for p in paths if not any(lies_at(record, p, file) for file in going)]
        return Objection(say("jellyfin_elsewhere", file=stays[0])) if stays else None

    # -- steps -------------------------------------------------------------------------------------

    def unmonitor(self, record: ArrTitle, season: int | None, units: Sequence[ArrUnit]) -> str:
        """Plan that a movie (no season), or these episodes, are not fetched again; name it."""
        step_id, why = unmonitor_id(season), say("why_unmonitor", arr=record.name)
        if season is None:
            self.add(step_id, UnmonitorMovie(), Scope.MOVIE, at(record), why, undo=Undo.RESTORE)
        else:
            episodes = UnmonitorEpisodes(tuple(sorted(unit.id for unit in units)))
            self.add(step_id, episodes, Scope.EPISODE, at(record), why, undo=Undo.RESTORE)
        return step_id

    def delete_movie(
        self, record: ArrTitle, files: Iterable[ArrFile], after: tuple[str, ...]
    ) -> None:
        """Plan that a movie's file goes, and then its entry."""
        for file in files:
            self.add(
                DELETE_FILE,
                DeleteMovieFile((fingerprint(file),)),
                Scope.FILE,
                replace(at(record), path=file.path),
                say("why_file"),
                subject=Subject.of_file(file.path, self.title),
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
            findings=(keep_tag(record), kept(self.gathered.keeps, WHOLE_TITLE)),
            proofs=(entry_proof(record, self.ids),),
            # The movie was counted with its file: else entries alone would fill a budget.
            cost=Cost(items=0) if DELETE_FILE in after else Cost(),
            undo=Undo.RE_ADD,
            after=after,
        )

    def delete_series(self, record: ArrTitle) -> None:
        """Plan that the entry of a series goes of which no file is left."""
        self.add(
            DELETE_SERIES,
            DeleteSeries(),
            Scope.SERIES,
            at(record),
            say("why_forget_series", arr=record.name),
            findings=(keep_tag(record), kept(self.gathered.keeps, WHOLE_TITLE)),
            proofs=(entry_proof(record, self.ids),),
            cost=Cost(),
            undo=Undo.RE_ADD,
        )

    def delete_season(
        self, record: ArrTitle, season: int, files: Sequence[ArrFile], after: tuple[str, ...]
    ) -> None:
        """Plan that a season's files go, of all those `files` that go with it or other seasons."""
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

    def forget_media(self, seerr: SeerrSide) -> None:
        """Plan that Seerr forgets the title when all else is done; its request goes with it."""
        is_movie = self.title.media is MediaType.MOVIE
        self.add(
            FORGET_MEDIA,
            ForgetMedia(seerr.number),
            Scope.MOVIE if is_movie else Scope.SERIES,
            Target(seerr.service, "seerr", seerr.media_id, None, self.ids),
            say("why_forget_media"),
            after=tuple(step.id for step in self.steps),
        )

    def going(self) -> frozenset[int]:
        """Name the files that are planned to go."""
        return frozenset(
            file.id
            for step in self.steps
            if isinstance(step.payload, DeleteMovieFile | DeleteEpisodeFiles)
            for file in step.payload.files
        )

    def _findings(self, record: ArrTitle, files: Sequence[ArrFile]) -> tuple[Finding, ...]:
        found = protections(record, files, self.gathered, self.ids)
        note = year_note(record.year, self.gathered.year)
        return (*found, *([Finding(YEAR, Answer.YES, detail=note)] if note else ()))

    def _proofs(self, record: ArrTitle, files: Iterable[ArrFile]) -> tuple[Proof, ...]:
        at = lying(record, self._shown)
        return tuple(
            proof
            for file in files
            for proof in file_proofs(record, file, self.gathered, self.ids, at)
        )


def all_named(record: ArrTitle, units: Iterable[ArrUnit]) -> bool:
    """Tell whether the arr names every file that these units have."""
    known = {file.id for file in record.files}
    return not any(unit.file_id and unit.file_id not in known for unit in units)
