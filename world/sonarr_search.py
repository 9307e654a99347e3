"""What follows a search in Sonarr: grabs of episodes or whole seasons, the queue, the import."""

import asyncio
from collections.abc import Iterable, Sequence
import hashlib

from . import sonarr_webhooks as webhooks
from .catalogue import Outcome
from .clock import arr_time, clock_time, utcnow
from .commands import Commands
from .connect import Connect
from .downloads import follow
from .radarr_library import Row
from .radarr_settings import ints
from .sonarr_library import EPISODE_SIZE, QUALITY, Library, Part, Series, languages, release
from .world import World


class Searches(Commands):
    """Runs commands in the background. `blocked`: why nothing is imported, while it is not."""

    def __init__(self, world: World, library: Library, connect: Connect) -> None:
        """Take what they work on."""
        self._world = world
        self._library = library
        self._connect = connect
        super().__init__(library)
        self.blocked = ""

    def begin(self, name: str, body: Row) -> Row:
        """Queue a command and return it as Sonarr does at once."""
        command = self.queued(name, body)
        if self._world.seedbox is not None:
            self._world.seedbox.command(name, body)
        self.run(self._carry_out(command, name, body))
        return dict(command)

    async def _carry_out(self, command: Row, name: str, body: Row) -> None:
        command |= {"status": "started", "started": arr_time(utcnow())}
        wanted = self._wanted(name, body)
        grabbed = 0
        for series, parts in wanted:
            grabbed += await self._search(series, parts)
        if wanted:
            command["message"] = f"Completed search. {grabbed} reports downloaded."
        now = arr_time(utcnow())
        command |= {
            "status": "completed",
            "result": "successful",
            "ended": now,
            "stateChangeTime": now,
            "duration": clock_time(self._world.pace.search),
        }

    def _wanted(self, name: str, body: Row) -> list[tuple[Series, list[Part]]]:
        """Say what a command searches for, a list for each release."""
        if name == "EpisodeSearch":
            found = [self._library.part(one) for one in ints(body.get("episodeIds"))]
            return [(series, [part]) for series, part in (one for one in found if one)]
        number, season = body.get("seriesId"), body.get("seasonNumber")
        series = self._library.series.get(number) if isinstance(number, int) else None
        if series is None or name not in ("SeriesSearch", "SeasonSearch"):
            return []
        seasons = range(1, len(series.show.seasons) + 1)
        wanted = [one for one in seasons if name == "SeriesSearch" or one == season]
        return [(series, parts) for one in wanted for parts in self._releases(series, one) if parts]

    @staticmethod
    def _releases(series: Series, season: int) -> Iterable[list[Part]]:
        now = utcnow()
        parts = series.of_season(season)
        missing = [p for p in parts if p.monitored and not p.file_id and p.aired <= now]
        if series.show.packs and len(missing) == len(parts):
            return [missing]
        return [[part] for part in missing]

    async def _search(self, series: Series, parts: list[Part]) -> int:
        self._world.note("search", release(series.show, parts), "Sonarr asks its indexers")
        for part in parts:
            part.last_search = utcnow()
        await asyncio.sleep(self._world.pace.search)
        if series.show.outcome is Outcome.NOTHING:
            self._world.note("nothing_found", series.show.name)
            return 0
        self.run(self._download(series, parts))
        return 1

    async def _download(self, series: Series, parts: list[Part]) -> None:
        pace = self._world.pace
        name = release(series.show, parts)
        download = (
            hashlib.sha1(f"{name} {utcnow()}".encode(), usedforsecurity=False).hexdigest().upper()
        )
        await asyncio.sleep(pace.grab)
        for part in parts:
            self._library.record(series, part, "grabbed", download, utcnow(), parts)
        self._world.note("grabbed", series.show.name, name)
        self._connect.tell("onGrab", webhooks.grab(series, parts, download))
        rows = self._queue(series, parts, download)
        size = self._world.torrent_size(EPISODE_SIZE * len(parts))
        torrent = self._world.swarm.add(download, name, size, pace.download, "tv-sonarr")
        if await follow(self._world, torrent, rows, size):
            await self._end(series, parts, rows, download)
            if self._world.seedbox is not None:
                self._world.seedbox.imported(torrent.name)
        else:
            self._leave(rows)

    def _queue(self, series: Series, parts: list[Part], download: str) -> list[Row]:
        """Write a line for each episode; all tell of the whole download."""
        rows = []
        for part in parts:
            number = self._library.next_id()
            size = self._world.torrent_size(EPISODE_SIZE * len(parts))
            row = _queue_row(number, series, part, parts, download, size)
            self._library.queue[number] = row
            rows.append(row)
        return rows

    async def _end(self, series: Series, parts: list[Part], rows: list[Row], download: str) -> None:
        if series.show.outcome is Outcome.FAILED:
            for part in parts:
                self._library.record(series, part, "downloadFailed", download, utcnow(), parts)
            self._world.note("failed", series.show.name, "no seeds left")
            self._leave(rows)
            return
        for row in rows:
            row |= {"status": "completed", "trackedDownloadState": "importPending"}
        await self._while_blocked(series, parts, rows, download)
        for row in rows:
            row |= {"trackedDownloadStatus": "ok", "trackedDownloadState": "importing"}
        for part in parts:
            await asyncio.sleep(self._world.pace.grab)
            self.import_part(series, part, download, parts)
        self._connect.tell("onImportComplete", webhooks.complete(series, parts, download))
        self._leave(rows)

    async def _while_blocked(
        self, series: Series, parts: list[Part], rows: list[Row], download: str
    ) -> None:
        noted = False
        while self.blocked:
            message = {"title": release(series.show, parts), "messages": [self.blocked]}
            for row in rows:
                row |= {
                    "trackedDownloadStatus": "warning",
                    "trackedDownloadState": "importBlocked",
                    "statusMessages": [message],
                }
            if not noted:
                body = webhooks.blocked(series, parts, download, self.blocked)
                self._connect.tell("onManualInteractionRequired", body)
                noted = True
            await asyncio.sleep(0.05)

    def import_part(
        self, series: Series, part: Part, download: str = "", parts: Sequence[Part] = ()
    ) -> None:
        """Give an episode its file; without a download it was imported by hand.

        `parts`: all that came with the same download.
        """
        part.file_id = self._library.next_id()
        part.file_added = utcnow()
        self._world.episode_came(part.episode, series.file_path(part))
        if series.show.anime:
            self._world.anime_came(series.file_path(part))
        event = "downloadFolderImported"
        self._library.record(series, part, event, download, utcnow(), parts)
        self._connect.tell("onDownload", webhooks.imported(series, part, download))

    def delete_file(self, series: Series, part: Part) -> None:
        """Take an episode's file away, as a person does."""
        self._connect.tell("onEpisodeFileDelete", webhooks.file_deleted(series, part))
        part.file_id = 0
        self._world.episode_went(part.episode)
        self._library.record(series, part, "episodeFileDeleted", "", utcnow())

    def _leave(self, rows: list[Row]) -> None:
        for row in rows:
            self._library.queue.pop(int(str(row["id"])), None)


def _queue_row(
    number: int, series: Series, part: Part, parts: list[Part], download: str, size: int
) -> Row:
    now = utcnow()
    return {
        "seriesId": series.id,
        "episodeId": part.id,
        "seasonNumber": part.episode.season,
        "languages": languages(series.show),
        "quality": QUALITY,
        "customFormats": [],
        "customFormatScore": 0,
        "size": float(size),
        "title": release(series.show, parts),
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
        "outputPath": f"/data/torrents/{release(series.show, parts)}",
        "episodeHasFile": bool(part.file_id),
        "sizeleft": float(size),
        "timeleft": "00:00:04",
        "id": number,
    }
