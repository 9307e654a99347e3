"""How much each Radarr and Sonarr had, kept over restarts: whoever lists all of one counts it here.

A fall freezes every plan on that arr, as that of any other source does (law 9).
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from ..domain.counted import FILES, TITLES, Counted
from ..domain.fall import Counts, Fall, FallMoved
from ..domain.knowledge import Answer
from ..domain.plan import (
    DeleteEpisodeFiles,
    DeleteMovie,
    DeleteMovieFile,
    DeleteSeries,
    Step,
    StepState,
)
from ..signals import Signals, Topic
from ..store import Store

# So long a count stands where a step is checked once more.
_STANDS: Final = timedelta(minutes=5)


class ArrCounts:
    """Remembers what each arr had. `max_drop`: what may vanish at once, in percent."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        *,
        now: Callable[[], datetime],
        max_drop: Callable[[], float],
    ) -> None:
        """Take everything by hand."""
        self._store = store
        self._signals = signals
        self._now = now
        self._max_drop = max_drop
        self._looked: dict[str, tuple[datetime, bool]] = {}
        # What we ourselves have taken since it was counted.
        self._took: dict[str, Counter[str]] = {}

    def fresh(self, service: str) -> Answer:
        """Say whether an arr was believed a moment ago; unknown: it has to be counted."""
        at, believed = self._looked.get(service, (None, False))
        if at is None or not timedelta() <= self._now() - at <= _STANDS:
            return Answer.UNKNOWN
        return Answer.of(believed)

    @property
    def in_doubt(self) -> bool:
        """Tell whether any arr was not believed when it was counted last."""
        return not all(believed for _, believed in self._looked.values())

    async def believed(self, service: str, counts: Counts) -> bool:
        """Tell whether what an arr lists now may be believed. Raises StoreError."""
        before, now = await self._kept(service), self._now()
        after = Counted(counts)
        if before is not None:
            took = self._took.get(service, Counter())
            after = before.without(took).read(counts, now, self._max_drop())
        await self._keep(service, before, after)
        self._looked[service] = (now, after.believed)
        return after.believed

    def took(self, step: Step) -> None:
        """Take in what a step has taken: nobody has to wonder that it is gone."""
        if step.state is not StepState.DONE:
            return
        took = self._took.setdefault(step.target.service, Counter())
        match step.payload:
            case DeleteMovie() | DeleteSeries():
                took[TITLES] += 1
            case DeleteMovieFile(files=files) | DeleteEpisodeFiles(files=files):
                took[FILES] += len(files)

    async def fall(self, service: str) -> Fall | None:
        """Give what an arr has suddenly lost, as long as that is in doubt. Raises StoreError."""
        kept = await self._kept(service)
        return None if kept is None else kept.fall

    async def accept(self, service: str, mark: str) -> None:
        """Believe the fall of this mark, which a person has confirmed; nothing beyond it.

        Raises FallMoved, StoreError.
        """
        kept = await self._kept(service)
        if kept is None:
            raise FallMoved
        await self._keep(service, kept, kept.accepted(mark))
        self._looked.pop(service, None)

    async def _kept(self, service: str) -> Counted | None:
        return Counted.from_dict(await self._store.kv.get(_key(service)))

    async def _keep(self, service: str, before: Counted | None, after: Counted) -> None:
        if after != before:
            await self._store.kv.put(_key(service), after.as_dict())
        self._took.pop(service, None)
        if (None if before is None else before.fall) != after.fall:
            self._signals.send(Topic.FALL, "changed", {"service": service})


def _key(service: str) -> str:
    return f"counted:{service}"
