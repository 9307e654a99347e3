"""Which torrents may leave their client, with their data or without, and which stay and why."""

from .choice import Candidate, Fate, Room, choose, over, room
from .imports import ArrHistory, ArrImports, Imports, Unit
from .placed import Key
from .places import Places
from .policy import GB, PurgePolicy, TrackerRule
from .verdict import (
    ClientTorrents,
    PurgeRule,
    SeedingFacts,
    Verdict,
    gone_torrent,
    judge,
    uses,
    waiting,
)

__all__ = [
    "GB",
    "ArrHistory",
    "ArrImports",
    "Candidate",
    "ClientTorrents",
    "Fate",
    "Imports",
    "Key",
    "Places",
    "PurgePolicy",
    "PurgeRule",
    "Room",
    "SeedingFacts",
    "TrackerRule",
    "Unit",
    "Verdict",
    "choose",
    "gone_torrent",
    "judge",
    "over",
    "room",
    "uses",
    "waiting",
]
