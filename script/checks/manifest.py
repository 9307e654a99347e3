"""manifest.json: closed keys in their order, values that Home Assistant takes, no clash with it."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
import json
from pathlib import Path
import re
from typing import Any

from .common import DOMAIN, component, read_json

_REQUIRED = (
    "domain",
    "name",
    "documentation",
    "codeowners",
    "version",
    "issue_tracker",
    "iot_class",
)
_KNOWN = {
    *_REQUIRED,
    "after_dependencies",
    "config_flow",
    "dependencies",
    "import_executor",
    "integration_type",
    "loggers",
    "preview_features",
    "quality_scale",
    "requirements",
    "single_config_entry",
}
_IOT = {
    "assumed_state",
    "calculated",
    "cloud_polling",
    "cloud_push",
    "local_polling",
    "local_push",
}
_TYPES = {"device", "entity", "hardware", "helper", "hub", "service", "system", "virtual"}
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?")


def check(root: Path) -> Iterator[str]:
    """Check the manifest, and that every JSON file can be read."""
    folder = component(root)
    for path in sorted(folder.rglob("*.json")):
        try:
            json.loads(path.read_text())
        except ValueError as err:
            yield f"{path.name}: not JSON: {err}"
    manifest = read_json(folder / "manifest.json")
    if not manifest:
        yield "manifest.json: missing or unreadable"
        return
    yield from (f"manifest.json: {problem}" for problem in _problems(manifest, folder))


def _problems(manifest: dict[str, Any], folder: Path) -> Iterator[str]:
    for key in _REQUIRED:
        if not manifest.get(key):
            yield f"{key} is missing"
    for key in manifest.keys() - _KNOWN:
        yield f"{key} is no known key"
    keys = list(manifest)
    if keys != ["domain", "name", *sorted(k for k in keys if k not in ("domain", "name"))]:
        yield "keys: domain, name, then the others by the alphabet"
    if manifest.get("domain") != DOMAIN or folder.name != DOMAIN:
        yield "domain is not the folder's name"
    yield from _values(manifest)
    if bool(manifest.get("config_flow")) != (folder / "config_flow.py").exists():
        yield "config_flow does not agree with config_flow.py"
    yield from _requirements(manifest.get("requirements", []))


def _values(manifest: dict[str, Any]) -> Iterator[str]:
    if manifest.get("iot_class") not in _IOT:
        yield "iot_class is none"
    if manifest.get("integration_type", "hub") not in _TYPES:
        yield "integration_type is none"
    if not _VERSION.fullmatch(str(manifest.get("version"))):
        yield "version is not 1.2.3"
    for key in ("documentation", "issue_tracker"):
        if not str(manifest.get(key, "")).startswith("https://"):
            yield f"{key} is no https address"
    if str(manifest.get("documentation")).startswith("https://www.home-assistant.io/integrations"):
        yield "documentation points into Home Assistant's own"
    if not all(str(owner).startswith("@") for owner in manifest.get("codeowners", [])):
        yield "codeowners begin with @"


def _requirements(wanted: list[str]) -> Iterator[str]:
    """Nothing that Home Assistant itself requires, and no exact pin."""
    try:
        own = {re.split(r"[^\w.-]", line)[0].lower() for line in requires("homeassistant") or []}
    except PackageNotFoundError:
        own = set()
    for line in wanted:
        name = re.split(r"[^\w.-]", line)[0].lower()
        if name in own:
            yield f"requirement {name} comes with Home Assistant"
        if "==" in line:
            yield f"requirement {name} is pinned"
