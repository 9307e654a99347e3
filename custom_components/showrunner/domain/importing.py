"""History that others kept, folded into viewings (import, repeatable without doubles).

Rows of one viewer, unit and day are one viewing with several sittings. Their times are joined, not
added up, so that the same play told twice (Jellystat also keeps what it took from Playback
Reporting) counts once. Nothing is made of rows of users who are not tracked.

Sources count pauses as playing, and some count on when nobody is there. So a position that is told
caps what was watched, and a duration alone proves nothing when it is longer than the title.

Page by page: a day is closed when no later row can belong to it, so that memory stays small and
the same rows make the same viewings every time, wherever the pages end.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from .imported_days import EPOCH, Play, PlayedDay
from .media import Unit
from .watching import ReportSource, Viewing, WatchPolicy, percent_of

# Clocks of two machines differ; a play that lies further ahead did not happen.
_AHEAD: Final = timedelta(minutes=10)
# Nobody watches one thing for longer: neither duration nor position of a row lies beyond (seconds).
_LONGEST: Final = timedelta(hours=24).total_seconds()
# Of what counts at all, which part a row must be: else a client flaps, or a source writes down
# every look of its own.
_PART: Final = 1 / 12
# A whole play may take a little longer than the title: what was sought back, and rounding.
_OVERTIME: Final = 1.1
# A position further beyond the runtime than another version's end is none.
_BEYOND: Final = 2.0
# Who takes a film up again sees its last moments once more (seconds).
_OVERLAP: Final = 60.0
_MOST_WAITING: Final = 10_000

type DayOf = Callable[[datetime], date]
type Policies = Callable[[str], WatchPolicy | None]


class Refusal(StrEnum):
    """Why a row became no viewing."""

    UNTRACKED = "untracked"
    UNREADABLE = "unreadable"
    ABSURD = "absurd"
    TOO_SHORT = "too_short"
    FUTURE = "future"
    BEFORE_2000 = "before_2000"
    OLDER_THAN_KEPT = "older_than_kept"
    UNKNOWN_ITEM = "unknown_item"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One play as a source tells it: when it ended (or began), and how long it was watched.

    `position` is where it ended, None where the source keeps none. The unit is as far as the row
    names it; `runtime` in seconds is only known by the library.
    """

    row_id: str
    user_id: str
    unit: Unit
    at: datetime
    seconds: float
    at_end: bool
    position: float | None = None
    device: str = ""
    client: str = ""
    play_method: str = ""

    @property
    def item_id(self) -> str:
        """Jellyfin's id of the movie or the episode."""
        return self.unit.item_id


@dataclass(frozen=True, slots=True)
class ImportedItem:
    """What the library knows of a row's item. A gone item has no runtime."""

    unit: Unit
    runtime: float | None


class HistoryFold:
    """Folds one source's rows. `newest_first`: the order in which their days come.

    `policies` gives a tracked viewer's thresholds, None for everybody else. What ended before
    `kept_since` was archived, or would be tomorrow.
    """

    def __init__(
        self,
        source: ReportSource,
        server_id: str,
        policies: Policies,
        day_of: DayOf,
        now: datetime,
        *,
        newest_first: bool,
        kept_since: datetime | None = None,
    ) -> None:
        """Begin with nothing."""
        self.refused: Counter[Refusal] = Counter()
        self._source = source
        self._server_id = server_id
        self._policies = policies
        self._day_of = day_of
        self._now = now
        self._newest_first = newest_first
        self._kept_since = kept_since
        self._days: dict[tuple[str, str, date], PlayedDay] = {}
        self._waiting: dict[tuple[str, str], PlayedDay] = {}
        self._edge: date | None = None

    def wanted(self, rows: Iterable[HistoryRow | Refusal]) -> tuple[str, ...]:
        """Name the items that the library must be asked about: those of tracked viewers."""
        return tuple(
            dict.fromkeys(
                row.item_id
                for row in rows
                if isinstance(row, HistoryRow) and self._policies(row.user_id) is not None
            )
        )

    def take(
        self, rows: Iterable[HistoryRow | Refusal], items: Mapping[str, ImportedItem | None]
    ) -> tuple[Viewing, ...]:
        """Take in a page; give the viewings of the days that it closed.

        `items` has what the library knows of the `wanted` ones: None for what is no movie or
        episode, and no entry for what is gone.
        """
        for row in rows:
            refusal = row if isinstance(row, Refusal) else self._add(row, items)
            if refusal is not None:
                self.refused[refusal] += 1
        return self._close(final=False)

    def finish(self) -> tuple[Viewing, ...]:
        """Close what is open: there are no more rows."""
        done = self._close(final=True)
        waiting, self._waiting = self._waiting, {}
        self._edge = None
        return done + tuple(self._viewing(day, jumped=True) for day in waiting.values())

    def _add(self, row: HistoryRow, items: Mapping[str, ImportedItem | None]) -> Refusal | None:
        policy = self._policies(row.user_id)
        if policy is None:
            return Refusal.UNTRACKED
        item = items.get(row.item_id, self._gone(row))
        if item is None:
            return Refusal.UNKNOWN_ITEM
        if (refusal := _implausible(row, item.runtime, policy.min_seconds)) is not None:
            return refusal
        seconds = timedelta(seconds=row.seconds)
        began = row.at - seconds if row.at_end else row.at
        ended = row.at if row.at_end else row.at + seconds
        if (refusal := self._untimely(row.at, ended, seconds)) is not None:
            return refusal
        play = Play(
            row.row_id,
            began,
            ended,
            _watched(row, item.runtime),
            row.position,
            row.device,
            row.client,
            row.play_method,
        )
        return self._join(row.user_id, item, play)

    def _untimely(self, at: datetime, ended: datetime, seconds: timedelta) -> Refusal | None:
        """Refuse what can't have been then, and what is not kept; see the others."""
        if at < EPOCH + seconds:
            return Refusal.BEFORE_2000
        if at > self._now + _AHEAD:
            return Refusal.FUTURE
        self._see(at)
        if self._kept_since is not None and ended < self._kept_since:
            return Refusal.OLDER_THAN_KEPT
        return None

    def _gone(self, row: HistoryRow) -> ImportedItem:
        """Keep the id and the name of an item that the library no longer has."""
        return ImportedItem(replace(row.unit, server_id=self._server_id), None)

    def _join(self, viewer_id: str, item: ImportedItem, play: Play) -> Refusal | None:
        day = self._day_of(play.began)
        key = (viewer_id, item.unit.key, day)
        known = self._days.get(key)
        if known is None:
            known = self._days[key] = PlayedDay(viewer_id, item.unit, item.runtime, day)
        return None if known.add(play, item.runtime) else Refusal.DUPLICATE

    def _see(self, at: datetime) -> None:
        """Move the edge: beyond it no more rows are expected."""
        day = self._day_of(at)
        if self._edge is None:
            self._edge = day
        else:
            self._edge = (min if self._newest_first else max)(self._edge, day)

    def _is_closed(self, day: date, edge: date) -> bool:
        """Tell whether all rows of a day are there.

        Going back, rows to come ended on the edge's day at the latest and began no later. Going
        forward they are in the order in which they were written, which may be off by a day.
        """
        return day > edge if self._newest_first else day < edge - timedelta(days=1)

    def _close(self, *, final: bool) -> tuple[Viewing, ...]:
        edge = self._edge
        keys = [
            key
            for key in self._days
            if final or (edge is not None and self._is_closed(key[2], edge))
        ]
        keys.sort(key=lambda key: key[2], reverse=self._newest_first)
        done: list[Viewing] = []
        for key in keys:
            done += self._judged(self._days.pop(key))
        while len(self._waiting) > _MOST_WAITING:
            done.append(self._viewing(self._waiting.pop(next(iter(self._waiting))), jumped=True))
        return tuple(done)

    def _judged(self, day: PlayedDay) -> list[Viewing]:
        """Judge a day, and the later one that waited for it to say where it was taken up.

        Who watched less than half of the way to the credits either jumped there or took the film
        up where an earlier day left it: only the earlier day tells.
        """
        done = []
        if flood := day.without_flood():
            self.refused[Refusal.ABSURD] += flood
        place = (day.viewer_id, day.unit.key)
        later = self._waiting.pop(place, None)
        if later is not None:
            resumed = day.reached >= later.reached - later.watched - _OVERLAP
            done.append(self._viewing(later, jumped=not resumed))
        policy = self._policies(day.viewer_id)
        if policy is None or day.watched < policy.min_seconds:
            self.refused[Refusal.TOO_SHORT] += len(day.plays)
        elif day.watched < day.reached / 2 and _at_end(day, policy):
            self._waiting[place] = day
        else:
            done.append(self._viewing(day, jumped=False))
        return done

    def _viewing(self, day: PlayedDay, *, jumped: bool) -> Viewing:
        policy = self._policies(day.viewer_id) or WatchPolicy()
        last = max(day.plays, key=lambda play: (play.ended, play.row_id))
        return Viewing(
            viewer_id=day.viewer_id,
            unit=day.unit,
            day=day.day,
            started_at=min(play.began for play in day.plays),
            ended_at=last.ended,
            watched=day.watched,
            position=day.reached,
            runtime=day.runtime,
            credits_jump=jumped,
            completed=not jumped and _at_end(day, policy),
            finished=True,
            device=last.device,
            client=last.client,
            play_method=last.play_method,
            sources=frozenset({self._source}),
        )


def _at_end(day: PlayedDay, policy: WatchPolicy) -> bool:
    """Tell whether a day got as far as the credits. Without a runtime nobody knows it."""
    reached = percent_of(day.reached, day.runtime)
    return reached is not None and reached >= policy.completion


def _implausible(row: HistoryRow, runtime: float | None, least: float) -> Refusal | None:
    """Refuse what can't have been watched; None for what can."""
    if row.seconds < 0:
        return Refusal.UNREADABLE
    if _watched(row, runtime) < least * _PART:
        return Refusal.TOO_SHORT
    if row.seconds > _LONGEST or (row.position or 0.0) > _LONGEST:
        return Refusal.ABSURD
    if not runtime:
        return None
    if row.position is None:
        return Refusal.ABSURD if row.seconds > runtime * _OVERTIME else None
    return Refusal.ABSURD if row.position > runtime * _BEYOND else None


def _watched(row: HistoryRow, runtime: float | None) -> float:
    """Say how much of a row's time was watched: no more than position and runtime explain.

    Where the play began is not told, so it is taken to have begun at the beginning.
    """
    limits = (row.seconds, row.position, runtime or None)
    return min(limit for limit in limits if limit is not None)


def completed_days(
    rows: Iterable[HistoryRow],
    item: ImportedItem,
    policy: WatchPolicy,
    day_of: DayOf,
    now: datetime,
) -> int:
    """Count the viewings of one viewer and item that were completed. Rows: the newest first."""
    fold = HistoryFold(
        ReportSource.JELLYSTAT,
        item.unit.server_id,
        lambda _: policy,
        day_of,
        now,
        newest_first=True,
    )
    known = {item.unit.item_id: item}
    viewings = (*fold.take(rows, known), *fold.finish())
    return sum(viewing.completed for viewing in viewings)
