"""What is asked several times within one moment is asked once.

The check of a step, its proofs and what the ledger keeps of it ask the same of a service, some
milliseconds apart. Inside of `moment()` an answer stands for a second after it was asked for, and
only until something is changed; longer where only a plan is made, of which everything is asked anew
before it is carried out. Only for the task that began it: a task that is started meanwhile,
as a poll is, asks by itself. `lately` is for what outlasts our own changes, because who asks takes
them into account.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Hashable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
import time
from typing import Any, Final

# So long an answer is fresh (seconds). One that took longer is not given twice.
STANDS: Final = 1.0


@dataclass(slots=True)
class _Moment:
    task: object
    stands: float | None
    kept: dict[Hashable, tuple[float, Any]] = field(default_factory=dict)
    lasting: dict[Hashable, tuple[float, Any]] = field(default_factory=dict)

    @property
    def lasts(self) -> float:
        """How long an answer stands (seconds)."""
        return STANDS if self.stands is None else self.stands


_CURRENT: Final[ContextVar[_Moment | None]] = ContextVar("moment", default=None)


@contextmanager
def moment(stands: float | None = None) -> Generator[None]:
    """Share answers in here; within another moment it is the same.

    `stands`: how long each is given again (seconds), where that is not only a second.
    """
    if _current() is not None:
        yield
        return
    token = _CURRENT.set(_Moment(asyncio.current_task(), stands))
    try:
        yield
    finally:
        _CURRENT.reset(token)


def forget() -> None:
    """Ask everything anew: something was, or may have been, changed."""
    if (current := _current()) is not None:
        current.kept.clear()


async def once[T](
    question: Hashable,
    ask: Callable[[], Awaitable[T]],
    counts: Callable[[T], bool] = lambda _: True,
) -> T:
    """Ask, or give what was answered in this moment. `counts`: it may be given once more."""
    current = _current()
    if current is None:
        return await ask()
    asked, found = time.monotonic(), current.kept.get(question)
    if found is not None and asked - found[0] <= current.lasts:
        answer: T = found[1]
        return answer
    answer = await ask()
    if counts(answer):
        current.kept[question] = (asked, answer)
    return answer


async def lately[T](
    question: Hashable,
    ask: Callable[[], Awaitable[T]],
    holds: Callable[[T], Awaitable[bool]],
) -> T:
    """Ask, or give what was answered in the last second, whatever we have changed since.

    What took longer to answer stands for a second from when it came. `holds`: an answer may be
    given once more, by what is seen of it now.
    """
    current = _current()
    if current is None:
        return await ask()
    found = current.lasting.get(question)
    if found is not None and time.monotonic() <= found[0]:
        kept: T = found[1]
        if await holds(kept):
            return kept
    current.lasting.pop(question, None)
    asked = time.monotonic()
    answer = await ask()
    came = time.monotonic()
    slow = came - asked > current.lasts
    current.lasting[question] = ((came if slow else asked) + current.lasts, answer)
    return answer


def note(question: Hashable, answer: object) -> None:
    """Keep an answer that came along with others; it was asked for a moment ago at the most."""
    if (current := _current()) is not None:
        current.kept[question] = (time.monotonic(), answer)


def noted(question: Hashable) -> Any:
    """Give an answer that was noted and still stands; None: there is none."""
    current = _current()
    found = None if current is None else current.kept.get(question)
    if current is None or found is None or time.monotonic() - found[0] > current.lasts:
        return None
    return found[1]


def _current() -> _Moment | None:
    found = _CURRENT.get()
    return found if found is not None and found.task is asyncio.current_task() else None
