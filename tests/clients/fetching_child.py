"""Processes that fetch a release, to be killed in the middle of it.

One process has everything imported, and forks another for each order that it reads: a line of JSON,
the arguments of `fetch`. It answers the number of the process, and later how that has ended.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
import json
import os
from pathlib import Path
import sys

from custom_components.showrunner.clients.errors import ServiceError
from custom_components.showrunner.clients.fetching import placed
from custom_components.showrunner.domain.transfer import sizes

from .fetching import LIMITS, Hooks, Server, listed


def fetch(port: int, remote: str, local: str, name: str) -> int:
    """Fetch as after a start: unless it was put in its place before. Give an exit code."""
    sizes._BIG = 2 * 1024 * 1024  # type: ignore[misc]
    if placed.was_placed(local, "key", name.encode(), listed(Path(remote), name.encode())):
        return 0
    try:
        asyncio.run(_fetch(Server(Path(remote), port, Hooks()), Path(local), name.encode()))
    except ServiceError as err:
        sys.stderr.write(f"{err}\n")
        return 3
    return 0


async def _fetch(server: Server, local: Path, name: bytes) -> None:
    await server.fetch(local, name, replace(LIMITS, segments=2))
    for ssh, _ in server.clients:
        ssh.abort()


def serve(work: Callable[..., int]) -> None:
    """Read orders, and do each in a process of its own."""
    for line in sys.stdin:
        order = json.loads(line)
        number = os.fork()
        if number == 0:
            os._exit(work(*order))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        _, status = os.waitpid(number, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve(fetch)
