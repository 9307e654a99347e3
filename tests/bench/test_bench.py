"""The measurements run, and give the numbers that they promise."""

import asyncio
import json
from pathlib import Path
import sys

import pytest

ROOT = Path(__file__).parents[2]
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
    "requests": {"derive_seconds", "derive_all_seconds", "fact_to_subscriber_p99_ms"},
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
            f"{way}_{what}"
            for way in ("naive", "index", "whole")
            for what in ("seconds", "memory_mb", "stall_ms")
        ),
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
    assert all(row["bench"] == name and row["value"] > 0 and row["unit"] for row in rows)
