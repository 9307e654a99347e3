"""A disk that has no room left."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import shutil

import pytest

from custom_components.showrunner.store import rewriting


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch, path: Path) -> Iterator[None]:
    """Have the disk of a database be full for whoever rewrites it."""
    with monkeypatch.context() as full:
        usage = shutil.disk_usage(path.parent)._replace(free=1)
        full.setattr(rewriting.shutil, "disk_usage", lambda _: usage)
        yield
