"""The hours of the week in which people watch, and what most, over the WebSocket."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.util import dt as dt_util
import pytest

from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from tests.store.viewings import VIEWING, WHOLE
from tests.walk.household import Household

WEEK = "showrunner/history/week"
TOP = "showrunner/history/top"
SERIES = Unit(
    UnitKind.EPISODE, "One", "s" * 32, "e" * 32, series_name="Nights", season=1, episode=1
)


async def _watched(house: Household, name: str, seconds: float, days: int = 0) -> None:
    (user,) = (one for one, viewer in house.runtime.viewers.items() if viewer.name == name)
    ended = dt_util.utcnow() - timedelta(days=days)
    more = replace(VIEWING, viewer_id=user, ended_at=ended, watched=seconds)
    await house.runtime.store.viewings.save(more)


async def _asked(socket: Any, command: str = WEEK, **more: object) -> Any:
    await socket.send_json_auto_id({"type": command, **more})
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


async def test_what_was_watched_most(household: Household, reader: Any) -> None:
    """Movies and series apart, to their end; of the last days, and no more than is asked for."""
    viewings, now = household.runtime.store.viewings, dt_util.utcnow()
    for days, unit in ((0, WHOLE.unit), (3, WHOLE.unit), (40, SERIES), (1, SERIES)):
        ended = now - timedelta(days=days)
        await viewings.save(replace(WHOLE, unit=unit, day=ended.date(), ended_at=ended))
    other = replace(WHOLE.unit, name="Another", item_id="f" * 32, ids=ProviderIds(tmdb=5))
    await viewings.save(replace(WHOLE, unit=other, ended_at=now - timedelta(hours=3)))
    half = replace(VIEWING, unit=replace(other, ids=ProviderIds(tmdb=6), item_id="a" * 32))
    await viewings.save(replace(half, ended_at=now))
    for asked, movies, series in (
        ({}, [2, 1], [2]),
        ({"days": 7}, [2, 1], [1]),
        ({"days": 2}, [1, 1], [1]),
        ({"limit": 1}, [2], [2]),
    ):
        answer = (await _asked(reader, TOP, **asked))["result"]
        counts = [[one["count"] for one in answer[kind]] for kind in ("movies", "series")]
        assert counts == [movies, series], asked
    assert answer["series"][0]["title"] == "Nights"
    assert answer["movies"][0]["ids"] == list(WHOLE.unit.ids.keys)


@pytest.mark.parametrize("command", [WEEK, TOP])
@pytest.mark.parametrize("asked", [{"days": 0}, {"days": 367}])
async def test_there_is_a_limit(
    household: Household, reader: Any, asked: dict[str, object], command: str
) -> None:
    """A year is the most."""
    assert (await _asked(reader, command, **asked))["error"]["code"] == "invalid_format"


@pytest.mark.parametrize("command", [WEEK, TOP])
async def test_it_is_history(household: Household, reader: Any, admin: Any, command: str) -> None:
    """Where that is for administrators nobody else sees when somebody watches, or what."""
    await household.runtime.set_option("watching", "history_admins_only", True)
    assert (await _asked(reader, command))["error"]["code"] == "unauthorized"
    assert (await _asked(admin, command))["success"]
