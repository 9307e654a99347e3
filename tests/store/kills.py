"""A migration that is killed, again and again, and what is left of it."""

from collections.abc import Callable
from pathlib import Path
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from typing import Final

from custom_components.showrunner.store.migrations import CURRENT

_MIGRATE = """
import asyncio, sys
from pathlib import Path
from custom_components.showrunner.store import Store
print("begun", flush=True)
asyncio.run(Store.open(Path(sys.argv[1])))
print("done", flush=True)
"""
# Between two looks at what it has written (seconds): a moment of its writing.
_A_LOOK: Final = 0.0005


def kill_often(
    first: Path, path: Path, kills: int, look: Callable[[sqlite3.Connection], None]
) -> None:
    """Kill the migration of a copy of `first` at random moments, by kill -9.

    Each time the file is whole, and `look` is shown it. Once it is done another copy is begun.
    """
    dice, killed, size = random.Random("lean"), 0, first.stat().st_size
    shutil.copyfile(first, path)
    while killed < kills:
        with subprocess.Popen(
            [sys.executable, "-c", _MIGRATE, str(path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            # Its log grows while it writes: killed when it has come so far.
            part, log = dice.random() * size / 6, path.with_name(f"{path.name}-wal")
            while process.poll() is None and not (log.exists() and log.stat().st_size > part):
                time.sleep(_A_LOOK)  # it needs the processor itself
            process.send_signal(signal.SIGKILL)
        killed += 1
        with sqlite3.connect(path) as raw:
            (version,) = raw.execute("SELECT version FROM schema_version").fetchone()
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            look(raw)
        raw.close()
        if version == CURRENT:
            shutil.copyfile(first, path)
