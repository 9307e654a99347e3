"""How instants and nested values are written."""

from datetime import UTC, datetime

import orjson

from ..domain.text import Text, say
from .errors import StoreDamaged


def milliseconds(at: datetime) -> int:
    """Write an instant."""
    return round(at.timestamp() * 1000)


def instant(stored: int) -> datetime:
    """Read an instant. Raises StoreDamaged: we wrote one."""
    try:
        return datetime.fromtimestamp(stored / 1000, UTC)
    except (ValueError, OverflowError) as err:
        raise StoreDamaged(say("store_row_unreadable", why=str(err))) from None


def dump(value: object) -> str:
    """Write JSON."""
    # A text is a dataclass: kept as it says itself, not by its fields.
    option = orjson.OPT_PASSTHROUGH_DATACLASS
    return orjson.dumps(value, default=_plain, option=option).decode()


def load(stored: str) -> object:
    """Read JSON. Raises StoreDamaged: we wrote it whole."""
    try:
        return orjson.loads(stored)
    except orjson.JSONDecodeError as err:
        raise StoreDamaged(say("store_row_unreadable", why=str(err))) from None


def _plain(value: object) -> object:
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    if isinstance(value, Text):
        return value.as_dict()
    raise TypeError(type(value).__name__)
