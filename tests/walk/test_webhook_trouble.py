"""What comes to a door and is not taken in: the sender is told, a person once, no secret is.

And what must not be refused although it is no good JSON.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
import json
import logging
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.coordinators import inbox
from custom_components.showrunner.coordinators.inbox import BodyRefused, fingerprint, read_body
from custom_components.showrunner.webhooks import receiving

from .hooks import SECOND, flat, started
from .household import WEBHOOK_ID, Household, until

LINE_BREAK = (
    Path(__file__).parents[1] / "fixtures" / "jellyfin-webhook" / "template-with-line-break.txt"
)
URL = f"/api/webhook/{WEBHOOK_ID}"


def issues(hass: HomeAssistant) -> list[ir.IssueEntry]:
    """Give what is to be mended about webhooks."""
    return [
        issue
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue_id.startswith("webhook_refused")
    ]


def warned(caplog: pytest.LogCaptureFixture) -> str:
    """Give what people see in their log."""
    return "".join(
        f"{one.getMessage()} {one.exc_text or ''}"
        for one in caplog.records
        if one.levelno >= logging.WARNING
    )


async def test_a_line_break_inside_of_a_text_is_let_pass(household: Household) -> None:
    """A template's {{{Overview}}} escapes nothing: the viewing counts."""
    film, user = started(household)
    said = LINE_BREAK.read_text()
    assert "\n" in said.strip()
    said = said.replace("b" * 8 + "-bbbb-bbbb-bbbb-" + "b" * 12, film.item_id)
    said = said.replace("a" * 32, user.id).replace("A Quiet Orchard", film.name)
    assert await household.post(said.encode()) == (200, '{"accepted": true}')
    await household.acquisition(SECOND)
    (viewing,) = await household.runtime.store.viewings.history(limit=10)
    assert viewing.completed


async def test_a_refused_body_is_told_once_and_never_its_words(
    hass: HomeAssistant,
    household: Household,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a warning and, where the service is meant to call us, as something to mend."""
    for _ in range(5):
        assert (await household.post(b'{"NotificationType": "Marmalade", oops}'))[0] == 400
    rows = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert [one.getMessage() for one in rows if "webhook" in one.getMessage()] == [
        "Refused what came to the webhook of Demo (said once): not JSON"
    ]
    (issue,) = issues(hass)
    assert issue.translation_placeholders == {"service": "Demo", "reason": "not JSON"}
    # A sender with two templates, of which one is good, is not mended by the good one.
    assert (await household.post(flat(household, NotificationType="Other")))[0] == 200
    assert issues(hass)
    monkeypatch.setattr(receiving, "_TROUBLE", timedelta(0))
    assert (await household.post(flat(household, NotificationType="Another")))[0] == 200
    assert not issues(hass)
    for told_to in (warned(caplog), str(issue)):
        assert "Marmalade" not in told_to
        assert WEBHOOK_ID not in told_to


async def test_what_is_not_ours_is_told_too(hass: HomeAssistant, household: Household) -> None:
    """And gone when the entry is unloaded."""
    assert (await household.post(flat(household, ServerId="f" * 32)))[0] == 400
    (issue,) = issues(hass)
    assert "another server" in (issue.translation_placeholders or {})["reason"]
    await hass.config_entries.async_unload(household.entry.entry_id)
    assert not issues(hass)


async def test_a_reader_that_fails_is_no_success(
    hass: HomeAssistant,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The sender learns that its message is lost; the log names the service, not the address."""

    def fail(body: object, now: object) -> object:
        raise KeyError(f"Marmalade {WEBHOOK_ID}")

    monkeypatch.setattr(household.runtime.jellyfin.inbox, "_read", fail)
    status, said = await household.post(flat(household))
    assert status == 500
    assert "KeyError" in json.loads(said)["reason"]
    assert "the webhook of Demo" in caplog.text
    assert len(issues(hass)) == 1
    for text in (said, warned(caplog), str(issues(hass))):
        assert "Marmalade" not in text
        assert WEBHOOK_ID not in text


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
async def test_another_method_does_not_have_the_address_logged(
    household: Household, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    """Home Assistant would write it into a warning."""
    caplog.clear()
    async with household.client.request(method, URL) as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "POST"
    assert WEBHOOK_ID not in warned(caplog)


async def test_a_body_that_drips_is_not_waited_for(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a deadline of its own, and is nobody's to mend."""
    monkeypatch.setattr(receiving, "_DEADLINE", 0.2)
    gone = asyncio.Event()

    async def drips() -> AsyncGenerator[bytes]:
        yield b"{"
        await gone.wait()

    async with household.client.post(URL, data=drips()) as answer:
        assert answer.status == 408
    gone.set()
    assert not issues(household.hass)


async def test_many_slow_bodies_do_not_keep_a_true_one_out(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slowest makes room: what arrives whole is taken in, whoever else dawdles."""
    monkeypatch.setattr(receiving, "_DEADLINE", 60)
    monkeypatch.setattr(receiving, "_MOST_AT_ONCE", 3)
    gone = asyncio.Event()
    begun: list[int] = []

    async def drips(number: int) -> AsyncGenerator[bytes]:
        begun.append(number)
        yield b"{"
        await gone.wait()

    async def slow(number: int) -> int:
        async with household.client.post(URL, data=drips(number)) as answer:
            return answer.status

    waiting = [asyncio.create_task(slow(number)) for number in range(5)]
    # Two had to make room for the fourth and the fifth.
    await until(lambda: sum(task.done() for task in waiting) == 2)
    assert (await household.post(flat(household)))[0] == 200
    await until(lambda: sum(task.done() for task in waiting) == 3)
    assert {task.result() for task in waiting if task.done()} == {408}
    for task in waiting:
        task.cancel()
    gone.set()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_who_hangs_up_is_no_fault(
    household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a body, then nothing: no error of ours, and no address in the log."""
    begun = asyncio.Event()

    async def half() -> AsyncGenerator[bytes]:
        yield b'{"a":'
        begun.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(household.client.post(URL, data=half()).__aenter__())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await household.post(flat(household)))[0] == 200
    assert WEBHOOK_ID not in warned(caplog)
    assert not issues(household.hass)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[" + b",".join([b"[]"] * 330_000) + b"]", "parts"),
        (b"{" + b",".join(b'"%d":0' % number for number in range(70_000)) + b"}", "parts"),
        (b"[" + b",".join([b'"sixteen letters."'] * 45_000) + b"]", "parts"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "deep"),
        (b"[" * 20_000 + b"]" * 20_000, "deep"),
        (b"\xff", "JSON"),
        (b'{"a": 1', "JSON"),
    ],
    ids=["lists", "keys", "texts", "depth", "depths", "bytes", "half"],
)
async def test_what_would_stall_is_refused(body: bytes, reason: str) -> None:
    """By its parts before it is decoded, and by its depth before it is read."""
    with pytest.raises(BodyRefused, match=reason):
        await read_body(body)


async def test_a_large_true_body_is_read() -> None:
    """A season of three hundred episodes with their texts."""
    episode = {"id": 1, "overview": "One, two. " * 20, "title": "x", "seasonNumber": 1}
    body = {"eventType": "Grab", "episodes": [episode] * 300}
    assert await read_body(json.dumps(body).encode()) == body
    assert inbox._MOST_PARTS > 20_000


def test_equal_bodies_have_equal_prints_whatever_they_hold() -> None:
    """But for times that tick; also with what has no bytes."""
    odd = {"a": ["\ud800", 2**70, {"b": None}], "Timestamp": 1}
    assert fingerprint(odd) == fingerprint({**odd, "UtcTimestamp": 2})
    assert fingerprint(odd) != fingerprint({**odd, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})
    assert fingerprint([1]) == fingerprint([1])
