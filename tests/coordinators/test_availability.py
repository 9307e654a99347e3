"""How thousands of requests are looked for: in the library as it was read, many at once."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.util import dt as dt_util
import pytest

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.coordinators import availability as looking
from custom_components.showrunner.coordinators.availability import Availability
from custom_components.showrunner.coordinators.request_index import Mark
from custom_components.showrunner.coordinators.requests import RequestTracker
from custom_components.showrunner.domain.knowledge import Knowledge
from custom_components.showrunner.domain.library import ItemKind, LibraryItem
from custom_components.showrunner.domain.media import MOVIE, MediaType, Place, ProviderIds, Title
from custom_components.showrunner.domain.paths import PathMap
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Inventory,
    JellyfinPresence,
)
from custom_components.showrunner.domain.requests.request import Closing, Request, RequestState
from custom_components.showrunner.domain.requests.seasons import TheseSeasons
from custom_components.showrunner.domain.requests.showing import File, Shown
from custom_components.showrunner.domain.sweep import ReadState
from custom_components.showrunner.signals import Signals
from custom_components.showrunner.store import RequestPage, Store

BEGUN = datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
SERVER = "5" * 32


@dataclass
class Jellyfin:
    """A server that is asked, with what it shows."""

    items: dict[str, LibraryItem] = field(default_factory=dict)
    new: list[LibraryItem] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    down: bool = False
    connected: bool = True
    server_id: str = SERVER

    @property
    def library(self) -> Jellyfin:
        """The library's client, which is this one."""
        return self

    async def newest(self, server_id: str, limit: int) -> tuple[LibraryItem, ...]:
        self._ask("newest")
        return tuple(self.new)

    async def named(
        self, server_id: str, kinds: object, name: str, limit: int
    ) -> tuple[LibraryItem, ...]:
        self._ask(f"named {name}")
        return ()

    async def episodes(self, server_id: str, item_id: str, limit: int) -> tuple[LibraryItem, ...]:
        self._ask("episodes")
        return ()

    async def shown(self, server_id: str, ids: Sequence[str]) -> tuple[Shown, ...]:
        self._ask("shown")
        assert len(ids) <= 100
        there = [self.items[one] for one in ids if one in self.items]
        return tuple(Shown(one, (File(f"/m/{one.item_id}.mkv", 1920),)) for one in there)

    async def has_movie(self, ids: ProviderIds, name: str) -> bool:
        self._ask("has_movie")
        return any(one.ids.tmdb == ids.tmdb for one in self.items.values())

    def _ask(self, what: str) -> None:
        if self.down:
            raise Unreachable("Jellyfin", "gone")
        self.asked.append(what)


async def nothing_more(ids: Sequence[str]) -> Mapping[str, Knowledge[LibraryItem]]:
    """Know of no series that an item does not name."""
    return {}


class House:
    """A tracker over a store on the disk, and a Jellyfin whose library was read."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.server = Jellyfin()
        self.tracker = RequestTracker(store, Signals(), matcher=lambda: False, now=dt_util.utcnow)
        self.looks = Availability(
            self.server,  # type: ignore[arg-type]
            store,
            self.tracker,
            lookup=nothing_more,
            path_map=lambda _: PathMap(),
        )

    async def read(self, *items: LibraryItem, sweep: int = 1) -> None:
        """Read the library, whole and healthy."""
        self.server.items |= {one.item_id: one for one in items}
        await self.store.library.take(items, sweep)
        at = dt_util.utcnow()
        await self.store.library.keep_state(
            ReadState(sweep=sweep, whole=sweep, taken=sweep, good_at=at)
        )

    def states(self) -> set[RequestState]:
        return {view.status.state for view in self.tracker.views.values()}


@pytest.fixture
async def house(tmp_path: Path, freezer: FrozenDateTimeFactory) -> AsyncGenerator[House]:
    """Begin an evening."""
    freezer.move_to(BEGUN)
    store = await Store.open(tmp_path / "showrunner.db")
    yield House(store)
    await store.close()


def film(number: int, **more: object) -> Request:
    """Make one of many films."""
    name = f"seerr:many:{number}"
    title = Title(MediaType.MOVIE, ProviderIds(tmdb=number), f"Film {number}", 2000)
    return replace(Request(name, name, title, BEGUN), **more)  # type: ignore[arg-type]


def shown(number: int) -> LibraryItem:
    """Make its item."""
    ids = ProviderIds(tmdb=number)
    return LibraryItem(SERVER, f"{number:032x}", ItemKind.MOVIE, f"Film {number}", ids, 2000)


def show(number: int) -> LibraryItem:
    """Make a series' item."""
    ids = ProviderIds(tvdb=number)
    return LibraryItem(SERVER, f"{number:032x}", ItemKind.SERIES, f"Show {number}", ids, 2000)


def episode(number: int, place: int) -> LibraryItem:
    """Make an episode's item."""
    return LibraryItem(
        SERVER,
        f"{number:016x}{place:016x}",
        ItemKind.EPISODE,
        f"Part {place}",
        series_item_id=f"{number:032x}",
        series_ids=ProviderIds(tvdb=number),
        season=1,
        episode=place,
    )


APPROVED = (Event(EventKind.APPROVED, BEGUN),)


async def test_what_the_library_knows_is_available_at_once(house: House) -> None:
    """Hundreds in a few rounds that follow each other, and none of them is searched for."""
    await house.tracker.asked([(film(number), APPROVED) for number in range(1, 351)])
    await house.read(*(shown(number) for number in range(1, 351)))
    waits = [await house.looks._turn() for _ in range(4)]
    assert house.states() == {RequestState.AVAILABLE}
    assert [wait.total_seconds() for wait in waits] == [1, 1, 1, 300]
    # The newest are not read at every round of these.
    assert house.server.asked.count("newest") == 1
    assert house.server.asked.count("shown") == 4
    assert not any(one.startswith("named") for one in house.server.asked)


async def test_episodes_are_looked_for_together(house: House) -> None:
    """Two series of which one is not there yet."""
    series = [
        Request(
            f"seerr:many:{number}",
            f"seerr:many:{number}",
            Title(MediaType.SERIES, ProviderIds(tvdb=number), f"Show {number}", 2000),
            BEGUN,
            TheseSeasons((1,)),
        )
        for number in (1, 2)
    ]
    facts = tuple(
        Inventory(Place(1, number), BEGUN, has_file=True, aired_at=BEGUN - timedelta(days=9))
        for number in (1, 2, 3)
    )
    await house.tracker.asked([(one, (*APPROVED, *facts)) for one in series])
    await house.read(show(1), show(2), *(episode(1, n) for n in (1, 2, 3)), episode(2, 1))
    await house.looks.look()
    one, two = (house.tracker.views[request.id].status for request in series)
    assert one.state is RequestState.AVAILABLE
    assert two.episodes == {RequestState.AVAILABLE: 1, RequestState.IMPORTING: 2}
    # Where some of it is missing its series is looked for by name.
    assert [one for one in house.server.asked if one.startswith("named")] == ["named Show 2"]


async def test_a_library_that_is_read_anew_is_asked_for_all_of_them_again(
    house: House, freezer: FrozenDateTimeFactory
) -> None:
    """What it did not know it may know now; until then it is asked once an hour."""
    await house.tracker.asked([(film(number), APPROVED) for number in range(1, 31)])
    await house.read()
    await house.looks.look()
    freezer.tick(60)
    await house.store.library.take([shown(number) for number in range(1, 31)], 2)
    house.server.items |= {shown(number).item_id: shown(number) for number in range(1, 31)}
    await house.looks.look()
    # Five by themselves, as ever.
    assert house.tracker.count(RequestState.AVAILABLE) == 5
    await house.read(sweep=2)
    await house.looks.look()
    assert house.states() == {RequestState.AVAILABLE}


async def test_what_could_not_be_asked_is_asked_again(house: House) -> None:
    """A Jellyfin that fails has said nothing; and it is not asked every second."""
    await house.tracker.asked([(film(number), APPROVED) for number in range(1, 151)])
    await house.read(*(shown(number) for number in range(1, 151)))
    house.server.down = True
    assert (await house.looks._turn()).total_seconds() >= 30
    assert house.tracker.count(RequestState.AVAILABLE) == 0
    house.server.down = False
    await house.looks._turn()
    await house.looks._turn()
    assert house.states() == {RequestState.AVAILABLE}


async def test_the_newest_are_held_against_those_alone_that_they_may_be_of(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands may wait; the facts of two are looked at."""
    await house.tracker.asked([(film(number), APPROVED) for number in range(1, 200)])
    await house.read()
    while house.looks._more or not house.looks._known:
        await house.looks.look()
    house.looks._looked |= {film(number).id: BEGUN for number in range(1, 200)}
    house.server.new = [shown(7), shown(8), shown(999)]
    house.server.items = {one.item_id: one for one in house.server.new}
    seen: list[str] = []
    whole = house.tracker.facts
    monkeypatch.setattr(
        house.tracker, "facts", lambda request_id: seen.append(request_id) or whole(request_id)
    )
    house.looks._newest_at = BEGUN - timedelta(minutes=1)
    await house.looks.look()
    assert house.tracker.count(RequestState.AVAILABLE) == 2
    assert set(seen) == {film(7).id, film(8).id}


async def test_an_anime_is_found_by_its_file_also_after_it_was_renamed(house: House) -> None:
    """Whatever kind of item Jellyfin makes of it; what waits no more is not waited for."""
    path = "/data/anime/Gardeners/Gardeners.mkv"
    anime = film(1, anime=True)
    here = Inventory(MOVIE, BEGUN, has_file=True, path="/data/anime/old.mkv")
    await house.tracker.asked([(anime, (*APPROVED, here)), (film(2), APPROVED)])
    house.tracker.add_listener(house.looks.changed)
    await house.looks.look()
    moved = replace(here, at=BEGUN + timedelta(minutes=1), path=path)
    await house.tracker.asked([(anime, (moved,))])
    files = house.looks._files
    assert list(files.of(path)) == [anime.id]
    assert list(files.of("/data/anime/old.mkv")) == []
    item = LibraryItem(SERVER, "a" * 32, ItemKind.EPISODE, "Gardeners", path=path)
    house.server.new, house.server.items = [item], {item.item_id: item}

    async def with_path(server_id: str, ids: Sequence[str]) -> tuple[Shown, ...]:
        return (Shown(item, (File(path, 1920),)),)

    house.server.shown = with_path  # type: ignore[method-assign]
    await house.looks.look()
    assert house.tracker.views[anime.id].status.state is RequestState.AVAILABLE
    assert list(files.of(path)) == []


async def test_imports_that_are_not_noticed_are_told_in_turn(
    house: House, freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that come after the first some; each once."""
    monkeypatch.setattr(looking, "_MOST_MISSED", 2)
    texts: list[str] = []

    async def tell(path: str) -> bool:
        texts.append(path)
        return True

    house.looks.tell = tell
    for number in range(1, 6):
        there = Inventory(MOVIE, BEGUN, has_file=True, path=f"/m/{number}.mkv")
        await house.tracker.asked([(film(number), (*APPROVED, there))])
    assert house.tracker.places.any_marked(Mark.NOT_SEEN)
    for _ in range(4):
        freezer.tick(timedelta(minutes=3))
        await house.looks.look()
    assert sorted(texts) == [f"/m/{number}.mkv" for number in range(1, 6)]


async def test_a_sweep_is_compared_with_all_requests_a_page_at_a_time(
    house: House, freezer: FrozenDateTimeFactory
) -> None:
    """Two readings that miss what was there close it; nobody else is touched."""
    seen = (*APPROVED, JellyfinPresence(MOVIE, BEGUN, seen=True))
    many = [film(number) for number in range(1, 121)]
    await house.tracker.asked([(one, seen) for one in many])
    await house.tracker.asked([(film(500), APPROVED)])
    there = [shown(number) for number in range(1, 121) if number not in (60, 119)]
    freezer.tick(timedelta(minutes=1))
    await house.read(*there)
    freezer.tick(timedelta(minutes=1))
    await house.looks.check_sweep()
    assert len(house.tracker.views) == 119
    for number in (60, 119):
        row = await house.store.requests.get(film(number).id)
        assert row is not None
        assert row.status is not None
        assert row.status.closed is Closing.DELETED
    assert house.server.asked == ["has_movie", "has_movie"]
    await house.looks.check_sweep()  # the same sweep says nothing twice
    assert house.server.asked == ["has_movie", "has_movie"]


async def test_a_sweep_says_something_once_over_restarts(
    house: House, freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start does not go through all requests again for what was compared before."""
    seen = (*APPROVED, JellyfinPresence(MOVIE, BEGUN, seen=True))
    await house.tracker.asked([(film(1), seen)])
    freezer.tick(timedelta(minutes=1))
    await house.read()
    freezer.tick(timedelta(minutes=1))
    house.server.down = True
    with pytest.raises(Unreachable):
        await house.looks.check_sweep()  # what it missed could not be looked for
    house.server.down = False
    await House(house.store).looks.check_sweep()
    pages: list[int] = []
    whole = house.store.requests.whole_after

    async def counted(last: int) -> RequestPage:
        pages.append(last)
        return await whole(last)

    monkeypatch.setattr(house.store.requests, "whole_after", counted)
    await House(house.store).looks.check_sweep()
    assert pages == []
    freezer.tick(timedelta(days=1))
    await house.read(shown(1), sweep=2)
    await House(house.store).looks.check_sweep()
    assert pages


def imported(number: int) -> Inventory:
    """Have its file where its arr says."""
    return Inventory(MOVIE, BEGUN, has_file=True, path=f"/m/{number:032x}.mkv")


def on_disk(number: int) -> LibraryItem:
    """Make its item, with that file."""
    return replace(shown(number), path=f"/m/{number:032x}.mkv")


async def test_what_the_sweep_met_as_the_arrs_file_is_there(
    house: House, freezer: FrozenDateTimeFactory
) -> None:
    """As of the sweep, and nobody is asked; of what was not, or came later, Jellyfin is."""
    for number in range(1, 5):
        await house.tracker.asked([(film(number), (*APPROVED, imported(number)))])
    freezer.tick(timedelta(minutes=5))
    swept = dt_util.utcnow()
    await house.read(on_disk(1), on_disk(2), shown(3))
    freezer.tick(timedelta(minutes=5))
    await house.store.library.take([on_disk(4)], 2)
    house.server.items[on_disk(4).item_id] = on_disk(4)
    asked: list[str] = []
    whole = house.server.shown

    async def counted(server_id: str, ids: Sequence[str]) -> tuple[Shown, ...]:
        asked.extend(ids)
        return await whole(server_id, ids)

    house.server.shown = counted  # type: ignore[method-assign]
    await house.looks.look()
    assert house.states() == {RequestState.AVAILABLE}
    assert {int(one, 16) for one in asked} == {3, 4}
    views = house.tracker.views
    when = {number: views[film(number).id].status.available_at for number in range(1, 5)}
    assert when == {1: swept, 2: swept, 3: dt_util.utcnow(), 4: dt_util.utcnow()}


@pytest.mark.parametrize("why", ["under way", "in doubt", "missed", "hinted", "deleted"])
async def test_a_sweep_that_may_not_be_so_any_more_is_not_believed(
    house: House, freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """Jellyfin is asked, and says that it is not there."""
    await house.tracker.asked([(film(1), (*APPROVED, imported(1)))])
    freezer.tick(timedelta(minutes=5))
    await house.read(on_disk(1))
    state = await house.store.library.state()
    freezer.tick(timedelta(minutes=5))
    if why == "under way":
        await house.store.library.keep_state(replace(state, sweep=2))
    elif why == "in doubt":
        await house.store.library.keep_state(state.failed(dt_util.utcnow(), "gone"))
    elif why == "missed":
        await house.read(sweep=2)
        await house.store.library._database.run(
            lambda one: (
                one.exec_driver_sql("UPDATE library_items SET missed = 2 WHERE rowid >= 0") and None
            )
        )
    elif why == "hinted":
        monkeypatch.setattr(house.tracker, "import_hinted", lambda _: True)
    else:
        gone = Event(EventKind.DELETED, dt_util.utcnow(), MOVIE, "file:1")
        back = replace(imported(1), at=dt_util.utcnow() + timedelta(seconds=1))
        await house.tracker.asked([(film(1), (gone, back))])
    house.server.items.clear()
    await house.looks.look()
    assert RequestState.AVAILABLE not in house.states()
    assert "shown" in house.server.asked
