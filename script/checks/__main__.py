"""Run all checks on this repository."""

from pathlib import Path
import sys

from . import problems

found = problems(Path(__file__).parents[2])
for problem in found:
    print(problem)
sys.exit(1 if found else 0)
