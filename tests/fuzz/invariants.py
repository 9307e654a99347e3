"""What holds of everything that was read, whoever sent it: it can be kept, shown, counted with."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
import math
from typing import Any, Final

# SQLite's whole numbers.
_LARGEST: Final = 2**63 - 1
_YEARS: Final = range(1870, 2101)
_CENTURY: Final = timedelta(days=36_600)


def broken(value: Any, at: str = "") -> str | None:
    """Say what is wrong with a value that was read, and where; None when nothing is."""
    match value:
        case None | bool() | Enum():
            return None
        case int():
            return None if abs(value) <= _LARGEST else f"{at}: a number that can't be kept"
        case float():
            return None if math.isfinite(value) else f"{at}: {value}"
        case str():
            return _text(value, at)
        case datetime():
            return _instant(value, at)
        case date() | timedelta() | bytes():
            return None
        case Mapping():
            pairs = [(f"{at}[{str(key)[:20]!r}]", one) for key, one in value.items()]
            pairs += [(f"{at} key", key) for key in value]
        case list() | tuple() | set() | frozenset():
            pairs = [(f"{at}[{index}]", one) for index, one in enumerate(value)]
        case _ if is_dataclass(value):
            names = [one.name for one in fields(value)]
            pairs = [(f"{at}.{name}", getattr(value, name, None)) for name in names]
            year = getattr(value, "year", None)
            if year is not None and year not in _YEARS:
                return f"{at}.year: {year}"
        case _:
            return None
    return next((said for name, one in pairs if (said := broken(one, name)) is not None), None)


def _text(value: str, at: str) -> str | None:
    try:
        value.encode()
    except UnicodeEncodeError:
        return f"{at}: half a pair of surrogates"
    return f"{at}: a NUL" if "\0" in value else None


def _instant(value: datetime, at: str) -> str | None:
    if value.utcoffset() != timedelta():
        return f"{at}: an instant that is not UTC"
    if not 1900 <= value.year <= 2200:
        return f"{at}: the year {value.year}"
    _ = value - _CENTURY, value + _CENTURY
    return None
