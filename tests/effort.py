"""How much is tried of what is made up: a part in a quick run, all of it where there is time."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
import os
from typing import Final

# Set by `script/test --all`.
THOROUGH: Final = bool(os.environ.get("SHOWRUNNER_THOROUGH"))
_SHARE: Final = 8
_LEAST: Final = 4


def examples(most: int) -> int:
    """Say how many of so many examples are made."""
    return most if THOROUGH else max(most // _SHARE, _LEAST)


def some[T](everything: Iterable[T]) -> Iterable[T]:
    """Give all, or each third."""
    return everything if THOROUGH else islice(everything, 0, None, 3)


def dealt[T](everything: Sequence[T], is_long: Callable[[T], bool], parts: int) -> list[T]:
    """Put what is long first, for processes that each begin with one of so many equal parts."""
    long = [one for one in everything if is_long(one)]
    others = iter([one for one in everything if not is_long(one)])
    ordered: list[T] = []
    for number in range(parts):
        size = (len(everything) - len(ordered)) // (parts - number)
        mine = long[number::parts]
        ordered += mine
        ordered += islice(others, max(size - len(mine), 0))
    return [*ordered, *others]
