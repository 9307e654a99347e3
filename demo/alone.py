"""One demo at a time in a folder, and an end to what a killed one left running there."""

from collections.abc import Generator
from contextlib import contextmanager
import fcntl
import json
import os
from pathlib import Path
import signal
import socket
import time
from typing import IO, Final

_LOCK: Final = "world.lock"
_HOME_ASSISTANTS: Final = "config/.ha_run.lock"
_POLITE: Final = 15.0


class Occupied(Exception):
    """Somebody else has the folder or the port."""


@contextmanager
def alone(folder: Path) -> Generator[Path]:
    """Hold the folder; give the place for Home Assistant's configuration in it.

    Raises Occupied while another demo holds it. A Home Assistant that is still running there
    lost its demo (killed with -9, a closed terminal): it is ended first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("a") as lock:
        if not _free(lock):
            raise Occupied(f"a demo is already running in {folder}: end that one first")
        _end_left_over(folder / _HOME_ASSISTANTS)
        yield folder / "config"


def _free(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_left_over(path: Path) -> None:
    """End the Home Assistant that holds its own lock, first politely."""
    if not path.exists():
        return
    with path.open() as lock:
        for number in (signal.SIGTERM, signal.SIGKILL):
            if _free(lock):
                return
            try:
                os.kill(int(json.loads(path.read_text())["pid"]), number)
            except ProcessLookupError:
                continue
            except (ValueError, KeyError, TypeError, PermissionError) as err:
                raise Occupied(f"something runs in {path.parent} and can't be ended") from err
            until = time.monotonic() + _POLITE
            while not _free(lock) and time.monotonic() < until:
                time.sleep(0.1)
        if not _free(lock):
            raise Occupied(f"the Home Assistant in {path.parent} does not end")


def port_for(wanted: int | None, usual: int) -> int:
    """Choose a port: the wanted one, else the usual one, else (both None or taken) any: 0.

    Raises Occupied when the wanted one is taken.
    """
    if wanted is not None and wanted and not _can_listen(wanted):
        raise Occupied(f"port {wanted} is taken: choose another with --port")
    if wanted is not None:
        return wanted
    return usual if _can_listen(usual) else 0


def _can_listen(port: int) -> bool:
    with socket.socket() as sock:
        # As servers do: a port whose last connections are still closing counts as free.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
