"""No policy and candidate for which the findings and the verdict disagree."""

from dataclasses import replace

from hypothesis import given, settings, strategies as st

from custom_components.showrunner.domain.candidate import Candidate
from custom_components.showrunner.domain.decision import (
    Decision,
    Finding,
    Override,
    Policy,
    Rule,
    Verdict,
    decide,
    needs_seeders,
)
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from tests.effort import examples

from .samples import NOW, candidates, policies

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def expected(
    found: dict[Rule, Finding], *, guest: bool, guests: bool
) -> tuple[str, int | None, bool]:
    """Read the verdict from the findings alone, rule by rule, as the specification lists them."""
    match found[Rule.OVERRIDE].value:
        case "always":
            return "download", None, False
        case "never":
            return "stream", None, False
        case "ask":
            return "ask", None, False
    if found[Rule.MOVIE].answer is not YES:
        return "stream", None, False
    if found[Rule.VIEWER].answer is not YES and not (guest and guests):
        return "stream", None, False
    for rule in (Rule.LOCAL, Rule.QUEUED, Rule.SEARCHED, Rule.COOLDOWN):
        if found[rule].answer is not NO:
            return "stream", None, found[rule].answer is UNKNOWN
    if found[Rule.RELEASED].answer is not YES:
        return "stream", None, found[Rule.RELEASED].answer is UNKNOWN
    if found[Rule.GENRE_EXCLUDED].answer is not NO:
        return "stream", None, found[Rule.GENRE_EXCLUDED].answer is UNKNOWN
    names = list(Rule)
    tier_1 = names[names.index(Rule.INSTANT_RATING) : names.index(Rule.REWATCH)]
    if any(found[rule].answer is YES for rule in tier_1):
        return "download", 1, False
    rewatched = found[Rule.REWATCH].answer is YES and found[Rule.REWATCH_RATING].answer is not NO
    if rewatched and not guest:
        return "download", 2, False
    return "stream", 3, False


def short(decision: Decision) -> tuple[str, int | None, bool]:
    """Give what people see of a decision."""
    return decision.verdict.value, decision.tier, decision.pending


@settings(max_examples=examples(1500))
@given(candidates, policies)
def test_findings_and_verdict_agree(candidate: Candidate, policy: Policy) -> None:
    """The verdict can be read from the findings, by somebody who knows only the specification."""
    decision = decide(candidate, policy, NOW)
    found = {finding.rule: finding for finding in decision.findings}
    assert list(found) == list(Rule)
    guest = candidate.viewer is not None and not candidate.viewer.tracked
    assert short(decision) == expected(found, guest=guest, guests=policy.guests_instant)


@given(candidates, policies, st.sampled_from(list(Candidate.__slots__)))
def test_law_1_unknown_never_starts_a_download(
    candidate: Candidate, policy: Policy, fact: str
) -> None:
    """What becomes unknown may freeze a download or leave it as it is, but never causes one.

    But for the rating of tier 2, of which the specification says that unknown passes.
    """
    if not isinstance(getattr(candidate, fact), Known | Absent):
        return
    if fact in ("imdb_rating", "community_rating"):
        return
    silent = replace(candidate, **{fact: Unknown("silent")})
    if decide(silent, policy, NOW).verdict is Verdict.DOWNLOAD:
        assert decide(candidate, policy, NOW).verdict is Verdict.DOWNLOAD or (
            # An answer that held it back and is unknown now must freeze, not fetch.
            candidate.override is Override.ALWAYS
        )


@given(candidates, policies, st.one_of(st.none(), st.integers(0, 100)))
def test_seeders_matter_only_when_they_are_asked_for(
    candidate: Candidate, policy: Policy, count: int | None
) -> None:
    """Whatever Prowlarr says, what did not need it stays as it was."""
    if needs_seeders(candidate, policy, NOW):
        return
    answers = [Known(count) if count is not None else Absent("prowlarr"), Unknown("silent")]
    verdicts = {
        short(decide(replace(candidate, seeders=answer), policy, NOW)) for answer in answers
    }
    assert len(verdicts) == 1


@given(candidates, policies, st.randoms())
def test_the_order_of_texts_genres_and_tags_does_not_matter(
    candidate: Candidate, policy: Policy, dice: st.DrawFn
) -> None:
    """Shuffled and doubled, the verdict is the same."""
    texts, genres = list(candidate.texts) * 2, candidate.genres
    dice.shuffle(texts)  # type: ignore[attr-defined]
    if isinstance(genres, Known):
        genres = replace(genres, value=genres.value[::-1] * 2)
    other = replace(candidate, texts=tuple(texts), genres=genres)
    assert short(decide(other, policy, NOW)) == short(decide(candidate, policy, NOW))
