"""What people keep: their word that a title, or one season of it, is not deleted (law 6).

A word is given for good or until an instant. What is kept is kept with all that is in it: a series
with its seasons; and a kept season keeps its series from being deleted as a whole.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .finding import Finding
from .identity import KnownAs
from .knowledge import Answer, Knowledge, Known, Unknown
from .media import TitleKey
from .plan import Protection
from .text import Words, say

# Ten years: longer nothing is kept but for good.
MOST_DAYS: Final = 3650
# Nobody else knows of it.
_SOURCE: Final = "showrunner"


@dataclass(frozen=True, slots=True)
class Keep:
    """A person's word on a title, or on one season of it (None: all of it).

    `until` None: for good. `by` is the id of a user of Home Assistant, "automation", or
    "notification" (a button on a phone of which nobody knows whose it is). `ended_at`: when it was
    taken back, or another word on the same took its place (then `ended_by` is None).
    """

    title: TitleKey
    season: int | None
    until: datetime | None
    at: datetime
    by: str
    why: str = ""
    ended_at: datetime | None = None
    ended_by: str | None = None

    def holds(self, now: datetime) -> bool:
        """Tell whether it keeps anything now."""
        return self.ended_at is None and (self.until is None or now < self.until)

    def covers(self, season: int | None) -> bool:
        """Tell whether it keeps a season, or a title as a whole (None), from being deleted.

        A season is kept with the title around it; and the title can't go as a whole without it.
        """
        return self.season is None or season is None or self.season == season

    @property
    def said(self) -> Words:
        """What it comes to, for people."""
        if self.season is None:
            return say("kept_for_good") if self.until is None else say("kept_until", at=self.until)
        if self.until is None:
            return say("kept_season_for_good", season=self.season)
        return say("kept_season_until", season=self.season, at=self.until)


def kept(keeps: Knowledge[tuple[Keep, ...]], seasons: Collection[int | None]) -> Finding:
    """Tell whether a person keeps any of these seasons of a title; None: the title as a whole.

    `keeps` are the words on this title that hold now.
    """
    if not isinstance(keeps, Known):
        why = keeps.reason if isinstance(keeps, Unknown) else say("nothing_said")
        return _finding(Answer.UNKNOWN, say("kept_not_told", why=why))
    found = [one for one in keeps.value if any(one.covers(season) for season in seasons)]
    return _finding(Answer.YES, max(found, key=_end).said) if found else _finding(Answer.NO, "")


def _finding(answer: Answer, detail: Words) -> Finding:
    value = None if answer is Answer.UNKNOWN else answer is Answer.YES
    return Finding(Protection.KEPT, answer, value, source=_SOURCE, detail=detail)


def _end(one: Keep) -> tuple[bool, float]:
    return one.until is None, 0.0 if one.until is None else one.until.timestamp()


def about(keeps: Iterable[Keep], title: TitleKey) -> tuple[Keep, ...]:
    """Find the words on a title, by any of its ids."""
    names = frozenset(title.names)
    return tuple(one for one in keeps if not names.isdisjoint(one.title.names))


def on_title(
    words: Iterable[Keep], known_as: KnownAs, now: datetime
) -> Known[tuple[Keep, ...]] | Unknown:
    """Take words for those on a title; unknown where one holds that may be on another."""
    found = tuple(words)
    for one in found:
        if one.holds(now) and known_as.answer(one.title.names) is not Answer.YES:
            return Unknown(say("kept_under_other_ids", name=one.title.names[0]), _SOURCE)
    return Known(found, _SOURCE)


def put_off(keeps: Iterable[Keep], days: int, now: datetime) -> datetime | None:
    """Say until when the leaving of something is put off by so many days more.

    They are counted from the end of what it is kept for already. `keeps` are the words on the very
    same title or season that hold now; None: one of them is for good, and nothing is shortened.
    """
    ends = [one.until for one in keeps]
    if None in ends:
        return None
    begin = max([now, *(end for end in ends if end is not None)])
    return min(begin + timedelta(days=days), max(begin, now + timedelta(days=MOST_DAYS)))
