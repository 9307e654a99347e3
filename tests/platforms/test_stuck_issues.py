"""Repairs for stuck requests: they come, change, go, never drown anybody, and one tries again."""

from collections.abc import AsyncGenerator
from datetime import timedelta
import json
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.domain.media import MOVIE, MediaType, ProviderIds, Title
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Fact,
    Transfer,
    Trouble,
)
from custom_components.showrunner.domain.requests.request import Request, RequestState, StuckReason
from custom_components.showrunner.domain.requests.seasons import ALL
from custom_components.showrunner.issues import mappings
from custom_components.showrunner.issues.stuck import MENDABLE, MOST, issue_id_of
from tests.walk import wishes
from tests.walk.household import Household, until
from world.catalogue import by_name
from world.lies import Lie, LieKind
from world.servers import Servers

from .asking import ask, now
from .faces import act
from .repairing import Repair

HASH = "A" * 40


def issues(house: Household) -> dict[str, ir.IssueEntry]:
    """List the repairs of stuck requests that are shown."""
    return {
        issue_id: issue
        for (domain, issue_id), issue in ir.async_get(house.hass).issues.items()
        if domain == DOMAIN and issue_id.startswith("stuck_") and issue.active
    }


def issue(house: Household, request: Request) -> ir.IssueEntry | None:
    """Find the repair of a request."""
    return issues(house).get(issue_id_of(request.id))


async def settle(house: Household) -> None:
    """Let what is due be shown."""
    await house.hass.async_block_till_done(wait_background_tasks=False)


def grabbed(download: str = HASH, **ago: float) -> tuple[Fact, ...]:
    """Say that it was approved, grabbed and begun a while ago."""
    at = now() - timedelta(**(ago or {"hours": 3}))
    return (
        Event(EventKind.APPROVED, at),
        Event(EventKind.GRABBED, at, MOVIE, download),
        Event(EventKind.STARTED, at, download=download),
    )


def reading(trouble: Trouble, message: str = "", **ago: float) -> Transfer:
    """Say how the transfer has stood for two hours."""
    since = now() - timedelta(**(ago or {"hours": 2}))
    return Transfer(HASH, now(), 10.0, trouble=trouble, message=message, since=since)


@pytest.mark.parametrize(
    ("reason", "facts"),
    [
        (StuckReason.DISK_FULL, [reading(Trouble.DISK_FULL, "No space left")]),
        (StuckReason.DOWNLOAD_ERROR, [reading(Trouble.ERROR, "Unregistered torrent")]),
        (StuckReason.NO_SEEDS, [reading(Trouble.NO_SEEDS)]),
        (StuckReason.IMPORT_BLOCKED, [reading(Trouble.IMPORT_BLOCKED, "Not an upgrade")]),
        (StuckReason.NOT_MATCHED, []),
    ],
)
async def test_a_reason_that_a_person_can_mend_is_a_repair_until_it_moves(
    household: Household, monkeypatch: pytest.MonkeyPatch, reason: StuckReason, facts: list[Fact]
) -> None:
    """With the title, the day and the service's words; it can't be fixed from here."""
    tracker = household.runtime.requests
    moving: tuple[Fact, ...] = (Transfer(HASH, now() + timedelta(seconds=1), 20.0),)
    if reason is StuckReason.NOT_MATCHED:
        monkeypatch.setattr(tracker, "_matcher", lambda: True)
        at = now() - timedelta(hours=2)
        # Without a download: one that Radarr does not know would be forgotten.
        facts = [Event(EventKind.IMPORTED, at, MOVIE)]
        moving = (Event(EventKind.MATCHED, now(), MOVIE),)
    request = Request(
        "seerr:none:1",
        "seerr:none:1",
        Title(MediaType.MOVIE, ProviderIds(tmdb=999_123), "A Wish 1", 2020),
        now() - timedelta(hours=4),
        anime=reason is StuckReason.NOT_MATCHED,
    )
    await tracker.asked([(request, (*grabbed(), *facts))])
    await settle(household)
    found = issue(household, request)
    assert found is not None
    assert found.translation_key == f"request_stuck_{reason.value}"
    assert (found.is_fixable, found.severity) == (False, ir.IssueSeverity.WARNING)
    assert found.learn_more_url is None
    message = next((fact.message for fact in facts if isinstance(fact, Transfer)), "")
    assert found.translation_placeholders == {
        "title": "A Wish 1 (2020)",
        "since": dt_util.as_local(now() - timedelta(hours=2)).date().isoformat(),
        "message": message or "no details were given",
    }
    await tracker.asked([(request, moving)])
    if reason is StuckReason.NOT_MATCHED:  # now it waits for Jellyfin, which no repair is for
        view = tracker.find(request.id)
        assert view is not None
        assert view.status.stuck is not None
        assert view.status.stuck.reason is StuckReason.NOT_VISIBLE
    await settle(household)
    assert issues(household) == {}


async def test_what_a_person_can_not_mend_is_no_repair(household: Household) -> None:
    """Approval is on the to-do list; a torrent that is slow may go on by itself."""
    await ask(household, 1, days=3)
    await ask(household, 2, *grabbed(), reading(Trouble.STALLED))
    await settle(household)
    reasons = {view.status.stuck.reason for view in household.runtime.requests.stuck}  # type: ignore[union-attr]
    assert reasons == {StuckReason.WAITING_FOR_APPROVAL, StuckReason.STALLED}
    assert not reasons & MENDABLE
    assert issues(household) == {}


@pytest.mark.parametrize(
    ("reason", "trouble", "hours"),
    [
        (StuckReason.CLIENT_UNAVAILABLE, Trouble.UNAVAILABLE, 2),
        (StuckReason.NOT_MOVING, Trouble.NONE, 13),
    ],
)
async def test_what_stands_still_is_a_repair(
    household: Household, reason: StuckReason, trouble: Trouble, hours: int
) -> None:
    """It says since when, and what is known."""
    answer = reading(trouble, "queued", hours=hours)
    request = await ask(household, 1, *grabbed(days=2), answer)
    await settle(household)
    found = issue(household, request)
    assert found is not None
    assert (found.translation_key, found.is_fixable) == (f"request_stuck_{reason.value}", False)
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["message"] == "queued"


async def test_an_arr_is_asked_to_look_again_at_what_it_does_not_import(
    household: Household, hass_client: ClientSessionGenerator
) -> None:
    """Complete for hours; an error stays in the form, and another arr is not asked."""
    await async_setup_component(household.hass, "repairs", {})
    # What was asked for is looked for at once, and this Radarr's own queue has nothing of it.
    household.servers.radarr.liar.tell(Lie(LieKind.ERROR, "/api/v3/queue"))
    since = now() - timedelta(hours=7)
    waits = Transfer(HASH, now(), 100.0, message="importPending /x", source="queue", since=since)
    done = Event(EventKind.COMPLETE, since, download=HASH)
    request = await ask(household, 1, *grabbed(days=1), done, waits)
    await settle(household)
    found = issue(household, request)
    assert found is not None
    assert (found.translation_key, found.is_fixable) == ("request_stuck_not_imported", True)
    repair = Repair(await hass_client(), found.issue_id)
    form = await repair.open()
    assert form["description_placeholders"]["message"] == "importPending /x"
    await household.servers.radarr.go_down()
    down = await repair.submit()
    assert (down["type"], down["errors"]) == ("form", {"base": "failed"})
    await household.servers.radarr.come_back()
    assert (await repair.submit())["type"] == "create_entry"
    commands = household.servers.radarr_state.library.commands.values()
    assert [one["name"] for one in commands] == ["RefreshMonitoredDownloads"]


async def test_another_reason_is_another_repair(household: Household) -> None:
    """Whoever ignored the first has not ignored the second; its words are plain text."""
    request = await ask(household, 1, *grabbed(), reading(Trouble.NO_SEEDS))
    await settle(household)
    ir.async_ignore_issue(household.hass, DOMAIN, issue_id_of(request.id), ignore=True)
    full = Transfer(HASH, now(), 10.0, trouble=Trouble.DISK_FULL)
    await household.runtime.requests.asked([(request, (full,))])
    await settle(household)
    found = issue(household, request)
    assert found is not None
    assert found.translation_key == "request_stuck_disk_full"
    assert found.dismissed_version is None
    evil = Transfer(HASH, now(), 10.0, trouble=Trouble.DISK_FULL, message="`\n![x](y)")
    await household.runtime.requests.asked([(request, (evil,))])
    await settle(household)
    found = issue(household, request)
    assert found is not None
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["message"] == "' ![x](y)"


async def test_progress_alone_does_not_touch_a_repair(household: Household) -> None:
    """One that was ignored stays so."""
    request = await ask(household, 1, *grabbed(), reading(Trouble.DISK_FULL))
    await settle(household)
    ir.async_ignore_issue(household.hass, DOMAIN, issue_id_of(request.id), ignore=True)
    before = issue(household, request)
    assert before is not None
    further = Transfer(HASH, now(), 11.0, trouble=Trouble.DISK_FULL)
    await household.runtime.requests.asked([(request, (further,))])
    await settle(household)
    view = household.runtime.requests.find(request.id)
    assert view is not None
    assert view.status.progress == 11.0
    after = issue(household, request)
    assert after is not None
    assert after.dismissed_version == before.dismissed_version is not None


async def test_a_request_that_is_closed_takes_its_repair_along(household: Household) -> None:
    """Its source has deleted it."""
    request = await ask(household, 1, *grabbed(), reading(Trouble.DISK_FULL))
    await settle(household)
    assert issue(household, request) is not None
    await household.runtime.requests.withdrawn(request.ref, now())
    await settle(household)
    assert issues(household) == {}


async def test_not_more_than_a_person_can_read(household: Household) -> None:
    """The oldest; when one of them moves the next one is shown."""
    made = []
    for number in range(MOST + 3):
        stuck = reading(Trouble.DISK_FULL, hours=2 + number)
        made.append(await ask(household, number, *grabbed(days=3), stuck))
    await settle(household)
    oldest = made[3:]
    assert issues(household).keys() == {issue_id_of(one.id) for one in oldest}
    await household.runtime.requests.withdrawn(oldest[5].ref, now())
    await settle(household)
    rest = [one for one in made[2:] if one is not oldest[5]]
    assert issues(household).keys() == {issue_id_of(one.id) for one in rest}


async def test_repairs_go_with_the_entry_and_come_back_with_it(household: Household) -> None:
    """A restart finds them by the state at setup; the look at the folders leaves them alone."""
    hass, entry = household.hass, household.entry
    (subentry_id,) = household.runtime.radarrs  # a source that is linked: others are forgotten
    ref = f"arr:{subentry_id}:901"
    title = Title(MediaType.MOVIE, ProviderIds(tmdb=999_901), "A Wish", 2020)
    request = Request(ref, ref, title, now() - timedelta(days=1))
    await household.runtime.requests.asked([(request, (*grabbed(), reading(Trouble.DISK_FULL)))])
    await settle(household)
    assert issue(household, request) is not None
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert issues(household) == {}
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(household)
    assert issue(household, request) is not None
    await mappings.check(hass, entry)
    assert issue(household, request) is not None
    assert await hass.config_entries.async_remove(entry.entry_id)
    assert issues(household) == {}


# -- what Seerr could not hand on ----------------------------------------------------------------


@pytest.fixture
async def house(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Give a house with a Seerr."""
    await async_setup_component(hass, "repairs", {})
    async with wishes.lived(hass, servers, hass_client_no_auth) as made:
        await until(lambda: made.servers.seerr_state.agent.settings["enabled"], what="the webhook")
        yield made


async def refused(house: Household) -> Request:
    """Approve a wish while Radarr is down."""
    await house.servers.radarr.go_down()
    made = wishes.wish(house)
    found = await wishes.stands(house, made, RequestState.REQUESTED)
    with pytest.raises(HomeAssistantError):
        await wishes.complete(house.hass, found.request.id)
    await settle(house)
    return found.request


async def test_what_seerr_could_not_hand_on_is_tried_again_through_its_repair(
    house: Household, hass_client: ClientSessionGenerator
) -> None:
    """Errors stay in the form; when it works the repair is gone and Radarr has the film."""
    request = await refused(house)
    found = issue(house, request)
    assert found is not None
    assert (found.is_fixable, found.translation_key) == (True, "request_stuck_refused")
    repair = Repair(await hass_client(), found.issue_id)
    form = await repair.open()
    assert (form["type"], form["step_id"], form["errors"]) == ("form", "confirm", {})
    assert form["description_placeholders"]["title"] == "Third Shift (2025)"
    again = await repair.submit()
    assert (again["type"], again["errors"]) == ("form", {"base": "not_handed_on"})
    await house.servers.seerr.go_down()
    down = await repair.submit()
    assert (down["type"], down["errors"]) == ("form", {"base": "failed"})
    assert down["description_placeholders"]["error"] == "Seerr: no connection"
    await settle(house)
    assert issue(house, request) is not None
    await house.servers.seerr.come_back()
    await house.servers.radarr.come_back()
    done = await repair.submit()
    assert done["type"] == "create_entry"
    await settle(house)
    assert issues(house) == {}
    film = by_name(wishes.FILM)
    assert house.servers.radarr_state.library.by_tmdb(film.tmdb) is not None


@pytest.mark.parametrize("how", ["moved", "other", "unloaded", "unlinked"])
async def test_a_repair_of_what_is_no_longer_refused_ends(
    house: Household, hass_client: ClientSessionGenerator, how: str
) -> None:
    """It was handed on, is held up by something else, or lost its Seerr; the form was open."""
    request = await refused(house)
    repair = Repair(await hass_client(), issue_id_of(request.id))
    await repair.open()
    if how == "moved":
        await house.servers.radarr.come_back()
        await house.runtime.approvals.retry(request.id)
    elif how == "other":
        full = Transfer(HASH, now(), 10.0, trouble=Trouble.DISK_FULL)
        begun = Event(EventKind.GRABBED, now(), MOVIE, HASH)
        await house.runtime.requests.asked([(request, (begun, full))])
    elif how == "unloaded":
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)
        assert house.entry.state is ConfigEntryState.NOT_LOADED
    else:
        house.runtime.seerrs.clear()
    ended = await repair.submit()
    assert (ended["type"], ended["reason"]) == ("abort", "moved")


# -- everything about a title --------------------------------------------------------------------


async def test_a_titles_requests_are_listed_open_and_closed(household: Household) -> None:
    """Each once, where they were asked for in time."""
    closed = await ask(household, 1, Event(EventKind.DECLINED, now() - timedelta(days=2)), days=3)
    ids = closed.ids
    ref = "seerr:none:7"
    again = Request(ref, ref, closed.title, now() - timedelta(days=1))
    await household.runtime.requests.asked([(again, (Event(EventKind.APPROVED, now()),))])
    await ask(household, 2)
    answer = await act(household, "get_title", title=ids.keys[0])
    listed = [event for event in answer["events"] if "request" in event]
    assert [(one["request"]["request_id"], one["request"]["closed"]) for one in listed] == [
        (closed.id, "declined"),
        (ref, None),
    ]
    assert listed[1]["request"]["state"] == "approved"
    for event, request in zip(listed, (closed, again), strict=True):
        at = dt_util.parse_datetime(event["at"], raise_on_error=True)
        assert abs(at - request.requested_at) < timedelta(seconds=1)  # the store keeps milliseconds
    json.dumps(answer)


async def test_a_movies_requests_are_not_those_of_a_series_with_its_number(
    household: Household,
) -> None:
    """A bare number is not one title; with its kind it is, and so is an item of Jellyfin's."""
    film = by_name("The Lantern Keeper")
    for number, media in enumerate((MediaType.MOVIE, MediaType.SERIES)):
        ref = f"seerr:none:{number}"
        title = Title(media, ProviderIds(tmdb=film.tmdb), media.value)
        seasons = None if media is MediaType.MOVIE else ALL
        await household.runtime.requests.asked([(Request(ref, ref, title, now(), seasons), ())])
    with pytest.raises(ServiceValidationError) as caught:
        await act(household, "get_title", title=f"tmdb:{film.tmdb}")
    assert caught.value.translation_key == "title_ambiguous"
    for media in ("movie", "series"):
        assert f"{media}:tmdb:{film.tmdb}" in str(caught.value)
        answer = await act(household, "get_title", title=f"{media}:tmdb:{film.tmdb}")
        assert _media(answer) == [media]
    assert _media(await act(household, "get_title", title=film.item_id)) == ["movie"]


def _media(value: Any) -> list[str]:
    return sorted(event["request"]["media"] for event in value["events"] if "request" in event)
