"""The demo's page: every entity has its place, and its templates say what events tell them."""

from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.helpers.template import Template
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml
import pytest
from pytest_homeassistant_custom_component.common import (  # type: ignore[import-untyped]
    async_fire_time_changed,
)

from demo import dashboard_texts as texts
from demo.dashboard import Entity, view
from demo.statistics import DAYS, _past

TEMPLATES = Path(texts.__file__).parent / "templates.yaml"
PLAYBACK = "event.demo_playback"


def entity(domain: str, key: str, device: str = "Demo") -> Entity:
    """Make one of Showrunner's entities."""
    return Entity(f"{domain}.{device.lower()}_{key}", key, device, device)


FOUND = [
    *(entity("event", key) for key in ("playback", "decision", "job", "request")),
    *(entity("sensor", key) for key in ("requests", "requests_stuck")),
    entity("todo", "approvals"),
    *(
        entity("sensor", key, "Seedbox")
        for key in ("used_percent", "torrents", "downloading", "download_rate")
    ),
    *(entity("sensor", key) for key in ("streams", "transcodes", "viewings_today")),
    entity("sensor", "decisions_today"),
    *(
        entity(*each, viewer)
        for viewer in ("Sofa", "Kitchen")
        for each in (
            ("sensor", "viewings_month"),
            ("sensor", "last_watched"),
            ("sensor", "watch_time"),
            ("switch", "tracking"),
        )
    ),
    *(entity("sensor", key, "Radarr") for key in ("queue", "monitored_missing", "free_space")),
    entity("sensor", "monitored_missing_episodes", "Sonarr"),
    entity("switch", "dry_run"),
    entity("button", "run_download"),
    Entity("binary_sensor.demo_connectivity", "", "Demo", "Demo"),
    Entity("binary_sensor.radarr_connectivity", "", "Radarr", "Radarr"),
]


def values(config: object, name: str) -> Iterator[Any]:
    """Find all values of a name in a page."""
    if isinstance(config, dict):
        for key, value in config.items():
            if key == name:
                yield value
            yield from values(value, name)
    elif isinstance(config, list):
        for value in config:
            yield from values(value, name)


def test_every_entity_is_on_the_page_once() -> None:
    """Events stand in the texts; nothing else is named twice, or not at all."""
    page = view(FOUND)
    named = list(values(page, "entity"))
    assert sorted(named) == sorted(e.entity_id for e in FOUND if e.domain != "event")
    written = " ".join(values(page, "content"))
    assert "event.demo_decision" in written
    assert "<" not in written.replace("<br>", "").replace("<ha-icon", "").replace("</ha-icon", "")


def test_a_page_without_anything_linked_has_no_empty_parts() -> None:
    """A heading without a card under it helps nobody."""
    for section in view([])["sections"]:  # type: ignore[attr-defined]
        kinds = [card["type"] for card in section["cards"]]
        pairs = list(zip(kinds, [*kinds[1:], "heading"], strict=True))
        assert ("heading", "heading") not in pairs


def test_the_made_up_weeks_end_where_home_assistant_counts_on() -> None:
    """Else the graph falls by two weeks in the first hour."""
    rows = _past("sensor.sofa_watch_time")
    assert rows == _past("sensor.sofa_watch_time")
    assert rows != _past("sensor.kitchen_watch_time")
    sums = [row["sum"] for row in rows]
    assert sums[-1] == pytest.approx(0, abs=0.001)
    assert sums == sorted(sums)  # type: ignore[type-var]
    assert len(rows) >= DAYS * 24
    assert all(0 <= row["state"] <= 5 for row in rows)  # type: ignore[operator]


@pytest.fixture
async def asked(hass: HomeAssistant) -> AsyncGenerator[list[ServiceCall]]:
    """Set the templates up as the demo does; give the questions about the history."""
    calls: list[ServiceCall] = []

    async def history(call: ServiceCall) -> dict[str, Any]:
        calls.append(call)
        row = {"viewer": "Sofa", "title": "Granite (2018)", "percent": 41.6, "completed": False}
        jump, done = row | {"credits_jump": True}, row | {"completed": True}
        return {"viewings": [row, jump, done]}

    hass.services.async_register(
        "showrunner", "get_history", history, supports_response=SupportsResponse.ONLY
    )

    async def requests(call: ServiceCall) -> dict[str, Any]:
        why = {"reason": "no_seeds", "since": "2026-11-24T20:00:00+00:00", "message": ""}
        row = {"requested_by": "Kitchen", "anime": False, "progress": 41.6, "stuck": None}
        return {
            "requests": [
                row | {"title": "Third Shift", "state": "downloading"},
                row | {"title": "Whale of Paper", "state": "anime_matching", "anime": True},
                row | {"title": "Slow Train", "state": "downloading", "stage": "no_seeds"},
                row | {"title": "The Salt Road", "state": "downloading", "stuck": why},
            ]
        }

    hass.services.async_register(
        "showrunner", "get_requests", requests, supports_response=SupportsResponse.ONLY
    )
    config = await hass.async_add_executor_job(load_yaml, str(TEMPLATES))
    for block in config:
        # A clock would go on after the test.
        block["triggers"] = [one for one in block["triggers"] if one["trigger"] != "time_pattern"]
    assert await async_setup_component(hass, "template", {"template": config})
    await hass.async_block_till_done()
    yield calls
    await calm(hass)


async def calm(hass: HomeAssistant) -> None:
    """Let a moment pass in which nothing happens."""
    await hass.async_block_till_done()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=2))
    await hass.async_block_till_done(wait_background_tasks=True)


def happens(hass: HomeAssistant, entity_id: str, kind: str, **attributes: object) -> None:
    """Let an event entity show an event."""
    now = dt_util.utcnow().isoformat()
    hass.states.async_set(entity_id, f"{now} {kind}", {"event_type": kind, **attributes})


def said(hass: HomeAssistant, text: str) -> str:
    """Fill a card's text in."""
    return str(Template(text, hass).async_render(parse_result=False)).strip()


SOFA = {"viewer": "Sofa", "viewer_id": "1", "device": "Tablet", "client": "Jellyfin for iOS"}
KITCHEN = {"viewer": "Kitchen", "viewer_id": "2", "device": "Browser", "client": "Jellyfin Web"}


async def test_plays_come_and_go(hass: HomeAssistant, asked: list[ServiceCall]) -> None:
    """Each device has its own; a conversion says why; without streams nobody plays."""
    happens(hass, PLAYBACK, "started", title="Granite (2018)", play_method="direct_play", **SOFA)
    await hass.async_block_till_done()
    happens(hass, PLAYBACK, "started", title="Rope Bridge (2017)", **KITCHEN)
    await hass.async_block_till_done()
    reasons = ["AudioCodecNotSupported"]
    happens(hass, PLAYBACK, "transcoding", title="Rope Bridge (2017)", reasons=reasons, **KITCHEN)
    await hass.async_block_till_done()
    shown = said(hass, texts.now())
    assert "**Granite (2018)**<br>Sofa on Tablet (Jellyfin for iOS), direct" in shown
    assert "Kitchen on Browser (Jellyfin Web), converted: AudioCodecNotSupported" in shown
    assert shown.count("Rope Bridge") == 1
    happens(hass, PLAYBACK, "stopped", title="Granite (2018)", percent=40.0, **SOFA)
    await hass.async_block_till_done()
    assert "Granite" not in said(hass, texts.now())
    hass.states.async_set("sensor.demo_streams", "0")
    await hass.async_block_till_done()
    assert said(hass, texts.now()) == "Nobody who is tracked watches."


async def test_requests_tell_how_far_they_are(
    hass: HomeAssistant, asked: list[ServiceCall]
) -> None:
    """In percent while they come, in words else, and why they do not."""
    assert said(hass, texts.requests()) == "Nobody waits for anything."
    happens(hass, "event.seerr_request", "requested", title="Third Shift (2025)")
    await hass.async_block_till_done()
    lines = said(hass, texts.requests()).splitlines()
    assert lines[2:] == [
        "| Third Shift | Kitchen | 42&nbsp;% |",
        "| Whale of Paper (anime) | Kitchen | anime&nbsp;matching |",
        "| Slow Train<br>no seeds | Kitchen | 42&nbsp;% |",
        "| The Salt Road<br>no seeds | Kitchen | ⚠&nbsp;42&nbsp;% |",
    ]


async def test_what_happened_reads_as_sentences(
    hass: HomeAssistant, asked: list[ServiceCall]
) -> None:
    """The newest first, and no more than a card holds."""
    happens(hass, PLAYBACK, "stopped", title="Granite (2018)", percent=40.4, **SOFA)
    await hass.async_block_till_done()
    happens(hass, "event.demo_decision", "download", title="Granite (2018)", reason="IMDb 8.9")
    await hass.async_block_till_done()
    happens(hass, "event.demo_job", "done", title="", job="import_history", detail="")
    await hass.async_block_till_done()
    last, newest, before = said(hass, texts.happened()).splitlines()
    assert last.endswith("import history is done")
    assert newest.endswith("**Granite (2018)** is fetched: IMDb 8.9")
    assert before.endswith("Sofa stopped **Granite (2018)** at 40 %")
    for number in range(20):
        happens(hass, PLAYBACK, "completed", title=f"Film {number}", **SOFA)
        await hass.async_block_till_done()
    lines = said(hass, texts.happened()).splitlines()
    assert len(lines) == 12
    assert lines[0].endswith("Sofa has watched **Film 19**")


async def test_viewings_are_asked_for_when_calm_has_returned(
    hass: HomeAssistant, asked: list[ServiceCall]
) -> None:
    """Two events in one moment are one question."""
    assert said(hass, texts.viewings()) == "Nothing was watched yet: play something."
    happens(hass, PLAYBACK, "completed", title="Granite (2018)", **SOFA)
    happens(hass, PLAYBACK, "stopped", title="Granite (2018)", **SOFA)
    await calm(hass)
    assert len(asked) == 1
    rows = said(hass, texts.viewings()).splitlines()
    ends = [row.split(" | ")[-1] for row in rows[-3:]]
    assert ends == ["42&nbsp;% |", "credits |", "✓ |"]
