"""What a process of this machine has used so far, as the kernel counts it."""

import os
from pathlib import Path
from typing import Final

_TICK: Final = os.sysconf("SC_CLK_TCK")
_UTIME: Final = 11


def megabytes(pid: int) -> float:
    """Give its memory, where shared pages count as far as they are its own (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "Pss":
            return int(value.split()[0]) / 1024
    raise RuntimeError("no Pss")


def cpu_seconds(pid: int) -> float:
    """Give its CPU time."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    fields = text.rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_UTIME + 1])) / _TICK
