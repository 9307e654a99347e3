"""A worker that meets what nobody expected goes on."""

import logging

import pytest

from custom_components.showrunner.runtime.steady import steadily


async def test_an_unexpected_error_ends_one_round_only(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged whole, and the work begins again."""
    rounds: list[int] = []

    async def work() -> None:
        rounds.append(len(rounds))
        if len(rounds) < 3:
            raise KeyError("nobody expected this")

    await steadily("library", work, pause=0)
    assert rounds == [0, 1, 2]
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 2
    assert all("KeyError: 'nobody expected this'" in record.getMessage() for record in errors)
    assert "library met an unexpected error" in errors[0].getMessage()
