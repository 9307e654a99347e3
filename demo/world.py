"""One coherent model of a household's media; the servers that speak for it are in `servers`.

The history reaches back five years from now and is the same in every run.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import random
from typing import Final

from .catalogue import EPISODES, FILMS, Entry, Episode, Film, Home, by_name, guid
from .clock import utcnow
from .people import USERS, User
from .play import Play

# Jellyfin and Radarr see the same disks under different names, as in two containers.
JELLYFIN_ROOT: Final = "/media"
RADARR_ROOT: Final = "/data"

_YEARS: Final = 5


@dataclass(slots=True)
class UserData:
    """What Jellyfin keeps of one user and one item. `position` in seconds."""

    play_count: int = 0
    last_played: datetime | None = None
    position: float = 0.0
    played: bool = False
    favorite: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of the demo's services. They open nothing else."""

    jellyfin: str = "d3m0d3m0d3m0d3m0d3m0d3m0d3m0d3m0"
    radarr: str = "0123456789abcdef0123456789abcdef"
    prowlarr: str = "fedcba9876543210fedcba9876543210"
    ntfy: str = "tk_demodemodemodemodemodemodemo"
    topic: str = "showrunner"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds."""

    search: float = 1.0
    grab: float = 0.5
    download: float = 4.0
    seeders: float = 0.3


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `kind` is webhook, play, search, grabbed, imported, or another."""

    at: datetime
    kind: str
    title: str
    detail: str = ""


@dataclass(slots=True)
class World:
    """Everything that the servers know. Change it freely in tests."""

    films: dict[str, Film] = field(default_factory=dict)
    episodes: dict[str, Episode] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    data: dict[tuple[str, str], UserData] = field(default_factory=dict)
    homes: dict[str, Home] = field(default_factory=dict)
    plays: dict[str, Play] = field(default_factory=dict)
    keys: Keys = field(default_factory=Keys)
    pace: Pace = field(default_factory=Pace)
    diary: list[Event] = field(default_factory=list)
    server_id: str = guid("server")
    jellyfin_version: str = "10.11.11"
    radarr_version: str = "6.0.3.10276"
    on_import: list[Callable[[Film], None]] = field(default_factory=list)

    def note(self, kind: str, title: str, detail: str = "") -> None:
        """Write down that something happened now."""
        self.diary.append(Event(utcnow(), kind, title, detail))

    def entry(self, item_id: str) -> Entry | None:
        """Find a film or an episode by Jellyfin's id, with or without dashes."""
        plain = item_id.replace("-", "").lower()
        return self.films.get(plain) or self.episodes.get(plain)

    def find(self, name: str) -> Entry:
        """Find a film by its name, or anything by its Jellyfin id. Raises KeyError."""
        named = (film for film in self.films.values() if film.name == name)
        return self.entry(name) or next(named, None) or by_name(name)

    def user(self, name: str) -> User:
        """Find a user by name or id. Raises KeyError."""
        plain = name.replace("-", "").lower()
        return self.users.get(plain) or next(u for u in self.users.values() if u.name == name)

    def userdata(self, user_id: str, item_id: str) -> UserData:
        """Give what Jellyfin keeps of a user and an item; an empty one if nothing."""
        return self.data.setdefault((user_id, item_id), UserData())

    def folder(self, film: Film, root: str) -> str:
        """Name the film's folder under Jellyfin's or Radarr's root."""
        home = self.homes[film.item_id]
        return f"{root}/{Home.STREAM if home is Home.UNKNOWN else home}/{film.label}"

    def file(self, film: Film, root: str) -> str:
        """Name the film's file."""
        edition = f" {{edition-{film.edition}}}" if film.edition else ""
        kind = "Bluray-1080p" if self.homes[film.item_id] is Home.PERMANENT else "WEBDL-1080p"
        return f"{self.folder(film, root)}/{film.label}{edition} {kind}.mkv"

    def moved_home(self, film: Film) -> None:
        """Put an imported film into the permanent folder; Jellyfin sees it there at once."""
        self.homes[film.item_id] = Home.PERMANENT
        self.note("imported", film.name, self.file(film, RADARR_ROOT))
        for tell in self.on_import:
            tell(film)


def build(now: datetime | None = None, *, pace: Pace | None = None) -> World:
    """Make the world as it stands at `now`, with its history."""
    world = World(pace=pace or Pace())
    world.films = {film.item_id: film for film in FILMS}
    world.episodes = {episode.item_id: episode for episode in EPISODES}
    world.users = {user.id: user for user in USERS}
    world.homes = {film.item_id: film.home for film in FILMS}
    _history(world, now or utcnow())
    return world


def in_jellyfin(world: World, film: Film) -> bool:
    """Tell whether Jellyfin has a file to play."""
    return world.homes[film.item_id] is not Home.WANTED


def _history(world: World, now: datetime) -> None:
    """Fill in years of watching, but leave the films that the demo shows untouched."""
    dice = random.Random(20)
    shown = {film.item_id for film in FILMS[:12]}
    for user in (user for user in USERS if not user.disabled):
        for film in FILMS:
            if film.item_id in shown or not in_jellyfin(world, film) or dice.random() < 0.35:
                continue
            data = world.userdata(user.id, film.item_id)
            data.play_count = 1 + (dice.random() < 0.3)
            data.last_played = now - timedelta(days=dice.uniform(120, 365 * _YEARS))
            data.played = dice.random() < 0.85
            data.position = 0.0 if data.played else film.seconds * dice.uniform(0.1, 0.7)
    for episode in EPISODES:
        data = world.userdata(USERS[0].id, episode.item_id)
        data.play_count, data.played = 1, True
        data.last_played = now - timedelta(days=500 - episode.number)
    sofa = USERS[0].id
    for name, days in (("The Lantern Keeper", 9), ("Nine Quiet Floors", 20)):
        data = world.userdata(sofa, by_name(name).item_id)
        data.play_count, data.played = 1, True
        data.last_played = now - timedelta(days=days)
    world.userdata(sofa, by_name("Granite").item_id).favorite = True
