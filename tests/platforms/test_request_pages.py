"""Requests page by page over the WebSocket: told once, then what changes, to who looks at it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.showrunner.domain.media import MOVIE, MediaType, ProviderIds
from custom_components.showrunner.domain.requests.facts import Event, EventKind
from custom_components.showrunner.domain.requests.report import About, Report
from tests.walk.household import Household

from .asking import ask, now

type News = dict[str, Any]


@pytest.fixture
async def looking(household: Household, hass_ws_client: WebSocketGenerator) -> Callable[..., Any]:
    """Ask three titles, the third first of all; give what looks at a page of them."""
    for number in (1, 2, 3):
        await ask(household, number, days=number)
    client = await hass_ws_client(household.hass)

    async def look(**asked: object) -> Callable[[], Any]:
        await client.send_json_auto_id({"type": "showrunner/requests/page", **asked})
        answer = await client.receive_json()
        assert answer["success"], answer

        async def event() -> News:
            async with asyncio.timeout(20):
                found: News = (await client.receive_json())["event"]
            return found

        return event

    return look


async def _tell(house: Household, number: int, event: Event) -> None:
    about = About(MediaType.MOVIE, ProviderIds(tmdb=999_122 + number))
    await house.runtime.requests.ingest([Report(about, (event,))])


async def test_a_page_is_told_whole_then_what_changes_of_it(
    household: Household, looking: Callable[..., Any]
) -> None:
    """With the order and the counts of all; what is on no page that is looked at tells nothing."""
    event = await looking(limit=2)
    first = await event()
    ids = [f"seerr:none:{number}" for number in (1, 2, 3)]
    assert (first["ids"], first["total"], first["known"], first["stuck"]) == (ids[:2], 3, 3, 0)
    assert [one["title"] for one in first["changed"]] == ["A Wish 1", "A Wish 2"]
    await _tell(household, 1, Event(EventKind.APPROVED, now()))
    changed = await event()
    # What waits for somebody's word is before what is under way.
    assert (changed["ids"], changed["total"]) == (ids[1:], 3)
    assert [one["title"] for one in changed["changed"]] == ["A Wish 3"]
    await _tell(household, 3, Event(EventKind.APPROVED, now()))
    assert (await event())["ids"] == [ids[1], ids[0]]
    await _tell(household, 1, Event(EventKind.GRABBED, now(), MOVIE, "A" * 40))
    same = await event()
    assert (same["ids"], [one["state"] for one in same["changed"]]) == (
        [ids[1], ids[0]],
        ["grabbing"],
    )


async def test_it_is_searched_and_filtered_where_they_are_held(
    household: Household, looking: Callable[..., Any]
) -> None:
    """By words, and by state; who is over or forgotten is on no page."""
    event = await looking(search="WISH 1")
    assert (await event())["ids"] == ["seerr:none:1"]
    await household.runtime.requests.withdrawn("seerr:none:1", now())
    gone = await event()
    assert (gone["ids"], gone["total"], gone["known"], gone["changed"]) == ([], 0, 2, [])


async def test_what_is_unlinked_leaves_the_page(
    household: Household, looking: Callable[..., Any]
) -> None:
    """All requests of a source are forgotten at once, without a word of each."""
    event = await looking(show="requested")
    assert (await event())["total"] == 3
    await household.runtime.requests.forget("seerr:none")
    assert (await event())["known"] == 0


async def test_a_page_outlives_a_reload(household: Household, looking: Callable[..., Any]) -> None:
    """Nobody knows while the entry is not loaded; afterwards all is told anew."""
    event = await looking(show="requested")
    assert len((await event())["changed"]) == 3
    entry_id = household.entry.entry_id
    assert await household.hass.config_entries.async_unload(entry_id)
    assert not (await event())["available"]
    assert await household.hass.config_entries.async_setup(entry_id)
    # Of a source that is not linked nothing is taken up again.
    back = await event()
    assert (back["available"], back["ids"]) == (True, [])


async def test_nobody_looks_and_nothing_is_held(
    household: Household, hass_ws_client: WebSocketGenerator
) -> None:
    """What was gathered for who looked is let go with the last of them."""
    await ask(household, 1)
    client = await hass_ws_client(household.hass)
    for number in (1, 2):
        await client.send_json({"id": number, "type": "showrunner/requests/page"})
        assert (await client.receive_json())["success"]
        assert (await client.receive_json())["event"]["total"] == 1
    pages = household.runtime.requests.pages
    listening = len(household.runtime.requests._listeners)
    for number, held in ((1, 1), (2, 0)):
        await client.send_json(
            {"id": number + 2, "type": "unsubscribe_events", "subscription": number}
        )
        assert (await client.receive_json())["success"]
        assert len(pages._entries) == held
    assert len(household.runtime.requests._listeners) == listening - 1
    # Who looks later sees what has come meanwhile.
    await ask(household, 2)
    await client.send_json({"id": 9, "type": "showrunner/requests/page"})
    assert (await client.receive_json())["success"]
    assert (await client.receive_json())["event"]["total"] == 2


@pytest.mark.parametrize(
    "asked",
    [{"limit": 101}, {"limit": 0}, {"offset": -1}, {"show": "nothing"}, {"search": "a" * 201}],
)
async def test_there_is_a_limit_to_everything(
    household: Household, hass_ws_client: WebSocketGenerator, asked: dict[str, object]
) -> None:
    """A page is a page."""
    client = await hass_ws_client(household.hass)
    await client.send_json_auto_id({"type": "showrunner/requests/page", **asked})
    answer = await client.receive_json()
    assert answer["error"]["code"] == "invalid_format"
