"""Where things are, and reading them."""

import ast
from collections.abc import Iterator
from functools import lru_cache
import json
from pathlib import Path
from typing import Any

DOMAIN = "showrunner"


def component(root: Path) -> Path:
    """Give the integration's folder."""
    return root / "custom_components" / DOMAIN


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; an empty one when it is missing or broken (another check says so)."""
    try:
        value = json.loads(path.read_text())
    except OSError, ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Give every leaf of nested objects with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


@lru_cache(maxsize=1024)
def nodes(source: str) -> tuple[ast.AST, ...]:
    """Parse a module and give all that it consists of. Raises SyntaxError.

    Kept, for many checks look at the same modules.
    """
    return tuple(ast.walk(ast.parse(source)))


@lru_cache(maxsize=1024)
def calls(source: str) -> tuple[ast.Call, ...]:
    """Give all calls of a module. Raises SyntaxError. Kept, too."""
    return tuple(node for node in nodes(source) if isinstance(node, ast.Call))


@lru_cache(maxsize=1024)
def imports(source: str) -> tuple[ast.ImportFrom, ...]:
    """Give all imports from something of a module. Raises SyntaxError. Kept, too."""
    return tuple(node for node in nodes(source) if isinstance(node, ast.ImportFrom))
