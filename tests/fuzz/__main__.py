"""Fuzz the readers; `--replay FILE` feeds again what was found."""

# ruff: noqa: T201

import argparse
from pathlib import Path
import secrets
import sys
import time

from .engine import Fuzzer, Runner, from_json
from .targets import hurried, targets

_EVERY = 60.0


def main() -> int:
    """Run; 1 when something was found."""
    parser = argparse.ArgumentParser(prog="script/fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="how long (2)")
    parser.add_argument("--seed", type=int, help="what a run before printed, to do it again")
    parser.add_argument("--only", action="append", default=[], help="one reader by its name")
    parser.add_argument("--out", type=Path, default=Path(".fuzz"), help="where findings are put")
    parser.add_argument("--replay", type=Path, help="feed a finding again")
    given = parser.parse_args()
    if given.replay:
        return _replay(given.replay)
    seed = secrets.randbelow(2**32) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    fuzzer = Fuzzer(seed, tuple(given.only))
    began, said = time.monotonic(), time.monotonic()

    def until(executions: int) -> bool:
        nonlocal said
        now = time.monotonic()
        if now - said > _EVERY:
            said = now
            print(f"{now - began:.0f} s: {_summary(fuzzer)}", flush=True)
        return now - began > given.minutes * 60

    fuzzer.run(until)
    print(f"seed {seed}, {time.monotonic() - began:.0f} s: {_summary(fuzzer)}")
    for number, finding in enumerate(fuzzer.findings.values()):
        given.out.mkdir(exist_ok=True)
        path = given.out / f"{seed}-{number}.json"
        path.write_text(finding.as_json())
        print(f"FOUND {finding.target}: {finding.what}\n  script/fuzz --replay {path}")
    return 1 if fuzzer.findings else 0


def _summary(fuzzer: Fuzzer) -> str:
    return (
        f"{fuzzer.executions} executions of {len(fuzzer.by_target)} readers, "
        f"{fuzzer.branches} branches, {len(fuzzer.findings)} findings"
    )


def _replay(path: Path) -> int:
    name, case = from_json(path.read_text())
    target = next(one for one in targets() if one.name == name)
    with hurried(), Runner() as runner:
        result, wrong = runner.run(target, case)
    print(f"{name} ({len(case.body)} bytes): {wrong or 'well'} in {runner.took:.2f} s")
    print(f"{case.body[:500]!r}\n-> {str(result)[:500]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
