"""What of a title leaves, as steps: of the parts that the rule of retention lets go.

Pure. A part goes whole or stays whole: what protects one of its files, or is not proven of it,
keeps all of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from ..finding import Finding
from ..inventory import ArrFile, ArrTitle, ArrUnit
from ..knowledge import Answer, Known, Unknown
from ..media import Title
from ..plan import Scope
from ..retention import Ground, RetentionVerdict
from ..text import Words, say
from .draft import (
    DELETE_FILE,
    DELETE_MOVIE,
    DELETE_SERIES,
    FORGET_MEDIA,
    Deletion,
    season_id,
    unmonitor_id,
)
from .facts import ProofFacts, SeerrSide
from .proofs import Objection, against_touching
from .steps import Steps, all_named


def plan_leaving(
    title: Title,
    record: ArrTitle,
    gathered: ProofFacts,
    verdicts: Iterable[RetentionVerdict],
    *,
    entry: bool = False,
    seerr: SeerrSide | None = None,
) -> Deletion:
    """Plan what of a title leaves, by verdicts on parts of it as this arr holds it.

    `entry`: a movie's file has left, and its entry is to follow. `seerr`: the one request of it.
    """
    made = _Maker(title, gathered, _REASONS[Ground.WATCHED])
    judged = list(verdicts)
    # Specials are judged one by one: one that stays says nothing of those that go.
    specials = any(one.may_go and one.season == 0 for one in judged)
    for verdict in judged:
        if (against := verdict.against) is not None:
            if not (specials and verdict.season == 0):
                made.stays(verdict, against)
        elif verdict.may_go and verdict.scope is Scope.MOVIE:
            made.movie(record, verdict)
        elif verdict.may_go and verdict.scope is Scope.SERIES:
            made.series(record, verdict)
    parts = [one for one in judged if one.may_go and one.season is not None]
    for season in sorted({one.season for one in parts if one.season is not None}):
        made.season(record, season, [one for one in parts if one.season == season])
    if entry and not any(one.scope is Scope.MOVIE for one in judged):
        made.entry(record)
    if seerr is not None and made.steps:
        made.seerr(record, seerr)
    return Deletion(tuple(made.steps), tuple(made.withheld))


def stands_against(
    title: Title, record: ArrTitle, gathered: ProofFacts, verdict: RetentionVerdict
) -> tuple[Objection, ...]:
    """Give what stands against a part's leaving, whatever the rule of retention says of it."""
    made = _Maker(title, gathered, _REASONS[Ground.WATCHED])
    return tuple(made.against(record, verdict.units, verdict.files))


_REASONS: Final = {
    Ground.WATCHED: say("cleanup_reason"),
    Ground.UNWATCHED: say("cleanup_reason_unwatched"),
    Ground.IDLE: say("cleanup_reason_idle"),
    Ground.LOWER: say("cleanup_reason_lower"),
}


def part_of(title: Title, season: int | None) -> Words:
    """Name a movie, or a season of a series, for people."""
    if season is None:
        return title.label
    return say("left_season", title=title.label, season=season)


class _Maker(Steps[ProofFacts]):
    """Writes the steps of one title."""

    def stays(self, verdict: RetentionVerdict, against: Finding) -> None:
        """Leave a part out that the rule keeps, by this finding."""
        one = verdict.season
        step_id = DELETE_FILE if one is None else season_id(one)
        if verdict.scope is Scope.SERIES:
            step_id = DELETE_SERIES
        others = {unmonitor_id(one), *({DELETE_MOVIE} if one is None else ())}
        self.leave(
            step_id,
            part_of(self.title, one),
            against.detail,
            unknown=verdict.answer is Answer.UNKNOWN,
            belonging=frozenset(others),
            findings=verdict.findings,
        )

    def movie(self, record: ArrTitle, verdict: RetentionVerdict) -> None:
        """Plan a movie: its file, and then its entry."""
        steps = frozenset({unmonitor_id(None), DELETE_FILE, DELETE_MOVIE})
        if not self._may_go(record, verdict.units, verdict.files, DELETE_FILE, self.label, steps):
            return
        begin = len(self.steps)
        self.reason = _REASONS[verdict.ground]
        wanted = [unit for unit in verdict.units if unit.monitored]
        first = (self.unmonitor(record, None, wanted),) if wanted else ()
        self.delete_movie(record, verdict.files, first)
        self._explain(begin, verdict.findings)

    def entry(self, record: ArrTitle) -> None:
        """Plan the entry of a movie whose file has left: it goes when nothing is left of it.

        One that is monitored by now somebody wants again.
        """
        if record.files or any(unit.file_id is not None for unit in record.units):
            return
        objections = [*against_touching(record, self.gathered, self.ids)]
        if any(unit.monitored for unit in record.units):
            objections.append(Objection(say("monitored_again")))
        if objections:
            self.objected(DELETE_MOVIE, self.label, objections)
        else:
            self.delete_movie(record, (), ())

    def series(self, record: ArrTitle, verdict: RetentionVerdict) -> None:
        """Plan the entry of a series of which no file is left: neither here nor elsewhere."""
        objections = [*against_touching(record, self.gathered, self.ids)]
        if record.files or any(unit.file_id is not None for unit in record.units):
            objections.append(Objection(say("series_has_files", arr=record.name)))
        objections += self._elsewhere()
        if (shown := self.still_shown(record, ())) is not None:
            objections.append(shown)
        if objections:
            self.objected(DELETE_SERIES, self.label, objections)
            return
        begin = len(self.steps)
        self.delete_series(record)
        self._explain(begin, verdict.findings)

    def _elsewhere(self) -> Iterator[Objection]:
        """Name a file that another arr has of it."""
        match self.gathered.rivals:
            case Known(rivals):
                if rivals:
                    yield Objection(say("series_has_files", arr=rivals[0].name))
            case Unknown(reason):
                yield Objection(say("rival_unknown", why=reason), unknown=True)
            case _:
                yield Objection(say("rival_unknown", why=say("nothing_said")), unknown=True)

    def seerr(self, record: ArrTitle, side: SeerrSide) -> None:
        """Plan that Seerr forgets what nothing is left of: then it can be asked for again."""
        going = self.going()
        others = self.gathered.rivals.value if isinstance(self.gathered.rivals, Known) else None
        stays = any(file.id not in going for file in record.files)
        if side.media_id is None or not side.lone or stays or others != ():
            return
        against = self.still_shown(record, record.files)
        if against is None:
            self.forget_media(side)
        else:
            self.objected(FORGET_MEDIA, self.label, [against], blocks=False)

    def season(self, record: ArrTitle, season: int, verdicts: Sequence[RetentionVerdict]) -> None:
        """Plan a season, or the specials that leave."""
        units = [unit for one in verdicts for unit in one.units]
        files = list({file.id: file for one in verdicts for file in one.files}.values())
        steps = frozenset({unmonitor_id(season), season_id(season)})
        what = part_of(self.title, season)
        if not self._may_go(record, units, files, season_id(season), what, steps):
            return
        begin = len(self.steps)
        self.reason = _REASONS[verdicts[0].ground]
        wanted = [unit for unit in units if unit.monitored]
        first = (self.unmonitor(record, season, wanted),) if wanted else ()
        self.delete_season(record, season, files, first)
        self._explain(begin, [finding for one in verdicts for finding in one.findings])

    def _may_go(
        self,
        record: ArrTitle,
        units: Iterable[ArrUnit],
        files: Sequence[ArrFile],
        step_id: str,
        what: Words,
        belonging: frozenset[str],
    ) -> bool:
        """Say what stands against a part; tell whether nothing does."""
        objections = self.against(record, units, files)
        if objections:
            self.objected(step_id, what, objections, belonging)
        return not objections

    def against(
        self, record: ArrTitle, units: Iterable[ArrUnit], files: Sequence[ArrFile]
    ) -> list[Objection]:
        """Give what stands against a part."""
        objections = self.against_files(record, files)
        if not files or not all_named(record, units):
            said = say("names_not_all_files", arr=record.name)
            objections.append(Objection(said, unknown=True))
        return objections

    def _explain(self, begin: int, findings: Iterable[Finding]) -> None:
        """Add why a part leaves to the steps that were planned for it."""
        for number, step in enumerate(self.steps[begin:], begin):
            known = {one.rule for one in step.findings}
            more = [one for one in findings if str(one.rule) not in known]
            self.steps[number] = replace(step, findings=(*step.findings, *dict.fromkeys(more)))
