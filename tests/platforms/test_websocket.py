"""WebSocket commands: the present state first, then every change, of viewers only."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.showrunner.store import StoreError
from custom_components.showrunner.websocket import sessions as websocket
from tests.walk.household import Household, until

FILM = "The Lantern Keeper"


@pytest.fixture
async def socket(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> Any:
    """Connect as a user who may only read."""
    await async_setup_component(hass, "websocket_api", {})
    return await hass_ws_client(hass, hass_read_only_access_token)


async def _ask(socket: Any, kind: str, **data: object) -> dict[str, Any]:
    await socket.send_json_auto_id({"type": f"showrunner/{kind}", **data})
    answer = await socket.receive_json()
    assert answer["type"] == "result"
    return answer


async def _event(socket: Any) -> dict[str, Any]:
    message = await socket.receive_json()
    assert message["type"] == "event"
    return message["event"]


async def _event_where(socket: Any, **wanted: object) -> dict[str, Any]:
    """Give the next event in which these values are so."""
    while True:
        event = await _event(socket)
        if all(event[name] == value for name, value in wanted.items()):
            return event


async def test_a_subscriber_sees_who_watches_what(household: Household, socket: Any) -> None:
    """First the result, then nobody, then the viewer; a guest is a number, and no name."""
    assert (await _ask(socket, "sessions/subscribe"))["success"]
    first = await _event(socket)
    assert (first["available"], first["streams"], first["others"]) == (True, [], 0)
    assert first["config_entry_id"] == household.entry.entry_id
    play = household.servers.play("Sofa", FILM, 0.2, None, 1.0)
    while not (event := await _event(socket))["streams"]:
        pass
    (stream,) = event["streams"]
    assert (stream["viewer"], stream["watching"]) == ("Sofa", ["Sofa"])
    assert FILM in stream["title"]
    assert stream["paused"] is False
    assert stream["runtime"] > stream["position"] >= 0
    assert set(stream) == {
        *("id", "viewer", "watching", "item_id", "title", "media", "device", "client"),
        *("method", "reasons", "bitrate", "paused", "runtime", "position"),
    }
    assert play.done is not None
    await play.done
    await _event_where(socket, streams=[])
    guest = household.servers.play("Attic", FILM, 0.2, None, 1.0)
    event = await _event_where(socket, others=1)
    assert event["streams"] == []
    assert "Attic" not in str(event)
    assert guest.done is not None
    await guest.done


async def test_a_position_that_moves_as_time_does_is_no_news(
    household: Household, socket: Any
) -> None:
    """Who watches quietly costs one message, not one a second."""
    await _ask(socket, "sessions/subscribe")
    await _event(socket)
    play = household.servers.play("Sofa", FILM, 0.1, None, 1.0)
    assert play.done is not None
    await play.done
    seen = 0
    while True:
        event = await _event(socket)
        if seen and not event["streams"]:
            break
        seen += bool(event["streams"])
    assert seen <= 2  # begun, and perhaps a first position that was guessed


async def test_a_subscription_outlives_a_reload(household: Household, socket: Any) -> None:
    """It says that nothing is known, and goes on by itself."""
    hass, entry = household.hass, household.entry
    await _ask(socket, "sessions/subscribe", config_entry_id=entry.entry_id)
    assert (await _event(socket))["available"] is True
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert (await _event(socket))["available"] is False
    assert (await _event(socket))["available"] is True
    household.servers.play("Sofa", FILM, 0.2, None, 1.8)
    while not (await _event(socket))["streams"]:
        pass


async def test_unsubscribed_is_unsubscribed(household: Household, socket: Any) -> None:
    """Nothing listens any more, also not after a reload."""
    before = len(household.runtime.jellyfin._listeners)
    answer = await _ask(socket, "sessions/subscribe")
    await _event(socket)
    assert len(household.runtime.jellyfin._listeners) == before + 1
    await socket.send_json_auto_id({"type": "unsubscribe_events", "subscription": answer["id"]})
    assert (await socket.receive_json())["success"]
    assert len(household.runtime.jellyfin._listeners) == before
    await household.hass.config_entries.async_reload(household.entry.entry_id)
    assert (await _ask(socket, "overview"))["success"]


async def test_the_overview_counts_and_does_not_guess(
    household: Household, socket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not answer has an unknown number of streams, not none."""
    await household.watch("Sofa", FILM)
    await household.acquisition(FILM)

    async def counted() -> bool:
        result = (await _ask(socket, "overview"))["result"]
        return result == {
            "streams": 0,
            "transcodes": 0,
            "viewings_today": 1,
            "decisions_today": 1,
        }

    await until(counted)
    monkeypatch.setattr(type(household.runtime.jellyfin), "connected", False)
    result = (await _ask(socket, "overview"))["result"]
    assert (result["streams"], result["transcodes"]) == (None, None)
    assert result["viewings_today"] == 1

    async def fail(*_: object) -> int:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(household.runtime.store.viewings, "count", fail)
    answer = await _ask(socket, "overview")
    assert answer["error"]["translation_key"] == "store_failed"


async def test_nobody_waits_for_an_answer_that_never_comes(
    household: Household,
    socket: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A mistake of ours is logged, and said to who asked."""

    async def fail(*_: object) -> int:
        raise ValueError("a mistake")

    monkeypatch.setattr(household.runtime.store.viewings, "count", fail)
    assert (await _ask(socket, "overview"))["error"]["code"] == "unknown_error"
    assert "a mistake" in caplog.text
    caplog.clear()


async def test_what_is_not_there_is_said(household: Household, socket: Any) -> None:
    """An entry of another name, of another domain, or none that is loaded."""
    for wrong in ("nonsense", "x" * 26):
        answer = await _ask(socket, "sessions/subscribe", config_entry_id=wrong)
        assert answer["error"]["code"] == "not_found"
    assert (await _ask(socket, "overview", config_entry_id=household.entry.entry_id))["success"]
    await household.hass.config_entries.async_unload(household.entry.entry_id)
    answer = await _ask(socket, "overview")
    assert answer["error"]["code"] == "not_found"
    answer = await _ask(socket, "sessions/subscribe", other=1)
    assert answer["error"]["code"] == "invalid_format"


@pytest.mark.parametrize(
    ("before", "now", "passed", "news"),
    [
        (10.0, 15.0, 5.0, False),
        (10.0, 10.0, 0.0, False),  # paused
        (10.0, 20.0, 0.0, True),
        (10.0, 600.0, 5.0, True),
        (600.0, 10.0, 5.0, True),
        (None, None, 5.0, False),
        (None, 1.0, 5.0, True),
        (1.0, None, 5.0, True),
    ],
)
def test_only_a_jump_is_news(
    before: float | None, now: float | None, passed: float, news: bool
) -> None:
    """Forwards and back, and to where nobody knows."""
    assert websocket._jumped(before, now, passed) is news
