"""A torrent's files on a far machine, which is a folder of this one."""

from collections.abc import Iterable
import os
from pathlib import Path
from typing import Any

from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.plan import (
    Action,
    RemovedFile,
    RemoveRemoteFiles,
    Step,
    Target,
)
from custom_components.showrunner.domain.plan.payloads import as_text
from custom_components.showrunner.operations import (
    Operation,
    all_operations,
)

from .disk import Disk
from .linked import NOW, Book, Linked, step


def payload(inside: Path, folder: Path, names: Iterable[bytes], **more: Any) -> RemoveRemoteFiles:
    """Plan the removal of files with as many bytes as their names have."""
    files = tuple(RemovedFile.of(name, len(name)) for name in names)
    values = {"own": True, "left": 0, **more}
    return RemoveRemoteFiles(
        "A" * 40,
        "client",
        as_text(os.fsencode(inside)),
        as_text(os.fsencode(folder)),
        values["own"],
        files,
        values["left"],
    )


def write(folder: Path, names: Iterable[bytes]) -> None:
    """Write these files, each with as many bytes as its name has."""
    for name in names:
        path = folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * len(name))


def of(wish: RemoveRemoteFiles, service: str = "here") -> Step:
    """Make the step."""
    return step(wish, target=Target(service, "transfer", None, "/x", ProviderIds()))


def operation(disk: Disk | None) -> Operation:
    """Give the operation, with a transfer or without."""
    linked = Linked() if disk is None else Linked(transfer=disk)
    return all_operations(linked, Book(), lambda: NOW)[Action.REMOVE_REMOTE_FILES]
