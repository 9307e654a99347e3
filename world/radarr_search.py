"""What follows a search in Radarr: grab, download in the queue, import, or nothing."""

import asyncio
import hashlib

from . import radarr_webhooks as webhooks
from .catalogue import Home, Outcome
from .clock import arr_time, clock_time, utcnow
from .commands import Commands
from .connect import Connect
from .downloads import follow
from .radarr_library import QUALITY, Library, Movie, Row, languages, release
from .world import World


class Searches(Commands):
    """Runs commands in the background."""

    def __init__(self, world: World, library: Library, connect: Connect) -> None:
        """Take what they work on, and who is told."""
        self._connect = connect
        self._world = world
        self._library = library
        super().__init__(library)

    def begin(self, name: str, movie_ids: list[int], body: dict[str, object]) -> Row:
        """Queue a command and return it as Radarr does at once."""
        command = self.queued(name, body)
        if self._world.seedbox is not None:
            self._world.seedbox.command(name, body)
        self.run(self._carry_out(command, name, movie_ids))
        return dict(command)

    async def _carry_out(self, command: Row, name: str, movie_ids: list[int]) -> None:
        command |= {"status": "started", "started": arr_time(utcnow())}
        grabbed = 0
        if name == "MoviesSearch":
            movies = [self._library.movies[i] for i in movie_ids if i in self._library.movies]
            for movie in movies:
                grabbed += await self._search(movie)
            message = f"Completed search for {len(movies)} movies. {grabbed} reports downloaded."
            command["message"] = message
        now = arr_time(utcnow())
        command |= {
            "status": "completed",
            "result": "successful",
            "ended": now,
            "stateChangeTime": now,
            "duration": clock_time(self._world.pace.search),
        }

    async def _search(self, movie: Movie) -> int:
        self._world.note("search", movie.film.name, "Radarr asks its indexers")
        movie.last_search = utcnow()
        await asyncio.sleep(self._world.pace.search)
        if movie.film.outcome is Outcome.NOTHING:
            self._world.note("nothing_found", movie.film.name)
            return 0
        self.run(self._download(movie))
        return 1

    async def _download(self, movie: Movie) -> None:
        pace = self._world.pace
        film = movie.film
        download = (
            hashlib.sha1(f"{film.tmdb} {utcnow()}".encode(), usedforsecurity=False)
            .hexdigest()
            .upper()
        )
        await asyncio.sleep(pace.grab)
        self._library.record(movie, "grabbed", download, utcnow())
        self._world.note("grabbed", film.name, release(film))
        labels = self._library.labels(movie)
        self._connect.tell("onGrab", webhooks.grab(movie, labels, download))
        number = self._library.next_id()
        row = _queue_row(number, movie, download, self._world.torrent_size(film.size))
        self._library.queue[number] = row
        size = self._world.torrent_size(film.size)
        torrent = self._world.swarm.add(download, release(film), size, pace.download, "radarr")
        if await follow(self._world, torrent, [row], size):
            self._end(movie, number, download)
            if self._world.seedbox is not None:
                self._world.seedbox.imported(torrent.name)
        else:
            del self._library.queue[number]

    def _end(self, movie: Movie, number: int, download: str) -> None:
        if movie.film.outcome is Outcome.FAILED:
            del self._library.queue[number]
            self._library.record(movie, "downloadFailed", download, utcnow())
            self._world.note("failed", movie.film.name, "no seeds left")
            return
        home = Home.STREAM if movie.root.endswith(Home.STREAM) else Home.PERMANENT
        if home is Home.PERMANENT:
            self._world.moved_home(movie.film)
        else:
            self._world.note("imported", movie.film.name, movie.path)
        self._library.attach(movie)
        movie.file_added = utcnow()
        if movie.film.anime:
            self._world.anime_came(movie.file_path)
        self._library.record(movie, "downloadFolderImported", download, utcnow())
        labels = self._library.labels(movie)
        self._connect.tell("onDownload", webhooks.imported(movie, labels, download))
        del self._library.queue[number]


def _queue_row(number: int, movie: Movie, download: str, size: int) -> Row:
    film = movie.film
    now = utcnow()
    return {
        "movieId": movie.id,
        "languages": languages(film),
        "quality": QUALITY,
        "customFormats": [],
        "customFormatScore": 0,
        "size": float(size),
        "title": release(film),
        "estimatedCompletionTime": arr_time(now),
        "added": arr_time(now),
        "status": "downloading",
        "trackedDownloadStatus": "ok",
        "trackedDownloadState": "downloading",
        "statusMessages": [],
        "downloadId": download,
        "protocol": "torrent",
        "downloadClient": "qBit",
        "downloadClientHasPostImportCategory": False,
        "indexer": "Demo (Prowlarr)",
        "outputPath": f"/data/torrents/{release(film)}",
        "sizeleft": float(size),
        "timeleft": "00:00:04",
        "id": number,
    }
