"""The phone is told what it wants to hear, when it may, as often as it may."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
import re

from homeassistant.util import dt as dt_util
from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.buttons import Button, Verb
from custom_components.showrunner.domain.digest import Digest
from custom_components.showrunner.domain.notices import Coming
from custom_components.showrunner.domain.requests.request import RequestState, StuckReason
from custom_components.showrunner.domain.text import Words, say
from custom_components.showrunner.jobs import notify as notify_module
from custom_components.showrunner.jobs.channels import NotDelivered
from custom_components.showrunner.jobs.messages import (
    BY_DEFAULT,
    STUCK,
    Event,
    Message,
    Spoken,
    in_one,
    summary,
)
from custom_components.showrunner.jobs.notify import Notifier, Subscriber, _last
from custom_components.showrunner.jobs.wordings import message_of
from custom_components.showrunner.options import NotificationOptions
from custom_components.showrunner.signals import Signals, Topic
from custom_components.showrunner.store import Store
from tests.english import english, german

ALL = frozenset(event.value for event in Event)
DECIDED = {"title": "The Lantern Keeper (2011)", "viewer": "Sofa", "reason": "Watched twice"}


@dataclass
class Phone:
    """A channel that keeps what it was told, and refuses as often as `failures` says."""

    said: list[Spoken] = field(default_factory=list)
    failures: list[NotDelivered] = field(default_factory=list)
    tries: int = 0

    async def send(self, message: Spoken) -> None:
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
    put: Callable[[Words], str] = english,
) -> AsyncGenerator[Signals]:
    """Run a notifier over one phone."""
    signals = Signals()
    subscriber = Subscriber("one", "Phone", phone, events)
    chosen = options or NotificationOptions()
    notifier = Notifier(store, signals, [subscriber], lambda: chosen, clock, put)
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
    monkeypatch.setattr(notify_module, "_TOGETHER", 0.0)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def settled(store: Store) -> None:
    """Let the notifier work off what was said, including its writes."""
    for _ in range(5):
        await asyncio.sleep(0.01)
        await store.kv.put("nothing", 1)


async def test_a_decision_is_told_with_its_reason(store: Store) -> None:
    """Title, verdict, reason and viewer are in the message."""
    phone = Phone()
    async with talking(store, phone, Clock()) as signals:
        signals.send(Topic.DECISION, "download", DECIDED)
        await until(lambda: bool(phone.said))
    assert phone.said[0].title == "Worth keeping: The Lantern Keeper (2011)"
    assert phone.said[0].text == "Watched twice (watched by Sofa)"


async def test_nobody_is_told_of_jobs_that_keep_silent(store: Store) -> None:
    """What is done because a person asked for it, or again and again, rings at nobody's."""
    phone, signals = Phone(), Signals()
    one = Subscriber("one", "Phone", phone, ALL)
    notifier = Notifier(
        store, signals, [one], NotificationOptions, Clock(), english, silent="undo".__eq__
    )
    task = asyncio.create_task(notifier.work())
    for job in ("undo", "download"):
        signals.send(Topic.JOB, "done", {"job": job, "title": job, "outcome": "imported"})
    await until(lambda: bool(phone.said))
    await settled(store)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    (said,) = phone.said
    assert "download" in said.title


async def test_only_chosen_events_are_told(store: Store) -> None:
    """A phone that wants outcomes hears no decisions."""
    phone = Phone()
    async with talking(store, phone, Clock(), events=frozenset({"outcome"})) as signals:
        signals.send(Topic.DECISION, "stream", DECIDED)
        signals.send(Topic.JOB, "done", {"title": "X", "outcome": "imported", "detail": "imported"})
        await until(lambda: bool(phone.said))
    assert [message.event for message in phone.said] == [Event.OUTCOME]


def test_what_changes_nothing_is_told_to_who_chose_it() -> None:
    """A channel does not hear of it by itself."""
    said = message_of(Topic.DECISION, "stream", DECIDED)
    assert said is not None
    assert said.event is Event.STREAM
    assert said.event.value not in BY_DEFAULT
    assert set(BY_DEFAULT) == ALL - {"stream"}


@pytest.mark.parametrize(
    ("kind", "attributes", "event", "title", "text"),
    [
        ("available", {}, "available", "X is ready to watch", "Requested by Ann."),
        ("requested", {}, "approval", "X waits for your approval", "Requested by Ann."),
        (
            "stuck",
            {"stuck": "waiting_for_approval"},
            "approval",
            "X still waits for your approval",
            "Requested by Ann.",
        ),
        (
            "stuck",
            {"stuck": "disk_full", "detail": "no room"},
            "stuck",
            "X is stuck",
            "The disk is full (no room). Requested by Ann.",
        ),
        ("failed", {}, "failed", "X failed", "Its download failed. Requested by Ann."),
    ],
)
def test_news_of_a_request_is_told(
    kind: str, attributes: dict[str, object], event: str, title: str, text: str
) -> None:
    """With who asked for it, and what is wrong."""
    said = message_of(Topic.REQUEST, kind, {"title": "X", "requested_by": "Ann"} | attributes)
    assert said is not None
    assert said.put(english) == Spoken(said.event, title, text, said.tags)
    assert said.event.value == event
    assert Message.from_dict(said.as_dict()) == said


def test_what_is_on_its_way_needs_no_message() -> None:
    """Every state of a request; a failed one is told once; every trouble has words."""
    names = {kind for kind in RequestState if message_of(Topic.REQUEST, kind, {"title": "X"})}
    assert names == {RequestState.AVAILABLE, RequestState.REQUESTED, RequestState.FAILED}
    assert message_of(Topic.REQUEST, "closed", {"title": "X", "closed": "declined"}) is None
    assert message_of(Topic.REQUEST, "stuck", {"title": "X", "stuck": "download_failed"}) is None
    assert set(STUCK) == set(StuckReason)


async def test_one_cause_is_one_message(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty requests for which the disk is full ring once; another trouble rings for itself."""
    monkeypatch.setattr(notify_module, "_TOGETHER", 0.2)
    phone = Phone()
    async with talking(store, phone, Clock()) as signals:
        for number in range(30):
            full = {"title": f"X{number}", "stuck": "disk_full"}
            signals.send(Topic.REQUEST, "stuck", full)
        signals.send(Topic.REQUEST, "stuck", {"title": "Y", "stuck": "no_seeds"})
        for name in ("Radarr", "Sonarr"):
            signals.send(Topic.SERVICE, "down", {"service": name, "since": "12:00"})
        await until(lambda: len(phone.said) == 3)
        await settled(store)
    assert [message.title for message in phone.said] == [
        "30 requests are stuck: the disk is full",
        "Y is stuck",
        "2 services are down",
    ]
    assert phone.said[0].text.splitlines() == [*(f"X{n}" for n in range(10)), "… and 20 more"]
    assert phone.said[2].text.splitlines() == ["Radarr", "Sonarr"]


async def test_the_hours_number_never_swallows_a_requests_news(store: Store) -> None:
    """It is told at once, whatever else was; at night it is held, and comes first and whole."""
    phone, clock = Phone(), Clock()
    options = NotificationOptions(time(22), time(7), 1)
    async with talking(store, phone, clock, options) as signals:
        for title in "ABC":
            signals.send(Topic.DECISION, "download", DECIDED | {"title": title})
        for number in range(3):
            ready = {"title": f"X{number}"}
            signals.send(Topic.REQUEST, "available", ready)
            await until(lambda wanted=number + 2: len(phone.said) == wanted)
        clock.now = datetime(2026, 6, 10, 23, 0, tzinfo=UTC)
        signals.send(Topic.DECISION, "download", DECIDED | {"title": "D"})
        signals.send(Topic.REQUEST, "available", {"title": "Y"})
        await settled(store)
        assert len(phone.said) == 4
        clock.now += timedelta(hours=9)
        signals.send(Topic.DECISION, "download", DECIDED | {"title": "E"})
        await until(lambda: len(phone.said) == 5)
    assert phone.said[4].text.splitlines()[0] == "Y is ready to watch"


@given(st.lists(st.booleans(), max_size=600))
def test_what_is_held_too_long_loses_no_requests_news(wanted: list[bool]) -> None:
    """Of more than 200 the newest stay, but news of requests before anything else; in order."""
    messages = [
        Message(Event.STUCK if one else Event.DECISION, str(number), "")
        for number, one in enumerate(wanted)
    ]
    kept = _last(messages)
    assert len(kept) == min(200, len(messages))
    assert kept == sorted(kept, key=lambda message: int(str(message.title)))
    if sum(wanted) <= 200:
        assert {m for m in messages if m.event is Event.STUCK} <= set(kept)


@pytest.mark.parametrize("busy", ["collecting", "trying again"])
async def test_what_was_not_told_before_a_restart_is_told_after_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, busy: str
) -> None:
    """While its cause is collected, or its channel does not answer; nothing is told twice."""
    pause = 60.0
    if busy == "collecting":
        monkeypatch.setattr(notify_module, "_TOGETHER", pause)
    else:
        monkeypatch.setattr(notify_module, "_TRIES", (pause,))
    phone, clock = Phone(failures=[NotDelivered("away", final=False)]), Clock()
    if busy == "collecting":
        phone.failures.clear()
    async with talking(store, phone, clock) as signals:
        signals.send(Topic.REQUEST, "available", {"title": "One"})
        await settled(store)
        signals.send(Topic.REQUEST, "available", {"title": "Two"})
        await settled(store)
    assert phone.said == []
    async with talking(store, phone, clock):
        await until(lambda: bool(phone.said))
    async with talking(store, phone, clock):
        await settled(store)
    (before,) = phone.said
    assert all(title in before.text for title in ("One", "Two"))


async def test_news_of_requests_outlive_a_channel_that_hangs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what comes meanwhile the news of requests stay, however much else comes."""
    phone, answered = Phone(), asyncio.Event()

    async def send(message: Spoken) -> None:
        await answered.wait()
        phone.said.append(message)

    monkeypatch.setattr(phone, "send", send)
    async with talking(store, phone, Clock()) as signals:
        signals.send(Topic.DECISION, "download", DECIDED)
        await settled(store)
        signals.send(Topic.REQUEST, "available", {"title": "Waited for"})
        for _ in range(300):
            signals.send(Topic.DECISION, "download", DECIDED)
        answered.set()
        await until(lambda: any("Waited for" in one.title for one in phone.said))


async def test_a_channel_that_is_changed_goes_on_with_what_it_has_to_tell(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who changes its topic while something waits is told it there."""
    monkeypatch.setattr(notify_module, "_TOGETHER", 60.0)
    put = store.kv.put

    async def slowly(key: str, value: object) -> None:
        await asyncio.sleep(0.05)
        await put(key, value)

    monkeypatch.setattr(store.kv, "put", slowly)
    old, new, signals = Phone(), Phone(), Signals()
    notifier = Notifier(
        store,
        signals,
        [Subscriber("one", "Phone", old, ALL)],
        NotificationOptions,
        Clock(),
        english,
    )
    task = asyncio.create_task(notifier.work())
    signals.send(Topic.REQUEST, "available", {"title": "One"})
    await settled(store)
    await notifier.remove("one")
    notifier.add(Subscriber("one", "Phone", new, ALL))
    await until(lambda: bool(new.said))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (len(old.said), [one.title for one in new.said]) == (0, ["One is ready to watch"])


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
        async def send(self, message: Spoken) -> None:
            await dead.wait()

    signals = Signals()
    subscribers = [
        Subscriber("one", "Stuck", Stuck(), ALL),
        Subscriber("two", "Phone", alive, ALL),
    ]
    notifier = Notifier(store, signals, subscribers, NotificationOptions, Clock(), english)
    task = asyncio.create_task(notifier.work())
    await asyncio.sleep(0)
    signals.send(Topic.DECISION, "download", DECIDED)
    await until(lambda: bool(alive.said))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_was_held_is_said_in_the_language_of_the_morning(store: Store) -> None:
    """It is kept without its words; what an older version kept with words is said as it is."""
    phone, clock = Phone(), Clock(datetime(2026, 6, 10, 23, 0, tzinfo=UTC))
    night = NotificationOptions(time(22), time(7), 20)
    old = {"event": "outcome", "title": "Old is here", "text": "", "tags": [], "cause": ""}
    await store.kv.put("held:one", [old])
    async with talking(store, phone, clock, night) as signals:
        watched = say("finding_watched", count=2, days=90)
        signals.send(Topic.DECISION, "download", DECIDED | {"title": "A", "reason": watched})
        for title in ("X", "Y"):
            signals.send(Topic.REQUEST, "stuck", {"title": title, "stuck": "disk_full"})
        await settled(store)
        assert phone.said == []
    clock.now += timedelta(hours=9)
    async with talking(store, phone, clock, night, put=german):
        await until(lambda: bool(phone.said))
    assert phone.said[0].title == "3 Nachrichten"
    assert phone.said[0].text.splitlines() == [
        "2 Anfragen hängen fest: Die Festplatte ist voll",
        "Old is here",
        "Lohnt sich zu behalten: A",
    ]


@pytest.mark.parametrize(
    ("topic", "kind", "attributes", "title", "text"),
    [
        (
            Topic.DECISION,
            "download",
            {"title": "X", "viewer": "Ann", "reason": say("finding_watched", count=2, days=90)},
            "Lohnt sich zu behalten: X",
            "In 90 Tagen zweimal angesehen (angesehen von Ann)",
        ),
        (
            Topic.JOB,
            "planned",
            {"title": "X", "outcome": "waiting", "detail": say("waits_dry_run")},
            "Bereit zum Holen: X",
            "Der Plan wartet auf dich (Probelauf).",
        ),
        (
            Topic.JOB,
            "failed",
            {"title": "X", "outcome": "failed", "detail": "no seeds.", "reason": "Ein Favorit"},
            "X konnte nicht geholt werden",
            "No seeds. Ein Favorit",
        ),
        (
            Topic.REQUEST,
            "stuck",
            {"title": "X", "requested_by": "Ann", "stuck": "no_seeds", "detail": "stalledDL"},
            "X hängt fest",
            "Der Download hat keine Seeder (stalledDL). Angefragt von Ann.",
        ),
        (
            Topic.SERVICE,
            "down",
            {"service": "rTorrent", "since": datetime(2026, 6, 10, 12, 5, tzinfo=UTC)},
            "rTorrent ist ausgefallen",
            "Seit 10.06.2026, 12:05 antwortet rTorrent nicht mehr.",
        ),
    ],
)
def test_a_message_is_said_in_german(
    topic: Topic,
    kind: str,
    attributes: dict[str, object],
    title: str,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whole sentences; what a service said is in its own words."""
    monkeypatch.setattr(dt_util, "DEFAULT_TIME_ZONE", UTC)
    said = message_of(topic, kind, attributes)
    assert said is not None
    spoken = said.put(german)
    assert (spoken.title, spoken.text) == (title, text)
    assert Message.from_dict(said.as_dict()) == said


@pytest.mark.parametrize("put", [english, german])
def test_every_message_has_words_for_one_and_for_several(put: Callable[[Words], str]) -> None:
    """No key is shown in their place."""
    rows = [
        message_of(Topic.REQUEST, kind, {"title": title, "stuck": reason, "detail": "why"})
        for kind in (*RequestState, "stuck")
        for reason in StuckReason
        for title in ("X", "Y")
    ]
    rows += [message_of(Topic.DECISION, kind, DECIDED) for kind in ("download", "ask", "stream")]
    rows += [
        message_of(Topic.JOB, "done", {"title": "X", "outcome": outcome, "detail": "why"})
        for outcome in ("imported", "nothing_found", "failed", "dropped")
    ]
    rows += [
        message_of(Topic.SERVICE, kind, {"service": name, "since": "12:00"})
        for kind in ("down", "back")
        for name in ("Radarr", "Sonarr")
    ]
    messages = [one for one in rows if one is not None]
    causes: dict[str, list[Message]] = {}
    for message in messages:
        if message.cause:
            causes.setdefault(message.cause, []).append(message)
    for message in (*messages, *map(in_one, causes.values()), summary(messages)):
        spoken = message.put(put)
        assert not re.search(r"[a-z]_[a-z]|[{}]", spoken.title + spoken.text), spoken


# -- buttons ---------------------------------------------------------------------------------------


@dataclass
class Smart(Phone):
    """A phone that can have buttons, or not now."""

    has_buttons: bool = True


SOON = tuple(
    Coming((f"movie:tmdb:{n}",), None, Clock().now, Clock().now, Clock().now.date(), f"F{n}", n)
    for n in range(1, 5)
)
LEAVING_ONE = message_of(Topic.LEAVING, "soon", {"parts": SOON[:1]})


@pytest.mark.parametrize(
    ("smart", "parts", "messages"), [(True, 2, 2), (True, 4, 1), (False, 2, 1), (False, 1, 1)]
)
async def test_only_a_channel_with_buttons_is_told_apart(
    store: Store, smart: bool, parts: int, messages: int
) -> None:
    """Every other one is told once; and buttons are nowhere where none can be."""
    phone = Smart(has_buttons=smart)
    async with talking(store, phone, Clock()) as signals:
        signals.send(Topic.LEAVING, "soon", {"parts": SOON[:parts]})
        await until(lambda: len(phone.said) >= messages)
        await settled(store)
    assert len(phone.said) == messages
    assert all(len(one.buttons) == (3 if smart and parts <= 3 else 0) for one in phone.said)


async def test_what_leaves_is_told_however_much_was_told_before(store: Store) -> None:
    """It would be gone before the hour's limit lets it through."""
    phone = Smart()
    async with talking(store, phone, Clock(), NotificationOptions(per_hour=1)) as signals:
        signals.send(Topic.DECISION, "download", DECIDED)
        signals.send(Topic.LEAVING, "soon", {"parts": SOON[:1]})
        await until(lambda: len(phone.said) >= 2)
    assert phone.said[1].event is Event.LEAVING


async def test_an_answer_goes_to_who_has_asked_even_in_quiet_hours(store: Store) -> None:
    """And to nobody else, whatever they want to hear."""
    asked, other = Smart(), Smart()
    options = NotificationOptions(time(11), time(13))
    signals = Signals()
    subscribers = [
        Subscriber("one", "Asked", asked, frozenset()),
        Subscriber("two", "Other", other, ALL),
    ]
    notifier = Notifier(store, signals, subscribers, lambda: options, Clock(), english)
    task = asyncio.create_task(notifier.work())
    button = Button(Verb.KEEP, "movie:tmdb:1", None, Clock().now)
    body = {"to": "one", "button": button, "answer": "kept", "title": "F1"}
    signals.send(Topic.LEAVING, "answered", body)
    await until(lambda: bool(asked.said) or task.done())
    await settled(store)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [one.title for one in asked.said] == ["Kept: F1"]
    assert other.said == []


async def test_what_is_for_a_viewer_is_told_on_their_phones_alone(store: Store) -> None:
    """What is for nobody in particular only where a phone is nobody's; all else everywhere."""
    phones = {one: Phone() for one in ("", "ada", "bob")}
    signals = Signals()
    subscribers = [
        *(Subscriber(f"phone {one}", one, phone, ALL, one) for one, phone in phones.items()),
        Subscriber("deaf", "Deaf", Phone(), frozenset({"decision"}), "cyd"),
    ]
    notifier = Notifier(store, signals, subscribers, NotificationOptions, Clock(), english)
    assert notifier.audiences(Event.LEAVING) == {"", "ada", "bob"}
    assert notifier.audiences(Event.DECISION) == {"", "ada", "bob", "cyd"}
    task = asyncio.create_task(notifier.work())
    signals.send(Topic.LEAVING, "soon", {"parts": SOON[:1], "audience": "ada"})
    signals.send(Topic.LEAVING, "soon", {"parts": SOON[1:2]})
    signals.send(Topic.DECISION, "download", DECIDED)
    await until(lambda: sum(len(one.said) for one in phones.values()) >= 5 or task.done())
    await settled(store)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    titles = {name: [one.title for one in phone.said] for name, phone in phones.items()}
    decided = "Worth keeping: The Lantern Keeper (2011)"
    assert titles == {
        "": ["Leaves soon: F2", decided],
        "ada": ["Leaves soon: F1", decided],
        "bob": [decided],
    }


async def test_what_was_held_for_one_is_not_told_another_whose_phone_it_becomes(
    store: Store,
) -> None:
    """They may not be allowed to know of it."""
    quiet = NotificationOptions(time(11), time(13))
    signals = Signals()
    for viewer, options in (("ada", quiet), ("bob", NotificationOptions())):
        phone = Phone()
        one = Subscriber("one", "Phone", phone, ALL, viewer)
        chosen = options
        notifier = Notifier(store, signals, [one], lambda o=chosen: o, Clock(), english)  # type: ignore[misc]
        task = asyncio.create_task(notifier.work())
        if viewer == "ada":
            signals.send(Topic.LEAVING, "soon", {"parts": SOON[:1], "audience": "ada"})
            signals.send(Topic.DECISION, "download", DECIDED)
        else:
            await until(lambda answer=phone: bool(answer.said))  # type: ignore[misc]
        await settled(store)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [one.title for one in phone.said] == ["Worth keeping: The Lantern Keeper (2011)"]


async def test_a_digest_that_was_held_is_told_whole(store: Store) -> None:
    """In a summary nothing of it would be left but its title."""
    digest = message_of(Topic.DIGEST, "weekly", {"digest": Digest(fetched=3)})
    one = message_of(Topic.DECISION, "download", DECIDED)
    assert digest is not None
    assert one is not None
    phone = Phone()
    await store.kv.put("held:one", [held.as_dict() for held in (one, digest, one)])
    async with talking(store, phone, Clock()):
        await until(lambda: len(phone.said) >= 2)
    assert [spoken.event for spoken in phone.said] == [Event.OUTCOME, Event.DIGEST]
    assert phone.said[1].text == "3 films fetched"


async def test_what_was_held_keeps_its_buttons(store: Store) -> None:
    """In a summary they would be lost."""
    assert LEAVING_ONE is not None
    one = message_of(Topic.DECISION, "download", DECIDED)
    assert one is not None
    held = [one.as_dict(), LEAVING_ONE.as_dict(), one.as_dict()]
    await store.kv.put("held:one", held)
    phone = Smart()
    async with talking(store, phone, Clock()):
        await until(lambda: len(phone.said) >= 2)
    assert [len(said.buttons) for said in phone.said] == [0, 3]
    assert phone.said[0].title == "2 messages"
