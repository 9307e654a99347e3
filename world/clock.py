"""The world's clock is the real one; these are the ways in which services write its time."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

TICKS: Final = 10_000_000  # Jellyfin's ticks in a second
ARR_ASKS: Final = timedelta(minutes=1)  # how often an arr asks its download clients
_BEGUN: Final = count()


def utcnow() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def long_ago() -> datetime:
    """Say when a server began: days ago, and each in another second."""
    return utcnow() - timedelta(days=3, seconds=next(_BEGUN))


def jellyfin_time(at: datetime) -> str:
    """Write an instant as Jellyfin does: seven digits and a Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def arr_time(at: datetime) -> str:
    """Write an instant as Radarr and Prowlarr do: whole seconds and a Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ticks(seconds: float) -> int:
    """Turn seconds into Jellyfin's ticks."""
    return int(seconds * TICKS)


def clock_time(seconds: float) -> str:
    """Write a duration as .NET does: hh:mm:ss."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
