"""An unfinished file whose map can't be read is begun anew, and nothing stays open."""

import errno
import os
from pathlib import Path

import pytest

from custom_components.showrunner.clients.fetching import parts
from custom_components.showrunner.clients.fetching.parts import Part
from custom_components.showrunner.clients.fetching.staging import Staging
from custom_components.showrunner.domain.transfer.tree import Version


def test_a_map_that_cannot_be_read_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    staging, version = Staging.open(str(tmp_path), "key"), Version(10, 1)
    try:
        Part.open(staging, b"Film.mkv", version, 5).close()
        before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
        monkeypatch.setattr(parts, "_resumable", refuse)
        Part.open(staging, b"Film.mkv", version, 5).close()
        assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
    finally:
        staging.close()
