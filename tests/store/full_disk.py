"""A disk that has no room left."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import shutil

import pytest

from custom_components.showrunner.store import rewriting


@contextmanager
def full_disk(
    monkeypatch: pytest.MonkeyPatch, path: Path, *, says_nothing: bool = False
) -> Iterator[None]:
    """Have the disk of a database be full for whoever rewrites it, or say nothing of its room."""
    with monkeypatch.context() as full:
        usage = shutil.disk_usage(path.parent)._replace(free=1)
        if says_nothing:
            usage = usage._replace(total=0, used=0, free=0)
        full.setattr(rewriting.shutil, "disk_usage", lambda _: usage)
        yield
