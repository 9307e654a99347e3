"""Run the world's servers.

async with running() as servers:
    servers.jellyfin.url, servers.radarr.url, …     # each on its own free port of 127.0.0.1
    servers.world.keys.jellyfin                     # what a person would type in
    play = servers.play("Sofa", "The Lantern Keeper")
    await play.done
    servers.radarr.liar.tell(Lie(LieKind.TIMEOUT, "/api/v3/movie", times=1))
    servers.radarr.calls, servers.world.diary       # what was asked, and what happened when
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from .control import Control
from .servers import Servers
from .web import Server
from .world import Pace, World, build


@asynccontextmanager
async def running(
    *, pace: Pace | None = None, world: World | None = None, ports: dict[str, int] | None = None
) -> AsyncGenerator[Servers]:
    """Run the world's servers, each on its own port of 127.0.0.1 (free ones unless named)."""
    servers = Servers(world or build(pace=pace))
    servers.all["control"] = Server("control", Control(servers).app())
    try:
        await servers.start(ports or {})
        yield servers
    finally:
        await servers.stop()
