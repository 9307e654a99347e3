"""The hours of the week in which people watch, over the WebSocket."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.util import dt as dt_util
import pytest

from tests.store.viewings import VIEWING
from tests.walk.household import Household

WEEK = "showrunner/history/week"


async def _watched(house: Household, name: str, seconds: float, days: int = 0) -> None:
    (user,) = (one for one, viewer in house.runtime.viewers.items() if viewer.name == name)
    ended = dt_util.utcnow() - timedelta(days=days)
    more = replace(VIEWING, viewer_id=user, ended_at=ended, watched=seconds)
    await house.runtime.store.viewings.save(more)


async def _asked(socket: Any, **more: object) -> Any:
    await socket.send_json_auto_id({"type": WEEK, **more})
    return await socket.receive_json()


async def test_all_who_are_tracked_or_one(household: Household, reader: Any) -> None:
    """By name, whatever its case; only of the last days; who is not tracked is not in it."""
    await _watched(household, "Sofa", 600.0)
    await _watched(household, "Kitchen", 60.0, days=20)
    stranger = replace(VIEWING, viewer_id="c" * 32, ended_at=dt_util.utcnow(), watched=5.0)
    await household.runtime.store.viewings.save(stranger)
    for asked, seconds in (
        ({}, 660),
        ({"viewer": "sofa"}, 600),
        ({"days": 7}, 600),
        ({"viewer": "Kitchen", "days": 7}, 0),
    ):
        answer = (await _asked(reader, **asked))["result"]
        assert sum(map(sum, answer["week"])) == seconds, asked
        assert answer["viewers"] == ["Sofa", "Kitchen"]
    refused = await _asked(reader, viewer="Nobody")
    assert refused["error"]["translation_key"] == "viewer_unknown"


@pytest.mark.parametrize("asked", [{"days": 0}, {"days": 367}])
async def test_there_is_a_limit(
    household: Household, reader: Any, asked: dict[str, object]
) -> None:
    """A year is the most."""
    assert (await _asked(reader, **asked))["error"]["code"] == "invalid_format"


async def test_it_is_history(household: Household, reader: Any, admin: Any) -> None:
    """Where that is for administrators nobody else sees when somebody watches."""
    await household.runtime.set_option("watching", "history_admins_only", True)
    assert (await _asked(reader))["error"]["code"] == "unauthorized"
    assert (await _asked(admin))["success"]
