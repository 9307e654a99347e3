"""Requests with a real store: what a torrent client says of them, and when it is written."""

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.coordinators import requests as requests_module
from custom_components.showrunner.coordinators.remembered import RememberedTorrents
from custom_components.showrunner.coordinators.requests import RequestTracker
from custom_components.showrunner.coordinators.torrents import (
    BUSY,
    IDLE,
    TorrentClient,
    TorrentCoordinator,
)
from custom_components.showrunner.domain.media import MOVIE, ProviderIds
from custom_components.showrunner.domain.requests.facts import Event, EventKind, JellyfinPresence
from custom_components.showrunner.domain.requests.report import About, Report
from custom_components.showrunner.domain.requests.request import (
    Request,
    RequestState,
    StuckReason,
)
from custom_components.showrunner.domain.requests.state import RequestStatus
from custom_components.showrunner.domain.torrent_details import Removal
from custom_components.showrunner.domain.torrents import Torrent, TorrentList, TorrentState
from custom_components.showrunner.signals import Signals
from custom_components.showrunner.store import Store
from tests.domain.requests.samples import FILM
from tests.domain.torrents import torrent
from tests.kept import Kept

BEGUN = datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
WANTED = replace(FILM, requested_at=BEGUN)
HASH = "C" * 40


class Followed:
    """A tracker over a store on the disk, with one film that was grabbed."""

    def __init__(self, store: Store) -> None:
        """Follow nothing yet."""
        self.store = store
        self.tracker = self.fresh()

    def fresh(self) -> RequestTracker:
        """Make a tracker as it is after a start."""
        return RequestTracker(self.store, Signals(), matcher=lambda: False, now=dt_util.utcnow)

    async def grab(self) -> None:
        """Have the film asked for, approved and grabbed."""
        await self.tracker.asked([(WANTED, (Event(EventKind.APPROVED, BEGUN),))])
        grabbed = Event(EventKind.GRABBED, BEGUN, MOVIE, HASH)
        await self.tracker.ingest([Report(About(ref=WANTED.ref), (grabbed,))])

    @property
    def status(self) -> RequestStatus:
        """How it stands."""
        return self.tracker.views[WANTED.id].status

    async def after_a_kill(self) -> RequestStatus:
        """Say how it would stand if all that is not on the disk were lost now."""
        tracker = self.fresh()
        await tracker.load()
        return tracker.views[WANTED.id].status


@pytest.fixture
async def followed(tmp_path: Path, freezer: FrozenDateTimeFactory) -> AsyncGenerator[Followed]:
    """Begin an evening."""
    freezer.move_to(BEGUN + timedelta(minutes=1))
    store = await Store.open(tmp_path / "showrunner.db")
    made = Followed(store)
    await made.grab()
    yield made
    await store.close()


class Client:
    """A client that says what the test wants."""

    url = "http://box"
    version = "1"
    removal = Removal.WITH_DATA

    def __init__(self, *torrents: Torrent) -> None:
        self.says: TorrentList | Exception = TorrentList.of(torrents)

    async def torrents(self) -> TorrentList:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    async def remove(self, info_hash: str, *, data: bool) -> None:
        """Nothing is removed here."""
        raise AssertionError(info_hash)


def coordinate(
    hass: HomeAssistant,
    client: TorrentClient,
    tracker: RequestTracker,
    others: Sequence[TorrentCoordinator] = (),
) -> TorrentCoordinator:
    """Look after a client; `others` are linked too."""
    box = ConfigSubentryData(data={}, subentry_type="rtorrent", title="Box", unique_id="box")
    entry = MockConfigEntry(domain="showrunner", subentries_data=[box])
    entry.add_to_hass(hass)
    [subentry_id] = entry.subentries
    ours = TorrentCoordinator(
        hass,
        entry,
        Signals(),
        client,
        tracker,
        service="rTorrent",
        subentry_id=subentry_id,
        title="Box",
        clients=lambda: (ours, *others),
        remembered=RememberedTorrents(Kept(), "box"),
        max_drop=lambda: 50,
    )
    return ours


def at(progress: float, **more: object) -> Torrent:
    """Make the awaited torrent, on its way."""
    values: dict[str, object] = {
        "hash": HASH,
        "progress": progress,
        "complete": False,
        "state": TorrentState.DOWNLOADING,
        "seeds": 12,
    }
    return torrent(1, **{**values, **more})


# -- what a client says --------------------------------------------------------------------------


async def test_a_client_tells_how_far_a_download_is(
    hass: HomeAssistant, followed: Followed, freezer: FrozenDateTimeFactory
) -> None:
    """Progress and time left; its own times; complete; and nothing of what nobody waits for."""
    added = BEGUN + timedelta(seconds=20)
    client = Client(torrent(7), at(40.0, eta=90, added_at=added))
    ours = coordinate(hass, client, followed.tracker)
    await ours.async_refresh()
    assert (followed.status.state, followed.status.progress) == (RequestState.DOWNLOADING, 40.0)
    assert followed.status.eta == 90
    assert ours.update_interval == BUSY
    started = followed.tracker.facts(WANTED.id).event(EventKind.STARTED, download=HASH)
    assert started is not None
    assert started.at == added
    freezer.tick(60)
    done = BEGUN + timedelta(seconds=80)
    client.says = TorrentList.of(
        [at(100.0, complete=True, completed_at=done, state=TorrentState.SEEDING)]
    )
    await ours.async_refresh()
    assert followed.status.state is RequestState.DOWNLOADED
    complete = followed.tracker.facts(WANTED.id).event(EventKind.COMPLETE, download=HASH)
    assert complete is not None
    assert complete.at == done
    assert ours.update_interval == IDLE
    await followed.tracker.ingest(
        [Report(About(ref=WANTED.ref), (JellyfinPresence(MOVIE, dt_util.utcnow(), seen=True),))]
    )
    assert followed.tracker.downloads == frozenset()


async def test_a_clock_that_is_ahead_dates_nothing(hass: HomeAssistant, followed: Followed) -> None:
    """A client that lives in the future has added and completed its torrents now."""
    later = BEGUN + timedelta(hours=2)
    client = Client(at(100.0, complete=True, added_at=later, completed_at=later))
    await coordinate(hass, client, followed.tracker).async_refresh()
    facts = followed.tracker.facts(WANTED.id)
    for kind in (EventKind.STARTED, EventKind.COMPLETE):
        event = facts.event(kind, download=HASH)
        assert event is not None
        assert event.at == dt_util.utcnow()


async def test_what_is_grabbed_is_looked_for_soon(
    hass: HomeAssistant, followed: Followed, freezer: FrozenDateTimeFactory
) -> None:
    """Every ten seconds, until it is known to be stuck."""
    ours = coordinate(hass, Client(torrent(7)), followed.tracker)
    await ours.async_refresh()
    assert followed.status.state is RequestState.GRABBING
    assert ours.update_interval == BUSY
    freezer.tick(timedelta(hours=1))
    await followed.tracker.tick()
    assert followed.status.stuck is not None
    assert followed.status.stuck.reason is StuckReason.NO_TORRENT
    await ours.async_refresh()
    assert ours.update_interval == IDLE


async def test_what_is_first_heard_of_when_it_downloads_shows_its_progress_at_once(
    hass: HomeAssistant, followed: Followed, freezer: FrozenDateTimeFactory
) -> None:
    """Nobody saw that it was grabbed; a client that rests for a minute is asked all the same."""
    client = Client(torrent(7))
    ours = coordinate(hass, client, followed.tracker)
    freezer.tick(timedelta(hours=1))
    await followed.tracker.tick()
    await ours.async_refresh()
    assert ours.update_interval == IDLE
    client.says = TorrentList.of([at(30.0, hash="D" * 40)])
    second = replace(WANTED, id="seerr:one:2", ref="seerr:one:2", requested_at=dt_util.utcnow())
    begun = Event(EventKind.STARTED, dt_util.utcnow(), download="D" * 40)
    grabbed = Event(EventKind.GRABBED, dt_util.utcnow(), MOVIE, "D" * 40)
    await followed.tracker.asked([(second, (Event(EventKind.APPROVED, dt_util.utcnow()),))])
    await followed.tracker.ingest([Report(About(ref=second.ref), (grabbed, begun))])
    await hass.async_block_till_done(wait_background_tasks=True)
    status = followed.tracker.views[second.id].status
    assert (status.state, status.progress) == (RequestState.DOWNLOADING, 30.0)
    assert ours.update_interval == BUSY
    await ours.async_shutdown()


async def test_missing_is_only_what_was_here(
    hass: HomeAssistant, followed: Followed, freezer: FrozenDateTimeFactory
) -> None:
    """A client that is down or suddenly empty says nothing; one that lost it does, and lasts."""
    client = Client(torrent(7))
    ours = coordinate(hass, client, followed.tracker)
    await ours.async_refresh()
    assert not ours.has(HASH)
    client.says = TorrentList.of([torrent(7), at(40.0)])
    await ours.async_refresh()
    before = followed.tracker.facts(WANTED.id)
    for silence in (Unreachable("rTorrent", "gone"), TorrentList.of([])):
        client.says = silence
        await ours.async_refresh()
        assert followed.tracker.facts(WANTED.id) is before
    client.says = TorrentList.of([torrent(7)])
    await ours.async_refresh()
    freezer.tick(timedelta(minutes=20))
    await ours.async_refresh()
    assert followed.status.state is RequestState.DOWNLOADING
    assert followed.status.stuck is not None
    assert followed.status.stuck.reason is StuckReason.VANISHED
    client.says = TorrentList.of([torrent(7), at(60.0)])
    freezer.tick(10)
    await ours.async_refresh()
    assert followed.status.stuck is None


async def test_of_two_clients_only_the_one_that_had_it_misses_it(
    hass: HomeAssistant, followed: Followed, freezer: FrozenDateTimeFactory
) -> None:
    """And not when the other one has it now."""
    first, second = Client(torrent(7), at(40.0)), Client(torrent(8))
    others: list[TorrentCoordinator] = []
    box = coordinate(hass, first, followed.tracker, others)
    shelf = coordinate(hass, second, followed.tracker, [box])
    others.append(shelf)
    for one in (box, shelf, box, shelf):
        await one.async_refresh()
        freezer.tick(timedelta(minutes=20))
    assert followed.status.stuck is None
    assert followed.status.progress == 40.0
    second.says = TorrentList.of([torrent(8), at(55.0)])
    first.says = TorrentList.of([torrent(7)])
    await shelf.async_refresh()
    await box.async_refresh()
    assert followed.status.progress == 55.0
    second.says = TorrentList.of([torrent(8)])
    for _ in range(2):
        await shelf.async_refresh()
        freezer.tick(timedelta(minutes=20))
    await followed.tracker.tick()
    assert followed.status.stuck is not None
    assert followed.status.stuck.reason is StuckReason.VANISHED


async def test_what_was_here_before_the_start_can_be_missing(
    hass: HomeAssistant, followed: Followed, freezer: FrozenDateTimeFactory
) -> None:
    """A client that is empty right after our start is not asked to be believed."""
    await coordinate(hass, Client(at(40.0)), followed.tracker).async_refresh()
    await followed.tracker.save()
    followed.tracker = followed.fresh()
    await followed.tracker.load()
    client = Client()
    ours = coordinate(hass, client, followed.tracker)
    before = followed.tracker.facts(WANTED.id)
    await ours.async_refresh()
    assert followed.tracker.facts(WANTED.id) is before
    client.says = TorrentList.of([torrent(7)])
    for _ in range(2):
        await ours.async_refresh()
        freezer.tick(timedelta(minutes=20))
    await followed.tracker.tick()
    assert followed.status.stuck is not None
    assert followed.status.stuck.reason is StuckReason.VANISHED


# -- when it is written --------------------------------------------------------------------------


async def test_progress_is_written_in_rounds_and_everything_else_at_once(
    hass: HomeAssistant, followed: Followed, freezer: FrozenDateTimeFactory
) -> None:
    """Killed at any moment, only progress is lost."""
    client = Client(at(10.0))
    ours = coordinate(hass, client, followed.tracker)
    await ours.async_refresh()
    assert (await followed.after_a_kill()).progress == 10.0
    for progress in (20.0, 30.0):
        freezer.tick(10)
        client.says = TorrentList.of([at(progress)])
        await ours.async_refresh()
        killed = await followed.after_a_kill()
        assert (killed.state, killed.progress) == (RequestState.DOWNLOADING, 10.0)
    assert followed.status.progress == 30.0
    await followed.tracker.save()
    assert await followed.after_a_kill() == followed.status
    freezer.tick(10)
    client.says = TorrentList.of([at(100.0, complete=True, state=TorrentState.SEEDING)])
    await ours.async_refresh()
    assert await followed.after_a_kill() == followed.status
    assert followed.status.state is RequestState.DOWNLOADED


async def test_a_title_asked_for_again_after_its_deletion_begins_anew(
    hass: HomeAssistant, followed: Followed, freezer: FrozenDateTimeFactory
) -> None:
    """What the arr's history still tells of the first time is not this request's."""
    imported = Event(EventKind.IMPORTED, BEGUN, MOVIE, HASH)
    about, tracker = About(WANTED.title.media, WANTED.ids), followed.tracker
    await tracker.ingest([Report(about, (imported, JellyfinPresence(MOVIE, BEGUN, seen=True)))])
    deleted = Event(EventKind.DELETED, BEGUN + timedelta(minutes=1), MOVIE, "file:9")
    await tracker.ingest([Report(about, (deleted,))])
    for minutes in (2, 3):
        gone = JellyfinPresence(MOVIE, BEGUN + timedelta(minutes=minutes), seen=False)
        await tracker.ingest([Report(about, (gone,))])
    assert tracker.find(WANTED.ref) is None
    freezer.move_to(BEGUN + timedelta(minutes=9))
    again = replace(WANTED, id="seerr:x:9", ref="seerr:x:9", requested_at=dt_util.utcnow())
    approved = Event(EventKind.APPROVED, dt_util.utcnow())
    await tracker.asked([(again, (approved,)), (WANTED, (approved,))])
    await tracker.ingest([Report(about, (imported,))])
    assert set(tracker.views) == {"seerr:x:9"}
    assert tracker.views["seerr:x:9"].status.state is RequestState.APPROVED


async def test_trouble_that_becomes_stuck_is_on_the_disk(
    hass: HomeAssistant, followed: Followed, freezer: FrozenDateTimeFactory
) -> None:
    """So that nobody is told of it a second time after a restart."""
    client = Client(at(10.0), torrent(7))
    ours = coordinate(hass, client, followed.tracker)
    await ours.async_refresh()
    client.says = TorrentList.of([torrent(7)])
    for _ in range(2):
        await ours.async_refresh()
        killed = await followed.after_a_kill()
        assert killed.stuck == followed.status.stuck
        await followed.tracker.save()
        freezer.tick(timedelta(minutes=20))
    assert followed.status.stuck is not None
    assert followed.status.stuck.reason is StuckReason.VANISHED


async def test_what_is_read_again_and_again_is_not_written(
    hass: HomeAssistant, followed: Followed, freezer: FrozenDateTimeFactory
) -> None:
    """A torrent that stays as it is costs nothing."""
    client = Client(at(10.0, state=TorrentState.STALLED))
    ours = coordinate(hass, client, followed.tracker)
    await ours.async_refresh()
    [row] = await followed.store.requests.unclosed()
    freezer.tick(10)
    await ours.async_refresh()
    await followed.tracker.save()
    assert (await followed.store.requests.unclosed())[0].facts == row.facts
    assert followed.tracker.facts(WANTED.id) != row.facts


async def test_a_restart_does_not_make_what_stands_still_new(
    hass: HomeAssistant, followed: Followed, freezer: FrozenDateTimeFactory
) -> None:
    """A percentage that has been the same for days, with Home Assistant started in between."""
    for hour in range(12):
        await coordinate(hass, Client(at(63.2)), followed.tracker).async_refresh()
        await followed.tracker.save()
        if hour == 6:
            followed.tracker = followed.fresh()
            await followed.tracker.load()
        freezer.tick(timedelta(hours=1))
    assert followed.status.stuck is None
    freezer.tick(timedelta(minutes=5))
    await followed.tracker.tick()
    stuck = followed.status.stuck
    assert stuck is not None
    assert stuck.reason is StuckReason.NOT_MOVING
    assert stuck.since == BEGUN + timedelta(minutes=1)


# -- thousands of them ---------------------------------------------------------------------------


def film(number: int, at_: datetime = BEGUN) -> Request:
    """Make one of many films."""
    title = replace(WANTED.title, ids=ProviderIds(tmdb=number), name=f"Film {number}")
    name = f"seerr:many:{number}"
    return replace(WANTED, id=name, ref=name, title=title, requested_at=at_)


async def test_new_requests_are_kept_in_one_transaction(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is asked of the store is asked once for all of them."""
    kept = followed.store.requests
    counts: Counter[str] = Counter()
    for name in ("put", "get", "closings", "ended", "for_title"):
        monkeypatch.setattr(kept, name, counted(getattr(kept, name), name, counts))
    approved = Event(EventKind.APPROVED, BEGUN)
    await followed.tracker.asked([(film(number), (approved,)) for number in range(1, 100)])
    assert counts == {"put": 1, "closings": 1, "ended": 1}
    assert len(await kept.unclosed()) == 100


async def test_each_of_many_begins_after_its_own_title_was_over(
    followed: Followed, freezer: FrozenDateTimeFactory
) -> None:
    """By any id, and 4K apart."""
    tracker = followed.tracker
    await tracker.asked([(film(number), ()) for number in (1, 2)])
    for minute, number in ((2, 1), (3, 2)):
        freezer.move_to(BEGUN + timedelta(minutes=minute))
        await tracker.withdrawn(film(number).ref, dt_util.utcnow())
    fresh = [
        replace(film(number), id=f"seerr:many:1{number}", ref=f"seerr:many:1{number}")
        for number in (1, 2, 3)
    ]
    wide = replace(fresh[0], id="seerr:many:21", ref="seerr:many:21", is_4k=True)
    await tracker.asked([(one, ()) for one in (*fresh, wide)])
    floors = [tracker.views[one.id].request.floor for one in (*fresh, wide)]
    assert floors == [BEGUN + timedelta(minutes=2), BEGUN + timedelta(minutes=3), None, None]


async def test_hints_of_more_than_some_hundred_requests_make_room(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may send a webhook of everything that is waited for."""
    monkeypatch.setattr(requests_module, "MOST_HINTED", 3)
    tracker, approved = followed.tracker, Event(EventKind.APPROVED, BEGUN)
    many = [film(number) for number in range(1, 6)]
    await tracker.asked([(one, (approved,)) for one in many])
    for one in many:
        grabbed = Event(EventKind.GRABBED, dt_util.utcnow(), MOVIE, one.id.upper())
        await tracker.hint("radarr", [Report(About(ref=one.ref), (grabbed,))])
    assert tracker.hinted_by("radarr") == {one.id for one in many[2:]}
    states = [tracker.views[one.id].status.state for one in many]
    assert states == [RequestState.APPROVED] * 2 + [RequestState.GRABBING] * 3
    assert tracker.count(RequestState.GRABBING) == 4
    assert many[0].id.upper() not in tracker.downloads


async def test_the_time_is_looked_at_for_those_alone_that_it_changes(
    followed: Followed, freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are not derived again, until a service is linked that knows an anime first."""
    linked: list[str] = []
    tracker = RequestTracker(
        followed.store, Signals(), matcher=lambda: bool(linked), now=dt_util.utcnow
    )
    await tracker.load()
    await tracker.asked([(film(1, BEGUN), ()), (film(2, BEGUN - timedelta(hours=23)), ())])
    derived: list[str] = []
    whole = tracker._stands
    monkeypatch.setattr(
        tracker,
        "_stands",
        lambda request, facts: derived.append(request.id) or whole(request, facts),
    )
    freezer.tick(timedelta(minutes=3))
    await tracker.tick()
    derived.clear()
    freezer.tick(timedelta(minutes=3))
    await tracker.tick()
    assert derived == []
    freezer.tick(timedelta(hours=1))
    await tracker.tick()
    assert film(2).id in derived
    stuck = tracker.views[film(2).id].status.stuck
    assert stuck is not None
    assert stuck.reason is StuckReason.WAITING_FOR_APPROVAL
    derived.clear()
    linked.append("shoko")
    await tracker.tick()
    assert sorted(derived) == sorted([WANTED.id, film(1).id, film(2).id])


async def test_after_a_start_thousands_are_held_as_they_were(followed: Followed) -> None:
    """Read in parts, each part given away before the next; settled ones as a few bytes."""
    seen = (Event(EventKind.APPROVED, BEGUN), JellyfinPresence(MOVIE, BEGUN, seen=True))
    await followed.tracker.asked([(film(number), seen) for number in range(1, 450)])
    tracker = followed.fresh()
    await tracker.load()
    assert dict(tracker.views) == dict(followed.tracker.views)
    assert len(tracker.views) == 450
    assert [view.request.id for view in tracker.waiting] == [WANTED.id]
    assert not tracker.facts(film(1).id)
    assert len(await tracker.all_facts(film(1).id)) == 2
    assert tracker.came_last(2) == followed.tracker.came_last(2)


def counted[**P, T](
    whole: Callable[P, Awaitable[T]], name: str, counts: Counter[str]
) -> Callable[P, Awaitable[T]]:
    """Count the calls of a method."""

    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        counts[name] += 1
        return await whole(*args, **kwargs)

    return call
