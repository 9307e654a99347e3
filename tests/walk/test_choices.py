"""Whose Radarr, whose word, whose phone: what a household with more than one of each expects."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.domain.acquisition import AcquisitionState
from custom_components.showrunner.domain.plan import StepState
from custom_components.showrunner.jobs.channels import NotDelivered, NotifyChannel
from custom_components.showrunner.jobs.kit.refusals import PlanExpired, PlanUnknown
from custom_components.showrunner.jobs.messages import Event, Message
from tests.english import english
from world.lies import Lie, LieKind
from world.servers import Servers

from .household import Household, entry_for, living, until, with_links

SECOND = "The Lantern Keeper"
BEST = "A Harbour of Glass"
UNKNOWN_TO_RADARR = "The Far Pavilion Hotel"


@asynccontextmanager
async def home(
    hass: HomeAssistant,
    servers: Servers,
    client: ClientSessionGenerator,
    options: Mapping[str, Mapping[str, object]] | None = None,
    more: tuple[ConfigSubentryData, ...] = (),
) -> AsyncGenerator[Household]:
    """Live with these options and subentries more."""
    await async_setup_component(hass, "webhook", {})
    plain = entry_for(servers, options)
    every = [
        ConfigSubentryData(
            data=dict(one.data),
            subentry_type=one.subentry_type,
            title=one.title,
            unique_id=one.unique_id,
        )
        for one in plain.subentries.values()
    ]
    entry = with_links(plain, [*every, *more])
    async with living(hass, servers, await client(), entry) as house:
        yield house


def other_radarr(servers: Servers, here: str) -> ConfigSubentryData:
    """Link the same Radarr once more, under another mapping: as a second one with the same film."""
    return ConfigSubentryData(
        data={
            "url": servers.radarr.url,
            "api_key": servers.world.keys.radarr,
            "verify_ssl": True,
            "permanent_folders": ["/data/movies"],
            "path_map": [{"here": here, "there": "/data"}],
        },
        subentry_type="radarr",
        title="Radarr 4K",
        unique_id="radarr:other",
    )


async def test_the_radarr_that_owns_the_path_fetches(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Two hold the film; the mapping tells which of them Jellyfin plays from."""
    more = (other_radarr(servers, "/media4k"),)
    async with home(hass, servers, hass_client_no_auth, more=more) as house:
        await house.watch("Sofa", SECOND)
        ended = await house.acquisition(SECOND)
        assert ended.state is AcquisitionState.IMPORTED
        assert house.runtime.radarrs[ended.service or ""].title == "Radarr"


async def test_two_that_cannot_be_told_apart_are_both_named(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Nothing is changed in either."""
    more = (other_radarr(servers, "/media"),)
    async with home(hass, servers, hass_client_no_auth, more=more) as house:
        await house.watch("Sofa", SECOND)
        ended = await house.acquisition(SECOND)
        assert ended.state is AcquisitionState.FAILED
        assert "Radarr 4K" in english(ended.detail)
        await house.watch("Sofa", UNKNOWN_TO_RADARR)
        ended = await house.acquisition(UNKNOWN_TO_RADARR)
        assert "none of them holds it" in english(ended.detail)
        assert house.writes == []


async def test_a_guest_triggers_tier_1_and_is_named_nowhere(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """The film is fetched; no viewing, no name, no id of the guest is kept."""
    options = {"downloads": {"guests_instant": True}}
    async with home(hass, servers, hass_client_no_auth, options) as house:
        await house.watch("Attic", BEST)
        ended = await house.acquisition(BEST)
        assert (ended.state, ended.viewer_id) == (AcquisitionState.IMPORTED, None)
        await house.watch("Attic", SECOND)
        streamed = await house.acquisition(SECOND)
        assert streamed.state is AcquisitionState.DROPPED
        store = house.runtime.store
        assert await store.viewings.history() == ()
        kept = [str(await store.decisions.recent()), str(await store.kv.get("tracker"))]
        kept += [str(one) for one in await house.acquisitions(BEST)]
        for secret in ("Attic", house.user("Attic").id):
            assert not any(secret in text for text in kept)


async def test_a_plan_that_is_too_old_is_made_anew(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Queued for longer than its life: decided again from fresh facts, then searched once."""
    servers.radarr.liar.tell(Lie(LieKind.ERROR, "/command"))
    async with home(hass, servers, hass_client_no_auth) as house:
        await house.watch("Sofa", SECOND)
        queued = await house.acquisition(SECOND, AcquisitionState.QUEUED)
        store, first = house.runtime.store, queued.plan_id or ""

        async def planned() -> bool:
            return await store.plans.get(first) is not None

        await until(planned)
        await until(lambda: house.servers.radarr.calls[-1].path.startswith("/api/v3/command"))
        await until(lambda: house.runtime.runner.running("download") is None)
        plan = await store.plans.get(first)
        assert plan is not None
        old = replace(plan, expires_at=dt_util.utcnow() - timedelta(seconds=1))
        await store.plans.put(old)
        with pytest.raises(PlanExpired):
            await house.runtime.apply_plan(first)
        with pytest.raises(PlanUnknown):
            await house.runtime.apply_plan("nothing")
        servers.radarr.liar.be_honest()
        house.runtime.jobs.named("download").run_now()
        ended = await house.acquisition(SECOND)
        assert ended.state is AcquisitionState.IMPORTED
        assert ended.plan_id != first
        assert house.searches == 1


async def test_a_switch_turned_off_holds_back_what_is_queued(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Decided, waiting for its turn, and then the person says stop; applied by hand it goes on."""
    options = {"downloads": {"searches_per_hour": 1}}
    async with home(hass, servers, hass_client_no_auth, options) as house:
        await house.watch("Sofa", SECOND)
        await house.acquisition(SECOND)
        await house.watch("Sofa", BEST)
        await house.acquisition(BEST, AcquisitionState.QUEUED)
        await house.runtime.set_option("downloads", "enabled", False)
        await hass.async_block_till_done()
        held = await house.acquisition(BEST, AcquisitionState.PLANNED)
        assert house.searches == 1
        plan = await house.runtime.apply_plan(held.plan_id or "")
        assert [step.state for step in plan.steps] == [StepState.PLANNED] * 2
        waiting = await house.acquisition(BEST, AcquisitionState.QUEUED)
        assert waiting.approved


async def test_what_was_searched_meanwhile_is_skipped(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """A person was faster, in Radarr itself: law 3."""
    options = {"safety": {"dry_run": True}}
    async with home(hass, servers, hass_client_no_auth, options) as house:
        await house.watch("Sofa", SECOND)
        planned = await house.acquisition(SECOND, AcquisitionState.PLANNED)
        movie = servers.radarr_state.library.by_tmdb(990_001)
        assert movie is not None
        movie.last_search = dt_util.utcnow()
        plan = await house.runtime.apply_plan(planned.plan_id or "")
        assert [step.state for step in plan.steps] == [StepState.DONE, StepState.SKIPPED]
        assert "searched at" in english(plan.steps[1].detail)
        assert (await house.acquisition(SECOND)).state is AcquisitionState.DROPPED
        assert house.searches == 0


async def test_a_tag_that_radarr_refuses_is_told(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """With Radarr's own words, and nothing is searched."""
    options = {"downloads": {"tag": "Not A Label"}}
    async with home(hass, servers, hass_client_no_auth, options) as house:
        await house.watch("Sofa", SECOND)
        ended = await house.acquisition(SECOND)
        assert ended.state is AcquisitionState.FAILED
        assert "Allowed characters" in english(ended.detail)
        assert house.searches == 0


MESSAGE = Message(Event.OUTCOME, "Title", "Text")


async def test_home_assistants_own_notify_targets_are_told(hass: HomeAssistant) -> None:
    """An entity, an action of the older kind, and one that is not there yet."""
    with pytest.raises(NotDelivered) as caught:
        await NotifyChannel(hass, "notify.phone").send(MESSAGE)
    assert not caught.value.final
    older = async_mock_service(hass, "notify", "phone")
    await NotifyChannel(hass, "notify.phone").send(MESSAGE)
    assert older[0].data == {"title": "Title", "message": "Text"}
    hass.states.async_set("notify.tablet", "unknown")
    newer = async_mock_service(hass, "notify", "send_message")
    await NotifyChannel(hass, "notify.tablet").send(MESSAGE)
    assert newer[0].data["entity_id"] in ("notify.tablet", ["notify.tablet"])


async def test_a_notify_target_that_fails_is_tried_again(hass: HomeAssistant) -> None:
    """Its error is not ours."""
    from homeassistant.exceptions import HomeAssistantError

    async def fail(call: ServiceCall) -> None:
        raise HomeAssistantError("no push service")

    hass.services.async_register("notify", "phone", fail)
    with pytest.raises(NotDelivered, match="no push service"):
        await NotifyChannel(hass, "notify.phone").send(MESSAGE)


async def test_steps_that_were_not_chosen_are_never_carried_out(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """One step is approved in a dry run: the other waits, whatever wakes the job."""
    options = {"safety": {"dry_run": True}}
    async with home(hass, servers, hass_client_no_auth, options) as house:
        await house.watch("Sofa", SECOND)
        planned = await house.acquisition(SECOND, AcquisitionState.PLANNED)
        plan_id, downloads = planned.plan_id or "", house.runtime.jobs.named("download")
        plan = await house.runtime.apply_plan(plan_id, ["update_movie"])
        assert [step.state for step in plan.steps] == [StepState.DONE, StepState.PLANNED]
        for _ in range(5):
            downloads.run_now()
            await house.runtime.store.kv.get("let the job look")
            await hass.async_block_till_done()
        held = await house.acquisition(SECOND, AcquisitionState.PLANNED)
        assert (held.approved, house.searches) == (False, 0)
        plan = await house.runtime.apply_plan(plan_id, ["search_movie"])
        assert [step.state for step in plan.steps] == [StepState.DONE] * 2
        ended = await house.acquisition(SECOND)
        assert ended.state is AcquisitionState.IMPORTED
        assert house.searches == 1
