"""What marks the name of a file or a folder as an extra's, wherever it stands in the name.

Whether that is a marker or a part of a title, `marking` says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final

from .names import Token, stem, tokens, words

PATTERNS: Final = (
    "trailer",
    "featurette",
    "behindthescenes",
    "deletedscene",
    "deleted",
    "extra",
    "bonus",
    "sample",
    "short",
    "proof",
    "interview",
    "makingof",
)
# What release groups write in the middle of a name, or before it, too.
_STRONG: Final = frozenset({"sample", "trailer", "proof"})
# Words that no title ends with once its year was told.
_DISTINCT: Final = frozenset({"behindthescenes", "featurette", "deletedscene"})
# What Jellyfin also takes after a blank.
_SPACED: Final = frozenset({"sample", "trailer"})

_NUMBER: Final = re.compile(r"\d{1,3}")
_NUMBERED: Final = re.compile(r"(\D)\d{1,3}\Z")


class Place(StrEnum):
    """Where in a name a marker stands, and what is before it."""

    WHOLE = "whole"
    PREFIX = "prefix"
    HYPHEN = "hyphen"
    DOT = "dot"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Found:
    """A marker in a file's name: `before` is what stands before it, `after` what follows."""

    marker: str
    place: Place
    before: tuple[Token, ...]
    words: tuple[str, ...]
    after: tuple[Token, ...]

    @property
    def text_before(self) -> str:
        """Write what stands before it, in small letters, up to the gap."""
        return "".join(one.gap + one.word for one in self.before)

    @property
    def strong(self) -> bool:
        """Tell whether release groups write it anywhere in a name."""
        return self.marker in _STRONG

    @property
    def distinct(self) -> bool:
        """Tell whether it is a word of its own kind."""
        return self.marker in _DISTINCT

    @property
    def spaced(self) -> bool:
        """Tell whether it counts also after a blank."""
        return self.marker in _SPACED

    @property
    def ends(self) -> bool:
        """Tell whether nothing but a number follows."""
        return all(_NUMBER.fullmatch(one.word) for one in self.after)

    @property
    def title_ended(self) -> bool:
        """Tell whether the title has surely ended before it."""
        return any(one.ends_title for one in self.before[1:])

    @property
    def quality_before(self) -> bool:
        """Tell whether it was said before it how the video was made."""
        return any(one.is_quality for one in self.before)


def compact(pattern: str) -> str:
    """Write a marker as one word: "Behind the Scenes" is "behindthescenes"."""
    return "".join(words(pattern))


@dataclass(frozen=True, slots=True)
class Markers:
    """The markers that were chosen, and all that are known.

    What is marked by one that was not chosen is an extra that somebody wants.
    """

    chosen: frozenset[str]
    known: frozenset[str]

    @classmethod
    def of(cls, patterns: Iterable[str]) -> Markers:
        """Take them as they are written in the options, in the singular or the plural."""
        singular = (
            one.removesuffix("s") if one.removesuffix("s") in PATTERNS else one
            for one in map(compact, patterns)
        )
        chosen = frozenset(one for one in singular if one)
        return cls(chosen, chosen | frozenset(PATTERNS))

    def folder(self, name: str) -> str | None:
        """Say which marker the whole name of a folder is, in the singular or the plural."""
        return self._marker(compact(name))

    def wanted(self, name: str) -> bool:
        """Tell whether a file in a folder of extras is of a kind that was not chosen."""
        return any(
            one.marker not in self.chosen and one.ends and one.place is not Place.BLANK
            for one in self.found(name)
        )

    def found(self, name: str) -> Iterator[Found]:
        """Give every marker in a file's name, from the end to its beginning."""
        all_of = tokens(stem(name))
        for first in range(len(all_of) - 1, -1, -1):
            for last in range(first + 1, min(first + 3, len(all_of)) + 1):
                marks = tuple(one.word for one in all_of[first:last])
                if marks[-1].isdecimal():
                    continue  # its number is a word of its own, and follows it
                marker = self._marker(_NUMBERED.sub(r"\1", "".join(marks)))
                place = _place(all_of, first, last)
                if marker is not None and place is not None:
                    yield Found(marker, place, all_of[:first], marks, all_of[last:])

    def _marker(self, word: str) -> str | None:
        if word in self.known:
            return word
        singular = word.removesuffix("s")
        return singular if singular in self.known else None


def _place(all_of: tuple[Token, ...], first: int, last: int) -> Place | None:
    """Say how a marker is set off from what is beside it; None: not at all as one is."""
    if not first:
        if all(_NUMBER.fullmatch(one.word) for one in all_of[last:]):
            return Place.WHOLE
        return Place.PREFIX if all_of[last].gap in ("-", "_", ".") else None
    match all_of[first].gap:
        case "-":
            return Place.HYPHEN
        case "." | "_":
            return Place.DOT
        case gap:
            # A closing bracket may stand between: "Heat (1995) trailer", "Heat (1995)-trailer".
            rest = gap.lstrip(")]}")
            if rest != gap and rest in ("-", ".", "_"):
                return Place.HYPHEN if rest == "-" else Place.DOT
            return None if rest.strip(" -") else Place.BLANK
