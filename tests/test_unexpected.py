"""What nobody expected is logged whole, and names no secret."""

import logging
from pathlib import Path

import pytest

import custom_components.showrunner
from custom_components.showrunner.clients.redaction import conceal, conceal_login
from custom_components.showrunner.flows.common import Failure, attempt
from custom_components.showrunner.runtime.steady import steadily
from custom_components.showrunner.signals import Signals, Topic
from custom_components.showrunner.unexpected import log_unexpected

KEY = "5f4dcc3b5aa765d61d8327deb882cf99"
PASSWORD = "correct horse battery"
BASIC = "YWRhOmNvcnJlY3QgaG9yc2UgYmF0dGVyeQ=="
SAID = (
    f"X-Api-Key: {KEY}; Basic {BASIC}; http://ada:{PASSWORD}@nas/?token=abc "
    "https://home/api/webhook/0123456789abcdef"
)


@pytest.fixture(autouse=True)
def _known() -> None:
    conceal(KEY)
    conceal_login("ada", PASSWORD)


def silent(caplog: pytest.LogCaptureFixture) -> str:
    """Give the log, in which no secret is."""
    shown = caplog.text + "".join(str(one.exc_info or "") + str(one.args) for one in caplog.records)
    for secret in (KEY, PASSWORD, BASIC.rstrip("="), "token=abc", "0123456789abcdef"):
        assert secret not in shown
    return caplog.text


async def broken() -> str:
    """Fail as a library does, which quotes what it was given; another error stands behind it."""
    try:
        raise ValueError(SAID)
    except ValueError as err:
        raise RuntimeError(f"while asking: {SAID}") from err


async def test_a_form_that_fails_unexpectedly(caplog: pytest.LogCaptureFixture) -> None:
    """The person sees the form again; the log says where it was."""
    assert await attempt(broken()) == Failure("unknown")
    text = silent(caplog)
    assert "Unexpected failure" in text
    assert "RuntimeError: while asking" in text
    assert "ValueError" in text
    assert "in broken" in text


async def test_work_that_fails_unexpectedly(caplog: pytest.LogCaptureFixture) -> None:
    """What begins again, and what listens."""
    calls: list[int] = []

    async def work() -> None:
        calls.append(1)
        if len(calls) == 1:
            await broken()

    await steadily("work", work, pause=0)
    signals = Signals()

    def listener(kind: str, attributes: object) -> None:
        raise RuntimeError(SAID)

    signals.subscribe(next(iter(Topic)), listener)
    signals.send(next(iter(Topic)), "x", {})
    text = silent(caplog)
    assert "work met an unexpected error" in text
    assert "A listener of" in text


def test_a_huge_one_is_shortened(caplog: pytest.LogCaptureFixture) -> None:
    """Its beginning and its end are what tells."""
    try:
        raise ValueError("x" * 1_000_000)
    except ValueError:
        log_unexpected(logging.getLogger(__name__), "It failed with %s", "this")
    assert "It failed with this" in silent(caplog)
    assert len(caplog.text) < 30_000


def test_nobody_logs_a_trace_by_himself() -> None:
    """A trace quotes what was given to whoever failed, a secret as well."""
    folder = Path(custom_components.showrunner.__file__).parent
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if "_LOGGER.exception(" in (text := path.read_text()) or "exc_info=" in text
    }
    assert found == set()
