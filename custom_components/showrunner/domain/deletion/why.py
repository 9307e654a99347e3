"""Why something leaves, in sentences: what was found of it, for people."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from ..finding import Finding
from ..knowledge import Answer
from ..retention import RetentionRule as Rule
from ..text import Text, Words, say

# What could keep it and does not, in the order in which it is said.
_AGAINST: Final[Mapping[str, Text]] = MappingProxyType(
    {
        Rule.KEPT: say("why_not_kept"),
        Rule.KEEP: say("why_no_tag"),
        Rule.FAVORITE: say("why_no_favorite"),
        Rule.REQUESTED: say("why_not_awaited"),
        Rule.PLAYING: say("why_not_playing"),
    }
)


def why_it_leaves(findings: Iterable[Finding]) -> Iterator[Words]:
    """Say who has watched it, how its grace stands, and that nothing keeps it."""
    found = {finding.rule: finding for finding in findings}
    reasons = (
        (Rule.WATCHED, _watched),
        (Rule.UNWATCHED, _unwatched),
        (Rule.IDLE, _idle),
        (Rule.LOWER, _lower),
        (Rule.STATUS, _ended),
        (Rule.GRACE, _grace),
    )
    for rule, words in reasons:
        finding = found.get(rule)
        if finding is not None and (said := words(finding)):
            yield said
    # What keeps it for a while, and whatever else somebody has said of it.
    for finding in found.values():
        if finding.detail and finding.rule != Rule.GRACE:
            yield finding.detail
    against = [
        words
        for name, words in _AGAINST.items()
        if name in found and found[name].answer is Answer.NO
    ]
    if against:
        yield say("why_nothing_keeps", what=tuple(against))


def _watched(finding: Finding) -> Words:
    if finding.answer is not Answer.YES:
        return ""
    who = finding.value
    return say("why_watched_by", who=who) if isinstance(who, str) else say("why_watched")


def _unwatched(finding: Finding) -> Words:
    return say("cleanup_reason_unwatched") if finding.answer is Answer.YES else ""


def _idle(finding: Finding) -> Words:
    return say("cleanup_reason_idle") if finding.answer is Answer.YES else ""


def _lower(finding: Finding) -> Words:
    """Say of what quality it is, of what quality the other copy, and whose that is."""
    mine, theirs = finding.value, finding.threshold
    if finding.answer is not Answer.YES or mine is None or theirs is None:
        return ""
    return say("why_lower", mine=mine, theirs=theirs, arr=finding.source)


def _ended(finding: Finding) -> Words:
    return say("why_ended") if finding.answer is Answer.YES else ""


def _grace(finding: Finding) -> Words:
    """Say since when it is on its way, and how long that takes."""
    since, days = finding.value, finding.threshold
    if not isinstance(since, str) or not isinstance(days, int | float):
        return ""
    days = int(days) if days == int(days) else days
    return say("why_grace", at=datetime.fromisoformat(since), count=days)
