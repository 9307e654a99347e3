"""Random life stories of requested titles: a small world that knows the truth, and what it tells.

The world is mutable and plain: it holds how each unit stands now, in its own words. Webhooks tell
single events, a poll tells everything that services show at one instant.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import random

from custom_components.showrunner.domain.media import MOVIE, Place
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Fact,
    Inventory,
    JellyfinPresence,
    Transfer,
    Trouble,
)
from custom_components.showrunner.domain.requests.readings import missing, of_queue
from custom_components.showrunner.domain.requests.request import RequestState

from .samples import START


@dataclass
class Unit:
    """One episode or the movie: what is true of it now."""

    place: Place
    grabbed: str = ""
    failed: bool = False
    has_file: bool = False
    visible: bool = False
    was_there: bool = False


@dataclass
class Download:
    """One torrent."""

    hash: str
    places: list[Place]
    progress: float = 0.0
    started: bool = False
    importing: bool = False
    in_queue: bool = True
    in_client: bool = False


@dataclass
class World:
    """The truth."""

    dice: random.Random
    units: dict[Place, Unit]
    anime: bool
    now: datetime = START
    approved: bool = False
    downloads: dict[str, Download] = field(default_factory=dict)
    history: list[Event] = field(default_factory=list)
    told: list[Fact] = field(default_factory=list)
    serial: int = 0

    def tell(self, event: Event) -> None:
        """Note an event as the services' history does, and send it as a webhook."""
        self.history.append(event)
        late = timedelta(seconds=self.dice.choice((0, 1, 90)))
        self.told.append(Event(event.kind, event.at + late, event.place, event.download))

    def wait(self) -> None:
        """Let some time pass."""
        self.now += timedelta(seconds=self.dice.randint(30, 3000))

    # -- what can happen -------------------------------------------------------------------------

    def approve(self) -> None:
        """Somebody says yes."""
        if not self.approved:
            self.approved = True
            self.tell(Event(EventKind.APPROVED, self.now))

    def grab(self) -> None:
        """The arr grabs a release with one or more units."""
        self.approve()
        free = [u for u in self.units.values() if not u.has_file and self.idle(u)]
        if not free:
            return
        self.serial += 1
        chosen = self.dice.sample(free, self.dice.randint(1, len(free)))
        download = Download(f"{self.serial:040X}", [unit.place for unit in chosen])
        self.downloads[download.hash] = download
        for unit in chosen:
            unit.grabbed, unit.failed, unit.was_there = download.hash, False, False
            unit.visible = False
            self.tell(Event(EventKind.GRABBED, self.now, unit.place, download.hash))

    def idle(self, unit: Unit) -> bool:
        """Tell whether nothing of a unit is under way."""
        return not unit.grabbed or unit.failed

    def transfer(self) -> None:
        """A torrent starts, or gets on."""
        going = [d for d in self.downloads.values() if d.in_queue and d.progress < 100]
        if not going:
            return
        download = self.dice.choice(going)
        download.started = download.in_client = True
        download.progress = min(100.0, download.progress + self.dice.choice((5, 40, 100)))

    def fail(self) -> None:
        """A download fails."""
        going = [d for d in self.downloads.values() if d.in_queue and not d.importing]
        if not going:
            return
        download = self.dice.choice(going)
        download.in_queue = False
        for place in download.places:
            unit = self.units[place]
            if unit.grabbed == download.hash and not unit.has_file:
                unit.failed = True
                self.tell(Event(EventKind.FAILED, self.now, place, download.hash))

    def import_(self) -> None:
        """The arr imports some or all of what is complete."""
        ready = [d for d in self.downloads.values() if d.in_queue and d.progress >= 100]
        if not ready:
            return
        download = self.dice.choice(ready)
        download.importing = True
        left = [p for p in download.places if not self.units[p].has_file]
        for place in self.dice.sample(left, self.dice.randint(1, len(left))) if left else ():
            unit = self.units[place]
            unit.has_file = unit.was_there = True
            self.tell(Event(EventKind.IMPORTED, self.now, place, download.hash))
        if all(self.units[place].has_file for place in download.places):
            download.in_queue = False

    def show(self) -> None:
        """Jellyfin's scan finds what is there."""
        for unit in self.units.values():
            if unit.has_file and not unit.visible:
                unit.visible = True
                self.told.append(JellyfinPresence(unit.place, self.now, seen=True))

    def delete(self) -> None:
        """Somebody deletes a file in the arr; Jellyfin loses it with its next scan."""
        there = [u for u in self.units.values() if u.has_file and u.visible]
        if not there:
            return
        unit = self.dice.choice(there)
        self.serial += 1
        unit.has_file = unit.visible = False
        unit.grabbed = ""
        self.tell(Event(EventKind.DELETED, self.now, unit.place, f"file:{self.serial}"))

    def live(self, steps: int) -> None:
        """Let things happen."""
        ways = (
            self.approve,
            self.grab,
            self.grab,
            self.transfer,
            self.transfer,
            self.transfer,
            self.fail,
            self.import_,
            self.import_,
            self.show,
            self.delete,
        )
        for _ in range(steps):
            self.wait()
            self.dice.choice(ways)()

    # -- what a poll tells -----------------------------------------------------------------------

    def poll(self) -> Iterator[Fact]:
        """Tell everything that healthy services show now."""
        self.wait()
        now = self.now
        if self.approved:
            yield Event(EventKind.APPROVED, now)
        yield from self.history
        for download in self.downloads.values():
            yield from self._transfers(download, now)
        for unit in self.units.values():
            yield Inventory(
                unit.place, now, has_file=unit.has_file, aired_at=START - timedelta(days=9)
            )
            yield JellyfinPresence(unit.place, now, seen=unit.visible)

    def _transfers(self, download: Download, now: datetime) -> Iterator[Fact]:
        if download.in_queue:
            status = "completed" if download.progress >= 100 else "downloading"
            if not download.started:
                status = "queued"
            yield from of_queue(
                download.hash,
                [p for p in download.places if not self.units[p].has_file],
                now,
                status=status,
                tracked_state="importing" if download.importing else "downloading",
                tracked_status="ok",
                size=100.0,
                size_left=100.0 - download.progress,
                eta=None,
                message="",
            )
        else:
            yield missing(download.hash, now, "queue")
        if download.in_client:
            yield Event(EventKind.STARTED, now, download=download.hash)
            if download.progress >= 100:
                yield Event(EventKind.COMPLETE, now, download=download.hash)
            yield Transfer(download.hash, now, download.progress, trouble=Trouble.NONE)

    # -- the truth -------------------------------------------------------------------------------

    def state(self, unit: Unit) -> RequestState:
        """Say how far a unit has come, in the specification's words."""
        if unit.has_file:
            if unit.visible:
                return RequestState.AVAILABLE
            return RequestState.ANIME_MATCHING if self.anime else RequestState.IMPORTING
        if unit.failed:
            return RequestState.FAILED
        if unit.grabbed:
            return self._under_way(self.downloads[unit.grabbed])
        return RequestState.APPROVED if self.approved else RequestState.REQUESTED

    @staticmethod
    def _under_way(download: Download) -> RequestState:
        if download.importing:
            return RequestState.IMPORTING
        if download.progress >= 100:
            return RequestState.DOWNLOADED
        return RequestState.DOWNLOADING if download.started else RequestState.GRABBING


def world(seed: int, episodes: int, *, anime: bool) -> World:
    """Make a world: a movie (0 episodes) or a series."""
    places = [Place(1, number) for number in range(1, episodes + 1)] or [MOVIE]
    return World(random.Random(seed), {place: Unit(place) for place in places}, anime)
