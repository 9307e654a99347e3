"""Which torrents may leave their client, with their data or without, and which stay and why."""

from .choice import Candidate, Fate, Room, choose, over, room
from .facts import ClientTorrents, SeedingFacts, gone_torrent, waiting
from .imports import ArrHistory, ArrImports, Imports, Unit
from .judging import judge, uses
from .placed import Key
from .places import Places
from .policy import GB, PurgePolicy, TrackerRule
from .verdict import PurgeRule, Verdict

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
