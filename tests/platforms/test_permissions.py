"""What users may do who are not administrators: they look, within limits, and change nothing."""

from typing import Any

from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.showrunner.domain import rate_limit
from custom_components.showrunner.jobs.registry import JOBS
from tests.walk.household import Household, until
from world.catalogue import by_name

from .faces import SECOND, act, entity_id, user_context

TMDB = by_name(SECOND).tmdb


@pytest.fixture
async def guest(household: Household) -> Context:
    """Act as a user of Home Assistant who is no administrator, but may control all entities."""
    return await user_context(household)


@pytest.fixture
def owner(household: Household) -> Context:
    """Act as an administrator."""
    return Context(user_id=MockUser(is_owner=True).add_to_hass(household.hass).id)


@pytest.mark.parametrize(
    "job", [spec for spec in JOBS.values() if spec.run_now], ids=lambda job: job.key
)
async def test_buttons_are_for_administrators(
    household: Household,
    guest: Context,
    owner: Context,
    monkeypatch: pytest.MonkeyPatch,
    job: Any,
) -> None:
    """A job that somebody else wakes would write all the same; automations may."""
    woken: list[str] = []
    monkeypatch.setattr(household.runtime.jobs, "run_now", woken.append)

    async def press(context: Context | None) -> None:
        await household.hass.services.async_call(
            "button",
            "press",
            {"entity_id": entity_id(household, job.button_key)},
            blocking=True,
            context=context,
        )

    with pytest.raises(Unauthorized):
        await press(guest)
    assert woken == []
    await press(owner)
    await press(None)
    assert woken == [job.key, job.key]


async def test_questions_are_bounded_for_whoever_is_no_administrator(
    household: Household, guest: Context, owner: Context
) -> None:
    """Each of them asks services and indexers; a reload does not begin the count anew."""
    plan_id = await _planned(household)
    asked = (
        ("decide", {"tmdb_id": TMDB}),
        ("refresh_library", {"dry_run": True}),
        ("apply_plan", {"plan_id": plan_id, "dry_run": True}),
    )
    for number in range(rate_limit.LIMIT):
        action, data = asked[number % len(asked)]
        await act(household, action, guest, **data)
    await household.hass.config_entries.async_reload(household.entry.entry_id)
    refused = (*asked, ("delete_request", {"request_id": "x", "files": False, "dry_run": True}))
    for action, data in refused:
        with pytest.raises(ServiceValidationError) as caught:
            await act(household, action, guest, **data)
        assert caught.value.translation_key == "too_often", action
        assert str(caught.value).startswith(f"Too often: {rate_limit.LIMIT} questions a minute")
    other = await user_context(household)
    for context in (owner, None, other):
        await act(household, "decide", context, tmdb_id=TMDB)


async def test_a_question_leaves_nothing_behind(household: Household, guest: Context) -> None:
    """No decision, no plan, no pursuit."""
    before = await household.runtime.store.decisions.recent(100)
    for _ in range(3):
        answer = await act(household, "decide", guest, tmdb_id=TMDB)
        assert answer["plan_id"] is None
    assert await household.runtime.store.decisions.recent(100) == before
    assert await household.acquisitions(SECOND) == ()


async def test_the_history_can_be_kept_to_administrators(
    household: Household, guest: Context, owner: Context
) -> None:
    """By default everybody reads it; with the option, whatever tells what a viewer watched."""
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND)
    questions = (
        ("get_history", {}),
        ("get_title", {"title": f"tmdb:{TMDB}"}),
        ("decide", {"tmdb_id": TMDB, "viewer": "Sofa"}),
    )
    for action, data in questions:
        await act(household, action, guest, **data)
    await household.runtime.set_option("watching", "history_admins_only", True)
    for action, data in questions:
        with pytest.raises(Unauthorized):
            await act(household, action, guest, **data)
        for context in (owner, None):
            assert await act(household, action, context, **data)
    assert await act(household, "decide", guest, tmdb_id=TMDB)


@pytest.mark.parametrize("admin", [True, False])
async def test_who_watches_is_hidden_with_the_history(
    household: Household,
    hass_ws_client: WebSocketGenerator,
    hass_access_token: str,
    hass_read_only_access_token: str,
    admin: bool,
) -> None:
    """Others are told how many streams there are, as for people who are not tracked."""
    await household.runtime.set_option("watching", "history_admins_only", True)
    await async_setup_component(household.hass, "websocket_api", {})
    token = hass_access_token if admin else hass_read_only_access_token
    socket = await hass_ws_client(household.hass, token)
    await socket.send_json_auto_id({"type": "showrunner/sessions/subscribe"})
    assert (await socket.receive_json())["success"]
    play = household.servers.play("Sofa", SECOND, 0.2, None, 1.0)
    event: dict[str, Any] = {"streams": [], "others": 0}
    while not (event["streams"] or event["others"]):
        event = (await socket.receive_json())["event"]
    assert (len(event["streams"]), event["others"]) == ((1, 0) if admin else (0, 1))
    assert ("Sofa" in str(event)) is admin
    assert play.done is not None
    await play.done


async def _planned(household: Household) -> str:
    """Have a plan made that waits for a person; give its id."""
    await household.runtime.set_option("safety", "dry_run", True)
    await household.watch("Sofa", SECOND)
    plans: list[str] = []

    async def there() -> bool:
        plans[:] = [one.plan_id for one in await household.acquisitions(SECOND) if one.plan_id]
        return bool(plans)

    await until(there, what="a plan")
    return plans[0]
