"""A job made up on the spot: its spec in the list is all that the rest needs to show it."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.showrunner.diagnostics import async_get_config_entry_diagnostics
from custom_components.showrunner.jobs.messages import Spoken
from custom_components.showrunner.jobs.notify import Subscriber
from custom_components.showrunner.jobs.registry import JOBS
from custom_components.showrunner.logbook import sentence
from custom_components.showrunner.signals import Topic
from tests.platforms.faces import act, entity_id, state, user_context
from tests.walk.household import Household, entry_for, living, short_world, until
from world.run import running

from . import dusting
from .dusting import Dusting


@pytest.fixture
async def household(
    hass: HomeAssistant,
    socket_enabled: None,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Household]:
    """Give a household in whose list of jobs there is one more."""
    monkeypatch.setitem(JOBS, dusting.KEY, dusting.SPEC)
    await async_setup_component(hass, "webhook", {})
    async with running(world=short_world()) as servers:
        client = await hass_client_no_auth()
        async with living(hass, servers, client, entry_for(servers)) as house:
            yield house


class Phone:
    """Remembers what it was told."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.said: list[Spoken] = []

    async def send(self, message: Spoken) -> None:
        """Hear."""
        self.said.append(message)


def job_of(house: Household) -> Dusting:
    """Give the job."""
    job: Dusting = house.runtime.jobs[dusting.SPEC]
    return job


async def test_it_works_as_long_as_the_entry_is_loaded(household: Household) -> None:
    """Its worker runs, it hears of other jobs, and ends with the entry."""
    job = job_of(household)
    await until(job.begun.is_set)
    await act(household, "dust", shelf=1, dry_run=False, confirm=True)
    assert job.heard == [f"{dusting.KEY} done"]
    await household.hass.config_entries.async_unload(household.entry.entry_id)
    assert job.ended


async def test_its_switch_and_its_page_are_one_option(household: Household) -> None:
    """Switched off until somebody says so, on either; the job hears of the change."""
    job, flows = job_of(household), household.hass.config_entries.options
    assert state(household, "auto_dusting").state == "off"
    menu = await flows.async_init(household.entry.entry_id)
    before = ["watching", "downloads", "refresh", "cleanup", "extras", "seedbox"]
    pages = [*before, dusting.KEY, "safety", "notifications"]
    assert menu["menu_options"] == pages
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": dusting.KEY})
    (group,) = form["data_schema"].schema.values()
    assert {str(key) for key in group.schema.schema} == {"enabled", "strokes", "cloth"}
    wrong = {"enabled": True, "strokes": 5, "cloth": "sandpaper"}
    form = await flows.async_configure(form["flow_id"], {"dry": wrong})
    assert form["errors"] == {"cloth": "no_such_cloth"}
    await flows.async_configure(form["flow_id"], {"dry": {"enabled": True, "strokes": 5}})
    await until(lambda: state(household, "auto_dusting").state == "on")
    assert (job.strokes, job.changes) == (5, 1)
    target = {"entity_id": entity_id(household, "auto_dusting")}
    await household.hass.services.async_call("switch", "turn_off", target, blocking=True)
    assert household.entry.options[dusting.KEY] == {"enabled": False, "strokes": 5}


async def test_two_jobs_share_a_page(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with its group of fields; they are stored side by side."""
    monkeypatch.setitem(JOBS, dusting.WET.key, dusting.WET)
    flows = household.hass.config_entries.options
    menu = await flows.async_init(household.entry.entry_id)
    assert menu["menu_options"].count(dusting.KEY) == 1
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": dusting.KEY})
    assert [str(key) for key in form["data_schema"].schema] == ["dry", "wet"]
    typed = {"dry": {"enabled": True, "strokes": 4}, "wet": {"wet": False}}
    await flows.async_configure(form["flow_id"], typed)
    stored = {"enabled": True, "strokes": 4, "wet": False}
    assert household.entry.options[dusting.KEY] == stored


async def test_it_has_a_turn_by_the_clock(household: Household) -> None:
    """Its schedule is looked at as long as the entry is loaded."""
    assert "dusting schedule" in [name for name, _ in household.runtime.jobs.workers]


async def test_its_button_runs_it(household: Household) -> None:
    """Once for each press, for administrators."""
    target = {"entity_id": entity_id(household, "run_dusting")}
    await household.hass.services.async_call("button", "press", target, blocking=True)
    await until(lambda: job_of(household).runs == 1)
    diagnostics = await async_get_config_entry_diagnostics(household.hass, household.entry)
    assert diagnostics["jobs"][dusting.KEY] == {"runs": 1}


async def test_its_action_plans_and_applies(
    household: Household, hass_ws_client: WebSocketGenerator
) -> None:
    """With the dry run, the confirmation and the plan's id of every other; cards list the plan."""
    await household.runtime.set_option("safety", "dry_run", True)
    shown = await act(household, "dust", shelf=1)
    assert (shown["plan_id"], shown["dry_run"], shown["totals"]["done"]) == ("dust1", True, 0)
    with pytest.raises(ServiceValidationError) as caught:
        await act(household, "dust", shelf=1, dry_run=False)
    assert caught.value.translation_key == "dry_run_on"
    done = await act(household, "apply_plan", plan_id="dust1", dry_run=False, confirm=True)
    assert done["totals"]["done"] == 1
    client: Any = await hass_ws_client(household.hass)
    entry_id = household.entry.entry_id
    about = {"type": "showrunner/plans/list", "config_entry_id": entry_id, "job": dusting.KEY}
    await client.send_json_auto_id(about)
    (listed,) = (await client.receive_json())["result"]["plans"]
    assert (listed["plan_id"], listed["titles"]) == ("dust1", [dusting.WOODEN.label])
    await until(lambda: state(household, "dusted").state == "1")


async def test_what_it_does_is_an_event_and_a_sentence(household: Household) -> None:
    """The event names the job; Activity says what the job says."""
    await act(household, "dust", shelf=2, dry_run=False, confirm=True)
    event = state(household, "job")
    assert (event.attributes["event_type"], event.attributes["job"]) == ("done", dusting.KEY)
    body = {"topic": "job", "kind": "done", **event.attributes}
    assert sentence(body) == (dusting.WOODEN.label, "is done: no dust on it")


async def test_no_phone_rings_for_a_job_that_does_not_say_so(household: Household) -> None:
    """While it does for a download."""
    phone, runtime = Phone(), household.runtime
    runtime.notifier.add(Subscriber("phone", "Phone", phone, frozenset({"outcome"})))
    await act(household, "dust", shelf=2, dry_run=False, confirm=True)
    body = {"job": "download", "title": "Heat", "outcome": "imported"}
    runtime.signals.send(Topic.JOB, "done", body)
    await until(lambda: bool(phone.said))
    (said,) = phone.said
    assert "Heat" in said.title


async def test_who_may_not_apply_gets_no_plan_to_keep(household: Household) -> None:
    """Everybody may look; what changes anything is for administrators."""
    guest: Context = await user_context(household)
    shown = await act(household, "dust", guest, shelf=3, dry_run=True)
    assert shown["plan_id"] is None
    assert await household.runtime.store.plans.recent(5, dusting.KEY) == ()
    with pytest.raises(Unauthorized):
        await act(household, "dust", guest, shelf=3, dry_run=False)
    assert await act(household, "look_for_dust", guest, where="here") == {
        "seen": "here",
        "strokes": 3,
    }
    with pytest.raises(Unauthorized):
        await act(household, "look_for_dust", guest, where="there")


async def test_what_it_refuses_is_said_in_its_words(household: Household) -> None:
    """By the one place that says what is refused; nothing of it is kept."""
    with pytest.raises(ServiceValidationError) as caught:
        await act(household, "dust", shelf=10)
    assert caught.value.translation_key == "plan_unknown"
    assert caught.value.translation_placeholders == {"plan_id": "shelf 10"}
