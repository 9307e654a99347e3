"""Tolerant readers of JSON: what is missing or of another kind is None, never an exception."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
import json
import re
from typing import Final

import orjson

type Json = Mapping[str, object]

# .NET writes seven digits of a second; Python reads six.
_FRACTION: Final = re.compile(r"(\.\d{6})\d+")
_FIRST_YEAR: Final = 1900


def table(value: object) -> Json:
    """Read an object; anything else is an empty one."""
    return value if isinstance(value, Mapping) else {}


def rows(value: object) -> list[Json]:
    """Read a list of objects, without what is none."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def decoded(content: bytes | str) -> object:
    """Decode JSON. Raises ValueError, RecursionError.

    Sessions are read every second, so the fast decoder does it; what that one refuses (a byte
    order mark, NaN, very deep nesting) is left to the patient one.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return json.loads(content)


def text(value: object) -> str | None:
    """Read a text that is not empty."""
    return value if isinstance(value, str) and value else None


def texts(value: object) -> tuple[str, ...]:
    """Read a list of texts."""
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def integer(value: object) -> int | None:
    """Read a whole number, also one that was sent as a text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        digits = value.strip()
        if digits.lstrip("-").isascii() and digits.lstrip("-").isdigit() and len(digits) < 20:  # noqa: PLR2004
            return int(digits)
    return None


def number(value: object) -> float | None:
    """Read a finite number, also one that was sent as a text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, int | float) and abs(value) < 1e300:  # noqa: PLR2004
        return float(value)
    return None


def flag(value: object) -> bool | None:
    """Read a truth, also "True" as templates write it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return None


def instant(value: object, zone: tzinfo = UTC) -> datetime | None:
    """Read an instant. One that says no zone is of that one; .NET's "never" (year 1) is none."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
    except ValueError:
        return None
    if at.year < _FIRST_YEAR:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
