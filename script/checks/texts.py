"""translations/en.json, services.yaml and icons.json: closed, complete, and agreeing."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any

import yaml

from .common import component, leaves, read_json

_SECTIONS = {
    "common",
    "conditions",
    "config",
    "config_subentries",
    "device",
    "entity",
    "exceptions",
    "issues",
    "options",
    "selector",
    "services",
    "system_health",
    "title",
    "triggers",
}
_KEY = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_QUOTED = re.compile(r"'\{\w+\}'")
_HTML = re.compile(r"<[a-zA-Z/]")


def check(root: Path) -> Iterator[str]:
    """Check texts, services and icons."""
    folder = component(root)
    if (folder / "strings.json").exists():
        yield "strings.json: a custom integration has translations/en.json only"
    texts = read_json(folder / "translations" / "en.json")
    yield from (f"en.json: {problem}" for problem in sound(texts))
    try:
        services = yaml.safe_load((folder / "services.yaml").read_text()) or {}
    except OSError, yaml.YAMLError:
        yield "services.yaml: missing or unreadable"
        services = {}
    icons = read_json(folder / "icons.json")
    yield from _services(services, texts, icons)
    yield from _icons(icons)


def sound(texts: dict[str, Any]) -> Iterator[str]:
    """Check one language by itself: known sections and keys, no empty or broken text."""
    for name in texts.keys() - _SECTIONS:
        yield f"{name} is no known section"
    for path, text in leaves(texts):
        for key in path.split("."):
            if not _KEY.fullmatch(key):
                yield f"{path}: the key {key}"
        if not isinstance(text, str) or not text or text != text.strip():
            yield f"{path}: empty, or blanks around it"
        elif _QUOTED.search(text) or _HTML.search(text) or "[%key" in text:
            yield f"{path}: a quoted placeholder, HTML or a reference"
    yield from _forms(texts)
    for name, issue in texts.get("issues", {}).items():
        if "title" not in issue or ("description" in issue) == ("fix_flow" in issue):
            yield f"issues.{name}: a title, and either a description or a fix_flow"


def _forms(texts: dict[str, Any]) -> Iterator[str]:
    """Every field of every form is named and described."""
    places = {"config": texts.get("config", {}), "options": texts.get("options", {})}
    places |= {f"config_subentries.{k}": v for k, v in texts.get("config_subentries", {}).items()}
    for place, flow in places.items():
        for name, step in flow.get("step", {}).items():
            data, described = set(step.get("data", {})), set(step.get("data_description", {}))
            for field in data ^ described:
                yield f"{place}.step.{name}: {field} is not both named and described"
    for kind, flow in texts.get("config_subentries", {}).items():
        for needed in ("entry_type", "initiate_flow", "step", "abort"):
            if needed not in flow:
                yield f"config_subentries.{kind}: {needed} is missing"


def _services(
    services: dict[str, Any], texts: dict[str, Any], icons: dict[str, Any]
) -> Iterator[str]:
    texts_of, shown = texts.get("services", {}), icons.get("services", {})
    for name in services.keys() ^ texts_of.keys():
        yield f"services: {name} is not both in services.yaml and en.json"
    for name in services.keys() ^ shown.keys():
        yield f"services: {name} is not both in services.yaml and icons.json"
    for name, service in services.items():
        words = texts_of.get(name, {})
        if not words.get("name") or not words.get("description"):
            yield f"services.{name}: a name and a description"
        fields = (service or {}).get("fields", {})
        for field in fields.keys() ^ words.get("fields", {}).keys():
            yield f"services.{name}: the field {field} is not in both files"
        for field, what in fields.items():
            if "selector" not in what:
                yield f"services.{name}.{field}: no selector"
            chosen = (what.get("selector") or {}).get("select") or {}
            key = chosen.get("translation_key")
            options = texts.get("selector", {}).get(key, {}).get("options", {})
            if chosen and set(options) != set(chosen.get("options", [])):
                yield f"services.{name}.{field}: selector.{key} names other options"


def _icons(icons: dict[str, Any]) -> Iterator[str]:
    for path, icon in leaves(icons):
        if not str(icon).startswith("mdi:"):
            yield f"icons.json: {path} is no mdi: icon"
    for domain, entities in icons.get("entity", {}).items():
        for key, entity in entities.items():
            if "default" not in entity:
                yield f"icons.json: {domain}.{key} has no default"
            if entity.get("default") in entity.get("state", {}).values():
                yield f"icons.json: {domain}.{key}: a state's icon is the default's"
