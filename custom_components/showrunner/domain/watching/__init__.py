"""Watching: reports of what plays become viewings. The face of a package.

`fold` takes a `Tracker` and a `PlaybackReport` and gives the next tracker and what changed;
everything else here prepares reports, or says what a viewing is worth. Nobody imports from the
modules within.
"""

from .check_ins import CheckIns
from .conclusion import Change, ChangeKind, WatchPolicy
from .confirming import Kept, agrees
from .folding import (
    MOST_FROM_WEBHOOKS,
    MOST_FROM_WEBHOOKS_IN_ALL,
    REMEMBERED,
    expire,
    fold,
    is_new,
    leave,
    recall,
    with_known_unit,
)
from .sitting import Past, PlaybackReport, ReportKind, Tracker
from .viewing import (
    ReportSource,
    Seen,
    Viewing,
    merge,
    percent_of,
    same_unit,
    unit_dict,
    unit_from,
)

__all__ = [
    "MOST_FROM_WEBHOOKS",
    "MOST_FROM_WEBHOOKS_IN_ALL",
    "REMEMBERED",
    "Change",
    "ChangeKind",
    "CheckIns",
    "Kept",
    "Past",
    "PlaybackReport",
    "ReportKind",
    "ReportSource",
    "Seen",
    "Tracker",
    "Viewing",
    "WatchPolicy",
    "agrees",
    "expire",
    "fold",
    "is_new",
    "leave",
    "merge",
    "percent_of",
    "recall",
    "same_unit",
    "unit_dict",
    "unit_from",
    "with_known_unit",
]
