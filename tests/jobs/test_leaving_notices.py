"""What leaves is told some days ahead: once a day, each thing once, and never in the night."""

from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util
import pytest

from custom_components.showrunner.domain.library import ItemKind, LibraryItem
from custom_components.showrunner.domain.library_access import EVERYTHING, NOTHING, VisibleItems
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.jobs.cleanup.due import LEAVING, Leaving
from custom_components.showrunner.jobs.cleanup.notices import LeavingNotices
from custom_components.showrunner.jobs.messages import Event, Message
from custom_components.showrunner.jobs.wordings import message_of
from custom_components.showrunner.options import NotificationOptions
from custom_components.showrunner.signals import Attributes, Signals, Topic
from custom_components.showrunner.store import Store
from tests.english import english, german

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FILM = Title(MediaType.MOVIE, ProviderIds(tmdb=603, imdb="tt0133093"), "The Lantern Keeper", 2011)
SHOW = Title(MediaType.SERIES, ProviderIds(tvdb=81189), "The Ministry of Rain", 2019)


def due(title: Title = FILM, season: int | None = None, at: datetime = NOW) -> Leaving:
    """Say that something is due."""
    return Leaving(title, season, at, 12_300_000_000)


@dataclass
class Job:
    """A cleanup that deletes at a quarter past three, by itself or not."""

    leaving: tuple[Leaving, ...] | None = None
    by_itself: bool = True

    @property
    def next_deletion(self) -> datetime | None:
        """Say when the first leaves."""
        return self.leaves_at(self.leaving[0]) if self.leaving and self.by_itself else None

    def leaves_at(self, one: Leaving) -> datetime:
        """Say when it leaves."""
        return (one.at + DAY).replace(hour=3, minute=15)


@dataclass
class Room:
    """The notices, a clock, the options, and what was told."""

    store: Store
    job: Job = field(default_factory=Job)
    now: datetime = NOW
    options: NotificationOptions = field(default_factory=NotificationOptions)
    audiences: tuple[str, ...] = ("",)
    # What each viewer sees; nothing of whom nobody knows.
    visibility: dict[str, VisibleItems] = field(default_factory=dict)
    asked: list[frozenset[str]] = field(default_factory=list)
    told: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen."""
        self.begin()

    def begin(self) -> None:
        """Start, as after a restart."""
        signals = Signals()
        signals.subscribe(Topic.LEAVING, self._take)
        self.notices = LeavingNotices(
            self.store,
            signals,
            self.job,
            options=lambda: self.options,
            audiences=lambda: self.audiences,
            visibility=self,
            now=lambda: self.now,
            zone=lambda: ZoneInfo("Europe/Berlin"),
        )

    async def of(self, user_id: str, ids: Collection[str]) -> VisibleItems:
        """Say what a viewer sees."""
        self.asked.append(frozenset(ids))
        return self.visibility.get(user_id, NOTHING)

    def _take(self, kind: str, attributes: Attributes) -> None:
        message = message_of(Topic.LEAVING, kind, attributes)
        assert message is not None
        self.told.append(message)

    async def look(self, *leaving: Leaving) -> int:
        """Look, with this due; say how many messages that made."""
        self.job.leaving = leaving or self.job.leaving
        before = len(self.told)
        await self.notices.look()
        return len(self.told) - before


@pytest.fixture
async def room(tmp_path: Path) -> AsyncGenerator[Room]:
    """Give an empty store, and noon."""
    store = await Store.open(tmp_path / "notices.db")
    yield Room(store)
    await store.close()


async def test_what_leaves_is_told_some_days_ahead(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it is, on which day, and what that frees; not what leaves later."""
    monkeypatch.setattr(dt_util, "DEFAULT_TIME_ZONE", UTC)
    assert await room.look(due(at=NOW + 3 * DAY)) == 0
    room.now += 2 * DAY
    assert await room.look() == 1
    spoken = room.told[0].put(english)
    assert spoken.event is Event.LEAVING
    assert spoken.title == "Leaves soon: The Lantern Keeper (2011)"
    assert spoken.text == "It is deleted on 2026-06-14, which frees 12.3 GB."
    spoken = room.told[0].put(german)
    assert spoken.title == "Geht bald: The Lantern Keeper (2011)"
    assert spoken.text == "Wird am 14.06.2026 gelöscht, das macht 12,3 GB frei."
    assert Message.from_dict(room.told[0].as_dict()) == room.told[0]


async def test_many_are_one_message_the_first_first(room: Room) -> None:
    """One that lists them, with as many as a message takes."""
    leaving = [due(SHOW, number, NOW + number * HOUR / 10) for number in range(14, -1, -1)]
    assert await room.look(*leaving) == 1
    spoken = room.told[0].put(english)
    assert spoken.title == "15 titles leave soon"
    lines = spoken.text.splitlines()
    assert lines[0].endswith("The Ministry of Rain (2019), season 0")
    assert (len(lines), lines[-1]) == (11, "… and 5 more")


async def test_each_is_told_once_for_its_day_also_after_a_restart(room: Room) -> None:
    """Put off to another run is the same day; a new grace is another one."""
    assert await room.look(due()) == 1
    room.begin()
    for _ in range(5):
        assert await room.look() == 0
        room.now += DAY
    other = replace(FILM, ids=ProviderIds(imdb="tt0133093"))
    assert await room.look(due(other)) == 0
    assert await room.look(due(other, at=room.now)) == 1


async def test_there_is_one_message_a_day(room: Room) -> None:
    """What is found after it is told on the next day: a day of Home Assistant's zone."""
    assert await room.look(due()) == 1
    assert await room.look(due(), due(SHOW, 1, NOW + DAY)) == 0
    room.begin()
    room.now = NOW.replace(hour=21, minute=30)
    room.options = NotificationOptions(time(3), time(4))
    assert await room.look() == 0
    room.now += HOUR
    assert await room.look() == 1
    assert "season 1" in room.told[-1].put(english).title


async def test_what_would_be_gone_before_the_next_message_is_told_at_once(room: Room) -> None:
    """Once; and what leaves after the next message could be told waits for it."""
    assert await room.look(due(at=NOW + DAY)) == 1
    # The next message is told from nine o'clock on; this is deleted at a quarter past five.
    for one in (1, 0):
        assert await room.look(due(at=NOW + DAY), due(SHOW, 1), due(SHOW, 2, NOW + DAY)) == one
    assert "season 1" in room.told[-1].put(english).title
    room.options = NotificationOptions(time(3), time(5))
    assert await room.look(due(SHOW, 3)) == 0


async def test_what_is_one_thing_to_people_is_told_once(room: Room) -> None:
    """Two copies of a film, and the specials of a series: the first day, and the size of all."""
    twin = replace(FILM, ids=ProviderIds(tmdb=603))
    copies = due(FILM, at=NOW + HOUR), due(twin)
    specials = [due(SHOW, 0, NOW - number * HOUR) for number in range(3)]
    leaving = [*copies, *specials, due(SHOW, 1)]
    assert await room.look(*leaving) == 1
    assert len(room.told[0].put(english).text.splitlines()) == 3
    assert await room.look() == 0
    await room.store.kv.put("leaving_told", {})
    assert await room.look(*copies) == 1
    assert "frees 24.6 GB" in room.told[-1].put(english).text


async def test_nothing_is_told_in_quiet_hours(room: Room) -> None:
    """Nor in the night, where a person has set none; it is told afterwards."""
    room.now = NOW.replace(hour=5)
    assert await room.look(due()) == 0
    room.options = NotificationOptions(time(12), time(18))
    room.now = NOW
    assert await room.look() == 0
    room.now = NOW.replace(hour=5)
    assert await room.look() == 1


@pytest.mark.parametrize("why", ["nobody listens", "not by itself", "nobody looked", "none"])
async def test_there_is_nothing_to_tell(room: Room, why: str) -> None:
    """And nothing counts as told: once it may be, it is."""
    match why:
        case "nobody listens":
            room.audiences = ()
        case "not by itself":
            room.job.by_itself = False
        case _:
            room.job.leaving = None if why == "nobody looked" else ()
    if why in ("nobody listens", "not by itself"):
        room.job.leaving = (due(),)
    assert await room.look() == 0
    room.audiences, room.job.by_itself = ("",), True
    assert await room.look(due()) == 1


@pytest.mark.parametrize("kept", ["no", {"day": 5, "told": "x"}, {"told": [None, 7, {"names": 1}]}])
async def test_what_is_kept_and_unreadable_was_never_told(room: Room, kept: object) -> None:
    """Rather told twice than never."""
    await room.store.kv.put("leaving_told", kept)
    assert await room.look(due()) == 1


# -- whose phone it is -----------------------------------------------------------------------------


def film_of(name: str) -> Leaving:
    """Say that a film is due that is one item."""
    title = replace(FILM, ids=ProviderIds(tmdb=len(name)), name=name)
    return replace(due(title), items=frozenset({name}))


def sees(*names: str) -> VisibleItems:
    """Have somebody see films."""
    return VisibleItems(items={one: LibraryItem("s", one, ItemKind.MOVIE, one) for one in names})


def told_of(room: Room, audience: str) -> list[str]:
    """Give what the phones of somebody were told, in words."""
    mine = [one.put(english) for one in room.told if one.audience == audience]
    return [f"{one.title} {one.text}" for one in mine]


async def test_a_viewers_phone_is_told_only_of_what_they_may_see(room: Room) -> None:
    """And the phones that are nobody's of all of it."""
    room.audiences = ("", "child", "admin")
    room.visibility = {"child": sees("Bread"), "admin": EVERYTHING}
    assert await room.look(film_of("Bread"), film_of("Poison")) == 3
    [child] = told_of(room, "child")
    assert "Bread" in child
    assert "Poison" not in child
    for audience in ("", "admin"):
        [everything] = told_of(room, audience)
        assert "Bread" in everything
        assert "Poison" in everything
    assert room.asked == [{"Bread", "Poison"}] * 2  # of nobody's phone nothing is asked
    assert all(one.audience in room.audiences for answer in room.told for one in answer.apart)


async def test_who_may_see_nothing_that_is_known_is_told_nothing_until_it_is_known(
    room: Room,
) -> None:
    """It does not count as told: as soon as it is known it is, on the same day and once."""
    room.audiences = ("child",)
    assert await room.look(film_of("Bread")) == 0
    assert await room.look() == 0
    room.visibility = {"child": sees("Bread")}
    assert await room.look() == 1
    room.begin()
    assert await room.look() == 0


async def test_what_a_viewer_was_told_is_remembered_for_them_alone(room: Room) -> None:
    """A phone that is linked later, of somebody else or nobody, hears of it, too."""
    room.audiences, room.visibility = ("child",), {"child": sees("Bread")}
    assert await room.look(film_of("Bread")) == 1
    room.audiences = ("", "child")
    assert await room.look() == 1
    assert len(told_of(room, "child")) == len(told_of(room, "")) == 1


async def test_a_season_is_seen_by_an_episode_of_a_series_that_is_seen(room: Room) -> None:
    """A series that is hidden hides its seasons, whatever is told of an episode."""
    room.audiences = ("child",)
    episode = LibraryItem("s", "e", ItemKind.EPISODE, "E", series_item_id="s")
    season = replace(due(SHOW, 1), items=frozenset({"e", "s"}))
    room.visibility = {"child": VisibleItems(items={"e": episode})}
    assert await room.look(season) == 0
    room.visibility = {
        "child": VisibleItems(items={"e": episode, "s": replace(episode, item_id="s")})
    }
    assert await room.look() == 1


async def test_it_looks_when_it_was_found_anew_what_leaves(room: Room) -> None:
    """Not only after a while."""
    import asyncio

    task = asyncio.create_task(room.notices.work())
    for _ in range(3):
        await asyncio.sleep(0.01)
    room.job.leaving = (due(),)
    room.store.tell(LEAVING)
    async with asyncio.timeout(60):
        while not room.told:
            assert not task.done()
            await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("stored", "days"), [({}, 2), ({"leaving_days": 7}, 7), ({"leaving_days": 0}, 2)]
)
def test_how_many_days_ahead_is_an_option(stored: Mapping[str, object], days: int) -> None:
    """What can't be right is the default."""
    assert NotificationOptions.from_mapping(stored).leaving_days == days
