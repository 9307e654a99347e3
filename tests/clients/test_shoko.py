"""Shoko's client: who answers, whether a file is matched, and what is never guessed."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from openapi_schema_validator import OAS30Validator
import pytest
import yaml

from custom_components.showrunner.clients import shoko_models as models
from custom_components.showrunner.clients.errors import (
    ServiceError,
    TooNew,
    TooOld,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongProduct,
)
from custom_components.showrunner.clients.shoko import ShokoClient
from custom_components.showrunner.clients.shoko_models import HubEvent, ShokoFile, StartState
from world.lies import Lie, LieKind
from world.servers import Servers

from .conftest import Answer, read

CONTRACT = Path(__file__).parents[3] / "shared/contracts/openapi/shoko.contract.yml"
PATH = "/data/anime/Example Show/Season 01/Example Show - S01E01.mkv"


def client_of(session: aiohttp.ClientSession, servers: Servers, key: str = "") -> ShokoClient:
    """Talk to the demo's Shoko."""
    return ShokoClient(session, servers.shoko.url, key or servers.world.keys.shoko)


def test_the_samples_are_read() -> None:
    """A file with its links, and what the hub says of the same one."""
    [row] = read("shoko/v5.3-file-pathendswith.json")
    path = "/Example Show/Example Show - 01.mkv"
    assert models.file(row) == ShokoFile(1201, (path,), matched=True)
    content = read("shoko/v5.3-signalr-ShokoEvent_FileMatched.json")
    event = models.hub_event(content["target"], content["arguments"])
    assert event == HubEvent("FileMatched", 1201, path, matched=True)
    assert models.hub_event("OnConnected", None) == HubEvent("OnConnected")


@pytest.mark.parametrize(
    ("links", "matched"), [([], False), (None, None), ([{"SeriesID": {"ID": None}}], True)]
)
def test_a_file_without_its_links_says_nothing(links: object, matched: bool | None) -> None:
    """Links that were left out are not "none"; a series that Shoko has not made yet is a link."""
    row: dict[str, Any] = {"ID": 1, "Size": 1, "Locations": [], "SeriesIDs": links}
    found = models.file(row)
    assert found is not None
    assert found.matched is matched


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ({"State": "Started"}, StartState.STARTED),
        ({"State": 2}, StartState.STARTED),
        ({"State": "Starting"}, StartState.STARTING),
        ({"State": "Dreaming"}, StartState.UNKNOWN),
        ({"State": 9}, StartState.UNKNOWN),
        ({}, StartState.UNKNOWN),
        ([], StartState.UNKNOWN),
    ],
)
def test_only_started_is_started(value: object, state: StartState) -> None:
    """Names and numbers; what is not known is not started."""
    assert models.start_state(value) is state


async def test_who_answers(session: aiohttp.ClientSession, servers: Servers) -> None:
    """The version, and a good key, which is never in an address."""
    client = client_of(session, servers)
    assert (await client.status()).version == "5.3.3.0"
    assert await client.file(1) is None
    assert not any(servers.world.keys.shoko in call.path for call in servers.shoko.calls)
    with pytest.raises(Unauthorized):
        await client_of(session, servers, "wrong").status()


@pytest.mark.parametrize(
    ("version", "error"),
    [
        ("6.0.0-dev.425", TooNew),
        ("7.1", TooNew),
        ("4.2.2.0", TooOld),
        ("soon", WrongProduct),
        ("", WrongProduct),
    ],
)
async def test_another_version_is_refused(
    session: aiohttp.ClientSession, servers: Servers, version: str, error: type[ServiceError]
) -> None:
    """Before anything else is asked."""
    servers.shoko_state.version = version
    with pytest.raises(error):
        await client_of(session, servers).status()
    assert len(servers.shoko.calls) == 1


@pytest.mark.parametrize("state", ["Starting", 1, "Failed", "Waiting", None])
async def test_a_key_is_not_judged_before_it_has_started(
    session: aiohttp.ClientSession, servers: Servers, state: object
) -> None:
    """Every key counts then: neither good nor bad is said of it."""
    servers.shoko_state.state = state
    for key in ("", "wrong"):
        with pytest.raises(Unreachable):
            await client_of(session, servers, key).status()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("<html>", WrongProduct),
        ("{}", WrongProduct),
        ('{"Server": 5}', WrongProduct),
        ("[]", WrongProduct),
        ('[{"Name": "Server", "Version": "4.1.0.0"}]', TooOld),
    ],
)
async def test_something_else_answers(
    session: aiohttp.ClientSession,
    serve: Callable[[Answer], Awaitable[str]],
    body: str,
    error: type[ServiceError],
) -> None:
    """A page, another product, a Shoko of long ago."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, content_type="application/json")

    with pytest.raises(error):
        await ShokoClient(session, await serve(answer), "key").status()


async def test_a_file_is_found_by_the_end_of_its_path(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """Whatever the root, the case and the separators; unmatched, matched, and unknown."""
    client = client_of(session, servers)
    assert await client.is_matched(PATH) is None
    found = servers.shoko_state.arrive("/example show/season 01/Example Show - S01E01.MKV")
    assert await client.is_matched(PATH) is False
    await servers.shoko_state.match(found)
    assert await client.is_matched(PATH) is True
    assert await client.is_matched(PATH.replace("/data", "C:").replace("/", "\\")) is True
    assert (await client.file(found.number)) == ShokoFile(found.number, (found.path,), matched=True)


async def test_a_link_to_other_counts(session: aiohttp.ClientSession, servers: Servers) -> None:
    """A director's cut is linked to what AniDB calls Other, and is matched."""
    found = servers.shoko_state.arrive("/Film (2001)/Film.mkv", other=True)
    await servers.shoko_state.match(found)
    assert await client_of(session, servers).is_matched("/data/Film (2001)/Film.mkv") is True


async def test_the_same_season_of_another_series_is_not_it(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """A season's folder and a file's name are no name of a series."""
    other = servers.shoko_state.arrive("/Another Show/Season 01/Example Show - S01E01.mkv")
    await servers.shoko_state.match(other)
    assert await client_of(session, servers).is_matched(PATH) is None


async def test_of_several_files_all_must_be_matched(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """None of them is taken for the right one."""
    for root in ("", "/old"):
        servers.shoko_state.arrive(f"{root}/Example Show/Season 01/Example Show - S01E01.mkv")
    one, two = servers.shoko_state.files.values()
    await servers.shoko_state.match(one)
    client = client_of(session, servers)
    assert await client.is_matched(PATH) is False
    await servers.shoko_state.match(two)
    assert await client.is_matched(PATH) is True


async def test_a_full_answer_is_not_taken_for_all_of_them(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """The unmatched one may be on the page that was not asked for."""
    for number in range(20):
        root = f"/root {number}"
        found = servers.shoko_state.arrive(
            f"{root}/Example Show/Season 01/Example Show - S01E01.mkv"
        )
        await servers.shoko_state.match(found)
    assert await client_of(session, servers).is_matched(PATH) is None


@pytest.mark.parametrize("path", ["", "file.mkv", "/file.mkv", "/a/../b/file.mkv"])
async def test_what_names_no_file_is_not_asked(
    session: aiohttp.ClientSession, servers: Servers, path: str
) -> None:
    """Half a path could be anybody's."""
    assert await client_of(session, servers).is_matched(path) is None
    assert servers.shoko.calls == []


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (LieKind.HTML, Unreadable),
        (LieKind.HALF_JSON, Unreadable),
        (LieKind.NOTHING, Unreadable),
        (LieKind.ERROR, Unreachable),
        (LieKind.REFUSED, Unauthorized),
    ],
)
async def test_a_lie_is_no_answer(
    session: aiohttp.ClientSession, servers: Servers, kind: LieKind, error: type[ServiceError]
) -> None:
    """Never "not matched", and never "not there"."""
    servers.shoko.liar.tell(Lie(kind, "/PathEndsWith"))
    with pytest.raises(error):
        await client_of(session, servers).is_matched(PATH)


@pytest.mark.skipif(not CONTRACT.is_file(), reason="the contracts are not beside the repository")
@pytest.mark.parametrize("matched", [True, False])
async def test_the_demo_answers_as_described(
    session: aiohttp.ClientSession, servers: Servers, matched: bool
) -> None:
    """The files that the demo tells of fit the description of Shoko 5."""
    found = servers.shoko_state.arrive("/Example Show/Example Show - 01.mkv")
    found.matched = matched
    doc = yaml.safe_load(CONTRACT.read_text())
    schema = doc["paths"]["/api/v3/File/PathEndsWith"]["get"]["responses"]["200"]["content"]
    url = f"{servers.shoko.url}/api/v3/File/PathEndsWith"
    headers = {"apikey": servers.world.keys.shoko}
    async with session.get(url, params={"path": "01.mkv"}, headers=headers) as answer:
        value = await answer.json()
    whole = {"allOf": [schema["application/json"]["schema"]], "components": doc["components"]}
    assert len(value) == 1
    assert [error.message for error in OAS30Validator(whole).iter_errors(value)] == []
    sample = read("shoko/v5.3-file-pathendswith.json")
    assert [error.message for error in OAS30Validator(whole).iter_errors(sample)] == []
    assert sample[0].keys() == value[0].keys()
