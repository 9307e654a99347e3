"""Whether a watched title is worth disk space: a pure function of candidate and policy.

The rules (`findings`) are asked in a fixed order and the first that applies decides; every answer
carries all of them. What an unknown answer means depends on the rule: where the rule would hold a
download back, unknown freezes (the verdict is `stream`, `pending`, to be asked again); where it
would start one, unknown never does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from .candidate import Candidate, Override, Rule, Viewer
from .finding import Finding
from .findings import findings
from .knowledge import Answer
from .media import Title
from .policy import Policy
from .text import Text, Words, say

__all__ = [
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
    reason: Words
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
        """Give what is shown of it; its texts have to be said still."""
        return {
            "verdict": self.verdict.value,
            "tier": self.tier,
            "rule": self.rule.value,
            "reason": self.reason,
            "findings": [finding.as_dict() for finding in self.findings],
            "title": self.title.label,
            "media": self.title.media.value,
            "ids": list(self.title.ids.keys),
            "viewer": self.viewer_name or None,
            "decided_at": self.decided_at.isoformat(),
            "pending": self.pending,
            "considered": self.considered,
        }


def decide(candidate: Candidate, policy: Policy, now: datetime) -> Decision:
    """Decide. Depends on nothing but its arguments."""
    found = findings(candidate, policy, now)
    outcome = _conclude(candidate, policy, {Rule(finding.rule): finding for finding in found})
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
    found = {Rule(finding.rule): finding for finding in findings(candidate, policy, now)}
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
    reason: Words
    pending: bool = False


# These hold the download back (`released` by a no, the others by a yes); unknown freezes it.
_BLOCKING: Final[Mapping[Rule, Callable[[Finding], Text]]] = {
    Rule.LOCAL: lambda _: say("decided_local"),
    Rule.QUEUED: lambda _: say("decided_queued"),
    Rule.SEARCHED: lambda _: say("decided_searched"),
    Rule.COOLDOWN: lambda _: say("decided_cooldown"),
    Rule.RELEASED: lambda _: say("decided_not_released"),
    Rule.GENRE_EXCLUDED: lambda found: say("decided_genre_excluded", genre=str(found.value)),
}
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
    Override.ALWAYS: (Verdict.DOWNLOAD, say("decided_always")),
    Override.NEVER: (Verdict.STREAM, say("decided_never")),
    Override.ASK: (Verdict.ASK, say("decided_ask")),
}


def _conclude(candidate: Candidate, policy: Policy, found: dict[Rule, Finding]) -> _Outcome:
    if candidate.override is not Override.AUTO:
        verdict, reason = _OVERRIDES[candidate.override]
        if verdict is Verdict.DOWNLOAD and not candidate.override_kind_told:
            # It may be the series that is always wanted: nothing is fetched on a guess.
            asks = say("decided_always_kind_not_told")
            return _Outcome(Verdict.ASK, None, Rule.OVERRIDE, asks)
        return _Outcome(verdict, None, Rule.OVERRIDE, reason)
    if candidate.override_doubt:
        # It may be this one that is never wanted: nothing is fetched on a guess.
        why = say("decided_not_yet", why=candidate.override_doubt)
        return _Outcome(Verdict.STREAM, None, Rule.OVERRIDE, why, pending=True)
    if found[Rule.MOVIE].answer is not Answer.YES:
        return _streamed(Rule.MOVIE, say("decided_only_movies"))
    guest = found[Rule.VIEWER].answer is not Answer.YES
    if guest and not _guest_may(candidate, policy):
        return _streamed(Rule.VIEWER, say("decided_not_considered", why=found[Rule.VIEWER].detail))
    return (
        _held_back(found)
        or _instant(found)
        or (None if guest else _rewatched(found))
        or _streamed(Rule.STREAM, say("decided_stream"))
    )


def _guest_may(candidate: Candidate, policy: Policy) -> bool:
    """Guests may trigger tier 1 if the option says so; a viewer who may not, may not."""
    viewer = candidate.viewer
    return policy.guests_instant and viewer is not None and not viewer.tracked


def _streamed(rule: Rule, reason: Words) -> _Outcome:
    return _Outcome(Verdict.STREAM, 3 if rule is Rule.STREAM else None, rule, reason)


def _held_back(found: dict[Rule, Finding]) -> _Outcome | None:
    for rule, reason in _BLOCKING.items():
        finding = found[rule]
        if finding.answer is Answer.UNKNOWN:
            why = say("decided_not_yet", why=finding.detail or say("no_answer"))
            return _Outcome(Verdict.STREAM, None, rule, why, pending=True)
        if finding.answer is (Answer.NO if rule is Rule.RELEASED else Answer.YES):
            return _streamed(rule, reason(finding))
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
    reason = say("decided_rewatch", again=again.detail, rating=rating.detail)
    return _Outcome(Verdict.DOWNLOAD, 2, Rule.REWATCH, reason)
