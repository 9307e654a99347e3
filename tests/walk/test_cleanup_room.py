"""A plan says what it really frees, before and after, and where its downloads still are."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.showrunner.jobs.cleanup import room as asking
from tests.platforms.sockets import ask
from world.clock import utcnow
from world.servers import Servers

from .arrs import house_with_arrs
from .cleaning import Cleaned, key, settled, steps, why
from .deleting import FILM, arrived
from .pipeline import Pipeline


@pytest.fixture
async def home(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Cleaned]:
    """Live in a household in which anybody counts."""
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        yield await settled(house)


@pytest.mark.parametrize(
    ("names", "said"), [(1, "bytes_frees"), (2, "bytes_stays"), (None, "bytes_unknown")]
)
async def test_what_is_freed_is_known_none_or_unknown(
    home: Cleaned,
    monkeypatch: pytest.MonkeyPatch,
    hass_ws_client: WebSocketGenerator,
    names: int | None,
    said: str,
) -> None:
    """In the plan and in what cards get of it, and in the ledger once it was carried out."""

    def here(files: Any) -> Any:
        return {} if names is None else dict.fromkeys(files, names)

    monkeypatch.setattr(asking, "_here", here)
    gone = home.movies[0]
    size = gone.film.size
    home.watched(gone.film)
    await home.ready()
    home.begin()
    shown = await home.call("cleanup_watched", dry_run=True)
    assert steps(shown)["delete_file"] == "planned", why(shown)
    room = dict.fromkeys(("bytes_frees", "bytes_stays", "bytes_unknown"), 0) | {said: size}
    assert {name: shown["totals"][name] for name in room} == room
    step = next(one for one in shown["steps"] if one["action"] == "delete_file")
    assert step["room"][said.removeprefix("bytes_")] == size
    found = {one["rule"]: one["answer"] for one in step["findings"]}
    assert found["links"] == {1: "no", 2: "yes", None: "unknown"}[names]
    assert home.writes() == []
    socket = await hass_ws_client(home.house.hass)
    result = (await ask(socket, "plans/get", plan_id=shown["plan_id"]))["result"]
    assert result["totals"] == shown["totals"]
    assert [one["room"] for one in result["steps"]] == [one["room"] for one in shown["steps"]]
    done = await home.call("apply_plan", plan_id=shown["plan_id"])
    assert set(steps(done).values()) == {"done"}
    freed, claimed = (0 if names == 2 else size), (size if names is None else 0)
    totals = done["totals"]
    assert (totals["bytes_freed"], totals["bytes_claimed"]) == (freed, claimed)
    rows = await home.house.runtime.store.ledger.for_title(key(gone.film))
    assert sum(row.bytes_freed for row in rows) == freed


async def test_a_download_that_its_client_still_has_is_said(pipe: Pipeline) -> None:
    """By the hash in Radarr's history. A client that has suddenly nothing is not believed."""
    room = await arrived(pipe)
    home = await settled(pipe.house)
    movie = room.movie
    assert movie is not None
    home.servers.seerr_state.worker.scan()
    movie.file_added = movie.added = utcnow() - timedelta(days=60)
    home.watched(FILM)
    await home.ready()
    (client,) = home.house.runtime.torrents.values()

    async def seedbox() -> str:
        await client.async_refresh()
        shown = await home.call("cleanup_watched", dry_run=True)
        (found,) = [
            finding["answer"]
            for one in shown["steps"]
            for finding in one["findings"]
            if finding["rule"] == "seedbox"
        ]
        return str(found)

    assert await seedbox() == "yes"
    for torrent in tuple(client.data.by_hash):
        await client.client.remove(torrent, data=True)
    assert await seedbox() == "unknown"
