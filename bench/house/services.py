"""All services of the house on one port: `python -m bench.house.services` and its numbers.

They are below `/jellyfin`, `/radarr`, `/sonarr`, `/seerr` and `/qbittorrent`; `/__traffic` says how
much they were asked, `/__streams/N` has so many people watch.
"""

import asyncio
import sys

from aiohttp import web

from bench.house.arrs import Radarr, Sonarr
from bench.house.house import House
from bench.house.jellyfin import Jellyfin
from bench.house.replies import Traffic, reply
from bench.house.seerr import Seerr
from bench.house.torrents import QBittorrent
from bench.serve import serve


async def main(house: House) -> None:
    """Serve until the process is ended."""
    traffic = Traffic()
    jellyfin = Jellyfin(house)

    async def streams(request: web.Request) -> web.Response:
        jellyfin.play(int(request.match_info["count"]))
        return reply({})

    async def counts(_: web.Request) -> web.Response:
        return reply(traffic.told())

    app = web.Application(middlewares=[traffic.middleware])
    app.add_routes(
        [
            *jellyfin.routes("/jellyfin"),
            *Radarr(house).routes("/radarr"),
            *Sonarr(house).routes("/sonarr"),
            *Seerr(house).routes("/seerr"),
            *QBittorrent(house).routes("/qbittorrent"),
            web.get("/__traffic", counts),
            web.post("/__streams/{count}", streams),
        ]
    )
    await serve(app)


if __name__ == "__main__":
    asyncio.run(main(House(*map(int, sys.argv[1:]))))
