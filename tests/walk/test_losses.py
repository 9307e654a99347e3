"""What is deleted elsewhere closes its request within seconds, and nothing else does, in a `hass`.

Whoever owns it is read twice: its arr has no file any more, and Jellyfin does not show it.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import aiohttp
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.coordinators import losses
from custom_components.showrunner.domain.requests.request import Closing, RequestState
from world.catalogue import Film, by_name
from world.lies import Lie, LieKind
from world.servers import Servers

from .household import until
from .pipeline import Pipeline, Via, pipeline

FILM = by_name("Granite")


@pytest.fixture(params=list(Via))
async def pipe(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Pipeline]:
    """Live with the whole pipeline, where Jellyfin soon misses what has gone."""
    monkeypatch.setattr(losses, "AGAIN", timedelta(seconds=0.2))
    monkeypatch.setattr(losses, "LATER", timedelta(seconds=0.5))
    monkeypatch.setattr(losses, "_COLLECT", 0.02)
    async with pipeline(hass, servers, hass_client_no_auth, monkeypatch, request.param) as made:
        servers.world.pace = made.house.servers.world.pace.__class__(miss=0.3)
        yield made


async def available(pipe: Pipeline) -> int:
    """Ask for a film that is there, and have the library read."""
    number = await pipe.ask(FILM)
    await pipe.reaches(number, RequestState.AVAILABLE)
    await pipe.house.runtime.library.sweep(viewers=())
    await until(lambda: known(pipe, number), what="its Radarr is known")
    return number


def known(pipe: Pipeline, number: int) -> bool:
    """Tell whether a request is known to be its Radarr's."""
    view = pipe.view(number)
    return view is not None and view.request.arr is not None


async def delete(pipe: Pipeline, film: Film, *, files: bool) -> None:
    """Delete a movie in Radarr, as its page does."""
    servers = pipe.house.servers
    movie = servers.radarr_state.library.by_tmdb(film.tmdb)
    assert movie is not None
    url = f"{servers.radarr.url}/api/v3/movie/{movie.id}?deleteFiles={str(files).lower()}"
    async with (
        aiohttp.ClientSession() as session,
        session.delete(url, headers={"X-Api-Key": servers.world.keys.radarr}) as got,
    ):
        assert got.status == 200


def no_file(pipe: Pipeline) -> None:
    """Have Radarr know the film and hold no file of it: it is only streamed."""
    movie = pipe.house.servers.radarr_state.library.by_tmdb(FILM.tmdb)
    assert movie is not None
    movie.file_id = 0


async def closing(pipe: Pipeline, number: int) -> Closing | None:
    """Say why a request is over."""
    [subentry_id] = pipe.house.runtime.seerrs
    row = await pipe.house.runtime.store.requests.get(f"seerr:{subentry_id}:{number}")
    assert row is not None
    assert row.status is not None
    return row.status.closed


async def test_a_film_that_is_deleted_in_radarr_closes_its_request(pipe: Pipeline) -> None:
    """However it is told, and not only after two nights; asked for again it begins anew."""
    number = await available(pipe)
    await delete(pipe, FILM, files=True)
    await until(lambda: pipe.view(number) is None, what="it is closed")
    assert await closing(pipe, number) is Closing.DELETED


@pytest.mark.parametrize("pipe", [Via.WEBHOOKS, Via.POLLS], indirect=True)
async def test_what_radarr_forgets_and_jellyfin_plays_stays(
    pipe: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files were kept. Jellyfin is asked some times, and no more."""
    monkeypatch.setattr(losses, "_LOOKS", 3)
    asked: list[str] = []
    real = pipe.house.runtime.losses._look_for

    async def counted(request_id: str) -> None:
        asked.append(request_id)
        await real(request_id)

    monkeypatch.setattr(pipe.house.runtime.losses, "_look_for", counted)
    number = await available(pipe)
    await delete(pipe, FILM, files=False)
    await until(lambda: len(asked) >= 2, what="Jellyfin is asked twice")
    assert pipe.state(number) is RequestState.AVAILABLE


@pytest.mark.parametrize("pipe", [Via.WEBHOOKS], indirect=True)
@pytest.mark.parametrize("case", ["forged", "kept by Radarr", "ill", "half of all"])
async def test_jellyfins_word_alone_closes_nothing(pipe: Pipeline, case: str) -> None:
    """It is forged; or Radarr has the file; or Jellyfin answers nothing, or nearly nothing."""
    servers, runtime = pipe.house.servers, pipe.house.runtime
    if case == "half of all":
        no_file(pipe)
    number = await available(pipe)
    films = dict(servers.world.films)
    if case == "kept by Radarr":
        del servers.world.films[FILM.item_id]
    elif case == "ill":
        servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/Items"))
    elif case == "half of all":
        servers.world.films.clear()
        servers.world.episodes.clear()
    looked = asyncio.Event()
    real = runtime.losses.look

    async def counted(now: object) -> None:
        await real(now)  # type: ignore[arg-type]
        looked.set()

    runtime.losses.look = counted  # type: ignore[method-assign, assignment]
    await servers.webhooks.tell_of(FILM, "ItemDeleted")
    if case == "ill":
        await until(lambda: bool(runtime.losses._doubts), what="it is in doubt")
    else:
        for _ in range(8):
            await asyncio.wait_for(looked.wait(), 60)
            looked.clear()
            await asyncio.sleep(0.1)
            runtime.losses.hint(FILM.item_id)
    assert pipe.state(number) is RequestState.AVAILABLE
    assert await closing(pipe, number) is None
    servers.world.films.update(films)


@pytest.mark.parametrize("pipe", [Via.WEBHOOKS], indirect=True)
async def test_what_no_arr_ever_had_goes_when_jellyfin_misses_it_twice(pipe: Pipeline) -> None:
    """Its webhook leads to two looks, the second a while later."""
    servers = pipe.house.servers
    no_file(pipe)
    number = await available(pipe)
    del servers.world.films[FILM.item_id]
    await servers.webhooks.tell_of(FILM, "ItemDeleted")
    await until(lambda: pipe.view(number) is None, what="it is closed")
    assert await closing(pipe, number) is Closing.DELETED
