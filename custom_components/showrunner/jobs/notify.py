"""Tells the chosen channels what happened: bounded, with quiet hours, never in anybody's way.

What has one cause is collected for some seconds and told in one message. What may not be said now
(quiet hours, the hour's messages used up) is held, and told as one summary later; what was not told
when Home Assistant stops is told after the next start. The hour's limit never holds back what
somebody waits for, the news of requests. A message that could not be delivered is tried a few
times.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
import logging
from typing import Final

from ..domain.buttons import Button
from ..domain.quiet import quiet_until
from ..domain.text import Words
from ..options import NotificationOptions
from ..signals import Attributes, Signals, Topic
from ..store import Store
from .channels import Channel, NotDelivered, has_buttons
from .messages import ABOUT_REQUESTS, Event, Message, Spoken, SpokenButton, in_one, summary
from .wordings import LABELS, message_of

_LOGGER = logging.getLogger(__name__)

_TRIES: Final = (5.0, 30.0, 120.0)
_HELD: Final = 200
_HOUR: Final = timedelta(hours=1)
# How long what may have the same cause is waited for (seconds).
_TOGETHER: Final = 15.0
# Of these there are few, and somebody has to hear of them in time.
_UNLIMITED: Final = ABOUT_REQUESTS | {Event.LEAVING}
_TOPICS: Final = (
    *(Topic.DECISION, Topic.DIGEST, Topic.JOB, Topic.LEAVING, Topic.REQUEST, Topic.SERVICE),
)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One channel: its subentry's id and name, the way, and the events that it wants.

    `viewer`: whose it is, as a user of Jellyfin; "" for nobody's in particular.
    """

    id: str
    name: str
    channel: Channel
    events: Collection[str]
    viewer: str = ""


def _nobody(job: str) -> bool:
    return False


def _unsigned(button: Button, channel: str) -> str:
    return ""


class Notifier:
    """Listens to the entry's signals and tells the channels."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        subscribers: Collection[Subscriber],
        options: Callable[[], NotificationOptions],
        local_now: Callable[[], datetime],
        put: Callable[[Words], str],
        *,
        silent: Callable[[str], bool] = _nobody,
        token: Callable[[Button, str], str] = _unsigned,
    ) -> None:
        """Take the channels; `local_now` is Home Assistant's local time, `put` its language.

        `silent` tells of which jobs, by their keys, nobody is told. `token` gives a channel a
        button.
        """
        self._token = token
        self._silent = silent
        self._store = store
        self._options = options
        self._now = local_now
        self._put = put
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

    def audiences(self, event: Event) -> frozenset[str]:
        """Name the viewers whose channels tell of this; "" for a channel that is nobody's."""
        return frozenset(mouth.viewer for mouth in self._mouths.values() if mouth.wants(event))

    def add(self, subscriber: Subscriber) -> None:
        """Tell this channel from now on."""
        self._mouths[subscriber.id] = _Mouth(
            self._store, subscriber, self._options, self._now, self._put, self._token
        )
        self._begin(subscriber.id)

    async def remove(self, subscriber_id: str) -> None:
        """Tell this channel no more; nothing happens where it was none."""
        self._mouths.pop(subscriber_id, None)
        if (task := self._tasks.pop(subscriber_id, None)) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _listener(self, topic: Topic) -> Callable[[str, Attributes], None]:
        def listen(kind: str, attributes: Attributes) -> None:
            if topic is Topic.JOB and self._silent(str(attributes.get("job"))):
                return
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
        put: Callable[[Words], str],
        token: Callable[[Button, str], str],
    ) -> None:
        self._store = store
        self._put = put
        self._token = token
        self._to = subscriber
        self._options = options
        self._now = local_now
        self._key = f"held:{subscriber.id}"
        self._waiting: deque[Message] = deque()
        self._together: dict[str, _Together] = {}
        # What is being told, until it is told or given up.
        self._telling: Message | None = None
        self._held: list[Message] = []
        self._said: deque[datetime] = deque()
        self._wake = asyncio.Event()
        self.given_up = 0

    @property
    def viewer(self) -> str:
        """Whose channel it is; "" for nobody's."""
        return self._to.viewer

    def wants(self, event: Event) -> bool:
        """Tell whether this channel tells of it."""
        return event.value in self._to.events

    def take(self, message: Message) -> None:
        """Queue a message that this channel wants, or that answers it."""
        if not self._is_for(message):
            return
        if self.wants(message.event) if not message.to else message.to == self._to.id:
            split = message.apart and has_buttons(self._to.channel)
            self._waiting += message.apart if split else [message]
            if len(self._waiting) > _HELD:
                # It has been trying to tell something else for long.
                self._waiting = deque(_last([*self._waiting]))
            self._wake.set()

    def _is_for(self, message: Message) -> bool:
        """Tell whether a message is for whose channel this is."""
        return message.audience is None or message.audience == self.viewer

    async def work(self) -> None:
        # The channel may have become somebody else's while something was held for it.
        held = _read(await self._store.kv.get(self._key))
        self._held = [one for one in held if self._is_for(one)]
        try:
            while True:
                self._wake.clear()
                await self._round()
                try:
                    async with asyncio.timeout_at(self._next()):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        except asyncio.CancelledError:
            await self._keep_rest()
            raise

    async def _keep_rest(self) -> None:
        """Hold what was not told yet, for whoever goes on after a reload or a restart."""
        telling = [] if self._telling is None else [self._telling]
        collected = [message for one in self._together.values() for message in one.messages]
        rest = [*telling, *collected, *self._waiting]
        self._telling = None
        self._together.clear()
        self._waiting.clear()
        if rest:
            self._held = _last([*self._held, *rest])
            await self._keep()

    def _next(self) -> float | None:
        """Say when there is something to do again, by the loop's clock; None: not by itself."""
        times = [one.due for one in self._together.values()]
        if self._held:
            wait = (self._until() - self._now()).total_seconds()
            times.append(asyncio.get_running_loop().time() + max(1.0, wait))
        return min(times, default=None)

    async def _round(self) -> None:
        held = list(self._held)
        now = asyncio.get_running_loop().time()
        while self._waiting:
            message = self._waiting.popleft()
            if message.cause:
                same = self._together.setdefault(message.cause, _Together(now + _TOGETHER))
                same.messages.append(message)
            else:
                await self._say_or_hold(message)
        for cause in [cause for cause, one in self._together.items() if one.due <= now]:
            await self._say_or_hold(in_one(self._together.pop(cause).messages))
        if self._held and self._may_speak():
            held_back = _in_short(self._held)
            self._held = []
            await self._keep()
            for message in held_back:
                await self._say(message)
        elif self._held != held:
            self._held = _last(self._held)
            await self._keep()

    async def _say_or_hold(self, message: Message) -> None:
        """Say it now, unless it may not be said or others wait before it."""
        if message.event in _UNLIMITED:
            # Who has pressed a button is awake.
            speak = bool(message.to) or not self._quiet()
        else:
            speak = self._may_speak() and not self._held
        if speak:
            await self._say(message)
        else:
            self._held.append(message)

    async def _keep(self) -> None:
        await self._store.kv.put(self._key, [message.as_dict() for message in self._held])

    def _may_speak(self) -> bool:
        return self._until() <= self._now()

    def _quiet(self) -> bool:
        now, options = self._now(), self._options()
        return quiet_until(now, options.quiet_from, options.quiet_to) > now

    def _until(self) -> datetime:
        """Say when the channel may speak: after the quiet hours, and within the hour's number."""
        now, options = self._now(), self._options()
        at = quiet_until(now, options.quiet_from, options.quiet_to)
        while self._said and self._said[0] <= now - _HOUR:
            self._said.popleft()
        if (over := len(self._said) - options.per_hour) >= 0:
            at = max(at, self._said[over] + _HOUR)
        return at

    async def _say(self, message: Message) -> None:
        self._said.append(self._now())
        self._telling = message
        await self._send(self._spoken(message))
        self._telling = None

    def _spoken(self, message: Message) -> Spoken:
        """Put it into words, with buttons of this channel's own where it has any."""
        spoken = message.put(self._put)
        if not message.buttons or not has_buttons(self._to.channel):
            return spoken
        buttons = (
            SpokenButton(self._put(LABELS[one.verb]), self._token(one, self._to.id))
            for one in message.buttons
        )
        return replace(spoken, buttons=tuple(buttons))

    async def _send(self, spoken: Spoken) -> None:
        for pause in (*_TRIES, None):
            try:
                await self._to.channel.send(spoken)
            except NotDelivered as err:
                if err.final or pause is None:
                    self.given_up += 1
                    _LOGGER.warning("Could not tell %s: %s", self._to.name, err)
                    return
                await asyncio.sleep(pause)
            else:
                return


@dataclass(slots=True)
class _Together:
    """Messages of one cause, until `due` (the loop's clock)."""

    due: float
    messages: list[Message] = field(default_factory=list)


def _in_short(messages: list[Message]) -> list[Message]:
    """Say what was held in one message; a digest, what has buttons, or answers, stays as it is."""
    whole = [one for one in messages if _is_whole(one)]
    rest = [one for one in messages if not _is_whole(one)]
    return [*([summary(rest)] if rest else []), *whole]


def _is_whole(message: Message) -> bool:
    return bool(message.buttons or message.to) or message.event is Event.DIGEST


def _last(messages: list[Message]) -> list[Message]:
    """Keep the newest of what is held, and first of all what somebody waits for."""
    if len(messages) <= _HELD:
        return messages
    ranked = sorted(
        enumerate(messages), key=lambda one: (one[1].event in ABOUT_REQUESTS, one[0]), reverse=True
    )
    return [message for _, message in sorted(ranked[:_HELD], key=lambda one: one[0])]


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
