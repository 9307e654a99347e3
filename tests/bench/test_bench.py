"""The measurements run, and give the numbers that they promise."""

import asyncio
import json
from pathlib import Path
import sys

import pytest

from bench.__main__ import names

ROOT = Path(__file__).parents[2]
_RANKED = ("mb_s", "rank")
_ROUNDS = ("quiet", "bare", "equal", "unique")
_WHILES = ("linking", "settling", "idle", "20_streams", "asked", "first_minute")
# What is counted because there should be none of it, and what a round without a flood has none of.
_MAY_BE_NONE = {
    *("late_frames", "memory_growth_mb"),
    *(f"{name}_{what}" for name in _ROUNDS for what in ("refused", "invented", "memory_mb")),
    *(f"quiet_{what}" for what in ("sent", "answer_p50_ms", "answer_p99_ms")),
    *("held_mb", "full_collections", "tick_cpu_ms"),
    *(f"{name}_collections_{generation}" for name in _WHILES for generation in range(3)),
    *(f"{name}_{what}" for name in _WHILES for what in ("cpu", "stall_p50", "stalls_over_20")),
    *(f"memory_{name}" for name in (*_WHILES, "trend", "of_reloads")),
    *(f"{kind}_requests" for kind in ("jellyfin", "radarr", "sonarr", "qbittorrent", "seerr")),
    "reload_collections_full",
    "collections_full",
}
PROMISED = {
    "decision": {"per_second"},
    "watching": {
        "requests_20x5000",
        "seconds_20x5000",
        "requests_50000",
        "seconds_50000",
        "stall_ms",
        "idle_cpu_ratio",
        "streams_cpu_ratio",
        "rewatch_p99_ms",
        "query_p99_ms",
        "query_growth",
    },
    "frontend": {
        *("bundle_gzip_kb", "first_draw_ms", "change_ms", "longest_frame_ms", "idle_frame_ms"),
        *("late_frames", "memory_growth_mb"),
    },
    "flood": {
        f"{name}_{what}"
        for name in _ROUNDS
        for what in ("stall_ms", "held_ms", "cpu_s", "answer_p99_ms", "refused", "kept", "invented")
    },
    "house": {
        *(f"linked_{kind}" for kind in ("jellyfin", "radarr", "sonarr", "qbittorrent", "seerr")),
        *(f"{kind}_requests" for kind in ("jellyfin", "radarr", "sonarr", "qbittorrent", "seerr")),
        *(f"{name}_{what}" for name in _WHILES for what in ("cpu", "stall_longest", "stall_p999")),
        *(f"{end}{what}" for end in ("restart", "reload", "stop") for what in ("", "_cpu")),
        *("library_known", "requests_known", "memory_empty", "webhook_p50", "get_history_p50"),
        *("memory_idle", "memory_trend", "reload_stall_longest", "database"),
    },
    "settling": {
        *("library", "requests", "requests_cpu", "stall_longest", "collections_full"),
        *(f"{kind}_calls" for kind in ("jellyfin", "radarr", "sonarr", "seerr")),
    },
    "requests": {"derive_seconds", "derive_all_seconds", "fact_to_subscriber_p99_ms"},
    "purge": {
        *(
            f"{what}_{size}"
            for what in ("seconds", "cpu_seconds", "calls", "stall_ms", "collected_ms")
            for size in (5000, 20000)
        ),
        "naive_seconds_5000",
    },
    "cleanup": {
        *(
            f"{what}{size}"
            for what in ("seconds", "requests", "peak_mb")
            for size in ("", "_tenth")
        ),
        *("stall_ms", "growth", "steps"),
    },
    "torrents": {
        "json_ratio",
        "xml_ratio",
        "stall_ms",
        "per_field_speedup",
        "qbit_full_ratio",
        "qbit_delta_ratio",
    },
    "lists": {
        "list_mb",
        *(
            f"{way}{what}"
            for way in ("naive_", "index_", "")
            for what in ("seconds", "peak_mb", "stall_ms")
        ),
    },
    "transfer": {
        *(f"loopback_{case}_{what}" for case in ("big", "medium", "small") for what in _RANKED),
        *("stall_ms", "cpu_ratio"),
    },
    "store": {
        *(
            f"{kind}_bytes"
            for kind in ("viewing", "mark", "userdata", "item", "request", "step", "ledger")
        ),
        *("names_mb", "whole_mb"),
    },
    "migration": {
        *("viewings", "cpu_seconds", "old_mb", "new_mb", "room_ratio", "kills", "equal"),
    },
    "plans": {"seconds_20", "seconds_100", "seconds_200", "growth", "stall_ms"},
    "webhook": {
        "empty_p50_ms",
        "answer_p50_ms",
        "answer_p99_ms",
        "answer_ratio",
        "decided_p50_ms",
        "decided_p99_ms",
        "undisturbed_p99_ms",
        "per_second",
    },
}


def test_each_measurement_promises_its_numbers() -> None:
    """So each is run."""
    assert set(names()) == set(PROMISED)


@pytest.mark.long
@pytest.mark.real
@pytest.mark.parametrize("name", PROMISED)
async def test_a_small_run_gives_its_numbers(name: str) -> None:
    """One object a line, with metric, value and unit."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", name, "--json", "--small"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    rows = [json.loads(line) for line in out.splitlines()]
    assert {row["metric"] for row in rows} >= PROMISED[name]
    assert all(row["bench"] == name and row["unit"] for row in rows)
    for row in rows:
        # A run that is over in a moment may have kept nobody waiting.
        may_be_none = row["metric"] in _MAY_BE_NONE or row["metric"].endswith("stall_ms")
        assert row["value"] > 0 or may_be_none, row
