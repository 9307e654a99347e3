"""Where a service's webhook bodies wait: accepted at once, worked on later, floods collapsed."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
import logging
from typing import Final

from homeassistant.util import dt as dt_util
import orjson

from ..clients.decoding import TooManyParts, decoded, depth, parts
from ..clients.offload import offload
from ..domain.flood import Admission, FloodGate, Pace
from ..domain.text import Words, say
from ..store import StoreError

_LOGGER = logging.getLogger(__name__)

_BACKLOG: Final = 1000
# More than any service sends; what is within it costs a few milliseconds at the most.
_MOST_PARTS: Final = 30_000
_DEEPEST: Final = 64


class BodyRefused(Exception):
    """A webhook's body that nobody can read; `said` says what is wrong with it."""

    def __init__(self, said: Words) -> None:
        """Take what is wrong."""
        super().__init__(str(said))
        self.said = said


async def read_body(content: bytes) -> object:
    """Decode a webhook's body, a long one not in the event loop. Raises BodyRefused."""
    try:
        return await offload(len(content), lambda: _decoded(content))
    except TooManyParts:
        reason = say("body_too_many_parts")
    except RecursionError:
        reason = say("body_too_deep")
    except ValueError:
        reason = say("body_not_json")
    raise BodyRefused(reason)


def _decoded(content: bytes) -> object:
    if parts(content) > _MOST_PARTS:
        raise TooManyParts
    body = decoded(content)
    if depth(body) > _DEEPEST:
        raise RecursionError
    return body


class Backlog[MessageT]:
    """Messages that wait, each kind in its order: what is known to be about something comes first.

    Of either kind the oldest makes room: polling tells the same story, and it matters least. So
    a flood of what nobody knows takes no place from what somebody does.
    """

    def __init__(self, most: int = _BACKLOG) -> None:
        """Begin empty; `most` of either kind."""
        self._known: deque[MessageT] = deque(maxlen=most)
        self._others: deque[MessageT] = deque(maxlen=most)
        self._there = asyncio.Event()

    def empty(self) -> bool:
        """Tell whether nothing waits."""
        return not self._known and not self._others

    def put(self, message: MessageT, *, known: bool) -> None:
        """Add one."""
        (self._known if known else self._others).append(message)
        self._there.set()

    async def get(self) -> MessageT:
        """Wait for the next."""
        while self.empty():
            self._there.clear()
            await self._there.wait()
        return self.get_nowait()

    def get_nowait(self) -> MessageT:
        """Take the next. Raises IndexError when there is none."""
        return (self._known or self._others).popleft()


class Inbox[MessageT]:
    """One service's inbox. `read` turns a decoded body into a message (None: nothing to do).

    `read` raises NotOurs for a body that the service does not send; `work` may raise StoreError.
    `known` tells of which messages the service itself has told the subject: they come first.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[object, datetime], MessageT | None],
        work: Callable[[MessageT], Awaitable[None]],
        known: Callable[[MessageT], bool] = lambda _: False,
    ) -> None:
        """Begin empty. `name` is the service's, for the log."""
        self._name = name
        self._read = read
        self._work = work
        self._known = known
        self._flood = FloodGate()
        self._pace = Pace()
        self._backlog: Backlog[MessageT] = Backlog()
        self.accepted = 0
        self.ignored = 0
        self.last_at: datetime | None = None

    @property
    def collapsed(self) -> int:
        """Count the bodies that were equal to ones worked on already."""
        return self._flood.collapsed

    def accept(self, body: object) -> bool:
        """Take in a decoded body; false when it was collapsed as part of a flood.

        Raises NotOurs. The work is done later, in `work_off`, so that the answer is immediate.
        """
        admission = self._flood.admit(fingerprint(body), asyncio.get_running_loop().time())
        if admission is Admission.REPORT:
            _LOGGER.warning(
                "%s's webhook sends the same message again and again; "
                "more than %s a minute are not worked on",
                self._name,
                self._flood.limit,
            )
        if admission is not Admission.ACCEPT:
            return False
        now = dt_util.utcnow()
        message = self._read(body, now)
        self.last_at = now
        self.accepted += 1
        if message is None:
            self.ignored += 1
            return True
        self._backlog.put(message, known=self._known(message))
        return True

    async def work_off(self) -> None:
        """Work on accepted messages, for as long as the entry is loaded.

        Nothing here or in `work` waits where all is at hand: between two messages others have
        their turn, and in a flood most of the time.
        """
        time = asyncio.get_running_loop().time
        while True:
            message = await self._backlog.get()
            begun = time()
            await self._work_on(message)
            now = time()
            # Where nothing waits the sender's own pace is the slower one, and no rest is owed.
            waits = not self._backlog.empty()
            await asyncio.sleep(self._pace.rest(now - begun, now) if waits else 0)

    async def drain(self) -> None:
        """Work on what is left (at unload): it was answered, so it is never sent again."""
        while not self._backlog.empty():
            await self._work_on(self._backlog.get_nowait())

    async def _work_on(self, message: MessageT) -> None:
        try:
            await self._work(message)
        except StoreError as err:
            _LOGGER.warning("Could not keep what %s's webhook told: %s", self._name, err)


def fingerprint(body: object) -> int:
    """Give equal bodies an equal number; times that tick do not make a body another one."""
    if isinstance(body, Mapping):
        body = {key: value for key, value in body.items() if "Timestamp" not in str(key)}
    try:
        return hash(orjson.dumps(body))
    except TypeError:
        # Half a surrogate pair, which has no bytes.
        return hash(repr(body))
