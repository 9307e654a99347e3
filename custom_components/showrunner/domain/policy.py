"""The thresholds by which downloads are decided: the options' page `downloads`."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
import math
from typing import Self

from . import rarity


@dataclass(frozen=True, slots=True)
class Policy:
    """What is worth disk space. Percent 0 to 100, ratings 0 to 10, days.

    `guests_instant`: somebody who is not tracked may trigger tier 1.
    """

    completion: float = 90
    rewatch_count: int = 2
    rewatch_days: int = 90
    instant_rating: float = 8.5
    rewatch_rating: float = 7.0
    rare_rating: float = 8.0
    rare_votes: int = 50_000
    rare_before_year: int = 1990
    rare_seeders: int = 10
    keywords: tuple[str, ...] = rarity.KEYWORDS
    genres_instant: tuple[str, ...] = ("Animation", "Family")
    genres_rare: tuple[str, ...] = rarity.GENRES
    genres_excluded: tuple[str, ...] = ()
    favorite_tag: str = "favorite"
    guests_instant: bool = False
    cooldown_days: int = 90

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> Self:
        """Read the page; what is missing or can't be right is the default."""
        values = {}
        for field in fields(cls):
            value = _read(options.get(field.name), field.default)
            if value is not None:
                values[field.name] = value
        return cls(**values)  # type: ignore[arg-type]


def _read(value: object, default: object) -> object | None:
    """Read a value of the default's kind; None when it is not one."""
    match default:
        case bool():
            return value if isinstance(value, bool) else None
        case str():
            return value.strip() if isinstance(value, str) else None
        case tuple():
            return _texts(value)
        case _:
            return _number(value, whole=isinstance(default, int))


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple):
        return None
    return tuple(text.strip() for text in value if isinstance(text, str) and text.strip())


def _number(value: object, *, whole: bool) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if whole else value
