"""What hassfest and the HACS validation ask, offline; and what we ask of ourselves.

Each check takes a repository's root and yields problems as texts; `python -m script.checks` runs
all of them.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from . import (
    clients,
    code,
    documents,
    languages,
    libraries,
    manifest,
    packaging,
    repeats,
    said,
    supply,
    texts,
    unused,
    wording,
)

type Check = Callable[[Path], Iterator[str]]

CHECKS: Final[tuple[Check, ...]] = (
    manifest.check,
    packaging.check,
    texts.check,
    languages.check,
    repeats.check,
    said.check,
    code.check,
    unused.check,
    libraries.check,
    clients.check,
    wording.check,
    supply.check,
    documents.check,
)


def problems(root: Path) -> list[str]:
    """Run all checks."""
    return [problem for check in CHECKS for problem in check(root)]
