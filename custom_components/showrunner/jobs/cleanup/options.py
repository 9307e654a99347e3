"""The options of the job that lets go what was watched: one owner for defaults and ranges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from types import MappingProxyType
from typing import Final, Self

from ...domain.retention import RetentionPolicy, WhoCounts, library_name
from ...domain.schedule import Schedule
from ...options import Range

SECTION: Final = "cleanup"
CLEANUP: Final[Mapping[str, Range]] = MappingProxyType(
    {
        "grace_days": Range(5, 0, 3650, 0.1, unit="d"),
        "unwatched_months": Range(0, 0, 240, unit="months"),
        "idle_days": Range(0, 0, 3650, unit="d"),
        "idle_rating": Range(7, 0, 10, 0.1),
    }
)
AT: Final = "03:00:00"
_AT: Final = time.fromisoformat(AT)
_DEFAULT: Final = RetentionPolicy()
# The switches, as the rule's policy calls them.
SWITCHES: Final[Mapping[str, bool]] = MappingProxyType(
    {
        "protect_requests": _DEFAULT.protect_requests,
        "protect_latest_season": _DEFAULT.protect_latest_season,
        "keep_last_watched": _DEFAULT.keep_last_watched,
    }
)
# Those that have more leave, or fetched: only a true `true` begins it.
CHOICES: Final[Mapping[str, bool]] = MappingProxyType(
    {
        "remove_empty_series": _DEFAULT.remove_empty_series,
        "lower_quality": _DEFAULT.lower_quality,
        "season_packing": _DEFAULT.season_packing,
    }
)


@dataclass(frozen=True, slots=True)
class CleanupOptions:
    """Whether and when what was watched leaves, and by which rules.

    `policy` None: what is stored can't be meant, as an unknown word for who counts; then nothing is
    judged at all.
    """

    policy: RetentionPolicy | None = field(default_factory=RetentionPolicy)
    enabled: bool = False
    at: time = _AT

    @classmethod
    def from_mapping(cls, data: Mapping[str, object]) -> Self:
        """Read the page `cleanup`. What can't be right only ever keeps more."""
        return cls(
            policy=_policy(data),
            enabled=data.get("enabled", False) is True,
            at=_time(data.get("at", AT)),
        )

    @property
    def schedule(self) -> Schedule | None:
        """When it is done; None while it is switched off."""
        return Schedule(at=self.at) if self.enabled else None


def _policy(data: Mapping[str, object]) -> RetentionPolicy | None:
    try:
        who = WhoCounts(str(data.get("who", _DEFAULT.who)))
    except ValueError:
        return None
    tag = data.get("keep_tag", _DEFAULT.keep_tag)
    if not isinstance(tag, str) or not tag.strip():
        return None

    excluded = data.get("excluded", ())
    if not isinstance(excluded, list | tuple) or not all(isinstance(o, str) for o in excluded):
        return None
    excluded = [one for one in excluded if one.strip()]

    rating = data.get("idle_rating", CLEANUP["idle_rating"].default)
    rated = CLEANUP["idle_rating"].read(rating)

    def protects(name: str) -> bool:
        """Read a switch that keeps something: only a true `false` ends it."""
        return data.get(name, SWITCHES[name]) is not False

    return RetentionPolicy(
        who=who,
        grace_days=CLEANUP["grace_days"].read(data.get("grace_days")),
        keep_tag=tag.strip(),
        protect_requests=protects("protect_requests"),
        protect_latest_season=protects("protect_latest_season"),
        keep_last_watched=protects("keep_last_watched"),
        unwatched_months=CLEANUP["unwatched_months"].read(data.get("unwatched_months")),
        # What stays for its rating can't be told by what is no rating.
        idle_days=CLEANUP["idle_days"].read(data.get("idle_days")) if rated == rating else 0,
        idle_rating=rated,
        excluded=tuple(sorted({library_name(one) for one in excluded})),
        remove_empty_series=data.get("remove_empty_series") is True,
        lower_quality=data.get("lower_quality") is True,
        season_packing=data.get("season_packing") is True,
    )


def _time(value: object) -> time:
    try:
        return time.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        return _AT
