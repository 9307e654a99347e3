"""By which rule something leaves."""

from enum import StrEnum


class Ground(StrEnum):
    """Why something leaves: it was watched; nobody ever has; or nobody has for a long time."""

    WATCHED = "watched"
    UNWATCHED = "unwatched"
    IDLE = "idle"
