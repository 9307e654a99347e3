"""docs/ names what the product has: options, parameters, events, jobs, entities, and no other."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any

import yaml

from .common import component, read_json

_ACTION = re.compile(r"`showrunner\.([a-z_]+)`")
_CODE = re.compile(r"`([a-z][a-z0-9_]*)`")
_JOBS = re.compile(r"event \*Job\* \|[^|]*`job` \(([^)]*)\)")
# Where a job says what became of it: by itself, or of its plans.
_TELLS = re.compile(r"\.send\(\s*Topic\.JOB|\bPlanRuns\(")
# Every action takes it, and the page says so once.
_EVERYWHERE = "config_entry_id"


def check(root: Path) -> Iterator[str]:
    """Check the pages of documentation against texts and services."""
    texts = read_json(component(root) / "translations" / "en.json")
    try:
        services = yaml.safe_load((component(root) / "services.yaml").read_text()) or {}
    except OSError, yaml.YAMLError:
        services = {}
    yield from _options(_page(root, "options.md"), texts)
    yield from _actions(_page(root, "actions.md"), services)
    yield from _entities(_page(root, "entities.md"), texts)
    yield from _jobs(_page(root, "entities.md"), component(root) / "jobs")


def _page(root: Path, name: str) -> str:
    try:
        return (root / "docs" / name).read_text()
    except OSError:
        return ""


def _parts(page: str) -> dict[str, str]:
    """Split a page at its headings of the second level."""
    pieces = re.split(r"^## (.*)$", page, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def _rows(text: str) -> list[str]:
    """Give the first cells of a part's tables, without their heads."""
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]
    return [row for row in rows if "`" in row]


def _named(text: str) -> set[str]:
    return {name for row in _rows(text) for name in _CODE.findall(row)}


def _options(page: str, texts: dict[str, Any]) -> Iterator[str]:
    events = set(texts.get("selector", {}).get("events", {}).get("options", {}))
    parts = _parts(page)
    for key, step in texts.get("options", {}).get("step", {}).items():
        known = set(step.get("data", {}))
        for section in step.get("sections", {}).values():
            known |= set(section.get("data", {}))
        if known:
            named = _named(parts.get(key.capitalize(), ""))
            yield from _differ(
                "options.md", key, named, known | (events if events & named else set())
            )


def _actions(page: str, services: dict[str, Any]) -> Iterator[str]:
    parts = {
        found[1]: text for title, text in _parts(page).items() if (found := _ACTION.search(title))
    }
    yield from _differ("actions.md", "the actions", set(parts), set(services))
    for name, text in parts.items():
        fields = set((services.get(name) or {}).get("fields") or {}) - {_EVERYWHERE}
        # Only the table before the answer is about the fields.
        table = text.split("\n\nAnswer", 1)[0]
        for field in sorted(fields - (_named(table) or set(_CODE.findall(text)))):
            yield f"actions.md: {name}: {field} is not documented"
        for field in sorted(_named(table) - fields) if fields else ():
            yield f"actions.md: {name}: there is no {field}"


def _entities(page: str, texts: dict[str, Any]) -> Iterator[str]:
    for domain, entities in texts.get("entity", {}).items():
        for key, entity in entities.items():
            name = entity.get("name")
            # The counters of single states are documented by an example.
            if name and f"*{name}*" not in page and not key.startswith("requests_"):
                yield f"entities.md: {domain}.{key} ({name}) is not documented"


def _jobs(page: str, folder: Path) -> Iterator[str]:
    """Compare the jobs that the event *Job* is said to tell of with those that tell."""
    table = _JOBS.search(page)
    named = set(re.findall("[a-z_]+", table[1])) if table else set()
    telling = {
        one.parent.name
        for one in folder.glob("*/spec.py")
        if any(_TELLS.search(file.read_text()) for file in one.parent.glob("*.py"))
    }
    yield from _differ("entities.md", "the event *Job*", named, telling)


def _differ(page: str, where: str, named: set[str], known: set[str]) -> Iterator[str]:
    for name in sorted(known - named):
        yield f"{page}: {where}: {name} is not documented"
    for name in sorted(named - known):
        yield f"{page}: {where}: there is no {name}"
