"""Buttons under a notice: pressed once, in time, of what leaves, they keep it; else nothing."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from homeassistant.util import dt as dt_util
import pytest

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.domain.buttons import BY_BUTTON, Button, Verb, offered
from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.knowledge import Answer as Yes
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.retention import RetentionRule as Rule
from custom_components.showrunner.jobs.buttons import Buttons
from custom_components.showrunner.jobs.cleanup.answers import Answers
from custom_components.showrunner.jobs.cleanup.due import Leaving
from custom_components.showrunner.jobs.messages import Message
from custom_components.showrunner.jobs.wordings import message_of
from custom_components.showrunner.signals import Attributes, Signals, Topic
from custom_components.showrunner.store import Store, StoreError
from tests.english import english

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FILM = Title(MediaType.MOVIE, ProviderIds(tmdb=603, imdb="tt0133093"), "The Lantern Keeper", 2011)
SHOW = Title(MediaType.SERIES, ProviderIds(tvdb=81189), "The Ministry of Rain", 2019)
NAME = "movie:tmdb:603"
FINDINGS = (
    Finding(Rule.WATCHED, Yes.YES, "Sofa, Ann", "any"),
    Finding(Rule.GRACE, Yes.YES, NOW.isoformat(), 5),
    Finding(Rule.KEPT, Yes.NO),
    Finding(Rule.FAVORITE, Yes.NO),
)
DUE = (
    Leaving(FILM, None, NOW + DAY, 1, FINDINGS),
    Leaving(SHOW, 1, NOW + DAY, 1),
    Leaving(SHOW, 2, NOW + DAY, 1),
)


@dataclass
class Job:
    """A cleanup; `found` is what it finds when it looks."""

    leaving: tuple[Leaving, ...] | None = DUE
    found: tuple[Leaving, ...] | None = None
    looks: int = 0
    next_deletion: datetime | None = None

    def leaves_at(self, one: Leaving) -> datetime:
        """Say when it leaves."""
        return one.at

    async def look(self) -> None:
        """Look, or fail."""
        self.looks += 1
        if self.found is None:
            raise Unreachable("Radarr", "it is off")
        self.leaving = self.found


@dataclass
class Room:
    """Buttons, who answers them, and what was answered."""

    store: Store
    job: Job = field(default_factory=Job)
    now: datetime = NOW
    told: list[Message] = field(default_factory=list)

    async def begin(self, entry_id: str = "one") -> None:
        """Start, as after a restart."""
        signals = Signals()
        signals.subscribe(Topic.LEAVING, self._hear)
        self.buttons = Buttons(self.store, entry_id, lambda: self.now)
        await self.buttons.load()
        self.answers = Answers(
            self.store,
            signals,
            self.job,
            self.buttons,
            name_of=self._name,
            now=lambda: self.now,
            zone=lambda: UTC,
        )

    async def _name(self, name: str) -> str:
        return f"<{name}>"

    def _hear(self, kind: str, attributes: Attributes) -> None:
        message = message_of(Topic.LEAVING, kind, attributes)
        assert message is not None
        assert Message.from_dict(message.as_dict()) == message
        self.told.append(message)

    def token(
        self,
        verb: Verb = Verb.KEEP,
        title: str = NAME,
        season: int | None = None,
        until: datetime = NOW + DAY,
    ) -> str:
        """Give the phone a button."""
        return self.buttons.token(Button(verb, title, season, until), "phone")

    async def press(self, token: object, by: str = BY_BUTTON) -> bool:
        """Press it, and wait until that is worked off."""
        taken = self.answers.take(token, by)
        await self.work_off()
        return taken

    async def work_off(self) -> None:
        """Let the workers run until there is nothing left to do."""
        works = [
            asyncio.create_task(self.answers.work_on_wishes()),
            asyncio.create_task(self.answers.work_on_questions()),
        ]
        async with asyncio.timeout(60):
            while self.answers._taken:
                for work in works:
                    assert not work.done(), work.exception()
                await asyncio.sleep(0.002)
        assert not any(work.done() for work in works), "a worker has failed"
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)

    async def keeps(self) -> tuple[Keep, ...]:
        """Say what is kept."""
        return await self.store.keeps.standing(self.now)

    def said(self) -> list[str]:
        """Say what was answered, and to whom."""
        assert all(one.to == "phone" for one in self.told)
        return [english(one.title) for one in self.told]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncGenerator[Room]:
    """Give an empty store."""
    store = await Store.open(tmp_path / "buttons.db")
    made = Room(store)
    await made.begin()
    yield made
    await store.close()


async def test_keep_keeps_for_good_and_says_so(room: Room) -> None:
    """By all ids of the title, and in the name of who pressed it."""
    assert await room.press(room.token(), by="ada")
    (keep,) = await room.keeps()
    assert (keep.season, keep.until, keep.by) == (None, None, "ada")
    assert set(FILM.key.names) <= set(keep.title.names)
    assert room.said() == ["Kept: The Lantern Keeper (2011)"]


async def test_keep_30_days_postpones_a_season(room: Room) -> None:
    """That season alone; what was kept for good is not made shorter."""
    await room.press(room.token(Verb.POSTPONE, "series:tvdb:81189", 2))
    (keep,) = await room.keeps()
    assert (keep.season, keep.until, keep.by) == (2, NOW + 30 * DAY, BY_BUTTON)
    assert room.said() == ["Kept until 2026-07-10: The Ministry of Rain (2019), season 2"]
    await room.press(room.token())
    await room.press(room.token(Verb.POSTPONE))
    assert [one.until for one in await room.keeps() if one.season is None] == [None]


async def test_why_gives_the_findings_in_words(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """And once more the buttons that keep: a phone takes away a message whose button was used."""
    monkeypatch.setattr(dt_util, "DEFAULT_TIME_ZONE", UTC)
    await room.press(room.token(Verb.WHY))
    assert await room.keeps() == ()
    (message,) = room.told
    spoken = message.put(english)
    assert spoken.title == "Why it leaves: The Lantern Keeper (2011)"
    assert spoken.text.splitlines() == [
        "Watched by Sofa, Ann.",
        "It leaves 5 days after 2026-06-10 12:00.",
        "Nothing keeps it: nobody has said that it stays, no favourite.",
    ]
    assert [one.verb for one in message.buttons] == [Verb.KEEP, Verb.POSTPONE]
    assert all((one.title, one.season) == (NAME, None) for one in message.buttons)


async def test_a_button_works_once_also_after_a_restart(room: Room) -> None:
    """A replay does nothing and is not answered: neither at once nor from another room."""
    token, other = room.token(Verb.POSTPONE), room.token(Verb.POSTPONE)
    assert room.answers.take(token)
    assert not any(room.answers.take(token) for _ in range(1000))
    await room.work_off()
    await room.begin()
    for _ in range(3):
        assert not await room.press(token)
    (keep,) = await room.keeps()
    assert keep.until == NOW + 30 * DAY
    assert len(room.told) == 1
    # Another button for the same, as another phone has it, is another word.
    assert await room.press(other)
    (keep,) = await room.keeps()
    assert keep.until == NOW + 60 * DAY


async def test_a_button_is_over_when_the_title_was_to_leave(room: Room) -> None:
    """For a week it is told that it is too late, once; then nothing at all."""
    token, late = room.token(), room.token()
    room.job.leaving = ()
    room.now = NOW + DAY
    assert await room.press(token)
    assert not await room.press(token)
    assert room.said() == ["Too late for this button: <movie:tmdb:603>"]
    room.now = NOW + 8 * DAY
    assert not await room.press(late)
    assert await room.keeps() == ()


OTHER = replace(DUE[0], title=replace(FILM, ids=SHOW.ids))


@pytest.mark.parametrize("leaving", [(), DUE[1:], (replace(DUE[0], season=1),), (OTHER,)])
async def test_what_no_longer_leaves_is_said_so(room: Room, leaving: Any) -> None:
    """Nothing has to be explained: it was kept, or watched again, or is another title by now."""
    room.job.leaving = leaving
    await room.press(room.token(Verb.WHY))
    assert await room.keeps() == ()
    assert room.said() == ["Does not leave: <movie:tmdb:603>"]


@pytest.mark.parametrize("leaving", [(), DUE[1:], (replace(DUE[0], season=1),), (OTHER,)])
async def test_what_is_not_seen_to_leave_is_kept_all_the_same(room: Room, leaving: Any) -> None:
    """Who looked last may have had no answer: a wish that only protects is never lost."""
    room.job.leaving = leaving
    await room.press(room.token())
    (keep,) = await room.keeps()
    assert (NAME in keep.title.names, keep.season) == (True, None)
    assert room.said() == ["Kept: <movie:tmdb:603>"]


@pytest.mark.parametrize("leaving", [None, ()])
async def test_a_late_press_keeps_what_has_not_left(room: Room, leaving: Any) -> None:
    """A run left it for another one, or nobody knows; what has left is too late."""
    room.now = NOW + DAY
    assert await room.press(room.token())
    assert len(await room.keeps()) == 1
    room.job.leaving = leaving
    assert await room.press(room.token(title="series:tvdb:81189", season=2))
    assert len(await room.keeps()) == (2 if leaving is None else 1)


async def test_a_title_is_found_by_any_id_that_it_goes_by(room: Room) -> None:
    """A service may have learnt another one since the notice was sent."""
    other = replace(FILM, ids=ProviderIds(tmdb=999))
    room.job.leaving = (replace(DUE[0], title=other, named=other.key.joined(FILM.ids)),)
    await room.press(room.token())
    (keep,) = await room.keeps()
    assert {NAME, "movie:tmdb:999"} <= set(keep.title.names)


async def test_while_nobody_knows_what_leaves_a_wish_is_believed(room: Room) -> None:
    """After a start nobody has looked yet: to keep too much is no harm, to lose a wish is."""
    room.job.leaving = None
    await room.press(room.token())
    (keep,) = await room.keeps()
    assert NAME in keep.title.names
    assert room.job.looks == 0
    room.job.found = DUE
    await room.press(room.token(Verb.WHY))
    assert room.said()[1] == "Why it leaves: The Lantern Keeper (2011)"


async def test_what_could_not_be_done_may_be_pressed_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The button is not used up, and the answer has fresh ones."""
    token = room.token()

    async def broken(*_: object) -> Keep:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(room.store.keeps, "set", broken)
        await room.press(token)
    assert room.said() == ["That did not work: <movie:tmdb:603>"]
    assert [one.verb for one in room.told[0].buttons] == list(Verb)
    assert await room.press(token)
    assert len(await room.keeps()) == 1
    room.job.leaving = None
    await room.press(room.token(Verb.WHY))
    assert "did not work" in room.said()[-1]


async def test_the_end_does_not_wait_for_ever(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing more is taken, also if nobody works off what was."""
    monkeypatch.setattr("custom_components.showrunner.jobs.cleanup.answers._LAST", 0.01)
    assert room.answers.take(room.token())
    async with asyncio.timeout(60):
        await room.answers.finish()
    assert not room.answers.take(room.token())


async def test_the_end_waits_until_what_was_wished_is_kept(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever presses "keep" right before a restart is not forgotten."""
    begun, go_on, keep = asyncio.Event(), asyncio.Event(), room.store.keeps.set

    async def slowly(*value: Any) -> Keep:
        begun.set()
        await go_on.wait()
        return await keep(*value)

    monkeypatch.setattr(room.store.keeps, "set", slowly)
    assert room.answers.take(room.token())
    worker = asyncio.create_task(room.answers.work_on_wishes())
    async with asyncio.timeout(60):
        await begun.wait()
        ending = asyncio.create_task(room.answers.finish())
        await asyncio.sleep(0)
        assert not ending.done()
        assert not await room.keeps()
        assert not ending.done()
        go_on.set()
        await ending
    assert len(await room.keeps()) == 1
    assert "could not be kept" not in caplog.text
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


async def test_a_wish_does_not_wait_for_a_question(room: Room) -> None:
    """To say why may take a look at everything; meanwhile something may be deleted."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    room.job.leaving = None

    async def look() -> None:
        begun.set()
        await go_on.wait()

    room.job.look = look  # type: ignore[method-assign]
    room.answers.take(room.token(Verb.WHY))
    room.answers.take(room.token())
    working = asyncio.create_task(room.work_off())
    async with asyncio.timeout(60):
        await begun.wait()
        while not await room.keeps():
            assert not working.done()
    go_on.set()
    room.job.leaving = ()
    await working


@pytest.mark.parametrize("token", [None, 5, "", "KEEP", "showrunner.e30.x", {"a": 1}, "x" * 10**6])
async def test_what_is_not_ours_is_not_taken(room: Room, token: object) -> None:
    """Nor answered."""
    assert not await room.press(token)
    assert room.told == []


async def test_another_entry_does_not_take_it(room: Room, tmp_path: Path) -> None:
    """It has its own secret; and even with the same one it is another entry."""
    token = room.token()
    store = await Store.open(tmp_path / "other.db")
    other = Room(store)
    await other.begin("two")
    assert not await other.press(token)
    await store.close()
    await room.begin("two")
    assert not await room.press(token)
    await room.begin("one")
    assert await room.press(token)


async def test_secrets_are_made_once_and_anew_if_they_are_spoilt(room: Room) -> None:
    """A restart keeps them; what can't be read is replaced, and older buttons are over."""
    token, address = room.token(), room.buttons.webhook_id
    await room.begin()
    assert (room.buttons.webhook_id, len(address)) == (address, 64)
    assert room.buttons.read(token) is not None
    for spoilt in ("x", {"secret": "zz", "webhook_id": address}, {"secret": "ab"}, [1]):
        await room.store.kv.put("buttons", spoilt)
        await room.begin()
        assert room.buttons.read(token) is None
        assert room.buttons.read(room.token()) is not None


async def test_nothing_is_read_before_the_secret_is(room: Room) -> None:
    """Not even what an empty secret has signed."""
    early = Buttons(room.store, "one", lambda: NOW)
    assert early.read(early.token(Button(Verb.KEEP, NAME, None, NOW + DAY), "phone")) is None


async def test_what_was_pressed_is_forgotten_when_it_is_over(room: Room) -> None:
    """Else the book would grow for ever."""
    for number in range(3):
        room.now = NOW + number * 30 * DAY
        await room.press(room.token(until=room.now + DAY))
    kept = await room.store.kv.get("buttons_pressed")
    assert isinstance(kept, dict)
    assert len(kept) == 1


def test_a_notice_offers_all_three() -> None:
    """In the order in which they are shown."""
    verbs = [one.verb for one in offered(NAME, None, NOW)]
    assert verbs == [Verb.KEEP, Verb.POSTPONE, Verb.WHY]
