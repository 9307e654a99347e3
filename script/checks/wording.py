"""Documents speak of the project and to its users: complete, and without anybody's machine."""

from collections.abc import Iterator
import os
from pathlib import Path
import re

import yaml

from .common import component, read_json

_PRIVATE = re.compile(r"/home/\w+|/root/|/tmp/\w|/opt/\w|\b10\.\d+\.\d+\.\d+\b|C:\\Users")
_SKIP = {
    *(
        ".git",
        ".venv",
        ".venv-demo",
        ".venv-floor",
        ".venv-node",
        ".python",
        ".tools",
        ".demo",
        ".servers",
        ".hypothesis",
    ),
    *(".mypy_cache", ".ruff_cache", ".import_linter_cache", "node_modules", "fixtures"),
}


def check(root: Path) -> Iterator[str]:
    """Check that every action and option is documented, and what must be in no file."""
    pages = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    documents = "\n".join(page.read_text() for page in pages if page.is_file())
    for word in _words(root):
        if f"`{word.rsplit('.', 1)[-1]}`" not in documents:
            yield f"docs: {word} is not documented"
    for path in _files(root):
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if _PRIVATE.search(line):
                yield f"{path.relative_to(root)}:{number}: a machine's path or address"


def _words(root: Path) -> Iterator[str]:
    """Name every action with its fields, and every option."""
    try:
        services = yaml.safe_load((component(root) / "services.yaml").read_text()) or {}
    except OSError, yaml.YAMLError:
        services = {}
    for name, service in services.items():
        yield name
        yield from (f"{name}.{field}" for field in (service or {}).get("fields") or {})
    texts = read_json(component(root) / "translations" / "en.json")
    for page, step in texts.get("options", {}).get("step", {}).items():
        yield from (f"{page}.{option}" for option in step.get("data", {}))


def _files(root: Path) -> Iterator[Path]:
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(set(inner) - _SKIP)  # what is installed there is not ours, and large
        for name in sorted(names):
            if name.endswith((".md", ".json", ".yaml")):
                yield Path(folder, name)
