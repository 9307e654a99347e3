"""How a series stands: which seasons have aired, whether more of it comes, and who contradicts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from ..inventory import ArrTitle, ArrUnit, SeriesStatus
from ..knowledge import Answer, all_of
from .pieces import SPECIALS

_GOES_ON: Final = {SeriesStatus.CONTINUING: Answer.YES, SeriesStatus.ENDED: Answer.NO}


def regular(record: ArrTitle) -> tuple[ArrUnit, ...]:
    """Give the episodes of a series without its specials, or the movie."""
    return tuple(one for one in record.units if one.place.season != SPECIALS)


def aired(units: Iterable[ArrUnit], now: datetime) -> Answer:
    """Tell whether all of these have aired; of none of them nobody knows."""
    answers = [has_aired(one, now) for one in units]
    return all_of(answers) if answers else Answer.UNKNOWN


def has_aired(unit: ArrUnit, now: datetime) -> Answer:
    """Tell whether an episode has aired; one without a date may have, or never will."""
    if unit.aired is None or unit.aired.tzinfo is None:
        return Answer.UNKNOWN
    return Answer.of(unit.aired <= now)


def status_of(records: Iterable[ArrTitle]) -> SeriesStatus | None:
    """Say whether a series goes on; None: those that hold it contradict each other, or may."""
    statuses = [one.status for one in records]
    contradicted = len(statuses) > 1 and (
        SeriesStatus.UNKNOWN in statuses or len(set(statuses)) > 1
    )
    return None if contradicted else statuses[0]


def aired_seasons(record: ArrTitle, now: datetime) -> frozenset[int]:
    """Name the seasons of which an episode has surely aired."""
    units = regular(record)
    return frozenset(one.place.season for one in units if has_aired(one, now) is Answer.YES)


def latest_season(record: ArrTitle, now: datetime) -> int | None:
    """Name the latest season of which an episode has surely aired."""
    return max(aired_seasons(record, now), default=None)


def is_latest(season: int | None, record: ArrTitle, status: SeriesStatus, now: datetime) -> Answer:
    """Tell whether a season is the latest of a series that goes on; None: the series itself.

    A series that is said to have ended goes on when a later season is announced.
    """
    last = latest_season(record, now)
    if season is not None and last is not None and season < last:
        return Answer.NO
    own = last if season is None else season
    announced = {one.place.season for one in record.units} | record.seasons
    if own is not None and any(number > own for number in announced):
        return Answer.YES
    return _GOES_ON.get(status, Answer.UNKNOWN)


def premiere(season: int, record: ArrTitle, now: datetime) -> tuple[datetime | None, bool]:
    """Say when the season after this one began, and whether that is known.

    None: it hasn't begun. Without any date in it, it may have begun at any time.
    """
    later = [one for one in regular(record) if one.place.season > season]
    following = min((one.place.season for one in later), default=None)
    units = [one for one in later if one.place.season == following]
    begun = [
        one.aired for one in units if one.aired is not None and has_aired(one, now) is Answer.YES
    ]
    undated = any(has_aired(one, now) is Answer.UNKNOWN for one in units)
    return min(begun, default=None), bool(begun) or not undated
