"""Readers of single foreign values: what is missing, absurd or a service's word for "none" is None.

Services write 0, 1970, 9999, "Unknown" or -1 where they know nothing. Each of these is taken for
nothing here, once for all of them, so that nothing later counts with it. No reader raises, whatever
it gets, and none takes longer than its value is long.
"""

import re
from typing import Final

# The largest whole number that JavaScript holds exactly; SQLite's and JSON's are larger.
LARGEST: Final = 2**53 - 1
# No film is older than the first pictures that moved, and none is announced for the next century.
FIRST_YEAR: Final = 1870
LAST_YEAR: Final = 2100
_BEST: Final = 10
# No number that is meant is longer, blanks around it included.
_LONGEST: Final = 40
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
# TMDb's and TheTVDB's pages are called "4513-some-words"; nobody's id has more digits.
_IDENTIFIER: Final = re.compile(r"([0-9]{1,16})(?![^-/])")
_NO_LANGUAGE: Final = frozenset(
    {"", "?", "-", "any", "original", "unknown", "undefined", "undetermined", "und", "none", "null"}
)


def integer(value: object) -> int | None:
    """Read a whole number, also one that was sent as a text; None beyond 53 bits."""
    if type(value) is int:  # as nearly all are
        return value if -LARGEST <= value <= LARGEST else None
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        digits = value.strip() if len(value) <= _LONGEST else ""
        value = int(digits) if _WHOLE.fullmatch(digits) else None
    if isinstance(value, float):
        value = int(value) if value.is_integer() else None
    return value if isinstance(value, int) and abs(value) <= LARGEST else None


def number(value: object) -> float | None:
    """Read a finite number, also one that was sent as a text; None beyond 53 bits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        digits = value.strip() if len(value) <= _LONGEST else ""
        value = float(digits) if _DECIMAL.fullmatch(digits) else None
    # NaN is not smaller than anything.
    return float(value) if isinstance(value, int | float) and abs(value) <= LARGEST else None


def positive(value: object) -> int | None:
    """Read a whole number that means something only above 0: a key, a width, a number of votes."""
    found = integer(value)
    return found if found is not None and found > 0 else None


def natural(value: object) -> int | None:
    """Read a whole number of which 0 is one: a season, an episode, a count."""
    found = integer(value)
    return found if found is not None and found >= 0 else None


def rating(value: object) -> float | None:
    """Read a rating of up to 10. Services write 0 where nobody has voted."""
    found = number(value)
    return found if found is not None and 0 < found <= _BEST else None


def size(value: object) -> int | None:
    """Read a size in bytes, which some services write with a fraction; 0 and less is none."""
    found = number(value)
    return int(found) if found is not None and found >= 1 else None


def year(value: object) -> int | None:
    """Read the year of a title. 0, 1, 9999 and dates without dashes are none."""
    found = integer(value)
    return found if found is not None and FIRST_YEAR <= found <= LAST_YEAR else None


def identifier(value: object) -> int | None:
    """Read a provider's number: 4513, "4513" or "4513-some-words". 0 and less is none."""
    if not isinstance(value, str):
        return positive(value)
    found = _IDENTIFIER.match(value[:_LONGEST].strip())
    return positive(found[1]) if found else None


def language(value: object) -> str | None:
    """Read a language's name. "Unknown", "Any" and "Original" name none."""
    if not isinstance(value, str) or len(value) > 2 * _LONGEST:
        return None
    name = value.strip()
    return None if name.casefold() in _NO_LANGUAGE or not name.isprintable() else name
