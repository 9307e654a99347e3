"""What people, automations and cards may send us: texts, numbers, times and flags that can be kept.

Whatever can be written down as JSON arrives here, and templates make the rest: half a character, a
text of a megabyte, a number that no database holds, a time that no zone has.
"""

from datetime import datetime
from typing import Any, Final

from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

# More than any title, name or id; and as much as a path may have.
_LONGEST: Final = 1000
_LONGEST_PATH: Final = 4096
# What a database keeps as a whole number.
_LARGEST: Final = 2**63 - 1


def text(value: object) -> str:
    """Take a text. Raises vol.Invalid."""
    return _text(value, _LONGEST)


def path(value: object) -> str:
    """Take a path. Raises vol.Invalid."""
    return _text(value, _LONGEST_PATH)


def _text(value: object, longest: int) -> str:
    found: str = cv.string(value)
    if len(found) > longest:
        raise vol.Invalid(f"longer than {longest} characters")
    if "\0" in found or any("\ud800" <= one <= "\udfff" for one in found):
        raise vol.Invalid("holds what is no character")
    return found


def whole(value: Any) -> int:
    """Take a whole number, also written as a text. Raises vol.Invalid."""
    try:
        found = int(value)
    except TypeError, ValueError, OverflowError:
        raise vol.Invalid("expected a whole number") from None
    if abs(found) > _LARGEST:
        raise vol.Invalid("the number is too large")
    return found


def instant(value: object) -> datetime:
    """Take a time, in UTC; without a zone it is Home Assistant's. Raises vol.Invalid.

    Not the machine's zone: in a container that is often another. Half a character would end the
    whole process in the C code that reads times.
    """
    try:
        at: datetime = cv.datetime(text(value) if isinstance(value, str) else value)
    except vol.Invalid:
        raise vol.Invalid("expected a date and a time") from None
    try:
        return dt_util.as_utc(at)
    except OverflowError, ValueError:
        raise vol.Invalid("out of all time") from None


def flag(value: object) -> bool:
    """Take yes or no. Raises vol.Invalid, which does not repeat what can't be sent on."""
    try:
        found: bool = cv.boolean(value)
    except vol.Invalid:
        raise vol.Invalid("expected true or false") from None
    return found
