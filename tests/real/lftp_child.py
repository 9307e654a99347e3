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


async def _fetch(answer: Mapping[str, Any]) -> None:
    remote, name = Path(answer["remote"]), answer["name"].encode()

    async def look(release: bytes) -> Mapping[bytes, Version]:
        return listed(remote, release)

    address = Address(**{**answer["address"], "protocol": Protocol(answer["address"]["protocol"])})
    order = FetchOrder(
        os.fsencode(remote),
        answer["local"],
        answer["key"],
        name,
        listed(remote, name),
        {},
        answer["mark"],
    )
    progress = Progress()
    progress.pace.rate = answer["rate"]
    await LftpEngine(address, Keys(**answer["keys"]), look).fetch(order, Limits(), progress)


def fetch(order: Mapping[str, Any]) -> int:
    """Fetch. Give an exit code."""
    os.environ["PATH"] = order["programs"]
    asyncio.run(_fetch(order))
    return 0


if __name__ == "__main__":
    serve(fetch)
