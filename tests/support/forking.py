"""A process that has everything imported, and forks one for each order that it is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import subprocess
import sys

_ROOT = Path(__file__).parents[2]


@contextmanager
def forking(module: str) -> Iterator[subprocess.Popen[str]]:
    """Run a module that takes orders as lines, until the context ends."""
    with subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as made:
        yield made
