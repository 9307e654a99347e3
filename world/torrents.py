"""The torrents of the demo's world: they come in their own time, unless something is wrong.

What Radarr and Sonarr have grabbed is here by its hash; they wait for it. `trouble` may be set at
any time and stops it: stalled, no_seeds, error, paused, metadata, checking.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from .clock import utcnow

# Its path is the person's secret at the tracker.
ANNOUNCE: Final = "https://tracker.example/5ec2e7/announce"
# Free space on the client's disk (bytes).
FREE: Final = 380_000_000_000
TROUBLES: Final = ("", "stalled", "no_seeds", "error", "paused", "metadata", "checking")


@dataclass(slots=True)
class Torrent:
    """One torrent. `seconds`: how long it takes; `category`: whose it is.

    `ratio`: what was given back of it; `seeded_before`: seconds for which it had seeded already.
    """

    hash: str
    name: str
    size: int
    seconds: float
    category: str
    added: datetime
    completed: datetime | None = None
    ratio: float = 1 / 3
    seeded_before: float = 0.0
    tags: str = ""
    _done: float = 0.0
    _trouble: str = ""
    _moved: datetime = field(default_factory=utcnow)

    @property
    def trouble(self) -> str:
        """What is wrong with it."""
        return self._trouble

    @trouble.setter
    def trouble(self, trouble: str) -> None:
        """Have something go wrong, or be well again. Raises ValueError."""
        if trouble not in TROUBLES:
            raise ValueError(f"no such trouble: {trouble}; there are {', '.join(TROUBLES[1:])}")
        self.move()
        self._trouble = trouble

    def move(self) -> None:
        """Bring it up to now."""
        now = utcnow()
        if not self._trouble and self.completed is None:
            self._done += (now - self._moved).total_seconds()
            if self._done >= self.seconds:
                self.completed = now
        self._moved = now

    @property
    def share(self) -> float:
        """Which share of it is there, now."""
        self.move()
        return 1.0 if self.completed else min(self._done / self.seconds, 0.999)

    @property
    def complete(self) -> bool:
        """Tell whether all of it is there."""
        self.move()
        return self.completed is not None

    @property
    def seeded(self) -> float:
        """For how many seconds it has seeded."""
        if not self.complete or self.completed is None:
            return 0.0
        return self.seeded_before + (utcnow() - self.completed).total_seconds()

    @property
    def left(self) -> float:
        """How many seconds it still takes when all is well."""
        return 0.0 if self.complete else max(self.seconds - self._done, 0.0)


@dataclass(slots=True)
class Swarm:
    """All torrents of one client, by their hashes in lower case; and which were removed when.

    `wrong`: what goes wrong with what is added, by a word of its name.
    """

    torrents: dict[str, Torrent] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    def add(self, info_hash: str, name: str, size: int, seconds: float, category: str) -> Torrent:
        """Take in a torrent and begin with it."""
        made = Torrent(info_hash.lower(), name, size, max(seconds, 0.001), category, utcnow())
        for word, trouble in self.wrong.items():
            if word in name:
                made.trouble = trouble
        self.torrents[made.hash] = made
        return made

    def find(self, word: str) -> Torrent:
        """Find one by its hash, or by a part of its name. Raises KeyError."""
        found = self.torrents.get(word.lower())
        found = found or next((t for t in self.torrents.values() if word in t.name), None)
        if found is None:
            raise KeyError(word)
        return found

    def remove(self, info_hash: str) -> None:
        """Take one away."""
        self.torrents.pop(info_hash.lower(), None)
