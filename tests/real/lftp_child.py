"""Processes that fetch a release with lftp, to be killed in the middle of it.

Each is told an address, the keys, both folders with the mark, the release, its key, a rate, and
where programs are found.
"""

import asyncio
from collections.abc import Mapping
import os
from pathlib import Path
from typing import Any

from custom_components.showrunner.clients.fetching.order import FetchOrder, Limits, Progress
from custom_components.showrunner.clients.lftp import Address, Keys, LftpEngine, Protocol
from custom_components.showrunner.domain.transfer.tree import Version
from tests.clients.fetching import listed
from tests.clients.fetching_child import serve


async def _fetch(told: Mapping[str, Any]) -> None:
    remote, name = Path(told["remote"]), told["name"].encode()

    async def look(release: bytes) -> Mapping[bytes, Version]:
        return listed(remote, release)

    address = Address(**{**told["address"], "protocol": Protocol(told["address"]["protocol"])})
    order = FetchOrder(
        os.fsencode(remote),
        told["local"],
        told["key"],
        name,
        listed(remote, name),
        {},
        told["mark"],
    )
    progress = Progress()
    progress.pace.rate = told["rate"]
    await LftpEngine(address, Keys(**told["keys"]), look).fetch(order, Limits(), progress)


def fetch(told: Mapping[str, Any]) -> int:
    """Fetch. Give an exit code."""
    os.environ["PATH"] = told["programs"]
    asyncio.run(_fetch(told))
    return 0


if __name__ == "__main__":
    serve(fetch)
