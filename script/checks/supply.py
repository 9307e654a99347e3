"""What is run or installed without being ours: pinned, and with no more rights than it needs."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any

import yaml

_PINNED = re.compile(r"[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40}")
_USES = re.compile(r"\s*(?:- )?uses:\s*(?P<action>\S+)(?:\s+#\s*(?P<version>\S.*))?")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*(?:\[[\w,.-]+\])?==[\w.+!-]+")
_RIGHTS = ("read", "write", "none")
# What moves with a release of Home Assistant.
_ITS_OWN = ("pytest-homeassistant-custom-component", "home-assistant-frontend")
_ECOSYSTEMS = ("github-actions", "pip", "npm")


def check(root: Path) -> Iterator[str]:
    """Check the workflows, the requirements of the tools, and that a bot renews both."""
    folder = root / ".github"
    workflows = sorted((folder / "workflows").glob("*.y*ml"))
    if not workflows:
        yield ".github/workflows: there is none"
    for path in workflows:
        yield from (f"{path.name}: {problem}" for problem in _workflow(path))
    for path in sorted(root.glob("requirements*.txt")):
        yield from (f"{path.name}: {problem}" for problem in _requirements(path))
    yield from _floor(root)
    renewed = {
        update.get("package-ecosystem")
        for update in _read(folder / "dependabot.yml").get("updates") or ()
    }
    for ecosystem in _ECOSYSTEMS:
        if ecosystem not in renewed:
            yield f"dependabot.yml: {ecosystem} is not renewed"


def _workflow(path: Path) -> Iterator[str]:
    for line in path.read_text().splitlines():
        found = _USES.fullmatch(line)
        if found is None or found["action"].startswith("./"):
            continue
        if not _PINNED.fullmatch(found["action"]):
            yield f"{found['action']} is not pinned by its commit"
        if not found["version"]:
            yield f"{found['action']}: its version is not written beside it"
    workflow = _read(path)
    if workflow.get("permissions") != {}:
        yield "permissions: {} is missing at the top, jobs ask for their own"
    jobs = workflow.get("jobs") or {}
    for name, job in jobs.items():
        yield from (f"{name}: {problem}" for problem in _job(job))
    uses = path.read_text()
    if path.stem == "release" and not ("attest-build" in uses and "SHA256SUMS" in uses):
        yield "what is released has no checksum or no attestation"


def _job(job: dict[str, Any]) -> Iterator[str]:
    rights = job.get("permissions")
    if not isinstance(rights, dict) or not set(rights.values()) <= set(_RIGHTS):
        yield "names no permissions of its own"
    for step in job.get("steps") or ():
        checkout = str(step.get("uses", "")).startswith("actions/checkout@")
        if checkout and (step.get("with") or {}).get("persist-credentials") is not False:
            yield "checkout leaves the token behind: persist-credentials: false"


def _requirements(path: Path) -> Iterator[str]:
    for line in path.read_text().splitlines():
        wanted = line.partition("#")[0].strip()
        if wanted and not _REQUIREMENT.fullmatch(wanted):
            yield f"{wanted} is not pinned to one version"


def _floor(root: Path) -> Iterator[str]:
    """On the oldest Home Assistant the same tools run, and only what belongs to it is older."""
    newest, oldest = (_pins(root / f"requirements_{name}.txt") for name in ("test", "floor"))
    for name in sorted(newest.keys() | oldest.keys()):
        same = newest.get(name) == oldest.get(name)
        if same == (name in _ITS_OWN) or not (name in newest and name in oldest):
            yield f"requirements_floor.txt: {name} does not agree with requirements_test.txt"


def _pins(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines() if path.is_file() else []
    pins = (line.partition("#")[0].strip().partition("==") for line in lines)
    return {name: version for name, _, version in pins if name}


def _read(path: Path) -> dict[str, Any]:
    try:
        value = yaml.safe_load(path.read_text())
    except OSError, yaml.YAMLError:
        return {}
    return value if isinstance(value, dict) else {}
