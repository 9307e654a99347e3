"""How much is tried of what is made up: a part in a quick run, all of it where there is time."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
import os
from typing import Final

# Set by `script/test --all`.
THOROUGH: Final = bool(os.environ.get("SHOWRUNNER_THOROUGH"))
_SHARE: Final = 12
_LEAST: Final = 4


def examples(most: int) -> int:
    """Say how many of so many examples are made."""
    return most if THOROUGH else max(most // _SHARE, _LEAST)


def some[T](everything: Iterable[T]) -> Iterable[T]:
    """Give all, or each third."""
    return everything if THOROUGH else islice(everything, 0, None, 3)


def dealt[T](
    everything: Sequence[T],
    is_long: Callable[[T], bool],
    waits: Callable[[T], bool],
    parts: int,
) -> list[T]:
    """Order all for processes that each begin with one of so many equal parts.

    What is long comes first. Half of the parts begin with what waits most of the time, the others
    end with it: there is work for the processor from start to end.
    """
    long = [one for one in everything if is_long(one)]
    short = [one for one in everything if not is_long(one)]
    waiting = [one for one in short if waits(one)]
    working = iter([one for one in short if not waits(one)])
    ordered: list[T] = []
    for number in range(parts):
        size = (len(everything) - len(ordered)) // (parts - number)
        mine = long[number::parts]
        idle = waiting[len(waiting) * number // parts : len(waiting) * (number + 1) // parts]
        busy = islice(working, max(size - len(mine) - len(idle), 0))
        ordered += [*mine, *idle, *busy] if number % 2 else [*mine, *busy, *idle]
    return [*ordered, *working]
