"""Each contract of the house fails when it is broken: a wall must stop something."""

from collections.abc import Iterator
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from script.checks import CHECKS, clients, libraries

ROOT = Path(__file__).parents[2]
PACKAGE = "custom_components/showrunner"
OURS = "custom_components.showrunner"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
NAMES = [one["name"] for one in CONTRACTS["contracts"]]

FLOORS = "Floors: nobody imports upwards, nor from the room beside"
CLIENTS = "Clients are for those who look and those who act: faces don't talk to services"
DOWNLOADS = "Downloads: what is asked and what is done stand beside each other"
KIT = "What every job is worked with: plans go through the runner"
ASKED = "What several jobs ask: each source by itself"
OPERATIONS = "Operations remember nothing: what was done is written by who asked for it"
FACE = "Watching has one face: nobody imports from within"
WATCHING = "Watching: what is told, what is open, what became of it, and how they go on"
KEEPING = "Retention: what is known, what leaves as one, what is asked, and the verdict"
RUNNING = "Run time: what puts an entry together, what it has, and what runs for it"
WEBHOOKS = "Webhooks: what arrives, and what the other side is told"
# Contract, who imports, and what: each is a line that is written into a copy.
PROBES = [
    (FLOORS, "domain.policy", "clients.errors"),
    (FLOORS, "store.small", "clients.errors"),
    (FLOORS, "clients.parse", "store.errors"),
    (FLOORS, "clients.parse", "texts"),
    (FLOORS, "coordinators.reauth", "jobs"),
    (FLOORS, "flows.fields", "runtime"),
    (FLOORS, "jobs.registry", "services.spec"),
    (FLOORS, "signals", "texts"),
    (FLOORS, "const", "domain.policy"),
    (FLOORS, "runtime", "sensors"),
    (FLOORS, "switch", "sensor"),
    (FLOORS, "webhooks.receiving", "issues.stuck"),
    (CLIENTS, "sensor", "clients.errors"),
    (CLIENTS, "websocket.titles", "clients.radarr"),
    (CLIENTS, "issues.stuck", "clients.errors"),
    ("Clients: no service knows another", "clients.radarr", "clients.sonarr"),
    ("Clients: no service knows another", "clients.http", "clients.arr"),
    ("The store: its subjects stand beside each other", "store.ledger", "store.plans"),
    ("The store: its subjects stand beside each other", "store.schema", "store.database"),
    ("Coordinators: one a service", "coordinators.radarr", "coordinators.sonarr"),
    ("Coordinators: one a service", "coordinators.base", "coordinators.seerr"),
    ("Services: one spec a kind", "services.radarr", "services.sonarr"),
    ("Services: one spec a kind", "services.spec", "services.arr"),
    ("Operations: no service's actions know another's", "operations.radarr", "operations.sonarr"),
    (FLOORS, "operations.base", "coordinators.base"),
    (OPERATIONS, "operations.base", "store.errors"),
    (FACE, "store.small", "domain.watching.viewing"),
    (FACE, "domain.importing", "domain.watching.folding"),
    (WATCHING, "domain.watching.viewing", "domain.watching.sitting"),
    (WATCHING, "domain.watching.check_ins", "domain.watching.confirming"),
    (
        "Retention has one face: nobody imports from within",
        "domain.importing",
        "domain.retention.watching",
    ),
    (KEEPING, "domain.retention.facts", "domain.retention.verdict"),
    (KIT, "jobs.kit.runner", "jobs.kit.plan_runs"),
    (KIT, "jobs.kit.waiting", "jobs.kit.endings"),
    (ASKED, "jobs.facts.evidence", "jobs.facts.title_asker"),
    (ASKED, "jobs.facts.pools", "jobs.facts.fetched"),
    (DOWNLOADS, "jobs.download.outcomes", "jobs.download.following"),
    (DOWNLOADS, "jobs.download.facts", "jobs.download.fetching"),
    (RUNNING, "runtime.entry", "runtime.assembly"),
    (RUNNING, "runtime.lifecycle", "runtime.assembly"),
    (WEBHOOKS, "webhooks.receiving", "webhooks.registration"),
    ("What flows share", "flows.fields", "flows.common"),
    ("Repairs stand beside each other", "issues.stuck", "issues.falls"),
    ("Actions stand beside each other", "actions.requests", "actions.history"),
    ("WebSocket commands stand beside each other", "websocket.requests", "websocket.titles"),
    ("Only the demo stands on the world, and nothing on the demo", "store.small", "world.world"),
    ("Only the demo stands on the world, and nothing on the demo", "domain.policy", "demo.alone"),
    ("Only the demo stands on the world, and nothing on the demo", "world.clock", "demo.alone"),
    ("Only the demo stands on the world, and nothing on the demo", "world.clock", "const"),
]
_JOBS = next(one for one in CONTRACTS["contracts"] if one["name"].startswith("Jobs "))
# Two jobs that stand beside each other, whatever jobs there are; and an import in a circle.
JOBS = (
    _JOBS["name"],
    *(f"jobs.{one.strip()}.job" for one in _JOBS["layers"][1].split("|")[:2]),
)
CIRCLE = ("Nothing goes round in a circle", "domain.media", "domain.decision")
EXHAUSTIVE = [one["containers"][0] for one in CONTRACTS["contracts"] if one.get("exhaustive")]


def full(name: str) -> str:
    """Name a module in full."""
    return name if name.startswith(("world", "demo")) else f"{OURS}.{name}"


def source(root: Path, name: str) -> Path:
    """Find a module's file."""
    path = root / full(name).replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Copy all that the contracts are about."""
    root = tmp_path_factory.mktemp("house")
    for name in (PACKAGE, "world", "demo"):
        ignored = shutil.ignore_patterns("__pycache__", "stand_ins", "*.json", "*.png")
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", root / "pyproject.toml")
    yield root
    shutil.rmtree(root)


def judged(root: Path) -> tuple[dict[str, str], str]:
    """Give the contracts with what has become of them, and all that was said."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )
    text = re.sub(r"\s+", " ", done.stdout)
    verdicts = dict(re.findall(r"^(.*) (KEPT|BROKEN)$", done.stdout, re.MULTILINE))
    assert verdicts, done.stdout + done.stderr
    return verdicts, text


@pytest.fixture(scope="module")
def broken(house: Path) -> tuple[dict[str, str], str]:
    """Break every contract at once."""
    before = {}
    for _, importer, imported in (*PROBES, JOBS, CIRCLE):
        path = source(house, importer)
        before.setdefault(path, path.read_text())
        path.write_text(f"{path.read_text()}\nimport {full(imported)}\n")
    try:
        return judged(house)
    finally:
        for path, text in before.items():
            path.write_text(text)


def test_the_house_keeps_its_contracts(house: Path) -> None:
    """Or the rest would prove nothing."""
    verdicts, problems = judged(house)
    assert set(verdicts) == set(NAMES)
    assert set(verdicts.values()) == {"KEPT"}, problems


@pytest.mark.parametrize("name", NAMES)
def test_each_contract_is_broken_by_a_probe(broken: tuple[dict[str, str], str], name: str) -> None:
    """A new contract fails here until it has a probe."""
    assert broken[0][name] == "BROKEN"


@pytest.mark.parametrize(("name", "importer", "imported"), [*PROBES, JOBS])
def test_a_forbidden_import_is_told(
    broken: tuple[dict[str, str], str], name: str, importer: str, imported: str
) -> None:
    """Each line is found, and named."""
    about = broken[1].partition("Broken contracts")[2].partition(f" {name} ---")[2]
    about = re.split(r"-{20,}", about.lstrip("-"))[0]
    assert f"{full(importer)} -> {full(imported)}" in about


def test_a_module_without_a_place_is_found(house: Path) -> None:
    """In every room that names its modules."""
    assert len(EXHAUSTIVE) >= 8
    new = [house / one.replace(".", "/") / "newcomer.py" for one in EXHAUSTIVE]
    for path in new:
        path.write_text("")
    try:
        verdicts, problems = judged(house)
    finally:
        for path in new:
            path.unlink()
    assert problems.count("newcomer") >= len(EXHAUSTIVE)
    assert list(verdicts.values()).count("BROKEN") == len(EXHAUSTIVE), problems


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("domain/policy.py", "import aiohttp", "aiohttp is no library for domain"),
        ("domain/policy.py", "import homeassistant.core", "homeassistant.core is no library"),
        ("domain/policy.py", "import asyncio", "asyncio is no library for domain"),
        ("domain/policy.py", "from time import time", "time is no library for domain"),
        ("domain/policy.py", "import random", "random is no library for domain"),
        ("domain/policy.py", "from pathlib import Path", "pathlib is no library for domain"),
        ("domain/policy.py", "import urllib.request", "urllib.request is no library for domain"),
        ("domain/policy.py", "datetime.now()", "now() is a clock"),
        ("domain/requests/facts.py", "from datetime import date\ndate.today()", "today() is a"),
        ("clients/http.py", "import homeassistant.core", "no library for clients"),
        ("clients/http.py", "import sqlite3", "sqlite3 is no library for clients"),
        ("store/small.py", "from aiohttp import web", "aiohttp is no library for store"),
        ("store/small.py", "import homeassistant", "homeassistant is no library for store"),
        ("jobs/kit/runner.py", "import sqlalchemy", "sqlalchemy is no library for jobs"),
        ("coordinators/base.py", "import aiohttp", "aiohttp is no library for coordinators"),
        ("sensor.py", "from sqlalchemy import select", "sqlalchemy is no library for the root"),
        ("sensor.py", "import requests", "requests is no library for the root"),
        ("cellar/wine.py", "", "which libraries cellar/ may use"),
    ],
)
def test_a_library_on_the_wrong_floor_is_found(
    house: Path, name: str, line: str, words: str
) -> None:
    """Home Assistant, the network, the database and the clock have their places."""
    assert libraries.check in CHECKS
    path = house / PACKAGE / name
    before = path.read_text() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        found = list(libraries.check(house))
    finally:
        if before is None:
            shutil.rmtree(path.parent)
        else:
            path.write_text(before)
    assert [one for one in found if words in one], found
    assert list(libraries.check(house)) == []


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("shoko_hub", "from .scgi import Answer", "scgi is another service's"),
        ("radarr", "from . import seerr_models", "seerr_models is another service's"),
        ("jellystat", "from .jellyfin_items import items", "jellyfin_items is another service's"),
    ],
)
def test_a_client_that_knows_another_service_is_found(
    house: Path, name: str, line: str, words: str
) -> None:
    """Also where it stands below."""
    assert clients.check in CHECKS
    assert list(clients.check(house)) == []
    path = house / PACKAGE / "clients" / f"{name}.py"
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")
    try:
        assert list(clients.check(house)) == [f"clients/{name}.py: {words}"]
    finally:
        path.write_text(before)
