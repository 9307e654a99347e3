"""What users of the demo's Jellyfin may see, asked for by the items' ids."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

import aiohttp
import pytest

from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.domain.library_access import VisibleItems
from custom_components.showrunner.jobs.facts.visibility import Visibility
from tests.walk.household import short_world
from world.catalogue import EPISODES, FILMS
from world.lies import Lie, LieKind
from world.people import User
from world.run import running
from world.servers import Servers

FILM, OTHER = FILMS[0].item_id, FILMS[1].item_id
EPISODE = EPISODES[0]
IDS = (FILM, OTHER, EPISODE.item_id, EPISODE.series_id)


@pytest.fixture
async def servers(socket_enabled: None) -> AsyncGenerator[Servers]:
    """Run the demo's world."""
    async with running(world=short_world()) as made:
        yield made


@pytest.fixture
async def visibility(servers: Servers) -> AsyncGenerator[Visibility]:
    """Ask the demo's server."""
    key = servers.world.keys.jellyfin
    async with aiohttp.ClientSession() as session:
        client = JellyfinClient(session, servers.jellyfin.url, key, device_id="t")
        yield Visibility(client, servers.world.server_id)


def kitchen(servers: Servers, **policy: object) -> User:
    """Change what a user may see."""
    user = servers.world.user("Kitchen")
    changed = replace(user, **policy)  # type: ignore[arg-type]
    servers.world.users[user.id] = changed
    return changed


def seen(sight: VisibleItems) -> set[str]:
    """Name what somebody sees."""
    assert not sight.everything
    return set(sight.items)


async def test_who_administers_sees_everything(visibility: Visibility, servers: Servers) -> None:
    """Whatever else is said, and without a question for each item."""
    sofa = servers.world.user("Sofa")
    before = len(servers.jellyfin.calls)
    assert (await visibility.of(sofa.id, IDS)).everything
    assert len(servers.jellyfin.calls) == before + 1


async def test_who_may_see_all_libraries_sees_what_is_not_hidden(
    visibility: Visibility, servers: Servers
) -> None:
    """A series that their age hides hides its episodes, too."""
    user = kitchen(servers)
    assert seen(await visibility.of(user.id, IDS)) == set(IDS)
    kitchen(servers, hidden=frozenset({OTHER, EPISODE.series_id}))
    sight = await visibility.of(user.id, IDS)
    assert seen(sight) == {FILM}
    assert sight.sees({FILM}, episodes=False)
    assert not sight.sees({EPISODE.item_id, EPISODE.series_id}, episodes=True)


async def test_a_library_that_is_closed_is_closed_though_the_server_tells_its_items(
    visibility: Visibility, servers: Servers
) -> None:
    """Of what is asked for by its id Jellyfin does not look in which library it lies."""
    user = kitchen(servers, all_folders=False, folders=("Series",))
    answer = await visibility._client.library.shown_to("s" * 32, user.id, IDS)
    assert {one.item_id for one in answer} == set(IDS)
    assert seen(await visibility.of(user.id, IDS)) == {EPISODE.item_id, EPISODE.series_id}
    kitchen(servers, all_folders=False, folders=())
    assert seen(await visibility.of(user.id, IDS)) == set()


async def test_hundreds_of_items_are_few_questions(
    visibility: Visibility, servers: Servers
) -> None:
    """A hundred ids in each; and libraries are asked for once."""
    user = kitchen(servers, all_folders=False, folders=("Films",))
    before = len(servers.jellyfin.calls)
    many = (*IDS, *(f"{number:032x}" for number in range(250)))
    assert seen(await visibility.of(user.id, many)) == {FILM, OTHER}
    assert len(servers.jellyfin.calls) == before + 5


def _disabled(servers: Servers) -> str:
    return kitchen(servers, disabled=True).id


def _stranger(servers: Servers) -> str:
    return "e" * 32


def _silent(path: str) -> Callable[[Servers], str]:
    def arrange(servers: Servers) -> str:
        servers.jellyfin.liar.tell(Lie(LieKind.ERROR, path=path))
        return kitchen(servers, all_folders=False, folders=("Films",)).id

    return arrange


@pytest.mark.parametrize(
    "arrange",
    [
        *(_disabled, _stranger),
        *(_silent(path) for path in ("/Users", "/Items", "/Library/VirtualFolders")),
    ],
)
async def test_of_whom_nobody_knows_what_they_see_it_is_nothing(
    visibility: Visibility, servers: Servers, arrange: Callable[[Servers], str]
) -> None:
    """Somebody who may not sign in, nobody at all, and a server that does not answer."""
    assert seen(await visibility.of(arrange(servers), IDS)) == set()
