"""Each floor uses the libraries that it may; the domain has neither clock nor dice."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
import sys
from typing import Final

from .common import component, nodes

_FACES: Final = {"aiohttp", "homeassistant", "voluptuous", "yarl"}
# By folder; "" is the package's root. What comes with Python is free, except where it says so.
_MAY: Final[dict[str, set[str]]] = {
    "": _FACES,
    "actions": _FACES,
    "clients": {"aiohttp", "asyncssh", "orjson", "yarl"},
    "coordinators": {"homeassistant", "orjson"},
    "domain": set(),
    "flows": _FACES,
    "issues": {"homeassistant"},
    "jobs": {"homeassistant", "voluptuous"},
    "operations": set(),
    "runtime": {"homeassistant"},
    "sensors": {"homeassistant"},
    "services": _FACES,
    "store": {"orjson", "sqlalchemy"},
    "webhooks": _FACES,
    "websocket": _FACES,
}
# What is true needs no file, no network, no thread, no dice.
_DOMAIN: Final = {
    *("abc", "bisect", "calendar", "collections", "copy", "dataclasses", "datetime", "enum"),
    *("array", "base64", "fnmatch", "hmac", "zlib"),
    *("functools", "hashlib", "heapq", "ipaddress", "itertools", "json", "math", "operator", "re"),
    *("string", "struct", "types", "typing", "unicodedata", "urllib.parse"),
}
_CLOCK: Final = {"now", "today", "utcnow"}
_SQL: Final = "sqlite3"


def check(root: Path) -> Iterator[str]:
    """Look at what each module imports that is not ours."""
    folder = component(root)
    for path in sorted(folder.rglob("*.py")):
        where = path.relative_to(folder)
        floor = where.parts[0] if len(where.parts) > 1 else ""
        if floor not in _MAY:
            yield f"{where.as_posix()}: nobody has said which libraries {floor}/ may use"
            continue
        yield from (f"{where.as_posix()}: {one}" for one in _problems(path.read_text(), floor))


@lru_cache(maxsize=1024)
def _problems(source: str, floor: str) -> tuple[str, ...]:
    """Look at one module; kept, as its nodes are."""
    try:
        found = nodes(source)
    except SyntaxError:
        return ()  # another check says so
    return (*_foreign(found, floor), *(_clock(found) if floor == "domain" else ()))


def _foreign(found: tuple[ast.AST, ...], floor: str) -> Iterator[str]:
    for module in _modules(found):
        library = module.partition(".")[0]
        if library not in sys.stdlib_module_names:
            allowed = library in _MAY[floor]
        elif floor == "domain":
            allowed = module in _DOMAIN or library in _DOMAIN
        else:
            allowed = library != _SQL or floor == "store"
        if not allowed:
            yield f"{module} is no library for {floor or 'the root'}"


def _modules(found: tuple[ast.AST, ...]) -> Iterator[str]:
    for node in found:
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module


def _clock(found: tuple[ast.AST, ...]) -> Iterator[str]:
    for node in found:
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in _CLOCK:
                yield f"line {node.lineno}: {name}() is a clock: the time is given"
