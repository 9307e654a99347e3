"""What may leave the library because it was watched, season by season, and why the rest stays."""

from .announcing import announced, is_announced
from .facts import (
    FileDates,
    OurDeletion,
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
from .judging import judge
from .libraries import library_name
from .policy import RetentionPolicy, WhoCounts
from .verdict import RetentionRule, RetentionVerdict

__all__ = [
    "FileDates",
    "Ground",
    "OurDeletion",
    "PersonsKeep",
    "Requester",
    "RetentionFacts",
    "RetentionPolicy",
    "RetentionRule",
    "RetentionVerdict",
    "RetentionViewer",
    "TitleFacts",
    "TitlePart",
    "WatchState",
    "WhoCounts",
    "announced",
    "is_announced",
    "judge",
    "library_name",
    "primary_of",
]
