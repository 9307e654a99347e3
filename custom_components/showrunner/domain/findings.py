"""The rules of download decisions: each asks a candidate one question.

Every rule answers always, with the value seen, the threshold, the source, and yes, no or unknown.
What the answers together mean is `decision`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from .candidate import Candidate, Override, Rule
from .finding import Finding, Scalar
from .knowledge import Answer, Knowledge, Known, Unknown, all_of, any_of, first, holds
from .media import MediaType
from .policy import Policy
from .rarity import genre_in, keyword_in
from .text import Text, Words, say
from .values import language, year

SEARCHED_WITHIN: Final = timedelta(hours=24)


def findings(candidate: Candidate, policy: Policy, now: datetime) -> tuple[Finding, ...]:
    """Ask all rules, in their order."""
    return tuple(ask(candidate, policy, now) for ask in _RULES)


def _scalar(value: object) -> Scalar:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) else None


def _of_fact[T](
    rule: Rule,
    fact: Knowledge[T],
    answer: Answer,
    threshold: Scalar | Words = None,
    detail: Words = "",
) -> Finding:
    """Make a finding of a fact: its value and source, and why it is not known."""
    value = _scalar(fact.value) if isinstance(fact, Known) else None
    if isinstance(fact, Unknown):
        detail = fact.reason
    return Finding(rule, answer, value, threshold, fact.source, detail)


def _override(c: Candidate, p: Policy, now: datetime) -> Finding:
    answer = Answer.of(c.override is not Override.AUTO)
    detail: Words = "" if c.override_kind_told else say("finding_kind_not_told")
    if c.override is Override.AUTO and c.override_doubt:
        answer, detail = Answer.UNKNOWN, c.override_doubt
    return Finding(Rule.OVERRIDE, answer, c.override.value, source="you", detail=detail)


def _movie(c: Candidate, p: Policy, now: datetime) -> Finding:
    answer = Answer.of(c.title.media is MediaType.MOVIE)
    return Finding(Rule.MOVIE, answer, c.title.media.value, "movie", "jellyfin", c.note)


def _viewer(c: Candidate, p: Policy, now: datetime) -> Finding:
    """Yes: this viewer's viewings may lead to downloads."""
    if c.viewer is None:
        return Finding(Rule.VIEWER, Answer.YES, None, source="you", detail=say("finding_nobody"))
    if not c.viewer.tracked:
        detail, value = say("finding_not_tracked"), say("value_not_tracked")
        return Finding(Rule.VIEWER, Answer.NO, value, say("value_tracked"), "viewers", detail)
    if not c.viewer.may_download:
        detail, value = say("finding_may_not", viewer=c.viewer.name), say("value_may_not")
        return Finding(Rule.VIEWER, Answer.NO, value, say("value_may"), "viewers", detail)
    tracked = say("value_tracked")
    return Finding(Rule.VIEWER, Answer.YES, tracked, tracked, "viewers")


def _local(c: Candidate, p: Policy, now: datetime) -> Finding:
    return _of_fact(Rule.LOCAL, c.local, holds(c.local, bool, absent=Answer.NO))


def _queued(c: Candidate, p: Policy, now: datetime) -> Finding:
    return _of_fact(Rule.QUEUED, c.queued, holds(c.queued, bool, absent=Answer.NO))


def _searched(c: Candidate, p: Policy, now: datetime) -> Finding:
    answer = holds(c.searched_at, lambda at: now - at < SEARCHED_WITHIN, absent=Answer.NO)
    return _of_fact(Rule.SEARCHED, c.searched_at, answer, say("value_hours", hours=24))


def _cooldown(c: Candidate, p: Policy, now: datetime) -> Finding:
    span = timedelta(days=p.cooldown_days)
    answer = holds(c.deleted_at, lambda at: now - at < span, absent=Answer.NO)
    return _of_fact(Rule.COOLDOWN, c.deleted_at, answer, say("value_days", count=p.cooldown_days))


def _released(c: Candidate, p: Policy, now: datetime) -> Finding:
    """A title that nobody can tell about has been watched, so it is out."""
    return _of_fact(Rule.RELEASED, c.released, holds(c.released, bool, absent=Answer.YES))


def _genre(
    rule: Rule,
    c: Candidate,
    wanted: tuple[str, ...],
    words: Callable[[str], Text] = lambda genre: say("finding_genre", genre=genre),
) -> Finding:
    threshold = ", ".join(wanted)
    if not isinstance(c.genres, Known):
        # Nothing is wanted: then no genre can be it, told or not.
        answer = holds(c.genres, bool, absent=Answer.NO) if wanted else Answer.NO
        return _of_fact(rule, c.genres, answer, threshold)
    found = genre_in(c.genres.value, wanted)
    shown = found or ", ".join(c.genres.value)
    detail: Words = words(found) if found else ""
    return Finding(rule, Answer.of(found is not None), shown, threshold, c.genres.source, detail)


def _genre_excluded(c: Candidate, p: Policy, now: datetime) -> Finding:
    return _genre(Rule.GENRE_EXCLUDED, c, p.genres_excluded)


def _rating(c: Candidate) -> Knowledge[float]:
    """IMDb's rating, else Jellyfin's, which says of itself that it is the community's."""
    return first(c.imdb_rating, c.community_rating)


def _at_least(c: Candidate, threshold: float) -> Answer:
    """Ask the rating; what IMDb does not tell, and Jellyfin neither, is unknown."""
    return holds(_rating(c), lambda rating: rating >= threshold, absent=Answer.UNKNOWN)


def _rating_words(rating: Knowledge[float]) -> Text:
    if not isinstance(rating, Known):
        return say("finding_rating_unknown")
    who = "Jellyfin" if rating.source.startswith("jellyfin") else "IMDb"
    return say("finding_rating", who=who, rating=float(rating.value))


def _instant_rating(c: Candidate, p: Policy, now: datetime) -> Finding:
    rating = _rating(c)
    answer = _at_least(c, p.instant_rating)
    return _of_fact(Rule.INSTANT_RATING, rating, answer, p.instant_rating, _rating_words(rating))


def _rare_keyword(c: Candidate, p: Policy, now: datetime) -> Finding:
    found = keyword_in(c.texts, p.keywords)
    return Finding(
        Rule.RARE_KEYWORD,
        Answer.of(found is not None),
        found,
        ", ".join(p.keywords),
        "names",
        say("finding_rare_keyword", keyword=found) if found else "",
    )


def _rare_year_language(c: Candidate, p: Policy, now: datetime) -> Finding:
    """Old and not English. A year or a language that nobody tells is no evidence."""
    made = year(c.title.year)
    threshold = say("value_before_not_english", year=p.rare_before_year)
    known = c.original_language
    spoken = language(known.value) if isinstance(known, Known) else None
    old = Answer.UNKNOWN if made is None else Answer.of(made < p.rare_before_year)
    foreign = Answer.UNKNOWN if spoken is None else Answer.of(spoken.casefold() != "english")
    answer = all_of((old, foreign))
    shown = say("value_year_language", year=made or "?", language=spoken or "?")
    detail: Words = ""
    if made is not None and spoken is not None and answer is Answer.YES:
        detail = say("finding_rare_year_language", year=made, language=spoken)
    if isinstance(known, Unknown):
        detail = known.reason
    return Finding(Rule.RARE_YEAR_LANGUAGE, answer, shown, threshold, known.source, detail)


def _rare_rating_votes(c: Candidate, p: Policy, now: datetime) -> Finding:
    """Only IMDb's rating and votes: the community's says nothing about how many know a film."""
    good = holds(c.imdb_rating, lambda r: r >= p.rare_rating, absent=Answer.UNKNOWN)
    few = holds(c.imdb_votes, lambda votes: votes < p.rare_votes, absent=Answer.UNKNOWN)
    answer = all_of((good, few))
    rating = c.imdb_rating.value if isinstance(c.imdb_rating, Known) else None
    votes = c.imdb_votes.value if isinstance(c.imdb_votes, Known) else None
    detail = next((f.reason for f in (c.imdb_rating, c.imdb_votes) if isinstance(f, Unknown)), "")
    shown_rating = "?" if rating is None else float(rating)
    shown_votes = "?" if votes is None else votes
    if answer is Answer.YES:
        detail = say("finding_rare_rating_votes", rating=shown_rating, count=shown_votes)
    return Finding(
        Rule.RARE_RATING_VOTES,
        answer,
        say("value_rating_votes", rating=shown_rating, count=shown_votes),
        say("value_rating_under_votes", rating=float(p.rare_rating), count=p.rare_votes),
        c.imdb_votes.source,
        detail,
    )


def _rare_genre(c: Candidate, p: Policy, now: datetime) -> Finding:
    return _genre(
        Rule.RARE_GENRE, c, p.genres_rare, lambda genre: say("finding_rare_genre", genre=genre)
    )


def _rare_seeders(c: Candidate, p: Policy, now: datetime) -> Finding:
    """No results at all say nothing about rarity: absent, not rare."""
    answer = holds(c.seeders, lambda count: count < p.rare_seeders, absent=Answer.NO)
    count = c.seeders.value if isinstance(c.seeders, Known) else 0
    detail = say("finding_rare_seeders", count=count) if answer is Answer.YES else ""
    return _of_fact(Rule.RARE_SEEDERS, c.seeders, answer, p.rare_seeders, detail)


def _favorite(c: Candidate, p: Policy, now: datetime) -> Finding:
    """A favourite in Jellyfin, or tagged in Radarr."""
    tag = p.favorite_tag.casefold()
    tagged = (
        holds(c.tags, lambda tags: tag in {t.casefold() for t in tags}, absent=Answer.NO)
        if tag
        else Answer.NO
    )
    liked = holds(c.favorite, bool, absent=Answer.NO)
    answer = any_of((liked, tagged))
    fact = c.favorite if liked is answer else c.tags
    silent = fact.reason if isinstance(fact, Unknown) else ""
    words = say("finding_favorite")
    if liked is not Answer.YES:
        words = say("finding_tagged", tag=p.favorite_tag)
    detail = words if answer is Answer.YES else silent
    value = {Answer.YES: True, Answer.NO: False, Answer.UNKNOWN: None}[answer]
    return Finding(Rule.FAVORITE, answer, value, p.favorite_tag, fact.source, detail)


def _genre_instant(c: Candidate, p: Policy, now: datetime) -> Finding:
    return _genre(Rule.GENRE_INSTANT, c, p.genres_instant)


def _rewatch(c: Candidate, p: Policy, now: datetime) -> Finding:
    viewer = c.viewer
    count = (viewer.rewatch_count if viewer else None) or p.rewatch_count
    days = (viewer.rewatch_days if viewer else None) or p.rewatch_days
    answer = holds(c.viewings, lambda seen: seen >= count, absent=Answer.NO)
    seen = c.viewings.value if isinstance(c.viewings, Known) else 0
    # Jellyfin counts starts, not viewings: say so.
    started = isinstance(c.viewings, Known) and "starts" in c.viewings.source
    words = _started if started else _watched
    return _of_fact(Rule.REWATCH, c.viewings, answer, count, words(seen, days))


def _watched(count: int, days: int) -> Text:
    if days == 1:
        return say("finding_watched_in_a_day", count=count)
    return say("finding_watched", count=count, days=days)


def _started(count: int, days: int) -> Text:
    if days == 1:
        return say("finding_started_in_a_day", count=count)
    return say("finding_started", count=count, days=days)


def _rewatch_rating(c: Candidate, p: Policy, now: datetime) -> Finding:
    rating = _rating(c)
    finding = _of_fact(
        Rule.REWATCH_RATING, rating, _at_least(c, p.rewatch_rating), p.rewatch_rating
    )
    return replace(finding, detail=_rating_words(rating))


def _stream(c: Candidate, p: Policy, now: datetime) -> Finding:
    """What is left when nothing else applies."""
    return Finding(Rule.STREAM, Answer.YES, source="showrunner")


type _Ask = Callable[[Candidate, Policy, datetime], Finding]

_RULES: Final[tuple[_Ask, ...]] = (
    _override,
    _movie,
    _viewer,
    _local,
    _queued,
    _searched,
    _cooldown,
    _released,
    _genre_excluded,
    _instant_rating,
    _rare_keyword,
    _rare_year_language,
    _rare_rating_votes,
    _rare_genre,
    _rare_seeders,
    _favorite,
    _genre_instant,
    _rewatch,
    _rewatch_rating,
    _stream,
)
