"""A running world, and an HTTP client for it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from world.run import running
from world.seedbox import Seedbox
from world.servers import Servers
from world.world import Pace, build

FAST = Pace(search=0.05, grab=0.02, download=0.2, seeders=0.01)


@dataclass(frozen=True, slots=True)
class House:
    """The servers, and what a client of theirs does."""

    servers: Servers
    session: aiohttp.ClientSession

    @property
    def jellyfin_headers(self) -> dict[str, str]:
        """The only form of authorization that Jellyfin 12 takes."""
        return {"Authorization": f'MediaBrowser Token="{self.servers.world.keys.jellyfin}"'}

    def headers(self, service: str) -> dict[str, str]:
        """What a service wants to see."""
        keys = self.servers.world.keys
        match service:
            case "jellyfin":
                return self.jellyfin_headers
            case "ntfy":
                return {"Authorization": f"Bearer {keys.ntfy}"}
            case "radarr":
                return {"X-Api-Key": keys.radarr}
            case "sonarr":
                return {"X-Api-Key": keys.sonarr}
            case _:
                return {"X-Api-Key": keys.prowlarr}

    async def ask(
        self, service: str, method: str, path: str, json: object = None, **params: str
    ) -> tuple[int, object]:
        """Ask a service; give status and JSON (None for an empty body)."""
        url = self.servers.all[service].url + path
        async with self.session.request(
            method,
            url,
            params=params,
            json=json,
            headers=self.headers(service),
            allow_redirects=False,
        ) as answer:
            body = await answer.read()
            return answer.status, await answer.json(content_type=None) if body else None

    async def get(self, service: str, path: str, **params: str) -> object:
        """Ask, and insist on 200."""
        status, body = await self.ask(service, "GET", path, **params)
        assert status == 200, (path, status, body)
        return body


@pytest.fixture
async def house(socket_enabled: None) -> AsyncGenerator[House]:
    """Run a fast world."""
    async with running(pace=FAST) as servers, aiohttp.ClientSession() as session:
        yield House(servers, session)


@pytest.fixture
async def servers(socket_enabled: None, tmp_path: Path) -> AsyncGenerator[Servers]:
    """Run a world with a seedbox, and clients that hurry."""
    for name in ("remote", "home"):
        (tmp_path / name).mkdir()
    world = build()
    world.seedbox = Seedbox(tmp_path / "remote", tmp_path / "home")
    async with running(world=world) as made:
        made.qbittorrent_state.lag = made.qbittorrent_state.deletes = 0.05
        made.rtorrent_state.collects = 0.2
        yield made


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Keep cookies, of bare addresses too."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as made:
        yield made
