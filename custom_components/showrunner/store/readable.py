"""Rows that can't be read cost nothing but themselves, and are told of once each."""

from collections.abc import Callable, Iterable
import logging

from .errors import StoreDamaged

_LOGGER = logging.getLogger(__name__)


class Readable[Row, T]:
    """Reads the rows of one subject. Its methods may be called in any thread."""

    def __init__(self, what: str, read: Callable[[Row], T], key: Callable[[Row], str]) -> None:
        """Take what one of them is called, what reads one, and what gives its key."""
        self._what = what
        self._read = read
        self._key = key
        self._logged: set[str] = set()

    def all_of(self, rows: Iterable[Row]) -> tuple[T, ...]:
        """Read rows, without those that can't be read: nobody can go on with them."""
        found: list[T] = []
        for row in rows:
            one = self.one(row)
            if not isinstance(one, StoreDamaged):
                found.append(one)
            elif (key := self._key(row)) not in self._logged:
                self._logged.add(key)
                _LOGGER.warning("Leaving out %s: %s", self._what, one)
        return tuple(found)

    def one(self, row: Row) -> T | StoreDamaged:
        """Read a row, or say what it lacks.

        Not raised: in the store's thread that would say that the whole database is damaged.
        """
        try:
            return self._read(row)
        except StoreDamaged as err:
            return err
