"""Runs an OpenSSH server over a folder, in the network that it is started in, until its end."""

import asyncio
import json
from pathlib import Path
import sys

from tests.real.sshd import USER, sshd


async def _main(folder: Path, options: str) -> None:
    async with sshd(folder, options=options) as server:
        measured = {
            "port": server.port,
            "user": USER,
            "private_key": server.private_key,
            "host_key": server.host_key,
            "owner": server.owner,
        }
        sys.stdout.write(json.dumps(measured) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), sys.argv[2]))
