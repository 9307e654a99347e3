"""Files that several threads write into the staging folder at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import sys

import pytest

from custom_components.showrunner.clients.fetching import staging
from custom_components.showrunner.clients.fetching.staging import Staging
from custom_components.showrunner.domain.transfer.tree import Version

_FOLDERS = 12
_FILES = 3000


@pytest.fixture
def _turns() -> Iterator[None]:
    """Have threads take turns all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_turns")
def test_every_file_lies_in_its_own_folder_whoever_else_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where fewer folders may be open than are written to at once."""
    monkeypatch.setattr(staging, "_OPEN_FOLDERS", 2)
    local = tmp_path / "local"
    local.mkdir()
    own = Staging.open(str(local), "key")
    files = {b"Pack/%d/%d" % (n % _FOLDERS, n): b"%d" % n for n in range(_FILES)}

    def write(path: bytes) -> bool:
        own.write(path, files[path], 1_700_000_000)
        return own.is_finished(path, Version(len(files[path]), 1_700_000_000))

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(write, files))
    own.close()
    [tree] = local.rglob("Pack")
    found = {path.relative_to(tree.parent): path.read_bytes() for path in tree.rglob("*/*")}
    assert found == {Path(path.decode()): content for path, content in files.items()}


def _open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("name", ["tree", "parts", "small"])
def test_what_can_not_be_opened_leaves_nothing_open(tmp_path: Path, name: str) -> None:
    Staging.open(str(tmp_path), "key").close()
    [own] = tmp_path.glob("*/key")
    odd = own / name
    if odd.is_dir():
        odd.rmdir()
    odd.symlink_to("elsewhere")
    before = _open()
    for _ in range(10):
        with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
            Staging.open(str(tmp_path), "key")
    assert _open() == before
