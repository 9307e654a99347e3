"""Every recorded webhook of Seerr, Radarr and Sonarr goes through the running integration."""

from collections.abc import AsyncGenerator
import json
import logging
from pathlib import Path

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from world.servers import Servers

from .household import until
from .pipeline import Pipeline, Via, pipeline

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.fixture
async def pipe(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Pipeline]:
    """Live with the whole pipeline."""
    async with pipeline(hass, servers, hass_client_no_auth, monkeypatch, Via.MIXED) as made:
        yield made


@pytest.mark.parametrize(
    ("kind", "folder", "pattern", "least"),
    [
        ("seerr", "seerr/webhooks", "*.json", 26),
        ("radarr", "radarr", "webhook-*.json", 10),
        ("sonarr", "sonarr", "webhook-*.json", 10),
    ],
)
async def test_every_recorded_webhook_is_taken_in(
    pipe: Pipeline,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    folder: str,
    pattern: str,
    least: int,
) -> None:
    """Answered at once, worked on without an error; what is no webhook of theirs is refused."""
    runtime = pipe.house.runtime
    (service,) = {"seerr": runtime.seerrs, "radarr": runtime.radarrs, "sonarr": runtime.sonarrs}[
        kind
    ].values()
    url = f"/api/webhook/{service.config_entry.subentries[service.subentry_id].data['webhook_id']}"
    bodies = [
        json.loads(path.read_text())
        for path in sorted((FIXTURES / folder).glob(pattern))
        if not path.name.startswith("_")
    ]
    assert len(bodies) >= least
    before = service.inbox.accepted
    for body in bodies:
        async with pipe.house.client.post(url, json=body) as answer:
            assert (answer.status, await answer.json()) == (200, {"accepted": True}), body
    await until(lambda: service.inbox.accepted >= before + len(bodies))
    await until(service.inbox._backlog.empty)
    await pipe.house.hass.async_block_till_done()
    errors = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert not errors, [one.getMessage() for one in errors]
    async with pipe.house.client.post(url, json={"hello": "world"}) as answer:
        assert answer.status == 400
