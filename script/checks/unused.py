"""What the package defines and never mentions again is dead, also where a test still uses it."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
import re
from typing import Final

from .common import component, nodes

_WORD: Final = re.compile(r"\w+")
# Home Assistant calls these by their names.
_CALLED: Final = re.compile(r"_?async_\w+|CONFIG_SCHEMA|PARALLEL_UPDATES|\w+ConfigFlow|__\w+__")
# Asked by tests only so far: each is a question that the product has no use for.
_LEFT: Final = {"award", "has_webhook", "put_step", "sweep_now"}


def check(root: Path) -> Iterator[str]:
    """Count every name of the package."""
    folder = component(root)
    texts = {path: path.read_text() for path in sorted(folder.rglob("*.py"))}
    words = Counter(word for text in texts.values() for word in _WORD.findall(text))
    for path, text in texts.items():
        try:
            found = nodes(text)
        except SyntaxError:
            continue  # another check says so
        for name in _defined(found):
            if words[name] == 1 and name not in _LEFT and not _CALLED.fullmatch(name):
                yield f"{path.relative_to(folder).as_posix()}: {name} is used nowhere"


def _defined(found: tuple[ast.AST, ...]) -> Iterator[str]:
    for node in found:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
