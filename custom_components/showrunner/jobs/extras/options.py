"""The options of the job that moves extras to the trash: one owner for defaults and ranges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
import os
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from ...domain.extras import PATTERNS, ExtrasPolicy, Markers
from ...domain.schedule import Schedule
from ...options import DAYS, Range

SECTION: Final = "extras"
EXTRAS: Final[Mapping[str, Range]] = MappingProxyType(
    {
        "min_video_mb": Range(500, 0, 5000, unit="MB"),
        "trash_days": Range(30, 1, 3650, unit="d"),
    }
)
AT: Final = "02:00:00"
_AT: Final = time.fromisoformat(AT)
ON: Final = ("sun",)
_MB: Final = 1_000_000
# Where no media are, whatever a person types.
_SYSTEM: Final = ("/proc", "/sys", "/etc", "/usr", "/boot")


@dataclass(frozen=True, slots=True)
class ExtrasOptions:
    """Whether, where and when extras are looked for, by which markers, and how long they wait."""

    enabled: bool = False
    folders: tuple[str, ...] = ()
    patterns: tuple[str, ...] = PATTERNS
    min_video_mb: float = 500
    trash_days: float = 30
    at: time = _AT
    weekdays: frozenset[int] = frozenset({6})

    @classmethod
    def from_mapping(cls, data: Mapping[str, object]) -> Self:
        """Read the page `extras`. A switch that is no bool counts as off, a list as none."""
        return cls(
            enabled=data.get("enabled", False) is True,
            folders=folders_of(data.get("folders")),
            patterns=_texts(data.get("patterns", PATTERNS)),
            min_video_mb=EXTRAS["min_video_mb"].read(data.get("min_video_mb")),
            trash_days=EXTRAS["trash_days"].read(data.get("trash_days")),
            at=_time(data.get("at", AT)),
            weekdays=frozenset(
                DAYS.index(one) for one in _texts(data.get("weekdays", ON)) if one in DAYS
            ),
        )

    @property
    def policy(self) -> ExtrasPolicy:
        """What the rule goes by."""
        return ExtrasPolicy(Markers.of(self.patterns), int(self.min_video_mb * _MB))

    @property
    def schedule(self) -> Schedule | None:
        """When it is done; None while it is switched off."""
        return Schedule(at=self.at, weekdays=self.weekdays) if self.enabled else None


def folders_of(value: object) -> tuple[str, ...]:
    """Read folders as people write them: a slash at the end means nothing."""
    return tuple(dict.fromkeys(one.rstrip("/") or "/" for one in _texts(value)))


def wrong_folder(folder: str, others: Sequence[str], config: Path) -> str | None:
    """Say why a folder can't be one of those that were chosen, as a key; None: it can.

    Blocks. `config` is Home Assistant's own folder.
    """
    path, home = Path(folder), config.resolve()
    within = any(Path(one) in path.parents for one in others)
    system = any(path == Path(one) or Path(one) in path.parents for one in _SYSTEM)
    if not os.path.isabs(folder) or os.path.normpath(folder) != folder:  # noqa: PTH117
        why = "folder_not_absolute"
    elif system or len(path.parts) == 1 or home == path or path in home.parents:
        why = "folder_not_allowed"
    elif within:
        why = "folder_within_another"
    else:
        return _unreachable(path)
    return why


def _unreachable(path: Path) -> str | None:
    try:
        if not path.is_dir():
            return "folder_not_there"
        return None if path.resolve() == path else "folder_is_link"
    except OSError:
        return "folder_not_there"


def _texts(value: object) -> tuple[str, ...]:
    rows = value if isinstance(value, list | tuple) else ()
    found = (one.strip() for one in rows if isinstance(one, str))
    return tuple(dict.fromkeys(one for one in found if one))


def _time(value: object) -> time:
    try:
        return time.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        return _AT
