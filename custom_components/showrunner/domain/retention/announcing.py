"""What leaves by a rule of choice is announced first, whatever kept it until then. Pure.

A rating that falls or a tag that is taken off makes leave at once what was ripe long ago: nobody
would have heard of it. What was watched leaves some days after that, as whoever watched it knows.
"""

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from ..finding import Finding
from ..knowledge import Answer
from ..text import say
from .ground import Ground
from .verdict import RetentionRule, RetentionVerdict


def is_announced(verdict: RetentionVerdict) -> bool:
    """Tell whether it is of what has to be announced, and leaves."""
    return verdict.ground is not Ground.WATCHED and verdict.is_leaving


def announced_again(
    verdict: RetentionVerdict, since: datetime, notice: timedelta, now: datetime, zone: tzinfo
) -> RetentionVerdict:
    """Give the verdict on what leaves, by whatever rule, and is announced for so long `since`."""
    at = since + notice
    if not verdict.is_leaving or verdict.leaves_at is None or at <= verdict.leaves_at:
        return verdict

    def waited(finding: Finding) -> Finding:
        if finding.rule != RetentionRule.GRACE:
            return finding
        over = at <= now
        said = "" if over else say("retention_grace", at=at)
        return replace(finding, answer=Answer.of(over), value=since.isoformat(), detail=said)

    return replace(
        verdict,
        findings=tuple(map(waited, verdict.findings)),
        leaves_at=at,
        leaves_on=at.astimezone(zone).date(),
    )
