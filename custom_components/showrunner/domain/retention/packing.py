"""Which episodes are to be searched for, so that a watched season can leave as a whole.

A season that lacks episodes which those who count have not watched would stay for ever: they can't
watch what is not there. Of one that would leave were it complete the rest is searched for; what
came is then judged like all else, and leaves with the season once it was watched. What is not to
come stays away: unaired or unknown, not monitored, deleted by us, held by another arr, or searched
for a short time ago. One episode of which that is so keeps the season from ever being whole, and
so all of it is left alone.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..finding import Finding
from ..inventory import ArrTitle, ArrUnit
from ..knowledge import Answer, Known, Unknown, all_of, any_of
from ..text import Words, say
from . import series, viewers
from .dates import usable
from .facts import RetentionFacts, TitleFacts
from .ground import Ground
from .judging import TitleJudge, Twins
from .pieces import Piece, pieces
from .policy import RetentionPolicy
from .watching import Watching

# An arr that has just searched, for whomever, is not asked to do so again.
SEARCHED_BY_ARR: Final = timedelta(hours=24)
_SHOWRUNNER: Final = "showrunner"


class PackingRule(StrEnum):
    """The rules, in the order in which the reason is looked for."""

    LACKING = "lacking"  # something of the season that those who count have still to watch
    READY = "ready"  # what is there would leave by itself
    LEAVES = "leaves"  # as it is, by another rule that is chosen, now or soon
    AIRED = "aired"  # every episode of the season
    MONITORED = "monitored"  # the series, and all that it lacks
    LEFT_TO_PERSON = "left_to_person"  # it is never to be fetched, or only when they are asked
    DELETED = "deleted"  # by us, within the cool-down
    ELSEWHERE = "elsewhere"  # another arr has what is lacking
    SEARCHED = "searched"  # all that is lacking, within the cool-down


WANTED: Final[Mapping[PackingRule, Answer]] = {
    PackingRule.LACKING: Answer.YES,
    PackingRule.READY: Answer.YES,
    PackingRule.LEAVES: Answer.NO,
    PackingRule.AIRED: Answer.YES,
    PackingRule.MONITORED: Answer.YES,
    PackingRule.LEFT_TO_PERSON: Answer.NO,
    PackingRule.DELETED: Answer.NO,
    PackingRule.ELSEWHERE: Answer.NO,
    PackingRule.SEARCHED: Answer.NO,
}


@dataclass(frozen=True, slots=True)
class SeasonPacking:
    """What is found of a season of which something is missing.

    `search`: for what of that is to be searched.
    """

    record: ArrTitle
    season: int
    missing: tuple[ArrUnit, ...]
    search: tuple[ArrUnit, ...]
    findings: tuple[Finding, ...]

    @property
    def answer(self) -> Answer:
        """Whether it is to be searched for: no where one rule says so, else unknown or yes."""
        return all_of(
            Answer.UNKNOWN
            if one.answer is Answer.UNKNOWN
            else Answer.of(one.answer is WANTED[PackingRule(one.rule)])
            for one in self.findings
        )

    @property
    def is_ready(self) -> bool:
        """Tell whether nothing else keeps the season: then people want to hear of it."""
        by = {one.rule: one.answer for one in self.findings}
        return by[PackingRule.LACKING] is by[PackingRule.READY] is Answer.YES

    @property
    def why_not(self) -> Words:
        """Say what keeps it from being searched for; nothing: nothing does."""
        against = (o for o in self.findings if o.answer is not WANTED[PackingRule(o.rule)])
        return next((one.detail for one in against), "")


def packings(
    facts: RetentionFacts,
    policy: RetentionPolicy,
    cooldown: timedelta,
    only: Collection[tuple[str, int]] | None = None,
) -> tuple[SeasonPacking, ...]:
    """Find what each season lacks, of all titles or of these only.

    `cooldown`: so long what was deleted by us, or searched for, is not searched for again.
    """
    if not policy.season_packing:
        return ()
    twins = Twins(facts.titles)
    return tuple(
        found
        for title in facts.titles
        if title.is_series and (only is None or (title.record.service, title.record.id) in only)
        for found in _Packer(facts, policy, title, twins, cooldown).found()
    )


class _Packer:
    """Looks at the seasons of one series."""

    def __init__(
        self,
        facts: RetentionFacts,
        policy: RetentionPolicy,
        title: TitleFacts,
        twins: Twins,
        cooldown: timedelta,
    ) -> None:
        self._facts = facts
        self._policy = policy
        self._title = title
        self._twins = twins
        self._cooldown = cooldown
        self._watching = Watching(title, facts)

    def found(self) -> Iterator[SeasonPacking]:
        """Look at each season of which something is there, and something is not."""
        for piece in pieces(self._title, self._twins.of(self._title)):
            missing = tuple(one for one in piece.units if one.file_id is None)
            if piece.is_season and piece.season is not None and missing:
                yield self._of(piece, piece.season, missing)

    def _of(self, piece: Piece, season: int, missing: tuple[ArrUnit, ...]) -> SeasonPacking:
        watched = {one: self._watched(piece, one) for one in missing}
        lacking = tuple(one for one, answer in watched.items() if answer is not Answer.YES)
        fresh = {one: self._searched(one) for one in lacking}
        findings = (
            _lacking(watched.values()),
            self._ready(piece),
            self._leaves(piece),
            self._aired(piece),
            self._monitored(lacking),
            self._left_to_person(piece),
            self._deleted(season),
            _elsewhere(piece, lacking),
            _all_searched(fresh.values()),
        )
        search = tuple(one for one, answer in fresh.items() if answer is Answer.NO)
        return SeasonPacking(piece.record, season, missing, search, findings)

    def _watched(self, piece: Piece, unit: ArrUnit) -> Answer:
        """Tell whether those who count have watched an episode."""
        alone = replace(piece, units=(unit,), files=())
        # A tally is remembered by the files of a piece, of which an episode without one has none.
        watching = Watching(self._title, self._facts)
        return viewers.watched(alone, watching, self._policy.who).answer

    def _ready(self, piece: Piece) -> Finding:
        """Tell whether what is there of a season would leave by itself, as watched."""
        there = replace(piece, units=tuple(one for one in piece.units if one.file_id is not None))
        judged = TitleJudge(self._facts, self._policy, self._title, self._twins)
        verdict = judged.verdict(there, Ground.WATCHED)
        against = verdict.against
        said: Words = "" if against is None else against.detail
        return Finding(PackingRule.READY, verdict.answer, source=_SHOWRUNNER, detail=said)

    def _leaves(self, piece: Piece) -> Finding:
        """Tell whether a season is let go as it is, or announced as leaving: it need not be whole.

        What comes would be there for nobody. The rule of a higher copy is not asked: that copy has
        what this one lacks.
        """
        judged = TitleJudge(self._facts, self._policy, self._title, self._twins)
        by_time = (one for one in self._policy.chosen if one is not Ground.LOWER)
        answer = any_of(judged.lets_go(piece, one) for one in by_time)
        said: Words = "" if answer is Answer.NO else say("packing_leaves")
        return Finding(PackingRule.LEAVES, answer, source=_SHOWRUNNER, detail=said)

    def _aired(self, piece: Piece) -> Finding:
        answer = series.aired(piece.units, self._facts.now)
        said: Words = "" if answer is Answer.YES else say("packing_not_aired")
        return Finding(PackingRule.AIRED, answer, source=piece.record.name, detail=said)

    def _monitored(self, lacking: Collection[ArrUnit]) -> Finding:
        record = self._title.record
        answer = Answer.of(record.monitored and all(one.monitored for one in lacking))
        said: Words = "" if answer is Answer.YES else say("packing_not_monitored")
        return Finding(PackingRule.MONITORED, answer, source=record.name, detail=said)

    def _left_to_person(self, piece: Piece) -> Finding:
        answer = any_of(one.left_to_person for one in piece.holdings)
        said: Words = "" if answer is Answer.NO else say("packing_left_to_person")
        return Finding(PackingRule.LEFT_TO_PERSON, answer, source=_SHOWRUNNER, detail=said)

    def _deleted(self, season: int) -> Finding:
        """Tell whether we have deleted something of it a short time ago, in any arr."""
        days = self._cooldown / timedelta(days=1)
        told = self._title.deletions
        if isinstance(told, Unknown):
            why = say("retention_deletions_unknown", why=told.reason)
            return Finding(PackingRule.DELETED, Answer.UNKNOWN, None, days, _SHOWRUNNER, detail=why)
        ours = told.value if isinstance(told, Known) else ()
        dates = [one.at for one in ours if one.until is None and one.season in (None, season)]
        recent = any(self._is_recent(at) for at in dates)
        said: Words = say("packing_deleted") if recent else ""
        return Finding(PackingRule.DELETED, Answer.of(recent), None, days, _SHOWRUNNER, said)

    def _searched(self, unit: ArrUnit) -> Answer:
        """Tell whether an episode was searched for a short time ago, by the arr or by us."""
        now, record = self._facts.now, self._title.record
        by_arr = usable(unit.searched, now)
        if by_arr is not None and now - by_arr < SEARCHED_BY_ARR:
            return Answer.YES
        told = self._title.searches
        if isinstance(told, Unknown):
            return Answer.UNKNOWN
        ours = told.value if isinstance(told, Known) else ()
        mine = (one for one in ours if one.service == record.service and unit.id in one.episodes)
        return Answer.of(any(self._is_recent(one.at) for one in mine))

    def _is_recent(self, at: datetime) -> bool:
        """Tell whether something of ours is within the cool-down; a clock that is ahead is not."""
        return self._facts.now - at < self._cooldown


def _lacking(watched: Collection[Answer]) -> Finding:
    """Tell whether something is missing that keeps it: what was watched keeps nothing."""
    needed = (
        Answer.UNKNOWN if one is Answer.UNKNOWN else Answer.of(one is Answer.NO) for one in watched
    )
    # Of one of which that is not known nobody can say whether the season is whole without it.
    answers = [*needed]
    answer = Answer.UNKNOWN if Answer.UNKNOWN in answers else any_of(answers)
    said: Words = {
        Answer.NO: say("packing_nothing_lacks"),
        Answer.UNKNOWN: say("retention_watched_unknown"),
    }.get(answer, "")
    count = answers.count(Answer.YES)
    return Finding(PackingRule.LACKING, answer, count, source="jellyfin", detail=said)


def _elsewhere(piece: Piece, lacking: Collection[ArrUnit]) -> Finding:
    places = {one.place for one in lacking}
    arr = next(
        (
            title.record.name
            for title in piece.twins
            for unit in title.record.units
            if unit.place in places and unit.file_id is not None
        ),
        None,
    )
    said: Words = "" if arr is None else say("packing_elsewhere", arr=arr)
    return Finding(PackingRule.ELSEWHERE, Answer.of(arr is not None), arr, detail=said)


def _all_searched(searched: Collection[Answer]) -> Finding:
    answer = Answer.UNKNOWN if Answer.UNKNOWN in searched else all_of(searched)
    said: Words = {
        Answer.YES: say("packing_searched"),
        Answer.UNKNOWN: say("packing_searches_unknown"),
    }.get(answer, "")
    return Finding(PackingRule.SEARCHED, answer, source=_SHOWRUNNER, detail=said)
