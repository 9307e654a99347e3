"""What the name of a file or a folder says: its words, where its title ends, what it may be."""

from dataclasses import dataclass
import re
from typing import Final
import unicodedata

VIDEO: Final = frozenset({"mkv", "mp4", "avi", "m4v", "mov", "wmv", "ts", "webm"})
_TOKEN: Final = re.compile(r"([\s._\-+~,;:!'’\"&\[\](){}]*)([^\s._\-+~,;:!'’\"&\[\](){}]+)")
_YEAR: Final = re.compile(r"(?:18|19|20)\d\d")
_QUALITY: Final = re.compile(
    r"\d{3,4}[pi]|4k|uhd|bluray|blu|web|webrip|webdl|hdtv|dvdrip|dvd|bdrip|brrip|remux|hdrip"
    r"|[xh]?26[45]|hevc|avc|av1|xvid|divx"
)
_NUMBERED: Final = re.compile(
    r"(?<![a-z0-9])(?:s\d{1,4}[\s._-]*e\d{1,4}|\d{1,3}x\d{2,4}|(?:19|20)\d\d[._-]\d\d[._-]\d\d)"
)
_SEASON: Final = re.compile(
    r"(?:season|series|staffel|saison|temporada|stagione|seizoen|säsong|sæson|sezon|kausi)"
    r"[\s._-]*\d{1,4}|s\d{1,4}"
)
_SPECIALS: Final = re.compile(r"specials?|season[\s._-]*0+|s00")
# What lies beside a title in its own folder: pictures, subtitles, what players keep.
_BESIDE: Final = frozenset(
    (
        *("subs", "subtitles", "sub", "cover", "covers", "artwork", "extrafanart", "extrathumbs"),
        *("metadata", "screens", "screenshots", "other", "clips", "scenes", "backdrops"),
        *("theme-music", "themes", "lyrics"),
    )
)
_PART: Final = re.compile(r"(?<![a-z])(?:cd|dvd|part|pt|disc|disk)[\s._-]*[1-9a-d](?![a-z])")
_BRACKETS: Final = re.compile(r"^\s*(?:\[[^\]]*\]\s*)+")
# Of no folder like these is anything looked at: they are other programs', discs, or hidden.
_CLOSED: Final = frozenset(
    {"bdmv", "video_ts", "certificate", "lost+found", "incomplete", "$recycle.bin"}
)
_CLOSED_STARTS: Final = (".", "@", "#", "!", "_unpack_", "_failed_", "__")
_UNFINISHED: Final = (
    *(".part", ".!qb", ".!ut", ".aria2", ".lftp-pget-status", ".filepart", ".crdownload", ".tmp"),
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a name, in small letters, and what stands between it and the one before."""

    gap: str
    word: str

    @property
    def ends_title(self) -> bool:
        """Tell whether it is a year, or says how something was made."""
        return _YEAR.fullmatch(self.word) is not None or self.is_quality

    @property
    def is_quality(self) -> bool:
        """Tell whether it says how something was made."""
        return _QUALITY.fullmatch(self.word) is not None


def plain(text: str) -> str:
    """Write a text so that equal ones are equal: one normal form, small letters."""
    return unicodedata.normalize("NFKC", text).casefold()


def tokens(name: str) -> tuple[Token, ...]:
    """Cut a name into its words."""
    return tuple(Token(found[1], found[2]) for found in _TOKEN.finditer(plain(name)))


def words(name: str) -> tuple[str, ...]:
    """Give a name's words; what a group has put before them in brackets is none."""
    return tuple(one.word for one in tokens(_BRACKETS.sub("", name)))


def title_words(name: str) -> tuple[str, ...]:
    """Give the words of a name up to where its title ends; the first is always of the title."""
    found = tokens(_BRACKETS.sub("", name))
    end = next((i for i, one in enumerate(found) if i and one.ends_title), len(found))
    return tuple(one.word for one in found[:end])


def has_year(name: str) -> bool:
    """Tell whether a name tells a year of its own, after its title."""
    return any(_YEAR.fullmatch(one.word) for one in tokens(name)[1:])


def has_quality(name: str) -> bool:
    """Tell whether a name says how something was made, as releases' do."""
    return any(one.is_quality for one in tokens(name)[1:])


def is_episode(name: str) -> bool:
    """Tell whether a name says which episode it is."""
    return _NUMBERED.search(plain(name)) is not None


def is_season(name: str) -> bool:
    """Tell whether a folder is named as one season of a series."""
    return _SEASON.fullmatch(plain(name).strip()) is not None


def is_part(name: str) -> bool:
    """Tell whether a name says which part of a film it is."""
    return _PART.search(plain(name)) is not None


def is_specials(name: str) -> bool:
    """Tell whether a folder is named as the specials of a series."""
    return _SPECIALS.fullmatch(plain(name).strip()) is not None


def is_beside(name: str) -> bool:
    """Tell whether a folder holds what lies beside a title, and no title."""
    return is_closed(name) or plain(name).strip() in _BESIDE


def stem(name: str) -> str:
    """Give a file's name without what says its kind."""
    head, dot, _ = name.rpartition(".")
    return head if dot and head else name


def is_video(name: str) -> bool:
    """Tell whether a name ends as a video's."""
    head, dot, kind = name.rpartition(".")
    return bool(dot and head) and kind.lower() in VIDEO


def is_closed(name: str) -> bool:
    """Tell whether a folder is nobody's to look into: staging, trash, hidden, a disc's."""
    small = name.lower()
    return small in _CLOSED or small.startswith(_CLOSED_STARTS)


def unfinished(name: str) -> str | None:
    """Name the file that another program is still writing by the look of this one beside it."""
    small = name.lower()
    ending = next((one for one in _UNFINISHED if small.endswith(one)), None)
    return None if ending is None else name[: -len(ending)]
