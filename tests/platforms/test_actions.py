"""Actions: what is refused, in whose words, and what can't be done by accident."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
import json
from pathlib import Path
from typing import Any, NoReturn

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
import voluptuous as vol
import yaml

import custom_components.showrunner
from custom_components.showrunner import actions
from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.domain.acquisition import AcquisitionState
from custom_components.showrunner.jobs.kit.refusals import AlreadyRunning
from custom_components.showrunner.runtime import ServiceError
from custom_components.showrunner.store import StoreError
from tests.walk.household import Household
from world.catalogue import by_name

from .faces import SECOND, act

TITLE = f"tmdb:{by_name(SECOND).tmdb}"


def raising(error: Exception) -> Callable[..., NoReturn]:
    """Make something that only fails."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise error

    return fail


async def planned(house: Household) -> str:
    """Have a plan made that waits for a person; give its id."""
    await house.runtime.set_option("safety", "dry_run", True)
    await house.watch("Sofa", SECOND)
    plan_id = (await house.acquisition(SECOND, AcquisitionState.PLANNED)).plan_id
    assert plan_id
    return plan_id


async def test_every_action_is_described_and_every_description_is_an_action(
    household: Household,
) -> None:
    """Names and fields of services.yaml are those that are really taken."""
    folder = Path(custom_components.showrunner.__file__).parent
    described = yaml.safe_load((folder / "services.yaml").read_text())
    assert set(household.hass.services.async_services_for_domain(DOMAIN)) == set(described)
    for name, service in described.items():
        schema: Any = actions.all_actions()[name][0]
        if isinstance(schema, vol.All):
            schema = schema.validators[0]
        assert {str(key) for key in schema.schema} == set(service["fields"]), name


async def test_a_time_without_a_zone_is_home_assistants(household: Household) -> None:
    """The machine's zone is not asked: in a container it is often another."""
    await household.hass.config.async_set_time_zone("Asia/Tokyo")
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND)
    for hours, number in ((-1, 1), (1, 0)):
        since = (dt_util.now() + timedelta(hours=hours)).replace(tzinfo=None).isoformat()
        found = (await act(household, "get_history", since=since, title=TITLE))["viewings"]
        assert len(found) == number, since
    aware = (dt_util.utcnow() - timedelta(hours=1)).isoformat()
    assert (await act(household, "get_history", since=aware, title=TITLE))["viewings"]


@pytest.mark.parametrize("item_id", ["rubbish", "0" * 32])
async def test_nothing_is_decided_of_an_item_that_is_not_there(
    household: Household, item_id: str
) -> None:
    """Neither answered nor written down."""
    with pytest.raises(ServiceValidationError) as caught:
        await act(household, "decide", jellyfin_item_id=item_id, execute=True)
    assert caught.value.translation_key == "title_unknown"
    assert await household.runtime.store.decisions.recent(10) == ()


@pytest.mark.parametrize("data", [{}, {"tmdb_id": 0}, {"tmdb_id": 1, "jellyfin_item_id": "0" * 32}])
async def test_decide_wants_exactly_one_title(household: Household, data: dict[str, Any]) -> None:
    """Which one would be a guess."""
    with pytest.raises(vol.Invalid):
        await act(household, "decide", **data)


async def test_only_steps_of_the_plan_can_be_approved(household: Household) -> None:
    """A wrong step must not approve the plan: the job would carry all of it out later."""
    plan_id = await planned(household)
    for dry_run in (True, False):
        with pytest.raises(ServiceValidationError) as caught:
            await act(
                household,
                "apply_plan",
                plan_id=plan_id,
                steps=["search_movie", "other"],
                dry_run=dry_run,
                confirm=True,
            )
        assert caught.value.translation_key == "step_unknown"
        assert caught.value.translation_placeholders == {"plan_id": plan_id, "step": "other"}
    with pytest.raises(vol.Invalid):  # none is not "all"
        await act(household, "apply_plan", plan_id=plan_id, steps=[], dry_run=False, confirm=True)
    (waiting,) = await household.acquisitions(SECOND)
    assert (waiting.state, waiting.approved) == (AcquisitionState.PLANNED, False)
    assert household.writes == []


async def test_dry_run_is_what_the_options_say(household: Household) -> None:
    """Left out: shown while the dry run is on, carried out when it is off."""
    plan_id = await planned(household)
    assert (await act(household, "apply_plan", plan_id=plan_id))["totals"]["done"] == 0
    assert household.writes == []
    await household.runtime.set_option("safety", "dry_run", False)
    assert (await act(household, "apply_plan", plan_id=plan_id))["totals"]["done"] == 2
    await household.acquisition(SECOND)


async def test_everything_about_a_title_holds_its_plans(household: Household) -> None:
    """Also those that were only shown, once each, and in order of time."""
    plan_id = await planned(household)
    await act(household, "set_override", title=TITLE, policy="never")
    answer = await act(household, "get_title", title=TITLE)
    plans = [event["plan"] for event in answer["events"] if "plan" in event]
    assert [plan["plan_id"] for plan in plans] == [plan_id]
    assert [step["action"] for step in plans[0]["steps"]] == ["update_movie", "search_movie"]
    assert (answer["override"], answer["status"]) == ("never", "planned")
    times = [dt_util.parse_datetime(event["at"]) for event in answer["events"]]
    assert times == sorted(times, key=lambda at: at or dt_util.utcnow())
    json.dumps(answer)


async def test_a_plan_that_is_too_old_is_refused(household: Household) -> None:
    """It was shown on grounds that may no longer hold."""
    plan_id = await planned(household)
    plans = household.runtime.store.plans
    plan = await plans.get(plan_id)
    assert plan is not None
    await plans.put(replace(plan, expires_at=dt_util.utcnow() - timedelta(seconds=1)))
    with pytest.raises(ServiceValidationError) as caught:
        await act(household, "apply_plan", plan_id=plan_id, dry_run=False, confirm=True)
    assert caught.value.translation_key == "plan_expired"
    assert household.writes == []


async def test_a_second_run_of_the_job_is_refused(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And told which plan it is that runs."""
    plan_id = await planned(household)
    error = AlreadyRunning("download", "first")
    monkeypatch.setattr(household.runtime.jobs.named("download"), "apply", raising(error))
    with pytest.raises(HomeAssistantError) as caught:
        await act(household, "apply_plan", plan_id=plan_id)
    assert caught.value.translation_key == "already_running"
    assert caught.value.translation_placeholders == {"job": "download", "plan_id": "first"}


@pytest.mark.parametrize(
    ("action", "data", "key", "words"),
    [
        ("apply_plan", {"plan_id": "none"}, "plan_unknown", "There is no plan none"),
        ("get_history", {"viewer": "Nobody"}, "viewer_unknown", "Nobody is not a tracked viewer"),
        ("get_history", {"title": "Heat"}, "title_unknown", "Heat is not a title"),
        ("get_title", {"title": "tmdb:x"}, "title_unknown", "tmdb:x is not a title"),
        ("set_override", {"title": "x", "policy": "ask"}, "title_unknown", "x is not a title"),
    ],
)
async def test_what_is_wrong_is_said_in_words(
    household: Household, action: str, data: Mapping[str, Any], key: str, words: str
) -> None:
    """Every refusal has its text, with what it is about filled in."""
    with pytest.raises(ServiceValidationError) as caught:
        await act(household, action, **data)
    assert caught.value.translation_key == key
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (ServiceError("Radarr", "did not answer"), "service_failed"),
        (StoreError("the disk is full"), "store_failed"),
    ],
)
async def test_what_fails_below_is_said_in_words(
    household: Household, monkeypatch: pytest.MonkeyPatch, error: Exception, key: str
) -> None:
    """A dead service or database is no stack trace."""
    monkeypatch.setattr(household.runtime.jobs.named("download"), "decide", raising(error))
    with pytest.raises(HomeAssistantError) as caught:
        await act(household, "decide", tmdb_id=1)
    assert caught.value.translation_key == key
    assert caught.value.__cause__ is error


async def test_an_entry_that_is_not_loaded_or_not_there_is_refused(household: Household) -> None:
    """The actions outlive the entry."""
    with pytest.raises(ServiceValidationError):
        await act(household, "get_title", title=TITLE, config_entry_id="none")
    await household.hass.config_entries.async_unload(household.entry.entry_id)
    with pytest.raises(ServiceValidationError):
        await act(household, "get_title", title=TITLE)
