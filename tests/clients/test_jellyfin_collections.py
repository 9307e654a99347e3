"""Jellyfin's collections: made, filled and emptied; and never is anything else removed."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.showrunner.clients import jellyfin_models
from custom_components.showrunner.clients.errors import Refused, Unreadable
from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.clients.jellyfin_collections import (
    Collection,
    JellyfinCollections,
)
from custom_components.showrunner.domain.library_access import LibraryAccess
from world.collections import season_id
from world.servers import Servers

type Serve = Callable[..., Awaitable[str]]


def client(session: aiohttp.ClientSession, servers: Servers, url: str = "") -> JellyfinCollections:
    """Make a client of the demo's Jellyfin, or of another one."""
    key = servers.world.keys.jellyfin
    return JellyfinClient(session, url or servers.jellyfin.url, key, device_id="test").collections


async def test_a_collection_is_made_filled_emptied_and_removed(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """As long as it is there it is found by its id, and lists what is in it."""
    ours, user = client(session, servers), servers.world.user("Sofa").id
    assert await ours.all() == ()
    made = await ours.create("Geht bald & so")
    assert await ours.all() == (Collection(made, "Geht bald & so", "Geht bald & so"),)
    assert await ours.get(made) == Collection(made, "Geht bald & so", "Geht bald & so")
    films = [one.item_id for one in list(servers.world.films.values())[:3]]
    there = sorted(await ours.present(films))
    assert there
    await ours.add(made, there)
    await ours.add(made, there)
    assert await ours.members(made, user) == set(there)
    await ours.take_out(made, there[:1])
    assert await ours.members(made, user) == set(there[1:])
    await ours.discard(made)
    assert (await ours.all(), await ours.get(made)) == ((), None)


@pytest.mark.parametrize(
    ("place", "folder"),
    [
        ("/config/data/collections/Leaving soon [boxset]", "Leaving soon"),
        ("C:\\Jellyfin\\data\\collections\\Leaving soon [boxset]\\", "Leaving soon"),
        ("/config/data/collections/Leaving soon", "Leaving soon"),
        (None, None),
        (" [boxset]", None),
    ],
)
async def test_a_collection_tells_the_name_of_its_folder(
    session: aiohttp.ClientSession,
    servers: Servers,
    serve: Serve,
    place: str | None,
    folder: str | None,
) -> None:
    """That is what its id comes from, whatever it is called by now."""
    row = {"Id": "a" * 32, "Type": "BoxSet", "Name": "Last chance", "Path": place}
    ours = client(session, servers, await serve(_telling({"Items": [row]})))
    assert await ours.all() == (Collection("a" * 32, "Last chance", folder),)


@pytest.mark.parametrize(
    ("policy", "everything"),
    [
        ({"EnableAllFolders": True}, True),
        ({"EnableAllFolders": True, "BlockedTags": [], "MaxParentalRating": None}, True),
        ({"EnableAllFolders": False}, False),
        ({}, False),
        (None, False),
        ({"EnableAllFolders": True, "MaxParentalRating": 0}, False),
        ({"EnableAllFolders": True, "MaxParentalSubRating": 1}, False),
        ({"EnableAllFolders": True, "BlockedTags": ["horror"]}, False),
        ({"EnableAllFolders": True, "AllowedTags": ["tales"]}, False),
        ({"EnableAllFolders": True, "BlockUnratedItems": ["Movie"]}, False),
        ({"EnableAllFolders": True, "BlockedMediaFolders": ["a" * 32]}, False),
        ({"EnableAllFolders": True, "BlockedTags": "?"}, False),
    ],
)
def test_who_sees_everything(policy: Any, everything: bool) -> None:
    """All libraries without a limit; whoever it isn't told of does not."""
    user = jellyfin_models.user({"Id": "a" * 32, "Policy": policy})
    assert user is not None
    assert user.sees_everything is everything


A, B = "a" * 32, "b" * 32
DASHED = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"


@pytest.mark.parametrize(
    ("policy", "access"),
    [
        ({"EnableAllFolders": True}, LibraryAccess(every=True)),
        (
            {"EnableAllFolders": "yes", "EnabledFolders": [DASHED, 7]},
            LibraryAccess(False, frozenset({A})),
        ),
        ({"EnableAllFolders": True, "BlockedMediaFolders": None}, LibraryAccess(every=True)),
        (
            {"EnableAllFolders": True, "EnabledFolders": [A], "BlockedMediaFolders": [B]},
            LibraryAccess(True, frozenset({A}), frozenset({B})),
        ),
        # What is blocked and can't be read may be anything.
        ({"EnableAllFolders": True, "BlockedMediaFolders": [B, "?"]}, LibraryAccess()),
        ({"EnableAllFolders": True, "BlockedMediaFolders": "?"}, LibraryAccess()),
        ({"EnableAllFolders": True, "EnabledFolders": "?"}, LibraryAccess(every=True)),
        (None, LibraryAccess()),
    ],
)
def test_which_libraries_are_open(policy: Any, access: LibraryAccess) -> None:
    """By their ids, however these are written; where it isn't told, none is."""
    user = jellyfin_models.user({"Id": A, "Policy": policy})
    assert user is not None
    assert user.libraries == access


async def test_nothing_but_a_collection_is_removed(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """A movie's id at the same address would take the movie's file."""
    ours = client(session, servers)
    film, episode = next(iter(servers.world.films.values())), next(iter(servers.world.episodes))
    for one in (film.item_id, episode, "0" * 32):
        with pytest.raises(Refused):
            await ours.discard(one)
    assert servers.jellyfin_state.collections.removed == []
    assert not [call for call in servers.jellyfin.calls if call.method == "DELETE"]


async def test_what_is_gone_is_not_added(session: aiohttp.ClientSession, servers: Servers) -> None:
    """Jellyfin refuses a whole addition for one unknown id."""
    ours = client(session, servers)
    made = await ours.create("A")
    episode = next(iter(servers.world.episodes))
    assert await ours.present([episode, "0" * 32]) == {episode}
    with pytest.raises(Refused):
        await ours.add(made, ["0" * 32])


async def test_many_ids_go_in_several_requests(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """An address has its limits."""
    ours = client(session, servers)
    many = [*servers.world.episodes] * 30
    made = await ours.create("A")
    await ours.add(made, many[:120])
    asked = [call for call in servers.jellyfin.calls if f"/{made}/Items?" in call.path]
    assert sum(call.method == "POST" for call in asked) == 3


async def test_the_seasons_of_a_series_are_told_by_their_numbers(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """Those of that series."""
    one = next(iter(servers.world.episodes.values()))
    found = await client(session, servers).seasons(one.series_id)
    assert found[one.season] == season_id(one.series_id, one.season)
    assert set(found) == {
        e.season for e in servers.world.episodes.values() if e.series_id == one.series_id
    }


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"Items": None},
        {"Items": "x"},
        {"Items": [], "TotalRecordCount": 3},
        {"Items": [{"Id": "a" * 32, "Type": "BoxSet"}], "TotalRecordCount": 2},
    ],
)
async def test_half_an_answer_is_no_empty_one(
    session: aiohttp.ClientSession, servers: Servers, serve: Serve, value: Any
) -> None:
    """Nobody takes a collection for missing, or for empty, that was not told."""
    ours = client(session, servers, await serve(_telling(value)))
    for ask in (ours.all(), ours.members("a" * 32, "u")):
        with pytest.raises(Unreadable):
            await ask
    if not isinstance(value, dict) or not isinstance(value.get("Items"), list):
        for ask_one in (ours.get("a" * 32), ours.present(["b"]), ours.seasons("c")):
            with pytest.raises(Unreadable):
                await ask_one


async def test_one_that_was_made_without_an_id_is_unreadable(
    session: aiohttp.ClientSession, servers: Servers, serve: Serve
) -> None:
    """It could never be found again."""
    ours = client(session, servers, await serve(_telling({"Id": "x"})))
    with pytest.raises(Unreadable):
        await ours.create("A")


def _telling(value: Any) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(value)

    return answer
