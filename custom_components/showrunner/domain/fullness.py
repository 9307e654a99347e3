"""When a torrent client is so full that a person is told: once, until it was well below again."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

# So much of the quota may be used before anybody is told (percent).
QUOTA_SHARE: Final = 95
# Who hovers around a limit is told once: so far below it (percent) it counts as left.
_BELOW: Final = 2


class Fullness(StrEnum):
    """Which limit a client has passed."""

    QUOTA = "quota"  # nearly all that the person may use
    TARGET = "target"  # what the purge is to keep it at


def passed(
    used_bytes: int,
    quota_bytes: int | None,
    target_bytes: int | None,
    reported: Collection[Fullness],
) -> frozenset[Fullness]:
    """Say which limits are passed (None and 0 are none); one that was told is left for good only.

    A purge that brings it just below its target every night is no reason to tell it every day.
    """
    limits = {
        Fullness.QUOTA: (quota_bytes or 0) * QUOTA_SHARE // 100,
        Fullness.TARGET: target_bytes or 0,
    }
    return frozenset(
        kind
        for kind, limit in limits.items()
        if limit and used_bytes > (limit * (100 - _BELOW) // 100 if kind in reported else limit)
    )
