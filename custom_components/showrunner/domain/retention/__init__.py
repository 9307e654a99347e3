"""What may leave the library because it was watched, season by season, and why the rest stays."""

from .announcing import announced_again, is_announced
from .facts import (
    FileDates,
    OurDeletion,
    OurSearch,
    PersonsKeep,
    Requester,
    RetentionFacts,
    RetentionViewer,
    TitleFacts,
    TitlePart,
    WatchState,
    primary_of,
)
from .ground import Ground
from .groups import together
from .judging import judge
from .libraries import library_name
from .packing import PackingRule, SeasonPacking, packings
from .policy import RetentionPolicy, WhoCounts
from .verdict import RetentionRule, RetentionVerdict

__all__ = [
    "FileDates",
    "Ground",
    "OurDeletion",
    "OurSearch",
    "PackingRule",
    "PersonsKeep",
    "Requester",
    "RetentionFacts",
    "RetentionPolicy",
    "RetentionRule",
    "RetentionVerdict",
    "RetentionViewer",
    "SeasonPacking",
    "TitleFacts",
    "TitlePart",
    "WatchState",
    "WhoCounts",
    "announced_again",
    "is_announced",
    "judge",
    "library_name",
    "packings",
    "primary_of",
    "together",
]
