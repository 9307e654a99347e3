"""All servers of one world together, as `world.running()` hands them out."""

import asyncio

from .jellyfin import Jellyfin
from .jellystat import Jellystat
from .ntfy import Ntfy
from .play import Play
from .player import Player
from .prowlarr import Prowlarr
from .qbittorrent import QBittorrent
from .radarr import Radarr
from .radarr_uhd import UhdLibrary
from .rtorrent import RTorrent
from .seerr import Seerr
from .sftp import Sftp
from .shoko import Shoko
from .sonarr import Sonarr
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
        self.uhd_library = UhdLibrary(world)
        self.radarr_4k_state = Radarr(world, self.uhd_library, world.keys.radarr_4k)
        self.sonarr_state = Sonarr(world)
        self.prowlarr_state = Prowlarr(world)
        self.jellystat_state = Jellystat(world)
        self.shoko_state = Shoko(world)
        self.ntfy_state = Ntfy(world)
        self.qbittorrent_state = QBittorrent(world)
        self.jellyfin = Server("jellyfin", self.jellyfin_state.app())
        self.radarr = Server("radarr", self.radarr_state.app())
        self.radarr_4k = Server("radarr_4k", self.radarr_4k_state.app())
        self.sonarr = Server("sonarr", self.sonarr_state.app())
        self.prowlarr = Server("prowlarr", self.prowlarr_state.app())
        self.jellystat = Server("jellystat", self.jellystat_state.app())
        self.shoko = Server("shoko", self.shoko_state.app())
        self.seerr_state = Seerr(world, lambda: self.radarr.url, lambda: self.sonarr.url)
        self.seerr = Server("seerr", self.seerr_state.app())
        self.ntfy = Server("ntfy", self.ntfy_state.app())
        self.qbittorrent = Server("qbittorrent", self.qbittorrent_state.app())
        # The same torrents, by another client.
        self.rtorrent_state = RTorrent(world)
        self.rtorrent = Server("rtorrent", self.rtorrent_state.app())
        arrs = (self.radarr, self.radarr_4k, self.sonarr, self.prowlarr)
        asked = (self.seerr, self.qbittorrent, self.rtorrent, self.shoko)
        services = (self.jellyfin, *arrs, *asked, self.jellystat, self.ntfy)
        self.all = {server.name: server for server in services}
        # The seedbox's, in a world that has one.
        self.sftp = None if world.seedbox is None else Sftp(world.keys, world.seedbox.remote)
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
        await self.seerr_state.start()
        if self.sftp is not None:
            await self.sftp.start(ports.get("sftp", 0))

    async def stop(self) -> None:
        """End plays and searches, then the servers."""
        tasks = [play.done for play in self._plays if play.done is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.seerr_state.stop()
        await self.radarr_state.stop()
        await self.radarr_4k_state.stop()
        await self.sonarr_state.stop()
        await self.jellystat_state.stop()
        await self.shoko_state.stop()
        self.world.stop()
        if self.sftp is not None:
            await self.sftp.stop()
        for server in self.all.values():
            await server.stop()
        await self.webhooks.stop()
        self.jellyfin_state.reporting.stop()

    def play(
        self,
        user: str,
        item: str,
        begin: float = 0.0,
        end: float | None = None,
        speed: float = 1.0,
        **details: str | tuple[str, ...] | bool,
    ) -> Play:
        """Play something, see `Player.play`; `await play.done` waits for its end."""
        play = self.player.play(user, item, begin, end, speed, **details)
        self._plays.append(play)
        return play

    async def restart_jellyfin(self, away: float = 1.5, silent: float = 0.5) -> None:
        """Restart Jellyfin while people watch; `silent`: until their clients report again.

        Nothing when it is down already: whoever has taken it down brings it back.
        """
        if not self.jellyfin.listens:
            return
        going = self.player.go_away()
        await self.jellyfin.go_down()
        await asyncio.sleep(away)
        await self.jellyfin.come_back()
        await asyncio.sleep(silent)
        self.player.take_up(going)
