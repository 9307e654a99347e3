"""The demo's torrent clients, asked as the product asks."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import aiohttp

from custom_components.showrunner.clients.qbittorrent import QBittorrentClient
from custom_components.showrunner.clients.rtorrent import RTorrentClient
from custom_components.showrunner.clients.torrents import TorrentClient
from custom_components.showrunner.domain.torrents import TorrentList
from world.servers import Servers

HASH, OTHER, GONE = "AB" * 20, "CD" * 20, "0" * 40


NAME = "Third.Shift"


def linked(
    servers: Servers, session: aiohttp.ClientSession, kind: str, **how: str
) -> TorrentClient:
    """Link one as a person does."""
    keys = servers.world.keys
    login = {"username": keys.torrent_user, "password": keys.torrents} | how
    if kind == "qbittorrent":
        return QBittorrentClient(session, servers.qbittorrent.url, **login)
    path = "/RPC2" if kind == "rtorrent" else "/plugins/httprpc/action.php"
    return RTorrentClient(session, servers.rtorrent.url + path, **login)


async def until(client: TorrentClient, wanted: Callable[[TorrentList], bool]) -> TorrentList:
    """Ask until something is so."""
    async with asyncio.timeout(20):
        while not wanted(torrents := await client.torrents()):
            await asyncio.sleep(0.02)
    return torrents


def finished(servers: Servers, info_hash: str = HASH, name: str = NAME) -> Path:
    """Have a finished torrent, with its files."""
    world = servers.world
    assert world.seedbox is not None
    one = world.swarm.add(info_hash, name, world.torrent_size(8_000_000_000), 0.001, "tv-sonarr")
    world.seedbox.finish(name, one.size)
    return world.seedbox.remote / name
