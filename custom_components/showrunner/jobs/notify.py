"""Tells the chosen channels what happened: bounded, with quiet hours, never in anybody's way.

What may not be said now (quiet hours, the hour's messages used up) is held, over restarts too,
and told as one summary later. A message that could not be delivered is tried a few times.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import Final

from ..domain.quiet import quiet_until
from ..options import NotificationOptions
from ..signals import Attributes, Signals, Topic
from ..store import Store
from .channels import Channel, NotDelivered
from .messages import Event, Message, message_of

_LOGGER = logging.getLogger(__name__)

_TRIES: Final = (5.0, 30.0, 120.0)
_HELD: Final = 200
_SHOWN: Final = 10
_HOUR: Final = timedelta(hours=1)
_TOPICS: Final = (Topic.DECISION, Topic.JOB, Topic.SERVICE)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One channel: its subentry's id and name, the way, and the events that it wants."""

    id: str
    name: str
    channel: Channel
    events: Collection[str]


class Notifier:
    """Listens to the entry's signals and tells the channels."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        subscribers: Collection[Subscriber],
        options: Callable[[], NotificationOptions],
        local_now: Callable[[], datetime],
    ) -> None:
        """Take the channels; `local_now` is Home Assistant's local time."""
        self._store = store
        self._options = options
        self._now = local_now
        self._mouths: dict[str, _Mouth] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        for subscriber in subscribers:
            self.add(subscriber)
        for topic in _TOPICS:
            signals.subscribe(topic, self._listener(topic))

    @property
    def undelivered(self) -> int:
        """Count the messages that were given up."""
        return sum(mouth.given_up for mouth in self._mouths.values())

    def add(self, subscriber: Subscriber) -> None:
        """Tell this channel from now on."""
        self._mouths[subscriber.id] = _Mouth(self._store, subscriber, self._options, self._now)
        self._begin(subscriber.id)

    def remove(self, subscriber_id: str) -> None:
        """Tell this channel no more; nothing happens where it was none."""
        self._mouths.pop(subscriber_id, None)
        if (task := self._tasks.pop(subscriber_id, None)) is not None:
            task.cancel()

    def _listener(self, topic: Topic) -> Callable[[str, Attributes], None]:
        def listen(kind: str, attributes: Attributes) -> None:
            message = message_of(topic, kind, attributes) if self._mouths else None
            if message is not None:
                for mouth in self._mouths.values():
                    mouth.take(message)

        return listen

    async def work(self) -> None:
        """Deliver for as long as the entry is loaded."""
        try:
            async with asyncio.TaskGroup() as self._group:
                for subscriber_id in self._mouths:
                    self._begin(subscriber_id)
                await asyncio.Event().wait()
        finally:
            self._group = None
            self._tasks.clear()

    def _begin(self, subscriber_id: str) -> None:
        if self._group is not None:
            work = self._mouths[subscriber_id].work()
            self._tasks[subscriber_id] = self._group.create_task(work)


class _Mouth:
    """One channel's queue. Channels don't wait for each other."""

    def __init__(
        self,
        store: Store,
        subscriber: Subscriber,
        options: Callable[[], NotificationOptions],
        local_now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._to = subscriber
        self._options = options
        self._now = local_now
        self._key = f"held:{subscriber.id}"
        self._waiting: deque[Message] = deque(maxlen=_HELD)
        self._held: list[Message] = []
        self._said: deque[datetime] = deque()
        self._wake = asyncio.Event()
        self.given_up = 0

    def take(self, message: Message) -> None:
        """Queue a message that this channel wants."""
        if message.event.value in self._to.events:
            self._waiting.append(message)
            self._wake.set()

    async def work(self) -> None:
        self._held = _read(await self._store.kv.get(self._key))
        while True:
            self._wake.clear()
            await self._round()
            wait = self._until() - self._now() if self._held else None
            try:
                async with asyncio.timeout(None if wait is None else max(1, wait.total_seconds())):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _round(self) -> None:
        held = len(self._held)
        while self._waiting:
            if self._may_speak() and not self._held:
                await self._say(self._waiting.popleft())
            else:
                self._held.append(self._waiting.popleft())
        if self._held and self._may_speak():
            summary = _summary(self._held)
            self._held = []
            await self._keep()
            await self._say(summary)
        elif len(self._held) != held:
            self._held = self._held[-_HELD:]
            await self._keep()

    async def _keep(self) -> None:
        await self._store.kv.put(self._key, [message.as_dict() for message in self._held])

    def _may_speak(self) -> bool:
        return self._until() <= self._now()

    def _until(self) -> datetime:
        """Say when the channel may speak: after the quiet hours, and within the hour's number."""
        now, options = self._now(), self._options()
        at = quiet_until(now, options.quiet_from, options.quiet_to)
        while self._said and self._said[0] <= now - _HOUR:
            self._said.popleft()
        if len(self._said) >= options.per_hour:
            at = max(at, self._said[0] + _HOUR)
        return at

    async def _say(self, message: Message) -> None:
        self._said.append(self._now())
        for pause in (*_TRIES, None):
            try:
                await self._to.channel.send(message)
            except NotDelivered as err:
                if err.final or pause is None:
                    self.given_up += 1
                    _LOGGER.warning("Could not tell %s: %s", self._to.name, err)
                    return
                await asyncio.sleep(pause)
            else:
                return


def _summary(messages: list[Message]) -> Message:
    """Say in one message what was held."""
    if len(messages) == 1:
        return messages[0]
    lines = [message.title for message in messages[-_SHOWN:]]
    if len(messages) > _SHOWN:
        lines.insert(0, f"… and {len(messages) - _SHOWN} earlier")
    return Message(Event.OUTCOME, f"{len(messages)} messages", "\n".join(lines), ("bell",))


def _read(state: object) -> list[Message]:
    """Read what was held before a restart; what can't be read is no loss of facts."""
    if not isinstance(state, list):
        return []
    found: list[Message] = []
    for plain in state:
        if isinstance(plain, Mapping):
            try:
                found.append(Message.from_dict(plain))
            except (KeyError, ValueError) as err:
                _LOGGER.debug("Leaving out an unreadable message: %s", err)
    return found
