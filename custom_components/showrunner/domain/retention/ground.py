"""By which rule something leaves."""

from enum import StrEnum


class Ground(StrEnum):
    """Why something leaves.

    It was watched; nobody ever has; nobody has for a long time; it is there in a higher quality.
    """

    WATCHED = "watched"
    UNWATCHED = "unwatched"
    IDLE = "idle"
    LOWER = "lower"
