"""What people see of a torrent client: its sensors, how often it is asked, and when it is empty."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import Mock, patch

from aiohttp import web
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.clients.errors import Unauthorized, Unreachable
from custom_components.showrunner.coordinators.remembered import RememberedTorrents
from custom_components.showrunner.coordinators.requests import RequestTracker
from custom_components.showrunner.coordinators.torrents import (
    BUSY,
    IDLE,
    TorrentClient,
    TorrentCoordinator,
)
from custom_components.showrunner.diagnostics import async_get_config_entry_diagnostics
from custom_components.showrunner.domain.fall import FallMoved
from custom_components.showrunner.domain.growth import Growth
from custom_components.showrunner.domain.knowledge import Known, Unknown
from custom_components.showrunner.domain.torrent_details import Removal
from custom_components.showrunner.domain.torrent_trust import EMPTY_FOR
from custom_components.showrunner.domain.torrents import TorrentList, TorrentState
from custom_components.showrunner.domain.transfer.remote import Space
from custom_components.showrunner.jobs.delete_request.gather import DeletionFacts
from custom_components.showrunner.services.torrents import SENSORS, _free_there
from custom_components.showrunner.signals import Signals, Topic
from custom_components.showrunner.store import StoreError
from tests.clients.rtorrent import Server, row
from tests.domain.torrents import torrent
from tests.english import english
from tests.kept import Kept
from tests.walk.household import Household, entry_for, living, with_more
from world.servers import Servers

from .faces import state

GB = 10**9


@pytest.fixture
async def seedbox(socket_enabled: None) -> AsyncGenerator[tuple[Server, str]]:
    """Run an rTorrent with two torrents."""
    server = Server(
        row(size_bytes=6 * GB, bytes_done=6 * GB, free_diskspace=50 * GB, up__rate=2_000_000),
        row(
            hash="B" * 40,
            base_path="/dl/Other",
            size_bytes=8 * GB,
            bytes_done=2 * GB,
            complete=0,
            up__total=0,
            down__rate=5_000_000,
            free_diskspace=50 * GB,
        ),
    )
    app = web.Application()
    app.router.add_post("/RPC2", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield server, f"http://127.0.0.1:{runner.addresses[0][1]}/RPC2"
    await runner.cleanup()


@pytest.fixture
async def house(
    hass: HomeAssistant,
    servers: Servers,
    seedbox: tuple[Server, str],
    hass_client_no_auth: ClientSessionGenerator,
) -> AsyncGenerator[Household]:
    """Give a household with a seedbox of 20 GB."""
    for component in ("webhook", "repairs", "system_health"):
        await async_setup_component(hass, component, {})
    url = seedbox[1]
    data: dict[str, Any] = {"url": url, "verify_ssl": True, "quota_gb": 20}
    linked = entry_for(servers)
    box = ConfigSubentryData(
        data=data, subentry_type="rtorrent", title="Seedbox", unique_id=f"rtorrent:{url}"
    )
    entry = with_more(linked, box)
    async with living(hass, servers, await hass_client_no_auth(), entry) as made:
        yield made


async def test_the_sensors_of_a_seedbox(house: Household, seedbox: tuple[Server, str]) -> None:
    """By the quota and the disk, whichever leaves less; unavailable while it is down."""
    shown = {
        key: state(house, key, "Seedbox").state
        for key in (
            *("used", "free", "total", "used_percent", "torrents", "seeding", "downloading"),
            *("paused", "queued", "checking", "moving", "errors"),
            *("upload_rate", "download_rate", "ratio", "connected"),
        )
    }
    assert shown == {
        "used": "8.0",
        "free": "12.0",
        "total": "20.0",
        "used_percent": "40.0",
        "torrents": "2",
        "seeding": "1",
        "downloading": "1",
        "paused": "0",
        "queued": "0",
        "checking": "0",
        "moving": "0",
        "errors": "0",
        "upload_rate": "2.0",
        "download_rate": "5.0",
        "ratio": shown["ratio"],
        "connected": "on",
    }
    assert float(shown["ratio"]) == pytest.approx(1530 / (8 * GB))
    coordinator = next(iter(house.runtime.torrents.values()))
    assert coordinator.update_interval == BUSY
    asked = len(seedbox[0].asked)
    await coordinator.async_refresh()
    assert len(seedbox[0].asked) == asked + 1
    found = await async_get_config_entry_diagnostics(house.hass, house.entry)
    assert found["torrent_clients"] == [
        {
            "version": "0.9.8",
            "torrents": {"seeding": 1, "downloading": 1},
            "free_space_known": True,
            "quota": True,
        }
    ]
    assert seedbox[1] not in str(found)
    seedbox[0].refused = {"d.hash=": "no"}
    await coordinator.async_refresh()
    await house.hass.async_block_till_done()
    assert state(house, "used", "Seedbox").state == "unavailable"
    assert state(house, "connected", "Seedbox").state == "off"
    assert state(house, "streams").state == "0"


class Client:
    """A client that says what the test wants."""

    url = "http://box"
    version = "1"
    removal = Removal.ENTRY_ONLY

    def __init__(self) -> None:
        self.says: TorrentList | Exception = TorrentList.of([torrent()])

    async def torrents(self) -> TorrentList:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


def tracker() -> RequestTracker:
    """Follow no requests: nothing is waited for."""
    return RequestTracker(Mock(), Signals(), matcher=lambda: False, now=dt_util.utcnow)


def coordinate(
    hass: HomeAssistant,
    client: TorrentClient,
    requests: RequestTracker | None = None,
    others: Sequence[TorrentCoordinator] = (),
    kept: Kept | None = None,
) -> TorrentCoordinator:
    """Look after it; `others` are linked too. `kept`: what outlives a restart."""
    box = ConfigSubentryData(data={}, subentry_type="rtorrent", title="Box", unique_id="box")
    entry = MockConfigEntry(domain="showrunner", subentries_data=[box])
    entry.add_to_hass(hass)
    [subentry_id] = entry.subentries
    ours = TorrentCoordinator(
        hass,
        entry,
        Signals(),
        client,
        requests or tracker(),
        service="rTorrent",
        subentry_id=subentry_id,
        title="Box",
        clients=lambda: (ours, *others),
        remembered=RememberedTorrents(kept or Kept(), "box"),
        max_drop=lambda: 50,
    )
    return ours


@pytest.mark.parametrize(
    ("says", "elsewhere", "free"), [(None, 7 * GB, 7 * GB), (None, None, None), (5, 7 * GB, 5)]
)
async def test_free_space_is_had_from_elsewhere_only_where_the_client_has_none(
    hass: HomeAssistant, says: int | None, elsewhere: int | None, free: int | None
) -> None:
    """An rTorrent whose torrents are all closed knows none, and that is not zero."""
    client = Client()
    client.says = TorrentList.of([torrent()], free_bytes=says)
    ours = coordinate(hass, client)
    ours._free_elsewhere = lambda: elsewhere
    await ours.async_refresh()
    assert ours.data.capacity.free == free


def test_only_a_transfer_of_the_same_host_knows_what_is_free() -> None:
    """One that is connected, and knows it itself."""

    def transfer(host: str, room: Space | None, *, connected: bool = True) -> Any:
        login = Mock(login=Mock(host=host))
        return Mock(client=login, connected=connected, data=Mock(remote=room))

    room = Space(3 * GB, 9 * GB)
    url = "https://box.example:8443/RPC2"
    assert _free_there([], url) is None
    assert _free_there([transfer("other.example", room)], url) is None
    assert _free_there([transfer("box.example", room, connected=False)], url) is None
    assert (
        _free_there([transfer("box.example", None), transfer("Box.Example", room)], url) == 3 * GB
    )
    assert _free_there([transfer("box.example", room)], "scgi:///run/rtorrent") is None
    assert _free_there([transfer("box.example", room)], "scgi://box.example:5000") == 3 * GB
    # This machine has many names.
    assert _free_there([transfer("localhost", room)], "http://127.0.0.1:8080") == 3 * GB
    assert _free_there([transfer("localhost", room)], "scgi:///run/rtorrent") == 3 * GB


async def test_an_empty_client_is_not_believed_at_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """What it had stays; a failure in between begins the wait anew."""
    client = Client()
    ours = coordinate(hass, client)
    await ours.async_refresh()
    assert len(ours.data) == 1
    client.says = TorrentList.of([])
    await ours.async_refresh()
    assert not ours.connected
    assert len(ours.data) == 1
    freezer.tick(EMPTY_FOR)
    client.says = Unreachable("rTorrent", "gone")
    await ours.async_refresh()
    client.says = TorrentList.of([])
    await ours.async_refresh()
    assert not ours.connected
    freezer.tick(EMPTY_FOR)
    await ours.async_refresh()
    assert ours.connected
    assert not hass.config_entries.flow.async_progress()
    assert len(ours.data) == 0


async def test_an_empty_client_is_not_believed_after_a_restart(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Nor after a reload: what it had is kept. A restart in between begins the wait anew."""
    client, kept = Client(), Kept()
    await coordinate(hass, client, kept=kept).async_refresh()
    client.says = TorrentList.of([])
    for _ in range(3):
        ours = coordinate(hass, client, kept=kept)
        await ours.async_refresh()
        assert not ours.connected
        freezer.tick(EMPTY_FOR)
    await ours.async_refresh()
    assert ours.connected
    again = coordinate(hass, client, kept=kept)
    await again.async_refresh()
    assert again.connected
    # One that cannot be remembered is not believed either.
    with patch.object(kept, "get", side_effect=StoreError("broken")):
        lost = coordinate(hass, client, kept=kept)
        await lost.async_refresh()
        assert not lost.connected


async def test_a_client_with_other_torrents_has_lost_its_own(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """As many as before, and others: it is shown, and no deletion believes it, until it lasts."""
    client = Client()
    ours = coordinate(hass, client)
    await ours.async_refresh()
    assert not ours.doubted
    client.says = TorrentList.of([replace(torrent(), hash="B" * 40)])
    await ours.async_refresh()
    assert ours.connected
    assert ours.doubted
    facts = DeletionFacts(Mock(), Mock(), {"box": ours})
    clients = await facts._clients()
    assert isinstance(clients, Unknown)
    assert "lost most of its torrents" in english(clients.reason)
    freezer.tick(EMPTY_FOR)
    assert isinstance(await facts._clients(), Known)


async def test_one_that_is_no_longer_told_is_remembered_until_a_second_look(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Its data may be in use still; what we removed ourselves is not among it."""
    client, kept = Client(), Kept()
    every = {f"{n:040X}": replace(torrent(), hash=f"{n:040X}") for n in range(1, 11)}
    gone, removed = f"{1:040X}", f"{2:040X}"
    client.says = TorrentList.of(every.values())
    ours = coordinate(hass, client, kept=kept)
    await ours.async_refresh()
    assert ours.vanished.torrents == {}
    client.says = TorrentList.of(one for key, one in every.items() if key not in (gone, removed))
    await ours.async_refresh()
    assert not ours.doubted
    assert ours.vanished.torrents == {gone: every[gone], removed: every[removed]}
    await ours.let_go(removed)
    assert ours.vanished.torrents.keys() == {gone}
    freezer.tick(EMPTY_FOR)
    await ours.async_refresh()
    assert ours.vanished.torrents == {}
    # What went while nobody looked is known by its hash.
    client.says = TorrentList.of([every[f"{n:040X}"] for n in range(4, 11)])
    again = coordinate(hass, client, kept=kept)
    await again.async_refresh()
    assert again.vanished.torrents == {f"{3:040X}": None}
    says, client.says = client.says, Unreachable("rTorrent", "down")
    freezer.tick(EMPTY_FOR)
    await again.async_refresh()
    client.says = says
    await again.async_refresh()
    assert again.vanished.torrents == {f"{3:040X}": None}


async def test_a_fall_that_a_person_confirms_is_believed_over_a_restart(
    hass: HomeAssistant,
) -> None:
    """An empty client is empty at once; nothing that goes missing afterwards is confirmed."""
    client, kept = Client(), Kept()
    client.says = TorrentList.of([replace(torrent(), hash=f"{n:040X}") for n in range(1, 11)])
    ours = coordinate(hass, client, kept=kept)
    texts: list[str] = []
    ours.signals.subscribe(Topic.FALL, lambda kind, _: texts.append(kind))
    await ours.async_refresh()
    assert ours.fall is None
    few = TorrentList.of([replace(torrent(), hash=f"{n:040X}") for n in range(1, 5)])
    client.says = few
    await ours.async_refresh()
    assert ours.fall is not None
    assert (ours.fall.had, ours.fall.lost) == ({"torrents": 10}, {"torrents": 6})
    mark = ours.fall.mark
    client.says = TorrentList.of([])
    await ours.async_refresh()
    with pytest.raises(FallMoved):
        await ours.accept_fall(mark)
    client.says = few
    await ours.async_refresh()
    await ours.accept_fall(mark)
    assert (ours.fall, ours.doubted, ours.connected) == (None, False, True)
    assert ours.vanished.torrents == {}
    assert texts == ["changed"] * 4
    again = coordinate(hass, client, kept=kept)
    await again.async_refresh()
    assert not again.doubted
    client.says = TorrentList.of([])
    await again.async_refresh()
    assert again.fall is not None
    assert again.fall.lost == {"torrents": 4}


async def test_how_fast_a_client_fills_is_known_over_a_restart(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """By what it held before as well; without it, an hour has to pass first."""
    client, kept = Client(), Kept()
    hour = timedelta(hours=1)
    for held in (GB, 2 * GB):
        client.says = TorrentList.of([replace(torrent(), done_bytes=held, size_bytes=held)])
        ours = coordinate(hass, client, kept=kept)
        await ours.async_refresh()
        freezer.tick(hour)
    assert ours.data.used_bytes == 2 * GB
    assert ours.growth.rate == pytest.approx(24 * GB, rel=1e-3)
    again = coordinate(hass, client, kept=kept)
    await again.async_refresh()
    assert len(again.growth.seen) == 3
    assert again.growth.rate == pytest.approx(12 * GB, rel=1e-3)
    fresh = coordinate(hass, client)
    await fresh.async_refresh()
    assert fresh.growth.rate is None


async def test_a_fall_that_is_doubted_is_nothing_that_comes_again(hass: HomeAssistant) -> None:
    """Else all that was there already would have come within the day."""
    client = Client()
    some = [replace(torrent(), hash=letter * 40) for letter in "ABCD"]
    client.says = TorrentList.of(some)
    ours = coordinate(hass, client)
    await ours.async_refresh()
    before = ours.growth
    with freeze_time(dt_util.utcnow() + timedelta(minutes=20)):
        client.says = TorrentList.of(some[:1])
        await ours.async_refresh()
        assert ours.doubted
        assert ours.growth is before


@pytest.mark.parametrize("fails", ["get", "put"])
async def test_a_store_that_fails_takes_no_reading_away(hass: HomeAssistant, fails: str) -> None:
    """How fast it fills is only not remembered then."""
    client, kept = Client(), Kept()
    real = getattr(kept, fails)

    async def broken(key: str, *more: object) -> object:
        if key.startswith("growth:"):
            raise StoreError("broken")
        return await real(key, *more)

    with patch.object(kept, fails, broken):
        ours = coordinate(hass, client, kept=kept)
        await ours.async_refresh()
    assert ours.connected
    assert len(ours.data) == 1


@pytest.mark.parametrize(
    "kept",
    ["x", [["x", 1], [1], None, {"a": 1}], [[-1, 5]], [[10**20, 5]], [[5, -5]]],
    ids=["a text", "other shapes", "before all", "beyond all", "less than nothing"],
)
async def test_what_is_kept_in_another_form_says_nothing_of_growth(kept: object) -> None:
    """Nor does it keep a client from being looked at."""
    values = Kept()
    await values.put("growth:box", kept)
    assert await RememberedTorrents(values, "box").recall_growth() == Growth()


async def test_whether_a_removed_torrent_is_gone_a_client_that_lost_the_rest_does_not_say(
    hass: HomeAssistant,
) -> None:
    """It is read back as gone when the others are there, also where it was the only one."""
    client = Client()
    some = [replace(torrent(), hash=letter * 40) for letter in "ABCD"]
    client.says = TorrentList.of(some)
    ours = coordinate(hass, client)
    await ours.async_refresh()
    assert ours.believes([one.hash for one in some[1:]], without="A" * 40)
    assert not ours.believes([one.hash for one in some[3:]], without="A" * 40)
    assert not ours.believes([], without="A" * 40)
    client.says = TorrentList.of(some[:1])
    alone = coordinate(hass, client)
    await alone.async_refresh()
    assert alone.believes([], without="A" * 40)


@pytest.mark.parametrize(
    ("key", "state"),
    [
        ("seeding", TorrentState.SEEDING),
        ("downloading", TorrentState.STALLED),
        ("paused", TorrentState.STOPPED),
        ("queued", TorrentState.QUEUED),
        ("checking", TorrentState.CHECKING),
        ("moving", TorrentState.MOVING),
        ("errors", TorrentState.ERROR),
    ],
)
def test_each_state_is_counted_by_a_sensor_of_its_own(key: str, state: TorrentState) -> None:
    """And by no other."""
    answer = TorrentList.of(replace(torrent(n), state=state) for n in (1, 2))
    counting = ("seeding", "downloading", "paused", "queued", "checking", "moving", "errors")
    shown = {one.key: one.value_fn(answer) for one in SENSORS if one.key in counting}
    assert shown == dict.fromkeys(counting, 0) | {key: 2}


async def test_what_was_removed_is_no_longer_shown_and_nobody_is_asked_for_that(
    hass: HomeAssistant,
) -> None:
    """Thousands of others would be told once more for each that goes."""
    client = Client()
    some = [replace(torrent(), hash=letter * 40) for letter in "ABCD"]
    client.says = TorrentList.of(some)
    ours = coordinate(hass, client)
    await ours.let_go("A" * 40)  # before anything is known
    await ours.async_refresh()
    shown: list[int] = []
    ours.async_add_listener(lambda: shown.append(len(ours.data)))
    client.says = AssertionError("asked")
    await ours.let_go("b" * 40)
    await ours.let_go("E" * 40)
    assert (ours.data.by_hash.keys(), shown) == ({"A" * 40, "C" * 40, "D" * 40}, [3])


async def test_an_answer_from_before_a_removal_does_not_bring_it_back(hass: HomeAssistant) -> None:
    """It would be missed by the next one, as if somebody else had taken it."""
    asked, goes_on = asyncio.Event(), asyncio.Event()

    class Slow(Client):
        async def torrents(self) -> TorrentList:
            answer = await super().torrents()
            asked.set()
            await goes_on.wait()
            return answer

    client = Slow()
    some = [replace(torrent(), hash=letter * 40) for letter in "ABCD"]
    client.says = TorrentList.of(some)
    ours = coordinate(hass, client)
    goes_on.set()
    await ours.async_refresh()
    goes_on.clear()
    asked.clear()
    looking = hass.async_create_task(ours.async_refresh())
    await asked.wait()
    await ours.let_go("B" * 40)
    goes_on.set()
    await looking
    assert ours.data.by_hash.keys() == {"A" * 40, "C" * 40, "D" * 40}
    client.says = TorrentList.of(one for one in some if one.hash != "B" * 40)
    await ours.async_refresh()
    assert ours.vanished.torrents == {}


async def test_it_is_asked_often_only_while_something_comes(hass: HomeAssistant) -> None:
    """Ten seconds, a minute; a stalled one keeps nobody awake."""
    client = Client()
    ours = coordinate(hass, client)
    for word, interval in (
        (TorrentState.SEEDING, IDLE),
        (TorrentState.DOWNLOADING, BUSY),
        (TorrentState.STALLED, IDLE),
        (TorrentState.METADATA, BUSY),
    ):
        client.says = TorrentList.of([replace(torrent(), state=word)])
        await ours.async_refresh()
        assert ours.update_interval == interval
    assert (timedelta(seconds=10), timedelta(seconds=60)) == (BUSY, IDLE)


async def test_a_refused_login_starts_its_own_reauthentication(hass: HomeAssistant) -> None:
    """And polling goes on."""
    client = Client()
    ours = coordinate(hass, client)
    client.says = Unauthorized("rTorrent", "refused")
    await ours.async_refresh()
    await ours.async_refresh()
    await hass.async_block_till_done()
    assert not ours.connected
    assert [flow["context"]["source"] for flow in hass.config_entries.flow.async_progress()] == [
        "reauth"
    ]
    client.says = TorrentList.of([])
    await ours.async_refresh()
    assert ours.connected


@pytest.mark.parametrize("busy", [False, True])
async def test_a_refused_login_is_not_repeated_until_somebody_is_banned(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, *, busy: bool
) -> None:
    """Tried once more, for it may have passed; then it rests, however often it was looked at."""
    client, tried = Client(), list[datetime]()
    ours = coordinate(hass, client)
    client.says = TorrentList.of(
        [replace(torrent(), state=TorrentState.DOWNLOADING)] if busy else []
    )
    await ours.async_refresh()
    ours.async_add_listener(lambda: None)
    now = dt_util.utcnow()

    async def refuse() -> TorrentList:
        tried.append(now)
        raise Unauthorized("rTorrent", "refused")

    monkeypatch.setattr(client, "torrents", refuse)
    await ours.async_refresh()
    for _ in range(9 * 12):
        now += timedelta(seconds=5)
        async_fire_time_changed(hass, now)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert len(tried) == 2
    now += timedelta(minutes=5)
    async_fire_time_changed(hass, now)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(tried) == 3
    await ours.async_shutdown()
