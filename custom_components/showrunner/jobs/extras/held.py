"""How much lies in the trash of the chosen folders."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...operations import trash
from .options import wrong_folder


@dataclass(frozen=True, slots=True)
class Held:
    """Files that can be taken back, until their time is over."""

    files: int = 0
    size_bytes: int = 0


def held_in(folders: Sequence[str], config: Path) -> Held | None:
    """Count what lies in their trash; None when one can't be looked into. Blocks."""
    files = size = 0
    for folder in folders:
        if wrong_folder(folder, folders, config) is not None:
            return None
        try:
            found = trash.listed(folder).files
        except OSError:
            return None
        files += len(found)
        size += sum(one.fingerprint.size_bytes for one in found)
    return Held(files, size)
