"""A folder of films on a real disk, with what a download leaves beside one: a sample, a trailer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .homeassistant import HomeAssistant
from .link import options

FILM: Final = "The Paper Lighthouse (1988)"
# In megabytes; nothing is in them, so that they take no room.
LEFT: Final[Mapping[str, int]] = {"Sample/sample.mkv": 60, f"{FILM}-trailer.mkv": 80}
_FILM_SIZE: Final = 8000
_MB: Final = 1_000_000


def folder(disks: Path) -> Path:
    """Say where they are."""
    return disks / "movies"


def put(disks: Path) -> None:
    """Write them."""
    for name, size in {f"{FILM}.mkv": _FILM_SIZE, **LEFT}.items():
        path = folder(disks) / FILM / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(size * _MB)


async def choose(ha: HomeAssistant, entry_id: str, disks: Path) -> None:
    """Have Showrunner look there, when somebody asks it to."""
    await options(ha, entry_id, "extras", {"folders": [str(folder(disks).resolve())]})
