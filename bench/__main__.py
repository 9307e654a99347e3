"""`python -m bench NAME [--json] [--small | --tenth]`: run one measurement and print it."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Mapping
import importlib
import inspect
import json
from pathlib import Path
import sys

type Row = Mapping[str, object]


def names() -> list[str]:
    """List what can be measured."""
    return sorted(path.stem[6:] for path in Path(__file__).parent.glob("bench_*.py"))


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="script/bench")
    parser.add_argument("name", choices=names())
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--small", action="store_true", help="a small run, to see that it works")
    tenth = "a tenth of the size; only of what has one"
    parser.add_argument("--tenth", action="store_true", help=tenth)
    given = parser.parse_args()
    run: Callable[..., list[Row] | Awaitable[list[Row]]]
    run = importlib.import_module(f"bench.bench_{given.name}").run
    if given.tenth and "tenth" not in inspect.signature(run).parameters:
        parser.error(f"{given.name} has no tenth")
    found = run(given.small, tenth=True) if given.tenth else run(given.small)
    rows = asyncio.run(_await(found)) if inspect.isawaitable(found) else found
    for row in rows:
        if given.json:
            print(json.dumps({"bench": given.name, **row}))
        else:
            against = f"   beside: {row['against']}" if row.get("against") else ""
            print(f"{row['metric']!s:24} {row['value']:>12} {row['unit']!s:14}{against}")
    return 0


async def _await(found: Awaitable[list[Row]]) -> list[Row]:
    return await found


if __name__ == "__main__":
    sys.exit(main())
