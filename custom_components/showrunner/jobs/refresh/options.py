"""The options of the job that tells Jellyfin: one owner for defaults and ranges."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Self

from ...options import Range

SECTION: Final = "refresh"
REFRESH: Final[Mapping[str, Range]] = MappingProxyType(
    {
        "every_minutes": Range(10, 1, 1440, unit="min"),
        "collect_seconds": Range(60, 0, 600, unit="s"),
    }
)


@dataclass(frozen=True, slots=True)
class RefreshOptions:
    """Whether and how often Jellyfin is told of imports, and how long they are collected."""

    enabled: bool = True
    every_minutes: float = 10
    collect_seconds: float = 60

    @classmethod
    def from_mapping(cls, data: Mapping[str, object]) -> Self:
        """Read the page `refresh`. A switch that is no bool counts as off."""
        return cls(
            enabled=data.get("enabled", True) is True,
            every_minutes=REFRESH["every_minutes"].read(data.get("every_minutes")),
            collect_seconds=REFRESH["collect_seconds"].read(data.get("collect_seconds")),
        )
