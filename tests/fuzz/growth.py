"""Does the work grow as the text does? Told by the processor's time, which a busy machine keeps.

A pattern that starts over at every character needs 64 times as long for a text that is 8 times as
long. So the growth is looked at, not the time: first of short texts, for what backtracks without
end would never come back, and again before anything is said, for a clock may jump.
"""

from collections.abc import Callable
import gc
import time
from typing import Final

# The first is for what doubles with every character, which would never come back (characters).
STEPS: Final = (20, 200, 1_600, 12_800)
FACTOR: Final = 8
# Nothing that goes through such a text twice takes so long; what is quadratic takes much longer
# (seconds).
_QUICK: Final = 0.02
# In between 8 and 64.
_MOST: Final = 24
_TRIES: Final = 3


def grows(work: Callable[[int], object]) -> str | None:
    """Do the work for longer and longer texts; say how it grows when it does too fast."""
    for length in STEPS:
        took = _took(work, length)
        if took > _QUICK:
            growth = _growth(work, length)
            if growth > _MOST:
                return f"{growth:.0f} times as long for {FACTOR} times as much, {took:.3f} s"
    return None


def _growth(work: Callable[[int], object], length: int) -> float:
    """Give how much longer it takes than for an eighth of it: the least of several tries."""
    shorter = length // FACTOR
    tries = []
    for _ in range(_TRIES):
        short = min(_took(work, shorter) for _ in range(2))
        tries.append(_took(work, length) / max(short, 1e-5))
        if tries[-1] <= _MOST:
            break
    return min(tries)


def _took(work: Callable[[int], object], length: int) -> float:
    gc.disable()
    try:
        began = time.process_time()
        work(length)
        return time.process_time() - began
    finally:
        gc.enable()
