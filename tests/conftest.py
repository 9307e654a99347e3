"""Fixtures for every test."""

import logging

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
