"""The entry's options, typed: what each page stores and what each value may be.

One owner for defaults and ranges: the forms offer them, `Options.from_entry` reads by them. A value
that can't be right never widens what Showrunner may do: it is read as the default, and a cap below
its range as the lowest cap.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
import math
from types import MappingProxyType
from typing import Final, Self

from .const import OPT_DOWNLOADS, OPT_NOTIFICATIONS, OPT_SAFETY, OPT_SEEDBOX, OPT_WATCHING
from .domain.decision import Policy
from .domain.keeping import kept_since
from .domain.seeding import GB, PurgePolicy, TrackerRule
from .domain.watching import WatchPolicy

_MAX_TEXT = 1024


@dataclass(frozen=True, slots=True)
class Range:
    """What a number in the options may be, and what it is when nobody said."""

    default: float
    low: float
    high: float
    step: float = 1
    unit: str | None = None

    def read(self, value: object) -> float:
        """Return the value if it is a number within the range, else the default."""
        number = _number(value)
        return number if number is not None and self.low <= number <= self.high else self.default

    def cap(self, value: object) -> float:
        """Read a limit: below the range counts as the lowest limit, above it as the default."""
        number = _number(value)
        return self.low if number is not None and number < self.low else self.read(value)


def _number(value: object) -> float | None:
    """Take a finite number; a bool or a text is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


WATCHING: Final[Mapping[str, Range]] = MappingProxyType(
    {
        "completion": Range(85, 50, 100, unit="%"),
        "min_seconds": Range(120, 0, 3600, unit="s"),
        "lost_after": Range(300, 30, 3600, unit="s"),
        "keep_months": Range(0, 0, 240, unit="months"),
    }
)
DOWNLOADS: Final[Mapping[str, Range]] = MappingProxyType(
    {
        "completion": Range(90, 50, 100, unit="%"),
        "rewatch_count": Range(2, 1, 20),
        "rewatch_days": Range(90, 1, 3650, unit="d"),
        "instant_rating": Range(8.5, 0, 10, 0.1),
        "rewatch_rating": Range(7.0, 0, 10, 0.1),
        "rare_rating": Range(8.0, 0, 10, 0.1),
        "rare_votes": Range(50_000, 0, 5_000_000),
        "rare_before_year": Range(1990, 1880, 2100),
        "rare_seeders": Range(10, 0, 1000),
        "searches_per_hour": Range(6, 1, 60),
        "cooldown_days": Range(90, 0, 3650, unit="d"),
    }
)
SAFETY: Final[Mapping[str, Range]] = MappingProxyType(
    {
        "max_items": Range(20, 1, 1000),
        "max_gb": Range(250, 1, 100_000, unit="GB"),
        "max_library_percent": Range(5, 0.1, 100, 0.1, unit="%"),
        "max_drop_percent": Range(50, 1, 100, unit="%"),
        "plan_hours": Range(24, 1, 168, unit="h"),
    }
)
PURGE: Final[Mapping[str, Range]] = MappingProxyType(
    {
        "min_ratio": Range(1.5, 0.1, 100, 0.1),
        "min_days": Range(2, 0.1, 3650, 0.1, unit="d"),
        "max_gb": Range(700, 0, 1_000_000, unit="GB"),
    }
)
NOTIFICATIONS: Final[Mapping[str, Range]] = MappingProxyType(
    {"per_hour": Range(20, 1, 1000), "leaving_days": Range(2, 1, 30, unit="d")}
)

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# When a week is summed up.
DIGEST_AT: Final = "18:00:00"
DIGEST_DAY: Final = "sun"
_DIGEST_AT: Final = time.fromisoformat(DIGEST_AT)


@dataclass(frozen=True, slots=True)
class DownloadOptions:
    """Whether and how downloads are carried out, beside the policy that decides on them.

    Empty texts mean: leave what Radarr has.
    """

    policy: Policy = field(default_factory=Policy)
    enabled: bool = True
    quality_profile: str = ""
    root_folder: str = ""
    tag: str = ""
    searches_per_hour: int = 6

    @classmethod
    def from_mapping(cls, data: Mapping[str, object]) -> Self:
        """Read the page `downloads`. A switch that is no bool counts as off."""
        numbers = {key: limit.read(data[key]) for key, limit in DOWNLOADS.items() if key in data}
        return cls(
            policy=Policy.from_options({**data, **numbers}),
            enabled=data.get("enabled", True) is True,
            quality_profile=_text(data.get("quality_profile")),
            root_folder=_text(data.get("root_folder")),
            tag=_text(data.get("tag")),
            searches_per_hour=int(
                DOWNLOADS["searches_per_hour"].cap(data.get("searches_per_hour"))
            ),
        )


@dataclass(frozen=True, slots=True)
class SafetyOptions:
    """The limits of every run (laws 2, 8 and 9)."""

    dry_run: bool = True
    max_items: int = 20
    max_gb: float = 250
    max_library_percent: float = 5
    max_drop_percent: float = 50
    plan_hours: float = 24

    @classmethod
    def from_mapping(cls, data: Mapping[str, object]) -> Self:
        """Read the page `safety`. Only a true `false` ends the dry run."""
        caps = {key: limit.cap(data.get(key)) for key, limit in SAFETY.items()}
        return cls(
            dry_run=data.get("dry_run", True) is not False,
            max_items=int(caps["max_items"]),
            max_gb=caps["max_gb"],
            max_library_percent=caps["max_library_percent"],
            max_drop_percent=caps["max_drop_percent"],
            plan_hours=caps["plan_hours"],
        )


@dataclass(frozen=True, slots=True)
class NotificationOptions:
    """When channels keep quiet (both times or none, local time) and how much they may say.

    `leaving_days`: so long before something is deleted it is told. `digest_at`, `digest_day`: when
    a week is summed up, local time and 0 for Monday.
    """

    quiet_from: time | None = None
    quiet_to: time | None = None
    per_hour: int = 20
    leaving_days: int = 2
    digest_at: time = _DIGEST_AT
    digest_day: int = 6

    @classmethod
    def from_mapping(cls, data: Mapping[str, object]) -> Self:
        """Read the page `notifications`; half a quiet time is none."""
        start, end = _time(data.get("quiet_from")), _time(data.get("quiet_to"))
        if start is None or end is None:
            start = end = None
        days = NOTIFICATIONS["leaving_days"].read(data.get("leaving_days"))
        per_hour = NOTIFICATIONS["per_hour"].cap(data.get("per_hour"))
        at = _time(data.get("digest_at")) or _DIGEST_AT
        day = data.get("digest_day")
        on = DAYS.index(day if isinstance(day, str) and day in DAYS else DIGEST_DAY)
        return cls(start, end, int(per_hour), int(days), at, on)


@dataclass(frozen=True, slots=True)
class PurgeOptions:
    """Which torrents leave their client, and when that is seen to (local time)."""

    policy: PurgePolicy = field(default_factory=PurgePolicy)
    enabled: bool = False
    at: time = time(3)

    @classmethod
    def from_mapping(cls, data: Mapping[str, object]) -> Self:
        """Read the page `seedbox`. What can't be right only ever keeps more."""
        numbers = {key: limit.read(data.get(key)) for key, limit in PURGE.items()}
        default = PurgePolicy()
        return cls(
            policy=PurgePolicy(
                min_ratio=numbers["min_ratio"],
                min_days=numbers["min_days"],
                max_bytes=int(numbers["max_gb"] * GB),
                keep_tags=_tags(data.get("keep_tags"), default.keep_tags),
                trackers=tuple(_tracker_rules(data.get("trackers"))),
                delete_data=data.get("delete_data", default.delete_data) is True,
            ),
            enabled=data.get("purge_enabled", False) is True,
            at=_time(data.get("at")) or time(3),
        )


def _tags(kept: object, default: frozenset[str]) -> frozenset[str]:
    if not isinstance(kept, list):
        return default
    return frozenset(text for one in kept if (text := _text(one)))


def _tracker_rules(kept: object) -> Iterator[TrackerRule]:
    """Read what trackers ask for; a number that is none is more than anybody can reach.

    What names no tracker holds for all: a row is there because something is to be kept.
    """
    for row in kept if isinstance(kept, list) else []:
        if isinstance(row, Mapping):
            host = _text(row.get("host"))
            yield TrackerRule(host, _most(row, "min_days"), _most(row, "min_ratio"))


def _most(row: Mapping[str, object], key: str) -> float:
    if row.get(key) is None:
        return 0
    number = _number(row[key])
    return math.inf if number is None or number < 0 else number


@dataclass(frozen=True, slots=True)
class Options:
    """All pages of the options.

    Of the page `watching`: `keep_months` (0: for ever), and `history_admins_only`: whether only
    administrators may ask what viewers watched.
    """

    watching: WatchPolicy = field(default_factory=WatchPolicy)
    keep_months: int = 0
    history_admins_only: bool = False
    downloads: DownloadOptions = field(default_factory=DownloadOptions)
    safety: SafetyOptions = field(default_factory=SafetyOptions)
    notifications: NotificationOptions = field(default_factory=NotificationOptions)
    purge: PurgeOptions = field(default_factory=PurgeOptions)

    @classmethod
    def from_entry(cls, options: Mapping[str, object]) -> Self:
        """Read `entry.options`; a missing or unreadable page is its defaults."""
        watching = {
            key: limit.read(page_of(options, OPT_WATCHING).get(key))
            for key, limit in WATCHING.items()
        }
        return cls(
            watching=WatchPolicy(
                completion=watching["completion"],
                min_seconds=watching["min_seconds"],
                lost_after=watching["lost_after"],
            ),
            keep_months=int(watching["keep_months"]),
            history_admins_only=page_of(options, OPT_WATCHING).get("history_admins_only", False)
            is not False,
            downloads=DownloadOptions.from_mapping(page_of(options, OPT_DOWNLOADS)),
            safety=SafetyOptions.from_mapping(page_of(options, OPT_SAFETY)),
            notifications=NotificationOptions.from_mapping(page_of(options, OPT_NOTIFICATIONS)),
            purge=PurgeOptions.from_mapping(page_of(options, OPT_SEEDBOX)),
        )

    def kept_since(self, now: datetime) -> datetime | None:
        """Give the instant before which viewings are not kept, None when all are."""
        return kept_since(now, self.keep_months)


def page_of(options: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Give a section of `entry.options`; one that is not there, or unreadable, is empty."""
    section = options.get(name)
    return section if isinstance(section, Mapping) else {}


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) and len(value) <= _MAX_TEXT else ""


def _time(value: object) -> time | None:
    """Read "HH:MM" or "HH:MM:SS"."""
    if not isinstance(value, str):
        return None
    try:
        return time.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None
