"""The digest of a week: to the phones that want it, of titles that whoever hears may see."""

from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.domain.library import ItemKind, LibraryItem
from custom_components.showrunner.domain.library_access import EVERYTHING, NOTHING, VisibleItems
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.plan import Subject
from custom_components.showrunner.domain.requests.facts import Facts
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy
from custom_components.showrunner.domain.schedule import Schedule
from custom_components.showrunner.jobs.digest.job import DigestJob
from custom_components.showrunner.jobs.messages import Event, Message
from custom_components.showrunner.jobs.wordings import message_of
from custom_components.showrunner.options import NotificationOptions, Options
from custom_components.showrunner.signals import Attributes, Signals, Topic
from custom_components.showrunner.store import LedgerState, Store
from custom_components.showrunner.store.requests import RequestRow
from tests.domain.plans import step
from tests.domain.samples import FILM, UNIT
from tests.english import english, german
from tests.store.viewings import WHOLE

DAY = timedelta(days=1)


@dataclass
class Room:
    """A digest, its phones, and what they were told."""

    store: Store
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    audiences: tuple[str, ...] = ("",)
    options: Options = field(default_factory=Options)
    visibility: dict[str, VisibleItems] = field(default_factory=dict)
    told: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen."""
        signals = Signals()
        signals.subscribe(Topic.DIGEST, self._take)
        self.job = DigestJob(
            self.store,
            signals,
            self,
            options=lambda: self.options,
            audiences=lambda: self.audiences,
            now=lambda: self.now,
        )

    async def of(self, user_id: str, ids: Collection[str]) -> VisibleItems:
        """Say what a viewer sees."""
        return self.visibility.get(user_id, NOTHING)

    def _take(self, kind: str, attributes: Attributes) -> None:
        message = message_of(Topic.DIGEST, kind, attributes)
        assert message is not None
        assert message.event is Event.DIGEST
        self.told.append(message)

    def lines(self, audience: str = "") -> list[str]:
        """Give what the phones of somebody were told last."""
        [mine] = [one for one in self.told if one.audience == audience][-1:]
        return mine.put(english).text.splitlines()

    async def watched(self, name: str, times: int, days: float = 1) -> None:
        """Have a film have been watched so often, each time by another one."""
        unit = replace(UNIT, name=name, ids=ProviderIds(tmdb=len(name)), item_id=name[0] * 32)
        at = self.now - days * DAY
        for number in range(times):
            one = replace(
                WHOLE,
                viewer_id=f"{number:032x}",
                unit=unit,
                day=at.date(),
                started_at=at - DAY / 12,
                ended_at=at,
            )
            await self.store.viewings.save(one)

    async def deleted(self, number: int) -> None:
        """Have a film deleted, in two steps."""
        title = replace(FILM, ids=ProviderIds(tmdb=number))
        mine = step(number, subject=Subject.of_title(title))
        for one in (mine, mine):
            row = await self.store.ledger.begin("cleanup", f"p{number}", one, {})
            await self.store.ledger.finish(row, LedgerState.DONE, "gone", {"id": 1}, 10**9)

    async def asked(self, number: int, days: float) -> None:
        """Have somebody ask for a film."""
        title = replace(FILM, ids=ProviderIds(tmdb=number))
        request = Request(f"r{number}", f"seerr:x:{number}", title, self.now - days * DAY)
        status = state_of(request, Facts(), self.now, policy=StuckPolicy(), matcher=False)
        await self.store.requests.put([RequestRow(request, Facts(), status)])


@pytest.fixture
async def room(tmp_path: Path) -> AsyncGenerator[Room]:
    """Give an empty store."""
    store = await Store.open(tmp_path / "digest.db")
    yield Room(store)
    await store.close()


async def test_a_week_is_summed_up(room: Room) -> None:
    """What was fetched, deleted, freed, asked for and watched within it, and nothing older."""
    await room.watched("Bread", 3)
    await room.watched("Old Film", 5, days=8)
    await room.watched("Wine and", 1)
    for number in (1, 2):
        await room.deleted(number)
        await room.asked(number, days=number * 5)
    await room.store.ledger.note("download", None, FILM, "imported", "here")
    await room.store.ledger.note("download", None, FILM, "failed", "not here")
    await room.job.run()
    [message] = room.told
    assert message.put(english).title == "Your week in Showrunner"
    assert room.lines() == [
        "1 film fetched",
        "2 titles deleted, or parts of them",
        "4.0 GB freed",
        "1 request",
        "Watched 3 times: Bread (2011)",
        "Watched once: Wine and (2011)",
    ]
    assert message.put(german).title == "Deine Woche in Showrunner"
    assert Message.from_dict(message.as_dict()) == message


async def test_what_was_deleted_longer_ago_is_of_another_week(room: Room) -> None:
    """And what it has freed."""
    await room.deleted(1)
    await room.watched("Bread", 1, days=-7)
    room.now += 8 * DAY
    await room.job.run()
    assert room.lines() == ["Watched once: Bread (2011)"]


async def test_a_week_without_anything_is_told_to_who_asks_alone(room: Room) -> None:
    """Nobody's phone rings for nothing by itself."""
    await room.job.run()
    assert room.told == []
    [said] = await room.job.send()
    assert english(said) == "Nothing happened"
    assert room.lines() == ["Nothing happened"]


async def test_a_viewers_phone_names_only_what_they_may_see(room: Room) -> None:
    """Numbers are of all; who administers hears all; and while nobody knows, no title is named."""
    await room.watched("Bread", 1)
    await room.watched("Poison", 2)
    await room.deleted(1)
    bread = LibraryItem("s", "B" * 32, ItemKind.MOVIE, "Bread")
    room.audiences = ("", "admin", "child", "stranger")
    room.visibility = {"admin": EVERYTHING, "child": VisibleItems(items={"B" * 32: bread})}
    said = [english(one) for one in await room.job.send()]
    numbers = ["1 title deleted, or a part of it", "2.0 GB freed"]
    everything = [*numbers, "Watched twice: Poison (2011)", "Watched once: Bread (2011)"]
    assert said == room.lines() == room.lines("admin") == everything
    assert room.lines("child") == [*numbers, "Watched once: Bread (2011)"]
    assert room.lines("stranger") == numbers


async def test_where_history_is_for_administrators_no_other_viewer_hears_what_was_watched(
    room: Room,
) -> None:
    """Though they may see the film."""
    await room.watched("Bread", 1)
    bread = LibraryItem("s", "B" * 32, ItemKind.MOVIE, "Bread")
    room.options = Options(history_admins_only=True)
    room.audiences = ("admin", "child")
    room.visibility = {"admin": EVERYTHING, "child": VisibleItems(items={"B" * 32: bread})}
    await room.job.run()
    assert room.lines("admin") == ["Watched once: Bread (2011)"]
    assert room.lines("child") == ["Nothing happened"]


async def test_few_are_named(room: Room) -> None:
    """The most watched."""
    for number in range(1, 8):
        await room.watched(chr(64 + number) * number, number)
    await room.job.run()
    assert [line.partition(" times")[0] for line in room.lines()] == [
        f"Watched {number}" for number in (7, 6, 5, 4, 3)
    ]


async def test_it_is_told_on_sunday_evening_unless_nobody_wants_it(room: Room) -> None:
    """Or when the options say."""
    assert room.job.schedule == Schedule(at=time(18), weekdays=frozenset({6}))
    chosen = {"digest_day": "mon", "digest_at": "07:30:00"}
    room.options = Options(notifications=NotificationOptions.from_mapping(chosen))
    assert room.job.schedule == Schedule(at=time(7, 30), weekdays=frozenset({0}))
    room.audiences = ()
    assert room.job.schedule is None


@pytest.mark.parametrize("day", ["someday", 3, None, ["sun"]])
def test_a_day_that_is_none_is_sunday(day: object) -> None:
    """And a time that is none six in the evening."""
    read = NotificationOptions.from_mapping({"digest_day": day, "digest_at": "late"})
    assert (read.digest_day, read.digest_at) == (6, time(18))
