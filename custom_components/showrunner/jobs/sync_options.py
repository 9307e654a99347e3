"""The options of the sync: one owner for defaults and ranges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
import re
from types import MappingProxyType
from typing import Final, Self

from ..clients.fetching.fetcher import How
from ..clients.fetching.order import Limits
from ..domain.transfer.pace import Hours
from ..options import Range

SYNC: Final[Mapping[str, Range]] = MappingProxyType(
    {
        "every_minutes": Range(30, 5, 1440, unit="min"),
        "parallel_files": Range(6, 1, 32),
        "segments": Range(8, 1, 16),
        "min_chunk_mb": Range(1, 1, 64, unit="MB"),
        "rate_limit_mbit": Range(0, 0, 100_000, unit="Mbit/s"),
    }
)
_HOURS: Final = re.compile(r"\s*(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})\s*")
_BITS: Final = 1_000_000 / 8
_LONGEST: Final = 255
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """Whether, how often, when and how fast is fetched, and what is left out.

    `remove_source`: what is home and imported is removed where it came from.
    """

    enabled: bool = False
    every: timedelta = timedelta(minutes=30)
    exclude: tuple[str, ...] = ()
    hours: Hours = field(default_factory=Hours)
    how: How = field(default_factory=How)
    remove_source: bool = False

    @classmethod
    def from_mapping(cls, data: Mapping[str, object]) -> Self:
        """Read the page `seedbox`. A switch that is no bool counts as off."""
        numbers = {key: limit.read(data.get(key)) for key, limit in SYNC.items()}
        return cls(
            enabled=data.get("sync_enabled", False) is True,
            every=timedelta(minutes=numbers["every_minutes"]),
            exclude=patterns(data.get("exclude")),
            hours=hours(data.get("hours")) or Hours(),
            how=How(
                Limits(
                    parallel_files=int(numbers["parallel_files"]),
                    segments=int(numbers["segments"]),
                    chunk_mb=numbers["min_chunk_mb"],
                ),
                numbers["rate_limit_mbit"] * _BITS,
            ),
            remove_source=data.get("remove_source", False) is True,
        )


def patterns(stored: object) -> tuple[str, ...]:
    """Read what is not fetched; what is no pattern is left aside."""
    rows = stored if isinstance(stored, list) else []
    return tuple(one for one in rows if isinstance(one, str) and 0 < len(one) <= _LONGEST)[:_MOST]


def hours(stored: object) -> Hours | None:
    """Read hours such as "23:00-07:00"; None for what is none. Empty: always."""
    if stored is None or (isinstance(stored, str) and not stored.strip()):
        return Hours()
    found = _HOURS.fullmatch(stored) if isinstance(stored, str) else None
    if found is None:
        return None
    try:
        start, end = (time.fromisoformat(one.zfill(5)) for one in found.groups())
    except ValueError:
        return None
    return Hours(start, end)
