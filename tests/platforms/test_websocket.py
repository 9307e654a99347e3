"""WebSocket commands: the present state first, then every change, of viewers only."""

from typing import Any

import pytest

from custom_components.showrunner.store import StoreError
from custom_components.showrunner.websocket import sessions as websocket
from tests.walk.household import Household, until

from .sockets import ask, next_event

FILM = "The Lantern Keeper"


async def _event_where(reader: Any, **wanted: object) -> dict[str, Any]:
    """Give the next event in which these values are so."""
    while True:
        event = await next_event(reader)
        if all(event[name] == value for name, value in wanted.items()):
            return event


async def test_a_subscriber_sees_who_watches_what(household: Household, reader: Any) -> None:
    """First the result, then nobody, then the viewer; a guest is a number, and no name."""
    assert (await ask(reader, "sessions/subscribe"))["success"]
    first = await next_event(reader)
    assert (first["available"], first["streams"], first["others"]) == (True, [], 0)
    assert first["config_entry_id"] == household.entry.entry_id
    play = household.servers.play("Sofa", FILM, 0.2, None, 1.0)
    while not (event := await next_event(reader))["streams"]:
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
    await _event_where(reader, streams=[])
    guest = household.servers.play("Attic", FILM, 0.2, None, 1.0)
    event = await _event_where(reader, others=1)
    assert event["streams"] == []
    assert "Attic" not in str(event)
    assert guest.done is not None
    await guest.done


async def test_a_position_that_moves_as_time_does_is_no_news(
    household: Household, reader: Any
) -> None:
    """Who watches quietly costs one message, not one a second."""
    await ask(reader, "sessions/subscribe")
    await next_event(reader)
    play = household.servers.play("Sofa", FILM, 0.1, None, 1.0)
    assert play.done is not None
    await play.done
    seen = 0
    while True:
        event = await next_event(reader)
        if seen and not event["streams"]:
            break
        seen += bool(event["streams"])
    assert seen <= 2  # begun, and perhaps a first position that was guessed


async def test_a_subscription_outlives_a_reload(household: Household, reader: Any) -> None:
    """It says that nothing is known, and goes on by itself."""
    hass, entry = household.hass, household.entry
    await ask(reader, "sessions/subscribe", config_entry_id=entry.entry_id)
    assert (await next_event(reader))["available"] is True
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert (await next_event(reader))["available"] is False
    assert (await next_event(reader))["available"] is True
    household.servers.play("Sofa", FILM, 0.2, None, 1.8)
    while not (await next_event(reader))["streams"]:
        pass


async def test_unsubscribed_is_unsubscribed(household: Household, reader: Any) -> None:
    """Nothing listens any more, also not after a reload."""
    before = len(household.runtime.jellyfin._listeners)
    answer = await ask(reader, "sessions/subscribe")
    await next_event(reader)
    assert len(household.runtime.jellyfin._listeners) == before + 1
    await reader.send_json_auto_id({"type": "unsubscribe_events", "subscription": answer["id"]})
    assert (await reader.receive_json())["success"]
    assert len(household.runtime.jellyfin._listeners) == before
    await household.hass.config_entries.async_reload(household.entry.entry_id)
    assert (await ask(reader, "overview"))["success"]


async def test_the_overview_counts_and_does_not_guess(
    household: Household, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not answer has an unknown number of streams, not none."""
    await household.watch("Sofa", FILM)
    await household.acquisition(FILM)

    async def counted() -> bool:
        result = (await ask(reader, "overview"))["result"]
        return result == {
            "streams": 0,
            "transcodes": 0,
            "viewings_today": 1,
            "decisions_today": 1,
        }

    await until(counted)
    monkeypatch.setattr(type(household.runtime.jellyfin), "connected", False)
    result = (await ask(reader, "overview"))["result"]
    assert (result["streams"], result["transcodes"]) == (None, None)
    assert result["viewings_today"] == 1

    async def fail(*_: object) -> int:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(household.runtime.store.viewings, "count", fail)
    answer = await ask(reader, "overview")
    assert answer["error"]["translation_key"] == "store_failed"


async def test_nobody_waits_for_an_answer_that_never_comes(
    household: Household,
    reader: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A mistake of ours is logged, and said to who asked."""

    async def fail(*_: object) -> int:
        raise ValueError("a mistake")

    monkeypatch.setattr(household.runtime.store.viewings, "count", fail)
    assert (await ask(reader, "overview"))["error"]["code"] == "unknown_error"
    assert "a mistake" in caplog.text
    caplog.clear()


async def test_what_is_not_there_is_said(household: Household, reader: Any) -> None:
    """An entry of another name, of another domain, or none that is loaded."""
    for wrong in ("nonsense", "x" * 26):
        answer = await ask(reader, "sessions/subscribe", config_entry_id=wrong)
        assert answer["error"]["code"] == "not_found"
    assert (await ask(reader, "overview", config_entry_id=household.entry.entry_id))["success"]
    await household.hass.config_entries.async_unload(household.entry.entry_id)
    answer = await ask(reader, "overview")
    assert answer["error"]["code"] == "not_found"
    answer = await ask(reader, "sessions/subscribe", other=1)
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
