"""A worker that meets what nobody expected goes on, and one that has ended is let go of."""

import asyncio
from collections.abc import Coroutine
import gc
import logging
from typing import Any
from unittest.mock import Mock
import weakref

import pytest

from custom_components.showrunner.runtime.steady import steadily
from custom_components.showrunner.runtime.tasks import Tasks


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


class _Part:
    """Works until it is ended."""

    async def work(self) -> None:
        await asyncio.Event().wait()


async def test_what_has_ended_is_not_held() -> None:
    """Neither what worked for the entry nor for a service of it: no collection has to find it."""

    def begin(_: object, work: Coroutine[Any, Any, None], __: str) -> asyncio.Task[None]:
        return asyncio.create_task(work)

    tasks = Tasks(Mock(), Mock(async_create_background_task=begin))
    ours, its = _Part(), _Part()
    held = (weakref.ref(ours), weakref.ref(its))
    tasks.work([("ours", ours.work)])
    tasks.work_for("service", [("its", its.work)])
    del ours, its
    await asyncio.sleep(0)
    assert all(one() is not None for one in held)
    gc.disable()
    try:
        await tasks.end()
        await asyncio.sleep(0)
        assert [one() for one in held] == [None, None]
    finally:
        gc.enable()
