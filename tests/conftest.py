"""Fixtures for every test."""

import asyncio
from collections.abc import Iterator
from datetime import UTC
import gc
from inspect import isasyncgenfunction, iscoroutinefunction
import logging
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
import threading
from typing import Any
from unittest.mock import Mock, patch

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from aiohttp.web_urldispatcher import UrlDispatcher
import aioresponses.core
from homeassistant import runner
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from hypothesis import HealthCheck, settings
import pytest
from pytest_asyncio.plugin import PytestAsyncioFunction
from pytest_homeassistant_custom_component.plugins import HASocketBlockedError
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

# Imported before the plugin's own custom_components package can shadow ours.
from custom_components.showrunner.clients import redaction
from custom_components.showrunner.domain.text import IN_LOGS, Text
from custom_components.showrunner.store import database, files
from tests.effort import dealt, examples
from tests.english import english
from tests.support import databases

# How fast the machine is at the moment is no property of the code. What says no number of its own
# tries Hypothesis' own, or in a quick run a part of it.
settings.register_profile(
    "calm",
    deadline=None,
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("calm")


# While tests are collected next to nothing becomes garbage.
gc.disable()


def pytest_collection_finish() -> None:
    """Leave what all tests stand on out of the collector's sight, and call it less often."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(200_000, 10, 10)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, or all else is over before it; mix what waits with what works."""
    items[:] = dealt(
        items,
        lambda one: one.get_closest_marker("long") is not None,
        lambda one: one.nodeid.startswith("tests/walk/"),
        int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")),
    )


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell of a failure at once: a run that is stopped has no summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        traceback = report.longreprtext[-6000:]
        sys.stdout.write(f"\n{report.nodeid} failed ({report.when}):\n{traceback}\n")
        sys.stdout.flush()


@pytest.fixture(autouse=True)
def _first_answers() -> Iterator[None]:
    """Have a start wait for the services' first answers, however busy the machine is."""
    with patch("custom_components.showrunner._OTHERS_ANSWER", 3.0):
        yield


@pytest.fixture(autouse=True)
def _custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find this integration, in tests that start one."""
    if "recorder_mock" in request.fixturenames:
        # The recorder must be there before Home Assistant is.
        request.getfixturevalue("recorder_mock")
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Give a folder in memory, that nothing is left of; to what runs by itself, one on the disk.

    That one is not below pytest's own: whenever another pytest begins on the machine, that one is
    closed to all other users, and real servers are another user.
    """
    if request.node.get_closest_marker("real") or request.node.get_closest_marker("browser"):
        with TemporaryDirectory(prefix="showrunner-real-", ignore_cleanup_errors=True) as real:
            yield Path(real)
        return
    with databases.folder() as folder:
        yield Path(folder)


@pytest.fixture
def hass_config_dir() -> Iterator[str]:
    """Give Home Assistant a folder of its own, in memory, that nothing is left of."""
    with databases.folder() as folder:
        yield folder


@pytest.fixture(autouse=True)
def new_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copy each new database from one that was migrated before: tests of that make their own."""
    monkeypatch.setattr(files, "_create", databases.create)
    monkeypatch.setattr(database, "_engine", databases.engine)


@pytest.fixture(autouse=True)
def scans() -> Iterator[list[str]]:
    """Fail where a statement of the store reads a big table whole; gives those that do."""
    databases.SCANS.clear()
    yield databases.SCANS
    assert databases.SCANS == [], "read whole"


@pytest.fixture(autouse=True)
def texts_in_strings(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Fail where a text is put into a string: its words are put in at the faces only.

    The error may be swallowed where it is raised, so the test fails at its end too. Gives the keys
    of the texts.
    """
    found: list[str] = []

    def refuse(self: Text, spec: str) -> str:
        found.append(self.key)
        raise AssertionError(f"{self.key} is put into a string")

    monkeypatch.setattr(Text, "__format__", refuse)
    yield found
    assert found == [], "put into a string"


@pytest.fixture(autouse=True)
def _logs_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say texts in logs, and so the errors of services, as they are where we are set up."""
    monkeypatch.setattr(IN_LOGS, "put", english)


def _in_a_loop(request: pytest.FixtureRequest) -> bool:
    """Tell whether a test, or something that is made for it, runs in an event loop."""
    item = request.node
    if isinstance(item, PytestAsyncioFunction):
        return True
    names = set(request.fixturenames)
    return any(
        definition.scope == "function"
        and (iscoroutinefunction(definition.func) or isasyncgenfunction(definition.func))
        for name, definitions in item._fixtureinfo.name2fixturedefs.items()
        if name in names
        for definition in definitions[-1:]
    )


@pytest.fixture(autouse=True)
def verify_cleanup(request: pytest.FixtureRequest) -> Iterator[None]:
    """Look after each test that it left nothing: tests without an event loop are given none."""
    if _in_a_loop(request):
        request.getfixturevalue("verify_cleanup")  # the plugin's
        yield
        return
    threads = frozenset(threading.enumerate())
    yield
    assert frozenset(threading.enumerate()) <= threads
    assert dt_util.DEFAULT_TIME_ZONE is UTC
    assert not HASocketBlockedError.instances, "the test opens sockets"


@pytest.fixture(autouse=True)
def configure_event_loop(request: pytest.FixtureRequest) -> None:
    """Set up a test's event loop, where it has one."""
    if _in_a_loop(request):
        request.getfixturevalue("calm_loop")


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Replace the plugin's: see `calm_loop`."""


@pytest.fixture
async def calm_loop() -> None:
    """Leave the event loop as it runs in Home Assistant.

    In its debug mode it notes the whole stack for every call that it makes: more than half of the
    time that all tests take. Set PYTHONASYNCIODEBUG to have it back. What it refuses is refused
    here, too: a call into the loop from another thread.
    """
    loop = asyncio.get_running_loop()
    runner.configure_event_loop(loop)
    debug = bool(os.environ.get("PYTHONASYNCIODEBUG"))
    loop.set_debug(debug)
    if debug:
        return
    for name in ("call_soon", "call_at"):
        setattr(loop, name, _of_this_thread(getattr(loop, name)))


@pytest.fixture(autouse=True, scope="session")
def disable_http_server() -> Iterator[None]:
    """Let Home Assistant's web server listen to nothing: once, not for each test as the plugin."""
    with (
        patch("homeassistant.components.http.HomeAssistantHTTP.async_bind"),
        patch("homeassistant.components.http.HomeAssistantHTTP.start"),
    ):
        yield


@pytest.fixture(autouse=True)
def _components_may_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a component register its addresses after the start, as Home Assistant's own server does.

    A test's client would freeze them, and a calendar has some.
    """
    monkeypatch.setattr(UrlDispatcher, "freeze", lambda _: None)


@pytest.fixture(autouse=True, scope="session")
def skip_stop_scripts() -> Iterator[None]:
    """Leave out what stops scripts later: once, as above."""
    with patch("homeassistant.helpers.script._schedule_stop_scripts_after_shutdown"):
        yield


def _of_this_thread(plain: Any) -> Any:
    mine = threading.get_ident()

    def guarded(*args: Any, **more: Any) -> Any:
        if threading.get_ident() != mine:
            raise RuntimeError("called from another thread: use call_soon_threadsafe")
        return plain(*args, **more)

    return guarded


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the keys of other tests: they are masked wherever they appear, for the process."""
    monkeypatch.setattr(redaction, "_SECRETS", type(redaction._SECRETS)())


@pytest.fixture
def hass_client_no_auth(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> ClientSessionGenerator:
    """Register the WebSocket before the web server starts, as Home Assistant does."""

    async def client(**kwargs: Any) -> TestClient[Any, Any]:
        await async_setup_component(hass, "websocket_api", {})
        return await hass_client_no_auth(**kwargs)

    return client


@pytest.fixture(autouse=True)
def _quiet_home_assistant(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave out what Home Assistant says of each entity, where no test reads its logs."""
    logger = logging.getLogger("homeassistant")
    if "hass" not in request.fixturenames or "caplog" in request.fixturenames or logger.level:
        yield
        return
    logger.setLevel(logging.WARNING)
    yield
    logger.setLevel(logging.NOTSET)


@pytest.fixture(autouse=True, scope="session")
def _quiet_database() -> None:
    """Keep every statement of every database out of the logs of failed tests."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


class _Response(ClientResponse):
    """A response as aioresponses makes it, which does not know aiohttp's newest argument."""

    def __init__(self, *args: Any, stream_writer: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, stream_writer=stream_writer or Mock(), **kwargs)


@pytest.fixture(autouse=True)
def _new_aiohttp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioresponses.core, "ClientResponse", _Response)
