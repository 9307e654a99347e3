"""How many episodes a torrent may hold, by its own files.

Sonarr forgets what it did with an episode once it forgets the episode. What is left of its history
may then look whole while the pack holds more: how many files it has does not change.
"""

from typing import Final

from ..extras import PATTERNS, Markers, is_video
from ..torrent_details import TorrentFile, TorrentFiles

# What Sonarr takes for a video beyond what is usual.
_MORE: Final = frozenset(
    {"3gp", "asf", "divx", "flv", "iso", "m2ts", "mpeg", "mpg", "ogm", "ogv", "rmvb", "vob"}
)
_PACKED: Final = (".rar", ".zip", ".7z")
_SUBTITLES: Final = frozenset({"sub", "subs", "subtitles"})
_MARKERS: Final = Markers.of(PATTERNS)
# A sample is that much smaller than what it is a sample of, and a group's own clip is tiny.
_SMALLER: Final = 4
_TINY: Final = 50


def episodes_held(listed: TorrentFiles) -> int:
    """Count the videos, or without any the packed releases, each of which may be an episode.

    What is much smaller than the largest and marked as an extra, or tiny beside it, is none.
    """
    named = [(file, file.path.decode(errors="replace")) for file in listed.files]
    videos = [(file, name) for file, name in named if _is_video(name)]
    if not videos:
        return len({_folder(name) for _, name in named if _is_packed(name)})
    largest = max(file.size_bytes for file, _ in videos)
    return sum(not _is_extra(file, name, largest) for file, name in videos)


def _is_video(name: str) -> bool:
    head, dot, kind = name.rpartition(".")
    return is_video(name) or (bool(dot and head) and kind.lower() in _MORE)


def _is_packed(name: str) -> bool:
    return name.lower().endswith(_PACKED) and _SUBTITLES.isdisjoint(
        _folder(name).lower().split("/")
    )


def _is_extra(file: TorrentFile, name: str, largest: int) -> bool:
    if file.size_bytes * _TINY <= largest:
        return True
    *folders, last = name.split("/")
    marked = any(_MARKERS.folder(one) for one in folders) or any(_MARKERS.found(last))
    return marked and file.size_bytes * _SMALLER <= largest


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
