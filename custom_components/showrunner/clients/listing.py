"""Lists of which one bad row costs that row, and never the list."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..domain.text import say
from .errors import Unreadable
from .parse import Json
from .row_stream import RowStream


@dataclass(frozen=True, slots=True)
class Listed[T]:
    """What could be read of a list, and how many rows could not.

    While there are `unread` ones, that something is not among the `rows` says nothing.
    """

    rows: tuple[T, ...]
    unread: int = 0
    # How many there were, whatever they are.
    count: int = 0


class Listing[T]:
    """Reads the rows of a list as they come. `most`: how many found ones are enough."""

    def __init__(self, read: Callable[[Json], T | None], most: int | None = None) -> None:
        """Take what reads a row; it gives None for one that is none of ours."""
        self.stream = RowStream(self._take, most)
        self._read = read
        self._found: list[T] = []
        self._rows = self._good = 0

    def _take(self, row: object) -> bool:
        self._rows += 1
        if not isinstance(row, Mapping):
            return False
        try:
            one = self._read(row)
        except Unreadable:
            return False
        self._good += 1
        if one is None:
            return False
        self._found.append(one)
        return True

    def listed(self, product: str) -> Listed[T]:
        """Give what came. Raises Unreadable for a list without a single good row."""
        if self._rows and not self._good:
            raise Unreadable(product, say("error_no_row_list_can_read"))
        return Listed(tuple(self._found), self._rows - self._good, self._rows)


def listed[T](answer: object, read: Callable[[Json], T | None], product: str) -> Listed[T]:
    """Read a list row by row. A row of which `read` gives None is no bad one, but none of ours.

    Raises Unreadable for what is no list, which must not look like an empty one, and for a list
    without a single good row.
    """
    if not isinstance(answer, list):
        raise Unreadable(product, say("error_answer_not_list"))
    found: list[T] = []
    good = 0
    for row in _objects(answer):
        try:
            one = read(row)
        except Unreadable:
            continue
        good += 1
        if one is not None:
            found.append(one)
    if answer and not good:
        raise Unreadable(product, say("error_no_row_list_can_read"))
    return Listed(tuple(found), len(answer) - good, len(answer))


def _objects(rows: Iterable[object]) -> Iterable[Json]:
    return (row for row in rows if isinstance(row, Mapping))
