"""What a rTorrent keeps between its runs, so that one begins with thousands of torrents that seed.

Loaded one by one, each is checked, one after another: half an hour for some thousands. Of a session
it believes what it has noted of files that are as old as then. What is in the three files of each
torrent is what 0.9.8 and 0.16 themselves write.
"""

from collections.abc import Iterable
import os
from pathlib import Path

from tests.real.torrents import PIECE, Made, bencode


def write_session(
    folder: Path, torrents: Iterable[Made], directory: Path, *, label: str = ""
) -> None:
    """Write torrents whose whole data lies in a folder into the session of one that is to run."""
    session = folder / "session"
    session.mkdir(parents=True, exist_ok=True)
    for one in torrents:
        root = directory / os.fsdecode(one.name)
        files = [root.joinpath(*map(os.fsdecode, path)) for path in one.paths]
        times = [int(file.stat().st_mtime) for file in files]
        pieces = -(-one.size // PIECE)
        resume = {
            "bitfield": pieces,  # as many as there are: all of them
            "files": [{"completed": 1, "mtime": at, "priority": 1} for at in times],
            "peers": [],
            "trackers": {},
        }
        state = {
            "chunks_done": pieces,
            "chunks_wanted": 0,
            "complete": 1,
            "custom1": label,
            "directory": str(directory if one.paths == ((),) else root),
            "hashing": 0,
            "priority": 2,
            "state": 1,
            "state_changed": max(times),
            "state_counter": 1,
            "timestamp.finished": max(times),
            "timestamp.started": max(times),
            "total_uploaded": 0,
            "views": [],
        }
        name = f"{one.hash}.torrent"
        (session / name).write_bytes(one.content)
        (session / f"{name}.libtorrent_resume").write_bytes(bencode(resume))
        (session / f"{name}.rtorrent").write_bytes(bencode(state))
