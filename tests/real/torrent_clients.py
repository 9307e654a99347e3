"""Real torrent clients, each linked as the product links it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from custom_components.showrunner.clients.qbittorrent import QBittorrentClient
from custom_components.showrunner.clients.rtorrent import RTorrentClient
from custom_components.showrunner.clients.torrents import TorrentClient
from tests.real import lab

KINDS = [
    *(("rtorrent", one) for one in lab.RTORRENTS),
    *(("qbittorrent", one) for one in lab.QBITTORRENTS),
]


@asynccontextmanager
async def linked(
    kind: str, version: str, folder: Path
) -> AsyncGenerator[tuple[TorrentClient, lab.RTorrent | lab.QBittorrent]]:
    """Run one of them with our client."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        if kind == "rtorrent":
            async with lab.rtorrent(version, folder) as server:
                yield RTorrentClient(session, server.url()), server
        else:
            async with lab.qbittorrent(version, folder) as other:
                yield (
                    QBittorrentClient(
                        session, other.url, username=lab.USER, password=other.password
                    ),
                    other,
                )
