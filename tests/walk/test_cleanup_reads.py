"""The store fails at any question of a cleanup: nothing wider leaves, and the next run is honest.

Many titles are asked for in one question: one that fails must not be taken for an empty answer. The
questions are found by an honest run, a new one is covered without a new line.
"""

from collections.abc import AsyncGenerator, Callable
from contextvars import ContextVar
import random
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from sqlalchemy import Connection

from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from custom_components.showrunner.store import StoreError
from custom_components.showrunner.store.database import Database
from tests.effort import THOROUGH, examples
from world import radarr_library
from world.clock import utcnow
from world.servers import Servers

from .arrs import house_with_arrs
from .cleaning import Cleaned, Goes, GoingMovie, GoingSeason, _is_true, settled, steps, why

_RUNNING: ContextVar[bool] = ContextVar("reading", default=False)


@pytest.fixture
async def home(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Cleaned]:
    """Live in a household in which anybody counts."""
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        yield await settled(house)


class Reads:
    """Counts what a run asks of the store, and has one of it fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand in front of the store."""
        self.count = 0
        self.kinds: set[str] = set()
        self.fails: int | str | None = None
        read = Database.read
        reads = self

        async def watched(self: Database, work: Callable[[Connection], Any]) -> Any:
            if _RUNNING.get():
                reads.count += 1
                reads.kinds.add(work.__qualname__)
                if reads.fails in (reads.count - 1, work.__qualname__):
                    raise StoreError("the disk has failed")
            return await read(self, work)

        monkeypatch.setattr(Database, "read", watched)

    async def run(self, home: Cleaned, fails: int | str | None = None) -> Any:
        """Clean up, and have the question of this number fail, or all of this kind.

        None: that was refused.
        """
        self.count, self.fails = 0, fails
        token = _RUNNING.set(True)
        try:
            return await home.call("cleanup_watched")
        except HomeAssistantError:
            return None
        finally:
            _RUNNING.reset(token)


@pytest.mark.long
@pytest.mark.parametrize("kind", [GoingMovie, GoingSeason])
async def test_an_error_at_any_question_to_the_store_deletes_nothing_wider(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch, kind: type[Goes]
) -> None:
    """Neither twice: and once it answers again, everything ends as it should."""
    goes, reads = kind(home), Reads(monkeypatch)
    kept = next(one for one in home.movies if not goes.is_mine(one))
    home.watched(kept.film)
    # Only Jellyfin's item ties this id to the movie.
    describe = radarr_library.describe
    monkeypatch.setattr(radarr_library, "describe", lambda one: describe(one) | {"imdbId": None})
    title = TitleKey(MediaType.MOVIE, ProviderIds(imdb=kept.film.imdb))
    store = home.house.runtime.store
    await store.keeps.set(Keep(title, None, None, utcnow(), "somebody"))
    await home.ready()
    before = goes.others
    await goes.anew()
    honest = await reads.run(home)
    assert set(steps(honest).values()) == {"done"}, (why(honest), honest["steps"])
    assert reads.count > 20
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    dice, numbers, kinds = random.Random(seed), range(reads.count), sorted(reads.kinds)
    some: list[int | str] = dice.sample(numbers, min(len(numbers), examples(60)))
    # What is asked again before each step mends what fails once: so a kind fails throughout, too.
    some += kinds if THOROUGH else dice.sample(kinds, len(kinds) // 3)
    for number in some:
        await goes.anew()
        plan = await reads.run(home, number)
        if plan is not None:
            await _is_true(goes, plan)
        assert goes.others == before, number
        happened = [*goes.happened().values()]
        assert happened == sorted(happened, reverse=True), (number, happened)
        await home.ready()
        await reads.run(home)
        assert goes.others == before, number
        assert goes.deletions <= goes.most, number
