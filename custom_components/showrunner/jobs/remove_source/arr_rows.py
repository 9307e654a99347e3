"""Which imports the arrs name of releases: asked once, and then only what has happened since.

A turn comes every half hour, and what lies at the source for years would have all years asked.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ...coordinators.arrs import Arrs
from ...domain.history import HistoryEvent, HistoryKind
from ...domain.paths import components
from ...domain.transfer.removal import comparable, is_below
from ...domain.transfer.tree import Release

# Clocks differ, and what is imported at once is noted as fetched a moment later.
_SLACK: Final = timedelta(days=1)

type Rows = Mapping[str, tuple[HistoryEvent, ...]]
type _Key = tuple[str, bytes, bool, datetime, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A release of a transfer, and since when it is home."""

    service: str
    release: Release
    at: datetime

    def key(self, arrs: Iterable[str]) -> _Key:
        """Name it, and whoever was asked of it."""
        release = self.release
        return self.service, release.name, release.is_folder, self.at, frozenset(arrs)


class ArrRows:
    """The imports of releases by the arrs that name them, as far as a plan needs them."""

    def __init__(self, arrs: Arrs) -> None:
        """Take whom to ask; nothing is asked yet."""
        self._arrs = arrs
        # Of each release until when it was asked, and what was found by then.
        self._known: dict[_Key, tuple[datetime, Rows]] = {}

    async def of(self, wanted: Iterable[Wanted], now: datetime, *, anew: bool) -> tuple[Rows, ...]:
        """Give the imports of each release, by the arrs that tell of them.

        `anew`: nothing that was told before counts. Raises ServiceError: an arr that is silent may
        know of one.
        """
        every, arrs = tuple(wanted), dict(self._arrs)
        keys = [one.key(arrs) for one in every]
        known = {} if anew else {key: self._known[key] for key in keys if key in self._known}
        since = min(known[key][0] if key in known else key[3] for key in keys) - _SLACK
        answers = await asyncio.gather(
            *(arr.client.history_since(since, whole=True) for arr in arrs.values())
        )
        events = dict(zip(arrs, answers, strict=True))
        found = await asyncio.to_thread(_sorted, every, events)
        rows = tuple(
            _together(known[key][1], more) if key in known else more
            for key, more in zip(keys, found, strict=True)
        )
        if not anew:
            services = {one.service for one in every}
            others = {key: one for key, one in self._known.items() if key[0] not in services}
            self._known = others | {key: (now, one) for key, one in zip(keys, rows, strict=True)}
        return rows


def _sorted(wanted: Iterable[Wanted], histories: Rows) -> list[Rows]:
    """Sort the imports by the releases from which they came."""
    every = tuple(wanted)
    by_name: dict[str, list[int]] = {}
    for number, one in enumerate(every):
        if (name := comparable(one.release.name)) is not None:
            by_name.setdefault(name, []).append(number)
    found: list[dict[str, tuple[HistoryEvent, ...]]] = [{} for _ in every]
    for arr, events in histories.items():
        for event in events:
            if event.kind is not HistoryKind.IMPORTED or not event.source_path:
                continue
            for part in set((components(event.source_path) or ())[1:]):
                for number in by_name.get(part, ()):
                    one = every[number]
                    if event.at >= one.at - _SLACK and is_below(event.source_path, one.release):
                        found[number][arr] = (*found[number].get(arr, ()), event)
    return list(found)


def _together(before: Rows, more: Rows) -> Rows:
    """Put together what was told before and since; what is told twice counts once."""
    found: dict[str, tuple[HistoryEvent, ...]] = {}
    for arr in (*before, *(one for one in more if one not in before)):
        rows = (*before.get(arr, ()), *more.get(arr, ()))
        found[arr] = tuple({(row.at, row.id): row for row in rows}.values())
    return found
