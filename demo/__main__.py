"""`python -m demo`: the media world and a Home Assistant with everything linked, until Ctrl-C.

People watch all the time, in scripted evenings; `--quiet` leaves them out. `--check` does it
without a screen and ends with the walk's stations; `--world-only` leaves Home Assistant out;
`--port` is Home Assistant's. Both kinds of demo can run side by side.
"""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
import shutil
import signal
import sys
import time
from typing import Final
from zoneinfo import ZoneInfo

from world import habits, years
from world.playback_reporting import PlaybackReporting
from world.run import running
from world.seedbox import Seedbox
from world.servers import Servers
from world.world import World, build

from . import browser, check, dashboard, evenings, link, samples, using
from .alone import Occupied, alone, port_for
from .homeassistant import ROOT, ZONE, DemoError, HomeAssistant

CONFIG: Final = ROOT / ".demo"
_PORT: Final = 8123
_INTERRUPTED: Final = 130
_WORLD: Final = """
The demo's world is running, without Home Assistant. All titles are made up.

    Jellyfin  {jellyfin}  API key {keys.jellyfin}, or Sofa / popcorn
    Radarr    {radarr}  API key {keys.radarr}
    Sonarr    {sonarr}  API key {keys.sonarr}
    Prowlarr  {prowlarr}  API key {keys.prowlarr}
    Seerr     {seerr}  API key {keys.seerr}
    qBittorrent {qbittorrent}  {keys.torrent_user} / {keys.torrents}
    Shoko     {shoko}  API key {keys.shoko}
    Jellystat {jellystat}  API key {keys.jellystat}
    ntfy      {ntfy}  topic {keys.topic}, token {keys.ntfy}
    control   {control}/__control/state  (what it can do: demo/README.md)
"""
_TRY: Final = """
Showrunner's demo is running.

    {url}/{dashboard}

Open it in a browser on this machine: you are logged in. {life}
Then try this, in another terminal:

  A film that Sofa has seen nine days ago, and now again: it is fetched, and says why.
    curl -X POST {control}/__control/play -d '{{"user": "Sofa", "item": "The Lantern Keeper"}}'
  A first viewing of nothing special: streamed, and nothing else.
    curl -X POST {control}/__control/play -d '{{"user": "Sofa", "item": "Double Parking"}}'
  IMDb 8.9: fetched after the first viewing.
    curl -X POST {control}/__control/play -d '{{"user": "Kitchen", "item": "A Harbour of Glass"}}'
  Somebody asks for a film: approve it in the list, and follow it until it plays.
    curl -X POST {control}/__control/ask -d '{{"title": "Third Shift"}}'
  A torrent loses its last seed, and finds one again: the list says so with the next look at the
  client (10 s); after an hour it counts as stuck, with a repair.
    curl -X POST {control}/__control/torrent -d '{{"name": "Third", "trouble": "no_seeds"}}'
    curl -X POST {control}/__control/torrent -d '{{"name": "Third", "trouble": ""}}'
  Radarr dies, and comes back.
    curl -X POST {control}/__control/down -d '{{"service": "radarr"}}'
    curl -X POST {control}/__control/up -d '{{"service": "radarr"}}'

In Home Assistant: Developer tools, Actions, "Showrunner: Decide on a title", TMDb id 990007.
What could leave of what was watched, and why the rest stays: "Showrunner: Clean up what was
watched", with dry run.
What is played lasts seconds, and all titles are made up. Ctrl-C ends everything.
"""
_LIFE: Final = """Sofa and Kitchen watch all evening:
binges, pauses, two devices at once, zapping, a jump to the credits, a restart of Jellyfin. So does
Attic, who is not tracked: look for a trace. (script/demo --quiet: nobody watches until you say so.)
"""
_NO_LIFE: Final = "Nobody watches until you say so.\n"


@asynccontextmanager
async def household(
    port: int, folder: Path = CONFIG / "show"
) -> AsyncGenerator[tuple[Servers, HomeAssistant, str]]:
    """Start the world and Home Assistant, and link them; give also the entry's id."""
    with alone(folder) as config:
        async with running(world=_world_at(folder)) as servers:
            # One house, one clock: the plugin writes times without their zone.
            servers.jellyfin_state.reporting.stop()
            servers.jellyfin_state.reporting = PlaybackReporting(servers.world, ZoneInfo(ZONE))
            years.settle(servers)
            ha = HomeAssistant(config, port)
            try:
                _say("starting Home Assistant")
                await ha.start()
                _say("linking Jellyfin, nine services, ntfy and two viewers")
                entry_id = await link.link(ha, servers)
                await samples.choose(ha, entry_id, folder / "disks")
                await dashboard.build(ha)
                yield servers, ha, entry_id
            finally:
                await ha.stop()


def _world_at(folder: Path) -> World:
    """Make the world, whose seedbox and downloads are real folders of this machine."""
    made = build()
    disks = folder / "disks"
    shutil.rmtree(disks, ignore_errors=True)
    remote, home = disks / "seedbox", disks / "downloads"
    remote.mkdir(parents=True)
    home.mkdir()
    made.seedbox = Seedbox(remote, home)
    samples.put(disks)
    _lived_in(made)
    return made


def _lived_in(made: World) -> None:
    """Put in what happened before the demo."""
    years.add(made)
    habits.add(made, ZoneInfo(ZONE))


_begun = time.monotonic()


def _say(what: str) -> None:
    print(f"{time.monotonic() - _begun:6.1f} s  {what}", flush=True)


async def _show(port: int, *, quiet: bool) -> int:
    async with household(port) as (servers, ha, _):
        _say("taking over what Jellyfin and Jellystat know of the last years")
        await ha.action("showrunner", "sync_library", {})
        for source in ("jellyfin", "jellystat"):
            await ha.call(
                *("POST", "/api/services/showrunner/import_history?return_response"),
                {"source": source},
            )
        _say("looking what could leave of what was watched")
        await ha.action("showrunner", "cleanup_watched", {"dry_run": True})
        text = _TRY.format(
            url=ha.url,
            dashboard=dashboard.PATH,
            control=servers.control.url,
            life=_NO_LIFE if quiet else _LIFE,
        )
        print(text, flush=True)
        # So slow that a wish can be followed with the eyes.
        servers.world.pace = replace(
            servers.world.pace, download=20.0, arrive=5.0, notice=8.0, match=5.0
        )
        for title, user in (("Ferry Lights", "Sofa"), ("Whale of Paper", "Kitchen")):
            await servers.seerr_state.wish(title, user)
        await (asyncio.Event().wait() if quiet else evenings.days(servers))
    return 0


async def _world() -> int:
    made = build()
    _lived_in(made)
    async with running(world=made) as servers:
        years.settle(servers)
        urls = {name: server.url for name, server in servers.all.items()}
        print(_WORLD.format(keys=servers.world.keys, **urls), flush=True)
        await asyncio.Event().wait()
    return 0


async def _check(port: int, *, look: bool) -> int:
    async with household(port, CONFIG / "check") as (servers, ha, entry_id):
        failed = await check.walk(servers, ha, entry_id, _say)
        if look:
            _say("looking at the dashboard in a browser")
            wrong = await browser.look(ha, dashboard.PATH, CONFIG / "pictures")
            wrong += await using.use(servers, ha, entry_id, dashboard.PATH, _say)
            for problem in wrong:
                _say(f"MISSING {problem}")
            failed = failed or int(bool(wrong))
        return failed


async def _until_stopped(work: Coroutine[object, object, int], code: int) -> int:
    """Do the work; a signal ends it in order, with that exit code. A second one ends it now."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        _say("ended")
        return code


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--check", action="store_true", help="walk through it without a screen")
    kind.add_argument("--world-only", action="store_true", help="start no Home Assistant")
    parser.add_argument(
        "--browser", action="store_true", help="with --check: also look at the page in Chromium"
    )
    parser.add_argument("--quiet", action="store_true", help="nobody watches by themselves")
    usual = f"Home Assistant's; default {_PORT}, or any when that is taken"
    parser.add_argument("--port", type=int, default=None, help=usual)
    return parser.parse_args()


def main() -> int:
    """Read the command line and run."""
    given = _arguments()
    try:
        if given.world_only:
            return asyncio.run(_until_stopped(_world(), 0))
        port = port_for(given.port, 0 if given.check else _PORT)
        if given.check:
            return asyncio.run(_until_stopped(_check(port, look=given.browser), _INTERRUPTED))
        return asyncio.run(_until_stopped(_show(port, quiet=given.quiet), 0))
    except (DemoError, Occupied, OSError) as err:
        print(f"script/demo: {err}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
