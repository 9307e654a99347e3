"""Tolerant readers of JSON: what is missing or of another kind is None, never an exception."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
import re
from typing import Final
from urllib.parse import urlsplit

from ..domain.values import (
    LARGEST,
    identifier,
    integer,
    language,
    natural,
    number,
    positive,
    rating,
    size,
    year,
)
from .decoding import decoded

__all__ = [
    "LARGEST",
    "Json",
    "decoded",
    "epoch",
    "flag",
    "identifier",
    "instant",
    "integer",
    "language",
    "natural",
    "number",
    "path",
    "positive",
    "rating",
    "released",
    "rows",
    "seconds",
    "size",
    "table",
    "text",
    "texts",
    "url_path",
    "version",
    "year",
]

type Json = Mapping[str, object]

# What people or other programs are told is no longer than this, whoever says it (characters).
_TEXT: Final = 4096
# The longest path that any system has.
_PATH: Final = 32_767
# What nobody can read and some can't keep: control characters are left out, but for blanks and
# line ends, and half a pair of surrogates, which is no character, is shown as such.
_UNSEEN: Final = {code: None for code in (*range(32), *range(127, 160)) if code not in (9, 10, 13)}
_BROKEN: Final = re.compile("[\ud800-\udfff]")

# A version and nothing else: its first two numbers count.
_VERSION: Final = re.compile(r"v?([0-9]{1,9})(?:\.([0-9]{1,9}))?(?![0-9])[A-Za-z0-9_.+-]*")

# .NET writes seven digits of a second; Python reads six.
_FRACTION: Final = re.compile(r"(\.[0-9]{6})[0-9]{1,12}")
_INSTANT: Final = 64
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2200
# "Never" in seconds since 1970, in whatever zone the server took it for: 0, 28800 (seconds).
_NEVER: Final = 86_400
# No play, and nothing that seeds, lasts longer (seconds): a hundred years. Any date can bear it.
_AGES: Final = 100 * 366 * 86_400.0


def table(value: object) -> Json:
    """Read an object; anything else is an empty one."""
    # A dict is what JSON gives; to ask whether something is any mapping takes much longer.
    return value if isinstance(value, dict) or isinstance(value, Mapping) else {}  # noqa: SIM101


def rows(value: object) -> list[Json]:
    """Read a list of objects, without what is none."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def text(value: object) -> str | None:
    """Read a text for people or programs; None for an empty one.

    Control characters are left out, broken surrogates shown as such, and a very long one is cut.
    """
    if not isinstance(value, str):
        return None
    value = value[:_TEXT]
    if not value.isprintable():
        value = _BROKEN.sub("\ufffd", value.translate(_UNSEEN))
    return None if not value or value.isspace() else value


def texts(value: object) -> tuple[str, ...]:
    """Read a list of texts, without those that are empty."""
    listed = value if isinstance(value, list) else ()
    return tuple(said for one in listed if (said := text(one)) is not None)


def path(value: object) -> str | None:
    """Read a path exactly as it is said. One that can't be one is none, not a similar one."""
    if not isinstance(value, str) or not value or len(value) > _PATH:
        return None
    return None if "\0" in value or _BROKEN.search(value) else value


def url_path(value: object) -> str | None:
    """Read the path of an address, which tells ours from all others; None for what is none."""
    try:
        return urlsplit(text(value) or "").path or None
    except ValueError:
        return None


def version(value: object) -> tuple[int, ...]:
    """Read the first two numbers of a version (one, if it has no more); empty for what is none."""
    if not isinstance(value, str) or len(value) > _INSTANT:
        return ()
    found = _VERSION.fullmatch(value.strip())
    return tuple(int(part) for part in found.groups() if part is not None) if found else ()


def flag(value: object) -> bool | None:
    """Read a truth, also "True" as templates write it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= _INSTANT:
        return {"true": True, "false": False}.get(value.strip().lower())
    return None


def released(value: object, zone: tzinfo = UTC) -> datetime | None:
    """Read an instant from which on something is out, which may well be 1970.

    One that says no zone is of that one. What is not between 1900 and 2200 is none: .NET's "never"
    (year 1), Radarr's (9999).
    """
    if not isinstance(value, str) or len(value) > _INSTANT:
        return None
    try:
        at = datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except ValueError, OverflowError:
        return None
    return at if _FIRST_YEAR <= at.year <= _LAST_YEAR else None


def instant(value: object, zone: tzinfo = UTC) -> datetime | None:
    """Read an instant at which something happened. The beginning of 1970 means "never", too."""
    at = released(value, zone)
    return None if at is None or abs(at.timestamp()) <= _NEVER else at


def epoch(value: object) -> datetime | None:
    """Read an instant that is told in seconds since 1970; its first day means "never"."""
    found = integer(value)
    if found is None or found <= _NEVER:
        return None
    try:
        at = datetime.fromtimestamp(found, UTC)
    except ValueError, OverflowError, OSError:
        return None
    return at if at.year <= _LAST_YEAR else None


def seconds(value: object, per_second: int = 1) -> float | None:
    """Read a duration, told in so many parts of a second. What is negative or absurd is none."""
    found = number(value)
    return None if found is None or not 0 <= found / per_second <= _AGES else found / per_second
