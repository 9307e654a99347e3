"""What happens at night: services die, lie and come back, and nothing is lost or done twice."""

from datetime import timedelta

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.coordinators.prowlarr import ProwlarrCoordinator
from custom_components.showrunner.domain import acquisition as acquisition_rules
from custom_components.showrunner.domain.acquisition import AcquisitionState
from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from custom_components.showrunner.domain.plan import StepState
from custom_components.showrunner.domain.watching import Viewing
from custom_components.showrunner.store import Saved, StoreError, Write
from tests.english import english
from world.catalogue import by_name
from world.lies import Lie, LieKind
from world.servers import Servers

from .household import Household, entry_for, living, until

SECOND = "The Lantern Keeper"
FIRST = "Salt on the Window"


@pytest.fixture(autouse=True)
def _ask_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once: back-off is a rule of the domain with its own tests."""
    monkeypatch.setattr(acquisition_rules, "_ASK_AGAIN", (1,))


async def test_radarr_down_freezes_the_decision_until_it_answers(household: Household) -> None:
    """Unknown is never no: frozen first, fetched when Radarr is back."""
    household.servers.radarr.liar.tell(Lie(LieKind.ERROR))
    await household.watch("Sofa", SECOND)

    async def frozen() -> bool:
        return any(row["pending"] for row in await household.decisions(SECOND))

    await until(frozen)
    assert household.writes == []
    household.servers.radarr.liar.be_honest()
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED
    assert household.searches == 1


async def test_radarr_dying_between_plan_and_search(household: Household) -> None:
    """The change was made, the search could not be sent: it is sent once, later."""
    household.servers.radarr.liar.tell(Lie(LieKind.ERROR, "/command", status=503))
    await household.watch("Sofa", SECOND)
    waiting = await household.acquisition(SECOND, AcquisitionState.QUEUED)

    async def tried() -> bool:
        plan = await household.runtime.store.plans.get(waiting.plan_id or "")
        return plan is not None and plan.steps[0].state is StepState.DONE

    await until(tried)
    assert household.searches == 0
    household.servers.radarr.liar.be_honest()
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED
    assert household.searches == 1


async def test_a_search_whose_answer_was_lost_is_not_repeated(household: Household) -> None:
    """Radarr began the search, its answer never came: read back, not sent again."""
    household.servers.radarr.liar.tell(Lie(LieKind.HALF, "/command", "POST", times=1))
    await household.watch("Sofa", SECOND)
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED
    assert household.searches == 1


async def test_a_reload_in_the_middle_goes_on(hass: HomeAssistant, household: Household) -> None:
    """Restarted while a search is out: followed to its end, searched once."""
    household.servers.world.pace = type(household.servers.world.pace)(download=3.0)
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND, AcquisitionState.SEARCHING, AcquisitionState.GRABBED)
    await hass.config_entries.async_reload(household.entry.entry_id)
    await hass.async_block_till_done()
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED
    assert household.searches == 1


async def test_a_film_goes_on_over_a_restart(hass: HomeAssistant, household: Household) -> None:
    """Restarted in the middle of the film: still one completed viewing."""
    play = household.servers.play("Sofa", SECOND, speed=0.8)
    await until(lambda: play.position() > 2)
    await hass.config_entries.async_reload(household.entry.entry_id)
    await hass.async_block_till_done()
    assert play.done is not None
    await play.done
    await household.acquisition(SECOND)
    history = await household.runtime.store.viewings.history(limit=10)
    assert [viewing.completed for viewing in history] == [True]


async def test_a_dead_service_takes_nobody_with_it(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Prowlarr and ntfy are down from the start: the entry loads, the film is fetched."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    await servers.prowlarr.go_down()
    await servers.ntfy.go_down()
    async with living(hass, servers, client, entry_for(servers)) as house:
        assert house.entry.state is ConfigEntryState.LOADED
        await house.watch("Sofa", SECOND)
        ended = await house.acquisition(SECOND)
        assert ended.state is AcquisitionState.IMPORTED


async def test_jellyfin_down_at_the_start_is_tried_again(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Without the server there is nothing to do: Home Assistant retries."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    await servers.jellyfin.go_down()
    entry = entry_for(servers)
    async with living(hass, servers, client, entry):
        assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_an_expired_key_asks_for_that_service_alone(
    hass: HomeAssistant, household: Household
) -> None:
    """Radarr refuses its key: reauthentication for its subentry, Jellyfin goes on."""
    household.servers.radarr.liar.tell(Lie(LieKind.REFUSED))
    (radarr,) = household.runtime.radarrs.values()
    await radarr.async_refresh()
    assert not hass.config_entries.flow.async_progress()
    await radarr.async_refresh()
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_service"
    assert household.runtime.jellyfin.connected
    assert not radarr.connected


async def test_a_dry_run_writes_nothing(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """The plan is made and shown; no tag, no monitoring, no search. Applied, it is done once."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    entry = entry_for(servers, {"safety": {"dry_run": True}})
    async with living(hass, servers, client, entry) as house:
        await house.watch("Sofa", SECOND)
        planned = await house.acquisition(SECOND, AcquisitionState.PLANNED)
        assert house.writes == []
        plan = await house.runtime.apply_plan(planned.plan_id or "", dry_run=True)
        assert plan.dry_run
        assert house.writes == []
        done = await house.runtime.apply_plan(planned.plan_id or "")
        assert [step.state for step in done.steps] == [StepState.DONE] * 2
        again = await house.runtime.apply_plan(planned.plan_id or "")
        assert [step.state for step in again.steps] == [StepState.DONE] * 2
        ended = await house.acquisition(SECOND)
        assert ended.state is AcquisitionState.IMPORTED
        assert house.searches == 1


async def test_searches_are_paced_and_kept_over_a_reload(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """One search an hour: the second film waits its turn, also after a restart."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    entry = entry_for(servers, {"downloads": {"searches_per_hour": 1}})
    async with living(hass, servers, client, entry) as house:
        await house.watch("Sofa", SECOND)
        await house.acquisition(SECOND)
        await house.watch("Sofa", "A Harbour of Glass")
        waiting = await house.acquisition("A Harbour of Glass", AcquisitionState.QUEUED)
        await until(lambda: house.searches == 1)
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        house.runtime.jobs.named("download").run_now()

        async def held() -> bool:
            found = await house.acquisition("A Harbour of Glass", AcquisitionState.QUEUED)
            return found.next_at is not None

        await until(held)
        held_back = await house.acquisition("A Harbour of Glass", AcquisitionState.QUEUED)
        assert house.searches == 1
        assert held_back.next_at is not None
        assert held_back.next_at - waiting.created_at > timedelta(minutes=50)


async def test_options_change_without_a_reload(hass: HomeAssistant, household: Household) -> None:
    """Turning the dry run on does not restart anything, and holds from that moment on."""
    runtime = household.runtime
    await runtime.set_option("safety", "dry_run", True)
    await hass.async_block_till_done()
    assert household.runtime is runtime
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND, AcquisitionState.PLANNED)
    assert household.writes == []


async def test_removal_leaves_nothing_behind(hass: HomeAssistant, household: Household) -> None:
    """Our webhook is out of Jellyfin's plugin, the database is gone; a foreign webhook stays."""
    from pathlib import Path

    from custom_components.showrunner.runtime import database_path

    options = household.servers.webhooks.configuration["GenericOptions"]
    assert isinstance(options, list)
    foreign = {"WebhookName": "Mine", "WebhookUri": "http://127.0.0.1:9/x"}
    options.append(foreign)
    path: Path = database_path(hass, household.entry.entry_id)
    assert path.exists()
    await hass.config_entries.async_remove(household.entry.entry_id)
    await hass.async_block_till_done()
    assert household.servers.webhooks.configuration["GenericOptions"] == [foreign]
    assert not list(path.parent.glob(f"{path.name}*"))


async def test_a_full_disk_is_outlived(
    household: Household, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The database refuses to write for a while: nothing dies of it, and it goes on afterwards."""
    viewings = household.runtime.store.viewings
    whole, refused = viewings.to_save, []

    def refuse(viewing: Viewing) -> Write[tuple[Saved, int]]:
        refused.append(viewing)
        raise StoreError("the database failed: disk is full")

    monkeypatch.setattr(viewings, "to_save", refuse)
    await household.watch("Sofa", FIRST)
    await until(lambda: bool(refused))
    assert "disk is full" in caplog.text
    monkeypatch.setattr(viewings, "to_save", whole)
    await household.runtime.jellyfin.async_refresh()
    assert household.runtime.jellyfin.last_update_success
    await household.watch("Sofa", SECOND)
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED


async def test_another_server_at_the_same_address_is_refused(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Its users and items would be mixed into our history."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    entry = entry_for(servers)
    servers.world.server_id = "f" * 32
    async with living(hass, servers, client, entry):
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert "another server" in str(entry.reason)


async def test_always_waits_for_a_radarr_that_is_down(household: Household) -> None:
    """A person's word decides at once; it is carried out when Radarr can be asked."""
    film = by_name(FIRST)
    title = TitleKey(MediaType.MOVIE, ProviderIds(tmdb=film.tmdb))
    await household.runtime.store.overrides.set(title, Override.ALWAYS, "somebody")
    household.servers.radarr.liar.tell(Lie(LieKind.ERROR))
    await household.watch("Sofa", FIRST)

    async def waits() -> bool:
        found = await household.acquisitions(FIRST)
        return bool(found) and found[0].attempts > 0

    await until(waits)
    household.servers.radarr.liar.be_honest()
    ended = await household.acquisition(FIRST)
    assert ended.state is AcquisitionState.IMPORTED


async def test_every_service_asks_for_its_own_key_and_stops_when_it_answers(
    hass: HomeAssistant, household: Household
) -> None:
    """A false question never hides a true one, and ends by itself."""
    runtime, servers = household.runtime, household.servers
    (radarr,) = runtime.radarrs.values()
    (prowlarr,) = runtime.links.of(ProwlarrCoordinator).values()
    for server in (servers.radarr, servers.prowlarr):
        server.liar.tell(Lie(LieKind.REFUSED))
    for coordinator in (radarr, prowlarr, radarr, prowlarr, radarr):
        await coordinator.async_refresh()
    await hass.async_block_till_done()
    flows = hass.config_entries.flow.async_progress()
    names = {flow["context"]["title_placeholders"]["name"] for flow in flows}
    assert (len(flows), names) == (2, {radarr.title, prowlarr.title})

    def repairs() -> int:
        found = ir.async_get(hass).issues.values()
        return sum(issue.translation_key == "config_entry_reauth" for issue in found)

    assert repairs() == 2
    servers.radarr.liar.be_honest()
    await radarr.async_refresh()
    (left,) = hass.config_entries.flow.async_progress()
    assert left["context"]["title_placeholders"]["name"] == prowlarr.title
    assert repairs() == 1
    servers.prowlarr.liar.be_honest()
    await prowlarr.async_refresh()
    assert not hass.config_entries.flow.async_progress()
    assert repairs() == 0


async def test_a_page_or_a_refusal_that_passes_asks_for_no_key(
    hass: HomeAssistant, household: Household
) -> None:
    """A proxy's 403 says nothing of the key, however often; nor does a single refusal."""
    (radarr,) = household.runtime.radarrs.values()
    household.servers.radarr.liar.tell(Lie(LieKind.FORBIDDEN))
    for _ in range(3):
        await radarr.async_refresh()
        assert "in front of it" in english(radarr.last_error)
    household.servers.radarr.liar.be_honest()
    for _ in range(2):
        household.servers.radarr.liar.tell(Lie(LieKind.REFUSED, times=1))
        await radarr.async_refresh()
        assert not radarr.connected
        # Not even for the moment until it answers well again.
        await hass.async_block_till_done()
        assert not hass.config_entries.flow.async_progress()
        await radarr.async_refresh()
        assert radarr.connected
    await hass.async_block_till_done()
    assert not hass.config_entries.flow.async_progress()


@pytest.mark.parametrize("kind", [LieKind.FORBIDDEN, LieKind.REFUSED])
async def test_a_refusal_while_we_start_does_not_leave_the_entry_dead(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    kind: LieKind,
) -> None:
    """The entry waits and tries again; what was asked meanwhile is asked no more."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    entry = entry_for(servers)
    lie = Lie(kind, "/Library" if kind is LieKind.REFUSED else "")
    servers.jellyfin.liar.tell(lie)
    servers.jellyfin.liar.tell(Lie(kind, "/Sessions" if kind is LieKind.REFUSED else ""))
    async with living(hass, servers, client, entry):
        assert entry.state is ConfigEntryState.SETUP_RETRY
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.SETUP_RETRY
        asked = hass.config_entries.flow.async_progress()
        assert len(asked) == (1 if kind is LieKind.REFUSED else 0)
        servers.jellyfin.liar.be_honest()
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        assert not hass.config_entries.flow.async_progress()
