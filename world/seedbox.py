"""The seedbox's disk, and the folder at home from which Radarr and Sonarr import.

In a world with one, the files of a finished torrent are on the seedbox, and an arr imports what it
finds at home under its final name, and nothing else. It looks once a minute by itself (Radarr's and
Sonarr's RefreshMonitoredDownloads task), and at once when it is told to. Until then its queue says
that the path does not exist. What it was told to import by a scan with the mode "Move" it takes
away; what it finds by itself it copies, for a torrent that still seeds must not lose its files.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
import random
import shutil
from typing import Final

# Both at once, and before anything is imported: a scan of a folder by its path, and a look at all.
SCANS: Final = frozenset({"DownloadedMoviesScan", "DownloadedEpisodesScan"})
LOOKS: Final = frozenset({"RefreshMonitoredDownloads", "ProcessMonitoredDownloads"})
# A film's gigabytes are that much smaller here.
_SMALLER: Final = 4096
_LEAST: Final = 64 * 1024


class Seedbox:
    """Two folders: `remote` is the torrent client's, `home` the arrs'.

    `look`: how often an arr looks by itself, in seconds.
    """

    def __init__(self, remote: Path, home: Path, look: float = 60.0) -> None:
        """Take folders that exist."""
        self.remote = remote
        self.home = home
        self.look = look
        self._looking: set[asyncio.Event] = set()
        self._moves: set[str] = set()

    def size(self, real: int) -> int:
        """Say how large a torrent is here."""
        return max(real // _SMALLER, _LEAST)

    @staticmethod
    def files(name: str, size: int) -> tuple[tuple[str, int], ...]:
        """List a torrent's nfo, sample and film: their paths below its folder, and sizes."""
        note, sample = len(f"{name}\n".encode()), min(size // 8, _LEAST)
        return (
            (f"{name}.nfo", note),
            (f"Sample/{name.lower()}-sample.mkv", sample),
            (f"{name}.mkv", size - sample - note),
        )

    def finish(self, name: str, size: int) -> None:
        """Put a finished torrent's files on the seedbox: the film, and what comes beside it."""
        folder = self.remote / name
        (folder / "Sample").mkdir(parents=True, exist_ok=True)
        content = random.Random(name)
        (note, _), (sample, few), (film, many) = self.files(name, size)
        (folder / note).write_bytes(f"{name}\n".encode())
        (folder / sample).write_bytes(content.randbytes(few))
        (folder / film).write_bytes(content.randbytes(many))

    def remove(self, name: str) -> None:
        """Delete a torrent's files, as its client does."""
        shutil.rmtree(self.remote / name, ignore_errors=True)

    def command(self, name: str, body: dict[str, object]) -> None:
        """Take note of a command that an arr was sent."""
        if name in SCANS:
            folder = str(body.get("path") or "").replace("\\", "/").rstrip("/").rpartition("/")[2]
            if folder and body.get("importMode") == "Move":
                self._moves.add(folder)
        if name in SCANS | LOOKS:
            for looks in self._looking:
                looks.set()

    def says(self, name: str, arr: str) -> str:
        """Give what an arr's queue says of a finished torrent that is not at home."""
        return (
            f"Import failed, path does not exist or is not accessible by {arr}: /data/torrents/"
            f"{name}. Ensure the path exists and the user running {arr} has the correct "
            "permissions to access this file/folder"
        )

    async def at_home(self, name: str) -> None:
        """Wait until an arr looks, and finds it."""
        looks = asyncio.Event()
        self._looking.add(looks)
        try:
            while not self._is_at_home(name):
                looks.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.look):
                        await looks.wait()
        finally:
            self._looking.discard(looks)

    def _is_at_home(self, name: str) -> bool:
        return (self.home / name).is_file() or any((self.home / name).glob("*.mkv"))

    def imported(self, name: str) -> None:
        """Take away what was imported by moving it."""
        if name in self._moves:
            self._moves.discard(name)
            shutil.rmtree(self.home / name, ignore_errors=True)
