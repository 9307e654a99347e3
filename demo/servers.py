"""All servers of one world together, as `world.running()` hands them out."""

import asyncio

from .jellyfin import Jellyfin
from .ntfy import Ntfy
from .play import Play
from .player import Player
from .prowlarr import Prowlarr
from .radarr import Radarr
from .web import Server
from .webhook import WebhookPlugin
from .world import World


class Servers:
    """The running services. Each is a `web.Server`: `.url`, `.liar`, `.calls`, `.go_down()`.

    What a service knows of its own is beside it: `jellyfin_state`, `radarr_state`, `ntfy_state`,
    `webhooks`. `all` holds the servers by name.
    """

    def __init__(self, world: World) -> None:
        """Build every service over one world."""
        self.world = world
        self.webhooks = WebhookPlugin(world)
        self.player = Player(world, self.webhooks.tell)
        self.jellyfin_state = Jellyfin(world, self.webhooks)
        self.radarr_state = Radarr(world)
        self.prowlarr_state = Prowlarr(world)
        self.ntfy_state = Ntfy(world)
        self.jellyfin = Server("jellyfin", self.jellyfin_state.app())
        self.radarr = Server("radarr", self.radarr_state.app())
        self.prowlarr = Server("prowlarr", self.prowlarr_state.app())
        self.ntfy = Server("ntfy", self.ntfy_state.app())
        services = (self.jellyfin, self.radarr, self.prowlarr, self.ntfy)
        self.all = {server.name: server for server in services}
        self._plays: list[Play] = []

    @property
    def control(self) -> Server:
        """The loopback API for other processes (control.py), which `run` adds."""
        return self.all["control"]

    async def start(self, ports: dict[str, int]) -> None:
        """Start them all; `ports` names those that are to have a fixed one."""
        await self.webhooks.start()
        for name, server in self.all.items():
            await server.start(ports.get(name, 0))

    async def stop(self) -> None:
        """End plays and searches, then the servers."""
        tasks = [play.done for play in self._plays if play.done is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.radarr_state.searches.stop()
        for server in self.all.values():
            await server.stop()
        await self.webhooks.stop()

    def play(
        self,
        user: str,
        item: str,
        begin: float = 0.0,
        end: float | None = None,
        speed: float = 1.0,
        **details: str | tuple[str, ...],
    ) -> Play:
        """Play something, see `Player.play`; `await play.done` waits for its end."""
        play = self.player.play(user, item, begin, end, speed, **details)
        self._plays.append(play)
        return play
