"""A server of a bench in a process of its own: it says at which port it is, and stays."""

import asyncio

from aiohttp import web


async def serve(app: web.Application) -> None:
    """Serve at a free port, print that, and go on until the process is ended."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()
