"""A room in which somebody plays."""

from dataclasses import dataclass, field

from custom_components.showrunner.coordinators.playback import (
    PlaybackTracker,
)
from custom_components.showrunner.domain.watching import (
    PlaybackReport,
    ReportKind,
    Viewing,
    WatchPolicy,
)
from custom_components.showrunner.signals import Signals, Topic
from custom_components.showrunner.store import Store
from tests.domain.samples import report

START, PROGRESS, STOP = ReportKind.STARTED, ReportKind.PROGRESS, ReportKind.STOPPED


VIEWER, GUEST = "a" * 32, "c" * 32


@dataclass
class Choices:
    """What the person has chosen."""

    viewers: set[str] = field(default_factory=lambda: {VIEWER})
    resting: set[str] = field(default_factory=set)
    guests: bool = False

    def policy(self, user_id: str) -> WatchPolicy:
        """Give the defaults."""
        return WatchPolicy()

    def tracked(self, user_id: str) -> bool:
        """Tell whether a viewer is tracked now."""
        return user_id in self.viewers - self.resting

    def paused(self, user_id: str) -> bool:
        """Tell whether a viewer is paused."""
        return user_id in self.viewers & self.resting


class Room:
    """A tracker with a real store, and what it told."""

    def __init__(self, store: Store) -> None:
        """Listen."""
        self.store = store
        self.choices = Choices()
        self.events: list[str] = []
        self.told: list[tuple[Viewing, bool]] = []
        self.completed: list[Viewing] = []
        self.tracker = self.started()

    def started(self) -> PlaybackTracker:
        """Start a tracker over the same store, as after a restart."""
        signals = Signals()
        signals.subscribe(Topic.PLAYBACK, lambda kind, _: self.events.append(kind))
        self.tracker = PlaybackTracker(self.store, signals, self.choices)
        self.tracker.on_viewing(self._told)
        self.tracker.on_completed(self._completed)
        return self.tracker

    async def _told(self, viewing: Viewing, tracked: bool) -> None:
        self.told.append((viewing, tracked))

    async def _completed(self, viewing: Viewing) -> None:
        self.completed.append(viewing)

    async def hear(self, *reports: PlaybackReport) -> None:
        """Take in reports, one after the other."""
        for one in reports:
            await self.tracker.ingest((one,), one.at)

    async def watch(self, begin: int, end: int, **more: object) -> None:
        """Play a part of the film, from one minute to another."""
        for minute in range(begin, end + 1):
            await self.hear(report(PROGRESS, minute, minute, **more))  # type: ignore[arg-type]

    async def history(self) -> tuple[Viewing, ...]:
        """Give what is stored."""
        return await self.store.viewings.history()
