"""Two demos never share a folder or a port, and a killed one leaves nothing running."""

import asyncio
import json
import os
from pathlib import Path
import socket
import sys

import pytest

from demo.alone import Occupied, alone, port_for

# Like Home Assistant: holds its lock, and has written its own number into it.
_HOLDER = """
import fcntl, json, os, signal, sys, time
if sys.argv[2] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open(sys.argv[1], "a+") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    lock.write(json.dumps({"pid": os.getpid()}))
    lock.flush()
    print("ready", flush=True)
    time.sleep(60)
"""


async def holder(folder: Path, kind: str = "polite") -> asyncio.subprocess.Process:
    """Start a process that holds the folder's Home Assistant lock."""
    (folder / "config").mkdir(parents=True)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _HOLDER, str(folder / "config" / ".ha_run.lock"), kind),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


def test_a_second_demo_in_a_folder_is_refused(tmp_path: Path) -> None:
    """While the first runs; afterwards it may."""
    with alone(tmp_path), pytest.raises(Occupied, match="already running"), alone(tmp_path):
        pass
    with alone(tmp_path) as config:
        assert config == tmp_path / "config"


@pytest.mark.parametrize("kind", ["polite", "deaf"])
async def test_what_a_killed_demo_left_running_is_ended(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even when it does not listen."""
    monkeypatch.setattr("demo.alone._POLITE", 0.5)
    process = await holder(tmp_path, kind)

    def enter() -> None:
        with alone(tmp_path):
            pass

    await asyncio.to_thread(enter)
    assert await asyncio.wait_for(process.wait(), 60) != 0


def test_the_lock_of_an_ended_home_assistant_ends_nobody(tmp_path: Path) -> None:
    """Its number may be somebody else's by now: here it is this test's own."""
    (tmp_path / "config").mkdir()
    text = json.dumps({"pid": os.getpid()})
    (tmp_path / "config" / ".ha_run.lock").write_text(text)
    with alone(tmp_path):
        pass


def test_a_taken_port_is_refused_or_avoided(socket_enabled: None) -> None:
    """Refused when somebody asked for it, avoided when not."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Occupied, match=str(port)):
            port_for(port, 0)
        assert port_for(None, port) == 0
    assert port_for(None, port) == port
    assert port_for(0, port) == 0
