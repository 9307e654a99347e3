"""Fixtures for every test."""

import logging
from typing import Any
from unittest.mock import Mock

from aiohttp import ClientResponse
import aioresponses.core
import pytest

# Imported before the plugin's own custom_components package can shadow ours.
import custom_components.showrunner.const  # noqa: F401


@pytest.fixture(autouse=True)
def _custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find this integration, in tests that start one."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


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
