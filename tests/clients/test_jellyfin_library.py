"""The library in bulk, over the demo's Jellyfin; and rows that are read in parts."""

from datetime import timedelta
import json

import aiohttp
from hypothesis import given, settings, strategies as st
import orjson
import pytest

from custom_components.showrunner.clients import jellyfin_library as library
from custom_components.showrunner.clients.errors import ServiceError, Unreachable, Unreadable
from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.clients.jellyfin_library import (
    EVERYTHING,
    FAVORITES,
    PLAYABLE,
    PLAYED,
    RESUMABLE,
    JellyfinLibrary,
)
from custom_components.showrunner.clients.json_rows import read_rows
from custom_components.showrunner.domain.library import ItemKind
from tests.effort import examples
from world.catalogue import EPISODES, Episode, by_name
from world.clock import utcnow
from world.lies import Lie, LieKind
from world.servers import Servers

SERVER = "5" * 32


@pytest.fixture
def ours(session: aiohttp.ClientSession, servers: Servers) -> JellyfinLibrary:
    """Read the demo's library."""
    key = servers.world.keys.jellyfin
    return JellyfinClient(session, servers.jellyfin.url, key, device_id="t").library


async def test_pages_and_what_they_cost(ours: JellyfinLibrary, servers: Servers) -> None:
    """Few fields, no user, no sources; the total only where it was asked for."""
    first = await ours.items(SERVER, PLAYABLE, 0, 10, count=True)
    again = await ours.items(SERVER, PLAYABLE, 9, 10, count=False)
    assert first.total is not None
    assert first.total > 40
    assert again.total is None
    assert again.ids[0] == first.ids[-1]
    assert len(first.rows) == len(first.ids) == 10
    query = servers.jellyfin.calls[-1].path
    assert "MediaSources" not in query
    assert "userId" not in query
    assert "enableImages=false" in query


async def test_what_an_item_is(ours: JellyfinLibrary, servers: Servers) -> None:
    """A film, an episode and a series, with everything that is kept of them."""
    film, episode = by_name("A Harbour of Glass"), EPISODES[0]
    asked = (film.item_id, episode.item_id, episode.series_id, "0" * 32)
    found = {item.item_id: item for item in await ours.by_ids(SERVER, asked)}
    assert set(found) == set(asked[:3])
    movie = found[film.item_id]
    assert (movie.kind, movie.ids.tmdb, movie.year) == (ItemKind.MOVIE, film.tmdb, film.year)
    assert (movie.runtime, movie.size, movie.genres) == (film.seconds, film.size, film.genres)
    assert movie.path is not None
    assert movie.created is not None
    assert movie.server_id == servers.world.server_id
    one = found[episode.item_id]
    assert (one.season, one.episode, one.series_item_id) == (1, 1, episode.series_id)
    assert found[episode.series_id].ids.tvdb == episode.tvdb


def test_an_intro_before_the_film_is_no_title() -> None:
    """Whatever type the plugin gives it; the library does not count it among the movies."""
    film = {"Id": "a" * 32, "Type": "Movie", "Name": "x", "Path": "/intros/1.mp4"}
    assert library.item(film, SERVER) is not None
    assert library.item(film | {"ProviderIds": {"prerolls.video": "1"}}, SERVER) is None
    assert library.item(film | {"ExtraType": "Trailer"}, SERVER) is None


async def test_announced_episodes_are_not_there(ours: JellyfinLibrary, servers: Servers) -> None:
    """Virtual and pathless episodes are ignored, also when they are asked for by id."""
    announced = Episode("The Ministry of Rain", 2015, 880_102, 2, 1, "Not Yet")
    servers.world.announced.append(announced)
    assert await ours.by_ids(SERVER, (announced.item_id,)) == ()
    page = await ours.items(SERVER, EVERYTHING, 0, 1000, count=True)
    assert announced.item_id not in page.ids
    assert library.item({"Id": "a" * 32, "Type": "Movie", "Name": "x"}, SERVER) is None


@pytest.mark.parametrize("query", [EVERYTHING, PLAYABLE, PLAYED, RESUMABLE, FAVORITES])
async def test_no_box_set_hides_its_movies(
    ours: JellyfinLibrary, servers: Servers, query: library.Query
) -> None:
    """Jellyfin groups them in listings unless it is told not to: then they would seem gone."""
    await ours.items(SERVER, query, 0, 10, count=True)
    await ours.of_user(servers.world.user("Sofa").id, query, 0, 10, count=True)
    paths = [call.path for call in servers.jellyfin.calls if call.path.startswith("/Items?")]
    assert len(paths) == 2
    assert all("collapseBoxSetItems=false" in path for path in paths)


async def test_what_is_kept_of_a_user(ours: JellyfinLibrary, servers: Servers) -> None:
    """Played, favourites and what can be resumed; of a series only whether it is a favourite."""
    world = servers.world
    user = world.user("Sofa").id
    begun, episode = by_name("Weekend Astronauts"), EPISODES[0]
    world.userdata(user, begun.item_id).position = 3.0
    world.userdata(user, episode.series_id).favorite = True
    played = await ours.of_user(user, PLAYED, 0, 1000, count=True)
    assert played.total == len(played.rows)
    assert all(row.played for row in played.rows)
    resumable = await ours.of_user(user, RESUMABLE, 0, 1000, count=True)
    assert begun.item_id in resumable.ids
    assert all(row.position > 0 for row in resumable.rows)
    favorites = await ours.of_user(user, FAVORITES, 0, 1000, count=True)
    assert set(favorites.ids) == {by_name("Granite").item_id, episode.series_id}
    newest = await ours.last_played(user, 0, 3)
    dates = [row.last_played for row in newest.rows]
    assert None not in dates
    assert dates == sorted(dates, key=str, reverse=True)
    assert newest.ids[0] == by_name("The Lantern Keeper").item_id


async def test_what_is_new(ours: JellyfinLibrary, servers: Servers) -> None:
    """Only what the server saved since then."""
    servers.world.moved_home(by_name("Kilometre Zero"))
    page = await ours.saved_since(SERVER, utcnow() - timedelta(minutes=1), 0, 100)
    assert page.ids == (by_name("Kilometre Zero").item_id,)
    active = await ours.active_at()
    assert set(active) == set(servers.world.users)


@pytest.mark.parametrize("kind", [LieKind.ERROR, LieKind.DROP, LieKind.HALF])
async def test_no_answer_is_unreachable(
    ours: JellyfinLibrary, servers: Servers, kind: LieKind
) -> None:
    """As everywhere: nothing is known."""
    servers.jellyfin.liar.tell(Lie(kind, "/Items"))
    with pytest.raises(Unreachable):
        await ours.items(SERVER, PLAYABLE, 0, 10, count=True)


@pytest.mark.parametrize(
    "kind", [LieKind.HALF_JSON, LieKind.NOTHING, LieKind.HTML, LieKind.REDIRECT]
)
async def test_half_an_answer_is_unreadable(
    ours: JellyfinLibrary, servers: Servers, kind: LieKind
) -> None:
    """It never looks like an empty page."""
    servers.jellyfin.liar.tell(Lie(kind, "/Items"))
    with pytest.raises(Unreadable):
        await ours.items(SERVER, PLAYABLE, 0, 10, count=True)


async def test_one_lost_connection_is_tried_again(ours: JellyfinLibrary, servers: Servers) -> None:
    """As every GET is; a wrong key is not."""
    servers.jellyfin.liar.tell(Lie(LieKind.DROP, "/Items", times=1))
    assert (await ours.items(SERVER, PLAYABLE, 0, 10, count=True)).rows
    servers.jellyfin.liar.tell(Lie(LieKind.REFUSED, "/Items"))
    with pytest.raises(ServiceError):
        await ours.items(SERVER, PLAYABLE, 0, 10, count=True)
    assert sum(call.status == 401 for call in servers.jellyfin.calls) == 1


def test_a_page_without_the_users_data_is_no_answer() -> None:
    """Some versions leave it out for an API key: that is not "never watched"."""
    row = {"Id": "a" * 32, "Type": "Movie", "Name": "x"}
    with pytest.raises(Unreadable):
        library.user_row(row)
    assert library.user_row({**row, "UserData": {}}) is not None


# -- rows in parts ---------------------------------------------------------------------------------

texts = st.text(alphabet='ab"{}[],:\\é ', max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
many = st.lists(st.dictionaries(texts, values, min_size=1, max_size=4), max_size=30)


@settings(max_examples=examples(150), deadline=None)
@given(many, st.booleans())
def test_parts_are_the_whole(listed: list[dict[str, object]], blanks: bool) -> None:
    """However the rows look, cutting them gives the same rows; pretty-printed too."""
    answer = {"Items": listed, "TotalRecordCount": 7, "StartIndex": 0}
    body = json.dumps(answer, indent=1).encode() if blanks else orjson.dumps(answer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("custom_components.showrunner.clients.json_rows._PART", 20)
        around, rows = read_rows(body, "Items")
        assert around["TotalRecordCount"] == 7
        assert isinstance(around["Items"], list)
        assert list(rows) == listed


@settings(deadline=None)
@given(many.filter(bool), st.floats(0.05, 0.95))
def test_half_a_body_is_never_a_page(listed: list[dict[str, object]], share: float) -> None:
    """Broken off anywhere, with or without its end: an error, not fewer rows."""
    body = orjson.dumps({"Items": listed, "TotalRecordCount": 7})
    begin = body.index(b"[") + 1
    cut = begin + int(share * (len(body) - begin))
    for half in (body[:cut], body[: cut - 1] + b'\x00],"TotalRecordCount":7}'):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("custom_components.showrunner.clients.json_rows._PART", 20)
            with pytest.raises(orjson.JSONDecodeError):
                list(read_rows(half, "Items")[1])
