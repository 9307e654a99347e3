"""One coherent model of a household's media; the servers that speak for it are in `servers`.

The history reaches back five years from now and is the same in every run.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import random
from typing import Final

from .catalogue import EPISODES, FILMS, Entry, Episode, Film, Home, by_name, guid
from .clock import utcnow
from .people import USERS, User
from .play import Play
from .seedbox import Seedbox
from .shows import KNOWN_SHOWS, Show
from .torrents import Swarm, Torrent

# Jellyfin and Radarr see the same disks under different names, as in two containers.
JELLYFIN_ROOT: Final = "/media"
RADARR_ROOT: Final = "/data"
# The folder of films in 4K, below each root.
UHD: Final = "movies-4k"
SONARR_ROOT: Final = "/data/shows"

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
    radarr_4k: str = "456789abcdef0123456789abcdef0123"
    sonarr: str = "89abcdef0123456789abcdef01234567"
    prowlarr: str = "fedcba9876543210fedcba9876543210"
    seerr: str = "c2VlcnItZGVtby1rZXktb3BlbnMtbm90aGluZw=="
    jellystat: str = "5e110000-dead-4000-8000-00000000beef"
    torrent_user: str = "demo"
    torrents: str = "torrents-and-popcorn"
    shoko: str = "5a0c0000-feed-4000-8000-0000000000aa"
    ntfy: str = "tk_demodemodemodemodemodemodemo"
    topic: str = "showrunner"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds."""

    search: float = 1.0
    grab: float = 0.5
    download: float = 4.0
    arrive: float = 0.0  # from a finished torrent to what the arr can import
    seeders: float = 0.3
    notice: float = 0.0  # how long Jellyfin needs to see a new file by itself
    # How long Jellyfin goes on to show a file that is gone: so long it waits after the last change
    # in a folder (its LibraryMonitorDelay), also when it was told of the path.
    miss: float = 60.0
    scan: float = 2.0  # how often Seerr looks for what is new in Jellyfin
    sync: float = 86400.0  # how often it looks for what Jellyfin has no more: once a day
    match: float = 1.0  # how long Shoko needs for a file


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
    # The series of which there are files.
    shows: list[Show] = field(default_factory=list)
    users: dict[str, User] = field(default_factory=dict)
    data: dict[tuple[str, str], UserData] = field(default_factory=dict)
    homes: dict[str, Home] = field(default_factory=dict)
    plays: dict[str, Play] = field(default_factory=dict)
    swarm: Swarm = field(default_factory=Swarm)
    # Where torrents are, when they are not at home.
    seedbox: Seedbox | None = None
    keys: Keys = field(default_factory=Keys)
    pace: Pace = field(default_factory=Pace)
    diary: list[Event] = field(default_factory=list)
    server_id: str = guid("server")
    jellyfin_version: str = "10.11.11"
    radarr_version: str = "6.0.3.10276"
    sonarr_version: str = "4.0.16.2944"
    on_import: list[Callable[[Film], None]] = field(default_factory=list)
    # Told of what Jellyfin has found.
    on_seen: list[Callable[[Entry], None]] = field(default_factory=list)
    # Told of what Jellyfin has missed.
    on_missed: list[Callable[[Entry], None]] = field(default_factory=list)
    # Told of the file of every anime that was imported.
    on_anime: list[Callable[[str], None]] = field(default_factory=list)
    # Whether Jellyfin sees an import only after it was told of the path, or scans; and where it
    # believes those films to be of which it was not told yet.
    needs_refresh: bool = False
    believed: dict[str, Home] = field(default_factory=dict)
    # Episodes that were imported and not seen by Jellyfin yet, by its names of their files.
    unseen: dict[str, Episode] = field(default_factory=dict)
    # What is gone and Jellyfin still shows, by its ids.
    gone: dict[str, Entry] = field(default_factory=dict)
    # Episodes that Jellyfin knows of without a file, and when it saved an item last.
    announced: list[Episode] = field(default_factory=list)
    saved_at: dict[str, datetime] = field(default_factory=dict)
    # The films of which there is a 4K version beside the other one, as a second version of one item
    # (Jellyfin groups them by hand or by their folder); and those of which only that is left.
    uhd: set[str] = field(default_factory=set)
    only_uhd: set[str] = field(default_factory=set)
    # Further files of items, by their ids, with their widths: versions that Jellyfin shows as one.
    more_files: dict[str, dict[str, int]] = field(default_factory=dict)
    # How wide the files of an item are that are not 1920 pixels wide.
    widths: dict[str, int] = field(default_factory=dict)
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    founded: datetime = field(default_factory=utcnow)

    def torrent_size(self, real: int) -> int:
        """Say how many bytes of a torrent there are: on a seedbox's real disk, few."""
        return real if self.seedbox is None else self.seedbox.size(real)

    @property
    def torrent_folder(self) -> str:
        """Where the torrent client keeps its data."""
        return "/data/torrents" if self.seedbox is None else str(self.seedbox.remote)

    @staticmethod
    def torrent_files(torrent: Torrent) -> tuple[tuple[str, int], ...]:
        """List a torrent's files: paths below its folder, sizes."""
        return Seedbox.files(torrent.name, torrent.size)

    def drop(self, info_hash: str, *, data: bool, after: float = 0.0) -> None:
        """Take a torrent out of its client; its data goes after so many seconds, or stays."""
        torrent = self.swarm.torrents.get(info_hash.lower())
        self.swarm.remove(info_hash)
        if torrent is not None and data and self.seedbox is not None:
            loop = asyncio.get_running_loop()
            self.timers.append(loop.call_later(after, self.seedbox.remove, torrent.name))

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

    def last_active(self, user: User) -> datetime:
        """Say when a user was last there: now while they play something."""
        if any(play.user.id == user.id for play in self.plays.values()):
            return utcnow()
        played = [
            data.last_played
            for (user_id, _), data in self.data.items()
            if user_id == user.id and data.last_played is not None
        ]
        return max(played, default=self.founded)

    def folder(self, film: Film, root: str) -> str:
        """Name the film's folder under Jellyfin's or Radarr's root."""
        home = self.home(film, root)
        return f"{root}/{Home.STREAM if home is Home.UNKNOWN else home}/{film.label}"

    def home(self, film: Film, root: str) -> Home:
        """Say where a film is: to Jellyfin, where it believes it to be."""
        home = self.homes[film.item_id]
        return self.believed.get(film.item_id, home) if root == JELLYFIN_ROOT else home

    def file(self, film: Film, root: str) -> str:
        """Name the film's file."""
        edition = f" {{edition-{film.edition}}}" if film.edition else ""
        kind = "Bluray-1080p" if self.home(film, root) is Home.PERMANENT else "WEBDL-1080p"
        return f"{self.folder(film, root)}/{film.label}{edition} {kind}.mkv"

    def uhd_file(self, film: Film, root: str) -> str:
        """Name the file of its 4K version."""
        return f"{root}/{UHD}/{film.label}/{film.label} Bluray-2160p.mkv"

    def versions(self, film: Film, root: str) -> dict[str, int]:
        """Give the files of a film with the width of each, the first version first."""
        found: dict[str, int] = {}
        if film.item_id not in self.only_uhd:
            found[self.file(film, root)] = self.widths.get(film.item_id, 1920)
        if film.item_id in self.uhd:
            found[self.uhd_file(film, root)] = 3840
        return found

    def uhd_went(self, film: Film) -> None:
        """Take the file of a film's 4K version away; the last version takes the item with it."""
        self.uhd.discard(film.item_id)
        if film.item_id in self.only_uhd:
            self.only_uhd.discard(film.item_id)
            self.moved_away(film)

    def moved_home(self, film: Film) -> None:
        """Put an imported film into the permanent folder.

        Jellyfin sees it there at once, or with `needs_refresh` when it was told.
        """
        if self._is_late:
            self.believed.setdefault(film.item_id, self.homes[film.item_id])
        self.gone.pop(film.item_id, None)
        self.homes[film.item_id] = Home.PERMANENT
        self.note("imported", film.name, self.file(film, RADARR_ROOT))
        if film.item_id not in self.believed:
            self._seen(film)
        else:
            self._notice_later(f"{JELLYFIN_ROOT}/{Home.PERMANENT}/{film.label}")
        for tell in self.on_import:
            tell(film)

    def anime_came(self, path: str) -> None:
        """Tell that there is an anime's new file, by its arr's name of it."""
        for tell in self.on_anime:
            tell(path)

    def moved_away(self, film: Film) -> None:
        """Take a film's file away: Jellyfin goes on to show it until it has missed it."""
        if film.item_id in self.uhd:
            self.only_uhd.add(film.item_id)
            self.note("deleted", film.name, "its 4K version is left")
            return
        self.believed.setdefault(film.item_id, self.homes[film.item_id])
        self.homes[film.item_id] = Home.WANTED
        self.note("deleted", film.name)
        self._miss_later(film)

    def _miss_later(self, entry: Entry) -> None:
        self.gone[entry.item_id] = entry
        if self.pace.miss > 0:
            loop = asyncio.get_running_loop()
            self.timers.append(loop.call_later(self.pace.miss, self.miss, entry))
        else:
            self.miss(entry)

    def miss(self, *entries: Entry) -> None:
        """Have Jellyfin see now that these are gone; all that are, where none is named."""
        for entry in entries or tuple(self.gone.values()):
            if self.gone.pop(entry.item_id, None) is None:
                continue  # it came back
            self.episodes.pop(entry.item_id, None)
            self.believed.pop(entry.item_id, None)
            for tell in self.on_missed:
                tell(entry)

    @property
    def _is_late(self) -> bool:
        """Tell whether Jellyfin does not see an import at once."""
        return self.needs_refresh or self.pace.notice > 0

    def _notice_later(self, path: str) -> None:
        """Have Jellyfin see it by itself after a while, where it does."""
        if not self.needs_refresh:
            loop = asyncio.get_running_loop()
            self.timers.append(loop.call_later(self.pace.notice, self._look, (path,)))

    def stop(self) -> None:
        """Have nothing happen any more."""
        for timer in self.timers:
            timer.cancel()

    def _seen(self, entry: Entry) -> None:
        """Have Jellyfin find something that is there now."""
        if isinstance(entry, Episode):
            self.episodes[entry.item_id] = entry
        self.saved_at[entry.item_id] = utcnow()
        for tell in self.on_seen:
            tell(entry)

    def episode_came(self, episode: Episode, path: str) -> None:
        """Put an imported episode on the disk; Jellyfin sees it at once, or when it was told."""
        here = f"{JELLYFIN_ROOT}{path.removeprefix(RADARR_ROOT)}"
        self.gone.pop(episode.item_id, None)
        self.note("imported", episode.label, path)
        if self._is_late:
            self.unseen[here] = episode
            self._notice_later(here)
        else:
            self._seen(episode)

    def episode_went(self, episode: Episode) -> None:
        """Take an episode's file away: Jellyfin goes on to show it until it has missed it."""
        self.unseen = {path: one for path, one in self.unseen.items() if one != episode}
        self.note("deleted", episode.label)
        self._miss_later(episode)

    def looked_at(self, paths: Iterable[str]) -> None:
        """Have Jellyfin look at paths (in its own names): it sees the films that lie there."""
        folders = [path.rstrip("/") for path in paths]
        self.note("refresh", "Jellyfin looks", ", ".join(folders))
        self._look(folders)

    def _look(self, folders: Iterable[str]) -> None:
        """See what lies under paths."""
        folders = tuple(folders)
        for item_id in tuple(self.believed):
            film = self.films[item_id]
            folder = f"{JELLYFIN_ROOT}/{self.homes[item_id]}/{film.label}"
            if any(
                f"{folder}/".startswith(f"{path}/") or path.startswith(f"{folder}/")
                for path in folders
            ):
                del self.believed[item_id]
                self._seen(film)
        for file, episode in tuple(self.unseen.items()):
            if any(file.startswith(f"{path}/") or path == file for path in folders):
                del self.unseen[file]
                self._seen(episode)


def build(now: datetime | None = None, *, pace: Pace | None = None) -> World:
    """Make the world as it stands at `now`, with its history."""
    world = World(pace=pace or Pace())
    world.films = {film.item_id: film for film in FILMS}
    world.episodes = {episode.item_id: episode for episode in EPISODES}
    world.shows = [*KNOWN_SHOWS]
    world.users = {user.id: user for user in USERS}
    world.homes = {film.item_id: film.home for film in FILMS}
    _history(world, now or utcnow())
    return world


def in_jellyfin(world: World, film: Film) -> bool:
    """Tell whether Jellyfin has a file to play."""
    return world.home(film, JELLYFIN_ROOT) not in (Home.WANTED, Home.NOWHERE)


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
