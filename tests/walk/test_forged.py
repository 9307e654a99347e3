"""Somebody who knows the secret addresses sends whatever they like to all doors, in a real `hass`.

After the next healthy reads everything is as it was; nothing was written, and no event was sent.
"""

from collections.abc import AsyncGenerator
import copy
from dataclasses import replace
from datetime import timedelta
import json
from pathlib import Path
import random
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.coordinators import arr
from custom_components.showrunner.domain.media import MOVIE
from custom_components.showrunner.domain.requests import hints
from custom_components.showrunner.domain.requests.facts import Event, EventKind
from custom_components.showrunner.domain.requests.report import About, Report
from custom_components.showrunner.domain.requests.request import RequestState
from world.catalogue import by_name
from world.servers import Servers
from world.shows import show_by_name

from .arrs import HOOKS
from .household import WEBHOOK_ID, until
from .pipeline import Pipeline, Via, pipeline

FIXTURES = Path(__file__).parents[1] / "fixtures"
DOORS = {
    WEBHOOK_ID: ("jellyfin-webhook", "*.json"),
    HOOKS["radarr"]: ("radarr", "*webhook-*.json"),
    HOOKS["sonarr"]: ("sonarr", "*webhook-*.json"),
    "d" * 64: ("seerr/webhooks", "*.json"),
}
WAITING, COMING, THERE = by_name("Third Shift"), by_name("Copper Sky"), by_name("Granite")
SERIES = show_by_name("Ferry Lights")
HASH = "B" * 40


@pytest.fixture
async def pipe(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Pipeline]:
    """Live with the whole pipeline, whose services rest: only what is forged comes in."""
    monkeypatch.setattr(hints, "SETTLES", timedelta())
    async with pipeline(hass, servers, hass_client_no_auth, monkeypatch, Via.WEBHOOKS) as made:
        servers.world.pace = replace(servers.world.pace, search=3600.0)
        for one in made.house.runtime.arrs.values():
            one._debounced_refresh.cooldown = 3600.0  # so that hints stand until all is sent
        yield made


async def read_all(pipe: Pipeline) -> None:
    """Read every service, twice: what agrees counts."""
    runtime = pipe.house.runtime
    services = (*runtime.seerrs.values(), *runtime.arrs.values(), *runtime.torrents.values())
    for _ in range(2):
        for service in services:
            if isinstance(service, arr.ArrCoordinator):
                service._full_at = None
            await service.async_refresh()
            assert service.last_update_success
        await runtime.availability.look()


async def stands(pipe: Pipeline) -> dict[str, object]:
    """Say how everything stands: what is shown, what is kept, and how it would be deleted."""
    runtime = pipe.house.runtime
    found: dict[str, object] = {}
    for one, view in tuple(runtime.requests.views.items()):
        row = await runtime.store.requests.get(one)
        assert row is not None
        assert row.request == view.request
        deletion = await runtime.jobs.named("delete_request").replan(one, True)
        assert deletion is not None
        status = replace(view.status, stage_since=None)
        found[one] = (view.request, status, [(s.id, s.target, s.payload) for s in deletion.steps])
    found["over"] = {row.request.id for row in await runtime.store.requests.closed(100)}
    return found


def aimed(body: Any, numbers: list[int], dice: random.Random) -> Any:
    """Aim a recorded body at what is here, or at nothing."""
    ids: dict[str, list[object]] = {
        "tmdbId": [f.tmdb for f in (WAITING, COMING, THERE, SERIES)],
        "tvdbId": [SERIES.tvdb, None],
        "imdbId": [None, "", COMING.imdb],
        "request_id": [*map(str, numbers), "4711", "12345"],
        "downloadId": [HASH, "F" * 40],
        "id": [1, 2, 3, 40, 41],
        "year": [WAITING.year, COMING.year, THERE.year],
        "notification_type": ["MEDIA_APPROVED", "MEDIA_DECLINED", "MEDIA_FAILED", "MEDIA_PENDING"],
    }
    aims = [
        ("tmdbId", "year", film.tmdb, film.year) for film in (WAITING, COMING, THERE)
    ]  # a film's own year, or nobody believes it

    def walk(part: Any) -> None:
        for key, value in list(part.items()) if isinstance(part, dict) else ():
            if isinstance(value, dict | list):
                for inner in value if isinstance(value, list) else [value]:
                    walk(inner)
            elif key in ids and dice.random() < 0.8:
                part[key] = dice.choice(ids[key])
        if isinstance(part, dict) and "tmdbId" in part and "year" in part:
            _, __, part["tmdbId"], part["year"] = dice.choice(aims)

    found = copy.deepcopy(body.get("body", body))
    walk(found)
    return found


async def send_all(pipe: Pipeline, numbers: list[int], dice: random.Random) -> None:
    """Send every recorded body several times, aimed and shuffled, and wait until all is done."""
    sent = [
        (door, aimed(json.loads(file.read_text()), numbers, dice))
        for door, (folder, pattern) in DOORS.items()
        for file in sorted((FIXTURES / folder).glob(pattern))
        for _ in range(3)
    ]
    dice.shuffle(sent)
    for door, body in sent:
        async with pipe.house.client.post(f"/api/webhook/{door}", json=body) as answer:
            assert answer.status in (200, 400)
    runtime = pipe.house.runtime
    for service in (*runtime.seerrs.values(), *runtime.arrs.values()):
        await until(service.inbox._backlog.empty, what="the inbox is empty")
    await until(lambda: not runtime.requests._lock.locked())


async def test_whatever_comes_in_ends_as_polling_alone(pipe: Pipeline) -> None:
    """All doors, all recorded bodies, aimed at every request that there is."""
    house = pipe.house
    waiting = await pipe.ask(WAITING, user="Kitchen")
    coming = await pipe.ask(COMING)
    series = await pipe.ask(SERIES, (1, 2))
    there = await pipe.ask(THERE)
    numbers = [waiting, coming, series, there]
    await pipe.reaches(there, RequestState.AVAILABLE)
    library = house.servers.radarr_state.library
    movie = library.by_tmdb(COMING.tmdb)
    assert movie is not None
    library.record(movie, "grabbed", HASH, house.servers.world.founded)
    await read_all(pipe)
    before = await stands(pipe)
    assert pipe.state(waiting) is RequestState.REQUESTED
    assert len(before) > len(numbers)
    writes, events = list(house.writes), list(pipe.signals)
    hinted = 0
    for seed in range(2):
        await send_all(pipe, numbers, random.Random(seed))
        hinted += len(house.runtime.requests._hints)
        await read_all(pipe)
        assert await stands(pipe) == before, seed
    assert hinted
    assert not house.runtime.requests._hints
    assert pipe.signals == events
    assert house.writes == writes


async def test_what_a_webhook_invents_cannot_be_deleted(pipe: Pipeline) -> None:
    """There is no such request, as long as Seerr does not list it itself."""
    house = pipe.house
    [subentry_id] = house.runtime.seerrs
    body = json.loads((FIXTURES / "seerr/webhooks/04-MEDIA_APPROVED.json").read_text())
    body["media"] |= {"tmdbId": str(THERE.tmdb), "imdbId": THERE.imdb, "tvdbId": ""}
    for number, status in (("4711", 200), ("-1", 400), ("0", 400)):
        body["request"] |= {"request_id": number}
        async with house.client.post(f"/api/webhook/{'d' * 64}", json=body) as answer:
            assert answer.status == status
    await until(next(iter(house.runtime.seerrs.values())).inbox._backlog.empty)
    for number in ("4711", "-1", "0"):
        with pytest.raises(ServiceValidationError) as caught:
            await house.hass.services.async_call(
                "showrunner",
                "delete_request",
                {"request_id": f"seerr:{subentry_id}:{number}", "files": True},
                blocking=True,
                return_response=True,
            )
        assert caught.value.translation_key == "request_unknown"


@pytest.mark.parametrize("came_far", [True, False])
async def test_what_an_earlier_version_kept_of_a_forged_webhook_is_forgotten(
    pipe: Pipeline, came_far: bool
) -> None:
    """It kept grabs and imports as facts. Neither history, nor queue, nor client knows of them."""
    house, numbers = pipe.house, [await pipe.ask(WAITING, user="Kitchen"), await pipe.ask(COMING)]
    await read_all(pipe)
    before = [pipe.state(number) for number in numbers]
    real = Event(EventKind.GRABBED, dt_util.utcnow(), MOVIE, HASH)
    for number in numbers:
        view = pipe.view(number)
        assert view is not None
        at, forged = dt_util.utcnow(), "F" * 40
        facts = [Event(EventKind.GRABBED, at, MOVIE, forged)]
        if came_far:
            facts += [
                Event(EventKind.STARTED, at, download=forged),
                Event(EventKind.IMPORTING, at, download=forged),
                Event(EventKind.IMPORTED, at, MOVIE, "file:99999"),
            ]
        report = Report(About(ref=view.request.ref), tuple(facts))
        await house.runtime.requests.ingest([report])
        assert pipe.state(number) in (RequestState.GRABBING, RequestState.IMPORTING)
    await house.hass.config_entries.async_reload(house.entry.entry_id)
    await until(lambda: [pipe.state(number) for number in numbers] == before)
    # What the history knows stays.
    library = house.servers.radarr_state.library
    movie = library.by_tmdb(COMING.tmdb)
    assert movie is not None
    library.record(movie, "grabbed", HASH, real.at)
    view = pipe.view(numbers[1])
    assert view is not None
    await house.runtime.requests.ingest([Report(About(ref=view.request.ref), (real,))])
    await house.hass.config_entries.async_reload(house.entry.entry_id)
    await read_all(pipe)
    kept = await house.runtime.requests.all_facts(view.request.id)
    assert {fact.download for fact in kept if isinstance(fact, Event) and fact.download} == {HASH}
