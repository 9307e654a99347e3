"""From a wish to a film on all four paths, in a real `hass`: by webhooks, by polls, by both.

Whatever tells of it, the states end alike, never go back within an attempt, and "available" is
said once.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.coordinators import availability
from custom_components.showrunner.domain.requests.facts import EventKind
from custom_components.showrunner.domain.requests.request import RequestState
from world.catalogue import Film, by_name
from world.lies import Lie, LieKind
from world.servers import Servers
from world.shows import Show, show_by_name

from .household import until
from .pipeline import Pipeline, Via, pipeline

FILM, ANIME_FILM = by_name("Third Shift"), by_name("Whale of Paper")
SERIES, ANIME_SERIES = show_by_name("Ferry Lights"), show_by_name("Station of Clouds")
THERE = by_name("Granite")


@pytest.fixture(params=list(Via))
async def pipe(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Pipeline]:
    """Live with the whole pipeline."""
    async with pipeline(hass, servers, hass_client_no_auth, monkeypatch, request.param) as made:
        yield made


# -- the four paths ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "seasons", "anime", "units"),
    [
        pytest.param(FILM, (), False, 0, id="film"),
        pytest.param(SERIES, (1, 2), False, 4, id="series"),
        pytest.param(ANIME_FILM, (), True, 0, id="anime film"),
        pytest.param(ANIME_SERIES, (1,), True, 3, id="anime series"),
    ],
)
async def test_a_wish_comes_true(
    pipe: Pipeline, entry: Film | Show, seasons: tuple[int, ...], anime: bool, units: int
) -> None:
    """Asked for, approved, fetched, imported, matched where it is anime, and playable."""
    number = await pipe.ask(entry, seasons)
    await pipe.reaches(number, RequestState.AVAILABLE)
    view = pipe.view(number)
    assert view is not None
    status = view.status
    assert status.progress == 100.0
    assert status.stuck is None
    assert view.request.title.name == entry.name
    # A webhook said so at once; the arr was read afterwards.
    await until(lambda: told_by_the_arr(pipe, number) == (True, anime, units or 1))
    if units:
        await until(lambda: units_of(pipe, number) == {RequestState.AVAILABLE: units})
    pipe.went_well(number)
    view = pipe.view(number)
    assert view is not None
    assert view.status.settled
    states = {state for state, _ in pipe.steps[view.request.id]}
    if pipe.told is Via.WEBHOOKS:  # a poll may come after it all
        assert RequestState.GRABBING in states
        waiting = RequestState.ANIME_MATCHING if anime else RequestState.IMPORTING
        assert waiting in states


def told_by_the_arr(pipe: Pipeline, number: int) -> tuple[bool, bool, int]:
    """Say whether its arr is known, whether it is anime, and how often it was grabbed."""
    view = pipe.view(number)
    assert view is not None
    return view.request.arr is not None, view.request.anime, view.status.attempts


def units_of(pipe: Pipeline, number: int) -> dict[RequestState, int]:
    """Count a series' episodes by state."""
    view = pipe.view(number)
    return {} if view is None else dict(view.status.episodes)


@pytest.mark.parametrize(
    ("entry", "seasons"),
    [pytest.param(ANIME_FILM, (), id="film"), pytest.param(ANIME_SERIES, (1,), id="series")],
)
async def test_each_step_is_told_though_jellyfin_is_faster_than_the_arr(
    pipe: Pipeline, entry: Film | Show, seasons: tuple[int, ...]
) -> None:
    """An import that a webhook hints at is read before what comes after it is told."""
    for one in pipe.house.runtime.arrs.values():
        one._debounced_refresh.cooldown = 1.5  # it answers late
    number = await pipe.ask(entry, seasons)
    await pipe.reaches(number, RequestState.AVAILABLE)
    pipe.went_well(number)
    view = pipe.view(number)
    assert view is not None
    kinds = [kind for one, kind in pipe.signals if one == view.request.id]
    if pipe.told is Via.WEBHOOKS:  # a poll may come after it all
        assert kinds[-2:] == ["anime_matching", "available"], kinds


@pytest.mark.parametrize("pipe", [Via.WEBHOOKS], indirect=True)
async def test_an_arr_that_is_down_keeps_nobody_from_what_can_be_played(
    pipe: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hinted import is waited for, and not for long."""
    monkeypatch.setattr(availability, "PATIENCE", timedelta(seconds=0.5))
    number = await pipe.ask(FILM)
    await pipe.reaches(number, RequestState.DOWNLOADING)
    pipe.house.servers.radarr.liar.tell(Lie(LieKind.ERROR, "/api/v3"))
    await pipe.reaches(number, RequestState.AVAILABLE)
    view = pipe.view(number)
    assert view is not None
    facts = pipe.house.runtime.requests.facts(view.request.id)
    assert not any(getattr(fact, "kind", None) is EventKind.IMPORTED for fact in facts)


# -- asked for once more -------------------------------------------------------------------------


async def test_what_is_there_is_available_at_once(pipe: Pipeline) -> None:
    """Nothing is searched or grabbed, and no attempt is counted."""
    number = await pipe.ask(THERE, user="Sofa")
    await pipe.reaches(number, RequestState.AVAILABLE)
    view = pipe.view(number)
    assert view is not None
    assert view.status.attempts == 0
    assert not pipe.house.servers.world.swarm.torrents
    pipe.went_well(number)


async def test_what_is_under_way_is_not_begun_again(pipe: Pipeline) -> None:
    """Two people want one film: one download, and both requests come true with it."""
    pipe.house.servers.world.pace = replace(pipe.house.servers.world.pace, download=1.5)
    first = await pipe.ask(FILM)
    await pipe.reaches(first, RequestState.DOWNLOADING)
    second = await pipe.ask(FILM, user="Kitchen")
    for number in (first, second):
        await pipe.reaches(number, RequestState.AVAILABLE)
        pipe.went_well(number)
    assert len(pipe.house.servers.world.swarm.torrents) == 1
    assert pipe.house.searches == 1


# -- somebody who never says anything -------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "seasons"),
    [pytest.param(ANIME_FILM, (), id="film"), pytest.param(ANIME_SERIES, (1,), id="series")],
)
async def test_jellyfin_has_what_shoko_never_matches(
    pipe: Pipeline, entry: Film | Show, seasons: tuple[int, ...]
) -> None:
    """What can be played is available, whatever Shoko thinks of it."""
    pipe.house.servers.shoko_state.lost = True
    number = await pipe.ask(entry, seasons)
    await pipe.reaches(number, RequestState.AVAILABLE)
    view = pipe.view(number)
    assert view is not None
    facts = await pipe.house.runtime.requests.all_facts(view.request.id)
    assert not any(getattr(fact, "kind", None) is EventKind.MATCHED for fact in facts)
    pipe.went_well(number)


async def test_jellyfins_webhook_never_comes(pipe: Pipeline) -> None:
    """Then we look, or Seerr does and says so."""
    servers = pipe.house.servers
    servers.webhooks.mute = True
    number = await pipe.ask(SERIES, (1,))
    await pipe.reaches(number, RequestState.AVAILABLE)
    assert not [one for one in servers.webhooks.sent if "ItemAdded" in one[2]]
    pipe.went_well(number)
