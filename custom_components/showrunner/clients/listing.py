"""Lists of which one bad row costs that row, and never the list."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .errors import Unreadable
from .parse import Json


@dataclass(frozen=True, slots=True)
class Listed[T]:
    """What could be read of a list, and how many rows could not.

    While there are `unread` ones, that something is not among the `rows` says nothing.
    """

    rows: tuple[T, ...]
    unread: int = 0


def listed[T](told: object, read: Callable[[Json], T | None], product: str) -> Listed[T]:
    """Read a list row by row. A row of which `read` gives None is no bad one, but none of ours.

    Raises Unreadable for what is no list, which must not look like an empty one, and for a list
    without a single good row.
    """
    if not isinstance(told, list):
        raise Unreadable(product, "the answer is not a list")
    found: list[T] = []
    good = 0
    for row in _objects(told):
        try:
            one = read(row)
        except Unreadable:
            continue
        good += 1
        if one is not None:
            found.append(one)
    if told and not good:
        raise Unreadable(product, "no row of its list can be read")
    return Listed(tuple(found), len(told) - good)


def _objects(told: Iterable[object]) -> Iterable[Json]:
    return (row for row in told if isinstance(row, Mapping))
