"""Prowlarr's seeders and ntfy's messages."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.showrunner.clients.errors import (
    Refused,
    Unauthorized,
    Unreadable,
    WrongProduct,
)
from custom_components.showrunner.clients.ntfy import NtfyAction, NtfyClient, NtfyMessage
from custom_components.showrunner.clients.prowlarr import ProwlarrClient
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.media import ProviderIds
from world.catalogue import by_name
from world.servers import Servers

from .conftest import read

type Serve = Callable[..., Awaitable[str]]
IDS = ProviderIds(900001, None, "tt9000001")


BY_IDS = "{ImdbId:tt9000001}{TmdbId:900001}"
BY_NAME = "Example 2024"


def indexer(number: int, *params: str, **more: Any) -> dict[str, Any]:
    """Give an indexer as Prowlarr lists it."""
    caps = {"searchParams": ["q"], "movieSearchParams": list(params)}
    return {"id": number, "enable": True, "protocol": "torrent", "capabilities": caps} | more


IDS_ONLY = indexer(1, "imdbId", capabilities={"movieSearchParams": ["imdbId"]})


async def seeders(
    session: aiohttp.ClientSession,
    serve: Serve,
    value: Any,
    indexers: Any = (IDS_ONLY,),
    blocked: Any = (),
) -> object:
    """Ask a Prowlarr that answers a search with this: by query, or for every one alike."""

    async def answer(request: web.Request) -> web.StreamResponse:
        match request.path.rpartition("/")[2]:
            case "indexer":
                return web.json_response(list(indexers))
            case "indexerstatus":
                return web.json_response(
                    [{"indexerId": n, "disabledTill": "2099"} for n in blocked]
                )
        query = request.query["query"]
        asked.append((query, [int(one) for one in request.query.getall("indexerIds")]))
        by_query = isinstance(value, dict) and set(value) <= {BY_IDS, BY_NAME}
        return web.json_response(value.get(query, []) if by_query else value)

    asked.clear()
    return await ProwlarrClient(session, await serve(answer), "key").seeders(IDS, "Example", 2024)


asked: list[tuple[str, list[int]]] = []


async def test_each_indexer_is_asked_as_it_can_be(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """By ids where it knows one, else by name; usenet, what is off and what rests not at all."""
    (row,) = read("prowlarr/search-result.json")
    plain = {"tmdbId": 0, "imdbId": 0, "title": "Example.2024.1080p"}
    named = row | plain | {"infoHash": "b" * 40, "seeders": 5}
    other = row | plain | {"infoHash": "c" * 40, "seeders": 50, "title": "Example.2049.2017.1080p"}
    indexers = (
        indexer(1, "q", "imdbId"),
        indexer(2, "q"),
        indexer(3, "tmdbId"),
        indexer(4, "q", enable=False),
        indexer(5, "q", protocol="usenet"),
        indexer(6, "q", "imdbId"),
        indexer(7, capabilities={}),
    )
    body = {BY_IDS: [row], BY_NAME: [named, other, row]}
    assert await seeders(session, serve, body, indexers, blocked=(6,)) == Known(42, "prowlarr")
    assert asked == [(BY_IDS, [1, 3]), (BY_NAME, [2])]


async def test_where_the_ids_find_nothing_the_name_may(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Many indexers know few of their releases' ids. Nothing at all stays absent, and not few."""
    (row,) = read("prowlarr/search-result.json")
    named = row | {"tmdbId": 0, "imdbId": 0, "seeders": 80}
    indexers = (indexer(1, "q", "imdbId"),)
    assert await seeders(session, serve, {BY_NAME: [named]}, indexers) == Known(80, "prowlarr")
    assert asked == [(BY_IDS, [1]), (BY_NAME, [1])]
    assert await seeders(session, serve, {BY_IDS: []}, indexers) == Absent("prowlarr")


@pytest.mark.parametrize(
    ("indexers", "blocked"),
    [((), ()), ((indexer(1, "q", "imdbId"),), (1,)), ((indexer(1, enable=False),), ())],
)
async def test_nobody_to_ask_is_unknown(
    session: aiohttp.ClientSession, serve: Serve, indexers: Any, blocked: Any
) -> None:
    """That is no film without seeders."""
    found = await seeders(session, serve, [], indexers, blocked)
    assert isinstance(found, Unknown)
    assert not asked


async def test_seeders_are_counted_over_all_results(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Each torrent once, other films not at all, rows without a number tell nothing."""
    (row,) = read("prowlarr/search-result.json")
    assert await seeders(session, serve, [row]) == Known(37, "prowlarr")
    other = row | {"infoHash": "b" * 40, "seeders": 5}
    film = row | {"infoHash": "c" * 40, "tmdbId": 5, "imdbId": 7}
    usenet = {k: v for k, v in row.items() if k not in ("seeders", "infoHash")}
    unnamed = row | {"infoHash": "d" * 40, "tmdbId": 0, "imdbId": 0, "seeders": 1}
    found = await seeders(session, serve, [row, row, other, film, usenet, unnamed])
    assert found == Known(43, "prowlarr")


async def test_no_results_are_absent_not_rare(session: aiohttp.ClientSession, serve: Serve) -> None:
    """And another shape is no answer."""
    assert await seeders(session, serve, []) == Absent("prowlarr")
    with pytest.raises(Unreadable):
        await seeders(session, serve, {"error": "x"})


async def test_the_demos_prowlarr_is_asked(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """By ids; a wrong key and a wrong product are told apart."""
    key = servers.world.keys.prowlarr
    client = ProwlarrClient(session, servers.prowlarr.url, key)
    assert (await client.status()).app_name == "Prowlarr"
    film = by_name("Snow over Karelin")
    found = await client.seeders(ProviderIds(film.tmdb, None, film.imdb), film.name, film.year)
    assert isinstance(found, Known)
    assert found.value < 10
    with pytest.raises(Unauthorized):
        await ProwlarrClient(session, servers.prowlarr.url, "wrong").status()
    with pytest.raises(WrongProduct):
        await ProwlarrClient(session, servers.ntfy.url, key).status()


def ntfy(session: aiohttp.ClientSession, servers: Servers, **login: str) -> NtfyClient:
    """Make a client of the demo's ntfy."""
    return NtfyClient(session, servers.ntfy.url, servers.world.keys.topic, **login)


async def test_ntfy_is_published_to(session: aiohttp.ClientSession, servers: Servers) -> None:
    """With a token or a login; not without either."""
    for login in (
        {"token": servers.world.keys.ntfy},
        {"username": "demo", "password": "demo"},
    ):
        client = ntfy(session, servers, **login)
        await client.check()
        await client.publish(NtfyMessage("Title", "Text", 9, ("ok",), "http://x/"))
    assert servers.ntfy_state.messages[0]["priority"] == 5
    with pytest.raises(Unauthorized):
        await ntfy(session, servers).check()
    with pytest.raises(Unauthorized):
        await ntfy(session, servers, token="tk_wrong").publish(NtfyMessage("a", "b"))
    with pytest.raises(WrongProduct):
        await NtfyClient(session, servers.radarr.url, "x").check()
    with pytest.raises(Refused, match="topic"):
        await NtfyClient(session, servers.ntfy.url, "a/b").check()


async def test_ntfy_takes_buttons(session: aiohttp.ClientSession, servers: Servers) -> None:
    """Each posts a body to an address; a message without any says nothing of them."""
    client = ntfy(session, servers, token=servers.world.keys.ntfy)
    button = NtfyAction("Keep", "http://x/", "{}", clear=True)
    await client.publish(NtfyMessage("Title", "Text", actions=(button,)))
    await client.publish(NtfyMessage("Title", "Text"))
    first, second = servers.ntfy_state.messages
    body = {"action": "http", "method": "POST", "label": "Keep", "url": "http://x/", "body": "{}"}
    assert first["actions"] == [body | {"clear": True}]
    assert "actions" not in second
    with pytest.raises(Refused, match="actions"):
        await client.publish(NtfyMessage("Title", "Text", actions=(button,) * 4))


@pytest.mark.parametrize("text", ["x" * 5000, "ä" * 3000, "🎬" * 2000, "short"])
async def test_a_long_text_is_cut_between_characters(
    session: aiohttp.ClientSession, servers: Servers, text: str
) -> None:
    """4096 bytes: beyond it the server would make a file of it."""
    await ntfy(session, servers, token=servers.world.keys.ntfy).publish(NtfyMessage("t", text))
    answer = str(servers.ntfy_state.messages[0]["message"])
    assert len(answer.encode()) <= 4096
    assert answer == text or (answer.endswith("…") and text.startswith(answer[:-1]))


async def test_a_token_that_may_only_write_is_enough(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """ "/auth" asks for the right to read. Who may not publish is found by publishing."""
    may_publish = True

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/v1/health":
            return web.json_response({"healthy": True})
        if request.path == "/" and may_publish:
            return web.json_response({"id": "abc", "event": "message", "topic": "house"})
        return web.json_response({"code": 40301, "http": 403, "error": "forbidden"}, status=403)

    client = NtfyClient(session, await serve(answer), "house", token="tk_write_only")
    await client.check()
    await client.publish(NtfyMessage("a", "b"))
    may_publish = False
    with pytest.raises(Unauthorized):
        await client.publish(NtfyMessage("a", "b"))
    with pytest.raises(Unauthorized):
        await client.check()
    may_publish = True
    await client.publish(NtfyMessage("a", "b"))
    await client.check()


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_that_passes_is_over_when_the_login_is_taken(
    session: aiohttp.ClientSession, serve: Serve, status: int
) -> None:
    """A login refused once (401) is good when it is known again, though no message was sent since.

    Who may not publish (403) is known all the same; only publishing tells.
    """
    refused = True

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/v1/health":
            return web.json_response({"healthy": True})
        if not refused or (status == 403 and request.path != "/"):
            return web.json_response({"success": True})
        body = {"code": status * 100 + 1, "http": status, "error": "refused"}
        return web.json_response(body, status=status)

    client = NtfyClient(session, await serve(answer), "house", token="tk_house")
    with pytest.raises(Unauthorized):
        await client.publish(NtfyMessage("a", "b"))
    with pytest.raises(Unauthorized):
        await client.check()
    refused = False
    if status == 401:
        await client.check()
        await client.check()
    else:
        with pytest.raises(Unauthorized):
            await client.check()
