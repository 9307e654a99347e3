"""Fetches the same trees with each tool, one after the other, and says how long each took.

Reads its orders as JSON from standard input and writes one object a line. It runs in the network
from which is fetched, which may be a simulated one.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
import ctypes
import json
import os
from pathlib import Path
import resource
import shutil
import subprocess
import sys
import time
from typing import Any, Final

from custom_components.showrunner.clients.fetching.fetcher import (
    Fetches,
    How,
    InProcess,
    Look,
    ReleaseFetcher,
)
from custom_components.showrunner.clients.fetching.folder import marked
from custom_components.showrunner.clients.lftp import Address, Keys, LftpEngine, Protocol
from custom_components.showrunner.clients.sftp import SftpClient

OURS: Final = "ours"
OURS_LFTP: Final = "ours_lftp"
_CHILD_SUBREAPER: Final = 36


def main() -> None:
    """Measure every case with every tool."""
    order = json.load(sys.stdin)
    # What a tool leaves behind becomes a child of ours, and is counted.
    ctypes.CDLL(None).prctl(_CHILD_SUBREAPER, 1)
    ways: dict[str, Callable[[Mapping[str, Any], str, Path], dict[str, float]]] = {
        OURS: _ours,
        OURS_LFTP: _ours_lftp,
        "lftp": _lftp,
    }
    if shutil.which("rsync"):
        ways["rsync"] = _rsync
    if order["local"]:
        ways["cp"] = _cp
    for case in order["cases"]:
        for tool, way in ways.items():
            home = Path(order["home"]) / f"{case}-{tool}"
            home.mkdir()
            found = way(order, case, home)
            _same(Path(order["remote"]) / case, home / case)
            shutil.rmtree(home)
            sys.stdout.write(json.dumps({"case": case, "tool": tool, **found}) + "\n")
            sys.stdout.flush()


def _same(there: Path, here: Path) -> None:
    """Look that all is there: by name and size, for bytes are compared in the tests."""
    sizes = {path.name: path.stat().st_size for path in there.iterdir()}
    if sizes != {path.name: path.stat().st_size for path in here.iterdir()}:
        raise AssertionError(f"{here} is not what {there} is")


def _ours(order: Mapping[str, Any], case: str, home: Path) -> dict[str, float]:
    return asyncio.run(_fetch(order, case, home, lambda client, _: InProcess(client)))


def _ours_lftp(order: Mapping[str, Any], case: str, home: Path) -> dict[str, float]:
    """With the engine over lftp, which is found where programs are looked for."""
    folder = home.parent / "programs"
    folder.mkdir(exist_ok=True)
    for name in ("lftp", "ssh"):
        (folder / name).write_text(f'#!/bin/sh\nexec {order[name]} "$@"\n')
        (folder / name).chmod(0o755)
    os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
    address = Address(Protocol.SFTP, order["host"], order["port"], order["user"])
    keys = Keys(order["host_key"], order["private_key"])
    before = _children()
    found = asyncio.run(_fetch(order, case, home, lambda _, look: LftpEngine(address, keys, look)))
    return {**found, "cpu": found["cpu"] + _children() - before}


async def _fetch(
    order: Mapping[str, Any],
    case: str,
    home: Path,
    engine: Callable[[SftpClient, Look], Fetches],
) -> dict[str, float]:
    client = SftpClient(
        order["host"],
        order["port"],
        order["user"],
        private_key=order["private_key"],
        host_key=order["host_key"],
    )
    fetcher = ReleaseFetcher(
        client,
        "bench",
        order["remote"].encode(),
        str(home),
        engine=lambda look: engine(client, look),
        mark=marked(str(home)),
        how=How,
        tell=lambda _: None,
    )
    async with _stalls() as worst:
        cpu, begun = time.process_time(), time.perf_counter()
        release = await fetcher.look(case.encode())
        assert release is not None
        await fetcher.fetch(release.name, release.files)
        seconds, used = time.perf_counter() - begun, time.process_time() - cpu
    await client.close()
    return {"seconds": seconds, "cpu": used, "stall_ms": worst[0]}


@asynccontextmanager
async def _stalls() -> AsyncGenerator[list[float]]:
    """Watch how late a timer of one millisecond comes in this loop, which is Home Assistant's."""
    worst = [0.0]

    async def watch() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.001)
            worst[0] = max(worst[0], (time.perf_counter() - begun - 0.001) * 1000)

    task = asyncio.create_task(watch())
    try:
        yield worst
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _ssh(order: Mapping[str, Any]) -> str:
    return (
        f"{order['ssh']} -F none -a -x -i {order['key']} -o IdentitiesOnly=yes -o BatchMode=yes"
        f" -o UserKnownHostsFile={order['known_hosts']} -o StrictHostKeyChecking=yes"
    )


def _lftp(order: Mapping[str, Any], case: str, home: Path) -> dict[str, float]:
    """As people run it, with partial files out of sight."""
    script = (
        f'set sftp:connect-program "{_ssh(order)}"; set xfer:use-temp-file yes;'
        f" set net:max-retries 2; open -u {order['user']}, sftp://{order['host']}:{order['port']};"
        f" mirror -P6 --use-pget-n=8 {order['remote']}/{case} {home}/{case}"
    )
    return _timed([*order["lftp"].split(), "-c", script], home)


def _rsync(order: Mapping[str, Any], case: str, home: Path) -> dict[str, float]:
    source = f"{order['user']}@{order['host']}:{order['remote']}/{case}"
    shell = f"{_ssh(order)} -p {order['port']}"
    return _timed(["rsync", "-a", "-e", shell, source, f"{home}/"], home)


def _cp(order: Mapping[str, Any], case: str, home: Path) -> dict[str, float]:
    return _timed(["cp", "-r", f"{order['remote']}/{case}", f"{home}/"], home)


def _timed(command: list[str], home: Path) -> dict[str, float]:
    before = _children()
    begun = time.perf_counter()
    subprocess.run(command, check=True, cwd=home, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "cpu": _children() - before}


def _children() -> float:
    """Say how long all that was started has worked, also what its starter left behind."""
    with suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
