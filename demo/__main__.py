"""`python -m demo`: the media world and a Home Assistant with everything linked, until Ctrl-C.

`--check` does it without a screen and ends with the walk's stations; `--port` is Home Assistant's.
"""

import argparse
import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
import signal
import sys
import time
from typing import Final

from . import browser, check, dashboard, link
from .homeassistant import ROOT, DemoError, HomeAssistant
from .run import running
from .servers import Servers

CONFIG: Final = ROOT / ".demo"
_PORT: Final = 8123
_TRY: Final = """
Showrunner's demo is running.

    {url}/{dashboard}

Open it in a browser on this machine: you are logged in. Then try this, in another terminal:

  A film that Sofa has seen nine days ago, and now again: it is fetched, and says why.
    curl -X POST {control}/__control/play -d '{{"user": "Sofa", "item": "The Lantern Keeper"}}'
  A first viewing of nothing special: streamed, and nothing else.
    curl -X POST {control}/__control/play -d '{{"user": "Sofa", "item": "Double Parking"}}'
  IMDb 8.9: fetched after the first viewing.
    curl -X POST {control}/__control/play -d '{{"user": "Kitchen", "item": "A Harbour of Glass"}}'
  Radarr dies, and comes back.
    curl -X POST {control}/__control/down -d '{{"service": "radarr"}}'
    curl -X POST {control}/__control/up -d '{{"service": "radarr"}}'

In Home Assistant: Developer tools, Actions, "Showrunner: Decide on a title", TMDb id 990007.
The films last seconds, and all titles are made up. Ctrl-C ends everything.
"""


@asynccontextmanager
async def household(port: int) -> AsyncGenerator[tuple[Servers, HomeAssistant, str]]:
    """Start the world and Home Assistant, and link them; give also the entry's id."""
    async with running() as servers:
        ha = HomeAssistant(CONFIG, port)
        try:
            _say("starting Home Assistant")
            await ha.start()
            _say("linking Jellyfin, Radarr, Prowlarr, ntfy and two viewers")
            entry_id = await link.link(ha, servers)
            await dashboard.build(ha)
            yield servers, ha, entry_id
        finally:
            await ha.stop()


_begun = time.monotonic()


def _say(what: str) -> None:
    print(f"{time.monotonic() - _begun:6.1f} s  {what}", flush=True)


async def _show(port: int) -> int:
    """Run until somebody ends it."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with household(port) as (servers, ha, _):
        print(_TRY.format(url=ha.url, dashboard=dashboard.PATH, control=servers.control.url))
        await ended.wait()
        _say("ending")
    return 0


async def _check(port: int, *, look: bool) -> int:
    async with household(port) as (servers, ha, entry_id):
        failed = await check.walk(servers, ha, entry_id, _say)
        if look:
            _say("looking at the dashboard in a browser")
            wrong = await browser.look(ha, dashboard.PATH, CONFIG / "dashboard.png")
            for problem in wrong:
                _say(f"MISSING {problem}")
            failed = failed or int(bool(wrong))
        return failed


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="walk through it without a screen")
    parser.add_argument(
        "--browser", action="store_true", help="with --check: also look at the page in Chromium"
    )
    parser.add_argument("--port", type=int, default=None, help=f"default {_PORT}")
    given = parser.parse_args()
    port = given.port if given.port is not None else 0 if given.check else _PORT
    with suppress(KeyboardInterrupt):
        try:
            return asyncio.run(_check(port, look=given.browser) if given.check else _show(port))
        except (DemoError, OSError) as err:
            print(f"script/demo: {err}", file=sys.stderr)
            return 1
    return 130


if __name__ == "__main__":
    sys.exit(main())
