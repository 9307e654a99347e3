"""Fetches the same trees with each tool, one after the other, and says how long each took.

Reads its orders as JSON from standard input and writes one object a line. It runs in the network
from which is fetched, which may be a simulated one.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
import ctypes
import gc
import json
import os
from pathlib import Path
import resource
import shutil
import signal
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

from .transfer_idle import late

type Way = Callable[[Mapping[str, Any], str, Path, float], dict[str, float]]

# What a tool has in any case, beside what its patience gives (seconds).
_AT_LEAST: Final = 5.0
OURS: Final = "ours"
OURS_LFTP: Final = "ours_lftp"
_CHILD_SUBREAPER: Final = 36


def main() -> None:
    """Measure every case with every tool, as often as is asked for."""
    order = json.load(sys.stdin)
    # What a tool leaves behind becomes a child of ours, and is counted.
    ctypes.CDLL(None).prctl(_CHILD_SUBREAPER, 1)
    others: dict[str, Way] = {OURS_LFTP: _ours_lftp, "lftp": _lftp}
    if order["rsync"]:
        others["rsync"] = _rsync
    if order["rclone"]:
        others["rclone"] = _rclone
    if order["local"]:
        others["cp"] = _cp
    for turn in range(order["rounds"]):
        for case in order["cases"]:
            # Each is measured near ours, in another order each time: what else the machine does
            # meanwhile is the same for all.
            rest = list(others.items())[:: -1 if turn % 2 else 1]
            longest = 3600.0
            for tool, way in [(OURS, _ours), *rest]:
                found = _one(order, case, tool, way, longest)
                sys.stdout.write(json.dumps({"case": case, "tool": tool, **found}) + "\n")
                sys.stdout.flush()
                if tool == OURS:
                    longest = found["seconds"] * order["patience"] + _AT_LEAST


def _one(
    order: Mapping[str, Any], case: str, tool: str, way: Way, longest: float
) -> dict[str, float]:
    """Measure one; who is still at it after so many seconds has lost, and is ended."""
    home = Path(order["home"]) / f"{case}-{tool}"
    home.mkdir()
    os.sync()
    begun, before = time.perf_counter(), _children()
    try:
        found = way(order, case, home, longest)
        _same(Path(order["remote"]) / case, home / case)
    except TimeoutError, subprocess.TimeoutExpired:
        seconds = time.perf_counter() - begun
        found = {"seconds": seconds, "cpu": _children() - before, "stall_ms": 0.0, "ended": 1}
    shutil.rmtree(home)
    return found


def _same(there: Path, here: Path) -> None:
    """Look that all is there: by name and size, for bytes are compared in the tests."""
    sizes = {path.name: path.stat().st_size for path in there.iterdir()}
    if sizes != {path.name: path.stat().st_size for path in here.iterdir()}:
        raise AssertionError(f"{here} is not what {there} is")


def _ours(order: Mapping[str, Any], case: str, home: Path, longest: float) -> dict[str, float]:
    with _idle() as worst:
        fetching = _fetch(order, case, home, longest, lambda client, _: InProcess(client))
        found = asyncio.run(fetching)
    return {**found, "idle_ms": worst[0]}


def _ours_lftp(order: Mapping[str, Any], case: str, home: Path, longest: float) -> dict[str, float]:
    """With the engine over lftp, which is found where programs are looked for."""
    folder = home.parent / "programs"
    folder.mkdir(exist_ok=True)
    for name in ("lftp", "ssh"):
        (folder / name).write_text(f'#!/bin/sh\nexec {order[name]} "$@"\n')
        (folder / name).chmod(0o755)
    if not os.environ["PATH"].startswith(str(folder)):
        os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
    address = Address(Protocol.SFTP, order["host"], order["port"], order["user"])
    keys = Keys(order["host_key"], order["private_key"])
    before = _children()
    fetching = _fetch(order, case, home, longest, lambda _, look: LftpEngine(address, keys, look))
    found = asyncio.run(fetching)
    return {**found, "cpu": found["cpu"] + _children() - before}


async def _fetch(
    order: Mapping[str, Any],
    case: str,
    home: Path,
    longest: float,
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
    try:
        # As in a Home Assistant that has run for a while: Python has looked at all objects before.
        gc.collect()
        async with _stalls() as worst, asyncio.timeout(longest):
            cpu, begun = time.process_time(), time.perf_counter()
            release = await fetcher.look(case.encode())
            assert release is not None
            await fetcher.fetch(release.name, release.files)
            seconds, used = time.perf_counter() - begun, time.process_time() - cpu
    finally:
        await client.close()
    return {"seconds": seconds, "cpu": used, "stall_ms": worst[0]}


@asynccontextmanager
async def _stalls() -> AsyncGenerator[list[float]]:
    """Watch how late a timer of one millisecond comes in this loop, which is Home Assistant's."""
    worst = [0.0]
    task = asyncio.create_task(late(worst))
    try:
        yield worst
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@contextmanager
def _idle() -> Iterator[list[float]]:
    """Have a process beside that does nothing: how late its timer comes is the machine's doing."""
    worst = [0.0]
    with subprocess.Popen(
        [sys.executable, "-m", "bench.transfer_idle"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as idle:
        assert idle.stdin is not None
        assert idle.stdout is not None
        idle.stdout.readline()
        try:
            yield worst
        finally:
            idle.stdin.close()
            worst[0] = float(idle.stdout.read())


def _ssh(order: Mapping[str, Any]) -> str:
    return (
        f"{order['ssh']} -F none -a -x -i {order['key']} -o IdentitiesOnly=yes -o BatchMode=yes"
        f" -o UserKnownHostsFile={order['known_hosts']} -o StrictHostKeyChecking=yes"
    )


def _lftp(order: Mapping[str, Any], case: str, home: Path, longest: float) -> dict[str, float]:
    """As people run it, with partial files out of sight."""
    script = (
        f'set sftp:connect-program "{_ssh(order)}"; set xfer:use-temp-file yes;'
        f" set net:max-retries 2; open -u {order['user']}, sftp://{order['host']}:{order['port']};"
        f" mirror -P6 --use-pget-n=8 {order['remote']}/{case} {home}/{case}"
    )
    return _timed([*order["lftp"].split(), "-c", script], home, longest)


def _rsync(order: Mapping[str, Any], case: str, home: Path, longest: float) -> dict[str, float]:
    """With the other half of it at the server."""
    source = f"{order['user']}@{order['host']}:{order['remote']}/{case}"
    shell = f"{_ssh(order)} -p {order['port']}"
    there = f"--rsync-path={order['rsync']}"
    return _timed(
        [*order["rsync"].split(), "-a", there, "-e", shell, source, f"{home}/"], home, longest
    )


def _rclone(order: Mapping[str, Any], case: str, home: Path, longest: float) -> dict[str, float]:
    """With more at once than by itself."""
    remote = (
        f":sftp,host={order['host']},port={order['port']},user={order['user']},"
        f"key_file={order['key']},known_hosts_file={order['known_hosts']},shell_type=none,"
        f"concurrency=128,chunk_size=255k:{order['remote']}/{case}"
    )
    many = (
        "--transfers=8",
        "--checkers=16",
        "--multi-thread-streams=8",
        "--multi-thread-cutoff=64M",
    )
    command = [*order["rclone"].split(), "copy", "-q", "--config=", *many, "--ignore-checksum"]
    return _timed([*command, remote, f"{home}/{case}"], home, longest)


def _cp(order: Mapping[str, Any], case: str, home: Path, longest: float) -> dict[str, float]:
    return _timed(["cp", "-r", f"{order['remote']}/{case}", f"{home}/"], home, longest)


def _timed(command: list[str], home: Path, longest: float) -> dict[str, float]:
    before = _children()
    begun = time.perf_counter()
    with subprocess.Popen(
        command, cwd=home, stdout=subprocess.DEVNULL, start_new_session=True
    ) as tool:
        try:
            code = tool.wait(longest)
        except subprocess.TimeoutExpired:
            os.killpg(tool.pid, signal.SIGKILL)
            raise
    if code:
        raise subprocess.CalledProcessError(code, command)
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
