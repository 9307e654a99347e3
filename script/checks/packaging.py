"""What HACS and the Marketplace ask of the repository: hacs.json, brand, README, licence, scale."""

from collections.abc import Iterator
from pathlib import Path
import struct

import yaml

from .common import component, read_json

_HACS = {
    "name",
    "homeassistant",
    "zip_release",
    "filename",
    "hide_default_branch",
    "content_in_root",
    "persistent_directory",
    "hacs",
    "country",
    "render_readme",
}
_BRAND = {
    "icon.png": (256, 256),
    "icon@2x.png": (512, 512),
    "dark_icon.png": (256, 256),
    "dark_icon@2x.png": (512, 512),
    "logo.png": None,
    "logo@2x.png": None,
    "dark_logo.png": None,
    "dark_logo@2x.png": None,
}
_STATES = ("done", "exempt", "todo")
_RULES = [
    "action-setup",
    "appropriate-polling",
    "brands",
    "common-modules",
    "config-flow-test-coverage",
    "config-flow",
    "dependency-transparency",
    "docs-actions",
    "docs-triggers",
    "docs-conditions",
    "docs-high-level-description",
    "docs-installation-instructions",
    "docs-removal-instructions",
    "entity-event-setup",
    "entity-unique-id",
    "has-entity-name",
    "runtime-data",
    "test-before-configure",
    "test-before-setup",
    "unique-config-entry",
    "action-exceptions",
    "config-entry-unloading",
    "docs-configuration-parameters",
    "docs-installation-parameters",
    "entity-unavailable",
    "integration-owner",
    "log-when-unavailable",
    "parallel-updates",
    "reauthentication-flow",
    "test-coverage",
    "devices",
    "diagnostics",
    "discovery-update-info",
    "discovery",
    "docs-data-update",
    "docs-examples",
    "docs-known-limitations",
    "docs-supported-devices",
    "docs-supported-functions",
    "docs-troubleshooting",
    "docs-use-cases",
    "dynamic-devices",
    "entity-category",
    "entity-device-class",
    "entity-disabled-by-default",
    "entity-translations",
    "exception-translations",
    "icon-translations",
    "reconfiguration-flow",
    "repair-issues",
    "stale-devices",
    "async-dependency",
    "inject-websession",
    "strict-typing",
]


def check(root: Path) -> Iterator[str]:
    """Check what is around the code."""
    yield from _hacs(read_json(root / "hacs.json"))
    yield from _brand(component(root) / "brand")
    yield from _scale(component(root) / "quality_scale.yaml")
    for name, words in (
        ("README.md", "Showrunner"),
        ("LICENSE", "MIT License"),
        ("CHANGELOG.md", "## "),
        ("SECURITY.md", "#"),
        ("CONTRIBUTING.md", "#"),
    ):
        path = root / name
        if not path.is_file() or words not in path.read_text():
            yield f"{name} is missing or empty"
    manifest = read_json(component(root) / "manifest.json")
    changes = (root / "CHANGELOG.md").read_text() if (root / "CHANGELOG.md").is_file() else ""
    if f"[{manifest.get('version')}]" not in changes:
        yield "CHANGELOG.md does not name the manifest's version"


def _hacs(hacs: dict[str, object]) -> Iterator[str]:
    if not hacs.get("name"):
        yield "hacs.json: name is missing"
    for key in hacs.keys() - _HACS:
        yield f"hacs.json: {key} is no known key"
    if hacs.get("zip_release") and not hacs.get("filename"):
        yield "hacs.json: zip_release needs filename"
    if not str(hacs.get("homeassistant", "")).startswith("2026.10"):
        yield "hacs.json: the minimum is 2026.10"


def _brand(folder: Path) -> Iterator[str]:
    for name, size in _BRAND.items():
        path = folder / name
        if not path.is_file():
            yield f"brand/{name} is missing"
            continue
        head = path.read_bytes()[:24]
        if head[:8] != b"\x89PNG\r\n\x1a\n":
            yield f"brand/{name} is no PNG"
        elif size is not None and struct.unpack(">II", head[16:24]) != size:
            yield f"brand/{name} is not {size[0]} pixels wide and high"


def _scale(path: Path) -> Iterator[str]:
    try:
        rules = yaml.safe_load(path.read_text())["rules"]
    except OSError, yaml.YAMLError, KeyError, TypeError:
        yield "quality_scale.yaml: missing or unreadable"
        return
    for name in sorted(set(_RULES) ^ set(rules)):
        yield f"quality_scale.yaml: {name} is {'missing' if name in _RULES else 'no rule'}"
    for name, state in rules.items():
        status = state if isinstance(state, str) else (state or {}).get("status")
        if status not in _STATES:
            yield f"quality_scale.yaml: {name} is neither done, exempt nor todo"
        if status != "done" and not (isinstance(state, dict) and state.get("comment")):
            yield f"quality_scale.yaml: {name} needs a comment"
