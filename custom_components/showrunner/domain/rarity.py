"""When a film is rare: what an indexer may no longer have next year."""

from collections.abc import Iterable
from functools import lru_cache
import re
from typing import Final

KEYWORDS: Final = (
    "criterion",
    "director's cut",
    "restored",
    "remastered",
    "limited edition",
    "uncut",
    "extended",
    "collector's edition",
    "special edition",
)
GENRES: Final = ("Foreign", "World Cinema", "Silent")

# Curly quotes, primes and accents that people type as an apostrophe.
_QUOTES: Final = str.maketrans(dict.fromkeys("\u2018\u2019\u201b\u2032\u00b4`\u02bc", "'"))
# What separates words in release names. An apostrophe belongs to its word.
_BLANKS: Final = re.compile(r"[^\w']+|_+")


def plain(text: str) -> str:
    """Write a text as words with single blanks, in lower case, with straight apostrophes."""
    return _BLANKS.sub(" ", text.translate(_QUOTES)).strip().casefold()


@lru_cache(maxsize=64)
def _pattern(keywords: tuple[str, ...]) -> re.Pattern[str] | None:
    """Match any keyword as whole words; release names often lose the apostrophe."""
    words = [word for word in map(plain, keywords) if word]
    if not words:
        return None
    forms = sorted({form for word in words for form in (word, word.replace("'", ""))})
    return re.compile(r"(?<![\w'])(?:" + "|".join(map(re.escape, forms)) + r")(?![\w'])")


def keyword_in(texts: Iterable[str], keywords: tuple[str, ...]) -> str | None:
    """Find the first keyword that a text contains as whole words."""
    pattern = _pattern(keywords)
    if pattern is None:
        return None
    for text in texts:
        if match := pattern.search(plain(text)):
            return match[0]
    return None


def genre_in(genres: Iterable[str], wanted: Iterable[str]) -> str | None:
    """Find the first of a title's genres that is wanted, whatever the case."""
    names = {name.strip().casefold() for name in wanted}
    return next((genre for genre in genres if genre.strip().casefold() in names), None)
