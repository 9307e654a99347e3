"""What leaves is told on the phones of a household, and a button there keeps it."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
import json
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_mock_service
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner import button_presses
from custom_components.showrunner.button_presses import PRESSED
from custom_components.showrunner.domain.buttons import BY_BUTTON
from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from tests.store.viewings import WHOLE
from world.clock import utcnow
from world.lies import Liar, Lie, LieKind
from world.radarr_library import Movie
from world.servers import Servers
from world.world import in_jellyfin

from .arrs import house_with_arrs
from .household import Household, until

HOURS = timedelta(hours=2)
TARGET = "notify.mobile_app_pixel_of_ada"


class Family:
    """The household with two phones: one with ntfy, one with Home Assistant's app."""

    def __init__(self, house: Household, calls: list[ServiceCall]) -> None:
        """Take what the app was told."""
        self.house = house
        self.calls = calls
        movies = house.servers.radarr_state.library.movies.values()
        world = house.servers.world
        self.movies = [one for one in movies if one.file_id and in_jellyfin(world, one.film)]

    async def watched(self, *movies: Movie, days: float = 4) -> None:
        """Have somebody have watched films so many days ago, and have it noticed."""
        world = self.house.servers.world
        for movie in movies:
            data = world.userdata(self.house.user("Sofa").id, movie.film.item_id)
            data.played, data.play_count, data.position = True, 1, 0.0
            data.last_played = utcnow() - timedelta(days=days)
        await self.house.runtime.library.sweep_now()
        await self.look()

    async def look(self) -> None:
        """Have it found out what leaves."""
        await self.house.hass.services.async_call(
            "showrunner", "cleanup_watched", {"dry_run": True}, blocking=True
        )

    def app(self, number: int = -1) -> dict[str, Any]:
        """Give what the app was told last."""
        return dict(self.calls[number].data)

    def ntfy(self) -> list[dict[str, Any]]:
        """Give what ntfy was told of what leaves."""
        bodies: list[dict[str, Any]] = self.house.servers.ntfy_state.messages  # type: ignore[assignment]
        return [
            one for one in bodies if set(one.get("tags", ())) & {"hourglass", "lock", "mag", "ok"}
        ]

    async def heard(self, app: int, ntfy: int) -> None:
        """Wait until both were told so much."""

        def told() -> bool:
            return len(self.calls) >= app and len(self.ntfy()) >= ntfy

        await until(told, what="the phones are told")
        assert (len(self.calls), len(self.ntfy())) == (app, ntfy)

    async def press_app(self, action: object, context: Context | None = None) -> None:
        """Press a button in the app: it fires an event for its user."""
        self.house.hass.bus.async_fire(PRESSED, {"action": action}, context=context)
        await self.house.hass.async_block_till_done()

    async def press_ntfy(self, action: dict[str, Any], body: object = None) -> int:
        """Press a button in ntfy, which posts what it was given; give the status."""
        path = "/" + action["url"].split("/", 3)[3]
        data = action["body"] if body is None else json.dumps(body)
        async with self.house.client.request(action["method"], path, data=data) as answer:
            await answer.read()
            return answer.status

    async def keeps(self) -> tuple[Keep, ...]:
        """Say what is kept."""
        return await self.house.runtime.store.keeps.standing(dt_util.utcnow())


@pytest.fixture
async def family(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Family]:
    """Live in it: the cleanup runs by itself, anybody counts, and it is never night."""
    calls = async_mock_service(hass, "notify", TARGET.removeprefix("notify."))
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        for one in servers.world.data.values():
            one.played, one.favorite, one.position = False, False, 0.0
        now = dt_util.now()
        options = house.entry.options
        quiet = {
            "quiet_from": f"{now + timedelta(hours=5):%H:%M}",
            "quiet_to": f"{now + timedelta(hours=6):%H:%M}",
        }
        cleanup = {"enabled": True, "who": "any"}
        hass.config_entries.async_update_entry(
            house.entry, options={**options, "cleanup": cleanup, "notifications": quiet}
        )
        ntfy = next(o for o in house.entry.subentries.values() if o.subentry_type == "ntfy")
        hass.config_entries.async_update_subentry(
            house.entry, ntfy, data={**ntfy.data, "events": ["leaving"]}
        )
        phone = MappingProxyType({"target": TARGET, "events": ["leaving"]})
        hass.config_entries.async_add_subentry(
            house.entry,
            ConfigSubentry(
                data=phone, subentry_type="notify", title="Ada", unique_id=f"notify:{TARGET}"
            ),
        )
        await hass.async_block_till_done()
        yield Family(house, calls)


async def test_one_film_is_told_with_its_buttons(family: Family) -> None:
    """On both phones, once; each button is that phone's own."""
    film = family.movies[0].film
    await family.watched(family.movies[0])
    await family.heard(1, 1)
    messages = family.app()
    assert messages["title"] == f"Leaves soon: {film.name} ({film.year})"
    assert "deleted on" in messages["message"]
    actions = messages["data"]["actions"]
    assert [one["title"] for one in actions] == ["Keep", "Keep 30 days", "Why?"]
    (message,) = family.ntfy()
    assert [one["label"] for one in message["actions"]] == ["Keep", "Keep 30 days", "Why?"]
    assert [one["clear"] for one in message["actions"]] == [False] * 3  # the answer confirms
    assert all(
        one["url"].endswith(family.house.runtime.buttons.webhook_id) for one in message["actions"]
    )
    tokens = {one["action"] for one in actions}
    tokens |= {json.loads(one["body"])["button"] for one in message["actions"]}
    assert len(tokens) == 6
    await family.look()
    await family.heard(1, 1)


async def test_keep_on_the_app_is_the_word_of_its_user(family: Family) -> None:
    """Also of one who is no administrator: the phone was linked, and all it can do is keep."""
    await family.watched(family.movies[0])
    await family.heard(1, 1)
    guest = MockUser(name="Guest").add_to_hass(family.house.hass)
    keep, later, _ = (one["action"] for one in family.app()["data"]["actions"])
    await family.press_app(keep, Context(user_id=guest.id))
    await family.heard(2, 1)  # only who pressed is answered
    (word,) = await family.keeps()
    assert (word.until, word.by) == (None, guest.id)
    assert family.app()["title"].startswith("Kept: ")
    assert "data" not in family.app()
    cleanup = family.house.runtime.jobs.named("cleanup")
    await until(lambda: cleanup.leaving == (), what="it no longer leaves")
    # The same once more is over; the other one makes nothing shorter that is kept for good.
    for action in (keep, later):
        await family.press_app(action)
    await family.heard(3, 1)
    assert family.app()["title"].startswith("Kept: ")
    (word,) = await family.keeps()
    assert word.until is None


async def test_keep_30_days_in_ntfy_is_posted_and_answered(family: Family) -> None:
    """A replay is refused, and what was forged, whoever sends it."""
    await family.watched(family.movies[0])
    await family.heard(1, 1)
    actions = family.ntfy()[0]["actions"]
    later = actions[1]
    for forged in ({}, [], {"button": None}, {"button": "showrunner.x.y"}, {"button": [1]}):
        assert await family.press_ntfy(later, forged) == 400
    token = json.loads(later["body"])["button"]
    assert await family.press_ntfy(later, {"button": f"{token}x"}) == 400
    assert await family.keeps() == ()
    assert await family.press_ntfy(later) == 200
    await family.heard(1, 2)
    assert [await family.press_ntfy(later) for _ in range(20)] == [400] * 20
    (word,) = await family.keeps()
    assert word.until is not None
    assert word.until - dt_util.utcnow() > timedelta(days=29)
    assert family.ntfy()[1]["title"].startswith("Kept until ")
    await family.heard(1, 2)
    answer = await family.house.hass.services.async_call(
        "showrunner",
        "get_title",
        {"title": word.title.names[0]},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    assert answer["keeps"][0]["by"] == "notification"  # type: ignore[index, call-overload]


async def test_why_is_answered_with_what_was_found(family: Family) -> None:
    """In words, with buttons that keep; and nothing is changed."""
    await family.watched(family.movies[0])
    await family.heard(1, 1)
    await family.press_app(family.app()["data"]["actions"][2]["action"])
    await family.heard(2, 1)
    messages = family.app()
    assert messages["title"].startswith("Why it leaves: ")
    assert "Watched by Sofa." in messages["message"]
    assert "Nothing keeps it" in messages["message"]
    assert [one["title"] for one in messages["data"]["actions"]] == ["Keep", "Keep 30 days"]
    assert await family.keeps() == ()
    await family.press_app(messages["data"]["actions"][0]["action"])
    await family.heard(3, 1)
    assert len(await family.keeps()) == 1


async def test_a_few_are_told_one_by_one_and_many_in_a_list(family: Family) -> None:
    """A button is always of the one title that its message names."""
    few = family.movies[:3]
    await family.watched(*few)
    await family.heard(3, 3)
    labels = {f"Leaves soon: {one.film.name} ({one.film.year})" for one in few}
    assert {call.data["title"] for call in family.calls} == labels
    for call in family.calls:
        assert len(call.data["data"]["actions"]) == 3
    await family.press_app(family.app(0)["data"]["actions"][0]["action"])
    await family.heard(4, 3)
    (word,) = await family.keeps()
    kept = next(one.film for one in few if f"movie:tmdb:{one.film.tmdb}" in word.title.names)
    assert family.app(0)["title"] == f"Leaves soon: {kept.name} ({kept.year})"


async def test_many_are_told_in_one_message_that_leads_to_the_calendar(family: Family) -> None:
    """Without buttons: nobody could tell of which title they would be."""
    await family.watched(*family.movies[:4])
    await family.heard(1, 1)
    messages = family.app()
    assert messages["title"] == "4 titles leave soon"
    assert len(messages["message"].splitlines()) == 4
    assert messages["data"] == {"clickAction": "/calendar", "url": "/calendar"}
    (message,) = family.ntfy()
    assert message["click"].endswith("/calendar")
    assert "actions" not in message


async def test_a_childs_phone_is_not_told_of_a_film_that_they_may_not_see(
    family: Family,
) -> None:
    """By their age, and by the library that it lies in; the other phone is told of all."""
    house, world = family.house, family.house.servers.world
    kitchen = world.user("Kitchen")
    seen, hidden = family.movies[:2]
    world.users[kitchen.id] = replace(kitchen, hidden=frozenset({hidden.film.item_id}))
    phone = next(o for o in house.entry.subentries.values() if o.subentry_type == "notify")
    house.hass.config_entries.async_update_subentry(
        house.entry, phone, data={**phone.data, "viewer": kitchen.id}
    )
    await house.hass.async_block_till_done()
    await family.watched(seen, hidden)
    await family.heard(1, 2)
    assert family.app()["title"] == f"Leaves soon: {seen.film.name} ({seen.film.year})"
    # It would be gone before tomorrow's message, and may be seen by now: it is told at once, unless
    # no library is open in which films lie.
    world.users[kitchen.id] = replace(kitchen, all_folders=False, folders=("Series",))
    await house.runtime.leaving_notices.look()
    await family.heard(1, 2)


async def test_a_week_is_told_to_whom_it_may_concern_and_answered(family: Family) -> None:
    """By an action: a child's phone names no film that they may not see."""
    house, world = family.house, family.house.servers.world
    kitchen = world.user("Kitchen")
    seen, hidden = family.movies[:2]
    world.users[kitchen.id] = replace(kitchen, hidden=frozenset({hidden.film.item_id}))
    for one in house.entry.subentries.values():
        if one.subentry_type in ("ntfy", "notify"):
            mine = {"viewer": kitchen.id} if one.subentry_type == "notify" else {}
            data = {**one.data, **mine, "events": ["digest"]}
            house.hass.config_entries.async_update_subentry(house.entry, one, data=data)
    await house.hass.async_block_till_done()
    now = dt_util.utcnow() - timedelta(hours=1)
    for movie in (seen, hidden):
        unit = Unit(
            UnitKind.MOVIE,
            movie.film.name,
            world.server_id,
            movie.film.item_id,
            ids=ProviderIds(tmdb=movie.film.tmdb),
        )
        await house.runtime.store.viewings.save(
            replace(WHOLE, unit=unit, day=now.date(), started_at=now - HOURS, ended_at=now)
        )
    answer = await house.hass.services.async_call(
        "showrunner", "send_digest", {}, blocking=True, return_response=True
    )
    assert answer is not None
    both = {f"Watched once: {one.film.name}" for one in (seen, hidden)}
    assert both <= set(str(answer["text"]).split("; "))

    def told() -> bool:
        digests = [one for one in house.servers.ntfy_state.messages if "calendar" in one["tags"]]  # type: ignore[operator, index]
        return bool(digests and family.calls)

    await until(told, what="both are told")
    lines = family.app()["message"].splitlines()
    assert f"Watched once: {seen.film.name}" in lines
    assert f"Watched once: {hidden.film.name}" not in lines


async def test_nothing_is_told_in_a_dry_run(family: Family) -> None:
    """Nothing leaves then; once it does, it is told."""
    await family.house.runtime.set_option("safety", "dry_run", True)
    await family.watched(family.movies[0])
    await family.house.runtime.leaving_notices.look()
    await family.house.hass.async_block_till_done()
    assert (family.calls, family.ntfy()) == ([], [])
    await family.house.runtime.set_option("safety", "dry_run", False)
    await family.house.runtime.leaving_notices.look()
    await family.heard(1, 1)


async def test_what_was_pressed_before_the_end_is_kept(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was taken, so it is done; from then on nothing is taken that nobody would do."""
    await family.watched(family.movies[0])
    await family.heard(1, 1)
    hass, entry, runtime = family.house.hass, family.house.entry, family.house.runtime
    keep = family.app()["data"]["actions"][0]["action"]
    later = family.ntfy()[0]["actions"][1]
    press = runtime.buttons.read(keep)
    assert press is not None
    begun, go_on, keep_it = asyncio.Event(), asyncio.Event(), runtime.store.keeps.set

    async def slowly(*given: Any) -> Keep:
        begun.set()
        await go_on.wait()
        return await keep_it(*given)

    monkeypatch.setattr(runtime.store.keeps, "set", slowly)
    hass.bus.async_fire(PRESSED, {"action": keep})
    await until(begun.is_set, what="it is being kept")
    ending = hass.async_create_task(hass.config_entries.async_unload(entry.entry_id))

    def refused() -> bool:
        assert not ending.done()
        return not runtime.answers.take(runtime.buttons.token(press.button, press.channel))

    await until(refused, what="nothing more is taken")
    assert await family.press_ntfy(later) == 400
    go_on.set()
    assert await ending
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert len(await family.keeps()) == 1


async def test_buttons_outlive_a_restart_and_strangers_events_are_nothing(family: Family) -> None:
    """The secret is kept in the entry's store; anybody may fire events."""
    await family.watched(family.movies[0])
    await family.heard(1, 1)
    keep = family.app()["data"]["actions"][0]["action"]
    hass, entry = family.house.hass, family.house.entry
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    for strange in (None, 7, "", "KEEP", "showrunner.", keep[:-2], keep.upper(), {"action": keep}):
        await family.press_app(strange)
    hass.bus.async_fire(PRESSED, {})
    await hass.async_block_till_done()
    assert await family.keeps() == ()
    await family.press_app(keep)
    await family.heard(2, 1)
    assert len(await family.keeps()) == 1


async def test_what_is_pressed_while_jellyfin_is_down_at_a_start_is_kept_until_it_is_up(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the app and in ntfy; once each, nothing that is not ours, and not after its end."""
    await family.watched(*family.movies[:2])
    await family.heard(2, 2)
    house = family.house
    hass, entry = house.hass, house.entry
    first, second = family.movies[:2]

    def message(movie: Movie) -> dict[str, Any]:
        return next(one for one in family.ntfy() if movie.film.name in str(one))

    keep = next(
        dict(call.data)["data"]["actions"][0]["action"]
        for call in family.calls
        if first.film.name in str(call.data)
    )
    again, other = message(first)["actions"][0], message(second)["actions"][1]
    assert await hass.config_entries.async_unload(entry.entry_id)
    house.servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/System/Info", status=503))
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    user = MockUser(id="ada").add_to_hass(hass)
    for _ in range(3):
        await family.press_app(keep, Context(user_id=user.id))
    for strange in (None, 7, keep[:-2], {"action": keep}):
        await family.press_app(strange)
    assert await family.press_ntfy(other) == 200
    assert await family.press_ntfy(other) == 400
    assert await family.press_ntfy(other, {"button": "KEEP"}) == 400
    # It is tried again, and is still down.
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert await family.press_ntfy(other) == 400
    monkeypatch.setattr(button_presses, "_MOST", 2)
    assert await family.press_ntfy(again) == 200
    house.servers.jellyfin.liar = Liar()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED

    async def kept() -> bool:
        return len(await family.keeps()) == 2

    await until(kept, what="both are kept")
    # The first one was given up for another that came: no more than so many wait.
    assert {one.by for one in await family.keeps()} == {BY_BUTTON}
    assert hass.data[button_presses._WAITING] == {}
    assert await family.press_ntfy(again) == 400


async def test_an_entry_that_is_switched_off_keeps_no_presses(family: Family) -> None:
    """Nobody will judge them; and one that is removed leaves nothing that listens."""
    await family.watched(family.movies[0])
    await family.heard(1, 1)
    hass, entry = family.house.hass, family.house.entry
    action = family.ntfy()[0]["actions"][0]
    assert await hass.config_entries.async_unload(entry.entry_id)
    family.house.servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/System/Info", status=503))
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert await family.press_ntfy(action) == 400
    await hass.config_entries.async_remove(entry.entry_id)
    assert hass.data[button_presses._WAITING] == {}
