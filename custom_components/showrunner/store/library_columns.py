"""How the columns of the library's items are written: numbers where a text is one, bytes for ids.

Whatever is none of what is expected stays as it is, so that all that is read is what was written.
"""

import math
import re
from typing import Final

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator, TypeEngine

from ..domain.library import ItemKind

# By their numbers: the first two take no room, and most items are episodes.
_KINDS: Final = (ItemKind.EPISODE.value, ItemKind.MOVIE.value, ItemKind.SERIES.value)
_GUID: Final = re.compile(r"[0-9a-f]{32}")
_IMDB: Final = re.compile(r"tt([0-9]{7}|[1-9][0-9]{7,11})")
# Beyond this a number is no number of seconds or of points any more.
_LARGEST: Final = 2**40


class AsItIs(LargeBinary):
    """A column to whose values SQLite does nothing: as a number or a text would be turned."""

    def bind_processor(self, dialect: Dialect) -> None:
        """Leave what is written alone."""

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        """Leave what is read alone."""


class _Written[T](TypeDecorator[T]):
    """A column of values in another form."""

    impl = AsItIs

    def coerce_compared_value(self, op: object, value: object) -> TypeEngine[T]:
        """Write what it is compared with as it is written itself."""
        return self


class Guid(_Written[str]):
    """One of Jellyfin's ids: half as long in bytes."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | str | None:
        """Write it."""
        return None if value is None else guid(value)

    def process_result_value(self, value: bytes | str | None, dialect: Dialect) -> str | None:
        """Read it."""
        return value.hex() if isinstance(value, bytes) else value


class Imdb(_Written[str]):
    """One of IMDb's ids: a number where it is written as IMDb does."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> int | str | None:
        """Write it."""
        return None if value is None else imdb(value)

    def process_result_value(self, value: int | str | None, dialect: Dialect) -> str | None:
        """Read it."""
        return f"tt{value:07}" if isinstance(value, int) else value


class Kind(_Written[str]):
    """What an item is."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> int | str | None:
        """Write it."""
        return None if value is None else kind(value)

    def process_result_value(self, value: int | str | None, dialect: Dialect) -> str | None:
        """Read it. A number that nobody knows is told of where it is used."""
        known = isinstance(value, int) and 0 <= value < len(_KINDS)
        return _KINDS[value] if known else str(value)  # type: ignore[index]


class Thousandths(_Written[float]):
    """A number of which services tell three places, as a whole number of its thousandths."""

    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        """Write it."""
        return None if value is None else thousandths(value)

    def process_result_value(self, value: float | None, dialect: Dialect) -> float | None:
        """Read it."""
        return value / 1000 if isinstance(value, int) else value


def guid(text: str) -> bytes | str:
    """Write one of Jellyfin's ids."""
    return bytes.fromhex(text) if _GUID.fullmatch(text) else text


def imdb(text: str) -> int | str:
    """Write one of IMDb's ids; one with needless zeros is another text, and stays one."""
    return int(text[2:]) if _IMDB.fullmatch(text) else text


def kind(text: str) -> int | str:
    """Write what an item is."""
    return _KINDS.index(text) if text in _KINDS else text


def thousandths(value: float) -> float:
    """Write a number of seconds or points: whole thousandths where that is all of it."""
    if not math.isfinite(value) or abs(value) >= _LARGEST:
        return float(value)
    whole = round(value * 1000)
    return whole if whole / 1000 == value else float(value)
