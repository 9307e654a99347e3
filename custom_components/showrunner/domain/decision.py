"""Whether a watched title is worth disk space: a pure function of candidate and policy (PRODUCT 3).

The rules (`findings`) are asked in a fixed order and the first that applies decides; every answer
carries all of them. What an unknown answer means depends on the rule: where the rule would hold a
download back, unknown freezes (the verdict is `stream`, `pending`, to be asked again); where it
would start one, unknown never does.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from .candidate import Candidate, Finding, Override, Rule, Viewer
from .findings import findings
from .knowledge import Answer
from .media import Title
from .policy import Policy

__all__ = [
    "NOT_CONSIDERED",
    "Candidate",
    "Decision",
    "Finding",
    "Override",
    "Policy",
    "Rule",
    "Verdict",
    "Viewer",
    "decide",
    "needs_seeders",
]


class Verdict(StrEnum):
    """What becomes of a title."""

    DOWNLOAD = "download"
    STREAM = "stream"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, the rule that decided, and every rule's finding in the rules' order."""

    verdict: Verdict
    tier: int | None
    rule: Rule
    reason: str
    findings: tuple[Finding, ...]
    title: Title
    viewer_id: str | None
    viewer_name: str
    decided_at: datetime
    pending: bool = False

    @property
    def considered(self) -> bool:
        """Tell whether there was anything to decide: not where the title is ours or on its way.

        Nor where nobody asked who may, or it is no movie: such an answer is no decision of anybody.
        """
        return self.rule not in _NOT_CONSIDERED

    def saved(self, size: int | None) -> int | None:
        """Say how many of a title's bytes need no disk by this answer; None: it says nothing.

        0 for what is fetched, and for what is ours already.
        """
        if self.pending or self.rule in (Rule.MOVIE, Rule.VIEWER):
            return None
        return size if self.verdict is Verdict.STREAM and self.considered else 0

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "verdict": self.verdict.value,
            "tier": self.tier,
            "rule": self.rule.value,
            "reason": self.reason,
            "findings": [finding.as_dict() for finding in self.findings],
            "title": self.title.label,
            "viewer": self.viewer_name or None,
            "decided_at": self.decided_at.isoformat(),
            "pending": self.pending,
            "considered": self.considered,
        }


def decide(candidate: Candidate, policy: Policy, now: datetime) -> Decision:
    """Decide. Depends on nothing but its arguments."""
    found = findings(candidate, policy, now)
    outcome = _conclude(candidate, policy, {finding.rule: finding for finding in found})
    viewer = candidate.viewer
    return Decision(
        verdict=outcome.verdict,
        tier=outcome.tier,
        rule=outcome.rule,
        reason=outcome.reason,
        findings=found,
        title=candidate.title,
        viewer_id=viewer.user_id or None if viewer else None,
        viewer_name=viewer.name if viewer else "",
        decided_at=now,
        pending=outcome.pending,
    )


def needs_seeders(candidate: Candidate, policy: Policy, now: datetime) -> bool:
    """Tell whether the seeders could change the verdict: only then Prowlarr is worth asking."""
    if policy.rare_seeders <= 0:
        return False
    found = {finding.rule: finding for finding in findings(candidate, policy, now)}
    outcomes = set()
    for answer in (Answer.YES, Answer.NO):
        supposed = replace(found[Rule.RARE_SEEDERS], answer=answer)
        outcome = _conclude(candidate, policy, found | {Rule.RARE_SEEDERS: supposed})
        outcomes.add((outcome.verdict, outcome.tier))
    return len(outcomes) > 1


@dataclass(frozen=True, slots=True)
class _Outcome:
    verdict: Verdict
    tier: int | None
    rule: Rule
    reason: str
    pending: bool = False


# These hold the download back (`released` by a no, the others by a yes); unknown freezes it.
_BLOCKING: Final = {
    Rule.LOCAL: "Already yours: it is on your disk",
    Rule.QUEUED: "Already on its way: it is being downloaded",
    Rule.SEARCHED: "Already on its way: it was searched within the last day",
    Rule.COOLDOWN: "It was deleted within the cool-down",
    Rule.RELEASED: "It is not released yet",
    Rule.GENRE_EXCLUDED: "Its genre is excluded",
}
# How such an answer begins; then comes why, which may begin with a viewer's name.
NOT_CONSIDERED: Final = "Not considered: "
_NOT_CONSIDERED: Final = frozenset(
    {Rule.MOVIE, Rule.VIEWER, Rule.LOCAL, Rule.QUEUED, Rule.SEARCHED}
)
_INSTANT: Final = (
    Rule.INSTANT_RATING,
    Rule.RARE_KEYWORD,
    Rule.RARE_YEAR_LANGUAGE,
    Rule.RARE_RATING_VOTES,
    Rule.RARE_GENRE,
    Rule.RARE_SEEDERS,
    Rule.FAVORITE,
    Rule.GENRE_INSTANT,
)
_OVERRIDES: Final = {
    Override.ALWAYS: (Verdict.DOWNLOAD, "You chose to always keep it"),
    Override.NEVER: (Verdict.STREAM, "You chose to never keep it"),
    Override.ASK: (Verdict.ASK, "You chose to be asked"),
}


def _conclude(candidate: Candidate, policy: Policy, found: dict[Rule, Finding]) -> _Outcome:
    if candidate.override is not Override.AUTO:
        verdict, reason = _OVERRIDES[candidate.override]
        if verdict is Verdict.DOWNLOAD and not candidate.override_kind_told:
            # It may be the series that is always wanted: nothing is fetched on a guess.
            reason += ", and it was not said whether the movie or the series of this number"
            return _Outcome(Verdict.ASK, None, Rule.OVERRIDE, reason)
        return _Outcome(verdict, None, Rule.OVERRIDE, reason)
    if found[Rule.MOVIE].answer is not Answer.YES:
        return _streamed(Rule.MOVIE, f"{NOT_CONSIDERED}only movies are fetched")
    guest = found[Rule.VIEWER].answer is not Answer.YES
    if guest and not _guest_may(candidate, policy):
        return _streamed(Rule.VIEWER, f"{NOT_CONSIDERED}{found[Rule.VIEWER].detail}")
    return (
        _held_back(found)
        or _instant(found)
        or (None if guest else _rewatched(found))
        or _streamed(Rule.STREAM, "Nothing speaks for keeping it: stream it")
    )


def _guest_may(candidate: Candidate, policy: Policy) -> bool:
    """Guests may trigger tier 1 if the option says so; a viewer who may not, may not."""
    viewer = candidate.viewer
    return policy.guests_instant and viewer is not None and not viewer.tracked


def _streamed(rule: Rule, reason: str) -> _Outcome:
    return _Outcome(Verdict.STREAM, 3 if rule is Rule.STREAM else None, rule, reason)


def _held_back(found: dict[Rule, Finding]) -> _Outcome | None:
    for rule, reason in _BLOCKING.items():
        finding = found[rule]
        if finding.answer is Answer.UNKNOWN:
            why = f"Not decided yet: {finding.detail or finding.source or rule.value}"
            return _Outcome(Verdict.STREAM, None, rule, why, pending=True)
        if finding.answer is (Answer.NO if rule is Rule.RELEASED else Answer.YES):
            more = f" ({finding.value})" if rule is Rule.GENRE_EXCLUDED else ""
            return _streamed(rule, reason + more)
    return None


def _instant(found: dict[Rule, Finding]) -> _Outcome | None:
    for rule in _INSTANT:
        if found[rule].answer is Answer.YES:
            return _Outcome(Verdict.DOWNLOAD, 1, rule, found[rule].detail)
    return None


def _rewatched(found: dict[Rule, Finding]) -> _Outcome | None:
    again, rating = found[Rule.REWATCH], found[Rule.REWATCH_RATING]
    # An unknown rating passes: somebody watched it twice.
    if again.answer is not Answer.YES or rating.answer is Answer.NO:
        return None
    return _Outcome(Verdict.DOWNLOAD, 2, Rule.REWATCH, f"{again.detail}, {rating.detail}")
