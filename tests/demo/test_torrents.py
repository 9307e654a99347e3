"""The demo's torrent client: what changed since when, its login, and torrents that go wrong."""

import asyncio
from collections.abc import AsyncGenerator
import json
from pathlib import Path
from typing import Any

import aiohttp
from openapi_schema_validator import OAS30Validator
import pytest
import yaml

from custom_components.showrunner.clients.errors import Forbidden, Unauthorized
from custom_components.showrunner.clients.qbittorrent import QBittorrentClient
from custom_components.showrunner.domain.torrents import TorrentState
from world.run import running
from world.servers import Servers
from world.torrents import TROUBLES

CONTRACT = Path(__file__).parents[3] / "shared/contracts/openapi/qbittorrent-webui.contract.yml"
HASH = "AB" * 20


@pytest.fixture
async def servers(socket_enabled: None) -> AsyncGenerator[Servers]:
    """Run a world of its own."""
    async with running() as made:
        yield made


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Keep cookies, of bare addresses too."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as made:
        yield made


def client(servers: Servers, session: aiohttp.ClientSession, **how: str) -> QBittorrentClient:
    """Link it as a person does."""
    keys = servers.world.keys
    login = {"username": keys.torrent_user, "password": keys.torrents} | how
    return QBittorrentClient(session, servers.qbittorrent.url, **login)


async def test_a_torrent_comes_in_its_own_time(
    servers: Servers, session: aiohttp.ClientSession
) -> None:
    """And only what has changed is told."""
    ours = client(servers, session)
    assert len(await ours.torrents()) == 0
    servers.world.swarm.add(HASH, "Third.Shift", 8_000_000, 0.4, "radarr")
    first = (await ours.torrents()).get(HASH)
    assert first is not None
    assert (first.state, first.complete, first.label) == (TorrentState.DOWNLOADING, False, "radarr")
    await asyncio.sleep(0.2)
    second = (await ours.torrents()).get(HASH)
    assert second is not None
    assert first.progress < second.progress < 100
    await asyncio.sleep(0.3)
    third = (await ours.torrents()).get(HASH)
    assert third is not None
    assert third.complete
    assert third.completed_at is not None
    servers.world.swarm.remove(HASH)
    assert (await ours.torrents()).get(HASH) is None


@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        ("stalled", TorrentState.STALLED),
        ("no_seeds", TorrentState.STALLED),
        ("error", TorrentState.ERROR),
        ("paused", TorrentState.STOPPED),
        ("metadata", TorrentState.METADATA),
    ],
)
async def test_what_goes_wrong_stands_still(
    servers: Servers, session: aiohttp.ClientSession, trouble: str, state: TorrentState
) -> None:
    """Until it is mended; and nobody can invent other troubles."""
    ours = client(servers, session)
    one = servers.world.swarm.add(HASH, "Third.Shift", 8_000_000, 0.2, "radarr")
    one.trouble = trouble
    share = one.share
    await asyncio.sleep(0.25)
    answer = (await ours.torrents()).get(HASH)
    assert answer is not None
    assert answer.state is state
    assert (answer.seeds == 0) is (trouble == "no_seeds")
    assert one.share == share
    one.trouble = ""
    await asyncio.sleep(0.25)
    assert one.complete
    with pytest.raises(ValueError, match="no such trouble"):
        one.trouble = "bored"


async def test_wrong_logins_close_it(servers: Servers, session: aiohttp.ClientSession) -> None:
    """Five of them, as at the real one."""
    for number in range(5):
        with pytest.raises(Unauthorized):
            await client(servers, session, password=f"wrong {number}").torrents()
    with pytest.raises(Forbidden):
        await client(servers, session).torrents()


@pytest.mark.skipif(
    not CONTRACT.is_file(), reason="the contracts folder is not beside the repository"
)
async def test_it_answers_as_the_contract_says(
    servers: Servers, session: aiohttp.ClientSession
) -> None:
    """In every state; then only what has moved."""
    await client(servers, session).status()
    doc: dict[str, Any] = yaml.safe_load(CONTRACT.read_text())
    answer = doc["paths"]["/api/v2/sync/maindata"]["get"]["responses"]["200"]["content"]
    schema = answer["application/json"]["schema"] | {"components": doc.get("components", {})}
    login = servers.world.keys
    await session.post(
        f"{servers.qbittorrent.url}/api/v2/auth/login",
        data={"username": login.torrent_user, "password": login.torrents},
    )
    for number, trouble in enumerate(TROUBLES):
        one = servers.world.swarm.add(f"{number:040d}", trouble, 9_000, 0.5, "tv-sonarr")
        one.trouble = trouble
    url = f"{servers.qbittorrent.url}/api/v2/sync/maindata"
    async with session.get(url) as got:
        body = json.loads(await got.text())
    for info_hash, row in body["torrents"].items():
        row["hash"] = info_hash  # which is only the key here, and a field in other lists
    assert [error.message for error in OAS30Validator(schema).iter_errors(body)] == []
    await asyncio.sleep(0.1)
    async with session.get(url, params={"rid": body["rid"]}) as got:
        body = json.loads(await got.text())
    assert "full_update" not in body
    assert len(body["torrents"]) == 1
