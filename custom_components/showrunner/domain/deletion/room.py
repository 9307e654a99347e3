"""What is said beside a deletion of its data elsewhere: it keeps nothing, and explains the room."""

from enum import StrEnum

from ..finding import Finding
from ..knowledge import Answer, Knowledge, Known, Unknown
from ..plan import Room
from ..text import Words, say


class RoomRule(StrEnum):
    """What is asked. Yes is no reason to keep something."""

    SEEDBOX = "seedbox"  # a download of it is still in a torrent client
    LINKS = "links"  # a file of it has another name, so that its data stay


def seedbox(clients: Knowledge[tuple[str, ...]]) -> Finding:
    """Say in which torrent clients a download of it still is."""
    match clients:
        case Known(names) if names:
            said: Words = say("room_seedbox", clients=names)
            return Finding(RoomRule.SEEDBOX, Answer.YES, len(names), source="history", detail=said)
        case Unknown(reason):
            said = say("room_seedbox_unknown", why=reason)
            return Finding(RoomRule.SEEDBOX, Answer.UNKNOWN, source="history", detail=said)
        case _:
            return Finding(RoomRule.SEEDBOX, Answer.NO, source="history")


def links(names: tuple[int | None, ...], room: Room) -> Finding:
    """Say whether files have other names, by how many each has."""
    more = sum(one is not None and one > 1 for one in names)
    if more:
        said: Words = say("room_linked", count=more, all=len(names))
        return Finding(RoomRule.LINKS, Answer.YES, room.stays, source="disk", detail=said)
    if room.unknown:
        said = say("room_links_unknown")
        return Finding(RoomRule.LINKS, Answer.UNKNOWN, source="disk", detail=said)
    return Finding(RoomRule.LINKS, Answer.NO, source="disk")
