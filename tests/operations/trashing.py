"""Files that go to the trash and come back, on a real disk."""

import os
from pathlib import Path
from typing import Any

from custom_components.showrunner.domain.extras import escaped
from custom_components.showrunner.domain.knowledge import Known
from custom_components.showrunner.domain.plan import (
    DeleteTrashed,
    Payload,
    RestoreFile,
    TrashFile,
)
from custom_components.showrunner.operations import Operation, all_operations, trash
from custom_components.showrunner.operations.trash import TRASH

from .linked import NOW, Book, Linked, step

OPERATIONS = all_operations(Linked(), Book(), lambda: NOW)


_READ = 1_000_000


def tree(folder: Path) -> dict[str, bytes]:
    """Read everything in a folder but the trash; links by where they lead.

    What is too large to be read is known by what changes when it is touched.
    """
    found: dict[str, bytes] = {}
    for root, folders, files in os.walk(folder):
        folders[:] = [one for one in folders if one != TRASH]
        for name in (*folders, *files):
            path = Path(root, name)
            key = os.fsdecode(os.path.relpath(path, folder))
            if path.is_symlink():
                found[key] = os.fsencode(path.readlink())
            elif path.is_file():
                status = path.stat()
                small = status.st_size <= _READ
                marks = f"{status.st_ino} {status.st_size} {status.st_mtime_ns}"
                found[key] = path.read_bytes() if small else marks.encode()
    return found


def trashed(folder: Path) -> list[Path]:
    """Name the places in the trash."""
    inner = folder / TRASH
    return sorted(one for one in inner.iterdir() if one.name != ".ignore") if inner.exists() else []


def put(path: Path, content: bytes = b"video") -> Path:
    """Write a file, and the folders that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def payload_of(folder: Path, path: Path, name: str = "2026-06-10-ab") -> TrashFile:
    """Make what moves a file to the trash."""
    parts = tuple(os.path.relpath(path, folder).split("/"))
    status = path.lstat()
    known = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_nlink)
    return TrashFile(str(folder), escaped(parts), name, *known)


def operation(payload: Payload) -> Operation:
    """Give the operation of an action."""
    return OPERATIONS[payload.ACTION]


async def carry_out(payload: Payload) -> Any:
    """Carry a step out as the runner does, and read it back."""
    one, of = operation(payload), step(payload)
    await one.snapshot(of)
    outcome = await one.apply(of)
    return Known(outcome) if outcome is not None else await one.read_back(of, NOW)


async def in_trash(folder: Path, path: Path) -> tuple[RestoreFile, DeleteTrashed]:
    """Move a file to the trash; give what takes that back, and what ends it."""
    payload = payload_of(folder, path)
    done = await carry_out(payload)
    assert isinstance(done, Known)
    (back,) = operation(payload).undo({}, done.value.after)
    assert isinstance(back, RestoreFile)
    (kept,) = trash.listed(str(folder)).files
    known = kept.fingerprint
    away = DeleteTrashed(
        str(folder), escaped(kept.path), kept.trash, known.size_bytes, known.modified_ns, kept.links
    )
    return back, away
