"""The phone is told what it wants to hear, when it may, as often as it may."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.jobs import notify as notify_module
from custom_components.showrunner.jobs.channels import NotDelivered
from custom_components.showrunner.jobs.messages import Event, Message, message_of
from custom_components.showrunner.jobs.notify import Notifier, Subscriber
from custom_components.showrunner.options import NotificationOptions
from custom_components.showrunner.signals import Signals, Topic
from custom_components.showrunner.store import Store

ALL = frozenset(event.value for event in Event)
DECIDED = {"title": "The Lantern Keeper (2011)", "viewer": "Sofa", "reason": "Watched twice"}


@dataclass
class Phone:
    """A channel that keeps what it was told, and refuses as often as `failures` says."""

    said: list[Message] = field(default_factory=list)
    failures: list[NotDelivered] = field(default_factory=list)
    tries: int = 0

    async def send(self, message: Message) -> None:
        """Take a message."""
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)
        self.said.append(message)


@dataclass
class Clock:
    """A clock that the test moves."""

    now: datetime = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Read it."""
        return self.now


@asynccontextmanager
async def talking(
    store: Store,
    phone: Phone,
    clock: Clock,
    options: NotificationOptions | None = None,
    events: frozenset[str] = ALL,
) -> AsyncGenerator[Signals]:
    """Run a notifier over one phone."""
    signals = Signals()
    subscriber = Subscriber("one", "Phone", phone, events)
    chosen = options or NotificationOptions()
    notifier = Notifier(store, signals, [subscriber], lambda: chosen, clock)
    task = asyncio.create_task(notifier.work())
    await asyncio.sleep(0)
    try:
        yield signals
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "notify.db")
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify_module, "_TRIES", (0.0, 0.0, 0.0))


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def settled(store: Store) -> None:
    """Let the notifier work off what was said, including its writes."""
    for _ in range(5):
        await asyncio.sleep(0.01)
        await store.kv.get("nothing")


async def test_a_decision_is_told_with_its_reason(store: Store) -> None:
    """Title, verdict, reason and viewer are in the message."""
    phone = Phone()
    async with talking(store, phone, Clock()) as signals:
        signals.send(Topic.DECISION, "download", DECIDED)
        await until(lambda: bool(phone.said))
    assert phone.said[0].title == "Worth keeping: The Lantern Keeper (2011)"
    assert phone.said[0].text == "Watched twice (watched by Sofa)"


async def test_only_chosen_events_are_told(store: Store) -> None:
    """A phone that wants outcomes hears no decisions."""
    phone = Phone()
    async with talking(store, phone, Clock(), events=frozenset({"outcome"})) as signals:
        signals.send(Topic.DECISION, "stream", DECIDED)
        signals.send(Topic.JOB, "done", {"title": "X", "outcome": "imported", "detail": "imported"})
        await until(lambda: bool(phone.said))
    assert [message.event for message in phone.said] == [Event.OUTCOME]


def test_a_frozen_decision_is_not_told() -> None:
    """What waits for an answer is no decision yet."""
    assert message_of(Topic.DECISION, "stream", DECIDED | {"pending": True}) is None


def test_a_plan_is_told_only_when_it_waits_for_a_person() -> None:
    """What goes on by itself needs nobody."""
    planned = {"title": "X", "outcome": "queued", "detail": ""}
    assert message_of(Topic.JOB, "planned", planned) is None
    waiting = message_of(Topic.JOB, "planned", planned | {"outcome": "waiting"})
    assert waiting is not None
    assert waiting.event is Event.PLAN_READY


async def test_an_undelivered_message_is_tried_again_but_not_for_ever(store: Store) -> None:
    """Two failures are outlived; a refusal ends the tries; nothing stops the next message."""
    phone = Phone(failures=[NotDelivered("busy", final=False)] * 2)
    async with talking(store, phone, Clock()) as signals:
        signals.send(Topic.SERVICE, "back", {"service": "Radarr"})
        await until(lambda: bool(phone.said))
        assert phone.tries == 3
        phone.failures = [NotDelivered("wrong token", final=True)]
        signals.send(Topic.SERVICE, "down", {"service": "Radarr", "since": "12:00"})
        signals.send(Topic.SERVICE, "back", {"service": "Radarr"})
        await until(lambda: len(phone.said) == 2)
        phone.failures = [NotDelivered("gone", final=False)] * 9
        signals.send(Topic.SERVICE, "down", {"service": "Radarr", "since": "12:00"})
        await until(lambda: phone.tries == 9)
    assert [message.title for message in phone.said] == ["Radarr is back"] * 2


async def test_quiet_hours_hold_and_the_morning_sums_up(store: Store) -> None:
    """Nothing at night, also over a restart; one message in the morning names all."""
    phone, clock = Phone(), Clock(datetime(2026, 6, 10, 23, 0, tzinfo=UTC))
    night = NotificationOptions(time(22), time(7), 20)
    async with talking(store, phone, clock, night) as signals:
        for title in ("A", "B"):
            signals.send(Topic.DECISION, "download", DECIDED | {"title": title})
        await settled(store)
        assert phone.said == []
    async with talking(store, phone, clock, night):
        await settled(store)
        assert phone.said == []
    clock.now += timedelta(hours=9)
    async with talking(store, phone, clock, night):
        await until(lambda: bool(phone.said))
        await settled(store)
    assert len(phone.said) == 1
    assert phone.said[0].text.splitlines() == ["Worth keeping: A", "Worth keeping: B"]
    async with talking(store, phone, clock, night):
        await settled(store)
    assert len(phone.said) == 1


async def test_the_hours_number_holds_and_the_rest_is_summed_up(store: Store) -> None:
    """With two an hour, five events are two messages now and one summary of three later."""
    phone, clock = Phone(), Clock()
    async with talking(store, phone, clock, NotificationOptions(None, None, 2)) as signals:
        for title in "ABCDE":
            signals.send(Topic.DECISION, "download", DECIDED | {"title": title})
        await until(lambda: len(phone.said) == 2)
        await settled(store)
        assert len(phone.said) == 2
        clock.now += timedelta(minutes=61)
        signals.send(Topic.DECISION, "download", DECIDED | {"title": "F"})
        await until(lambda: len(phone.said) == 3)
    assert phone.said[2].title == "4 messages"


async def test_one_dead_channel_does_not_hold_up_the_other(store: Store) -> None:
    """Each channel has its own queue."""
    dead, alive = asyncio.Event(), Phone()

    class Stuck:
        async def send(self, message: Message) -> None:
            await dead.wait()

    signals = Signals()
    subscribers = [
        Subscriber("one", "Stuck", Stuck(), ALL),
        Subscriber("two", "Phone", alive, ALL),
    ]
    notifier = Notifier(store, signals, subscribers, NotificationOptions, Clock())
    task = asyncio.create_task(notifier.work())
    await asyncio.sleep(0)
    signals.send(Topic.DECISION, "download", DECIDED)
    await until(lambda: bool(alive.said))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
