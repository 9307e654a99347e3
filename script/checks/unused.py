"""What the package defines and never mentions again is dead, also where a test still uses it."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
import re
from typing import Final

from .common import component, nodes

_WORD: Final = re.compile(r"\w+")
# Home Assistant, asyncssh and SQLAlchemy call these by their names.
_CALLED: Final = re.compile(
    r"_?async_\w+|validate_host_public_key|connection_made|connection_lost|data_received|eof_received"
    r"|process_bind_param|process_result_value|bind_processor|result_processor|coerce_compared_value"
    r"|CONFIG_SCHEMA|PARALLEL_UPDATES|\w+ConfigFlow|__\w+__"
)
# Asked by tests only so far: each is a question that the product has no use for.
_LEFT: Final = {
    *("award", "has_webhook", "put_step", "sweep_now"),
}


def check(root: Path) -> Iterator[str]:
    """Count every name of the package."""
    folder = component(root)
    texts = {path: path.read_text() for path in sorted(folder.rglob("*.py"))}
    words: Counter[str] = Counter()
    for text in texts.values():
        words.update(_words(text))
    for path, text in texts.items():
        for name in _defined(text):
            if words[name] == 1 and name not in _LEFT and not _CALLED.fullmatch(name):
                yield f"{path.relative_to(folder).as_posix()}: {name} is used nowhere"


@lru_cache(maxsize=1024)
def _words(text: str) -> Counter[str]:
    """Count the names of a module. Kept, as its nodes are."""
    return Counter(_WORD.findall(text))


@lru_cache(maxsize=1024)
def _defined(text: str) -> tuple[str, ...]:
    """Name what a module defines; nothing when it can't be parsed: another check says so."""
    try:
        return tuple(_names(nodes(text)))
    except SyntaxError:
        return ()


def _names(found: tuple[ast.AST, ...]) -> Iterator[str]:
    for node in found:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
