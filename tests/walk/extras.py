"""What lies beside a film."""

from pathlib import Path

MB = 1_000_000


HEAT = "Heat (1995)"


def sparse(path: Path, megabytes: float) -> Path:
    """Make a video of a size without what would be in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(int(megabytes * MB))
    return path
