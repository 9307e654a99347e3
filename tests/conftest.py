"""Fixtures for every test."""

import asyncio
from collections.abc import Iterator
import logging
import os
from pathlib import Path
import threading
from typing import Any
from unittest.mock import Mock

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
import aioresponses.core
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from hypothesis import HealthCheck, settings
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

# Imported before the plugin's own custom_components package can shadow ours.
from custom_components.showrunner.clients import redaction
from custom_components.showrunner.domain.text import IN_LOGS, Text
from custom_components.showrunner.store import files
from tests.english import english
from tests.support import databases

# How fast the machine is at the moment is no property of the code.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")


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
    """Give a folder in memory, that nothing is left of; to what runs by itself, one on the disk."""
    if request.node.get_closest_marker("real") or request.node.get_closest_marker("browser"):
        factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
        yield factory.mktemp("real")
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


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave the event loop as it runs in Home Assistant, in the place of the plugin's fixture.

    In its debug mode it notes the whole stack for every call that it makes: more than half of the
    time that all tests take. Set PYTHONASYNCIODEBUG to have it back. What it refuses is refused
    here, too: a call into the loop from another thread.
    """
    loop = asyncio.get_running_loop()
    debug = bool(os.environ.get("PYTHONASYNCIODEBUG"))
    loop.set_debug(debug)
    if debug:
        return
    for name in ("call_soon", "call_at"):
        setattr(loop, name, _of_this_thread(getattr(loop, name)))


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
