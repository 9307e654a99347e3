"""Where things are, and reading them."""

from collections.abc import Iterator
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
