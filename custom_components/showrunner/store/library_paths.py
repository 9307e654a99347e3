"""Where an item's file lies: its folder stands once for all in it, its name is packed.

A file is named after its title nearly everywhere, so that what its row says of the title anyway is
the sample by which the name packs: 60 letters become 4. A digest of the name finds it in its
folder, and shows that it was unpacked as it was.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final
import zlib

from ..domain.text import say
from .errors import StoreDamaged

# Which sample it was packed by: written once, never changed. Another one would be another number.
_FIRST: Final = 1
_COMMON: Final = (
    "HDTV-720p SDTV DVD.avi.mp4 {imdb-tt}{tmdb-} [AAC 2.0][AC3 5.1][h264][x264][x265]-[EAC3 Atmos "
    "5.1][DTS-HD MA 7.1][TrueHD][10bit][HDR10 DV]Remux-1080p Remux-2160p WEBDL-2160p Bluray-2160p "
    "WEBRip-1080p Bluray-720p WEBDL-720p Proper Bluray-1080p.mkv WEBDL-1080p.mkv"
)
# No name is longer that helps.
_LONGEST: Final = 100
_WINDOW: Final = -10


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says of its title beside the file."""

    name: str
    year: int | None
    series: str | None
    season: int | None
    episode: int | None

    @property
    def sample(self) -> bytes:
        """What its file is named like; what is likeliest comes last."""
        name, series = self.name[:_LONGEST], (self.series or "")[:_LONGEST]
        if self.season is None or self.episode is None:
            own = f"{name} ({self.year})"
            return f"{_COMMON}{series}{own}/{own} WEBDL-1080p.mkv".encode()
        place = f"S{self.season:02}E{self.episode:02}"
        return f"{_COMMON}{series} - {place} - {name} WEBDL-1080p.mkv".encode()


def pack(name: str, told: Told) -> bytes | str:
    """Pack a file's name, unless that would be longer."""
    packing = zlib.compressobj(9, zlib.DEFLATED, _WINDOW, 1, zdict=told.sample)
    plain = name.encode()
    packed = bytes((_FIRST,)) + packing.compress(plain) + packing.flush()
    return packed if len(packed) < len(plain) else name


def unpack(stored: bytes | str, told: Told, digest: int | None) -> str:
    """Give a file's name. Raises StoreDamaged where it is not the one that was packed."""
    try:
        name = stored if isinstance(stored, str) else _unpacked(stored, told)
    except (zlib.error, UnicodeDecodeError) as err:
        raise StoreDamaged(say("store_row_unreadable", why=type(err).__name__)) from None
    if digest_of(name) != digest:
        raise StoreDamaged(say("store_row_unreadable", why="path"))
    return name


def _unpacked(stored: bytes, told: Told) -> str:
    if stored[:1] != bytes((_FIRST,)):
        raise StoreDamaged(say("store_row_unreadable", why="packed"))
    unpacking = zlib.decompressobj(_WINDOW, zdict=told.sample)
    plain = unpacking.decompress(stored[1:])
    if not unpacking.eof or unpacking.unused_data:
        raise StoreDamaged(say("store_row_unreadable", why="packed"))
    return plain.decode()


def split(path: str, *, with_its_folder: bool) -> tuple[str, str]:
    """Give folder and name of a file. A movie has a folder of its own: that is of its name."""
    begins = _last(path, len(path))
    above = _last(path, begins - 1) if with_its_folder and begins > 1 else begins
    begins = above if above < begins - 1 else begins
    return path[:begins], path[begins:]


def _last(path: str, end: int) -> int:
    """Say where the last part of a path begins, of all before `end`."""
    return max(path.rfind("/", 0, end), path.rfind("\\", 0, end)) + 1


def splits(path: str) -> tuple[tuple[str, str], ...]:
    """Give all that `split` may have made of a path."""
    both = (split(path, with_its_folder=one) for one in (False, True))
    return tuple(dict.fromkeys(both))


def digest_of(name: str) -> int:
    """Give the number by which a file is looked for in its folder: of three bytes."""
    return int.from_bytes(blake2b(name.encode(), digest_size=3).digest(), signed=True)
