"""What is found of one movie, season, special or empty series: may it leave, when, and why not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from ..finding import Finding
from ..inventory import ArrFile, ArrTitle, ArrUnit
from ..knowledge import Answer, all_of
from ..plan import Scope
from ..plan.proof import Protection
from .ground import Ground


class RetentionRule(StrEnum):
    """The rules, in the order in which the reason is looked for.

    Their answers are those to the rule's name. Keep tag, favourite and playing are the protections
    of every deletion, under the same names.
    """

    SOURCES = "sources"  # every arr that may hold it has answered
    IDENTIFIED = "identified"  # it has provider ids, by which others know it
    KEEP = Protection.KEEP.value
    EXCLUDED = "excluded"  # it lies in a library or folder that is left alone
    OVERRIDE = "override"
    REGRETTED = "regretted"  # our deletion of it, by a person, within a year
    RETURNED = "returned"  # after we had deleted it, within a year
    KEPT = "kept"  # by a person, for good or until an instant
    FAVORITE = Protection.FAVORITE.value
    PLAYING = Protection.PLAYING.value
    NUMBERED = "numbered"  # everybody knows which season and episode everything is
    FILES = "files"  # there are files, and they are whole and of this part only
    LEFT = "left"  # of an empty series: what there was of it, we have let go
    UNWANTED = "unwanted"  # of an empty series: nothing of it is wanted any more
    STATUS = "status"  # no arr contradicts another of it; of an empty series: it has ended
    LATEST = "latest"  # the latest season of a series that goes on
    AIRED = "aired"  # every episode of it
    WATCHED = "watched"  # by those who count
    UNWATCHED = "unwatched"  # by anybody who is tracked, ever
    IDLE = "idle"  # somebody has watched something of it, once
    RATED = "rated"  # so well that it stays although nobody watches it
    OLD = "old"  # for so long nobody has watched it as the rule says
    LOWER = "lower"  # another arr holds all of it in a higher quality
    COVERED = "covered"  # that copy is whole, proven, and stays
    BEGUN = "begun"  # somebody is in the middle of it
    REQUESTED = "requested"  # by somebody who hasn't watched it
    LAST_WATCHED = "last_watched"  # nothing is left but the episode that Next Up needs
    GRACE = "grace"  # is over


# What the answer must be for something to leave.
WANTED: Final[Mapping[RetentionRule, Answer]] = {
    RetentionRule.SOURCES: Answer.YES,
    RetentionRule.IDENTIFIED: Answer.YES,
    RetentionRule.KEEP: Answer.NO,
    RetentionRule.EXCLUDED: Answer.NO,
    RetentionRule.OVERRIDE: Answer.NO,
    RetentionRule.REGRETTED: Answer.NO,
    RetentionRule.RETURNED: Answer.NO,
    RetentionRule.KEPT: Answer.NO,
    RetentionRule.FAVORITE: Answer.NO,
    RetentionRule.PLAYING: Answer.NO,
    RetentionRule.NUMBERED: Answer.YES,
    RetentionRule.FILES: Answer.YES,
    RetentionRule.LEFT: Answer.YES,
    RetentionRule.UNWANTED: Answer.YES,
    RetentionRule.STATUS: Answer.YES,
    RetentionRule.LATEST: Answer.NO,
    RetentionRule.AIRED: Answer.YES,
    RetentionRule.WATCHED: Answer.YES,
    RetentionRule.UNWATCHED: Answer.YES,
    RetentionRule.IDLE: Answer.YES,
    RetentionRule.RATED: Answer.NO,
    RetentionRule.OLD: Answer.YES,
    RetentionRule.LOWER: Answer.YES,
    RetentionRule.COVERED: Answer.YES,
    RetentionRule.BEGUN: Answer.NO,
    RetentionRule.REQUESTED: Answer.NO,
    RetentionRule.LAST_WATCHED: Answer.NO,
    RetentionRule.GRACE: Answer.YES,
}


def _is_well(finding: Finding) -> bool:
    return finding.answer is WANTED[RetentionRule(finding.rule)]


def lets_go(findings: Iterable[Finding]) -> Answer:
    """Tell whether none of these keeps something."""
    return all_of(
        Answer.UNKNOWN if one.answer is Answer.UNKNOWN else Answer.of(_is_well(one))
        for one in findings
    )


def surely_stays(findings: Iterable[Finding]) -> Answer:
    """Tell whether one of these keeps something, whatever the others turn out to be.

    That it is not long enough ago keeps nothing for good: that passes without anybody's doing.
    """
    against = [one for one in findings if not _is_well(one)]
    unknown = [one for one in against if one.answer is Answer.UNKNOWN]
    if any(one.rule != RetentionRule.OLD for one in against if one not in unknown):
        return Answer.YES
    return Answer.UNKNOWN if unknown else Answer.NO


def _passes(finding: Finding) -> bool:
    """Tell whether what keeps something is over one day by itself: its grace, a postponement."""
    postponed = finding.rule == RetentionRule.KEPT and finding.value is not None
    return postponed or finding.rule == RetentionRule.GRACE


@dataclass(frozen=True, slots=True)
class RetentionVerdict:
    """What is found of one part of a title.

    `season` is the season's, or the special's (0); None: a movie, or a series without files.
    `units` and `files` go with it, all of them. `leaves_at`: when its grace is over; None: nobody
    knows. `leaves_on`: the same as a day of Home Assistant's zone. `ground`: by which rule.
    """

    record: ArrTitle
    scope: Scope
    season: int | None
    units: tuple[ArrUnit, ...]
    files: tuple[ArrFile, ...]
    findings: tuple[Finding, ...]
    leaves_at: datetime | None = None
    leaves_on: date | None = None
    ground: Ground = Ground.WATCHED

    @property
    def answer(self) -> Answer:
        """Whether it may leave now: no where one rule says so, unknown where one doesn't know."""
        return lets_go(self.findings)

    @property
    def may_go(self) -> bool:
        """Tell whether nothing keeps it."""
        return self.answer is Answer.YES

    @property
    def is_leaving(self) -> bool:
        """Tell whether nothing but time keeps it, so that it will leave at `leaves_at`."""
        against = [one for one in self.findings if not _is_well(one)]
        return self.leaves_at is not None and all(_passes(one) for one in against)

    @property
    def against(self) -> Finding | None:
        """The first finding that keeps it; None: it may leave."""
        return next((one for one in self.findings if not _is_well(one)), None)

    @property
    def size_bytes(self) -> int:
        """How many bytes go: each file once, however many episodes it has."""
        return sum(one.size_bytes for one in self.files)

    def finding(self, rule: RetentionRule) -> Finding | None:
        """Give what a rule found; None: it has nothing to do with this part."""
        return next((one for one in self.findings if one.rule == rule), None)
