"""What is stuck is mended from here by administrators: handed on, searched for, looked at again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
import pytest

from custom_components.showrunner.domain.media import MOVIE
from custom_components.showrunner.domain.requests.facts import Event, EventKind, Transfer, Trouble
from custom_components.showrunner.domain.requests.request import Request
from tests.walk.household import Household
from world.catalogue import by_name
from world.lies import Lie, LieKind
from world.radarr_library import Movie

from .asking import ask as wish, now
from .faces import act, user_context
from .sockets import ask

HASH = "A" * 40


async def failed(household: Household) -> Request:
    """Ask for a film whose download has failed."""
    at = now() - timedelta(hours=3)
    return await wish(
        household,
        1,
        Event(EventKind.APPROVED, at),
        Event(EventKind.GRABBED, at, MOVIE, HASH),
        Event(EventKind.FAILED, at, MOVIE, HASH),
    )


async def waiting(household: Household) -> Request:
    """Ask for a film that is downloaded, and not imported for hours."""
    household.servers.radarr.liar.tell(Lie(LieKind.ERROR, "/api/v3/queue"))
    since = now() - timedelta(hours=7)
    return await wish(
        household,
        1,
        Event(EventKind.APPROVED, since),
        Event(EventKind.GRABBED, since, MOVIE, HASH),
        Event(EventKind.COMPLETE, since, download=HASH),
        Transfer(HASH, now(), 100.0, message="importPending", source="queue", since=since),
    )


def held(household: Household) -> Movie:
    """Have Radarr hold that film, without a file."""
    film = replace(by_name("Third Shift"), number=9123, year=2020)
    library = household.servers.radarr_state.library
    return library.add(film, "/data/movies", profile=4, monitored=True, at=now())


def commands(household: Household) -> list[str]:
    """Name what Radarr was told to do."""
    return [one["name"] for one in household.servers.radarr_state.library.commands.values()]


async def test_what_failed_is_searched_for_again(household: Household, admin: Any) -> None:
    """The card is told that it can be, and what was done; by the film's own number."""
    request = await failed(household)
    (shown,) = (await act(household, "get_requests", stuck=True))["requests"]
    assert (shown["stuck"]["reason"], shown["stuck"]["mending"]) == ("download_failed", "search")
    movie = held(household)
    done = await ask(admin, "requests/mend", request_id=request.id)
    assert done["result"] == {"request_id": request.id, "mending": "search"}
    (command,) = household.servers.radarr_state.library.commands.values()
    assert (command["name"], command["body"]["movieIds"]) == ("MoviesSearch", [movie.id])


@pytest.mark.parametrize("why", ["not held", "a file", "not monitored", "in the queue"])
async def test_nothing_is_searched_for_that_is_not_missing(household: Household, why: str) -> None:
    """A second copy would come, or one that nobody looks for."""
    request = await failed(household)
    if why != "not held":
        movie = held(household)
        movie.file_id = 7 if why == "a file" else 0
        movie.monitored = why != "not monitored"
        if why == "in the queue":
            row = {"id": 1, "movieId": movie.id, "downloadId": HASH, "status": "downloading"}
            household.servers.radarr_state.library.queue[1] = row
    with pytest.raises(ServiceValidationError) as caught:
        await act(household, "mend_request", request_id=request.id)
    assert caught.value.translation_key == "request_not_mended"
    assert commands(household) == []


async def test_what_is_not_imported_is_looked_at_again(household: Household) -> None:
    """Its Radarr is told to look at its downloads."""
    request = await waiting(household)
    answer = await act(household, "mend_request", request_id=request.id)
    assert answer == {"request_id": request.id, "mending": "look_again"}
    assert commands(household) == ["RefreshMonitoredDownloads"]


async def test_a_service_that_does_not_answer_is_named(household: Household) -> None:
    """Nothing was done, and that is said."""
    request = await waiting(household)
    await household.servers.radarr.go_down()
    with pytest.raises(HomeAssistantError) as caught:
        await act(household, "mend_request", request_id=request.id)
    assert caught.value.translation_key == "service_failed"


async def test_what_moves_or_is_mended_elsewhere_is_left_alone(household: Household) -> None:
    """A full disk is nothing that another search makes better."""
    at = now() - timedelta(hours=3)
    full = Transfer(HASH, now(), 10.0, trouble=Trouble.DISK_FULL, since=at)
    grabbed = Event(EventKind.GRABBED, at, MOVIE, HASH)
    request = await wish(household, 1, Event(EventKind.APPROVED, at), grabbed, full)
    (shown,) = (await act(household, "get_requests", stuck=True))["requests"]
    assert (shown["stuck"]["reason"], shown["stuck"]["mending"]) == ("disk_full", None)
    for request_id in (request.id, "nope"):
        with pytest.raises(ServiceValidationError) as caught:
            await act(household, "mend_request", request_id=request_id)
        assert caught.value.translation_key == "request_not_mended"
    assert commands(household) == []


async def test_mending_is_for_administrators(household: Household, reader: Any) -> None:
    """By the command and by the action."""
    request = await waiting(household)
    refused = await ask(reader, "requests/mend", request_id=request.id)
    assert refused["error"]["code"] == "unauthorized"
    with pytest.raises(Unauthorized):
        await act(household, "mend_request", await user_context(household), request_id=request.id)
    assert commands(household) == []
