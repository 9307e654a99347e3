"""The sessions' WebSocket in a real Home Assistant: lost, refused, silent, and back."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
import logging
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.clients.jellyfin import SessionsSnapshot
from custom_components.showrunner.clients.jellyfin_webhook import UserDataSaved
from custom_components.showrunner.coordinators import (
    jellyfin as jellyfin_coordinator,
    session_presence,
)
from custom_components.showrunner.coordinators.jellyfin import JellyfinCoordinator
from custom_components.showrunner.domain.streams import Codecs, PlayMethod, Stream, StreamMedia
from custom_components.showrunner.domain.watching import ReportSource, Viewing
from custom_components.showrunner.signals import Attributes, Topic
from world.catalogue import by_name
from world.jellyfin_socket import Sockets
from world.lies import Lie, LieKind
from world.servers import Servers

from .household import Household, entry_for, living, until

FILM = "Double Parking"  # no rule fetches it


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look and come back soon: the films last seconds."""
    monkeypatch.setattr(jellyfin_coordinator, "IDLE", timedelta(seconds=1))
    monkeypatch.setattr(jellyfin_coordinator, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(jellyfin_coordinator, "LONGEST_PAUSE", 0.4)
    monkeypatch.setattr(jellyfin_coordinator, "LONGEST", timedelta(seconds=1))
    monkeypatch.setattr(session_presence, "SETTLING", timedelta(seconds=4))


# Half a second before the end of a film that lasts five is more than a poll can promise.
EARLY = {"watching": {"completion": 60}}


async def opened(hass: HomeAssistant, clients: ClientSessionGenerator) -> Any:
    """Open Home Assistant's HTTP, after those who register there."""
    for component in ("webhook", "websocket_api"):
        await async_setup_component(hass, component, {})
    return await clients()


@pytest.fixture
async def household(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Give a household with all three sources."""
    client = await opened(hass, hass_client_no_auth)
    async with living(hass, servers, client, entry_for(servers, EARLY)) as house:
        yield house


@pytest.fixture
async def alone(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Give a household without Jellyfin's webhook: the socket and the poll are on their own."""
    client = await opened(hass, hass_client_no_auth)
    async with living(hass, servers, client, without_webhook(servers)) as house:
        yield house


def without_webhook(servers: Servers) -> MockConfigEntry:
    """Make an entry whose person wants no webhook."""
    entry = entry_for(servers, EARLY)
    return MockConfigEntry(
        domain=entry.domain,
        title=entry.title,
        unique_id=entry.unique_id,
        data={**entry.data, "add_webhook": False},
        options=entry.options,
        subentries_data=[sub.as_dict() for sub in entry.subentries.values()],
    )


def jellyfin(house: Household) -> JellyfinCoordinator:
    """Give the coordinator."""
    return house.runtime.jellyfin


def sockets(house: Household) -> Sockets:
    """Give the demo's sockets."""
    return house.servers.jellyfin_state.socket


async def pushing(house: Household) -> None:
    """Wait until the socket tells the sessions."""
    await until(lambda: jellyfin(house).pushing, what="a socket")


def polls(house: Household) -> int:
    """Count what was asked of `/Sessions`."""
    return len(house.servers.jellyfin.called("GET", "/Sessions"))


def told(house: Household) -> list[tuple[str, Attributes]]:
    """Collect what is told of playback from now on."""
    events: list[tuple[str, Attributes]] = []

    @callback
    def heard(kind: str, attributes: Attributes) -> None:
        events.append((kind, attributes))

    house.runtime.signals.subscribe(Topic.PLAYBACK, heard)
    return events


async def whole(events: list[tuple[str, Attributes]]) -> None:
    """Wait until a play's end is told; insist that all was told once."""
    await until(lambda: any(kind == "stopped" for kind, _ in events), what="a stop")
    assert [kind for kind, _ in events] == ["started", "completed", "stopped"]


async def history(house: Household) -> list[Viewing]:
    """Give all viewings."""
    return list(await house.runtime.store.viewings.history(limit=20))


async def finished(house: Household) -> Viewing:
    """Wait for one viewing that is over; insist that there is no other."""
    found: list[Viewing] = []

    async def over() -> bool:
        found[:] = await history(house)
        return bool(found) and found[0].finished

    await until(over, what="a finished viewing")
    assert len(found) == 1
    return found[0]


async def test_the_socket_alone_is_enough(alone: Household) -> None:
    """A whole film: one viewing, told once, while nobody polls every second."""
    await pushing(alone)
    events, asked = told(alone), polls(alone)
    await alone.watch("Sofa", FILM, 0.1, speed=1.2)
    viewing = await finished(alone)
    assert viewing.completed
    assert ReportSource.WEBSOCKET in viewing.sources
    await whole(events)
    # One, to hear once more that it has stopped.
    assert polls(alone) - asked <= 2
    assert jellyfin(alone).data.streams == ()


async def test_the_socket_is_cut_in_the_middle_of_a_film(
    household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """Polling takes over, the socket comes back, and it is one viewing."""
    caplog.set_level(logging.INFO)
    await pushing(household)
    caplog.clear()
    events = told(household)
    play = household.servers.play("Sofa", FILM, 0.1, speed=1.0)
    for cut in (1.5, 2.5, 3.5):
        await until(lambda at=cut: play.position() > at)  # type: ignore[misc]
        assert sockets(household).cut() == 1
        await pushing(household)
    assert play.done is not None
    await play.done
    assert (await finished(household)).completed
    await whole(events)
    assert sockets(household).opened == 4
    lost = [record for record in caplog.records if "polling instead" in record.message]
    back = [record for record in caplog.records if "tells what plays" in record.message]
    assert (len(lost), len(back)) == (3, 3)


async def test_polling_takes_over_while_the_socket_is_refused(alone: Household) -> None:
    """In the middle of a film, to its end; said once, however often it is tried."""
    await pushing(alone)
    events = told(alone)
    play = alone.servers.play("Sofa", FILM, 0.1, speed=1.0)
    await until(lambda: play.position() > 2)
    sockets(alone).refused = 403
    asked = polls(alone)
    sockets(alone).cut()
    assert play.done is not None
    await play.done
    viewing = await finished(alone)
    assert viewing.completed
    assert viewing.sources == {ReportSource.WEBSOCKET, ReportSource.POLL}
    await whole(events)
    assert polls(alone) - asked >= 3
    assert not jellyfin(alone).pushing
    sockets(alone).refused = 0
    await pushing(alone)


@pytest.mark.parametrize("status", [403, 404])
async def test_a_socket_that_is_refused_from_the_start(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    """Polling alone is enough, nobody is asked for a new key, and it is said once."""
    caplog.set_level(logging.INFO)
    client = await opened(hass, hass_client_no_auth)
    servers.jellyfin_state.socket.refused = status
    async with living(hass, servers, client, without_webhook(servers)) as house:
        tried = lambda: len(servers.jellyfin.called("GET", "/socket"))  # noqa: E731
        await until(lambda: tried() >= 4, what="four attempts")
        await house.watch("Sofa", FILM, 0.1, speed=1.0)
        viewing = await finished(house)
        assert viewing.completed
        assert viewing.sources == {ReportSource.POLL}
        flows = hass.config_entries.flow.async_progress()
        assert [flow for flow in flows if flow["context"]["source"] == SOURCE_REAUTH] == []
        said = [record for record in caplog.records if "polling instead" in record.message]
        assert len(said) == 1


async def test_a_server_that_answers_500_ends_nobodys_play(alone: Household) -> None:
    """Socket and poll fail for seconds in the middle of the film; it goes on as one."""
    await pushing(alone)
    events = told(alone)
    play = alone.servers.play("Sofa", FILM, 0.1, speed=0.8)
    await until(lambda: play.position() > 1.5)
    alone.servers.jellyfin.liar.tell(Lie(LieKind.ERROR))
    sockets(alone).cut()
    await until(lambda: not jellyfin(alone).last_update_success, what="a failure")
    await until(lambda: play.position() > 3.2)
    assert [kind for kind, _ in events] == ["started"]
    alone.servers.jellyfin.liar.be_honest()
    await pushing(alone)
    assert play.done is not None
    await play.done
    assert (await finished(alone)).completed
    await whole(events)


async def test_an_ill_server_with_a_living_socket_is_unavailable(alone: Household) -> None:
    """What is pushed counts; the server is not well because of it."""
    await pushing(alone)
    events = told(alone)
    play = alone.servers.play("Sofa", FILM, 0.1, speed=0.8)
    await until(lambda: len(jellyfin(alone).data.streams) == 1)
    alone.servers.jellyfin.liar.tell(Lie(LieKind.ERROR))
    jellyfin(alone)._asked_at = None  # the check is due
    await until(lambda: not jellyfin(alone).last_update_success, what="a failure")
    assert jellyfin(alone).pushing
    assert play.done is not None
    await play.done
    await until(lambda: any(kind == "completed" for kind, _ in events), what="a completion")
    await until(lambda: jellyfin(alone)._roll.doubtful, what="a push without it")
    # One push is not enough to end a play, and nobody can be asked.
    assert not jellyfin(alone).connected
    alone.servers.jellyfin.liar.be_honest()
    assert (await finished(alone)).completed
    assert jellyfin(alone).connected
    await whole(events)


async def test_a_restart_of_the_server_is_no_second_play(household: Household) -> None:
    """Down, up again, and the client reports in a session with another id."""
    await pushing(household)
    events = told(household)
    play = household.servers.play("Sofa", FILM, 0.1, speed=0.5)
    await until(lambda: play.position() > 2.6)
    before = play.session_id
    await household.servers.restart_jellyfin(away=0.8, silent=2.0)
    assert play.session_id != before
    await pushing(household)
    assert play.done is not None
    await play.done
    assert (await finished(household)).completed
    await whole(events)


async def test_a_half_dead_socket_is_noticed(alone: Household, monkeypatch: Any) -> None:
    """It is open and says nothing of a play: the poll tells it."""
    monkeypatch.setattr(jellyfin_coordinator, "QUIET", timedelta(seconds=0.5))
    monkeypatch.setattr(jellyfin_coordinator, "CHECK", timedelta(seconds=1))
    await pushing(alone)
    await jellyfin(alone).async_refresh()
    sockets(alone).mute = True
    await alone.watch("Sofa", FILM, 0.1, speed=1.0)
    viewing = await finished(alone)
    assert viewing.completed
    assert viewing.sources == {ReportSource.POLL}
    assert jellyfin(alone).pushing


async def test_an_answer_that_is_older_than_a_push_is_not_believed(alone: Household) -> None:
    """Asked before the play began, answered after it was pushed."""
    await pushing(alone)
    alone.servers.jellyfin.liar.tell(Lie(LieKind.SLOW, "/Sessions", times=1, seconds=1.0))
    jellyfin(alone)._asked_at = None  # the check is due
    asking = asyncio.ensure_future(jellyfin(alone).async_refresh())
    await until(lambda: not asking.done() and alone.servers.jellyfin.liar._lies[0][1][0] == 1)
    play = alone.servers.play("Sofa", FILM, 0.1, speed=0.5)
    await until(lambda: bool(jellyfin(alone)._roll.plays), what="a push")
    assert not asking.done()
    await asking
    assert len(jellyfin(alone).data.streams) == 1
    assert not jellyfin(alone)._roll.doubtful
    play.stop()
    await until(lambda: not jellyfin(alone).data.streams)


async def test_while_the_socket_tells_everything_nobody_asks(alone: Household) -> None:
    """Idle and during a play; the check is done all the same."""
    await pushing(alone)
    asked = polls(alone)
    play = alone.servers.play("Sofa", FILM, 0.1, speed=0.5)
    await until(lambda: len(jellyfin(alone).data.streams) == 1)
    await jellyfin(alone).async_refresh()
    await until(lambda: play.position() > 2)
    assert polls(alone) == asked
    jellyfin(alone)._asked_at = None
    await until(lambda: polls(alone) > asked, what="the check")
    play.stop()


async def test_nothing_is_left_after_an_unload(hass: HomeAssistant, household: Household) -> None:
    """No socket, no task; also when it was waiting to try again."""
    await pushing(household)
    for refused in (0, 403):
        sockets(household).refused = refused
        if refused:
            sockets(household).cut()
            await until(lambda: not jellyfin(household).pushing)
        assert await hass.config_entries.async_unload(household.entry.entry_id)
        await hass.async_block_till_done()
        await until(lambda: sockets(household).open == 0, what="a closed socket")
        names = [task.get_name() for task in asyncio.all_tasks() if not task.done()]
        assert [name for name in names if "showrunner" in name.lower()] == []
        await hass.config_entries.async_setup(household.entry.entry_id)
        await hass.async_block_till_done()


async def test_another_server_at_the_socket_is_not_ours(alone: Household) -> None:
    """Exchanged while the socket was gone: nothing of it is taken in."""
    await pushing(alone)
    world = alone.servers.world
    world.server_id = "b" * 32
    sockets(alone).cut()
    await until(lambda: not jellyfin(alone).pushing)
    await alone.watch("Sofa", FILM, 0.5, speed=1.0)
    await until(lambda: not jellyfin(alone).connected)
    assert not jellyfin(alone).pushing
    assert await history(alone) == []


# -- streams -------------------------------------------------------------------------------------

LOSSLESS: dict[str, Any] = {
    "method": "Transcode",
    "reasons": ("AudioCodecNotSupported",),
    "audio": "truehd",
}


async def test_lossless_sound_that_is_converted_is_told_once_a_play(
    hass: HomeAssistant, household: Household
) -> None:
    """To the event entity, with what a person needs to mend it; and again for the next play."""
    await pushing(household)
    events = told(household)
    for count in (1, 2):
        play = household.servers.play("Sofa", FILM, 0.1, 0.7, 1.0, **LOSSLESS)
        assert play.done is not None
        await play.done
        await until(lambda: jellyfin(household)._roll.plays == frozenset())
        assert [kind for kind, _ in events].count("transcoding") == count
    said = next(attributes for kind, attributes in events if kind == "transcoding")
    assert said == {
        "viewer_id": household.user("Sofa").id,
        "title": f"{FILM} (2018)",
        "media": "movie",
        "device": "Living room television",
        "client": "Jellyfin Android TV",
        "reasons": ["AudioCodecNotSupported"],
        "codec": "truehd",
    }


async def test_of_what_is_no_viewing_it_is_told_once_too(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home video and live television are streams in every look, and reports in none."""
    await pushing(household)
    events, looks = told(household), jellyfin(household)
    stream = Stream(
        session_id="tv",
        user_id=household.user("Sofa").id,
        watching=(household.user("Sofa").id,),
        item_id="f" * 32,
        title="Our garden",
        media=StreamMedia.OTHER,
        device="Television",
        client="Web",
        method=PlayMethod.TRANSCODE,
        source=Codecs(audio="truehd"),
        audio_direct=False,
    )
    server = looks.data.server

    async def at_once(*_: object) -> None:
        """Store nothing, so that no look of the real server comes in between."""

    monkeypatch.setattr(looks.playback, "ingest", at_once)
    for shown in ((stream,), (stream,), (), (stream,)):
        await looks._take_in(SessionsSnapshot((), shown), server, dt_util.utcnow())
    assert [kind for kind, _ in events].count("transcoding") == 2


async def test_streams_are_counted_and_only_viewers_are_named(
    hass: HomeAssistant, household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """Attic is not tracked: a number, and nothing else, anywhere."""
    caplog.set_level(logging.DEBUG, "custom_components.showrunner")
    fired: list[Event[Any]] = []

    @callback
    def changed(event: Event[Any]) -> None:
        fired.append(event)

    hass.bus.async_listen("state_changed", changed)
    await pushing(household)
    events = told(household)
    household.servers.play("Attic", "Paper Foxes", 0.1, **LOSSLESS, device="Attic television")
    household.servers.play("Sofa", FILM, 0.1, 0.9, 1.0)
    await until(lambda: len(jellyfin(household).data.streams) == 2)
    (seen,) = jellyfin(household).visible_streams()
    assert (seen.title, seen.user_id) == (f"{FILM} (2018)", household.user("Sofa").id)
    await hass.async_block_till_done()
    values = {state.entity_id: state.state for state in hass.states.async_all("sensor")}
    assert values["sensor.demo_streams"] == "2"
    assert values["sensor.demo_transcodes"] == "1"
    # 4 Mbit/s of the conversion, and 8 Mbit/s of the file.
    assert float(values["sensor.demo_bitrate_of_streams"]) == 12.0
    await finished(household)
    await until(lambda: not jellyfin(household).data.streams, what="no stream")
    traces = (household.user("Attic").id, "Attic", "Paper Foxes", by_name("Paper Foxes").item_id)
    everything = [repr(event) for event in fired] + [repr(event) for event in events]
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("custom_components")]
    for trace in traces:
        assert [one for one in everything + ours if trace in one] == []
    assert values["sensor.demo_streams"] == "2"


# -- UserDataSaved -------------------------------------------------------------------------------


async def test_what_jellyfin_saves_of_a_viewer_is_told(household: Household) -> None:
    """Of tracked viewers only, and not what is saved every few seconds; floods collapse."""
    heard: list[UserDataSaved] = []
    failing = True

    async def listener(message: UserDataSaved) -> None:
        heard.append(message)
        if failing:
            raise jellyfin_coordinator.StoreError("full")

    jellyfin(household).on_userdata.append(listener)
    for user in ("Attic", "Sofa"):
        await household.watch(user, FILM, 0.8, speed=1.0)
    await until(lambda: bool(heard), what="what was saved")
    assert [(one.user_id, one.reason) for one in heard] == [
        (household.user("Sofa").id, "PlaybackFinished")
    ]
    film = by_name(FILM)
    body = {
        "NotificationType": "UserDataSaved",
        "ServerId": household.servers.world.server_id,
        "ItemType": "Movie",
        "ItemId": film.item_id,
        "Name": film.name,
        "UserId": household.user("Sofa").id,
        "Played": True,
        "SaveReason": "TogglePlayed",
    }
    ignored = jellyfin(household).inbox.ignored
    for position in range(300):
        saved = body | {"SaveReason": "PlaybackProgress", "PlaybackPositionTicks": position}
        assert (await household.post(saved))[0] == 200
    assert jellyfin(household).inbox.ignored == ignored + 300
    assert jellyfin(household).inbox.collapsed == 0
    for _ in range(130):
        assert (await household.post(body))[0] == 200
    await until(lambda: len(heard) == 121)
    assert jellyfin(household).inbox.collapsed == 10


async def test_the_check_beside_a_living_socket_is_not_left_out(
    alone: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A timer that fires a little early does not make the minute between two checks two."""
    await pushing(alone)
    coordinator = jellyfin(alone)
    await coordinator.async_refresh()
    now = dt_util.utcnow()
    coordinator._pushed_at = now
    coordinator._asked_at = now - jellyfin_coordinator.CHECK + timedelta(seconds=0.9)
    assert not coordinator._is_settled(now)
    coordinator._asked_at = now - jellyfin_coordinator.CHECK / 2
    assert coordinator._is_settled(now)
