"""Judges every movie, season and special that has files, and every series that has none left.

Every rule is asked of every piece, so that a person sees all that keeps it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from ..finding import Finding, shared
from ..inventory import ArrFile, SeriesStatus
from ..knowledge import Answer, Known, Unknown, all_of
from ..media import Place
from ..plan import Scope
from ..text import Words, say
from . import grounds, libraries, lower, protections, series, viewers
from .facts import RetentionFacts, TitleFacts
from .grace import begun
from .ground import Ground
from .pieces import Piece, pieces
from .policy import RetentionPolicy
from .regretted import regretted
from .verdict import RetentionRule as Rule, RetentionVerdict, lets_go, surely_stays
from .watching import Watching

_SHOWRUNNER: Final = "showrunner"
_NONE: Final[frozenset[int | None]] = frozenset()


def judge(
    facts: RetentionFacts,
    policy: RetentionPolicy,
    only: Collection[tuple[str, int]] | None = None,
) -> tuple[RetentionVerdict, ...]:
    """Judge all titles, or only these: an arr's subentry, and its number of the title."""
    twins = Twins(facts.titles)
    return tuple(
        verdict
        for title in facts.titles
        if only is None or (title.record.service, title.record.id) in only
        for verdict in TitleJudge(facts, policy, title, twins).verdicts()
    )


class Twins:
    """Finds the same title in other arrs: one id that both have is enough to hear the other."""

    def __init__(self, titles: Iterable[TitleFacts]) -> None:
        """Take everything that is held."""
        self._by_id: dict[tuple[str, str], list[TitleFacts]] = defaultdict(list)
        for one in titles:
            for name in one.record.ids.keys:
                self._by_id[one.record.kind, name].append(one)

    def of(self, title: TitleFacts) -> tuple[TitleFacts, ...]:
        """Give what other arrs hold of a title."""
        found: list[TitleFacts] = []
        for name in title.record.ids.keys:
            for one in self._by_id[title.record.kind, name]:
                if one is not title and all(one is not other for other in found):
                    found.append(one)
        return tuple(found)


class TitleJudge:
    """Judges the pieces of one title."""

    def __init__(
        self,
        facts: RetentionFacts,
        policy: RetentionPolicy,
        title: TitleFacts,
        twins: Twins,
    ) -> None:
        """Take what is known of everything, and whose pieces are judged."""
        self._facts = facts
        self._policy = policy
        self._title = title
        self._all_twins = twins
        self._twins = twins.of(title)
        self._watching = Watching(title, facts)
        everywhere = (title, *self._twins)
        self._unnumbered = protections.unnumbered(everywhere) if title.is_series else _NONE
        self._status = series.status_of(one.record for one in everywhere)

    @cached_property
    def _touched(self) -> grounds.Touched:
        return grounds.touched_by((self._title, *self._twins), self._facts)

    def verdicts(self) -> Iterator[RetentionVerdict]:
        """Judge each; an empty series only where it may be removed."""
        for piece in pieces(self._title, self._twins):
            if piece.scope is not Scope.SERIES or self._policy.remove_empty_series:
                yield self._of(piece)

    def _of(self, piece: Piece) -> RetentionVerdict:
        """Judge a piece by every rule that is chosen: by which it may go, or will first."""
        watched = self.verdict(piece, Ground.WATCHED)
        if watched.may_go or piece.scope is Scope.SERIES:
            return watched
        others = [self.verdict(piece, one) for one in self._policy.chosen]
        if (goes := next((one for one in others if one.may_go), None)) is not None:
            return goes
        leaving = [one for one in (watched, *others) if one.is_leaving]
        return min(leaving, key=lambda one: one.leaves_at or self._facts.now, default=watched)

    def stays(self, places: frozenset[Place]) -> Answer:
        """Tell whether all of these units stay, by the rules alone by which they could leave.

        That is whatever protects them: what was watched here may leave as soon as that ends.
        """
        return all_of(
            surely_stays(findings)
            for piece in pieces(self._title, self._twins)
            if piece.places & places
            for findings in self._reasons(piece)
        )

    def lets_go(self, piece: Piece, ground: Ground) -> Answer:
        """Tell whether a rule that is chosen lets a piece go, whatever else may keep it."""
        return lets_go(self._chosen(piece, ground).findings)

    def _reasons(self, piece: Piece) -> Iterator[Iterable[Finding]]:
        """Give what each rule but that of a higher copy finds of a piece."""
        yield (viewers.watched(piece, self._watching, self._policy.who),)
        for ground in self._policy.chosen:
            if ground is not Ground.LOWER:
                yield self._chosen(piece, ground).findings

    def _stays(self, title: TitleFacts, places: frozenset[Place]) -> Answer:
        return TitleJudge(self._facts, self._policy, title, self._all_twins).stays(places)

    def verdict(self, piece: Piece, ground: Ground) -> RetentionVerdict:
        """Judge a piece by one rule."""
        since = begun(piece, self._watching, self._facts)
        stays = self._next_up(piece)
        files = tuple(one for one in piece.files if one.id not in stays)
        units = piece.record.units if piece.scope is Scope.SERIES else piece.units
        findings = [*self._protections(piece), *self._state(piece)]
        wait = self._policy.grace
        if ground is Ground.WATCHED:
            findings.append(viewers.watched(piece, self._watching, self._policy.who))
        else:
            chosen = self._chosen(piece, ground)
            findings += chosen.findings
            since, wait = _later(since, chosen.ripe), self._policy.notice
        findings.append(viewers.requested(piece, self._watching, self._policy, ground))
        if self._policy.keep_last_watched and piece.is_season:
            findings.append(_last_watched(files))
        findings.append(self._grace(since, wait))
        leaves = since.value + wait if isinstance(since, Known) else None
        return RetentionVerdict(
            record=piece.record,
            scope=piece.scope,
            season=piece.season,
            units=tuple(one for one in units if one.file_id not in stays),
            files=files,
            findings=tuple(map(shared, findings)),
            leaves_at=leaves,
            leaves_on=None if leaves is None else leaves.astimezone(self._facts.zone).date(),
            ground=ground,
        )

    def _chosen(self, piece: Piece, ground: Ground) -> grounds.Chosen:
        now = self._facts.now
        if ground is Ground.LOWER:
            others = lower.Others(self._all_twins.of, self._stays)
            return lower.lower(piece, self._watching, others, now)
        return grounds.by(ground, piece, self._policy, self._touched, now)

    def _protections(self, piece: Piece) -> Iterator[Finding]:
        yield protections.sources(piece, self._facts)
        yield protections.identified(piece)
        yield protections.keep_tag(piece, self._policy)
        yield libraries.excluded(piece, self._policy, self._facts)
        yield protections.override(piece)
        yield regretted(piece, self._facts.now)
        yield protections.returned(piece, self._facts.now)
        yield protections.kept(piece, self._facts.now)
        yield protections.favorite(piece, self._facts)
        yield protections.playing(piece)

    def _state(self, piece: Piece) -> Iterator[Finding]:
        """Ask how the files and the series stand."""
        if piece.scope is not Scope.SERIES:
            yield _whole_files(piece)
        if not piece.title.is_series:
            return
        yield protections.numbered(piece, self._unnumbered)
        yield self._series_status(piece)
        if piece.scope is Scope.SERIES:
            yield _left(piece, self._facts.now)
            yield _unwanted(piece)
        if piece.scope is Scope.SERIES or (piece.is_season and self._policy.protect_latest_season):
            yield self._latest(piece)
        yield self._aired(piece)

    def _series_status(self, piece: Piece) -> Finding:
        source, status = piece.record.name, self._status
        if status is None:
            said = say("retention_status_conflict")
            return Finding(Rule.STATUS, Answer.UNKNOWN, source=source, detail=said)
        if piece.scope is not Scope.SERIES or status is SeriesStatus.ENDED:
            return Finding(Rule.STATUS, Answer.YES, status.value, source=source)
        unknown = status is SeriesStatus.UNKNOWN
        answer = Answer.UNKNOWN if unknown else Answer.NO
        said = say("retention_status_unknown") if unknown else say("retention_goes_on")
        return Finding(Rule.STATUS, answer, status.value, source=source, detail=said)

    def _latest(self, piece: Piece) -> Finding:
        status = self._status or SeriesStatus.UNKNOWN
        answer = series.is_latest(piece.season, piece.record, status, self._facts.now)
        said: Words = {
            Answer.YES: say("retention_latest"),
            Answer.UNKNOWN: say("retention_status_unknown"),
        }.get(answer, "")
        return Finding(Rule.LATEST, answer, piece.season, source=piece.record.name, detail=said)

    def _aired(self, piece: Piece) -> Finding:
        now = self._facts.now
        answer = series.aired(piece.units, now)
        for one in piece.units:
            if answer is not Answer.YES and series.has_aired(one, now) is answer:
                place = one.place.text
                said = (
                    say("retention_not_aired", episode=place)
                    if answer is Answer.NO
                    else say("retention_airs_unknown", episode=place)
                )
                return Finding(Rule.AIRED, answer, source=piece.record.name, detail=said)
        why: Words = "" if piece.units else say("retention_no_episodes")
        return Finding(Rule.AIRED, answer, source=piece.record.name, detail=why)

    def _next_up(self, piece: Piece) -> frozenset[int | None]:
        """Name the files that stay, so that Next Up knows where each viewer is."""
        if not self._policy.keep_last_watched or not piece.is_season:
            return frozenset()
        last = {self._watching.highest(one.id) for one in self._watching.counting}
        there = {one.file_id for one in piece.units if one.place in last}
        return frozenset(there - {None})

    def _grace(self, since: Known[datetime] | Unknown, wait: timedelta) -> Finding:
        days = wait / timedelta(days=1)
        if not isinstance(since, Known):
            return Finding(Rule.GRACE, Answer.UNKNOWN, None, days, _SHOWRUNNER, since.reason)
        at = since.value
        over = at + wait <= self._facts.now
        said: Words = "" if over else say("retention_grace", at=at + wait)
        return Finding(Rule.GRACE, Answer.of(over), at.isoformat(), days, _SHOWRUNNER, said)


def _later(
    one: Known[datetime] | Unknown, other: Known[datetime] | Unknown
) -> Known[datetime] | Unknown:
    """Give the later of two instants; without one of them nobody knows."""
    if not isinstance(one, Known):
        return one
    return max(one, other, key=lambda at: at.value) if isinstance(other, Known) else other


def _whole_files(piece: Piece) -> Finding:
    """Tell whether its files are told one by one, and hold nothing but this piece."""
    source = piece.record.name
    named = {one.id for one in piece.files}
    units = {one.place for one in piece.units}
    if any(one.file_id is not None and one.file_id not in named for one in piece.units):
        said: Words = say("retention_file_unnamed")
        return Finding(Rule.FILES, Answer.UNKNOWN, source=source, detail=said)
    for file in piece.files:
        if file.id in piece.spread or not file.places or not file.places <= units:
            said = say("retention_file_shared", file=file.path)
            return Finding(Rule.FILES, Answer.NO, source=source, detail=said)
    return Finding(Rule.FILES, Answer.YES, len(piece.files), source=source)


def _left(piece: Piece, now: datetime) -> Finding:
    """Tell whether all of it has left this arr by us; else whoever took it will know why.

    A disk that is not there empties a series, too, also after we have taken a season of it.
    """
    deletions = piece.title.deletions
    if isinstance(deletions, Unknown):
        unknown = say("retention_deletions_unknown", why=deletions.reason)
        return Finding(Rule.LEFT, Answer.UNKNOWN, source=_SHOWRUNNER, detail=unknown)
    ours = deletions.value if isinstance(deletions, Known) else ()
    left = {one.season for one in ours if one.service == piece.record.service and one.until is None}
    if not left:
        return Finding(Rule.LEFT, Answer.NO, source=_SHOWRUNNER, detail=say("retention_not_left"))
    aired = series.aired_seasons(piece.record, now)
    missing = next((one for one in sorted(aired) if not left & {one, None}), None)
    if missing is not None:
        said = say("retention_season_not_left", season=missing)
        return Finding(Rule.LEFT, Answer.UNKNOWN, missing, source=_SHOWRUNNER, detail=said)
    return Finding(Rule.LEFT, Answer.YES, source=_SHOWRUNNER)


def _unwanted(piece: Piece) -> Finding:
    wanted = any(one.monitored for one in piece.record.units)
    said: Words = say("retention_still_wanted") if wanted else ""
    return Finding(Rule.UNWANTED, Answer.of(not wanted), source=piece.record.name, detail=said)


def _last_watched(left: tuple[ArrFile, ...]) -> Finding:
    answer = Answer.of(not left)
    said: Words = "" if left else say("retention_next_up")
    return Finding(Rule.LAST_WATCHED, answer, source=_SHOWRUNNER, detail=said)
